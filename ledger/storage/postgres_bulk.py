"""Appending many entries with COPY, under the log's lock; the tree is computed here and sent along."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow, TupleRow, tuple_row

from ledger.errors import DamagedLedgerError, SourceTakenError
from ledger.integrity.compact_range import extend, nodes_of, peak_numbers
from ledger.integrity.merkle import hashes_of, leaf_hash
from ledger.storage.checksums import source_checksum
from ledger.storage.postgres_append import refuse_twice
from ledger.storage.postgres_columns import BigintColumn, ByteaColumn, TextColumn
from ledger.storage.postgres_functions import CHANNEL, LOCK
from ledger.storage.reading import canonical
from ledger.storage.rows import BEGINNING, Batch, Entry, Growth, SourceRow

END_OF_LOG = "SELECT position, log_time FROM stored_events ORDER BY position DESC LIMIT 1"
NODES = "SELECT coalesce(max(number) + 1, 0) FROM tree"
PEAKS = "SELECT hash FROM tree WHERE number = ANY (%s) ORDER BY number"
TAKEN = "SELECT source, stream, seq FROM sources WHERE source = ANY (%s) LIMIT 1"
HEADS = "SELECT stream, count, frontier FROM stream_heads WHERE stream = ANY (%s)"
SET_HEADS = """
INSERT INTO stream_heads SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bytea[])
ON CONFLICT (stream) DO UPDATE SET count = excluded.count, frontier = excluded.frontier
"""
COPIES = {
    "stored_events": (
        "position, originator_id, originator_version, topic, state, log_time",
        ["int8", "text", "int8", "text", "bytea", "text"],
    ),
    "disclosures": (
        "stream, seq, field, digest, key_id, ciphertext",
        ["text", "int8", "text", "text", "text", "bytea"],
    ),
    "sources": ("source, stream, seq, fingerprint, checksum", ["text", "text", "int8", "bytea", "int8"]),
    "tree": ("number, hash", ["int8", "bytea"]),
    "map_nodes": (
        'number, hash, key, value, bit, "left", "right"',
        ["int8", "bytea", "bytea", "bytea", "int8", "int8", "int8"],
    ),
    "stream_heads": ("stream, count, frontier", ["text", "int8", "bytea"]),
    "seals": ("position, top", ["int8", "int8"]),
    "checkpoints": ("size, number, note", ["int8", "int8", "text"]),
    "anchors": ("number, size, kind, body, checksum", ["int8", "int8", "text", "bytea", "int8"]),
}


def copy(connection: Connection[Any], table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table with COPY. Raises psycopg's own errors."""
    columns, types = COPIES[table]
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copying:
        copying.set_types(types)
        for row in rows:
            copying.write_row(row)


class Appending:
    """The end of the log, held while one transaction appends batch after batch."""

    def __init__(self, connection: Connection[DictRow], place: str) -> None:
        """Takes the log's lock. Raises psycopg's own errors."""
        self._connection, self._place = connection, place
        self._cursor = connection.cursor(binary=True, row_factory=tuple_row)
        self._cursor.execute(LOCK)
        self._last: int | None = None
        self._log_time = BEGINNING
        self._peaks: list[bytes] = []
        self.growth: Growth | None = None
        """What the tree has gained so far."""

    def append(self, batch: Batch) -> int:
        """Insert everything in `batch` and return the position of its first entry.

        Raises DamagedLedgerError if the tree does not hold exactly the entries before, SourceTakenError, UsageError
        for a time that does not compare as text, and psycopg's own errors.
        """
        refuse_twice(batch.sources)
        last = self._end_of_log()
        if batch.recorded_at is not None:
            self._log_time = max(self._log_time, canonical(batch.recorded_at))
        if batch.entries:
            time = self._log_time
            numbered = ((at, *entry, time) for at, entry in enumerate(batch.entries, last + 1))
            copy(self._connection, "stored_events", numbered)
        if batch.disclosures:
            copy(self._connection, "disclosures", batch.disclosures)
        if batch.sources:
            self._insert_sources(batch.sources)
        if batch.entries:
            self._grow(last, batch.entries)
            self._last = last + len(batch.entries)
        return last + 1

    def _one(self, sql: str, parameters: Sequence[Any] = ()) -> TupleRow | None:
        return self._cursor.execute(sql, parameters).fetchone()

    def _end_of_log(self) -> int:
        """The last position; with the first call the log time and the frontier are read, and the tree is checked."""
        if self._last is None:
            last, self._log_time = self._one(END_OF_LOG) or (0, BEGINNING)
            (count,) = self._one(NODES) or (0,)
            if count != nodes_of(last):
                why = f"the tree over {last} entries has {nodes_of(last)} nodes, {count} are there"
                raise DamagedLedgerError(self._place, why)
            numbers = peak_numbers(last)
            self._peaks = [row[0] for row in self._cursor.execute(PEAKS, [BigintColumn(numbers)])]
            if len(self._peaks) != len(numbers):
                raise DamagedLedgerError(self._place, "nodes of the tree are missing")
            self._cursor.execute(f"NOTIFY {CHANNEL}")
            self._last = last
        return self._last

    def _insert_sources(self, sources: Sequence[SourceRow]) -> None:
        taken = self._one(TAKEN, [TextColumn(row.source for row in sources)])
        if taken is not None:
            raise SourceTakenError(*taken)
        copy(self._connection, "sources", ((*row, source_checksum(*row)) for row in sources))

    def _grow(self, size: int, entries: Sequence[Entry]) -> None:
        leaves = [leaf_hash(state) for _, _, _, state in entries]
        before = tuple(self._peaks)
        completed = extend(self._peaks, size, leaves)
        copy(self._connection, "tree", enumerate(completed, nodes_of(size)))
        by_stream: dict[str, list[bytes]] = {}
        for entry, leaf in zip(entries, leaves, strict=True):
            by_stream.setdefault(entry[0], []).append(leaf)
        self._grow_heads(by_stream)
        began = self.growth or Growth(size, before, size, before)
        self.growth = Growth(began.size_before, began.peaks_before, size + len(leaves), tuple(self._peaks))

    def _grow_heads(self, by_stream: dict[str, list[bytes]]) -> None:
        streams = TextColumn(by_stream)
        found = self._cursor.execute(HEADS, [streams]).fetchall()
        heads = {stream: (count, hashes_of(joined)) for stream, count, joined in found}
        counts, frontiers = BigintColumn(), ByteaColumn()
        for stream, leaves in by_stream.items():
            count, peaks = heads.get(stream) or (0, [])
            extend(peaks, count, leaves)
            counts.append(count + len(leaves))
            frontiers.append(b"".join(peaks))
        self._cursor.execute(SET_HEADS, [streams, counts, frontiers])
