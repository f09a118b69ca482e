"""Going on with an older copy, or another signing key: said openly, survived at every step."""

import shutil
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import IntegrityError, UsageError
from ledger.events.ledger import LogRestored, SigningKeyChanged
from ledger.integrity.note import open_note
from ledger.proving.restoring import rebase
from ledger.recording.statement import Statement
from tests import desk


def actor(name: str) -> Statement:
    return desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)


@pytest.fixture
def restored(tmp_path: Path) -> Path:
    """A ledger of 5 entries whose signer has signed 7."""
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
    shutil.copy(tmp_path / "practice.db", tmp_path / "backup.db")
    with Ledger(desk.places(tmp_path)) as ledger:
        ledger.record([actor("lost-1")])
        ledger.record([actor("lost-2")])
    shutil.copy(tmp_path / "backup.db", tmp_path / "practice.db")
    return tmp_path


def test_a_restore_is_said_openly_and_recording_goes_on(restored: Path) -> None:
    with Ledger(desk.places(restored)) as ledger:
        lost = ledger.committing.signer.mark()
        signed = rebase(ledger.committing, ledger.sealer, "backup of 5 entries", "disk failure", "director")
        event = ledger.entries.stream("ledger", None)[-1][1].event

        assert lost is not None
        assert isinstance(event, LogRestored)
        assert (event.last_size, event.last_root) == (7, lost.root.hex())
        assert signed.size == ledger.recorder.last_position() == 6
        assert ledger.record([actor("after")]).checkpoint is not None
    with Ledger(desk.places(restored)) as ledger:
        assert ledger.committing.signer.mark() == ledger.committing.after()


def test_there_is_nothing_to_rebase_while_the_log_only_grows(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger, pytest.raises(UsageError, match="nothing to rebase"):
        rebase(ledger.committing, ledger.sealer, "nothing", "nothing", "director")


def test_an_entry_alone_does_not_make_a_restore(restored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can write the ledger file, but not the key database, cannot have the signer go on."""
    with Ledger(desk.places(restored)) as ledger:
        monkeypatch.setattr(ledger.committing, "before", lambda *_: None)
        monkeypatch.setattr(ledger.committing.signer, "abandon", lambda _: None)
        with pytest.raises(IntegrityError):
            rebase(ledger.committing, ledger.sealer, "backup", "said by an intruder", "director")
    with Ledger(desk.places(restored)) as ledger, pytest.raises(IntegrityError):
        ledger.record([actor("more")])


def test_a_mark_given_up_without_the_entry_is_no_restore_either(restored: Path) -> None:
    """As when the process dies between giving up the mark and committing the entry."""
    with Ledger(desk.places(restored)) as ledger:
        lost = ledger.committing.signer.mark()
        assert lost is not None
        ledger.committing.signer.abandon(lost)
        with pytest.raises(IntegrityError):
            ledger.record([actor("more")])
        assert rebase(ledger.committing, ledger.sealer, "backup", "disk failure", "director").size == 6


def test_a_restore_killed_before_it_was_signed_is_signed_at_the_next_opening(
    restored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger(desk.places(restored)) as ledger:
        monkeypatch.setattr(
            ledger.committing.signer, "sign", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            rebase(ledger.committing, ledger.sealer, "backup", "disk failure", "director")
        monkeypatch.undo()

    with Ledger(desk.places(restored)) as ledger:
        mark = ledger.committing.signer.mark()
        assert mark is not None
        assert mark.size == ledger.recorder.last_position() == 6


def test_a_lost_key_database_is_replaced_openly(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
        old = ledger.committing.signer.verifier
    desk.replace_keys(tmp_path)

    with Ledger(desk.places(tmp_path)) as ledger:
        signed = rebase(
            ledger.committing, ledger.sealer, "a new key database", "the old one was lost", "director"
        )
        event = ledger.entries.stream("ledger", None)[-1][1].event
        new = ledger.committing.signer.verifier

        assert isinstance(event, SigningKeyChanged)
        assert event.verifier == new.vkey
        assert event.replaced == f"{old.name}+{old.key_id:08x}"
        assert event.last_size == 5
        assert signed.size == 6
        open_note(signed.note, [new])
        ledger.record([actor("after")])


def test_another_ledger_is_not_taken_for_a_restore(tmp_path: Path, restored: Path) -> None:
    """A rebase of one mark does not open the way to other older copies."""
    with Ledger(desk.places(restored)) as ledger:
        rebase(ledger.committing, ledger.sealer, "backup", "disk failure", "director")
        ledger.record([actor("after")])
    shutil.copy(tmp_path / "backup.db", tmp_path / "practice.db")

    with Ledger(desk.places(restored)) as ledger, pytest.raises(IntegrityError):
        ledger.record([actor("again-1"), actor("again-2"), actor("again-3")])
