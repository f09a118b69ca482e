"""New keys in the place of old ones: delivered, wrapped anew, gone on with after a kill, while others work."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import (
    ConflictError,
    KeyDestroyedError,
    LedgerExistsError,
    NoRightError,
    NotGrantedError,
    OlderKeysError,
    RoleFileError,
    UnvouchedKeyError,
    UsageError,
)
from ledger.keys import rewrapping
from ledger.keys.database import KeyDatabase
from ledger.keys.granting import trust
from ledger.keys.overview import overview
from ledger.keys.role_file import read_role_file
from ledger.keys.rotation import replace_lost, revoke, rotate
from ledger.values import Domain
from tests.keys.older import make_older
from tests.keys.practice import ACT, give, quiet, role, rows_of, stored_key

ROOT = Path(__file__).resolve().parent.parent.parent


def generations_of_data_keys(path: Path) -> set[tuple[str, int]]:
    """To what the live data keys are wrapped."""
    with rows_of(path) as rows:
        return set(rows.execute("SELECT DISTINCT domain, generation FROM data_key WHERE wrapped IS NOT NULL"))


# -- rotating ---------------------------------------------------------------------------------------------


def test_after_a_rotation_everybody_reads_as_before_and_no_files_were_exchanged(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    role(keys, tmp_path, "therapist")
    role(keys, tmp_path, "coach")
    made = {domain: stored_key(keys, domain=domain) for domain in Domain}
    files = {file.name: file.read_bytes() for file in tmp_path.glob("*.role")}
    with KeyDatabase.open(path, tmp_path / "therapist.role") as reading:
        assert reading.open_key(made[Domain.THERAPY].key_id) == made[Domain.THERAPY].key

        done = rotate(keys, [Domain.THERAPY, Domain.IDENTITY], ACT, quiet)

        # given: one reads on with the file open, another opens it afterwards
        assert reading.open_key(made[Domain.THERAPY].key_id) == made[Domain.THERAPY].key
        new = stored_key(reading, "client/C-2")
    assert done.generations == {Domain.THERAPY: 2, Domain.IDENTITY: 2}
    assert {one.role for one in done.served.values()} == {"owner", "therapist", "coach"}
    assert done.rewrapped.done == {Domain.THERAPY: 1, Domain.IDENTITY: 1}
    assert files == {file.name: file.read_bytes() for file in tmp_path.glob("*.role")}
    assert generations_of_data_keys(path) == {
        ("therapy", 2),
        ("identity", 2),
        ("coaching", 1),
        ("practice", 1),
    }
    with KeyDatabase.open(path, tmp_path / "therapist.role") as therapist:
        assert therapist.open_key(made[Domain.THERAPY].key_id) == made[Domain.THERAPY].key
        assert therapist.data_key("client/C-2", Domain.THERAPY) == new
    with KeyDatabase.open(path, tmp_path / "coach.role") as coach:
        assert coach.open_key(made[Domain.IDENTITY].key_id) == made[Domain.IDENTITY].key
        for key in (made[Domain.THERAPY], new):
            with pytest.raises(NoRightError):
                coach.open_key(key.key_id)
    assert keys.open_key(new.key_id) == new.key


def test_a_role_file_granted_after_a_rotation_holds_every_generation(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    key = stored_key(keys)
    rotate(keys, [Domain.THERAPY], ACT, quiet)
    role(keys, tmp_path, "therapist")
    rotate(keys, [Domain.THERAPY], ACT, quiet)
    held = read_role_file(tmp_path / "therapist.role").open_keys().keys
    assert {number for domain, number in held if domain is Domain.THERAPY} == {1, 2}
    with KeyDatabase.open(path, tmp_path / "therapist.role") as therapist:
        assert therapist.open_key(key.key_id) == key.key
        assert therapist.data_key("client/C-1", Domain.THERAPY) == key
        give(therapist, tmp_path / "second.role", "second", [Domain.THERAPY])
    with KeyDatabase.open(path, tmp_path / "second.role") as second:
        assert second.open_key(key.key_id) == key.key


def test_what_data_keys_were_wrapped_as_before_is_gone_from_the_files(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    for number in range(50):
        stored_key(keys, f"client/C-{number}")
    with rows_of(path) as rows:
        before = [wrapped for (wrapped,) in rows.execute("SELECT wrapped FROM data_key")]
    assert rotate(keys, [Domain.THERAPY], ACT, quiet).rewrapped.wiped
    content = b"".join(file.read_bytes() for file in tmp_path.glob("engagements.keys*"))
    assert [wrapped for wrapped in before if wrapped[:16] in content or wrapped[40:56] in content] == []


def test_only_who_holds_a_domain_may_replace_its_keys(keys: KeyDatabase, path: Path, tmp_path: Path) -> None:
    role(keys, tmp_path, "coach")
    for file in (tmp_path / "coach.role", None):
        with KeyDatabase.open(path, file) as other, pytest.raises(NoRightError, match="therapy"):
            rotate(other, [Domain.THERAPY], ACT, quiet)
    assert keys.generations()[Domain.THERAPY] == 1


def test_a_destroyed_key_stays_destroyed(keys: KeyDatabase) -> None:
    gone, kept = stored_key(keys), stored_key(keys, "client/C-2")
    keys.destroy("client/C-1")
    assert rotate(keys, [Domain.THERAPY], ACT, quiet).rewrapped.done == {Domain.THERAPY: 1}
    assert keys.open_key(kept.key_id) == kept.key
    with pytest.raises(KeyDestroyedError):
        keys.open_key(gone.key_id)


def test_a_reader_who_keeps_the_log_is_reported(keys: KeyDatabase, path: Path) -> None:
    stored_key(keys)
    keys.store._connection.execute("PRAGMA busy_timeout = 50")
    with rows_of(path) as rows:
        rows.execute("BEGIN")
        rows.execute("SELECT * FROM data_key").fetchall()
        assert not rotate(keys, [Domain.THERAPY], ACT, quiet).rewrapped.wiped


def test_an_altered_data_key_is_left_and_hinders_nothing(keys: KeyDatabase, path: Path) -> None:
    """Given one that cannot be opened and one whose tag is not right, then both go on to be noticed."""
    altered, marked, sound = (stored_key(keys, f"client/C-{number}") for number in range(3))
    with rows_of(path) as rows:
        rows.execute("UPDATE data_key SET wrapped = zeroblob(80) WHERE key_id = ?", (altered.key_id,))
        rows.execute("UPDATE data_key SET tag = zeroblob(16) WHERE key_id = ?", (marked.key_id,))
    done = rotate(keys, [Domain.THERAPY], ACT, quiet)
    assert (done.rewrapped.done, done.rewrapped.left) == ({Domain.THERAPY: 2}, {Domain.THERAPY: 1})
    assert keys.open_key(sound.key_id) == sound.key
    with rows_of(path) as rows:
        ((tag,),) = rows.execute("SELECT tag FROM data_key WHERE key_id = ?", (marked.key_id,)).fetchall()
    assert tag == bytes(16)
    assert rotate(keys, [Domain.THERAPY], ACT, quiet).generations == {Domain.THERAPY: 3}


def test_the_file_of_version_1_in_use_is_made_one_of_version_2_first(path: Path, role_path: Path) -> None:
    with KeyDatabase.create(path, role_path) as keys:
        key = stored_key(keys)
    make_older(path, role_path)
    with KeyDatabase.open(path, role_path) as keys:
        assert keys.open_key(key.key_id) == key.key
        assert keys.role is not None
        assert keys.role.contents.grant_id is None
        rotate(keys, [Domain.THERAPY], ACT, quiet)
        assert keys.open_key(key.key_id) == key.key
    renewed = read_role_file(role_path)
    assert renewed.contents.grant_id is not None
    assert renewed.contents.known.keys() == set(Domain)
    with KeyDatabase.open(path, role_path) as keys:
        assert keys.open_key(key.key_id) == key.key
        assert [(one.role, one.granted_by) for one in keys.store.grants()] == [("owner", ACT.by)]


# -- others at work meanwhile, and kills ------------------------------------------------------------------


def test_a_key_made_before_and_stored_after_the_rotation_is_wrapped_to_the_new_keys(
    keys: KeyDatabase, path: Path, role_path: Path, tmp_path: Path
) -> None:
    role(keys, tmp_path, "front-desk")
    for file in (role_path, tmp_path / "front-desk.role", None):
        with KeyDatabase.open(path, file) as writer:
            key = writer.data_key(f"client/{file}", Domain.THERAPY)
            rotate(keys, [Domain.THERAPY], ACT, quiet)
            writer.flush()
            newest = keys.generations()[Domain.THERAPY]
            assert generations_of_data_keys(path) == {("therapy", newest)}
        assert keys.open_key(key.key_id) == key.key


def test_a_second_rotation_in_the_middle_of_one_leaves_no_key_behind(
    keys: KeyDatabase, path: Path, role_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewrapping, "BATCH", 2)
    made = [stored_key(keys, f"client/C-{number}") for number in range(7)]
    with KeyDatabase.open(path, role_path) as other:
        told: list[int] = []

        def interfere(done: int, _of: int) -> None:
            told.append(done)
            if len(told) == 2:
                revoked = role(other, path.parent, "therapist")
                revoke(other, revoked, ACT, quiet)

        rotate(keys, [Domain.THERAPY], ACT, interfere)
    assert generations_of_data_keys(path) == {("therapy", 3)}
    assert [keys.open_key(key.key_id) for key in made] == [key.key for key in made]


def test_a_second_rotation_in_the_middle_of_a_batch_has_it_wrapped_for_the_newest(
    keys: KeyDatabase, path: Path, role_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given data keys wrapped for a generation that is replaced before they are written."""
    made = [stored_key(keys, f"client/C-{number}") for number in range(3)]
    wrapped_anew, others = rewrapping._anew, [1]

    def interfere(*args: Any) -> Any:
        if others:
            others.pop()
            with KeyDatabase.open(path, role_path) as other, monkeypatch.context() as stopped:
                stopped.setattr("ledger.keys.rotation.rewrap", lambda *_: rewrapping.Rewrapped())
                revoke(other, role(other, path.parent, "therapist"), ACT, quiet)
        return wrapped_anew(*args)

    monkeypatch.setattr(rewrapping, "_anew", interfere)
    rotate(keys, [Domain.THERAPY], ACT, quiet)

    assert others == []
    assert generations_of_data_keys(path) == {("therapy", 3)}
    assert [keys.open_key(key.key_id) for key in made] == [key.key for key in made]


KILLED = """
import os, signal, sys
from pathlib import Path
from ledger.keys import rewrapping
from ledger.keys.database import KeyDatabase
from ledger.keys.rotation import rotate
from ledger.values import Domain
from tests.keys.practice import ACT
rewrapping.BATCH = 3
def killed(done, of):
    if done >= int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
folder = Path(sys.argv[1])
rotate(KeyDatabase.open(folder / 'engagements.keys', folder / 'owner.role'), [Domain.THERAPY], ACT, killed)
"""


def test_killed_in_the_middle_it_is_gone_on_with_and_everything_opens_meanwhile(
    keys: KeyDatabase, path: Path
) -> None:
    made = [stored_key(keys, f"client/C-{number}") for number in range(10)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path.parent), "6"], cwd=ROOT, check=False, env={**os.environ}
    )
    assert done.returncode == -signal.SIGKILL
    assert generations_of_data_keys(path) == {("therapy", 1), ("therapy", 2)}
    assert [keys.open_key(key.key_id) for key in made] == [key.key for key in made]

    again = rotate(keys, [Domain.THERAPY], ACT, quiet)

    assert (again.generations, again.rewrapped.done) == ({}, {Domain.THERAPY: 4})
    assert generations_of_data_keys(path) == {("therapy", 2)}
    assert [keys.open_key(key.key_id) for key in made] == [key.key for key in made]
    assert rotate(keys, [Domain.THERAPY], ACT, quiet).generations == {Domain.THERAPY: 3}


def test_no_statement_looks_at_every_key(keys: KeyDatabase, tmp_path: Path) -> None:
    """Given every act there is, but the copying of all, then each finds its rows by an index, whatever their number."""
    for number in range(20):
        keys.data_key(f"client/C-{number}", Domain.THERAPY)
    keys.flush()
    asked: list[str] = []
    keys.store._connection.set_trace_callback(asked.append)
    key = stored_key(keys)
    keys.open_key(key.key_id)
    keys.is_destroyed(key.key_id)
    gone = role(keys, tmp_path, "therapist")
    rotate(keys, [Domain.THERAPY], ACT, quiet)
    revoke(keys, gone, ACT, quiet)
    overview(keys)
    keys.destroy("client/C-3")
    keys.store.last_position()
    keys.store._connection.set_trace_callback(None)

    looked = {
        statement: [str(row[3]) for row in keys.store._rows(f"EXPLAIN QUERY PLAN {statement}")]
        for statement in set(asked)
        if statement.split()[0] in {"SELECT", "UPDATE", "DELETE", "INSERT"}
    }
    assert any("data_key" in plan for plans in looked.values() for plan in plans)
    for statement, plans in looked.items():
        assert not [plan for plan in plans if plan.startswith("SCAN data_key")], statement
        assert "data_key" not in statement or not [plan for plan in plans if "TEMP B-TREE" in plan], statement


# -- revoking ---------------------------------------------------------------------------------------------


def test_a_revoked_holder_reads_nothing_of_the_key_database_any_more(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    gone = role(keys, tmp_path, "therapist", "Ann")
    role(keys, tmp_path, "coach")
    key, identity = stored_key(keys), stored_key(keys, domain=Domain.IDENTITY)
    done = revoke(keys, gone, ACT, quiet)
    assert done.generations == {Domain.IDENTITY: 2, Domain.THERAPY: 2}
    assert {one.role for one in done.served.values()} == {"owner", "coach"}
    with KeyDatabase.open(path, tmp_path / "therapist.role") as revoked:
        for one in (key, identity):
            with pytest.raises(NoRightError, match="made before the keys were replaced"):
                revoked.open_key(one.key_id)
        with pytest.raises(NotGrantedError, match="was revoked by owner-1"):
            rotate(revoked, [Domain.THERAPY], ACT, quiet)
        with pytest.raises(NotGrantedError):
            give(revoked, tmp_path / "again.role", "again", [Domain.THERAPY])
        new = stored_key(revoked, "client/C-9")  # recording goes on, sealed for others
        assert new.key_id
    with KeyDatabase.open(path, tmp_path / "coach.role") as coach:
        assert coach.open_key(identity.key_id) == identity.key
    assert keys.open_key(key.key_id) == key.key


def test_revoking_again_goes_on_with_the_wrapping_and_makes_no_new_keys(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    gone = role(keys, tmp_path, "therapist")
    stored_key(keys)

    def stop(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        revoke(keys, gone, ACT, stop)
    revoked = keys.store.grant(gone.id)
    assert revoked is not None
    assert revoked.revoked_by == ACT.by
    assert revoke(keys, revoked, ACT, quiet).generations == {}
    assert generations_of_data_keys(path) == {("therapy", 2)}


def test_nobody_revokes_the_role_file_he_uses_or_one_with_more_than_he_holds(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    therapist = role(keys, tmp_path, "therapist")
    role(keys, tmp_path, "coach")
    with (
        KeyDatabase.open(path, tmp_path / "coach.role") as coach,
        pytest.raises(NoRightError, match="therapy"),
    ):
        revoke(coach, therapist, ACT, quiet)
    with (
        KeyDatabase.open(path, tmp_path / "therapist.role") as own,
        pytest.raises(UsageError, match="is the role file of this grant"),
    ):
        revoke(own, therapist, ACT, quiet)
    assert set(keys.generations().values()) == {1}


# -- lost keys --------------------------------------------------------------------------------------------


def test_where_keys_are_lost_new_ones_are_made_and_old_texts_wait_for_the_old(
    keys: KeyDatabase, path: Path, role_path: Path, tmp_path: Path
) -> None:
    old = stored_key(keys)
    keys.close()
    kept = role_path.rename(tmp_path / "found-later.role")
    with KeyDatabase.open(path, role_path) as nobody:
        replace_lost(nobody, role_path, "owner", list(Domain), ACT)
    with KeyDatabase.open(path, role_path) as owner:
        new = stored_key(owner, "client/C-2")
        assert owner.open_key(new.key_id) == new.key
        assert owner.data_key("client/C-2", Domain.THERAPY) == new
        with pytest.raises(NoRightError):
            owner.open_key(old.key_id)
        rotated = rotate(owner, [Domain.THERAPY], ACT, quiet)
        assert rotated.rewrapped.left == {Domain.THERAPY: 1}
        assert owner.open_key(new.key_id) == new.key
    with KeyDatabase.open(path, kept) as found:
        assert found.open_key(old.key_id) == old.key
        with pytest.raises(UnvouchedKeyError):
            found.data_key("client/C-3", Domain.THERAPY)


def test_a_role_file_from_before_seals_for_the_new_keys_once_it_is_told_to_trust_them(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    role(keys, tmp_path, "front-desk")
    keys.close()
    with KeyDatabase.open(path, None) as nobody:
        replace_lost(nobody, tmp_path / "new.role", "therapist", [Domain.THERAPY], ACT)
    with KeyDatabase.open(path, tmp_path / "front-desk.role") as desk:
        with pytest.raises(UnvouchedKeyError, match="keys trust therapy"):
            desk.data_key("client/C-1", Domain.THERAPY)
        assert stored_key(desk, domain=Domain.COACHING)
        assert trust(desk, [Domain.THERAPY])[Domain.THERAPY].number == 2
        written = stored_key(desk)
    with KeyDatabase.open(path, tmp_path / "front-desk.role") as desk:
        assert stored_key(desk, "client/C-2")
    with KeyDatabase.open(path, tmp_path / "new.role") as therapist:
        assert therapist.open_key(written.key_id) == written.key


def test_keys_that_are_at_hand_are_not_lost(keys: KeyDatabase, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not lost"):
        replace_lost(keys, tmp_path / "new.role", "owner", [Domain.THERAPY], ACT)
    assert not (tmp_path / "new.role").exists()
    assert keys.generations()[Domain.THERAPY] == 1


def test_no_generation_is_made_that_nobody_holds(keys: KeyDatabase, path: Path, tmp_path: Path) -> None:
    keys.close()
    (tmp_path / "taken.role").write_text("dear")
    with KeyDatabase.open(path, None) as nobody:
        with pytest.raises(LedgerExistsError):
            replace_lost(nobody, tmp_path / "taken.role", "owner", list(Domain), ACT)
        with pytest.raises(RoleFileError):
            replace_lost(nobody, tmp_path / "absent" / "new.role", "owner", list(Domain), ACT)
        assert set(nobody.generations().values()) == {1}


def test_a_locked_file_whose_passphrase_is_lost_does_not_hinder_new_keys(
    path: Path, role_path: Path, tmp_path: Path, cheap: None
) -> None:
    del cheap
    KeyDatabase.create(path, role_path, passphrase="forgotten").close()
    with KeyDatabase.open(path, role_path) as keys:
        assert stored_key(keys)  # recording goes on without it
        replace_lost(keys, tmp_path / "new.role", "owner", list(Domain), ACT)
    with KeyDatabase.open(path, tmp_path / "new.role") as keys:
        assert stored_key(keys)


# -- an older key database put back -----------------------------------------------------------------------


def test_an_older_key_database_reads_but_does_not_seal_until_its_keys_are_replaced(
    keys: KeyDatabase, path: Path, role_path: Path, tmp_path: Path
) -> None:
    """Given a copy from before a revocation, then nothing is sealed for who was revoked."""
    key = stored_key(keys)
    role(keys, tmp_path, "therapist")
    keys.close()
    older = path.read_bytes()
    with KeyDatabase.open(path, role_path) as owner:
        revoke(owner, owner.store.grants()[-1], ACT, quiet)
        trust(owner, [Domain.THERAPY])
    path.write_bytes(older)
    with KeyDatabase.open(path, role_path) as owner:
        assert owner.open_key(key.key_id) == key.key
        for subject in ("client/C-1", "client/C-2"):
            with pytest.raises(OlderKeysError, match="keys rotate"):
                owner.data_key(subject, Domain.THERAPY)
        assert rotate(owner, list(Domain), ACT, quiet).generations[Domain.THERAPY] == 3
        assert stored_key(owner)
    with KeyDatabase.open(path, role_path) as owner:
        assert owner.open_key(key.key_id) == key.key
        assert stored_key(owner, "client/C-2")


def test_two_rotations_at_once_wait_for_each_other_or_say_so(
    keys: KeyDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.keys.schema.BUSY_SECONDS", 0.05)
    with KeyDatabase.open(path, path.with_name("owner.role")) as waiting, rows_of(path) as rows:
        rows.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConflictError):
            rotate(waiting, [Domain.THERAPY], ACT, quiet)
    assert keys.generations()[Domain.THERAPY] == 1
