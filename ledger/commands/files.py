"""Files that commands read and write: whole or not at all, with errors a person can act on."""

import os
from pathlib import Path
from typing import BinaryIO

from ledger.keys.private_files import PRIVATE

MAX_BYTES = 32 * 1024 * 1024
_SIDE_FILES = ("", "-journal", "-wal", "-shm")  # a SQLite file's own


def write_file(option: str, path: Path, content: str | bytes) -> None:
    """Puts a file in place as a whole, replacing what was there. UsageError where that cannot be done.

    What is no regular file (a terminal, a pipe) is written to; the ledger's own files are left alone.
    """
    from ledger.errors import UsageError

    try:
        _refuse_own(option, path)
        _put(path, content.encode("utf-8") if isinstance(content, str) else content)
    except (OSError, ValueError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "no file can have this name"
        raise UsageError(f"{option}: {str(path)[:200]!r} cannot be written: {why}") from None


def require_writable(option: str, path: Path) -> None:
    """See that a file can be written later, before something is recorded. UsageError where it cannot."""
    from ledger.errors import UsageError

    try:
        _refuse_own(option, path)
        if not path.exists() or path.is_file() or path.is_dir():
            draft = _draft_of(path)
            _private(draft).close()
            draft.unlink()
            if path.is_dir():
                path.write_bytes(b"")  # which says why it cannot be
    except (OSError, ValueError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "no file can have this name"
        raise UsageError(
            f"{option}: {str(path)[:200]!r} cannot be written: {why}. Nothing was recorded; name another place."
        ) from None


def read_bytes(path: Path) -> bytes:
    """The bytes of a file somebody named. InputError where it cannot be read, or is larger than any of ours."""
    from ledger.errors import InputError

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as wrong:
        raise InputError(f"{str(path)[:200]!r} cannot be read: {wrong.strerror}; name another file") from None
    if len(content) > MAX_BYTES:
        raise InputError(
            f"{str(path)[:200]!r} is larger than {MAX_BYTES} bytes: expected another kind of file"
        )
    return content


def read_text(path: Path) -> str:
    """The text of a file somebody named. InputError where it cannot be read, or is not UTF-8."""
    from ledger.errors import InputError

    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{str(path)[:200]!r}: expected UTF-8 text, came other bytes") from None


def _put(path: Path, content: bytes) -> None:
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    draft = _draft_of(path)
    with _private(draft) as file:
        file.write(content)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _private(draft: Path) -> BinaryIO:
    """A new file for its owner only, from the first byte: a bundle may hold texts that were revealed.

    What another laid there, be it a link to somebody's file, is taken away and never written through.
    """
    draft.unlink(missing_ok=True)
    return os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name[:40]}.{os.getpid()}.new")  # a name has at most 255 bytes


def _refuse_own(option: str, path: Path) -> None:
    """UsageError for the database, keys or role of the ledger in use: nobody means to replace those."""
    import click

    from ledger.commands.session import Session
    from ledger.errors import UsageError

    context = click.get_current_context(silent=True)
    if context is None or not context.find_root().obj:
        return
    places = Session.of(context).places
    for own in places.files:
        for suffix in _SIDE_FILES:
            file = own.with_name(own.name + suffix)
            if path.resolve() == file.resolve() or (path.exists() and file.exists() and path.samefile(file)):
                raise UsageError(
                    f"{option}: {str(path)[:200]!r} is one of the ledger's own files; name another place"
                )
