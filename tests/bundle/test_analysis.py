"""The analysis: of a whole file what the audit says, of a part only what the part shows."""

import json
from typing import Any

import pytest

from ledger.application import Ledger
from projections.audit import Question, audit
from projections.bundle.bundle import make
from projections.bundle.request import Request
from tests.bundle.conftest import dates

PHRASE = "not determinable from this production"


def analysis(ledger: Ledger, **wanted: Any) -> Any:
    made = make(ledger, Request("C-1", **wanted), "director", dates(ledger))
    return json.loads(made.files["analysis.json"])


def statuses(change: dict[str, Any]) -> dict[str, str]:
    return {one["rule"]: one["status"] for one in change["requirements"]}


def test_of_a_whole_file_it_is_what_the_audit_says(ledger: Ledger) -> None:
    found = analysis(ledger, as_of="2024-09-01T12:00:00Z")

    # the entry of another client is withheld, and counts for nothing in either
    told = audit(ledger, Question(ledger.moment("2024-09-01T12:00:00Z"), client="C-1"))
    assert [found[name] for name in ("transitions", "findings", "obligations", "verdict")] == [
        told[name] for name in ("transitions", "findings", "obligations", "verdict")
    ]
    assert len(found["transitions"]) == 2
    assert statuses(found["transitions"][0])["ROLE-2"] == "satisfied"
    assert set(found["rules"]) >= {"ROLE-1", "ROLE-2"}
    assert len(found["about"]) == 2


@pytest.mark.parametrize("seq", [4, 9, 11])
def test_what_needs_a_withheld_entry_cannot_be_told(ledger: Ledger, seq: int) -> None:
    found = analysis(ledger, withhold={seq: "privilege"})

    assert found["verdict"] == "not-determinable"
    (change, *_) = [one for one in found["transitions"] if one["to"] == "E2"]
    assert (change["from"], change["verdict"]) == ("E1", "not-determinable")
    told = {one["rule"]: one for one in change["requirements"]}
    assert told["ROLE-2"] == {
        "rule": "ROLE-2",
        "status": "not-determinable",
        "entries": [],
        "message": PHRASE,
    }
    # what the opening itself names is produced, and shows what it shows
    assert told["INT-2"]["status"] == "satisfied"
    cited = {
        entry["seq"]
        for one in found["transitions"]
        for each in one["requirements"]
        for entry in each["entries"]
    }
    assert seq not in cited
    assert any(PHRASE in said for said in found["about"])


def test_a_part_never_says_that_something_is_missing_which_is_withheld(ledger: Ledger) -> None:
    # Given that the papers, the intake and the opening's ground are withheld
    found = analysis(ledger, withhold=dict.fromkeys((2, 3, 4, 8, 12, 13, 14), "privilege"))

    whole = {(one["rule"], one["entries"][0]["seq"]) for one in analysis(ledger)["findings"]}
    assert {(one["rule"], one["entries"][0]["seq"]) for one in found["findings"]} <= whole
    for change in found["transitions"]:
        assert set(statuses(change).values()) <= {"not-determinable", "satisfied"}


def test_within_a_scope_every_opening_is_listed_and_none_is_called_a_change(ledger: Ledger) -> None:
    found = analysis(ledger, scope="coaching")

    assert [(one["from"], one["from_service"], one["to"]) for one in found["transitions"]] == [
        (None, None, "E2"),
        ("E2", "coaching", "E2"),
    ]
    first = statuses(found["transitions"][0])
    assert first["ROLE-1"] == first["ROLE-2"] == first["SCOPE-1"] == "not-determinable"
    assert first["AGR-1"] == first["INT-1"] == "satisfied"
    assert "E1" not in json.dumps(found)


def test_the_same_is_said_whether_or_not_there_is_another_service(ledger: Ledger) -> None:
    """A reader of a coaching production cannot tell from its analysis that there was therapy."""
    alone = analysis(ledger, scope="therapy")

    assert [(one["from"], one["to"]) for one in alone["transitions"]] == [(None, "E1")]
    assert statuses(alone["transitions"][0])["ROLE-1"] == "not-determinable"


def test_what_lies_outside_the_moment_is_no_gap(ledger: Ledger) -> None:
    found = analysis(ledger, as_of="2024-03-08", known_at="2024-03-10")

    assert found["verdict"] != "not-determinable"
    assert found["transitions"] == []


def test_a_production_of_nothing_says_nothing(ledger: Ledger) -> None:
    found = analysis(ledger, withhold=dict.fromkeys(range(1, 31), "sealed by the court"))

    assert (found["verdict"], found["transitions"], found["findings"]) == ("not-determinable", [], [])
