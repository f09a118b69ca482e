"""Comparing every stored row with a fresh replay of the log, row by row and column by column."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TypeAlias

from projections.models.base import OF_PRACTICE, Model, Sums, Table, Value
from projections.models.filling import Tables, Values, summed
from projections.models.source import Source
from projections.models.store import State, Store

BATCH = 200
"""How many clients' rows are looked up at once."""

WHOLE_ROW = "(the whole row)"
NONE = "(none)"

Told: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stored and what a replay gives, in one column of one row. `key` tells the row from the others."""

    model: str
    table: str
    client: str
    key: Told
    column: str
    stored: Value
    expected: Value


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows were compared up to which position, and every difference."""

    rows: int
    clients: int
    position: int
    differences: list[Difference]


Progress = Callable[[int, int], None]
Sum: TypeAlias = dict[tuple[Value, ...], list[int]]


@dataclass(frozen=True, slots=True)
class Caught:
    """The state that was reached by catching up for a moment."""

    state: State
    as_of: str


def verify(
    store: Store, source: Source, models: Sequence[Model], caught: Caught, progress: Progress
) -> Compared | None:
    """Every row of these models against a replay to the same state; None where that is no longer the state."""
    with store.reading() as found:
        if found is None or found[0] != caught.state:
            return None
        return _Comparing(caught, found[1], source, models).all(progress)


class _Comparing:
    """One comparison, in one transaction of the store."""

    def __init__(self, caught: Caught, view: Tables, source: Source, models: Sequence[Model]) -> None:
        self.position, self.as_of = caught.state.position, caught.as_of
        self.view, self.source = view, source
        self.tables = [(model, table) for model in models for table in model.tables]
        self.rows = self.clients = 0
        self.found: list[Difference] = []
        self.expected: Counter[Table] = Counter()
        self.sums: dict[tuple[Model, Table, Sums], Sum] = {
            (model, table, sums): {} for model, table in self.tables for sums in table.sums
        }

    def all(self, progress: Progress) -> Compared:
        """The practice's own rows, every client's, what there should not be, and the sums."""
        practice = self.source.standing(self.position, self.as_of).at(self.as_of)
        self._compare({OF_PRACTICE: {table: table.practice_rows(practice) for _, table in self.tables}})
        done, clients = 0, self.source.clients(self.position, self.as_of)
        while batch := list(islice(clients, BATCH)):
            self._compare(
                {
                    seen.client: {table: table.client_rows(seen) for _, table in self.tables}
                    for _, seen in batch
                }
            )
            self.clients += len(batch)
            done += sum(entries for entries, _ in batch)
            progress(done, self.position)
        for model, table in self.tables:
            self._left_over(model, table)
        self._compare_sums()
        return Compared(self.rows, self.clients, self.position, self.found)

    def _compare(self, expected: Mapping[str, Mapping[Table, Values]]) -> None:
        everything = self.view.rows_of_many({table: list(expected) for _, table in self.tables})
        for model, table in self.tables:
            stored = everything[table]
            for client, fresh in expected.items():
                self._compare_client(model, table, client, stored.get(client, []), fresh[table])
                self.expected[table] += len(fresh[table])
                for sums in table.sums:
                    summed(table, sums, self.sums[model, table, sums], fresh[table], 1)

    def _compare_client(self, model: Model, table: Table, client: str, stored: Values, fresh: Values) -> None:
        self.rows += max(len(stored), len(fresh))
        if list(stored) == list(fresh):
            return
        keyed = _by_key(table, stored), _by_key(table, fresh)
        for key in {**keyed[1], **keyed[0]}:
            for have, want in zip_longest(keyed[0].get(key, []), keyed[1].get(key, [])):
                self.found += _differing(model, table, (client, key), have, want)
        if sorted(map(repr, stored)) == sorted(map(repr, fresh)):
            self.found.append(
                Difference(model.name, table.name, client, {}, "(their order)", "another", "as replayed")
            )

    def _left_over(self, model: Model, table: Table) -> None:
        """The rows of clients that there are not: looked for only where there are too many rows."""
        stored = int(self.view.all(f"SELECT count(*) AS rows FROM {{{table.name}}}")[0]["rows"])
        if stored <= self.expected[table]:
            return
        known = {seen.client for _, seen in self.source.clients(self.position, self.as_of)}
        for row in self.view.all(f"SELECT DISTINCT client FROM {{{table.name}}}"):
            if row["client"] != OF_PRACTICE and row["client"] not in known:
                self._compare_client(model, table, row["client"], self.view.rows_of(table, row["client"]), [])

    def _compare_sums(self) -> None:
        for (model, _, sums), fresh in self.sums.items():
            names = [*sums.by, *sums.of]
            stored = {
                tuple(row[name] for name in sums.by): [row[name] for name in sums.of]
                for row in self.view.all(f"SELECT {', '.join(names)} FROM {{{sums.name}}}")
            }
            for by in sorted({*stored, *fresh}, key=repr):
                none = [0] * len(sums.of)
                self.rows += 1
                pairs = zip(sums.of, stored.get(by, none), fresh.get(by, none), strict=True)
                key = dict(zip(sums.by, by, strict=True))
                self.found += [
                    Difference(model.name, sums.name, OF_PRACTICE, key, name, have, want)
                    for name, have, want in pairs
                    if have != want
                ]


def _by_key(table: Table, rows: Values) -> dict[tuple[Value, ...], list[tuple[Value, ...]]]:
    columns = list(table.columns)
    places = [columns.index(name) for name in table.key]
    found: dict[tuple[Value, ...], list[tuple[Value, ...]]] = {}
    for row in rows:
        found.setdefault(tuple(row[place] for place in places), []).append(row)
    return found


def _differing(
    model: Model,
    table: Table,
    where: tuple[str, tuple[Value, ...]],
    have: tuple[Value, ...] | None,
    want: tuple[Value, ...] | None,
) -> Iterator[Difference]:
    client, key = where
    named = dict(zip(table.key, key, strict=True))
    if have is None or want is None:
        stored = NONE if have is None else "a row"
        expected = NONE if want is None else "a row"
        yield Difference(model.name, table.name, client, named, WHOLE_ROW, stored, expected)
        return
    for name, old, new in zip(table.columns, have, want, strict=True):
        if old != new:
            yield Difference(model.name, table.name, client, named, name, old, new)
