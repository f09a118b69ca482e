"""The recorder in the test cases that eventsourcing ships for recorders, on a real file."""

import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import ProcessRecorder, StoredEvent, TrackingRecorder
from eventsourcing.sqlite import SQLiteAggregateRecorder, SQLiteProcessRecorder, SQLiteTrackingRecorder
from eventsourcing.utils import Environment

from ledger.errors import LedgerError, NoLedgerError
from ledger.storage.sqlite import LedgerFactory, LedgerRecorder, create
from ledger.storage.sqlite_datastore import LedgerDatastore
from tests.storage.library_cases import cases

NO_CIPHER = "the library's cipher is not used here and its dependency not installed"
TIMES_ONLY = "prints a time and checks nothing"


class OnAFile(cases.RecorderTestCase):
    """A ledger file per test, with UUIDs for stream ids as the library's own tests have them."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        create(Path(folder.name) / "practice.db")
        self.datastore = LedgerDatastore(
            str(Path(folder.name) / "practice.db"), originator_id_type=self.id_type()
        )
        self.addCleanup(self.datastore.close)

    def id_type(self) -> Any:
        return "uuid"

    def create_recorder(self) -> Any:
        return LedgerRecorder(self.datastore)


class WithTextIds(OnAFile):
    """The same with the stream ids of the ledger."""

    def id_type(self) -> Any:
        return "text"

    def new_originator_id(self) -> UUID | str:
        return f"client/{uuid4()}"


class WithoutPositions(LedgerRecorder):
    """What the library expects of a recorder that has streams and no log."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Any:
        super().insert_events(stored_events, **kwargs)


class TestAggregateRecorder(OnAFile, cases.AggregateRecorderTestCase):
    def create_recorder(self) -> Any:
        return WithoutPositions(self.datastore)

    @pytest.mark.skip(TIMES_ONLY)
    def test_performance(self) -> None: ...


class TestAggregateRecorderText(WithTextIds, TestAggregateRecorder):
    pass


class TestSnapshotRecorder(OnAFile, cases.AggregateRecorderTestCase):
    """The library's own recorder for snapshots beside the log, on the ledger's connections."""

    def create_recorder(self) -> Any:
        recorder = SQLiteAggregateRecorder(self.datastore, events_table_name="stored_snapshots")
        recorder.create_table()
        return recorder

    @pytest.mark.skip(TIMES_ONLY)
    def test_performance(self) -> None: ...


class TestApplicationRecorder(OnAFile, cases.ApplicationRecorderTestCase[LedgerRecorder]):
    @pytest.mark.skip(TIMES_ONLY)
    def test_performance(self) -> None: ...


class TestApplicationRecorderText(WithTextIds, TestApplicationRecorder):
    pass


class TestNonInterleaving(OnAFile, cases.NonInterleavingNotificationIDsBaseCase):
    pass


class TestNonInterleavingText(WithTextIds, cases.NonInterleavingNotificationIDsBaseCase):
    pass


class TestTrackingRecorder(OnAFile, cases.TrackingRecorderTestCase):
    def create_recorder(self) -> TrackingRecorder:
        recorder = SQLiteTrackingRecorder(self.datastore)
        recorder.create_table()
        return recorder


class ATrackingRecorder(SQLiteTrackingRecorder):
    pass


class TestFactory(cases.InfrastructureFactoryTestCase[LedgerFactory]):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        create(Path(folder.name) / "practice.db")
        self.env = Environment("Practice")
        self.env["PERSISTENCE_MODULE"] = "ledger.storage.sqlite"
        self.env["SQLITE_DBNAME"] = str(Path(folder.name) / "practice.db")
        super().setUp()

    @pytest.mark.skip(NO_CIPHER)
    def test_mapper_with_cipher(self) -> None: ...

    @pytest.mark.skip(NO_CIPHER)
    def test_mapper_with_cipher_and_compressor(self) -> None: ...

    @pytest.mark.skip(NO_CIPHER)
    def test_mapper_with_wrong_cipher_key(self) -> None: ...

    def expected_factory_class(self) -> type[LedgerFactory]:
        return LedgerFactory

    def expected_aggregate_recorder_class(self) -> type[SQLiteAggregateRecorder]:
        return SQLiteAggregateRecorder

    def expected_application_recorder_class(self) -> type[LedgerRecorder]:
        return LedgerRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return SQLiteTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return ATrackingRecorder

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return SQLiteProcessRecorder


# -- an application on it ---------------------------------------------------------------------------------


class Shelf(Aggregate):
    @event("Filed")
    def file(self, title: str) -> None:
        self.title = title


def environment(place: Path | str, **more: str) -> dict[str, str]:
    return {"PERSISTENCE_MODULE": "ledger.storage.sqlite", "SQLITE_DBNAME": str(place), **more}


@pytest.mark.parametrize("memory", [False, True], ids=["file", "memory"])
def test_an_application_keeps_its_events_in_the_ledger(tmp_path: Path, memory: bool) -> None:
    place = ":memory:" if memory else str(tmp_path / "practice.db")
    if not memory:
        create(place)
    with Application[UUID](env=environment(place)) as application:
        shelf = Shelf()
        shelf.file("first")

        recorded = application.save(shelf, recorded_at="2026-03-02T20:00:00.000000Z")

        assert [recording.notification.id for recording in recorded] == [1, 2]
        found: Shelf = application.repository.get(shelf.id)
        assert found.title == "first"
        assert isinstance(application.recorder, LedgerRecorder)
        assert application.recorder.log_time() == "2026-03-02T20:00:00.000000Z"


def test_an_application_makes_no_ledger_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoLedgerError):
        Application[UUID](env=environment(tmp_path / "practice.db"))

    assert list(tmp_path.iterdir()) == []


def test_an_application_makes_no_tables_in_a_file_of_something_else(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE songs (title)")
    other.close()

    with pytest.raises(LedgerError, match="is not an engagement ledger"):
        Application[UUID](env=environment(tmp_path / "other.db"))

    other = sqlite3.connect(tmp_path / "other.db")
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]
    other.close()


@pytest.mark.parametrize(("said", "seconds"), [("3", 3), ("", 10)])
def test_the_lock_timeout_comes_from_the_environment(tmp_path: Path, said: str, seconds: int) -> None:
    create(tmp_path / "practice.db")

    factory = LedgerFactory(environment(tmp_path / "practice.db", SQLITE_LOCK_TIMEOUT=said))

    with factory.datastore.reading() as connection:
        assert connection.execute("PRAGMA busy_timeout").fetchone()[0] == 1000 * seconds
    assert factory.datastore.faults.waited == factory.datastore.pool.pool_timeout == seconds
    factory.close()
