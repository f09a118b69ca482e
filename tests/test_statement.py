"""What is wrong with a statement is said field by field: what was expected, what came."""

from typing import Any

import pytest

from ledger.errors import FieldError, InputError
from ledger.recording.statement import state

INTAKE: dict[str, Any] = {
    "type": "IntakeCompleted",
    "occurred_at": "2026-03-02T15:00:00-05:00",
    "by": "frontdesk",
    "client": "C-1",
    "intake": "I1",
    "practitioner": "P-1",
    "service_sought": "therapy",
    "clinical_indication": "active",
    "wants_trauma_work": False,
    "goal_focused": False,
    "roles_explained": True,
    "recommended": "therapy",
    "rationale": "as discussed",
}


def test_a_good_statement() -> None:
    statement = state({**INTAKE, "source": "pms-4", "stable": None})
    assert statement.stream == "client/C-1"
    assert statement.occurred_at == "2026-03-02T20:00:00.000000Z"
    assert statement.source == "pms-4"
    assert "stable" not in statement.fields


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mood": "good"}, "mood: unknown field"),
        ({"schema": 1}, "schema: unknown field"),
        ({"mood": None}, "mood: unknown field"),
        ({"client": None}, "client: expected an id .* came nothing"),
        ({"client": "C 1"}, "client: expected an id .* came 'C 1'"),
        ({"client": 1}, "client: expected an id .* came 1"),
        ({"by": None}, "by: expected a string, came nothing"),
        ({"by": "front desk"}, "by: expected an actor's id"),
        ({"occurred_at": "2026-02-30"}, "occurred_at: expected a date and time"),
        ({"occurred_at": 20260302}, "occurred_at: expected a date and time.* came 20260302"),
        ({"roles_explained": 1}, "roles_explained: expected true or false, came 1"),
        ({"roles_explained": "true"}, "roles_explained: expected true or false, came 'true'"),
        (
            {"clinical_indication": "Active"},
            "clinical_indication: expected one of none, past, .* came 'Active'",
        ),
        ({"rationale": "x" * 10_001}, "rationale: expected text of at most 10000 characters, came 10001"),
        ({"rationale": "a\x1b[31m"}, r"rationale: expected plain text, came the control character U\+001B"),
        ({"rationale": "a\u202eb"}, r"rationale: .* U\+202E"),
        ({"rationale": ["a"]}, "rationale: expected text"),
        ({"rationale": [{"...": "A" * 43}]}, "rationale: expected text, came the sealed form"),
        ({"source": ""}, "source: expected the entry's id"),
        ({"recommended": {}}, "recommended: expected one of .* came an object"),
    ],
)
def test_each_problem_is_named(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(FieldError, match=says):
        state(INTAKE | changes)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(FieldError) as wrong:
        state(INTAKE | {"mood": 1, "client": "", "by": 3, "recommended": "hypnosis"})
    assert len(wrong.value.problems) == 4


@pytest.mark.parametrize("type_", ["LedgerOpened", "EntryRefused", "StreamIndexCommitted", "HistoryImported"])
def test_the_ledger_s_own_entries_are_not_stated(type_: str) -> None:
    with pytest.raises(InputError, match="written by the ledger itself"):
        state({**INTAKE, "type": type_})


@pytest.mark.parametrize("type_", [None, 3, "", "intake", "IntakeCompleted "])
def test_an_unknown_type_is_told(type_: Any) -> None:
    with pytest.raises(InputError, match="type: expected"):
        state({**INTAKE, "type": type_})


CORRECTION: dict[str, Any] = {
    "type": "EntryCorrected",
    "occurred_at": "2026-03-02",
    "by": "director",
    "reason": "typed wrongly",
}


@pytest.mark.parametrize(
    ("fields", "stream"),
    [
        ({"corrects": "pms-4", "retracted": "mistaken"}, None),
        ({"corrects": 4, "client": "C-1", "retracted": "mistaken"}, "client/C-1"),
        ({"corrects": 4, "practitioner": "P-1", "changes": {"name": "A"}}, "practitioner/P-1"),
        ({"corrects": 1, "changes": {"reason": "A"}}, "practice"),
    ],
)
def test_a_correction_is_placed(fields: dict[str, Any], stream: str | None) -> None:
    assert state(CORRECTION | fields).stream == stream


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"corrects": 4}, "either `changes` or `retracted`, came neither"),
        ({"corrects": 4, "changes": {"a": 1}, "retracted": "mistaken"}, "came both"),
        ({"corrects": 4, "changes": {}}, "at least one field"),
        ({"corrects": 0, "retracted": "mistaken"}, "corrects: expected the seq"),
        ({"corrects": 1.5, "retracted": "mistaken"}, "corrects: expected the seq"),
        ({"corrects": True, "retracted": "mistaken"}, "corrects: expected the seq"),
        ({"corrects": 4, "client": "C-1", "practitioner": "P-1", "retracted": "mistaken"}, "came both"),
        ({"corrects": 4, "retracted": "oops"}, "retracted: expected one of duplicate"),
    ],
)
def test_a_correction_that_is_none(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(FieldError, match=says):
        state(CORRECTION | fields)
