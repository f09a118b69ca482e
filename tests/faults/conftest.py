"""The places these tests are run at, and the table of what they did."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.mounts import own_namespace
from tests.faults.sites import Site, in_file, on_server
from tests.faults.table import Tally, table
from tests.postgres.place import fresh_place

_TALLIES = pytest.StashKey[list[Tally]]()


@pytest.fixture(autouse=True, scope="session")
def mounts_to_ourselves() -> None:
    """Before the first child: what tests mount is then seen by every child, and by nobody else."""
    own_namespace()


@pytest.fixture
def left() -> Iterator[ExitStack]:
    """What is taken back when a test is over, however it ended."""
    with ExitStack() as left:
        yield left


@pytest.fixture(params=["sqlite", "postgres"])
def sites(request: pytest.FixtureRequest, tmp_path: Path, left: ExitStack) -> Callable[[], Site]:
    """Makes small practices, on each engine in turn."""
    numbers = count()

    def make() -> Site:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        if request.param == "sqlite":
            made = in_file(folder)
        else:
            place = left.enter_context(fresh_place(request.getfixturevalue("postgres_url")))
            made = on_server(folder, place)
        left.callback(made.leave)
        made.create()
        return made

    return make


@pytest.fixture
def site(sites: Callable[[], Site]) -> Site:
    """One small practice, on each engine in turn."""
    return sites()


@pytest.fixture
def file_site(tmp_path: Path, left: ExitStack) -> Site:
    """One small practice in a file in the test's own folder, yet to be made."""
    made = in_file(tmp_path)
    left.callback(made.leave)
    return made


@pytest.fixture
def open_folder(left: ExitStack) -> Path:
    """A folder that every user can reach; the tests' own are closed to others."""
    folder = Path(left.enter_context(TemporaryDirectory()))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def tallies(request: pytest.FixtureRequest) -> Callable[[str, str], Tally]:
    """Makes a line of the table that is printed when all tests are done, of an engine and a fault."""

    def begin(engine: str, fault: str) -> Tally:
        tallies = request.config.stash.setdefault(_TALLIES, [])
        tallies.append(Tally(engine, fault))
        return tallies[-1]

    return begin


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the table."""
    tallies = config.stash.get(_TALLIES, [])
    if tallies:
        terminalreporter.section("faults")
        terminalreporter.write_line(table(tallies))
