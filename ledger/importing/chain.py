"""The end of the log while an import writes to it: each stream's head, and entries sealed onto it.

Heads are held for the streams at hand only and read again from the open transaction when needed, so that memory
does not grow with the ledger.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from ledger.application import Ledger
from ledger.decoded import Decoded
from ledger.entry import Content, Entry
from ledger.events.base import Event
from ledger.events.engagements import EngagementOpened
from ledger.recording.admission import service_of
from ledger.recording.sealer import Head, Sealed, head_of
from ledger.storage.log import Writer
from ledger.storage.rows import SourceRow
from ledger.values import Admission, Domain

_HEADS_HELD = 50_000
_SERVICES = (Domain.THERAPY.value, Domain.COACHING.value)

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
        self,
        one: Content,
        stream: str,
        admitted: Admission,
        *,
        service: str | None = None,
        corrected: Entry[Any] | None = None,
    ) -> Sealed:
        """The next entry of a stream.

        `service` is a domain that the entry says itself, `corrected` the entry that a correction names.
        """
        sealed = self._sealer.seal(
            one,
            stream,
            self._heads.get(stream) or self.head(stream),
            recorded_at=self._recorded_at,
            admitted=admitted,
            service=self._service(one, service)
            if corrected is None
            else self._corrected_service(corrected.event),
            corrected=None if corrected is None else type(corrected.event),
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

    def _service(self, one: Content, own: str | None) -> Domain | None:
        """The domain of the service an entry belongs to, where a text of it is sealed in that."""
        fields = one.fields
        if not any(field in fields for field in _of_service(one.event_type)):
            return None
        found = self.services.get((fields.get("client", ""), fields.get("engagement", "")), own)
        return Domain(found) if found in _SERVICES else None

    def _corrected_service(self, event: Event) -> Domain | None:
        found = self.services.get((getattr(event, "client", ""), getattr(event, "engagement", "")))
        return Domain(found) if found in _SERVICES else service_of(event, None)

    def _look_back(self, stream: str) -> None:
        events = self.before(stream)
        self._learn((event, stream) for event in events)
        for event in events:
            if isinstance(event, EngagementOpened):
                self.services[event.client, event.engagement] = event.service.value


@cache
def _of_service(event_type: type[Event]) -> tuple[str, ...]:
    """The sealed fields that have no domain of their own."""
    return tuple(
        name
        for name, facts in event_type.FACTS.items()
        if facts.sealed is not None and facts.sealed.domain is None
    )
