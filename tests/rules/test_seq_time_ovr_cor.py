"""SEQ, TIME, OVR, COR: order, timeliness, overrides, corrections."""

import pytest

from tests.rules.telling import judge_story, table

THERAPY = "2024-01-08 therapy E1\n"
PAUSED = THERAPY + "2024-02-05 engagement-paused E1\n"
CLOSED = THERAPY + "2024-06-03 engagement-closed E1\n"
MADE = "2024-02-05 referral-made R1\n"
RAISED = THERAPY + "2024-02-05 concern-raised E1 K1\n"
SIGNED = "2024-01-08 consent A1\n"


# -- SEQ-1 ------------------------------------------------------------------------------------------------


@table(
    ("pause", PAUSED, []),
    ("pause twice", PAUSED + "2024-02-06 engagement-paused E1", ["engagement E1 is paused already"]),
    (
        "pause, resume, pause",
        PAUSED + "2024-02-06 engagement-resumed E1\n2024-02-07 engagement-paused E1",
        [],
    ),
    (
        "pause before the opening",
        "2024-01-05 engagement-paused E1\n" + THERAPY,
        ["engagement E1 is not open yet"],
    ),
    (
        "pause a closed one",
        CLOSED + "2024-06-04 engagement-paused E1",
        ["engagement E1 is closed and never reopens"],
    ),
    ("resume", PAUSED + "2024-02-06 engagement-resumed E1", []),
    ("resume what runs", THERAPY + "2024-02-06 engagement-resumed E1", ["engagement E1 is not paused"]),
    (
        "resume twice",
        PAUSED + "2024-02-06 engagement-resumed E1\n2024-02-07 engagement-resumed E1",
        ["engagement E1 is not paused"],
    ),
    (
        "resume a closed one",
        CLOSED + "2024-06-04 engagement-resumed E1",
        ["engagement E1 is closed and never reopens"],
    ),
    ("close a paused one", PAUSED + "2024-06-03 engagement-closed E1", []),
    (
        "close twice",
        CLOSED + "2024-06-04 engagement-closed E1",
        ["engagement E1 is closed and never reopens"],
    ),
    ("renew a closed one", CLOSED + "2024-06-04 consent A2\n2024-06-04 engagement-renewed E1 A2", []),
    ("sign", SIGNED, []),
    (
        "sign twice",
        SIGNED + "2024-01-09 agreement-signed A1",
        ["agreement A1 is signed by the client already"],
    ),
    ("both sign", SIGNED + "2024-01-09 agreement-signed A1 guardian", []),
    (
        "sign before the issue",
        "2024-01-08 10:00 consent A1 agreement@10:01",
        ["agreement A1 is not issued yet"],
    ),
    (
        "sign what is declined",
        "2024-01-08 agreement-issued A1\n2024-01-09 agreement-declined A1\n2024-01-10 agreement-signed A1",
        ["agreement A1 was declined"],
    ),
    (
        "sign what is revoked",
        SIGNED + "2024-01-09 agreement-revoked A1\n2024-01-10 agreement-signed A1 guardian",
        ["agreement A1 was revoked"],
    ),
    ("revoke", SIGNED + "2024-01-09 agreement-revoked A1", []),
    (
        "revoke twice",
        SIGNED + "2024-01-09 agreement-revoked A1\n2024-01-10 agreement-revoked A1",
        ["agreement A1 is revoked already"],
    ),
    (
        "revoke before the issue",
        "2024-01-05 agreement-revoked A1\n" + SIGNED,
        ["agreement A1 is not issued yet"],
    ),
    (
        "decline twice is no act that is judged",
        "2024-01-08 agreement-issued A1\n2024-01-09 agreement-declined A1\n2024-01-10 agreement-declined A1",
        [],
    ),
    ("decline what is not on record", "2024-01-09 agreement-declined A1", []),
    ("answer", MADE + "2024-02-06 referral-answered R1", []),
    (
        "answer twice",
        MADE + "2024-02-06 referral-answered R1\n2024-02-07 referral-answered R1",
        ["referral R1 is answered already"],
    ),
    ("answer before it is made", "2024-02-01 referral-answered R1\n" + MADE, ["referral R1 is not made yet"]),
    ("conclude", MADE + "2024-02-06 referral-answered R1\n2024-03-04 referral-concluded R1", []),
    (
        "conclude twice",
        MADE
        + "2024-02-06 referral-answered R1\n2024-03-04 referral-concluded R1\n2024-03-05 referral-concluded R1",
        ["referral R1 is concluded already"],
    ),
    (
        "conclude unanswered",
        MADE + "2024-03-04 referral-concluded R1",
        ["referral R1 was not accepted by the one referred to"],
    ),
    (
        "conclude what was declined",
        MADE + "2024-02-06 referral-answered R1 declined\n2024-03-04 referral-concluded R1",
        ["referral R1 was not accepted by the one referred to"],
    ),
    (
        "conclude before it is made",
        "2024-02-01 referral-concluded R1\n" + MADE,
        ["referral R1 is not made yet"],
    ),
    ("resolve", RAISED + "2024-02-06 concern-resolved K1", []),
    (
        "resolve twice",
        RAISED + "2024-02-06 concern-resolved K1\n2024-02-07 concern-resolved K1",
        ["concern K1 is resolved already"],
    ),
    (
        "resolve before it is raised",
        "2024-02-01 concern-resolved K1\n" + RAISED,
        ["concern K1 is not raised yet"],
    ),
)
def test_an_act_fits_the_state(story: str, expected: list[str]) -> None:
    verdict = judge_story(story)

    assert verdict.kinds("SEQ-1") == ["gate"] * len(expected)
    assert all(words in verdict.says("SEQ-1") for words in expected)


@table(
    ("a pause of a paused one", PAUSED + "2024-02-06 engagement-paused E1", "paused"),
    ("a resumption of a closed one", CLOSED + "2024-06-04 engagement-resumed E1", "closed"),
    ("a resumption of a running one", THERAPY + "2024-02-06 engagement-resumed E1", "running"),
    ("a pause before the opening", "2024-01-05 engagement-paused E1\n" + THERAPY, "running"),
)
def test_what_does_not_fit_changes_nothing(story: str, expected: str) -> None:
    verdict = judge_story(story + "\n2024-12-31 today")

    assert verdict.case.engagements["E1"].state_at(("2024-12-31T00:00:00.000000Z", 999)) == expected


def test_the_first_answer_stands() -> None:
    story = MADE + "2024-02-06 referral-answered R1 declined\n2024-02-07 referral-answered R1 accepted"
    case = judge_story(story).case

    assert case.referrals["R1"].accepted is False


def test_what_does_not_fit_is_not_judged_by_other_rules() -> None:
    # Given a closed therapy that is "resumed" while coaching runs: SEQ-1 speaks, ROLE-1 and CON-2 do not
    verdict = judge_story(CLOSED + "2024-06-04 coaching E2\n2024-06-10 engagement-resumed E1")

    assert [
        one.rule for one in verdict.judgement.findings if one.judged.entry.type == "EngagementResumed"
    ] == ["SEQ-1"]


# -- SEQ-2 ------------------------------------------------------------------------------------------------

HELD = "2024-06-03 12:00 session-held E1 S1"


@table(
    ("running", THERAPY + HELD, []),
    ("opened an instant before", "2024-06-03 12:00 therapy E1\n" + HELD, []),
    ("opened an instant after", HELD + "\n2024-06-03 12:00 therapy E1", ["it was not open yet"]),
    (
        "for a crisis, before the opening",
        HELD + " purpose=crisis\n2024-06-04 therapy E1",
        ["it was not open yet"],
    ),
    ("closed an instant after", THERAPY + HELD + "\n2024-06-03 12:00 engagement-closed E1", []),
    (
        "closed an instant before",
        THERAPY + "2024-06-03 12:00 engagement-closed E1\n" + HELD,
        ["it was closed"],
    ),
    (
        "for a referral, after the closing",
        THERAPY + "2024-06-03 12:00 engagement-closed E1\n" + HELD + " purpose=referral",
        ["it was closed"],
    ),
    ("paused", PAUSED + HELD, ["it was paused"]),
    ("paused, for a referral", PAUSED + HELD + " purpose=referral", []),
    ("paused, for a crisis", PAUSED + HELD + " purpose=crisis", []),
    ("paused an instant after", THERAPY + HELD + "\n2024-06-03 12:00 engagement-paused E1", []),
    ("resumed an instant before", PAUSED + "2024-06-03 12:00 engagement-resumed E1\n" + HELD, []),
    (
        "resumed an instant after",
        PAUSED + HELD + "\n2024-06-03 12:00 engagement-resumed E1",
        ["it was paused"],
    ),
    (
        "paused a second time",
        PAUSED + "2024-03-04 engagement-resumed E1\n2024-04-01 engagement-paused E1\n" + HELD,
        ["it was paused"],
    ),
    (
        "paused and closed",
        PAUSED + "2024-03-04 engagement-closed E1\n" + HELD + " purpose=crisis",
        ["it was closed"],
    ),
    (
        "its opening was retracted",
        "2024-01-08 therapy E1 source=x\n" + HELD + "\n2024-06-04 retract x",
        ["it was no longer on record"],
    ),
)
def test_a_session_is_held_while_its_engagement_runs(story: str, expected: list[str]) -> None:
    verdict = judge_story(story)

    assert verdict.kinds("SEQ-2") == ["violation"] * len(expected)
    assert all(words in verdict.says("SEQ-2") for words in expected)


@table(
    ("not open", HELD + "\n2024-06-04 therapy E1", ["SessionHeld S1", "EngagementOpened E1"]),
    ("closed", CLOSED + HELD, ["SessionHeld S1", "EngagementClosed E1"]),
    ("paused", PAUSED + HELD, ["SessionHeld S1", "EngagementPaused E1"]),
)
def test_it_rests_on_what_put_the_engagement_in_that_state(story: str, expected: list[str]) -> None:
    assert judge_story(story).rests_on("SEQ-2") == expected


# -- SEQ-3 and TIME-1 -------------------------------------------------------------------------------------


@table(
    ("when it happened", "", []),
    ("five minutes ahead", "recorded@09:55", []),
    ("a microsecond more", "recorded@09:54:59.999999", ["gate"]),
    ("the day before", "recorded@2024-01-14", ["gate"]),
    ("as found", "recorded@2024-01-14 admitted=as-found", ["gate"]),
)
def test_nothing_is_dated_more_than_five_minutes_ahead(story: str, expected: list[str]) -> None:
    verdict = judge_story(f"{THERAPY}2024-01-15 10:00 session-held E1 {story}\n2024-01-15 today")

    assert verdict.kinds("SEQ-3") == expected


def test_every_kind_of_entry_is_judged_also_one_that_does_not_fit() -> None:
    story = "2024-01-15 10:00 engagement-paused E1 recorded@2024-01-14\n2024-01-20 therapy E1"

    assert judge_story(story).kinds("SEQ-3") == ["gate"]


def test_a_correction_dated_ahead_is_judged_too() -> None:
    story = "2024-01-08 therapy E1 source=x\n2024-01-15 10:00 correct x focus=grief recorded@09:00"

    assert judge_story(story).kinds("SEQ-3") == ["gate"]


@table(
    ("at once", "", []),
    ("third day", "recorded@2024-01-18T23:59", []),
    ("fourth day", "recorded@2024-01-19T00:00", ["warning"]),
    ("as found", "recorded@2024-03-19 admitted=as-found", []),
    ("overridden", "recorded@2024-01-19 override=director", ["warning"]),
)
def test_an_entry_is_recorded_within_days(story: str, expected: list[str]) -> None:
    told = f"{THERAPY}2024-01-15 10:00 session-held E1 {story}"

    assert judge_story(told).kinds("TIME-1") == expected
    ten = "2021-01-04 policy-adopted recommended parameters.late_entry_days=10\n"
    assert judge_story(ten + told).kinds("TIME-1") == []
    none = "2021-01-04 policy-adopted recommended drops=TIME-1\n"
    assert judge_story(none + told).kinds("TIME-1") == []


def test_it_says_how_late() -> None:
    verdict = judge_story(f"{THERAPY}2024-01-15 session-held E1 recorded@2024-01-22")

    assert "recorded 7 days after it happened: expected at most 3" in verdict.says("TIME-1")


# -- TIME-2 -----------------------------------------------------------------------------------------------

CHANGED = """
2024-01-08 therapy E1
2024-06-03 engagement-closed E1 source=closing
2024-06-10 coaching E2
"""
OPENED_FIRST = THERAPY + "2024-06-10 12:00 coaching E2 {}\n2024-06-03 engagement-closed E1 {}"


@table(
    ("on record before", CHANGED, []),
    ("after", OPENED_FIRST.format("", "recorded@2024-06-20"), ["warning"]),
    ("after, in the same transaction", OPENED_FIRST.format("", "recorded@2024-06-10T12:00"), []),
    ("the act as found", OPENED_FIRST.format("admitted=as-found", "recorded@2024-06-20"), []),
    ("the evidence as found", OPENED_FIRST.format("", "recorded@2024-06-20 admitted=as-found"), []),
    (
        "the evidence overridden",
        OPENED_FIRST.format("", "recorded@2024-06-20 override=director"),
        ["warning"],
    ),
    ("corrected afterwards", CHANGED + "2024-06-20 correct closing reason=other", ["warning"]),
    (
        "corrected before",
        CHANGED.replace("2024-06-10", "2024-06-05 correct closing reason=other\n2024-06-10"),
        [],
    ),
    ("corrected as found", CHANGED + "2024-06-20 correct closing reason=other admitted=as-found", []),
    (
        "corrected, and the correction retracted",
        CHANGED + "2024-06-20 correct closing stable=no source=c\n2024-06-21 retract c",
        [],
    ),
)
def test_evidence_is_on_record_when_the_act_is(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("TIME-2") == expected


EVIDENCE = (
    (
        "an intake",
        "2024-01-08 12:00 therapy E1 intake=I7",
        "2024-01-05 intake-completed I7",
        "IntakeCompleted",
    ),
    ("a licence", "2024-01-08 therapy E1", "2024-01-04 licence-recorded P-1", "LicenceRecorded"),
    (
        "a signature",
        "2024-01-05 agreement-issued A7 therapy-consent practitioner=P-1\n2024-01-08 therapy E1 agreement=A7",
        "2024-01-06 agreement-signed A7",
        "AgreementSigned",
    ),
    (
        "a resolved concern",
        "2024-01-08 coaching E1\n2024-02-05 concern-raised E1 K1\n2024-03-04 coaching E2",
        "2024-02-12 concern-resolved K1 assessed-not-clinical",
        "ConcernResolved",
    ),
    (
        "outside care",
        "2024-01-08 coaching E1 intake.clinical_indication=active",
        "2024-01-05 outside-care-noted",
        "OutsideCareNoted",
    ),
    (
        "a referral answered",
        "2024-01-04 referral-made R1\n2024-01-08 coaching E1 intake.clinical_indication=active",
        "2024-01-05 referral-answered R1",
        "ReferralAnswered",
    ),
    (
        "a referral concluded",
        (
            "2023-12-04 intake-completed I7 clinical_indication=active\n2024-01-03 referral-made R1\n"
            "2024-01-04 referral-answered R1\n2024-01-08 coaching E1 no-intake"
        ),
        "2024-01-05 referral-concluded R1",
        "ReferralConcluded",
    ),
    (
        "a pause",
        "2024-01-08 coaching E1\n2024-03-11 therapy E2",
        "2024-03-04 engagement-paused E1",
        "EngagementPaused",
    ),
)


@pytest.mark.parametrize(
    ("acts", "evidence", "named"), [row[1:] for row in EVIDENCE], ids=[row[0] for row in EVIDENCE]
)
def test_each_kind_of_evidence_counts(acts: str, evidence: str, named: str) -> None:
    late = judge_story(f"{acts}\n{evidence} recorded@2024-09-02")

    assert late.kinds("TIME-2") == ["warning"]
    assert [fact.entry.type for fact in late.findings("TIME-2")[0].entries[1:]] == [named]


def test_what_only_a_warning_rests_on_is_no_evidence() -> None:
    # Given a finding of AGR-1: its gate requirement is not shown, so that nothing it names is evidence
    story = "2024-01-08 12:00 therapy E1 no-signed\n2024-01-09 agreement-signed A1 recorded@2024-09-02"

    assert judge_story(story).kinds("TIME-2") == []


# -- OVR-1 ------------------------------------------------------------------------------------------------

DIRECTOR = "2024-01-05 actor-registered director\n"
OPENS = "2024-01-08 12:00 therapy E1 no-intake override.rules=INT-1 "
WHY = "override.reason=papers-follow "
SOLO = "2021-01-04 policy-adopted recommended parameters.solo_practice=yes\n"


@table(
    ("none", THERAPY, []),
    ("as it should be", DIRECTOR + OPENS + WHY + "override=director", []),
    ("no reason", DIRECTOR + OPENS + "override=director", ["violation"]),
    ("nobody registered", OPENS + WHY + "override=director", ["violation"]),
    (
        "registered an instant before",
        DIRECTOR.replace("01-05", "01-08 12:00") + OPENS + WHY + "override=director",
        [],
    ),
    (
        "registered an instant after",
        OPENS + WHY + "override=director\n" + DIRECTOR.replace("01-05", "01-08 12:00"),
        ["violation"],
    ),
    (
        "may not",
        DIRECTOR.replace("director", "director reviewer no") + OPENS + WHY + "override=director",
        ["violation"],
    ),
    (
        "may no longer",
        DIRECTOR + "2024-01-06 actor-registered director reviewer no\n" + OPENS + WHY + "override=director",
        ["violation"],
    ),
    ("by oneself", DIRECTOR + OPENS + WHY + "override=director by=director", ["violation"]),
    ("by oneself, solo", SOLO + DIRECTOR + OPENS + WHY + "override=director by=director", ["warning"]),
    ("by oneself, solo, no reason", SOLO + DIRECTOR + OPENS + "override=director by=director", ["violation"]),
    ("by another, solo", SOLO + DIRECTOR + OPENS + WHY + "override=director", []),
)
def test_somebody_answers_for_an_override(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("OVR-1") == expected


def test_it_names_every_problem() -> None:
    said = judge_story(OPENS + "override=desk by=desk").says("OVR-1")

    assert "override of INT-1" in said
    assert said.endswith(
        "it states no reason and desk is not registered as one who may authorise and desk authorised their own entry"
    )


# -- COR-1 ------------------------------------------------------------------------------------------------

BROKEN = """
2024-01-08 therapy E1
2024-06-03 engagement-closed E1 stable=no source=closing
2024-06-10 coaching E2
"""


@table(
    ("healed", BROKEN + "2024-06-20 correct closing stable=yes", ["EngagementOpened"]),
    ("not healed", BROKEN + "2024-06-20 correct closing stable=not-assessed", []),
    ("caused", CHANGED + "2024-06-20 correct closing stable=no", []),
    ("no correction", BROKEN, []),
    (
        "healed by a retraction",
        "2024-01-08 therapy E1\n2024-02-05 coaching E2 source=x\n2024-02-06 retract x",
        ["EngagementOpened"],
    ),
    (
        "healed, and the correction retracted",
        BROKEN + "2024-06-20 correct closing stable=yes source=c\n2024-06-21 retract c",
        [],
    ),
    (
        "a warning healed",
        "2024-01-08 therapy E1 intake.recommended=coaching intake.source=x\n2024-01-09 correct x recommended=therapy",
        ["EngagementOpened"],
    ),
    (
        "an overdue obligation healed",
        CLOSED.replace("closed E1", "closed E1 source=x") + "2024-06-30 correct x summary_sha256=x\n",
        ["EngagementClosed"],
    ),
    (
        "an obligation that was only open",
        CLOSED.replace("closed E1", "closed E1 source=x") + "2024-06-04 correct x summary_sha256=x\n",
        [],
    ),
    (
        "overdue before and after",
        CLOSED.replace("closed E1", "closed E1 source=x") + "2024-06-30 correct x reason=other\n",
        [],
    ),
)
def test_a_finding_that_disappears_by_a_correction_is_looked_at_twice(
    story: str, expected: list[str]
) -> None:
    verdict = judge_story(story)

    assert [one.judged.entry.type for one in verdict.findings("COR-1")] == expected
    assert set(verdict.kinds("COR-1")) <= {"warning"}


def test_it_names_the_rules_and_the_corrections_once_per_entry() -> None:
    (one,) = judge_story(
        "2024-01-08 therapy E1\n2024-02-05 coaching E2 no-intake source=x\n2024-02-06 retract x"
    ).findings("COR-1")

    assert one.message.startswith("as first recorded there was ROLE-1, ROLE-5, INT-1")
    assert [fact.entry.type for fact in one.entries] == ["EngagementOpened", "EntryCorrected"]
    assert (one.engagements, one.practitioner, one.client) == (("E2", "E1"), "P-1", "C-1")


def test_an_obligation_that_disappears_names_its_engagement() -> None:
    closed = CLOSED.replace("closed E1", "closed E1 source=x")
    (one,) = judge_story(closed + "2024-06-30 correct x summary_sha256=x").findings("COR-1")
    assert one.engagements == ("E1",)
    assert "there was REC-4 on EngagementClosed" in one.message

    made = "2024-02-05 referral-made R1 source=x\n2024-02-29 correct x client_answer=declined"
    (one,) = judge_story(made).findings("COR-1")
    assert one.engagements == ()
