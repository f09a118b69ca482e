"""The steps of `benchmarks.scale`, each run in a process of its own; what it took is the last line it prints.

`python -m benchmarks.scale_steps STEP URL ENTRIES`, the key files and the history named in the environment.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.peak import peak
from benchmarks.setting import POLICY
from ledger.application import Ledger
from ledger.opening import Opening
from ledger.places import Places
from ledger.recording.statement import Statement, state

AS_OF = "2025-12-31"
CLIENTS = 15
"""Of how many clients, spread over the ledger, one client's work is measured."""
ROUNDS = 3


def _places(url: str) -> Places:
    return Places.of(
        url, keys=os.environ["ENGAGEMENT_LEDGER_KEYS"], role=os.environ["ENGAGEMENT_LEDGER_ROLE"]
    )


@contextmanager
def _opened(url: str) -> Iterator[Ledger]:
    ledger = Ledger(_places(url))
    try:
        yield ledger
    finally:
        ledger.close()


# -- the whole ledger -------------------------------------------------------------------------------------


def importing(url: str, _entries: int) -> dict[str, Any]:
    """An empty ledger, and the whole history into it."""
    from ledger.importing.importing import import_files

    ledger = Ledger.create(_places(url), Opening("Benchmark", "America/New_York", "bench", None, POLICY))
    try:
        begun = perf_counter()
        import_files(ledger, [Path(os.environ["SCALE_HISTORY"])], by="bench")
        seconds = perf_counter() - begun
        clients = sum(1 for _ in ledger.recorder.streams("client/"))
        return {"seconds": seconds, "entries": ledger.recorder.last_position(), "clients": clients}
    finally:
        ledger.close()


def auditing(url: str, _entries: int) -> dict[str, Any]:
    """The audit of everybody, on all cores, as the command does it."""
    from projections.audit import Question, audit

    with _opened(url) as ledger:
        begun = perf_counter()
        found = audit(ledger, Question(ledger.moment(AS_OF), jobs=os.cpu_count() or 1))
        return {"seconds": perf_counter() - begun, "clients": found["clients"]}


def verifying(url: str, _entries: int) -> dict[str, Any]:
    """Everything recomputed, sealed texts left closed, on all cores."""
    from ledger.verification.verification import Question, verify

    begun = perf_counter()
    report = verify(_places(url), Question(jobs=os.cpu_count() or 1, texts=False))
    if not report.sound:
        raise RuntimeError(f"the benchmark's ledger is not sound: {report.faults[:3]}")
    return {"seconds": perf_counter() - begun}


def rebuilding(url: str, _entries: int) -> dict[str, Any]:
    """All read models made anew."""
    from projections.models.mending import rebuilt

    with _opened(url) as ledger:
        begun = perf_counter()
        state = rebuilt(ledger, lambda _done, _of: None)
        return {"seconds": perf_counter() - begun, "position": state.position}


def sizes(url: str, entries: int) -> dict[str, Any]:
    """Bytes on disk: of the files, or of the database on its server."""
    places = _places(url)
    if places.is_file:
        own = [*places.files, places.views, places.database.with_name(places.database.name + "-wal")]
        taken = {file.name: file.stat().st_size for file in own if file is not None and file.exists()}
    else:
        import psycopg

        with psycopg.connect(places.place) as connection:
            found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        taken = {"database": found[0] if found else 0, places.keys.name: places.keys.stat().st_size}
    return {"files": taken, "per_entry": sum(taken.values()) / entries}


# -- one client -------------------------------------------------------------------------------------------


def _some(ledger: Ledger) -> list[str]:
    """Clients spread over the ledger, found without reading all of it."""
    last = ledger.recorder.last_position()
    streams: dict[str, None] = {}
    for part in range(1, 4 * CLIENTS):
        row = ledger.recorder.at(1 + part * last // (4 * CLIENTS))
        if row is not None and row.stream.startswith("client/"):
            streams[row.stream.removeprefix("client/")] = None
    return list(streams)[:CLIENTS]


def _session(client: str, number: int) -> Statement:
    fields = {"client": client, "engagement": "E1", "session": f"B{number}", "modality": "video"}
    more = {"purpose": "service", "minutes": 50, "occurred_at": "2025-12-30"}
    return state({"type": "SessionHeld", "by": "bench", **fields, **more})


def client(url: str, _entries: int) -> dict[str, Any]:
    """Seconds of each act on one client, the ledger open: medians over clients and rounds."""
    from projections.audit import Question, audit
    from projections.client_state import client_state

    with _opened(url) as ledger:
        some = _some(ledger)
        number = ledger.recorder.last_position()
        acts: dict[str, Callable[[str], Any]] = {
            "record": lambda who: ledger.record([_session(who, number)]),
            "show client": lambda who: client_state(ledger, who, ledger.moment()),
            "audit --client": lambda who: audit(ledger, Question(ledger.moment(), client=who)),
        }
        taken: dict[str, list[float]] = {what: [] for what in acts}
        for _ in range(ROUNDS):
            for who in some:
                number += 1
                for what, act in acts.items():
                    begun = perf_counter()
                    act(who)
                    taken[what].append(perf_counter() - begun)
        return {"medians": {what: median(each) for what, each in taken.items()}}


def caseload(url: str, _entries: int) -> dict[str, Any]:
    """Seconds of a caseload answer after one new entry, the ledger and its read models open: medians."""
    from projections.models import caseload as model
    from projections.models.views import Question, Views

    with _opened(url) as ledger, closing(Views(ledger)) as views:

        def answer() -> float:
            begun = perf_counter()
            question = Question(ledger.moment(), now=True, models=model.READS)
            with views.asked(question) as (view, asked):
                model.caseload(view, asked)
            return perf_counter() - begun

        answer()
        taken = []
        number = ledger.recorder.last_position() + 1_000_000
        for who in _some(ledger) * ROUNDS:
            number += 1
            ledger.record([_session(who, number)])
            taken.append(answer())
        return {"medians": {"caseload": median(taken)}}


def commands(url: str, _entries: int) -> dict[str, Any]:
    """Seconds of whole commands on one client, as a person waits for them."""
    with _opened(url) as ledger:
        some = _some(ledger)[:5]
    program = [sys.executable, "-m", "cli", "--ledger", url]
    calls = {
        "record": [
            *("record", "session-held", "--client", "{}", "--engagement", "E1", "--modality", "video"),
            *("--purpose", "service", "--occurred-at", "2025-12-30", "--as", "bench"),
        ],
        "show client": ["show", "client", "{}"],
        "audit --client": ["audit", "--client", "{}"],
        "caseload": ["caseload"],
    }
    taken: dict[str, list[float]] = {what: [] for what in calls}
    for _ in range(ROUNDS):
        for who in some:
            for what, call in calls.items():
                begun = perf_counter()
                done = subprocess.run(
                    [*program, *(word.format(who) for word in call)],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                taken[what].append(perf_counter() - begun)
                if done.returncode not in (0, 1):
                    raise RuntimeError(f"{what} {who}: {done.stderr[-500:]}")
    return {what: median(each) for what, each in taken.items()}


WHOLE: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "import": importing,
    "audit": auditing,
    "verify": verifying,
    "rebuild": rebuilding,
}
STEPS: dict[str, Callable[[str, int], dict[str, Any]]] = {
    **WHOLE,
    "sizes": sizes,
    "client": client,
    "caseload": caseload,
    "commands": commands,
}


def main(step: str, url: str, entries: int) -> None:
    """Runs one step and prints what it took."""
    begun = _processor_time()
    told = STEPS[step](url, entries)
    print(json.dumps(told | {"peak": peak() // 1024, "processor": _processor_time() - begun}))


def _processor_time() -> float:
    """Seconds of processor time, that of ended child processes included; a server's is not."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
