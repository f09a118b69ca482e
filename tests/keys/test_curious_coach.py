"""The curious coach: he has the key database, may edit it, and holds a coach's role file. Therapy stays closed."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import KeyDatabaseError, NotGrantedError, RoleFileError, SealedError, UnvouchedKeyError
from ledger.keys import vouching, wrapping
from ledger.keys.database import DataKey, KeyDatabase
from ledger.keys.grant_store import Generation
from ledger.keys.making import statement_of
from ledger.keys.overview import overview
from ledger.keys.role_file import read_role_file
from ledger.keys.rotation import rotate
from ledger.keys.trust import fingerprint
from ledger.values import Domain
from tests.keys.older import make_older
from tests.keys.practice import ACT, give, quiet, role, rows_of, stored_key

CLIENT = "client/C-1"
Rows = sqlite3.Connection


@pytest.fixture
def practice(keys: KeyDatabase, tmp_path: Path) -> Path:
    """The folder of a practice: an owner, a therapist, a coach, a front desk; a therapy key of the therapist's."""
    for name in ("therapist", "coach", "front-desk"):
        role(keys, tmp_path, name)
    stored_key(keys, CLIENT)
    for domain in Domain:
        stored_key(keys, "client/C-2", domain)
    keys.close()
    return tmp_path


def opened(folder: Path, name: str) -> KeyDatabase:
    """The key database with somebody's role file."""
    return KeyDatabase.open(folder / "engagements.keys", folder / f"{name}.role")


def secrets_of(folder: Path, name: str) -> Iterator[bytes]:
    """Every key of 32 bytes that a role file holds, or that follows from what it holds."""
    file = read_role_file(folder / f"{name}.role")
    held = file.open_keys()
    own = [*held.keys.values(), *([held.own_key] if held.own_key else [])]
    yield from own
    for key in own:
        for purpose in ("data-key-tag", "vouching-key"):
            yield vouching._derived(key, f"engagement-ledger/{purpose}/v1".encode())


def raw_opening(folder: Path, name: str) -> set[tuple[str, int]]:
    """Domains and ids of the data keys that any key in somebody's hands opens, whatever it was meant for."""
    found: set[tuple[str, int]] = set()
    with rows_of(folder / "engagements.keys") as rows:
        (ledger_id,) = rows.execute("SELECT ledger_id FROM key_database").fetchone()
        wrapped = rows.execute(
            "SELECT key_id, subject, domain, wrapped FROM data_key WHERE wrapped NOT NULL"
        ).fetchall()
        delivered = rows.execute(
            "SELECT grant_id, domain, generation, delivered FROM granted_domain"
        ).fetchall()
    known = set(secrets_of(folder, name))
    for _ in range(3):  # what was opened may open more
        for (grant, domain, number, sealed), key in product(delivered, set(known)):
            place = wrapping.Delivery(ledger_id, grant, Domain(domain), number)
            known |= {plain for plain in [wrapping.unwrap(sealed or b"", key, place)] if plain}
        for (key_id, subject, domain, sealed), key in product(wrapped, set(known)):
            for as_domain in Domain:
                plain = wrapping.unwrap(sealed, key, wrapping.Place(ledger_id, subject, as_domain, key_id))
                if plain is not None:
                    found.add((domain, key_id))
                    known.add(plain)
    for (key_id, _, domain, sealed), key in product(wrapped, known):
        try:
            AESGCM(key).decrypt(sealed[:12], sealed[12:], None)
        except InvalidTag:
            continue
        found.add((domain, key_id))
    return found


@pytest.mark.parametrize("rotated", [0, 2])
def test_no_key_that_follows_from_his_opens_a_therapy_key(practice: Path, rotated: int) -> None:
    for _ in range(rotated):
        with opened(practice, "owner") as owner:
            rotate(owner, list(Domain), ACT, quiet)

    assert {domain for domain, _ in raw_opening(practice, "coach")} == {"identity", "coaching"}
    assert {domain for domain, _ in raw_opening(practice, "front-desk")} == {"identity"}
    assert {domain for domain, _ in raw_opening(practice, "therapist")} == {"identity", "therapy"}


def test_the_program_opens_no_therapy_key_for_him(practice: Path) -> None:
    with rows_of(practice / "engagements.keys") as rows:
        therapy = [row[0] for row in rows.execute("SELECT key_id FROM data_key WHERE domain = 'therapy'")]
    assert therapy
    with opened(practice, "coach") as coach:
        for key_id in therapy:
            with pytest.raises(SealedError, match="the role coach"):
                coach.open_key(key_id)


# -- editing the key database -----------------------------------------------------------------------------


def _forged_grant(rows: Rows, folder: Path) -> None:
    """A grant of therapy to his own role file, signed with what he has: his coaching key."""
    coach = read_role_file(folder / "coach.role")
    coaching = coach.open_keys().keys[Domain.COACHING, 1]
    grant = rows.execute("SELECT id FROM role_grant WHERE role = 'coach'").fetchone()[0]
    rows.execute(
        "INSERT INTO granted_domain SELECT ?, 'therapy', 1, ?, NULL",
        (grant, vouching.sign(coaching, _any(grant))),
    )


def _any(grant: str) -> vouching.Granted:
    return vouching.Granted("x", "therapy", 1, grant, "coach", "", b"", ACT.at, ACT.by)


def _borrowed_signature(rows: Rows, folder: Path) -> None:
    """The therapist's signature put beside his own grant."""
    del folder
    rows.execute(
        "INSERT INTO granted_domain SELECT (SELECT id FROM role_grant WHERE role = 'coach'), domain, generation, "
        "signature, delivered FROM granted_domain JOIN role_grant ON id = grant_id "
        "WHERE role = 'therapist' AND domain = 'therapy'"
    )


def _swapped_grant_key(rows: Rows, folder: Path) -> None:
    """His own public key in the therapist's grant."""
    del folder
    rows.execute(
        "UPDATE role_grant SET public_key = (SELECT public_key FROM role_grant WHERE role = 'coach') "
        "WHERE role = 'therapist'"
    )


def _swapped_ids(rows: Rows, folder: Path) -> None:
    """His key and the therapist's name change places."""
    del folder
    rows.execute("PRAGMA foreign_keys = OFF")
    ids = dict(rows.execute("SELECT role, id FROM role_grant"))
    for before, after in ((ids["therapist"], "x"), (ids["coach"], ids["therapist"]), ("x", ids["coach"])):
        rows.execute("UPDATE role_grant SET id = ? WHERE id = ?", (after, before))


@pytest.mark.parametrize("edit", [_forged_grant, _borrowed_signature, _swapped_grant_key, _swapped_ids])
def test_a_grant_he_forges_is_served_by_no_rotation(
    practice: Path, edit: Callable[[Rows, Path], None]
) -> None:
    with rows_of(practice / "engagements.keys") as rows:
        edit(rows, practice)
    with opened(practice, "owner") as owner:
        done = rotate(owner, [Domain.THERAPY], ACT, quiet)
    assert done.unserved
    assert "therapy" not in {domain for domain, _ in raw_opening(practice, "coach")}
    with opened(practice, "coach") as coach:
        for (key_id,) in coach.store._rows("SELECT key_id FROM data_key WHERE domain = 'therapy'"):
            with pytest.raises(SealedError):
                coach.open_key(key_id)


def test_a_revoked_grant_made_live_again_is_served_by_no_rotation(practice: Path) -> None:
    from ledger.keys.rotation import revoke

    with opened(practice, "owner") as owner:
        (gone,) = (one for one in owner.store.grants() if one.role == "therapist")
        revoke(owner, gone, ACT, quiet)
        with rows_of(practice / "engagements.keys") as rows:
            rows.execute("UPDATE role_grant SET revoked_at = NULL, revoked_by = NULL")
        done = rotate(owner, [Domain.THERAPY], ACT, quiet)
    assert "therapist" not in {one.role for one in done.served.values()}
    assert raw_opening(practice, "therapist") == set()


def own_generation(rows: Rows, number: int, *, in_place: bool) -> bytes:
    """Therapy keys of his own making in the key database, signed as well as he can; their private key."""
    key = wrapping.new_private_key()
    public_key, verifier = wrapping.public_key_of(key), vouching.verifier_of(key)
    (ledger_id,) = rows.execute("SELECT ledger_id FROM key_database").fetchone()
    statement = vouching.NextGeneration(ledger_id, "therapy", number, public_key, verifier)
    if in_place:
        rows.execute("UPDATE domain_key SET public_key = ? WHERE domain = 'therapy'", (public_key,))
        rows.execute("UPDATE voucher SET verifier = ? WHERE domain = 'therapy'", (verifier,))
    else:
        rows.execute("INSERT INTO domain_key VALUES ('therapy', ?, ?)", (number, public_key))
        signature = vouching.sign(key, statement)
        rows.execute(
            "INSERT INTO voucher VALUES ('therapy', ?, ?, ?, ?)", (number, verifier, number - 1, signature)
        )
        for grant_id, grant_key in rows.execute("SELECT id, public_key FROM role_grant").fetchall():
            place = wrapping.Delivery(ledger_id, grant_id, Domain.THERAPY, number)
            rows.execute(
                "INSERT INTO granted_domain VALUES (?, 'therapy', ?, x'00', ?)",
                (grant_id, number, wrapping.wrap(key, grant_key, place)),
            )
    rows.execute("UPDATE key_database SET epoch = epoch + 1")
    return key


@pytest.mark.parametrize("in_place", [True, False], ids=["swapped", "a generation more"])
@pytest.mark.parametrize("writer", ["therapist", "front-desk", "owner", "coach"])
def test_nobody_seals_for_keys_he_put_there(practice: Path, writer: str, in_place: bool) -> None:
    with rows_of(practice / "engagements.keys") as rows:
        own_generation(rows, 2, in_place=in_place)
    for subject in (CLIENT, "client/C-77"):
        with (
            opened(practice, writer) as keys,
            pytest.raises((UnvouchedKeyError, RoleFileError), match=r"stands behind|not the one"),
        ):
            keys.data_key(subject, Domain.THERAPY)
    if not in_place:
        with opened(practice, "owner") as owner, pytest.raises(UnvouchedKeyError):
            rotate(owner, [Domain.THERAPY], ACT, quiet)


def test_who_is_at_work_when_he_puts_his_keys_there_does_not_seal_for_them(practice: Path) -> None:
    with opened(practice, "front-desk") as desk:
        waiting = desk.data_key("client/C-5", Domain.THERAPY)
        with rows_of(practice / "engagements.keys") as rows:
            own_generation(rows, 2, in_place=False)
        with pytest.raises(UnvouchedKeyError):
            desk.flush()
        assert waiting.key


def test_a_false_verifier_is_neither_believed_nor_handed_on(practice: Path) -> None:
    """Given his own verifier beside the therapist's keys, then what he signs with it is no successor to anybody."""
    mine = wrapping.new_private_key()
    with rows_of(practice / "engagements.keys") as rows:
        rows.execute(
            "UPDATE voucher SET verifier = ? WHERE domain = 'therapy'", (vouching.verifier_of(mine),)
        )
    with opened(practice, "owner") as owner:
        role(owner, practice, "counsel")
    with rows_of(practice / "engagements.keys") as rows:
        key = own_generation(rows, 2, in_place=False)
        (ledger_id,) = rows.execute("SELECT ledger_id FROM key_database").fetchone()
        statement = vouching.NextGeneration(
            ledger_id, "therapy", 2, wrapping.public_key_of(key), vouching.verifier_of(key)
        )
        signature = vouching.sign(mine, statement)
        rows.execute("UPDATE voucher SET signature = ? WHERE generation = 2", (signature,))
    for name in ("counsel", "front-desk", "owner"):
        with opened(practice, name) as keys, pytest.raises(UnvouchedKeyError):
            keys.data_key(CLIENT, Domain.THERAPY)


def test_a_false_verifier_put_there_before_a_file_of_version_1_is_registered_is_replaced(
    tmp_path: Path, path: Path, role_path: Path
) -> None:
    KeyDatabase.create(path, role_path).close()
    make_older(path, role_path)
    KeyDatabase.open(path, None).close()
    with rows_of(path) as rows:
        rows.execute("INSERT INTO voucher VALUES ('therapy', 1, randomblob(32), NULL, NULL)")
    with KeyDatabase.open(path, role_path) as owner:
        role(owner, tmp_path, "front-desk")
        assert [list(one.unsigned) for one in overview(owner).grants] == [[], []]
        rotate(owner, [Domain.THERAPY], ACT, quiet)
        assert stored_key(owner)
    with opened(tmp_path, "front-desk") as desk:
        assert stored_key(desk)


def test_the_fingerprint_two_people_compare_is_of_all_that_is_trusted() -> None:
    made = Generation(Domain.THERAPY, 2, b"p" * 32, b"v" * 32, None, None)

    assert fingerprint(made) == fingerprint(replace(made, signature=b"x"))
    for other in (
        replace(made, verifier=b"w" * 32),
        replace(made, public_key=b"q" * 32),
        replace(made, number=3),
    ):
        assert fingerprint(other) != fingerprint(made)


def planted(rows: Rows, subject: str) -> DataKey:
    """A data key he knows, wrapped for therapy in a client's place, with the tag he can make."""
    made = DataKey(4711, wrapping.new_data_key())
    (ledger_id,) = rows.execute("SELECT ledger_id FROM key_database").fetchone()
    (public_key,) = rows.execute("SELECT public_key FROM domain_key WHERE domain = 'therapy'").fetchone()
    wrapped = wrapping.wrap(
        made.key, public_key, wrapping.Place(ledger_id, subject, Domain.THERAPY, made.key_id)
    )
    rows.execute(
        "INSERT INTO data_key (key_id, subject, domain, generation, wrapped) VALUES (?, ?, 'therapy', 1, ?)",
        (made.key_id, subject, wrapped),
    )
    return made


@pytest.mark.parametrize("tag", [None, bytes(16), "borrowed"])
@pytest.mark.parametrize("rotated", [False, True])
def test_nobody_seals_with_a_data_key_he_put_there(practice: Path, tag: object, rotated: bool) -> None:
    """Given a key he knows as a client's newest, then therapists seal with one of their own."""
    with rows_of(practice / "engagements.keys") as rows:
        made = planted(rows, CLIENT)
        if tag == "borrowed":
            (tag,) = rows.execute("SELECT tag FROM data_key WHERE domain = 'therapy'").fetchone()
        rows.execute("UPDATE data_key SET tag = ? WHERE key_id = ?", (tag, made.key_id))
    if rotated:
        with opened(practice, "owner") as owner:
            rotate(owner, [Domain.THERAPY], ACT, quiet)
    with opened(practice, "therapist") as therapist:
        try:
            assert therapist.data_key(CLIENT, Domain.THERAPY).key != made.key
        except KeyDatabaseError as noticed:
            assert tag is not None
            assert "was altered" in str(noticed)


def test_a_wrapped_key_he_moves_opens_nothing_for_him(practice: Path) -> None:
    """Given the therapy key's wrapped form in his own domain's row and client."""
    with rows_of(practice / "engagements.keys") as rows:
        rows.execute(
            "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE domain = 'therapy' LIMIT 1) "
            "WHERE domain = 'coaching'"
        )
        rows.execute("UPDATE data_key SET domain = 'coaching' WHERE domain = 'therapy'")
        moved = [row[0] for row in rows.execute("SELECT key_id FROM data_key WHERE domain = 'coaching'")]
    assert len(moved) > 1
    with opened(practice, "coach") as coach:
        for key_id in moved:
            with pytest.raises(KeyDatabaseError, match="was altered"):
                coach.open_key(key_id)


# -- editing his own role file ----------------------------------------------------------------------------


def _claims_therapy(content: dict[str, object], other: Mapping[str, object]) -> None:
    del other
    content["domains"] = ["coaching", "identity", "therapy"]
    held = content["keys"]
    assert isinstance(held, dict)
    held["therapy"] = held["coaching"]


def _claims_the_grant(content: dict[str, object], other: Mapping[str, object]) -> None:
    content["grant"] = other["grant"]


@pytest.mark.parametrize("edit", [_claims_therapy, _claims_the_grant])
def test_his_role_file_edited_opens_no_more(
    practice: Path, edit: Callable[[dict[str, object], Mapping[str, object]], None]
) -> None:
    with opened(practice, "owner") as owner:
        rotate(owner, [Domain.THERAPY], ACT, quiet)
    content = json.loads((practice / "coach.role").read_text())
    edit(content, json.loads((practice / "therapist.role").read_text()))
    (practice / "coach.role").write_text(json.dumps(content))
    with opened(practice, "coach") as coach:
        for (key_id,) in coach.store._rows("SELECT key_id FROM data_key WHERE domain = 'therapy'"):
            with pytest.raises(SealedError):
                coach.open_key(key_id)
        with pytest.raises((NotGrantedError, RoleFileError)):
            give(coach, practice / "more.role", "more", [Domain.COACHING])


def test_a_grant_is_signed_in_every_part(practice: Path) -> None:
    """Given a therapist's grant, then no field of it can be changed without the signature failing."""
    with opened(practice, "owner") as owner:
        (grant,) = (one for one in owner.store.grants() if one.role == "therapist")
        (granted,) = (one for one in owner.store.granted_to(grant.id) if one.domain is Domain.THERAPY)
        verifier = owner.store.generations()[Domain.THERAPY, 1].verifier
        assert verifier is not None
        signed = statement_of(owner.ledger_id, grant, Domain.THERAPY, 1)
        assert vouching.is_signed(verifier, signed, granted.signature)
        for part in fields(signed):
            changed: dict[str, Any] = {part.name: {"generation": 2, "public_key": b"x"}.get(part.name, "x")}
            assert not vouching.is_signed(verifier, replace(signed, **changed), granted.signature), part
