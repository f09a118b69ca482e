"""`kill -9` at any moment: what was acknowledged is there, the rest is there whole or not at all, and it goes on."""

import random
import time
from collections.abc import Callable, Sequence

import pytest

from tests.faults.examining import examine
from tests.faults.saying import next_command_works
from tests.faults.sites import Site
from tests.faults.table import Tally

DEEDS = ("record", "mixed", "import", "seal")
ROUNDS_A_LEDGER = 10
ACTS, LATER = 4, 0.03
"""A child is killed at most so many seconds after it has told of at most so many acts."""

Sites = Callable[[], Site]
Tallies = Callable[[str, str], Tally]


def killed(site: Site, deeds: Sequence[str], number: int, chance: random.Random) -> None:
    """Children at work, one after the other killed; one in eight before it has done anything."""
    children = [site.child(f"{deed}-{number}", deed) for deed in deeds]
    for child in children:
        if chance.randrange(8):
            child.wait_for("outcome", chance.randint(0, ACTS))
        time.sleep(chance.random() * LATER)
        child.kill()


def campaign(sites: Sites, tallies: Tallies, rounds: int, seed: int) -> None:
    chance = random.Random(seed)  # moments, not secrets
    site = sites()
    tally = tallies(site.engine, "kill -9")
    while tally.rounds < rounds:
        for number in range(min(ROUNDS_A_LEDGER, rounds - tally.rounds)):
            deeds = [DEEDS[tally.rounds % len(DEEDS)]]
            if number % 3 == 2:
                deeds.append(chance.choice(DEEDS))
            killed(site, deeds, number, chance)
            tally.rounds += 1
            examine(site, receipts=False).require_clean()
        next_command_works(site)
        found = examine(site)
        tally.add(found)
        found.require_clean()
        assert not found.errors, found.errors
        site = sites()


@pytest.mark.parametrize("rounds", [8, pytest.param(200, marks=pytest.mark.campaign)])
def test_what_was_acknowledged_survives_a_kill(sites: Sites, tallies: Tallies, rounds: int) -> None:
    campaign(sites, tallies, rounds, seed=rounds)
