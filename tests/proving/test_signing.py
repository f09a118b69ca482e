"""Checkpoints: signed after every transaction, never backwards, whenever and wherever a process dies."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import (
    ConflictError,
    ForkedError,
    IntegrityError,
    OtherSignerError,
    RolledBackError,
    SealedError,
)
from ledger.integrity import merkle
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.compact_range import extend
from ledger.integrity.note import open_note
from ledger.proving.signing import Signed
from ledger.recording.statement import Statement
from ledger.storage.sqlite import LedgerRecorder
from tests import desk

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with its staff."""
    with desk.new_ledger(tmp_path) as made:
        made.record(desk.staff())
        yield made


def actor(name: str) -> Statement:
    return desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)


def leaves(ledger: Ledger) -> list[bytes]:
    return [merkle.leaf_hash(row.state) for page in ledger.recorder.pages() for row in page]


def mark(ledger: Ledger) -> Signed:
    found = ledger.committing.signer.mark()
    assert found is not None
    return found


def copies(folder: Path, to: Path) -> Path:
    """A copy of a closed ledger's files."""
    to.mkdir()
    for file in folder.iterdir():
        if file.is_file():
            shutil.copy(file, to / file.name)
    return to


# -- what is signed ---------------------------------------------------------------------------------------


def test_a_new_ledger_is_signed_from_the_start(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        row = ledger.recorder.last_checkpoint()

        assert row is not None
        note = open_note(row.note, [ledger.committing.signer.verifier])
        assert Checkpoint.parse(note.text) == Checkpoint(
            ledger.opened.origin, row.size, merkle.root(leaves(ledger))
        )
        assert row.size == ledger.recorder.last_position() == 2


def test_every_transaction_is_signed_and_its_checkpoint_kept_with_the_next(ledger: Ledger) -> None:
    signed = [ledger.record([actor(f"desk-{n}")]).checkpoint for n in range(3)]

    sizes = [one.size for one in signed if one is not None]
    assert sizes == [6, 7, 8]
    assert signed[-1] == mark(ledger)
    assert signed[-1] is not None
    assert signed[-1].root == merkle.root(leaves(ledger))
    assert [row.size for row in ledger.recorder.checkpoints()] == [2, 5, 6, 7]


def test_closing_keeps_the_last_checkpoint_so_that_the_file_alone_shows_all(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())

    (tmp_path / "practice.keys").unlink()
    with Ledger(desk.places(tmp_path)) as reopened:
        last = reopened.recorder.last_checkpoint()
        assert last is not None
        assert last.size == reopened.recorder.last_position() == 5


def test_two_processes_sign_one_log(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as first, Ledger(desk.places(tmp_path)) as second:
        first.record(desk.staff())
        for number in range(5):
            second.record([actor(f"second-{number}")])
            first.record([actor(f"first-{number}")])

        assert mark(first) == mark(second)
        assert mark(first).size == first.recorder.last_position()
        assert mark(first).root == merkle.root(leaves(first))


def test_who_comes_late_gets_the_checkpoint_that_covers_its_entry_too(ledger: Ledger, tmp_path: Path) -> None:
    with Ledger(desk.places(tmp_path)) as other:
        other.record([actor("other")])
        newer = mark(other)

        assert ledger.committing.signer.sign(ledger.recorder, newer.size - 1) == newer


# -- it never goes backwards ------------------------------------------------------------------------------


def test_an_older_copy_cannot_be_written_to(tmp_path: Path) -> None:
    # Given a backup, and entries recorded after it was taken
    (tmp_path / "now").mkdir()
    with desk.new_ledger(tmp_path / "now") as ledger:
        ledger.record(desk.staff())
    backup = copies(tmp_path / "now", tmp_path / "backup")
    with Ledger(desk.places(tmp_path / "now")) as ledger:
        ledger.record([actor("later")])

    # When the ledger, but not the key database, is taken back to it
    shutil.copy(backup / "practice.db", tmp_path / "now" / "practice.db")

    # Then it is read, but nothing is recorded in it
    with Ledger(desk.places(tmp_path / "now")) as restored:
        assert restored.recorder.last_position() == 5
        for count in (1, 2):
            with pytest.raises(RolledBackError, match="holds 5 entries, but a checkpoint over 6"):
                restored.record([actor(f"other-{n}") for n in range(count)])
        assert restored.recorder.last_position() == 5


def test_one_key_database_does_not_sign_two_ledgers(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with desk.new_ledger(tmp_path / name) as ledger:
            ledger.record(desk.staff())
    shutil.copy(tmp_path / "one" / "practice.keys", tmp_path / "two" / "practice.keys")
    shutil.copy(tmp_path / "one" / "practice.role", tmp_path / "two" / "practice.role")

    with Ledger(desk.places(tmp_path / "two")) as ledger, pytest.raises(ForkedError, match="another ledger"):
        ledger.record([actor("more")])


def test_a_log_signed_with_another_key_is_not_gone_on_with(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with desk.new_ledger(tmp_path / name) as ledger:
            ledger.record(desk.staff())
    desk.replace_keys(tmp_path / "two")

    with (
        Ledger(desk.places(tmp_path / "two")) as ledger,
        pytest.raises(OtherSignerError, match="another key"),
    ):
        ledger.record([actor("more")])


def test_changed_entries_are_not_signed_over(tmp_path: Path) -> None:
    # Given a ledger whose second entry was changed, its tree made anew to fit
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
        rows = [row for page in ledger.recorder.pages() for row in page]
        assert isinstance(ledger.recorder, LedgerRecorder)
        with ledger.recorder.datastore.writing() as connection:
            for table in ("stored_events", "tree"):
                connection.execute(f"DROP TRIGGER {table}_refuse_update")
            changed = rows[1].state.replace(b"director", b"directOr")
            connection.execute("UPDATE stored_events SET state = ? WHERE position = 2", [changed])
            states = [changed if row.position == 2 else row.state for row in rows]
            nodes = extend([], 0, [merkle.leaf_hash(state) for state in states])
            connection.executemany(
                "UPDATE tree SET hash = ? WHERE number = ?", [(node, at) for at, node in enumerate(nodes)]
            )

    with Ledger(desk.places(tmp_path)) as ledger, pytest.raises(ForkedError):
        ledger.record([actor("more")])


# -- killed between any two steps -------------------------------------------------------------------------

CHILD = """
import os, signal, sys
from pathlib import Path
from ledger.application import Ledger
from ledger.keys.database import KeyDatabase
from ledger.proving.committing import Committing
from ledger.proving.signing import CheckpointSigner
from ledger.storage.sqlite_datastore import LedgerDatastore
from tests import desk

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def first(before, method):
    return lambda self, *args: (before(), method(self, *args))[1]

def then(method, after):
    return lambda self, *args: (method(self, *args), after())[0]

STEPS = {
    "before the data keys": lambda: setattr(KeyDatabase, "flush", die),
    "before the commit": lambda: setattr(CheckpointSigner, "refuse_unless_extends", die),
    "before the mark": lambda: setattr(KeyDatabase, "change_settings", die),
    "before the release": lambda: setattr(CheckpointSigner, "sign", then(CheckpointSigner.sign, die)),
    "before it is kept": lambda: setattr(Committing, "keep", die),
}
ledger = Ledger(desk.places(Path(sys.argv[1])))
ledger.record([desk.client()])
print("ready", flush=True)
STEPS[sys.argv[2]]()
ledger.record([desk.intake()])
print("acknowledged", flush=True)
ledger.close()
"""
RECORDED = {
    "before the data keys": 6,
    "before the commit": 6,
    "before the mark": 7,
    "before the release": 7,
    "before it is kept": 7,
}


@pytest.mark.parametrize("step", RECORDED)
def test_killed_at_a_step_nothing_acknowledged_is_lost_and_the_next_opening_signs(
    tmp_path: Path, step: str
) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())

    died = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), step],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert died.returncode == -signal.SIGKILL, died.stderr
    assert ("acknowledged" in died.stdout) == (step == "before it is kept")
    with Ledger(desk.places(tmp_path)) as ledger:
        position = ledger.recorder.last_position()
        assert position == RECORDED[step]
        assert mark(ledger).size == position
        assert mark(ledger).root == merkle.root(leaves(ledger))
        last = ledger.recorder.last_checkpoint()
        assert last is not None
        assert last.size == position
        # and what was sealed before opens, and recording goes on
        entry = ledger.entries.stream("client/C-1", None)[0][1]
        assert ledger.plain(entry)["name"] == "Zoë Lindqvist"
        if position == 6:
            ledger.record([desk.intake()])
        assert ledger.record([actor("after")]).checkpoint == mark(ledger)


# -- what stands in the way -------------------------------------------------------------------------------


def test_what_cannot_be_signed_now_is_recorded_and_signed_by_the_next(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.keys.schema.BUSY_SECONDS", 0.2)
    with (
        Ledger(desk.places(tmp_path)) as other,
        closing(sqlite3.connect(tmp_path / "practice.keys")) as holder,
    ):
        other.keys.setting("any")  # opened with the shorter patience
        holder.execute("BEGIN IMMEDIATE")
        recorded = other.record([actor("unsigned")])

        assert recorded.checkpoint is None
        assert isinstance(other.committing.unsigned, ConflictError)
        assert recorded.positions == (6,)
        holder.rollback()

    assert mark(ledger).size == 5
    with Ledger(desk.places(tmp_path)) as reopened:
        assert mark(reopened).size == 6


def test_a_key_database_that_cannot_be_read_does_not_keep_anyone_from_reading_the_ledger(
    tmp_path: Path,
) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
    with closing(sqlite3.connect(tmp_path / "practice.db")) as connection:
        connection.execute("DROP TRIGGER checkpoints_refuse_delete")
        connection.execute("DELETE FROM checkpoints WHERE size = 5")
        connection.commit()
    (tmp_path / "practice.keys").write_bytes(b"no database")

    with Ledger(desk.places(tmp_path)) as reopened:
        assert reopened.recorder.last_position() == 5
        with pytest.raises(SealedError):
            reopened.record([actor("more")])


@pytest.mark.parametrize("setting", ["signing-key", "high-water-mark"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"", b"PRIVATE+KEY+x+00000000+AAAA", b"x\n1\nAAAA\n"])
def test_a_damaged_signer_is_said_and_nothing_is_recorded(tmp_path: Path, setting: str, value: bytes) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.keys.set_setting(setting, value)

    with Ledger(desk.places(tmp_path)) as ledger:
        with pytest.raises(IntegrityError):
            ledger.record(desk.staff())
        assert ledger.recorder.last_position() == 2
