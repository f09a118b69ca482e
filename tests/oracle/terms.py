"""The terms of DESIGN section 4: open, running, pair, previous engagement, service change, mark, live.

States are read just before a moment in effective order. "Not after" and "at or after" compare times, ties
satisfying; those comparisons are spelled out where a rule says them.
"""

from collections.abc import Sequence
from datetime import datetime

from tests.oracle.world import Fact, Moment, World

THERAPY, COACHING = "therapy", "coaching"
NEEDED_KIND = {THERAPY: "therapy-consent", COACHING: "coaching-contract"}
CLIENT_SIDE = {"client", "guardian", "representative"}


def prior(facts: Sequence[Fact], moment: Moment) -> list[Fact]:
    """Those that had happened before the moment, in effective order."""
    return [f for f in facts if f.moment < moment]


def between(facts: Sequence[Fact], first: Moment, last: Moment) -> list[Fact]:
    """Those after the one and before the other, in effective order."""
    return [f for f in facts if first < f.moment < last]


# -- engagements: an engagement is its opening ------------------------------------------------------------


def opening_of(world: World, fact: Fact) -> Fact | None:
    """The opening of the engagement that a fact names; none when it was never opened or the opening
    retracted.
    """
    named = [
        o
        for o in world.of("EngagementOpened", client=fact.client)
        if o.get("engagement") == fact.get("engagement")
    ]
    return named[0] if named else None


def service_of(world: World, fact: Fact) -> str | None:
    """The service of the engagement a fact belongs to."""
    opening = opening_of(world, fact)
    return None if opening is None else opening.get("service")


def acts_on(world: World, opening: Fact, *types: str) -> list[Fact]:
    """What was done to an engagement, in effective order."""
    acts = world.of(*types, client=opening.client)
    return [a for a in acts if a.get("engagement") == opening.get("engagement")]


def closing_of(world: World, opening: Fact, before: Moment) -> Fact | None:
    """The closing of an engagement, if it was closed before the moment."""
    closings = prior(acts_on(world, opening, "EngagementClosed"), before)
    return closings[-1] if closings else None


def pause_of(world: World, opening: Fact, before: Moment) -> Fact | None:
    """The pause from which the engagement has not run since, closed or not."""
    turns = prior(acts_on(world, opening, "EngagementPaused", "EngagementResumed"), before)
    return turns[-1] if turns and turns[-1].type == "EngagementPaused" else None


def is_open(world: World, opening: Fact, moment: Moment) -> bool:
    """Opened, not closed (paused included)."""
    return opening.moment < moment and closing_of(world, opening, moment) is None


def is_paused(world: World, opening: Fact, moment: Moment) -> bool:
    """Open and paused."""
    return is_open(world, opening, moment) and pause_of(world, opening, moment) is not None


def is_running(world: World, opening: Fact, moment: Moment) -> bool:
    """Open and not paused."""
    return is_open(world, opening, moment) and pause_of(world, opening, moment) is None


# -- pairs ------------------------------------------------------------------------------------------------


def starts(world: World, *services: str) -> list[Fact]:
    """Every opening and every resumption (of these services, if any are named), in effective order."""
    acts = world.of("EngagementOpened", "EngagementResumed")
    return [a for a in acts if not services or service_of(world, a) in services]


def practitioner_of(world: World, fact: Fact) -> str | None:
    """P of the engagement a fact belongs to."""
    opening = opening_of(world, fact)
    return None if opening is None else opening.get("practitioner")


def starts_of_pair(world: World, act: Fact, *services: str) -> list[Fact]:
    """The pair's openings and resumptions before an act."""
    mine = practitioner_of(world, act)
    return [
        s
        for s in prior(starts(world, *services), act.moment)
        if s.client == act.client and practitioner_of(world, s) == mine
    ]


def engagements_of_pair(world: World, act: Fact, service: str) -> list[Fact]:
    """The pair's engagements of a service that were opened before an act."""
    return [s for s in starts_of_pair(world, act, service) if s.type == "EngagementOpened"]


def previous_engagement(world: World, act: Fact) -> Fact | None:
    """The pair's engagement most recently opened or resumed before the act."""
    before = starts_of_pair(world, act)
    return opening_of(world, before[-1]) if before else None


def latest_therapy(world: World, act: Fact) -> Fact | None:
    """Reading: the pair's "latest" therapy engagement is the one most recently opened or resumed."""
    before = starts_of_pair(world, act, THERAPY)
    return opening_of(world, before[-1]) if before else None


def is_service_change(world: World, act: Fact) -> bool:
    """An opening whose service differs from the pair's previous engagement; or a resumption of coaching when
    therapy of the pair has been opened since the pause.
    """
    opening = opening_of(world, act)
    if opening is None:
        return False
    if act.type == "EngagementOpened":
        previous = previous_engagement(world, act)
        return previous is not None and previous.get("service") != act.get("service")
    pause = pause_of(world, opening, act.moment)
    return (
        opening.get("service") == COACHING
        and pause is not None
        and any(t.moment > pause.moment for t in engagements_of_pair(world, act, THERAPY))
    )


def service_changes(world: World, *services: str) -> list[Fact]:
    """Every service change into one of these services (into any, when none is named)."""
    return [s for s in starts(world, *services) if is_service_change(world, s)]


def mark(world: World, change: Fact) -> Fact | None:
    """The previous engagement's closing; for therapy after coaching, the closing or the pause from which it
    has not run since.

    Reading: coaching that was paused and then closed without running again is marked by the pause.
    """
    previous = previous_engagement(world, change)
    if previous is None:
        return None
    pause = pause_of(world, previous, change.moment)
    if service_of(world, change) == THERAPY and previous.get("service") == COACHING and pause is not None:
        return pause
    return closing_of(world, previous, change.moment)


# -- agreements -------------------------------------------------------------------------------------------


def issue_of(world: World, fact: Fact) -> Fact | None:
    """The issuing of the agreement that a fact names."""
    issued = world.of("AgreementIssued", client=fact.client)
    named = [i for i in issued if i.get("agreement") == fact.get("agreement")]
    return named[0] if named else None


def covers(issue: Fact, practitioner: str | None) -> bool:
    """The pair's own agreement, or a practice-wide one."""
    return issue.get("practitioner") in {None, practitioner}


def acts_on_agreement(world: World, issue: Fact, *types: str) -> list[Fact]:
    """What was done to an agreement, in effective order."""
    acts = world.of(*types, client=issue.client)
    return [a for a in acts if a.get("agreement") == issue.get("agreement")]


def signatures(world: World, issue: Fact) -> list[Fact]:
    """Its signatures by the client, a guardian or a representative."""
    signed = acts_on_agreement(world, issue, "AgreementSigned")
    return [s for s in signed if s.get("signer") in CLIENT_SIDE]


def signed_not_after(world: World, issue: Fact, when: datetime) -> list[Fact]:
    """Those of its signatures that are not after a time (ties satisfy)."""
    return [s for s in signatures(world, issue) if s.at <= when]


def ends_of(world: World, issue: Fact) -> list[Fact]:
    """Its revocation and its declining.

    Reading: what is dated before the issue declines nothing, and what is declined is not declined again.
    """
    after = [f for f in acts_on_agreement(world, issue, "AgreementDeclined") if f.moment > issue.moment]
    return after[:1] + acts_on_agreement(world, issue, "AgreementRevoked")


def is_in_force(world: World, issue: Fact, moment: Moment) -> bool:
    """Not declined, revoked or past `valid_until`."""
    until = issue.date("valid_until")
    ended = prior(ends_of(world, issue), moment)
    return not ended and (until is None or world.day(moment[0]) <= until)


def is_live(world: World, issue: Fact, moment: Moment) -> bool:
    """Issued, signed by the client, a guardian or a representative, not declined, revoked or past its day."""
    signed = prior(signatures(world, issue), moment)
    return issue.moment < moment and bool(signed) and is_in_force(world, issue, moment)
