"""Copies of the key database: taken while others use it, whole, and registered where erasures can find them."""

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import FileTakenError, KeyDatabaseError
from ledger.keys import schema
from ledger.keys.grant_store import BackupTaken, GrantStore
from ledger.keys.granting import Act
from ledger.keys.private_files import placed_whole

if TYPE_CHECKING:
    from ledger.keys.database import KeyDatabase


def back_up(keys: "KeyDatabase", file: Path, act: Act) -> BackupTaken:
    """Writes the key database, as it stands now, to a new file, mode 0600; what was registered of it.

    It is registered before it can be there: killed in between, a copy is registered that does not exist, never one
    there that nobody knows of.

    Raises `FileTakenError` if something stands there, `KeyDatabaseError` if it cannot be written.
    """
    if os.path.lexists(file):
        raise FileTakenError(file)
    with keys.turn():
        taken = BackupTaken(str(file.absolute()), act.at, act.by, keys.store.last_position())
        with keys.store.writing():
            number = keys.store.add_backup(taken)
        try:
            with placed_whole(file) as draft:
                copy_file(keys.path, draft)
                with closing(GrantStore(draft)) as copy:
                    copy.check()
                    taken = replace(taken, last_position=copy.last_position())
                with keys.store.writing():
                    keys.store.amend_backup(number, taken.last_position)
        except BaseException as error:
            with keys.store.writing():
                keys.store.withdraw_backup(number)
            if isinstance(error, OSError):
                raise KeyDatabaseError(file, error.strerror or str(error), _REMEDY) from None
            raise
    return taken


def copy_file(source: Path, draft: Path) -> None:
    """SQLite's own copy of a key database, one state of it whatever others do; `source` is not written to.

    Raises `KeyDatabaseError` if it is not there or is none, `ConflictError` if it is locked for long.
    """
    if not source.is_file():
        raise KeyDatabaseError(source, "it is not there, or no file")
    quiet = not any(os.path.lexists(f"{source}{end}") for end in ("-wal", "-shm", "-journal"))
    # a copy that nobody has open may lie where nothing can be written beside it
    uri = f"{source.absolute().as_uri()}?mode=ro{'&immutable=1' if quiet else ''}"
    with (
        schema.sqlite_errors(source),
        closing(sqlite3.connect(uri, uri=True, timeout=schema.BUSY_SECONDS)) as reading,
        closing(sqlite3.connect(draft, isolation_level=None)) as writing,
    ):
        writing.execute("PRAGMA synchronous=FULL")
        reading.backup(writing)


_REMEDY = "Put that right, or name another place."
