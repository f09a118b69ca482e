"""Erasing: the data keys that a KeysDestroyed entry covers leave the key database, and again if they come back.

DESIGN section 6: entry first, then keys. Killed in between, or with an older key database put back, the next opening
destroys them. Covered are the keys that sealed something recorded before the entry, in whatever stream; a client who
came back has new ones. A correction of the entry brings nothing back.

How far the log was looked through stands in the key database itself, so that an older one brings its older mark along.
It is moved only when something was found or much was recorded since: what is looked at does not grow with the ledger,
and a command that erases nothing writes nothing.
"""

from typing import NamedTuple

from ledger.errors import KeyDatabaseError
from ledger.events.clients import KeysDestroyed
from ledger.keys.database import KeyDatabase
from ledger.keys.grant_store import BackupTaken
from ledger.storage.reading import Reading
from ledger.storage.rows import Row

UPTO = "erased-upto"
FAR = 1_000
"""The mark is moved, though nothing was found, when so many entries are behind it."""

_OWN = (("ledger", "ledger!"), ("practi", "practj"))
"""The streams of the ledger, the practice and its practitioners, as ranges: they speak of clients too."""


class Erased(NamedTuple):
    """What one KeysDestroyed entry took out of the key database, and which copies of that still hold it."""

    stream: str
    seq: int
    keys: int
    backups: list[BackupTaken]


class Erasing:
    """What a log says is erased, kept erased in one key database."""

    def __init__(self, keys: KeyDatabase, log: Reading) -> None:
        self._keys = keys
        self._log = log
        self._looked = -1

    def catch_up(self, upto: int | None = None) -> list[Erased]:
        """Destroys whatever the log's entries, up to a position, say was destroyed.

        Raises what the key database raises; what was not done then is done the next time.
        """
        last = self._log.last_position() if upto is None else upto
        if last == self._looked:
            return []
        mark = self._mark()
        since = (
            mark if mark <= last else 0
        )  # else the log was taken back: nothing is known of what is there now
        if self._looked <= last:
            since = max(since, self._looked)
        found = self._log.of_topic(KeysDestroyed.TOPIC, since, last)
        erased = [self._erase(row) for row in found]
        if found or mark > last or last - mark >= FAR:
            self._keys.set_setting(UPTO, str(last).encode())
        self._looked = last
        return erased

    def pass_over(self, last: int) -> None:
        """What this process has itself recorded, right after what was looked through, erases nothing."""
        if self._looked >= 0:
            self._looked = last

    def _mark(self) -> int:
        stored = self._keys.setting(UPTO)
        if stored is None:
            return 0
        if not stored.isdigit():
            raise KeyDatabaseError(self._keys.path, f"its setting {UPTO} was altered")
        return int(stored)

    def _erase(self, row: Row) -> Erased:
        live = self._keys.live_keys(row.stream)
        covered = self._covered(row, live)
        first = min((live[key_id] for key_id in covered), default=None)
        backups = self._keys.backups_with(first) if first is not None else []
        return Erased(row.stream, row.seq, self._keys.destroy(row.stream, covered), backups)

    def _covered(self, row: Row, live: dict[int, int]) -> set[int]:
        """The live keys of the client that sealed something before the entry.

        Named one by one: a key made meanwhile, for an entry that is just being committed, is none of them.
        """
        names = {str(key_id) for key_id in live}
        covered: set[str] = set()
        for start, stop in ((row.stream, row.stream + "!"), *_OWN):
            if names - covered:
                covered |= self._log.sealed_with(sorted(names - covered), row.position, start, stop)
        return {int(name) for name in covered}
