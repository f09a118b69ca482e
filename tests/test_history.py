"""The two clocks: effective times and order, corrections, retractions."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.entry import FIRST_PREV, Entry
from ledger.events.registry import recordable
from ledger.history import History, read
from ledger.values import Admission, Calendar, moment

NEW_YORK = Calendar("America/New_York")


def entry(seq: int, type_: str, occurred_at: str, **fields: Any) -> tuple[int, Entry[Any]]:
    event_type = recordable(type_)
    common = {"reason": "typed wrongly"} if type_ == "EntryCorrected" else {"client": "C-1"}
    fields = common | fields
    event = event_type.model_validate_json(json.dumps(fields))
    return seq, Entry[event_type](  # type: ignore[valid-type]
        admitted=Admission.AS_FOUND,
        recorded_at=f"2026-06-01T00:00:{seq:02}.000000Z",
        by="frontdesk",
        event=event,
        occurred_at=moment(occurred_at),
        prev=FIRST_PREV,
        schema_version=1,
        seq=seq,
        stream="client/C-1",
        type=type_,
        via="test",
    )


def moved(seq: int, occurred_at: str, to: str = "US-NC") -> tuple[int, Entry[Any]]:
    return entry(seq, "ClientRelocated", occurred_at, jurisdiction=to)


def corrected(seq: int, corrects: int, **how: Any) -> tuple[int, Entry[Any]]:
    return entry(seq, "EntryCorrected", "2026-05-01T12:00:00Z", corrects=corrects, **how)


def places(history: History) -> list[str]:
    return [fact.event.jurisdiction for fact in history.facts]


def test_facts_stand_in_effective_order_not_in_recording_order() -> None:
    history = read([moved(1, "2026-03-02T12:00:00Z", "US-VA"), moved(2, "2026-03-01T12:00:00Z")], NEW_YORK)
    assert [fact.seq for fact in history.facts] == [2, 1]


def test_at_one_instant_recording_position_decides() -> None:
    history = read([moved(1, "2026-03-02T12:00:00Z"), moved(2, "2026-03-02T07:00:00-05:00")], NEW_YORK)
    assert [fact.seq for fact in history.facts] == [1, 2]


def test_a_day_alone_is_the_start_of_that_day_in_the_practice() -> None:
    history = read([moved(1, "2026-03-02")], NEW_YORK)
    assert history.facts[0].at == "2026-03-02T05:00:00.000000Z"


def test_a_day_takes_the_time_of_the_latest_same_day_entry_recorded_before_it() -> None:
    rows = [
        moved(1, "2026-03-02T20:00:00-05:00"),  # still 2 March in New York, 3 March in UTC
        moved(2, "2026-03-02T09:00:00-05:00"),
        moved(3, "2026-03-02"),
        moved(4, "2026-03-02T21:00:00-05:00"),
        moved(5, "2026-03-02"),
    ]
    history = read(rows, NEW_YORK)
    assert [(fact.seq, fact.at) for fact in history.facts] == [
        (2, "2026-03-02T14:00:00.000000Z"),
        (1, "2026-03-03T01:00:00.000000Z"),
        (3, "2026-03-03T01:00:00.000000Z"),
        (4, "2026-03-03T02:00:00.000000Z"),
        (5, "2026-03-03T02:00:00.000000Z"),
    ]


def test_a_correction_changes_what_the_entry_says_and_the_original_stays() -> None:
    rows = [moved(1, "2026-03-02T12:00:00Z"), corrected(2, 1, changes={"jurisdiction": "US-VA"})]
    history = read(rows, NEW_YORK)
    assert places(history) == ["US-VA"]
    assert history.facts[0].entry.event.jurisdiction == "US-NC"
    assert [fact.seq for fact in history.facts[0].corrections] == [2]
    assert places(read(rows, NEW_YORK, corrected=False)) == ["US-NC"]


def test_corrections_apply_in_recording_order() -> None:
    rows = [
        moved(1, "2026-03-02T12:00:00Z"),
        corrected(2, 1, changes={"jurisdiction": "US-VA", "by": "director"}),
        corrected(3, 1, changes={"jurisdiction": "US-SC"}),
    ]
    history = read(rows, NEW_YORK)
    assert places(history) == ["US-SC"]
    assert history.facts[0].by == "director"


def test_a_corrected_time_moves_the_entry() -> None:
    rows = [
        moved(1, "2026-03-02T12:00:00Z", "US-VA"),
        moved(2, "2026-03-03T12:00:00Z"),
        corrected(3, 1, changes={"occurred_at": "2026-03-04"}),
    ]
    history = read(rows, NEW_YORK)
    assert [fact.seq for fact in history.facts] == [2, 1]
    assert history.facts[1].at == "2026-03-04T05:00:00.000000Z"


def test_a_retracted_entry_is_gone_and_listed() -> None:
    history = read([moved(1, "2026-03-02"), corrected(2, 1, retracted="mistaken")], NEW_YORK)
    assert history.facts == []
    assert [fact.seq for fact in history.retracted] == [1]


def test_a_retracted_correction_is_undone() -> None:
    rows = [
        moved(1, "2026-03-02"),
        corrected(2, 1, changes={"jurisdiction": "US-VA"}),
        corrected(3, 2, retracted="mistaken"),
    ]
    assert places(read(rows, NEW_YORK)) == ["US-NC"]


def test_a_retracted_retraction_brings_the_entry_back() -> None:
    rows = [
        moved(1, "2026-03-02"),
        corrected(2, 1, retracted="duplicate"),
        corrected(3, 2, retracted="mistaken"),
    ]
    assert places(read(rows, NEW_YORK)) == ["US-NC"]


def test_a_correction_may_be_corrected() -> None:
    rows = [
        moved(1, "2026-03-02"),
        corrected(2, 1, changes={"jurisdiction": "US-VA"}),
        corrected(3, 2, changes={"changes": {"jurisdiction": "US-SC"}}),
    ]
    assert places(read(rows, NEW_YORK)) == ["US-SC"]


def test_a_chain_of_three_retractions_leaves_the_first_standing() -> None:
    rows = [
        moved(1, "2026-03-02"),
        corrected(2, 1, retracted="mistaken"),
        corrected(3, 2, retracted="mistaken"),
        corrected(4, 3, retracted="mistaken"),
    ]
    assert read(rows, NEW_YORK).facts == []


def test_a_retracted_entry_lends_its_time_to_no_day() -> None:
    rows = [
        moved(1, "2026-03-02T20:00:00Z"),
        corrected(2, 1, retracted="mistaken"),
        moved(3, "2026-03-02"),
    ]
    assert read(rows, NEW_YORK).facts[0].at == "2026-03-02T05:00:00.000000Z"


def test_null_takes_an_optional_field_away() -> None:
    rows = [
        entry(1, "EngagementPaused", "2026-03-02", engagement="E1", reason="leave"),
        entry(
            2,
            "OutsideCareNoted",
            "2026-03-02",
            service="therapy",
            since="2026-01-01",
            until="2026-02-01",
            told_by="client",
        ),
        corrected(3, 2, changes={"until": None}),
    ]
    assert read(rows, NEW_YORK).facts[1].event.until is None


def test_corrections_that_leave_no_entry_are_told() -> None:
    with pytest.raises(ValidationError):
        read([moved(1, "2026-03-02"), corrected(2, 1, changes={"jurisdiction": "nowhere"})], NEW_YORK)


def test_as_of_cuts_by_effective_time_and_keeps_corrections() -> None:
    rows = [
        moved(1, "2026-03-02T12:00:00Z"),
        moved(2, "2026-03-03T12:00:00Z", "US-VA"),
        corrected(3, 1, changes={"jurisdiction": "US-SC"}),
    ]
    seen = read(rows, NEW_YORK).as_of("2026-03-02T12:00:00.000000Z")
    assert places(seen) == ["US-SC"]
    assert len(seen.corrections) == 1
