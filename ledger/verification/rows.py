"""The rows of entries, from pages that may be damaged, each value of the type it was stored with."""

from collections.abc import Sequence
from typing import Any

from ledger.verification.database import Stored
from ledger.verification.faults import Kind

ENTRIES = "stored_events"
ROWS = (
    "SELECT position, originator_id, originator_version, topic, state, log_time FROM stored_events "
    "WHERE position > ? AND position <= ? ORDER BY position"
)
TYPES = (int, bytearray, int, bytearray, bytes, bytearray)
NAMES = ("position", "originator_id", "originator_version", "topic", "state", "log_time")
LONG_RUN = 20
"""So many missing entries in a row are told as one fault."""

Row = tuple[int, bytearray, int, bytearray, bytes, bytearray]
"""Position, stream, seq, topic, stored bytes, log time."""


class Rows:
    """Reads entries; what is wrong with a row as such is reported here."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def read(self, after: int, until: int) -> list[Row]:
        """The entries after a position up to another, as far as they can be read."""
        tried = self._stored._replace(faults=[])
        rows: list[Row] = []
        with tried.damage(ENTRIES, after + 1):
            rows = tried.rows(ROWS, [after, until])
        if tried.faults:  # a page is damaged: what the others hold is still read
            rows = []
            for position in range(after + 1, until + 1):
                with self._stored.damage(ENTRIES, position):
                    rows += self._stored.rows(ROWS, [position - 1, position])
        if len({row[0] for row in rows}) != len(rows):
            rows = self._single(rows)
        columns = zip(*rows, strict=True)
        if any({*map(type, values)} != {kind} for values, kind in zip(columns, TYPES, strict=False)):
            return [self._typed(row) for row in rows]
        return rows

    def _single(self, rows: list[Row]) -> list[Row]:
        """One row of each position. Only where the primary key was taken away can there be more."""
        first: dict[int, Row] = {}
        for row in rows:
            if first.setdefault(row[0], row) is not row:
                said = "another row has this position, too"
                self._stored.report(ENTRIES, row[0], Kind.EXTRA, said)
        return list(first.values())

    def _typed(self, row: Sequence[Any]) -> Row:
        """A row with every value of its type; what was not is reported."""
        values: list[Any] = []
        for value, kind, name in zip(row, TYPES, NAMES, strict=True):
            if type(value) is kind:
                values.append(value)
                continue
            came = type(value).__name__.replace("bytearray", "text").replace("NoneType", "nothing")
            self._stored.report(ENTRIES, row[0], Kind.BAD_TYPE, f"{name} is of another type: {came}")
            values.append(kind(value) if isinstance(value, bytes | bytearray) and kind is not int else kind())
        return values[0], values[1], values[2], values[3], values[4], values[5]

    def absent(self, rows: Sequence[Row], after: int, until: int) -> list[int]:
        """The positions without a row; those that were not merely unreadable are reported as missing."""
        missing = sorted(set(range(after + 1, until + 1)) - {row[0] for row in rows})
        unread = {fault.position for fault in self._stored.faults if fault.kind is Kind.UNREADABLE}
        for first, last in _runs([position for position in missing if position not in unread]):
            which = f"entry {first} is" if first == last else f"entries {first} to {last} are"
            self._stored.report(ENTRIES, first, Kind.MISSING_ENTRY, f"{which} missing")
        return missing


def _runs(positions: Sequence[int]) -> list[tuple[int, int]]:
    """Positions as (first, last); neighbours are drawn together only where they are many."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and runs[-1][1] + 1 == position:
            runs[-1][1] = position
        else:
            runs.append([position, position])
    long = [(first, last) for first, last in runs if last - first >= LONG_RUN]
    short = [(at, at) for first, last in runs if last - first < LONG_RUN for at in range(first, last + 1)]
    return sorted([*short, *long])
