"""Entries in plain sentences: when, who, what, and when it was recorded by whom.

"On 2 March 2026 P-1 closed therapy E1: goals met, stable; recorded the same day by frontdesk."
"""

from collections.abc import Callable
from typing import Any

from ledger.entry import Entry
from ledger.events.corrections import EntryCorrected
from ledger.history import Fact
from ledger.values import Admission
from projections import clauses_client, clauses_practice
from projections.context import Context, words
from projections.dates import Dates


def entry_corrected(event: Any, context: Context) -> str:
    """A correction: what it changes, or that it takes an entry back."""
    target = context.entries.get(event.corrects)
    what = f"entry {event.corrects}" + (f" ({target.entry.type})" if target is not None else "")
    if event.retracted is not None:
        return f"{what} was retracted ({words(event.retracted)})"
    return f"{what} was corrected: {', '.join(event.changes or ())}"


CLAUSES: dict[type[Any], Callable[[Any, Context], str]] = {
    **clauses_client.CLAUSES,
    **clauses_practice.CLAUSES,
    EntryCorrected: entry_corrected,
}
"""Every event type's clause; an event type without one raises."""


def sentence(fact: Fact, context: Context, dates: Dates) -> str:
    """What an entry says after corrections."""
    return _told(fact.entry, context, dates, said=(fact.event, fact.occurred_at, fact.by))


def first_sentence(entry: Entry[Any], context: Context, dates: Dates) -> str:
    """What an entry said when it was recorded."""
    return _told(entry, context, dates, said=(entry.event, entry.occurred_at, entry.by))


def _told(entry: Entry[Any], context: Context, dates: Dates, *, said: tuple[Any, str, str]) -> str:
    event, occurred_at, by = said
    clause = CLAUSES[type(event)](event, context)
    return f"On {dates.words(occurred_at)} {clause}; {_recorded(occurred_at, by, entry, dates)}{_against(entry)}."


def _recorded(occurred_at: str, by: str, entry: Entry[Any], dates: Dates) -> str:
    if entry.admitted is Admission.AS_FOUND:
        return f"stated by {by}, imported as found on {dates.day(entry.recorded_at)}"
    days = dates.days_late(occurred_at, entry.recorded_at)
    if days < 0:
        when = f"{-days} {'day' if days == -1 else 'days'} before"
    else:
        when = {0: "the same day", 1: "the next day"}.get(days, f"{days} days later")
    return f"recorded {when} by {by}"


def _against(entry: Entry[Any]) -> str:
    if entry.override is None:
        return ""
    why = f": {entry.override.reason}" if entry.override.reason is not None else ", without a reason"
    rules = ", ".join(entry.override.rules)
    return f", against {rules} on the authority of {entry.override.authorised_by}{why}"
