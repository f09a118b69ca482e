"""The ledger's log in a PostgreSQL database: eventsourcing's recorder, extended.

`PERSISTENCE_MODULE="ledger.storage.postgres"` makes an eventsourcing application keep its events here: the one
factory in this module is found by that name. Tables are made by `create` and nowhere else.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast

from eventsourcing import postgres as library
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    InfrastructureFactoryError,
    StoredEvent,
)
from eventsourcing.utils import Environment, EnvType, strtobool

from ledger.errors import UnreachableError
from ledger.storage.log import BeforeCommit, Progress, entries_of
from ledger.storage.postgres_append import append, landmarks, was_committed
from ledger.storage.postgres_asked import LogAsAsked
from ledger.storage.postgres_condition import condition
from ledger.storage.postgres_datastore import LOCK_SECONDS, LedgerDatastore
from ledger.storage.postgres_faults import CommitCut, ConnectionCut
from ledger.storage.postgres_making import create, exists, remove
from ledger.storage.postgres_transaction import PostgresReading, PostgresWriter, fetch_all, fetch_each
from ledger.storage.reading import Reading
from ledger.storage.rows import Batch, DisclosureRow, Growth, SourceRow

__all__ = [
    "LedgerFactory",
    "LedgerRecorder",
    "condition",
    "create",
    "environment",
    "exists",
    "open_log",
    "remove",
    "upgrade",
]

TRIES = 5
"""How often entries are appended anew where the connection broke and nothing was recorded."""

FEW = 100
"""Up to how many entries are appended by the server's function; more are sent with COPY."""


def open_log(place: str, *, lock_timeout: float = LOCK_SECONDS) -> "LedgerRecorder":
    """The log of the ledger at an address.

    `lock_timeout` is how many seconds to wait for another session's lock. A process opens its own: a recorder is not
    to be carried across a fork. Raises NoLedgerError, NotALedgerError, NewerLedgerError, UnreachableError,
    StorageError, or UsageError for a bad address.
    """
    datastore = LedgerDatastore(place, lock_timeout=lock_timeout)
    try:
        datastore.check()
        return LedgerRecorder(datastore)
    except BaseException:
        datastore.close()
        raise


def upgrade(place: str, progress: Progress = lambda _done, _of: None) -> bool:  # noqa: ARG001  # as every engine's
    """Bring a ledger to today's storage version: there is no older one here. Raises what `open_log` raises."""
    open_log(place).close()
    return False


def environment(place: str) -> dict[str, str]:
    """What makes an eventsourcing application keep its events there."""
    return {"PERSISTENCE_MODULE": __name__, LedgerFactory.POSTGRES_URL: place}


class LedgerRecorder(LogAsAsked):
    """eventsourcing's application recorder with gapless positions, log time, disclosures, sources and a Merkle tree."""

    def close(self) -> None:
        """Close the connections."""
        self.datastore.close()

    # -- writing ------------------------------------------------------------------------------------------

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        recorded_at: str | None = None,
        disclosures: Sequence[DisclosureRow] = (),
        sources: Sequence[SourceRow] = (),
        checkpoint: tuple[int, str] | None = None,
        before_commit: BeforeCommit | None = None,
        **_: Any,
    ) -> Sequence[int]:
        """As `Log.insert_events`. Where the answer to the commit is lost, looks whether it is there after all."""
        batch = Batch(entries_of(stored_events), recorded_at, disclosures, sources)
        if not (batch.entries or disclosures or sources):
            return []
        if len(batch.entries) > FEW:
            return self._insert_many(batch, checkpoint, before_commit)
        for tried in range(1, TRIES + 1):
            try:
                growth = self._insert(batch, checkpoint, before_commit)
            except CommitCut as cut:
                if was_committed(self.datastore, landmarks(batch), cut):
                    return [self._position(stream, seq) for stream, seq, *_rest in batch.entries]
                if tried == TRIES:
                    raise self.datastore.unreachable(cut) from cut
            except ConnectionCut as cut:
                if tried == TRIES:
                    raise self.datastore.unreachable(cut) from cut
            else:
                return list(range(growth.size_before + 1, growth.size + 1))
        raise AssertionError  # the last try returns or raises

    def _insert(
        self, batch: Batch, checkpoint: tuple[int, str] | None, before_commit: BeforeCommit | None
    ) -> Growth:
        if before_commit is None:  # one round trip: the statement is the transaction
            with self.datastore.reading() as connection, self.datastore.committing(connection):
                return append(connection, batch, checkpoint)
        with self.datastore.writing() as connection:
            growth = append(connection, batch, checkpoint)
            reading = PostgresReading(connection, self.datastore.faults)
            before_commit(reading, growth if batch.entries else None)
            return growth

    def _insert_many(
        self, batch: Batch, checkpoint: tuple[int, str] | None, before_commit: BeforeCommit | None
    ) -> Sequence[int]:
        with self.bulk(before_commit=before_commit) as writer:
            if checkpoint is not None:
                writer.keep_checkpoint(*checkpoint)
            entries, recorded_at, disclosures, sources = batch
            first = writer.append(entries, recorded_at=recorded_at, disclosures=disclosures, sources=sources)
        return list(range(first, first + len(entries)))

    def _position(self, stream: str, seq: int) -> int:
        found = self.entry(stream, seq)
        if found is None:
            raise UnreachableError(
                self.datastore.place, f"entry {seq} of {stream} is there and cannot be read"
            )
        return found.position

    @contextmanager
    def bulk(self, *, before_commit: BeforeCommit | None = None) -> Iterator[PostgresWriter]:
        """As `Log.bulk`."""
        writer: PostgresWriter | None = None
        try:
            with self.datastore.writing() as connection:
                writer = PostgresWriter(connection, self.datastore.faults)
                yield writer
                writer.refuse_if_broken()
                if before_commit is not None:
                    before_commit(writer, writer.growth)
                writer.flush()
        except CommitCut as cut:
            if writer is None or not was_committed(self.datastore, writer.told, cut):
                raise self.datastore.unreachable(cut) from cut
        except ConnectionCut as cut:
            raise self.datastore.unreachable(cut) from cut

    # -- reading ------------------------------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[Reading]:
        """As `Log.snapshot`."""
        with self.datastore.uncut(), self.datastore.snapshot() as connection:
            yield PostgresReading(connection, self.datastore.faults)

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        try:
            with self.datastore.reading() as connection:
                return fetch_all(connection, sql, parameters)
        except ConnectionCut:  # a server that was restarted, mostly: another connection may do
            with self.datastore.uncut(), self.datastore.reading() as connection:
                return fetch_all(connection, sql, parameters)

    def _each(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Any, None, None]:
        with self.datastore.uncut(), self.datastore.snapshot() as connection:
            yield from fetch_each(connection, sql, parameters)


class LedgerFactory(library.PostgresFactory):
    """Makes the recorder from an application's environment.

    `POSTGRES_URL` is the address, `POSTGRES_LOCK_TIMEOUT` whole seconds. Opening never makes tables: CREATE_TABLE
    counts as "no" unless it is set, and then says only whether the library's own recorders make theirs.
    """

    POSTGRES_URL = "POSTGRES_URL"
    application_recorder_class = LedgerRecorder  # type: ignore[assignment]
    datastore: LedgerDatastore

    def __init__(self, env: Environment | EnvType | None) -> None:
        InfrastructureFactory.__init__(
            self, env
        )  # the library's own wants host, user and password one by one
        place = self.env.get(self.POSTGRES_URL)
        if not place:
            raise InfrastructureFactoryError(f"{self.POSTGRES_URL} is not set")
        self.datastore = LedgerDatastore(
            place,
            lock_timeout=int(self.env.get(self.POSTGRES_LOCK_TIMEOUT) or LOCK_SECONDS),
            single_row_tracking=strtobool(self.env.get(self.POSTGRES_SINGLE_ROW_TRACKING, "t")),
            originator_id_type=cast(Literal["uuid", "text"], self.env.get(self.ORIGINATOR_ID_TYPE, "uuid")),
            enable_db_functions=strtobool(self.env.get(self.POSTGRES_ENABLE_DB_FUNCTIONS) or "no"),
        )

    def env_create_table(self) -> bool:
        """Whether making one of the library's recorders makes its tables."""
        return strtobool(self.env.get(self.CREATE_TABLE) or "no")

    def application_recorder(self) -> ApplicationRecorder:
        """The log. Raises what `open_log` raises."""
        self.datastore.check()
        return LedgerRecorder(self.datastore)
