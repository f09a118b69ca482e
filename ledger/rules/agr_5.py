"""AGR-5: a minor's agreement that nobody could sign for."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact, first_on_record
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown
from ledger.values import Signer


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A minor's engagement opens on an agreement signed by a guardian, a representative, or on a basis."""
    if not view.case.minor_on(view.day(act)):
        return
    agreement = view.agreement_of(act)
    signatures = [fact for fact in agreement.consents() if fact.at <= act.at] if agreement is not None else []
    able = [
        fact
        for fact in signatures
        if fact.event.signer is not Signer.CLIENT or fact.event.consent_basis is not None
    ]
    if able:
        yield shown("somebody who may sign for the minor did", first_on_record(able))
    else:
        yield broken(
            Kind.GATE,
            f"{act.event.engagement}: the client is a minor that day; expected the agreement signed by a "
            "guardian or representative, or by the client with the basis on which a minor may sign alone",
            *signatures,
        )


RULE = Rule(
    id="AGR-5",
    title="A minor's engagement opens on an agreement that a minor alone signed",
    kind=Kind.GATE,
    why="A minor can rarely contract alone; who consented, and on what basis, is on record.",
    sources=("Guide, Use Distinct Service Agreements", "State law on minors' consent"),
    judges=(EngagementOpened,),
    check=check,
    exceptions="A minor may sign alone where a law or order says so and `consent_basis` names it.",
    allowed=(
        Example(
            "A guardian signed",
            """
            2024-01-05 client-registered C-1 minor_until=2026-05-01
            2024-01-08 therapy E1 signed.signer=guardian
            """,
        ),
        Example(
            "A minor signed, on the law that allows it",
            """
            2024-01-05 client-registered C-1 minor_until=2026-05-01
            2024-01-08 therapy E1 signed.consent_basis="a law that lets a minor consent"
            """,
        ),
        Example(
            "Of age since this day",
            """
            2024-01-05 client-registered C-1 minor_until=2024-01-08
            2024-01-08 therapy E1
            """,
        ),
    ),
    denied=(
        Example(
            "A minor alone signed, the day before the birthday",
            """
            2024-01-05 client-registered C-1 minor_until=2024-01-09
            2024-01-08 therapy E1
            """,
        ),
        Example(
            "The guardian signed after the opening",
            """
            2024-01-05 client-registered C-1 minor_until=2026-05-01
            2024-01-08 therapy E1
            2024-01-08 13:00 agreement-signed A1 guardian
            """,
        ),
    ),
)
