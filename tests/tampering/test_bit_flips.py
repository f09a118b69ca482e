"""Random bits of the whole database file flipped: reported, or of no consequence; never a crash, never a hang."""

import os
import re
import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests import desk
from tests.commands.program import Program
from tests.tampering.flips import CODES, Flip, dump, flip_all, flip_at, place_of, put
from tests.tampering.practice import LEDGER, Practice

EVERYDAY, SEED = 40, 20260301
CAMPAIGN, PART = 20_000, 250
READING = (
    ("verify", "--json"),
    ("timeline", "C-1", "--json"),
    ("checkpoint", "list", "--json"),
    ("audit", "--json"),
)


def test_a_flipped_bit_is_reported_or_changes_nothing(practice: Practice, tmp_path: Path) -> None:
    flips = flip_all(practice, tmp_path / "flipped", range(EVERYDAY), SEED)

    assert wrong(flips) == []
    assert sum(1 for flip in flips if flip.said) > EVERYDAY / 2, "most of the file is in use"


def test_the_measure_notices_a_flip_in_a_row_and_in_an_index(practice: Practice, tmp_path: Path) -> None:
    """The comparison has teeth: it tells a changed row, and an index that no longer finds one."""
    home = Path(shutil.copytree(practice.folder, tmp_path / "flipped"))
    good = (home / LEDGER).read_bytes()
    as_it_was = dump(home / LEDGER)
    sought = b'"admitted":"'
    at = good.rindex(sought)
    put(home, good, at + 1, 0)
    assert dump(home / LEDGER) != as_it_was

    in_an_index = [found.start() for found in re.finditer(b"client/C-OAK", good)][::20]
    noticed = set()
    for at in in_an_index:
        put(home, good, at + 11, 0)
        noticed.add(dump(home / LEDGER) != as_it_was)
    assert noticed == {True}


def test_a_broken_schema_is_told(practice: Practice, tmp_path: Path) -> None:
    """SQLite quotes the damaged statement in its message, and then that is no text."""
    content = (practice.folder / LEDGER).read_bytes()
    statements = [found.start() for found in re.finditer(rb"CREATE (?:TABLE|TRIGGER|INDEX|UNIQUE)", content)]
    places = [(at + offset, 7) for at in statements for offset in (-3, 3, 16)]

    flips = flip_at(practice, tmp_path / "flipped", places)

    assert len(statements) >= 20
    assert wrong(flips) == []
    assert all(flip.said for flip in flips)


def test_a_broken_schema_is_told_by_the_other_commands(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = (practice.folder / LEDGER).read_bytes()
    statements = [found.start() for found in re.finditer(rb"CREATE (?:TABLE|TRIGGER)", content)]
    reading = Reading(monkeypatch, capsys)

    found = [
        one for at in statements[:6] for one in ended_unclearly(practice, tmp_path, reading, (at + 3, 7))
    ]

    assert found == []


@pytest.mark.parametrize("number", range(3))
def test_the_command_ends_clearly_too(
    number: int,
    practice: Practice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = place_of(number, SEED + 2, (practice.folder / LEDGER).stat().st_size)

    assert ended_unclearly(practice, tmp_path, Reading(monkeypatch, capsys), place) == []


@pytest.mark.campaign
def test_twenty_thousand_bits(practice: Practice, tmp_path: Path) -> None:
    jobs = os.cpu_count() or 1
    starts = range(0, CAMPAIGN, PART)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = [
            pool.submit(flip_all, practice, tmp_path / f"part-{start}", range(start, start + PART), SEED + 1)
            for start in starts
        ]
        flips = [flip for part in running for flip in part.result()]

    silent = sum(1 for flip in flips if not flip.said)
    print(f"{len(flips)} flips, {silent} of no consequence, {len(wrong(flips))} wrong")
    assert wrong(flips) == []


@pytest.mark.campaign
def test_every_command_ends_clearly(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reading, size = Reading(monkeypatch, capsys), (practice.folder / LEDGER).stat().st_size
    found = []
    for number in range(300):
        found += ended_unclearly(practice, tmp_path, reading, place_of(number, SEED + 3, size))
    assert found == []


class Reading:
    """Runs commands on a folder's ledger."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._parts = monkeypatch, capsys

    def of(self, folder: Path) -> Program:
        program = Program(folder, *self._parts)
        program.url = desk.places(folder).url
        return program


def ended_unclearly(
    practice: Practice, workplace: Path, reading: Reading, place: tuple[int, int]
) -> list[str]:
    """The commands that do not end with a clear code after a flip of a bit in a byte."""
    home = Path(shutil.copytree(practice.folder, workplace / "flipped"))
    good = (home / LEDGER).read_bytes()
    byte, bit = place
    found = []
    for command in READING:
        put(home, good, byte, bit)
        try:
            code = reading.of(home)(*command).code
        except Exception as crash:  # noqa: BLE001  # that there is none is what is tested
            found.append(f"{command[0]}, byte {byte} bit {bit}: {type(crash).__name__}: {crash}")
            continue
        if code not in {0, 1, *CODES}:
            found.append(f"{command[0]}, byte {byte} bit {bit}: exit code {code}")
    shutil.rmtree(home)
    return found


def wrong(flips: list[Flip]) -> list[str]:
    """What must not be, with where it was."""
    return [f"byte {one.byte} bit {one.bit}: {one.wrong}" for one in flips if one.wrong is not None]
