"""The practice's journal: facts in any order, read back in the order in which they happened.

A time is written as the practice's clock showed it, `2023-02-06 10:00`, or as a day alone, `2023-02-06`; the
journal adds the offset that New York had at that moment, so that standing appointments keep their hour when
the clocks change.
"""

import hashlib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

Line = dict[str, object]

ZONE = ZoneInfo("America/New_York")
LOCAL = "%Y-%m-%d %H:%M"


def sha256(*parts: object) -> str:
    """The hash of an invented document, named by its parts."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def later(when: str, *, days: int = 0, minutes: int = 0) -> str:
    """The local time so many days and minutes after `when`, as the wall clock shows it."""
    moment = datetime.strptime(when, LOCAL) + timedelta(days=days, minutes=minutes)  # noqa: DTZ007 - a wall clock
    return moment.strftime(LOCAL)


def next_working_day(when: str) -> str:
    """That time, or on a weekend the same hour of the Monday after."""
    weekday = datetime.fromisoformat(when).weekday()
    return later(when, days=7 - weekday) if weekday >= 5 else when


def days_between(earlier: str, when: str) -> int:
    """Calendar days from one local time to another."""
    first, second = (datetime.fromisoformat(text).date() for text in (earlier, when))
    return (second - first).days


class Journal:
    """Collects the lines of one import file."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._lines: list[tuple[datetime, Line]] = []
        self._corrections: list[tuple[Line, Line]] = []

    def write(self, type_: str, when: str, by: str, /, **fields: object) -> Line:
        """Note a fact; fields that are None are left out."""
        moment = datetime.fromisoformat(when).replace(tzinfo=ZONE)
        stamp = moment.isoformat() if " " in when else when
        line: Line = {"type": type_, "source": "", "occurred_at": stamp, "by": by}
        line |= {name: value for name, value in fields.items() if value is not None}
        self._lines.append((moment, line))
        return line

    def correct(self, entry: Line, when: str, by: str, changes: Line, reason: str) -> None:
        """Note a correction of an entry of this journal."""
        correction = self.write("EntryCorrected", when, by, corrects="", changes=changes, reason=reason)
        self._corrections.append((correction, entry))

    def lines(self) -> list[Line]:
        """Every line in the order of what happened, numbered by `source`; of equal times, as noted."""
        ordered = [line for _, line in sorted(self._lines, key=lambda item: item[0])]
        for number, line in enumerate(ordered, start=1):
            line["source"] = f"{self._prefix}-{number:04}"
        for correction, entry in self._corrections:
            correction["corrects"] = entry["source"]
        return ordered
