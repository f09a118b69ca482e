"""A clock that was set back, or forward and back again: order and proofs do not rest on it."""

import shutil

import pytest

from tests.faults.examining import examine
from tests.faults.saying import next_command_works
from tests.faults.sites import Site

pytestmark = pytest.mark.skipif(
    shutil.which("faketime") is None, reason="faketime is not installed (Debian: apt-get install faketime)"
)


def test_a_clock_that_was_set_forward_and_back(site: Site) -> None:
    for number, by in enumerate(("+3d", "-400d")):
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
