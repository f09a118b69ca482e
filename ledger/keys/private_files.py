"""Files that only their owner may read, from the first byte, and that appear whole or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import LedgerExistsError, UsageError

PRIVATE = 0o600
_SIDE_FILES = ("", "-journal", "-wal", "-shm")  # a SQLite file's own


@contextmanager
def placed_whole(path: Path) -> Iterator[Path]:
    """An empty private file beside `path`, to be filled in the block and put in its place at the end.

    Durable when the block has ended. Whatever stands at `path` by then is left as it is
    (`LedgerExistsError`); when the block fails, nothing remains. OSError leaves as it came.
    """
    with _draft_beside(path) as draft:
        yield draft
        sync(draft)
        put_in_place(draft, path)
        try:
            sync(path.parent)
        except BaseException:
            path.unlink()
            raise


@contextmanager
def replaced_whole(path: Path) -> Iterator[Path]:
    """An empty private file beside the one at `path`, to be filled in the block and to take its place at the end.

    Durable when the block has ended; when it fails, the old file stands as it was. A link keeps leading there. OSError
    leaves as it came.
    """
    place = path.resolve()
    with _draft_beside(place) as draft:
        yield draft
        sync(draft)
        draft.replace(place)
        sync(place.parent)


@contextmanager
def _draft_beside(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE))
    try:
        yield draft
    finally:
        for suffix in _SIDE_FILES:
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def exposure(path: Path) -> str | None:
    """What is wrong with who may read or change the file, or None."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:  # gone since: nobody reads it
        return None
    if mode & ~PRIVATE & 0o777 == 0:
        return None
    return f"{path} is open to other users of this machine (mode {mode:04o}); run `chmod 600 {path}`."


def put_in_place(draft: Path, path: Path, taken: type[UsageError] = LedgerExistsError) -> None:
    """Like a rename that replaces nothing: `taken` if something stands at `path`. OSError leaves as it came."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise taken(path) from None
    except OSError:  # a file system without hard links, such as a memory stick's
        if os.path.lexists(path):
            raise taken(path) from None
        draft.rename(path)


def sync(path: Path) -> None:
    """Makes a file's content, or a directory's list of names, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
