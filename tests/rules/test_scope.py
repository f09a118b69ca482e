"""SCOPE: clinical concerns, competence, coaching."""

from tests.rules.telling import judge_story, table

COACHING = "2024-01-08 coaching E1\n"
RAISED = COACHING + "2024-03-04 10:40 concern-raised E1 K1\n"
PAUSED = RAISED + "2024-03-05 12:00 engagement-paused E1\n"
RESUMED = "\n2024-04-08 12:00 engagement-resumed E1"
OPENED = "\n2024-06-10 12:00 coaching E2 with=P-2 no-intake"
SUSPECTED = "2024-01-05 09:00 intake-completed I7 clinical_indication=suspected\n"
REFERRED = "2024-01-15 referral-made R1\n2024-01-16 referral-answered R1\n"


# -- SCOPE-1 ----------------------------------------------------------------------------------------------


@table(
    ("none", "none", []),
    ("past", "past", []),
    ("managed", "managed", []),
    ("suspected", "suspected", ["gate"]),
    ("active", "active", ["gate"]),
)
def test_an_indication_of_the_intake_stands_in_the_way(story: str, expected: list[str]) -> None:
    assert judge_story(f"{COACHING.strip()} intake.clinical_indication={story}").kinds("SCOPE-1") == expected
    assert judge_story(f"2024-01-08 therapy E1 intake.clinical_indication={story}").kinds("SCOPE-1") == []


@table(
    ("nothing", SUSPECTED, ["gate"]),
    (
        "therapy closed stable",
        SUSPECTED + "2024-01-08 therapy E1 intake=I7\n2024-06-03 engagement-closed E1",
        [],
    ),
    (
        "therapy closed, not assessed",
        SUSPECTED + "2024-01-08 therapy E1 intake=I7\n2024-06-03 engagement-closed E1 stable=not-assessed",
        ["gate"],
    ),
    (
        "coaching closed stable",
        SUSPECTED + "2024-01-08 coaching E1 intake=I7\n2024-06-03 engagement-closed E1",
        ["gate", "gate"],
    ),
    (
        "therapy closed before the intake",
        "2023-09-04 therapy E1\n2024-01-04 engagement-closed E1\n" + SUSPECTED,
        ["gate"],
    ),
    (
        "therapy closed after the opening",
        SUSPECTED + "2023-09-04 therapy E1 intake=I7\n2024-06-11 engagement-closed E1\n",
        [],
    ),
    ("therapy referral concluded stable", SUSPECTED + REFERRED + "2024-05-06 referral-concluded R1", []),
    (
        "therapy referral concluded, not stable",
        SUSPECTED + REFERRED + "2024-05-06 referral-concluded R1 stable=no",
        ["gate"],
    ),
    (
        "coaching referral concluded stable",
        SUSPECTED + REFERRED.replace("R1\n", "R1 service=coaching\n", 1) + "2024-05-06 referral-concluded R1",
        ["gate"],
    ),
    ("referral not answered", SUSPECTED + "2024-01-15 referral-made R1", ["gate"]),
    ("a later intake: none", SUSPECTED + "2024-05-06 intake-completed I8", []),
    ("a later intake: managed", SUSPECTED + "2024-05-06 intake-completed I8 clinical_indication=managed", []),
    (
        "a later intake: active",
        SUSPECTED + "2024-05-06 intake-completed I8 clinical_indication=active",
        ["gate"],
    ),
    ("an intake after the opening", SUSPECTED + "2024-06-11 intake-completed I8", ["gate"]),
)
def test_what_addresses_the_indication_of_an_intake(story: str, expected: list[str]) -> None:
    assert judge_story(story + OPENED).kinds("SCOPE-1") == expected


@table(
    ("the intake it rests on, not the latest", "I7", ["gate"]),
    ("the latest, which addresses nothing before it", "I8", ["gate"]),
)
def test_both_the_engagements_intake_and_the_latest_count(story: str, expected: list[str]) -> None:
    clean = "2024-01-04 intake-completed I8\n"

    assert (
        judge_story(clean + SUSPECTED + f"2024-01-08 coaching E1 intake={story}").kinds("SCOPE-1") == expected
    )


def test_an_older_intake_is_addressed_by_the_clean_one_after_it() -> None:
    verdict = judge_story(SUSPECTED + "2024-01-06 intake-completed I8\n2024-01-08 coaching E1 intake=I7")

    assert verdict.shown("SCOPE-1") == ["IntakeCompleted I8"]


def test_the_first_recorded_of_several_shows_it() -> None:
    story = (
        SUSPECTED
        + "2024-02-06 intake-completed I8\n2024-02-05 intake-completed I9\n2024-03-04 coaching E1 intake=I7"
    )

    assert judge_story(story).shown("SCOPE-1") == ["IntakeCompleted I8"]


@table(
    ("on a resumption the latest intake counts", "", []),
    ("which says active", "2024-03-18 intake-completed I9 clinical_indication=active\n", ["gate"]),
)
def test_on_a_resumption_the_latest_intake_counts(story: str, expected: list[str]) -> None:
    told = "2024-01-05 coaching E1 intake.clinical_indication=suspected\n2024-02-05 intake-completed I8\n"
    told += "2024-03-04 engagement-paused E1\n" + story + "2024-04-08 engagement-resumed E1 intake=I1"

    assert judge_story(told).kinds("SCOPE-1") == ["gate", *expected]


@table(
    ("unresolved", "", ["gate"]),
    ("assessed-not-clinical", "2024-03-11 concern-resolved K1 assessed-not-clinical", []),
    ("outside-therapist-report", "2024-03-11 concern-resolved K1 outside-therapist-report", []),
    ("therapy-closed-stable", "2024-03-11 concern-resolved K1 therapy-closed-stable", []),
    ("client-left", "2024-03-11 concern-resolved K1 client-left", ["gate"]),
    ("resolved later", "2024-06-11 concern-resolved K1 outside-therapist-report", ["gate"]),
)
def test_a_concern_stands_in_the_way_of_every_coaching(story: str, expected: list[str]) -> None:
    assert judge_story(RAISED + story + OPENED).kinds("SCOPE-1") == expected


def test_only_serious_concerns_raised_before_count() -> None:
    assert judge_story(COACHING + "2024-03-04 concern-raised E1 K1 watch" + OPENED).kinds("SCOPE-1") == []
    assert judge_story(COACHING + "2024-06-11 concern-raised E1 K1 urgent" + OPENED).kinds("SCOPE-1") == []
    assert judge_story(COACHING + "2024-06-09 concern-raised E1 K1 urgent" + OPENED).kinds("SCOPE-1") == [
        "gate"
    ]


@table(
    ("unresolved", "", "clinical concern K1 is unresolved"),
    (
        "left",
        "2024-03-11 concern-resolved K1 client-left",
        "concern K1 was resolved only because the client left",
    ),
    (
        "intake",
        SUSPECTED.replace("01-05", "04-01"),
        "intake I7 says suspected and the clinical concern K1 is unresolved",
    ),
)
def test_it_names_each_indication(story: str, expected: str) -> None:
    verdict = judge_story(RAISED + story + OPENED)

    assert expected in verdict.findings("SCOPE-1")[-1].message


@table(
    ("unresolved, in therapy elsewhere", "", ["OutsideCareNoted C-1"]),
    ("left, in therapy elsewhere", "2024-03-11 concern-resolved K1 client-left", ["OutsideCareNoted C-1"]),
    (
        "resolved, in therapy elsewhere",
        "2024-03-11 concern-resolved K1 assessed-not-clinical",
        ["ConcernResolved K1"],
    ),
)
def test_in_therapy_elsewhere_a_concern_is_addressed(story: str, expected: list[str]) -> None:
    told = RAISED + "2024-03-06 outside-care-noted\n" + story

    assert judge_story(told + OPENED).shown("SCOPE-1") == expected


ELSEWHERE = SUSPECTED + "{care}\n2024-06-10 12:00 coaching E2 intake=I7"


@table(
    ("none", "", ["gate"]),
    ("a colleague's therapy is open", "2024-01-08 therapy E1 with=P-2 intake=I7", []),
    (
        "a colleague's therapy is paused",
        "2024-01-08 therapy E1 with=P-2 intake=I7\n2024-02-05 engagement-paused E1",
        [],
    ),
    (
        "a colleague's therapy is closed",
        "2024-01-08 therapy E1 with=P-2 intake=I7\n2024-02-05 engagement-closed E1 stable=no",
        ["gate"],
    ),
    (
        "a colleague's therapy opens an instant after",
        "2024-06-10 12:00:01 therapy E1 with=P-2 intake=I7",
        ["gate"],
    ),
    ("one's own therapy", "2024-01-08 therapy E1 intake=I7", ["gate"]),
    ("a colleague's coaching", "2024-01-08 coaching E1 with=P-2 intake=I7", ["gate", "gate"]),
    ("outside care", "2024-01-08 outside-care-noted", []),
    ("outside care since this day", "2024-01-08 outside-care-noted since=2024-06-10", []),
    ("outside care from tomorrow on", "2024-01-08 outside-care-noted since=2024-06-11", ["gate"]),
    ("outside care until this day", "2024-01-08 outside-care-noted until=2024-06-10", []),
    ("outside care until yesterday", "2024-01-08 outside-care-noted until=2024-06-09", ["gate"]),
    ("outside care, with P-1 itself", "2024-01-08 outside-care-noted practitioner=P-1", ["gate"]),
    ("outside care, with P-9", "2024-01-08 outside-care-noted practitioner=P-9", []),
    ("outside coaching", "2024-01-08 outside-care-noted coaching", ["gate"]),
    ("referral under way", REFERRED, []),
    ("referral to P-1", REFERRED.replace("R1\n", "R1 P-2 P-1\n", 1), ["gate"]),
    ("referral for coaching", REFERRED.replace("R1\n", "R1 service=coaching\n", 1), ["gate"]),
    ("referral declined by the client", REFERRED.replace("R1\n", "R1 client_answer=declined\n", 1), ["gate"]),
    ("referral declined by the other", REFERRED.replace("answered R1", "answered R1 declined"), ["gate"]),
    (
        "referral answered an instant later",
        "2024-06-10 referral-made R1\n2024-06-10 12:00:01 referral-answered R1",
        ["gate"],
    ),
    ("referral concluded before", REFERRED + "2024-06-09 referral-concluded R1 stable=no", ["gate"]),
    ("referral concluded after", REFERRED + "2024-06-10 12:00:01 referral-concluded R1 stable=no", []),
    (
        "received for therapy by a colleague",
        "2024-01-15 referral-received R1 P-2\n2024-01-16 referral-answered R1",
        [],
    ),
)
def test_therapy_elsewhere_addresses_everything(story: str, expected: list[str]) -> None:
    lines = ELSEWHERE.format(care=story).split("\n")
    last = lines.pop()
    later = [line for line in lines if line.startswith("2024-06-10 12:00:01")]
    told = "\n".join([line for line in lines if line not in later] + [last, *later])

    assert judge_story(told).kinds("SCOPE-1") == expected


# -- SCOPE-2 ----------------------------------------------------------------------------------------------

ASKED = "\n2024-03-31 today"


@table(
    ("nothing done, seventh day", RAISED + "2024-03-11 today", ["open"]),
    ("nothing done, eighth day", RAISED + "2024-03-12 today", ["overdue"]),
    (
        "paused and referred on the seventh day",
        RAISED + "2024-03-11 engagement-paused E1\n2024-03-11 referral-made R1",
        ["met"],
    ),
    (
        "paused on the eighth day",
        RAISED + "2024-03-05 referral-made R1\n2024-03-12 engagement-paused E1",
        ["late"],
    ),
    (
        "referred on the eighth day",
        RAISED + "2024-03-05 engagement-paused E1\n2024-03-12 referral-made R1",
        ["late"],
    ),
    ("closed and referred", RAISED + "2024-03-05 engagement-closed E1\n2024-03-05 referral-made R1", ["met"]),
    ("paused only", RAISED + "2024-03-05 engagement-paused E1", ["overdue"]),
    ("referred only", RAISED + "2024-03-05 referral-made R1", ["overdue"]),
    ("referral declined", PAUSED + "2024-03-05 referral-made R1 client_answer=declined", ["met"]),
    ("referral for coaching", PAUSED + "2024-03-05 referral-made R1 service=coaching", ["overdue"]),
    (
        "referral made before the concern",
        COACHING + "2024-03-04 10:39 referral-made R1\n" + PAUSED.replace(COACHING, ""),
        ["overdue"],
    ),
    ("a therapy opened since", PAUSED + "2024-03-06 therapy E2", ["met"]),
    ("a coaching opened since", PAUSED + "2024-03-06 coaching E2", ["overdue"]),
    (
        "own therapy opened before the concern",
        COACHING + "2024-01-09 therapy E2\n" + PAUSED.replace(COACHING, ""),
        ["overdue"],
    ),
    (
        "in therapy elsewhere before",
        COACHING + "2024-02-05 outside-care-noted\n" + PAUSED.replace(COACHING, ""),
        ["met"],
    ),
    ("in therapy elsewhere since", PAUSED + "2024-03-08 outside-care-noted", ["met"]),
    ("in therapy elsewhere since the eighth day", PAUSED + "2024-03-12 outside-care-noted", ["late"]),
    ("in coaching elsewhere", PAUSED + "2024-03-08 outside-care-noted coaching", ["overdue"]),
    ("in therapy with the coach", PAUSED + "2024-03-08 outside-care-noted practitioner=P-1", ["overdue"]),
    (
        "outside therapy that ended before",
        PAUSED + "2024-03-08 outside-care-noted since=2024-01-01 until=2024-03-03",
        ["overdue"],
    ),
    (
        "outside therapy until the day of the pause",
        PAUSED + "2024-03-08 outside-care-noted since=2024-01-01 until=2024-03-05",
        ["met"],
    ),
    (
        "outside therapy that ended the day before the pause",
        PAUSED + "2024-03-08 outside-care-noted since=2024-01-01 until=2024-03-04",
        ["overdue"],
    ),
    (
        "outside therapy that begins today",
        PAUSED + "2024-03-08 outside-care-noted since=2024-03-31",
        ["late"],
    ),
    (
        "outside therapy that begins tomorrow",
        PAUSED + "2024-03-08 outside-care-noted since=2024-04-01",
        ["overdue"],
    ),
    (
        "found not clinical on the seventh day",
        RAISED + "2024-03-11 concern-resolved K1 assessed-not-clinical",
        ["met"],
    ),
    (
        "found not clinical on the eighth day",
        RAISED + "2024-03-12 concern-resolved K1 assessed-not-clinical",
        ["late"],
    ),
    ("client left on the eighth day", RAISED + "2024-03-12 concern-resolved K1 client-left", ["late"]),
    (
        "a report on the seventh day ends the ground",
        RAISED + "2024-03-11 concern-resolved K1 outside-therapist-report",
        [],
    ),
    (
        "a report on the eighth day",
        RAISED + "2024-03-12 concern-resolved K1 outside-therapist-report",
        ["overdue"],
    ),
    (
        "met, then resolved in time",
        PAUSED + "2024-03-06 referral-made R1\n2024-03-07 concern-resolved K1 outside-therapist-report",
        ["met"],
    ),
    (
        "met and resolved on one day",
        PAUSED + "2024-03-06 referral-made R1\n2024-03-06 concern-resolved K1 outside-therapist-report",
        ["met"],
    ),
    (
        "resolved before it is met",
        PAUSED + "2024-03-07 concern-resolved K1 outside-therapist-report\n2024-03-08 referral-made R1",
        [],
    ),
    (
        "referral made before the concern, accepted after it",
        COACHING
        + "2024-03-04 10:39 referral-made R1\n"
        + PAUSED.replace(COACHING, "")
        + "2024-03-06 referral-answered R1 accepted",
        ["met"],
    ),
    (
        "referral made before the concern, declined after it",
        COACHING
        + "2024-03-04 10:39 referral-made R1\n"
        + PAUSED.replace(COACHING, "")
        + "2024-03-06 referral-answered R1 declined",
        ["overdue"],
    ),
    ("something to watch", COACHING + "2024-03-04 concern-raised E1 K1 watch", []),
    ("urgent", COACHING + "2024-03-04 concern-raised E1 K1 urgent", ["overdue"]),
    ("in therapy", "2024-01-08 therapy E1\n2024-03-04 concern-raised E1 K1", []),
    ("not adopted", "2021-01-04 policy-adopted recommended drops=SCOPE-2\n" + RAISED, []),
    ("adopted since", "2024-03-05 policy-adopted recommended\n" + RAISED, []),
    (
        "the practice allows ten days",
        "2021-01-04 policy-adopted recommended parameters.concern_action_days=10\n"
        + PAUSED
        + "2024-03-14 referral-made R1",
        ["met"],
    ),
)
def test_a_serious_concern_in_coaching_is_acted_on(story: str, expected: list[str]) -> None:
    asked = "" if "today" in story else ASKED

    assert judge_story(story + asked).statuses("SCOPE-2") == expected


@table(
    (
        "paused when it surfaced",
        COACHING
        + "2024-03-01 engagement-paused E1\n2024-03-04 concern-raised E1 K1\n2024-03-05 referral-made R1",
        ["met"],
    ),
    (
        "paused and resumed before it surfaced",
        COACHING + "2024-02-01 engagement-paused E1\n2024-02-08 engagement-resumed E1\n"
        "2024-03-04 concern-raised E1 K1\n2024-03-05 referral-made R1",
        ["overdue"],
    ),
    (
        "referred after the pause had ended",
        PAUSED + "2024-03-06 engagement-resumed E1\n2024-03-07 referral-made R1",
        ["overdue"],
    ),
    (
        "referred on the day the pause ended, after it",
        PAUSED + "2024-03-06 12:00 engagement-resumed E1\n2024-03-06 12:01 referral-made R1",
        ["overdue"],
    ),
    (
        "referred on the day the pause ended, before it",
        PAUSED + "2024-03-06 11:59 referral-made R1\n2024-03-06 12:00 engagement-resumed E1",
        ["met"],
    ),
    (
        "outside therapy begins only after the pause",
        PAUSED + "2024-03-05 13:00 outside-care-noted since=2024-03-09\n2024-03-08 engagement-resumed E1",
        ["overdue"],
    ),
    (
        "outside therapy begins on the pause's last day",
        PAUSED + "2024-03-05 13:00 outside-care-noted since=2024-03-08\n2024-03-08 engagement-resumed E1",
        ["met"],
    ),
    (
        "closed before it was raised",
        COACHING
        + "2024-03-01 engagement-closed E1\n2024-03-04 concern-raised E1 K1\n2024-03-05 referral-made R1",
        ["met"],
    ),
    (
        "both, by the earlier",
        PAUSED + "2024-03-06 referral-made R1\n2024-03-15 concern-resolved K1 assessed-not-clinical",
        ["met"],
    ),
    (
        "both, by the earlier, the other way",
        RAISED
        + "2024-03-12 concern-resolved K1 client-left\n2024-03-14 engagement-closed E1\n2024-03-14 referral-made R1",
        ["late"],
    ),
)
def test_coaching_rests_while_therapy_is_arranged(story: str, expected: list[str]) -> None:
    assert judge_story(story + ASKED).statuses("SCOPE-2") == expected


def test_it_is_met_on_the_day_both_are_there() -> None:
    (met,) = judge_story(PAUSED + "2024-03-12 therapy E3\n2024-03-07 referral-made R1" + ASKED).obligations(
        "SCOPE-2"
    )

    assert (met.due.due, met.due.met_on) == ("2024-03-11", "2024-03-07")
    assert [fact.entry.type for fact in met.due.met_by] == ["EngagementPaused", "ReferralMade"]
    assert (met.due.engagement, met.due.practitioner) == ("E1", "P-1")


def test_the_earliest_way_counts() -> None:
    story = RAISED + "2024-03-14 engagement-paused E1\n2024-03-14 referral-made R1\n"
    (late,) = judge_story(story + "2024-03-13 concern-resolved K1 client-left" + ASKED).obligations("SCOPE-2")

    assert (late.status, late.due.met_on, late.serious) == ("late", "2024-03-13", True)


def test_it_makes_pending_while_open_and_a_violation_once_late() -> None:
    assert judge_story(RAISED + "2024-03-11 today").judgement.verdict == "pending"
    assert (
        judge_story(RAISED + "2024-03-12 concern-resolved K1 client-left").judgement.verdict == "violations"
    )


# -- SCOPE-3 ----------------------------------------------------------------------------------------------

HELD = "\n2024-04-15 10:00 session-held E1"
OUTSIDE = "2024-03-06 outside-care-noted\n"
BACK = "2024-03-11 12:00 engagement-resumed E1\n"


@table(
    ("in between", RAISED, ["violation"]),
    ("urgent", RAISED.replace("K1", "K1 urgent"), ["violation"]),
    ("to watch", RAISED.replace("K1", "K1 watch"), []),
    ("the session it surfaced in", COACHING + "2024-04-15 10:01 concern-raised E1 K1", []),
    ("an instant before the session", COACHING + "2024-04-15 10:00 concern-raised E1 K1", ["violation"]),
    ("resolved before", RAISED + "2024-04-15 10:00 concern-resolved K1 client-left", []),
    ("resolved after", RAISED + "2024-04-15 10:01 concern-resolved K1 client-left", ["violation"]),
    ("elsewhere, never paused", RAISED + OUTSIDE, ["violation"]),
    ("paused and resumed, not elsewhere", PAUSED + BACK, ["violation"]),
    ("elsewhere, paused and resumed", PAUSED + OUTSIDE + BACK, []),
    ("elsewhere, still paused", PAUSED + OUTSIDE, ["violation"]),
    (
        "elsewhere, resumed an instant before the session",
        PAUSED + OUTSIDE + "2024-04-15 09:59 engagement-resumed E1",
        [],
    ),
    (
        "elsewhere, resumed after the session",
        PAUSED + OUTSIDE + "2024-04-15 10:01 engagement-resumed E1",
        ["violation"],
    ),
    (
        "elsewhere, paused before the concern and resumed since",
        COACHING + "2024-03-01 engagement-paused E1\n2024-03-04 concern-raised E1 K1\n" + OUTSIDE + BACK,
        [],
    ),
    (
        "elsewhere, paused and resumed before the concern",
        COACHING
        + "2024-02-01 engagement-paused E1\n2024-02-08 engagement-resumed E1\n2024-03-04 concern-raised E1 K1\n"
        + OUTSIDE,
        ["violation"],
    ),
    (
        "of another engagement",
        COACHING + "2024-01-09 coaching E2 with=P-2\n2024-03-04 concern-raised E2 K1",
        [],
    ),
    ("in therapy", RAISED.replace("coaching E1", "therapy E1"), []),
    ("one finding for two concerns", RAISED + "2024-03-05 concern-raised E1 K2", ["violation"]),
    (
        "an older concern is settled, the newer is not",
        PAUSED + OUTSIDE + BACK + "2024-03-12 concern-raised E1 K2",
        ["violation"],
    ),
)
def test_no_coaching_session_over_an_unresolved_concern(story: str, expected: list[str]) -> None:
    lines = (story + HELD).split("\n")
    later = [line for line in lines if line.startswith("2024-04-15 10:01")]

    assert (
        judge_story("\n".join([*(line for line in lines if line not in later), *later])).kinds("SCOPE-3")
        == expected
    )


@table(("service", "service", ["violation"]), ("referral", "referral", []), ("crisis", "crisis", []))
def test_sessions_of_another_purpose_are_free(story: str, expected: list[str]) -> None:
    assert judge_story(f"{RAISED}{HELD} purpose={story}").kinds("SCOPE-3") == expected


def test_a_session_whose_opening_was_retracted_is_not_judged_here() -> None:
    story = COACHING.strip() + " source=opening\n2024-03-04 concern-raised E1 K1" + HELD

    assert judge_story(story + "\n2024-04-16 retract opening").kinds("SCOPE-3") == []


# -- SCOPE-4 ----------------------------------------------------------------------------------------------


@table(
    ("unresolved", PAUSED, ["gate"]),
    ("resolved an instant before", PAUSED + "2024-04-08 12:00 concern-resolved K1 client-left", []),
    (
        "raised an instant before",
        COACHING + "2024-03-05 engagement-paused E1\n2024-04-08 12:00 concern-raised E1 K1",
        ["gate"],
    ),
    ("elsewhere", PAUSED + OUTSIDE, []),
    ("to watch", PAUSED.replace("K1", "K1 watch"), []),
    (
        "of another engagement",
        COACHING + "2024-01-09 coaching E2\n2024-03-04 concern-raised E2 K1\n2024-03-05 engagement-paused E1",
        [],
    ),
    (
        "one of two",
        PAUSED + "2024-03-05 concern-raised E1 K2\n2024-03-06 concern-resolved K1 client-left",
        ["gate"],
    ),
    ("therapy", PAUSED.replace("coaching E1", "therapy E1"), []),
)
def test_coaching_is_not_resumed_over_its_own_concern(story: str, expected: list[str]) -> None:
    assert judge_story(story + RESUMED).kinds("SCOPE-4") == expected


@table(
    ("no concern", COACHING + "2024-03-05 engagement-paused E1", []),
    ("resolved", PAUSED + "2024-03-11 concern-resolved K1 client-left", ["ConcernResolved K1"]),
    ("elsewhere", PAUSED + OUTSIDE, ["OutsideCareNoted C-1"]),
)
def test_what_shows_that_coaching_may_go_on(story: str, expected: list[str]) -> None:
    assert judge_story(story + RESUMED).shown("SCOPE-4", "EngagementResumed") == expected


def test_a_concern_raised_and_resolved_later_shows_nothing() -> None:
    later = "\n2024-05-06 concern-raised E1 K2\n2024-05-07 concern-resolved K2 client-left"
    story = COACHING + "2024-03-05 engagement-paused E1" + RESUMED + later

    assert judge_story(story).shown("SCOPE-4", "EngagementResumed") == []


# -- SCOPE-5 ----------------------------------------------------------------------------------------------

COACH = "2021-01-04 practitioner-registered P-1 services=coaching\n"


@table(
    ("both", "2024-01-08 therapy E1", []),
    ("coach opens coaching", COACH + "2024-01-08 coaching E1", []),
    ("coach opens therapy", COACH + "2024-01-08 therapy E1", ["gate"]),
    (
        "added an instant before",
        COACH + "2024-01-08 12:00 practitioner-changed services=therapy\n2024-01-08 therapy E1",
        [],
    ),
    (
        "added an instant after",
        COACH + "2024-01-08 therapy E1\n2024-01-08 12:00 practitioner-changed services=therapy",
        ["gate"],
    ),
    ("only the name changed", "2023-01-08 practitioner-changed P-1 name=Ann\n2024-01-08 therapy E1", []),
    ("registered later", "2024-01-09 practitioner-registered P-1\n2024-01-08 therapy E1", ["gate"]),
    (
        "resumed",
        (
            "2024-01-08 therapy E1\n"
            "2024-02-05 engagement-paused E1\n"
            "2024-02-06 practitioner-changed services=coaching\n"
            "2024-02-12 engagement-resumed E1"
        ),
        [],
    ),
)
def test_the_service_is_among_the_practitioners(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("SCOPE-5") == expected


def test_it_rests_on_the_last_entry_that_says_so() -> None:
    changed = "2023-05-01 practitioner-changed services=coaching\n2023-06-01 practitioner-changed name=Ann\n"
    later = "2024-01-09 practitioner-changed services=therapy\n"

    verdict = judge_story(changed + "2024-01-08 therapy E1\n" + later)
    assert [fact.occurred_at for fact in verdict.findings("SCOPE-5")[0].entries[1:]] == ["2023-05-01"]
    assert "which are coaching" in verdict.says("SCOPE-5")

    verdict = judge_story(changed + "2024-01-08 coaching E1\n" + later)
    assert verdict.shown("SCOPE-5") == ["PractitionerChanged "]


def test_nothing_registered_by_then_is_said() -> None:
    verdict = judge_story("2024-01-09 practitioner-registered P-1\n2024-01-08 therapy E1")

    assert "none on record by then" in verdict.says("SCOPE-5")
    assert verdict.rests_on("SCOPE-5") == ["EngagementOpened E1"]


# -- SCOPE-6 and SCOPE-7 ----------------------------------------------------------------------------------


@table(
    ("goals", "coaching E1 focus=goals,grief,relationships,other", []),
    ("symptom-relief", "coaching E1 focus=symptom-relief", ["warning"]),
    ("trauma", "coaching E1 focus=goals,trauma", ["warning"]),
    ("mood-anxiety", "coaching E1 focus=mood-anxiety", ["warning"]),
    ("wants trauma work", "coaching E1 intake.wants_trauma_work=yes", ["warning"]),
    ("both", "coaching E1 focus=trauma intake.wants_trauma_work=yes", ["warning"]),
    ("no intake", "coaching E1 no-intake focus=trauma", ["warning"]),
    ("therapy", "therapy E1 focus=trauma intake.wants_trauma_work=yes", []),
)
def test_coaching_is_not_opened_for_what_therapy_is_for(story: str, expected: list[str]) -> None:
    assert judge_story("2024-01-08 " + story).kinds("SCOPE-6") == expected


@table(
    ("focus", "focus=goals,trauma,mood-anxiety", ("its focus is trauma, mood-anxiety;", [])),
    (
        "wish",
        "intake.wants_trauma_work=yes",
        ("E1: intake I1 says the client wants trauma work;", ["IntakeCompleted I1"]),
    ),
    (
        "both",
        "focus=trauma intake.wants_trauma_work=yes",
        ("focus is trauma and intake I1 says the client wants", ["IntakeCompleted I1"]),
    ),
)
def test_it_says_which(story: str, expected: tuple[str, list[str]]) -> None:
    verdict = judge_story("2024-01-08 coaching E1 " + story)

    assert expected[0] in verdict.says("SCOPE-6")
    assert verdict.rests_on("SCOPE-6") == ["EngagementOpened E1", *expected[1]]


RELEASE = "2024-01-05 release-granted X1 "


@table(
    ("none", "", ["advice"]),
    ("to a practitioner elsewhere", RELEASE + "to_practitioner=P-9", []),
    ("to a registered one, of any kind", RELEASE + "to_practitioner=P-9 recipient_kind=other", []),
    ("from a practitioner elsewhere", RELEASE + "P-9 to_practitioner=P-1", []),
    ("to somebody's physician", RELEASE + "recipient_kind=physician", []),
    ("to a practitioner not registered", RELEASE + "recipient_kind=practitioner", []),
    ("to the family", RELEASE + "recipient_kind=family", ["advice"]),
    ("between two others", RELEASE + "P-9 to_practitioner=P-2", ["advice"]),
    ("on its last day", RELEASE + "to_practitioner=P-9 valid_until=2024-01-08", []),
    ("past its last day", RELEASE + "to_practitioner=P-9 valid_until=2024-01-07", ["advice"]),
    ("revoked", RELEASE + "to_practitioner=P-9\n2024-01-06 release-revoked X1", ["advice"]),
    ("granted later", "2024-01-09 release-granted X1 to_practitioner=P-9", ["advice"]),
)
def test_a_managed_condition_asks_for_a_way_to_stay_in_touch(story: str, expected: list[str]) -> None:
    told = f"{story}\n2024-01-08 {{}} E1 intake.clinical_indication={{}}"

    assert judge_story(told.format("coaching", "managed")).kinds("SCOPE-7") == expected
    assert judge_story(told.format("therapy", "managed")).kinds("SCOPE-7") == []
    assert judge_story(told.format("coaching", "past")).kinds("SCOPE-7") == []


def test_without_an_intake_there_is_nothing_to_advise() -> None:
    assert judge_story("2024-01-08 coaching E1 no-intake").kinds("SCOPE-7") == []
