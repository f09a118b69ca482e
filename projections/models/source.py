"""What read models are made from: the log, folded up to a position and seen at a moment, one client at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from ledger import practice as practices
from ledger.decoded import Held
from ledger.entry import Entry
from ledger.folding import fold
from ledger.history import History, read
from ledger.integrity import merkle
from ledger.perspective import CLIENTS, OWN_STREAMS, Moment, PracticeView, practice_view
from ledger.perspective import Rows as RowsOfLog
from ledger.practice import Practice
from ledger.rules.judge import policies_of
from ledger.storage.reading import Reading
from ledger.storage.rows import Row
from ledger.values import Calendar
from projections.models.base import SeenClient, SeenPractice
from projections.models.turns import Span

Rows = list[tuple[int, Entry[Any]]]


class Standing:
    """The practice as known up to a position and seen at a moment."""

    def __init__(self, view: PracticeView, as_of: str, calendar: Calendar) -> None:
        self.histories, self.practice = view.histories, view.practice
        self.policies = policies_of(view.practice)
        self.seen = SeenPractice(view.histories, view.practice, as_of)
        self.span: Span = self.seen.span
        everything = (fact for history in view.histories for fact in history.facts)
        self.everything: Practice = practices.fold(everything, calendar)

    def at(self, as_of: str) -> SeenPractice:
        """The practice at a moment at which it looks the same."""
        return replace(self.seen, as_of=as_of)

    def holds(self, as_of: str) -> bool:
        """Whether it would look the same at another moment."""
        since, until = self.span
        return since <= as_of < until


class Entries(RowsOfLog, Protocol):
    """A log's decoded rows."""

    def entry(self, row: Row) -> tuple[int, Entry[Any]]:
        """A row's log position and entry."""


class Source:
    """One ledger's log. The practice's own entries are held in memory, since nothing that is stored changes."""

    def __init__(self, log: Reading, entries: Entries, calendar: Calendar) -> None:
        self.log, self.entries, self.calendar = log, entries, calendar
        self._own: dict[str, Rows] = {}
        self._own_upto = 0
        self._standing: tuple[int, Standing] | None = None

    # -- the log ------------------------------------------------------------------------------------------

    def last_position(self) -> int:
        """The log's last position."""
        return self.log.last_position()

    def root(self, position: int) -> str:
        """The root of the tree over the log up to a position: what was folded, in one hash."""
        return self.log.from_nodes(lambda node: merkle.root_from_nodes(position, node)).hex()

    def pages(self, after: int, until: int, size: int) -> Iterator[list[Row]]:
        """The log's rows from after a position up to another, some at a time."""
        return self.log.pages(after, until, size)

    # -- the practice -------------------------------------------------------------------------------------

    def standing(self, until: int, as_of: str) -> Standing:
        """The practice as known up to a position and seen at a moment."""
        self._read_own(until)
        own = {stream: kept for stream, rows in self._own.items() if (kept := _upto(rows, until))}
        last = max((rows[-1][0] for rows in own.values()), default=0)
        if self._standing is None or self._standing[0] != last or not self._standing[1].holds(as_of):
            view = practice_view(Held(own), Moment(as_of, None, until), self.calendar)
            self._standing = (last, Standing(view, as_of, self.calendar))
        return self._standing[1]

    def _read_own(self, until: int) -> None:
        if not self._own:
            for prefix in OWN_STREAMS:
                self._own.update(self.entries.streams(prefix, until))
            self._own_upto = until
        elif until > self._own_upto:
            for page in self.pages(self._own_upto, until, 1000):
                for row in page:
                    if not row.stream.startswith(CLIENTS):
                        self._own.setdefault(row.stream, []).append(self.entries.entry(row))
            self._own_upto = until

    # -- clients ------------------------------------------------------------------------------------------

    def client(self, client: str, until: int, as_of: str) -> SeenClient | None:
        """A client as known up to a position and seen at a moment; None of whom nothing was recorded by then."""
        rows = self.entries.stream(CLIENTS + client, until)
        return self._seen(client, rows, self.standing(until, as_of), as_of) if rows else None

    def clients(self, until: int, as_of: str) -> Iterator[tuple[int, SeenClient]]:
        """Each client, with how many entries there are of it."""
        standing = self.standing(until, as_of)
        for stream, rows in self.entries.streams(CLIENTS, until):
            yield len(rows), self._seen(stream.removeprefix(CLIENTS), rows, standing, as_of)

    def _seen(self, client: str, rows: Rows, standing: Standing, as_of: str) -> SeenClient:
        history: History = read(rows, self.calendar)
        case = fold(client, history.as_of(as_of).facts, standing.practice)
        return SeenClient(client, history, case, standing.policies, as_of, standing.everything)


def _upto(rows: Rows, until: int) -> Rows:
    """The rows up to a position; they are in its order."""
    if not rows or rows[-1][0] <= until:
        return rows
    return [row for row in rows if row[0] <= until]


def is_own(row: Row) -> bool:
    """Whether an entry is of the practice, not of a client."""
    return not row.stream.startswith(CLIENTS)


def clients_in(page: Sequence[Row]) -> set[str]:
    """The clients that a page of the log tells of."""
    return {row.stream.removeprefix(CLIENTS) for row in page if row.stream.startswith(CLIENTS)}
