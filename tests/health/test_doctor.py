"""`doctor` finds what is wrong, says what to do, and writes nothing."""

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import NoLedgerError
from ledger.health import doctor, files
from ledger.health.checks import Check, Verdict
from ledger.health.doctor import examine
from ledger.places import Places
from ledger.storage import sqlite
from tests import desk
from tests.verification.edited import change, copied, make

WARNING, BROKEN, FINE, NOTE = Verdict.WARNING, Verdict.BROKEN, Verdict.FINE, Verdict.NOTE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doctor")
    make(folder)
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A small ledger, sealed and witnessed."""
    return copied(made, tmp_path / "home")


def found(home: Path | Places) -> dict[str, Check]:
    return {
        check.name: check for check in examine(desk.places(home) if isinstance(home, Path) else home).checks
    }


def worst(home: Path) -> dict[str, Verdict]:
    """The checks that are not fine, and are not only said for people to judge."""
    return {name: check.verdict for name, check in found(home).items() if check.verdict in (WARNING, BROKEN)}


def test_a_sound_ledger_has_nothing_to_be_put_right(home: Path) -> None:
    before = {path: path.read_bytes() for path in home.iterdir()}

    assert worst(home) == {}
    assert {path: path.read_bytes() for path in home.iterdir()} == before, "nothing is written"


def test_what_is_to_be_done_is_said(home: Path) -> None:
    (home / "practice.keys").unlink()
    for check in found(home).values():
        assert check.verdict is FINE or check.remedy, check


def drop_trigger(home: Path) -> None:
    with closing(sqlite3.connect(home / "practice.db")) as connection:
        connection.execute("DROP TRIGGER tree_refuse_update")


def older_copy(home: Path) -> None:
    shutil.copy(home / "practice.db", home / "older.db")
    with Ledger(desk.places(home)) as ledger:
        ledger.record([desk.fact("ActorRegistered", actor="x", role="system", may_authorise=False)])
    shutil.move(home / "older.db", home / "practice.db")


def in_the_future(home: Path) -> None:
    change(home, "UPDATE stored_events SET log_time = '2999-01-01T00:00:00.000000Z' WHERE position = 14")


def long_ago(home: Path) -> None:
    change(home, "UPDATE stored_events SET log_time = '2020-01-01T00:00:00.000000Z' WHERE position < 14")


def unsigned(home: Path) -> None:
    """Entries that a killed program committed and did not sign."""
    with closing(sqlite3.connect(home / "practice.db")) as connection:
        (note,) = connection.execute("SELECT note FROM checkpoints WHERE size = 11").fetchone()
    with closing(sqlite3.connect(home / "practice.keys")) as keys:
        keys.execute("UPDATE setting SET value = ? WHERE name = 'high-water-mark'", [note.encode()])
        keys.commit()
    change(home, "DELETE FROM checkpoints WHERE size > 11")


CASES: dict[str, tuple[Callable[[Path], object], dict[str, Verdict]]] = {
    "a trigger dropped": (drop_trigger, {"triggers": BROKEN}),
    "an older copy": (older_copy, {"signed": BROKEN}),
    "the end cut off": (
        lambda home: change(home, "DELETE FROM stored_events WHERE position > 12"),
        {"signed": BROKEN, "end of the log": BROKEN},
    ),
    "a node of the tree changed": (
        lambda home: change(home, "UPDATE tree SET hash = zeroblob(32) WHERE number = 21"),
        {"signed": BROKEN},
    ),
    "a node of the tree missing": (
        lambda home: change(home, "DELETE FROM tree WHERE number = 21"),
        {"signed": BROKEN},
    ),
    "a clock set back": (in_the_future, {"clock": WARNING}),
    "sealed and witnessed long ago": (long_ago, {"sealed": WARNING, "outside anchors": WARNING}),
    "entries not signed": (unsigned, {"signed": WARNING}),
    "never sealed": (lambda home: change(home, "DELETE FROM seals"), {"sealed": WARNING}),
    "never witnessed": (lambda home: change(home, "DELETE FROM anchors"), {"outside anchors": WARNING}),
    "no keys": (lambda home: (home / "practice.keys").unlink(), {"key database": WARNING}),
    "keys of another ledger": (desk.replace_keys, {"key database": WARNING}),
    "a damaged key database": (
        lambda home: (home / "practice.keys").write_text("none"),
        {"key database": WARNING, "role file": WARNING},
    ),
    "a damaged role file": (lambda home: (home / "practice.role").write_text("none"), {"role file": WARNING}),
    "a ledger others can read": (lambda home: (home / "practice.db").chmod(0o644), {"file rights": WARNING}),
    "keys others can read": (lambda home: (home / "practice.keys").chmod(0o640), {"file rights": WARNING}),
    "no database": (lambda home: (home / "practice.db").write_text("not SQLite" * 100), {"ledger": BROKEN}),
}


@pytest.mark.parametrize(("act", "expected"), CASES.values(), ids=CASES)
def test_what_is_wrong_is_found(
    home: Path, act: Callable[[Path], object], expected: dict[str, Verdict]
) -> None:
    act(home)

    assert worst(home) == expected


def test_a_missing_role_file_is_for_people_to_judge(home: Path) -> None:
    (home / "practice.role").unlink()

    assert (found(home)["role file"].verdict, worst(home)) == (NOTE, {})


def test_a_write_ahead_log_without_its_ledger_is_told_before_anything_else(home: Path) -> None:
    with closing(sqlite.open_log(home / "practice.db")) as log:
        with log.bulk() as writer:
            writer.append([("client/C-9", 1, "ClientRegistered", b"{}")])
        shutil.copy(home / "practice.db-wal", home / "kept")
    (home / "practice.db").unlink()
    (home / "kept").rename(home / "practice.db-wal")

    check = found(home)["ledger file"]

    assert check.verdict is BROKEN
    assert "practice.db-wal" in check.found


def test_where_no_ledger_is_there_is_nothing_to_examine(tmp_path: Path) -> None:
    with pytest.raises(NoLedgerError):
        examine(desk.places(tmp_path))


def test_a_draft_of_a_killed_restore_is_told(home: Path) -> None:
    gone = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(gone, 0)
    (home / f".practice.db.{platform.node()}.{gone}.0123abcd.new").write_text("half")

    assert worst(home) == {"left-over drafts": WARNING}


def test_little_room_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROOM", 2**62)

    assert worst(home) == {"disk space": WARNING}


def test_a_network_file_system_is_known_by_the_table_of_mounts(tmp_path: Path) -> None:
    place = tmp_path / "a b" / "practice.db"
    escaped = str(tmp_path / "a b").replace(" ", "\\040")
    mounts = f"/dev/sda / ext4 rw 0 0\nserver:/x {escaped} nfs4 rw 0 0\ntmpfs {tmp_path}/a tmpfs rw 0 0\n"

    assert files.file_system_of(place, mounts) == "nfs4"
    assert files.file_system_of(tmp_path / "practice.db", mounts) == "ext4"
    assert files.file_system_of(tmp_path, "") == ""


def test_the_librarys_own_functions_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "yes")

    assert worst(home) == {"environment": WARNING}


def test_another_library_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LIBRARY", "8.")

    assert worst(home) == {"program": WARNING}


def test_key_files_elsewhere_are_looked_at_there(home: Path, tmp_path: Path) -> None:
    shutil.move(home / "practice.keys", tmp_path / "k")
    places = replace(desk.places(home), keys=tmp_path / "k")

    assert str(tmp_path / "k") in found(places)["key database"].found
