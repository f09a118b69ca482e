"""Filling in engagements and practitioners: the only one that fits."""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.case import Engagement
from ledger.filling.agreements import latest, unused_intakes
from ledger.filling.filling import Filler, Found, Known, Nothing, only
from ledger.values import RecordKind, SessionPurpose

Given = Mapping[str, Any]


def _described(known: Known, found: Iterable[Engagement]) -> list[tuple[str, str]]:
    return [(one.id, f"{one.service} with {one.practitioner}, {one.state_at(known.order)}") for one in found]


def the_engagement(*preferred: tuple[str, ...]) -> Filler:
    """The only engagement in the first of these sets of states that any is in."""

    def filler(known: Known, _given: Given) -> Found | Nothing:
        for states in preferred:
            found = known.engagements(*states)
            if found:
                words = " or ".join(states) if len(states) < 3 else "recorded"
                return only(
                    "engagement", _described(known, found), f"the only engagement that is {words}", ""
                )
        return Nothing(f"no engagement of the client is {' or '.join(preferred[-1])}")

    return filler


OPEN = ("running", "paused")
ANY = ("running", "paused", "closed")


def engagement_of_session(known: Known, given: Given) -> Found | Nothing | None:
    """The engagement a session belongs to; during a pause only referral and crisis sessions are held."""
    if given.get("purpose") in (SessionPurpose.REFERRAL, SessionPurpose.CRISIS):
        return the_engagement(OPEN)(known, given)
    return the_engagement(("running",))(known, given)


def engagement_of_record(known: Known, given: Given) -> Found | Nothing | None:
    """The engagement a document belongs to: that of its session, else the only one that fits."""
    if known.case is not None:
        for session in known.case.sessions:
            if session.event.session == given.get("session"):
                return Found(session.event.engagement, "the session's engagement")
    if given.get("kind") == RecordKind.DISCHARGE_SUMMARY:
        return the_engagement(("closed",), OPEN)(known, given)
    return the_engagement(OPEN, ANY)(known, given)


def engagement_of_referral(known: Known, given: Given) -> Found | None:
    """The engagement out of which who refers refers, where there is just one."""
    by = given.get("from_practitioner")
    found = [one for one in known.engagements(*OPEN) if by is None or one.practitioner == by]
    return Found(found[0].id, "the only open engagement with who refers") if len(found) == 1 else None


# -- practitioners ----------------------------------------------------------------------------------------


def only_internal(field: str) -> Filler:
    """A filler: the practice's only practitioner."""

    def filler(known: Known, _given: Given) -> Found | Nothing:
        found = [(one, known.practice.practitioner(one).name()) for one in known.internal()]
        return only(field, found, "the practice's only practitioner", "the practice has no practitioner yet")

    return filler


def practitioner_of_opening(known: Known, given: Given) -> Found | Nothing | None:
    """With whom an engagement is opened: as its agreement or its intake says."""
    case = known.case
    if case is None:
        return None
    agreement = case.agreements.get(given.get("agreement") or "")
    if agreement is not None and agreement.practitioner is not None:
        return Found(agreement.practitioner, f"who agreement {agreement.id} is with")
    name = given.get("intake")
    intake = case.intake.get(name) if name is not None else latest(unused_intakes(known, given))
    if intake is not None:
        return Found(intake.event.practitioner, f"who took intake {intake.event.intake}")
    return only_internal("practitioner")(known, given)


def practitioner_of_engagement(known: Known, given: Given) -> Found | Nothing | None:
    """Who acts for the client: the practitioner of the engagement named, or of all open ones."""
    case = known.case
    named = case.engagements.get(given.get("engagement") or "") if case is not None else None
    if named is not None:
        return Found(named.practitioner, f"the practitioner of {named.id}")
    found = {one.practitioner: f"{one.service} {one.id}" for one in known.engagements(*OPEN)}
    if not found:
        return only_internal("from_practitioner")(known, given)
    return only(
        "from_practitioner", list(found.items()), "the practitioner of the client's open engagements", ""
    )
