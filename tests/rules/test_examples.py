"""Every example of every rule: what its documentation shows is what the rule does."""

import pytest

from ledger.rules.catalogue import RULES
from ledger.rules.rule import Example, Rule
from tests.rules.telling import judge_story


def told(attribute: str) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.id}: {example.tells}")
        for rule in RULES
        for example in getattr(rule, attribute)
    ]


@pytest.mark.parametrize(("rule", "example"), told("allowed"))
def test_an_allowed_example_gives_no_finding_of_its_rule(rule: Rule, example: Example) -> None:
    verdict = judge_story(example.story)

    assert verdict.kinds(rule.id) == []
    assert set(verdict.statuses(rule.id)) <= {"open", "met"}


@pytest.mark.parametrize(("rule", "example"), told("denied"))
def test_a_denied_example_gives_one_of_its_rule(rule: Rule, example: Example) -> None:
    verdict = judge_story(example.story)

    assert verdict.breaks(rule.id), [one.message for one in verdict.judgement.findings]
