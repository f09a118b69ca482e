"""SCOPE-4: coaching resumed over the concern that arose in it."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementResumed
from ledger.history import Fact, on_record_by
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """No unresolved serious concern of this engagement, unless the client is in therapy elsewhere."""
    engagement = view.case.engagements[act.event.engagement]
    if engagement.service is not Service.COACHING:
        return
    own = [
        one
        for one in view.case.concerns.values()
        if one.engagement == engagement.id and one.serious and one.raised.order < act.order
    ]
    open_ones = [concern for concern in own if concern.unresolved_at(act.order)]
    elsewhere = view.case.therapy_elsewhere(engagement.practitioner, act.order, view.day(act))
    if open_ones and elsewhere is None:
        named = ", ".join(concern.id for concern in open_ones)
        yield broken(
            Kind.GATE,
            f"coaching {engagement.id} is resumed: expected its concern {named} resolved, or the client in "
            "therapy elsewhere; neither is on record",
            *(concern.raised for concern in open_ones),
        )
        return
    found = (
        "the client is in therapy elsewhere" if open_ones else "no concern of this engagement is unresolved"
    )
    ways = [(None if concern in open_ones else concern.resolved, elsewhere) for concern in own]
    yield shown(found, *(on_record_by(act, filter(None, either)) for either in ways))


RULE = Rule(
    id="SCOPE-4",
    title="Coaching is resumed while its own clinical concern is unresolved",
    kind=Kind.GATE,
    why="Whatever the pause was for, what surfaced in this coaching is settled before it goes on.",
    sources=("Guide, Scenario 1",),
    judges=(EngagementResumed,),
    check=check,
    exceptions="A client in therapy elsewhere.",
    allowed=(
        Example(
            "The concern was resolved before",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-04 engagement-paused E1
            2024-04-08 12:00 concern-resolved K1 outside-therapist-report
            2024-04-08 12:00 engagement-resumed E1
            """,
        ),
        Example(
            "The client is in therapy elsewhere",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-04 engagement-paused E1
            2024-03-18 outside-care-noted
            2024-04-08 engagement-resumed E1
            """,
        ),
        Example(
            "Something to watch is no reason to stop",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1 watch
            2024-03-04 engagement-paused E1
            2024-04-08 engagement-resumed E1
            """,
        ),
    ),
    denied=(
        Example(
            "Coaching is resumed over the concern",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-04 engagement-paused E1
            2024-04-08 engagement-resumed E1
            """,
        ),
        Example(
            "The pause was for a holiday, the concern is unresolved all the same",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1 urgent
            2024-04-01 engagement-paused E1 leave
            2024-04-08 engagement-resumed E1 return
            """,
        ),
        Example(
            "Resolved an hour after the resumption",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-04 engagement-paused E1
            2024-04-08 12:00 engagement-resumed E1
            2024-04-08 13:00 concern-resolved K1 outside-therapist-report
            """,
        ),
    ),
)
