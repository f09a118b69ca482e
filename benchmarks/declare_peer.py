"""The pm4py side of `benchmarks.declare`: run by a Python of its own environment, never imported.

Prints one JSON line: seconds to read an XES file and to check it, cases, events, version.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["PM4PY_SHOW_BANNER"] = "0"
import pandas as pd
import pm4py

PAIRS = [
    (evidence, f"EngagementOpened {service}")
    for evidence in ("IntakeCompleted", "AgreementSigned")
    for service in ("therapy", "coaching")
]
WEIGHT = {"support": 1, "confidence": 1}
MODEL = {
    "precedence": dict.fromkeys(PAIRS, WEIGHT),
    "noncoexistence": {("EngagementOpened therapy", "EngagementOpened coaching"): WEIGHT},
}


def events(lines: Path) -> pd.DataFrame:
    """The clients' entries as pm4py's event log: case, activity, time."""
    rows = []
    for line in lines.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        if "client" in given:
            activity = " ".join(filter(None, (given["type"], given.get("service"))))
            rows.append((given["client"], activity, given["occurred_at"]))
    frame = pd.DataFrame(rows, columns=["case:concept:name", "concept:name", "time:timestamp"])
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], utc=True, format="mixed")
    return frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable")


def main(lines: Path) -> None:
    """Writes the log as XES, reads it back, checks it."""
    frame = events(lines)
    with tempfile.TemporaryDirectory() as name:
        stored = f"{name}/log.xes"
        pm4py.write_xes(frame, stored)
        begun = time.perf_counter()
        log = pm4py.read_xes(stored)
        read = time.perf_counter() - begun
    begun = time.perf_counter()
    found = pm4py.conformance_declare(log, MODEL)
    checked = time.perf_counter() - begun
    print()
    figures = {
        "read": read,
        "checked": checked,
        "cases": len(found),
        "events": len(log),
        "version": pm4py.__version__,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
