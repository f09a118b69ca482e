"""ROLE-4: a change of role that was not acknowledged."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact, first_on_record
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import AgreementKind


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A role-change acknowledgement covering the practitioner is signed between mark and change."""
    change = view.change(act)
    if change is None or change.mark is None:
        return
    practitioner = change.engagement.practitioner
    signed = [
        fact
        for agreement in view.case.agreements.values()
        if agreement.kind is AgreementKind.ROLE_CHANGE_ACKNOWLEDGEMENT and agreement.covers(practitioner)
        for fact in agreement.consents()
        if change.mark.at <= fact.at <= act.at
    ]
    if signed:
        yield shown("the change of role was acknowledged", change.mark, first_on_record(signed))
    else:
        yield broken(
            Kind.GATE,
            f"{change.engagement.service} {change.engagement.id} changes the role of {practitioner}: expected a "
            f"role-change acknowledgement signed since {change.previous.id} ended or was paused, none is there",
            change.mark,
        )


RULE = Rule(
    id="ROLE-4",
    title="A practitioner changes role without the client's acknowledgement",
    kind=Kind.GATE,
    adopted=True,
    why="What the change means for confidentiality, records and payment is explained and acknowledged in writing.",
    sources=("ACA Code A.6.d",),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    exceptions="Only where the role before has ended or is paused.",
    allowed=(
        Example(
            "The change of role is acknowledged between closing and opening",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 acknowledgement A9
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "Another practitioner's coaching changes nobody's role",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2 with=P-2
            """,
        ),
    ),
    denied=(
        Example(
            "Nobody acknowledged the change",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "It was acknowledged before therapy closed",
            """
            2024-01-08 therapy E1
            2024-05-27 acknowledgement A9
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2
            """,
        ),
        Example(
            "It was acknowledged an hour after the change",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 12:00 coaching E2
            2024-06-10 13:00 acknowledgement A9
            """,
        ),
    ),
)
