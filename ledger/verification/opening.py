"""Opening a database for verification: is it a ledger's, how long is the log, what is its name."""

from contextlib import suppress

from ledger.errors import InputError
from ledger.verification.database import Database, Stored, UnreadableError, Where, connect
from ledger.verification.forms import exactly
from ledger.verification.tree import BLOCK


def connected(place: str) -> Database:
    """A connection that sees one state from now on.

    Raises NoLedgerError, NotALedgerError, OlderLedgerError, DamagedLedgerError, LockedError, StorageError.
    """
    database = connect(Where(place))
    try:
        database.hold()
    except BaseException:
        database.close()
        raise
    return database


def origin_of(stored: Stored) -> str:
    """The log's name, from its first entry; empty where that cannot be read, which the sweep reports."""
    with suppress(UnreadableError):
        state = stored.one("SELECT state FROM stored_events WHERE position = 1")
        try:
            origin = (
                exactly(bytes(state)).data.get("origin") if isinstance(state, bytes | bytearray) else None
            )
        except InputError:
            origin = None
        if isinstance(origin, str):
            return origin
    return ""


def size_of(stored: Stored) -> int:
    """The log's last position. One far beyond the number of entries is no end but an extra row."""
    last = count = nodes = 0
    with stored.damage("stored_events"):
        last = stored.one("SELECT coalesce(max(position), 0) FROM stored_events")
        count = stored.one("SELECT count(*) FROM stored_events")
    with stored.damage("tree"):
        nodes = stored.one("SELECT count(*) FROM tree")
    farthest = 2 * max(count, (nodes + 1) // 2) + BLOCK
    if last > farthest:
        with stored.damage("stored_events"):
            sql = "SELECT coalesce(max(position), 0) FROM stored_events WHERE position <= ?"
            last = stored.one(sql, [farthest])
    return int(last)
