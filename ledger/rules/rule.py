"""What a rule is: id, title, kind, why, sources, examples and a check. DESIGN section 4.

A check looks at one entry (the one the rule is judged on) and says what it finds: a requirement shown, with the
entries that show it, or a finding. A rule of kind obligation says instead what is due, and when it was met.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from ledger.case import Agreement, Case
from ledger.changes import ServiceChange, service_change
from ledger.events.base import Event
from ledger.history import Fact, Order
from ledger.policy import Parameter, Policies, Value
from ledger.practice import Practice
from ledger.values import Calendar


class Kind(StrEnum):
    """What a finding of a rule means."""

    GATE = "gate"
    VIOLATION = "violation"
    WARNING = "warning"
    ADVICE = "advice"
    OBLIGATION = "obligation"


SERIOUS = (Kind.GATE, Kind.VIOLATION)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a check says of the entry: `kind` None means the requirement is shown by `entries`."""

    kind: Kind | None
    message: str
    entries: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Something due: `met_on` is the day it was done, shown by `met_by`; None as long as it is not."""

    cause: Fact
    due: str
    message: str
    engagement: str | None = None
    practitioner: str | None = None
    met_on: str | None = None
    met_by: tuple[Fact, ...] = ()
    since: Order | None = None
    """The moment whose policy applies, where it is not the cause's own."""


@dataclass(slots=True)
class View:
    """What a check may look at: one client's finished case, the practice, and the policy in force."""

    case: Case
    practice: Practice
    policies: Policies
    defaults: dict[str, Value]
    as_of: str
    today: str
    rulings: dict[int, list[tuple["Rule", Ruling]]]
    """What the rules said of each act so far, by its seq."""
    _changes: dict[int, ServiceChange | None] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        """The practice's calendar."""
        return self.practice.calendar

    def day(self, fact: Fact) -> str:
        """The practice's day on which something happened."""
        return self.practice.calendar.day_of(fact.at)

    def change(self, act: Fact) -> ServiceChange | None:
        """The service change that an opening or resumption is, looked up once per act."""
        if act.seq not in self._changes:
            self._changes[act.seq] = service_change(self.case, act)
        return self._changes[act.seq]

    def intake_of(self, act: Fact) -> Fact | None:
        """The intake an act names, if it was completed not after the act."""
        intake = self.case.intake.get(act.event.intake or "")
        return intake if intake is not None and intake.at <= act.at else None

    def agreement_of(self, act: Fact) -> Agreement | None:
        """The agreement an act names, if it was issued not after the act."""
        agreement = self.case.agreements.get(act.event.agreement or "")
        return agreement if agreement is not None and agreement.issued.at <= act.at else None

    def parameter(self, name: str, order: Order) -> Value:
        """A parameter's value under the policy in force at a moment."""
        return self.policies.at(order).parameters.get(name, self.defaults[name])

    def number(self, name: str, order: Order) -> int:
        """A number set by policy."""
        return int(self.parameter(name, order))  # type: ignore[arg-type]

    def codes(self, name: str, order: Order) -> tuple[str, ...]:
        """A list of codes set by policy."""
        value = self.parameter(name, order)
        return value if isinstance(value, tuple) else ()


Check: TypeAlias = Callable[[Fact, View], Iterable[Ruling]]
WhatIsDue: TypeAlias = Callable[[View], Iterable[Due]]


@dataclass(frozen=True, slots=True)
class Example:
    """A short history in the notation of `ledger.rules.story`, and what it tells."""

    tells: str
    story: str


def _no_check(_fact: Fact, _view: View) -> Iterable[Ruling]:
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `judges` are the event types it is judged on; `adopted` rules apply only once adopted."""

    id: str
    title: str
    kind: Kind
    why: str
    sources: tuple[str, ...]
    judges: tuple[type[Event], ...] = ()
    check: Check = _no_check
    due: WhatIsDue | None = None
    adopted: bool = False
    parameters: tuple[Parameter, ...] = ()
    exceptions: str = ""
    pending: bool = False
    late: Kind = Kind.WARNING
    judges_unfit: bool = False
    allowed: tuple[Example, ...] = ()
    denied: tuple[Example, ...] = ()

    @property
    def family(self) -> str:
        """The letters of its id."""
        return self.id.partition("-")[0]


def shown(message: str, *entries: Fact | None) -> Ruling:
    """The requirement is shown by these entries."""
    return Ruling(None, message, tuple(entry for entry in entries if entry is not None))


def broken(kind: Kind, message: str, *entries: Fact | None) -> Ruling:
    """A finding of a kind, resting on these entries beside the one judged."""
    return Ruling(kind, message, tuple(entry for entry in entries if entry is not None))
