"""The two clocks: corrections applied, effective times and order, as-of and known-at views of one stream.

DESIGN sections 3 to 5. A `Fact` is an entry as a reader sees it: what it says after corrections, and when it
took effect. Corrections follow what was *known* (the log); a fact is *seen* as of a moment by its effective time.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.corrections import EntryCorrected
from ledger.values import Admission, Calendar, is_day, moment

Order: TypeAlias = tuple[str, int]
"""Effective order: effective time (a stamp), then log position."""

HEADER_FIELDS = ("occurred_at", "by", "source")
"""The header fields that a correction may change."""


@dataclass(slots=True, eq=False)
class Fact:
    """An entry in effect: `event` as corrected, `at` its effective time, `order` its place in effective order."""

    entry: Entry[Any]
    position: int
    event: Any
    occurred_at: str
    by: str
    at: str
    order: Order
    corrections: tuple["Fact", ...] = ()

    @property
    def seq(self) -> int:
        """The position in the stream."""
        return self.entry.seq

    @property
    def stream(self) -> str:
        """The stream it is recorded in."""
        return self.entry.stream

    @property
    def ref(self) -> tuple[str, int]:
        """Stream and seq: how findings name an entry."""
        return (self.entry.stream, self.entry.seq)

    @property
    def on_record_since(self) -> int:
        """The log position since which it stands on record as it reads; 0 for history found as it happened."""
        return max(
            (
                fact.position
                for fact in (self, *self.corrections)
                if fact.entry.admitted is not Admission.AS_FOUND
            ),
            default=0,
        )


@dataclass(slots=True)
class History:
    """One stream as known: `facts` in effective order, corrections and what they took back beside them."""

    facts: list[Fact]
    corrections: list[Fact] = field(default_factory=list)
    retracted: list[Fact] = field(default_factory=list)

    def as_of(self, at: str) -> "History":
        """What had happened by `at`. Corrections stay: they follow what is known, not when it happened."""
        if not self.facts or self.facts[-1].at <= at:
            return self
        return History([fact for fact in self.facts if fact.at <= at], self.corrections, self.retracted)


def first_on_record(facts: Iterable[Fact]) -> Fact | None:
    """Of entries each of which would do, the one that stands on record longest as it reads."""
    return min(facts, key=lambda fact: (fact.on_record_since, fact.position), default=None)


def on_record_by(act: Fact, facts: Iterable[Fact]) -> Fact | None:
    """Of entries each of which would do, the first given that stood on record when the act was recorded; else
    the one that stood there soonest after.
    """
    return min(facts, key=lambda fact: max(fact.on_record_since, act.position), default=None)


def read(rows: Iterable[tuple[int, Entry[Any]]], calendar: Calendar, *, corrected: bool = True) -> History:
    """The history of one stream from its (log position, entry) rows in recording order.

    With `corrected` False it is the history as first recorded: corrections are listed and change nothing.
    """
    rows = list(rows)
    facts = [
        Fact(entry, position, entry.event, entry.occurred_at, entry.by, entry.occurred_at, ("", position))
        for position, entry in rows
    ]
    corrections = [fact for fact in facts if type(fact.event) is EntryCorrected]
    retracted: list[Fact] = []
    if corrections and corrected:
        retracted = _apply(facts, corrections)
    gone = {fact.seq for fact in retracted}
    kept = [fact for fact in facts if fact.seq not in gone] if gone else facts
    _place(kept, calendar)
    if gone:
        _place(retracted, calendar)
    if corrections:
        corrections = [fact for fact in kept if type(fact.event) is EntryCorrected]
        kept = [fact for fact in kept if type(fact.event) is not EntryCorrected]
    kept.sort(key=_order)
    return History(kept, corrections, retracted)


def _order(fact: Fact) -> Order:
    return fact.order


def _apply(facts: Sequence[Fact], corrections: Sequence[Fact]) -> list[Fact]:
    """Carries out corrections; returns the facts they retract.

    A correction may itself be corrected, but only by a later one: so the latest is settled first, and what
    then stands applies to each entry in recording order.
    """
    by_seq = {fact.seq: fact for fact in facts}
    pending: dict[int, list[Fact]] = defaultdict(list)
    retracted: list[Fact] = []
    for correction in reversed(corrections):
        if _settle(correction, pending.pop(correction.seq, [])):
            retracted.append(correction)
        elif isinstance(correction.event.corrects, int) and correction.event.corrects < correction.seq:
            pending[correction.event.corrects].insert(0, correction)
    for seq, standing in pending.items():
        target = by_seq.get(seq)
        if target is not None and _settle(target, standing):
            retracted.append(target)
    retracted.sort(key=lambda fact: fact.seq)
    return retracted


def _settle(target: Fact, standing: Sequence[Fact]) -> bool:
    """Applies what stands to one entry, in recording order; True when it is retracted."""
    if not standing:
        return False
    target.corrections = tuple(standing)
    changes: dict[str, Any] = {}
    for correction in standing:
        changes |= correction.event.changes or {}
    if changes:
        apply_changes(target, changes)
    return any(correction.event.retracted is not None for correction in standing)


def apply_changes(target: Fact, changes: dict[str, Any]) -> None:
    """Changes fields of a fact; pydantic's ValidationError where the result would not be one."""
    header = {name: value for name, value in changes.items() if name in HEADER_FIELDS}
    own = {name: value for name, value in changes.items() if name not in HEADER_FIELDS}
    if "occurred_at" in header:
        target.occurred_at = moment(str(header["occurred_at"]))
    if "by" in header:
        target.by = str(header["by"])
    if own:
        target.event = changed(target.event, own)


def changed(event: Event, changes: dict[str, Any]) -> Event:
    """The event with some fields changed, null taking one away, validated like a new one."""
    data = event.model_dump(mode="json", by_alias=True, exclude_none=True) | changes
    data = {name: value for name, value in data.items() if value is not None}
    return type(event).model_validate_json(json.dumps(data))


def _place(facts: Sequence[Fact], calendar: Calendar) -> None:
    """Gives each fact its effective time and order (DESIGN section 3, "Effective time")."""
    if any(is_day(fact.occurred_at) for fact in facts):
        latest: dict[str, str] = {}
        for fact in facts:  # recording order
            if is_day(fact.occurred_at):
                day = fact.occurred_at
                fact.at = latest.get(day) or calendar.start_of(day)
            else:
                day = calendar.day_of(fact.occurred_at)
                fact.at = fact.occurred_at
            if fact.at > latest.get(day, ""):
                latest[day] = fact.at
            fact.order = (fact.at, fact.position)
        return
    for fact in facts:
        fact.at = fact.occurred_at
        fact.order = (fact.at, fact.position)
