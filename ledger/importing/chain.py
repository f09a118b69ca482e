"""The end of the log while an import writes to it: each stream's head, and entries sealed onto it.

Heads are held for the streams at hand only and read again from the open transaction when needed, so that memory
does not grow with the ledger.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from ledger.admission import service_of
from ledger.application import Decoded, Ledger
from ledger.entry import Entry
from ledger.events.base import Event
from ledger.events.corrections import EntryCorrected
from ledger.events.engagements import EngagementOpened
from ledger.sealer import Head, Sealed, head_of
from ledger.statement import Statement
from ledger.storage.log import Writer
from ledger.storage.rows import SourceRow
from ledger.values import Admission, Domain

_HEADS_HELD = 50_000

Learn = Callable[[Iterable[tuple[Event, str]]], None]
"""Told the events of a stream that was there before, with the stream."""


class Chain:
    """Seals statements onto the streams of one open transaction and appends them to it."""

    def __init__(self, ledger: Ledger, writer: Writer, recorded_at: str, learn: Learn) -> None:
        self.writer = writer
        self.rows = Decoded(writer, ledger.entry_mapper)
        self.first_position = writer.last_position() + 1
        self.services: dict[tuple[str, str], str] = {}
        """By client and engagement, also of those that a file opens further down."""
        self._sealer = ledger.sealer
        self._recorded_at = recorded_at
        self._learn = learn
        self._heads: dict[str, Head] = {}

    def head(self, stream: str) -> Head:
        """A stream's head, with what is sealed but not appended yet."""
        head = self._heads.get(stream)
        if head is None:
            head = self._heads[stream] = head_of(self.writer.head(stream))
            if head[0]:
                self._look_back(stream)
        return head

    def before(self, stream: str) -> list[Event]:
        """The events that a stream held before the import."""
        return [entry.event for _, entry in self.rows.stream(stream, self.first_position - 1)]

    def seal(
        self, one: Statement, stream: str, admitted: Admission, corrected: Entry[Any] | None = None
    ) -> Sealed:
        """The next entry of a stream; `corrected` is the one that a correction names."""
        event = one.event if corrected is None else corrected.event
        sealed = self._sealer.seal(
            one,
            stream,
            self._heads.get(stream) or self.head(stream),
            recorded_at=self._recorded_at,
            admitted=admitted,
            service=self._service(event) if _needs_service(one) else None,
            corrected=None if corrected is None else type(event),
        )
        self._heads[stream] = (sealed.row[1], sealed.leaf)
        return sealed

    def append(self, sealed: Sequence[Sealed], sources: Sequence[SourceRow]) -> None:
        """Appends what was sealed, all of it and in that order."""
        self.writer.append(
            [one.row for one in sealed],
            recorded_at=self._recorded_at,
            disclosures=[row for one in sealed for row in one.disclosures],
            sources=sources,
        )
        if len(self._heads) > _HEADS_HELD:
            self._heads.clear()

    def _service(self, event: Event) -> Domain | None:
        engagement = getattr(event, "engagement", None)
        found = self.services.get((getattr(event, "client", ""), engagement)) if engagement else None
        return Domain(found) if found in ("therapy", "coaching") else service_of(event, None)

    def _look_back(self, stream: str) -> None:
        events = self.before(stream)
        self._learn((event, stream) for event in events)
        for event in events:
            if isinstance(event, EngagementOpened):
                self.services[event.client, event.engagement] = event.service.value


def _needs_service(one: Statement) -> bool:
    """Whether a text of it is sealed in the domain of the service it belongs to."""
    fields = one.fields
    return any(field in fields for field in _of_service(type(one.event)))


@cache
def _of_service(event_type: type[Event]) -> tuple[str, ...]:
    """The sealed fields that have no domain of their own; in a correction any field may be such a one."""
    if event_type is EntryCorrected:
        return tuple(event_type.FACTS)
    return tuple(
        name
        for name, facts in event_type.FACTS.items()
        if facts.sealed is not None and facts.sealed.domain is None
    )
