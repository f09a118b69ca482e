"""Which ids are recorded, and which are only referred to: a reference to nothing is bad input.

Ids of practitioners and templates are the practice's; licences are a practitioner's; all others a client's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from ledger.errors import DuplicateIdError, ReferenceNotRecordedError
from ledger.events.base import Event

_PRACTICE_WIDE = ("client", "practitioner", "template")


class Name(NamedTuple):
    """A thing's id in its scope ("" for the practice, else `client/C-1` or `practitioner/P-1`)."""

    scope: str
    thing: str
    id: str

    @property
    def where(self) -> str:
        """The scope in words, for messages."""
        return self.scope.replace("/", " ") or "this ledger"


@dataclass(frozen=True, slots=True)
class Naming:
    """Which fields of an event type give and use names; a None scope stands for the event's own stream."""

    gives: tuple[str, str | None, str, bool] | None
    uses: tuple[tuple[str, str | None, str], ...]


@cache
def naming_of(event_type: type[Event]) -> Naming:
    """What its declaration says of names."""

    def scope(thing: str) -> str | None:
        return "" if thing in _PRACTICE_WIDE else None

    facts = event_type.FACTS.values()
    gives = [
        (one.name, scope(one.assigns.thing), one.assigns.thing, one.assigns.renewable)
        for one in facts
        if one.assigns is not None
    ]
    uses = [
        (one.name, scope(one.refers_to.thing), one.refers_to.thing)
        for one in facts
        if one.refers_to is not None
    ]
    return Naming(gives[0] if gives else None, tuple(uses))


def assigned(event: Event, stream: str) -> tuple[Name, bool] | None:
    """The name an event gives, and whether it may be given again."""
    gives = naming_of(type(event)).gives
    if gives is None:
        return None
    field_name, scope, thing, renewable = gives
    return Name(stream if scope is None else scope, thing, getattr(event, field_name)), renewable


def referred(event: Event, stream: str) -> Iterator[Name]:
    """The names an event refers to."""
    for field_name, scope, thing in naming_of(type(event)).uses:
        value = getattr(event, field_name)
        if value is not None:
            yield Name(stream if scope is None else scope, thing, value)


@dataclass(slots=True)
class Names:
    """The names known so far; `beside` are others' that are known too and stay as they are."""

    known: set[Name] = field(default_factory=set)
    beside: "Names | None" = None

    def __contains__(self, name: Name) -> bool:
        return name in self.known or (self.beside is not None and name in self.beside)

    def __iter__(self) -> Iterator[Name]:
        yield from self.known
        if self.beside is not None:
            yield from self.beside

    def learn(self, events: Iterable[tuple[Event, str]]) -> None:
        """Takes in recorded events with their streams."""
        for event, stream in events:
            given = assigned(event, stream)
            if given is not None:
                self.known.add(given[0])

    def check(self, event: Event, stream: str, also: Iterable[Name] = ()) -> None:
        """DuplicateIdError or ReferenceNotRecordedError if an event's names do not fit; `also` are known too."""
        given = assigned(event, stream)
        if given is not None and not given[1] and given[0] in self:
            raise DuplicateIdError(given[0].thing, given[0].id, given[0].where)
        self.check_references(event, stream, also)

    def check_references(self, event: Event, stream: str, also: Iterable[Name] = ()) -> None:
        """ReferenceNotRecordedError if an event refers to what neither is known nor stands in `also`."""
        others = set(also)
        for name in referred(event, stream):
            if name not in self and name not in others:
                raise ReferenceNotRecordedError(name.thing, name.id, name.where)

    def next_id(self, stream: str, thing: str, prefix: str) -> str:
        """The next free short id of a thing in a scope: E1, E2..."""
        taken = {name.id for name in self if name.scope == stream and name.thing == thing}
        number = len(taken) + 1
        while f"{prefix}{number}" in taken:
            number += 1
        return f"{prefix}{number}"
