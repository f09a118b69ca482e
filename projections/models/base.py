"""What a read model is: tables declared by their columns, and pure functions that make their rows.

A row belongs to one client, or to the practice. It rests on what is visible at a moment and never on which day that
is: dates are stored, and what they mean today is worked out when somebody asks (`Asked`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from ledger.case import Case
from ledger.history import Fact, History
from ledger.policy import Policies
from ledger.practice import Practice
from ledger.rules.judge import Obligation, what_is_due
from ledger.values import Calendar
from projections.models.turns import Span, span, turns_of_client, turns_of_practice

OF_PRACTICE = ""
"""Stands in the column `client` of the practice's own rows."""

Value: TypeAlias = str | int | None
Row: TypeAlias = Mapping[str, Value]
"""A row by column, its client left out."""


class Kind(Enum):
    """What a column holds; any may be empty."""

    TEXT = "text"
    NUMBER = "number"


TEXT, NUMBER = Kind.TEXT, Kind.NUMBER


@dataclass(frozen=True)
class SeenClient:
    """One client at a moment: what is recorded, and what was visible of it.

    `everything` is the practice with what is dated later than the moment.
    """

    client: str
    history: History
    case: Case
    policies: Policies
    as_of: str
    everything: Practice

    @cached_property
    def obligations(self) -> list[Obligation]:
        """What is or was due of the client."""
        return what_is_due(self.client, self.case, self.policies, self.as_of)

    @property
    def calendar(self) -> Calendar:
        """The practice's calendar."""
        return self.case.practice.calendar

    @cached_property
    def practitioners(self) -> list[str]:
        """With whom the client has or had an engagement."""
        return sorted({one.practitioner for one in self.case.engagements.values()})

    @property
    def span(self) -> Span:
        """Between which moments the rows hold."""
        files = [self.everything.practitioner(practitioner) for practitioner in self.practitioners]
        return span(turns_of_client(self.history, files, self.calendar), self.as_of)


@dataclass(frozen=True)
class SeenPractice:
    """The practice at a moment; `histories` are its own streams as known."""

    histories: list[History]
    practice: Practice
    as_of: str

    @property
    def visible(self) -> Iterable[Fact]:
        """The facts of its streams that had happened, stream by stream."""
        return (fact for history in self.histories for fact in history.facts if fact.at <= self.as_of)

    @property
    def span(self) -> Span:
        """Between which moments the rows hold."""
        return span(turns_of_practice(self.histories), self.as_of)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums kept beside a table's rows, so that nobody adds them up: `of` some columns, `by` others.

    A row in which one of `by` is empty counts in none.
    """

    name: str
    by: tuple[str, ...]
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table: its columns, what tells a client's rows apart for a reader, and where its rows come from."""

    name: str
    columns: Mapping[str, Kind]
    key: tuple[str, ...]
    of_client: Callable[[SeenClient], Iterable[Row]] | None = None
    of_practice: Callable[[SeenPractice], Iterable[Row]] | None = None
    indexes: tuple[tuple[str, ...], ...] = ()
    sums: tuple[Sums, ...] = ()

    def values(self, rows: Iterable[Row]) -> list[tuple[Value, ...]]:
        """Rows as values in the order of the columns. KeyError for a row that lacks one."""
        names = tuple(self.columns)
        return [tuple(row[name] for name in names) for row in rows]

    def client_rows(self, seen: SeenClient) -> list[tuple[Value, ...]]:
        """A client's rows."""
        return self.values(self.of_client(seen)) if self.of_client is not None else []

    def practice_rows(self, seen: SeenPractice) -> list[tuple[Value, ...]]:
        """The practice's own rows."""
        return self.values(self.of_practice(seen)) if self.of_practice is not None else []


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A read model: what it is called, what it tells, and its tables."""

    name: str
    title: str
    tables: tuple[Table, ...]


class View(Protocol):
    """Tables to be asked: persisted, or made for one question."""

    def all(self, sql: str, parameters: Iterable[Value] = ()) -> list[dict[str, Any]]:
        """What a query finds. It names tables in braces (`{engagements}`) and marks parameters with `?`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The moment of a question, and the practice's day it falls on."""

    as_of: str
    day: str


def where(**filters: Value) -> tuple[str, list[Value]]:
    """A WHERE clause, and its parameters, of the columns for which something is asked."""
    given = {name: value for name, value in filters.items() if value is not None}
    clause = " AND ".join(f"{name} = ?" for name in given)
    return (f" WHERE {clause}" if clause else ""), list(given.values())
