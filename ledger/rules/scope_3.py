"""SCOPE-3: coaching that goes on over a clinical concern."""

from collections.abc import Iterator

from ledger.events.engagements import SessionHeld
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Service, SessionPurpose


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """No coaching session of purpose service after a serious concern and before it is resolved."""
    if not view.case.concerns or act.event.purpose is not SessionPurpose.SERVICE:
        return
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is None or engagement.service is not Service.COACHING:
        return
    open_ones = [
        concern
        for concern in view.case.concerns.values()
        if concern.engagement == engagement.id and concern.serious and concern.unresolved_at(act.order)
    ]
    elsewhere = None
    if open_ones:
        elsewhere = view.case.therapy_elsewhere(engagement.practitioner, act.order, view.day(act))
    for concern in open_ones:
        rested = any(
            resumed is not None and concern.raised.order < resumed.order < act.order
            for _, resumed in engagement.pauses
        )
        if elsewhere is None or not rested:
            yield broken(
                Kind.VIOLATION,
                f"coaching session {act.event.session} of {engagement.id}: the {concern.raised.event.severity} "
                f"concern {concern.id} is unresolved; expected no coaching until it is resolved, or the client "
                "in therapy elsewhere and coaching paused and resumed since",
                concern.raised,
            )
            return


RULE = Rule(
    id="SCOPE-3",
    title="Coaching sessions go on after a clinical concern",
    kind=Kind.VIOLATION,
    why="Coaching over an open clinical concern turns into treatment without being it.",
    sources=("Guide, FAQ on issues that develop mid-process",),
    judges=(SessionHeld,),
    check=check,
    exceptions="Sessions for referral or crisis; the session in which the concern surfaced; a client in therapy "
    "elsewhere whose coaching was paused and resumed since.",
    allowed=(
        Example(
            "The session in which the concern surfaced",
            """
            2024-01-08 coaching E1
            2024-03-04 10:00 session-held E1
            2024-03-04 10:40 concern-raised E1 K1
            """,
        ),
        Example(
            "A session to refer the client",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-05 session-held E1 purpose=referral
            """,
        ),
        Example(
            "Coaching goes on beside therapy elsewhere, after a pause",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-04 engagement-paused E1
            2024-03-18 outside-care-noted
            2024-03-25 engagement-resumed E1
            2024-03-26 session-held E1
            """,
        ),
    ),
    denied=(
        Example(
            "The next session is held as if nothing had been said",
            """
            2024-01-08 coaching E1
            2024-03-04 10:40 concern-raised E1 K1
            2024-03-11 session-held E1
            """,
        ),
        Example(
            "In therapy elsewhere, and coaching was never paused",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-05 outside-care-noted
            2024-03-11 session-held E1
            """,
        ),
        Example(
            "Paused and resumed, and the client is in no therapy",
            """
            2024-01-08 coaching E1
            2024-03-04 concern-raised E1 K1
            2024-03-04 engagement-paused E1
            2024-03-25 engagement-resumed E1
            2024-03-26 session-held E1
            """,
        ),
    ),
)
