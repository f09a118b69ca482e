"""Ledgers to read from: a story recorded entry by entry at its own times, and the example practice imported."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import main
from ledger import clock
from ledger.application import Ledger
from ledger.entry import Override
from ledger.importing import import_files
from ledger.opening import Opening
from ledger.places import Places
from ledger.recording.statement import state
from ledger.rules import story as stories
from ledger.values import is_day, moment

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "lakeside-practice.ndjson"


@dataclass
class Told:
    """A ledger in which a story was recorded."""

    ledger: Ledger
    url: str


@dataclass(frozen=True)
class Ran:
    """What a call of the program left behind."""

    code: int
    out: str
    err: str


Tell = Callable[..., Told]
Run = Callable[..., Ran]


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tell]:
    """Records a story (`ledger.rules.story`) through `Ledger.record`, each entry when the story says."""
    opened: list[Ledger] = []

    def telling(story: str, *, time_zone: str = "UTC") -> Told:
        url = f"sqlite:///{tmp_path / f'{len(opened)}.db'}"
        _set(monkeypatch, "2021-01-01T00:00:00Z")
        ledger = Ledger.create(Places.of(url), Opening("Harbor", time_zone, "director"))
        opened.append(ledger)
        now = "2021-01-01T00:00:00.000000Z"
        for one in stories.read(story).told:
            stated = moment(one.recorded_at or one.fact["occurred_at"])
            stated = f"{stated}T12:00:00.000000Z" if is_day(stated) else stated
            now = stated if one.recorded_at else max(now, stated)
            _set(monkeypatch, now)
            override = Override.model_validate_json(_json(one.override)) if one.override else None
            ledger.record([state(_placed(ledger, one.fact))], override=override)
        _set(monkeypatch, "2030-01-01T00:00:00Z")
        return Told(ledger, url)

    yield telling
    for ledger in opened:
        ledger.close()


def _set(monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    stamp = moment(at)
    monkeypatch.setattr(clock, "now", lambda: stamp)


def _json(value: Any) -> str:
    return json.dumps({name: one for name, one in value.items() if one is not None})


def _placed(ledger: Ledger, fact: dict[str, Any]) -> dict[str, Any]:
    """A correction by source, as one by seq and client."""
    if fact["type"] != "EntryCorrected":
        return fact
    found = ledger.recorder.find_source(fact["corrects"])
    assert found is not None
    family, _, name = found.stream.partition("/")
    return {**fact, "corrects": found.seq, **({family: name} if name else {})}


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example practice in a ledger's folder, to be copied and never written."""
    folder = tmp_path_factory.mktemp("lakeside")
    opening = Opening(
        "The Lakeside Practice",
        "America/New_York",
        "director",
        go_live="2026-01-01",
        policy={"adopts": ["recommended"], "drops": [], "parameters": {}, "reason": "from the first day"},
    )
    with closing(Ledger.create(Places.of(f"sqlite:///{folder / 'e.db'}"), opening)) as ledger:
        import_files(ledger, [EXAMPLE], by="director")
    return folder


@pytest.fixture
def lakeside(imported: Path, tmp_path: Path) -> Iterator[Told]:
    """A copy of the example practice's ledger."""
    folder = tmp_path / "lakeside"
    shutil.copytree(imported, folder)
    url = f"sqlite:///{folder / 'e.db'}"
    with closing(Ledger(Places.of(url))) as ledger:
        yield Told(ledger, url)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls the program in this process, as its entry point does: `run(told, "audit", "--json")`."""
    monkeypatch.setenv("COLUMNS", "80")

    def running(told: Told | None, *arguments: str) -> Ran:
        before = ["--ledger", told.url] if told is not None else []
        monkeypatch.setattr(sys, "argv", ["engagement-ledger", *before, *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        code = left.value.code
        return Ran(code if isinstance(code, int) else 0, said.out, said.err)

    return running
