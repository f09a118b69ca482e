"""The intake an engagement opens on, and what addresses a clinical indication (SCOPE-1)."""

from tests.oracle.care import referral_of
from tests.oracle.terms import THERAPY, between, service_of
from tests.oracle.world import Fact, Moment, World

INDICATED = {"suspected", "active"}
NOT_INDICATED = {"none", "past", "managed"}


def intake_of(world: World, opening: Fact) -> Fact | None:
    """The intake of C that an opening names, if it is on record and not after the opening.

    Reading: INT-2, INT-3, SCOPE-1, SCOPE-6, SCOPE-7 and AGR-6 look at this intake; when there is none, INT-1
    alone says so.
    """
    named = [
        i
        for i in world.of("IntakeCompleted", client=opening.client)
        if i.get("intake") == opening.get("intake") and i.at <= opening.at
    ]
    return named[0] if named else None


def addressing(world: World, intake: Fact, moment: Moment) -> list[Fact]:
    """What addresses an intake's indication after it and before the moment: a therapy engagement of C (any
    P) closed `stable = yes`, a therapy referral concluded `stable = yes`, a later intake saying none, past
    or managed.
    """
    since = between(
        world.of("EngagementClosed", "ReferralConcluded", "IntakeCompleted", client=intake.client),
        intake.moment,
        moment,
    )
    return [f for f in since if addresses(world, f)]


def addresses(world: World, fact: Fact) -> bool:
    """Whether this closing, conclusion or intake is of the kind that addresses an earlier intake's
    indication.
    """
    if fact.type == "IntakeCompleted":
        return fact.get("clinical_indication") in NOT_INDICATED
    if fact.type == "EngagementClosed":
        return fact.get("stable") == "yes" and service_of(world, fact) == THERAPY
    referral = referral_of(world, fact)
    return fact.get("stable") == "yes" and referral is not None and referral.get("service") == THERAPY
