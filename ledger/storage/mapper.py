"""Entries to stored bytes and back: validating, upcasting, one decoder cached per topic."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from pydantic import ValidationError

from ledger.entry import Entry
from ledger.errors import InputError, StoredFormError
from ledger.events.base import Event
from ledger.events.registry import BY_TOPIC
from ledger.integrity.canonical import dumps, loads

Upcast: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTS: dict[tuple[str, int], Upcast] = {}
"""(topic, version) to the function that turns `data` of that version into the next one's."""


class EntryMapper(Mapper[str]):
    """eventsourcing's mapper for entries: canonical header bytes out, validated entries in."""

    def __init__(
        self,
        registry: dict[str, type[Event]] | None = None,
        upcasts: dict[tuple[str, int], Upcast] | None = None,
    ) -> None:
        super().__init__(transcoder=JSONTranscoder())
        self._registry = BY_TOPIC if registry is None else registry
        self._upcasts = UPCASTS if upcasts is None else upcasts
        self._versions: dict[str, int] = {}
        self._decoders: dict[str, Callable[[bytes], Entry[Any]]] = {}

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The stored event of an entry; its state is the header's canonical JSON (RFC 8785)."""
        return StoredEvent(
            originator_id=domain_event.stream,
            originator_version=domain_event.seq,
            topic=domain_event.type,
            state=dumps(domain_event.header()),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The entry of a stored event. StoredFormError where the bytes do not say what their columns say."""
        return self.decode(
            str(stored_event.originator_id),
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
        )

    def decode(self, stream: str, seq: int, topic: str, state: bytes) -> Entry[Any]:
        """The entry in `state`, checked against the columns it is stored under."""
        try:
            entry = (self._decoders.get(topic) or self._decoder(topic))(state)
        except (ValidationError, KeyError):
            entry = self._decode_slowly(stream, seq, topic, state)
        if entry.schema_version != self._versions[topic]:
            entry = self._decode_slowly(stream, seq, topic, state)
        if entry.seq != seq or entry.stream != stream or entry.type != topic:
            raise StoredFormError(
                stream, seq, f"its header says entry {entry.seq} of {entry.stream}, {entry.type}"
            )
        return entry

    def _decoder(self, topic: str) -> Callable[[bytes], Entry[Any]]:
        event_type = self._registry[topic]
        model = Entry[event_type]  # type: ignore[valid-type]
        model.model_rebuild()
        decoder: Callable[[bytes], Entry[Any]] = model.__pydantic_validator__.validate_json
        self._decoders[topic] = decoder
        self._versions[topic] = event_type.VERSION
        return decoder

    def _decode_slowly(self, stream: str, seq: int, topic: str, state: bytes) -> Entry[Any]:
        """Older versions are raised step by step; what then fails says why."""
        event_type = self._registry.get(topic)
        if event_type is None:
            raise StoredFormError(stream, seq, f"its type {topic[:64]!r} is unknown to this program version")
        try:
            header = loads(state)
            version = header.get("schema")
            while (topic, version) in self._upcasts:
                header["data"] = self._upcasts[topic, version](header["data"])
                version = header["schema"] = version + 1
            if version != event_type.VERSION:
                raise StoredFormError(
                    stream, seq, f"expected schema {event_type.VERSION} of {topic}, came {version}"
                )
            return Entry[event_type].model_validate_json(json.dumps(header))  # type: ignore[valid-type]
        except (InputError, ValueError, KeyError, AttributeError, TypeError) as wrong:
            raise StoredFormError(stream, seq, " ".join(str(wrong).split())[:300]) from wrong
