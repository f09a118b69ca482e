"""AGR-3: an agreement that leaves out what it must say."""

from collections.abc import Iterator, Mapping

from ledger.case import Agreement
from ledger.events.agreements import AgreementIssued
from ledger.events.engagements import EngagementOpened, EngagementRenewed
from ledger.history import Fact, Order
from ledger.policy import Parameter
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import AgreementKind

_TERMS = {
    AgreementKind.THERAPY_CONSENT: "therapy_consent_terms",
    AgreementKind.COACHING_CONTRACT: "coaching_contract_terms",
}
TERMS_REQUIRED: Mapping[str, tuple[str, ...]] = {
    AgreementKind.THERAPY_CONSENT: (
        *("services", "confidentiality-limits", "billing"),
        *("risks-and-benefits", "right-to-withdraw"),
    ),
    AgreementKind.COACHING_CONTRACT: (
        *("goals", "private-pay", "no-diagnosis-or-treatment"),
        *("confidentiality-limits", "not-therapy"),
    ),
}
"""The terms each kind of agreement states, unless the practice asks for others."""


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The agreement states the terms its kind requires; at its issue the lack is only a warning."""
    agreement = view.agreement_of(act)
    if agreement is None or agreement.kind not in _TERMS:
        return
    lacking = _lacking(view, agreement, act.order)
    issued = isinstance(act.event, AgreementIssued)
    if lacking:
        yield broken(
            Kind.WARNING if issued else Kind.GATE,
            f"{agreement.kind} {agreement.id}: expected it to state {', '.join(lacking)}, it does not",
            *(() if issued else (agreement.issued,)),
        )
    elif not issued:
        yield shown(f"{agreement.id} states the required terms", agreement.issued)


def _lacking(view: View, agreement: Agreement, order: Order) -> list[str]:
    stated = agreement.terms or ()
    return [term for term in view.codes(_TERMS[agreement.kind], order) if term not in stated]


RULE = Rule(
    id="AGR-3",
    title="An agreement leaves out required terms",
    kind=Kind.GATE,
    adopted=True,
    why="What distinguishes the services (limits of confidentiality, payment, no treatment) is said in writing.",
    sources=("Guide, Use Distinct Service Agreements",),
    judges=(EngagementOpened, EngagementRenewed, AgreementIssued),
    check=check,
    parameters=(
        Parameter(
            "therapy_consent_terms",
            TERMS_REQUIRED[AgreementKind.THERAPY_CONSENT],
            "Codes of the terms a therapy consent must state.",
        ),
        Parameter(
            "coaching_contract_terms",
            TERMS_REQUIRED[AgreementKind.COACHING_CONTRACT],
            "Codes of the terms a coaching contract must state.",
        ),
    ),
    exceptions="At the issue of the agreement the same lack is a warning.",
    allowed=(
        Example(
            "The consent states everything asked for",
            """
            2024-01-08 therapy E1
            """,
        ),
        Example(
            "A practice that asks for one term only",
            """
            2021-01-04 policy-adopted recommended parameters.coaching_contract_terms=not-therapy
            2024-01-08 coaching E1 agreement.terms=not-therapy
            """,
        ),
    ),
    denied=(
        Example(
            "The contract does not say that coaching is not therapy",
            """
            2024-01-08 coaching E1 agreement.terms=goals,private-pay,no-diagnosis-or-treatment,confidentiality-limits
            """,
        ),
        Example(
            "The new consent states nothing",
            """
            2024-01-08 therapy E1
            2024-06-03 consent A2 agreement.terms=
            2024-06-03 engagement-renewed E1 A2
            """,
        ),
        Example(
            "At its issue: a warning",
            """
            2024-01-08 agreement-issued A1 coaching-contract terms=goals
            """,
        ),
    ),
)
