"""`retention status`, `hold list`, and the legal hold wherever a client is shown."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from ledger.case import Case
from ledger.retention import Terms, due_day, kept, latest_over, years_later
from projections.bundle.bundle import make
from projections.bundle.request import Request
from projections.dates import Dates
from projections.models import holds, retention
from projections.models.base import Asked, View
from projections.models.views import Question, Views
from tests.projections.conftest import Ran, Run, Tell, Told

SEVEN = Terms(7, 3)
STORY = """
2021-02-01 client-registered C-1
2021-03-01 therapy E1
2021-03-08 session-held E1
2021-06-01 engagement-closed E1
"""
HELD = """
2021-07-01 hold-placed matter="Smith v. Jones"
2021-08-01 hold-placed matter="Board 17"
2021-09-01 hold-released matter="smith v. jones"
"""


def seen(told: Told, when: str | None = None) -> Iterator[tuple[View, Asked]]:
    moment = told.ledger.moment(when)
    with (
        closing(Views(told.ledger)) as views,
        views.asked(Question(moment, ("retention", "holds"), now=False)) as found,
    ):
        yield found


def document(run: Run, told: Told, *arguments: str) -> Any:
    ran = run(told, *arguments, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


# -- the day ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "minor_until", "due"),
    [
        ("2021-06-01", None, "2028-06-01"),
        ("2020-02-29", None, "2027-03-01"),
        ("2017-02-28", None, "2024-02-28"),
        ("2021-06-01", "2024-01-10", "2028-06-01"),
        ("2021-06-01", "2030-01-10", "2033-01-10"),
        ("9998-01-01", None, "9999-01-01"),
        (None, None, None),
    ],
)
def test_the_due_day_is_the_later_of_two(last: str | None, minor_until: str | None, due: str | None) -> None:
    assert due_day(last, minor_until, SEVEN) == due


@pytest.mark.parametrize("today", ["2027-02-28", "2027-03-01", "2024-02-29", "2028-02-29", "2026-12-31"])
def test_the_bound_of_a_query_is_the_due_day_turned_round(today: str) -> None:
    days = [
        f"{year}-{day}" for year in (2017, 2019, 2020, 2021) for day in ("02-27", "02-28", "03-01", "12-31")
    ]
    for day in [*days, "2020-02-29", "2016-02-29"]:
        assert (day <= latest_over(today, 7)) == (years_later(day, 7) <= today), day


def test_what_was_last_and_what_is_open(tell: Tell) -> None:
    told = tell(STORY)
    running = kept(told.ledger.at(told.ledger.moment("2021-05-01")).case("C-1"))
    over = kept(told.ledger.at().case("C-1"))

    assert (running.running, running.due(SEVEN)) == (("E1",), None)
    assert (over.running, over.last_day, over.due(SEVEN)) == ((), "2021-06-01", "2028-06-01")
    assert over.last is not None
    assert over.last.entry.type == "EngagementClosed"
    assert kept(Case("C-2", told.ledger.at().practice)).due(SEVEN) is None


# -- retention status -------------------------------------------------------------------------------------


def test_whose_day_has_come(tell: Tell, run: Run) -> None:
    told = tell(STORY)

    assert document(run, told, "retention", "status", "--as-of", "2028-05-31")["clients"] == []
    assert document(run, told, "retention", "status", "--as-of", "2028-05-31", "--by", "2028-06-01")[
        "clients"
    ]
    found = document(run, told, "retention", "status")
    assert found["retention_years"] == {"value": 7, "set_by": None}
    assert found["clients"] == [
        {
            "client": "C-1",
            "status": "due",
            "due": "2028-06-01",
            "last_service": "2021-06-01",
            "last_act": "EngagementClosed",
            "last_entry": {"stream": "client/C-1", "seq": found["clients"][0]["last_entry"]["seq"]},
            "running": [],
            "minor_until": None,
            "holds": 0,
            "erased_on": None,
            "erased_entry": None,
            "sealed_since": True,
        }
    ]


def test_each_status_in_words(tell: Tell, run: Run) -> None:
    told = tell(STORY + HELD)

    assert "in service" in run(told, "retention", "status", "C-1", "--as-of", "2021-05-01").out
    assert "E1 not closed" in run(told, "retention", "status", "C-1", "--as-of", "2021-05-01").out
    assert "kept" in run(told, "retention", "status", "C-1", "--as-of", "2021-06-15").out
    ran = run(told, "retention", "status")
    assert "held" in ran.out
    assert "1 legal hold: nothing may be erased" in " ".join(ran.out.split())
    assert "the program's defaults, which are no law" in " ".join(ran.out.split())


def test_whose_numbers_they_are(tell: Tell, run: Run) -> None:
    told = tell('2021-01-02 policy-adopted parameters.retention_years=1 reason="our own"' + STORY)

    words = " ".join(run(told, "retention", "status", "--as-of", "2022-06-01").out.split())

    assert "Kept for 1 years after the last service" in words
    assert "partly as the practice's policy says" in words
    assert "C-1 due 2022-06-01" in words
    assert "retention_years = 1 (default: 7)" in run(told, "policy", "show").out


def test_erased_and_come_back(tell: Tell, run: Run) -> None:
    told = tell(STORY + "2029-01-05 keys-destroyed ground=retention")
    (row,) = document(run, told, "retention", "status", "C-1")["clients"]
    assert (row["status"], row["erased_on"], row["sealed_since"]) == ("erased", "2029-01-05", False)
    assert document(run, told, "retention", "status")["clients"] == []
    assert [one["client"] for one in document(run, told, "retention", "status", "--all")["clients"]] == [
        "C-1"
    ]

    told = tell(
        STORY + "2029-01-05 keys-destroyed ground=retention\n2029-02-05 client-details-changed contact=x"
    )
    (row,) = document(run, told, "retention", "status", "C-1")["clients"]
    assert (row["status"], row["sealed_since"]) == ("due", True)


def test_the_rows_are_what_each_case_says(lakeside: Told) -> None:
    for day in ("2023-06-30", "2025-12-31", None):
        perspective = lakeside.ledger.at(lakeside.ledger.moment(day))
        for view, asked in seen(lakeside, day):
            rows = retention.retention(view, asked, SEVEN, retention.Wanted(everything=True))
            assert len(rows) > 5
            for row in rows:
                found = kept(perspective.case(row["client"]))
                assert (row["due"], row["holds"]) == (found.due(SEVEN), found.holds)
            held = {row["client"] for row in rows if row["holds"]}
            assert {one["client"] for one in holds.holds(view)} == held


# -- holds ------------------------------------------------------------------------------------------------


def test_holds_are_counted_without_keys_and_told_apart_with_them(tell: Tell, run: Run) -> None:
    told = tell(STORY + HELD)

    (row,) = document(run, told, "hold", "list")["holds"]
    assert (row["in_force"], row["placed"], row["released"]) == (1, 2, 1)
    assert "matters" not in row
    assert "Board" not in run(told, "hold", "list").out

    (row,) = document(run, told, "hold", "list", "--reveal")["holds"]
    assert [one["matter"] for one in row["matters"]] == ["Board 17"]
    assert document(run, told, "hold", "list", "--matter", "BOARD 17")["holds"]
    assert document(run, told, "hold", "list", "--matter", "Smith v. Jones")["holds"] == []
    assert "Board 17" not in run(told, "hold", "list", "--matter", "board 17").out
    (row,) = document(run, told, "hold", "list", "C-1", "--as-of", "2021-08-15", "--reveal")["holds"]
    assert [one["matter"] for one in row["matters"]] == ["Smith v. Jones", "Board 17"]


def test_holds_that_were_all_released_are_listed_when_asked_for(tell: Tell, run: Run) -> None:
    told = tell(STORY + HELD + "2021-10-01 hold-released matter='Board 17'")

    assert "None." in run(told, "hold", "list").out
    assert document(run, told, "hold", "list", "--all")["holds"][0]["in_force"] == 0


def test_matters_need_the_practices_key(tell: Tell, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tell(STORY + HELD)
    monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", "none.role")

    assert run(told, "hold", "list").code == 0
    for asked in ("--reveal", "--matter=x"):
        ran = run(told, "hold", "list", asked)
        assert ran.code == 7
        assert "may read practice" in ran.err


def test_wherever_the_client_is_shown(tell: Tell, run: Run) -> None:
    told = tell(STORY + HELD)
    stands = "a legal hold stands: nothing may be erased"

    def words(ran: Ran) -> str:
        return " ".join(ran.out.split()).lower()

    for command in (
        ("show", "client", "C-1"),
        ("timeline", "C-1"),
        ("statement", "C-1"),
        ("audit", "--client", "C-1"),
    ):
        assert stands in words(run(told, *command)), command
        assert stands not in words(run(told, *command, "--as-of", "2021-06-15")), command
        assert "smith" not in words(run(told, *command)), command
    assert document(run, told, "timeline", "C-1")["holds"] == 1
    assert document(run, told, "statement", "C-1")["holds"] == 1
    assert json.loads(run(told, "audit", "--client", "C-1", "--json").out)["holds"] == 1
    assert "holds" not in json.loads(run(told, "audit", "--json").out)


def test_in_a_bundle_by_what_is_produced(tell: Tell) -> None:
    told = tell(STORY + HELD)
    dates = Dates(told.ledger.calendar)
    made = make(told.ledger, Request("C-1"), "desk", dates)
    record = json.loads(made.files["record.json"])
    assert (record["holds"], record["erased"]) == (1, [])
    seqs = [entry["seq"] for entry in record["entries"] if entry["type"] in ("HoldPlaced", "HoldReleased")]

    withheld = make(told.ledger, Request("C-1", withhold=dict.fromkeys(seqs, "work product")), "desk", dates)

    assert json.loads(withheld.files["record.json"])["holds"] == 0
