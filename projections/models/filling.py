"""The tables of one generation inside one transaction: read, and filled.

What a client's rows count is kept in sums, which change with them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ledger.storage.batches import batches
from projections.models import sql
from projections.models.base import Sums, Table, Value

Values: TypeAlias = Sequence[tuple[Value, ...]]
Stored: TypeAlias = dict[str, list[tuple[Value, ...]]]
"""The rows of each client."""
Summed: TypeAlias = dict[Sums, dict[tuple[Value, ...], list[int]]]
"""What is to be added to sums, by what they are kept by."""
Query: TypeAlias = tuple[str, Sequence[Value]]
Fetch: TypeAlias = Callable[[Sequence[Query]], list[tuple[Sequence[str], list[Any]]]]
"""Runs queries, which a server is sent all at once: of each its columns, and its rows as tuples."""
RunMany: TypeAlias = Callable[[str, Sequence[Sequence[Value]]], None]
"""Runs a statement for each of some rows; one without parameters for `[[]]`."""


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

    def put(self, changes: Mapping[Table, Mapping[str, Values]]) -> None:
        """The rows of some clients in some tables, in the place of what was there."""
        stored = self.rows_of_many({table: list(rows) for table, rows in changes.items()})
        sums: Summed = {}
        for table, rows in changes.items():
            self._put(table, rows, stored[table], sums)
        self.add(sums)

    def fill(self, changes: Mapping[Table, Mapping[str, Values]], sums: Summed) -> None:
        """The rows of some clients in some tables, where nothing was. What they count goes to `sums`, to `add` once.

        A sum written again with each batch would leave as many dead versions on a server as there are batches.
        """
        for table, rows in changes.items():
            self._put(table, rows, {}, sums)

    def add(self, sums: Summed) -> None:
        """Adds to the sums that are stored."""
        for of_sums, change in sums.items():
            self._each(sql.adding(of_sums), [(*by, *of) for by, of in change.items() if any(of)])

    def _put(self, table: Table, rows: Mapping[str, Values], stored: Stored, sums: Summed) -> None:
        put: list[tuple[Value, ...]] = []
        cut: list[tuple[Value, ...]] = []
        for client, new in rows.items():
            old = stored.get(client, [])
            put += ((client, n, *row) for n, row in enumerate(new) if n >= len(old) or old[n] != row)
            if len(new) < len(old):
                cut.append((client, len(new)))
            for one in table.sums:
                change = sums.setdefault(one, {})
                summed(table, one, change, new, 1)
                summed(table, one, change, old, -1)
        self._each(sql.putting(table), put)
        self._each(sql.cutting(table), cut)

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
