"""The practice at a moment: services, cover by licence, templates, actors, policy."""

import json
from typing import Any

import pytest

from ledger.entry import FIRST_PREV, Entry
from ledger.events.registry import recordable
from ledger.history import Fact, read
from ledger.policy import Policies
from ledger.practice import Practice, fold
from ledger.rules.catalogue import RECOMMENDED
from ledger.values import Admission, Calendar, LicenceStatus, moment

NEW_YORK = Calendar("America/New_York")


def practice(*lines: tuple[str, str, dict[str, Any]]) -> Practice:
    facts: list[Fact] = []
    for position, (type_, occurred_at, fields) in enumerate(lines, start=1):
        event_type = recordable(type_)
        entry = Entry[event_type](  # type: ignore[valid-type]
            admitted=Admission.AS_FOUND,
            recorded_at="2026-06-01T00:00:00.000000Z",
            by="frontdesk",
            event=event_type.model_validate_json(json.dumps(fields)),
            occurred_at=moment(occurred_at),
            prev=FIRST_PREV,
            schema_version=1,
            seq=position,
            stream="practice",
            type=type_,
            via="test",
        )
        facts += read([(position, entry)], NEW_YORK).facts
    return fold(facts, NEW_YORK)


def licence(since: str = "2024-01-01", until: str | None = None, name: str = "L1", **more: Any) -> Any:
    fields = {
        "practitioner": "P-1",
        "licence": name,
        "jurisdictions": ["US-NC"],
        "profession": "LCMHC",
        "number": "1",
        "basis": "licence",
        "valid_from": since,
        **({"valid_until": until} if until else {}),
        **more,
    }
    return ("LicenceRecorded", "2024-01-01", fields)


def status(what: str, effective: str, name: str = "L1") -> Any:
    fields = {"practitioner": "P-1", "licence": name, "status": what, "effective": effective}
    return ("LicenceStatusChanged", effective, fields)


def covered(held: Practice, day: str, place: str = "US-NC") -> bool:
    return held.practitioner("P-1").cover(place, day) is not None


def test_validity_days_are_inclusive() -> None:
    held = practice(licence("2024-01-01", "2024-12-31"))
    assert [covered(held, day) for day in ("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01")] == [
        False,
        True,
        True,
        False,
    ]


def test_a_licence_covers_its_own_places_only() -> None:
    held = practice(licence(jurisdictions=["US-NC", "US-VA"]))
    assert covered(held, "2024-06-01", "US-VA")
    assert not covered(held, "2024-06-01", "US-FL")
    assert covered(held, "2024-06-01", "")


@pytest.mark.parametrize("what", [one for one in LicenceStatus if one is not LicenceStatus.ACTIVE])
def test_a_status_takes_cover_away_from_its_effective_day_on(what: LicenceStatus) -> None:
    held = practice(licence(), status(what, "2024-06-10"))
    assert covered(held, "2024-06-09")
    assert not covered(held, "2024-06-10")


@pytest.mark.parametrize(
    ("what", "by_renewal", "by_active"),
    [
        ("expired", True, True),
        ("suspended", False, True),
        ("revoked", False, True),
        ("surrendered", False, True),
    ],
)
def test_a_renewal_cures_expiry_and_active_cures_all(what: str, by_renewal: bool, by_active: bool) -> None:
    renewed = practice(licence(), status(what, "2024-06-10"), licence("2024-06-20"))
    restored = practice(licence(), status(what, "2024-06-10"), status("active", "2024-06-20"))
    assert covered(renewed, "2024-06-20") is by_renewal
    assert covered(restored, "2024-06-20") is by_active
    assert not covered(restored, "2024-06-19")


def test_an_expiry_after_a_suspension_does_not_hide_it() -> None:
    held = practice(
        licence(), status("suspended", "2024-06-01"), status("expired", "2024-06-10"), licence("2024-06-20")
    )
    assert not covered(held, "2024-06-21")


def test_another_licence_stands_by_itself() -> None:
    held = practice(licence(), status("suspended", "2024-06-01"), licence(name="L2"))
    assert covered(held, "2024-06-02")


def test_services_are_those_offered_then() -> None:
    registered = {"practitioner": "P-1", "name": "Ann", "services": ["therapy"], "internal": True}
    held = practice(
        ("PractitionerRegistered", "2024-01-01T12:00:00Z", registered),
        ("PractitionerChanged", "2024-06-01T12:00:00Z", {"practitioner": "P-1", "services": ["coaching"]}),
    )
    ann = held.practitioner("P-1")
    assert ann.services(("2024-01-01T11:00:00.000000Z", 9)) == frozenset()
    assert ann.services(("2024-01-02T00:00:00.000000Z", 9)) == {"therapy"}
    assert ann.services(("2024-06-01T12:00:00.000000Z", 9)) == {"coaching"}
    assert ann.internal(("2024-06-02T12:00:00.000000Z", 9))
    assert ann.name() == "Ann"


def adopted(day: str, **decision: Any) -> Any:
    return ("PolicyAdopted", day, {"adopts": [], "drops": [], "parameters": {}, "reason": "x", **decision})


def test_a_policy_adds_takes_away_and_sets_and_all_else_stays() -> None:
    held = practice(
        adopted("2024-01-01", adopts=["recommended"]),
        adopted("2024-02-01", drops=["REC-5"], parameters={"min_gap_days": 30}),
        adopted("2024-03-01", adopts=["REC-5"], parameters={"late_entry_days": 1}),
    )
    policies = Policies(held.policies, RECOMMENDED)

    def on(day: str) -> Any:
        return policies.at((NEW_YORK.start_of(day), 99))

    assert on("2023-12-31").adopted == frozenset()
    assert on("2024-01-01").adopted == RECOMMENDED
    assert on("2024-02-01").adopted == RECOMMENDED - {"REC-5"}
    assert on("2024-03-01").adopted == RECOMMENDED
    assert on("2024-03-01").parameters == {"min_gap_days": 30, "late_entry_days": 1}


def test_an_actor_may_authorise_while_registered_so() -> None:
    fields = {"actor": "director", "role": "practitioner"}
    held = practice(
        ("ActorRegistered", "2024-01-01T12:00:00Z", {**fields, "may_authorise": True}),
        ("ActorRegistered", "2024-06-01T12:00:00Z", {**fields, "may_authorise": False}),
    )
    assert not held.may_authorise("director", ("2024-01-01T11:00:00.000000Z", 9))
    assert held.may_authorise("director", ("2024-02-01T11:00:00.000000Z", 9))
    assert not held.may_authorise("director", ("2024-07-01T11:00:00.000000Z", 9))
    assert not held.may_authorise("frontdesk", ("2024-07-01T11:00:00.000000Z", 9))
