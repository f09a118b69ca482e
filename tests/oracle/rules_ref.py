"""REF: referrals."""

from tests.oracle.care import acts_on_referral, referral_of
from tests.oracle.cover import is_covered, place_of_client
from tests.oracle.obligations import Owed, owed_from, policy_for
from tests.oracle.terms import THERAPY
from tests.oracle.world import Fact, World


def ref_1(world: World) -> list[Owed]:
    """Every referral that the client accepted is answered within `referral_follow_up_days`."""
    owed = []
    for referral in world.of("ReferralMade"):
        if referral.get("client_answer") == "accepted":
            days = [a.day for a in acts_on_referral(world, referral, "ReferralAnswered")]
            done = min(days, default=None)
            owed.append(owed_from(referral, policy_for(world, referral), "referral_follow_up_days", done))
    return owed


def ref_2(world: World) -> list[Fact]:
    """No referral that the client declined is answered or concluded; judged on acts that do not fit, too."""
    unfit = [f for f in world.unfit if f.type in {"ReferralAnswered", "ReferralConcluded"}]
    return [
        f
        for f in world.of("ReferralAnswered", "ReferralConcluded") + unfit
        if (referral := referral_of(world, f)) and referral.get("client_answer") == "declined"
    ]


def ref_3(world: World) -> list[Fact]:
    """No therapy referral goes to a practitioner without cover for C's place that day.

    Reading: C's place is the client's latest jurisdiction, also when the referral names an engagement.
    """
    return [
        r
        for r in world.of("ReferralMade")
        if r.get("service") == THERAPY
        and not is_covered(world, r.get("to_practitioner"), place_of_client(world, r.client, r.moment), r.day)
    ]
