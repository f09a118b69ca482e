"""Where read models are kept: what a store offers, whatever database is behind it.

Every write transaction replaces a client's rows, moves the tracking position (eventsourcing's tracking recorders) and
counts `version` up, all at once; it begins by making sure that nobody wrote since its rows were worked out.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from eventsourcing.persistence import Tracking

from ledger.errors import DamagedViewsError
from projections.models import sql
from projections.models.base import Table
from projections.models.filling import Fetch, Filling, RunMany, Tables

APPLICATION = "ledger"
"""Whose log is followed, as tracking names it."""

TRIES = 5
"""How often tables are looked for that a rebuild may just have swapped out."""


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
        """Makes the indexes of a generation that has its rows, and lets the engine count what there is."""
        for table in self.tables:
            self._statements(sql.indexing(table, generation))
            if self.dialect.by_statistics:
                self._statements(sql.counting(table, generation))

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
