"""What the errors of PostgreSQL, and of the way to it, mean for the ledger."""

import json
from types import TracebackType

import psycopg
from eventsourcing import persistence
from psycopg import errors

from ledger.address import shown
from ledger.errors import (
    DamagedLedgerError,
    LedgerError,
    LockedError,
    SourceTakenError,
    StorageError,
    UnreachableError,
)
from ledger.storage.postgres_place import without_passwords

DAMAGED_TREE = "EL001"
"""Raised by `append_entries`: the end of the log and its tree do not fit."""

SOURCE_TAKEN = "EL002"
"""Raised by `append_entries`: a source is there; the error's detail says as what."""

LOCKED = (errors.LockNotAvailable, errors.DeadlockDetected)
OTHER_TABLES = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.DatatypeMismatch,
)
CUT = ("57P01", "57P02", "57P03", "57P05", "25P03", "08")
"""SQLSTATEs with which the server ends a connection."""

UNUSABLE = {
    errors.DiskFull: "the server's disk is full",
    errors.IoError: "the server's disk reports an error",
    errors.OutOfMemory: "the server's memory is exhausted",
    errors.ReadOnlySqlTransaction: "the server takes no writes: it is a standby, or set to read only",
    errors.InsufficientPrivilege: "this login may not do that",
    errors.ProgramLimitExceeded: "an entry is larger than PostgreSQL takes",
    errors.UntranslatableCharacter: "PostgreSQL cannot keep that text",
    errors.CharacterNotInRepertoire: "PostgreSQL cannot keep that text",
}
GRANT_IT = "Grant it one of the roles that `engagement-ledger init` made."
REMEDIES = {
    errors.InsufficientPrivilege: GRANT_IT,
    errors.ReadOnlySqlTransaction: "Name the primary, or all hosts: postgresql://USER@HOST1,HOST2/DATABASE.",
}
BESIDE = ("disclosures", "sources", "tree", "checkpoints", "anchors", "map_nodes", "seals")
"""Tables whose rows are never somebody else's entry."""

REFUSED_LOGIN = (
    "password authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "authentication failed",
    "is not permitted to log in",
    "permission denied for database",
)


class ConnectionCut(Exception):  # noqa: N818  # not an error that leaves the storage: who catches it knows what to do
    """The connection broke. `why` is the server's or the network's word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class CommitCut(ConnectionCut):
    """The connection broke after the server was told to commit: it may have done so or not."""


class Faults:
    """As a context manager: lets no error of psycopg out of its block.

    Raises ConnectionCut where the connection broke; LockedError, SourceTakenError, DamagedLedgerError or StorageError;
    eventsourcing's IntegrityError where an entry (stream, seq) is there already; for the rest eventsourcing's error of
    the same name. In a block that runs only `known_sql`, a statement that does not fit the tables is damage to them;
    in one that does not, a cut is eventsourcing's OperationalError, for the library tries such a thing again.
    """

    def __init__(self, place: str, waited: float, *, known_sql: bool) -> None:
        self._address = place
        self.place, self.waited, self.known_sql = shown(place), waited, known_sql

    def __enter__(self) -> None:
        """Nothing to prepare: one instance serves every block, also nested ones."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, psycopg.Error):
            raise self.meaning(error) from error
        if isinstance(error, ConnectionCut) and not self.known_sql:
            raise persistence.OperationalError(error.why) from error

    def said(self, error: BaseException) -> str:
        """What an error says, in one line; of a server's answer the message, not where in a statement it arose."""
        primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
        return without_passwords(primary or str(error), self._address)

    def meaning(self, error: psycopg.Error) -> Exception:
        """The error to raise for `error`."""
        if is_cut(error):
            return ConnectionCut(self.said(error))
        return self._plain(error) or self._of_constraint(error) or self._of_the_library(error)

    def _plain(self, error: psycopg.Error) -> LedgerError | None:
        if isinstance(error, LOCKED):
            return LockedError(self.place, self.waited)
        if error.sqlstate == DAMAGED_TREE or isinstance(error, errors.DataCorrupted | errors.IndexCorrupted):
            return DamagedLedgerError(self.place, error.diag.message_primary or "")
        if self.known_sql and isinstance(error, OTHER_TABLES):
            return DamagedLedgerError(self.place, error.diag.message_primary or "")
        if error.sqlstate == SOURCE_TAKEN:
            return SourceTakenError(*json.loads(error.diag.message_detail or "[]"))
        if isinstance(error, errors.TooManyConnections | errors.QueryCanceled | errors.SerializationFailure):
            return UnreachableError(self.place, self.said(error), "Try again.")
        for kind, why in UNUSABLE.items():
            if isinstance(error, kind):
                remedy = REMEDIES.get(kind, "Put that right and try again.")
                return StorageError(self.place, f"{why} ({self.said(error)})", remedy)
        return None

    def _of_constraint(self, error: psycopg.Error) -> LedgerError | None:
        taken = isinstance(error, errors.UniqueViolation) and error.diag.table_name not in (
            "disclosures",
            "sources",
        )
        if not isinstance(error, psycopg.IntegrityError) or taken:
            return None
        why = f"the rows do not fit together ({error.diag.message_primary or self.said(error)})"
        return StorageError(self.place, why, "Report it as a bug.")

    def _of_the_library(self, error: psycopg.Error) -> Exception:
        if self.known_sql and not isinstance(error, psycopg.IntegrityError):
            return StorageError(self.place, f"PostgreSQL says: {self.said(error)}")
        # The classes of DB-API 2.0; psycopg's own are below them.
        name = next((one.__name__ for one in type(error).__mro__ if one.__module__ == "psycopg"), "")
        same_name = getattr(persistence, name, persistence.PersistenceError)
        meaning: persistence.PersistenceError = same_name(self.said(error))
        return meaning

    def unreachable(self, error: psycopg.Error) -> LedgerError:
        """The error to raise where no connection could be made."""
        said = self.said(error)
        if "session is read-only" in said and "refused" not in said:
            why = f"the server takes no writes: it is a standby, or set to read only ({said})"
            return StorageError(
                self.place,
                why,
                "Name the primary, or all hosts; to read from a standby add ?target_session_attrs=any.",
            )
        if "database" in said and "does not exist" in said:
            return StorageError(
                self.place,
                said,
                "Make the database first (createdb --encoding=UTF8 NAME), then the ledger in it with "
                "`engagement-ledger init`.",
            )
        if any(words in said for words in REFUSED_LOGIN) or ("role" in said and "does not exist" in said):
            return StorageError(self.place, said, "Give a user and password that the server knows.")
        return UnreachableError(self.place, said)


def is_cut(error: psycopg.Error) -> bool:
    """Whether the connection ended with this error."""
    if error.sqlstate is not None:
        return error.sqlstate.startswith(CUT)
    # Cut in the middle of an answer, psycopg holds what came of it and the server's last word: two results for one.
    return isinstance(error, psycopg.OperationalError) or type(error) is psycopg.InternalError
