"""A restore: the same ledger again, nothing overwritten, and no way to make entries disappear silently."""

import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.copying.backing_up import back_up
from ledger.copying.drafts import left_over
from ledger.copying.restoring import is_whole_ledger, restore
from ledger.errors import (
    DamagedLedgerError,
    FileTakenError,
    NotALedgerError,
    OlderBackupError,
    RolledBackError,
    StorageError,
    UnsoundCopyError,
    UsageError,
)
from ledger.places import Places
from ledger.proving.restoring import rebase
from ledger.verification.held import Held
from ledger.verification.verification import Question, verify
from tests import desk
from tests.copying.tables import everything
from tests.tampering.practice import Practice, held
from tests.verification.edited import change

ROOT = Path(__file__).resolve().parents[2]
RESTORE = """
import sys
from pathlib import Path
from ledger.copying.restoring import restore
from ledger.places import Places
def told(what, done, of):
    print(what, done, flush=True)
print("begun", flush=True)
restore(Path(sys.argv[1]), Places.of(sys.argv[2]), told)
print("done", flush=True)
"""


@pytest.fixture
def backup(home: Path, tmp_path: Path) -> Path:
    with Ledger(desk.places(home)) as ledger:
        back_up(ledger, tmp_path / "b.db")
    return tmp_path / "b.db"


def beside(home: Path, name: str = "again") -> Places:
    """A place for the ledger beside its own keys."""
    return replace(desk.places(home), url=f"sqlite:///{home}/{name}.db", place=f"{home}/{name}.db")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -- the same ledger again --------------------------------------------------------------------------------


def test_a_restored_ledger_is_the_one_that_was_backed_up(
    home: Path, backup: Path, practice: Practice
) -> None:
    before = sha256(backup.read_bytes()).hexdigest()

    done = restore(backup, beside(home))

    assert everything(home / "again.db") == everything(home / "practice.db")
    assert (home / "again.db").stat().st_mode & 0o777 == 0o600
    assert done.sha256 == before == sha256(backup.read_bytes()).hexdigest(), "the backup is only read"
    assert (done.guard.refuses, done.guard.wrong, done.guard.signed) == (None, None, done.entries)
    given_out = [Held.of_receipt(practice.receipt), Held.of_receipt(practice.first_receipt)]
    given_out.append(Held.checkpoint(practice.checkpoint))
    report = verify(beside(home), Question(held=given_out))
    assert report.sound
    assert (report.held, report.texts_opened > 0, report.anchors) == (3, True, 3)


def test_recording_goes_on_in_a_restored_ledger(home: Path, backup: Path) -> None:
    restore(backup, beside(home))

    with Ledger(beside(home)) as ledger:
        recorded = ledger.record([held(20)])

    assert recorded.checkpoint is not None
    assert verify(beside(home), Question()).sound


# -- the rollback guard -----------------------------------------------------------------------------------


def test_an_older_backup_records_only_after_it_is_said_openly(home: Path, backup: Path) -> None:
    with Ledger(desk.places(home)) as ledger:
        ledger.record([held(20)])
        lost = ledger.record([held(21)])
        assert lost.checkpoint is not None
        receipt = ledger.receipt(lost.positions, lost.checkpoint).format()

    done = restore(backup, beside(home))
    with Ledger(beside(home)) as ledger, pytest.raises(RolledBackError):
        ledger.record([held(22)])
    with Ledger(beside(home)) as ledger:
        rebase(ledger.committing, ledger.sealer, "backup", "disk failure", "director")
        ledger.record([held(22)])

    assert done.guard.signed == done.entries + 2
    assert "checkpoint rebase" in (done.guard.refuses or "")
    report = verify(beside(home), Question())
    assert report.sound
    number, signed = done.entries + 1, done.entries + 2
    said = f"entry {number} says openly that the log was restored: {signed} entries had been signed, {done.entries} "
    assert [remark for remark in report.remarks if "restored" in remark] == [said + "were left"]
    assert not verify(beside(home), Question(held=[Held.of_receipt(receipt)])).sound


def test_without_keys_it_is_restored_and_said(backup: Path, tmp_path: Path) -> None:
    done = restore(backup, Places.of(f"sqlite:///{tmp_path}/alone.db"))

    assert (done.guard.keys, done.guard.role, done.guard.refuses) == (False, False, None)
    assert "not every signature" in done.checked


def test_keys_of_another_ledger_are_said(backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    desk.new_ledger(other).close()

    done = restore(backup, beside(other))

    assert re.search("another (key|ledger|copy)", done.guard.refuses or done.guard.wrong or "")


def test_a_key_database_that_is_none_is_said(backup: Path, home: Path) -> None:
    (home / "practice.keys").write_text("no database")

    done = restore(backup, beside(home))

    assert "practice.keys" in (done.guard.wrong or "")


# -- what is refused --------------------------------------------------------------------------------------


def test_nothing_is_overwritten(home: Path, backup: Path) -> None:
    before = everything(home / "practice.db")

    with pytest.raises(FileTakenError):
        restore(backup, desk.places(home))
    with pytest.raises(UsageError, match="the place to restore to"):
        restore(backup, Places.of(f"sqlite:///{backup}"))

    assert everything(home / "practice.db") == before


def test_what_is_no_backup_is_refused(tmp_path: Path, home: Path) -> None:
    (tmp_path / "words.db").write_text("SQLite? no")
    with pytest.raises(NotALedgerError, match="backup"):
        restore(tmp_path / "words.db", beside(home))
    with pytest.raises(NotALedgerError, match="without a ledger's tables"):
        restore(home / "practice.keys", beside(home))
    with pytest.raises(UsageError, match="is not there"):
        restore(tmp_path / "absent.db", beside(home))
    assert not (home / "again.db").exists()


def test_a_whole_ledger_is_known_by_its_content(backup: Path, tmp_path: Path) -> None:
    shutil.copy(backup, tmp_path / "entries.ndjson")
    (tmp_path / "c.db").write_text('{"type":"ClientRegistered"}')

    assert is_whole_ledger(tmp_path / "entries.ndjson")
    assert not is_whole_ledger(tmp_path / "c.db")
    assert not is_whole_ledger(tmp_path / "absent")


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE stored_events SET state = zeroblob(40) WHERE position = 900", "the entries after number"),
        ("UPDATE seals SET top = 1 WHERE position = (SELECT max(position) FROM seals)", "seals"),
        ("UPDATE stream_heads SET count = 7 WHERE stream = 'practice'", "stream_heads"),
        (
            "UPDATE checkpoints SET note = substr(note, 1, length(note) - 10) || 'AAAAAAAA=' || char(10)",
            "checkpoints",
        ),
    ],
)
def test_a_damaged_backup_is_not_restored(
    home: Path, backup: Path, tmp_path: Path, statement: str, finding: str
) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    shutil.copy(backup, damaged / "practice.db")
    change(damaged, statement)

    with pytest.raises(UnsoundCopyError) as refused:
        restore(damaged / "practice.db", beside(home))

    assert finding in str(refused.value)
    assert [name for name in names(home) if "again" in name] == []


def test_a_backup_cut_short_is_not_restored(home: Path, backup: Path, tmp_path: Path) -> None:
    (tmp_path / "short.db").write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])

    with pytest.raises((DamagedLedgerError, UnsoundCopyError)):
        restore(tmp_path / "short.db", beside(home))

    assert [name for name in names(home) if "again" in name] == []


def test_a_backup_from_before_there_were_proofs_is_said_to_be_one(home: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    shutil.copy(home / "practice.db", old / "practice.db")
    change(old, "UPDATE meta SET value = '1'")

    with pytest.raises(OlderBackupError):
        restore(old / "practice.db", beside(home))


def test_a_full_disk_leaves_nothing_behind(backup: Path, small: Path) -> None:
    with pytest.raises(StorageError, match="full"):
        restore(backup, Places.of(f"sqlite:///{small}/again.db"))

    assert list(small.iterdir()) == []


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_killed_restore_leaves_nothing_and_the_next_one_works(home: Path, backup: Path, after: int) -> None:
    program = [sys.executable, "-c", RESTORE, str(backup), f"sqlite:///{home}/again.db"]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(after)]
        time.sleep(0.02 * (after % 3))
        process.send_signal(signal.SIGKILL)

    there, drafts = (home / "again.db").exists(), left_over(home / "again.db")
    if there:  # killed after the last act
        assert verify(beside(home), Question()).sound
        (home / "again.db").unlink()
    restore(backup, beside(home))

    assert there or drafts or said == ["begun\n"]
    assert [name for name in names(home) if "again" in name] == ["again.db"]
    assert verify(beside(home), Question()).sound
