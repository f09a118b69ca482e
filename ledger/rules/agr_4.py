"""AGR-4: a signature on another text than the one issued."""

from collections.abc import Iterator

from ledger.events.agreements import AgreementSigned
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """What was signed is the text that was issued, and it was issued not after the signing."""
    agreement = view.case.agreements.get(act.event.agreement)
    if agreement is None:
        yield broken(
            Kind.GATE,
            f"signature on {act.event.agreement}: expected the agreement issued first, it is not on record",
        )
        return
    issued, signed = agreement.text_sha256, act.event.text_sha256 or agreement.text_sha256
    if agreement.issued.at > act.at:
        yield broken(
            Kind.GATE,
            f"signature on {agreement.id}: expected the agreement issued first, it was issued later",
            agreement.issued,
        )
    elif issued is not None and signed is not None and issued != signed:
        yield broken(
            Kind.GATE,
            f"signature on {agreement.id}: expected the text issued ({issued[:12]}...), "
            f"another was signed ({signed[:12]}...)",
            agreement.issued,
        )
    elif issued is None or signed is None:
        yield broken(
            Kind.WARNING,
            f"signature on {agreement.id}: the text's fingerprint is not recorded on both sides, so that the "
            "signed text cannot be shown to be the one issued",
            agreement.issued,
        )
    else:
        yield shown("what was signed is the text issued", agreement.issued)


RULE = Rule(
    id="AGR-4",
    title="A signature is on another text than the one issued",
    kind=Kind.GATE,
    why="A signature shows consent only to the text that was before the signer.",
    sources=("UETA section 9", "21 CFR 11.50 as a model"),
    judges=(AgreementSigned,),
    check=check,
    judges_unfit=True,
    exceptions="An unknown fingerprint on either side is a warning; a signature that names none is on the text issued.",
    allowed=(
        Example(
            "The text issued was signed",
            """
            2024-01-08 consent A1 agreement.text_sha256=consent-2024 text_sha256=consent-2024
            """,
        ),
        Example(
            "Issued and signed at one instant",
            """
            2024-01-08 10:00 consent A1 agreement@10:00
            """,
        ),
    ),
    denied=(
        Example(
            "Another text was signed",
            """
            2024-01-08 consent A1 agreement.text_sha256=consent-2024 text_sha256=consent-2023
            """,
        ),
        Example(
            "Signed a minute before it was issued",
            """
            2024-01-08 10:00 consent A1 agreement@10:01
            """,
        ),
        Example(
            "The text issued is not known: a warning",
            """
            2024-01-08 consent A1 agreement.text_sha256= text_sha256=consent-2024
            """,
        ),
    ),
)
