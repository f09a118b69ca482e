"""One client, one file, as people meet it: a warning before and after, `doubles`, `doctor`, an import's summary."""

import json

import pytest

from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.values import Domain
from tests.commands.program import Program
from tests.keys.practice import give

AGAIN = ("--name", "MARSH, Zoe", "--date-of-birth", "1990-01-01", "--contact", "x", "--jurisdiction", "US-NC")
SEEMS = "C-1 seems to be the same person (born the same day, the names are alike)"
IS_LIKE = "C-2 seems to be the same person as C-1"


@pytest.fixture
def front_desk(client: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The same ledger for somebody who does not read identity."""
    held = Places.of(client.url)
    role = client.folder / "desk.role"
    with KeyDatabase.open(held.keys, held.role) as keys:
        give(keys, role, "front desk", [Domain.COACHING])
    monkeypatch.setenv("ENGAGEMENT_LEDGER_ROLE", str(role))
    return client


def test_at_the_desk_it_is_said_before_the_last_question(client: Program) -> None:
    # When somebody registers a person who has a file, and says no
    before = client.count()
    done = client("desk", "register", "--client", "C-2", *AGAIN, "--no-intake", stdin="no\n")

    # Then it was said in time
    assert done.code == 130
    assert SEEMS in done.told
    assert done.told.index(SEEMS) < done.told.index("Is that right")
    assert client.count() == before
    assert "C-2" not in client.good("doubles", "--json").out


def test_asked_field_by_field_it_is_said_before_the_last_question(client: Program) -> None:
    done = client("record", "client-registered", "--client", "C-2", *AGAIN, "-i", stdin="now\n\nno\n")

    assert SEEMS in done.told
    assert done.told.index(SEEMS) < done.told.index("Record this?")


def test_recorded_all_the_same_it_is_remarked(client: Program) -> None:
    done = client.good("record", "client-registered", "--client", "C-2", *AGAIN)

    assert IS_LIKE in done.told
    assert "record clients-compared --client C-2 --other C-1" in done.told


def test_a_program_is_told_in_json(client: Program) -> None:
    done = client.good("record", "client-registered", "--client", "C-2", *AGAIN, "--json")

    assert done.json["same_person"] == [{"client": "C-2", "others": ["C-1"]}]


def test_doubles_lists_what_nobody_has_looked_at(client: Program) -> None:
    client.good("record", "client-registered", "--client", "C-2", *AGAIN)
    assert client.good("doubles", "--json").json["pairs"] == [
        {"client": "C-1", "other": "C-2", "found": None, "entry": None}
    ]
    assert "C-1     C-2    -" in client.good("doubles").out

    client.good(
        *("record", "clients-compared", "--client", "C-1", "--other", "C-2"),
        *("--found", "same-person", "--basis", "particulars"),
    )

    assert client.good("doubles", "--json").json["pairs"] == []
    assert client.good("doubles", "--all", "--json").json["pairs"] == [
        {"client": "C-1", "other": "C-2", "found": "same-person", "entry": {"stream": "client/C-1", "seq": 3}}
    ]


def test_doctor_says_so_until_somebody_looks(client: Program) -> None:
    def told() -> dict[str, str]:
        checks = client("doctor", "--json").json["checks"]
        return {
            one["name"]: one["verdict"] for one in checks if one["name"] in ("double files", "not compared")
        }

    assert told() == {"double files": "fine"}
    client.good("record", "client-registered", "--client", "C-2", *AGAIN)
    assert told() == {"double files": "warning"}
    client.good(
        *("record", "clients-compared", "--client", "C-2", "--other", "C-1"),
        *("--found", "different-persons", "--basis", "identity-document"),
    )
    assert told() == {"double files": "fine"}


def test_whoever_does_not_read_identity_registers_and_is_told(
    front_desk: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    # When the front desk registers a person who has a file
    done = front_desk.good("record", "client-registered", "--client", "C-2", *AGAIN)

    # Then nothing is claimed, and the comparison waits
    assert "seems to be" not in done.told
    assert "Not compared with the other clients: identity text stays sealed" in done.told
    assert "1 entry that says who a client is, not compared" in front_desk("doctor").told
    late = front_desk("doubles")
    assert (late.code, "identity text stays sealed" in late.told) == (7, True)

    # Until somebody can
    monkeypatch.delenv("ENGAGEMENT_LEDGER_ROLE")
    assert front_desk.good("doubles", "--json").json["pairs"][0]["other"] == "C-2"


def test_an_import_says_it_line_by_line(client: Program) -> None:
    line = {
        "type": "ClientRegistered",
        "occurred_at": "2026-01-02",
        "by": "x",
        "name": "Zoë  Marsh",
        "date_of_birth": "1990-01-01",
        "contact": "x",
        "jurisdiction": "US-NC",
    }
    file = client.file(
        "old.ndjson", "".join(json.dumps({**line, "client": one}) + "\n" for one in ("C-2", "C-3"))
    )

    done = client.good("import", file, "--as-found", "--authorised-by", "d", "--reason", "moved", "--json")

    assert [(one["client"], one["others"], one["line"]) for one in done.json["same_person"]] == [
        ("C-2", ["C-1"], 1),
        ("C-3", ["C-1", "C-2"], 2),
    ]
