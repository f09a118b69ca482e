"""Appending a few entries in one call, and finding out what became of them where the answer was lost."""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import DictRow, tuple_row

from ledger.errors import ConflictError, LockedError, SourceTakenError, StorageError, UnconfirmedError
from ledger.integrity.merkle import hashes_of
from ledger.storage.checksums import source_checksum
from ledger.storage.postgres_columns import BigintColumn, ByteaColumn, Column, TextColumn
from ledger.storage.postgres_datastore import LedgerDatastore
from ledger.storage.postgres_faults import CommitCut, ConnectionCut
from ledger.storage.postgres_functions import LOCK
from ledger.storage.reading import canonical
from ledger.storage.rows import Batch, Growth, SourceRow

APPEND = f"SELECT * FROM append_entries({', '.join(['%s'] * 18)})"  # noqa: S608  # only marks
ENTRY_COLUMNS = (TextColumn, BigintColumn, TextColumn, ByteaColumn)
DISCLOSURE_COLUMNS = (TextColumn, BigintColumn, TextColumn, TextColumn, TextColumn, ByteaColumn)
SOURCE_COLUMNS = (TextColumn, TextColumn, BigintColumn, ByteaColumn, BigintColumn)
ENTRY = "SELECT topic, state FROM stored_events WHERE originator_id = %s AND originator_version = %s"
DISCLOSED = "SELECT digest, ciphertext FROM disclosures WHERE stream = %s AND seq = %s AND field = %s"
SOURCE = "SELECT stream, seq, fingerprint FROM sources WHERE source = %s"
POSITION = "SELECT position FROM stored_events WHERE originator_id = %s AND originator_version = %s"

# A write of no meaning, so that this transaction's commit waits for the standbys as the lost one's did.
TOUCH = "SELECT 1 FROM stream_heads LIMIT 1 FOR UPDATE"


def append(connection: Connection[DictRow], batch: Batch, checkpoint: tuple[int, str] | None) -> Growth:
    """Have the server append everything in `batch`, and keep a checkpoint; what the tree gained.

    Raises SourceTakenError for a source that stands twice in the batch, UsageError for a time that does not compare
    as text, and psycopg's own errors.
    """
    refuse_twice(batch.sources)
    recorded_at = None if batch.recorded_at is None else canonical(batch.recorded_at)
    sources = [(*row, source_checksum(*row)) for row in batch.sources]
    values = [
        *_columns(batch.entries, ENTRY_COLUMNS),
        recorded_at,
        *_columns(batch.disclosures, DISCLOSURE_COLUMNS),
        *_columns(sources, SOURCE_COLUMNS),
        *(checkpoint or (None, None)),
    ]
    cursor = connection.cursor(binary=True, row_factory=tuple_row)
    found = cursor.execute(APPEND, values, prepare=True).fetchone()
    size_before, peaks_before, size, peaks = found or (0, b"", 0, b"")
    return Growth(size_before, tuple(hashes_of(peaks_before)), size, tuple(hashes_of(peaks)))


def _columns(rows: Sequence[Sequence[Any]], kinds: Sequence[type[Column]]) -> list[Column | None]:
    """The rows turned, a column for each value; nothing for no rows."""
    if not rows:
        return [None] * len(kinds)
    return [kind(values) for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)]


def refuse_twice(sources: Sequence[SourceRow]) -> None:
    """Raise SourceTakenError for a source that stands twice among them."""
    seen: dict[str, SourceRow] = {}
    for row in sources:
        if row.source in seen:
            first = seen[row.source]
            raise SourceTakenError(first.source, first.stream, first.seq)
        seen[row.source] = row


# -- where the answer was lost ----------------------------------------------------------------------------


class Landmark(NamedTuple):
    """By what a transaction is known again: what a query finds if it was committed."""

    sql: str
    parameters: Sequence[Any]
    expected: tuple[Any, ...]


def landmarks(batch: Batch) -> list[Landmark]:
    """By what the transaction that appends `batch` is known again: its entries byte by byte, or what it has instead."""
    found = [Landmark(ENTRY, [stream, seq], (topic, state)) for stream, seq, topic, state in batch.entries]
    if not found:
        found += [Landmark(DISCLOSED, row[:3], (row.digest, row.ciphertext)) for row in batch.disclosures]
        found += [Landmark(SOURCE, [row.source], row[1:]) for row in batch.sources]
    return found


def was_committed(datastore: LedgerDatastore, told: Sequence[Landmark], cut: CommitCut) -> bool:
    """Whether a transaction whose answer was lost is there after all.

    Looks under the log's lock, which the lost session held to its end, on whatever host takes writes by then. Raises
    UnconfirmedError if that cannot be found out.
    """
    until = time.monotonic() + datastore.connections.patience
    while True:
        try:
            return _is_there(datastore, told)
        except UnconfirmedError:
            raise
        except (ConnectionCut, ConflictError, StorageError) as error:
            if time.monotonic() >= until or not isinstance(error, ConnectionCut | LockedError):
                raise UnconfirmedError(datastore.place, f"{cut.why}, and then: {error}") from error


def _is_there(datastore: LedgerDatastore, told: Sequence[Landmark]) -> bool:
    with datastore.writing() as connection:
        connection.execute(LOCK)
        cursor = connection.cursor(binary=True, row_factory=tuple_row)
        there = all(cursor.execute(one.sql, one.parameters).fetchone() == one.expected for one in told)
        if there:
            cursor.execute(TOUCH)
    return there
