"""What eventsourcing itself asks of a log: a stream, the notifications, a subscription to them."""

from collections.abc import Sequence
from uuid import UUID

from eventsourcing import postgres as library
from eventsourcing.persistence import ApplicationRecorder, StoredEvent, Subscription

from ledger.storage.log import ApplicationLog
from ledger.storage.postgres_datastore import LedgerDatastore
from ledger.storage.postgres_functions import CHANNEL
from ledger.storage.postgres_subscription import LedgerSubscription
from ledger.storage.reading import EVERYTHING, ROW


class LogAsAsked(library.PostgresApplicationRecorder, ApplicationLog):
    """The library's recorder, its questions answered from the ledger's tables. A notification's id is its position."""

    datastore: LedgerDatastore

    def __init__(self, datastore: LedgerDatastore) -> None:
        needed = set(datastore.db_type_names)
        super().__init__(datastore)
        datastore.db_type_names = needed  # the library's type for events is not used here, and not made
        self.channel_name = CHANNEL
        self.sql_create_statements.clear()  # tables are made by `create`

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The entries of a stream, as eventsourcing's repository asks for them."""
        sql = ROW + (
            "WHERE originator_id = ? AND originator_version > ? AND originator_version <= ? "
            f"ORDER BY originator_version {'DESC' if desc else 'ASC'} LIMIT ?"
        )
        stream = originator_id.hex if isinstance(originator_id, UUID) else originator_id
        most = EVERYTHING if limit is None else limit
        found = self._all(
            sql, [stream, gt if gt is not None else -1, EVERYTHING if lte is None else lte, most]
        )
        return [
            StoredEvent(
                originator_id=self.convert_originator_id(stream),
                originator_version=seq,
                topic=topic,
                state=state,
            )
            for _, stream, seq, topic, state in found
        ]

    select_notifications = ApplicationLog.select_notifications

    def max_notification_id(self) -> int | None:
        """The last position; None for an empty log."""
        return self.last_position() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """What is appended from now on, or after position `gt`, as it comes."""
        return LedgerSubscription(self, self.datastore.connections, gt, topics)

    def convert_originator_id(self, originator_id: str) -> UUID | str:
        """A stream's id as the library has it."""
        return UUID(originator_id) if self.datastore.originator_id_type == "uuid" else originator_id
