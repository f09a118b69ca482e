"""One ledger of ten thousand, a hundred thousand and a million entries, on both engines: `make bench-scale`.

    python -m benchmarks.scale [--sizes 10000,100000,1000000] [--engines sqlite,postgres] [--folder DIR]

Every step runs in a process of its own, so that its peak memory is its own. What is measured of one client's work is
measured in whole processes (as a person waits for it) and within one process with the ledger open. The histories come
from `benchmarks.histories`: the same number and seed give the same bytes; a million entries are 20,000 clients.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.scale_steps import STEPS, WHOLE
from benchmarks.setting import history
from tests.postgres.server import Server

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10_000, 100_000, 1_000_000)
GROWTH = 1.5
"""How many times longer one client's work may take in the largest ledger than in the smallest."""


@dataclass(frozen=True)
class Place:
    """One engine's ledger of one size: its folder, where its key files are, and its address."""

    engine: str
    entries: int
    folder: Path
    url: str


def main(sizes: Sequence[int], engines: Sequence[str], folder: Path) -> None:
    """Measures every engine at every size, smallest first, and prints what grows."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}")
    with ExitStack() as stack:
        server = stack.enter_context(_server()) if "postgres" in engines else None
        for engine in engines:
            found = []
            for entries in sizes:
                place = _place(engine, entries, folder, server)
                found.append({step: _measured(step, place) for step in STEPS})
                _print_size(place, found[-1])
            _print_growth(engine, sizes, found)
        if server is not None:
            from benchmarks import writers

            print()
            writers.run(server.url())
        print(f"load {os.getloadavg()[0]:.2f}")


@contextmanager
def _server() -> Iterator[Server]:
    """A private PostgreSQL server, removed afterwards."""
    server = Server()
    try:
        yield server.init().start()
    finally:
        server.stop()
        server.remove()


def _place(engine: str, entries: int, folder: Path, server: Server | None) -> Place:
    own = folder / f"{engine}-{entries}"
    own.mkdir(parents=True)
    if server is None or engine == "sqlite":
        return Place(engine, entries, own, f"sqlite:///{own}/scale.db")
    name = f"scale_{entries}"
    server.run(f"CREATE DATABASE {name}")
    return Place(engine, entries, own, server.url(name))


def _measured(step: str, place: Place) -> dict[str, Any]:
    """What a step took, as it told on its last line; measured whole in a process of its own."""
    call = [sys.executable, "-m", "benchmarks.scale_steps", step, place.url, str(place.entries)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ENGAGEMENT_LEDGER_KEYS": str(place.folder / "scale.keys"),
        "ENGAGEMENT_LEDGER_ROLE": str(place.folder / "scale.role"),
        "SCALE_HISTORY": str(history(place.folder.parent, place.entries)),
    }
    begun = perf_counter()
    done = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{step} of {place.entries} on {place.engine}: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told | {"whole": perf_counter() - begun}


def _print_size(place: Place, found: dict[str, dict[str, Any]]) -> None:
    size = found["import"]["entries"]
    print(f"\n{place.engine}, {size:,} entries, {found['import']['clients']:,} clients")
    print(f"  {'whole ledger':<26}{'s':>8}{'of processor':>14}{'entries/s':>12}{'peak MB':>9}")
    for step in WHOLE:
        one = found[step]
        print(
            f"  {step:<26}{one['seconds']:8.2f}{one['processor']:14.2f}{size / one['seconds']:12,.0f}{one['peak']:9,}"
        )
    on_disk = ", ".join(f"{name} {taken / 1e6:,.0f} MB" for name, taken in found["sizes"]["files"].items())
    print(f"  on disk: {on_disk}; {found['sizes']['per_entry']:,.0f} bytes an entry")
    print(f"  {'one client, ms':<26}{'process':>8}{'in process':>12}")
    for what, (process, within) in _of_one_client(found).items():
        shown = "-" if process is None else f"{1000 * process:.0f}"
        print(f"  {what:<26}{shown:>8}{1000 * within:12.2f}")


def _of_one_client(found: dict[str, dict[str, Any]]) -> dict[str, tuple[float | None, float]]:
    within = found["client"]["medians"] | found["caseload"]["medians"]
    return {what: (found["commands"].get(what), seconds) for what, seconds in within.items()}


def _print_growth(engine: str, sizes: Sequence[int], found: Sequence[dict[str, dict[str, Any]]]) -> None:
    if len(sizes) < 2:
        return
    first, last = found[0], found[-1]
    more = last["import"]["entries"] / first["import"]["entries"]
    print(f"\n{engine}: from {sizes[0]:,} to {sizes[-1]:,} entries, {more:.0f} times as many")
    for step in WHOLE:
        each = last[step]["seconds"] / first[step]["seconds"] / more
        print(f"  {step:<26}{each:6.2f} times as long for each entry")
    for what, (process, within) in _of_one_client(last).items():
        before_process, before_within = _of_one_client(first)[what]
        told = f"{within / before_within:6.2f} times as long in process"
        if process is not None and before_process is not None:
            told += f", {process / before_process:.2f} as a command"
        print(f"  {what:<26}{told} (budget {GROWTH})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure how a ledger grows.")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--engines", default="sqlite,postgres")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder by default")
    given = parser.parse_args()
    with ExitStack() as cleaning:
        where = given.folder or Path(cleaning.enter_context(tempfile.TemporaryDirectory()))
        main([int(size) for size in given.sizes.split(",")], given.engines.split(","), where)
