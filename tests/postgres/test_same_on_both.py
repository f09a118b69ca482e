"""The same histories on both engines: the same bytes stored, the same tree, the same answers to the byte.

Two things differ between two ledgers by themselves: the time of recording and the salts of sealed texts. Here the
clock stands still and the salts are numbers in a row, so that nothing else may differ.
"""

import hashlib
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import main
from ledger import clock
from ledger.application import Ledger
from ledger.importing import import_files
from ledger.opening import Opening
from ledger.places import Places
from ledger.proving.index import seal
from ledger.rules import story as stories
from ledger.rules.catalogue import RULES
from ledger.verification.verification import Question, verify
from tests.postgres.place import fresh_place

ROOT = Path(__file__).resolve().parents[2]
RECOMMENDED = {"adopts": ["recommended"], "drops": [], "parameters": {}, "reason": "practice decision"}
NOW = "2030-01-01T00:00:00.000000Z"
STORIES = [
    pytest.param(
        example.story, id=f"{rule.id} {number}", marks=() if number == "denied 1" else pytest.mark.campaign
    )
    for rule in RULES
    for kind, examples in (("allowed", rule.allowed), ("denied", rule.denied))
    for at, example in enumerate(examples, 1)
    for number in [f"{kind} {at}"]
]
Work = Callable[[Ledger], object]
Compare = Callable[[Work, list[tuple[str, ...]]], None]


@pytest.fixture
def same(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Compare]:
    """Carries something out on a new ledger of each engine, and compares all that can be seen of it."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with fresh_place(postgres_url) as address:
        folder = tmp_path / "server"
        folder.mkdir()
        in_file = Places.of(f"sqlite:///{tmp_path / 'practice.db'}")
        on_server = Places.of(address, keys=str(folder / "practice.keys"), role=str(folder / "practice.role"))

        def compare(work: Work, questions: list[tuple[str, ...]]) -> None:
            stored, answers = [], []
            for places in (in_file, on_server):
                counter = itertools.count()
                with monkeypatch.context() as salted:
                    salted.setattr("os.urandom", lambda size, counter=counter: _salt(next(counter), size))
                    stored.append(_made(places, work))
                answers.append([_answer(places, question, monkeypatch, capsys) for question in questions])
            assert stored[0] == stored[1]
            assert answers[0] == answers[1]

        yield compare


def _salt(number: int, size: int) -> bytes:
    return hashlib.shake_128(str(number).encode()).digest(size)


def _made(places: Places, work: Work) -> dict[str, Any]:
    opening = Opening(
        "Harbor", "America/New_York", "director", "2029-01-01", RECOMMENDED, "example.org/harbor"
    )
    with Ledger.create(places, opening) as ledger:
        work(ledger)
        seal(ledger.committing, ledger.sealer, "director")
        log = ledger.recorder
        rows = {
            "entries": [tuple(row) for page in log.pages() for row in page],
            "times": [tuple(row) for page in log.log_times() for row in page],
            "tree": log.tree_nodes(0, sys.maxsize),
            "heads": [tuple(head) for head in log.stream_heads()],
            "seals": [tuple(one) for one in log.seals()],
            "map": [
                log.load(number) for number in range(1, 1 + max([one.top for one in log.seals()], default=0))
            ],
            "texts": [
                (row.stream, row.seq, row.field, row.digest)
                for _, rows in log.disclosures_by_stream()
                for row in rows
            ],
            "checkpoints": [row.note.split("\n\n")[0] for row in log.checkpoints()],
        }
    report = verify(places, Question())
    assert report.faults == ()
    return {**rows, "root": report.root, "opened": report.texts_opened}


def _answer(
    places: Places,
    question: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[object, str, str]:
    """What the program prints and how it ends, run with the ledger's own files."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("ENGAGEMENT_LEDGER_KEYS", str(places.keys))
    monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", str(places.role))
    url = places.url if places.is_file else places.place
    monkeypatch.setattr(sys, "argv", ["engagement-ledger", "--ledger", url, *question])
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    assert left.value.code in {None, 0, 1}, said.err
    return left.value.code, said.out, said.err


def told(story: str, folder: Path) -> Path:
    """A story as an import file."""
    file = folder / "story.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in stories.tell(story)), encoding="utf-8")
    return file


@pytest.mark.parametrize("story", STORIES)
def test_a_story_is_the_same_on_both(story: str, same: Compare, tmp_path: Path) -> None:
    file = told(story, tmp_path)

    same(
        lambda ledger: import_files(ledger, [file], by="director"),
        [("audit", "--json"), ("timeline", "C-1", "--json"), ("show", "client", "C-1", "--json")],
    )


def test_the_example_practice_is_the_same_on_both(same: Compare) -> None:
    history = ROOT / "examples" / "lakeside-practice.ndjson"

    same(
        lambda ledger: import_files(ledger, [history], by="director"),
        [
            ("audit", "--json"),
            ("audit", "--json", "--jobs", "2"),
            ("audit", "--json", "--as-of", "2026-03-01", "--known-at", "2029-12-31"),
            ("audit",),
            ("timeline", "C-OAK", "--json"),
            ("timeline", "C-OAK"),
            ("obligations", "--json"),
        ],
    )
