"""How the things of a case stand after a moment, in a word each: what `replay` compares and `show` lists.

A moment is an effective order, taken inclusively: the state *after* the entry of that order.
"""

from collections.abc import Iterator

from ledger.case import Agreement, Case, Concern, Engagement, Referral, Release
from ledger.history import Fact, Order
from ledger.values import ReferralAnswer

END: Order = ("9999-12-31T23:59:59.999999Z", 2**63)
"""After everything in the case."""


def _by(fact: Fact | None, order: Order) -> bool:
    return fact is not None and fact.order <= order


def engagement_state(engagement: Engagement, order: Order) -> str:
    """`not open`, `running`, `paused` or `closed`."""
    if not _by(engagement.opened, order):
        return "not open"
    if _by(engagement.closed, order):
        return "closed"
    paused = any(_by(pause, order) and not _by(resumed, order) for pause, resumed in engagement.pauses)
    return "paused" if paused else "running"


def agreement_state(agreement: Agreement, order: Order, day: str) -> str:
    """`not issued`, `issued`, `live`, `expired`, `declined` or `revoked`."""
    if not _by(agreement.issued, order):
        return "not issued"
    if _by(agreement.revoked, order):
        return "revoked"
    if _by(agreement.declined, order):
        return "declined"
    if not agreement.valid_on(day):
        return "expired"
    return "live" if any(_by(signed, order) for signed in agreement.consents()) else "issued"


def referral_state(referral: Referral, order: Order) -> str:
    """`not made`, `declined by the client`, `unanswered`, `accepted`, `declined`, `lapsed` or `concluded`."""
    if not _by(referral.made, order):
        return "not made"
    if _by(referral.concluded, order):
        return "concluded"
    if referral.answered is not None and _by(referral.answered, order):
        answer: ReferralAnswer = referral.answered.event.answer
        return answer.value
    return "unanswered" if referral.client_accepted else "declined by the client"


def concern_state(concern: Concern, order: Order) -> str:
    """`not raised`, `unresolved` or `resolved`."""
    if not _by(concern.raised, order):
        return "not raised"
    return "resolved" if _by(concern.resolved, order) else "unresolved"


def release_state(release: Release, order: Order, day: str) -> str:
    """`not granted`, `live`, `expired` or `revoked`."""
    if not _by(release.granted, order):
        return "not granted"
    if _by(release.revoked, order):
        return "revoked"
    until = release.granted.event.valid_until
    return "live" if until is None or day <= until else "expired"


def states(case: Case, order: Order) -> Iterator[tuple[str, str]]:
    """Each thing of a case and how it stands after a moment."""
    day = case.practice.calendar.day_of(min(order[0], "9990-01-01T00:00:00.000000Z"))
    for engagement in case.engagements.values():
        yield f"{engagement.service} {engagement.id}", engagement_state(engagement, order)
    for agreement in case.agreements.values():
        kind = str(agreement.kind).replace("-", " ")
        yield f"{kind} {agreement.id}", agreement_state(agreement, order, day)
    for referral in case.referrals.values():
        yield f"referral {referral.id}", referral_state(referral, order)
    for concern in case.concerns.values():
        yield f"concern {concern.id}", concern_state(concern, order)
    for release in case.releases.values():
        yield f"release {release.id}", release_state(release, order, day)
