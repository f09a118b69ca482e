"""The places these tests are run at."""

from pathlib import Path

import pytest

from tests.faults.sites import Site


@pytest.fixture(params=["sqlite"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """A small practice, on each engine in turn."""
    made = Site(request.param, tmp_path, f"sqlite:///{tmp_path}/practice.db")
    made.create()
    return made
