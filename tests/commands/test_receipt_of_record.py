"""The receipt that recording gives, in the hands of somebody who has nothing else but the ledger's key."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import KeyDatabaseError
from ledger.events.clients import ClientRegistered, ClientRelocated
from ledger.integrity import merkle
from ledger.integrity.proof import Receipt
from ledger.proving.signing import CheckpointSigner
from ledger.schema import example_of
from tests.commands.program import Done, Program

ACTOR = ("record", "actor-registered", "--role", "front-desk", "--no-may-authorise", "--actor")
REGISTER = (
    *(
        "desk",
        "register",
        "--client",
        "C-1",
        "--name",
        "Zoë",
        "--date-of-birth",
        "1990-01-01",
        "--contact",
        "x",
    ),
    *("--jurisdiction", "US-NC", "--service-sought", "both", "--clinical-indication", "active"),
    *("--roles-explained", "--rationale", "anxiety", "--yes"),
)
HISTORY = [{**example_of(one), "client": "C-9"} for one in (ClientRegistered, ClientRelocated)]


@pytest.fixture
def practice(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(program.folder)
    program.file("h.ndjson", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in HISTORY))
    return program


def key(program: Program) -> str:
    return str(program.good("checkpoint", "show", "--json").json["key"])


def verified(program: Program, file: str = "receipt.json") -> Any:
    """What somebody sees who has the receipt and the key."""
    return program.good("receipt", "verify", file, "--key", key(program), "--json").json


def call_with_receipt(program: Program, call: tuple[str, ...]) -> Done:
    return program.good(*call, "--receipt", "receipt.json")


CALLS = {"record": (*ACTOR, "someone"), "desk": REGISTER, "import": ("import", "h.ndjson")}
TYPES = {
    "record": ["ActorRegistered"],
    "desk": ["ClientRegistered", "IntakeCompleted"],
    "import": ["HistoryImported"],
}


@pytest.mark.parametrize("way", CALLS)
def test_the_receipt_holds_under_the_ledger_s_key(practice: Program, way: str) -> None:
    before = practice.count()

    done = call_with_receipt(practice, CALLS[way])

    document = verified(practice)
    assert (document["holds"], document["signer_verified"]) == (True, True)
    assert [entry["type"] for entry in document["entries"]] == TYPES[way]
    assert document["checkpoint"]["size"] == practice.count() > before
    assert "kept in receipt.json" in done.told
    assert document["entries"][-1]["leaf_hash"][:16] in done.told
    assert all(len(line) <= 80 for line in (done.out + done.err).splitlines())


@pytest.mark.parametrize("way", CALLS)
def test_in_json_it_is_part_of_the_answer(practice: Program, way: str) -> None:
    answer = practice.good(*CALLS[way], "--json", "--receipt", "receipt.json").json

    assert answer["receipt"] == json.loads((practice.folder / "receipt.json").read_text())
    practice.file("again.json", json.dumps(answer["receipt"]))
    assert [entry["type"] for entry in verified(practice, "again.json")["entries"]] == TYPES[way]


@pytest.mark.parametrize("way", CALLS)
def test_without_a_file_it_is_told_in_a_line(practice: Program, way: str) -> None:
    done = practice.good(*CALLS[way])

    assert "keep it with --receipt FILE" in done.told
    assert not (practice.folder / "receipt.json").exists()


@pytest.mark.parametrize("way", CALLS)
def test_one_changed_character_is_refused(practice: Program, way: str) -> None:
    call_with_receipt(practice, CALLS[way])
    text, known = (practice.folder / "receipt.json").read_text(), key(practice)
    significant = [at for at, character in enumerate(text) if character.isalnum()]

    for at in random.Random(4).sample(significant, 40):
        other = "b" if text[at] != "b" else "c"
        changed = practice.file("changed.json", text[:at] + other + text[at + 1 :])
        refused = practice("receipt", "verify", changed, "--key", known)
        assert refused.code == 4, text[at - 20 : at + 20]
        assert "The receipt holds" not in refused.told


def test_another_ledger_s_key_does_not_do(practice: Program) -> None:
    call_with_receipt(practice, CALLS["record"])
    practice.url = f"sqlite:///{practice.folder}/other.db"
    practice.good("init", "--practice", "Other", "--time-zone", "Europe/Berlin", "--go-live", "2026-01-01")

    assert practice("receipt", "verify", "receipt.json", "--key", key(practice)).code == 4


def test_the_receipts_of_several_entries_are_those_of_the_log(practice: Program) -> None:
    call_with_receipt(practice, REGISTER)
    receipt = Receipt.parse((practice.folder / "receipt.json").read_text())

    entries = practice.stream("client/C-1")

    assert [one.position for one in receipt.entries] == [practice.count() - 1, practice.count()]
    assert [one.leaf_hash for one in receipt.entries] == [
        merkle.leaf_hash(one.state) for one in receipt.entries
    ]
    assert [json.loads(one.state)["type"] for one in receipt.entries] == [one.type for one in entries]


def test_a_receipt_still_holds_when_much_came_after(practice: Program) -> None:
    call_with_receipt(practice, CALLS["record"])
    for number in range(5):
        practice.good(*ACTOR, f"later-{number}")
    practice.good("checkpoint", "seal")

    assert verified(practice)["holds"]


def test_a_receipt_replaces_the_file_that_was_there(practice: Program) -> None:
    practice.file("receipt.json", "what was there before, longer than nothing")
    call_with_receipt(practice, CALLS["record"])

    assert verified(practice)["holds"]
    assert not list(practice.folder.glob(".*.new"))


def test_a_refused_entry_has_no_receipt(practice: Program) -> None:
    practice.good(*REGISTER)

    done = practice(
        *("record", "engagement-opened", "--client", "C-1", "--service", "therapy", "--focus", "grief"),
        *("--receipt", "receipt.json"),
    )

    assert done.code == 3
    assert "Receipt" not in done.told
    assert not (practice.folder / "receipt.json").exists()


# -- what does not work out -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place", ["nowhere/receipt.json", "h.ndjson/x", "", "x" * 300, "ledger.db", "ledger.role"]
)
@pytest.mark.parametrize("way", CALLS)
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_recorded(
    practice: Program, way: str, place: str
) -> None:
    before = practice.count()
    files = {file: file.read_bytes() for file in practice.folder.iterdir() if file.suffix == ".role"}

    done = practice(*CALLS[way], "--receipt", place)

    assert done.code == 2
    assert "--receipt" in done.err
    assert practice.count() == before
    assert {file: file.read_bytes() for file in files} == files
    assert not list(practice.folder.glob(".*"))
    practice.good("checkpoint", "show")


@pytest.mark.parametrize("way", CALLS)
def test_a_place_lost_meanwhile_is_told_and_the_entry_is_recorded(
    practice: Program, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = practice.count()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("ledger.commands.files._put", full)
        done = practice(*CALLS[way], "--json", "--receipt", "receipt.json")

    assert done.code == 5
    assert "It is recorded. Only the receipt was not written" in " ".join(done.err.split())
    assert practice.count() > before
    practice.file("again.json", json.dumps(done.json["receipt"]))
    assert verified(practice, "again.json")["holds"]


@pytest.mark.parametrize("way", CALLS)
def test_a_folder_is_refused_before_anything_is_recorded(practice: Program, way: str) -> None:
    before = practice.count()

    assert practice(*CALLS[way], "--receipt", ".").code == 2
    assert practice.count() == before


@pytest.mark.parametrize("way", CALLS)
def test_what_is_recorded_and_not_signed_is_said_to_be_so(
    practice: Program, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = practice.count()

    def gone(*_: object) -> None:
        raise KeyDatabaseError(tmp_path / "ledger.keys", "the stick was pulled out")

    with monkeypatch.context() as patched:
        patched.setattr(CheckpointSigner, "sign", gone)
        done = practice(*CALLS[way], "--receipt", "receipt.json")

    assert "It is recorded, but not signed yet" in done.told
    assert "stick was pulled out" in done.told
    assert not (practice.folder / "receipt.json").exists()
    assert practice.count() > before
    # the next opening has signed it
    assert practice.good("checkpoint", "show", "--json").json["size"] == practice.count()
