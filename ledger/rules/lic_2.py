"""LIC-2: a therapy session without a licence where the client was."""

from collections.abc import Iterator

from ledger.events.engagements import SessionHeld
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A therapy session is held only under cover for the session's place on that day."""
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is None or engagement.service is not Service.THERAPY:
        return
    place = act.event.jurisdiction
    if place is None:
        found = view.case.place_of(engagement, act.order)
        place = found[0] if found is not None else None
    day = view.day(act)
    if place is None or view.practice.practitioner(engagement.practitioner).cover(place, day) is None:
        yield broken(
            Kind.VIOLATION,
            f"therapy session {act.event.session} of {engagement.id}: expected {engagement.practitioner} to hold "
            f"a licence for {place or 'a place not on record'} on {day}, none on record covers it",
        )


RULE = Rule(
    id="LIC-2",
    title="A therapy session is held without a licence where the client is",
    kind=Kind.VIOLATION,
    why="Each session counts: a client who travels or moves may leave the reach of the licence.",
    sources=("Guide, Stay Within Your Scope",),
    judges=(SessionHeld,),
    check=check,
    exceptions="Where the session names no place, the engagement's counts, else the client's at that "
    "moment. Crisis sessions are judged like others: the record then shows why one was held.",
    allowed=(
        Example(
            "A session at home, on the licence's last day",
            """
            2021-01-04 licence-recorded P-1 L1 valid_until=2024-01-15
            2024-01-08 therapy E1
            2024-01-15 session-held E1
            """,
        ),
        Example(
            "A coaching session while travelling",
            """
            2024-01-08 coaching E1
            2024-01-15 session-held E1 jurisdiction=US-SC
            """,
        ),
    ),
    denied=(
        Example(
            "The client sat in another state",
            """
            2024-01-08 therapy E1
            2024-01-15 session-held E1 jurisdiction=US-SC
            """,
        ),
        Example(
            "The licence ended the day before",
            """
            2021-01-04 licence-recorded P-1 L1 valid_until=2024-01-14
            2024-01-08 therapy E1
            2024-01-15 session-held E1
            """,
        ),
    ),
)
