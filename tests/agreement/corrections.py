"""Corrections, as moves of a random history: of entries and of corrections, by changes and by taking back."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from tests.agreement.worlds import Body
from tests.oracle import Line

if TYPE_CHECKING:
    from tests.agreement.histories import Telling

CODED: dict[str, dict[str, tuple[Any, ...]]] = {
    "PractitionerRegistered": {"services": (["therapy"], ["coaching"], ["therapy", "coaching"])},
    "PractitionerChanged": {"internal": (True, False), "services": (["therapy"], None)},
    "LicenceRecorded": {
        "valid_until": (None, "2024-03-01", "2024-06-01"),
        "valid_from": ("2024-01-01", "2023-01-01"),
        "jurisdictions": (["US-NC"], ["US-SC"]),
    },
    "LicenceStatusChanged": {
        "status": ("active", "suspended", "expired"),
        "effective": ("2024-02-02", "2024-05-05"),
    },
    "PolicyAdopted": {
        "adopts": (["recommended"], []),
        "parameters": ({}, {"min_gap_days": 5}),
        "drops": ([],),
    },
    "ActorRegistered": {"may_authorise": (True, False)},
    "TemplateAdopted": {"payer": ("insurance", None), "text_sha256": ("a" * 64,)},
    "ClientRegistered": {
        "jurisdiction": ("US-SC", "US-NC"),
        "minor_until": ("2024-04-01", None, "2030-01-01"),
    },
    "ClientRelocated": {"jurisdiction": ("US-SC", "US-NC")},
    "OutsideCareNoted": {
        "since": ("2024-02-01",),
        "until": (None, "2024-04-04"),
        "service": ("therapy", "coaching"),
    },
    "IntakeCompleted": {
        "clinical_indication": ("none", "active", "managed"),
        "stable": ("yes", "no", None),
        "roles_explained": (True, False),
        "practitioner": ("P-1", "P-9"),
        "recommended": ("therapy", "coaching"),
    },
    "ReferralMade": {"client_answer": ("accepted", "declined"), "service": ("therapy", "coaching")},
    "ReferralAnswered": {"answer": ("accepted", "declined")},
    "ReferralConcluded": {"stable": ("yes", "no")},
    "AgreementIssued": {
        "kind": ("therapy-consent", "coaching-contract"),
        "practitioner": (None, "P-1", "P-2"),
        "payer": ("private", "insurance"),
        "valid_until": (None, "2024-03-03"),
        "terms": (None, ["goals"]),
    },
    "AgreementSigned": {"signer": ("client", "practitioner"), "text_sha256": (None, "b" * 64, "a" * 64)},
    "EngagementOpened": {
        "service": ("therapy", "coaching"),
        "practitioner": ("P-1", "P-2"),
        "intake": (None,),
        "agreement": (None,),
        "jurisdiction": (None, "US-SC"),
    },
    "EngagementPaused": {"reason": ("leave", "clinical-concern")},
    "EngagementClosed": {
        "stable": ("yes", "no"),
        "goals_met": (True, False),
        "summary_sha256": (None, "c" * 64),
    },
    "SessionHeld": {"purpose": ("service", "crisis"), "jurisdiction": (None, "US-SC")},
    "RecordFiled": {
        "record_set": ("clinical", "coaching"),
        "contains_diagnosis": (True, False),
        "session": (None,),
    },
    "ConcernRaised": {"severity": ("watch", "clinical")},
    "ConcernResolved": {"basis": ("client-left", "outside-therapist-report", "assessed-not-clinical")},
    "ReleaseGranted": {"valid_until": (None, "2024-03-03"), "scope": (["clinical"], ["psychotherapy-notes"])},
    "DisclosureMade": {"basis": ("release", "court-order", "subpoena")},
}
"""Fields that a rule looks at, and values to correct them to; None takes an optional one away."""


def a_correction(telling: "Telling") -> None:
    """Corrects an entry, recent ones more often: another time, another value, another author, or retracted."""
    recent = telling.log.lines[-25:] if telling.chance(80) else telling.log.lines
    target = telling.random.choice(recent)
    _correct(telling, target)


def a_correction_of_a_correction(telling: "Telling") -> None:
    """Corrects a correction, or takes it back."""
    known = [line for line in telling.log.lines if line.body["type"] == "EntryCorrected"]
    if known:
        _correct(telling, telling.random.choice(known))


def _correct(telling: "Telling", target: Line) -> None:
    body: Body = {"type": "EntryCorrected", "corrects": target.seq, "reason": "looked up"}
    if telling.chance(25):
        body["retracted"] = telling.one_of("mistaken", "duplicate")
    else:
        body["changes"] = _changes(telling, target)
    telling.tell(body, stream=target.stream)


def _changes(telling: "Telling", target: Line) -> Body:
    fields = CODED.get(target.body["type"], {})
    if target.body["type"] == "EntryCorrected":
        if telling.chance(35):
            return {"changes": None, "retracted": "mistaken"}
        if telling.chance(50):
            return {"changes": {"by": "P-1"}, "retracted": None}
    elif fields and telling.chance(70):
        name = telling.random.choice(sorted(fields))
        return {name: telling.random.choice(fields[name])}
    if telling.chance(20):
        return {"by": telling.one_of("director", "P-1")}
    if telling.chance(40):
        return {"occurred_at": telling.day(-30, -3, -1, 0)}
    hours = telling.one_of(1, 5, 24, 100, 900)
    return {"occurred_at": (telling.now - timedelta(hours=hours)).astimezone(UTC).isoformat()}


MOVES: tuple[tuple[int, Callable[["Telling"], None]], ...] = (
    (12, a_correction),
    (4, a_correction_of_a_correction),
)
