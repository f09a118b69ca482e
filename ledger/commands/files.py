"""Files that commands read and write: whole or not at all, with errors a person can act on."""

import os
from pathlib import Path


def write_file(option: str, path: Path, content: str | bytes) -> None:
    """Puts a file in place as a whole, replacing what was there. UsageError where that cannot be done."""
    from ledger.errors import UsageError

    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        draft.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        draft.replace(path)
    except OSError as wrong:
        draft.unlink(missing_ok=True)
        raise UsageError(f"{option}: {str(path)[:200]!r} cannot be written: {wrong.strerror}") from None


def read_bytes(path: Path) -> bytes:
    """The bytes of a file somebody named. InputError where it cannot be read."""
    from ledger.errors import InputError

    try:
        return path.read_bytes()
    except OSError as wrong:
        raise InputError(f"{str(path)[:200]!r} cannot be read: {wrong.strerror}; name another file") from None


def read_text(path: Path) -> str:
    """The text of a file somebody named. InputError where it cannot be read, or is not UTF-8."""
    from ledger.errors import InputError

    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{str(path)[:200]!r}: expected UTF-8 text, came other bytes") from None
