"""Two processes at once begin, for one client and one professional, what must not run together: one succeeds."""

import pytest

from tests.faults.doing import pair
from tests.faults.examining import examine
from tests.faults.journal import acts
from tests.faults.rejudging import require_truthful
from tests.faults.sites import Site


def together(site: Site, rounds: int) -> None:
    children = [site.child(name, f"open-{name}", asked=True) for name in ("therapy", "coaching")]
    with site.ledger() as ledger:
        for number in range(rounds):
            ledger.record(pair(number))
    for child in children:
        child.wait_for("ready")
    for number in range(rounds):
        for child in children[:: 1 if number % 2 else -1]:
            child.ask(number)
        for child in children:
            child.wait_for("outcome", number + 1)
    for child in children:
        child.ask(None)
        child.end()


@pytest.mark.parametrize("rounds", [12, pytest.param(400, marks=pytest.mark.campaign)])
def test_of_therapy_and_coaching_begun_at_once_exactly_one_is(site: Site, rounds: int) -> None:
    together(site, rounds)

    found = examine(site)
    found.require_clean()
    assert not found.errors
    assert (found.acknowledged, found.refused) == (rounds, rounds)
    both = zip(*(list(acts([journal])) for journal in site.journals), strict=True)
    assert all({one.outcome, other.outcome} == {"acknowledged", "refused"} for one, other in both)
    assert require_truthful(site) == (rounds, rounds)
