"""Opening a database for verification: is it a ledger's, how long is the log, what is its name."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from ledger.errors import DamagedLedgerError, InputError, NotALedgerError, OlderLedgerError
from ledger.storage.sqlite_datastore import BUSY_SECONDS
from ledger.storage.sqlite_faults import Faults
from ledger.verification.database import FAILURES, Stored, connect, text
from ledger.verification.forms import exactly
from ledger.verification.tree import BLOCK


def connected(path: Path) -> sqlite3.Connection:
    """A connection that sees one state from now on.

    Raises NotALedgerError, OlderLedgerError, DamagedLedgerError, LockedError.
    """
    try:
        connection = connect(str(path))
        try:
            connection.execute("BEGIN")
            _require_ledger(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as wrong:
        raise Faults(str(path), BUSY_SECONDS, known_sql=True).meaning(wrong) from wrong
    except UnicodeDecodeError as wrong:
        raise DamagedLedgerError(path, "its list of tables is no text") from wrong
    return connection


def _require_ledger(connection: sqlite3.Connection, path: Path) -> None:
    names = {text(name) for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if "stored_events" not in names:
        raise NotALedgerError(path, "it is a database without a ledger's tables")
    if "tree" not in names and _version(connection) == (b"1",):
        raise OlderLedgerError(path, "1")


def _version(connection: sqlite3.Connection) -> object:
    try:
        return connection.execute("SELECT value FROM meta WHERE name = 'storage_version'").fetchone()
    except FAILURES:  # `tables` reports it
        return None


def origin_of(stored: Stored) -> str:
    """The log's name, from its first entry; empty where that cannot be read, which the sweep reports."""
    with suppress(*FAILURES):
        state = stored.one("SELECT state FROM stored_events WHERE position = 1")
        try:
            origin = (
                exactly(bytes(state)).data.get("origin") if isinstance(state, bytes | bytearray) else None
            )
        except InputError:
            origin = None
        if isinstance(origin, str):
            return origin
    return ""


def size_of(stored: Stored) -> int:
    """The log's last position. One far beyond the number of entries is no end but an extra row."""
    last = count = nodes = 0
    with stored.damage("stored_events"):
        last = stored.one("SELECT coalesce(max(position), 0) FROM stored_events")
        count = stored.one("SELECT count(*) FROM stored_events")
    with stored.damage("tree"):
        nodes = stored.one("SELECT count(*) FROM tree")
    farthest = 2 * max(count, (nodes + 1) // 2) + BLOCK
    if last > farthest:
        with stored.damage("stored_events"):
            sql = "SELECT coalesce(max(position), 0) FROM stored_events WHERE position <= ?"
            last = stored.one(sql, [farthest])
    return int(last)
