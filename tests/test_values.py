"""Times, days, texts, identifiers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ledger.values import (
    Calendar,
    Code,
    Id,
    Jurisdiction,
    Source,
    Text,
    days_between,
    instant,
    is_day,
    later,
    moment,
    stamp,
)

AWARE = st.datetimes(
    min_value=datetime(1901, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(9000, 1, 1),  # noqa: DTZ001
    timezones=st.timezones(),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T15:00:00-05:00", "2026-03-02T20:00:00.000000Z"),
        ("2026-03-02T15:00:00Z", "2026-03-02T15:00:00.000000Z"),
        ("2026-03-02 15:00+01:00", "2026-03-02T14:00:00.000000Z"),
        ("2026-03-02T23:59:59.123456-05:00", "2026-03-03T04:59:59.123456Z"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_a_stated_time_becomes_canonical(text: str, expected: str) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-02-30",
        "2026-W10-1",
        "20260302",
        "2026-03-02T15:00:00",
        "2026-03-02T25:00:00Z",
        "2026-03-02T15:00:00 America/New_York",
        "2026-03-02T15:00:00.1234567Z",
        "9999-12-31T23:59:59-05:00",
        "1899-12-31",
        "٢٠٢٦-03-02",
        "2026-03-02T15:00:00+25:00",
    ],
)
def test_a_time_that_is_none_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a (date and )?time"):
        moment(text)


@given(AWARE)
def test_stamps_sort_as_the_instants_they_stand_for(when: datetime) -> None:
    canonical = stamp(when)
    assert instant(canonical) == when.astimezone(UTC)
    assert len(canonical) == 27
    assert moment(canonical) == canonical


@given(st.lists(AWARE, min_size=2))
def test_text_order_is_time_order(times: list[datetime]) -> None:
    assert [instant(text) for text in sorted(map(stamp, times))] == sorted(w.astimezone(UTC) for w in times)


def test_a_day_is_the_practice_s_own() -> None:
    calendar = Calendar("America/New_York")
    assert calendar.day_of("2026-03-03T03:30:00.000000Z") == "2026-03-02"
    assert calendar.day_of("2026-03-03T05:00:00.000000Z") == "2026-03-03"
    assert calendar.start_of("2026-03-02") == "2026-03-02T05:00:00.000000Z"
    assert calendar.end_of("2026-03-02") == "2026-03-03T04:59:59.999999Z"


def test_a_day_of_23_hours_ends_when_it_ends() -> None:
    calendar = Calendar("America/New_York")
    assert calendar.start_of("2026-03-08") == "2026-03-08T05:00:00.000000Z"
    assert calendar.end_of("2026-03-08") == "2026-03-09T03:59:59.999999Z"


def test_days_are_counted_on_the_calendar() -> None:
    assert days_between("2026-02-27", "2026-03-02") == 3
    assert later("2026-02-27", 3) == "2026-03-02"
    assert later("9999-12-31", 1) == "9999-12-31"
    assert is_day("2026-03-02")
    assert not is_day("2026-03-02T05:00:00.000000Z")


def accepts(kind: Any, value: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("value", ["C-1", "c", "A" * 64, "a.b_c-d", "9"])
def test_identifiers(value: str) -> None:
    assert accepts(Id, value)


@pytest.mark.parametrize(
    "value", ["", "-a", ".a", "A" * 65, "a b", "a/b", "a:b", "a\n", "\u0421-1", "a\u200b", "../x"]
)
def test_no_identifiers(value: str) -> None:
    assert not accepts(Id, value)


@pytest.mark.parametrize("value", ["US-NC", "GB-ENG", "DE-BY", "FR-75"])
def test_jurisdictions(value: str) -> None:
    assert accepts(Jurisdiction, value)


@pytest.mark.parametrize("value", ["us-nc", "US", "US-", "US-NORT", "USA-NC", "US NC"])
def test_no_jurisdictions(value: str) -> None:
    assert not accepts(Jurisdiction, value)


def test_codes_and_sources() -> None:
    assert accepts(Code, "no-diagnosis-or-treatment")
    assert not accepts(Code, "No Diagnosis")
    assert accepts(Source, "pms 17/4")
    assert not accepts(Source, " pms")
    assert not accepts(Source, "é")


@pytest.mark.parametrize(
    "sign", ["\x00", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\u200f", "\ufeff", "\u2028"]
)
def test_text_takes_no_disguise(sign: str) -> None:
    assert not accepts(Text, f"a{sign}b")


def test_text_takes_every_language() -> None:
    assert accepts(Text, "Zoë, Łukasz, 李雷, שלום, a\ttab\nand a line 🙂")
    assert accepts(Text, "x" * 10_000)
    assert not accepts(Text, "x" * 10_001)
    assert not accepts(Text, " \n ")
