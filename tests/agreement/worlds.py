"""One history for both: lines for the oracle, rows of entries for the engine, and what each says of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from ledger.entry import FIRST_PREV, Entry, Override
from ledger.events.base import Event
from ledger.events.registry import BY_TOPIC
from ledger.history import Fact
from ledger.perspective import Judged, Moment, Perspective
from ledger.rules.judge import Judgement
from ledger.values import Admission, Calendar, moment, stamp
from tests.oracle import Line, Opinion
from tests.oracle import judge as oracle_judge
from tests.oracle.imports import PRACTICE, PRACTITIONER

ZONE = "America/New_York"
CALENDAR = Calendar(ZONE)
Body = dict[str, Any]
Row = tuple[int, Entry[Any]]
HEADER = ("type", "occurred_at", "by", "source")


def stream_of(body: Mapping[str, Any]) -> str:
    """The stream an entry belongs in; a correction has to be given its stream."""
    if body["type"] in PRACTICE:
        return "practice"
    if body["type"] in PRACTITIONER:
        return f"practitioner/{body['practitioner']}"
    return f"client/{body['client']}"


class Log:
    """A log in the making: what is appended to it stands there for both sides."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._counts: dict[str, int] = {}

    def append(
        self,
        body: Body,
        recorded_at: datetime,
        *,
        stream: str | None = None,
        admitted: str = "enforced",
        override: dict[str, Any] | None = None,
    ) -> Line:
        """Adds one entry of the import format; gives it its stream, seq and log position."""
        stream = stream or stream_of(body)
        seq = self._counts[stream] = self._counts.get(stream, 0) + 1
        line = Line(stream, seq, len(self.lines) + 1, recorded_at, admitted, override, body)
        self.lines.append(line)
        return line


# -- the engine's side ------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def _event(type_: str, fields: str) -> Event:
    return BY_TOPIC[type_].model_validate_json(fields)


def entry_of(line: Line) -> Entry[Any]:
    """The entry as the engine reads it back, sealed fields in clear."""
    body = line.body
    fields = {name: value for name, value in body.items() if name not in HEADER}
    event = _event(body["type"], json.dumps(fields, sort_keys=True))
    override = None if line.override is None else Override.model_validate_json(json.dumps(line.override))
    return Entry.model_construct(
        admitted=Admission(line.admitted),
        recorded_at=stamp(line.recorded_at),
        by=body["by"],
        event=event,
        occurred_at=moment(body["occurred_at"]),
        override=override,
        prev=FIRST_PREV,
        schema_version=type(event).VERSION,
        seq=line.seq,
        source=body.get("source"),
        stream=line.stream,
        type=body["type"],
        via="",
    )


class Decoded:
    """A log in memory: the rows that a `Perspective` reads."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._streams: dict[str, list[Row]] = {}
        for line in lines:
            self._streams.setdefault(line.stream, []).append((line.position, entry_of(line)))

    def stream(self, stream: str, until: int | None) -> list[Row]:
        """One stream's rows by seq, up to a log position."""
        return [row for row in self._streams.get(stream, ()) if until is None or row[0] <= until]

    def streams(
        self, prefix: str, until: int | None, between: tuple[str, str] | None = None
    ) -> Iterator[tuple[str, list[Row]]]:
        """Each stream that begins with a prefix and has rows by then."""
        for stream in sorted(self._streams):
            in_range = between is None or between[0] <= stream < between[1]
            if stream.startswith(prefix) and in_range and (rows := self.stream(stream, until)):
                yield stream, rows


def position_known(lines: Sequence[Line], known_at: datetime | None) -> int | None:
    """The log position up to which the log was known: log time is the running maximum of `recorded_at`."""
    if known_at is None:
        return None
    return next((line.position - 1 for line in lines if line.recorded_at > known_at), len(lines))


def perspective(lines: Sequence[Line], as_of: datetime, known_at: datetime | None = None) -> Perspective:
    """The engine's view of a log at a moment."""
    known = None if known_at is None else stamp(known_at)
    when = Moment(stamp(as_of), known, position_known(lines, known_at))
    return Perspective(Decoded(lines), when, CALENDAR)


def told(judgement: Judgement) -> Opinion:
    """A judgement of the engine in the oracle's terms."""
    return Opinion(
        frozenset((f.rule, f.kind.value, f.client, *_ref(f.judged)) for f in judgement.findings),
        frozenset(
            (o.rule, o.client, *_ref(o.due.cause), date.fromisoformat(o.due.due), o.status)
            for o in judgement.obligations
        ),
    )


def _ref(fact: Fact) -> tuple[str, int]:
    return fact.stream, fact.seq


def engine_opinion(lines: Sequence[Line], as_of: datetime, known_at: datetime | None = None) -> Opinion:
    """What the engine says of a whole log: every client, and the practice's own entries."""
    seen = perspective(lines, as_of, known_at)
    judged: list[Judged] = [*seen.clients(), seen.own()]
    opinions = [told(one.judgement) for one in judged]
    return Opinion(
        frozenset().union(*(one.findings for one in opinions)),
        frozenset().union(*(one.obligations for one in opinions)),
    )


def engine_verdicts(lines: Sequence[Line], as_of: datetime) -> dict[str | None, str]:
    """The engine's verdict of each client, and (None) of the practice's own entries."""
    seen = perspective(lines, as_of)
    return {one.judgement.client: one.judgement.verdict for one in (*seen.clients(), seen.own())}


def oracle_opinion(lines: Sequence[Line], as_of: datetime, known_at: datetime | None = None) -> Opinion:
    """What the oracle says of the same log."""
    return oracle_judge(lines, as_of=as_of, known_at=known_at, time_zone=ZONE)


# -- side by side -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """What only one of the two says: `grave` about gates and violations, `light` about all else."""

    grave: tuple[str, ...]
    light: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.grave or self.light)


def difference(engine: Opinion, oracle: Opinion) -> Difference:
    """Where the two disagree, a line per finding or obligation."""
    said = [
        (only, finding)
        for only, findings in (
            ("engine", engine.findings - oracle.findings),
            ("oracle", oracle.findings - engine.findings),
        )
        for finding in sorted(findings, key=str)
    ]
    owed = [
        (only, one)
        for only, obligations in (
            ("engine", engine.obligations - oracle.obligations),
            ("oracle", oracle.obligations - engine.obligations),
        )
        for one in sorted(obligations, key=str)
    ]
    heavy = [(only, one) for only, one in said if one[1] in {"gate", "violation"}]
    light = [(only, one) for only, one in said if one[1] not in {"gate", "violation"}]
    return Difference(
        tuple(f"only the {only}: {one}" for only, one in heavy),
        tuple(f"only the {only}: {one}" for only, one in [*light, *owed]),
    )


def written(lines: Sequence[Line]) -> str:
    """A log as text, a line per entry, for a test that fails."""
    return "\n".join(
        f"{line.position:3} {line.stream} {line.seq} {line.admitted} rec {line.recorded_at.isoformat()} "
        f"{json.dumps(line.body)}" + (f" override {line.override}" if line.override else "")
        for line in lines
    )
