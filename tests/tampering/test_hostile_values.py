"""Values that no program would store: each is reported, and none makes `verify` end in anything but a report."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.verification.verification import Question, verify
from tests import desk
from tests.tampering.hand import Hand
from tests.tampering.practice import Practice

NUMBERS = "9" * 5000
LARGEST = 2**63 - 1
STATES = {
    "nested deeply": b'{"a":' + b"[" * 200_000,
    "nested deeply and closed": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a lone surrogate": b'{"a":"\\ud800"}',
    "a long number": b'{"seq":' + NUMBERS.encode() + b"}",
    "no text": b"\xff\xfe",
    "no object": b"[]",
    "no number": b"NaN",
    "beyond all numbers": b"1e999",
}
SAYING: dict[str, tuple[str, dict[str, Any]]] = {
    "a seal of other types": ("StreamIndexCommitted", {"covers": "x", "map_root": 5}),
    "a seal of digests": ("StreamIndexCommitted", {"covers": [1], "map_root": [{"...": "x"}]}),
    "a seal of truths": ("StreamIndexCommitted", {"covers": True, "map_root": True}),
    "a seal of nothing": ("StreamIndexCommitted", {}),
    "a restore of other types": ("LogRestored", {"last_size": "a", "last_root": 1}),
    "a restore of truths": ("LogRestored", {"last_size": True, "last_root": None}),
    "a key that is a list": ("SigningKeyChanged", {"verifier": ["x"]}),
    "a key that is an object": ("SigningKeyChanged", {"verifier": {"a": 1}}),
}
COLUMNS = (
    ("stored_events", f"position = {LARGEST}", "position = 1579"),
    ("stored_events", "position = -7", "position = 1579"),
    ("stored_events", f"originator_version = {LARGEST}", "position = 1579"),
    ("stored_events", "originator_version = 'x'", "position = 1579"),
    ("stored_events", "originator_id = x'ff00'", "position = 1579"),
    ("stored_events", "originator_id = CAST(x'ff00' AS TEXT)", "position = 1579"),
    ("stored_events", "topic = CAST(x'ff00' AS TEXT)", "position = 1579"),
    ("checkpoints", f"size = {LARGEST}", "size = 2"),
    ("checkpoints", "size = -1", "size = 2"),
    ("checkpoints", "size = 'x'", "size = 2"),
    ("checkpoints", "note = x'ff'", "size = 2"),
    ("checkpoints", "note = CAST(x'ff0a0a' AS TEXT)", "size = 2"),
    ("anchors", "size = 'x'", "number = 1"),
    ("anchors", "body = x''", "number = 3"),
    ("anchors", "kind = 'timestamp'", "number = 1"),
    ("seals", "top = 'x'", "1"),
    ("seals", f"top = {LARGEST}", "1"),
    ("map_nodes", "left = number", "left IS NOT NULL"),
    ("map_nodes", "bit = 999", "bit IS NOT NULL"),
    ("map_nodes", "hash = 'a'", "1"),
    ("tree", "hash = zeroblob(10000000)", "number = 5"),
    ("tree", f"number = {LARGEST}", "number = 5"),
    ("stream_heads", "frontier = x'00'", "stream = 'ledger'"),
    ("stream_heads", f"count = {LARGEST}", "stream = 'ledger'"),
    ("disclosures", "key_id = '9999999999999999999'", "seq = 1"),
    ("disclosures", "key_id = x'ff'", "seq = 1"),
    ("disclosures", "ciphertext = x''", "seq = 1"),
    ("disclosures", "seq = -1", "seq = 1 AND field = 'name'"),
    ("disclosures", "field = CAST(x'ff' AS TEXT)", "seq = 1 AND field = 'name'"),
    ("sources", "checksum = 'x'", "source = 'desk-1'"),
    ("sources", "source = CAST(x'ff' AS TEXT)", "source = 'desk-1'"),
    ("meta", "value = ''", "1"),
    ("sqlite_sequence", "seq = 'x'", "1"),
    ("sqlite_sequence", "seq = NULL", "1"),
)
TABLES = (
    "disclosures",
    "sources",
    "tree",
    "stream_heads",
    "map_nodes",
    "seals",
    "checkpoints",
    "anchors",
    "meta",
)


@pytest.fixture
def hand(practice: Practice, tmp_path: Path) -> Hand:
    """A hand on a fresh copy."""
    return Hand(practice, practice.copied(tmp_path / "practice"))


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_stored_bytes_that_are_no_entry(hand: Hand, state: bytes) -> None:
    for position in (hand.practice.end, 1):
        hand.run("UPDATE stored_events SET state = ? WHERE position = ?", state, position)

        assert {fault.position for fault in _faults(hand, "stored_events")} >= {hand.practice.end}


@pytest.mark.parametrize(("topic", "data"), SAYING.values(), ids=SAYING)
def test_what_the_log_says_of_itself_is_of_any_type(hand: Hand, topic: str, data: dict[str, Any]) -> None:
    at = hand.practice.seals[1]
    ((state,),) = hand.ask("SELECT state FROM stored_events WHERE position = ?", at)
    header = json.loads(state) | {"type": topic, "data": data}
    written = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    hand.run("UPDATE stored_events SET topic = ?, state = ? WHERE position = ?", topic, written, at)

    assert at in {fault.position for fault in _faults(hand, "stored_events")}


@pytest.mark.parametrize(("table", "change", "where"), COLUMNS, ids=lambda value: str(value)[:40])
def test_a_column_of_another_type_or_size(hand: Hand, table: str, change: str, where: str) -> None:
    hand.run(f"UPDATE {table} SET {change} WHERE {where}")

    assert _faults(hand, table)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_dropped_or_emptied(hand: Hand, table: str, tmp_path: Path) -> None:
    hand.run(f"DELETE FROM {table}")
    named = "seals" if table == "map_nodes" else table  # a seal names its map
    if table not in {"anchors", "checkpoints"}:  # what is copied elsewhere, or covered by the signer's mark
        assert _faults(hand, named)

    dropped = Hand(hand.practice, hand.practice.copied(tmp_path / "dropped"))
    dropped.shell(f"DELETE FROM {table};\nDROP TABLE {table};", triggers_of=table)
    assert _faults(dropped, table)


def _faults(hand: Hand, table: str) -> list[Any]:
    return [fault for fault in verify(desk.places(hand.folder), Question()).faults if fault.table == table]
