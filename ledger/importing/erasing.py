"""Lines that destroy keys: refused under a legal hold and before their day; carried out once they are recorded."""

from ledger import erasing
from ledger.errors import LedgerError, NotDueError
from ledger.events.clients import KeysDestroyed
from ledger.perspective import CLIENTS, Moment, Perspective, Rows
from ledger.retention import Terms, kept
from ledger.values import FOREVER, Calendar


class Erasing:
    """The clients whose keys an import would destroy.

    `authorised`: somebody answers for bringing in history as found, also for erasing before the day.
    """

    def __init__(self, calendar: Calendar, *, authorised: bool) -> None:
        self._calendar = calendar
        self._authorised = authorised
        self._streams: set[str] = set()

    def take(self, topic: str, stream: str) -> None:
        """Takes note of an entry."""
        if topic == KeysDestroyed.TOPIC:
            self._streams.add(stream)

    def check(self, rows: Rows, recorded_at: str) -> None:
        """HeldError or NotDueError for the first client whose texts, as all would be, are still to be kept."""
        if not self._streams:
            return
        perspective = Perspective(rows, Moment(FOREVER), self._calendar)
        terms = Terms.of(perspective.policies.at((recorded_at, 0)))
        for stream in sorted(self._streams):
            found = kept(perspective.case(stream.removeprefix(CLIENTS)))
            found.refuse_held()
            why = found.why_not(terms, self._calendar.day_of(recorded_at))
            if why is not None and not self._authorised:
                raise NotDueError(found.client, why)


def erase(keys: erasing.Erasing, upto: int) -> LedgerError | None:
    """Destroys what the entries up to a position say was destroyed; why that could not be done, if it could not."""
    try:
        keys.catch_up(upto)
    except LedgerError as error:  # they are recorded: the next opening does it
        return error
    return None
