"""A random history as a log that grows: what read models are caught up with, step by step."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from ledger.entry import Entry
from ledger.integrity import merkle
from ledger.storage.reading import Reading
from ledger.storage.rows import Row
from projections.models.source import Source
from tests.agreement.worlds import CALENDAR, Decoded, entry_of
from tests.oracle import Line


class GrowingLog:
    """The first `size` lines of a history, as a recorder and as decoded entries."""

    def __init__(self, lines: Sequence[Line], size: int = 0) -> None:
        self.lines, self.size = lines, size
        self._decoded = Decoded(lines)

    def last_position(self) -> int:
        return self.size

    def from_nodes(self, work: Callable[[merkle.NodeGetter], bytes]) -> bytes:
        leaves = [merkle.leaf_hash(repr(line).encode()) for line in self.lines]
        return work(lambda level, index: merkle.root(leaves[index << level : (index + 1) << level]))

    def pages(self, after: int, until: int, size: int) -> Iterator[list[Row]]:
        for start in range(after, until, size):
            yield [
                Row(line.position, line.stream, line.seq, line.body["type"], b"")
                for line in self.lines[start : min(start + size, until)]
            ]

    def entry(self, row: Row) -> tuple[int, Entry[Any]]:
        return row.position, entry_of(self.lines[row.position - 1])

    def stream(self, stream: str, until: int | None) -> list[tuple[int, Entry[Any]]]:
        return self._decoded.stream(stream, self._upto(until))

    def streams(
        self, prefix: str, until: int | None, between: tuple[str, str] | None = None
    ) -> Iterator[tuple[str, list[tuple[int, Entry[Any]]]]]:
        return self._decoded.streams(prefix, self._upto(until), between)

    def _upto(self, until: int | None) -> int:
        return self.size if until is None else min(until, self.size)

    def source(self) -> Source:
        return Source(cast("Reading", self), self, CALENDAR)
