"""Memory while importing grows with the largest client, not with the ledger."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.histories import generate
from tests import desk
from tests.importing import files

ROOT = Path(__file__).resolve().parents[2]
STATUS = Path("/proc/self/status")
BUDGET_MB = 250
IMPORT = """
import re, sys
from pathlib import Path
from ledger.application import Ledger
from ledger.importing import import_files
from ledger.places import Places
with Ledger(Places.of(sys.argv[1])) as ledger:
    import_files(ledger, [Path(sys.argv[2])], by="director")
    kilobytes = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)
    print(ledger.recorder.count(), int(kilobytes) // 1024)
"""


def peak(folder: Path, entries: int) -> int:
    """The peak memory in MB of a process that imports so many entries.

    As the kernel tells it of the program itself: `ru_maxrss` would include this process, from which it is forked.
    """
    folder.mkdir()
    history = files.ndjson(folder, generate(entries))
    with files.new_ledger(folder):
        program = [sys.executable, "-c", IMPORT, desk.places(folder).url, str(history)]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    count, megabytes = map(int, done.stdout.split())
    assert count == entries + 2
    return megabytes


@pytest.mark.campaign
@pytest.mark.skipif(not STATUS.exists(), reason="the peak is read from Linux's /proc")
def test_200_000_entries_take_little_more_memory_than_60_000(tmp_path: Path) -> None:
    small, large = peak(tmp_path / "small", 60_000), peak(tmp_path / "large", 200_000)
    assert large < BUDGET_MB
    assert large - small < 60, (small, large)
