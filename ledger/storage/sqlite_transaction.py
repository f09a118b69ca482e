"""What can be done on one SQLite connection: queries, and appending within a write transaction."""

import sqlite3
from collections.abc import Callable, Generator, Sequence
from typing import Any

from eventsourcing.persistence import IntegrityError

from ledger.errors import StorageError
from ledger.integrity.stored_map import InnerNode, LeafNode
from ledger.storage.batches import marks
from ledger.storage.checksums import anchor_checksum
from ledger.storage.log import Writer
from ledger.storage.reading import Reading
from ledger.storage.rows import Batch, DisclosureRow, Entry, Growth, SourceRow
from ledger.storage.sqlite_faults import Faults
from ledger.storage.tables import StoredRow, Table

KEEP_CHECKPOINT = (
    "INSERT INTO checkpoints SELECT ?1, 1 + (SELECT count(*) FROM checkpoints WHERE size = ?1), ?2 "
    "WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE size = ?1 AND note = ?2)"
)
KEEP_ANCHOR = (
    "INSERT INTO anchors (size, kind, body, checksum) SELECT ?1, ?2, ?3, ?4 "
    "WHERE NOT EXISTS (SELECT 1 FROM anchors WHERE size = ?1 AND kind = ?2 AND body = ?3)"
)
SAVE_NODE = "INSERT INTO map_nodes (hash, key, value, bit, left, right) VALUES (?, ?, ?, ?, ?, ?)"
HIGHEST_GIVEN = (
    "SELECT coalesce(max(CAST(seq AS INTEGER)), 0) FROM sqlite_sequence WHERE name = 'stored_events'"
)


def fetch_all(
    connection: sqlite3.Connection, faults: Faults, sql: str, parameters: Sequence[Any]
) -> list[Any]:
    """The whole result of a query, as plain tuples."""
    with faults:
        cursor = connection.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, parameters).fetchall()


def fetch_each(
    connection: sqlite3.Connection, faults: Faults, sql: str, parameters: Sequence[Any]
) -> Generator[Any, None, None]:
    """The result of a query row by row; the query is open until the iterator is exhausted or closed."""
    with faults:
        cursor = connection.cursor()
        cursor.row_factory = None
        yield from cursor.execute(sql, parameters)


class SQLiteReading(Reading):
    """Queries inside the transaction, if any, of one connection."""

    def __init__(self, connection: sqlite3.Connection, faults: Faults) -> None:
        self._connection, self._faults = connection, faults

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return fetch_all(self._connection, self._faults, sql, parameters)

    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        return fetch_each(self._connection, self._faults, sql, parameters)

    def highest_given(self) -> int:
        """As `TreeReading.highest_given`: AUTOINCREMENT remembers it."""
        return int(self._all(HIGHEST_GIVEN)[0][0])


Append = Callable[[sqlite3.Cursor, Batch], tuple[int, Growth | None]]


class SQLiteWriter(SQLiteReading, Writer):
    """The write transaction of `bulk`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        faults: Faults,
        append: Callable[[sqlite3.Cursor, Batch], tuple[int, Growth | None]],
    ) -> None:
        super().__init__(connection, faults)
        self._append = append
        self._cursor = connection.cursor()
        self._broken = False
        self.growth: Growth | None = None

    def append(
        self,
        entries: Sequence[Entry],
        *,
        recorded_at: str | None = None,
        disclosures: Sequence[DisclosureRow] = (),
        sources: Sequence[SourceRow] = (),
    ) -> int:
        """As `Writer.append`."""
        self.refuse_if_broken()
        try:
            first, growth = self._append(self._cursor, Batch(entries, recorded_at, disclosures, sources))
        except BaseException:
            self._broken = True  # part of the batch may be in: it must never be committed
            raise
        if growth is not None:
            before = self.growth or growth
            self.growth = Growth(before.size_before, before.peaks_before, growth.size, growth.peaks)
        return first

    def keep_checkpoint(self, size: int, note: str) -> None:
        """As `Writer.keep_checkpoint`."""
        self._run(KEEP_CHECKPOINT, [size, note])

    def keep_seal(self, position: int, top: int) -> None:
        """As `Writer.keep_seal`."""
        self._run("INSERT INTO seals VALUES (?, ?)", [position, top])

    def keep_anchor(self, size: int, kind: str, body: bytes) -> None:
        """As `Writer.keep_anchor`."""
        self._run(KEEP_ANCHOR, [size, kind, body, anchor_checksum(size, kind, body)])

    def save(self, node: LeafNode | InnerNode) -> int:
        """As `Writer.save`."""
        if isinstance(node, LeafNode):
            return self._run(SAVE_NODE, [node.hash, node.key, node.value, None, None, None])
        return self._run(SAVE_NODE, [node.hash, node.key, None, node.bit, node.left, node.right])

    def take(self, table: Table, rows: Sequence[StoredRow]) -> None:
        """As `Writer.take`."""
        self.refuse_if_broken()
        sql = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks(table.columns)})"  # noqa: S608
        try:
            with self._faults:
                self._cursor.executemany(sql, rows)
        except BaseException as error:
            self._broken = True  # as in `append`
            if isinstance(error.__cause__, sqlite3.IntegrityError):
                raise IntegrityError(str(error.__cause__)) from error
            raise

    def _run(self, sql: str, parameters: Sequence[Any]) -> int:
        """A statement of our own; the number of the row it inserted."""
        self.refuse_if_broken()
        with self._faults:
            self._cursor.execute(sql, parameters)
        return int(self._cursor.lastrowid or 0)

    def refuse_if_broken(self) -> None:
        """Raise StorageError if an append has failed, although the caller went on."""
        if self._broken:
            raise StorageError(self._faults.place, "an earlier batch of this import failed")
