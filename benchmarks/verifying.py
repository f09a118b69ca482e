"""Verifying a large ledger: one process with and without opening the sealed texts, and two processes."""

import time
from pathlib import Path
from statistics import median

from benchmarks.reading import imported
from benchmarks.setting import described, places
from ledger.verification.verification import Question, verify

BUDGET, TIMES = 150_000, 1.7


def verifying(folder: Path, entries: int, repetitions: int) -> None:
    """Prints entries a second of a full verification, everything included (also SQLite's own check of the file)."""
    place = imported(folder, entries)
    asked = {
        "one core": Question(jobs=1, texts=False),
        "two cores": Question(jobs=2, texts=False),
        "one core, texts opened": Question(jobs=1),
    }
    taken: dict[str, list[float]] = {name: [] for name in asked}
    verify(places(place), asked["one core"])  # warm: modules loaded, pages cached
    for _ in range(repetitions):
        for name, question in asked.items():
            begun = time.perf_counter()
            report = verify(places(place), question)
            taken[name].append(time.perf_counter() - begun)
            if not report.sound:
                raise RuntimeError(f"the benchmark's ledger is not sound: {report.faults[:3]}")
    size = report.size
    one, two, opened = (median(taken[name]) for name in asked)
    print(f"verify {size:,} entries and {report.texts_opened:,} sealed texts; warm, medians of {repetitions}")
    print(f"  {described(places(place).database)}")
    print(f"  one core               {size / one:9,.0f} entries/s (budget {BUDGET:,})")
    print(f"  two cores              {size / two:9,.0f} entries/s, {one / two:.2f} times (budget {TIMES})")
    print(f"  one core, texts opened {size / opened:9,.0f} entries/s")
