"""Reading what proves a log: its tree, the heads of its streams, seals, checkpoints and anchors."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, TypeVar

from ledger.integrity.compact_range import node_number
from ledger.integrity.merkle import HASH_SIZE, NodeGetter
from ledger.integrity.stored_map import InnerNode, LeafNode
from ledger.storage.batches import batches, marks
from ledger.storage.rows import AnchorRow, CheckpointRow, SealRow, StreamHead
from ledger.storage.tables import StoredRow, Table

T = TypeVar("T")

ZEROS = bytes(HASH_SIZE)
AFTER_ALL = "\U0010ffff"  # no stream id holds it, so prefix + this ends the range of a prefix
SOME_NODES = "SELECT number, hash FROM tree WHERE number IN ({})"
HEAD = "SELECT stream, count, frontier FROM stream_heads "
CHANGED_AFTER = "WHERE stream IN (SELECT originator_id FROM stored_events WHERE position > ?) ORDER BY stream"
CHECKPOINT = "SELECT size, number, note FROM checkpoints "
ANCHOR = "SELECT number, size, kind, body FROM anchors "
MAP_NODE = 'SELECT hash, key, value, bit, "left", "right" FROM map_nodes WHERE number = ?'


class TreeReading(ABC):
    """The questions one can ask of a log's proofs."""

    @abstractmethod
    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """The whole result, as plain tuples."""

    @abstractmethod
    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        """The result row by row."""

    # -- the tree over all entries ------------------------------------------------------------------------

    def from_nodes(self, work: Callable[[NodeGetter], T]) -> T:
        """What `work` makes of the tree's stored nodes, which are read in one query.

        `work` is called twice: first with zeros, to learn which nodes it asks for. LookupError, or what `work`
        makes of it, for a node that is not there.
        """
        asked: dict[tuple[int, int], int] = {}

        def ask(level: int, index: int) -> bytes:
            asked[level, index] = node_number(level, index)
            return ZEROS

        work(ask)
        found = self.tree_hashes(list(asked.values()))
        return work(lambda level, index: found[asked[level, index]])

    def tree_hashes(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """The stored nodes of these numbers, in the order in which nodes are completed."""
        found: dict[int, bytes] = {}
        for batch in batches(numbers):
            found.update(self._all(SOME_NODES.format(marks(batch)), batch))
        return found

    def tree_nodes(self, begin: int, end: int) -> list[bytes]:
        """The stored nodes numbered from `begin` to before `end`; fewer where some are missing."""
        sql = "SELECT hash FROM tree WHERE number >= ? AND number < ? ORDER BY number"
        return [row[0] for row in self._all(sql, [begin, end])]

    # -- streams ------------------------------------------------------------------------------------------

    def stream_head(self, stream: str) -> StreamHead | None:
        """How many entries a stream has, and the frontier of their tree."""
        return next(map(StreamHead._make, self._all(HEAD + "WHERE stream = ?", [stream])), None)

    def stream_heads(self, changed_after: int = 0) -> Iterator[StreamHead]:
        """The heads of the streams that have entries after a position; of all streams by default."""
        sql, parameters = HEAD + "ORDER BY stream", []
        if changed_after:
            sql = HEAD + CHANGED_AFTER
            parameters = [changed_after]
        with closing(self._each(sql, parameters)) as found:
            yield from map(StreamHead._make, found)

    def count_streams(self, prefix: str = "") -> int:
        """How many streams begin with `prefix`, by their heads."""
        sql = "SELECT count(*) FROM stream_heads WHERE stream >= ? AND stream < ?"
        return int(self._all(sql, [prefix, prefix + AFTER_ALL])[0][0])

    def positions_of(self, stream: str, until: int) -> list[int]:
        """The positions of a stream's entries up to a position, by seq."""
        sql = (
            "SELECT position FROM stored_events WHERE originator_id = ? AND position <= ? "
            "ORDER BY originator_version"
        )
        return [row[0] for row in self._all(sql, [stream, until])]

    # -- seals --------------------------------------------------------------------------------------------

    def last_seal(self, until: int | None = None) -> SealRow | None:
        """The newest seal whose entry is not after a position."""
        sql = "SELECT position, top FROM seals WHERE position <= ? ORDER BY position DESC LIMIT 1"
        return next(map(SealRow._make, self._all(sql, [2**63 - 1 if until is None else until])), None)

    def seals(self) -> list[SealRow]:
        """Every seal, oldest first."""
        return list(map(SealRow._make, self._all("SELECT position, top FROM seals ORDER BY position")))

    def load(self, number: int) -> LeafNode | InnerNode:
        """A node of a sealed stream index. LookupError if there is none of that number."""
        found = self._all(MAP_NODE, [number])
        if not found:
            raise LookupError(number)
        node_hash, key, value, bit, left, right = found[0]
        return LeafNode(node_hash, key, value) if bit is None else InnerNode(node_hash, bit, left, right, key)

    # -- checkpoints and what others say of them ----------------------------------------------------------

    def checkpoints(self, from_size: int = 0) -> Iterator[CheckpointRow]:
        """The stored checkpoints of at least that size, by size and in the order in which they were stored."""
        with closing(self._each(CHECKPOINT + "WHERE size >= ? ORDER BY size, number", [from_size])) as found:
            yield from map(CheckpointRow._make, found)

    def last_checkpoint(self) -> CheckpointRow | None:
        """The checkpoint over the most entries, stored last."""
        found = self._all(CHECKPOINT + "ORDER BY size DESC, number DESC LIMIT 1")
        return next(map(CheckpointRow._make, found), None)

    def checkpoint_of(self, size: int, *, at_least: bool = False) -> CheckpointRow | None:
        """The checkpoint of a size, stored last; with `at_least` the smallest that covers it."""
        sql = (
            "WHERE size >= ? ORDER BY size, number DESC"
            if at_least
            else "WHERE size = ? ORDER BY number DESC"
        )
        return next(map(CheckpointRow._make, self._all(CHECKPOINT + sql + " LIMIT 1", [size])), None)

    def anchors(self, size: int | None = None) -> list[AnchorRow]:
        """What others said of checkpoints (of one size), in the order in which it came."""
        sql, parameters = ("", []) if size is None else ("WHERE size = ? ", [size])
        return list(map(AnchorRow._make, self._all(ANCHOR + sql + "ORDER BY number", parameters)))

    # -- whole tables, for a copy -------------------------------------------------------------------------

    def count_rows(self, table: Table) -> int:
        """How many rows a table has, counted one by one."""
        return int(self._all(f"SELECT count(*) FROM {table.name}")[0][0])  # noqa: S608  # a table of ours

    def rows_of(self, table: Table, size: int = 1000) -> Iterator[list[StoredRow]]:
        """Every row of a table exactly as stored, in the order in which they were, `size` at a time."""
        key, width = ", ".join(table.key), len(table.key)
        sql = f"SELECT {key}, {', '.join(table.columns)} FROM {table.name} "  # noqa: S608  # as above
        after, last = f"WHERE ({key}) > ({marks(table.key)}) ", f"ORDER BY {key} LIMIT ?"
        page = self._all(sql + last, [size])
        while page:
            yield [row[width:] for row in page]
            page = self._all(sql + after + last, [*page[-1][:width], size]) if len(page) == size else []

    def highest_given(self) -> int:
        """The highest position that an entry was ever given, where the database remembers that; else 0.

        Higher than the last position it means that the end of the log was cut off.
        """
        return 0
