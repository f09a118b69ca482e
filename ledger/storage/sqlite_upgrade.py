"""Making an older ledger file one of today: version 1 had no tree, no heads, no checkpoints.

Everything in one transaction: a process killed meanwhile leaves the file as it was. What is recorded stays as it
is, byte by byte; the tree is computed from it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from ledger.errors import DamagedLedgerError
from ledger.storage.checksums import source_checksum
from ledger.storage.log import Progress
from ledger.storage.sqlite_datastore import BUSY_SECONDS, uri_of
from ledger.storage.sqlite_faults import Faults
from ledger.storage.sqlite_schema import INTEGRITY, SOURCES, STORAGE_VERSION, TRIGGERS
from ledger.storage.sqlite_tree import grow

PAGE = 1_000
VERSION = "SELECT value FROM meta WHERE name = 'storage_version'"
ROWS = (
    "SELECT position, originator_id, originator_version, topic, state FROM stored_events "
    "WHERE position > ? ORDER BY position LIMIT ?"
)


def upgrade(place: str | Path, progress: Progress = lambda _done, _of: None) -> bool:
    """Bring the ledger file at `place` to today's storage version; whether there was anything to do.

    Raises LockedError, StorageError (a file that cannot be written) or DamagedLedgerError (a gap in the log).
    What is no ledger, or a newer one, is left to whoever opens it.
    """
    faults = Faults(str(place), BUSY_SECONDS, known_sql=False)
    with faults, closing(sqlite3.connect(uri_of(str(place)), uri=True, isolation_level=None)) as connection:
        if _version(connection) != "1":
            return False
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) != "1":  # another process was faster
                return False
            _upgrade(connection, str(place), progress)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    return True


def storage_version(place: str | Path) -> str | None:
    """The storage version of a file as it stands; None if it is no ledger. Raises as `upgrade`; nothing is written."""
    faults = Faults(str(place), BUSY_SECONDS, known_sql=False)
    with faults, closing(sqlite3.connect(uri_of(str(place)), uri=True, isolation_level=None)) as connection:
        return _version(connection)


def _version(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return None
    found = connection.execute(VERSION).fetchone()
    return found and str(found[0])


def _upgrade(connection: sqlite3.Connection, place: str, progress: Progress) -> None:
    cursor = connection.cursor()
    for statement in INTEGRITY:
        cursor.execute(statement)
    _add_checksums(connection, cursor)
    _grow_tree(cursor, place, progress)
    for statement in TRIGGERS:
        cursor.execute(statement)
    cursor.execute("UPDATE meta SET value = ? WHERE name = 'storage_version'", [str(STORAGE_VERSION)])


def _add_checksums(connection: sqlite3.Connection, cursor: sqlite3.Cursor) -> None:
    connection.create_function("source_checksum", 4, source_checksum, deterministic=True)
    cursor.execute("ALTER TABLE sources RENAME TO sources_before")  # its triggers go with it, and end with it
    cursor.execute(SOURCES)
    cursor.execute(
        "INSERT INTO sources SELECT source, stream, seq, fingerprint, "
        "source_checksum(source, stream, seq, fingerprint) FROM sources_before"
    )
    cursor.execute("DROP TABLE sources_before")


def _grow_tree(cursor: sqlite3.Cursor, place: str, progress: Progress) -> None:
    (entries,) = cursor.execute("SELECT count(*) FROM stored_events").fetchone()
    done = 0
    while page := cursor.execute(ROWS, [done, PAGE]).fetchall():
        if page[-1][0] != done + len(page):
            why = f"entries are missing after number {done}: it cannot be given a tree as it is"
            raise DamagedLedgerError(place, why)
        grow(cursor, done + 1, [row[1:] for row in page], place)
        done += len(page)
        progress(done, entries)
