"""AGR-1: an engagement without its agreement."""

from collections.abc import Iterator

from ledger.case import KIND_NEEDED
from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The opening names a live agreement of the right kind covering P, signed not after the opening."""
    event, day = act.event, view.day(act)
    needed = KIND_NEEDED[event.service]
    what = f"{event.service} {event.engagement}: expected a live {needed} covering {event.practitioner}"
    agreement = view.case.agreements.get(event.agreement or "")
    if agreement is None:
        came = f"{event.agreement} is no longer on record" if event.agreement else "it names none"
        yield broken(Kind.GATE, f"{what}, {came}")
        return
    signed, ended = agreement.signed_by(act.at), agreement.ended_before(act.order)
    if agreement.kind is not needed:
        came = f"{agreement.id} is a {agreement.kind}"
    elif not agreement.covers(event.practitioner):
        came = f"{agreement.id} is with {agreement.practitioner}"
    elif signed is None:
        later = next(agreement.consents(), None)
        came = f"{agreement.id} was signed after the opening" if later else f"{agreement.id} is not signed"
    elif ended is not None:
        came = f"{agreement.id} was {'declined' if ended is agreement.declined else 'revoked'} before"
    elif not agreement.valid_on(day):
        came = f"{agreement.id} was valid until {agreement.valid_until}"
    else:
        yield shown(f"{agreement.id} was signed before the opening", agreement.issued, signed)
        return
    yield broken(Kind.GATE, f"{what}, {came}", agreement.issued, *list(agreement.consents())[:1])


RULE = Rule(
    id="AGR-1",
    title="An engagement opens without a signed agreement for its service",
    kind=Kind.GATE,
    why="Each service has an agreement of its own, read and signed before the service begins.",
    sources=(
        "Guide, Use Distinct Service Agreements",
        "ICF Code 2020, standards 1-2",
        "ICF Code 2025, 1.1",
        "APA Ethics Code 10.01",
        "ACA Code A.2.a",
    ),
    judges=(EngagementOpened,),
    check=check,
    exceptions="A practice-wide agreement covers every practitioner. A signature at the instant of the opening is "
    "in time.",
    allowed=(
        Example(
            "Signed at the instant of the opening",
            """
            2024-01-08 12:00 therapy E1 signed@12:00
            """,
        ),
        Example(
            "A practice-wide contract, on its last day",
            """
            2024-01-08 coaching E1 agreement.practitioner= agreement.valid_until=2024-01-08
            """,
        ),
    ),
    denied=(
        Example(
            "Signed a minute after the opening",
            """
            2024-01-08 12:00 therapy E1 signed@12:01
            """,
        ),
        Example(
            "Issued and not signed",
            """
            2024-01-08 therapy E1 no-signed
            """,
        ),
        Example(
            "No agreement at all",
            """
            2024-01-08 therapy E1 no-agreement
            """,
        ),
        Example(
            "The consent to therapy is no contract for coaching",
            """
            2024-01-08 coaching E1 agreement.kind=therapy-consent
            """,
        ),
        Example(
            "The contract is with a colleague",
            """
            2024-01-08 coaching E1 agreement.practitioner=P-2
            """,
        ),
        Example(
            "Its last day was yesterday",
            """
            2024-01-08 coaching E1 agreement.valid_until=2024-01-07
            """,
        ),
        Example(
            "The client took it back before",
            """
            2024-01-05 contract A7
            2024-01-07 agreement-revoked A7
            2024-01-08 coaching E1 agreement=A7
            """,
        ),
    ),
)
