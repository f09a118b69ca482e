"""`projections verify` finds an edit of every column of every table, and what is missing or too much."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from ledger import clock
from ledger.application import Ledger
from ledger.entry import Override
from ledger.errors import RefusedError
from ledger.opening import Opening
from ledger.places import Places
from ledger.recording.statement import state
from projections.models.base import Kind, Table
from projections.models.catching_up import ReadModels
from projections.models.registry import MODELS, tables
from projections.models.verifying import NONE, WHOLE_ROW, Caught, Compared, verify
from projections.models.views import Views
from tests.projections.models.conftest import POLICY, begin, record

COLUMNS = [(table, column) for table in tables(MODELS) for column in table.columns]
SUMS = [(sums.name, column) for table in tables(MODELS) for sums in table.sums for column in sums.of]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadModels]:
    """A practice in which every table has a row."""
    places = Places.of(f"sqlite:///{tmp_path_factory.mktemp('verified') / 'e.db'}")
    opening = Opening("Harbor", "UTC", "director", policy=POLICY)
    with closing(Ledger.create(places, opening)) as ledger, closing(Views(ledger)) as views:
        begin(ledger)
        lost = {"type": "LicenceStatusChanged", "practitioner": "P-1", "licence": "L1", "status": "active"}
        referral = {"type": "ReferralMade", "client": "C-1", "referral": "R1", "from_practitioner": "P-1"}
        told = {"type": "DisclosureMade", "client": "C-1", "disclosure": "D1", "from_practitioner": "P-1"}
        record(ledger, lost | {"effective": "2024-01-09"})
        record(
            ledger,
            referral
            | {"to_practitioner": "P-1", "service": "therapy", "reason": "other", "client_answer": "accepted"}
            | {"details": "so"},
        )
        record(
            ledger,
            told
            | {"recipient_kind": "court", "scope": ["clinical"], "purpose": "legal", "basis": "subpoena"},
        )
        record(ledger, {"type": "HoldPlaced", "client": "C-1", "matter": "m", "reason": "r"})
        act: dict[str, Any] = {
            "type": "EngagementOpened",
            "client": "C-1",
            "engagement": "E2",
            "practitioner": "P-1",
        }
        act |= {"service": "coaching", "focus": ["goals"], "by": "desk"}
        with pytest.raises(RefusedError):
            record(ledger, act)
        why = Override(authorised_by="director", reason="by phone", rules=("ROLE-1",))
        ledger.record([state(act | {"occurred_at": ledger.moment().as_of})], override=why)
        views.read_models.catch_up(clock.now())
        yield views.read_models


def compared(models: ReadModels) -> Compared:
    reached = models.store.state()
    assert reached is not None
    now = clock.now()
    found = verify(models.store, models.source, MODELS, Caught(reached, now), lambda _done, _of: None)
    assert found is not None
    return found


def edit(models: ReadModels, *statements: str) -> None:
    reached = models.store.state()
    assert reached is not None
    with models.store._writing() as (_, run, _track):
        for statement in statements:
            run(statement.format(g=reached.generation), [[]])


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"


def test_nothing_is_found_where_nothing_was_edited(models: ReadModels) -> None:
    found = compared(models)

    assert found.differences == []
    assert found.rows > len(tables(MODELS))


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda one: getattr(one, "name", one))
def test_an_edited_column_is_found(models: ReadModels, table: Table, column: str) -> None:
    """One value of one row is edited, and edited back."""
    with models.store.reading() as reading:
        assert reading is not None
        before = reading[1].all(f"SELECT client, n, {column} FROM {{{table.name}}} ORDER BY client, n")[0]
    edited = "'edited'" if table.columns[column] is Kind.TEXT else "77777"
    old = before[column]
    back = "NULL" if old is None else quoted(old) if isinstance(old, str) else str(old)
    where = f"WHERE client = '{before['client']}' AND n = {before['n']}"

    edit(models, f"UPDATE {table.name}_{{g}} SET {column} = {edited} {where}")
    found = compared(models).differences
    edit(models, f"UPDATE {table.name}_{{g}} SET {column} = {back} {where}")

    told = {(one.table, one.client) for one in found}
    assert told == {(table.name, before["client"])}
    if column not in table.key:
        assert [(one.column, one.stored, one.expected) for one in found] == [
            (column, edited.strip("'") if "'" in edited else 77777, old)
        ]
    else:
        assert {(one.column, one.stored, one.expected) for one in found} == {
            (WHOLE_ROW, "a row", NONE),
            (WHOLE_ROW, NONE, "a row"),
        }


@pytest.mark.parametrize(("sums", "column"), SUMS)
def test_an_edited_sum_is_found(models: ReadModels, sums: str, column: str) -> None:
    edit(models, f"UPDATE {sums}_{{g}} SET {column} = {column} + 5")
    found = compared(models).differences
    edit(models, f"UPDATE {sums}_{{g}} SET {column} = {column} - 5")

    assert {(one.table, one.column) for one in found} == {(sums, column)}
    assert compared(models).differences == []


def test_a_client_that_there_is_not_is_found(models: ReadModels) -> None:
    edit(models, "INSERT INTO pairs_{g} VALUES ('C-NOBODY', 0, 'P-1')")
    found = compared(models).differences
    edit(models, "DELETE FROM pairs_{g} WHERE client = 'C-NOBODY'")

    assert [(one.table, one.client, one.stored, one.expected) for one in found] == [
        ("pairs", "C-NOBODY", "a row", NONE)
    ]


def test_a_missing_row_is_found(models: ReadModels) -> None:
    with models.store.reading() as reading:
        assert reading is not None
        stored = reading[1].all("SELECT * FROM {pairs}")
    edit(models, "DELETE FROM pairs_{g}")
    found = compared(models).differences
    edit(models, *(f"INSERT INTO pairs_{{g}} VALUES {tuple(row.values())}" for row in stored))

    assert {(one.table, one.stored, one.expected) for one in found} == {("pairs", NONE, "a row")}
