"""New files that appear whole or not at all, and what a killed program left of one."""

import os
import platform
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger.errors import FileTakenError, StorageError
from ledger.keys.private_files import put_in_place, sync
from ledger.storage.sqlite_datastore import BESIDE


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Where to write what shall stand at `path`: a name beside it, where nothing is yet.

    At the end of the block the file is made durable and put in its place; when the block fails, nothing remains.
    What a killed program left of the same file is removed first. Raises FileTakenError if anything stands at
    `path` (or as a SQLite file's own beside it), then or at the end; StorageError where it cannot be written.
    """
    refuse_taken(path)
    if not path.parent.is_dir():
        raise StorageError(path, f"the folder {path.parent} is not there", "Make it, or name another place.")
    _remove_left_over(path)
    draft = path.with_name(f"{_stem(path)}{_host()}.{os.getpid()}.{secrets.token_hex(4)}.new")
    try:
        yield draft
        sync(draft)
        put_in_place(draft, path, FileTakenError)
        try:
            sync(path.parent)
        except BaseException:
            path.unlink()
            raise
    except OSError as error:
        raise StorageError(path, error.strerror or str(error), "Nothing was left there.") from error
    except StorageError as error:
        if str(error.place) != str(draft):
            raise
        raise StorageError(
            path, error.why, "Nothing was left there; put that right, or name another place."
        ) from error
    finally:
        remove(draft)


def refuse_taken(path: Path) -> None:
    """FileTakenError if anything stands at the path, or what SQLite keeps beside a file of that name."""
    for taken in (path, *(Path(f"{path}{end}") for end in BESIDE)):
        if os.path.lexists(taken):
            raise FileTakenError(taken)


def remove(path: Path) -> None:
    """Take away a file, and what SQLite put beside it; where it cannot be taken away, it stays."""
    for made in (path, *(Path(f"{path}{end}") for end in BESIDE)):
        with suppress(OSError):
            made.unlink(missing_ok=True)


def left_over(path: Path) -> list[Path]:
    """Drafts of the file at `path` whose program is gone: it was killed before it could take them away."""
    form = re.compile(re.escape(_stem(path) + _host()) + r"\.(\d+)\.[0-9a-f]{8}\.new")
    with suppress(OSError):
        found = [(name, form.fullmatch(name.name)) for name in path.parent.iterdir()]
        return [name for name, drafted in found if drafted and not _runs(int(drafted[1]))]
    return []


def _remove_left_over(path: Path) -> None:
    for draft in left_over(path):
        remove(draft)


def _stem(path: Path) -> str:
    return f".{path.name[:100]}."  # a name has at most 255 bytes


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", platform.node())[:40] or "here"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
