"""Read models on each engine: caught up, rebuilt, verified, raced for, killed, damaged."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger import clock
from ledger.application import Ledger
from ledger.errors import DamagedViewsError
from ledger.places import Places
from projections.models import catching_up, clients
from projections.models.base import TEXT, Model, Row, SeenClient, Table
from projections.models.caseload import caseload
from projections.models.engagements import Wanted, engagements
from projections.models.mending import rebuilt, verified
from projections.models.registry import MODELS
from projections.models.status import OTHER_LOG, OTHER_SHAPE, status
from projections.models.store import OutrunError, State
from projections.models.views import Question, Views
from tests.projections.models.conftest import add_client, add_session, record

EVERYTHING = tuple(model.name for model in MODELS)


def ask(views: Views, *, now: bool = True) -> list[dict[str, Any]]:
    with views.asked(Question(views.ledger.moment(), EVERYTHING, now=now)) as (view, asked):
        return caseload(view, asked)


def sessions(views: Views) -> dict[str, int]:
    with views.asked(Question(views.ledger.moment(), EVERYTHING)) as (view, _):
        return {one["client"]: one["sessions"] for one in engagements(view, Wanted())}


def state_of(views: Views) -> State:
    state = views.read_models.store.state()
    assert state is not None
    return state


def sound(ledger: Ledger) -> bool:
    return not verified(ledger, MODELS, lambda _done, _of: None).differences


# -- catching up ------------------------------------------------------------------------------------------


def test_an_answer_knows_the_entry_that_came_before_it(ledger: Ledger, views: Views) -> None:
    assert [(one["practitioner"], one["running"], one["clients"]) for one in ask(views)] == [("P-1", 1, 1)]
    first = state_of(views)

    add_client(ledger, "C-2")
    add_session(ledger, "C-1", "S1")

    assert [(one["running"], one["clients"]) for one in ask(views)] == [(2, 2)]
    assert sessions(views) == {"C-1": 1, "C-2": 0}
    after = state_of(views)
    assert (after.generation, after.position) == (first.generation, ledger.recorder.last_position())
    assert views.read_models.store.max_tracking_id("ledger") == after.position  # type: ignore[attr-defined]
    assert sound(ledger)


def test_nothing_new_writes_nothing(views: Views) -> None:
    ask(views)
    before = state_of(views)

    ask(views)

    assert state_of(views) == before


def test_what_is_made_for_one_question_says_the_same(ledger: Ledger, views: Views) -> None:
    add_session(ledger, "C-1", "S1")

    assert ask(views) == ask(views, now=False)


def test_a_page_moves_rows_and_position_together(
    ledger: Ledger, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given pages of three entries and a writer cut short after two, then what stands is exactly two pages."""
    monkeypatch.setattr(catching_up, "PAGE", 3)
    monkeypatch.setattr(catching_up, "_known", lambda _view: 1000)  # so many that pages are less work
    ask(views)
    begun = state_of(views).position
    for number in range(9):
        add_session(ledger, "C-1", f"S{number}")
    models = views.read_models
    whole, taken = models._take_page, []

    def two_pages(state: State, page: Any, now: Any) -> State:
        taken.append(page)
        if len(taken) > 2:
            raise KeyboardInterrupt
        return whole(state, page, now)

    monkeypatch.setattr(models, "_take_page", two_pages)
    with pytest.raises(KeyboardInterrupt):
        models.catch_up(clock.now())
    monkeypatch.setattr(models, "_take_page", whole)

    assert state_of(views).position == begun + 6
    with models.store.reading() as found:
        assert found is not None
        assert [row["sessions"] for row in found[1].all("SELECT sessions FROM {engagements}")] == [6]
    assert sessions(views) == {"C-1": 9}
    assert sound(ledger)


def test_whoever_was_outrun_writes_nothing(ledger: Ledger, views: Views) -> None:
    """Given rows worked out from a state, when another process has moved on, then they are not written."""
    ask(views)
    before = state_of(views)
    add_session(ledger, "C-1", "S1")
    ask(views)

    with pytest.raises(OutrunError), views.read_models.store.replacing(before, before) as filling:
        filling.put({clients.SPANS: {"C-1": [("nonsense", "nonsense")]}})

    assert sound(ledger)


def test_the_projection_interface_catches_up_to_the_entry_it_is_told_of(ledger: Ledger, views: Views) -> None:
    from eventsourcing.persistence import Tracking

    add_session(ledger, "C-1", "S1")
    last = ledger.recorder.last_position()

    views.read_models.process_event(None, Tracking("ledger", last))

    assert state_of(views).position == last


def test_another_program_makes_them_anew(
    ledger: Ledger, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(views)
    before = state_of(views)
    monkeypatch.setattr(catching_up, "program_version", lambda: "99")
    monkeypatch.setattr("projections.models.status.program_version", lambda: "99")
    assert status(ledger)["why"] == OTHER_SHAPE

    with closing(Views(ledger)) as newer:
        ask(newer)
        assert state_of(newer).generation == before.generation + 1
        assert status(ledger)["why"] == ""


# -- one module ------------------------------------------------------------------------------------------


def _visits(seen: SeenClient) -> Iterator[Row]:
    for fact in seen.case.sessions:
        yield {"session": fact.event.session, "modality": fact.event.modality.value}


VISITS = Model(
    "visits",
    "sessions by modality",
    (Table("visits", {"session": TEXT, "modality": TEXT}, ("session",), of_client=_visits),),
)


def test_a_new_read_model_is_its_declaration_and_its_rows(ledger: Ledger, views: Views) -> None:
    ask(views)
    with closing(Views(ledger, (*MODELS, VISITS))) as more:
        add_session(ledger, "C-1", "S1")
        with more.asked(Question(ledger.moment(), ("visits",), "C-1")) as (view, _):
            assert view.all("SELECT client, session, modality FROM {visits}") == [
                {"client": "C-1", "session": "S1", "modality": "video"}
            ]


# -- several processes ------------------------------------------------------------------------------------

CHILD = """
import sys, time
from contextlib import closing
from ledger import clock
from ledger.application import Ledger
from ledger.places import Places
from projections.models import catching_up
from projections.models.views import Views
what, url, keys, role = sys.argv[1:5]
catching_up.PAGE, catching_up._known = 2, lambda view: 1000
with closing(Ledger(Places.of(url, keys=keys, role=role))) as ledger, closing(Views(ledger)) as views:
    models = views.read_models
    print("ready", flush=True)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if what == "rebuild":
            models.rebuild(clock.now(), seen=models.store.state())
        else:
            models.catch_up(clock.now())
        if what == "once":
            break
"""


def child(places: Places, what: str) -> subprocess.Popen[str]:
    place = f"sqlite:///{places.place}" if places.is_file else places.place
    started = subprocess.Popen(
        [sys.executable, "-c", CHILD, what, place, str(places.keys), str(places.role)],
        cwd=Path(__file__).resolve().parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n", started.communicate()[1]
    return started


def test_two_processes_catch_up_at_once(places: Places, ledger: Ledger, views: Views) -> None:
    """Given a process that catches up all the time, when this one records and asks, every answer is right."""
    other = child(places, "catch up")
    try:
        for number in range(1, 16):
            add_session(ledger, "C-1", f"S{number}")
            assert sessions(views) == {"C-1": number}
        assert other.poll() is None, other.communicate()[1]
    finally:
        other.kill()
        other.communicate()
    assert sound(ledger)


def test_a_rebuild_keeps_nobody_waiting(places: Places, ledger: Ledger, views: Views) -> None:
    """Given a process that rebuilds all the time, when this one records and asks, every answer is right."""
    ask(views)
    before = state_of(views).generation
    other = child(places, "rebuild")
    try:
        for number in range(1, 9):
            add_session(ledger, "C-1", f"S{number}")
            assert sessions(views) == {"C-1": number}
        assert other.poll() is None, other.communicate()[1]
    finally:
        other.kill()
        other.communicate()
    assert state_of(views).generation > before
    assert sound(ledger)


@pytest.mark.parametrize("what", ["catch up", "rebuild"])
def test_killed_at_any_moment_nothing_is_half_done(
    places: Places, ledger: Ledger, views: Views, what: str
) -> None:
    """Given a process that catches up or rebuilds, when it is killed (SIGKILL), the rest goes on as if it had not
    been.
    """
    random = Random(what)
    for number in range(4):
        other = child(places, what)
        add_session(ledger, "C-1", f"S{number}")
        time.sleep(random.random() / 5)
        other.send_signal(signal.SIGKILL)
        other.communicate()
        assert sessions(views) == {"C-1": number + 1}
        assert sound(ledger)
    rebuilt(ledger, lambda _done, _of: None)
    assert sound(ledger)


# -- damage ------------------------------------------------------------------------------------------------


def test_rows_of_another_log_are_made_anew(ledger: Ledger, views: Views) -> None:
    """Given rows that were made from more, or from another log, then nothing of them is believed."""
    ask(views)
    state = state_of(views)
    with views.read_models.store._writing() as (_, run, _track):
        run("UPDATE meta SET value = ? WHERE name = 'root'", [["00" * 32]])

    assert status(ledger)["why"] == OTHER_LOG
    with closing(Views(ledger)) as again:
        ask(again)
        assert state_of(again).generation == state.generation + 1
    assert status(ledger)["why"] == ""


def test_an_older_copy_put_back_makes_them_anew(views: Views) -> None:
    ask(views)
    state = state_of(views)
    with views.read_models.store._writing() as (_, run, _track):
        run("UPDATE tracking SET notification_id = ? WHERE application_name = 'ledger'", [[10_000]])

    ask(views)

    assert state_of(views).generation == state.generation + 1
    assert state_of(views).position == state.position


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "e.views"


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
class TestFile:
    def test_it_stands_beside_the_ledger_for_its_owner_only(self, views: Views, file: Path) -> None:
        ask(views)

        assert file.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("damage", ["no database", "another database", "cut off", "overwritten"])
    def test_a_damaged_file_is_told_and_made_anew(
        self, ledger: Ledger, views: Views, file: Path, damage: str
    ) -> None:
        for number in range(30):
            add_client(ledger, f"C-X{number}")
        before = ask(views)
        views.close()
        for beside in file.parent.glob("e.views-*"):
            beside.unlink()
        _damage(file, damage)

        with pytest.raises(DamagedViewsError, match="projections rebuild"):
            _look_at_everything(ledger)

        rebuilt(ledger, lambda _done, _of: None)
        with closing(Views(ledger)) as again:
            assert ask(again) == before
        assert sound(ledger)

    @pytest.mark.usefixtures("places")
    def test_where_it_cannot_be_written_the_answer_is_made_in_memory(
        self, ledger: Ledger, views: Views, file: Path
    ) -> None:
        file.mkdir()  # what cannot be opened for writing, also by root

        assert [one["running"] for one in ask(views)] == [1]
        add_session(ledger, "C-1", "S1")
        assert sessions(views) == {"C-1": 1}

    def test_a_table_taken_away_is_damage(self, ledger: Ledger, views: Views, file: Path) -> None:
        ask(views)
        views.close()
        with closing(sqlite3.connect(file)) as database:
            database.execute("DROP TABLE engagements_1")

        with closing(Views(ledger)) as damaged, pytest.raises(DamagedViewsError):
            sessions(damaged)


def _look_at_everything(ledger: Ledger) -> None:
    """Enough to meet a damaged page wherever it is."""
    with closing(Views(ledger)) as views:
        ask(views)
        sessions(views)
    verified(ledger, MODELS, lambda _done, _of: None)


def _damage(file: Path, damage: str) -> None:
    match damage:
        case "no database":
            file.write_bytes(b"not a database at all" * 100)
        case "another database":
            file.unlink()
            with closing(sqlite3.connect(file)) as database:
                database.execute("CREATE TABLE recipes (name TEXT)")
        case "cut off":
            file.write_bytes(file.read_bytes()[:9000])
        case _:
            content = bytearray(file.read_bytes())
            content[4096:] = b"\xff" * (len(content) - 4096)
            file.write_bytes(content)


def test_a_policy_looking_back_reaches_everybody_at_once(ledger: Ledger, views: Views) -> None:
    """Given more clients than are replaced at once, when all are reached, everything is made anew."""
    for number in range(5):
        add_client(ledger, f"C-X{number}")
    ask(views)
    before = state_of(views)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catching_up, "MOST_CLIENTS", 3)
        record(
            ledger,
            {"type": "PolicyAdopted", "adopts": [], "drops": [], "parameters": {"reassessment_days": 20}}
            | {"reason": "so", "occurred_at": "2020-01-01T00:00:00Z"},
        )
        ask(views)
    assert state_of(views).generation == before.generation + 1
    assert sound(ledger)
