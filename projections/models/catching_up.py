"""Catching up: what the log gained since, page by page, and what only time has changed.

The unit is the client. Of a page of the log the clients are taken whom an entry touches, or whom an entry of the
practice reaches; each is folded once and its rows replaced in every table, in the transaction that moves the tracking
position. Where so much is new that making everything anew is less work, that is done instead (`rebuilding`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventsourcing.persistence import Tracking
from eventsourcing.projection import Projection

from ledger import clock
from ledger.errors import ConflictError
from ledger.places import program_version
from ledger.storage.rows import Row
from projections.models import rebuilding
from projections.models.base import OF_PRACTICE, Model, Table
from projections.models.filling import Tables, Values
from projections.models.reach import Reach, reach
from projections.models.registry import MODELS, tables
from projections.models.shape import shape_of
from projections.models.source import Source, clients_in, is_own
from projections.models.store import OutrunError, State, Store

PAGE = 1000
"""How many entries of the log are taken in with one tracking write."""
MOST_CLIENTS = 2000
"""How many clients' rows are replaced in one transaction; where more are stale, everything is made anew."""
ATTEMPTS = 20

Progress = Callable[[int, int], None]
Changes = dict[Table, dict[str, Values]]


class TooMuchError(Exception):
    """It is less work, or needs less room, to make everything anew."""


@dataclass(slots=True)
class Now:
    """A moment, and the clients whose rows are not yet what they are at it."""

    as_of: str
    stale: set[str]


class ReadModels(Projection[Any]):
    """The read models of one ledger, kept in a store."""

    def __init__(self, store: Store, source: Source, models: Sequence[Model] = MODELS) -> None:
        super().__init__(store)
        self.store, self.source = store, source
        self.models = models
        self.tables = tables(models)
        self.shape = shape_of(self.tables, source.calendar.time_zone, program_version())
        self._same_log = False

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """As eventsourcing's projection runner calls it: takes in the log up to an entry, if that is not done."""
        del domain_event
        state = self.store.state()
        if state is None or state.position < tracking.notification_id:
            self.catch_up(clock.now())

    def catch_up(self, as_of: str, progress: Progress = lambda _done, _of: None) -> State:
        """Makes every row what it is at a moment, for the log as it stands; the state reached.

        ConflictError where others kept writing in between; what a store raises where it cannot be written.
        """
        for _ in range(ATTEMPTS):
            with self.store.reading() as found:
                seen = found[0] if found is not None else None
                last = self.source.last_position()
                stale = self._stale(found, last, as_of)
            try:
                if seen is not None and stale is not None:
                    return self._take_in(seen, last, Now(as_of, stale), progress)
            except OutrunError:
                continue
            except TooMuchError:
                pass
            state = self.rebuild(as_of, progress, seen=seen)
            if state.caught_up_at == as_of:  # else another process has done it, and may have known less
                return state
        raise ConflictError("other processes kept the read models busy; nothing is lost. Try again.")

    def rebuild(
        self, as_of: str, progress: Progress = lambda _done, _of: None, *, seen: State | None = None
    ) -> State:
        """Makes every row anew into fresh tables, then swaps them in; nobody who reads or records waits for it."""
        state = rebuilding.rebuild(
            self.store, self.source, rebuilding.Order(as_of, self.shape, seen), progress
        )
        self._same_log = True
        return state

    # -- what there is to do ------------------------------------------------------------------------------

    def _stale(self, found: tuple[State, Tables] | None, last: int, as_of: str) -> set[str] | None:
        """The clients whose rows do not hold at a moment; None where everything is to be made anew."""
        if found is None or not self._is_ours(found[0], last):
            return None
        gap = last - found[0].position
        if gap > PAGE and gap > _known(found[1]):
            return None
        try:
            return _clients(found[1], "since > ? OR until <= ?", [as_of, as_of])
        except TooMuchError:
            return None

    def _is_ours(self, state: State, last: int) -> bool:
        """Whether the rows were made by this program, from this log, and from no more than there is of it."""
        if state.shape != self.shape or state.position > last:
            return False
        self._same_log = self._same_log or state.root == self.source.root(state.position)
        return self._same_log

    def _take_in(self, state: State, last: int, now: Now, progress: Progress) -> State:
        begun = state.position
        for page in self.source.pages(state.position, last, PAGE):
            state = self._take_page(state, page, now)
            progress(state.position - begun, last - begun)
        if now.stale:  # no page has taken them along
            state = self._replace(state, state.position, now)
        return state

    def _take_page(self, state: State, page: Sequence[Row], now: Now) -> State:
        upto = page[-1].position
        now.stale |= clients_in(page)
        if any(is_own(row) for row in page):
            standing = self.source.standing(upto, now.as_of)
            new = [
                fact
                for history in standing.histories
                for facts in (history.facts, history.corrections, history.retracted)
                for fact in facts
                if state.position < fact.position <= upto
            ]
            with self.store.reading() as found:
                if found is None or found[0] != state:
                    raise OutrunError
                now.stale |= {OF_PRACTICE} | _reached(found[1], reach(new))
        return self._replace(state, upto, now)

    def _replace(self, state: State, upto: int, now: Now) -> State:
        """One transaction: the rows of the clients that are stale, and the tracking position with them."""
        changes = self._rows(upto, sorted(now.stale), now.as_of)
        after = replace(
            state,
            version=state.version + 1,
            position=upto,
            root=self.source.root(upto) if upto > state.position else state.root,
            caught_up_at=now.as_of,
        )
        with self.store.replacing(state, after) as filling:
            filling.put(changes)
        now.stale.clear()
        return after

    def _rows(self, upto: int, clients: Sequence[str], as_of: str) -> Changes:
        changes: Changes = {table: {} for table in self.tables}
        for client in clients:
            if client == OF_PRACTICE:
                practice = self.source.standing(upto, as_of).at(as_of)
                for table, rows in changes.items():
                    rows[client] = table.practice_rows(practice)
                continue
            seen = self.source.client(client, upto, as_of)
            if seen is not None:
                for table, rows in changes.items():
                    rows[client] = table.client_rows(seen)
        return changes


def _known(view: Tables) -> int:
    """How many clients there are. Page by page a client may be folded once per entry; anew, each is folded once."""
    return int(view.all("SELECT count(*) AS clients FROM {spans}")[0]["clients"])


def _reached(view: Tables, found: Reach) -> set[str]:
    if found.everybody:
        return _clients(view, "client <> ?", [OF_PRACTICE])
    clients: set[str] = set()
    if found.since is not None:
        clients |= _clients(view, "client <> ? AND since >= ?", [OF_PRACTICE, found.since])
    for practitioner in sorted(found.practitioners):
        pairs = view.all(
            "SELECT client FROM {pairs} WHERE practitioner = ? LIMIT ?", [practitioner, MOST_CLIENTS + 1]
        )
        clients |= {row["client"] for row in pairs}
    if len(clients) > MOST_CLIENTS:
        raise TooMuchError
    return clients


def _clients(view: Tables, condition: str, parameters: Sequence[str]) -> set[str]:
    """The clients of whom a condition holds. TooMuchError where there are more than are replaced at once."""
    found = view.all(
        f"SELECT client FROM {{spans}} WHERE {condition} LIMIT ?", [*parameters, MOST_CLIENTS + 1]
    )
    if len(found) > MOST_CLIENTS:
        raise TooMuchError
    return {row["client"] for row in found}
