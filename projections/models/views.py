"""The read models as a question meets them: persisted and caught up for now, made in memory for any other moment.

Both hold the same rows, made by the same functions, and answer by the same queries.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice

from ledger.application import Ledger
from ledger.errors import ConflictError, InputError, StorageError
from ledger.perspective import Moment
from ledger.places import Places
from ledger.storage.sqlite_datastore import MEMORY
from projections.models.base import OF_PRACTICE, Asked, Model, Table, View
from projections.models.catching_up import ATTEMPTS, ReadModels
from projections.models.clients import SPANS
from projections.models.filling import Summed, Tables
from projections.models.registry import MODELS, tables
from projections.models.source import Source
from projections.models.sqlite_store import SQLiteViews, remove
from projections.models.store import State, Store

BATCH = 500
"""Of how many clients the rows for one question are put into memory at once."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Question:
    """When is asked, which models are needed to answer, and whether one client is enough."""

    when: Moment
    models: tuple[str, ...]
    client: str | None = None
    now: bool = True
    """Whether the moment is the present, knowing everything."""


def open_store(places: Places, kept: Sequence[Table]) -> Store:
    """The store of a ledger's read models. StorageError where it cannot be written, DamagedViewsError."""
    if places.views is not None:
        return SQLiteViews(places.views, kept)
    from projections.models.postgres_store import PostgresViews

    return PostgresViews(places.place, kept)


def stored_place(places: Places) -> str:
    """Where the read models of a ledger are, as a person reads it."""
    return str(places.views) if places.views is not None else places.url


def stores_anything(places: Places) -> bool:
    """Whether a ledger has read models at all."""
    if places.views is not None:
        return places.views.exists()
    return True


def throw_away(places: Places) -> None:
    """Takes the read models of a ledger away, whatever state they are in. StorageError where that cannot be."""
    if places.views is not None:
        remove(places.views)
        return
    from projections.models.postgres_store import remove as remove_tables

    remove_tables(places.place)


class Views:
    """The read models of one open ledger."""

    def __init__(self, ledger: Ledger, models: Sequence[Model] = MODELS) -> None:
        self.ledger, self.models = ledger, models
        self.source = Source(ledger.recorder, ledger.entries, ledger.calendar)
        self._read_models: ReadModels | None = None

    def close(self) -> None:
        """Lets go of the store."""
        if self._read_models is not None:
            self._read_models.store.close()
            self._read_models = None

    @property
    def read_models(self) -> ReadModels:
        """What keeps the persisted rows up to date; raises what `open_store` raises."""
        if self._read_models is None:
            store = open_store(self.ledger.places, tables(self.models))
            self._read_models = ReadModels(store, self.source, self.models)
        return self._read_models

    # -- asking -------------------------------------------------------------------------------------------

    @contextmanager
    def asked(
        self, question: Question, progress: Progress = lambda _done, _of: None
    ) -> Iterator[tuple[View, Asked]]:
        """The tables that answer a question, and the day it is asked for.

        InputError if nothing is recorded of the client asked about. Where the persisted rows cannot be kept (a
        read-only place, a full disk) they are made in memory for this question.
        """
        asked = Asked(question.when.as_of, self.ledger.calendar.day_of(question.when.as_of))
        with self._tables(question, progress) as view:
            _refuse_unknown(view, question.client)
            yield view, asked

    @contextmanager
    def _tables(self, question: Question, progress: Progress) -> Iterator[Tables]:
        with ExitStack() as stack:
            try:
                view = (
                    stack.enter_context(self._current(question.when.as_of, progress))
                    if question.now
                    else None
                )
            except StorageError:
                view = None
            yield view if view is not None else stack.enter_context(self._made(question, progress))

    @contextmanager
    def _current(self, as_of: str, progress: Progress) -> Iterator[Tables]:
        """The persisted tables, exact for a moment even if another process writes to them meanwhile."""
        for _ in range(ATTEMPTS):
            state = self.read_models.catch_up(as_of, progress)
            with self.read_models.store.reading() as found:
                if found is not None and found[0] == state:
                    yield found[1]
                    return
        raise ConflictError("other processes kept the read models busy; nothing is lost. Try again.")

    @contextmanager
    def _made(self, question: Question, progress: Progress) -> Iterator[Tables]:
        """Tables in memory, with what a question needs and no more."""
        wanted = [model for model in self.models if model.name in question.models]
        store = SQLiteViews(MEMORY, [SPANS, *(table for table in tables(wanted) if table is not SPANS)])
        try:
            self._fill(store, question, progress)
            with store.reading() as found:
                if found is None:
                    raise ConflictError("the tables in memory are gone; try again")
                yield found[1]
        finally:
            store.close()

    def _fill(self, store: Store, question: Question, progress: Progress) -> None:
        as_of = question.when.as_of
        until = question.when.until
        last = self.source.last_position() if until is None else until
        practice = self.source.standing(last, as_of).at(as_of)
        sums: Summed = {}
        store.begin(1)
        with store.filling(1) as filling:
            filling.fill(
                {table: {OF_PRACTICE: table.practice_rows(practice)} for table in store.tables}, sums
            )
        if question.client is not None:
            one = self.source.client(question.client, last, as_of)
            seen_clients = iter([(0, one)] if one is not None else [])
        else:
            seen_clients = iter(self.source.clients(last, as_of))
        done = 0
        while batch := list(islice(seen_clients, BATCH)):
            with store.filling(1) as filling:
                filling.fill(
                    {
                        table: {seen.client: table.client_rows(seen) for _, seen in batch}
                        for table in store.tables
                    },
                    sums,
                )
            done += sum(entries for entries, _ in batch)
            progress(done, last)
        with store.filling(1) as filling:
            filling.add(sums)
        store.index(1)
        store.swap(State(1, 1, last, "", "", as_of))


def _refuse_unknown(view: Tables, client: str | None) -> None:
    if client is not None and not view.all("SELECT client FROM {spans} WHERE client = ?", [client]):
        raise InputError(f"client {client}: nothing is recorded of this client at that moment")
