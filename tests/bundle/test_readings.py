"""Replaying from `record.json`: folding its effects gives what the program's own fold gives, on both clocks."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.folding import fold
from ledger.history import read
from projections.bundle.bundle import Bundle, make
from projections.bundle.readings import EXPIRES, STEPS
from projections.bundle.request import Request
from projections.dates import Dates
from projections.replay import ABSENT
from projections.states import states
from tests.bundle.conftest import dates
from tests.projections.conftest import Told, imported, lakeside

__all__ = ["imported", "lakeside"]


def replayed(record: dict[str, Any], a: str, k: int) -> dict[str, str]:
    """The state at effective moment `a`, knowing `k` entries: docs/reference/bundle.md, "Replaying", to the letter."""
    known = []
    for entry in record["entries"]:
        if entry["seq"] <= k and "readings" in entry:
            (*_, last) = [reading for reading in entry["readings"] if reading["from"] <= k]
            if not last.get("retracted") and last["at"] <= a:
                known.append((last["at"], entry["seq"], last["effects"]))
    found: dict[int, tuple[str, str | None]] = {}
    for _, _, effects in sorted(known, key=lambda one: one[:2]):
        for thing, act, *until in effects:
            before, after = STEPS[record["things"][thing]["kind"]][act]
            state, last_day = found.get(thing, ("", None))
            if before == ("",):
                found[thing] = after, until[0] if until else None
            elif state in before:
                found[thing] = after, last_day
    return {
        record["things"][thing]["label"]: "expired"
        if until is not None and a > until and state in EXPIRES.get(record["things"][thing]["kind"], ())
        else state
        for thing, (state, until) in found.items()
    }


def folded(ledger: Ledger, client: str, a: str, k: int) -> dict[str, str]:
    """The same by the program's own fold."""
    rows = [row for row in ledger.entries.stream(f"client/{client}", None) if row[1].seq <= k]
    history = read(rows, ledger.calendar).as_of(a)
    case = fold(client, history.facts, ledger.at().practice)
    after_all = (a, 2**62)
    return {thing: state for thing, state in states(case, after_all) if state not in ABSENT}


def moments(record: dict[str, Any]) -> Iterator[tuple[str, int]]:
    whole = len(record["entries"])
    for entry in record["entries"]:
        for reading in entry["readings"]:
            yield reading["at"], whole
        yield entry["recorded_at"], entry["seq"]
        yield entry["readings"][-1]["at"], max(1, entry["seq"] - 1)


def test_an_eventful_file_replays_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.bundle.eventful import eventful

    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        made = make(ledger, Request("C-1"), "director", dates(ledger))
        record = json.loads(made.files["record.json"])
        record["entries"] = [one for one in record["entries"] if "readings" in one]

        # the withheld entry changes nothing
        for a, k in moments(record):
            assert replayed(record, a, k) == folded(ledger, "C-1", a, k), (a, k)


@pytest.mark.parametrize("client", ["C-WILLOW", "C-OAK", "C-CEDAR", "C-HAZEL", "C-BIRCH", "C-TAMARIND"])
def test_the_example_practice_replays_alike(client: str, lakeside: Told) -> None:
    made = make(lakeside.ledger, Request(client), "director", Dates(lakeside.ledger.calendar))
    record = json.loads(made.files["record.json"])

    for a, k in moments(record):
        assert replayed(record, a, k) == folded(lakeside.ledger, client, a, k), (a, k)


def test_a_correction_brings_a_reading(bundle: Bundle) -> None:
    entries = json.loads(bundle.files["record.json"])["entries"]

    first, second = entries[25]["readings"]
    assert (first["from"], second["from"]) == (26, 27)
    assert "goals met" in first["sentence"]
    assert "goals not met" in second["sentence"]
    assert [one["field"] for one in entries[25]["changes"]] == ["goals_met", "narrative"]
    assert entries[25]["marks"] == ["corrected"]


def test_a_lane_for_each_practitioner_and_service(bundle: Bundle) -> None:
    record = json.loads(bundle.files["record.json"])

    assert record["lanes"] == [
        {"practitioner": "P-1", "name": "Ann Rivers", "service": "therapy"},
        {"practitioner": "P-1", "name": "Ann Rivers", "service": "coaching"},
    ]
    assert [one.get("lane") for one in record["entries"][4:9]] == [0, 0, None, None, 0]
