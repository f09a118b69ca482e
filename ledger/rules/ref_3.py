"""REF-3: a therapy referral to somebody without a licence there."""

from collections.abc import Iterator

from ledger.events.referrals import ReferralMade
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Service


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A therapy referral goes to a practitioner with cover on record for the client's place."""
    if act.event.service is not Service.THERAPY:
        return
    place = view.case.place_of_client(act.order)
    to = view.practice.practitioner(act.event.to_practitioner)
    if place is None or to.cover(place[0], view.day(act)) is None:
        yield broken(
            Kind.WARNING,
            f"therapy referral {act.event.referral}: no licence of {act.event.to_practitioner} for "
            f"{place[0] if place is not None else 'a place not on record'} is on record",
            place[1] if place is not None else None,
        )


RULE = Rule(
    id="REF-3",
    title="A therapy referral goes to somebody without a licence on record where the client is",
    kind=Kind.WARNING,
    why="A client referred for therapy should arrive where therapy may be given.",
    sources=("Guide, Stay Within Your Scope",),
    judges=(ReferralMade,),
    check=check,
    exceptions="What counts is cover on record, also of practitioners outside the practice. Coaching "
    "referrals are not judged.",
    allowed=(
        Example(
            "Licensed for the client's place, until today",
            """
            2021-01-04 licence-recorded P-9 L3 valid_until=2024-02-05
            2024-02-05 referral-made R1
            """,
        ),
        Example(
            "A referral for coaching asks for no licence",
            """
            2024-02-05 referral-made R1 service=coaching to_practitioner=P-2
            """,
        ),
    ),
    denied=(
        Example(
            "The client has moved where the one referred to holds no licence",
            """
            2024-02-04 client-relocated US-SC
            2024-02-05 referral-made R1
            """,
        ),
        Example(
            "The licence ended yesterday",
            """
            2021-01-04 licence-recorded P-9 L3 valid_until=2024-02-04
            2024-02-05 referral-made R1
            """,
        ),
    ),
)
