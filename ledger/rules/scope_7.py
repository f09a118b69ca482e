"""SCOPE-7: coaching beside a managed condition, with nobody to talk to."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Indication, RecipientKind, Service

PROFESSIONALS = (RecipientKind.PRACTITIONER, RecipientKind.PHYSICIAN)


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """On an intake saying managed there is a live release between P and another professional."""
    if act.event.service is not Service.COACHING:
        return
    intake = view.intake_of(act)
    if intake is None or intake.event.clinical_indication is not Indication.MANAGED:
        return
    practitioner, day = act.event.practitioner, view.day(act)
    for release in view.case.releases.values():
        event = release.granted.event
        told = event.to_practitioner == practitioner != event.from_practitioner
        tells = event.from_practitioner == practitioner and (
            event.to_practitioner != practitioner
            if event.to_practitioner is not None
            else event.recipient_kind in PROFESSIONALS
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
    exceptions="A release in either direction serves; one to a court, an insurer or the family does not.",
    allowed=(
        Example(
            "The coach may talk to the physician",
            """
            2024-01-05 release-granted X1 recipient_kind=physician
            2024-01-08 coaching E1 intake.clinical_indication=managed
            """,
        ),
        Example(
            "The treating therapist may talk to the coach, until today",
            """
            2024-01-05 release-granted X1 P-9 to_practitioner=P-1 valid_until=2024-01-08
            2024-01-08 coaching E1 intake.clinical_indication=managed
            """,
        ),
    ),
    denied=(
        Example(
            "No release at all",
            """
            2024-01-08 coaching E1 intake.clinical_indication=managed
            """,
        ),
        Example(
            "The release ended yesterday",
            """
            2024-01-05 release-granted X1 P-9 to_practitioner=P-1 valid_until=2024-01-07
            2024-01-08 coaching E1 intake.clinical_indication=managed
            """,
        ),
        Example(
            "A release to an insurer is none to a professional",
            """
            2024-01-05 release-granted X1 recipient_kind=insurer
            2024-01-08 coaching E1 intake.clinical_indication=managed
            """,
        ),
    ),
)
