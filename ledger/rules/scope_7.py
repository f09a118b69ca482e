"""SCOPE-7: coaching beside a managed condition, with nobody to talk to."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Kind, Rule, Ruling, View, broken
from ledger.values import Indication, RecipientKind, Service

PROFESSIONALS = (RecipientKind.PRACTITIONER, RecipientKind.PHYSICIAN)


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """On an intake saying managed there is a live release between P and another professional."""
    if act.event.service is not Service.COACHING:
        return
    intake = view.case.intake.get(act.event.intake or "")
    if intake is None or intake.event.clinical_indication is not Indication.MANAGED:
        return
    practitioner, day = act.event.practitioner, view.day(act)
    for release in view.case.releases.values():
        event = release.granted.event
        told = event.to_practitioner == practitioner
        tells = event.from_practitioner == practitioner and (
            event.to_practitioner is not None or event.recipient_kind in PROFESSIONALS
        )
        if (told or tells) and release.live_at(act.order, day):
            return
    yield broken(
        Kind.ADVICE,
        f"coaching {act.event.engagement} rests on an intake saying managed: agree with the client how "
        f"{practitioner} and the treating professional stay in touch; no live release is on record",
        intake,
    )


RULE = Rule(
    id="SCOPE-7",
    title="Coaching beside a managed condition without a way to stay in touch",
    kind=Kind.ADVICE,
    why="Two professionals who may talk do not work at cross-purposes; a release settles it beforehand.",
    sources=("Guide, FAQ on two professionals",),
    judges=(EngagementOpened,),
    check=check,
)
