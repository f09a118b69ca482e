"""Folding and judging from stored rows, on one core and two; whole processes; peak memory."""

import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

from benchmarks.peak import peak
from benchmarks.setting import described, history, new_ledger, places
from ledger.application import Ledger
from ledger.importing.importing import import_files
from ledger.verification.verification import Question, verify

AS_OF = "2025-12-31"


def imported(folder: Path, entries: int) -> Path:
    """A folder with a ledger of a generated history."""
    place = folder / f"ledger-{entries}"
    if not place.exists():
        with new_ledger(place) as ledger:
            import_files(ledger, [history(folder, entries)], by="bench")
    return place


def _judge(place: Path, between: tuple[str, str] | None) -> int:
    with Ledger(places(place)) as ledger:
        perspective = ledger.at(ledger.moment(AS_OF))
        return sum(len(judged.history.facts) for judged in perspective.clients(between))


def judging(folder: Path, entries: int, repetitions: int) -> None:
    """Prints entries a second, all rules, from the stored rows."""
    place = imported(folder, entries)
    with Ledger(places(place)) as ledger:
        halves = ledger.recorder.streams_split("client/", 2)
    one, two, judged = [], [], 0
    with ProcessPoolExecutor(2) as pool:
        list(
            pool.map(_judge, [place, place], halves)
        )  # warm: processes started, modules loaded, pages cached
        for _ in range(repetitions):
            begun = time.perf_counter()
            judged = _judge(place, None)
            one.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            list(pool.map(_judge, [place, place], halves))
            two.append(time.perf_counter() - begun)
    print(
        f"fold and judge {judged:,} entries from the stored rows, all rules; warm, medians of {repetitions}"
    )
    print(f"  {described(places(place).database)}")
    print(f"  one core   {judged / median(one):9,.0f} entries/s (budget 60,000)")
    print(
        f"  two cores  {judged / median(two):9,.0f} entries/s, {median(one) / median(two):.2f} times (budget 1.7)"
    )


def processes(folder: Path, root: Path, repetitions: int) -> None:
    """Prints whole processes: `--help` beside importing click, `show client` on the example."""
    place = folder / "example"
    if not place.exists():
        with new_ledger(place) as ledger:
            import_files(ledger, [root / "examples" / "lakeside-practice.ndjson"], by="bench")
    program = [sys.executable, "-m", "cli"]
    calls = {
        "click": [sys.executable, "-c", "import click"],
        "help": [*program, "--help"],
        "show": [*program, "--ledger", places(place).url, "show", "client", "C-BIRCH"],
    }
    taken: dict[str, list[float]] = {name: [] for name in calls}
    environment = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "80"}
    for _ in range(repetitions):
        for name, call in calls.items():
            begun = time.perf_counter()
            subprocess.run(call, cwd=root, env=environment, capture_output=True, check=True)
            taken[name].append(time.perf_counter() - begun)
    click, shown, show = (median(taken[name]) for name in ("click", "help", "show"))
    print(f"whole processes; warm, medians of {repetitions}")
    print(
        f"  import click {1000 * click:.0f} ms; --help {1000 * shown:.0f} ms, ratio {shown / click:.2f} (budget 1.5)"
    )
    print(f"  show client on the example {1000 * show:.0f} ms (budget 350)")


def memory(folder: Path, root: Path, sizes: tuple[int, ...]) -> None:
    """Prints the peak memory of an import, an audit and a verification of each size, each in a process of its own."""
    print("peak memory of a process (budget: 200,000 entries under 250 MB)")
    for entries in sizes:
        history(folder, entries)
        for what in ("import", "audit", "verify"):
            call = [sys.executable, "-m", "benchmarks.reading", what, str(folder), str(entries)]
            done = subprocess.run(call, cwd=root, capture_output=True, text=True, check=True)
            print(f"  {what} {entries:9,} entries: {done.stdout.strip()} MB")


def main(what: str, folder: Path, entries: int) -> None:
    """One side of `memory`, in a process of its own: prints its peak in MB."""
    if what == "import":
        with new_ledger(folder / f"memory-{entries}") as ledger:
            import_files(ledger, [history(folder, entries)], by="bench")
    elif what == "verify":
        verify(places(folder / f"memory-{entries}"), Question())
    else:
        _judge(folder / f"memory-{entries}", None)
    print(peak() // 1024)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
