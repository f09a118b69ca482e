"""What can be known is filled in, so that recording is short (DESIGN section 8).

Only what follows from the record: the one engagement that fits, the latest unused intake, the next free id. Where
several things fit the person is asked which; nothing is guessed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ledger.case import Case, Engagement
from ledger.errors import ChoiceNeededError, MissingFieldsError
from ledger.events.base import Event, FieldFacts, field_docs
from ledger.history import Order
from ledger.practice import Practice
from ledger.recording.names import Names
from ledger.recording.wording import wording

_AFTER_ALL = 2**63


@dataclass(frozen=True, slots=True)
class Found:
    """A value that follows from the record, and why."""

    value: Any
    why: str


SEALED = "(sealed)"
"""What is shown in place of a sealed field's value where nobody asked to see it."""


def discreet(event_type: type[Event], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they may be shown to whoever reads along: of a sealed one only that there is a value."""
    sealed = {"changes", *event_type.SEALED}  # a correction's may hold the sealed texts of another type
    return {name: SEALED if name in sealed and value else value for name, value in fields.items()}


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing fits, and why."""

    why: str


@dataclass(slots=True)
class Known:
    """What is known when something is recorded: the practice and the client's case at that moment, ids in use.

    `read` gives the text behind a sealed value of the client's stream, or None where it cannot be read.
    `fresh_client` gives an unused client id.
    """

    practice: Practice
    names: Names
    stream: str
    at: str
    case: Case | None = None
    read: Callable[[Any], str | None] = lambda _sealed: None
    fresh_client: Callable[[], str] = lambda: ""

    @property
    def order(self) -> Order:
        """After everything known."""
        return (self.at, _AFTER_ALL)

    @property
    def day(self) -> str:
        """The practice's day."""
        return self.practice.calendar.day_of(self.at)

    def engagements(self, *states: str) -> list[Engagement]:
        """The client's engagements in one of these states."""
        if self.case is None:
            return []
        return [one for one in self.case.engagements.values() if one.state_at(self.order) in states]

    def internal(self) -> list[str]:
        """The practice's own practitioners."""
        return [
            one.practitioner
            for one in self.practice.practitioners.values()
            if one.internal(self.order) and not _left(one.particulars, self.day)
        ]

    def next_id(self, facts: FieldFacts) -> str | None:
        """The next free id for a field that gives one, or None where people choose it."""
        if facts.assigns is None or not facts.assigns.prefix:
            return None
        return self.names.next_id(self.stream, facts.assigns.thing, facts.assigns.prefix)


def _left(particulars: list[Any], day: str) -> bool:
    left = [fact.event.left for fact in particulars if getattr(fact.event, "left", None) is not None]
    return bool(left) and left[-1] < day


Filler: TypeAlias = Callable[[Known, Mapping[str, Any]], Found | Nothing | None]
"""From what is known and the fields given so far: the value, why there is none, or None for nothing to say.

Raises ChoiceNeededError where several fit and one is required.
"""


def only(field: str, fitting: Sequence[tuple[str, str]], why: str, none: str) -> Found | Nothing:
    """The only one of some things (id, what it is). ChoiceNeededError where there are several."""
    if len(fitting) > 1:
        raise ChoiceNeededError(field, fitting)
    return Found(fitting[0][0], why) if fitting else Nothing(none)


@dataclass(slots=True)
class Filled:
    """An event's fields: as given and as filled in; `found` says what was filled in and why."""

    event_type: type[Event]
    fields: dict[str, Any]
    found: dict[str, Found] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """What was filled in, as it may be shown."""
        return discreet(self.event_type, {name: one.value for name, one in self.found.items()})

    def missing(self) -> Iterator[FieldFacts]:
        """The required fields that are still open."""
        for facts in self.event_type.FACTS.values():
            if facts.required and self.fields.get(facts.name) is None:
                yield facts

    def require(self) -> None:
        """MissingFieldsError with every required field that is still open."""
        docs = field_docs(self.event_type)
        missing = [
            (option_of(facts.name), self._words(facts, docs.get(facts.name, ""))) for facts in self.missing()
        ]
        if missing:
            raise MissingFieldsError(self.event_type.TOPIC, missing)

    def _words(self, facts: FieldFacts, doc: str) -> str:
        why, takes = self.lacking.get(facts.name), wording(facts)
        words = doc if takes.startswith(("an id", "text")) else f"{doc} Takes {takes}."
        return f"{words} ({why})" if why is not None else words


def option_of(name: str) -> str:
    """The option of a field; a hash is given as the file it is of."""
    return "--" + name.replace("_sha256", "_file").replace("_", "-")


def default_for(
    event_type: type[Event], name: str, known: Known, fields: Mapping[str, Any]
) -> Found | Nothing | None:
    """What a field may be filled with. ChoiceNeededError where several fit."""
    from ledger.filling.fillers import FILLERS

    facts = event_type.FACTS[name]
    own = FILLERS.get((event_type, name))
    if own is not None:
        return own(known, fields)
    free = known.next_id(facts)
    return Found(free, "the next free id") if free is not None else None


def fill(event_type: type[Event], given: Mapping[str, Any], known: Known) -> Filled:
    """The event's fields with everything filled in that can be known. ChoiceNeededError where several fit."""
    filled = Filled(event_type, {name: value for name, value in given.items() if value is not None})
    for name in event_type.FACTS:
        if name in filled.fields:
            continue
        match default_for(event_type, name, known, filled.fields):
            case Found() as found:
                filled.fields[name] = found.value
                filled.found[name] = found
            case Nothing(why):
                filled.lacking[name] = why
            case None:
                pass
    return filled
