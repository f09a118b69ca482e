"""Where a ledger's parts are, by its URL."""

from pathlib import Path

import pytest

from ledger.errors import LedgerExistsError, UsageError
from ledger.places import Places

SERVER = "postgresql://ann:s3cret@db1:5432,db2:5433/harbor?target_session_attrs=read-write"


def test_a_file_has_its_keys_and_views_beside_it() -> None:
    places = Places.of("sqlite:///records/practice.db")

    assert places.files == [
        Path("records/practice.db"),
        Path("records/practice.keys"),
        Path("records/practice.role"),
    ]
    assert (places.name, places.views, places.is_file) == ("practice", Path("records/practice.views"), True)


def test_a_database_on_a_server_has_its_keys_in_the_current_folder() -> None:
    places = Places.of(SERVER)

    assert (places.place, places.name, places.is_file, places.views) == (SERVER, "harbor", False, None)
    assert places.files == [Path("harbor.keys"), Path("harbor.role")]
    with pytest.raises(UsageError, match="there is no file of it here"):
        places.database  # noqa: B018  # asking is the act


def test_key_files_may_be_elsewhere() -> None:
    places = Places.of(SERVER, keys="a/k", role="b/r")

    assert (places.keys, places.role) == (Path("a/k"), Path("b/r"))


@pytest.mark.parametrize(
    "url",
    [
        SERVER,
        "postgres://ann:s3cret@/harbor",
        "postgresql:///harbor?host=db1&user=ann&password=s3cret",
        "postgresql:///harbor?sslpassword=s3cret",
        "postgresql://ann:s3c%2Fret@db1/harbor?PASSWORD=s3cret",
    ],
)
def test_no_password_is_ever_shown(url: str) -> None:
    places = Places.of(url)

    assert "s3c" not in places.url + repr(places)
    assert "harbor" in places.url
    assert places.place == url


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("engagements.db", "expected sqlite:///PATH"),
        ("sqlite:///", "expected sqlite:///PATH"),
        ("mysql://ann:s3cret@db/x", "expected sqlite:///PATH"),
        ("mysql://ann:s3cret@[db/x", "expected sqlite:///PATH"),
        ("postgresql://db1", "expected the database's name"),
        ("postgresql://db1/", "expected the database's name"),
        ("postgresql://[db1/x", "expected postgresql://"),
    ],
)
def test_any_other_url_is_refused_in_words(url: str, wanted: str) -> None:
    with pytest.raises(UsageError, match=wanted) as refused:
        Places.of(url)

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("database", ["../../etc/passwd", "a b", "%2e%2e%2fx", ".hidden"])
def test_a_database_name_makes_a_plain_file_name(database: str) -> None:
    keys = Places.of(f"postgresql://db1/{database}").keys

    assert keys.parent == Path()
    assert not keys.name.startswith(".")


def test_a_place_that_is_taken_is_named(tmp_path: Path) -> None:
    places = Places.of(f"sqlite:///{tmp_path}/practice.db")
    places.refuse_taken()
    places.role.write_text("kept")

    with pytest.raises(LedgerExistsError, match=r"practice\.role exists already"):
        places.refuse_taken()
    with pytest.raises(UsageError, match="is not there; make it"):
        Places.of(f"sqlite:///{tmp_path}/no/practice.db").refuse_taken()
