"""Beside pm4py's Declare conformance check, with the nearest equivalent of ROLE-1, AGR-1 and INT-1.

    make bench-declare

pm4py is AGPL: it is installed into an environment of its own (`.venv-peer`), called as a separate program, and
never imported by the project. Both sides read the same generated history, each from its own stored form (ours the
ledger, pm4py's an XES file), and are timed with and without reading.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.histories import generate
from ledger.application import Ledger
from ledger.events.engagements import EngagementOpened
from ledger.folding import fold
from ledger.history import History, read
from ledger.importing.importing import import_files
from ledger.opening import Opening
from ledger.perspective import CLIENTS, Perspective
from ledger.places import Places
from ledger.rules import agr_1, int_1, role_1
from ledger.rules.catalogue import DEFAULTS
from ledger.rules.rule import View

ENTRIES = 60_000
RULES = (role_1.RULE, agr_1.RULE, int_1.RULE)
PEER = Path(__file__).with_name("declare_peer.py")
POLICY = {"adopts": ["recommended"], "drops": [], "parameters": {}, "reason": "benchmark"}


def three_rules(histories: list[tuple[str, History]], perspective: Perspective) -> int:
    """Folds each client and judges its openings by the three rules; how many rulings there were."""
    rulings = 0
    for client, history in histories:
        view = View(
            case=fold(client, history.facts, perspective.practice),
            practice=perspective.practice,
            policies=perspective.policies,
            defaults=DEFAULTS,
            as_of=perspective.when.as_of,
            today=perspective.calendar.day_of(perspective.when.as_of),
            rulings={},
        )
        for fact in history.facts:
            if isinstance(fact.event, EngagementOpened):
                rulings += sum(1 for rule in RULES for _ in rule.check(fact, view))
    return rulings


def ours(folder: Path, lines: Path) -> dict[str, float]:
    """Seconds of ours: everything from the stored rows with all rules, and three rules in memory."""
    places = Places.of(f"sqlite:///{folder}/bench.db")
    opening = Opening("Benchmark", "America/New_York", "bench", policy=POLICY)
    with Ledger.create(places, opening) as ledger:
        import_files(ledger, [lines], by="bench")
        perspective = ledger.at(ledger.moment("2025-12-31"))
        begun = time.perf_counter()
        clients = sum(1 for _ in perspective.clients())
        audited = time.perf_counter() - begun
        begun = time.perf_counter()
        histories = [
            (stream.removeprefix(CLIENTS), read(rows, ledger.calendar))
            for stream, rows in ledger.entries.streams(CLIENTS, None)
        ]
        loaded = time.perf_counter() - begun
        begun = time.perf_counter()
        rulings = three_rules(histories, perspective)
        judged = time.perf_counter() - begun
    print(f"ours: {clients} clients, {rulings} rulings by {', '.join(rule.id for rule in RULES)}")
    return {"audited": audited, "loaded": loaded, "judged": judged}


def main(peer: str) -> None:
    """Runs both sides and prints them side by side; `peer` is a Python that has pm4py."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = folder / "history.ndjson"
        with lines.open("w", encoding="utf-8") as file:
            count = 0
            for line in generate(ENTRIES):
                file.write(json.dumps(line) + "\n")
                count += 1
        mine = ours(folder, lines)
        done = subprocess.run([peer, str(PEER), str(lines)], capture_output=True, text=True, check=True)
        theirs = json.loads(done.stdout.splitlines()[-1])
    rows = (
        ("ours, from stored rows, all rules", mine["audited"]),
        ("ours, from stored rows, three rules", mine["loaded"] + mine["judged"]),
        ("pm4py, from an XES file, three templates", theirs["read"] + theirs["checked"]),
        ("ours, in memory, three rules", mine["judged"]),
        ("pm4py, in memory, three templates", theirs["checked"]),
    )
    print(
        f"{count} entries; {theirs['events']} events of {theirs['cases']} cases for pm4py {theirs['version']}"
    )
    for label, seconds in rows:
        print(f"  {label:42} {seconds:8.3f} s  {count / seconds:12,.0f} entries/s")
    from_file = rows[2][1]
    print(f"ratio from the stored form, all rules against three templates: {from_file / rows[0][1]:.2f}")
    print(f"ratio from the stored form, three against three: {from_file / rows[1][1]:.2f}")
    print(f"ratio in memory, three against three: {theirs['checked'] / mine['judged']:.2f}")


if __name__ == "__main__":
    main(sys.argv[1])
