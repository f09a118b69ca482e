"""Between which moments rows stay as they are, though no entry comes: the turns.

An entry may be dated later than now, and what is due may change with the day on which a licence ends. So the moments
are gathered at which anything recorded could begin to count; rows hold from the last of them to the next.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeAlias, get_args

from ledger.events.base import Event
from ledger.history import Fact, History
from ledger.practice import PractitionerFile
from ledger.values import EARLIEST, LATEST, Calendar, Day, later

ALWAYS = ""
"""Before every stamp."""
NEVER = "~"
"""After every stamp."""

Span: TypeAlias = tuple[str, str]
"""Since when rows hold, and from when on they do not: stamps, `ALWAYS`, `NEVER`."""

_DAY = get_args(Day)[1]
"""What marks a field as a calendar day."""


def span(turns: Iterable[str], as_of: str) -> Span:
    """The last turn not after a moment, and the first after it."""
    since, until = ALWAYS, NEVER
    for turn in turns:
        if turn <= as_of:
            since = max(since, turn)
        else:
            until = min(until, turn)
    return since, until


def turns_of_client(
    history: History, practitioners: Iterable[PractitionerFile], calendar: Calendar
) -> Iterator[str]:
    """The turns of a client who is with these practitioners, whose files hold what is not visible yet too."""
    yield from _turns(_facts(history), calendar)
    for file in practitioners:
        yield from _turns((*file.licences, *file.statuses, *file.particulars), calendar)


def turns_of_practice(histories: Sequence[History]) -> Iterator[str]:
    """The turns of the practice's own rows, which rest on no day."""
    return (fact.at for history in histories for fact in _facts(history))


def _facts(history: History) -> Iterator[Fact]:
    yield from history.facts
    yield from history.corrections
    yield from history.retracted


def _turns(facts: Iterable[Fact], calendar: Calendar) -> Iterator[str]:
    for fact in facts:
        yield fact.at
        event_type: type[Event] = type(fact.event)
        for name in day_fields(event_type):
            day = getattr(fact.event, name)
            if day is not None and EARLIEST <= day < LATEST:
                yield calendar.start_of(day)
                yield calendar.start_of(later(day, 1))


@cache
def day_fields(event_type: type[Event]) -> tuple[str, ...]:
    """The fields of an event that hold a calendar day in the clear."""
    return tuple(
        name
        for name, info in event_type.model_fields.items()
        if name not in event_type.SEALED and (_DAY in info.metadata or _holds_day(info.annotation))
    )


def _holds_day(annotation: Any) -> bool:
    return any(part is _DAY or _holds_day(part) for part in get_args(annotation))
