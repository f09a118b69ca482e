"""The places these tests are run at, and the table of what they did."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.faults.sites import Site
from tests.faults.table import Tally, table

_TALLIES = pytest.StashKey[list[Tally]]()


@pytest.fixture(params=["sqlite"])
def sites(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Site]:
    """Makes small practices, on each engine in turn."""
    numbers = count()

    def make() -> Site:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        made = Site(request.param, folder, f"sqlite:///{folder}/practice.db")
        made.create()
        return made

    return make


@pytest.fixture
def site(sites: Callable[[], Site]) -> Site:
    """One small practice, on each engine in turn."""
    return sites()


@pytest.fixture
def tally(request: pytest.FixtureRequest, sites: Callable[[], Site]) -> Callable[[str], Tally]:
    """Makes a line of the table that is printed when all tests are done."""
    del sites

    def begin(fault: str) -> Tally:
        tallies = request.config.stash.setdefault(_TALLIES, [])
        tallies.append(Tally(request.node.callspec.params["sites"], fault))
        return tallies[-1]

    return begin


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the table."""
    tallies = config.stash.get(_TALLIES, [])
    if tallies:
        terminalreporter.section("faults")
        terminalreporter.write_line(table(tallies))
