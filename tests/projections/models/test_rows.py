"""What the rows of each model say, against the case, the audit and the practitioner's file told by other modules."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from ledger.errors import RefusedError
from ledger.perspective import CLIENTS, Moment
from ledger.recording.statement import state
from ledger.values import later
from projections.audit import Question as AuditQuestion
from projections.audit import audit
from projections.client_state import client_state
from projections.models import (
    agreements,
    caseload,
    disclosures,
    engagements,
    licences,
    obligations,
    overrides,
    referrals,
)
from projections.models.base import Asked, View
from projections.models.registry import MODELS
from projections.models.views import Question, Views
from projections.obligations import obligations as folded
from projections.practitioner_state import practitioner_state
from tests.projections.conftest import Tell, Told

EVERYTHING = tuple(model.name for model in MODELS)
MOMENTS = ("2023-06-30", "2024-09-12", "2025-12-31")


@pytest.fixture(params=MOMENTS)
def seen(lakeside: Told, request: pytest.FixtureRequest) -> Iterator[tuple[Told, Moment, View, Asked]]:
    """The tables as of a day."""
    when = lakeside.ledger.moment(request.param)
    with (
        closing(Views(lakeside.ledger)) as views,
        views.asked(Question(when, EVERYTHING, now=False)) as (view, asked),
    ):
        yield lakeside, when, view, asked


Seen = tuple[Told, Moment, View, Asked]


def states(told: Told, when: Moment) -> Iterator[dict[str, Any]]:
    for stream in told.ledger.recorder.streams(CLIENTS):
        yield client_state(told.ledger, stream.removeprefix(CLIENTS), when)


def same(row: dict[str, Any], one: dict[str, Any]) -> bool:
    """Whether two tellings agree in everything that both tell."""
    both = row.keys() & one.keys()
    assert len(both) > 5
    return all(row[name] == one[name] for name in both)


def test_engagements_are_those_of_each_case(seen: Seen) -> None:
    told, when, view, _ = seen
    expected = [one for told_of in states(told, when) for one in told_of["engagements"]]

    rows = engagements.engagements(view, engagements.Wanted())

    assert len(rows) == len(expected) > 3
    assert all(same(row, one) for row, one in zip(rows, expected, strict=True))
    for wanted in ("running", "paused", "closed"):
        kept = engagements.engagements(view, engagements.Wanted(state=wanted))
        assert kept == [row for row in rows if row["state"] == wanted]


def test_agreements_are_those_of_each_case(seen: Seen) -> None:
    told, when, view, asked = seen
    expected = [one for told_of in states(told, when) for one in told_of["agreements"]]

    rows = agreements.agreements(view, asked, agreements.Wanted(days=0))

    words = {"unsigned": "issued", "expiring": "live"}
    rows = [row | {"state": words.get(row["state"], row["state"])} for row in rows]
    assert len(rows) == len(expected) > 3
    assert all(same(row, one) for row, one in zip(rows, expected, strict=True))


def test_referrals_are_those_of_each_case(seen: Seen) -> None:
    told, when, view, asked = seen
    expected = [
        one | {"client": told_of["client"]} for told_of in states(told, when) for one in told_of["referrals"]
    ]

    rows = referrals.referrals(view, asked, referrals.Wanted(open_only=False))

    def order(one: dict[str, Any]) -> tuple[str, str]:
        return one["client"], one["referral"]

    pairs = zip(sorted(rows, key=order), sorted(expected, key=order), strict=True)
    assert all(same(row, one) for row, one in pairs)
    made = [row for row in rows if row["direction"] == "made"]
    summed = referrals.recipients(view, referrals.Wanted(open_only=False))
    assert sum(one["made"] for one in summed) == len(made)
    assert sum(one[name] for one in summed for name in referrals.BECAME) == len(made)
    assert sum(one["days_waited"] for one in summed) == sum(row["days_to_answer"] or 0 for row in made)


def test_obligations_are_those_of_a_fresh_fold(seen: Seen) -> None:
    told, when, view, asked = seen

    assert obligations.obligations(view, asked) == folded(told.ledger, when)
    assert obligations.obligations(view, asked, everything=True) == folded(told.ledger, when, everything=True)


def test_the_caseload_counts_what_the_registers_list(seen: Seen) -> None:
    told, when, view, asked = seen
    listed = engagements.engagements(view, engagements.Wanted(open_only=True))
    due = [one for one in folded(told.ledger, when) if one["rule"] == "CON-3"]

    for load in caseload.caseload(view, asked):
        own = [one for one in listed if one["practitioner"] == load["practitioner"]]
        opened = {(one["client"], one["engagement"]) for one in own}
        owed = [one for one in due if (one["client"], one["engagements"][0]) in opened]
        ahead = [one["due"] for one in owed if one["status"] == "open"]
        assert load["running"] == sum(one["state"] == "running" for one in own)
        assert load["paused"] == sum(one["state"] == "paused" for one in own)
        assert load["clients"] == len({one["client"] for one in own})
        assert load["next_reassessment"] == min(ahead, default=None)
        assert load["overdue"] == len({one["client"] for one in owed if one["status"] == "overdue"})


def test_licences_are_those_of_each_practitioner(seen: Seen) -> None:
    told, when, view, asked = seen
    rows = licences.licences(view, asked, licences.Wanted())

    for practitioner in sorted({row["practitioner"] for row in rows}):
        expected = practitioner_state(told.ledger, practitioner, when)["licences"]
        own = [row for row in rows if row["practitioner"] == practitioner]
        assert all(same(row, one) for row, one in zip(own, expected, strict=True))


def test_cover_is_what_the_practitioners_file_says_on_each_day(seen: Seen) -> None:
    told, when, view, asked = seen
    practice = told.ledger.at(when).practice
    covered = licences.cover(view, asked, licences.Wanted())

    assert len(covered) > 3
    for one in covered:
        file = practice.practitioner(one["practitioner"])
        now = file.cover(one["place"], asked.day)
        assert (one["status"] in {"covered", "ending"}) == (now is not None)
        assert now is None or now.event.licence == one["licence"]
        if now is not None and one["until"] is not None:
            assert file.cover(one["place"], one["until"]) is not None
            assert file.cover(one["place"], later(one["until"], 1)) is None


def test_a_licence_that_ends_names_the_clients_who_rest_on_it(tell: Tell) -> None:
    told = tell(
        """
        2021-01-04 licence-recorded P-1 L1 valid_until=2024-03-10
        2024-01-08 therapy E1
        """
    )
    when = told.ledger.moment("2024-02-20")
    with (
        closing(Views(told.ledger)) as views,
        views.asked(Question(when, licences.READS, now=False)) as (view, asked),
    ):
        ending = licences.cover(view, asked, licences.Wanted("P-1", 30))
        not_yet = licences.cover(view, asked, licences.Wanted("P-1", 5))

    assert [(one["status"], one["until"], one["clients"]) for one in ending] == [
        ("ending", "2024-03-10", ["C-1"])
    ]
    assert [one["status"] for one in not_yet] == ["covered"]


def test_disclosures_look_back_six_years(seen: Seen) -> None:
    _, _, view, asked = seen
    rows = disclosures.disclosures(view, disclosures.look_back(asked.day), asked.day)

    assert [row["made_at"] for row in rows] == sorted(row["made_at"] for row in rows)
    assert disclosures.disclosures(view, "2040-01-01", "2041-01-01") == []
    assert disclosures.look_back("2024-02-29") == "2018-02-28"
    assert disclosures.look_back("2025-06-01") == "2019-06-01"


def test_overrides_and_refusals_are_those_of_the_audit(tell: Tell) -> None:
    told = tell(
        """
        2024-01-08 therapy E1
        2024-02-05 10:00 engagement-opened E2 service=coaching override=director override.reason="by phone"
        """
    )
    again = {
        "type": "EngagementOpened",
        "by": "desk",
        "client": "C-1",
        "engagement": "E3",
        "practitioner": "P-1",
    }
    now = told.ledger.moment().as_of
    with pytest.raises(RefusedError):
        told.ledger.record([state(again | {"service": "coaching", "focus": ["goals"], "occurred_at": now})])
    when = told.ledger.moment()

    document = audit(told.ledger, AuditQuestion(when))

    with closing(Views(told.ledger)) as views, views.asked(Question(when, ("overrides",))) as (view, _):
        assert overrides.overrides(view) == document["overrides"] != []
        assert overrides.refusals(view) == document["refusals"] != []
