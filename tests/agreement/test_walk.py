"""An exhaustive walk over a small world: engine and oracle agree in every state, and the gates keep their word."""

import pytest

from tests.agreement.small_world import LATER, refused, walk
from tests.agreement.worlds import difference, engine_opinion, oracle_opinion, written

EVERYDAY, CAMPAIGN = 1_500, 20_000


def check(most: int) -> tuple[int, int, set[str]]:
    """Walks; returns states seen, the longest way, and the gates that refused something."""
    states = depth = 0
    gates: set[str] = set()
    for state, lines, _case in walk(most):
        states, depth = states + 1, len(state.acts)
        found = difference(engine_opinion(lines, LATER), oracle_opinion(lines, LATER))
        assert not found, "\n".join([*found.grave, *found.light, written(lines)])
        against = {finding.rule for finding in refused(lines)}
        gates |= against
        if not against and lines[-1].body["type"] != "AgreementRevoked":  # no act that a gate could refuse
            last = (lines[-1].stream, lines[-1].seq)
            kept = engine_opinion(lines, LATER).findings
            assert not [one for one in kept if one[1] == "gate" and (one[3], one[4]) == last], written(lines)
    return states, depth, gates


def test_they_agree_in_every_state_and_an_accepted_act_breaks_no_gate() -> None:
    states, depth, gates = check(EVERYDAY)
    assert states == EVERYDAY
    assert depth >= 3
    assert {"AGR-1", "INT-1", "SEQ-1"} <= gates


@pytest.mark.campaign
def test_they_agree_deeper() -> None:
    states, depth, gates = check(CAMPAIGN)
    assert states == CAMPAIGN
    assert depth >= 5
    assert {"ROLE-1", "SCOPE-1", "AGR-1", "AGR-2", "INT-1", "SEQ-1"} <= gates
