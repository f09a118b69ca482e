"""The names of an import: given and referred to, checked as a whole, in bounded memory.

What was named recently is held; the rest is kept in a private temporary database on disk.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ledger.errors import DuplicateIdError, ReferenceNotRecordedError
from ledger.events.base import Event
from ledger.recording.names import Name, assigned, naming_of

_HELD = 100_000
_QUEUED = 5_000

_SCHEMA = (
    "PRAGMA cache_size = -4096",
    "CREATE TABLE given (scope TEXT, thing TEXT, id TEXT, file TEXT, line INTEGER, renewable INTEGER)",
    "CREATE TABLE referred (scope TEXT, thing TEXT, id TEXT, file TEXT, line INTEGER)",
)
_TWICE = (
    "SELECT DISTINCT b.scope, b.thing, b.id, b.file, b.line FROM given a JOIN given b "
    "ON a.scope = b.scope AND a.thing = b.thing AND a.id = b.id AND a.rowid < b.rowid "
    "WHERE NOT b.renewable AND b.line > 0"
)
_NOWHERE = (
    "SELECT DISTINCT scope, thing, id, file, line FROM referred r WHERE NOT EXISTS "
    "(SELECT 1 FROM given g WHERE g.scope = r.scope AND g.thing = r.thing AND g.id = r.id) ORDER BY line"
)


class ImportNames:
    """Names given and referred to by the lines of an import; `known` says whether the ledger has one already."""

    def __init__(self, known: Callable[[Name], bool]) -> None:
        self.file = ""
        """The file whose lines are taken in."""
        self._known = known
        self._db = sqlite3.connect("", isolation_level=None)
        for statement in _SCHEMA:
            self._db.execute(statement)
        self._db.execute("BEGIN")
        self._recent: set[tuple[str, str, Any]] = set()
        self._given: list[tuple[str, str, str, str, int, bool]] = []
        self._referred: list[tuple[str, str, str, str, int]] = []

    def take(self, event_type: type[Event], fields: Mapping[str, Any], stream: str, line: int) -> None:
        """Takes in a line's names."""
        gives = naming_of(event_type).gives
        if gives is not None:
            field, scope, thing, renewable = gives
            name = (stream if scope is None else scope, thing, fields[field])
            self._given.append((*name, self.file, line, renewable))
            self._recent.add(name)
        self.refer(event_type, fields, stream, line)
        if len(self._recent) > _HELD:
            self._recent.clear()
        if len(self._given) > _QUEUED or len(self._referred) > _QUEUED:
            self._write()

    def refer(self, event_type: type[Event], fields: Mapping[str, Any], stream: str, line: int) -> None:
        """Takes in only what an event refers to: a corrected event's own id is given already."""
        for field, scope, thing in naming_of(event_type).uses:
            used = fields.get(field)
            if used is None:
                continue
            name = (stream if scope is None else scope, thing, used)
            if name not in self._recent:
                self._referred.append((*name, self.file, line))

    def learn(self, events: Iterable[tuple[Event, str]]) -> None:
        """Takes in what an existing stream holds; line 0 stands for the ledger."""
        for event, stream in events:
            given = assigned(event, stream)
            if given is not None:
                self._given.append((*given[0], "", 0, given[1]))
                self._recent.add(given[0])

    def problems(self) -> Iterator[tuple[str, int, str]]:
        """(file, line, what is wrong) for ids given twice and references to nothing."""
        self._write()
        self._db.execute("CREATE INDEX given_names ON given (scope, thing, id)")
        for scope, thing, name, file, line in self._db.execute(_TWICE):
            found = Name(scope, thing, name)
            yield file, line, str(DuplicateIdError(found.thing, found.id, found.where))
        for scope, thing, name, file, line in self._db.execute(_NOWHERE).fetchall():
            found = Name(scope, thing, name)
            if not self._known(found):
                yield file, line, str(ReferenceNotRecordedError(found.thing, found.id, found.where))

    def close(self) -> None:
        """Lets the temporary database go."""
        self._db.close()

    def _write(self) -> None:
        self._db.executemany("INSERT INTO given VALUES (?,?,?,?,?,?)", self._given)
        self._db.executemany("INSERT INTO referred VALUES (?,?,?,?,?)", self._referred)
        self._given.clear()
        self._referred.clear()
