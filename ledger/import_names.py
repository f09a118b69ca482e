"""The names of an import: given and referred to, checked as a whole, in bounded memory.

What was named recently is held; the rest is kept in a private temporary database on disk.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator

from ledger.errors import DuplicateIdError, ReferenceNotRecordedError
from ledger.events.base import Event
from ledger.names import Name, assigned, referred

_HELD = 100_000
_QUEUED = 5_000

_SCHEMA = (
    "PRAGMA cache_size = -4096",
    "CREATE TABLE given (scope TEXT, thing TEXT, id TEXT, line INTEGER, renewable INTEGER)",
    "CREATE TABLE referred (scope TEXT, thing TEXT, id TEXT, line INTEGER)",
)
_TWICE = (
    "SELECT DISTINCT b.scope, b.thing, b.id, b.line FROM given a JOIN given b "
    "ON a.scope = b.scope AND a.thing = b.thing AND a.id = b.id AND a.rowid < b.rowid "
    "WHERE NOT b.renewable AND b.line > 0"
)
_NOWHERE = (
    "SELECT DISTINCT scope, thing, id, line FROM referred r WHERE NOT EXISTS "
    "(SELECT 1 FROM given g WHERE g.scope = r.scope AND g.thing = r.thing AND g.id = r.id) ORDER BY line"
)


class ImportNames:
    """Names given and referred to by the lines of an import; `known` says whether the ledger has one already."""

    def __init__(self, known: Callable[[Name], bool]) -> None:
        self._known = known
        self._db = sqlite3.connect("", isolation_level=None)
        for statement in _SCHEMA:
            self._db.execute(statement)
        self._db.execute("BEGIN")
        self._recent: set[Name] = set()
        self._given: list[tuple[str, str, str, int, bool]] = []
        self._referred: list[tuple[str, str, str, int]] = []

    def take(self, event: Event, stream: str, line: int) -> None:
        """Takes in a line's names; line 0 stands for what the ledger has already."""
        given = assigned(event, stream)
        if given is not None:
            name, renewable = given
            self._given.append((*name, line, renewable))
            self._recent.add(name)
        for name in referred(event, stream):
            if name not in self._recent:
                self._referred.append((*name, line))
        if len(self._recent) > _HELD:
            self._recent.clear()
        if len(self._given) > _QUEUED or len(self._referred) > _QUEUED:
            self._write()

    def refer(self, event: Event, stream: str, line: int) -> None:
        """Takes in only what a corrected event refers to: its own id is given already."""
        self._referred += [(*name, line) for name in referred(event, stream) if name not in self._recent]

    def learn(self, events: Iterable[tuple[Event, str]]) -> None:
        """Takes in what an existing stream holds."""
        for event, stream in events:
            given = assigned(event, stream)
            if given is not None:
                self._given.append((*given[0], 0, given[1]))
                self._recent.add(given[0])

    def problems(self) -> Iterator[tuple[int, str]]:
        """(line, what is wrong) for ids given twice and references to nothing."""
        self._write()
        self._db.execute("CREATE INDEX given_names ON given (scope, thing, id)")
        for scope, thing, name, line in self._db.execute(_TWICE):
            found = Name(scope, thing, name)
            yield line, str(DuplicateIdError(found.thing, found.id, found.where))
        for scope, thing, name, line in self._db.execute(_NOWHERE).fetchall():
            found = Name(scope, thing, name)
            if not self._known(found):
                yield line, str(ReferenceNotRecordedError(found.thing, found.id, found.where))

    def close(self) -> None:
        """Lets the temporary database go."""
        self._db.close()

    def _write(self) -> None:
        self._db.executemany("INSERT INTO given VALUES (?,?,?,?,?)", self._given)
        self._db.executemany("INSERT INTO referred VALUES (?,?,?,?)", self._referred)
        self._given.clear()
        self._referred.clear()
