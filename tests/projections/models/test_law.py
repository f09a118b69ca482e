"""The law of read models: whatever is recorded and whatever time it is, they say what a fresh fold says."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledger.storage.sqlite_datastore import MEMORY
from ledger.values import stamp
from projections.findings import obligation_order
from projections.models import catching_up
from projections.models.base import Asked
from projections.models.catching_up import ReadModels
from projections.models.obligations import obligations
from projections.models.registry import MODELS, tables
from projections.models.source import Source
from projections.models.sqlite_store import SQLiteViews
from projections.models.store import Store
from projections.obligations import _of
from tests.agreement.histories import history
from tests.agreement.moves_of_client import TEXT
from tests.agreement.moves_of_practice import licence
from tests.agreement.worlds import CALENDAR, Body, Log, perspective, written
from tests.oracle import Line
from tests.projections.models.worlds import GrowingLog
from tests.thoroughness import examples

CALM: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": False}
MOVES = st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=45, unique=True)
Rows = dict[str, dict[str, list[tuple[Any, ...]]]]


@contextmanager
def kept(source: Source) -> Iterator[ReadModels]:
    store = SQLiteViews(MEMORY, tables(MODELS))
    try:
        yield ReadModels(store, source)
    finally:
        store.close()


def rows_of(store: Store) -> Rows:
    """Every row of every table, sums included, by client."""
    found: Rows = {}
    with store.reading() as reading:
        assert reading is not None
        for table in store.tables:
            by_client = found.setdefault(table.name, {})
            for row in reading[1].all(f"SELECT * FROM {{{table.name}}} ORDER BY client, n"):
                by_client.setdefault(row["client"], []).append(tuple(row.values())[2:])
            for sums in table.sums:
                summed = reading[1].all(f"SELECT * FROM {{{sums.name}}}")
                kept_sums = sorted(
                    tuple(row.values()) for row in summed if any(row[name] for name in sums.of)
                )
                found[sums.name] = {"": kept_sums}
    return found


def steps(lines: Sequence[Line], asked: int) -> Iterator[tuple[int, datetime]]:
    """How far the log is and what time it is, again and again: time mostly goes on, and sometimes back."""
    random = Random(asked)
    size, now = 0, lines[0].recorded_at
    while size < len(lines):
        size = min(len(lines), size + random.choice((0, 1, 1, 1, 1, 2, 12)))
        if size:
            now = max(now, lines[size - 1].recorded_at) if random.random() < 0.7 else now
            now += timedelta(minutes=random.choice((0, 0, 0, 4, 60, 60 * 24, 60 * 24 * 9, -3, -60 * 24 * 5)))
            yield size, now
    for days in (1, 3, 9, 15, 20, 60, 100, 400):
        now += timedelta(days=days)
        yield size, now


def hold(lines: Sequence[Line], moments: Iterable[tuple[int, datetime]]) -> list[Rows]:
    """At each of some sizes and times, the rows caught up with are those of a fresh fold; what they were."""
    log, found = GrowingLog(lines), []
    with kept(log.source()) as models:
        for size, now in moments:
            log.size = size
            models.catch_up(stamp(now))
            told = f"{size} entries as of {now.isoformat()}\n{written(lines[:size])}"
            with kept(log.source()) as fresh:
                fresh.rebuild(stamp(now))
                found.append(rows_of(fresh.store))
            assert rows_of(models.store) == found[-1], told
            with models.store.reading() as reading:
                assert reading is not None
                day = CALENDAR.day_of(stamp(now))
                read = obligations(reading[1], Asked(stamp(now), day), everything=True)
            judged = perspective(lines[:size], now).clients()
            again = [one for each in judged for one in _of(each, everything=True)]
            assert read == sorted(again, key=obligation_order), told
    return found


@settings(max_examples=examples(30), derandomize=True, phases=(Phase.generate, Phase.shrink), **CALM)
@given(MOVES, st.integers(0, 2**16), st.sampled_from((3, 1000)))
def test_what_is_read_is_what_a_fresh_fold_says(moves: list[int], asked: int, page: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catching_up, "PAGE", page)
        lines = history(moves)
        hold(lines, steps(lines, asked))


# -- what reaches a client without an entry of the client -------------------------------------------------

BEGIN = datetime(2024, 1, 8, 15, tzinfo=UTC)
PRACTITIONER: Body = {"type": "PractitionerRegistered", "practitioner": "P-1", "name": "Ann"}
CLIENT: Body = {"type": "ClientRegistered", "client": "C-1", "name": "N.", "date_of_birth": "1990-05-06"}
POLICY: Body = {
    "type": "PolicyAdopted",
    "adopts": ["recommended"],
    "drops": [],
    "parameters": {},
    "reason": "so",
}
TEMPLATE: Body = {
    "type": "TemplateAdopted",
    "template": "T",
    "kind": "therapy-consent",
    "version": "2",
    "text_sha256": TEXT,
    "terms": ["roles"],
}


def told(*bodies: Body) -> list[Line]:
    """A small practice in which one client has been in therapy since 8 January 2024, and what comes then."""
    log = Log()
    long_ago = "2021-01-04"
    for body in (
        {**PRACTITIONER, "services": ["therapy"], "internal": True, "occurred_at": long_ago},
        {**licence("P-1", "L1"), "valid_until": "2024-03-10", "occurred_at": long_ago},
        {**POLICY, "occurred_at": "2023-01-02"},
        {**CLIENT, "contact": "a door", "jurisdiction": "US-NC", "occurred_at": "2024-01-02"},
        {
            "type": "AgreementIssued",
            "client": "C-1",
            "agreement": "A1",
            "kind": "therapy-consent",
            "template": "T",
        }
        | {"occurred_at": "2024-01-08T14:00:00Z"},
        {"type": "EngagementOpened", "client": "C-1", "engagement": "E1", "practitioner": "P-1"}
        | {
            "service": "therapy",
            "focus": ["other"],
            "agreement": "A1",
            "occurred_at": "2024-01-08T15:00:00Z",
        },
    ):
        log.append({"by": "desk", **body}, BEGIN)
    for body in bodies:
        stream: Any = body.get("stream")
        rest = {name: value for name, value in body.items() if name != "stream"}
        log.append({"by": "desk", **rest}, BEGIN + timedelta(days=1), stream=stream)
    return log.lines


def correction(stream: str, seq: int, **what: Any) -> Body:
    return {
        "type": "EntryCorrected",
        "corrects": seq,
        "reason": "so",
        "occurred_at": "2024-01-09T15:00:00Z",
    } | {
        "stream": stream,
        **what,
    }


LATER = "2024-06-01T12:00:00Z"
REACHING: dict[str, tuple[str, list[Body], datetime]] = {
    # what: the table that changes, the new entries, and when is asked the second time
    "a licence ends": ("obligations", [], BEGIN + timedelta(days=100)),
    "a licence is recorded": (
        "obligations",
        [{**licence("P-1", "L2"), "valid_from": "2024-03-05", "occurred_at": "2024-01-09"}],
        BEGIN + timedelta(days=100),
    ),
    "a licence is lost": (
        "obligations",
        [
            {"type": "LicenceStatusChanged", "practitioner": "P-1", "licence": "L1", "status": "revoked"}
            | {"effective": "2024-01-09", "occurred_at": "2024-01-09"}
        ],
        BEGIN + timedelta(days=2),
    ),
    "a policy is adopted looking back": (
        "obligations",
        [{**POLICY, "parameters": {"reassessment_days": 20}, "occurred_at": "2023-06-01"}],
        BEGIN + timedelta(days=2),
    ),
    "a policy is taken back": (
        "obligations",
        [correction("practice", 1, retracted="mistaken")],
        BEGIN + timedelta(days=2),
    ),
    "a text is adopted looking back": (
        "agreements",
        [{**TEMPLATE, "occurred_at": "2024-01-01"}],
        BEGIN + timedelta(days=2),
    ),
    "a licence is corrected": (
        "obligations",
        [correction("practitioner/P-1", 2, changes={"valid_until": "2024-01-08"})],
        BEGIN + timedelta(days=2),
    ),
    "a closing comes to pass": (
        "engagements",
        [
            {
                "type": "EngagementClosed",
                "client": "C-1",
                "engagement": "E1",
                "reason": "other",
                "goals_met": True,
            }
            | {"stable": "yes", "occurred_at": LATER}
        ],
        datetime.fromisoformat(LATER) + timedelta(hours=1),
    ),
    "a licence dated later comes to pass": (
        "obligations",
        [{**licence("P-1", "L2"), "valid_from": "2024-03-05", "occurred_at": LATER}],
        datetime.fromisoformat(LATER) + timedelta(hours=1),
    ),
    "a name dated later comes to pass": (
        "practitioners",
        [{"type": "PractitionerChanged", "practitioner": "P-1", "name": "Bea", "occurred_at": LATER}],
        datetime.fromisoformat(LATER) + timedelta(hours=1),
    ),
}


@pytest.mark.parametrize("what", REACHING)
def test_what_changes_a_row_without_an_entry_of_the_client_is_seen(what: str) -> None:
    """Given rows caught up before, when it is recorded and time goes on, then the rows are those of a fresh fold;
    and back again when the clock is set back.
    """
    table, bodies, then = REACHING[what]
    lines = told(*bodies)
    before = len(lines) - len(bodies)
    moments = [(before, BEGIN), (before, then), (before, BEGIN)]
    moments += [(len(lines), BEGIN), (len(lines), then), (len(lines), BEGIN)]

    rows = hold(lines, moments)

    without = rows[1] if bodies else rows[0]
    assert rows[4][table] != without[table], "nothing changed: the case tells nothing"
