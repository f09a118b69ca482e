"""CON: two professionals, disclosure, reassessment."""

from collections.abc import Iterator

from tests.oracle.care import is_live_release
from tests.oracle.obligations import Owed, owed_from, policy_for
from tests.oracle.terms import COACHING, THERAPY, acts_on, is_running, opening_of, prior, starts
from tests.oracle.world import Fact, World

NOTES = "psychotherapy-notes"


def same_recipient(release: Fact, disclosure: Fact) -> bool:
    """Reading of "to that recipient": the same named practitioner; where neither names one, the same kind of
    recipient (the recipient's name is sealed and cannot be asked).
    """
    names = release.get("to_practitioner"), disclosure.get("to_practitioner")
    if names == (None, None):
        return bool(release.get("recipient_kind") == disclosure.get("recipient_kind"))
    return bool(names[0] == names[1])


def releases_for(world: World, disclosure: Fact) -> list[Fact]:
    """The live releases from that practitioner to that recipient."""
    return [
        r
        for r in world.of("ReleaseGranted", client=disclosure.client)
        if r.get("from_practitioner") == disclosure.get("from_practitioner")
        and same_recipient(r, disclosure)
        and is_live_release(world, r, disclosure.moment)
    ]


def is_released(releases: list[Fact], disclosure: Fact) -> bool:
    """One live release holds every record set disclosed; psychotherapy notes need one for them alone;
    `administrative` needs any.

    Reading: where notes and other sets are disclosed together and no release is named, two releases may
    share.
    """
    scope = disclosure.codes("scope")
    others = scope - {NOTES, "administrative"}
    one_holds_the_others = any(others <= r.codes("scope") for r in releases)
    one_is_for_notes = any(r.codes("scope") == {NOTES} for r in releases)
    return one_holds_the_others and (NOTES not in scope or one_is_for_notes)


def con_1(world: World) -> list[Fact]:
    """Every disclosure on the basis `release` stands on a live release; a named release must be that one."""
    return [
        d
        for d in world.of("DisclosureMade")
        if d.get("basis") == "release"
        and not is_released(
            [r for r in releases_for(world, d) if d.get("release") in {None, r.get("release")}], d
        )
    ]


def con_5(world: World) -> list[Fact]:
    """No clinical records or psychotherapy notes are disclosed on a subpoena without a release.

    Reading: a court order would be the disclosure's own basis; the release is any that covers it
    in the sense of CON-1.
    """
    return [
        d
        for d in world.of("DisclosureMade")
        if d.get("basis") == "subpoena"
        and d.codes("scope") & {"clinical", NOTES}
        and not is_released(releases_for(world, d), d)
    ]


# -- two professionals at once ----------------------------------------------------------------------------


def first_overlaps(world: World) -> Iterator[tuple[Fact, Fact, Fact]]:
    """Every pair of a therapy and a coaching engagement of C, with two practitioners, that run at once,
    with the later of the two openings or resumptions at which they first do: (that act, therapy, coaching).
    """
    openings = world.of("EngagementOpened")
    for therapy in [o for o in openings if o.get("service") == THERAPY]:
        for coaching in [o for o in openings if o.get("service") == COACHING]:
            together = [
                s
                for s in starts(world)
                if opening_of(world, s) in {therapy, coaching}
                and is_running(world, therapy, s.just_after)
                and is_running(world, coaching, s.just_after)
            ]
            two = therapy.get("practitioner") != coaching.get("practitioner")
            if therapy.client == coaching.client and two and together:
                yield together[0], therapy, coaching


def con_2(world: World) -> list[Fact]:
    """Where therapy and coaching of C run at once with two practitioners, a release between them was ever
    granted.

    Reading: ever until then; one granted after the two began to run at once comes too late for this advice.
    """
    return [
        act
        for act, therapy, coaching in first_overlaps(world)
        if not any(
            {r.get("from_practitioner"), r.get("to_practitioner")}
            == {therapy.get("practitioner"), coaching.get("practitioner")}
            for r in prior(world.of("ReleaseGranted", client=act.client), act.moment)
        )
    ]


def con_4(world: World) -> list[Fact]:
    """Where they run at once, the two share no focus other than goals and other."""
    return [
        act
        for act, therapy, coaching in first_overlaps(world)
        if (therapy.codes("focus") & coaching.codes("focus")) - {"goals", "other"}
    ]


# -- CON-3: the obligation --------------------------------------------------------------------------------


def counted_from(world: World, opening: Fact) -> list[Fact]:
    """The engagement's opening, its resumptions, and its reassessments while it ran."""
    later = acts_on(world, opening, "EngagementResumed", "ReassessmentHeld")
    return [opening] + [
        f for f in later if f.type == "EngagementResumed" or is_running(world, opening, f.moment)
    ]


def con_3(world: World) -> list[Owed]:
    """A running engagement is reassessed every `reassessment_days`, counted from its opening, resumption or
    last reassessment; not listed when it is paused or closed by then.

    Reading: what is owed from one such day is answered by the first reassessment since, before the next
    resumption; a reassessment after the due day is late also when the engagement was stopped in between.
    """
    owed = []
    for opening in world.of("EngagementOpened"):
        causes = counted_from(world, opening)
        for cause in causes:
            restarts = [c for c in causes if c.type == "EngagementResumed" and c.moment > cause.moment]
            end = restarts[0].moment if restarts else None
            since = [
                f
                for f in acts_on(world, opening, "ReassessmentHeld", "EngagementPaused", "EngagementClosed")
                if f.moment > cause.moment and (end is None or f.moment < end)
            ]
            reassessed = [f for f in since if f.type == "ReassessmentHeld"]
            stopped = [f for f in since if f.type != "ReassessmentHeld"]
            debt = owed_from(
                cause,
                policy_for(world, cause),
                "reassessment_days",
                reassessed[0].day if reassessed else None,
            )
            stopped_first = stopped and not (reassessed and reassessed[0].moment < stopped[0].moment)
            if not (stopped_first and stopped[0].day <= debt.due):
                owed.append(debt)
    return owed
