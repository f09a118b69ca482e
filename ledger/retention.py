"""Retention: until when a client's sealed texts are kept, and what stands in the way of erasing them.

Pure: it follows from the client's case and from two numbers that the practice sets (`retention_years`,
`retention_minor_years`). No default is law: they are what a guideline suggests where no law asks for more.
"""

from dataclasses import dataclass
from typing import Self

from ledger.case import Case
from ledger.errors import HeldError
from ledger.events.engagements import (
    EngagementClosed,
    EngagementOpened,
    EngagementPaused,
    EngagementResumed,
    ReassessmentHeld,
    SessionHeld,
)
from ledger.events.intakes import IntakeCompleted
from ledger.history import Fact
from ledger.policy import Policy
from ledger.rules.catalogue import DEFAULTS

SERVICE = (
    IntakeCompleted,
    EngagementOpened,
    EngagementPaused,
    EngagementResumed,
    SessionHeld,
    ReassessmentHeld,
    EngagementClosed,
)
"""The acts of service: the last of them is where the years begin."""

_LAST_YEAR = 9999


@dataclass(frozen=True, slots=True)
class Terms:
    """For how many years texts are kept: after the last service, and after a minor comes of age."""

    years: int
    minor_years: int

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """What a policy says; where it says nothing, the defaults."""

        def number(name: str) -> int:
            return int(policy.parameters.get(name, DEFAULTS[name]))  # type: ignore[arg-type]

        return cls(number("retention_years"), number("retention_minor_years"))


@dataclass(frozen=True, slots=True)
class Kept:
    """What retention rests on, of one client: days as the practice's calendar has them.

    `last` is the last act of service, or, where there was none, the first entry; `running` the engagements that are
    open, paused ones among them; `sealed` whether anything sealed was recorded since the last erasure.
    """

    client: str
    last: Fact | None
    last_day: str | None
    running: tuple[str, ...]
    minor_until: str | None
    holds: int
    erased: Fact | None
    sealed: bool

    def due(self, terms: Terms) -> str | None:
        """The day from which on the texts need not be kept; None while a service is open."""
        return due_day(self.last_day, self.minor_until, terms) if not self.running else None

    def why_not(self, terms: Terms, today: str) -> str | None:
        """Why the day has not come, in words; None where it has."""
        if self.running:
            return f"{', '.join(self.running)} is not closed: the years begin when the last service is over"
        due = self.due(terms)
        if due is None or due <= today:
            return None
        of_age = f" and {terms.minor_years} after {self.minor_until}" if self.minor_until is not None else ""
        return (
            f"sealed texts are kept until {due}, by the practice's policy ({terms.years} years after the last service "
            f"on {self.last_day}{of_age})"
        )

    def refuse_held(self) -> None:
        """HeldError where a legal hold stands."""
        if self.holds:
            raise HeldError(self.client, self.holds)


def kept(case: Case) -> Kept:
    """What a client's case says of retention."""
    calendar = case.practice.calendar
    served = [fact for fact in case.facts if isinstance(fact.event, SERVICE)]
    last = max(served, key=lambda fact: fact.order) if served else next(iter(case.facts), None)
    erased = max(case.keys_destroyed, key=lambda fact: fact.seq, default=None)
    after = erased.seq if erased is not None else 0
    return Kept(
        client=case.client,
        last=last,
        last_day=calendar.day_of(last.at) if last is not None else None,
        running=tuple(one.id for one in case.engagements.values() if one.closed is None),
        minor_until=case.registered.event.minor_until if case.registered is not None else None,
        holds=case.holds_in_force,
        erased=erased,
        sealed=any(fact.seq > after and _sealed(fact) for fact in case.facts),
    )


def _sealed(fact: Fact) -> bool:
    return any(getattr(fact.event, name) is not None for name in type(fact.event).SEALED)


def due_day(last_day: str | None, minor_until: str | None, terms: Terms) -> str | None:
    """The later of the two days on which the years are over; None where there is nothing to count from."""
    days = [years_later(last_day, terms.years)] if last_day is not None else []
    if minor_until is not None:
        days.append(years_later(minor_until, terms.minor_years))
    return max(days, default=None)


def years_later(day: str, years: int) -> str:
    """The same day some years later; after 29 February, where there is none, 1 March."""
    year = min(int(day[:4]) + years, _LAST_YEAR)
    if day[4:] == "-02-29" and not _is_leap(year):
        return f"{year:04}-03-01"
    return f"{year:04}{day[4:]}"


def latest_over(day: str, years: int) -> str:
    """The latest day for which `years_later` is not after a day, as text that compares with days (29 February too)."""
    return f"{max(int(day[:4]) - years, 0):04}{day[4:]}"


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
