"""Erasing: the data keys that a KeysDestroyed entry covers leave the key database, and again if they come back.

DESIGN section 6: entry first, then keys. Killed in between, or with an older key database put back, the next opening
destroys them. Covered are the keys that sealed something recorded before the entry, in whatever stream; a client who
came back has new ones. A correction of the entry brings nothing back.

How far the log was looked through stands in the key database itself, so that an older one brings its older mark along.
It is moved only when something was found or much was recorded since: what is looked at does not grow with the ledger,
and a command that erases nothing writes nothing.
"""

import hashlib
from functools import cached_property
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
        mark, counts = self._mark(last)
        since = max(mark, self._looked) if self._looked <= last else mark
        found = self._log.of_topics([KeysDestroyed.TOPIC], since, last)
        erased = [self._erase(row) for row in found]
        if found or not counts or last - mark >= FAR:
            self._keys.set_setting(UPTO, f"{last} {self.whose}".encode())
        self._looked = last
        return erased

    def pass_over(self, last: int) -> None:
        """What this process has itself recorded, right after what was looked through, erases nothing."""
        if self._looked >= 0:
            self._looked = last

    @cached_property
    def whose(self) -> str:
        """What tells this log from every other: the hash of its first entry."""
        first = self._log.at(1)
        return hashlib.sha256(b"" if first is None else first.state).hexdigest()

    def _mark(self, last: int) -> tuple[int, bool]:
        """Up to where the log was looked through, and whether what the key database says of it counts.

        It does not where the log was taken back, or where it is of another log: the wrong file was named once.
        """
        stored = self._keys.setting(UPTO)
        if stored is None:
            return 0, True
        position, _, whose = stored.decode(errors="replace").partition(" ")
        if not (position.isascii() and position.isdigit()):
            raise KeyDatabaseError(self._keys.path, f"its setting {UPTO} was altered")
        counts = whose == self.whose and int(position) <= last
        return (int(position) if counts else 0), counts

    def _erase(self, row: Row) -> Erased:
        """What an entry covers is destroyed; where it was before, only traces are wiped that may be left."""
        live = self._keys.live_keys(row.stream)
        covered = self._covered(row, live)
        if not covered:
            self._keys.wipe()
            return Erased(row.stream, row.seq, 0, [])
        backups = self._keys.backups_with(min(live[key_id] for key_id in covered))
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
