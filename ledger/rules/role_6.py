"""ROLE-6: a second role promised while therapy lasts."""

from collections.abc import Iterator

from ledger.events.agreements import AgreementIssued
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import AgreementKind, Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """No coaching contract covering P is issued while therapy of the pair is open."""
    if act.event.kind is not AgreementKind.COACHING_CONTRACT:
        return
    for one in view.case.engagements.values():
        if (
            one.service is Service.THERAPY
            and act.event.practitioner in (None, one.practitioner)
            and one.open_at(act.order)
        ):
            yield broken(
                Kind.WARNING,
                f"coaching contract {act.event.agreement} was issued while therapy {one.id} with "
                f"{one.practitioner} was open: expected it after the closing",
                one.opened,
            )
            return


RULE = Rule(
    id="ROLE-6",
    title="A coaching contract is issued while the pair's therapy is open",
    kind=Kind.WARNING,
    why="A promised second role weighs on the therapy that is still going on.",
    sources=("APA Ethics Code 3.05(a)(3)",),
    judges=(AgreementIssued,),
    check=check,
    exceptions="A contract with another practitioner promises the therapist no second role.",
    allowed=(
        Example(
            "The contract is issued after the closing",
            """
            2024-01-08 therapy E1
            2024-06-10 09:00 engagement-closed E1
            2024-06-10 contract A2
            """,
        ),
        Example(
            "The contract is with a colleague",
            """
            2024-01-08 therapy E1
            2024-05-06 contract A2 with=P-2
            """,
        ),
    ),
    denied=(
        Example(
            "The therapist issues a coaching contract while therapy is open",
            """
            2024-01-08 therapy E1
            2024-05-06 contract A2
            """,
        ),
        Example(
            "A practice-wide contract covers the therapist too",
            """
            2024-01-08 therapy E1
            2024-05-06 contract A2 with=
            """,
        ),
    ),
)
