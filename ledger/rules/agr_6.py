"""AGR-6: coaching on an insurer's money."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened, EngagementRenewed
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import Indication, Payer, Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A coaching agreement is not payable by insurance; insured therapy rests on an indication."""
    agreement = view.agreement_of(act)
    if agreement is None:
        return
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is None:
        return
    insured = agreement.payer is Payer.INSURANCE
    if engagement.service is Service.COACHING:
        if insured:
            yield broken(
                Kind.GATE,
                f"coaching {engagement.id}: expected an agreement paid privately, {agreement.id} is payable by "
                "insurance, which pays for treatment",
                agreement.issued,
            )
        else:
            yield shown(f"{agreement.id} is not payable by insurance", agreement.issued)
        return
    intake = view.intake_of(engagement.opened)
    if insured and intake is not None and intake.event.clinical_indication is Indication.NONE:
        yield broken(
            Kind.WARNING,
            f"therapy {engagement.id} is payable by insurance, though intake {intake.event.intake} found no "
            "clinical indication",
            agreement.issued,
            intake,
        )
    else:
        yield shown("the payer fits the service", agreement.issued)


RULE = Rule(
    id="AGR-6",
    title="Coaching is payable by insurance",
    kind=Kind.GATE,
    why="Insurance pays for treatment of a diagnosis; billing coaching to it says that coaching is treatment.",
    sources=("Guide, Understanding the Difference Between Therapy and Coaching",),
    judges=(EngagementOpened, EngagementRenewed),
    check=check,
    exceptions="Therapy payable by insurance on an intake that says none is a warning.",
    allowed=(
        Example(
            "Coaching paid privately",
            """
            2024-01-08 coaching E1
            """,
        ),
        Example(
            "Therapy paid by insurance, on a clinical indication",
            """
            2024-01-08 therapy E1 agreement.payer=insurance intake.clinical_indication=suspected
            """,
        ),
    ),
    denied=(
        Example(
            "Coaching payable by insurance",
            """
            2024-01-08 coaching E1 agreement.payer=insurance
            """,
        ),
        Example(
            "Coaching renewed on an agreement payable by insurance",
            """
            2024-01-08 coaching E1
            2024-06-03 contract A2 agreement.payer=insurance
            2024-06-03 engagement-renewed E1 A2
            """,
        ),
        Example(
            "Therapy paid by insurance without any indication: a warning",
            """
            2024-01-08 therapy E1 agreement.payer=insurance
            """,
        ),
    ),
)
