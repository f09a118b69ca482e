"""A ledger moves from SQLite to PostgreSQL and back: the same entries, roots, checkpoints, verdicts."""

import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from ledger.application import Ledger
from ledger.copying.backing_up import back_up
from ledger.copying.restoring import restore
from ledger.errors import LedgerExistsError, NotALedgerError, RolledBackError, UnsoundCopyError
from ledger.places import Places
from ledger.proving.restoring import rebase
from ledger.storage import postgres
from ledger.verification.held import Held
from ledger.verification.verification import Question, verify
from projections.audit import Question as Audit
from projections.audit import audit
from tests import desk
from tests.copying.tables import everything
from tests.copying.test_backup import writers
from tests.copying.test_restore import RESTORE, ROOT
from tests.tampering.practice import Practice, held
from tests.verification.edited import change


@pytest.fixture
def server(home: Path, postgres_place: str) -> Places:
    """A place on a server for the ledger, with its own keys."""
    own = desk.places(home)
    return replace(Places.of(postgres_place), keys=own.keys, role=own.role)


def backed_up(places: Places, file: Path) -> str:
    """Backs up the ledger of a place; the root."""
    with Ledger(places) as ledger:
        return back_up(ledger, file).root


def audited(places: Places) -> object:
    with Ledger(places) as ledger:
        return audit(ledger, Audit(ledger.moment("2026-06-01")))


def test_to_the_server_and_back_nothing_changes(
    home: Path, server: Places, tmp_path: Path, practice: Practice
) -> None:
    root = backed_up(desk.places(home), tmp_path / "one.db")

    done = restore(tmp_path / "one.db", server)
    again = backed_up(server, tmp_path / "two.db")
    restore(tmp_path / "two.db", replace(desk.places(home), place=f"{home}/again.db"))

    assert again == root == done.root
    assert done.done, "what was made on the server is said"
    assert everything(tmp_path / "two.db") == everything(tmp_path / "one.db") == everything(home / "again.db")
    assert audited(server) == audited(desk.places(home))
    given_out = [Held.of_receipt(practice.receipt), Held.checkpoint(practice.checkpoint)]
    assert verify(server, Question(held=given_out)).sound


def test_recording_goes_on_on_the_server(home: Path, server: Places, tmp_path: Path) -> None:
    backed_up(desk.places(home), tmp_path / "b.db")
    restore(tmp_path / "b.db", server)

    with Ledger(server) as ledger:
        recorded = ledger.record([held(20)])

    assert recorded.checkpoint is not None
    assert verify(server, Question()).sound


def test_an_older_backup_records_only_after_it_is_said_openly(
    home: Path, server: Places, tmp_path: Path
) -> None:
    backed_up(desk.places(home), tmp_path / "b.db")
    with Ledger(desk.places(home)) as ledger:
        ledger.record([held(20)])

    done = restore(tmp_path / "b.db", server)
    with Ledger(server) as ledger, pytest.raises(RolledBackError):
        ledger.record([held(21)])
    with Ledger(server) as ledger:
        rebase(ledger.committing, ledger.sealer, "backup", "disk failure", "director")
        ledger.record([held(21)])

    assert "checkpoint rebase" in (done.guard.refuses or "")
    assert verify(server, Question()).sound


def test_a_backup_from_a_server_while_three_record_is_one_signed_state(
    home: Path, server: Places, tmp_path: Path
) -> None:
    backed_up(desk.places(home), tmp_path / "b.db")
    restore(tmp_path / "b.db", server)

    with writers(server, 3), Ledger(server) as ledger:
        done = back_up(ledger, tmp_path / "live.db")

    backed_up(server, tmp_path / "end.db")
    copy, whole = everything(tmp_path / "live.db"), everything(tmp_path / "end.db")
    assert (done.unsigned, done.why_unsigned) == (0, None)
    assert copy["stored_events"] == whole["stored_events"][: done.entries]


def test_what_stands_on_the_server_is_never_overwritten(home: Path, server: Places, tmp_path: Path) -> None:
    backed_up(desk.places(home), tmp_path / "b.db")
    restore(tmp_path / "b.db", server)

    with pytest.raises(LedgerExistsError):
        restore(tmp_path / "b.db", server)

    assert verify(server, Question()).sound


def test_what_else_stands_on_the_server_stays(home: Path, server: Places) -> None:
    schema = server.place.rpartition("%3D")[2]
    with psycopg.connect(server.place, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute("CREATE TABLE meta (theirs text)")
        connection.execute("INSERT INTO meta VALUES ('kept')")

        with pytest.raises(NotALedgerError):
            restore(home / "practice.db", server)

        assert connection.execute("SELECT theirs FROM meta").fetchall() == [("kept",)]


def test_an_empty_log_that_was_left_there_is_used(home: Path, server: Places, tmp_path: Path) -> None:
    backed_up(desk.places(home), tmp_path / "b.db")
    postgres.create(server.place)

    assert restore(tmp_path / "b.db", server).done == ()
    assert verify(server, Question()).sound


def test_a_damaged_backup_leaves_nothing_on_the_server(home: Path, server: Places) -> None:
    change(home, "UPDATE disclosures SET digest = 'x' WHERE rowid = 5")

    with pytest.raises(UnsoundCopyError):
        restore(home / "practice.db", server)

    assert not postgres.exists(server.place)


def test_damage_on_the_server_is_not_backed_up(home: Path, server: Places, tmp_path: Path) -> None:
    backed_up(desk.places(home), tmp_path / "b.db")
    restore(tmp_path / "b.db", server)
    with psycopg.connect(server.place, autocommit=True) as connection:
        connection.execute("ALTER TABLE tree DISABLE TRIGGER ALL")
        connection.execute("UPDATE tree SET hash = decode(repeat('00', 32), 'hex') WHERE number = 800")
        connection.execute("ALTER TABLE tree ENABLE TRIGGER ALL")

    with Ledger(server) as ledger, pytest.raises(UnsoundCopyError, match="node 800"):
        back_up(ledger, tmp_path / "two.db")

    assert not (tmp_path / "two.db").exists()


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_killed_restore_leaves_nothing_recorded_and_the_next_one_works(
    home: Path, server: Places, tmp_path: Path, after: int
) -> None:
    backed_up(desk.places(home), tmp_path / "b.db")
    program = [sys.executable, "-c", RESTORE, str(tmp_path / "b.db"), server.place]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(after)]
        time.sleep(0.02 * (after % 3))
        process.send_signal(signal.SIGKILL)
    recorded = 0
    if postgres.exists(server.place):
        with closing(postgres.open_log(server.place)) as log:
            recorded = log.last_position()

    if recorded:  # killed after the last act
        postgres.remove(server.place)
    restore(tmp_path / "b.db", server)

    assert recorded in (0, len(everything(tmp_path / "b.db")["stored_events"])), said
    assert verify(server, Question()).sound
