"""`doctor` on a PostgreSQL server: the server's settings, the role in force, triggers, standby, sessions."""

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from ledger.application import Ledger
from ledger.errors import NoLedgerError
from ledger.health.checks import Check, Verdict
from ledger.health.doctor import examine
from ledger.health.postgres import check_postgres
from ledger.health.status import status_of
from ledger.opening import Opening
from ledger.places import Places
from ledger.storage import postgres
from tests import desk
from tests.postgres.server import Server

WARNING, BROKEN, FINE, NOTE = Verdict.WARNING, Verdict.BROKEN, Verdict.FINE, Verdict.NOTE


@pytest.fixture
def places(postgres_place: str, tmp_path: Path) -> Places:
    """A ledger on a server, its keys in a folder."""
    found = Places.of(postgres_place, keys=str(tmp_path / "k"), role=str(tmp_path / "r"))
    opening = Opening(
        "Harbor Practice", "America/New_York", "director", go_live="2024-01-01", policy=desk.RECOMMENDED
    )
    with closing(Ledger.create(found, opening)) as ledger:
        desk.therapy_begun(ledger)
    return found


def found(places: Places) -> dict[str, Check]:
    return {check.name: check for check in examine(places).checks}


def run(places: Places, statement: str) -> None:
    with psycopg.connect(places.place, autocommit=True) as connection:
        connection.execute(statement)


def test_what_a_good_server_gives(places: Places) -> None:
    checks = found(places)

    verdicts = {name: check.verdict for name, check in checks.items()}
    fine = (
        "durability",
        "triggers",
        "connections",
        "signed",
        "clock",
        "key database",
        "role file",
        "file rights",
    )
    assert {name: verdicts[name] for name in fine} == dict.fromkeys(fine, FINE)
    assert verdicts["role"] is WARNING, "the test's own login is a superuser"
    assert verdicts["standby"] is NOTE
    assert "PostgreSQL" in checks["durability"].found
    assert BROKEN not in verdicts.values()


def test_a_disabled_trigger_is_found(places: Places) -> None:
    run(places, "ALTER TABLE stored_events DISABLE TRIGGER stored_events_refuse_change")
    run(places, "DROP TRIGGER tree_refuse_change ON tree")

    check = found(places)["triggers"]

    assert check.verdict is BROKEN
    assert "stored_events, tree" in check.found


def test_rights_to_change_what_is_recorded_are_found(places: Places) -> None:
    with closing(postgres.open_log(places.place)) as log:
        role = log.datastore.session.role
    run(places, f'GRANT DELETE ON stored_events TO "{role}"')

    check = found(places)["role"]

    assert check.verdict is BROKEN
    assert "stored_events" in check.found


def test_a_session_that_does_nothing_is_found(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.storage.postgres_condition.LEFT_OPEN_SECONDS", 0)
    with psycopg.connect(places.place) as connection:
        connection.execute("SELECT 1")

        assert found(places)["left open"].verdict is WARNING


def test_where_no_ledger_is_there_is_nothing_to_examine(postgres_place: str) -> None:
    with pytest.raises(NoLedgerError):
        examine(Places.of(postgres_place))


def test_status_of_a_ledger_on_a_server(places: Places) -> None:
    with closing(Ledger(places)) as ledger:
        found = status_of(ledger)

    assert (found.engine, found.unsigned, found.clients) == ("PostgreSQL", 0, 1)
    assert found.bytes > 0
    assert found.url == places.url


def test_settings_that_risk_what_was_acknowledged_are_found(own_postgres: Server) -> None:
    """fsync cannot be off in a test server for long: what the server says of itself is replaced, and nothing else."""
    postgres.create(own_postgres.url())
    condition = postgres.condition(own_postgres.url())
    settings = dict(condition.settings)

    def verdicts(**changed: object) -> dict[str, Verdict]:
        told = condition._replace(settings=settings | changed)
        clock = float(settings["clock"])
        return {check.name: check.verdict for check in check_postgres(told, clock)}

    assert verdicts()["durability"] is FINE
    assert verdicts(fsync="off")["durability"] is BROKEN
    assert verdicts(synchronous_commit="off")["durability"] is WARNING
    assert verdicts(full_page_writes="off")["whole pages"] is WARNING
    assert verdicts(data_checksums="on")["whole pages"] is FINE
    assert verdicts(role=None)["role"] is WARNING
    assert verdicts(superuser=False)["role"] is FINE
    assert verdicts(standby=True)["standby"] is NOTE
    assert verdicts(synchronous_standby_names="s1")["standby"] is WARNING
    assert verdicts(synchronous_standby_names="s1", synchronous_followers=1)["standby"] is FINE
    assert verdicts(followers=1)["standby"] is NOTE
    assert verdicts(sessions=90)["connections"] is WARNING
    assert verdicts(local=False)["encryption"] is WARNING
    assert "encryption" not in verdicts(local=False, encrypted=True)
    assert verdicts(clock=float(settings["clock"]) + 100)["server clock"] is WARNING
    postgres.remove(own_postgres.url())
