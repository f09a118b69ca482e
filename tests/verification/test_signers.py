"""Which key had to sign which checkpoint: old ones with the old key, later ones not with that alone."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import Signer, Verifier, open_note, sign
from ledger.proving.rotating import rotate
from ledger.proving.signing_keys import SIGNING_KEY, signer_of
from ledger.recording.statement import Statement
from ledger.verification.faults import Kind
from ledger.verification.held import Held
from ledger.verification.verification import Question, Report, verify
from tests import desk


def actor(name: str) -> Statement:
    return desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger whose signing key was replaced twice: entries 6 and 8; the private keys in `key.0` to `key.2`."""
    folder = tmp_path_factory.mktemp("rotated")
    with desk.new_ledger(folder) as ledger:

        def note_key(number: int) -> None:
            (folder / f"key.{number}").write_bytes(ledger.keys.setting(SIGNING_KEY) or b"")

        ledger.record(desk.staff())
        for number in range(2):
            note_key(number)
            rotate(ledger.committing, ledger.sealer, "the yearly change", "director")
            ledger.record([actor(f"after-{number}")])
        note_key(2)
    return folder


@pytest.fixture
def practice(kept: Path, tmp_path: Path) -> Path:
    """A copy of it, to be tampered with."""
    return Path(shutil.copytree(kept, tmp_path / "practice"))


def key(folder: Path, number: int) -> Signer:
    return signer_of((folder / f"key.{number}").read_bytes())


def checked(folder: Path, *numbers: int, held: Sequence[Held] = (), since: int | None = None) -> Report:
    """What `verify` finds; with the public keys of these numbers named."""
    named = [key(folder, number).verifier for number in numbers]
    return verify(desk.places(folder), Question(verifiers=named, held=held, since=since))


def kinds(report: Report) -> set[tuple[object, Kind]]:
    return {(fault.position, fault.kind) for fault in report.faults}


def without_keys(folder: Path) -> Path:
    desk.places(folder).keys.unlink()
    return folder


@contextmanager
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    """The ledger's database, to be changed by hand."""
    with closing(sqlite3.connect(desk.places(folder).place)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


def notes(folder: Path) -> dict[int, str]:
    with Ledger(desk.places(folder)) as ledger:
        return {row.size: row.note for row in ledger.recorder.checkpoints()}


def put_note(folder: Path, size: int, note: str) -> None:
    with database(folder) as connection:
        connection.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (note, size))


def test_every_checkpoint_is_checked_with_the_key_in_force_at_its_size(kept: Path) -> None:
    report = checked(kept)

    assert report.sound
    assert report.checkpoints_unchecked == 0
    assert report.verifier == key(kept, 2).verifier.vkey
    assert report.signing_keys == tuple(key(kept, number).verifier.vkey for number in range(3))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_any_key_of_the_chain_is_followed_to_the_present_one(number: int, practice: Path) -> None:
    report = checked(without_keys(practice), number)

    assert report.sound
    assert report.checkpoints_unchecked == 0
    assert report.verifier == key(practice, 2).verifier.vkey


def test_an_older_key_named_beside_the_key_database_is_followed_and_its_mark_used(practice: Path) -> None:
    report = checked(practice, 0)

    assert report.sound
    assert not any("it is not used" in remark for remark in report.remarks)


def test_a_key_that_is_none_of_them_vouches_for_nothing(practice: Path) -> None:
    stranger = Signer.generate("engagement-ledger/practice").verifier
    report = verify(desk.places(practice), Question(verifiers=[stranger]))

    assert {kind for _, kind in kinds(report)} == {Kind.CHECKPOINT_SIGNATURE, Kind.UNSIGNED_TAIL}
    assert any("it is not used" in remark for remark in report.remarks)


@pytest.mark.parametrize("thief", [0, 1])
def test_a_stolen_old_key_signs_nothing_after_it_was_replaced(thief: int, practice: Path) -> None:
    """The log as it was; its last checkpoint is signed with a key that was replaced."""
    size, note = max(notes(practice).items())
    text = note.partition("\n\n")[0] + "\n"
    put_note(practice, size, sign(text, key(practice, thief)))

    report = checked(practice)

    assert kinds(report) == {(size, Kind.CHECKPOINT_SIGNATURE)}
    assert "the key in force since entry 8" in report.faults[0].message
    assert kinds(checked(without_keys(practice), 0)) == {
        (size, Kind.CHECKPOINT_SIGNATURE),
        (9, Kind.UNSIGNED_TAIL),
    }


def test_the_new_key_did_not_sign_what_was_before_it(practice: Path) -> None:
    note = notes(practice)[5]
    put_note(practice, 5, sign(note.partition("\n\n")[0] + "\n", key(practice, 2)))

    assert kinds(checked(practice)) == {(5, Kind.CHECKPOINT_SIGNATURE)}


def test_a_change_that_the_old_key_did_not_sign_for_is_not_followed(practice: Path) -> None:
    """As when somebody who can write the file, without the key, puts a key of his own in force."""
    note = notes(practice)[8]
    put_note(practice, 8, sign(note.partition("\n\n")[0] + "\n", key(practice, 2)))

    assert checked(practice).sound  # from the present key back
    report = checked(without_keys(practice), 1)
    assert (8, Kind.SIGNING_KEY) in kinds(report)
    assert "did not sign for it" in report.faults[0].message
    assert report.verifier == key(practice, 2).verifier.vkey


def test_a_receipt_of_either_time_is_measured_by_its_key(practice: Path) -> None:
    held = [Held.checkpoint(note) for _, note in sorted(notes(practice).items())]

    report = checked(practice, held=held)
    assert report.sound
    assert report.held == len(held)

    text = held[-1].note.partition("\n\n")[0] + "\n"
    with pytest.raises(ProofError, match="the key in force since entry 8"):
        checked(practice, held=[Held.checkpoint(sign(text, key(practice, 0)))])


def test_only_what_came_after_a_change_is_read_and_the_change_still_counts(practice: Path) -> None:
    report = checked(practice, since=8)

    assert report.sound
    assert report.entries == 1
    assert report.verifier == key(practice, 2).verifier.vkey


def test_a_change_that_waits_for_its_signature_is_known(
    practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the entry and the signature."""
    monkeypatch.setattr("ledger.verification.signed.PATIENCE", 0.0)
    with Ledger(desk.places(practice)) as ledger, monkeypatch.context() as patch:
        patch.setattr(ledger.committing, "after", lambda: None)
        with pytest.raises(Exception, match="not signed yet"):
            rotate(ledger.committing, ledger.sealer, "once more", "director")

    assert kinds(checked(practice)) == {(10, Kind.UNSIGNED_TAIL)}


def test_both_signatures_stand_on_the_first_checkpoint_over_each_change(kept: Path) -> None:
    there = notes(kept)
    for number, size in ((0, 6), (1, 8)):
        both: list[Verifier] = [key(kept, number).verifier, key(kept, number + 1).verifier]
        opened = open_note(there[size], both)
        assert len(opened.verified) == 2
        assert Checkpoint.parse(opened.text).size == size
