"""AGR-2: one agreement for two engagements."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened, EngagementRenewed
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A pair's agreement opens or renews one engagement, once; a practice-wide one serves one service."""
    agreement = view.agreement_of(act)
    if agreement is None:
        return
    before = [use for use in agreement.uses if use.order < act.order]
    if agreement.practitioner is None:
        engagement = view.case.engagements.get(act.event.engagement)
        before = [
            use for use in before if engagement is not None and _service(view, use) != engagement.service
        ]
    if before:
        use = before[0]
        yield broken(
            Kind.GATE,
            f"{act.event.engagement}: expected an agreement of its own, {agreement.id} served "
            f"{use.event.engagement} before",
            use,
            agreement.issued,
        )
    else:
        yield shown(f"{agreement.id} serves this engagement only", agreement.issued)


def _service(view: View, use: Fact) -> Service:
    return view.case.engagements[use.event.engagement].service


RULE = Rule(
    id="AGR-2",
    title="One agreement opens or renews more than one engagement",
    kind=Kind.GATE,
    why="An agreement is about one piece of work; a second one is agreed anew.",
    sources=("Guide, Use Distinct Service Agreements",),
    judges=(EngagementOpened, EngagementRenewed),
    check=check,
    exceptions="A practice-wide agreement may serve several engagements of the same service.",
    allowed=(
        Example(
            "The engagement is renewed on a new agreement",
            """
            2024-01-08 coaching E1
            2024-06-03 contract A2
            2024-06-03 engagement-renewed E1 A2
            """,
        ),
        Example(
            "A practice-wide consent serves two therapies",
            """
            2024-01-08 therapy E1 agreement.practitioner=
            2024-06-03 engagement-closed E1
            2024-06-10 therapy E2 agreement=A1
            """,
        ),
    ),
    denied=(
        Example(
            "A second therapy opens on the first one's consent",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 therapy E2 agreement=A1
            """,
        ),
        Example(
            "Renewed on the agreement it was opened on",
            """
            2024-01-08 coaching E1
            2024-06-03 engagement-renewed E1 A1
            """,
        ),
        Example(
            "A practice-wide agreement serves both services",
            """
            2024-01-08 therapy E1 agreement.practitioner=
            2024-06-03 engagement-closed E1
            2024-06-10 coaching E2 agreement=A1
            """,
        ),
    ),
)
