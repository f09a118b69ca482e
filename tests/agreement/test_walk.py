"""An exhaustive walk over a small world: engine and oracle agree in every state, and the gates keep their word."""

import pytest

from ledger.rules.catalogue import RULES
from ledger.rules.judge import refuses
from ledger.rules.rule import Kind
from tests.agreement.small_world import CLIENT, LATER, SmallWorld, State
from tests.agreement.walks import CAMPAIGN, EVERYDAY, Walk, shortest_refusals
from tests.agreement.worlds import difference, oracle_opinion, perspective, told, written


def agree(state: State) -> None:
    """In one state engine and oracle agree, and nothing that the gates let pass breaks one afterwards."""
    lines = state.lines
    seen = perspective(lines, LATER)
    judgement = seen.judged(CLIENT).judgement
    found = difference(told(judgement), oracle_opinion(lines, LATER))
    assert not found.grave, "\n".join(("gates and violations:", *found.grave, written(lines)))
    assert not found.light, "\n".join(("warnings, advice, obligations:", *found.light, written(lines)))
    refused = {finding.key for finding in judgement.findings if refuses(finding)}
    assert refused == {finding.key for finding in state.refused}, written(lines)


def check(walk: Walk) -> tuple[int, int]:
    """Walks; returns how many states there were, and the longest way."""
    states = depth = 0
    for state in SmallWorld(walk.setting).walk(walk.most, walk.alphabet, walk.depth):
        states, depth = states + 1, len(state.acts)
        agree(state)
    return states, depth


@pytest.mark.parametrize("walk", EVERYDAY, ids=lambda walk: walk.name)
def test_they_agree_in_every_state_and_an_accepted_act_breaks_no_gate(walk: Walk) -> None:
    states, depth = check(walk)
    assert (states, depth) == (walk.states, walk.depth)


@pytest.mark.campaign
@pytest.mark.parametrize("walk", CAMPAIGN, ids=lambda walk: walk.name)
def test_they_agree_deeper(walk: Walk) -> None:
    states, depth = check(walk)
    assert states >= walk.states
    assert depth == walk.depth


def test_every_gate_refuses_something_in_the_small_world() -> None:
    assert set(shortest_refusals()) == {rule.id for rule in RULES if rule.kind is Kind.GATE}
