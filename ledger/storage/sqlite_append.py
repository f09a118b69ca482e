"""Inserting entries, with what belongs to them, into an open SQLite write transaction."""

import sqlite3
from collections.abc import Sequence

from ledger.errors import DamagedLedgerError, SourceTakenError
from ledger.storage.checksums import source_checksum
from ledger.storage.reading import canonical
from ledger.storage.rows import BEGINNING, Batch, SourceRow

END_OF_LOG = """
    SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'stored_events'), position, log_time
    FROM (SELECT 1) LEFT JOIN (SELECT position, log_time FROM stored_events ORDER BY position DESC LIMIT 1)
"""
INSERT_ENTRY = "INSERT INTO stored_events VALUES (?, ?, ?, ?, ?, ?)"
INSERT_DISCLOSURE = "INSERT INTO disclosures VALUES (?, ?, ?, ?, ?, ?)"
INSERT_SOURCE = "INSERT INTO sources VALUES (?, ?, ?, ?, ?)"
SOURCE = "SELECT stream, seq FROM sources WHERE source = ?"


def append(cursor: sqlite3.Cursor, batch: Batch, place: str) -> int:
    """Insert everything in `batch` and return the position of its first entry; `place` is for errors.

    Raises DamagedLedgerError if the end of the log was cut off, SourceTakenError, and sqlite3's own errors.
    """
    last, log_time = end_of_log(cursor, place)
    if batch.recorded_at is not None:
        log_time = max(log_time, canonical(batch.recorded_at))
    numbered = [(position, *entry, log_time) for position, entry in enumerate(batch.entries, last + 1)]
    cursor.executemany(INSERT_ENTRY, numbered)
    if batch.disclosures:
        cursor.executemany(INSERT_DISCLOSURE, batch.disclosures)
    if batch.sources:
        _insert_sources(cursor, batch.sources)
    return last + 1


def end_of_log(cursor: sqlite3.Cursor, place: str) -> tuple[int, str]:
    """The last position (0 for an empty log) and its log time."""
    given, position, log_time = cursor.execute(END_OF_LOG).fetchone()
    if (given or 0) != (position or 0):
        why = f"{given or 0} entries were recorded, the last one there is number {position or 0}"
        raise DamagedLedgerError(place, why)
    return position or 0, log_time or BEGINNING


def _insert_sources(cursor: sqlite3.Cursor, sources: Sequence[SourceRow]) -> None:
    before = cursor.connection.total_changes
    try:
        cursor.executemany(INSERT_SOURCE, [(*row, source_checksum(*row)) for row in sources])
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
            raise
        refused = sources[cursor.connection.total_changes - before]  # those before it went in
        stream, seq = cursor.execute(SOURCE, [refused.source]).fetchone()
        raise SourceTakenError(refused.source, stream, seq) from error
