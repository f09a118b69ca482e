"""Reading a log: every query the ledger asks, written once, whatever runs it.

`until` is always the highest log position to be seen (None: all), so a read with `--known-at` passes
`until=position_at(known_at)` and gets what a log cut off there would give. The SQL is what SQLite and
PostgreSQL have in common.
"""

import re
from abc import abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from ledger.errors import UsageError
from ledger.storage.batches import batches, marks
from ledger.storage.rows import DisclosureRow, LogTime, Row, SourceRow
from ledger.storage.tree_reading import AFTER_ALL, TreeReading

EVERYTHING = 2**63 - 1  # no position is higher
CANONICAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
SAMPLES = 200  # looked at per part when streams are split
GOLDEN = 0.6180339887498949  # its multiples spread evenly and meet no period

ROW = "SELECT position, originator_id, originator_version, topic, state FROM stored_events "
BETWEEN = "SELECT 1 FROM stored_events WHERE position > ? AND position <= ? "
RANGE = "originator_id >= ? AND originator_id < ? AND position <= ? "
STREAMS = "SELECT DISTINCT originator_id FROM stored_events WHERE "
STREAM_AT = "SELECT originator_id FROM stored_events WHERE position IN "
DISCLOSURE = "SELECT d.stream, d.seq, d.field, d.digest, d.key_id, d.ciphertext FROM disclosures d "
ITS_POSITION = (
    "AND (SELECT position FROM stored_events WHERE originator_id = d.stream AND originator_version = d.seq) "
)
SEALED_WITH = "SELECT DISTINCT d.key_id FROM disclosures d WHERE d.stream >= ? AND d.stream < ? "
SOURCE = "SELECT source, stream, seq, fingerprint FROM sources "


def canonical(time: str) -> str:
    """`time` itself, if it is written as 2026-03-02T20:00:00.000000Z, the form that compares as text.

    Raises UsageError for every other form.
    """
    if CANONICAL_TIME.fullmatch(time) is None:
        raise UsageError(f"a log time is written 2026-03-02T20:00:00.000000Z, came {time!r}")
    return time


def _upto(until: int | None) -> int:
    return EVERYTHING if until is None else until


class Reading(TreeReading):
    """The questions one can ask a log. Each call outside a snapshot sees the newest committed state."""

    @abstractmethod
    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """The whole result, as plain tuples."""

    @abstractmethod
    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        """The result row by row as the database finds it, never held as a whole."""

    # -- by position --------------------------------------------------------------------------------------

    def last_position(self) -> int:
        """The highest position; 0 for an empty log."""
        return int(self._all("SELECT coalesce(max(position), 0) FROM stored_events")[0][0])

    def count(self, until: int | None = None) -> int:
        """How many entries there are, counted one by one; a sound log has as many as its last position."""
        return int(self._all("SELECT count(*) FROM stored_events WHERE position <= ?", [_upto(until)])[0][0])

    def at(self, position: int) -> Row | None:
        """The entry at `position`."""
        return next(map(Row._make, self._all(ROW + "WHERE position = ?", [position])), None)

    def pages(self, after: int = 0, until: int | None = None, size: int = 1000) -> Iterator[list[Row]]:
        """The log in order from `after` (exclusive) to `until` (inclusive), `size` entries at a time."""
        sql = ROW + "WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
        while page := list(map(Row._make, self._all(sql, [after, _upto(until), size]))):
            yield page
            if len(page) < size:
                return
            after = page[-1].position

    def of_topics(
        self, topics: Sequence[str], after: int = 0, until: int | None = None, most: int | None = None
    ) -> list[Row]:
        """The entries of these types from `after` (exclusive) to `until` (inclusive), in order; the first `most`.

        Each entry in between is looked at in turn.
        """
        sql = f"{ROW}WHERE position > ? AND position <= ? AND topic IN ({marks(topics)}) ORDER BY position"
        limit, limited = ("", []) if most is None else (" LIMIT ?", [most])
        return list(map(Row._make, self._all(sql + limit, [after, _upto(until), *topics, *limited])))

    def stream_of_topics(self, stream: str, topics: Sequence[str], after: int = 0) -> list[Row]:
        """The entries of these types in one stream that stand after a log position, by seq."""
        sql = (
            f"{ROW}WHERE originator_id = ? AND topic IN ({marks(topics)}) AND position > ? "
            "ORDER BY originator_version"
        )
        return list(map(Row._make, self._all(sql, [stream, *topics, after])))

    def grew(self, after: int, until: int, prefix: str, streams: Sequence[str]) -> bool:
        """Whether `streams`, or those that begin with `prefix`, grew from `after` (exclusive) to `until`."""
        if after >= until:
            return False
        ours = f"(originator_id >= ? AND originator_id < ?) OR originator_id IN ({marks(streams)})"
        return bool(
            self._all(f"{BETWEEN}AND ({ours}) LIMIT 1", [after, until, prefix, prefix + AFTER_ALL, *streams])
        )

    # -- log time -----------------------------------------------------------------------------------------

    def log_time(self) -> str | None:
        """The latest `recorded_at` there is, canonical UTC; None for an empty log."""
        found = self._all("SELECT log_time FROM stored_events ORDER BY position DESC LIMIT 1")
        return found[0][0] if found else None

    def position_at(self, known_at: str) -> int:
        """The highest position whose log time is not after `known_at` (canonical UTC); 0 if there is none."""
        sql = (
            "SELECT position FROM stored_events WHERE log_time <= ? "
            "ORDER BY log_time DESC, position DESC LIMIT 1"
        )
        found = self._all(sql, [canonical(known_at)])
        return int(found[0][0]) if found else 0

    def log_times(
        self, after: int = 0, until: int | None = None, size: int = 1000
    ) -> Iterator[list[LogTime]]:
        """The log times as stored, paged like `pages`."""
        sql = (
            "SELECT position, log_time FROM stored_events WHERE position > ? AND position <= ? "
            "ORDER BY position LIMIT ?"
        )
        while page := list(map(LogTime._make, self._all(sql, [after, _upto(until), size]))):
            yield page
            after = page[-1].position

    # -- by stream ----------------------------------------------------------------------------------------

    def entry(self, stream: str, seq: int) -> Row | None:
        """Entry `seq` of `stream`."""
        sql = ROW + "WHERE originator_id = ? AND originator_version = ?"
        return next(map(Row._make, self._all(sql, [stream, seq])), None)

    def head(self, stream: str) -> tuple[int, bytes] | None:
        """Seq and state of the stream's last entry."""
        sql = (
            "SELECT originator_version, state FROM stored_events WHERE originator_id = ? "
            "ORDER BY originator_version DESC LIMIT 1"
        )
        found = self._all(sql, [stream])
        return (found[0][0], found[0][1]) if found else None

    def stream_rows(self, stream: str, until: int | None = None, *, after: int = 0) -> list[Row]:
        """The entries of one stream by seq; those after seq `after` only."""
        sql = (
            ROW + "WHERE originator_id = ? AND originator_version > ? AND position <= ? "
            "ORDER BY originator_version"
        )
        return list(map(Row._make, self._all(sql, [stream, after, _upto(until)])))

    def rows_by_stream(
        self,
        prefix: str = "",
        until: int | None = None,
        *,
        start: str | None = None,
        stop: str | None = None,
    ) -> Iterator[tuple[str, list[Row]]]:
        """Each stream that begins with `prefix` and its entries by seq, streams in the order of their ids.

        `start` (inclusive) and `stop` (exclusive), as `streams_split` gives them, replace the ends of that
        range. Holds one stream in memory. The log seen is the one of the moment the first stream is read.
        """
        sql = ROW + "WHERE " + RANGE + "ORDER BY originator_id, originator_version"
        bounds = [start if start is not None else prefix, stop or prefix + AFTER_ALL, _upto(until)]
        with closing(self._each(sql, bounds)) as found:
            for stream, rows in groupby(found, key=itemgetter(1)):
                yield stream, list(map(Row._make, rows))

    def streams(self, prefix: str = "", until: int | None = None) -> Iterator[str]:
        """The ids of the streams that begin with `prefix`, in order, each once."""
        sql = STREAMS + RANGE + "ORDER BY originator_id"
        with closing(self._each(sql, [prefix, prefix + AFTER_ALL, _upto(until)])) as found:
            for (stream,) in found:
                yield stream

    def streams_split(self, prefix: str, parts: int) -> list[tuple[str, str]]:
        """At most `parts` ranges (start, stop) with about equally many entries, for `rows_by_stream`.

        Together they hold every stream that begins with `prefix`, each in exactly one. The ends come from a
        sample of entries, so this costs the same for any log.
        """
        last = self.last_position()
        sample = sorted({1 + int(k * GOLDEN % 1 * last) for k in range(1, parts * SAMPLES + 1)})
        streams: list[str] = []
        for batch in batches(sample):
            sql = f"{STREAM_AT}({marks(batch)})"
            streams += [s for (s,) in self._all(sql, batch) if s.startswith(prefix)]
        streams.sort()
        cuts = {streams[len(streams) * part // parts] for part in range(1, parts)} if streams else set()
        ends = [prefix, *sorted(cuts), prefix + AFTER_ALL]
        return [(start, stop) for start, stop in pairwise(ends) if start < stop]

    # -- beside the entries -------------------------------------------------------------------------------

    def disclosures_of(
        self, stream: str, seq: int | None = None, until: int | None = None
    ) -> list[DisclosureRow]:
        """The sealed texts of a stream, or of its entry `seq`, by seq and field."""
        sql, parameters = DISCLOSURE + "WHERE d.stream = ? ", [stream, seq, until]
        if seq is not None:
            sql += "AND d.seq = ? "
        if until is not None:
            sql += ITS_POSITION + "<= ? "
        given = [parameter for parameter in parameters if parameter is not None]
        return list(map(DisclosureRow._make, self._all(sql + "ORDER BY d.seq, d.field", given)))

    def disclosures_by_stream(
        self, prefix: str = "", *, start: str | None = None, stop: str | None = None
    ) -> Iterator[tuple[str, list[DisclosureRow]]]:
        """Each stream that begins with `prefix` and has sealed texts, with them; ends as for rows."""
        sql = DISCLOSURE + "WHERE d.stream >= ? AND d.stream < ? ORDER BY d.stream, d.seq, d.field"
        bounds = [start if start is not None else prefix, stop or prefix + AFTER_ALL]
        with closing(self._each(sql, bounds)) as found:
            for stream, rows in groupby(found, key=itemgetter(0)):
                yield stream, list(map(DisclosureRow._make, rows))

    def sealed_with(self, key_ids: Sequence[str], before: int, start: str, stop: str) -> set[str]:
        """Which of these data keys sealed a text of an entry before a position, in streams from `start` to `stop`."""
        found: set[str] = set()
        for batch in batches(key_ids):
            sql = f"{SEALED_WITH}AND d.key_id IN ({marks(batch)}) {ITS_POSITION}< ?"
            found |= {key_id for (key_id,) in self._all(sql, [start, stop, *batch, before])}
        return found

    def find_source(self, source: str) -> SourceRow | None:
        """What `source` was recorded as."""
        return next(map(SourceRow._make, self._all(SOURCE + "WHERE source = ?", [source])), None)

    def sources_known(self, sources: Sequence[str]) -> dict[str, SourceRow]:
        """Those of `sources` that are recorded."""
        known = {}
        for batch in batches(sources):
            found = self._all(f"{SOURCE}WHERE source IN ({marks(batch)})", batch)
            known.update({row[0]: SourceRow._make(row) for row in found})
        return known
