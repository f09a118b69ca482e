"""REC: separate records, summaries, notes."""

import pytest

from tests.rules.telling import judge_story, table

BOTH = "2024-01-08 therapy E1\n2024-01-08 coaching E2 with=P-2\n"


# -- REC-1 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record_set", "in_therapy", "in_coaching"),
    [
        ("clinical", [], ["violation"]),
        ("psychotherapy-notes", [], ["violation"]),
        ("coaching", ["violation"], []),
        ("administrative", [], []),
    ],
)
def test_the_record_set_fits_the_service(
    record_set: str, in_therapy: list[str], in_coaching: list[str]
) -> None:
    assert judge_story(f"{BOTH}2024-01-15 record-filed E1 {record_set}").kinds("REC-1") == in_therapy
    assert judge_story(f"{BOTH}2024-01-15 record-filed E2 {record_set}").kinds("REC-1") == in_coaching


def test_a_record_whose_engagement_was_retracted_is_not_judged() -> None:
    gone = "2024-01-08 coaching E1 source=x\n{}\n2024-01-16 retract x"
    record = "2024-01-15 record-filed E1 clinical contains_diagnosis=yes document_sha256=x"
    twice = record + "\n2024-01-08 therapy E2\n2024-01-16 record-filed E2 clinical document_sha256=x"

    for rule in ("REC-1", "REC-2", "REC-3"):
        assert judge_story(gone.format(record)).kinds(rule) == []
        assert judge_story(gone.format(twice)).kinds(rule) == []
        other_way = "\n".join(reversed(twice.replace("01-15", "01-17").split("\n")))
        assert judge_story(gone.format(other_way)).kinds(rule) == []


# -- REC-2 ------------------------------------------------------------------------------------------------


@table(
    ("two documents", "2024-01-15 record-filed E1 clinical\n2024-01-16 record-filed E2 coaching", []),
    (
        "one, in both",
        "2024-01-15 record-filed E1 clinical document_sha256=x\n2024-01-16 record-filed E2 coaching document_sha256=x",
        ["violation"],
    ),
    (
        "one, in both, the other way",
        "2024-01-15 record-filed E2 coaching document_sha256=x\n2024-01-16 record-filed E1 clinical document_sha256=x",
        ["violation"],
    ),
    (
        "administrative then coaching",
        (
            "2024-01-15 record-filed E1 administrative document_sha256=x\n"
            "2024-01-16 record-filed E2 coaching document_sha256=x"
        ),
        [],
    ),
    (
        "coaching then administrative",
        (
            "2024-01-15 record-filed E2 coaching document_sha256=x\n"
            "2024-01-16 record-filed E1 administrative document_sha256=x"
        ),
        [],
    ),
    (
        "twice in one",
        "2024-01-15 record-filed E1 clinical document_sha256=x\n2024-01-16 record-filed E1 clinical document_sha256=x",
        [],
    ),
    (
        "three times, the first clashes",
        (
            "2024-01-15 record-filed E1 clinical document_sha256=x\n"
            "2024-01-16 record-filed E2 coaching document_sha256=x\n"
            "2024-01-17 record-filed E2 coaching document_sha256=x"
        ),
        ["violation", "violation"],
    ),
)
def test_one_document_is_not_in_both_files(story: str, expected: list[str]) -> None:
    assert judge_story(BOTH + story).kinds("REC-2") == expected


def test_the_record_filed_later_is_judged() -> None:
    verdict = judge_story(
        BOTH
        + "2024-01-16 record-filed E1 clinical document_sha256=x\n2024-01-15 record-filed E2 coaching document_sha256=x"
    )

    assert [one.engagements for one in verdict.findings("REC-2")] == [("E1", "E2")]


# -- REC-3 ------------------------------------------------------------------------------------------------


@table(
    ("coaching, diagnosis", "E2 coaching contains_diagnosis=yes", ["violation"]),
    ("coaching, administrative, diagnosis", "E2 administrative contains_diagnosis=yes", ["violation"]),
    ("coaching, none", "E2 coaching", []),
    ("therapy, diagnosis", "E1 clinical contains_diagnosis=yes", []),
    ("therapy, none", "E1 clinical", []),
)
def test_no_diagnosis_in_coaching(story: str, expected: list[str]) -> None:
    assert judge_story(BOTH + "2024-01-15 record-filed " + story).kinds("REC-3") == expected


# -- REC-4 ------------------------------------------------------------------------------------------------

CLOSED = "2024-01-08 therapy E1\n2024-06-03 engagement-closed E1\n"
SUMMARY = " record-filed E1 clinical discharge-summary"


@table(
    ("fourteenth day", CLOSED + "2024-06-17 today", ["open"]),
    ("fifteenth day", CLOSED + "2024-06-18 today", ["overdue"]),
    ("filed on the fourteenth day", CLOSED + "2024-06-17" + SUMMARY, ["met"]),
    ("filed on the fifteenth day", CLOSED + "2024-06-18" + SUMMARY, ["late"]),
    ("filed before the closing", "2024-05-27" + SUMMARY + "\n" + CLOSED + "2024-06-30 today", ["met"]),
    (
        "with the closing",
        CLOSED.replace("closed E1", "closed E1 summary_sha256=x") + "2024-06-30 today",
        ["met"],
    ),
    (
        "some other record",
        CLOSED + "2024-06-04 record-filed E1 clinical progress-note\n2024-06-30 today",
        ["overdue"],
    ),
    (
        "of another engagement",
        CLOSED
        + "2024-06-04 therapy E2\n2024-06-04 record-filed E2 clinical discharge-summary\n2024-06-30 today",
        ["overdue"],
    ),
    ("not closed", "2024-01-08 therapy E1\n2024-06-30 today", []),
    ("coaching", CLOSED.replace("therapy", "coaching") + "2024-06-30 today", []),
    ("not adopted then", "2024-06-04 policy-adopted recommended\n" + CLOSED + "2024-06-30 today", []),
    (
        "ten days",
        "2021-01-04 policy-adopted recommended parameters.closing_summary_days=10\n"
        + CLOSED
        + "2024-06-14 today",
        ["overdue"],
    ),
)
def test_a_closed_therapy_has_its_summary(story: str, expected: list[str]) -> None:
    assert judge_story(story).statuses("REC-4") == expected


def test_the_first_summary_meets_it() -> None:
    story = CLOSED + f"2024-06-20{SUMMARY}\n2024-06-10{SUMMARY}\n2024-05-01{SUMMARY}"
    (one,) = judge_story(story).obligations("REC-4")

    assert (one.due.due, one.due.met_on, one.due.engagement, one.due.practitioner) == (
        "2024-06-17",
        "2024-06-03",
        "E1",
        "P-1",
    )
    assert [fact.occurred_at for fact in one.due.met_by] == ["2024-05-01"]

    (late,) = judge_story(CLOSED + f"2024-06-20{SUMMARY}\n2024-06-10{SUMMARY}").obligations("REC-4")
    assert late.due.met_on == "2024-06-10"


def test_pending_while_open_and_a_warning_when_late() -> None:
    assert judge_story(CLOSED.replace("01-08", "05-06") + "2024-06-17 today").judgement.verdict == "pending"
    (late,) = judge_story(CLOSED + "2024-06-18" + SUMMARY).obligations("REC-4")
    assert (late.status, late.serious, late.pending) == ("late", False, False)


# -- REC-5 ------------------------------------------------------------------------------------------------

HELD = "2024-01-08 therapy E1\n2024-01-15 session-held E1 S1\n"
ASKS = "2021-01-04 policy-adopted recommended parameters.session_note_services=coaching\n"


@table(
    ("seventh day", HELD + "2024-01-22 today", ["open"]),
    ("eighth day", HELD + "2024-01-23 today", ["overdue"]),
    ("filed on the seventh day", HELD + "2024-01-22 record-filed E1 clinical session=S1", ["met"]),
    ("filed on the eighth day", HELD + "2024-01-23 record-filed E1 clinical session=S1", ["late"]),
    (
        "filed before the session",
        "2024-01-14 record-filed E1 clinical session=S1\n" + HELD + "2024-01-31 today",
        ["met"],
    ),
    (
        "a record that names no session",
        HELD + "2024-01-16 record-filed E1 clinical\n2024-01-31 today",
        ["overdue"],
    ),
    ("coaching", HELD.replace("therapy", "coaching") + "2024-01-31 today", []),
    ("coaching, asked for", ASKS + HELD.replace("therapy", "coaching") + "2024-01-31 today", ["overdue"]),
    ("therapy, not asked for", ASKS + HELD + "2024-01-31 today", []),
    ("three days", ASKS.replace("services=coaching", "days=3") + HELD + "2024-01-19 today", ["overdue"]),
    (
        "its opening was retracted",
        HELD.replace("E1\n", "E1 source=x\n", 1) + "2024-01-16 retract x\n2024-01-31 today",
        [],
    ),
)
def test_a_session_has_its_note(story: str, expected: list[str]) -> None:
    assert judge_story(story).statuses("REC-5") == expected


def test_the_first_note_meets_it_and_open_is_not_pending() -> None:
    story = (
        HELD
        + "2024-01-20 record-filed E1 clinical session=S1\n2024-01-18 record-filed E1 clinical session=S1"
    )
    (one,) = judge_story(story).obligations("REC-5")

    assert (one.due.met_on, one.due.due) == ("2024-01-18", "2024-01-22")
    assert [fact.occurred_at for fact in one.due.met_by] == ["2024-01-18"]
    assert judge_story(HELD + "2024-01-20 today").judgement.verdict == "clean"
    (before,) = judge_story("2024-01-14 record-filed E1 clinical session=S1\n" + HELD).obligations("REC-5")
    assert before.due.met_on == "2024-01-15"
