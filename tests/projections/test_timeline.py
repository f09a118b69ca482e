"""The timeline: sentences for every type of entry, marks, and originals that stay visible."""

import json
from typing import Any

import pytest

from ledger.events.registry import EVENT_TYPES
from ledger.values import Calendar
from projections.clauses_client import engagement_closed
from projections.context import Context
from projections.dates import Dates
from projections.sentences import CLAUSES
from projections.timeline import document, timeline
from tests.projections.conftest import Run, Tell, Told

STORY = """
    2021-01-05 actor-registered director
    2024-01-08 therapy E1
    2024-02-01 09:00 session-held E1 S1 video minutes=50 source=short
    2024-02-08 session-held E1 S2 in-person source=twice recorded@2024-02-20
    2024-02-08 09:00 session-held E1 S3 in-person recorded@2024-02-08
    2024-03-01 10:00 correct short minutes=45
    2024-03-01 11:00 retract twice
    2024-06-03 10:00 coaching E2 override=director override.reason="the client asked"
"""


def lines(told: Told, **asked: str) -> list[dict[str, Any]]:
    """The timeline of C-1 as JSON values."""
    when = told.ledger.moment(asked.get("as_of"), asked.get("known_at"))
    found = timeline(told.ledger, "C-1", when, Dates(told.ledger.calendar))
    entries: list[dict[str, Any]] = document("C-1", found, when)["entries"]
    return entries


def session(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(one for one in found if one["data"].get("session") == name)


def test_every_event_type_has_its_clause() -> None:
    assert set(CLAUSES) == set(EVENT_TYPES)


def test_an_entry_is_one_sentence_with_when_who_what_and_its_recording(tell: Tell) -> None:
    found = lines(tell("2024-01-08 therapy E1\n2024-06-03 10:00 engagement-closed E1 stable=yes"))

    assert found[-1]["sentence"] == (
        "On 3 June 2024 at 10:00 P-1 closed therapy E1: goals met, stable; recorded the same day by front-desk."
    )
    assert found[-1]["marks"] == []


def test_a_corrected_entry_says_what_it_said_and_what_it_says_now(tell: Tell) -> None:
    found = session(lines(tell(STORY)), "S1")

    assert found["marks"] == ["corrected"]
    assert "(45 minutes)" in found["sentence"]
    assert "(50 minutes)" in found["said"]
    (change,) = found["changes"]
    assert (change["field"], change["was"], change["now"]) == ("minutes", 50, 45)
    assert change["corrected_by"]["stream"] == "client/C-1"


def test_a_retracted_entry_stays_listed_marked_and_says_by_which(tell: Tell) -> None:
    found = lines(tell(STORY))

    retracted = session(found, "S2")
    assert retracted["marks"] == ["retracted", "late", "day only"]
    by = next(one for one in found if one["seq"] == retracted["retracted_by"]["seq"])
    assert by["type"] == "EntryCorrected"
    assert "was retracted (mistaken)" in by["sentence"]


def test_late_and_day_only_entries_are_marked(tell: Tell) -> None:
    found = lines(tell("2024-01-08 therapy E1\n2024-02-08 session-held E1 S1 video recorded@2024-02-12"))

    assert session(found, "S1")["marks"] == ["late", "day only"]
    assert "recorded 4 days later by front-desk" in session(found, "S1")["sentence"]


def test_an_entry_recorded_within_the_practices_limit_is_not_late(tell: Tell) -> None:
    found = lines(
        tell("2024-01-08 therapy E1\n2024-02-08 09:00 session-held E1 S1 video recorded@2024-02-11T09:00")
    )

    assert session(found, "S1")["marks"] == []


def test_an_overridden_entry_is_marked_and_says_on_whose_authority(tell: Tell) -> None:
    found = lines(tell(STORY))[-1]

    assert found["marks"] == ["overridden"]
    assert "on the authority of director: the client asked." in found["sentence"]
    assert "against ROLE-1" in found["sentence"]


def test_before_the_correction_was_known_the_entry_is_as_first_recorded(tell: Tell) -> None:
    found = session(lines(tell(STORY), known_at="2024-02-29"), "S1")

    assert found["marks"] == []
    assert found["said"] is None
    assert "(50 minutes)" in found["sentence"]


def test_what_had_not_happened_yet_is_not_told(tell: Tell) -> None:
    told = tell(STORY)

    assert all(one["occurred_at"] <= "2024-02-08" for one in lines(told, as_of="2024-02-07"))
    assert session(lines(told, as_of="2024-02-07"), "S1")["marks"] == ["corrected"]


def test_imported_history_is_marked_as_found(lakeside: Told) -> None:
    when = lakeside.ledger.moment("2025-12-31")
    found = timeline(lakeside.ledger, "C-WILLOW", when, Dates(lakeside.ledger.calendar))

    marks = {mark for line in found.lines for mark in line.marks}
    assert marks == {"as found", "corrected"}


def test_times_are_shown_in_the_practices_zone_or_the_one_asked_for(tell: Tell, run: Run) -> None:
    told = tell("2024-01-08 therapy E1", time_zone="America/New_York")

    assert "8 January 2024 at 07:00 P-1 opened therapy E1" in " ".join(
        run(told, "timeline", "C-1").out.split()
    )
    there = run(told, "--tz", "Asia/Tokyo", "timeline", "C-1")
    assert "8 January 2024 at 21:00 P-1 opened therapy E1" in " ".join(there.out.split())
    assert run(told, "--tz", "Nowhere/Else", "timeline", "C-1").code == 2


# -- sealed texts -----------------------------------------------------------------------------------------


def test_sealed_texts_are_named_and_withheld_unless_asked_for(lakeside: Told, run: Run) -> None:
    withheld = run(lakeside, "timeline", "C-BIRCH", "--json")
    revealed = run(lakeside, "timeline", "C-BIRCH", "--reveal", "--json")

    registered = json.loads(withheld.out)["entries"][0]["data"]
    assert registered["name"] == "sealed: identity"
    intake = next(one for one in json.loads(withheld.out)["entries"] if one["type"] == "IntakeCompleted")
    assert intake["data"]["rationale"] == "sealed: therapy"
    opened = json.loads(revealed.out)["entries"][0]["data"]
    assert opened["name"] != "sealed: identity"
    assert opened["name"] not in withheld.out


def test_without_the_role_file_nothing_is_revealed(
    lakeside: Told, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", "no-such.role")

    ran = run(lakeside, "timeline", "C-BIRCH", "--reveal", "--json")

    assert json.loads(ran.out)["entries"][0]["data"]["name"] == "sealed: identity"


def test_a_corrected_sealed_text_shows_neither_version(tell: Tell, run: Run) -> None:
    told = tell(
        """
        2024-01-08 therapy E1
        2024-03-04 09:00 concern-raised E1 K1 watch "restless at night" source=concern
        2024-03-05 09:00 correct concern details="asleep by ten"
        """
    )

    found = json.loads(run(told, "timeline", "C-1", "--json").out)
    change = next(one for one in found["entries"] if one["type"] == "ConcernRaised")["changes"]
    assert [(one["was"], one["now"]) for one in change] == [("sealed: therapy", "sealed: therapy")]
    revealed = run(told, "timeline", "C-1", "--reveal").out
    assert "asleep by ten" in revealed


# -- words ------------------------------------------------------------------------------------------------


def test_a_closing_without_its_opening_is_still_told() -> None:
    class Closed:
        engagement = "E9"
        reason = "scope"
        goals_met = False
        stable = "no"
        summary_sha256 = None

    assert engagement_closed(Closed(), Context()) == (
        "the practitioner closed engagement E9: scope, goals not met, not stable"
    )


def test_days_are_named_and_ends_of_days_are_called_so() -> None:
    dates = Dates(Calendar("America/New_York"))

    assert dates.words("2026-03-02") == "2 March 2026"
    assert dates.words("2026-03-02T20:00:00.000000Z") == "2 March 2026 at 15:00"
    assert dates.moment("2026-03-03T04:59:59.999999Z") == "the end of 2 March 2026"
    assert dates.days_late("2026-03-02", "2026-03-03T04:59:59.000000Z") == 0
    assert dates.days_late("2026-03-02", "2026-03-03T05:00:00.000000Z") == 1
