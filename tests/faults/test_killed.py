"""`kill -9` at any moment: what was acknowledged is there, the rest is there whole or not at all, and it goes on."""

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ledger.copying.backing_up import digest_of
from ledger.places import Places
from ledger.verification.verification import Question, verify
from projections.models.mending import verified
from projections.models.registry import MODELS
from tests.faults.examining import examine
from tests.faults.journal import acts
from tests.faults.saying import next_command_works
from tests.faults.sites import Site
from tests.faults.table import Tally

DEEDS = ("record", "import", "seal", "rebuild", "backup", "mixed")
ROUNDS_A_LEDGER = 10
ACTS, LATER = 4, 0.03
"""A child is killed at most so many seconds after it has told of at most so many acts."""

Sites = Callable[[], Site]
Tallies = Callable[[str, str], Tally]


def killed(site: Site, deeds: Sequence[str], number: int, chance: random.Random) -> None:
    """Children at work, one after the other killed; one in eight before it has done anything."""
    children = [site.child(f"{deed}-{number}{which}", deed) for which, deed in zip("ab", deeds, strict=False)]
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
        require_whole_beside(site)
        found = examine(site)
        tally.add(found)
        found.require_clean()
        assert not found.errors, found.errors
        site = sites()


def require_whole_beside(site: Site) -> None:
    """The read models are what a replay gives; every backup there is, acknowledged or not, is whole."""
    with site.ledger() as ledger:
        assert not verified(ledger, MODELS, lambda _done, _of: None).differences
    for act in acts(site.journals):
        if "backup" in act.told:
            assert digest_of(Path(act.told["file"]))[0] == act.told["backup"]
    for file in site.folder.glob("*.backup"):
        assert verify(Places.of(f"sqlite:///{file}"), Question()).sound, file


@pytest.mark.parametrize("rounds", [12, pytest.param(200, marks=pytest.mark.campaign)])
def test_what_was_acknowledged_survives_a_kill(sites: Sites, tallies: Tallies, rounds: int) -> None:
    campaign(sites, tallies, rounds, seed=rounds)
