"""The mapper validates what it reads, and raises old versions to the present one."""

import json
from typing import Any, ClassVar

import pytest
import rfc8785
from eventsourcing.persistence import StoredEvent

from ledger.errors import StoredFormError
from ledger.events.base import Event, StreamFamily
from ledger.events.registry import BY_TOPIC
from ledger.storage.mapper import EntryMapper
from ledger.values import Id, Line

HEADER: dict[str, Any] = {
    "admitted": "enforced",
    "at": "2026-03-02T20:00:00.000000Z",
    "by": "frontdesk",
    "data": {"client": "C-1", "jurisdiction": "US-NC"},
    "occurred_at": "2026-03-02",
    "prev": "0" * 64,
    "schema": 1,
    "seq": 4,
    "stream": "client/C-1",
    "type": "ClientRelocated",
    "via": "test",
}


def stored(**changes: Any) -> bytes:
    return rfc8785.dumps(HEADER | changes)


def decode(state: bytes, stream: str = "client/C-1", seq: int = 4, topic: str = "ClientRelocated") -> Any:
    return EntryMapper().decode(stream, seq, topic, state)


def test_an_entry_reads_and_writes_the_same_bytes() -> None:
    mapper = EntryMapper()
    event = StoredEvent("client/C-1", 4, "ClientRelocated", stored())

    entry = mapper.to_domain_event(event)

    assert (entry.originator_id, entry.originator_version) == ("client/C-1", 4)
    assert mapper.to_stored_event(entry) == event


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (stored(seq=5), "entry 5"),
        (stored(stream="client/C-2"), "client/C-2"),
        (stored(type="ClientRegistered"), "ClientRegistered"),
        (stored(extra=1), "extra"),
        (stored(at="2026-03-02"), "at"),
        (stored(prev="0" * 63), "prev"),
        (stored(admitted="maybe"), "admitted"),
        (stored(schema=2), "schema 1"),
        (stored(schema=0), "expected schema 1 of ClientRelocated, came 0"),
        (stored(data={"client": "C-1"}), "jurisdiction"),
        (stored(data={"client": "C-1", "jurisdiction": "US-NC", "more": 1}), "more"),
        (b"{}", "schema"),
        (b"[]", "list"),
        (b"\xff", "UTF-8"),
        (stored()[:-1], "JSON"),
    ],
)
def test_bytes_that_do_not_say_what_their_columns_say_are_told(state: bytes, why: str) -> None:
    with pytest.raises(StoredFormError, match=why):
        decode(state)


def test_an_unknown_type_is_told() -> None:
    with pytest.raises(StoredFormError, match="unknown to this program version"):
        decode(stored(type="Nonsense"), topic="Nonsense")


class Moved(Event):
    """A type whose third version this is."""

    TOPIC: ClassVar[str] = "Moved"
    STREAM: ClassVar[StreamFamily] = StreamFamily.CLIENT
    VERSION: ClassVar[int] = 3

    client: Id
    place: Line
    country: Line


UPCASTS = {
    ("Moved", 1): lambda data: {"client": data["client"], "place": data["town"]},
    ("Moved", 2): lambda data: {**data, "country": "unknown"},
}


@pytest.mark.parametrize(
    ("version", "data", "expected"),
    [
        (1, {"client": "C-1", "town": "Durham"}, ("Durham", "unknown")),
        (2, {"client": "C-1", "place": "Durham"}, ("Durham", "unknown")),
        (3, {"client": "C-1", "place": "Durham", "country": "US"}, ("Durham", "US")),
    ],
)
def test_older_versions_are_raised_step_by_step(
    version: int, data: dict[str, str], expected: tuple[str, str]
) -> None:
    mapper = EntryMapper(BY_TOPIC | {"Moved": Moved}, UPCASTS)
    entry = mapper.decode("client/C-1", 4, "Moved", stored(type="Moved", schema=version, data=data))
    assert (entry.event.place, entry.event.country) == expected


def test_a_version_from_the_future_is_refused() -> None:
    mapper = EntryMapper(BY_TOPIC | {"Moved": Moved}, UPCASTS)
    data = {"client": "C-1", "place": "Durham", "country": "US"}
    with pytest.raises(StoredFormError, match="expected schema 3 of Moved, came 4"):
        mapper.decode("client/C-1", 4, "Moved", stored(type="Moved", schema=4, data=data))


def test_the_header_is_read_as_json_that_rfc_8785_would_write() -> None:
    entry = decode(stored())
    assert rfc8785.dumps(entry.header()) == stored()
    assert json.loads(stored()) == entry.header()
