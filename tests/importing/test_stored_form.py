"""What an import stores is canonical, for every event type and for corrections with objects in them."""

import json
from pathlib import Path

import rfc8785

from ledger.importing import import_files
from tests.importing import files

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lakeside-practice.ndjson"


def test_every_stored_entry_of_the_example_is_canonical(tmp_path: Path) -> None:
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [EXAMPLE], by="director")
        stored = files.stored(ledger)
    assert len(stored) > 250
    for state in stored:
        assert state == rfc8785.dumps(json.loads(state))


def test_members_of_objects_are_put_in_order(tmp_path: Path) -> None:
    """RFC 8785 3.2.3: beyond the basic plane, UTF-16 sorts unlike code points."""
    policy = {"adopts": ["recommended"], "drops": [], "reason": "x"}
    changes = {
        "reason": "\uffed 😀 \t",
        "parameters": {},
        "drops": [],
        "by": "director",
        "adopts": ["recommended"],
    }
    lines = [
        files.line("PolicyAdopted", **policy, parameters={}, source="p"),
        files.correction(corrects="p", changes=changes),
    ]
    with files.new_ledger(tmp_path) as ledger:
        import_files(ledger, [files.ndjson(tmp_path, lines)], by="director")
        for state in files.stored(ledger):
            assert state == rfc8785.dumps(json.loads(state))


def test_one_content_has_one_fingerprint_in_any_order(tmp_path: Path) -> None:
    """Also where members of an object come in another order."""
    fix = files.correction(corrects="s", changes={"minutes": 45, "modality": "phone"}, source="fix")
    turned = fix | {"changes": {"modality": "phone", "minutes": 45}}
    with files.new_ledger(tmp_path) as ledger:
        lines = [*files.begun()[:3], files.session(source="s"), fix, dict(reversed(turned.items()))]
        done = import_files(ledger, [files.ndjson(tmp_path, lines)], by="director")
        assert (done.entries, done.known) == (5, 1)


def test_the_fingerprint_is_keyed_and_content_is_not_in_it(tmp_path: Path) -> None:
    from ledger.recording.statement import state

    fingerprints = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with files.new_ledger(tmp_path / name) as ledger:
            fingerprints.add(ledger.fingerprints.of(state(files.registered(source="s"))))
    assert len(fingerprints) == 2
    assert {len(one) for one in fingerprints} == {16}
