"""Reading a history: what is known, corrections applied, effective time and order, what had happened by
then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

Moment = tuple[datetime, int]
"""A place in effective order: effective time, then log position."""

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One entry as it stands in the log; `body` is the import format's object, sealed fields in clear."""

    stream: str
    seq: int
    position: int
    recorded_at: datetime
    admitted: str
    override: dict[str, Any] | None
    body: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Fact:
    """An entry as it reads after its corrections, with its effective time and its day in the practice's
    zone.
    """

    line: Line
    body: Body
    at: datetime
    day: date
    corrected_by: tuple[Line, ...] = ()

    @property
    def type(self) -> str:
        return str(self.body["type"])

    @property
    def client(self) -> str | None:
        """The client whose stream it stands in, none for the practice's and the practitioners' entries."""
        family, _, name = self.line.stream.partition("/")
        return name if family == "client" else None

    @property
    def moment(self) -> Moment:
        return self.at, self.line.position

    @property
    def just_after(self) -> Moment:
        """The moment before which this fact has happened and the next one has not."""
        return self.at, self.line.position + 1

    def get(self, name: str) -> Any:
        """The field's value, None when it is absent."""
        return self.body.get(name)

    def date(self, name: str) -> date | None:
        """A field that holds a day, None when it is absent."""
        value = self.body.get(name)
        return None if value is None else date.fromisoformat(value)

    def codes(self, name: str) -> frozenset[str]:
        """A field that holds a list of codes, as a set; empty when it is absent."""
        return frozenset(self.body.get(name) or ())


@dataclass(frozen=True, eq=False)
class World:
    """The facts that had happened by `as_of`, in effective order; `unfit` are the acts that changed
    nothing.
    """

    facts: tuple[Fact, ...]
    as_of: datetime
    zone: ZoneInfo
    unfit: tuple[Fact, ...] = ()

    def of(self, *types: str, client: str | None = None) -> list[Fact]:
        """The facts of these types, in effective order; of one client when a client is given."""
        found = [f for name in types for f in self.by_type.get(name, ())]
        if len(types) > 1:
            found.sort(key=lambda f: f.moment)
        return found if client is None else [f for f in found if f.client == client]

    @cached_property
    def by_type(self) -> dict[str, list[Fact]]:
        """The same facts, sorted out by type."""
        sorted_out: dict[str, list[Fact]] = {}
        for fact in self.facts:
            sorted_out.setdefault(fact.type, []).append(fact)
        return sorted_out

    def day(self, when: datetime) -> date:
        """The practice's calendar day at that time."""
        return when.astimezone(self.zone).date()

    @property
    def today(self) -> date:
        """The practice's calendar day at `as_of`."""
        return self.day(self.as_of)

    def dawn(self, day: date) -> Moment:
        """The moment a day begins, before everything that happens on it."""
        return start_of_day(day, self.zone), -1


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Midnight of that day in the practice's time zone, as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def read(
    lines: Sequence[Line],
    *,
    as_of: datetime,
    known_at: datetime | None = None,
    zone: ZoneInfo,
    corrections: bool = True,
) -> World:
    """The history as known at `known_at` and as it had happened by `as_of`.

    `corrections=False` reads every entry as it was first recorded.
    """
    known = known_by(lines, known_at)
    standing = standing_corrections(known) if corrections else []
    facts = dated(known, standing, zone)
    happened = [fact for fact in facts if fact.at <= as_of]
    return World(tuple(sorted(happened, key=lambda fact: fact.moment)), as_of, zone)


def known_by(lines: Sequence[Line], known_at: datetime | None) -> list[Line]:
    """Log time is the running maximum of `recorded_at` by position: what was known at T is a prefix of the
    log.
    """
    ordered = sorted(lines, key=lambda line: line.position)
    if known_at is None:
        return ordered
    late = [i for i, line in enumerate(ordered) if line.recorded_at > known_at]
    return ordered[: late[0]] if late else ordered


def standing_corrections(lines: Sequence[Line]) -> list[tuple[Line, Body]]:
    """The corrections that are not themselves undone, in recording order, each as corrected by later ones."""
    standing: list[tuple[Line, Body]] = []
    for line in reversed(lines):
        if line.body["type"] == "EntryCorrected":
            body = as_corrected(line, standing)
            if body is not None:
                standing.insert(0, (line, body))
    return standing


def corrections_of(line: Line, standing: Sequence[tuple[Line, Body]]) -> list[tuple[Line, Body]]:
    """The standing corrections of one entry: those later in its stream that name its number."""
    return [
        (correction, body)
        for correction, body in standing
        if correction.stream == line.stream
        and correction.position > line.position
        and body["corrects"] == line.seq
    ]


def as_corrected(line: Line, standing: Sequence[tuple[Line, Body]]) -> Body | None:
    """The entry's fields after its corrections in recording order; None when it is retracted."""
    body = dict(line.body)
    for _, correction in corrections_of(line, standing):
        if correction.get("retracted"):
            return None
        body |= correction.get("changes") or {}
    return {name: value for name, value in body.items() if value is not None}


def dated(lines: Sequence[Line], standing: Sequence[tuple[Line, Body]], zone: ZoneInfo) -> list[Fact]:
    """Every entry that is not retracted, with its effective time.

    The effective time is `occurred_at`; an entry known only to the day takes the time of the latest same-day
    entry of its stream recorded before it, else the start of that day in the practice's time zone.
    """
    facts: list[Fact] = []
    for line in lines:
        body = as_corrected(line, standing)
        if body is None:
            continue
        stated = body["occurred_at"]
        if is_day(stated):
            day = date.fromisoformat(stated)
            at = latest_of_the_day(facts, line.stream, day) or start_of_day(day, zone)
        else:
            at = datetime.fromisoformat(stated).astimezone(UTC)
            day = at.astimezone(zone).date()
        touched = tuple(correction for correction, _ in corrections_of(line, standing))
        facts.append(Fact(line, body, at, day, touched))
    return facts


def is_day(stated: str) -> bool:
    """Whether an `occurred_at` names only a day."""
    return len(stated) == len("2026-03-02")


def latest_of_the_day(recorded_before: Sequence[Fact], stream: str, day: date) -> datetime | None:
    """Reading: the "latest" same-day entry is the one latest in effective time, not the one recorded last;
    corrections are entries of the stream like others, retracted entries are not there.
    """
    return max((f.at for f in recorded_before if f.line.stream == stream and f.day == day), default=None)
