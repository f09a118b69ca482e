"""After a restore, or with a new key, a ledger is sound and says what happened; what was lost is not part of it."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import OlderLedgerError
from ledger.proving.restoring import rebase
from ledger.recording.statement import Statement
from ledger.verification.faults import Kind
from ledger.verification.held import Held
from ledger.verification.verification import Question, verify
from tests import desk


def actor(name: str) -> Statement:
    return desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)


def test_a_restored_log_is_sound_and_says_so(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
    shutil.copy(tmp_path / "practice.db", tmp_path / "backup.db")
    with Ledger(desk.places(tmp_path)) as ledger:
        lost = ledger.record([actor("lost")])
        assert lost.checkpoint is not None
        receipt = ledger.receipt(lost.positions, lost.checkpoint).format()
    shutil.copy(tmp_path / "backup.db", tmp_path / "practice.db")

    before = verify(desk.places(tmp_path), Question())
    with Ledger(desk.places(tmp_path)) as ledger:
        rebase(ledger.committing, ledger.sealer, "backup", "disk failure", "director")
        ledger.record([actor("after")])
    after = verify(desk.places(tmp_path), Question())
    held = verify(desk.places(tmp_path), Question(held=[Held.of_receipt(receipt)]))

    assert {fault.kind for fault in before.faults} == {Kind.ROLLED_BACK}
    assert after.sound
    assert after.remarks == (
        "entry 6 says openly that the log was restored: 6 entries had been signed, 5 were left",
    )
    assert {fault.kind for fault in held.faults} == {Kind.HELD}


def test_a_tail_cut_off_and_rebased_leaves_its_checkpoints_as_remarks(tmp_path: Path) -> None:
    """The file itself was shortened: the checkpoints of what is gone are still in it."""
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
    shutil.copy(tmp_path / "practice.db", tmp_path / "backup.db")
    with Ledger(desk.places(tmp_path)) as ledger:
        ledger.record([actor("lost")])
        notes = [(row.size, row.note) for row in ledger.recorder.checkpoints(6)]
        mark = ledger.committing.signer.mark()
        assert mark is not None
        notes.append(mark.kept)
    shutil.copy(tmp_path / "backup.db", tmp_path / "practice.db")
    with Ledger(desk.places(tmp_path)) as ledger:
        with ledger.recorder.bulk() as writer:
            for size, note in notes:
                writer.keep_checkpoint(size, note)
        rebase(ledger.committing, ledger.sealer, "a shortened file", "disk failure", "director")

    report = verify(desk.places(tmp_path), Question())

    assert report.sound
    assert any("superseded by the restore of entry 6" in remark for remark in report.remarks)


def test_a_new_key_is_said_and_the_old_checkpoints_are_checked_with_the_old_one(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
        old = ledger.committing.signer.verifier
    desk.replace_keys(tmp_path)
    with Ledger(desk.places(tmp_path)) as ledger:
        rebase(ledger.committing, ledger.sealer, "a new key database", "the old one was lost", "director")
        new = ledger.committing.signer.verifier

    alone = verify(desk.places(tmp_path), Question())
    with_old = verify(desk.places(tmp_path), Question(verifiers=[old, new]))

    assert alone.sound
    assert alone.checkpoints_unchecked == 2
    assert (
        f"entry 6 says openly that another key signs from there on: {new.name}+{new.key_id:08x}"
        in alone.remarks
    )
    assert with_old.sound
    assert with_old.checkpoints_unchecked == 0


def test_a_ledger_from_before_there_were_proofs_is_not_changed(tmp_path: Path) -> None:
    desk.new_ledger(tmp_path).close()
    with sqlite3.connect(tmp_path / "practice.db") as connection:
        connection.execute("DROP TABLE tree")
        connection.execute("UPDATE meta SET value = '1'")

    with pytest.raises(OlderLedgerError, match="Open it once with another command"):
        verify(desk.places(tmp_path), Question())
