"""The recorder in the test cases that eventsourcing ships for recorders, on a real server."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import ProcessRecorder, StoredEvent, TrackingRecorder
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresProcessRecorder,
    PostgresTrackingRecorder,
)
from eventsourcing.utils import Environment

from ledger.errors import NoLedgerError, UsageError
from ledger.storage.postgres import LedgerFactory, LedgerRecorder, create, environment, open_log
from ledger.storage.postgres_datastore import LedgerDatastore
from tests.postgres.place import fresh_place
from tests.storage.library_cases import cases

NO_CIPHER = "the library's cipher is not used here and its dependency not installed"
TIMES_ONLY = "prints a time and checks nothing"


class Served:
    """The address that the tests of this module are given; their classes are unittest's, which take no fixtures."""

    url: ClassVar[str]


@pytest.fixture(scope="module", autouse=True)
def _served(postgres_url: str) -> None:
    Served.url = postgres_url


class OwnersDatastore(LedgerDatastore):
    """Sessions that may make tables: the application role may not."""

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        super()._prepare(connection)
        connection.execute("RESET ROLE")


class OnAServer(cases.RecorderTestCase):
    """A ledger in a schema of its own per test, with UUIDs for stream ids as the library's own tests have them."""

    datastore_class: type[LedgerDatastore] = LedgerDatastore

    def setUp(self) -> None:
        stack = ExitStack()
        self.addCleanup(stack.close)
        self.place = stack.enter_context(fresh_place(Served.url))
        create(self.place)
        self.datastore = self.datastore_class(self.place, originator_id_type=self.id_type())
        self.addCleanup(self.datastore.close)

    def id_type(self) -> Any:
        return "uuid"

    def create_recorder(self) -> Any:
        return LedgerRecorder(self.datastore)


class WithTextIds(OnAServer):
    """The same with the stream ids of the ledger."""

    def id_type(self) -> Any:
        return "text"

    def new_originator_id(self) -> UUID | str:
        return f"client/{uuid4()}"


class WithoutPositions(LedgerRecorder):
    """What the library expects of a recorder that has streams and no log."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Any:
        super().insert_events(stored_events, **kwargs)


class TestAggregateRecorder(OnAServer, cases.AggregateRecorderTestCase):
    def create_recorder(self) -> Any:
        return WithoutPositions(self.datastore)

    @pytest.mark.skip(TIMES_ONLY)
    def test_performance(self) -> None: ...


class TestAggregateRecorderText(WithTextIds, TestAggregateRecorder):
    pass


class TestSnapshotRecorder(OnAServer, cases.AggregateRecorderTestCase):
    """The library's own recorder for snapshots beside the log, on the ledger's connections."""

    datastore_class = OwnersDatastore

    def create_recorder(self) -> Any:
        recorder = PostgresAggregateRecorder(self.datastore, events_table_name="stored_snapshots")
        recorder.create_table()
        return recorder

    @pytest.mark.skip(TIMES_ONLY)
    def test_performance(self) -> None: ...


class TestApplicationRecorder(OnAServer, cases.ApplicationRecorderTestCase[LedgerRecorder]):
    @pytest.mark.skip(TIMES_ONLY)
    def test_performance(self) -> None: ...


class TestApplicationRecorderText(WithTextIds, TestApplicationRecorder):
    pass


class TestNonInterleaving(OnAServer, cases.NonInterleavingNotificationIDsBaseCase):
    pass


class TestNonInterleavingText(WithTextIds, cases.NonInterleavingNotificationIDsBaseCase):
    pass


class TestTrackingRecorder(OnAServer, cases.TrackingRecorderTestCase):
    datastore_class = OwnersDatastore

    def create_recorder(self) -> TrackingRecorder:
        recorder = PostgresTrackingRecorder(self.datastore)
        recorder.create_table()
        return recorder


class ATrackingRecorder(PostgresTrackingRecorder):
    pass


class TestFactory(cases.InfrastructureFactoryTestCase[LedgerFactory]):
    def setUp(self) -> None:
        stack = ExitStack()
        self.addCleanup(stack.close)
        place = stack.enter_context(fresh_place(Served.url))
        create(place)
        self.env = Environment("Practice", environment(place))
        super().setUp()

    @pytest.mark.skip(NO_CIPHER)
    def test_mapper_with_cipher(self) -> None: ...

    @pytest.mark.skip(NO_CIPHER)
    def test_mapper_with_cipher_and_compressor(self) -> None: ...

    @pytest.mark.skip(NO_CIPHER)
    def test_mapper_with_wrong_cipher_key(self) -> None: ...

    def expected_factory_class(self) -> type[LedgerFactory]:
        return LedgerFactory

    def expected_aggregate_recorder_class(self) -> type[PostgresAggregateRecorder]:
        return PostgresAggregateRecorder

    def expected_application_recorder_class(self) -> type[LedgerRecorder]:
        return LedgerRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return PostgresTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return ATrackingRecorder

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return PostgresProcessRecorder


# -- an application on it ---------------------------------------------------------------------------------


class Shelf(Aggregate):
    @event("Filed")
    def file(self, title: str) -> None:
        self.title = title


def test_an_application_keeps_its_events_in_the_ledger(postgres_place: str) -> None:
    create(postgres_place)
    with Application[UUID](env=environment(postgres_place)) as application:
        shelf = Shelf()
        shelf.file("first")

        recorded = application.save(shelf, recorded_at="2026-03-02T20:00:00.000000Z")

        assert [recording.notification.id for recording in recorded] == [1, 2]
        found: Shelf = application.repository.get(shelf.id)
        assert found.title == "first"
        assert isinstance(application.recorder, LedgerRecorder)
        assert application.recorder.log_time() == "2026-03-02T20:00:00.000000Z"


def test_an_application_makes_no_tables_where_there_are_none(postgres_place: str, postgres_url: str) -> None:
    with pytest.raises(NoLedgerError):
        Application[UUID](env=environment(postgres_place))

    schema = postgres_place.rpartition("%3D")[2]
    with psycopg.connect(postgres_url) as connection:
        assert (
            connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone() is None
        )


@pytest.mark.parametrize("name", ["POSTGRES_ENABLE_DB_FUNCTIONS", "SHELVES_POSTGRES_ENABLE_DB_FUNCTIONS"])
def test_the_librarys_insert_function_is_refused(postgres_place: str, name: str) -> None:
    create(postgres_place)

    class Shelves(Application[UUID]):
        name = "shelves"

    with pytest.raises(UsageError, match="takes no lock, and readers that follow the log would lose entries"):
        Shelves(env={**environment(postgres_place), name: "yes"})


@pytest.mark.parametrize(("said", "seconds"), [("3", 3), ("", 10)])
def test_the_lock_timeout_comes_from_the_environment(postgres_place: str, said: str, seconds: int) -> None:
    create(postgres_place)

    factory = LedgerFactory({**environment(postgres_place), "POSTGRES_LOCK_TIMEOUT": said})

    with factory.datastore.reading() as connection:
        found = connection.execute("SHOW lock_timeout").fetchone()
    assert found == {"lock_timeout": f"{seconds}s"}
    factory.close()


# -- following it -----------------------------------------------------------------------------------------


def test_a_subscription_gets_what_is_appended_as_it_comes(postgres_place: str) -> None:
    create(postgres_place)
    log, writer = open_log(postgres_place), open_log(postgres_place)
    writer.insert_events([StoredEvent("ledger", 1, "A", b"1")])

    with log.subscribe() as subscription:
        assert next(subscription).id == 1
        for seq in range(2, 5):
            writer.insert_events([StoredEvent("ledger", seq, "A", b"1")])
            assert next(subscription).id == seq

    log.close()
    writer.close()
