"""The index of clients follows the log: whoever reads identity compares, whoever does not records all the same."""

import hashlib
import hmac
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.application import Ledger, Recorded
from ledger.directory.directory import Alike, Directory
from ledger.directory.doubles import pairs, waiting
from ledger.directory.likeness import likenesses
from ledger.errors import KeyDatabaseError, NoRightError, OutdatedError, WrongPassphraseError
from ledger.importing import import_files
from ledger.keys.database import KeyDatabase
from ledger.keys.store import KeyStore, WrappedKey
from ledger.places import Places
from ledger.recording.statement import Statement
from ledger.values import Domain
from tests.desk import fact, new_ledger, places, staff
from tests.keys.practice import give

BORN = "1990-02-03"


def client(name: str, who: str = "C-1", born: str = BORN) -> Statement:
    return fact(
        "ClientRegistered", client=who, name=name, date_of_birth=born, contact="x", jurisdiction="US-NC"
    )


def of(type_: str, who: str, **fields: Any) -> Statement:
    return fact(type_, client=who, **fields)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """C-1 is Anna Müster."""
    made = new_ledger(tmp_path)
    made.record([*staff(), client("Anna Müster")])
    yield made
    made.close()


def without_identity(tmp_path: Path) -> Ledger:
    """The same ledger as the front desk has it, with a role file that reads coaching only."""
    held = places(tmp_path)
    role = tmp_path / "desk.role"
    if not role.exists():
        with KeyDatabase.open(held.keys, held.role) as keys:
            give(keys, role, "front desk", [Domain.COACHING])
    return Ledger(Places.of(held.url, role=str(role)))


def alike(recorded: Recorded) -> list[tuple[str, tuple[str, ...]]]:
    assert recorded.uncompared is None
    return [(one.client, one.others) for one in recorded.same_person]


def suspected(ledger: Ledger) -> list[tuple[str, str]]:
    found = pairs(ledger.keys.client_tokens, ledger.recorder, ledger.entries, ledger.calendar)
    return [(one.client, one.other) for one in found if one.compared is None]


def rows(ledger: Ledger, sql: str) -> list[Any]:
    with sqlite3.connect(ledger.places.keys) as connection:
        return connection.execute(sql).fetchall()


# -- registering ------------------------------------------------------------------------------------------


def test_a_double_registration_is_found_whatever_the_accents(ledger: Ledger) -> None:
    done = ledger.record([client("  MUSTER,  Anna", "C-2")])

    assert alike(done) == [("C-2", ("C-1",))]
    assert suspected(ledger) == [("C-1", "C-2")]


def test_somebody_else_is_not(ledger: Ledger) -> None:
    assert alike(ledger.record([client("Anna Muster", "C-2", "1990-02-04")])) == []
    assert alike(ledger.record([client("Berta Muster", "C-3")])) == []
    assert suspected(ledger) == []


def test_a_new_name_is_compared_and_the_old_one_stays_known(ledger: Ledger) -> None:
    ledger.record([client("Eva Stone", "C-2")])

    done = ledger.record([of("ClientDetailsChanged", "C-2", name="Anna Muster")])

    assert alike(done) == [("C-2", ("C-1",))]
    assert alike(ledger.record([client("Eva Stone", "C-3")])) == [("C-3", ("C-2",))]


def test_a_corrected_name_or_birthday_is_compared_and_the_wrong_one_forgotten(ledger: Ledger) -> None:
    ledger.record([client("Anna Mustre", "C-2", "1990-03-02")])

    right = {"name": "Anna Muster", "date_of_birth": BORN}
    done = ledger.record([of("EntryCorrected", "C-2", corrects=1, changes=right, reason="mistyped")])

    assert alike(done) == [("C-2", ("C-1",))]
    assert alike(ledger.record([client("Anna Mustre", "C-3", "1990-03-02")])) == []


def test_a_registration_taken_back_is_nobodys_file(ledger: Ledger) -> None:
    ledger.record([client("Anna Muster", "C-2")])

    ledger.record([of("EntryCorrected", "C-2", corrects=1, retracted="duplicate", reason="twice")])

    assert suspected(ledger) == []


def test_what_people_compared_is_not_said_again(ledger: Ledger) -> None:
    # Given twins, found to be two
    ledger.record([client("Anna Muster", "C-2")])
    both = {"found": "different-persons", "basis": "identity-document"}
    ledger.record(
        [of("ClientsCompared", "C-1", other="C-2", **both), of("ClientsCompared", "C-2", other="C-1", **both)]
    )

    # Then the pair is settled, until the comparison is taken back
    assert suspected(ledger) == []
    assert ledger.directory.like("Anna Muster", BORN, "C-2") == ()
    for who in ("C-1", "C-2"):
        ledger.record([of("EntryCorrected", who, corrects=2, retracted="mistaken", reason="no twins")])
    assert suspected(ledger) == [("C-1", "C-2")]


def test_what_was_refused_leaves_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(ledger, "SELECT * FROM client_index")

    def outdated(*_: object) -> None:
        raise OutdatedError

    with monkeypatch.context() as patch:
        patch.setattr(ledger.committing, "before", outdated)
        with pytest.raises(OutdatedError):
            ledger.record([client("Anna Muster", "C-2")])

    assert rows(ledger, "SELECT * FROM client_index") == before
    assert alike(ledger.record([client("Anna Muster", "C-3")])) == [("C-3", ("C-1",))]


# -- whoever does not read identity -----------------------------------------------------------------------


def test_the_front_desk_records_and_is_told_that_nothing_was_compared(ledger: Ledger, tmp_path: Path) -> None:
    with_rows = rows(ledger, "SELECT * FROM client_index")
    desk = without_identity(tmp_path)

    done = desk.record([client("Anna Muster", "C-2")])
    left = waiting(desk.keys.client_tokens, desk.recorder)
    desk.close()

    # Then it is recorded, no token and no other key was made, and it waits to be compared
    assert isinstance(done.uncompared, NoRightError)
    assert done.same_person == ()
    assert rows(ledger, "SELECT * FROM client_index") == with_rows
    assert rows(ledger, "SELECT count(*) FROM data_key WHERE subject = 'client-index'") == [(1,)]
    assert left == 1


def test_the_next_one_who_reads_identity_finds_it(ledger: Ledger, tmp_path: Path) -> None:
    # Given a double that the front desk registered
    ledger.close()
    desk = without_identity(tmp_path)
    desk.record([client("Anna Muster", "C-2")])
    desk.close()

    # When somebody who reads identity records anything at all
    with_identity = Ledger(places(tmp_path))
    done = with_identity.record([of("ClientRelocated", "C-1", jurisdiction="US-SC")])

    # Then the double is told
    assert alike(done) == [("C-2", ("C-1",))]
    assert waiting(with_identity.keys.client_tokens, with_identity.recorder) == 0
    with_identity.close()


def test_a_locked_role_that_does_not_open_compares_nothing(tmp_path: Path) -> None:
    new_ledger(tmp_path).close()
    held = places(tmp_path)
    locked = tmp_path / "locked.role"
    with KeyDatabase.open(held.keys, held.role) as keys:
        give(keys, locked, "owner", list(Domain), "correct horse")

    opened = Ledger(Places.of(held.url, role=str(locked)), "wrong")
    done = opened.record([client("Anna Muster")])
    opened.close()

    assert isinstance(done.uncompared, WrongPassphraseError)


def test_there_is_one_index_key_whoever_makes_it(tmp_path: Path) -> None:
    made = new_ledger(tmp_path)
    held = places(tmp_path)
    with KeyDatabase.open(held.keys, held.role) as other:
        first = other.own_key("client-index", Domain.IDENTITY)
    assert made.keys.own_key("client-index", Domain.IDENTITY) == first
    assert rows(made, "SELECT count(*) FROM data_key WHERE subject = 'client-index'") == [(1,)]
    made.close()


def test_of_two_who_make_the_index_key_at_once_one_does(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given somebody who looked for the key just before another process made it
    as_it_is, looked = KeyStore.newest, []

    def too_early(store: KeyStore, subject: str, domain: Domain) -> WrappedKey | None:
        looked.append(subject)
        return None if len(looked) == 1 else as_it_is(store, subject, domain)

    monkeypatch.setattr(KeyStore, "newest", too_early)
    with KeyDatabase.open(ledger.places.keys, ledger.places.role) as late:
        found = late.own_key("client-index", Domain.IDENTITY)

    assert rows(ledger, "SELECT count(*) FROM data_key WHERE subject = 'client-index'") == [(1,)]
    assert found == ledger.keys.own_key("client-index", Domain.IDENTITY)


def test_an_index_key_that_somebody_planted_is_not_used(ledger: Ledger, tmp_path: Path) -> None:
    # Given a key that the one who put it there knows, wrapped to the domain as anybody can
    ledger.close()
    with sqlite3.connect(ledger.places.keys) as keys:
        keys.execute("UPDATE data_key SET tag = zeroblob(32) WHERE subject = 'client-index'")

    opened = Ledger(places(tmp_path))
    done = opened.record([client("Anna Muster", "C-2")])
    opened.close()

    # Then no token is made with it, and it is said
    assert isinstance(done.uncompared, KeyDatabaseError)
    assert rows(ledger, "SELECT DISTINCT client FROM client_index") == [("C-1",)]


# -- two files, one truth ---------------------------------------------------------------------------------


def test_of_two_who_register_one_person_at_once_the_second_finds_the_first(
    ledger: Ledger, tmp_path: Path
) -> None:
    # Given two at their desks, neither of whom finds anybody
    other = Ledger(places(tmp_path))
    for one in (ledger, other):
        one.directory.follow()
        assert one.directory.like("Eva Stone", BORN, "C-8") == ()

    # When both register before either compares what was recorded
    first = Ledger.record(ledger, [client("Eva Stone", "C-8")])
    second = Ledger.record(other, [client("Eva  Stone", "C-9")])
    other.close()

    assert [one.same_person for one in (first, second)] == [(), (Alike("C-9", ("C-8",)),)]


def test_killed_between_commit_and_index_it_is_found_later(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an entry committed, and the process gone before it was indexed
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Directory, "follow", killed)
        with pytest.raises(KeyboardInterrupt):
            ledger.record([client("Anna Muster", "C-2")])
    assert suspected(ledger) == []
    assert waiting(ledger.keys.client_tokens, ledger.recorder) == 1

    # Then the next opening finds it
    again = Ledger(places(tmp_path))
    assert alike(again.record([client("Eva Stone", "C-3")])) == [("C-2", ("C-1",))]
    again.close()


def test_an_index_of_another_log_is_made_anew(ledger: Ledger) -> None:
    # Given an index that followed entries which are not in this log
    tokens = ledger.keys.client_tokens
    reach = tokens.reach()
    assert reach is not None
    assert tokens.put({"C-7": [b"x" * 32]}, reach._replace(leaf="00" * 32), tokens.epoch())

    # When it goes on
    ledger.directory.follow()

    # Then nothing of the other log is left, and what is here is indexed
    assert rows(ledger, "SELECT DISTINCT client FROM client_index") == [("C-1",)]
    assert tokens.reach() == reach


def test_tokens_go_with_the_keys(ledger: Ledger) -> None:
    ledger.record([client("Anna Muster", "C-2")])

    ledger.keys.destroy("client/C-2")

    assert rows(ledger, "SELECT DISTINCT client FROM client_index") == [("C-1",)]
    # And the index, made anew, has nothing of an erased client
    ledger.keys.client_tokens.clear()
    ledger.directory.follow()
    assert rows(ledger, "SELECT DISTINCT client FROM client_index") == [("C-1",)]


def test_an_erasure_meanwhile_is_not_undone(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given keys destroyed while a client's tokens are being made
    ledger.keys.client_tokens.clear()
    as_it_is = Directory._tokens_of

    def erased_meanwhile(directory: Directory, who: str) -> set[bytes]:
        found = as_it_is(directory, who)
        with KeyDatabase.open(ledger.places.keys, ledger.places.role) as keys:
            keys.destroy("client/C-1")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Directory, "_tokens_of", erased_meanwhile)
        ledger.directory.follow()

    assert rows(ledger, "SELECT * FROM client_index") == []


def test_it_goes_on_in_steps(ledger: Ledger) -> None:
    ledger.keys.client_tokens.clear()

    steps = [ledger.directory.follow(most=2) for _ in range(2)]

    assert [step.behind for step in steps] == [0, 0]
    ledger.record([client(f"Eva Stone{number}", f"D-{number}") for number in range(5)])
    ledger.keys.client_tokens.clear()
    steps = [ledger.directory.follow(most=2) for _ in range(4)]
    assert [step.clients for step in steps] == [2, 2, 2, 0]
    assert [step.behind > 0 for step in steps] == [True, True, False, False]


def test_tokens_say_nothing_without_the_key(ledger: Ledger) -> None:
    stored = {token for (token,) in rows(ledger, "SELECT token FROM client_index")}
    said = [f"{BORN}\n{one}".encode() for one in likenesses("Anna Müster")]
    guesses = {hashlib.sha256(one).digest() for one in said} | {
        hmac.digest(bytes(key), one, hashlib.sha256)
        for one in said
        for (key,) in rows(ledger, "SELECT value FROM setting UNION SELECT wrapped FROM data_key")
        if key is not None
    }
    assert len(stored) >= 2
    assert not stored & guesses


@pytest.mark.usefixtures("each_engine")
def test_it_is_the_same_on_both_engines(tmp_path: Path) -> None:
    made = new_ledger(tmp_path)
    made.record([*staff(), client("Anna Müster")])

    assert alike(made.record([client("Muster, Anna", "C-2")])) == [("C-2", ("C-1",))]
    assert suspected(made) == [("C-1", "C-2")]
    assert waiting(made.keys.client_tokens, made.recorder) == 0
    made.close()


# -- importing --------------------------------------------------------------------------------------------


def test_an_import_says_which_lines(ledger: Ledger, tmp_path: Path) -> None:
    line = (
        '{{"type":"ClientRegistered","occurred_at":"2023-01-02","by":"x","client":"{}","name":"{}",'
        '"date_of_birth":"1990-02-03","contact":"x","jurisdiction":"US-NC"}}\n'
    )
    file = tmp_path / "old.ndjson"
    file.write_text(
        line.format("C-2", "Anna Muster") + line.format("C-3", "Eva Stone") + line.format("C-4", "EVA STONE")
    )

    done = import_files(ledger, [file], by="x")

    assert done.same_person == (Alike("C-2", ("C-1",)), Alike("C-4", ("C-3",)))
    assert [done.registered[one.client] for one in done.same_person] == [(str(file), 1), (str(file), 3)]
    assert (done.uncompared, done.left) == (None, False)
