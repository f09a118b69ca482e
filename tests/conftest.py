"""What tests of every kind share."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from selenium import webdriver

from ledger.places import Places
from tests import desk
from tests.postgres.place import fresh_place, private_server
from tests.postgres.server import Server
from tests.thoroughness import examples

settings.register_profile("this run", max_examples=examples(100))
settings.load_profile("this run")

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",  # as root, in CI, there is none to be had
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A headless Chromium with an empty profile, one per test process.

    Skips where Chromium or its driver is not installed; with EL_REQUIRE_BROWSER=1 (as in CI) fails instead.
    Both programs are named by path, so selenium has nothing to look for or to download.
    """
    chromium, driver = _installed("chromium"), _installed("chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    profile: Path = tmp_path_factory.mktemp("chromium")
    for flag in (*CHROMIUM_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    try:
        yield chrome
    finally:
        chrome.quit()


def _installed(program: str) -> str:
    """The path of `program`; skips the test without it, or fails it where a browser is required."""
    path = shutil.which(program)
    if path is None:
        missing = f"{program} is not installed (Debian: apt-get install chromium chromium-driver)"
        if os.environ.get("EL_REQUIRE_BROWSER") == "1":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server on which tests may make roles, schemas and databases.

    The one of EL_POSTGRES_URL, else a private one per test process. Skips where PostgreSQL is not installed; with
    EL_REQUIRE_POSTGRES=1 (as in CI) fails instead.
    """
    given = os.environ.get("EL_POSTGRES_URL")
    if given:
        yield given
        return
    with private_server() as server:
        yield server.url()


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[Server]:
    """A private server of this test process, for tests that cannot share theirs: they restart it, or change roles."""
    with private_server() as server:
        yield server


@pytest.fixture
def postgres_place(postgres_url: str) -> Iterator[str]:
    """An address with a schema of its own, in which nothing has been made; emptied afterwards."""
    with fresh_place(postgres_url) as place:
        yield place


@pytest.fixture(params=["sqlite", "postgres"])
def each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Every ledger of `desk` is kept by SQLite, and once more by PostgreSQL; the engine's name.

    On a server the ledger of a folder has a schema of its own, its key files are in the folder.
    """
    if request.param == "sqlite":
        yield "sqlite"
        return
    url = request.getfixturevalue("postgres_url")
    with ExitStack() as places:
        made: dict[Path, str] = {}

        def on_server(folder: Path) -> Places:
            if folder not in made:
                made[folder] = places.enter_context(fresh_place(url))
            keys, role = (str(folder / f"practice.{end}") for end in ("keys", "role"))
            return Places.of(made[folder], keys=keys, role=role)

        monkeypatch.setattr(desk, "places", on_server)
        yield "postgres"
