"""A small world, walked breadth-first: one client, two practitioners, an act an hour, the acts of RULES.md.

A state is what the case knows, not how it came about; of all ways to a state the first found, a shortest, is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledger.case import Case
from ledger.rules.judge import Finding, refuses
from tests.agreement.worlds import Body, Log, perspective
from tests.oracle import Line

BEGIN = datetime(2024, 3, 4, 15, tzinfo=UTC)
LATER = BEGIN + timedelta(days=400)
TERMS = {
    "therapy-consent": [
        "services",
        "confidentiality-limits",
        "billing",
        "risks-and-benefits",
        "right-to-withdraw",
    ],
    "coaching-contract": [
        "goals",
        "private-pay",
        "no-diagnosis-or-treatment",
        "confidentiality-limits",
        "not-therapy",
    ],
    "role-change-acknowledgement": ["not-therapy"],
}
KINDS = {"therapy": "therapy-consent", "coaching": "coaching-contract"}
MOST = {"intake": 2, "agreement": 3, "engagement": 2, "referral": 1, "concern": 1}
"""How many of each thing the small world has."""


def setting() -> Log:
    """Two practitioners of both services, licensed where the client lives."""
    log = Log()
    since = "2024-01-02T15:00:00+00:00"
    common = {"occurred_at": since, "by": "director"}

    def tell(type_: str, **fields: object) -> None:
        log.append({"type": type_, **common, **fields}, BEGIN - timedelta(days=60))

    tell("PolicyAdopted", adopts=["recommended"], drops=[], parameters={}, reason="decided")
    for who in ("P-1", "P-2"):
        tell(
            "PractitionerRegistered",
            practitioner=who,
            name=who,
            services=["therapy", "coaching"],
            internal=True,
        )
        tell(
            "LicenceRecorded",
            practitioner=who,
            licence="L1",
            jurisdictions=["US-NC"],
            profession="LCMHC",
            number="1",
            basis="licence",
            valid_from="2020-01-01",
        )
    person = {"name": "x", "date_of_birth": "1990-01-01", "contact": "x", "jurisdiction": "US-NC"}
    tell("ClientRegistered", client="C-1", **person)
    return log


@dataclass(frozen=True)
class State:
    """A way to a state: the acts, and whether the gates took each of them."""

    acts: tuple[Body, ...] = ()

    def lines(self) -> list[Line]:
        """The whole log, an act an hour."""
        log = setting()
        for hour, act in enumerate(self.acts, start=1):
            at = BEGIN + timedelta(hours=hour)
            log.append({**act, "client": "C-1", "occurred_at": at.isoformat(), "by": "desk"}, at)
        return log.lines

    def then(self, act: Body) -> "State":
        """One act more."""
        return State((*self.acts, act))


def case_of(lines: Sequence[Line]) -> Case:
    """What the engine's case knows in the end."""
    return perspective(lines, LATER).case("C-1")


def refused(lines: Sequence[Line]) -> list[Finding]:
    """The gate findings judged on the last entry: what would have refused it."""
    last = lines[-1]
    findings = perspective(lines, last.recorded_at).judged("C-1").judgement.findings
    return [found for found in findings if found.judged.ref == (last.stream, last.seq) and refuses(found)]


def knows(case: Case) -> tuple[object, ...]:
    """What a case knows, with times only as an order: two ways to the same state give the same."""
    order = {fact.ref: rank for rank, fact in enumerate(case.facts)}
    end = (LATER.isoformat(), 10**6)
    marks = [one.closed.order for one in case.engagements.values() if one.closed is not None]
    marks += [paused.order for one in case.engagements.values() for paused, _ in one.pauses]
    opened = [one.opened.order for one in case.engagements.values()]

    def since(fact_order: tuple[str, int]) -> tuple[int, int]:
        return sum(mark < fact_order for mark in marks), sum(start < fact_order for start in opened)

    return (
        tuple(
            (
                *(one.practitioner, one.service, one.state_at(end), one.opened.event.intake),
                one.opened.event.agreement,
                one.closed.event.stable if one.closed is not None else None,
                len(one.pauses),
                since(one.closed.order) if one.closed is not None else None,
            )
            for one in case.engagements.values()
        ),
        tuple(
            (
                *(one.kind, one.practitioner, one.declined is None, one.revoked is None),
                since(one.issued.order),
                *(since(signed.order) for signed in one.signatures),
            )
            for one in case.agreements.values()
        ),
        tuple(
            (fact.event.clinical_indication, fact.event.stable, fact.event.recommended, since(fact.order))
            for fact in case.intakes
        ),
        tuple((one.accepted, one.answered is None, one.concluded is None) for one in case.referrals.values()),
        tuple(
            (one.engagement, one.resolved.event.basis if one.resolved is not None else None)
            for one in case.concerns.values()
        ),
        tuple(order[fact.ref] for fact in case.sessions)[-1:],
        tuple(sorted(case.unfit.values())),
    )


def acts(case: Case) -> Iterator[Body]:
    """Every act the small world has in a state, those that do not fit it too."""
    if len(case.intakes) < MOST["intake"]:
        yield from _intakes(f"I{len(case.intakes) + 1}")
    if len(case.agreements) < MOST["agreement"]:
        for kind, terms in TERMS.items():
            fields = {"agreement": f"A{len(case.agreements) + 1}", "kind": kind, "practitioner": "P-1"}
            yield {
                "type": "AgreementIssued",
                **fields,
                "terms": terms,
                "payer": "private",
                "text_sha256": "ab" * 32,
            }
    for agreement in case.agreements:
        signed = {"signer": "client", "signer_name": "x", "method": "typed", "meaning": "agreed"}
        yield {"type": "AgreementSigned", "agreement": agreement, **signed}
        yield {"type": "AgreementRevoked", "agreement": agreement, "reason": "client-choice"}
    if len(case.engagements) < MOST["engagement"]:
        yield from _openings(case)
    for one in case.engagements:
        yield {"type": "EngagementPaused", "engagement": one, "reason": "clinical-concern"}
        yield {"type": "EngagementResumed", "engagement": one, "reason": "other"}
        for stable in ("yes", "no"):
            yield {
                "type": "EngagementClosed",
                "engagement": one,
                "reason": "goals-met",
                "goals_met": True,
                "stable": stable,
                "summary_sha256": "cd" * 32,
            }
        yield {
            "type": "SessionHeld",
            "engagement": one,
            "session": f"S{len(case.sessions) + 1}",
            "modality": "video",
            "purpose": "service",
        }
        if len(case.concerns) < MOST["concern"]:
            yield {
                "type": "ConcernRaised",
                "engagement": one,
                "concern": "K1",
                "severity": "clinical",
                "details": "x",
            }
    for concern in case.concerns:
        for basis in ("outside-therapist-report", "client-left"):
            yield {"type": "ConcernResolved", "concern": concern, "basis": basis}
    yield from _referrals(case)


def _intakes(intake: str) -> Iterator[Body]:
    for service, indication in (("therapy", "active"), ("coaching", "none"), ("coaching", "suspected")):
        yield {
            "type": "IntakeCompleted",
            "intake": intake,
            "practitioner": "P-1",
            "service_sought": service,
            "clinical_indication": indication,
            "wants_trauma_work": False,
            "goal_focused": True,
            "roles_explained": True,
            "recommended": service,
            "rationale": "x",
        }


def _openings(case: Case) -> Iterator[Body]:
    for practitioner, service in (("P-1", "therapy"), ("P-1", "coaching"), ("P-2", "therapy")):
        body: Body = {
            "type": "EngagementOpened",
            "engagement": f"E{len(case.engagements) + 1}",
            "practitioner": practitioner,
            "service": service,
            "focus": ["career"],
        }
        if case.intakes:
            body["intake"] = case.intakes[-1].event.intake
        fitting = [one.id for one in case.agreements.values() if one.kind == KINDS[service]]
        if fitting:
            body["agreement"] = fitting[-1]
        yield body


def _referrals(case: Case) -> Iterator[Body]:
    if len(case.referrals) < MOST["referral"]:
        made = {"from_practitioner": "P-1", "to_practitioner": "P-2", "service": "therapy", "details": "x"}
        yield {
            "type": "ReferralMade",
            "referral": "R1",
            **made,
            "reason": "clinical-concern",
            "client_answer": "accepted",
        }
    for referral in case.referrals:
        yield {"type": "ReferralAnswered", "referral": referral, "answer": "accepted"}
        yield {"type": "ReferralConcluded", "referral": referral, "outcome": "completed", "stable": "yes"}


def walk(most: int) -> Iterator[tuple[State, list[Line], Case]]:
    """States breadth-first, at most so many; acts a gate refuses are told but lead nowhere further."""
    begin = State()
    level, seen, told = [begin], set[object](), 0
    while level:
        following: list[State] = []
        for state in level:
            for act in acts(case_of(state.lines())):
                after = state.then(act)
                lines = after.lines()
                case = case_of(lines)
                known = knows(case)
                if known in seen:
                    continue
                seen.add(known)
                yield after, lines, case
                told += 1
                if told >= most:
                    return
                if not refused(lines):
                    following.append(after)
        level = following
