"""What can be done on one PostgreSQL session: queries, and appending within a write transaction."""

import itertools
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from eventsourcing.persistence import IntegrityError, PersistenceError
from psycopg import Connection
from psycopg.rows import DictRow, tuple_row

from ledger.errors import StorageError, UnreachableError
from ledger.integrity.stored_map import InnerNode, LeafNode
from ledger.storage.checksums import anchor_checksum
from ledger.storage.log import Writer
from ledger.storage.postgres_append import Landmark, landmarks
from ledger.storage.postgres_bulk import Appending, copy
from ledger.storage.postgres_faults import ConnectionCut, Faults
from ledger.storage.reading import Reading
from ledger.storage.rows import Batch, DisclosureRow, Entry, Growth, SourceRow
from ledger.storage.tables import STORED_EVENTS, StoredRow, Table

FETCHED = 500
"""How many rows of a long result are held at a time."""

KEEP_CHECKPOINT = """
INSERT INTO checkpoints SELECT %(size)s, 1 + count(*), %(note)s FROM checkpoints WHERE size = %(size)s
HAVING count(*) FILTER (WHERE note = %(note)s) = 0
"""
KEEP_ANCHOR = """
INSERT INTO anchors
SELECT (SELECT coalesce(max(number), 0) + 1 FROM anchors), %(size)s, %(kind)s, %(body)s, %(checksum)s
WHERE NOT EXISTS (SELECT 1 FROM anchors WHERE size = %(size)s AND kind = %(kind)s AND body = %(body)s)
"""
CHECKPOINT = "SELECT 1 FROM checkpoints WHERE size = %s AND note = %s"
ANCHOR = "SELECT 1 FROM anchors WHERE size = %s AND kind = %s AND body = %s"
SEAL = "SELECT top FROM seals WHERE position = %s"
NODE = "SELECT hash FROM map_nodes WHERE number = %s"
SAVED_TOGETHER = 1_000
"""How many nodes of a stream index are sent at a time."""

_cursors = itertools.count()


@cache
def translated(statement: str) -> str:
    """The SQL that both databases share, with the marks of psycopg."""
    return statement.replace("%", "%%").replace("?", "%s")


def fetch_all(connection: Connection[DictRow], statement: str, parameters: Sequence[Any]) -> list[Any]:
    """The whole result of a query, as plain tuples. Raises psycopg's own errors."""
    cursor = connection.cursor(binary=True, row_factory=tuple_row)
    return cursor.execute(translated(statement), parameters).fetchall()


def fetch_each(
    connection: Connection[DictRow], statement: str, parameters: Sequence[Any]
) -> Generator[Any, None, None]:
    """The result of a query row by row, within a transaction; the server holds what was not fetched yet."""
    name = f"each_{next(_cursors)}"
    with connection.cursor(name, binary=True, row_factory=tuple_row) as cursor:
        cursor.itersize = FETCHED
        yield from cursor.execute(translated(statement), parameters)


class PostgresReading(Reading):
    """Queries inside the transaction of one connection."""

    def __init__(self, connection: Connection[DictRow], faults: Faults) -> None:
        self._connection, self._faults = connection, faults

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        try:
            with self._faults:
                return fetch_all(self._connection, sql, parameters)
        except ConnectionCut as cut:
            raise UnreachableError(self._faults.place, cut.why) from cut

    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        try:
            with self._faults:
                yield from fetch_each(self._connection, sql, parameters)
        except ConnectionCut as cut:
            raise UnreachableError(self._faults.place, cut.why) from cut


class PostgresWriter(PostgresReading, Writer):
    """The write transaction of `bulk`."""

    def __init__(self, connection: Connection[DictRow], faults: Faults) -> None:
        super().__init__(connection, faults)
        self._broken = False
        self._appending = Appending(connection, faults.place)
        self._nodes: dict[int, LeafNode | InnerNode] = {}
        self._next_node: int | None = None
        self.told: list[Landmark] = []
        """By what the transaction is known again if the answer to its commit is lost: what it did last."""

    @property
    def growth(self) -> Growth | None:
        """What the tree has gained so far."""
        return self._appending.growth

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
        batch = Batch(entries, recorded_at, disclosures, sources)
        with self._guarded():
            first = self._appending.append(batch)
        last = Batch(entries[-1:], None, disclosures[-1:], sources[-1:])
        self.told = landmarks(last) or self.told
        return first

    def keep_checkpoint(self, size: int, note: str) -> None:
        """As `Writer.keep_checkpoint`."""
        self._run(KEEP_CHECKPOINT, {"size": size, "note": note})
        self.told = [Landmark(CHECKPOINT, [size, note], (1,))]

    def keep_seal(self, position: int, top: int) -> None:
        """As `Writer.keep_seal`."""
        self._run("INSERT INTO seals VALUES (%(position)s, %(top)s)", {"position": position, "top": top})
        self.told = [Landmark(SEAL, [position], (top,))]

    def keep_anchor(self, size: int, kind: str, body: bytes) -> None:
        """As `Writer.keep_anchor`."""
        checksum = anchor_checksum(size, kind, body)
        self._run(KEEP_ANCHOR, {"size": size, "kind": kind, "body": body, "checksum": checksum})
        self.told = [Landmark(ANCHOR, [size, kind, body], (1,))]

    def save(self, node: LeafNode | InnerNode) -> int:
        """As `Writer.save`. Nodes are sent many at a time."""
        self.refuse_if_broken()
        if self._next_node is None:
            self._next_node = 1 + int(self._all("SELECT coalesce(max(number), 0) FROM map_nodes")[0][0])
        number = self._next_node
        self._next_node += 1
        self._nodes[number] = node
        if len(self._nodes) == SAVED_TOGETHER:
            self.flush()
        return number

    def take(self, table: Table, rows: Sequence[StoredRow]) -> None:
        """As `Writer.take`."""
        self.refuse_if_broken()
        try:
            with self._guarded():
                copy(self._connection, table.name, rows)
        except (StorageError, PersistenceError) as error:
            if isinstance(error.__cause__, psycopg.IntegrityError | psycopg.DataError):
                raise IntegrityError(self._faults.said(error.__cause__)) from error
            raise
        if table is STORED_EVENTS:
            _, stream, seq, topic, state, _ = rows[-1]
            self.told = landmarks(Batch([(stream, seq, topic, state)]))

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        self.flush()
        return super()._all(sql, parameters)

    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        self.flush()
        return super()._each(sql, parameters)

    def load(self, number: int) -> LeafNode | InnerNode:
        """As `Reading.load`, what was not sent yet included."""
        return self._nodes.get(number) or super().load(number)

    def flush(self) -> None:
        """Send what was not sent yet."""
        if self._nodes:
            rows = [
                (number, node.hash, node.key, node.value, None, None, None)
                if isinstance(node, LeafNode)
                else (number, node.hash, node.key, None, node.bit, node.left, node.right)
                for number, node in self._nodes.items()
            ]
            with self._guarded():
                copy(self._connection, "map_nodes", rows)
            self.told = [Landmark(NODE, [rows[-1][0]], (rows[-1][1],))]
            self._nodes.clear()

    def _run(self, statement: str, parameters: dict[str, Any]) -> None:
        self.refuse_if_broken()
        with self._guarded():
            self._connection.execute(statement, parameters)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Around every write: one that failed leaves a transaction that must never be committed."""
        try:
            with self._faults:
                yield
        except BaseException as error:
            self._broken = True
            if isinstance(error, ConnectionCut):
                raise UnreachableError(self._faults.place, error.why) from error
            raise

    def refuse_if_broken(self) -> None:
        """Raise StorageError if an append has failed, although the caller went on."""
        if self._broken:
            raise StorageError(self._faults.place, "an earlier batch of this import failed")
