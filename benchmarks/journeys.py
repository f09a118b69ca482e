"""How generated clients go through the practice, each with room for one planted problem.

A journey fills a chart with exactly `size` entries: what makes the journey, and sessions for the rest.
`JOURNEYS` names the rules that each can be made to break: that rule once and, but for SCOPE-4 (which brings
SCOPE-1 along), no other.
"""

from collections.abc import Callable

from benchmarks.charts import Chart
from benchmarks.roster import (
    COACHING_TERMS,
    CONSENT,
    CONSENT_INSURED,
    CONTRACT,
    DAY,
    HOUR,
    ROLE_CHANGE,
    THERAPY_TERMS,
    WEEK,
    Line,
    Roster,
)

Journey = Callable[[Chart, Roster, int, int, str], None]

CORRECTED = 0.05  # of the therapies
ELSEWHERE = "US-TX"
TEXT = "ab" * 32


def therapy(chart: Chart, roster: Roster, at: int, size: int, flaw: str) -> None:
    """Therapy and nothing else, half of it paid by insurance."""
    rng = chart.rng
    who = rng.choice(roster.therapists + roster.both)
    insured = rng.random() < 0.6
    chart.register(at)
    if rng.random() < 0.5:
        _sent_by_a_physician(chart, at + HOUR, who)
    _treat(chart, at + DAY, who, size - len(chart.entries), flaw, insured=insured)


def minor(chart: Chart, roster: Roster, at: int, size: int, flaw: str) -> None:
    """Therapy of a minor, for whom a guardian signs."""
    chart.register(at, minor=True)
    chart.guardian_signs = flaw != "AGR-5"
    _treat(chart, at + DAY, chart.rng.choice(roster.therapists), size - 1, flaw, insured=True)


def partner(chart: Chart, at: int, size: int, flaw: str, *, who: str, unit: str) -> None:
    """One half of a couple in therapy; `unit` ties it to the other half."""
    chart.every = 7 * DAY
    chart.register(at)
    _treat(chart, at + DAY, who, size - 1, flaw, insured=False, unit=unit)


def coaching(chart: Chart, roster: Roster, at: int, size: int, flaw: str) -> None:
    """Coaching and nothing else, some of it for clients in other states."""
    rng = chart.rng
    coach_only = rng.random() < 0.5
    who = rng.choice(roster.coaches if coach_only else roster.both)
    chart.register(at, rng.choice(("US-NC", "US-VA", "US-OH")) if coach_only else "US-NC")
    contract: Line = {"version": "0", "text_sha256": TEXT, "terms": COACHING_TERMS, "payer": "private"}
    if flaw == "AGR-3":
        contract["terms"] = COACHING_TERMS[1:]
    if flaw == "AGR-6":
        contract["payer"] = "insurance"
    own_contract = contract if flaw.startswith("AGR") else None
    engagement = chart.coaching(at + DAY, who, contract=own_contract, roles_explained=flaw != "INT-2")
    if flaw in {"REC-1", "REC-3"}:
        record = chart.file(at + 2 * DAY, engagement, "other")
        record |= {"contains_diagnosis": True} if flaw == "REC-3" else {"record_set": "clinical"}
    end = chart.sessions(engagement, at + DAY, size - len(chart.entries) - 1)
    chart.close(end + DAY, engagement, "not-assessed")


def therapy_then_coaching(chart: Chart, roster: Roster, at: int, size: int, flaw: str) -> None:
    """Therapy, closed stable, then coaching with the same practitioner on papers of its own."""
    who = chart.rng.choice(roster.both)
    chart.register(at)
    intake = chart.intake(at + DAY, who, "therapy", "active")
    agreement = chart.sign(at + DAY + 40, who, CONSENT_INSURED)
    first = chart.open(at + DAY + 50, who, "therapy", intake, agreement)
    end = chart.sessions(first, at + DAY, (size - 16) // 2, claims=True) + DAY
    start = end + 2 * WEEK
    closed = start + 3 * WEEK if flaw == "ROLE-1" else end
    chart.close(closed, first, "no" if flaw == "ROLE-2" else "yes")
    chart.file(closed + DAY, first, "discharge-summary")
    intake = intake if flaw == "ROLE-5" else chart.intake(start, who, "coaching", "past")
    if flaw != "ROLE-4":
        chart.sign(start + 30, who, ROLE_CHANGE)
    signed = end - DAY if flaw == "ROLE-3" else start + 50
    agreement = chart.sign(signed, who, CONTRACT)
    second = chart.open(start + HOUR, who, "coaching", intake, agreement)
    end = chart.sessions(second, start, size - len(chart.entries) - 1)
    chart.close(max(end, closed) + DAY, second, "not-assessed")


def paused(chart: Chart, roster: Roster, at: int, size: int, flaw: str) -> None:
    """Coaching, a clinical concern, a pause and a referral; after therapy elsewhere, coaching again."""
    rng = chart.rng
    who, therapist = rng.choice(roster.coaches + roster.both), rng.choice(roster.outside)
    chart.register(at)
    engagement = chart.coaching(at + DAY, who)
    at = chart.sessions(engagement, at + DAY, (size - 18) // 3)
    concern = chart.new_id("K")
    chart.put(
        at + 2 * HOUR,
        "ConcernRaised",
        who,
        engagement=engagement,
        concern=concern,
        severity="clinical",
        details="Noted.",
    )
    if flaw == "SCOPE-3":
        chart.session(at + 2 * DAY, engagement)
    at += 16 * DAY if flaw == "SCOPE-2" else 3 * DAY
    chart.put(at, "EngagementPaused", engagement=engagement, reason="clinical-concern")
    referral = chart.new_id("R")
    chart.put(
        at + HOUR,
        "ReferralMade",
        who,
        referral=referral,
        from_practitioner=who,
        to_practitioner=therapist,
        service="therapy",
        engagement=engagement,
        reason="clinical-concern",
        client_answer="accepted",
        details="Letter sent.",
    )
    release = chart.release(
        at + HOUR + 5, who, ["coaching"], to_practitioner=therapist, recipient_kind="practitioner"
    )
    answered = at + (20 if flaw == "REF-1" else 4) * DAY
    chart.put(answered, "ReferralAnswered", referral=referral, answer="accepted")
    _tell(chart, answered + HOUR, who, therapist, release)
    at += rng.randrange(12, 30) * WEEK
    chart.put(
        at,
        "ReferralConcluded",
        referral=referral,
        outcome="completed",
        stable="yes",
        evidence_sha256=chart.document(),
    )
    resolved = at + (8 * DAY if flaw == "SCOPE-4" else HOUR)  # the resumption is a week after the conclusion
    chart.put(resolved, "ConcernResolved", concern=concern, basis="outside-therapist-report")
    intake = chart.intake(at + WEEK, who, "coaching", "past")
    chart.put(
        at + WEEK + HOUR, "EngagementResumed", engagement=engagement, reason="concern-resolved", intake=intake
    )
    end = chart.sessions(engagement, at + WEEK, size - len(chart.entries) - 1)
    chart.close(end + DAY, engagement, "not-assessed")


def _treat(
    chart: Chart, at: int, who: str, size: int, flaw: str, *, insured: bool, unit: str | None = None
) -> None:
    """One therapy from intake to summary, in `size` entries."""
    last = len(chart.entries) + size
    indication = chart.rng.choice(("suspected", "active")) if insured else "past"
    intake = chart.intake(at, who, "therapy", indication, roles_explained=flaw != "INT-2")
    text: Line = {
        "version": "0",
        "text_sha256": TEXT,
        "terms": THERAPY_TERMS[1:],
        "payer": "private",
    }
    agreement = chart.sign(
        at + (2 * DAY if flaw == "AGR-1" else 40),
        who,
        CONSENT_INSURED if insured else CONSENT,
        issued=at + 25,
        text=text if flaw == "AGR-3" else None,
    )
    engagement = chart.open(at + 50, who, "therapy", intake, agreement, unit=unit)
    if flaw == "CON-1":
        chart.disclose(
            at + WEEK, who, ["clinical"], purpose="legal", basis="release", recipient_kind="attorney"
        )
    elif chart.rng.random() < 0.5:
        release = chart.release(
            at + DAY, who, ["clinical"], recipient_kind="physician", recipient="Dr. K. Bell"
        )
        chart.disclose(
            at + 2 * DAY,
            who,
            ["clinical"],
            purpose="treatment-coordination",
            basis="release",
            recipient_kind="physician",
            recipient="Dr. K. Bell",
            release=release,
        )
    if flaw == "LIC-2":
        chart.stray_session = {"jurisdiction": ELSEWHERE}
    chart.skip_note = flaw == "REC-5"
    summarised, corrected = flaw != "REC-4", chart.rng.random() < CORRECTED
    tail = 1 + summarised + corrected
    end = chart.sessions(engagement, at, last - len(chart.entries) - tail, claims=insured) + DAY
    chart.close(end, engagement, "yes")
    if summarised:
        chart.file(end + 3 * DAY, engagement, "discharge-summary")
    if corrected:
        chart.correct_session(end + 4 * DAY)


def _sent_by_a_physician(chart: Chart, at: int, who: str) -> None:
    referral = chart.new_id("R")
    chart.put(
        at,
        "ReferralReceived",
        referral=referral,
        to_practitioner=who,
        service="therapy",
        reason="specialty",
        details="Asked for by the family physician.",
    )
    chart.put(at + 2 * HOUR, "ReferralAnswered", referral=referral, answer="accepted")


def _tell(chart: Chart, at: int, from_: str, to: str, release: str) -> None:
    chart.disclose(
        at,
        from_,
        ["coaching"],
        purpose="treatment-coordination",
        basis="release",
        recipient_kind="practitioner",
        to_practitioner=to,
        release=release,
    )


MINOR_FLAWS = ("LIC-2", "REC-4", "REC-5", "CON-1", "INT-2", "AGR-3", "AGR-5")
THERAPY_FLAWS = ("LIC-2", "REC-4", "REC-5", "CON-1", "INT-2", "AGR-1", "AGR-3")
JOURNEYS: dict[str, tuple[Journey, tuple[str, ...]]] = {
    "therapy": (therapy, THERAPY_FLAWS),
    "coaching": (coaching, ("REC-1", "REC-3", "AGR-3", "AGR-6", "INT-2")),
    "therapy-then-coaching": (
        therapy_then_coaching,
        ("ROLE-1", "ROLE-2", "ROLE-3", "ROLE-4", "ROLE-5"),
    ),
    "paused": (paused, ("SCOPE-2", "SCOPE-3", "SCOPE-4", "REF-1")),
    "minor": (minor, MINOR_FLAWS),
}
