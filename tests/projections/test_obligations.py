"""`obligations` and its calendar, read back as RFC 5545 says."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.ics import calendar, escaped
from tests.projections.conftest import Run, Tell, Told


def listed(run: Run, told: Told, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(told, "obligations", *arguments, "--json").out)[
        "obligations"
    ]
    return found


def events(text: str) -> list[dict[str, str]]:
    """The events of a calendar: lines unfolded (section 3.1), names without parameters, texts unescaped."""
    assert text.endswith("\r\n")
    lines = text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    found: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1][name.partition(";")[0]] = unescaped(value)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    return found


def unescaped(value: str) -> str:
    result, signs = "", iter(value)
    for sign in signs:
        following = next(signs) if sign == "\\" else ""
        result += ("\n" if following == "n" else following) if following else sign
    return result


def test_what_is_open_or_overdue_comes_soonest_first(lakeside: Told, run: Run) -> None:
    found = listed(run, lakeside, "--as-of", "2025-12-31")

    assert [(one["due"], one["status"], one["rule"], one["client"]) for one in found] == [
        ("2025-03-25", "overdue", "REC-4", "C-WALNUT"),
        ("2026-01-01", "open", "REC-4", "C-SPRUCE"),
        ("2026-01-12", "open", "CON-3", "C-HAZEL"),
        ("2026-01-19", "open", "CON-3", "C-GINKGO"),
    ]
    assert [one["practitioner"] for one in found] == ["P-LINDQVIST", "P-ECHEVERRIA", "P-SOLHEIM", "P-OSEI"]


def test_all_of_them_can_be_asked_for_and_one_client_alone(lakeside: Told, run: Run) -> None:
    everything = listed(run, lakeside, "--as-of", "2025-12-31", "--all")
    one = listed(run, lakeside, "--as-of", "2025-12-31", "--all", "--client", "C-SORREL")

    assert {found["status"] for found in everything} == {"open", "overdue", "late", "met"}
    assert one == [found for found in everything if found["client"] == "C-SORREL"]


@pytest.mark.parametrize(
    ("as_of", "status"), [("2024-06-17", "open"), ("2024-06-18", "overdue"), ("2024-06-02", None)]
)
def test_an_obligation_stands_as_of_the_day_asked_about(
    tell: Tell, run: Run, as_of: str, status: str | None
) -> None:
    told = tell("2024-01-08 therapy E1\n2024-06-03 10:00 engagement-closed E1")

    found = [one for one in listed(run, told, "--as-of", as_of) if one["rule"] == "REC-4"]

    assert [one["status"] for one in found] == ([status] if status is not None else [])


def test_the_calendar_says_what_the_list_says(lakeside: Told, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "due.ics"

    ran = run(lakeside, "obligations", "--as-of", "2025-12-31", "--all", "--ics", str(file))

    assert ran.code == 0
    found = events(file.read_bytes().decode())
    assert [one["DTSTART"] for one in found] == ["20250325", "20260101", "20260112", "20260119"]
    assert [one["DTEND"] for one in found] == ["20250326", "20260102", "20260113", "20260120"]
    assert found[0]["SUMMARY"] == "OVERDUE: REC-4 C-WALNUT, P-LINDQVIST"
    assert found[0]["DESCRIPTION"] == (
        "therapy E1 was closed: expected a discharge summary\nEntries: client/C-WALNUT 48"
    )
    assert len({one["UID"] for one in found}) == len(found)
    assert {one["DTSTAMP"] for one in found} == {"20260101T045959Z"}


def test_the_same_obligation_keeps_its_uid(lakeside: Told, run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "1.ics", tmp_path / "2.ics"

    run(lakeside, "obligations", "--as-of", "2025-12-30", "--client", "C-SPRUCE", "--ics", str(first))
    run(lakeside, "obligations", "--as-of", "2026-02-01", "--client", "C-SPRUCE", "--ics", str(second))

    before, after = events(first.read_bytes().decode()), events(second.read_bytes().decode())
    assert before[0]["UID"] == after[0]["UID"]
    assert (before[0]["CATEGORIES"], after[0]["CATEGORIES"]) == ("REC-4,OPEN", "REC-4,OVERDUE")


@given(message=st.text(max_size=300))
def test_any_message_survives_escaping_and_folding(message: str) -> None:
    obligation = {
        "rule": "REC-4",
        "client": "C-1",
        "engagements": ["E1"],
        "due": date(2024, 6, 17).isoformat(),
        "status": "open",
        "entries": [{"stream": "client/C-1", "seq": 1}],
        "message": message,
        "practitioner": None,
    }
    text = calendar([obligation], origin="x", made_at="2024-06-03T00:00:00.000000Z")

    assert all(len(line.encode("utf-8", "surrogatepass")) <= 75 for line in text.split("\r\n"))
    kept = "".join(
        sign for sign in message.replace("\r\n", "\n") if (sign >= " " and sign != "\x7f") or sign == "\n"
    )
    assert events(text)[0]["DESCRIPTION"] == kept + "\nEntries: client/C-1 1"
    assert "\n" not in escaped(message)


def test_a_calendar_that_cannot_be_written_is_a_wrong_call(lakeside: Told, run: Run, tmp_path: Path) -> None:
    ran = run(lakeside, "obligations", "--ics", str(tmp_path / "none" / "due.ics"))

    assert ran.code == 2
    assert "cannot be written" in ran.err
