"""A log as the application sees it: what every recorder offers, whatever database is behind it."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Notification, StoredEvent

from ledger.integrity.stored_map import InnerNode, LeafNode
from ledger.storage.reading import EVERYTHING, ROW, Reading
from ledger.storage.rows import DisclosureRow, Entry, Growth, SourceRow
from ledger.storage.tables import StoredRow, Table

BeforeCommit = Callable[[Reading, Growth | None], None]
"""Called, with what is written to be read and what the tree gained, before anything is committed; raising rolls
everything back. The key database is made durable here (DESIGN section 6: new data keys first, then the ledger)."""


Progress = Callable[[int, int], None]
"""Told how many entries are done, and how many there are."""


class Writer(Reading):
    """One open write transaction. Its reads see what it has appended."""

    @abstractmethod
    def append(
        self,
        entries: Sequence[Entry],
        *,
        recorded_at: str | None = None,
        disclosures: Sequence[DisclosureRow] = (),
        sources: Sequence[SourceRow] = (),
    ) -> int:
        """Append `entries` in the order given and return the position of the first.

        `disclosures` and `sources` may name these entries or earlier ones. Errors as for `Log.insert_events`;
        after one, the transaction can only be rolled back.
        """

    @abstractmethod
    def keep_checkpoint(self, size: int, note: str) -> None:
        """Store a signed checkpoint, unless it is there."""

    @abstractmethod
    def keep_seal(self, position: int, top: int) -> None:
        """Say under which node the map of a StreamIndexCommitted stands."""

    @abstractmethod
    def keep_anchor(self, size: int, kind: str, body: bytes) -> None:
        """Store what another party said of a checkpoint, unless it is there."""

    @abstractmethod
    def save(self, node: LeafNode | InnerNode) -> int:
        """Store a node of the stream index; its number."""

    @abstractmethod
    def take(self, table: Table, rows: Sequence[StoredRow]) -> None:
        """Insert rows of another log's table exactly as they are. Only for the copy of a whole log.

        Raises eventsourcing's IntegrityError where a row does not fit: it stands twice, or refers to none; else as
        `append`.
        """


class Log(Reading):
    """A log that can be appended to."""

    @abstractmethod
    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        recorded_at: str | None = None,
        disclosures: Sequence[DisclosureRow] = (),
        sources: Sequence[SourceRow] = (),
        checkpoint: tuple[int, str] | None = None,
        before_commit: BeforeCommit | None = None,
        **kwargs: Any,
    ) -> Sequence[int]:
        """Append entries with what belongs to them, all or nothing, and return their positions.

        `checkpoint`: the size and note of the last one, to be kept with them.

        Further keywords may come along from an application's `save` and are ignored.
        `recorded_at` is canonical UTC; the log's time becomes the later of it and what it was. Without it (as
        eventsourcing itself calls) the log's time stays what it was.

        Raises eventsourcing's IntegrityError if an entry (stream, seq) is there already, so that the
        application can look again and retry; SourceTakenError likewise for a source; LockedError if another
        process held the lock too long; StorageError if the place cannot be written; DamagedLedgerError if the
        file is not what it was.
        """

    @abstractmethod
    def bulk(self, *, before_commit: BeforeCommit | None = None) -> AbstractContextManager[Writer]:
        """One write transaction for as many batches as wanted: committed at the end of the `with` block.

        Any exception in the block rolls everything back and passes on. The log is locked for its duration.
        """

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Reading]:
        """Many reads of one and the same state, whatever is appended meanwhile."""

    @abstractmethod
    def close(self) -> None:
        """Give back every connection."""


class ApplicationLog(Log, ApplicationRecorder):
    """A log as eventsourcing's application records in it."""

    @abstractmethod
    def convert_originator_id(self, originator_id: str) -> UUID | str:
        """A stream's id as the library has it."""

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The notification log of eventsourcing: a notification's id is its position."""
        first = 0 if start is None else start if inclusive_of_start else start + 1
        sql, parameters = (
            "WHERE position >= ? AND position <= ? ",
            [first, EVERYTHING if stop is None else stop],
        )
        if topics:
            sql += f"AND topic IN ({','.join('?' * len(topics))}) "
        found = self._all(ROW + sql + "ORDER BY position LIMIT ?", [*parameters, *topics, limit])
        return [
            Notification(
                id=position,
                originator_id=self.convert_originator_id(stream),
                originator_version=seq,
                topic=topic,
                state=state,
            )
            for position, stream, seq, topic, state in found
        ]


def entries_of(stored_events: Sequence[StoredEvent]) -> list[Entry]:
    """What the library stores, as entries to be appended."""
    return [
        (
            e.originator_id.hex if isinstance(e.originator_id, UUID) else e.originator_id,
            e.originator_version,
            e.topic,
            e.state,
        )
        for e in stored_events
    ]
