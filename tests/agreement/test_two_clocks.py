"""Reading with `--known-at T` answers exactly what a ledger cut off there would answer (DESIGN section 5)."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ledger import clock
from ledger.application import Ledger
from ledger.entry import Override
from ledger.errors import InputError
from ledger.history import Fact, read
from ledger.opening import Opening
from ledger.perspective import Perspective
from ledger.places import Places
from ledger.recording.statement import state as stated
from ledger.values import stamp
from tests.agreement.histories import history, moments, seeds
from tests.agreement.worlds import (
    CALENDAR,
    ZONE,
    Decoded,
    difference,
    engine_opinion,
    oracle_opinion,
    perspective,
    position_known,
    told,
)
from tests.oracle import Line, Opinion

HISTORIES = range(80)
ON_DISK = range(6)
"""Histories recorded in a real ledger."""
WHY = Override(authorised_by="director", reason="recorded as it was told", rules=("SEQ-1",))


# -- histories in memory ----------------------------------------------------------------------------------


def test_known_at_reads_what_a_ledger_cut_there_would_say() -> None:
    """Over random histories with several writers' clocks, at every log position's own time; both sides."""
    moved_back = 0
    for seed in HISTORIES:
        lines = history(seeds(seed))
        moved_back += any(later.recorded_at < before.recorded_at for before, later in pairwise(lines))
        as_of = moments(lines, seed)[0]
        for line in lines[:: max(1, len(lines) // 4)]:
            cut = position_known(lines, line.recorded_at)
            assert cut is not None
            seen = engine_opinion(lines, as_of, line.recorded_at)
            assert seen == engine_opinion(lines[:cut], as_of), seed
            assert not difference(seen, oracle_opinion(lines, as_of, line.recorded_at)), seed
    assert moved_back > len(HISTORIES) // 2, "the writers' clocks hardly differ"


def test_what_had_happened_only_grows_and_corrections_do_not_wait_for_it() -> None:
    """An earlier as-of shows fewer facts, each of them as corrected by what is known."""
    for seed in HISTORIES:
        lines = history(seeds(seed))
        early, late = sorted(moments(lines, seed))
        before, after = perspective(lines, early), perspective(lines, late)
        shown = {fact.ref: fact for fact in facts_of(after)}
        for fact in facts_of(before):
            assert shown[fact.ref].event == fact.event
            assert shown[fact.ref].order == fact.order
            assert len(shown[fact.ref].corrections) == len(fact.corrections)


def test_a_correction_counts_from_when_it_is_known_whenever_it_is_dated() -> None:
    """What is known decides whether an entry reads as corrected; what had happened by then does not."""
    corrected = 0
    for seed in HISTORIES:
        lines = history(seeds(seed))
        for line in [one for one in lines if one.body["type"] == "EntryCorrected"][:3]:
            rows = [row for row in Decoded(lines).stream(line.stream, None) if row[1].seq <= line.seq]
            whole, without = read(rows, CALENDAR), read(rows[:-1], CALENDAR)
            before = {fact.seq: fact for fact in (*without.facts, *without.corrections, *without.retracted)}
            for fact in (*whole.facts, *whole.corrections, *whole.retracted):
                if fact.seq in before and fact.seq not in touched(rows, line):
                    assert fact.event == before[fact.seq].event
            corrected += line.body["corrects"] in {fact.seq for fact in whole.facts if fact.corrections}
    assert corrected > len(HISTORIES) // 4


def touched(rows: Sequence[tuple[int, Any]], line: Line) -> set[int]:
    """The entries a correction may change: its target, and, where that is a correction, its target in turn."""
    targets = {int(line.body["corrects"])}
    for _, entry in reversed(rows):
        if entry.seq in targets and entry.type == "EntryCorrected":
            targets.add(entry.event.corrects)
    return targets


def facts_of(seen: Perspective) -> list[Fact]:
    """Every fact of the practice and of the clients as of the moment."""
    cases = [judged.judgement.case for judged in seen.clients()]
    return [*seen.practice.entries, *(fact for case in cases if case is not None for fact in case.facts)]


# -- a real ledger ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", ON_DISK)
def test_a_real_ledger_read_at_a_time_says_what_its_copy_of_that_time_says(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_on_disk(seed, tmp_path, monkeypatch)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 160))
def test_real_ledgers_read_at_a_time(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_on_disk(seed, tmp_path, monkeypatch)


def check_on_disk(seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records a history on several writers' clocks, copying the database after each entry; then reads both."""
    lines = history(seeds(seed, least=30))
    as_of = stamp(moments(lines, seed)[0])
    places = Places.of(f"sqlite:///{folder}/practice.db")
    set_clock(monkeypatch, lines[0].recorded_at)
    opening = Opening("Practice", ZONE, "director", go_live="2024-01-01")
    with Ledger.create(places, opening) as ledger:
        for line in lines:
            set_clock(monkeypatch, line.recorded_at)
            if record(ledger, line):
                copy(places.database, folder / f"{ledger.recorder.last_position()}.db")
        times = [time for page in ledger.recorder.log_times() for time in page]
        ends = [one for one, following in pairwise(times) if one.log_time < following.log_time]
        ends = [one for one in ends if (folder / f"{one.position}.db").exists()]
        assert len(ends) > 3, "nothing was recorded"
        for one in ends[:: max(1, len(ends) // 4)]:
            cut = Places.of(
                f"sqlite:///{folder}/{one.position}.db", keys=str(places.keys), role=str(places.role)
            )
            with Ledger(cut) as truncated:
                here = ledger.at(ledger.moment(as_of, one.log_time))
                there = truncated.at(truncated.moment(as_of))
                assert said(here) == said(there)
                assert [shown(fact) for fact in facts_of(here)] == [shown(fact) for fact in facts_of(there)]


def record(ledger: Ledger, line: Line) -> bool:
    """Records one line, gates overridden; False for what the ledger cannot take."""
    body = dict(line.body)
    if body["type"] == "EntryCorrected":
        family, _, name = line.stream.partition("/")
        body |= {family: name} if name else {}
    try:
        ledger.record([stated(body)], override=WHY)
    except InputError:  # a line before it was not taken, so that it names what is not there
        return False
    return True


def said(seen: Perspective) -> list[tuple[str | None, Opinion, str, str]]:
    """What is said of everybody, and of the practice's own entries."""
    return [
        (one.judgement.client, told(one.judgement), one.judgement.verdict, one.verdict_as_recorded)
        for one in (*seen.clients(), seen.own())
    ]


def shown(fact: Fact) -> tuple[object, ...]:
    """A fact as a reader sees it."""
    return fact.ref, fact.at, fact.by, fact.event, len(fact.corrections)


def set_clock(monkeypatch: pytest.MonkeyPatch, when: datetime) -> None:
    """The next entries are recorded at this time."""
    monkeypatch.setattr(clock, "now", lambda: stamp(when.astimezone(UTC)))


def copy(database: Path, to: Path) -> None:
    """The database as it stands, into a file of its own."""
    source, target = sqlite3.connect(database), sqlite3.connect(to)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
