"""`status` and `doctor` as people call them."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.commands.conftest import client, empty, in_therapy, program  # noqa: F401  # fixtures
from tests.commands.program import Program


def test_status_fits_on_one_screen(in_therapy: Program) -> None:  # noqa: F811
    in_therapy.good("checkpoint", "seal")
    in_therapy.good("record", "concern-raised", "--client", "C-1", "--severity", "watch", "--details", "x")

    done = in_therapy.good("status")

    shown = done.out.splitlines()
    assert len(shown) <= 24
    assert max(map(len, shown)) <= 80
    told = done.told
    assert f"{in_therapy.count()} entries" in told
    assert f"over {in_therapy.count() - 1} entries" in told
    assert "; 1 entry since" in told
    assert "witnessed none yet" in told
    assert "12 of 12 rules adopted" in told


def test_status_as_json(in_therapy: Program) -> None:  # noqa: F811
    in_therapy.good("caseload")
    in_therapy.good("record", "concern-raised", "--client", "C-1", "--severity", "watch", "--details", "x")

    told = in_therapy.good("status", "--json").json

    assert (told["engine"], told["entries"], told["clients"]) == ("SQLite", in_therapy.count(), 1)
    assert (told["checkpoint"]["size"], told["unsigned"], told["seal"]) == (in_therapy.count(), 0, None)
    assert told["since_seal"] == in_therapy.count()
    assert told["read_models"] == {"position": in_therapy.count() - 1, "lag": 1, "why": ""}
    assert told["bytes"] >= (in_therapy.folder / "ledger.db").stat().st_size
    assert told["key_database"]["there"]
    assert "+" in told["signing_key"]


def test_status_without_keys_asks_for_nothing(in_therapy: Program) -> None:  # noqa: F811
    (in_therapy.folder / "ledger.keys").unlink()
    (in_therapy.folder / "ledger.role").chmod(0o644)

    done = in_therapy.good("status")

    assert "NOT THERE" in done.out
    assert "open to other users" in done.told
    assert "not known here" in done.told


def test_doctor_ends_well_where_only_people_can_do_more(in_therapy: Program) -> None:  # noqa: F811
    done = in_therapy.good("doctor")

    assert max(map(len, done.out.splitlines())) <= 80
    assert "2 to put right; nothing is lost." in done.told
    assert in_therapy("doctor", "--strict").code == 1


def test_doctor_ends_with_4_where_integrity_is_at_stake(in_therapy: Program) -> None:  # noqa: F811
    with closing(sqlite3.connect(in_therapy.folder / "ledger.db")) as connection:
        connection.execute("DROP TRIGGER stored_events_refuse_delete")

    done = in_therapy("doctor")

    assert (done.code, "stored_events_refuse_delete" in done.out) == (4, True)
    assert "integrity is at stake" in done.told


def test_doctor_as_json(in_therapy: Program) -> None:  # noqa: F811
    told = in_therapy.good("doctor", "--json").json

    verdicts = {check["name"]: check["verdict"] for check in told["checks"]}
    assert verdicts["durability"] == "fine"
    assert verdicts["read models"] == "fine"
    assert all(check["remedy"] for check in told["checks"] if check["verdict"] == "warning")


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_without_a_ledger_it_is_said(empty: Program, command: str) -> None:  # noqa: F811
    done = empty(command)

    assert (done.code, "no ledger at" in done.told) == (2, True)


def test_read_models_of_another_log_are_told(in_therapy: Program) -> None:  # noqa: F811
    shutil.copy(in_therapy.folder / "ledger.db", in_therapy.folder / "older.db")
    in_therapy.good("record", "concern-raised", "--client", "C-1", "--severity", "watch", "--details", "x")
    in_therapy.good("caseload")
    shutil.move(in_therapy.folder / "older.db", in_therapy.folder / "ledger.db")

    done = in_therapy("doctor", "--json")

    verdicts = {check["name"]: check["verdict"] for check in done.json["checks"]}
    assert (verdicts["read models"], verdicts["signed"], done.code) == ("warning", "broken", 4)


def test_damaged_read_models_do_not_stop_it(in_therapy: Program) -> None:  # noqa: F811
    (in_therapy.folder / "ledger.views").write_text("no database" * 100)

    told = in_therapy.good("doctor", "--json").json
    shown = in_therapy.good("status").told

    assert {check["name"]: check["verdict"] for check in told["checks"]}["read models"] == "warning"
    assert "cannot be read: `projections rebuild`" in shown
