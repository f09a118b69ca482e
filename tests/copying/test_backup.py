"""A backup: one state under a signed checkpoint, while others record; whole or not there; never with keys."""

import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.copying.backing_up import Backup, back_up, copy_as_is
from ledger.copying.drafts import left_over
from ledger.errors import FileTakenError, StorageError, UnsoundCopyError
from ledger.places import Places
from ledger.verification.verification import Question, verify
from tests import desk
from tests.copying.tables import everything
from tests.verification.edited import change

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from contextlib import suppress
from ledger.application import Ledger
from ledger.errors import ConflictError
from ledger.places import Places
from tests.tampering.practice import held
url, keys, role, name = sys.argv[1:4] + [int(sys.argv[4])]
with Ledger(Places.of(url, keys=keys, role=role)) as ledger:
    print("begun", flush=True)
    for number in range(1000):
        with suppress(ConflictError):  # all record for one client
            ledger.record([held(1000 * name + number)])
        print(number, flush=True)
"""
BACKUP = """
import sys
from pathlib import Path
from ledger.application import Ledger
from ledger.copying.backing_up import back_up
from ledger.places import Places
def told(what, done, of):
    print(what, done, flush=True)
with Ledger(Places.of(sys.argv[1])) as ledger:
    print("begun", flush=True)
    back_up(ledger, Path(sys.argv[2]), told)
    print("done", flush=True)
"""


def backed_up(home: Path, file: Path) -> Backup:
    with Ledger(desk.places(home)) as ledger:
        return back_up(ledger, file)


@contextmanager
def writers(places: Places, number: int) -> Iterator[None]:
    """So many processes that record, each already at it."""
    url = places.url if places.is_file else places.place
    program = [sys.executable, "-c", WRITER, url, str(places.keys), str(places.role)]
    running = [
        subprocess.Popen([*program, str(name)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for name in range(1, number + 1)
    ]
    try:
        for process in running:
            assert process.stdout is not None
            for _ in range(3):
                process.stdout.readline()
        yield
        assert [process.poll() for process in running] == [None] * number, "they ended before the backup did"
    finally:
        for process in running:
            process.kill()
            process.communicate()


# -- what is in it ----------------------------------------------------------------------------------------


def test_a_backup_is_the_ledger_byte_by_byte_and_verifies(home: Path, tmp_path: Path) -> None:
    done = backed_up(home, tmp_path / "b.db")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.db", "home"]
    assert everything(tmp_path / "b.db") == everything(home / "practice.db")
    assert sha256((tmp_path / "b.db").read_bytes()).hexdigest() == done.sha256
    assert (done.bytes, done.unsigned) == ((tmp_path / "b.db").stat().st_size, 0)
    assert done.checkpoint is not None
    assert done.checkpoint.size == done.entries
    assert (tmp_path / "b.db").stat().st_mode & 0o777 == 0o600


def test_keys_are_not_in_it(home: Path, tmp_path: Path) -> None:
    backed_up(home, tmp_path / "b.db")

    with closing(sqlite3.connect(home / "practice.keys")) as keys:
        wrapped = [row[0] for row in keys.execute("SELECT wrapped FROM data_key WHERE wrapped IS NOT NULL")]
        (signing,) = keys.execute("SELECT value FROM setting WHERE name = 'signing-key'").fetchone()
    content = (tmp_path / "b.db").read_bytes()
    assert wrapped
    assert not any(secret in content for secret in [*wrapped, signing])


def test_a_backup_taken_while_three_record_is_one_signed_state(home: Path, tmp_path: Path) -> None:
    taken = []
    with writers(desk.places(home), 3):
        for number in range(3):
            taken.append(backed_up(home, tmp_path / f"{number}.db"))

    for number, done in enumerate(taken):
        assert (done.unsigned, done.why_unsigned) == (0, None)
        copy = everything(tmp_path / f"{number}.db")
        whole = everything(home / "practice.db")
        assert copy["stored_events"] == whole["stored_events"][: done.entries]
        assert copy["disclosures"] == whole["disclosures"][: len(copy["disclosures"])]
    sizes = [done.entries for done in taken]
    assert sizes == sorted(set(sizes)), "each took in what was recorded before it"
    Ledger(desk.places(home)).close()  # which signs what a killed writer left unsigned
    assert verify(desk.places(home), Question()).sound


def test_without_keys_it_says_what_is_under_no_checkpoint(home: Path, tmp_path: Path) -> None:
    """Given a ledger copied while its last checkpoint stood in the key database only, and no key database."""
    with Ledger(desk.places(home)) as ledger:
        ledger.record([desk.fact("ActorRegistered", actor="x", role="system", may_authorise=False)])
        shutil.copy(home / "practice.db", tmp_path / "alone.db")
        shutil.copy(home / "practice.db-wal", tmp_path / "alone.db-wal")

    with Ledger(Places.of(f"sqlite:///{tmp_path}/alone.db")) as alone:
        done = back_up(alone, tmp_path / "b.db")

    assert done.unsigned == 1
    assert "alone.keys" in (done.why_unsigned or "")
    assert "not every signature" in done.checked


def test_a_ledger_that_was_taken_back_is_backed_up_as_it_is(home: Path, tmp_path: Path) -> None:
    """The signer refuses it, and whoever finds out wants a copy above all."""
    shutil.copy(home / "backup" / "practice.db", home / "practice.db")

    done = backed_up(home, tmp_path / "b.db")

    assert everything(tmp_path / "b.db") == everything(home / "practice.db")
    assert done.entries < 1600


# -- what is refused --------------------------------------------------------------------------------------


def test_nothing_is_overwritten(home: Path, tmp_path: Path) -> None:
    for name in ("b.db", "b.db-wal"):
        (tmp_path / name).write_text("mine")
        with pytest.raises(FileTakenError, match=re.escape(name)):
            backed_up(home, tmp_path / "b.db")
        assert (tmp_path / name).read_text() == "mine"
        (tmp_path / name).unlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE tree SET hash = zeroblob(32) WHERE number = 800", "tree"),
        ("UPDATE sources SET fingerprint = zeroblob(32) WHERE source = 'desk-1'", "sources desk-1"),
        ("UPDATE checkpoints SET note = replace(note, char(10) || '1', char(10) || '2')", "checkpoints"),
        ("UPDATE disclosures SET digest = 'x' WHERE rowid = 5", "disclosures"),
    ],
)
def test_a_damaged_ledger_is_not_backed_up(home: Path, tmp_path: Path, statement: str, finding: str) -> None:
    change(home, statement)

    with pytest.raises(UnsoundCopyError, match="restore the newest backup") as refused:
        backed_up(home, tmp_path / "b.db")

    assert finding in str(refused.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_as_it_is_damage_is_copied_for_whoever_examines_it(home: Path, tmp_path: Path) -> None:
    change(home, "UPDATE tree SET hash = zeroblob(32) WHERE number = 800")

    size, digest = copy_as_is(desk.places(home), tmp_path / "evidence.db")

    content = (tmp_path / "evidence.db").read_bytes()
    assert (len(content), sha256(content).hexdigest()) == (size, digest)
    assert everything(tmp_path / "evidence.db") == everything(home / "practice.db")
    with pytest.raises(FileTakenError):
        copy_as_is(desk.places(home), tmp_path / "evidence.db")


# -- where it cannot be written ---------------------------------------------------------------------------


def test_a_full_disk_leaves_nothing_behind(home: Path, small: Path) -> None:
    with pytest.raises(StorageError, match="full") as refused:
        backed_up(home, small / "b.db")

    assert str(small / "b.db") in str(refused.value)
    assert list(small.iterdir()) == []
    assert verify(desk.places(home), Question()).sound


def test_a_limit_on_files_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    """As a quota does it: writing beyond the limit fails (EFBIG)."""
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, {resource.RLIM_INFINITY}))\n{BACKUP}"
    done = subprocess.run(
        [sys.executable, "-c", code, desk.places(home).url, str(tmp_path / "b.db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "StorageError" in done.stderr.splitlines()[-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]
    assert verify(desk.places(home), Question()).sound


def test_a_folder_that_cannot_be_written_is_said(home: Path, tmp_path: Path, small: Path) -> None:
    with pytest.raises(StorageError, match=r"the folder .* is not there"):
        backed_up(home, tmp_path / "absent" / "b.db")
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    with pytest.raises(StorageError, match="Read-only file system"):
        backed_up(home, small / "b.db")


# -- killed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_killed_backup_leaves_no_backup_and_the_next_one_works(
    home: Path, tmp_path: Path, after: int
) -> None:
    program = [sys.executable, "-c", BACKUP, desk.places(home).url, str(tmp_path / "b.db")]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(after)]
        time.sleep(0.01 * (after % 3))
        process.send_signal(signal.SIGKILL)
    assert "done\n" not in said

    there = (tmp_path / "b.db").exists()
    drafts = left_over(tmp_path / "b.db")
    if there:  # killed after the last act: then it is whole
        assert verify(Places.of(f"sqlite:///{tmp_path}/b.db"), Question()).sound
        (tmp_path / "b.db").unlink()
    backed_up(home, tmp_path / "b.db")

    assert there or drafts or said == ["begun\n"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.db", "home"]
    assert verify(desk.places(home), Question()).sound
