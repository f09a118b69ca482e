"""CON: two professionals, disclosure, reassessment."""

from tests.rules.telling import judge_story, table

# -- CON-1 ------------------------------------------------------------------------------------------------

GRANTED = "2024-02-05 release-granted X1 to_practitioner=P-9 "
TOLD = "\n2024-03-04 10:00 disclosure-made D1 to_practitioner=P-9 "


@table(
    ("live", GRANTED + TOLD, []),
    ("none", TOLD, ["violation"]),
    ("its last day", GRANTED + "valid_until=2024-03-04" + TOLD, []),
    ("past its last day", GRANTED + "valid_until=2024-03-03" + TOLD, ["violation"]),
    ("granted an instant before", "2024-03-04 10:00 release-granted X1 to_practitioner=P-9" + TOLD, []),
    (
        "granted an instant after",
        TOLD + "\n2024-03-04 10:00 release-granted X1 to_practitioner=P-9",
        ["violation"],
    ),
    ("revoked an instant before", GRANTED + "\n2024-03-04 10:00 release-revoked X1" + TOLD, ["violation"]),
    ("revoked an instant after", GRANTED + TOLD + "\n2024-03-04 10:00 release-revoked X1", []),
    ("from somebody else", GRANTED.replace("X1", "X1 P-2") + TOLD, ["violation"]),
    ("to somebody else", GRANTED + TOLD.replace("P-9", "P-2"), ["violation"]),
    ("to a registered practitioner, whatever the kind", GRANTED + "recipient_kind=other" + TOLD, []),
    (
        "to an attorney",
        "2024-02-05 release-granted X1 recipient_kind=attorney"
        + TOLD.replace("to_practitioner=P-9", "recipient_kind=attorney"),
        [],
    ),
    (
        "to an insurer under the attorney's",
        "2024-02-05 release-granted X1 recipient_kind=attorney"
        + TOLD.replace("to_practitioner=P-9", "recipient_kind=insurer"),
        ["violation"],
    ),
    ("the named one", GRANTED + TOLD + "release=X1", []),
    (
        "another is named",
        GRANTED + "\n2024-02-06 release-granted X2 P-2" + TOLD + "release=X2",
        ["violation"],
    ),
    (
        "the named one has ended, another has not",
        GRANTED
        + "\n2024-02-06 release-granted X2 to_practitioner=P-9 valid_until=2024-02-29"
        + TOLD
        + "release=X2",
        ["violation"],
    ),
    (
        "the named one does, another would not",
        GRANTED + "\n2024-02-06 release-granted X2 to_practitioner=P-9 scope=coaching" + TOLD + "release=X1",
        [],
    ),
)
def test_what_is_told_on_a_release_has_one(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("CON-1") == expected


@table(
    ("all of it", "clinical,coaching", ("clinical,coaching", [])),
    ("a larger scope", "clinical,coaching", ("clinical", [])),
    ("half of it", "clinical", ("clinical,coaching", ["violation"])),
    ("administrative under any", "clinical", ("administrative", [])),
    ("administrative and clinical under clinical", "clinical", ("administrative,clinical", [])),
    ("administrative under that for notes", "psychotherapy-notes", ("administrative", [])),
    ("notes under their own", "psychotherapy-notes", ("psychotherapy-notes", [])),
    ("notes under a mixed one", "clinical,psychotherapy-notes", ("psychotherapy-notes", ["violation"])),
    ("clinical under a mixed one", "clinical,psychotherapy-notes", ("clinical", [])),
    ("clinical under that for notes", "psychotherapy-notes", ("clinical", ["violation"])),
    (
        "notes and clinical under that for notes",
        "psychotherapy-notes",
        ("psychotherapy-notes,clinical", ["violation"]),
    ),
)
def test_its_scope_holds_every_record_set(story: str, expected: tuple[str, list[str]]) -> None:
    disclosed, kinds = expected

    assert judge_story(f"{GRANTED}scope={story}{TOLD}scope={disclosed}").kinds("CON-1") == kinds


def test_two_releases_serve_notes_and_the_rest() -> None:
    notes = "\n2024-02-06 release-granted X2 to_practitioner=P-9 scope=psychotherapy-notes"
    told = TOLD + "scope=clinical,psychotherapy-notes"

    assert judge_story(GRANTED + notes + told).kinds("CON-1") == []
    assert (
        judge_story(GRANTED + told)
        .says("CON-1")
        .endswith("for psychotherapy-notes; there is none (psychotherapy notes need one of their own)")
    )


@table(
    (
        "administrative, no release",
        "scope=administrative",
        "a release to this recipient, live that day, for administrative;",
    ),
    (
        "administrative and clinical",
        "scope=administrative,clinical",
        "live that day, for clinical; there is none",
    ),
    ("nothing about notes", "scope=clinical", "for clinical; there is none"),
    ("named", "release=X1", "expected release X1 to this recipient"),
)
def test_it_says_what_is_lacking(story: str, expected: str) -> None:
    said = judge_story(TOLD + story + "\n2024-03-05 release-granted X1").says("CON-1")

    assert expected in said
    assert "one of their own" not in said


def test_it_rests_on_the_release_named() -> None:
    ended = GRANTED + "\n2024-02-29 release-revoked X1" + TOLD

    assert judge_story(ended + "release=X1").rests_on("CON-1") == [
        "DisclosureMade D1",
        "ReleaseGranted X1",
        "ReleaseRevoked X1",
    ]
    assert judge_story(ended).rests_on("CON-1") == ["DisclosureMade D1"]


@table(
    *((basis, basis, []) for basis in ("client-request", "payment", "subpoena", "court-order", "emergency"))
)
def test_another_basis_needs_no_release(story: str, expected: list[str]) -> None:
    assert judge_story(f"{TOLD}basis={story}").kinds("CON-1") == expected


# -- CON-5 ------------------------------------------------------------------------------------------------

SUBPOENA = "\n2024-03-04 disclosure-made D1 recipient_kind=court basis=subpoena "


@table(
    ("clinical", SUBPOENA, ["warning"]),
    ("notes", SUBPOENA + "scope=psychotherapy-notes", ["warning"]),
    ("clinical and more", SUBPOENA + "scope=clinical,administrative", ["warning"]),
    ("coaching", SUBPOENA + "scope=coaching", []),
    ("administrative", SUBPOENA + "scope=administrative", []),
    ("court order", SUBPOENA.replace("subpoena", "court-order"), []),
    ("with a release", "2024-02-05 release-granted X1 recipient_kind=court" + SUBPOENA, []),
    (
        "with a release to somebody else",
        "2024-02-05 release-granted X1 recipient_kind=attorney" + SUBPOENA,
        ["warning"],
    ),
    (
        "with a release that ended",
        "2024-02-05 release-granted X1 recipient_kind=court valid_until=2024-03-03" + SUBPOENA,
        ["warning"],
    ),
)
def test_clinical_records_are_not_disclosed_on_a_bare_subpoena(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("CON-5") == expected


# -- CON-2 and CON-4 --------------------------------------------------------------------------------------

THERAPY = "2024-01-08 therapy E1 focus=grief\n"
COACH = "\n2024-03-04 12:00 coaching E2 with=P-2 focus=grief,goals\n"
RELEASED = "2024-02-05 release-granted X1 P-1 to_practitioner=P-2\n"


@table(
    ("no release", THERAPY + COACH, ["advice"]),
    ("released", THERAPY + RELEASED + COACH, []),
    (
        "released the other way",
        THERAPY + RELEASED.replace("P-1 to_practitioner=P-2", "P-2 to_practitioner=P-1") + COACH,
        [],
    ),
    ("released, revoked", THERAPY + RELEASED + "2024-02-06 release-revoked X1" + COACH, []),
    ("released an instant before", THERAPY + RELEASED.replace("02-05", "03-04 12:00") + COACH, []),
    ("released an instant after", THERAPY + COACH + RELEASED.replace("02-05", "03-04 12:00"), ["advice"]),
    ("released to a third", THERAPY + RELEASED.replace("P-2", "P-9") + COACH, ["advice"]),
    ("one practitioner", THERAPY + COACH.replace(" with=P-2", ""), []),
    ("two therapies", THERAPY + COACH.replace("coaching", "therapy"), []),
    ("therapy paused", THERAPY + "2024-02-05 engagement-paused E1" + COACH, []),
    ("therapy paused an instant before", THERAPY + "2024-03-04 12:00 engagement-paused E1" + COACH, []),
    (
        "therapy paused an instant after",
        THERAPY + COACH + "2024-03-04 12:00 engagement-paused E1",
        ["advice"],
    ),
    ("therapy closed", THERAPY + "2024-02-05 engagement-closed E1" + COACH, []),
    (
        "therapy resumed before",
        THERAPY + "2024-02-05 engagement-paused E1\n2024-02-06 engagement-resumed E1" + COACH,
        ["advice"],
    ),
    (
        "therapy resumed since",
        THERAPY + "2024-02-05 engagement-paused E1" + COACH + "2024-04-01 engagement-resumed E1",
        ["advice"],
    ),
    (
        "once per pair: therapy rests and goes on",
        THERAPY + COACH + "2024-04-01 engagement-paused E1\n2024-05-06 engagement-resumed E1",
        ["advice"],
    ),
    (
        "once per pair: coaching rests and goes on",
        THERAPY + COACH + "2024-04-01 engagement-paused E2\n2024-05-06 engagement-resumed E2",
        ["advice"],
    ),
    (
        "they never ran at once before",
        THERAPY
        + "2024-02-05 engagement-paused E1"
        + COACH
        + "2024-04-01 engagement-paused E2\n2024-04-02 engagement-resumed E1\n2024-05-06 engagement-resumed E2",
        ["advice"],
    ),
    (
        "they began to run at once by a resumption, and do again",
        THERAPY
        + "2024-02-05 engagement-paused E1"
        + COACH
        + "2024-04-01 engagement-resumed E1\n2024-04-02 engagement-paused E2\n2024-05-06 engagement-resumed E2",
        ["advice"],
    ),
    (
        "a new pair of engagements",
        THERAPY + COACH + "2024-04-01 engagement-closed E2\n2024-05-06 coaching E3 with=P-2 focus=grief",
        ["advice", "advice"],
    ),
    (
        "two therapists at once, one remark",
        THERAPY + "2024-01-09 therapy E4 with=P-9 focus=grief\n" + COACH,
        ["advice"],
    ),
    (
        "one of two is released",
        THERAPY + RELEASED + "2024-01-09 therapy E4 with=P-9 focus=grief\n" + COACH,
        ["advice"],
    ),
)
def test_two_professionals_at_once_ask_for_a_release(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("CON-2") == expected


@table(
    ("the same", THERAPY + COACH, ["advice"]),
    ("the same, released", THERAPY + RELEASED + COACH, ["advice"]),
    ("different", THERAPY + COACH.replace("grief", "career"), []),
    ("goals in common", THERAPY.replace("grief", "grief,goals") + COACH.replace("grief", "career"), []),
    ("other in common", THERAPY.replace("grief", "other") + COACH.replace("grief", "other"), []),
    ("one practitioner", THERAPY + COACH.replace(" with=P-2", ""), []),
    (
        "resumed",
        THERAPY + "2024-02-05 engagement-paused E1" + COACH + "2024-04-01 engagement-resumed E1",
        ["advice"],
    ),
    ("not both running", THERAPY + "2024-02-05 engagement-paused E1" + COACH, []),
    (
        "with the second of two",
        THERAPY.replace("grief", "trauma") + "2024-01-09 therapy E4 with=P-9 focus=grief\n" + COACH,
        ["advice"],
    ),
    ("with both, one remark", THERAPY + "2024-01-09 therapy E4 with=P-9 focus=grief\n" + COACH, ["advice"]),
)
def test_two_professionals_on_one_subject(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("CON-4") == expected


@table(
    (
        "therapy rests and goes on",
        "2024-04-01 engagement-paused E1\n2024-05-06 engagement-resumed E1",
        "E2 opened",
    ),
    (
        "coaching rests and goes on",
        "2024-04-01 engagement-paused E2\n2024-05-06 engagement-resumed E2",
        "E2 opened",
    ),
)
def test_once_per_pair_it_is_the_first_time_that_is_judged(story: str, expected: str) -> None:
    verdict = judge_story(THERAPY + COACH + story)

    for rule in ("CON-2", "CON-4"):
        (one,) = verdict.findings(rule)
        assert f"{one.engagements[0]} {one.judged.entry.type.removeprefix('Engagement').lower()}" == expected


def test_the_later_act_is_judged_and_rests_on_the_other_opening() -> None:
    verdict = judge_story(THERAPY + COACH)

    for rule in ("CON-2", "CON-4"):
        assert verdict.rests_on(rule) == ["EngagementOpened E2", "EngagementOpened E1"]


# -- CON-3 ------------------------------------------------------------------------------------------------

OPEN = "2024-01-08 coaching E1\n"
HELD = " reassessment-held E1\n"


@table(
    ("ninetieth day", OPEN + "2024-04-07 today", ["open"]),
    ("ninety-first day", OPEN + "2024-04-08 today", ["overdue"]),
    ("held on the ninetieth day", OPEN + "2024-04-07" + HELD, ["met", "open"]),
    ("held on the ninety-first day", OPEN + "2024-04-08" + HELD, ["late", "open"]),
    ("counted from the last one", OPEN + "2024-04-01" + HELD + "2024-06-30 today", ["met", "open"]),
    (
        "counted from the last one, overdue",
        OPEN + "2024-04-01" + HELD + "2024-07-01 today",
        ["met", "overdue"],
    ),
    ("held twice", OPEN + "2024-03-04" + HELD + "2024-05-06" + HELD, ["met", "met", "open"]),
    ("paused on the ninetieth day", OPEN + "2024-04-07 engagement-paused E1\n2024-05-31 today", []),
    (
        "paused on the ninety-first day",
        OPEN + "2024-04-08 engagement-paused E1\n2024-05-31 today",
        ["overdue"],
    ),
    ("closed on the ninetieth day", OPEN + "2024-04-07 engagement-closed E1\n2024-05-31 today", []),
    (
        "closed on the ninety-first day",
        OPEN + "2024-04-08 engagement-closed E1\n2024-05-31 today",
        ["overdue"],
    ),
    (
        "counted from the resumption",
        OPEN + "2024-04-07 engagement-paused E1\n2024-05-06 engagement-resumed E1\n2024-08-04 today",
        ["open"],
    ),
    (
        "counted from the resumption, overdue",
        OPEN + "2024-04-07 engagement-paused E1\n2024-05-06 engagement-resumed E1\n2024-08-05 today",
        ["overdue"],
    ),
    (
        "held in the pause, due before it",
        OPEN + "2024-04-08 engagement-paused E1\n2024-04-10" + HELD,
        ["late"],
    ),
    (
        "held after the resumption, due before the pause",
        OPEN + "2024-04-08 engagement-paused E1\n2024-04-09 engagement-resumed E1\n2024-04-10" + HELD,
        ["overdue", "met", "open"],
    ),
    (
        "held twice in the pause",
        OPEN + "2024-04-08 engagement-paused E1\n2024-04-10" + HELD + "2024-04-11" + HELD,
        ["late"],
    ),
    ("held after the closing", OPEN + "2024-04-08 engagement-closed E1\n2024-04-10" + HELD, ["late"]),
    (
        "held and paused at one instant",
        OPEN + "2024-03-04 12:00" + HELD + "2024-03-04 12:00 engagement-paused E1",
        ["met"],
    ),
    (
        "of another engagement",
        OPEN + "2024-01-09 coaching E2\n2024-04-01 reassessment-held E2\n2024-04-08 today",
        ["overdue", "met", "open"],
    ),
    ("therapy too", OPEN.replace("coaching", "therapy") + "2024-04-08 today", ["overdue"]),
    (
        "thirty days",
        "2021-01-04 policy-adopted recommended parameters.reassessment_days=30\n" + OPEN + "2024-02-08 today",
        ["overdue"],
    ),
    ("adopted since the opening", "2024-01-09 policy-adopted recommended\n" + OPEN + "2024-04-08 today", []),
    ("held before the opening", "2024-01-05" + HELD + OPEN + "2024-04-07 today", ["open"]),
)
def test_a_running_engagement_is_reassessed(story: str, expected: list[str]) -> None:
    assert judge_story(story).statuses("CON-3") == expected


def test_days_and_entries_of_a_reassessment() -> None:
    first, second = judge_story(OPEN + "2024-04-08" + HELD + "2024-05-31 today").obligations("CON-3")

    assert (first.due.due, first.due.met_on, first.due.engagement, first.due.practitioner) == (
        "2024-04-07",
        "2024-04-08",
        "E1",
        "P-1",
    )
    assert [fact.entry.type for fact in first.due.met_by] == ["ReassessmentHeld"]
    assert (second.due.due, second.due.met_on, second.due.met_by) == ("2024-07-07", None, ())
    assert (first.serious, second.pending) == (False, False)
