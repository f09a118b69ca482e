"""TIME-2: evidence that came after the act it supports."""

from collections.abc import Iterator

from ledger.events.agreements import AgreementSigned
from ledger.events.clients import OutsideCareNoted
from ledger.events.concerns import ConcernResolved
from ledger.events.engagements import (
    EngagementClosed,
    EngagementOpened,
    EngagementPaused,
    EngagementRenewed,
    EngagementResumed,
)
from ledger.events.intakes import IntakeCompleted
from ledger.events.practitioners import LicenceRecorded
from ledger.events.referrals import ReferralAnswered, ReferralConcluded, ReferralMade
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Admission

EVIDENCE = (
    EngagementOpened,
    EngagementClosed,
    EngagementPaused,
    IntakeCompleted,
    AgreementSigned,
    ConcernResolved,
    LicenceRecorded,
    OutsideCareNoted,
    ReferralMade,
    ReferralAnswered,
    ReferralConcluded,
)


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """What a gate requirement of the act rests on was on record when the act was recorded."""
    if act.entry.admitted is Admission.AS_FOUND:
        return
    late = {
        fact.ref: fact
        for rule, ruling in view.rulings.get(act.seq, ())
        if rule.kind is Kind.GATE and ruling.kind is None
        for fact in ruling.entries
        if isinstance(fact.event, EVIDENCE) and not _is_own(fact, act) and _came_after(fact, act)
    }
    if late:
        named = ", ".join(f"{fact.entry.type} ({fact.stream} {fact.seq})" for fact in late.values())
        yield broken(
            Kind.WARNING,
            f"{act.entry.type} of {act.event.engagement} rests on what was recorded or corrected after it: {named}",
            *late.values(),
        )


def _is_own(evidence: Fact, act: Fact) -> bool:
    """The opening of the engagement itself, named for its place: no evidence of another fact."""
    return isinstance(evidence.event, EngagementOpened) and evidence.event.engagement == act.event.engagement


def _came_after(evidence: Fact, act: Fact) -> bool:
    """By an entry, or by a correction of any of its fields."""
    return _later(evidence, act) or any(_later(correction, act) for correction in evidence.corrections)


def _later(fact: Fact, act: Fact) -> bool:
    """Recorded after the act, in another transaction; as-found entries do not count."""
    return (
        fact.entry.admitted is not Admission.AS_FOUND
        and fact.position > act.position
        and fact.entry.recorded_at != act.entry.recorded_at
    )


RULE = Rule(
    id="TIME-2",
    title="The evidence for an act was recorded after the act",
    kind=Kind.WARNING,
    why="Papers that appear once they are needed are asked about; better to say so oneself.",
    sources=("FRE 803(6)(A)",),
    judges=(EngagementOpened, EngagementResumed, EngagementRenewed),
    check=check,
    exceptions="Imported history recorded as found.",
    allowed=(
        Example(
            "The closing stood in the ledger when coaching was opened",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "Imported history, as it was found",
            """
            2024-01-08 therapy E1
            2024-06-10 coaching E2 admitted=as-found
            2024-06-03 engagement-closed E1 admitted=as-found recorded@2024-06-20
            """,
        ),
    ),
    denied=(
        Example(
            "The closing was recorded ten days after the coaching that rests on it",
            """
            2024-01-08 therapy E1
            2024-06-10 coaching E2
            2024-06-03 engagement-closed E1 recorded@2024-06-20
            """,
        ),
        Example(
            "The closing was on record, and corrected afterwards",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 stable=no source=closing
            2024-06-10 coaching E2
            2024-06-20 correct closing stable=yes
            """,
        ),
    ),
)
