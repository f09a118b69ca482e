"""What stands in two clients' files at once: a comparison of both is stated of each, and corrected in each.

Each file then says by itself what was found, with its own proof, and nobody has to search for the other side.
"""

from collections.abc import Iterable
from typing import Any

from ledger.entry import Entry
from ledger.errors import InputError
from ledger.events.clients import ClientsCompared
from ledger.events.corrections import EntryCorrected
from ledger.recording.statement import Statement, state


def mirrored(one: Statement) -> Statement | None:
    """The same fact as the other client's file states it; None where it stands in one file only."""
    if not isinstance(one.event, ClientsCompared):
        return None
    turned = {**one.fields, "client": one.event.other, "other": one.event.client}
    return _stated(one, one.event.TOPIC, turned)


def mirrored_correction(
    one: Statement, corrected: Entry[Any], others: Iterable[Entry[Any]]
) -> Statement | None:
    """The same correction in the other client's file; None where what is corrected does not stand there.

    `others` are the entries of that file. InputError where the correction names another file: what was found of that
    one is another fact.
    """
    event = corrected.event
    if not isinstance(one.event, EntryCorrected) or not isinstance(event, ClientsCompared):
        return None
    if "other" in (one.event.changes or ()):
        raise InputError(
            "changes.other: another file is another fact; retract this entry and record the right one"
        )
    for entry in others:
        told = entry.event
        if (
            isinstance(told, ClientsCompared)
            and told.other == event.client
            and (entry.recorded_at, entry.occurred_at) == (corrected.recorded_at, corrected.occurred_at)
        ):
            return _stated(one, one.event.TOPIC, {**one.fields, "client": event.other, "corrects": entry.seq})
    return None


def _stated(one: Statement, type_: str, fields: dict[str, Any]) -> Statement:
    return state({"type": type_, "occurred_at": one.occurred_at, "by": one.by, **fields})
