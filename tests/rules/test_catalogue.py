"""The catalogue: every rule is complete, named after its module, and of the kind that RULES.md gives it."""

import importlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.errors import FieldError
from ledger.events.practice import PolicyAdopted
from ledger.policy import Parameter, Value
from ledger.rules import catalogue, seq_3
from ledger.rules.catalogue import BY_ID, DEFAULTS, MOST_DAYS, PARAMETERS, RECOMMENDED, RULES, check_policy
from ledger.rules.rule import Example, Kind, Rule

# RULES.md, the kind column, family by family: id, kind, "°" where marked.
KINDS = """
ROLE gate gate gate gate° gate warning advice° gate°
SCOPE gate obligation° violation gate gate warning advice
LIC gate violation obligation° advice
AGR gate gate gate° gate gate gate violation warning
REC violation violation violation obligation° obligation°
INT gate gate warning warning°
REF obligation° violation warning
CON violation advice obligation° advice warning
SEQ gate violation gate
TIME warning° warning
OVR violation
COR warning
"""
MARKED = {
    f"{family}-{number}": kind
    for family, *kinds in (line.split() for line in KINDS.strip().splitlines())
    for number, kind in enumerate(kinds, 1)
}
MAKES_PENDING = {"SCOPE-2", "LIC-3", "REC-4", "REF-1"}
LATE_IS_A_VIOLATION = {"SCOPE-2", "LIC-3"}
VALUES: dict[str, Value] = {
    "alternation_limit": 3,
    "alternation_window_days": 365,
    "min_gap_days": 0,
    "concern_action_days": 7,
    "licence_gap_days": 14,
    "therapy_consent_terms": (
        *("services", "confidentiality-limits", "billing"),
        *("risks-and-benefits", "right-to-withdraw"),
    ),
    "coaching_contract_terms": (
        *("goals", "private-pay", "no-diagnosis-or-treatment"),
        *("confidentiality-limits", "not-therapy"),
    ),
    "closing_summary_days": 14,
    "session_note_services": ("therapy",),
    "session_note_days": 7,
    "indication_review_days": 90,
    "referral_follow_up_days": 14,
    "reassessment_days": 90,
    "late_entry_days": 3,
    "solo_practice": False,
}
OF_NO_RULE: dict[str, Value] = {
    "record_refusals": True,
    "retention_years": 7,
    "retention_minor_years": 3,
}


def lacking(rule: Rule) -> list[str]:
    """What a rule has not that every rule has."""
    lacks = [name for name in ("id", "title", "why") if not getattr(rule, name)]
    lacks += [name for name in ("sources", "allowed", "denied") if not getattr(rule, name)]
    lacks += ["a source that says something"] if not all(source.strip() for source in rule.sources) else []
    lacks += [
        f"{name}: an example that tells and a story"
        for name in ("allowed", "denied")
        for example in getattr(rule, name)
        if not (example.tells.strip() and example.story.strip())
    ]
    lacks += [f"what {one.name} means" for one in rule.parameters if not one.meaning.endswith(".")]
    lacks += ["a title without a full stop"] if rule.title.endswith(".") else []
    lacks += ["due, and no check"] if rule.kind is Kind.OBLIGATION and rule.due is None else []
    return lacks


COMPLETE = Rule(
    id="SEQ-9",
    title="Something is done that is not done",
    kind=Kind.GATE,
    why="Because.",
    sources=("Guide",),
    parameters=(Parameter("most_days", 3, "Days at most."),),
    allowed=(Example("Allowed", "2024-01-08 therapy E1"),),
    denied=(Example("Denied", "2024-01-08 therapy E1"),),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_is_complete(rule: Rule) -> None:
    assert lacking(rule) == []


@pytest.mark.parametrize(
    ("rule", "lacks"),
    [
        (COMPLETE, []),
        (replace(COMPLETE, id=""), ["id"]),
        (replace(COMPLETE, title=""), ["title"]),
        (replace(COMPLETE, why=""), ["why"]),
        (replace(COMPLETE, sources=()), ["sources"]),
        (replace(COMPLETE, sources=(" ",)), ["a source that says something"]),
        (replace(COMPLETE, allowed=()), ["allowed"]),
        (replace(COMPLETE, denied=()), ["denied"]),
        (replace(COMPLETE, denied=(Example("", "x"),)), ["denied: an example that tells and a story"]),
        (replace(COMPLETE, parameters=(Parameter("most_days", 3, ""),)), ["what most_days means"]),
        (replace(COMPLETE, title="It is done."), ["a title without a full stop"]),
        (replace(COMPLETE, kind=Kind.OBLIGATION), ["due, and no check"]),
    ],
    ids=lambda value: " ".join(value) or "complete" if isinstance(value, list) else "",
)
def test_an_incomplete_rule_is_found(rule: Rule, lacks: list[str]) -> None:
    assert lacking(rule) == lacks


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_stands_in_the_module_named_after_it(rule: Rule) -> None:
    module = importlib.import_module(f"ledger.rules.{rule.id.lower().replace('-', '_')}")

    assert module.RULE is rule
    assert (module.__doc__ or "").startswith(f"{rule.id}: ")


def test_every_module_of_a_rule_is_in_the_catalogue() -> None:
    modules = Path(catalogue.__file__).parent.glob("*_[0-9]*.py")

    assert sorted(path.stem for path in modules) == sorted(
        rule.id.lower().replace("-", "_") for rule in RULES
    )


def test_ids_are_unique_and_those_of_the_catalogue() -> None:
    assert [rule.id for rule in RULES] == list(MARKED)
    assert len(BY_ID) == len(RULES)
    assert {rule.family for rule in RULES} == {line.split()[0] for line in KINDS.strip().splitlines()}


def test_kinds_and_adoption_are_those_of_the_catalogue() -> None:
    assert {rule.id: rule.kind + "°" * rule.adopted for rule in RULES} == MARKED
    assert {rule.id for rule in RULES if rule.adopted} == RECOMMENDED


def test_obligations_that_make_pending_and_those_that_violate_when_late() -> None:
    due = [rule for rule in RULES if rule.kind is Kind.OBLIGATION]

    assert {rule.id for rule in RULES if rule.due is not None} == {rule.id for rule in due}
    assert {rule.id for rule in RULES if rule.pending} == MAKES_PENDING
    assert {rule.id for rule in due if rule.late is Kind.VIOLATION} == LATE_IS_A_VIOLATION
    assert {rule.late for rule in due if rule.id not in LATE_IS_A_VIOLATION} == {Kind.WARNING}


def test_parameters_have_the_names_and_values_of_the_catalogue() -> None:
    assert DEFAULTS == VALUES | OF_NO_RULE
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in PARAMETERS)
    assert [one.name for rule in RULES for one in rule.parameters] == list(VALUES)
    assert all(rule.adopted for rule in RULES if rule.parameters and rule.id != "OVR-1")


def test_no_wording_attests_or_names_a_section_nobody_read() -> None:
    words = {
        rule.id: " ".join([rule.title, rule.why, rule.exceptions, *rule.sources, *map(str, rule.parameters)])
        for rule in RULES
    }

    assert [
        name for name, said in words.items() if re.search(r"complian|certif|guarant", said, re.IGNORECASE)
    ] == []
    assert [name for name, said in words.items() if "A.11" in said or "H.1.b" in said] == []


def test_a_check_that_is_due_finds_nothing_on_an_entry() -> None:
    rule = BY_ID["REC-4"]

    assert list(rule.check(None, None)) == []  # type: ignore[arg-type]
    assert seq_3.ALLOWED_AHEAD.total_seconds() == 300


# -- what a policy may say --------------------------------------------------------------------------------


def policy(
    adopts: Sequence[str] = (), drops: Sequence[str] = (), parameters: dict[str, Value] | None = None
) -> PolicyAdopted:
    return PolicyAdopted(
        adopts=tuple(adopts), drops=tuple(drops), parameters=parameters or {}, reason="practice decision"
    )


@pytest.mark.parametrize(
    "event",
    [
        policy(["recommended"], ["ROLE-8"]),
        policy(["REC-4"]),
        policy(parameters={"min_gap_days": 0, "reassessment_days": MOST_DAYS}),
        policy(parameters={"solo_practice": True, "session_note_services": ("therapy", "coaching")}),
        policy(parameters={"therapy_consent_terms": ("anything", "goes")}),
        policy(parameters={"therapy_consent_terms": ()}),
    ],
)
def test_a_policy_of_what_there_is_passes(event: PolicyAdopted) -> None:
    check_policy(event)


@pytest.mark.parametrize(
    ("event", "word"),
    [
        (policy(["ROLE-1"]), "adopts: .*ROLE-1"),
        (policy(["ROLE-99"]), "adopts: .*ROLE-99"),
        (policy(drops=["ROLE-1"]), "drops: .*ROLE-1"),
        (policy(drops=["REC-99"]), "drops: .*REC-99"),
        (policy(parameters={"min_gap": 3}), "no parameter min_gap"),
        (policy(parameters={"min_gap_days": -1}), "whole number from 0 to 36500 .* came -1"),
        (policy(parameters={"min_gap_days": MOST_DAYS + 1}), "came 36501"),
        (policy(parameters={"min_gap_days": True}), "came True"),
        (policy(parameters={"min_gap_days": ("3",)}), "whole number"),
        (policy(parameters={"solo_practice": 1}), "true or false, came 1"),
        (policy(parameters={"therapy_consent_terms": 3}), "list of codes, came 3"),
        (policy(parameters={"session_note_services": ("therapy", "yoga")}), "therapy, coaching, came yoga"),
    ],
)
def test_a_policy_of_what_there_is_not_is_bad_input(event: PolicyAdopted, word: str) -> None:
    with pytest.raises(FieldError, match=word) as refused:
        check_policy(event)

    assert len(refused.value.problems) == 1


def test_every_problem_of_a_policy_is_named() -> None:
    with pytest.raises(FieldError) as refused:
        check_policy(policy(["ROLE-1"], ["ROLE-2"], {"min_gap_days": -1, "nothing": 0}))

    assert len(refused.value.problems) == 4
