"""What `doctor` finds in a key database that somebody has edited, or whose rotation was stopped."""

from pathlib import Path

import pytest

from ledger.health.checks import Check, Verdict
from ledger.health.keys import check_keys
from ledger.keys.database import KeyDatabase
from ledger.keys.granting import grant
from ledger.keys.rotation import rotate
from ledger.places import Places
from ledger.values import Domain
from ledger.verification.keys import AtHand
from tests.keys.practice import ACT, rows_of


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A key database with a data key and a coach's grant; no ledger is needed for what is tested."""
    held = Places.of(f"sqlite:///{tmp_path}/practice.db")
    with KeyDatabase.create(held.keys, held.role) as keys:
        keys.data_key("client/C-1", Domain.THERAPY)
        keys.flush()
        grant(keys, tmp_path / "coach.role", "coach", [Domain.COACHING], ACT, holder="Ben")
    return held


def warnings(places: Places) -> dict[str, Check]:
    return {one.name: one for one in check_keys(places, AtHand()) if one.verdict is Verdict.WARNING}


def test_sound_readers_are_not_mentioned(places: Places) -> None:
    assert warnings(places).keys() == {"key database"}  # which has signed nothing


def test_keys_that_nobody_stands_behind_are_found(places: Places) -> None:
    with rows_of(places.keys) as rows:
        rows.execute("INSERT INTO domain_key VALUES ('therapy', 2, randomblob(32))")

    assert "no holder of the keys before" in warnings(places)["therapy keys"].found


def test_a_rotation_that_was_stopped_is_found(places: Places) -> None:
    def stop(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with KeyDatabase.open(places.keys, places.role) as keys:
        for number in range(600):
            keys.data_key(f"client/C-{number}", Domain.THERAPY)
        keys.flush()
        with pytest.raises(KeyboardInterrupt):
            rotate(keys, [Domain.THERAPY], ACT, stop)

    assert "keys rotate --domain therapy" in str(warnings(places)["therapy keys"].remedy)


def test_a_grant_that_no_holder_signed_is_found(places: Places) -> None:
    with rows_of(places.keys) as rows:
        rows.execute("UPDATE role_grant SET holder = 'Somebody' WHERE role = 'coach'")

    assert "(Somebody): nothing is delivered" in warnings(places)["role files granted"].found
