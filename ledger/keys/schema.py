"""How the key database's file is made, opened, and brought up to date.

WAL with `synchronous=FULL`: a commit is durable when it returns, at one disk sync where a rollback journal
takes five. So a copy of the file alone is complete only while no process has it open; backups use SQLite's
own backup.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import ConflictError, KeyDatabaseError
from ledger.keys.tables import UPGRADES, VERSION

APPLICATION_ID = 0x454C6B79  # "ELky"
BUSY_SECONDS = 10.0

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNUSABLE = {
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reports an error, or is full",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened, or nothing can be written beside it",
    sqlite3.SQLITE_PERM: "access is denied",
}
_NOT_WRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_REMEDY = "The file itself may be sound: put that right and try again."


def make(path: Path, ledger_id: str) -> None:
    """Makes the empty file at `path` a key database without keys."""
    with sqlite_errors(path):
        connection = _connect(path)
        try:
            connection.executescript(
                f"PRAGMA journal_mode=WAL; BEGIN; PRAGMA application_id={APPLICATION_ID}; "
                f"PRAGMA user_version={VERSION}; {''.join(UPGRADES.values())}"
            )
            connection.execute("INSERT INTO key_database VALUES (1, ?, 0)", (ledger_id,))
            connection.execute("COMMIT")
        finally:
            connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """The key database at `path`, open, and brought to this program's version where it can be written.

    Raises `KeyDatabaseError` if it is none, `ConflictError` if it is locked for `BUSY_SECONDS`.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise KeyDatabaseError(path, error.strerror or str(error)) from None
    with sqlite_errors(path):
        connection = _connect(path)
        try:
            version = _check(connection, path, size)
            if version < VERSION:
                _upgrade(connection)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """SQLite's errors as the ledger's own: busy is `ConflictError`, all else `KeyDatabaseError`."""
    try:
        yield
    except sqlite3.Error as error:
        # the low byte is the primary result code; misuse of the module itself has none
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _UNUSABLE:
            raise KeyDatabaseError(path, f"{_UNUSABLE[code]} ({error})", _REMEDY) from None
        if code in _BUSY:
            raise ConflictError(
                f"{path} is in use by another program for more than {BUSY_SECONDS:.0f} seconds; try again"
            ) from None
        raise KeyDatabaseError(path, str(error)) from None
    except UnicodeDecodeError:  # what SQLite finds wrong quotes the damaged bytes
        raise KeyDatabaseError(path, "it is damaged") from None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        _uri_of(path.absolute()),
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions are begun and ended where they are needed
        check_same_thread=False,  # `KeyDatabase` takes one thread at a time
    )
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _uri_of(path: Path) -> str:
    """The URI that opens the file and never creates it.

    Where neither the file nor its folder can be written and nobody has it open, it is a copy on a read-only medium:
    SQLite reads a WAL database there only when told that it cannot change.
    """
    writable = os.access(path, os.W_OK) or os.access(path.parent, os.W_OK)
    alone = not any(os.path.lexists(f"{path}{end}") for end in ("-wal", "-shm", "-journal"))
    return f"{path.as_uri()}?mode={'rw' if writable or not alone else 'ro&immutable=1'}"


def _check(connection: sqlite3.Connection, path: Path, size: int) -> int:
    """The file's version. `KeyDatabaseError` where it is none this program reads."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    if application_id != APPLICATION_ID:
        raise KeyDatabaseError(path, "it is something else, or empty")
    if version not in UPGRADES:
        raise KeyDatabaseError(
            path, f"expected version {VERSION} or older, came {version}, perhaps of a newer program"
        )
    if size % page_size:  # fewer pages than its header says SQLite notices, a last one cut it does not
        raise KeyDatabaseError(path, "it was cut short")
    return int(version)


def _upgrade(connection: sqlite3.Connection) -> None:
    """Adds what newer versions have, in one transaction; where that cannot be, shows it as empty."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute(
            "PRAGMA user_version"
        ).fetchone()  # another process may have been faster
        for newer in range(version + 1, VERSION + 1):
            for statement in _statements(UPGRADES[newer]):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if error.sqlite_errorcode & 0xFF not in _NOT_WRITABLE:
            raise
        _show_as_empty(connection)


def _show_as_empty(connection: sqlite3.Connection) -> None:
    """Views in place of what an older file lacks: reading finds nothing there, writing is an error."""
    model = sqlite3.connect(":memory:")
    try:
        model.executescript("".join(UPGRADES.values()))
        for (table,) in model.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            there, wanted = _columns(connection, table), _columns(model, table)
            if there == wanted:
                continue
            shown = ", ".join(column if column in there else f"NULL AS {column}" for column in wanted)
            source = f"FROM main.{table}" if there else "WHERE 0"
            connection.execute(f"CREATE TEMP VIEW {table} AS SELECT {shown} {source}")
    finally:
        model.close()


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would end the transaction they belong to."""
    so_far = ""
    for line in script.splitlines(keepends=True):
        so_far += line
        if sqlite3.complete_statement(so_far):
            yield so_far
            so_far = ""
