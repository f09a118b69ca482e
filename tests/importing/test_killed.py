"""`kill -9` at any moment of an import leaves all of it or nothing, and the next import works."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.histories import generate
from ledger.application import Ledger
from ledger.importing import import_files
from tests import desk
from tests.importing import files

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = 3_000
IMPORT = """
import sys
from pathlib import Path
from ledger.application import Ledger
from ledger.importing import import_files
from ledger.places import Places
with Ledger(Places.of(sys.argv[1])) as ledger:
    print("begun", flush=True)
    import_files(ledger, [Path(sys.argv[2])], by="director", progress=lambda done: print(done, flush=True))
    print("done", flush=True)
"""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files.ndjson(tmp_path_factory.mktemp("history"), generate(ENTRIES))


def killed(folder: Path, history: Path, after: int, seconds: float) -> None:
    """Imports in a process of its own, killed some time after it has told its progress so many times."""
    program = [sys.executable, "-c", IMPORT, desk.places(folder).url, str(history)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(after + 1):
            process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.stdout.read()


def check(folder: Path, before: list[bytes]) -> int:
    """How many entries came in: all or none; what is there can be read, texts and all."""
    with Ledger(desk.places(folder)) as ledger:
        stored = files.stored(ledger)
        assert stored[: len(before)] == before
        came = len(stored) - len(before)
        assert came in (0, ENTRIES + 1)
        for stream, rows in ledger.recorder.disclosures_by_stream("client/"):
            for row in rows:
                ledger.keys.open_key(int(row.key_id))
                assert row.stream == stream
    database = sqlite3.connect(desk.places(folder).database)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in ("disclosures", "sources"):
        (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert (count > 0) == (came > 0), table
    database.close()
    return came


# after so many batches of a thousand lines, some of a second later: while reading, in the end, while committing
MOMENTS = [(0, 0.05), (2, 0.01), (3, 0.002), (3, 0.03)]


def round_of_kills(folder: Path, history: Path, moments: list[tuple[int, float]]) -> set[int]:
    with files.new_ledger(folder) as ledger:
        before = files.stored(ledger)
    seen = set()
    for after, seconds in moments:
        killed(folder, history, after, seconds)
        came = check(folder, before)
        seen.add(came)
        if came:
            break
    with Ledger(desk.places(folder)) as ledger:
        done = import_files(ledger, [history], by="director")
        assert (done.entries, len(done.files_known)) == ((0, 1) if max(seen) else (ENTRIES, 0))
    assert check(folder, before) == ENTRIES + 1
    return seen


def test_a_killed_import_leaves_all_or_nothing(tmp_path: Path, history: Path) -> None:
    assert 0 in round_of_kills(tmp_path, history, MOMENTS)


@pytest.mark.campaign
def test_a_killed_import_leaves_all_or_nothing_at_random_moments(tmp_path: Path, history: Path) -> None:
    chance = random.Random(7)  # moments, not secrets
    seen: set[int] = set()
    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        moments = [(chance.randrange(4), chance.random() * 0.08) for _ in range(8)]
        seen |= round_of_kills(folder, history, moments)
    assert seen == {0, ENTRIES + 1}, json.dumps(sorted(seen))
