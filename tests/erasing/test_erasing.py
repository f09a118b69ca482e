"""Erasing on both engines: what KeysDestroyed covers is gone, stays gone, and nothing else is touched."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger import clock, erasing
from ledger.application import Ledger
from ledger.entry import Override
from ledger.errors import ConflictError, HeldError, KeyDatabaseError, KeyDestroyedError, NotDueError
from ledger.importing import import_files
from ledger.perspective import Moment
from ledger.recording.admission import Admitting
from ledger.verification.verification import Question as Verification
from ledger.verification.verification import verify
from projections.audit import Question, audit
from tests import desk
from tests.desk import of_client

pytestmark = pytest.mark.usefixtures("each_engine")

AT_ONCE = {**desk.RECOMMENDED, "parameters": {"retention_years": 0}}
"""A practice that keeps texts no longer than the service lasts: so that tests need not wait seven years."""

CLOSED = {
    "engagement": "E1",
    "reason": "goals-met",
    "goals_met": True,
    "stable": "yes",
    "narrative": "all well",
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """C-1 was in therapy, which is over; a colleague was consulted about it."""
    with closing(desk.new_ledger(tmp_path, policy=AT_ONCE)) as made:
        desk.therapy_begun(made)
        made.record(
            [of_client("EngagementClosed", "2024-07-01T10:00:00-04:00", **CLOSED), consultation("at first")]
        )
        yield made


def consultation(summary: str) -> Any:
    return desk.fact("ConsultationHeld", practitioner="P-1", kind="peer", summary=summary, client="C-1")


def destruction(ground: str = "retention") -> Any:
    return of_client("KeysDestroyed", clock.now(), ground=ground)


def hold(type_: str = "HoldPlaced", matter: str = "Smith v. Jones") -> Any:
    return of_client(type_, "2024-07-15T10:00:00-04:00", matter=matter, reason="letter of counsel")


def texts(ledger: Ledger, stream: str = "client/C-1") -> dict[tuple[int, str], Any]:
    """Every sealed text of a stream that can be opened."""
    return {
        (entry.seq, name): text
        for _, entry in ledger.entries.stream(stream, None)
        for name, text in ledger.plain(entry).items()
    }


def mark(ledger: Ledger, position: int) -> bytes:
    """What a key database says when the log was looked through up to a position."""
    return f"{position} {ledger.erasing.whose}".encode()


@contextmanager
def stopped(ledger: Ledger) -> Iterator[None]:
    """As long as the block lasts, what is recorded is not carried out: as if the process ended there."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger.erasing, "catch_up", lambda _upto: [])
        yield


def types(ledger: Ledger) -> list[str]:
    return [entry.type for _, entry in ledger.entries.stream("client/C-1", None)]


def wrapped(folder: Path, subject: str = "client/C-1") -> list[bytes]:
    with closing(sqlite3.connect(desk.places(folder).keys)) as keys:
        sql = "SELECT wrapped FROM data_key WHERE subject = ? AND wrapped IS NOT NULL"
        return [key for (key,) in keys.execute(sql, (subject,))]


def again(folder: Path) -> Ledger:
    """The next command's ledger."""
    return Ledger(desk.places(folder))


# -- what goes, and what stays ----------------------------------------------------------------------------


def test_what_was_sealed_is_gone_and_the_verdict_is_the_same(ledger: Ledger, tmp_path: Path) -> None:
    # Given a client with texts of three domains, the raw bytes of the keys, and an audit
    before = audit(ledger, Question(Moment("2025-01-01T00:00:00.000000Z")))
    raw = wrapped(tmp_path)
    assert len(raw) == 3
    assert {name for _, name in texts(ledger)} >= {"name", "rationale", "narrative"}

    # When its keys are destroyed
    done = ledger.record([destruction()])

    # Then no text opens, of the client or about it, and the file and what stands beside it hold no trace of the keys
    assert [(one.stream, one.keys) for one in done.erased] == [("client/C-1", 3)]
    assert texts(ledger) == {}
    assert texts(ledger, "practitioner/P-1") == {}
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert [key for key in raw if key in content] == [], file.name

    # And the audit says the same, and everything verifies
    after = audit(ledger, Question(Moment("2025-01-01T00:00:00.000000Z")))
    assert (after["verdicts"], after["findings"], after["obligations"]) == (
        before["verdicts"],
        before["findings"],
        before["obligations"],
    )
    report = verify(desk.places(tmp_path), Verification())
    assert report.faults == ()
    assert (report.texts_opened, report.texts_erased) == (0, 7)


def test_a_client_who_comes_back_has_new_keys(ledger: Ledger, tmp_path: Path) -> None:
    ledger.record([destruction()])
    ledger.record([of_client("ClientDetailsChanged", contact="back@mail.example"), consultation("once more")])

    assert list(texts(ledger).values()) == ["back@mail.example"]
    assert list(texts(ledger, "practitioner/P-1").values()) == ["once more"]
    with closing(again(tmp_path)) as next_one:
        assert list(texts(next_one).values()) == ["back@mail.example"]


def test_what_came_later_is_not_covered_however_often_it_is_looked_at(ledger: Ledger, tmp_path: Path) -> None:
    ledger.record([destruction()])
    ledger.record([of_client("ClientDetailsChanged", contact="back@mail.example"), consultation("once more")])
    ledger.keys.set_setting(erasing.UPTO, mark(ledger, 0))

    with closing(again(tmp_path)) as next_one:
        assert list(texts(next_one).values()) == ["back@mail.example"]
        assert list(texts(next_one, "practitioner/P-1").values()) == ["once more"]


def test_what_is_recorded_together_with_the_destruction_and_after_it_is_not_destroyed(ledger: Ledger) -> None:
    ledger.record([destruction(), of_client("ClientDetailsChanged", contact="back@mail.example")])

    assert list(texts(ledger).values()) == ["back@mail.example"]


def test_an_import_destroys_what_it_says_and_spares_what_comes_after(ledger: Ledger, tmp_path: Path) -> None:
    told = {"occurred_at": "2024-08-01", "by": "old-system", "client": "C-1"}
    lines = [
        {"type": "ClientDetailsChanged", "contact": "before", **told},
        {"type": "KeysDestroyed", "ground": "retention", **told},
        {"type": "ClientDetailsChanged", "contact": "after", **told},
    ]
    file = tmp_path / "history.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    done = import_files(
        ledger, [file], by="desk", as_found=True, authorised_by="director", reason="so it was"
    )

    assert (done.entries, done.unerased) == (3, None)
    assert list(texts(ledger).values()) == ["after"]


# -- what stands in the way -------------------------------------------------------------------------------


def test_under_a_hold_nothing_is_recorded_and_nothing_destroyed(ledger: Ledger) -> None:
    ledger.record([hold()])
    before = texts(ledger)

    for override in (None, desk.override()):
        with pytest.raises(HeldError, match="a legal hold stands"):
            ledger.record([destruction()], override=override)

    assert "KeysDestroyed" not in types(ledger)
    assert texts(ledger) == before

    # And once it is released, in the same step even, it can be
    ledger.record([hold("HoldReleased"), destruction()])
    assert types(ledger)[-1] == "KeysDestroyed"


def test_before_its_day_only_on_somebodys_authority_which_stands_in_the_entry(tmp_path: Path) -> None:
    with closing(desk.new_ledger(tmp_path)) as ledger:
        desk.therapy_begun(ledger)
        with pytest.raises(NotDueError, match="E1 is not closed"):
            ledger.record([destruction()])
        ledger.record([of_client("EngagementClosed", "2024-07-01T10:00:00-04:00", **CLOSED)])
        with pytest.raises(NotDueError, match="kept until 2031-07-01"):
            ledger.record([destruction()])
        assert "KeysDestroyed" not in types(ledger)

        done = ledger.record([destruction("client-request")], override=desk.override())

        assert done.entries[0].override == Override(
            authorised_by="director", reason="seen in person", rules=()
        )
        assert done.entries[0].admitted == "override"
        assert texts(ledger) == {}


def test_an_override_that_was_not_needed_is_not_recorded(ledger: Ledger) -> None:
    assert ledger.record([destruction()], override=desk.override()).entries[0].override is None


def test_a_hold_placed_between_decision_and_entry_wins(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given another process, which places a hold just when this one has decided that none stands
    with closing(again(tmp_path)) as other:
        seal = Admitting.seal

        def late(self: Admitting, *given: Any) -> Any:
            monkeypatch.setattr(Admitting, "seal", seal)
            other.record([hold()])
            return seal(self, *given)

        monkeypatch.setattr(Admitting, "seal", late)
        with pytest.raises(HeldError):
            ledger.record([destruction()])

    assert types(ledger)[-1] == "HoldPlaced"
    assert texts(ledger) != {}


# -- entry first, then keys; and again --------------------------------------------------------------------

KILLED = """
import os, sys
from pathlib import Path
from ledger.application import Ledger
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from tests.erasing.test_erasing import destruction
KeyDatabase.destroy = lambda *_: os._exit(9)
ledger = Ledger(Places.of(sys.argv[1], keys=sys.argv[2], role=sys.argv[3]))
ledger.record([destruction()])
"""


def test_killed_between_entry_and_keys_the_next_opening_destroys_them(ledger: Ledger, tmp_path: Path) -> None:
    places = desk.places(tmp_path)
    url = places.url if places.is_file else places.place
    ledger.close()

    done = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(places.keys), str(places.role)],
        check=False,
        capture_output=True,
    )

    assert done.returncode == 9, done.stderr.decode()
    assert len(wrapped(tmp_path)) == 3
    with closing(again(tmp_path)) as next_one:
        assert types(next_one)[-1] == "KeysDestroyed"
        assert texts(next_one) == {}
    assert wrapped(tmp_path) == []


def test_an_older_key_database_put_back_is_cleared_again_at_opening(ledger: Ledger, tmp_path: Path) -> None:
    # Given a copy of the key database from before, and a client who came back after the erasure
    keys = desk.places(tmp_path).keys
    with closing(sqlite3.connect(keys)) as live, closing(sqlite3.connect(tmp_path / "copy")) as copy:
        live.backup(copy)
    ledger.record([destruction()])
    ledger.close()

    # When the copy is put in its place
    for end in ("", "-wal", "-shm"):
        Path(f"{keys}{end}").unlink(missing_ok=True)
    shutil.move(tmp_path / "copy", keys)
    assert len(wrapped(tmp_path)) == 3

    # Then the next opening, for whatever command, destroys them again
    again(tmp_path).close()
    assert wrapped(tmp_path) == []


def test_a_correction_brings_nothing_back_and_the_opening_does_not_mind(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.record([destruction()])
    seq = len(types(ledger))
    ledger.record([of_client("EntryCorrected", corrects=seq, retracted="mistaken", reason="wrong client")])
    with closing(again(tmp_path)) as next_one:
        assert list(texts(next_one)) == [(seq + 1, "reason")]


def test_what_another_process_erases_is_not_sealed_with_again(ledger: Ledger, tmp_path: Path) -> None:
    # Given two processes that hold the client's keys ready
    with closing(again(tmp_path)) as other:
        other.record([of_client("ClientDetailsChanged", contact="c")])
        ledger.record([of_client("ClientDetailsChanged", contact="b")])

        # When one erases, and the other goes on
        ledger.record([destruction()])
        other.record([of_client("ClientDetailsChanged", contact="later")])
        other.record([consultation("later too")])

    # Then what it recorded since can be read
    assert list(texts(ledger).values()) == ["later"]
    assert list(texts(ledger, "practitioner/P-1").values()) == ["later too"]


def once_sealed(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """What is recorded next is sealed, and then, before its commit, comes an act."""
    seal = Admitting.seal

    def slow(self: Admitting, *given: Any) -> Any:
        monkeypatch.setattr(Admitting, "seal", seal)
        sealed = seal(self, *given)
        act()
        return sealed

    monkeypatch.setattr(Admitting, "seal", slow)


def test_a_key_given_out_before_and_destroyed_before_the_commit_seals_nothing(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a process that has sealed a text about the client, and is about to commit
    with closing(again(tmp_path)) as other:
        once_sealed(monkeypatch, lambda: ledger.record([destruction()]))

        # When the keys are destroyed meanwhile, then it is sealed anew with another key
        other.record([consultation("just then")])

    assert list(texts(ledger, "practitioner/P-1").values()) == ["just then"]


def test_nothing_is_committed_under_a_key_that_is_on_its_way_out(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a process that has sealed a text about the client, and is about to commit
    with closing(again(tmp_path)) as other:

        def destroyed() -> None:
            with stopped(ledger):  # the other process stands between entry and keys
                ledger.record([destruction()])

        once_sealed(monkeypatch, destroyed)
        other.record([consultation("just then")])

    # When that goes on and destroys the keys, then the text is under another one
    ledger.erasing.catch_up()
    assert list(texts(ledger, "practitioner/P-1").values()) == ["just then"]


def test_whoever_seals_next_first_destroys_what_another_left(ledger: Ledger, tmp_path: Path) -> None:
    # Given an open ledger, and another process that was stopped between entry and keys
    with closing(again(tmp_path)) as other:
        with stopped(ledger):
            ledger.record([destruction()])
        assert len(wrapped(tmp_path)) == 3

        # When the open one goes on, then the keys go, and what it records is under another one
        other.record([of_client("ClientDetailsChanged", contact="later")])
    ledger.erasing.catch_up()
    assert list(texts(ledger).values()) == ["later"]


# -- the mark in the key database -------------------------------------------------------------------------


def test_a_command_that_erases_nothing_moves_no_mark(ledger: Ledger, tmp_path: Path) -> None:
    ledger.close()
    with closing(again(tmp_path)) as next_one:
        next_one.record([of_client("ClientDetailsChanged", contact="b")])
        assert next_one.keys.setting(erasing.UPTO) is None


def test_the_mark_is_moved_when_much_was_recorded_since(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = ledger.recorder.last_position()
    monkeypatch.setattr(erasing, "FAR", last)
    with closing(again(tmp_path)) as next_one:
        assert next_one.keys.setting(erasing.UPTO) == mark(ledger, last)


@pytest.mark.parametrize("value", ["999999 {whose}", "1 of another ledger"])
def test_where_the_log_was_taken_back_or_is_another_everything_is_looked_at(
    ledger: Ledger, tmp_path: Path, value: str
) -> None:
    with stopped(ledger):
        ledger.record([destruction()])
    ledger.keys.set_setting(erasing.UPTO, value.format(whose=ledger.erasing.whose).encode())

    with closing(again(tmp_path)) as next_one:
        assert next_one.keys.setting(erasing.UPTO) == mark(ledger, ledger.recorder.last_position())
        assert texts(next_one) == {}


def test_the_key_database_of_another_ledger_loses_nothing(ledger: Ledger, tmp_path: Path) -> None:
    # Given two ledgers with a client of the same id, and one of them erased
    (tmp_path / "other").mkdir()
    with closing(desk.new_ledger(tmp_path / "other", policy=AT_ONCE)) as other:
        desk.therapy_begun(other)
        before = texts(other)
    ledger.record([destruction()])
    keys = desk.places(tmp_path / "other").keys
    with closing(sqlite3.connect(keys)) as connection, connection:
        connection.execute("INSERT INTO client_index VALUES (x'00', 'C-1')")

    # When that one is opened with the other's key database by mistake
    Ledger(replace(desk.places(tmp_path), keys=keys)).close()

    # Then the other has lost nothing
    with closing(again(tmp_path / "other")) as other:
        assert texts(other) == before != {}
    with closing(sqlite3.connect(keys)) as connection:
        assert connection.execute("SELECT client FROM client_index WHERE token = x'00'").fetchall() == [
            ("C-1",)
        ]


def test_a_mark_that_does_not_count_is_replaced_at_once(ledger: Ledger, tmp_path: Path) -> None:
    ledger.keys.set_setting(erasing.UPTO, mark(ledger, 999_999))

    again(tmp_path).close()

    assert ledger.keys.setting(erasing.UPTO) == mark(ledger, ledger.recorder.last_position())


def test_a_mark_that_is_none_is_told_to_whoever_records_and_to_nobody_who_reads(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.keys.set_setting(erasing.UPTO, b"x")
    with closing(again(tmp_path)) as next_one:
        assert types(next_one)
        with pytest.raises(KeyDatabaseError, match="erased-upto was altered"):
            next_one.record([destruction()])


def test_keys_that_cannot_be_wiped_now_are_told_and_destroyed_by_the_next(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> int:
        raise ConflictError("being read")

    with monkeypatch.context() as patched:
        patched.setattr("ledger.keys.database.KeyDatabase.destroy", busy)
        done = ledger.record([destruction()])
    assert (done.erased, str(done.unerased)) == ((), "being read")
    assert texts(ledger) != {}

    again(tmp_path).close()
    assert texts(ledger) == {}
    with pytest.raises(KeyDestroyedError):
        ledger.keys.open_key(key_of(ledger))


def key_of(ledger: Ledger) -> int:
    return int(ledger.recorder.disclosures_of("client/C-1", 1)[0].key_id)
