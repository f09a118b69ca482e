"""LIC-1: therapy without a licence where the client is."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """Therapy is opened or resumed only under cover for its place that day."""
    engagement = view.case.engagements[act.event.engagement]
    if engagement.service is not Service.THERAPY:
        return
    place, day = view.case.place_of(engagement, act.order), view.day(act)
    licence = None
    if place is not None:
        licence = view.practice.practitioner(engagement.practitioner).cover(place[0], day)
    if licence is not None and place is not None:
        yield shown(f"{engagement.practitioner} was licensed for {place[0]}", licence, place[1])
    else:
        where = place[0] if place is not None else "a place not on record"
        yield broken(
            Kind.GATE,
            f"therapy {engagement.id}: expected {engagement.practitioner} to hold a licence for {where} on "
            f"{day}, none on record covers it",
            place[1] if place is not None else None,
        )


RULE = Rule(
    id="LIC-1",
    title="Therapy is opened or resumed without a licence where the client is",
    kind=Kind.GATE,
    why="Therapy is regulated by the place where the client sits, not by where the practitioner does.",
    sources=("Guide, Stay Within Your Scope", "ACA Code"),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    exceptions="A compact privilege, a temporary permit, an associate registration and an exemption count as cover.",
    allowed=(
        Example(
            "The last day of the licence",
            """
            2021-01-04 licence-recorded P-1 L1 valid_until=2024-01-08
            2024-01-08 therapy E1
            """,
        ),
        Example(
            "A compact privilege for the place where the service is received",
            """
            2021-01-04 licence-recorded P-1 L1 US-SC basis=compact-privilege
            2024-01-08 therapy E1 jurisdiction=US-SC
            """,
        ),
        Example(
            "Coaching asks for no licence",
            """
            2021-01-04 licence-recorded P-1 L1 US-SC
            2024-01-08 coaching E1
            """,
        ),
    ),
    denied=(
        Example(
            "The licence ended yesterday",
            """
            2021-01-04 licence-recorded P-1 L1 valid_until=2024-01-07
            2024-01-08 therapy E1
            """,
        ),
        Example(
            "Licensed for another state than the client's",
            """
            2021-01-04 licence-recorded P-1 L1 US-SC
            2024-01-08 therapy E1
            """,
        ),
        Example(
            "Suspended from this day on",
            """
            2024-01-08 licence-status-changed P-1 L1 suspended
            2024-01-08 therapy E1
            """,
        ),
        Example(
            "The client moved during the pause",
            """
            2024-01-08 therapy E1
            2024-02-05 engagement-paused E1
            2024-03-04 client-relocated US-SC
            2024-03-11 engagement-resumed E1
            """,
        ),
    ),
)
