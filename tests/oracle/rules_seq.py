"""SEQ: order. What fits the state, when sessions are held, nothing dated ahead."""

from datetime import timedelta

from tests.oracle.care import acts_on_referral, concern_of, is_accepted, referral_of, resolutions
from tests.oracle.terms import (
    acts_on_agreement,
    ends_of,
    is_open,
    is_paused,
    is_running,
    issue_of,
    opening_of,
)
from tests.oracle.world import Fact, World


def settle(history: World) -> World:
    """The history in which acts that do not fit the state changed nothing: they stand apart as `unfit`."""
    taken: list[Fact] = []
    unfit: list[Fact] = []
    for fact in history.facts:
        so_far = World(tuple(taken), history.as_of, history.zone)
        (taken if fits(so_far, fact) else unfit).append(fact)
    return World(tuple(taken), history.as_of, history.zone, tuple(unfit))


def fits(so_far: World, act: Fact) -> bool:
    """Whether an act fits the state that the facts before it, in effective order, have left.

    Pause only a running engagement, resume only a paused one, close an open one; sign an issued agreement
    that is not revoked or declined and once per signer, revoke once; answer a referral once, conclude an
    accepted one once; resolve a concern once. Everything else fits.
    """
    match act.type:
        case "EngagementPaused" | "EngagementResumed" | "EngagementClosed":
            return engagement_allows(so_far, act)
        case "AgreementSigned":
            return may_be_signed(so_far, act)
        case "AgreementRevoked":
            return revocation_fits(so_far, act)
        case "ReferralAnswered" | "ReferralConcluded":
            return referral_allows(so_far, act)
        case "ConcernResolved":
            concern = concern_of(so_far, act)
            return concern is not None and not resolutions(so_far, concern)
        case _:
            return True


def engagement_allows(so_far: World, act: Fact) -> bool:
    """Running for a pause, paused for a resumption, open for a closing; an unopened engagement is none of
    them.

    Reading: a renewal is not in SEQ-1's list and always fits.
    """
    opening = opening_of(so_far, act)
    state = {"EngagementPaused": is_running, "EngagementResumed": is_paused, "EngagementClosed": is_open}
    return opening is not None and state[act.type](so_far, opening, act.moment)


def may_be_signed(so_far: World, signing: Fact) -> bool:
    """Issued before it in effective order, not revoked or declined, not yet signed by that signer.

    Reading: "issued" is a state, so an issue at the same instant but recorded later comes too late for SEQ-1
    (for AGR-4, which compares times, it does not); "signer" is the role that signs.
    """
    issue = issue_of(so_far, signing)
    if issue is None:
        return False
    ended = ends_of(so_far, issue)
    signed = acts_on_agreement(so_far, issue, "AgreementSigned")
    return not ended and all(s.get("signer") != signing.get("signer") for s in signed)


def revocation_fits(so_far: World, revocation: Fact) -> bool:
    """Reading: SEQ-1 names "revoke once" though revoking is no gated act: an agreement's second revocation is
    found, and one dated before the issue (as a referral's answer before it is made); the revoking of releases
    is left alone.
    """
    issue = issue_of(so_far, revocation)
    return issue is not None and not acts_on_agreement(so_far, issue, "AgreementRevoked")


def referral_allows(so_far: World, act: Fact) -> bool:
    """A referral is answered once, and once accepted concluded once.

    Reading: here "accepted" is the answer alone; that the client declined is REF-2's to say.
    """
    referral = referral_of(so_far, act)
    if referral is None or acts_on_referral(so_far, referral, act.type):
        return False
    return act.type == "ReferralAnswered" or is_accepted(so_far, referral, act.moment)


def seq_1(world: World) -> list[Fact]:
    """Every act fits the state."""
    return list(world.unfit)


def seq_2(world: World) -> list[Fact]:
    """No session is held before the opening, after the closing or during a pause of its engagement
    (referral and crisis sessions are allowed during a pause).

    Reading: a session of an engagement whose opening was retracted is held without an opening before it.
    """
    return [
        s
        for s in world.of("SessionHeld")
        if (opening := opening_of(world, s)) is None
        or not is_open(world, opening, s.moment)
        or (is_paused(world, opening, s.moment) and s.get("purpose") not in {"referral", "crisis"})
    ]


def seq_3(world: World) -> list[Fact]:
    """Nothing is dated more than five minutes after it is recorded. Judged on every entry, fitting or not."""
    return [f for f in entries(world) if f.at > f.line.recorded_at + timedelta(minutes=5)]


def entries(world: World) -> list[Fact]:
    """Reading: SEQ-3, TIME-1 and OVR-1 judge the entry, not the act, so an act that does not fit is judged
    too.
    """
    return sorted(world.facts + world.unfit, key=lambda f: f.moment)
