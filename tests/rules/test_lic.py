"""LIC: licensed where the client is."""

import pytest

from tests.rules.telling import judge_story, table

LICENCE = "2021-01-04 licence-recorded P-1 L1 "
THERAPY = "\n2024-01-08 therapy E1"


# -- cover, as LIC-1 asks for it --------------------------------------------------------------------------


@table(
    ("always", LICENCE, []),
    ("from this day on", LICENCE + "valid_from=2024-01-08", []),
    ("from tomorrow on", LICENCE + "valid_from=2024-01-09", ["gate"]),
    ("until this day", LICENCE + "valid_until=2024-01-08", []),
    ("until yesterday", LICENCE + "valid_until=2024-01-07", ["gate"]),
    ("one of several places", LICENCE + "US-SC,US-NC", []),
    ("another place", LICENCE + "US-SC", ["gate"]),
    ("a colleague's licence", LICENCE.replace("P-1", "P-2") + "\n" + LICENCE + "US-SC", ["gate"]),
    ("two licences", LICENCE + "US-SC\n2021-01-04 licence-recorded P-1 L2", []),
    ("recorded later, valid before", "2024-06-03 licence-recorded P-1 L1 valid_from=2024-01-08", []),
    ("exemption", LICENCE + "basis=exemption", []),
    ("suspended from this day on", "2024-01-01 licence-status-changed P-1 L1 suspended 2024-01-08", ["gate"]),
    ("suspended from tomorrow on", "2024-01-01 licence-status-changed P-1 L1 suspended 2024-01-09", []),
    ("revoked", "2024-01-01 licence-status-changed P-1 L1 revoked", ["gate"]),
    ("surrendered", "2024-01-01 licence-status-changed P-1 L1 surrendered", ["gate"]),
    ("expired", "2024-01-01 licence-status-changed P-1 L1 expired", ["gate"]),
    ("declared active", "2024-01-01 licence-status-changed P-1 L1 active", []),
)
def test_therapy_opens_under_cover_for_its_place(story: str, expected: list[str]) -> None:
    assert judge_story(story + THERAPY).kinds("LIC-1") == expected


@table(
    ("the client's place", "therapy E1", "US-NC"),
    ("the engagement's own", "therapy E1 jurisdiction=US-SC", "US-SC"),
)
def test_the_place_is_the_engagements_else_the_clients(story: str, expected: str) -> None:
    verdict = judge_story(f"{LICENCE}US-VA\n2024-01-08 {story}")

    assert f"a licence for {expected} on 2024-01-08" in verdict.says("LIC-1")


@table(
    (
        "moved an instant before",
        "2024-01-08 12:00 client-relocated US-SC" + "\n2024-01-08 12:00 therapy E1",
        ["gate"],
    ),
    ("moved an instant after", "2024-01-08 12:00 therapy E1\n2024-01-08 12:00 client-relocated US-SC", []),
    (
        "moved away and back",
        "2024-01-05 client-relocated US-SC\n2024-01-06 client-relocated US-NC" + THERAPY,
        [],
    ),
    ("registered later", "2024-01-09 client-registered C-1" + THERAPY, ["gate"]),
    ("registered at that instant", "2024-01-08 12:00 client-registered C-1\n2024-01-08 12:00 therapy E1", []),
    (
        "resumed after a move",
        (
            "2024-01-08 therapy E1\n"
            "2024-02-05 engagement-paused E1\n"
            "2024-02-06 client-relocated US-SC\n"
            "2024-02-12 engagement-resumed E1"
        ),
        ["gate"],
    ),
    (
        "resumed at home",
        "2024-01-08 therapy E1\n2024-02-05 engagement-paused E1\n2024-02-12 engagement-resumed E1",
        [],
    ),
    ("coaching", LICENCE + "US-SC\n2024-01-08 coaching E1", []),
)
def test_the_clients_place_is_the_latest_by_then(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("LIC-1") == expected


def test_what_shows_cover_and_what_its_lack_rests_on() -> None:
    assert judge_story("2024-01-08 therapy E1").shown("LIC-1") == [
        "LicenceRecorded L1",
        "ClientRegistered C-1",
    ]
    (ruling,) = [
        ruling
        for rulings in judge_story("2024-01-08 therapy E1").judgement.rulings.values()
        for rule, ruling in rulings
        if rule.id == "LIC-1"
    ]
    assert ruling.message == "P-1 was licensed for US-NC"
    assert judge_story("2024-01-05 client-relocated US-SC" + THERAPY).rests_on("LIC-1") == [
        "EngagementOpened E1",
        "ClientRelocated C-1",
    ]
    assert judge_story("2024-01-09 client-registered C-1" + THERAPY).rests_on("LIC-1") == [
        "EngagementOpened E1"
    ]


# -- LIC-2 ------------------------------------------------------------------------------------------------

HELD = "2024-01-08 therapy E1\n2024-01-15 10:00 session-held E1 "


@table(
    ("at home", HELD, []),
    ("elsewhere", HELD + "jurisdiction=US-SC", ["violation"]),
    ("elsewhere, for a crisis", HELD + "jurisdiction=US-SC purpose=crisis", ["violation"]),
    ("moved before", "2024-01-12 client-relocated US-SC\n" + HELD, ["violation"]),
    (
        "engagement elsewhere, covered at the client's",
        HELD.replace("E1\n", "E1 jurisdiction=US-SC\n", 1),
        ["violation"],
    ),
    (
        "engagement elsewhere, session at home",
        HELD.replace("E1\n", "E1 jurisdiction=US-SC\n", 1) + "jurisdiction=US-NC",
        [],
    ),
    ("last day", LICENCE + "valid_until=2024-01-15\n" + HELD, []),
    ("the day after", LICENCE + "valid_until=2024-01-14\n" + HELD, ["violation"]),
    ("coaching", HELD.replace("therapy", "coaching") + "jurisdiction=US-SC", []),
    ("no place on record", "2024-01-16 client-registered C-1\n" + HELD, ["violation"]),
    ("its engagement was retracted", HELD.replace("E1\n", "E1 source=x\n", 1) + "\n2024-01-16 retract x", []),
)
def test_a_therapy_session_is_held_under_cover_for_where_the_client_was(
    story: str, expected: list[str]
) -> None:
    assert judge_story(story).kinds("LIC-2") == expected


def test_it_says_where() -> None:
    assert "a licence for US-SC on 2024-01-15" in judge_story(HELD + "jurisdiction=US-SC").says("LIC-2")
    assert "a place not on record" in judge_story("2024-01-16 client-registered C-1\n" + HELD).says("LIC-2")


# -- LIC-3 ------------------------------------------------------------------------------------------------

OPEN = "2024-01-08 therapy E1\n"
MOVED = OPEN + "2024-03-04 10:00 client-relocated US-SC\n"
ENDING = LICENCE + "valid_until=2024-03-03\n" + OPEN
ASKED = "\n2024-04-30 today"


@table(
    ("never lost", OPEN, []),
    ("never had", LICENCE + "US-SC\n" + OPEN, []),
    ("moved, fourteenth day", MOVED + "2024-03-18 today", ["open"]),
    ("moved, fifteenth day", MOVED + "2024-03-19 today", ["overdue"]),
    ("ran out, fourteenth day", ENDING + "2024-03-18 today", ["open"]),
    ("ran out, fifteenth day", ENDING + "2024-03-19 today", ["overdue"]),
    ("the last day of the licence", ENDING + "2024-03-03 today", []),
    ("closed on the fourteenth day", MOVED + "2024-03-18 engagement-closed E1", ["met"]),
    ("closed on the fifteenth day", MOVED + "2024-03-19 engagement-closed E1", ["late"]),
    ("closed on the day of the move", MOVED + "2024-03-04 engagement-closed E1", ["met"]),
    (
        "closed an hour before the move",
        OPEN + "2024-03-04 09:00 engagement-closed E1\n2024-03-04 10:00 client-relocated US-SC",
        [],
    ),
    ("closed on the last covered day", ENDING + "2024-03-03 engagement-closed E1", []),
    ("closed on the first uncovered day", ENDING + "2024-03-04 engagement-closed E1", ["met"]),
    ("moved back on the fourteenth day", MOVED + "2024-03-18 client-relocated US-NC", ["met"]),
    ("moved back on the fifteenth day", MOVED + "2024-03-19 client-relocated US-NC", ["late"]),
    ("moved on to a third place", MOVED + "2024-03-11 client-relocated US-VA", ["overdue"]),
    ("moved away and back on one day", MOVED + "2024-03-04 11:00 client-relocated US-NC", []),
    (
        "moved twice, cover lost twice",
        MOVED + "2024-03-11 client-relocated US-NC\n2024-04-01 client-relocated US-SC",
        ["met", "overdue"],
    ),
    (
        "a licence for the new place",
        MOVED
        + "2024-03-11 licence-recorded P-1 L1\n2024-03-11 licence-recorded P-1 L9 US-SC valid_from=2024-03-18",
        ["met"],
    ),
    (
        "a licence for the new place, a day late",
        MOVED
        + "2024-03-11 licence-recorded P-1 L1\n2024-03-11 licence-recorded P-1 L9 US-SC valid_from=2024-03-19",
        ["late"],
    ),
    ("renewed without a gap", ENDING + "2024-03-01 licence-recorded P-1 L1 valid_from=2024-03-04", []),
    (
        "renewed with a gap of a day",
        ENDING + "2024-03-01 licence-recorded P-1 L1 valid_from=2024-03-05",
        ["met"],
    ),
    ("suspended", OPEN + "2024-03-04 licence-status-changed P-1 L1 suspended", ["overdue"]),
    (
        "suspended and active again",
        OPEN
        + "2024-03-04 licence-status-changed P-1 L1 suspended\n2024-03-18 licence-status-changed P-1 L1 active",
        ["met"],
    ),
    ("suspended before the opening", "2024-01-05 licence-status-changed P-1 L1 suspended\n" + OPEN, []),
    (
        "lost on the day of the opening, after it",
        "2024-01-08 11:00 therapy E1\n2024-01-08 client-relocated US-SC",
        ["overdue"],
    ),
    (
        "lost after the closing",
        OPEN + "2024-03-03 engagement-closed E1\n2024-03-04 client-relocated US-SC",
        [],
    ),
    (
        "engagement with a place of its own",
        "2024-01-08 therapy E1 jurisdiction=US-NC\n2024-03-04 client-relocated US-SC",
        [],
    ),
    ("coaching", MOVED.replace("therapy", "coaching"), []),
    ("not adopted", "2021-01-04 policy-adopted recommended drops=LIC-3\n" + MOVED, []),
    (
        "ten days",
        "2021-01-04 policy-adopted recommended parameters.licence_gap_days=10\n"
        + MOVED
        + "2024-03-15 engagement-closed E1",
        ["late"],
    ),
)
def test_a_lost_cover_is_put_right(story: str, expected: list[str]) -> None:
    assert judge_story(story + ("" if "today" in story else ASKED)).statuses("LIC-3") == expected


PAUSE = MOVED + "2024-03-11 12:00 engagement-paused E1\n"


@table(
    ("paused only", PAUSE, ["overdue"]),
    ("referred only", MOVED + "2024-03-11 referral-made R1", ["overdue"]),
    ("both", PAUSE + "2024-03-12 referral-made R1", ["met"]),
    ("both on the fourteenth day", PAUSE + "2024-03-18 referral-made R1", ["met"]),
    ("referred on the fifteenth day", PAUSE + "2024-03-19 referral-made R1", ["late"]),
    (
        "referred since the opening, before the move",
        OPEN + "2024-02-05 referral-made R1\n" + PAUSE.replace(OPEN, ""),
        ["met"],
    ),
    ("referred before the opening", "2024-01-05 referral-made R1\n" + PAUSE, ["overdue"]),
    ("referred for coaching", PAUSE + "2024-03-12 referral-made R1 service=coaching", ["overdue"]),
    (
        "resumed before the referral",
        PAUSE + "2024-03-12 engagement-resumed E1\n2024-03-13 referral-made R1",
        ["overdue"],
    ),
    (
        "resumed after the referral",
        PAUSE + "2024-03-12 referral-made R1\n2024-03-13 engagement-resumed E1",
        ["met"],
    ),
    (
        "paused since before the move",
        OPEN + "2024-02-05 engagement-paused E1\n2024-02-06 referral-made R1\n" + MOVED.replace(OPEN, ""),
        ["met"],
    ),
    (
        "the pause ended on the day before the move",
        OPEN
        + "2024-02-05 engagement-paused E1\n2024-02-06 referral-made R1\n2024-03-03 engagement-resumed E1\n"
        + MOVED.replace(OPEN, ""),
        ["overdue"],
    ),
    (
        "the pause ended on the day of the move",
        OPEN
        + "2024-02-05 engagement-paused E1\n2024-02-06 referral-made R1\n2024-03-04 11:00 engagement-resumed E1\n"
        + MOVED.replace(OPEN, ""),
        ["met"],
    ),
)
def test_paused_with_a_therapy_referral_puts_it_right(story: str, expected: list[str]) -> None:
    assert judge_story(story + ASKED).statuses("LIC-3") == expected


@table(
    (
        "by the closing",
        MOVED + "2024-03-18 engagement-closed E1",
        ("2024-03-18", "2024-03-18", ["EngagementClosed"]),
    ),
    (
        "by pause and referral",
        PAUSE + "2024-03-12 referral-made R1\n2024-03-14 engagement-closed E1",
        ("2024-03-18", "2024-03-12", ["EngagementPaused", "ReferralMade"]),
    ),
    ("by moving back", MOVED + "2024-03-08 client-relocated US-NC", ("2024-03-18", "2024-03-08", [])),
    (
        "paused long before",
        OPEN + "2024-02-05 engagement-paused E1\n2024-02-06 referral-made R1\n" + MOVED.replace(OPEN, ""),
        ("2024-03-18", "2024-03-04", ["EngagementPaused", "ReferralMade"]),
    ),
    (
        "the first of two ways",
        PAUSE + "2024-03-13 referral-made R1\n2024-03-12 engagement-closed E1",
        ("2024-03-18", "2024-03-12", ["EngagementClosed"]),
    ),
)
def test_it_is_met_on_the_first_day(story: str, expected: tuple[str, str, list[str]]) -> None:
    (one,) = judge_story(story + ASKED).obligations("LIC-3")

    assert (one.due.due, one.due.met_on, [fact.entry.type for fact in one.due.met_by]) == expected
    assert (one.due.engagement, one.due.practitioner) == ("E1", "P-1")


@table(
    (
        "a move",
        OPEN + "2024-03-04 client-relocated US-SC recorded@2024-03-11",
        ("ClientRelocated", "2024-03-25"),
    ),
    (
        "the last move of the day",
        OPEN + "2024-03-04 10:00 client-relocated US-SC recorded@2024-03-11\n"
        "2024-03-04 11:00 client-relocated US-SC recorded@2024-03-12",
        ("ClientRelocated", "2024-03-26"),
    ),
    (
        "an earlier move did no harm",
        OPEN + "2024-02-05 client-relocated US-NC\n2024-03-04 client-relocated US-SC recorded@2024-03-11",
        ("ClientRelocated", "2024-03-25"),
    ),
    (
        "a suspension, recorded when it was over",
        OPEN + "2024-03-04 licence-status-changed P-1 L1 suspended recorded@2024-04-02",
        ("LicenceStatusChanged", "2024-04-16"),
    ),
    (
        "a suspension said early",
        OPEN + "2024-02-05 licence-status-changed P-1 L1 suspended 2024-03-04",
        ("LicenceStatusChanged", "2024-03-18"),
    ),
    (
        "an earlier status of another day",
        OPEN
        + "2024-02-01 licence-status-changed P-1 L1 active\n2024-03-04 licence-status-changed P-1 L1 revoked",
        ("LicenceStatusChanged", "2024-03-18"),
    ),
    (
        "a second status of the day",
        OPEN
        + "2024-03-04 licence-status-changed P-1 L1 suspended\n"
        + "2024-03-04 licence-status-changed P-1 L1 revoked recorded@2024-03-06",
        ("LicenceStatusChanged", "2024-03-20"),
    ),
    ("the end of the licence", ENDING, ("LicenceRecorded", "2024-03-18")),
    (
        "the end of the licence, entered late",
        OPEN + "2021-01-04 licence-recorded P-1 L1 valid_until=2024-03-03 recorded@2024-03-20",
        ("LicenceRecorded", "2024-04-03"),
    ),
    (
        "not the licence that ended before",
        LICENCE
        + "valid_until=2023-12-31\n2021-01-04 licence-recorded P-1 L2 valid_until=2024-03-03\n"
        + OPEN,
        ("LicenceRecorded", "2024-03-18"),
    ),
    (
        "the last of two licences that end together",
        LICENCE
        + "valid_until=2024-03-03\n"
        + OPEN
        + "2024-02-05 licence-recorded P-1 L2 valid_until=2024-03-03 recorded@2024-03-10\n",
        ("LicenceRecorded", "2024-03-24"),
    ),
    (
        "as found: the day it happened",
        OPEN + "2024-03-04 client-relocated US-SC admitted=as-found recorded@2024-04-02",
        ("ClientRelocated", "2024-03-18"),
    ),
)
def test_it_counts_from_the_loss_or_the_recording_of_its_cause(story: str, expected: tuple[str, str]) -> None:
    (one,) = judge_story(story + ASKED).obligations("LIC-3")

    assert (one.due.cause.entry.type, one.due.due) == expected


def test_a_move_is_no_cause_where_the_engagement_has_its_own_place() -> None:
    story = "2024-01-08 therapy E1 jurisdiction=US-NC\n2024-03-04 09:00 client-relocated US-SC recorded@2024-04-02\n"
    (one,) = judge_story(LICENCE + "valid_until=2024-03-03\n" + story + ASKED).obligations("LIC-3")

    assert (one.due.cause.entry.type, one.due.due) == ("LicenceRecorded", "2024-03-18")


@pytest.mark.parametrize(("adopted", "statuses"), [("2024-03-04", ["overdue"]), ("2024-03-05", [])])
def test_the_policy_of_the_day_of_the_loss_applies(adopted: str, statuses: list[str]) -> None:
    # Given a licence whose end was on record for years, and a rule adopted around the day it ended
    story = f"{adopted} policy-adopted recommended\n{ENDING}{ASKED}"

    assert judge_story(story).statuses("LIC-3") == statuses


# -- LIC-4 ------------------------------------------------------------------------------------------------


@table(
    ("at home", "2024-01-08 coaching E1", []),
    ("another state", "2024-01-08 coaching E1 jurisdiction=US-SC", ["advice"]),
    ("the client moved before", "2024-01-05 client-relocated US-SC\n2024-01-08 coaching E1", ["advice"]),
    ("licence ended", LICENCE + "valid_until=2024-01-07\n2024-01-08 coaching E1 jurisdiction=US-SC", []),
    (
        "licence on its last day",
        LICENCE + "valid_until=2024-01-08\n2024-01-08 coaching E1 jurisdiction=US-SC",
        ["advice"],
    ),
    ("therapy", "2024-01-08 therapy E1 jurisdiction=US-SC", []),
    ("no place on record", "2024-01-09 client-registered C-1\n2024-01-08 coaching E1", []),
    ("never licensed", "2021-01-04 practitioner-registered P-3\n2024-01-08 coaching E1 with=P-3", []),
)
def test_a_licensed_therapist_coaching_where_no_licence_reaches_is_advised(
    story: str, expected: list[str]
) -> None:
    assert judge_story(story).kinds("LIC-4") == expected


def test_the_advice_names_the_place_and_the_licence() -> None:
    verdict = judge_story("2024-01-05 client-relocated US-SC\n2024-01-08 coaching E1")

    assert "E1 for US-SC, where P-1" in verdict.says("LIC-4")
    assert verdict.rests_on("LIC-4") == ["EngagementOpened E1", "LicenceRecorded L1", "ClientRelocated C-1"]
