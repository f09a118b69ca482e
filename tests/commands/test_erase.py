"""`retention erase` as people call it: what it asks, refuses, and says remains."""

from contextlib import closing

import pytest

from ledger.keys import schema
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from tests.commands.program import Program

ERASE = ("retention", "erase", "C-1", "--ground", "retention")
AT_ONCE = ("record", "policy-adopted", "--reason", "ours", "--set", "retention_years=0")


@pytest.fixture
def over(client: Program) -> Program:
    """C-1, who was never more than registered and taken in, in a practice that keeps nothing longer than it must."""
    client.good(*AT_ONCE)
    return client


def erased(program: Program) -> bool:
    return program.stream("client/C-1")[-1].type == "KeysDestroyed"


def test_the_clients_id_is_to_be_typed(over: Program) -> None:
    done = over(*ERASE, stdin="C-2\n")
    assert (done.code, erased(over)) == (130, False)
    assert "2 entries, 4 sealed texts" in done.told
    assert "Nothing was erased, nothing was recorded." in done.told

    done = over(*ERASE)
    assert (done.code, erased(over)) == (2, False)
    assert "--yes is needed" in done.told

    assert over.good(*ERASE, stdin="C-1\n")
    assert erased(over)


def test_what_remains_is_said(over: Program) -> None:
    done = over.good(*ERASE, "--yes")

    assert "Erased: the 2 data keys of C-1 are destroyed." in done.told
    assert "Recorded as KeysDestroyed: entry 3 of client/C-1." in done.told
    assert "Coded facts remain, for ever" in done.told
    assert "1 ClientRegistered, 1 IntakeCompleted" in done.told
    assert "Bundles, exports, printouts" in done.told
    assert "made by other means than `keys backup` are not known here" in done.told
    assert over.plain("client/C-1", 1) == {}


def test_copies_of_the_keys_that_still_hold_them_are_named(over: Program) -> None:
    # Given a copy taken since the client came, and one from before
    connection = schema.connect(Places.of(over.url).keys)
    with closing(connection):
        sql = (
            "INSERT INTO backup_taken (file, taken_at, taken_by, last_position) VALUES (?, ?, 'director', ?)"
        )
        rows = [
            ("old.copy", "2026-01-05T08:00:00.000000Z", 0),
            ("new.copy", "2026-03-05T08:00:00.000000Z", 99),
        ]
        connection.executemany(sql, rows)

    told = over.good(*ERASE, "--yes", "--json").json

    assert told["backups"] == [{"file": "new.copy", "taken_at": "2026-03-05T08:00:00.000000Z"}]
    assert (told["keys_destroyed"], told["pending"], told["override"]) == (2, None, None)
    assert told["remaining"] == {"ClientRegistered": 1, "IntakeCompleted": 1}
    assert told["receipt"]["entries"]


def test_a_copy_made_before_is_named_and_put_back_it_is_cleared_again(over: Program) -> None:
    # Given a copy of the key database, made as people make it
    copy, keys = over.folder / "keys.copy", Places.of(over.url).keys
    over.good("keys", "backup", str(copy))

    # When the client is erased, then the copy is named
    assert copy.name in over.good(*ERASE, "--yes").told

    # And when it is put back, the next command destroys the keys again
    for end in ("", "-wal", "-shm"):
        keys.with_name(keys.name + end).unlink(missing_ok=True)
    over.good("keys", "restore", str(copy))
    over.good("status")
    with KeyDatabase.open(keys, None) as restored:
        assert restored.live_keys("client/C-1") == {}


def test_the_index_of_clients_forgets_too(over: Program) -> None:
    connection = schema.connect(Places.of(over.url).keys)
    with closing(connection):
        connection.executemany(
            "INSERT INTO client_index VALUES (?, ?)", [(b"t" * 32, "C-1"), (b"t" * 32, "C-2")]
        )
        over.good(*ERASE, "--yes")
        assert [client for (client,) in connection.execute("SELECT client FROM client_index")] == ["C-2"]


def test_before_its_day_only_openly(client: Program) -> None:
    done = client(*ERASE, "--yes")
    assert (done.code, erased(client)) == (3, False)
    assert "sealed texts are kept until" in done.told
    assert "by the practice's policy (7 years after the last service" in done.told

    done = client(*ERASE, "--yes", "--override", "--authorised-by", "director")
    assert (done.code, erased(client)) == (2, False)
    done = client(*ERASE, "--yes", "--reason", "asked in writing")
    assert (done.code, erased(client)) == (2, False)

    done = client.good(
        *(*ERASE, "--yes", "--override", "--authorised-by", "director", "--reason", "asked in writing")
    )
    assert "Before its day, authorised by director: asked in writing" in done.told
    entry = client.stream("client/C-1")[-1]
    assert entry.override is not None
    assert (entry.override.rules, entry.admitted) == ((), "override")


def test_a_hold_is_told_before_anything_is_asked_and_is_never_overridden(over: Program) -> None:
    over.good("hold", "place", "C-1", "--matter", "Smith v. Jones", "--reason", "letter")

    for more in ((), ("--override", "--authorised-by", "director", "--reason", "asked")):
        done = over(*ERASE, *more)
        assert (done.code, erased(over)) == (3, False)
        assert "a legal hold stands, so no key of this client is destroyed" in done.told
        assert "type the client's id" not in done.told
    done = over("record", "keys-destroyed", "--client", "C-1", "--ground", "retention")
    assert (done.code, erased(over)) == (3, False)


def test_a_minor_is_kept_for_longer(program: Program) -> None:
    program.good(*AT_ONCE)
    program.good(
        *("record", "client-registered", "--client", "C-1", "--name", "Zoë", "--date-of-birth", "2012-05-06"),
        *("--contact", "x", "--jurisdiction", "US-NC", "--minor-until", "2030-05-06"),
    )

    done = program(*ERASE, "--yes")

    assert done.code == 3
    assert "kept until 2033-05-06" in done.told


def test_twice_is_once(over: Program) -> None:
    over.good(*ERASE, "--yes")

    done = over(*ERASE, "--yes")

    assert done.code == 5
    assert "erased already" in done.told
    assert "nothing was sealed since" in done.told


def test_what_record_says_is_destroyed_is_destroyed(over: Program) -> None:
    done = over.good("record", "keys-destroyed", "--client", "C-1", "--ground", "other")

    assert "2 data keys of client/C-1 were destroyed." in done.told
    with KeyDatabase.open(Places.of(over.url).keys, None) as keys:
        assert keys.live_keys("client/C-1") == {}


def test_what_an_import_says_is_destroyed_is_destroyed_and_held_to_the_same(client: Program) -> None:
    line = '{"type":"KeysDestroyed","occurred_at":"2025-03-02","by":"old-system","client":"C-1","ground":"other"}'
    file = client.file("history.ndjson", line + "\n")
    openly = ("--as-found", "--authorised-by", "director", "--reason", "the old system erased it")

    done = client("import", file)
    assert (done.code, erased(client)) == (3, False)
    assert "sealed texts are kept until" in done.told

    client.good("hold", "place", "C-1", "--matter", "m", "--reason", "r")
    done = client("import", file, *openly)
    assert (done.code, erased(client)) == (3, False)
    assert "a legal hold stands" in done.told

    client.good("hold", "release", "C-1", "--matter", "m", "--reason", "r")
    client.good("import", file, *openly)
    assert erased(client)
    assert client.plain("client/C-1", 1) == {}


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("retention", "erase", "C-9", "--ground", "other", "--yes"), 5),
        (("retention", "erase", "C-1", "--yes"), 2),
        (("retention", "erase", "C-1", "--ground", "boredom"), 2),
        (("retention", "status", "C-9"), 5),
        (("retention", "status", "--by", "soon"), 5),
    ],
)
def test_how_it_cannot_be_called(client: Program, args: tuple[str, ...], code: int) -> None:
    done = client(*args)

    assert done.code == code
    assert "Traceback" not in done.err
