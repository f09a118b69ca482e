"""Whole visits and stories, as moves of a random history: openings with their papers, changes of service, concerns."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.agreement.moves_of_client import (
    BASES,
    KINDS,
    PLACES,
    PRACTITIONERS,
    STABLE,
    intake,
    issue,
    session,
    sign,
)
from tests.agreement.worlds import Body

if TYPE_CHECKING:
    from tests.agreement.histories import Telling


def an_opening(telling: "Telling") -> None:
    """An engagement, mostly with all its papers, sometimes with another's or none."""
    client, practitioner = telling.client(), telling.one_of(*PRACTITIONERS)
    service = telling.one_of("therapy", "coaching")
    when = telling.when() if telling.chance(60) else None
    kind = telling.random.randrange(4)
    visit, name = telling.known(client, "intake"), telling.known(client, "agreement")
    if kind:
        visit = intake(telling, client, clean=telling.chance(70), when=when)
        name = issue(telling, client, KINDS[service], telling.one_of(practitioner, None), when)
        sign(telling, client, name, when)
    if kind == 3:
        sign(telling, client, issue(telling, client, "role-change-acknowledgement", practitioner, when), when)
    telling.tell(
        {
            "type": "EngagementOpened",
            "client": client,
            "engagement": telling.new(client, "engagement", "E"),
            "practitioner": practitioner,
            "service": service,
            "intake": None if telling.chance(5) else visit,
            "agreement": None if telling.chance(5) else name,
            "jurisdiction": telling.one_of(None, None, *PLACES),
            "focus": [telling.one_of("career", "goals", "grief", "trauma")],
        },
        occurred_at=when,
    )


def a_change_of_service(telling: "Telling") -> None:
    """The latest engagement ends, or coaching pauses, and the other service begins, in better or worse order."""
    client = telling.client()
    opened = [
        line
        for line in telling.log.lines
        if line.body["type"] == "EngagementOpened" and line.body["client"] == client
    ]
    if not opened:
        return
    before = telling.random.choice(opened[-2:]).body
    other = "coaching" if before["service"] == "therapy" else "therapy"
    disorder = telling.chance(30)
    times = [telling.when() if disorder else telling.after(hours) for hours in (0, 1, 0, 2)]
    body: Body = {"client": client, "engagement": before["engagement"]}
    if other == "therapy" and telling.chance(50):
        telling.tell({**body, "type": "EngagementPaused", "reason": "clinical-concern"}, occurred_at=times[0])
    elif telling.chance(90):
        body |= {"type": "EngagementClosed", "reason": "goals-met", "goals_met": telling.chance(85)}
        telling.tell({**body, "stable": telling.one_of("yes", "yes", "no")}, occurred_at=times[0])
    papers(telling, client, other, before["practitioner"], times[1:])


def papers(
    telling: "Telling",
    client: str,
    service: str,
    practitioner: str,
    times: Sequence[str],
    visit: str | None = None,
) -> str:
    """Everything an engagement needs, and the engagement; the times may be in any order."""
    visit = visit or intake(telling, client, clean=telling.chance(80), when=times[0])
    name = issue(telling, client, KINDS[service], practitioner, times[0])
    sign(telling, client, name, times[1])
    if telling.chance(70):
        role = issue(
            telling, client, "role-change-acknowledgement", telling.one_of(practitioner, None), times[0]
        )
        sign(telling, client, role, times[1])
    engagement = telling.new(client, "engagement", "E")
    telling.tell(
        {
            "type": "EngagementOpened",
            "client": client,
            "engagement": engagement,
            "practitioner": practitioner,
            "service": service,
            "intake": visit,
            "agreement": name,
            "focus": ["goals"],
        },
        occurred_at=times[2],
    )
    return engagement


def a_recovery(telling: "Telling") -> None:
    """A clinical indication, therapy that may or may not address it, something since, and coaching after it all."""
    client, practitioner = telling.client(), telling.one_of("P-1", "P-1", "P-2")
    visit = intake(telling, client, when=telling.after(0))
    service = telling.one_of("therapy", "therapy", "coaching")
    steps = [telling.after(hours) for hours in (1, 2, 3)]
    engagement = papers(telling, client, service, telling.one_of(practitioner, "P-1"), steps, visit)
    body: Body = {
        "type": "EngagementClosed",
        "client": client,
        "engagement": engagement,
        "reason": "goals-met",
    }
    body |= {"goals_met": True, "stable": telling.one_of("no", "no", "yes")}
    if telling.chance(85):
        telling.tell(body, occurred_at=telling.after(telling.one_of(1, 24 * 30)))
    _something_since(telling, client, engagement)
    hours = telling.one_of(0, 1, 24 * 5)
    times = [telling.after(hour) for hour in (hours, 0, 1)]
    papers(telling, client, "coaching", practitioner, times, visit if telling.chance(60) else None)


def _something_since(telling: "Telling", client: str, engagement: str) -> None:
    """What may show that the client is stable: a referral concluded, a concern resolved, another intake."""
    kind = telling.random.randrange(4)
    if kind == 0:
        referral = telling.new(client, "referral", "R")
        made: Body = {
            "type": "ReferralMade",
            "referral": referral,
            "from_practitioner": "P-1",
            "details": "said",
        }
        made |= {"to_practitioner": "P-9", "service": telling.one_of("therapy", "coaching")}
        made |= {"reason": "specialty", "client_answer": "accepted"}
        concluded = {"type": "ReferralConcluded", "referral": referral, "outcome": "completed"}
        answered = {"type": "ReferralAnswered", "referral": referral, "answer": "accepted"}
        for step in (made, answered, {**concluded, "stable": telling.one_of("yes", "yes", "no")}):
            telling.tell({**step, "client": client}, occurred_at=telling.after(1))
    elif kind == 1:
        concern = telling.new(client, "concern", "K")
        raised: Body = {
            "type": "ConcernRaised",
            "engagement": engagement,
            "concern": concern,
            "details": "said",
        }
        resolved = {"type": "ConcernResolved", "concern": concern, "basis": telling.one_of(*BASES)}
        for step in ({**raised, "severity": telling.one_of("watch", "clinical")}, resolved):
            telling.tell({**step, "client": client}, occurred_at=telling.after(1))
    elif kind == 2:
        intake(telling, client, when=telling.after(1))


def a_story_of_a_concern(telling: "Telling") -> None:
    """A concern in an engagement, a pause, a referral, a resolution, a resumption: some of it, in order."""
    client = telling.client()
    engagement = telling.known(client, "engagement")
    if engagement is None:
        return
    concern, referral = telling.new(client, "concern", "K"), telling.new(client, "referral", "R")
    made = {"type": "ReferralMade", "referral": referral, "from_practitioner": "P-1", "service": "therapy"}
    made |= {"reason": "clinical-concern", "details": "said", "to_practitioner": telling.one_of("P-9", "P-2")}
    steps: list[Body] = [
        {
            "type": "ConcernRaised",
            "engagement": engagement,
            "concern": concern,
            "severity": "clinical",
            "details": "s",
        },
        {"type": "EngagementPaused", "engagement": engagement, "reason": "clinical-concern"},
        {**made, "client_answer": telling.one_of("accepted", "accepted", "declined")},
        {"type": "ReferralAnswered", "referral": referral, "answer": "accepted"},
        {
            "type": "ReferralConcluded",
            "referral": referral,
            "outcome": "completed",
            "stable": telling.one_of(*STABLE),
        },
        {"type": "ConcernResolved", "concern": concern, "basis": telling.one_of(*BASES)},
        {"type": "EngagementResumed", "engagement": engagement, "reason": "return"},
    ]
    for step in steps:
        if telling.chance(80):
            hours = telling.one_of(0, 1, 24, 24 * 7)
            telling.tell({**step, "client": client}, occurred_at=telling.after(hours))
        if telling.chance(20):
            session(telling, client, engagement)


def a_refusal(telling: "Telling") -> None:
    """The client declines an agreement, and is seen all the same; perhaps another is signed in between."""
    client = telling.client()
    engagement = telling.known(client, "engagement")
    if engagement is None:
        return
    service = telling.one_of("therapy", "coaching")
    name = issue(telling, client, KINDS[service], telling.one_of("P-1", "P-2", None))
    declined: Body = {
        "type": "AgreementDeclined",
        "client": client,
        "agreement": name,
        "reason": "client-choice",
    }
    telling.tell(declined, occurred_at=telling.after(telling.one_of(0, 5)))
    if telling.chance(40):
        sign(telling, client, issue(telling, client, KINDS[service], telling.one_of("P-1", "P-2", None)))
    telling.now += timedelta(hours=telling.one_of(0, 30))
    session(telling, client, engagement)


MOVES: tuple[tuple[int, Callable[["Telling"], None]], ...] = (
    (16, an_opening),
    (12, a_change_of_service),
    (6, a_story_of_a_concern),
    (6, a_recovery),
    (3, a_refusal),
)
