"""A log's rows as entries: decoded from storage on demand, or held in memory."""

from collections.abc import Iterator
from typing import Any

from ledger.entry import Entry
from ledger.storage.mapper import EntryMapper
from ledger.storage.reading import Reading
from ledger.storage.rows import Row


class Decoded:
    """A log's rows as entries: what a `Perspective` reads."""

    def __init__(self, reading: Reading, mapper: EntryMapper) -> None:
        self._reading = reading
        self._mapper = mapper

    def entry(self, row: Row) -> tuple[int, Entry[Any]]:
        """A row's log position and entry."""
        return row[0], self._mapper.decode(row[1], row[2], row[3], row[4])

    def one(self, stream: str, seq: int) -> Entry[Any] | None:
        """Entry `seq` of a stream."""
        row = self._reading.entry(stream, seq)
        return None if row is None else self.entry(row)[1]

    def every(self, topic: str | None = None) -> Iterator[Entry[Any]]:
        """Every entry (of one type) in the order of recording; a page of rows is held."""
        for page in self._reading.pages():
            for row in page:
                if topic is None or row.topic == topic:
                    yield self.entry(row)[1]

    def stream(self, stream: str, until: int | None) -> list[tuple[int, Entry[Any]]]:
        """One stream's entries with their log positions, by seq."""
        return [self.entry(row) for row in self._reading.stream_rows(stream, until)]

    def streams(
        self, prefix: str, until: int | None, between: tuple[str, str] | None = None
    ) -> Iterator[tuple[str, list[tuple[int, Entry[Any]]]]]:
        """Each stream that begins with a prefix (or lies in a range), one at a time."""
        start, stop = between or (None, None)
        for stream, rows in self._reading.rows_by_stream(prefix, until, start=start, stop=stop):
            yield stream, [self.entry(row) for row in rows]


class Held:
    """The practice's own streams, held in memory."""

    def __init__(self, held: dict[str, list[tuple[int, Entry[Any]]]]) -> None:
        self._held = held

    def stream(self, stream: str, _until: int | None) -> list[tuple[int, Entry[Any]]]:
        """One stream's entries with their log positions, by seq."""
        return self._held.get(stream, [])

    def streams(
        self, prefix: str, _until: int | None, _between: tuple[str, str] | None = None
    ) -> Iterator[tuple[str, list[tuple[int, Entry[Any]]]]]:
        """The streams that begin with a prefix, one at a time."""
        for stream, rows in sorted(self._held.items()):
            if stream == prefix or (prefix.endswith("/") and stream.startswith(prefix)):
                yield stream, rows
