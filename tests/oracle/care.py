"""Concerns, referrals and releases of a client, and therapy elsewhere."""

from datetime import date

from tests.oracle.terms import THERAPY, acts_on, is_open, prior
from tests.oracle.world import Fact, Moment, World

CLINICAL = {"clinical", "urgent"}


def concern_of(world: World, resolution: Fact) -> Fact | None:
    """The raising of the concern that a resolution names."""
    raised = world.of("ConcernRaised", client=resolution.client)
    named = [k for k in raised if k.get("concern") == resolution.get("concern")]
    return named[0] if named else None


def resolutions(world: World, concern: Fact) -> list[Fact]:
    """The resolutions of a concern (by SEQ-1 there is at most one)."""
    resolved = world.of("ConcernResolved", client=concern.client)
    return [r for r in resolved if r.get("concern") == concern.get("concern")]


def is_unresolved(world: World, concern: Fact, moment: Moment) -> bool:
    """Raised before the moment and not resolved before it, on whatever basis."""
    return concern.moment < moment and not prior(resolutions(world, concern), moment)


def clinical_concerns(world: World, opening: Fact) -> list[Fact]:
    """The clinical and urgent concerns raised in an engagement."""
    raised = acts_on(world, opening, "ConcernRaised")
    return [k for k in raised if k.get("severity") in CLINICAL]


def referral_of(world: World, fact: Fact) -> Fact | None:
    """The referral, made or received, that an answer or a conclusion names."""
    referrals = world.of("ReferralMade", "ReferralReceived", client=fact.client)
    named = [r for r in referrals if r.get("referral") == fact.get("referral")]
    return named[0] if named else None


def acts_on_referral(world: World, referral: Fact, *types: str) -> list[Fact]:
    """The answers or conclusions of a referral."""
    acts = world.of(*types, client=referral.client)
    return [a for a in acts if a.get("referral") == referral.get("referral")]


def is_accepted(world: World, referral: Fact, moment: Moment) -> bool:
    """Answered with accepted before the moment."""
    answers = prior(acts_on_referral(world, referral, "ReferralAnswered"), moment)
    return any(a.get("answer") == "accepted" for a in answers)


def elsewhere(world: World, client: str | None, practitioner: str | None, moment: Moment) -> list[Fact]:
    """What shows that C is in therapy elsewhere, not with P: another practitioner's open therapy engagement,
    outside care that covers that day, or a therapy referral to someone else that is accepted and not
    concluded.
    """
    openings = [
        o
        for o in world.of("EngagementOpened", client=client)
        if o.get("service") == THERAPY and o.get("practitioner") != practitioner and is_open(world, o, moment)
    ]
    outside = [
        c
        for c in world.of("OutsideCareNoted", client=client)
        if c.get("service") == THERAPY
        and (c.get("practitioner") is None or c.get("practitioner") != practitioner)
        and care_covers(c, world.day(moment[0]))
    ]
    referred = [
        r
        for r in world.of("ReferralMade", "ReferralReceived", client=client)
        if r.get("service") == THERAPY
        and r.get("to_practitioner") != practitioner
        and is_accepted_and_not_concluded(world, r, moment)
    ]
    return openings + outside + referred


def care_covers(care: Fact, day: date) -> bool:
    """Outside care covers by its days, inclusive, whenever it was noted."""
    since, until = care.date("since"), care.date("until")
    return since is not None and since <= day and (until is None or day <= until)


def is_accepted_and_not_concluded(world: World, referral: Fact, moment: Moment) -> bool:
    """Answered with accepted, not declined by the client, no conclusion before the moment."""
    return (
        is_accepted(world, referral, moment)
        and referral.get("client_answer") != "declined"
        and not prior(acts_on_referral(world, referral, "ReferralConcluded"), moment)
    )


def is_live_release(world: World, release: Fact, moment: Moment) -> bool:
    """Granted before the moment, not revoked before it, not past `valid_until` that day."""
    revoked = [
        r
        for r in prior(world.of("ReleaseRevoked", client=release.client), moment)
        if r.get("release") == release.get("release") and r.moment > release.moment
    ]
    until = release.date("valid_until")
    return release.moment < moment and not revoked and (until is None or world.day(moment[0]) <= until)
