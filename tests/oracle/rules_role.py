"""ROLE: one practitioner, two services."""

from tests.oracle.care import CLINICAL, concern_of, referral_of
from tests.oracle.policy import policy_at
from tests.oracle.terms import (
    COACHING,
    THERAPY,
    closing_of,
    covers,
    engagements_of_pair,
    is_open,
    is_running,
    issue_of,
    latest_therapy,
    mark,
    opening_of,
    previous_engagement,
    service_changes,
    signatures,
    starts,
)
from tests.oracle.world import Fact, World


def role_1(world: World) -> list[Fact]:
    """For no opening or resumption of coaching is there a therapy engagement of the pair that is open just
    before it; for no opening or resumption of therapy is there a coaching engagement of the pair that is
    running.
    """
    second_roles = [
        s
        for s in starts(world, COACHING)
        if any(is_open(world, t, s.moment) for t in engagements_of_pair(world, s, THERAPY))
    ]
    promised_back = [
        s
        for s in starts(world, THERAPY)
        if any(is_running(world, c, s.moment) for c in engagements_of_pair(world, s, COACHING))
    ]
    return second_roles + promised_back


def changes_to_coaching(world: World) -> list[Fact]:
    """The openings and resumptions of coaching that are service changes with a mark."""
    return [c for c in service_changes(world, COACHING) if mark(world, c) is not None]


def therapy_closing(world: World, change: Fact) -> Fact | None:
    """The closing of the pair's latest therapy engagement, if it is closed when the service changes."""
    therapy = latest_therapy(world, change)
    return None if therapy is None else closing_of(world, therapy, change.moment)


def stability_shown(world: World, change: Fact) -> list[Fact]:
    """What shows stability at or after the therapy's closing and not after the change: the closing's own
    stable = yes, or a later intake stable = yes, a therapy referral concluded stable = yes, or a clinical
    or urgent concern resolved as outside-therapist-report or therapy-closed-stable.
    """
    closing = therapy_closing(world, change)
    if closing is None:
        return []
    own = [closing] if closing.get("stable") == "yes" else []
    intakes = [i for i in world.of("IntakeCompleted", client=change.client) if i.get("stable") == "yes"]
    concluded = [
        c
        for c in world.of("ReferralConcluded", client=change.client)
        if c.get("stable") == "yes" and (r := referral_of(world, c)) and r.get("service") == THERAPY
    ]
    resolved = [
        r
        for r in world.of("ConcernResolved", client=change.client)
        if r.get("basis") in {"outside-therapist-report", "therapy-closed-stable"}
        and (k := concern_of(world, r))
        and k.get("severity") in CLINICAL
    ]
    return own + [f for f in intakes + concluded + resolved if closing.at <= f.at <= change.at]


def role_2(world: World) -> list[Fact]:
    """For every change to coaching: the pair's latest therapy engagement is closed and stability is shown."""
    return [c for c in changes_to_coaching(world) if not stability_shown(world, c)]


def role_2_goals(world: World) -> list[Fact]:
    """A change to coaching after a therapy that was closed with `goals_met = false` is worth a warning."""
    return [
        c
        for c in changes_to_coaching(world)
        if (closing := therapy_closing(world, c)) and closing.get("goals_met") is False
    ]


def signed_since_the_mark(world: World, change: Fact, issue: Fact | None) -> list[Fact]:
    """The client's side's signatures of an agreement at or after the mark of a change and not after the
    change.

    Reading: ROLE-3 says only "at or after the mark"; a signature after the opening shows nothing for it.
    """
    marked = mark(world, change)
    if marked is None or issue is None:
        return []
    return [s for s in signatures(world, issue) if marked.at <= s.at <= change.at]


def role_3(world: World) -> list[Fact]:
    """For every opening that is a service change with a mark: its agreement is signed at or after the mark.

    Reading: an opening that names no agreement, or one that is not on record, shows no such signature.
    """
    return [
        c
        for c in service_changes(world)
        if c.type == "EngagementOpened"
        and mark(world, c) is not None
        and not signed_since_the_mark(world, c, issue_of(world, c))
    ]


def acknowledgements(world: World, change: Fact) -> list[Fact]:
    """The signatures, since the mark, of role-change acknowledgements that cover P.

    Reading: it must have been signed, not still be live.
    """
    opening = opening_of(world, change)
    practitioner = opening.get("practitioner") if opening else None
    return [
        s
        for issue in world.of("AgreementIssued", client=change.client)
        if issue.get("kind") == "role-change-acknowledgement" and covers(issue, practitioner)
        for s in signed_since_the_mark(world, change, issue)
    ]


def role_4(world: World) -> list[Fact]:
    """For every service change with a mark: an acknowledgement covering P is signed since, not after the
    change.
    """
    marked = [c for c in service_changes(world) if mark(world, c) is not None]
    return [c for c in marked if not acknowledgements(world, c)]


def used_by_an_earlier_engagement(world: World, opening: Fact) -> bool:
    """Reading: an engagement uses the intake that its opening names, not one that a resumption names."""
    return any(
        o.get("intake") == opening.get("intake")
        for o in world.of("EngagementOpened", client=opening.client)
        if o.moment < opening.moment
    )


def role_5(world: World) -> list[Fact]:
    """For every opening that is a service change (marked or not): it names an intake completed after the
    previous engagement was opened and not used by an earlier engagement.
    """
    broken = []
    for change in service_changes(world):
        previous = previous_engagement(world, change)
        if change.type != "EngagementOpened" or previous is None:
            continue
        own = [
            i
            for i in world.of("IntakeCompleted", client=change.client)
            if i.get("intake") == change.get("intake") and i.moment > previous.moment and i.at <= change.at
        ]
        if not own or used_by_an_earlier_engagement(world, change):
            broken.append(change)
    return broken


def role_6(world: World) -> list[Fact]:
    """No coaching contract is issued that covers a practitioner whose therapy with the client is open."""
    return [
        issue
        for issue in world.of("AgreementIssued")
        if issue.get("kind") == "coaching-contract"
        and any(
            o.get("service") == THERAPY
            and covers(issue, o.get("practitioner"))
            and is_open(world, o, issue.moment)
            for o in world.of("EngagementOpened", client=issue.client)
        )
    ]


def role_7(world: World) -> list[Fact]:
    """No more than `alternation_limit` service changes of a pair within `alternation_window_days` ending
    here.
    """
    changes = service_changes(world)
    broken = []
    for change in changes:
        policy = policy_at(world, change.moment)
        opening = opening_of(world, change)
        of_the_pair = [
            c
            for c in changes
            if c.client == change.client
            and (o := opening_of(world, c))
            and opening
            and o.get("practitioner") == opening.get("practitioner")
            and c.moment <= change.moment
            and (change.day - c.day).days <= policy.days("alternation_window_days")
        ]
        if len(of_the_pair) > policy.days("alternation_limit"):
            broken.append(change)
    return broken


def role_8(world: World) -> list[Fact]:
    """For every change to coaching: it comes at least `min_gap_days` after the therapy's closing day."""
    return [
        c
        for c in changes_to_coaching(world)
        if (closing := therapy_closing(world, c))
        and (c.day - closing.day).days < policy_at(world, c.moment).days("min_gap_days")
    ]
