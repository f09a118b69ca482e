"""Rules that the acceptance stories leave silent: each is heard once, and silent for the history next to
it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.oracle.imports import from_import
from tests.oracle.judge import Opinion, judge
from tests.oracle.policy import DEFAULTS
from tests.oracle.world import Line

RECORDED = datetime(2025, 6, 1, 12, tzinfo=UTC)
Entry = dict[str, Any]


def entry(fact: str, occurred_at: str, /, **fields: Any) -> Entry:
    """A line of an import file about client C-1; the practice's own say so by `client=None`."""
    body = {"type": fact, "occurred_at": occurred_at, "by": "desk", "client": "C-1"} | fields
    return {name: value for name, value in body.items() if value is not None}


def practitioner(name: str, services: list[str], place: str = "US-NC") -> list[Entry]:
    own = {"client": None, "practitioner": name}
    return [
        entry("PractitionerRegistered", "2023-01-01", services=services, internal=True, **own),
        entry(
            "LicenceRecorded",
            "2023-01-01",
            licence="L1",
            jurisdictions=[place],
            valid_from="2020-01-01",
            **own,
        ),
    ]


GIVEN = [
    entry("PolicyAdopted", "2021-01-04", client=None, adopts=["recommended"], drops=[], parameters={}),
    *practitioner("P-1", ["therapy", "coaching"]),
    *practitioner("P-2", ["therapy", "coaching"]),
    entry("ClientRegistered", "2024-01-02", jurisdiction="US-NC"),
]
KINDS = {"therapy": "therapy-consent", "coaching": "coaching-contract"}


def opened(number: int, day: str, service: str, by: str = "P-1", **changes: Any) -> list[Entry]:
    """An engagement with its intake, acknowledgement and agreement, all known to the day; some fields may
    differ.
    """
    intake = {
        "clinical_indication": "none",
        "roles_explained": True,
        "wants_trauma_work": False,
        "recommended": service,
    }
    terms = DEFAULTS["therapy_consent_terms" if service == "therapy" else "coaching_contract_terms"]
    agreement = {"kind": KINDS[service], "practitioner": by, "terms": terms, "payer": "private"}
    changed = {name: value for name, value in changes.items() if name in intake}
    paid = {name: value for name, value in changes.items() if name == "payer"}
    return [
        entry("IntakeCompleted", day, intake=f"I{number}", practitioner=by, **intake | changed),
        *signed(f"R{number}", day, kind="role-change-acknowledgement", practitioner=by),
        *signed(f"A{number}", day, **agreement | paid),
        entry(
            "EngagementOpened",
            day,
            engagement=f"E{number}",
            practitioner=by,
            service=service,
            intake=f"I{number}",
            agreement=f"A{number}",
            focus=["goals"],
        ),
    ]


def signed(agreement: str, day: str, **fields: Any) -> list[Entry]:
    text = {"agreement": agreement, "text_sha256": "00"}
    return [
        entry("AgreementIssued", day, **text, **fields),
        entry("AgreementSigned", day, agreement=agreement, signer="client"),
    ]


def closed(number: int, day: str, **fields: Any) -> Entry:
    how = {"goals_met": True, "stable": "yes", "summary_sha256": "11"} | fields
    return entry("EngagementClosed", day, engagement=f"E{number}", **how)


def session(number: int, when: str, purpose: str = "service") -> Entry:
    return entry("SessionHeld", when, engagement=f"E{number}", session=f"S-{when}", purpose=purpose)


def record(number: int, when: str, record_set: str, **fields: Any) -> Entry:
    body = {"kind": "other", "document_sha256": "22", "contains_diagnosis": False} | fields
    return entry("RecordFiled", when, engagement=f"E{number}", record_set=record_set, **body)


def opinion(*then: Entry, as_of: str = "2024-12-31") -> Opinion:
    lines = from_import([*GIVEN, *then], "UTC", RECORDED)
    return judge(lines, as_of=datetime.fromisoformat(f"{as_of}T12:00:00+00:00"), time_zone="UTC")


def heard(said: Opinion) -> set[tuple[str, str]]:
    return {(f[0], f[1]) for f in said.findings}


def owed(said: Opinion) -> set[tuple[str, str]]:
    return {(o[0], o[5]) for o in said.obligations}


THERAPY_THEN_COACHING = (*opened(1, "2024-01-08", "therapy"), closed(1, "2024-03-15"))
COACHING = tuple(opened(1, "2024-01-08", "coaching"))
CONCERN = entry("ConcernRaised", "2024-02-01", engagement="E1", concern="K1", severity="clinical")
PAUSED = entry("EngagementPaused", "2024-02-02", engagement="E1", reason="clinical-concern")
RESUMED = entry("EngagementResumed", "2024-02-05", engagement="E1", reason="return")
OUTSIDE = entry("OutsideCareNoted", "2024-02-03", service="therapy", since="2024-02-03", told_by="client")
MOVED = entry("ClientRelocated", "2024-02-01", jurisdiction="US-VA")
THERAPY = tuple(opened(1, "2024-01-08", "therapy"))
REFERRED = entry(
    "ReferralMade",
    "2024-02-02",
    referral="R9",
    service="therapy",
    to_practitioner="P-2",
    client_answer="accepted",
)
DECLINED = [
    entry("AgreementIssued", "2024-01-07", agreement="A0", kind="coaching-contract", practitioner="P-1"),
    entry("AgreementDeclined", "2024-01-07", agreement="A0", reason="client-choice"),
]
SUBPOENA = entry(
    "DisclosureMade",
    "2024-02-01",
    disclosure="D1",
    from_practitioner="P-1",
    recipient_kind="attorney",
    scope=["clinical"],
    basis="subpoena",
)
RELEASE = entry(
    "ReleaseGranted",
    "2024-01-07",
    release="X1",
    from_practitioner="P-1",
    recipient_kind="attorney",
    scope=["clinical"],
)
TO_A_PHYSICIAN = RELEASE | {"recipient_kind": "physician"}
ALTERNATING = [
    step
    for n, (day, end) in enumerate(
        [("01-08", "01-20"), ("02-08", "02-20"), ("03-08", "03-20"), ("04-08", "04-20"), ("05-08", "05-20")]
    )
    for step in (*opened(n, f"2024-{day}", "coaching" if n % 2 else "therapy"), closed(n, f"2024-{end}"))
]


@pytest.mark.parametrize(
    ("rule", "kind", "broken", "kept"),
    [
        (
            "ROLE-2",
            "warning",
            [*THERAPY, closed(1, "2024-03-15", goals_met=False), *opened(2, "2024-03-20", "coaching")],
            [*THERAPY_THEN_COACHING, *opened(2, "2024-03-20", "coaching")],
        ),
        ("ROLE-7", "advice", ALTERNATING, ALTERNATING[:-7]),
        (
            "SCOPE-3",
            "violation",
            [*COACHING, CONCERN, session(1, "2024-02-06")],
            [*COACHING, CONCERN, PAUSED, OUTSIDE, RESUMED, session(1, "2024-02-06")],
        ),
        (
            "SCOPE-3",
            "violation",
            [*COACHING, CONCERN, OUTSIDE, session(1, "2024-02-06")],
            [*COACHING, session(1, "2024-02-01T00:00:00+00:00"), CONCERN],
        ),
        (
            "SCOPE-7",
            "advice",
            opened(1, "2024-01-08", "coaching", clinical_indication="managed"),
            [TO_A_PHYSICIAN, *opened(1, "2024-01-08", "coaching", clinical_indication="managed")],
        ),
        ("AGR-6", "gate", opened(1, "2024-01-08", "coaching", payer="insurance"), COACHING),
        (
            "AGR-6",
            "warning",
            opened(1, "2024-01-08", "therapy", payer="insurance"),
            opened(1, "2024-01-08", "therapy", payer="insurance", clinical_indication="active"),
        ),
        (
            "AGR-8",
            "warning",
            [*DECLINED, *(e for e in COACHING if "Agreement" not in e["type"]), session(1, "2024-01-10")],
            [*DECLINED, *COACHING, session(1, "2024-01-10")],
        ),
        (
            "REC-2",
            "violation",
            [
                *THERAPY,
                *opened(2, "2024-01-09", "coaching", "P-2"),
                record(1, "2024-01-10", "clinical"),
                record(2, "2024-01-11", "coaching"),
            ],
            [
                *THERAPY,
                *opened(2, "2024-01-09", "coaching", "P-2"),
                record(1, "2024-01-10", "clinical"),
                record(2, "2024-01-11", "administrative"),
            ],
        ),
        ("CON-5", "warning", [SUBPOENA], [RELEASE, SUBPOENA]),
        ("REF-3", "warning", [MOVED, REFERRED], [REFERRED]),
    ],
)
def test_a_rule_is_heard_and_is_silent_for_the_history_next_to_it(
    rule: str, kind: str, broken: list[Entry], kept: list[Entry]
) -> None:
    assert (rule, kind) in heard(opinion(*broken))
    assert (rule, kind) not in heard(opinion(*kept))


@pytest.mark.parametrize(
    ("then", "as_of", "status"),
    [
        ([], "2024-02-15", "open"),
        ([], "2024-02-16", "overdue"),
        ([closed(1, "2024-02-15")], "2024-12-31", "met"),
        ([closed(1, "2024-02-16")], "2024-12-31", "late"),
        ([PAUSED], "2024-02-16", "overdue"),
        (
            [REFERRED, PAUSED],
            "2024-12-31",
            "met",
        ),
    ],
)
def test_cover_lost_by_a_move_is_put_right_within_fourteen_days(
    then: list[Entry], as_of: str, status: str
) -> None:
    assert owed(opinion(*THERAPY, MOVED, *then, as_of=as_of)) & {("LIC-3", s) for s in STATUSES} == {
        ("LIC-3", status)
    }


STATUSES = ("open", "met", "late", "overdue")


@pytest.mark.parametrize(
    ("steps", "first_uncovered"),
    [
        ([("suspended", "2024-02-01"), ("active", "2024-03-01"), ("suspended", "2024-04-01")], [2, 4]),
        ([("expired", "2024-02-01")], [2]),
        ([("expired", "2024-02-01"), ("active", "2024-02-01")], []),
    ],
)
def test_cover_is_lost_on_the_day_a_status_takes_effect(
    steps: list[tuple[str, str]], first_uncovered: list[int]
) -> None:
    own = {"client": None, "practitioner": "P-1", "licence": "L1"}
    changes = [entry("LicenceStatusChanged", day, status=s, effective=day, **own) for s, day in steps]

    said = opinion(*THERAPY, *changes)

    due = sorted(o[4].isoformat() for o in said.obligations if o[0] == "LIC-3")
    assert due == [f"2024-{month:02}-15" for month in first_uncovered]


def test_a_renewal_cures_expired_and_not_suspended() -> None:
    own = {"client": None, "practitioner": "P-1", "licence": "L1"}

    def uncovered(status: str) -> bool:
        stopped = entry("LicenceStatusChanged", "2024-01-03", status=status, effective="2024-01-03", **own)
        renewal = GIVEN[2] | {"occurred_at": "2024-01-05", "valid_from": "2024-01-05"}
        return ("LIC-1", "gate") in heard(opinion(stopped, renewal, *THERAPY))

    assert not uncovered("expired")
    assert uncovered("suspended")


@pytest.mark.parametrize(
    ("override", "solo", "kinds"),
    [
        ({"authorised_by": "director", "reason": "agreed"}, False, set()),
        ({"authorised_by": "director", "reason": ""}, False, {"violation"}),
        ({"authorised_by": "desk", "reason": "agreed"}, False, {"violation"}),
        ({"authorised_by": "desk", "reason": "agreed"}, True, {"warning"}),
        ({"authorised_by": "nobody", "reason": "agreed"}, False, {"violation"}),
    ],
)
def test_an_override_has_a_reason_and_another_who_may(
    override: Mapping[str, str], solo: bool, kinds: set[str]
) -> None:
    actors = [
        entry("ActorRegistered", "2023-01-01", client=None, actor=actor, may_authorise=True)
        for actor in ("director", "desk")
    ]
    says = entry("PolicyAdopted", "2023-01-01", client=None, parameters={"solo_practice": solo})
    lines = from_import([*GIVEN, *actors, says, *COACHING], "UTC", RECORDED)
    opening = lines[-1]
    overridden: list[Line] = [
        *lines[:-1],
        replace(opening, admitted="override", override={"rules": ["INT-1"], **override}),
    ]

    said = judge(overridden, as_of=RECORDED, time_zone="UTC")

    assert {f[1] for f in said.findings if f[0] == "OVR-1"} == kinds


@pytest.mark.parametrize(
    ("resolution", "status"),
    [
        (None, "overdue"),
        ("assessed-not-clinical", "met"),
        ("client-left", "met"),
        ("outside-therapist-report", None),
    ],
)
def test_a_concern_is_acted_on_or_resolved(resolution: str | None, status: str | None) -> None:
    resolved = [entry("ConcernResolved", "2024-02-03", concern="K1", basis=resolution)] if resolution else []

    said = opinion(*COACHING, CONCERN, *resolved)

    assert {s for rule, s in owed(said) if rule == "SCOPE-2"} == ({status} if status else set())


def test_an_act_that_does_not_fit_changes_nothing_and_is_judged_by_no_other_rule() -> None:
    said = opinion(*COACHING, closed(1, "2024-02-01"), CONCERN, RESUMED, session(1, "2024-02-06"))

    assert heard(said) >= {("SEQ-1", "gate"), ("SEQ-2", "violation")}
    assert ("SCOPE-4", "gate") not in heard(said)
    assert ("SCOPE-1", "gate") not in heard(said)
