"""Every kind of fault, made by hand in the database file, is reported at its place, and nothing beside it."""

from pathlib import Path

import pytest

from ledger.verification.faults import Kind
from tests.verification.edited import Change, change, checked, copied, found, make

Found = set[tuple[str, int | str | None, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make(folder)
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path / "copy")


def checkpoints(*sizes: int) -> Found:
    return {("checkpoints", size, "checkpoint-root") for size in sizes}


def altered(position: int, *, following: int | None = None, stream: str = "client/C-1") -> Found:
    """What follows from one entry's bytes being others than those recorded."""
    later = [size for size in (2, 9, 10, 11, 13, 14) if size >= position]
    changed: Found = {
        ("stored_events", position, "altered-entry"),
        ("stored_events", 14, "rolled-back"),
        ("stream_heads", stream, "stream-head"),
        *checkpoints(*later),
    }
    if following is not None:
        changed.add(("stored_events", following, "broken-chain"))
    if position < 11:
        changed.add(("stored_events", 11, "seal"))
    return changed


def state(position: int, old: str, new: str) -> str:
    return (
        f"UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), '{old}', '{new}') AS BLOB) "
        f"WHERE position = {position}"
    )


def text_of_6(place: str) -> str:
    return (
        f"INSERT INTO disclosures SELECT {place}, digest, key_id, ciphertext FROM disclosures WHERE seq = 6"
    )


UNREAD_14 = altered(14) - {("stream_heads", "client/C-1", "stream-head")}

TAMPERINGS: dict[str, tuple[Change | tuple[Change, ...], Found]] = {
    "an entry changed": (state(7, "therapy", "Therapy"), altered(7, following=8)),
    "the last entry changed": (state(14, "front-desk", "billing"), altered(14, stream="practice")),
    "an entry written with a blank": (
        state(14, '"data":{', '"data": {'),
        {*UNREAD_14, ("stored_events", 14, "bad-state")},
    ),
    "an entry with a key twice": (
        state(14, '"data":{', '"data":{"actor":"x",'),
        {*UNREAD_14, ("stored_events", 14, "bad-state")},
    ),
    "an entry that is no text": (
        "UPDATE stored_events SET state = CAST(x'ff' || state AS BLOB) WHERE position = 14",
        {*UNREAD_14, ("stored_events", 14, "bad-state")},
    ),
    "an entry removed": (
        "DELETE FROM stored_events WHERE position = 8",
        {
            ("stored_events", 8, "missing-entry"),
            ("stored_events", 9, "seq-gap"),
            ("stored_events", 11, "seal"),
            ("stored_events", 14, "rolled-back"),
            *checkpoints(9, 10, 11, 13, 14),
        },
    ),
    "the last entry removed": (
        "DELETE FROM stored_events WHERE position = 14",
        {
            ("stored_events", 13, "rolled-back"),
            ("stored_events", 14, "cut-off"),
            ("tree", 23, "tree-node-extra"),
            ("tree", 24, "tree-node-extra"),
            ("stream_heads", "practice", "stream-head"),
            ("checkpoints", 14, "checkpoint-beyond"),
        },
    ),
    "all after an entry removed, and what belongs to it": (
        (
            "DELETE FROM stored_events WHERE position > 12",
            "DELETE FROM tree WHERE number >= 22",
            "DELETE FROM disclosures WHERE seq = 7",
            "DELETE FROM checkpoints WHERE size > 12",
            "UPDATE sqlite_sequence SET seq = 12 WHERE name = 'stored_events'",
        ),
        {
            ("stored_events", 12, "rolled-back"),
            ("stream_heads", "client/C-1", "stream-head"),
            ("stream_heads", "practice", "stream-head"),
        },
    ),
    "two entries swapped": (
        (
            "UPDATE stored_events SET position = 99 WHERE position = 13",
            "UPDATE stored_events SET position = 13 WHERE position = 14",
            "UPDATE stored_events SET position = 14 WHERE position = 99",
            "UPDATE sqlite_sequence SET seq = 14 WHERE name = 'stored_events'",
        ),
        {
            ("stored_events", 13, "altered-entry"),
            ("stored_events", 14, "altered-entry"),
            ("stored_events", 14, "log-time"),
            ("stored_events", 14, "rolled-back"),
            *checkpoints(13, 14),
        },
    ),
    "an entry far beyond": (
        (
            "INSERT INTO stored_events SELECT 1000000000000, 'client/C-9', 1, topic, state, log_time "
            "FROM stored_events WHERE position = 14"
        ),
        {("stored_events", 1000000000000, "extra")},
    ),
    "an entry at zero": (
        (
            "INSERT INTO stored_events SELECT 0, 'client/C-9', 1, topic, state, log_time FROM stored_events "
            "WHERE position = 14"
        ),
        {("stored_events", 0, "extra")},
    ),
    "an entry appended": (
        (
            "INSERT INTO stored_events SELECT 15, originator_id, 4, topic, state, log_time FROM stored_events "
            "WHERE position = 14"
        ),
        {
            ("stored_events", 15, "column-mismatch"),
            ("stored_events", 15, "seq-gap"),
            ("stored_events", 15, "unsigned-tail"),
            ("tree", 25, "tree-node-missing"),
        },
    ),
    "the stream's column": (
        "UPDATE stored_events SET originator_id = 'client/C-2' WHERE position = 14",
        {("stored_events", 14, "column-mismatch")},
    ),
    "the seq's column": (
        "UPDATE stored_events SET originator_version = 4 WHERE position = 14",
        {("stored_events", 14, "column-mismatch")},
    ),
    "the topic's column": (
        "UPDATE stored_events SET topic = 'PolicyAdopted' WHERE position = 14",
        {("stored_events", 14, "column-mismatch")},
    ),
    "a log time": (
        "UPDATE stored_events SET log_time = '2020-01-01T00:00:00.000000Z' WHERE position = 5",
        {("stored_events", 5, "log-time")},
    ),
    "bytes as text": (
        "UPDATE stored_events SET state = CAST(state AS TEXT) WHERE position = 14",
        {("stored_events", 14, "bad-type")},
    ),
    "a name that is no text": (
        "UPDATE stored_events SET originator_id = CAST(x'ff' AS TEXT) WHERE position = 14",
        {("stored_events", 14, "column-mismatch")},
    ),
    "a leaf of the tree": (
        "UPDATE tree SET hash = zeroblob(32) WHERE number = 0",
        {("tree", 0, "tree-node")},
    ),
    "an inner node": ("UPDATE tree SET hash = zeroblob(32) WHERE number = 2", {("tree", 2, "tree-node")}),
    "a node as text": (
        "UPDATE tree SET hash = CAST(hash AS TEXT) WHERE number = 2",
        {("tree", 2, "bad-type"), ("tree", 2, "tree-node-missing")},
    ),
    "a node removed": ("DELETE FROM tree WHERE number = 2", {("tree", 2, "tree-node-missing")}),
    "a node too many": (
        "INSERT INTO tree VALUES (25, zeroblob(32))",
        {("tree", 25, "tree-node-extra")},
    ),
    "a stream's count": (
        "UPDATE stream_heads SET count = 8 WHERE stream = 'client/C-1'",
        {("stream_heads", "client/C-1", "stream-head")},
    ),
    "a stream's frontier": (
        "UPDATE stream_heads SET frontier = zeroblob(96) WHERE stream = 'client/C-1'",
        {("stream_heads", "client/C-1", "stream-head")},
    ),
    "a stream's head removed": (
        "DELETE FROM stream_heads WHERE stream = 'client/C-1'",
        {("stream_heads", "client/C-1", "stream-head")},
    ),
    "a head of no stream": (
        "INSERT INTO stream_heads VALUES ('client/C-9', 1, zeroblob(32))",
        {("stream_heads", "client/C-9", "stream-head")},
    ),
    "a text removed": (
        "DELETE FROM disclosures WHERE seq = 6",
        {("disclosures", "client/C-1/6/rationale", "disclosure-missing")},
    ),
    "a text of no field": (
        text_of_6("stream, seq, 'other'"),
        {("disclosures", "client/C-1/6/other", "disclosure-orphan")},
    ),
    "a text of an entry without any": (
        text_of_6("'practice', 1, field"),
        {("disclosures", "practice/1/rationale", "disclosure-orphan")},
    ),
    "a text of no entry": (
        text_of_6("'client/C-9', seq, field"),
        {
            ("disclosures", "client/C-9/6/rationale", "disclosure-orphan"),
            ("disclosures", None, "sqlite"),
        },
    ),
    "a digest": (
        "UPDATE disclosures SET digest = 'x' WHERE seq = 6",
        {("disclosures", "client/C-1/6/rationale", "disclosure-digest")},
    ),
    "a ciphertext": (
        "UPDATE disclosures SET ciphertext = zeroblob(80) WHERE seq = 6",
        {("disclosures", "client/C-1/6/rationale", "disclosure-text")},
    ),
    "a ciphertext of another field": (
        "UPDATE disclosures SET ciphertext = (SELECT ciphertext FROM disclosures WHERE seq = 7) WHERE seq = 6",
        {("disclosures", "client/C-1/6/rationale", "disclosure-text")},
    ),
    "a ciphertext as text": (
        "UPDATE disclosures SET ciphertext = 'abc' WHERE seq = 6",
        {
            ("disclosures", "client/C-1/6/rationale", "bad-type"),
            ("disclosures", "client/C-1/6/rationale", "disclosure-missing"),
        },
    ),
    "a data key": (
        "UPDATE disclosures SET key_id = '12345' WHERE seq = 6",
        {("disclosures", "client/C-1/6/rationale", "unknown-data-key")},
    ),
    "a source removed": ("DELETE FROM sources", {("sources", "old-1", "source-missing")}),
    "a source of no entry": (
        "INSERT INTO sources VALUES ('old-2', 'client/C-1', 7, x'00', 0)",
        {("sources", "old-2", "source-orphan")},
    ),
    "a source of another entry": (
        "UPDATE sources SET seq = 7",
        {("sources", "old-1", "source-mismatch"), ("sources", "old-1", "source-checksum")},
    ),
    "a source's fingerprint": (
        "UPDATE sources SET fingerprint = zeroblob(32)",
        {("sources", "old-1", "source-checksum")},
    ),
    "a seal's row removed": ("DELETE FROM seals", {("seals", 11, "seal")}),
    "a seal's row of another map": ("UPDATE seals SET top = 6", {("seals", 11, "seal")}),
    "a seal's row of no seal": ("INSERT INTO seals VALUES (12, 7)", {("seals", 12, "seal")}),
    "a map's leaf": (
        "UPDATE map_nodes SET value = zeroblob(32) WHERE number = 1",
        {("map_nodes", 1, "seal")},
    ),
    "a checkpoint's root": (
        "UPDATE checkpoints SET note = replace(note, substr(note, 31, 8), 'AAAAAAAA') WHERE size = 10",
        {("checkpoints", 10, "checkpoint-root"), ("checkpoints", 10, "checkpoint-signature")},
    ),
    "a checkpoint's signature": (
        "UPDATE checkpoints SET note = substr(note, 1, length(note) - 12) || 'AAAAAAA=' || char(10) WHERE size = 10",
        {("checkpoints", 10, "checkpoint-signature")},
    ),
    "a checkpoint that is none": (
        "UPDATE checkpoints SET note = 'x' WHERE size = 10",
        {("checkpoints", 10, "checkpoint-malformed")},
    ),
    "a checkpoint's size": (
        "UPDATE checkpoints SET size = 12 WHERE size = 10",
        {("checkpoints", 12, "checkpoint-malformed")},
    ),
    "a size that is no number": (
        "UPDATE checkpoints SET size = 'x' WHERE size = 10",
        {("checkpoints", "x", "bad-type")},
    ),
    "a cosignature": ("UPDATE anchors SET body = x'00'", {("anchors", 1, "anchor")}),
    "a cosignature of no checkpoint": ("UPDATE anchors SET size = 12", {("anchors", 1, "anchor")}),
    "an anchor of no kind": ("UPDATE anchors SET kind = 'x'", {("anchors", 1, "anchor")}),
    "an index removed": (
        "DROP INDEX stored_events_by_log_time",
        {("stored_events", "stored_events_by_log_time", "schema")},
    ),
    "a trigger added": (
        "CREATE TRIGGER quiet BEFORE INSERT ON anchors BEGIN SELECT RAISE(IGNORE); END",
        {("anchors", "quiet", "schema")},
    ),
    "the storage version": (
        "UPDATE meta SET value = '9'",
        {("meta", "storage_version", "schema")},
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found_where_it_is(copy: Path, name: str) -> None:
    changes, expected = TAMPERINGS[name]

    change(copy, *(changes if isinstance(changes, tuple) else (changes,)))

    assert found(checked(copy)) == expected


def test_several_at_once_are_all_found(copy: Path) -> None:
    names = ("a log time", "an inner node", "a digest", "a source's fingerprint", "a checkpoint's signature")
    changes = [TAMPERINGS[name] for name in names]

    change(copy, *(one for one, _ in changes if not isinstance(one, tuple)))

    assert found(checked(copy)) == set.union(*(expected for _, expected in changes))


def test_every_kind_of_fault_is_made_here_or_elsewhere() -> None:
    made_here = {kind for _, expected in TAMPERINGS.values() for _, _, kind in expected}

    elsewhere = {"broken-chain", "held", "unreadable", "postgresql", "signing-key"}
    assert {kind.value for kind in Kind} - made_here == elsewhere - made_here


def test_the_first_checkpoint_that_no_longer_holds_is_named(copy: Path) -> None:
    change(copy, state(10, "therapy", "Therapy"))

    assert checked(copy).first_broken_checkpoint == 10
