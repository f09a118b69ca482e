"""SCOPE-3: coaching that goes on over a clinical concern."""

from collections.abc import Iterator

from ledger.events.engagements import SessionHeld
from ledger.history import Fact
from ledger.rules.rule import Kind, Rule, Ruling, View, broken
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
            paused.order > concern.raised.order and resumed is not None and resumed.order < act.order
            for paused, resumed in engagement.pauses
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
)
