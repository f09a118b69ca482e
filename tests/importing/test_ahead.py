"""A second process reads ahead; whatever becomes of it, the batches are the same."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.histories import generate
from ledger.importing import ahead, import_files
from ledger.importing.prepared import BATCH, Batch, batches
from tests.importing import files

KEY = bytes(range(32))
LINES = 5_000


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history with bad lines and a correction in it."""
    lines: list[Any] = list(generate(LINES - 3))
    lines[1_500:1_500] = [
        "{",
        {"type": "SessionHeld", "source": "x"},
        files.correction(corrects="x", retracted="mistaken"),
    ]
    return files.ndjson(tmp_path_factory.mktemp("history"), lines)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Short files count as long ones, on any machine; which processes were started."""
    processes: list[subprocess.Popen[bytes]] = []
    reader = ahead._reader

    def started(path: Path) -> subprocess.Popen[bytes]:
        processes.append(reader(path))
        return processes[-1]

    monkeypatch.setattr(ahead, "LONG", 0)
    monkeypatch.setattr(ahead, "WHILE_IT_STARTS", 1)
    monkeypatch.setattr(ahead, "_reader", started)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    yield processes
    assert all(process.returncode is not None for process in processes), "left running"


def test_two_processes_give_what_one_gives(history: Path, started: list[subprocess.Popen[bytes]]) -> None:
    alone = list(batches(history, KEY))
    assert list(ahead.read_ahead(history, KEY)) == alone
    assert [process.returncode for process in started] == [0]
    assert sum(batch.size for batch in alone) == history.stat().st_size
    assert [bad.line for batch in alone for bad in batch.bad] == [1_501, 1_502]


def test_a_process_killed_on_the_way_is_done_without(
    history: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    alone, seen = list(batches(history, KEY)), list[Batch]()
    for batch in ahead.read_ahead(history, KEY):
        seen.append(batch)
        if len(seen) == 2:
            started[0].send_signal(signal.SIGKILL)
    assert seen == alone
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_a_process_that_cannot_work_is_done_without(
    history: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "_PROGRAM", "raise SystemExit(3)")
    assert list(ahead.read_ahead(history, KEY)) == list(batches(history, KEY))
    assert [process.returncode for process in started] == [3]


def test_a_process_that_cannot_start_is_done_without(
    history: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "absent"))
    assert list(ahead.read_ahead(history, KEY)) == list(batches(history, KEY))
    assert started == []


def test_who_stops_reading_ends_the_process(history: Path, started: list[subprocess.Popen[bytes]]) -> None:
    reading = ahead.read_ahead(history, KEY)
    next(reading)
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert started[0].returncode is not None


def test_a_short_file_is_read_by_one(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_reader", lambda _path: pytest.fail("started a process"))
    assert len(list(ahead.read_ahead(history, KEY))) == LINES / BATCH


def test_batches_survive_the_pipe_and_cut_ones_are_none(history: Path) -> None:
    batch = next(batches(history, KEY, after=1, most=1))
    pipe = io.BytesIO()
    ahead._send(batch, pipe)
    written = pipe.getvalue()
    assert ahead._receive(io.BytesIO(written)) == batch
    for cut in (0, 5, 8, len(written) - 1):
        assert ahead._receive(io.BytesIO(written[:cut])) is None


def test_serving_writes_the_batches_after_the_first(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO(KEY)

    class Out:
        buffer = io.BytesIO()

    monkeypatch.setattr(sys, "stdin", Standard)
    monkeypatch.setattr(sys, "stdout", Out)
    monkeypatch.setattr(sys, "argv", ["-c", str(history), "3"])
    ahead.serve()
    Out.buffer.seek(0)
    received = list(iter(lambda: ahead._receive(Out.buffer), None))
    assert received == list(batches(history, KEY, after=3))


def test_an_import_by_two_processes_stores_what_one_stores(
    tmp_path: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    history = files.ndjson(tmp_path, generate(LINES))
    told = []
    for number in (2, 1):
        monkeypatch.setattr(os, "cpu_count", lambda number=number: number)
        (tmp_path / str(number)).mkdir()
        with files.new_ledger(tmp_path / str(number)) as ledger:
            import_files(ledger, [history], by="director")
            told.append(
                [
                    (row.stream, row.seq, row.topic, ledger.entries.entry(row)[1].occurred_at)
                    for page in ledger.recorder.pages()
                    for row in page
                    if row.stream != "ledger"
                ]
            )
    assert told[0] == told[1]
    assert len(started) == 1
