"""A clock that was set back, or forward and back again: order and proofs do not rest on it."""

import shutil

import pytest

from tests.faults.examining import examine
from tests.faults.saying import next_command_works
from tests.faults.sites import Site

pytestmark = pytest.mark.skipif(
    shutil.which("faketime") is None, reason="faketime is not installed (Debian: apt-get install faketime)"
)


@pytest.mark.parametrize("moved", [("-3d",), ("+3d", "-400d")], ids=["back", "forward and back"])
def test_a_clock_that_was_set(site: Site, moved: tuple[str, ...]) -> None:
    for number, by in enumerate(moved):
        site.before = ("faketime", "-f", by)
        child = site.child(f"child-{number}", "mixed", "--acts", "4")
        child.end()
    site.before = ()
    next_command_works(site)
    with site.ledger() as ledger:
        times = [time for page in ledger.recorder.log_times() for time in page]
        assert sorted(times, key=lambda one: one.log_time) == times
    found = examine(site)
    found.require_clean()
    assert not found.errors
    assert found.acknowledged
