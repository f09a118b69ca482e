"""Long random histories: backdated, day-only, tied, corrected, on several clocks; engine and oracle agree on all."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.agreement.histories import history, moments, seeds
from tests.agreement.worlds import difference, engine_opinion, engine_verdicts, oracle_opinion, written
from tests.thoroughness import examples

CALM: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": False}
MOVES = st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=45, unique=True)


def agree(moves: Sequence[int], asked: int) -> None:
    """Engine and oracle say the same of the history, at its end and at a moment within it."""
    lines = history(moves)
    for as_of in moments(lines, asked):
        oracle = oracle_opinion(lines, as_of)
        found = difference(engine_opinion(lines, as_of), oracle)
        told = f"as of {as_of.isoformat()}\n{written(lines)}"
        assert not found.grave, "\n".join(("gates and violations:", *found.grave, told))
        assert not found.light, "\n".join(("warnings, advice, obligations:", *found.light, told))
        verdicts = engine_verdicts(lines, as_of)
        assert verdicts == {client: oracle.verdict(client) for client in verdicts}, told


@settings(max_examples=examples(200), derandomize=True, phases=(Phase.generate, Phase.shrink), **CALM)
@given(MOVES, st.integers(0, 2**16))
def test_engine_and_oracle_agree_on_random_histories(moves: list[int], asked: int) -> None:
    agree(moves, asked)


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(20))
def test_engine_and_oracle_agree_on_thousands_of_random_histories(block: int) -> None:
    for seed in range(block * 250, (block + 1) * 250):
        agree(seeds(seed), seed)


@pytest.mark.campaign
def test_the_histories_are_long_and_reach_every_rule() -> None:
    """A generator that told nothing of a rule would agree about it all the same."""
    told: set[tuple[str, str]] = set()
    lengths = []
    for seed in range(300):
        lines = history(seeds(seed))
        lengths.append(len(lines))
        opinion = oracle_opinion(lines, moments(lines, seed)[0])
        told |= {(found[0], found[1]) for found in opinion.findings}
        told |= {(owed[0], owed[5]) for owed in opinion.obligations}
    assert sum(length >= 30 for length in lengths) > 200
    assert told >= EVERYTHING


EVERYTHING = {
    *((f"ROLE-{n}", "gate") for n in (1, 2, 3, 4, 5, 8)),
    *(("ROLE-2", "warning"), ("ROLE-6", "warning"), ("ROLE-7", "advice")),
    *(("SCOPE-1", "gate"), ("SCOPE-3", "violation"), ("SCOPE-4", "gate"), ("SCOPE-5", "gate")),
    *(
        ("SCOPE-6", "warning"),
        ("SCOPE-7", "advice"),
        ("LIC-1", "gate"),
        ("LIC-2", "violation"),
        ("LIC-4", "advice"),
    ),
    *((f"AGR-{n}", "gate") for n in range(1, 7)),
    *(
        ("AGR-3", "warning"),
        ("AGR-4", "warning"),
        ("AGR-6", "warning"),
        ("AGR-7", "violation"),
        ("AGR-8", "warning"),
    ),
    *((f"REC-{n}", "violation") for n in (1, 2, 3)),
    *(("INT-1", "gate"), ("INT-2", "gate"), ("INT-3", "warning"), ("INT-4", "warning")),
    *(("REF-2", "violation"), ("REF-3", "warning"), ("CON-1", "violation"), ("CON-2", "advice")),
    *(
        ("CON-4", "advice"),
        ("CON-5", "warning"),
        ("SEQ-1", "gate"),
        ("SEQ-2", "violation"),
        ("SEQ-3", "gate"),
    ),
    *(
        ("TIME-1", "warning"),
        ("TIME-2", "warning"),
        ("OVR-1", "violation"),
        ("OVR-1", "warning"),
        ("COR-1", "warning"),
    ),
    *(
        (rule, status)
        for rule in ("SCOPE-2", "LIC-3", "CON-3", "REC-4", "REC-5", "REF-1")
        for status in ("met", "late")
    ),
    *((rule, "overdue") for rule in ("SCOPE-2", "LIC-3", "CON-3", "REC-4", "REC-5", "REF-1")),
}
