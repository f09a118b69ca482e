"""Reading one ledger on two clocks: a log seen up to a position, and a moment as of which it is asked.

Everything a reader needs is folded from stored rows; nothing here writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ledger import practice as practices
from ledger.case import Case
from ledger.entry import Entry
from ledger.errors import InputError
from ledger.folding import fold
from ledger.history import History, read
from ledger.policy import Policy
from ledger.practice import Practice
from ledger.rules.judge import Judgement, healed, judge, policies_of
from ledger.values import Calendar, is_day, moment

CLIENTS = "client/"
OWN_STREAMS = ("ledger", "practice", "practitioner/")
"""The streams that are not of clients, and the beginning of their names."""
_COSMETIC = frozenset({"name", "organisation", "profession", "number", "verified_on", "reason"})
"""Fields of the practice's entries that no rule looks at."""


class Rows(Protocol):
    """What a reader needs of a log: decoded rows."""

    def stream(self, stream: str, until: int | None) -> list[tuple[int, Entry[Any]]]:
        """One stream's entries with their log positions, by seq."""

    def streams(
        self, prefix: str, until: int | None, between: tuple[str, str] | None = None
    ) -> Iterator[tuple[str, list[tuple[int, Entry[Any]]]]]:
        """Each stream that begins with a prefix (or lies in a range), one at a time."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When is asked: as of a stamp, knowing the log up to a position (None: all of it)."""

    as_of: str
    known_at: str | None = None
    until: int | None = None
    policy: Policy | None = None


def stamp_of(text: str, calendar: Calendar) -> str:
    """A stated moment as a stamp; a day means its end in the practice's time zone. InputError if it is neither."""
    try:
        canonical = moment(text)
    except ValueError as wrong:
        raise InputError(f"{wrong}") from None
    return calendar.end_of(canonical) if is_day(canonical) else canonical


@dataclass(slots=True)
class Judged:
    """A client's judgement as corrected, beside the verdict as first recorded."""

    judgement: Judgement
    history: History
    verdict_as_recorded: str


@dataclass(frozen=True, slots=True)
class PracticeView:
    """The practice's own streams, read and folded as of a moment.

    From `settled` on, the latest time that any of it took effect, it is the same as of every moment.
    """

    histories: list[History]
    practice: Practice
    recorded: list[History]
    """As first recorded."""
    practice_as_recorded: Practice | None
    """As first recorded, where a correction could change a verdict."""
    settled: str


def practice_view(rows: Rows, when: Moment, calendar: Calendar) -> PracticeView:
    """The practice as known and as of a moment."""
    found = [
        (stream, entries)
        for prefix in OWN_STREAMS
        for stream, entries in rows.streams(prefix, when.until)
        if prefix.endswith("/") or stream == prefix
    ]
    histories = [read(entries, calendar) for _, entries in found]
    recorded = histories
    if any(history.corrections or history.retracted for history in histories):
        recorded = [read(entries, calendar, corrected=False) for _, entries in found]
    telling = any(
        correction.event.retracted is not None or set(correction.event.changes or ()) - _COSMETIC
        for history in histories
        for correction in history.corrections
    )
    return PracticeView(
        histories,
        _folded(histories, when.as_of, calendar),
        recorded,
        _folded(recorded, when.as_of, calendar) if telling else None,
        max((fact.at for history in (*histories, *recorded) for fact in history.facts), default=""),
    )


def _folded(histories: Sequence[History], as_of: str, calendar: Calendar) -> Practice:
    return practices.fold((fact for each in histories for fact in each.as_of(as_of).facts), calendar)


class Perspective:
    """One ledger at one `Moment`: the practice, each client's case, each client's judgement."""

    def __init__(
        self, rows: Rows, when: Moment, calendar: Calendar, view: PracticeView | None = None
    ) -> None:
        """`view` is the practice at that moment, where it is at hand already."""
        self._rows = rows
        self.when = when
        self.calendar = calendar
        self._view = view or practice_view(rows, when, calendar)
        self.histories = self._view.histories
        self.practice = self._view.practice
        self.policies = policies_of(self.practice, when.policy)
        first = self._view.practice_as_recorded
        self._first_recorded = None if first is None else (first, policies_of(first, when.policy))

    def with_current_policy(self) -> "Perspective":
        """The same moment, judged throughout by the policy in force then."""
        when = replace(self.when, policy=self.policies.current)
        return Perspective(self._rows, when, self.calendar, self._view)

    # -- one client --------------------------------------------------------------------------------------

    def history(self, client: str) -> History:
        """A client's history as known then. InputError if nothing is recorded of this client."""
        return read(self._rows_of(client), self.calendar)

    def _rows_of(self, client: str) -> list[tuple[int, Entry[Any]]]:
        rows = self._rows.stream(CLIENTS + client, self.when.until)
        if not rows:
            raise InputError(f"client {client}: nothing is recorded of this client at that moment")
        return rows

    def case(self, client: str) -> Case:
        """A client's case as of the moment."""
        return fold(client, self.history(client).as_of(self.when.as_of).facts, self.practice)

    def judged(self, client: str) -> Judged:
        """What the rules say of a client."""
        return self._judge(client, self._rows_of(client))

    # -- everybody ---------------------------------------------------------------------------------------

    def clients(self, between: tuple[str, str] | None = None) -> Iterator[Judged]:
        """What the rules say of each client with something recorded as of the moment, one at a time."""
        for stream, rows in self._rows.streams(CLIENTS, self.when.until, between):
            judged = self._judge(stream.removeprefix(CLIENTS), rows)
            told = judged.judgement
            if told.findings or (told.case is not None and told.case.facts):
                yield judged

    def own(self) -> Judged:
        """What the rules say of the ledger's, the practice's and the practitioners' own entries."""
        together = _together(self.histories)
        as_of = self.when.as_of
        judgement = judge(None, together, self.practice, self.policies, as_of)
        if self._first_recorded is None:
            return Judged(judgement, together, judgement.verdict)
        recorded = judge(None, _together(self._view.recorded), *self._first_recorded, as_of)
        judgement.findings += healed(recorded, judgement, together)
        return Judged(judgement, together, recorded.verdict)

    def _judge(self, client: str, rows: list[tuple[int, Entry[Any]]]) -> Judged:
        history = read(rows, self.calendar)
        as_of = self.when.as_of
        judgement = judge(client, history, self.practice, self.policies, as_of)
        if not history.corrections and not history.retracted and self._first_recorded is None:
            return Judged(judgement, history, judgement.verdict)
        practice, policies = self._first_recorded or (self.practice, self.policies)
        recorded = judge(client, read(rows, self.calendar, corrected=False), practice, policies, as_of)
        judgement.findings += healed(recorded, judgement, history)
        return Judged(judgement, history, recorded.verdict)


def _together(histories: Sequence[History]) -> History:
    """Several streams as one history in effective order."""
    return History(
        sorted((fact for history in histories for fact in history.facts), key=lambda fact: fact.order),
        [fact for history in histories for fact in history.corrections],
    )
