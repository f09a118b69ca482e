"""The SQL of a read model, derived from its declaration: what SQLite and PostgreSQL have in common.

A table of generation 3 is called `engagements_3`. Beside its columns it has `client`, whose rows they are, and `n`,
which counts a client's rows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from projections.models.base import Kind, Sums, Table

GENERATION = re.compile(r"_([0-9]+)$")
"""The end of a table's name, by which its generation is known."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine writes a text that sorts by its characters, and a whole number."""

    text: str
    number: str
    table_end: str = ""
    by_statistics: bool = False
    """Whether the engine chooses its ways by what it has counted, and counts new rows only after a while."""


def stored_name(name: str, generation: int) -> str:
    """What a table of a generation is called."""
    return f"{name}_{generation}"


def names(tables: Sequence[Table], generation: int) -> Mapping[str, str]:
    """How a query's names in braces read: every table and every sums table of a generation."""
    return {
        name: stored_name(name, generation)
        for table in tables
        for name in (table.name, *(sums.name for sums in table.sums))
    }


def creating(table: Table, generation: int, dialect: Dialect) -> Iterator[str]:
    """Makes a table and its sums, without its indexes."""
    kinds = {Kind.TEXT: dialect.text, Kind.NUMBER: dialect.number}
    columns = [f"client {dialect.text} NOT NULL", f"n {dialect.number} NOT NULL"]
    columns += [f"{name} {kinds[kind]}" for name, kind in table.columns.items()]
    yield (
        f"CREATE TABLE {stored_name(table.name, generation)} "
        f"({', '.join(columns)}, PRIMARY KEY (client, n)){dialect.table_end}"
    )
    for sums in table.sums:
        columns = [f"{name} {dialect.text} NOT NULL" for name in sums.by]
        columns += [f"{name} {dialect.number} NOT NULL" for name in sums.of]
        yield (
            f"CREATE TABLE {stored_name(sums.name, generation)} "
            f"({', '.join(columns)}, PRIMARY KEY ({', '.join(sums.by)})){dialect.table_end}"
        )


def indexing(table: Table, generation: int) -> Iterator[str]:
    """Makes a table's indexes; after a rebuild, when that is quicker."""
    stored = stored_name(table.name, generation)
    for index in table.indexes:
        yield f"CREATE INDEX {stored}_{'_'.join(index)} ON {stored} ({', '.join(index)})"


def counting(table: Table, generation: int) -> Iterator[str]:
    """Has the engine count the rows of a table and its sums."""
    for name in (table.name, *(sums.name for sums in table.sums)):
        yield f"ANALYZE {stored_name(name, generation)}"


def rows_of(table: Table) -> str:
    """A client's rows, in order."""
    return f"SELECT {', '.join(table.columns)} FROM {{{table.name}}} WHERE client = ? ORDER BY n"


def rows_of_many(table: Table, clients: int) -> str:
    """The rows of some clients, each client's in order."""
    some = ", ".join("?" * clients)
    columns = ", ".join(("client", *table.columns))
    return f"SELECT {columns} FROM {{{table.name}}} WHERE client IN ({some}) ORDER BY client, n"


def putting(table: Table) -> str:
    """One row, in the place of the one that is there."""
    columns = ["client", "n", *table.columns]
    kept = ", ".join(f"{name} = excluded.{name}" for name in table.columns)
    return (
        f"INSERT INTO {{{table.name}}} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT (client, n) DO UPDATE SET {kept}"
    )


def cutting(table: Table) -> str:
    """A client's rows from a number on are no more."""
    return f"DELETE FROM {{{table.name}}} WHERE client = ? AND n >= ?"


def adding(sums: Sums) -> str:
    """Adds to sums that may not be there yet."""
    columns = [*sums.by, *sums.of]
    added = ", ".join(f"{name} = {{{sums.name}}}.{name} + excluded.{name}" for name in sums.of)
    return (
        f"INSERT INTO {{{sums.name}}} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT ({', '.join(sums.by)}) DO UPDATE SET {added}"
    )
