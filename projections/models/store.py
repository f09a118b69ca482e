"""Where read models are kept: what a store offers, whatever database is behind it.

Every write transaction replaces a client's rows, moves the tracking position (eventsourcing's tracking recorders) and
counts `version` up, all at once; it begins by making sure that nobody wrote since its rows were worked out.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from eventsourcing.persistence import Tracking

from ledger.errors import DamagedViewsError
from ledger.storage.batches import batches
from projections.models import sql
from projections.models.base import Sums, Table, Value

APPLICATION = "ledger"
"""Whose log is followed, as tracking names it."""

TRIES = 5
"""How often tables are looked for that a rebuild may just have swapped out."""

Values: TypeAlias = Sequence[tuple[Value, ...]]
Stored: TypeAlias = dict[str, list[tuple[Value, ...]]]
"""The rows of each client."""
Query: TypeAlias = tuple[str, Sequence[Value]]
Fetch: TypeAlias = Callable[[Sequence[Query]], list[tuple[Sequence[str], list[Any]]]]
"""Runs queries, which a server is sent all at once: of each its columns, and its rows as tuples."""
RunMany: TypeAlias = Callable[[str, Sequence[Sequence[Value]]], None]
"""Runs a statement for each of some rows; one without parameters for `[[]]`."""


@dataclass(frozen=True, slots=True)
class State:
    """How far the rows are.

    `position` is the last log position taken in, `root` the log's root there, `shape` what the tables and the program
    that filled them look like, `version` the number of the last write, `caught_up_at` its moment.
    """

    generation: int
    version: int
    position: int
    root: str
    shape: str
    caught_up_at: str


class OutrunError(Exception):
    """Somebody else wrote since the rows were worked out: look again."""


class GoneError(Exception):
    """A table is no longer there: a rebuild has just swapped it out, or somebody took it away."""


class Tables:
    """The tables of one generation, inside one transaction."""

    def __init__(self, fetch: Fetch, names: Mapping[str, str]) -> None:
        self._fetch, self._names = fetch, names

    def all(self, query: str, parameters: Iterable[Value] = ()) -> list[dict[str, Any]]:
        """As `View.all`."""
        ((columns, rows),) = self._fetch([(query.format_map(self._names), list(parameters))])
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def rows_of(self, table: Table, client: str) -> list[tuple[Value, ...]]:
        """The rows that are stored of a client."""
        ((_, rows),) = self._fetch([(sql.rows_of(table).format_map(self._names), [client])])
        return [tuple(row) for row in rows]

    def rows_of_many(self, wanted: Mapping[Table, Sequence[str]]) -> dict[Table, Stored]:
        """The rows that are stored of some clients in some tables."""
        asked = [(table, batch) for table, clients in wanted.items() for batch in batches(clients)]
        queries = [
            (sql.rows_of_many(table, len(batch)).format_map(self._names), batch) for table, batch in asked
        ]
        found: dict[Table, Stored] = {table: {} for table in wanted}
        for (table, _), (_, rows) in zip(asked, self._fetch(queries), strict=True):
            for client, *row in rows:
                found[table].setdefault(client, []).append(tuple(row))
        return found


class Filling(Tables):
    """The same, to be written."""

    def __init__(self, fetch: Fetch, run: RunMany, names: Mapping[str, str]) -> None:
        super().__init__(fetch, names)
        self._run = run

    def put(self, changes: Mapping[Table, Mapping[str, Values]], *, fresh: bool = False) -> None:
        """The rows of some clients in some tables, in the place of what was there; with `fresh` nothing was."""
        wanted = {} if fresh else {table: list(rows) for table, rows in changes.items()}
        stored = self.rows_of_many(wanted)
        for table, rows in changes.items():
            self._put(table, rows, stored.get(table, {}))

    def _put(self, table: Table, rows: Mapping[str, Values], stored: Stored) -> None:
        put: list[tuple[Value, ...]] = []
        cut: list[tuple[Value, ...]] = []
        changes: dict[Sums, dict[tuple[Value, ...], list[int]]] = {sums: {} for sums in table.sums}
        for client, new in rows.items():
            old = stored.get(client, [])
            put += ((client, n, *row) for n, row in enumerate(new) if n >= len(old) or old[n] != row)
            if len(new) < len(old):
                cut.append((client, len(new)))
            for sums, change in changes.items():
                summed(table, sums, change, new, 1)
                summed(table, sums, change, old, -1)
        self._each(sql.putting(table), put)
        self._each(sql.cutting(table), cut)
        for sums, change in changes.items():
            self._each(sql.adding(sums), [(*by, *of) for by, of in change.items() if any(of)])

    def _each(self, statement: str, rows: Sequence[Sequence[Value]]) -> None:
        if rows:
            self._run(statement.format_map(self._names), rows)


def summed(
    table: Table, sums: Sums, change: dict[tuple[Value, ...], list[int]], rows: Values, sign: int
) -> None:
    """Adds what rows count to sums, or takes it away."""
    columns = list(table.columns)
    by = [columns.index(name) for name in sums.by]
    of = [columns.index(name) for name in sums.of]
    for row in rows:
        key = tuple(row[index] for index in by)
        if None not in key:
            sum_of = change.setdefault(key, [0] * len(of))
            for place, index in enumerate(of):
                sum_of[place] += sign * int(row[index] or 0)


class Store(ABC):
    """A place of read models. `tables` are all those it keeps."""

    dialect: sql.Dialect
    tables: Sequence[Table]
    place: str
    _known: tuple[int, Mapping[str, str]] | None = None

    # -- what each engine does its own way -----------------------------------------------------------------

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Fetch]:
        """A transaction that sees one and the same state."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[tuple[Fetch, RunMany, Callable[[Tracking], None]]]:
        """A write transaction, one at a time, with how it notes a tracking position."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[None]:
        """One rebuild at a time: waits for another process's."""

    @abstractmethod
    def size(self) -> int:
        """How many bytes it takes."""

    @abstractmethod
    def close(self) -> None:
        """Give back every connection."""

    # -- reading ------------------------------------------------------------------------------------------

    def state(self) -> State | None:
        """How far the rows are; None where there are none yet."""
        with self._reading() as fetch:
            return _state(fetch)

    @contextmanager
    def reading(self) -> Iterator[tuple[State, Tables] | None]:
        """The state, and the tables as they were then; None where there are none yet."""
        with ExitStack() as stack:
            yield self._held(stack)

    def _held(self, stack: ExitStack) -> tuple[State, Tables] | None:
        for _ in range(TRIES):
            with ExitStack() as tried:
                fetch = tried.enter_context(self._reading())
                state = _state(fetch)
                if state is None:
                    return None
                names = self._names(state.generation)
                try:
                    self._hold(fetch, names.values())
                except GoneError:
                    continue
                stack.enter_context(tried.pop_all())
                return state, Tables(fetch, names)
        raise DamagedViewsError(self.place, "tables of theirs are missing")

    @abstractmethod
    def _hold(self, fetch: Fetch, names: Iterable[str]) -> None:
        """Makes sure that the tables stay for as long as they are read. GoneError where one is not there."""

    # -- writing ------------------------------------------------------------------------------------------

    @contextmanager
    def replacing(self, before: State, after: State) -> Iterator[Filling]:
        """One transaction that takes the rows from one state to the next. OutrunError if that is not the state."""
        with self._writing() as (fetch, run, track):
            if _state(fetch) != before:
                raise OutrunError
            yield Filling(fetch, run, self._names(before.generation))
            if after.position > before.position:
                track(Tracking(APPLICATION, after.position))
            _note(run, after)

    # -- a new generation ---------------------------------------------------------------------------------

    def begin(self, generation: int) -> None:
        """Makes the tables of a new generation, and takes away what a rebuild cut short left behind."""
        self._drop_all_but({self._current()})
        self._statements(
            one for table in self.tables for one in sql.creating(table, generation, self.dialect)
        )

    @contextmanager
    def filling(self, generation: int) -> Iterator[Filling]:
        """One transaction that adds rows to a generation that nobody reads yet."""
        with self._writing() as (fetch, run, _):
            yield Filling(fetch, run, self._names(generation))

    def index(self, generation: int) -> None:
        """Makes the indexes of a generation that has its rows."""
        for table in self.tables:
            self._statements(sql.indexing(table, generation))

    def swap(self, after: State) -> None:
        """From now on the new generation is the one that is read; the old one goes."""
        with self._writing() as (_, run, track):
            run("DELETE FROM tracking WHERE application_name = ?", [[APPLICATION]])
            track(Tracking(APPLICATION, after.position))
            _note(run, after)
        self._drop_all_but({after.generation})

    def _current(self) -> int:
        state = self.state()
        return state.generation if state is not None else 0

    def _names(self, generation: int) -> Mapping[str, str]:
        if self._known is None or self._known[0] != generation:
            self._known = generation, sql.names(self.tables, generation)
        return self._known[1]

    def _statements(self, statements: Iterable[str]) -> None:
        with self._writing() as (_, run, _track):
            for statement in statements:
                run(statement, [[]])

    @abstractmethod
    def _drop_all_but(self, generations: set[int]) -> None:
        """Take away the tables of every other generation."""


NOTED = ("generation", "version", "root", "shape", "caught_up_at")
STATE = """
SELECT name, value FROM meta
UNION ALL SELECT 'position', CAST(notification_id AS text) FROM tracking WHERE application_name = ?
"""


def _state(fetch: Fetch) -> State | None:
    ((_, rows),) = fetch([(STATE, [APPLICATION])])
    found = dict(rows)
    if any(name not in found for name in ("position", *NOTED)):
        return None
    return State(
        generation=int(found["generation"]),
        version=int(found["version"]),
        position=int(found["position"]),
        root=found["root"],
        shape=found["shape"],
        caught_up_at=found["caught_up_at"],
    )


def _note(run: RunMany, state: State) -> None:
    run(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [[name, str(getattr(state, name))] for name in NOTED],
    )
