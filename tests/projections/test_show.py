"""`show`: how a client or a practitioner stands at a moment, sealed texts kept unless asked for."""

import json
from typing import Any

import pytest

from tests.projections.conftest import Run, Tell, Told


def shown(run: Run, told: Told, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(told, "show", *arguments, "--json").out)
    return found


@pytest.mark.parametrize(
    ("as_of", "state"),
    [("2023-05-04", "running"), ("2023-05-05", "paused"), ("2025-12-31", "closed")],
)
def test_an_engagement_is_shown_as_it_stood(lakeside: Told, run: Run, as_of: str, state: str) -> None:
    found = shown(run, lakeside, "client", "C-ALDER", "--as-of", as_of)

    assert [(one["engagement"], one["state"]) for one in found["engagements"]][:1] == [("E1", state)]


def test_what_is_open_is_listed_with_what_is_due(lakeside: Told, run: Run) -> None:
    found = shown(run, lakeside, "client", "C-ALDER", "--as-of", "2023-05-06")

    assert [(one["concern"], one["state"]) for one in found["concerns"]] == [("K1", "unresolved")]
    assert found["jurisdiction"] == "US-OH"
    assert found["verdict"] in ("clean", "pending")


def test_names_are_sealed_unless_revealed_to_a_role_that_may_read_them(
    lakeside: Told, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = shown(run, lakeside, "client", "C-BIRCH")
    revealed = shown(run, lakeside, "client", "C-BIRCH", "--reveal")
    monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", "no-such.role")
    without = shown(run, lakeside, "client", "C-BIRCH", "--reveal")

    assert (sealed["name"], sealed["contact"]) == ("sealed: identity", "sealed: identity")
    assert revealed["name"] not in ("sealed: identity", None)
    assert without["name"] == "sealed: identity"


def test_the_latest_name_counts(tell: Tell, run: Run) -> None:
    told = tell(
        """
        2024-01-08 client-registered C-7 name="Ada Before"
        2024-02-08 client-details-changed client=C-7 name="Ada After"
        """
    )

    assert shown(run, told, "client", "C-7", "--reveal")["name"] == "Ada After"
    assert shown(run, told, "client", "C-7", "--reveal", "--as-of", "2024-02-07")["name"] == "Ada Before"


def test_a_hold_in_force_is_shown(tell: Tell, run: Run) -> None:
    told = tell(
        """
        2024-01-08 hold-placed
        2024-02-08 hold-released
        """
    )

    assert shown(run, told, "client", "C-1", "--as-of", "2024-02-07")["holds"]["in_force"]
    assert not shown(run, told, "client", "C-1")["holds"]["in_force"]
    assert "nothing may be erased" in run(told, "show", "client", "C-1", "--as-of", "2024-02-07").out


def test_an_unknown_client_is_bad_input(lakeside: Told, run: Run) -> None:
    ran = run(lakeside, "show", "client", "C-NOBODY")

    assert (ran.code, ran.out) == (5, "")
    assert "C-NOBODY" in ran.err


def test_a_practitioners_licences_are_shown_as_they_stand_that_day(tell: Tell, run: Run) -> None:
    told = tell(
        """
        2024-01-08 licence-recorded P-1 valid_from=2024-01-01 valid_until=2024-06-30
        2024-03-01 licence-status-changed P-1 L1 suspended effective=2024-03-01
        """
    )

    def last(as_of: str) -> tuple[str, bool]:
        licences = shown(run, told, "practitioner", "P-1", "--as-of", as_of)["licences"]
        return licences[-1]["status"], licences[-1]["covers"]

    assert last("2024-02-01") == ("valid", True)
    assert last("2024-03-01") == ("suspended", False)
    assert last("2024-07-01") == ("past its last day", False)


def test_an_unknown_practitioner_is_bad_input(lakeside: Told, run: Run) -> None:
    assert run(lakeside, "show", "practitioner", "P-NOBODY").code == 5
