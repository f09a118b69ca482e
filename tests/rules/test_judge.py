"""Judging: verdicts, findings and what they name, policy over time, the practice's own entries."""

import pytest

from ledger import practice as practices
from ledger.history import History, read
from ledger.policy import Policy
from ledger.rules import story as stories
from ledger.rules.judge import judge, policies_of, refuses
from ledger.values import Calendar
from tests.rules.telling import entries, judge_story, table

THERAPY = "2024-01-08 therapy E1\n"


@table(
    ("nothing to say", THERAPY, "clean"),
    ("a gate", THERAPY + "2024-02-05 coaching E2", "violations"),
    ("a violation", THERAPY + "2024-01-15 session-held E1 jurisdiction=US-SC", "violations"),
    ("a warning", THERAPY.strip() + " intake.recommended=none", "clean"),
    ("an obligation that makes pending", "2024-02-05 referral-made R1\n2024-02-06 today", "pending"),
    ("one that does not", THERAPY + "2024-02-06 today", "clean"),
    ("an overdue one that makes pending", "2024-02-05 referral-made R1\n2024-02-29 today", "violations"),
    ("an overdue one that does not", THERAPY + "2024-05-31 today", "violations"),
    (
        "both",
        "2024-02-05 referral-made R1\n2024-02-05 concern-raised E1 K1\n2024-01-08 coaching E1\n2024-02-06 today",
        "pending",
    ),
    (
        "pending and a gate",
        "2024-01-08 therapy E1 no-intake\n2024-02-05 referral-made R1\n2024-02-06 today",
        "violations",
    ),
    ("late, a warning", "2024-02-05 referral-made R1\n2024-02-29 referral-answered R1", "clean"),
    ("met", "2024-02-05 referral-made R1\n2024-02-06 referral-answered R1", "clean"),
)
def test_the_verdict(story: str, expected: str) -> None:
    assert judge_story(story).judgement.verdict == expected


def test_what_has_not_happened_yet_is_not_seen() -> None:
    story = THERAPY + "2024-02-05 coaching E2"

    assert judge_story(story, as_of="2024-02-04").judgement.verdict == "clean"
    assert judge_story(story, as_of="2024-02-05T00:00Z").judgement.verdict == "clean"
    assert judge_story(story, as_of="2024-02-05T12:00Z").kinds("ROLE-1") == ["gate"]


@table(
    (
        "an engagement's practitioner",
        THERAPY + "2024-01-15 session-held E1 jurisdiction=US-SC",
        ("LIC-2", "P-1", ("E1",)),
    ),
    ("the one who discloses", "2024-01-15 disclosure-made D1 P-2", ("CON-1", "P-2", ())),
    (
        "the one who refers",
        "2024-01-05 client-relocated US-SC\n2024-01-15 referral-made R1 P-2",
        ("REF-3", "P-2", ()),
    ),
    ("the one who opens", THERAPY + "2024-02-05 coaching E2", ("ROLE-1", "P-1", ("E2", "E1"))),
    ("none", "2024-01-15 agreement-issued A1 coaching-contract practitioner=", ("AGR-3", None, ())),
    (
        "none, its engagement was retracted",
        "2024-01-08 therapy E1 source=x\n2024-01-15 session-held E1\n2024-01-16 retract x",
        ("SEQ-2", None, ("E1",)),
    ),
)
def test_whom_and_what_a_finding_names(story: str, expected: tuple[str, str | None, tuple[str, ...]]) -> None:
    rule, practitioner, engagements = expected
    one = judge_story(story).findings(rule)[0]

    assert (one.practitioner, one.engagements, one.client) == (practitioner, engagements, "C-1")
    assert one.key == (rule, one.kind, one.judged.ref)
    assert one.judged is one.entries[0]


@table(
    ("an opening", THERAPY + "2024-02-05 coaching E2", ("ROLE-1", True)),
    ("a warning", THERAPY.strip() + " intake.recommended=none", ("INT-3", False)),
    ("a violation", THERAPY + "2024-01-15 session-held E1 jurisdiction=US-SC", ("LIC-2", False)),
    (
        "a session dated ahead",
        THERAPY + "2024-01-15 session-held E1 recorded@2024-01-05\n2024-01-16 today",
        ("SEQ-3", True),
    ),
    ("a revocation is no act", "2024-01-05 agreement-revoked A1\n2024-01-08 consent A1", ("SEQ-1", False)),
    ("a signature", "2024-01-08 consent A1 text_sha256=x", ("AGR-4", True)),
)
def test_only_gates_on_acts_refuse(story: str, expected: tuple[str, bool]) -> None:
    rule, refused = expected

    assert [refuses(one) for one in judge_story(story).findings(rule)] == [refused]


@table(
    ("adopted before", "2024-01-05 policy-adopted recommended\n", ["gate"]),
    ("adopted an instant before", "2024-06-10 12:00 policy-adopted recommended\n", ["gate"]),
    ("adopted after", "2024-06-11 policy-adopted recommended\n", []),
    ("adopted by name", "2024-01-05 policy-adopted ROLE-4\n", ["gate"]),
    ("another is adopted", "2024-01-05 policy-adopted ROLE-8\n", []),
    ("dropped since", "2024-01-05 policy-adopted recommended\n2024-01-06 policy-adopted drops=ROLE-4\n", []),
    (
        "dropped later",
        "2024-01-05 policy-adopted recommended\n2024-06-11 policy-adopted drops=ROLE-4\n",
        ["gate"],
    ),
    (
        "dropped and adopted again",
        "2024-01-05 policy-adopted drops=ROLE-4\n2024-01-06 policy-adopted ROLE-4\n",
        ["gate"],
    ),
)
def test_the_policy_in_force_applies(story: str, expected: list[str]) -> None:
    told = story + THERAPY + "2024-06-03 engagement-closed E1\n2024-06-10 12:00 coaching E2\n2024-12-31 today"

    assert judge_story(told).kinds("ROLE-4") == expected
    assert judge_story(told, policy=Policy(frozenset({"ROLE-4"}))).kinds("ROLE-4") == ["gate"]
    assert judge_story(told, policy=Policy()).kinds("ROLE-4") == []


def test_parameters_add_up_over_time() -> None:
    told = (
        "2021-01-04 policy-adopted recommended parameters.min_gap_days=30 parameters.late_entry_days=5\n"
        "2024-01-05 policy-adopted parameters.min_gap_days=20\n" + THERAPY
    )
    current = judge_story(told).judgement.policies.current

    assert dict(current.parameters) == {"min_gap_days": 20, "late_entry_days": 5}


def test_what_rests_on_which_entries_is_kept_for_acts_only() -> None:
    verdict = judge_story(THERAPY + "2024-01-15 session-held E1")

    kept = {
        verdict.case.facts[index].entry.type
        for index in range(len(verdict.case.facts))
        if verdict.case.facts[index].seq in verdict.judgement.rulings
    }
    assert kept == {"AgreementSigned", "EngagementOpened"}


@pytest.mark.parametrize(
    ("asked", "found"), [(None, ["E2", "E3"]), ({("client/C-1", 13)}, ["E3"]), (set(), [])]
)
def test_only_some_entries_may_be_judged(asked: set[tuple[str, int]] | None, found: list[str]) -> None:
    told = stories.read(THERAPY + "2024-02-05 coaching E2\n2024-02-06 coaching E3")
    calendar, rows = Calendar("UTC"), entries(told.told, "enforced")
    facts = [fact for stream, own in rows.items() if stream[0] == "p" for fact in read(own, calendar).facts]
    practice = practices.fold(facts, calendar)
    history = read(rows["client/C-1"], calendar)
    judgement = judge(
        "C-1", history, practice, policies_of(practice), "2024-05-31T00:00:00.000000Z", only=asked
    )

    assert [one.engagements[0] for one in judgement.findings if one.rule == "ROLE-1"] == found
    assert bool(judgement.obligations) is (asked is None)


def test_the_practices_own_entries_are_judged_too() -> None:
    told = stories.read(
        "2024-01-08 licence-recorded P-1 recorded@2024-02-05\n2024-01-09 actor-registered desk override=desk"
    )
    calendar, rows = Calendar("UTC"), entries(told.told, "enforced")
    facts = [fact for stream, own in rows.items() if stream[0] == "p" for fact in read(own, calendar).facts]
    practice = practices.fold(facts, calendar)
    judgement = judge(
        None, History(practice.entries), practice, policies_of(practice), "2024-05-31T00:00:00.000000Z"
    )

    found = {(one.rule, one.judged.entry.type, one.client) for one in judgement.findings}
    assert {("TIME-1", "LicenceRecorded", None), ("OVR-1", "ActorRegistered", None)} <= found
    assert (judgement.case, judgement.obligations, judgement.transitions) == (None, [], [])


def test_corrections_are_judged_up_to_the_moment_asked_about() -> None:
    story = "2024-01-08 therapy E1 source=x\n2024-01-15 12:00 correct x focus=grief recorded@2024-02-05"

    assert judge_story(story, as_of="2024-01-15T12:00Z").kinds("TIME-1") == ["warning"]
    assert judge_story(story, as_of="2024-01-15T11:59Z").kinds("TIME-1") == []


def test_obligations_are_told_apart() -> None:
    verdict = judge_story(
        THERAPY + "2024-01-09 therapy E2 with=P-2\n2024-03-04 client-relocated US-SC\n2024-03-05 today"
    )
    first, second = verdict.obligations("LIC-3")

    assert first.due.cause is second.due.cause
    assert first.key != second.key
    assert (first.pending, first.serious, first.client) == (True, False, "C-1")
