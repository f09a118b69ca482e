"""Stored payloads of every version ever written must replay for ever. Nothing in this repository rewrites one."""

import json
from pathlib import Path

import pytest

from ledger.entry import Entry
from ledger.events.registry import EVENT_TYPES
from ledger.storage.mapper import EntryMapper

GOLDEN = Path(__file__).parent / "golden"
PAYLOADS = [
    pytest.param(path, line, id=f"{path.stem}-{number}")
    for path in sorted(GOLDEN.glob("*.ndjson"))
    for number, line in enumerate(path.read_bytes().splitlines())
]


@pytest.mark.parametrize(("path", "state"), PAYLOADS)
def test_a_golden_payload_still_reads(path: Path, state: bytes) -> None:
    header = json.loads(state)
    entry = EntryMapper().decode(header["stream"], header["seq"], header["type"], state)

    assert isinstance(entry, Entry)
    assert path.name == f"{entry.type}.v{header['schema']}.ndjson"
    for name, value in header["data"].items():
        came = json.loads(entry.event.model_dump_json(by_alias=True))[name]
        assert came == value


@pytest.mark.parametrize(("path", "state"), PAYLOADS)
def test_a_golden_payload_of_the_current_version_is_written_the_same(path: Path, state: bytes) -> None:
    header = json.loads(state)
    mapper = EntryMapper()
    entry = mapper.decode(header["stream"], header["seq"], header["type"], state)

    if header["schema"] == type(entry.event).VERSION:
        assert mapper.to_stored_event(entry).state == state, path.name


def test_every_version_of_every_event_type_has_golden_payloads() -> None:
    expected = {
        f"{event_type.TOPIC}.v{version}.ndjson"
        for event_type in EVENT_TYPES
        for version in range(1, event_type.VERSION + 1)
    }
    assert {path.name for path in GOLDEN.iterdir()} == expected
