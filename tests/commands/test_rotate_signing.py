"""`keys rotate-signing`, and what everybody who holds something from before, or an older key, is told after it."""

import shutil
from pathlib import Path

import pytest

from ledger.integrity.note import Signer
from tests.commands.program import Done, Program

ACTOR = ("record", "actor-registered", "--role", "front-desk", "--no-may-authorise", "--actor")


@pytest.fixture
def practice(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A practice, the program run in its folder, so that files have short names."""
    monkeypatch.chdir(program.folder)
    return program


@pytest.fixture
def rotated(practice: Program) -> Program:
    """Sealed, with a receipt and a checkpoint given out; then its key replaced, and one more entry recorded."""
    practice.good("checkpoint", "seal")
    practice.good(*ACTOR, "before", "--receipt", "before.json")
    practice.good("checkpoint", "export", "-o", "before.txt")
    (practice.folder / "old.key").write_text(key(practice), encoding="utf-8")
    shutil.copy("ledger.keys", "older.keys")
    practice.good("keys", "rotate-signing", "--reason", "the yearly change")
    practice.good(*ACTOR, "after", "--receipt", "after.json")
    return practice


def key(program: Program) -> str:
    return str(program.good("checkpoint", "show", "--json").json["key"])


def old_key(program: Program) -> str:
    return (program.folder / "old.key").read_text(encoding="utf-8")


def size(program: Program) -> int:
    found = program.good("checkpoint", "show", "--json").json["size"]
    assert isinstance(found, int)
    return found


def plain(done: Done) -> str:
    """What was printed, its lines joined."""
    return " ".join((done.out + done.err).split())


def test_it_says_what_it_did_and_what_to_do(practice: Program) -> None:
    old = key(practice)

    done = practice.good("keys", "rotate-signing", "--reason", "the yearly change")

    assert all(len(line) <= 80 or line.split()[-1] == key(practice) for line in done.out.splitlines())
    assert f"as entry {size(practice)} of the log says" in done.out
    assert "+".join(old.split("+", 2)[:2]) in done.out
    assert key(practice) in done.out
    assert key(practice) != old
    assert "destroy those" in plain(done)


def test_json(practice: Program) -> None:
    old = key(practice)

    told = practice.good("keys", "rotate-signing", "--reason", "the yearly change", "--json").json

    assert told.keys() == {"position", "replaced", "key", "size", "root", "note", "traces"}
    assert (told["replaced"], told["key"], told["traces"]) == (old, key(practice), False)
    assert told["position"] == told["size"] == size(practice)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "Missing option '--reason'"),
        (("--reason", ""), 5, "reason"),
        (("--reason", "a\x1bb"), 5, "reason"),
    ],
)
def test_a_reason_is_needed(words: tuple[str, ...], code: int, says: str, practice: Program) -> None:
    before = key(practice)

    done = practice("keys", "rotate-signing", *words)

    assert done.code == code
    assert says in done.told
    assert key(practice) == before


def test_status_and_checkpoint_keys_show_the_chain(rotated: Program) -> None:
    told = rotated.good("status", "--json").json["signing_keys"]

    assert [one["key"] for one in told] == [old_key(rotated), key(rotated)]
    assert [one["since"] for one in told] == [0, size(rotated) - 1]
    assert told[1]["reason"] == "the yearly change"
    assert told == rotated.good("checkpoint", "keys", "--json").json["keys"]
    said = plain(rotated.good("status"))
    assert f"since entry {size(rotated) - 1}" in said
    assert f"by entry {size(rotated) - 1}: the yearly change" in said


def test_verify_counts_the_keys(rotated: Program) -> None:
    assert "signed with 2 keys, each in its time" in plain(rotated.good("verify"))
    told = rotated.good("verify", "--key", old_key(rotated), "--receipt", "before.json", "--json").json
    assert told["signing_keys"] == [old_key(rotated), key(rotated)]


def test_an_older_checkpoint_is_shown_with_the_key_that_signed_it(rotated: Program) -> None:
    assert rotated.good("checkpoint", "show", str(size(rotated) - 2), "--json").json["key"] == old_key(
        rotated
    )


@pytest.mark.parametrize(("receipt", "given"), [("before.json", "new"), ("after.json", "old")])
def test_a_receipt_is_followed_from_either_key(receipt: str, given: str, rotated: Program) -> None:
    rotated.good("checkpoint", "keys", "-o", "keys.json")
    vkey = old_key(rotated) if given == "old" else key(rotated)

    without = rotated("receipt", "verify", receipt, "--key", vkey)
    assert without.code == 4
    assert "`checkpoint keys -o FILE`" in plain(without)

    held = rotated.good("receipt", "verify", receipt, "--key", vkey, "--keys", "keys.json")
    assert "signed by the key in force then, to which the key given leads" in plain(held)
    assert rotated("receipt", "verify", receipt, "--keys", "keys.json").code == 2
    stranger = Signer.generate("engagement-ledger/ledger").verifier.vkey
    refused = rotated("receipt", "verify", receipt, "--key", stranger, "--keys", "keys.json")
    assert refused.code == 4
    assert "none of those that followed each other" in plain(refused)


def test_a_proof_of_completeness_of_the_seal_before_the_change(rotated: Program) -> None:
    rotated.good("checkpoint", "prove", "practice", "-o", "practice.json")

    assert (
        "had 0 entries"
        not in rotated.good("receipt", "verify", "practice.json", "--key", old_key(rotated)).out
    )


def test_there_is_no_proof_where_nothing_was_replaced(practice: Program) -> None:
    done = practice("checkpoint", "keys", "-o", "keys.json")

    assert done.code == 5
    assert "nothing to follow" in done.told
    assert not Path("keys.json").exists()


def test_a_witness_follows_the_change_or_is_told_what_to_ask_for(rotated: Program) -> None:
    # Given a witness who knows the record by its old key
    change = size(rotated) - 1
    rotated.good("witness", "init", "witness.json", "--name", "example.org/ann")
    rotated.good(
        "witness", "cosign", "witness.json", "before.txt", "--log-key", old_key(rotated), "-o", "1.txt"
    )
    rotated.good("checkpoint", "export", "--since", str(change - 1), "-o", "after.txt")
    rotated.good("checkpoint", "export", str(change), "--since", str(change - 1), "-o", "both.txt")

    # When a checkpoint of the new key comes, it is not cosigned, and it says what to ask for
    refused = rotated("witness", "cosign", "witness.json", "after.txt")
    assert refused.code == 4
    assert f"checkpoint export THAT --since {change - 1}" in plain(refused)
    named = rotated("witness", "cosign", "witness.json", "after.txt", "--log-key", key(rotated))
    assert named.code == 2
    assert "the checkpoint that both keys signed" in plain(named)

    # With the one that both keys signed the new key is known
    rotated.good("witness", "cosign", "witness.json", "both.txt", "--log-key", key(rotated), "-o", "2.txt")
    rotated.good("checkpoint", "export", "--since", str(change), "-o", "after.txt")
    rotated.good("witness", "cosign", "witness.json", "after.txt", "-o", "3.txt")

    # And what the witness signed of either time is kept
    for name in ("1.txt", "3.txt"):
        rotated.good("checkpoint", "attach", name)


def test_an_older_key_database_records_nothing(rotated: Program) -> None:
    shutil.copy("older.keys", "ledger.keys")

    refused = rotated(*ACTOR, "thief")

    assert refused.code == 4
    assert "was replaced: entry" in plain(refused)
    assert "checkpoint rebase" in plain(refused)


def test_backup_and_restore_after_a_change(rotated: Program) -> None:
    rotated.good("backup", "copy.backup")
    Path("ledger.db").unlink()
    rotated.good("restore", "copy.backup")

    rotated.good(*ACTOR, "restored")
    assert "signed with 2 keys" in plain(rotated.good("verify"))
