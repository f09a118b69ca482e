"""Every measured budget in one command: `make bench` (or `python -m benchmarks --quick` for a smoke run).

Ratios are of two sides measured in turn in this run; no test rests on them.
"""

import os
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path

from benchmarks import proving, reading, verifying, writing

ROOT = Path(__file__).resolve().parent.parent


def main(*, quick: bool) -> None:
    """Runs all of them in a temporary folder."""
    rounds, entries, large, repetitions = (20, 2_000, 4_000, 1) if quick else (300, 60_000, 200_000, 5)
    provable = 20_000 if quick else 1_000_000
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        print(f"load before: {os.getloadavg()[0]:.2f}")
        writing.recording(folder, rounds, repetitions)
        writing.importing(folder, entries, repetitions)
        reading.judging(folder, large, repetitions)
        reading.processes(folder, ROOT, repetitions * 3)
        reading.memory(folder, ROOT, (entries, large))
        verifying.verifying(folder, large, repetitions)
        proving.proving(folder, provable, repetitions)
        print(f"load after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
