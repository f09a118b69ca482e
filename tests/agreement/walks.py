"""Which walks are taken over the small world, and the shortest refused sequence of each gate they find."""

from dataclasses import dataclass
from functools import cache

from tests.agreement.small_acts import Alphabet
from tests.agreement.small_world import COACH, MINOR, PLAIN, Setting, SmallWorld, State


@dataclass(frozen=True)
class Walk:
    """So many acts deep with these acts; `states` are how many states there are (campaign: at least)."""

    name: str
    depth: int
    states: int
    alphabet: Alphabet
    setting: Setting = PLAIN
    most: int = 10**9


EVERYTHING = Alphabet()
ONE_PAIR = Alphabet(frozenset({"papers"}), ("P-1",), ("none",), 2, 2, 2, flawed=False)
CONCERNS = Alphabet(frozenset({"papers", "concerns"}), ("P-1",), ("none",), 1, 1, 1, flawed=False)
CARE = Alphabet(
    frozenset({"papers", "concerns", "referrals", "work"}), ("P-1",), ("none",), 1, 1, 1, flawed=False
)
PAPERS = Alphabet(frozenset({"papers"}), ("P-1", "P-2"), ("none",), 1, 1, 1, flawed=False)

EVERYDAY = (
    Walk("every act", 3, 5_667, EVERYTHING),
    Walk("one pair", 6, 3_821, ONE_PAIR),
    Walk("concerns", 7, 965, CONCERNS),
    Walk("a minor", 4, 296, PAPERS, MINOR),
    Walk("a coach", 4, 296, PAPERS, COACH),
)
CAMPAIGN = (
    Walk("every act", 4, 25_000, EVERYTHING, most=25_000),
    Walk("one pair", 8, 25_000, ONE_PAIR, most=25_000),
    Walk("concerns", 9, 5_000, CONCERNS),
    Walk("care", 8, 15_000, CARE, most=15_000),
)


@cache
def shortest_refusals() -> dict[str, tuple[Walk, State]]:
    """By gate rule the shortest sequence found whose last act it refuses, all acts before taken by the gates; of
    several as short the one that the fewest other gates refuse.
    """
    found: dict[str, tuple[Walk, State]] = {}
    for walk in EVERYDAY:
        for state in SmallWorld(walk.setting).walk(walk.most, walk.alphabet, walk.depth):
            for finding in state.refused:
                before = found.get(finding.rule)
                if before is None or _weight(state) < _weight(before[1]):
                    found[finding.rule] = (walk, state)
    return found


def _weight(state: State) -> tuple[int, int]:
    return len(state.acts), len({finding.rule for finding in state.refused})
