"""Which ids are recorded, and which are only referred to: a reference to nothing is bad input.

Ids of practitioners and templates are the practice's; licences are a practitioner's; all others a client's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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


def assigned(event: Event, stream: str) -> tuple[Name, bool] | None:
    """The name an event gives, and whether it may be given again."""
    for facts in type(event).FACTS.values():
        if facts.assigns is not None:
            value = getattr(event, facts.name)
            scope = "" if facts.assigns.thing in _PRACTICE_WIDE else stream
            return Name(scope, facts.assigns.thing, value), facts.assigns.renewable
    return None


def referred(event: Event, stream: str) -> Iterator[Name]:
    """The names an event refers to."""
    for facts in type(event).FACTS.values():
        if facts.refers_to is not None:
            value = getattr(event, facts.name)
            if value is not None:
                scope = "" if facts.refers_to.thing in _PRACTICE_WIDE else stream
                yield Name(scope, facts.refers_to.thing, value)


@dataclass(slots=True)
class Names:
    """The names known so far."""

    known: set[Name] = field(default_factory=set)

    def learn(self, events: Iterable[tuple[Event, str]]) -> None:
        """Takes in recorded events with their streams."""
        for event, stream in events:
            given = assigned(event, stream)
            if given is not None:
                self.known.add(given[0])

    def check(self, event: Event, stream: str, also: Iterable[Name] = ()) -> None:
        """DuplicateIdError or ReferenceNotRecordedError if an event's names do not fit; `also` are known too."""
        given = assigned(event, stream)
        if given is not None and not given[1] and given[0] in self.known:
            raise DuplicateIdError(given[0].thing, given[0].id, given[0].where)
        self.check_references(event, stream, also)

    def check_references(self, event: Event, stream: str, also: Iterable[Name] = ()) -> None:
        """ReferenceNotRecordedError if an event refers to what neither is known nor stands in `also`."""
        beside = set(also)
        for name in referred(event, stream):
            if name not in self.known and name not in beside:
                raise ReferenceNotRecordedError(name.thing, name.id, name.where)

    def next_id(self, stream: str, thing: str, prefix: str) -> str:
        """The next free short id of a thing in a scope: E1, E2..."""
        taken = {name.id for name in self.known if name.scope == stream and name.thing == thing}
        number = len(taken) + 1
        while f"{prefix}{number}" in taken:
            number += 1
        return f"{prefix}{number}"
