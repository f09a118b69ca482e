"""Replay: every entry in effective order, and what it changed in the case."""

import json
from typing import Any

from projections.dates import Dates
from projections.replay import replay
from tests.projections.conftest import Run, Tell, Told

STORY = """
    2021-01-05 actor-registered director
    2024-01-08 coaching E1
    2024-03-04 09:00 concern-raised E1 K1
    2024-03-05 09:00 engagement-paused E1
    2024-03-05 10:00 referral-made R1
    2024-03-12 09:00 referral-answered R1
    2024-06-03 09:00 referral-concluded R1 stable=yes
    2024-06-04 09:00 concern-resolved K1 outside-therapist-report
    2024-06-10 09:00 engagement-resumed E1 concern-resolved
    2024-09-02 09:00 engagement-closed E1
"""


def steps(told: Told, **asked: str) -> list[dict[str, Any]]:
    """The steps of C-1 as JSON values."""
    when = told.ledger.moment(asked.get("as_of"), asked.get("known_at"))
    found: list[dict[str, Any]] = replay(told.ledger, "C-1", when, Dates(told.ledger.calendar)).document()[
        "steps"
    ]
    return found


def changed(found: list[dict[str, Any]]) -> list[tuple[str, str, str | None, str]]:
    """Entry type, thing, before and after of every change."""
    return [
        (one["entry"]["type"], change["thing"], change["before"], change["after"])
        for one in found
        for change in one["changed"]
    ]


def test_each_step_says_what_it_changed(tell: Tell) -> None:
    assert changed(steps(tell(STORY))) == [
        ("AgreementIssued", "coaching contract A1", None, "issued"),
        ("AgreementSigned", "coaching contract A1", "issued", "live"),
        ("EngagementOpened", "coaching E1", None, "running"),
        ("ConcernRaised", "concern K1", None, "unresolved"),
        ("EngagementPaused", "coaching E1", "running", "paused"),
        ("ReferralMade", "referral R1", None, "unanswered"),
        ("ReferralAnswered", "referral R1", "unanswered", "accepted"),
        ("ReferralConcluded", "referral R1", "accepted", "concluded"),
        ("ConcernResolved", "concern K1", "unresolved", "resolved"),
        ("EngagementResumed", "coaching E1", "paused", "running"),
        ("EngagementClosed", "coaching E1", "running", "closed"),
    ]


def test_the_last_step_shows_how_everything_stands(tell: Tell) -> None:
    assert steps(tell(STORY))[-1]["standing"] == {
        "coaching E1": "closed",
        "coaching contract A1": "live",
        "referral R1": "concluded",
        "concern K1": "resolved",
    }


def test_an_entry_recorded_late_takes_its_place_in_effective_order(tell: Tell) -> None:
    told = tell(
        """
        2024-01-08 therapy E1
        2024-03-04 09:00 session-held E1 S2 video
        2024-02-05 09:00 session-held E1 S1 video recorded@2024-03-05
        """
    )

    sessions = [one["entry"]["data"]["session"] for one in steps(told) if "session" in one["entry"]["data"]]
    assert sessions == ["S1", "S2"]


def test_an_act_that_does_not_fit_changes_nothing_and_says_why(tell: Tell) -> None:
    told = tell(
        """
        2021-01-05 actor-registered director
        2024-01-08 coaching E1
        2024-02-05 09:00 engagement-resumed E1 override=director override.reason="clicked twice"
        """
    )

    last = steps(told)[-1]
    assert last["changed"] == []
    assert last["unfit"] == "engagement E1 is not paused"
    assert "SEQ-1" in [one["rule"] for one in last["findings"]]


def test_what_the_passing_of_a_last_day_changed_is_not_laid_to_the_entry(tell: Tell) -> None:
    told = tell(
        """
        2024-01-08 coaching E1 agreement.valid_until=2024-01-31
        2024-02-05 09:00 session-held E1 S1 video
        """
    )

    assert steps(told)[-1]["changed"] == [
        {"thing": "coaching contract A1", "before": "live", "after": "expired", "cause": "time"}
    ]


def test_the_retracted_step_is_shown_and_changes_nothing(tell: Tell) -> None:
    told = tell(
        """
        2024-01-08 coaching E1
        2024-02-05 09:00 engagement-paused E1 source=pause
        2024-02-06 09:00 retract pause
        """
    )

    paused = next(one for one in steps(told) if one["entry"]["type"] == "EngagementPaused")
    assert paused["entry"]["marks"] == ["retracted"]
    assert paused["changed"] == []
    assert steps(told)[-1]["standing"]["coaching E1"] == "running"
    known_before = steps(told, known_at="2024-02-05")
    assert known_before[-1]["standing"]["coaching E1"] == "paused"


def test_piped_it_prints_every_step(tell: Tell, run: Run) -> None:
    told = tell(STORY)

    printed = run(told, "replay", "C-1").out

    count = len(json.loads(run(told, "replay", "C-1", "--json").out)["steps"])
    assert printed.count("\nStep ") == count
    assert "coaching E1: running -> paused" in printed
    assert max(map(len, printed.splitlines())) <= 80
