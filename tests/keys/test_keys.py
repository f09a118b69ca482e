"""The key database and its role files, as real files, real processes and real damage."""

import hmac
import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import sealing
from ledger.errors import (
    ConflictError,
    KeyDatabaseError,
    KeyDestroyedError,
    LedgerError,
    LedgerExistsError,
    NoRightError,
    OtherLedgerError,
    PassphraseNeededError,
    RoleFileError,
    SealedError,
    UnknownKeyError,
    UsageError,
    WrongPassphraseError,
)
from ledger.keys import passphrase_lock, private_files, role_file, schema
from ledger.keys.database import DataKey, KeyDatabase
from ledger.keys.role_file import Contents, Secrets
from ledger.values import Domain
from tests.keys.practice import CHEAP, give

CLIENT = "C-7F3K9Q"
pytestmark = pytest.mark.usefixtures("cheap")


def stored_key(keys: KeyDatabase, subject: str = CLIENT, domain: Domain = Domain.THERAPY) -> DataKey:
    key = keys.data_key(subject, domain)
    keys.flush()
    return key


def names(directory: Path) -> set[str]:
    return {entry.name for entry in directory.iterdir()}


# -- making -----------------------------------------------------------------------------------------------


def test_what_is_made_opens_again_and_gives_the_same_keys(path: Path, role_path: Path) -> None:
    with KeyDatabase.create(path, role_path) as keys:
        ledger_id = keys.ledger_id
        made = {domain: stored_key(keys, domain=domain) for domain in Domain}
    with KeyDatabase.open(path, role_path) as keys:
        assert keys.ledger_id == ledger_id
        for domain, key in made.items():
            assert keys.may_open(domain)
            assert keys.open_key(key.key_id) == key.key
            assert keys.data_key(CLIENT, domain) == key
    assert len({key.key for key in made.values()}) == len(Domain)


def test_only_the_owner_may_read_any_of_the_files(tmp_path: Path, path: Path, role_path: Path) -> None:
    before = os.umask(0)
    try:
        with KeyDatabase.create(path, role_path, passphrase="a b c") as keys:
            stored_key(keys)
            give(keys, tmp_path / "coach.role", "coach", [Domain.COACHING])
            assert {"engagements.keys-wal", "engagements.keys-shm"} <= names(tmp_path)
            modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}, modes
    assert names(tmp_path) == {"engagements.keys", "owner.role", "coach.role"}


def test_no_mode_is_narrowed_after_the_fact(tmp_path: Path) -> None:
    """Given a umask that allows everything, the files end as they were made: no chmod on the way."""
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom ledger.keys.database import KeyDatabase\n"
        "os.umask(0)\nsys.addaudithook(lambda event, _: print(event) if 'chmod' in event else None)\n"
        "with KeyDatabase.create(Path(sys.argv[1]) / 'k', Path(sys.argv[1]) / 'r') as keys:\n"
        "    keys.set_setting('a', b'b')\n"
    )
    assert _in_child(code, tmp_path) == []
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("k", "r")} == {0o600}


def test_a_place_that_is_taken_stays_as_it_is(tmp_path: Path, path: Path, role_path: Path) -> None:
    for taken in (path, role_path):
        taken.write_text("something dear")
        with pytest.raises(LedgerExistsError, match=str(taken)):
            KeyDatabase.create(path, role_path)
        assert names(tmp_path) == {taken.name}
        assert taken.read_text() == "something dear"
        taken.unlink()
    role_path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(LedgerExistsError):
        KeyDatabase.create(path, role_path)
    assert names(tmp_path) == {role_path.name}


def test_a_place_taken_while_the_files_are_made_stays_as_it_is(
    tmp_path: Path, path: Path, role_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = role_file.write_role_file

    def somebody_is_faster(*args: object, **kwargs: object) -> None:
        write(*args, **kwargs)  # type: ignore[arg-type]
        path.write_text("theirs")

    monkeypatch.setattr(role_file, "write_role_file", somebody_is_faster)
    with pytest.raises(LedgerExistsError):
        KeyDatabase.create(path, role_path)
    assert names(tmp_path) == {path.name}
    assert path.read_text() == "theirs"


def test_a_file_system_without_hard_links_will_do(
    path: Path, role_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    with KeyDatabase.create(path, role_path) as keys:
        assert keys.open_key(stored_key(keys).key_id)
        with pytest.raises(LedgerExistsError):
            give(keys, role_path, "coach", [Domain.COACHING])


def test_what_cannot_be_made_durable_is_taken_back(
    tmp_path: Path, path: Path, role_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = private_files.sync

    def full(place: Path) -> None:
        if place.is_dir() and path.exists():
            raise OSError(5, "Input/output error")
        sync(place)

    monkeypatch.setattr(private_files, "sync", full)
    with pytest.raises(KeyDatabaseError, match="Input/output error"):
        KeyDatabase.create(path, role_path)
    assert names(tmp_path) == set()


def test_a_directory_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(KeyDatabaseError, match="No such file or directory"):
        KeyDatabase.create(tmp_path / "absent" / "k", tmp_path / "r")
    with pytest.raises(RoleFileError, match="No such file or directory"):
        KeyDatabase.create(tmp_path / "k", tmp_path / "absent" / "r")
    assert names(tmp_path) == set()


KILLED_AT_EVERY_STEP = """
import os, signal, sys
from pathlib import Path
from ledger.keys import wrapping
from ledger.keys.database import KeyDatabase

STEPS = {"open", "os.link", "os.remove", "sqlite3.connect"}

def child(directory, last):
    steps = 0
    def hook(event, _):
        nonlocal steps
        if event in STEPS:
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    KeyDatabase.create(directory / "k", directory / "r").close()
    os._exit(0)

for last in range(1, 200):
    directory = Path(sys.argv[1]) / str(last)
    directory.mkdir()
    pid = os.fork()
    if not pid:
        child(directory, last)
    if os.waitpid(pid, 0)[1] == 0:
        break
"""


def test_killed_at_any_step_it_leaves_no_database_that_nobody_can_read(tmp_path: Path) -> None:
    _in_child(KILLED_AT_EVERY_STEP, tmp_path)
    tries = sorted(tmp_path.iterdir())
    assert len(tries) > 10
    outcomes = set()
    for directory in tries:
        path, role_path = directory / "k", directory / "r"
        assert {stat.S_IMODE(entry.stat().st_mode) for entry in directory.iterdir()} <= {0o600}
        outcomes.add((path.exists(), role_path.exists()))
        if path.exists():
            with KeyDatabase.open(path, role_path) as keys:
                assert keys.open_key(stored_key(keys).key_id)
        elif role_path.exists():
            with pytest.raises(LedgerExistsError):
                KeyDatabase.create(path, role_path)
        else:
            KeyDatabase.create(path, role_path).close()
    assert outcomes == {(False, False), (False, True), (True, True)}


# -- reading rights ---------------------------------------------------------------------------------------


def test_a_role_that_holds_coaching_cannot_open_therapy(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    therapy, coaching = stored_key(keys, domain=Domain.THERAPY), stored_key(keys, domain=Domain.COACHING)
    give(keys, tmp_path / "coach.role", "coach", [Domain.COACHING])
    assert json.loads((tmp_path / "coach.role").read_text())["keys"].keys() == {"coaching"}
    with KeyDatabase.open(path, tmp_path / "coach.role") as coach:
        assert coach.open_key(coaching.key_id) == coaching.key
        assert [domain for domain in Domain if coach.may_open(domain)] == [Domain.COACHING]
        with pytest.raises(NoRightError, match="therapy text stays sealed: the role coach") as refused:
            coach.open_key(therapy.key_id)
        assert refused.value.domain == "therapy"
        with pytest.raises(NoRightError):
            give(coach, tmp_path / "more.role", "more", [Domain.COACHING, Domain.THERAPY])
        assert not (tmp_path / "more.role").exists()


def test_a_role_file_made_to_claim_more_opens_no_more(keys: KeyDatabase, path: Path, tmp_path: Path) -> None:
    """Given the coach's role file, edited to list therapy, without a key for it or with the coach's own."""
    therapy = stored_key(keys, domain=Domain.THERAPY)
    coach_path = tmp_path / "coach.role"
    give(keys, coach_path, "coach", [Domain.COACHING])
    content = json.loads(coach_path.read_text())
    content["domains"].append("therapy")
    coach_path.write_text(json.dumps(content))
    with KeyDatabase.open(path, coach_path) as coach, pytest.raises(RoleFileError, match="it lists"):
        coach.open_key(therapy.key_id)
    content["keys"]["therapy"] = content["keys"]["coaching"]
    coach_path.write_text(json.dumps(content))
    with (
        KeyDatabase.open(path, coach_path) as coach,
        pytest.raises(RoleFileError, match="therapy key is not"),
    ):
        coach.open_key(therapy.key_id)


@pytest.mark.parametrize("named", [True, False])
def test_without_a_role_file_everything_is_written_and_nothing_read(
    keys: KeyDatabase, path: Path, role_path: Path, tmp_path: Path, named: bool
) -> None:
    existing = stored_key(keys)
    with KeyDatabase.open(path, tmp_path / "absent.role" if named else None) as writer:
        written = stored_key(writer)
        assert written.key_id != existing.key_id
        assert not any(writer.may_open(domain) for domain in Domain)
        for key in (existing, written):
            with pytest.raises(NoRightError, match="absent" if named else "no role file"):
                writer.open_key(key.key_id)
        with pytest.raises(NoRightError):
            give(writer, tmp_path / "r", "r", [Domain.THERAPY])
    with KeyDatabase.open(path, role_path) as owner:
        assert owner.open_key(existing.key_id) == existing.key
        assert owner.open_key(written.key_id) == written.key
        assert owner.data_key(CLIENT, Domain.THERAPY) == existing  # not the one its maker may have kept


def test_a_role_file_of_another_ledger_is_refused(keys: KeyDatabase, role_path: Path, tmp_path: Path) -> None:
    with (
        KeyDatabase.create(tmp_path / "other.keys", tmp_path / "other.role") as other,
        pytest.raises(OtherLedgerError, match=f"expected ledger {other.ledger_id}, came {keys.ledger_id}"),
    ):
        KeyDatabase.open(tmp_path / "other.keys", role_path)


def test_a_role_needs_a_name_and_a_domain_and_a_passphrase_that_is_one(
    keys: KeyDatabase, tmp_path: Path
) -> None:
    for name, domains, passphrase in (
        ("", [Domain.COACHING], None),
        ("coach", [], None),
        ("coach", [Domain.COACHING], ""),
    ):
        with pytest.raises(UsageError):
            give(keys, tmp_path / "coach.role", name, domains, passphrase)
    assert "coach.role" not in names(tmp_path)


def test_files_open_to_others_are_pointed_out_not_refused(
    keys: KeyDatabase, path: Path, role_path: Path
) -> None:
    assert keys.warnings == ()
    role_path.chmod(0o640)
    path.chmod(0o604)
    with KeyDatabase.open(path, role_path) as opened:
        assert [warning.split(" is open")[0] for warning in opened.warnings] == [str(path), str(role_path)]
        assert f"chmod 600 {role_path}" in opened.warnings[1]
        role_path.unlink()
        assert len(opened.warnings) == 1


# -- passphrases ------------------------------------------------------------------------------------------


@pytest.fixture
def locked(path: Path, role_path: Path) -> DataKey:
    """A key database whose role file is locked with "open sesame", and one key in it."""
    with KeyDatabase.create(path, role_path, passphrase="open sesame") as keys:
        return stored_key(keys)


def test_a_locked_role_file_opens_with_its_passphrase(path: Path, role_path: Path, locked: DataKey) -> None:
    with KeyDatabase.open(path, role_path, passphrase="open sesame") as keys:
        assert keys.open_key(locked.key_id) == locked.key
    content = json.loads(role_path.read_text())
    assert "keys" not in content
    assert (content["locked"]["kdf"], content["locked"]["n"]) == ("scrypt", CHEAP.n)


def test_the_passphrase_is_asked_for_once_and_only_when_something_must_be_opened(
    path: Path, role_path: Path, locked: DataKey
) -> None:
    asked = []

    def ask() -> str:
        asked.append("?")
        return "open sesame"

    with KeyDatabase.open(path, role_path, passphrase=ask) as keys:
        assert keys.may_open(Domain.THERAPY)
        new = stored_key(keys)  # writing needs no right to read, so it does not ask
        assert new.key_id != locked.key_id
        assert not asked
        assert keys.open_key(locked.key_id) == locked.key
        assert keys.open_key(new.key_id) == new.key
        assert keys.data_key("C-2", Domain.THERAPY)
        assert asked == ["?"]


def test_a_wrong_passphrase_or_none_opens_nothing(path: Path, role_path: Path, locked: DataKey) -> None:
    answers = iter(["sesame", "open sesame"])
    with KeyDatabase.open(path, role_path, passphrase=lambda: next(answers)) as keys:
        with pytest.raises(WrongPassphraseError, match="Type it again"):
            keys.open_key(locked.key_id)
        assert keys.open_key(locked.key_id) == locked.key
    with KeyDatabase.open(path, role_path) as keys:
        with pytest.raises(PassphraseNeededError):
            keys.open_key(locked.key_id)
        assert stored_key(keys, "C-2")


def test_a_passphrase_is_the_same_however_its_accents_are_typed(tmp_path: Path) -> None:
    with KeyDatabase.create(tmp_path / "k", tmp_path / "r", passphrase="Gr\u00fc\u00dfe") as keys:
        key = stored_key(keys)
    with KeyDatabase.open(tmp_path / "k", tmp_path / "r", passphrase="Gru\u0308\u00dfe") as keys:
        assert keys.open_key(key.key_id) == key.key


def test_a_coach_may_lock_what_the_owner_left_open(keys: KeyDatabase, path: Path, tmp_path: Path) -> None:
    key = stored_key(keys, domain=Domain.COACHING)
    give(keys, tmp_path / "coach.role", "coach", [Domain.COACHING], "mine")
    with KeyDatabase.open(path, tmp_path / "coach.role", passphrase="mine") as coach:
        assert coach.open_key(key.key_id) == key.key


def test_new_role_files_cost_what_owasp_recommends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    assert asdict(passphrase_lock.NEW_FILES_COST) == {"n": 2**17, "r": 8, "p": 1}
    held = Secrets({(Domain.COACHING, 1): bytes(32)}, bytes(32))
    contents = Contents("l", "coach", frozenset({Domain.COACHING}), "g")
    role_file.write_role_file(tmp_path / "r", contents, held, "p")
    assert role_file.read_role_file(tmp_path / "r").open_keys("p") == held


# -- damaged role files -----------------------------------------------------------------------------------


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _changed(**changes: object) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps({**json.loads(content), **changes}).encode()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_cut, id="cut"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"\xff\x00\xfe", id="noise"),
        pytest.param(lambda _: b"[" * 100_000, id="nested"),
        pytest.param(lambda _: b"[]", id="a list"),
        pytest.param(lambda content: content + b" " * (1 << 20), id="huge"),
        pytest.param(_changed(format="something else"), id="format"),
        pytest.param(_changed(version=3), id="version"),
        pytest.param(_changed(ledger=7), id="ledger"),
        pytest.param(_changed(domains=["surgery"]), id="domain"),
        pytest.param(_changed(domains=7), id="domains"),
        pytest.param(_changed(locked={}), id="locked and not"),
    ],
)
def test_a_damaged_role_file_says_what_is_wrong_and_what_to_do(
    keys: KeyDatabase, path: Path, role_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    role_path.write_bytes(damage(role_path.read_bytes()))
    with pytest.raises(RoleFileError, match="Take a good copy"):
        KeyDatabase.open(path, role_path)
    assert keys.path == path


@pytest.mark.parametrize(
    "kept",
    [7, {}, {"therapy": 7}, {"therapy": {"1": "????"}}, {"therapy": {"one": ""}}, {"therapy": {"1": "AAAA"}}],
)
def test_keys_that_are_none_are_refused_when_they_are_needed(
    keys: KeyDatabase, path: Path, role_path: Path, kept: object
) -> None:
    key = stored_key(keys)
    role_path.write_bytes(_changed(keys=kept, domains=["therapy"])(role_path.read_bytes()))
    with KeyDatabase.open(path, role_path) as opened, pytest.raises(RoleFileError):
        opened.open_key(key.key_id)


@pytest.mark.parametrize(
    "lock",
    [
        {"n": 2**30},
        {"n": 2**14 + 1},
        {"n": 2.0**14},
        {"n": "16384"},
        {"r": 10**9},
        {"p": 0},
        {"kdf": "md5"},
        {"nonce": "AAAA"},
        {"salt": "*"},
        {"ciphertext": 7},
    ],
)
def test_a_lock_that_cannot_be_made_out_is_refused_before_it_costs_anything(
    path: Path, role_path: Path, locked: DataKey, lock: dict[str, object]
) -> None:
    content = json.loads(role_path.read_bytes())
    role_path.write_text(json.dumps({**content, "locked": {**content["locked"], **lock}}))
    with KeyDatabase.open(path, role_path, passphrase="open sesame") as keys, pytest.raises(RoleFileError):
        keys.open_key(locked.key_id)


@pytest.mark.parametrize("change", [{"role": "somebody"}, {"domains": ["therapy"]}, {"note": "added"}])
def test_nothing_in_a_locked_file_can_be_changed(
    path: Path, role_path: Path, locked: DataKey, change: dict[str, object]
) -> None:
    role_path.write_bytes(_changed(**change)(role_path.read_bytes()))
    with (
        KeyDatabase.open(path, role_path, passphrase="open sesame") as keys,
        pytest.raises(WrongPassphraseError),
    ):
        keys.open_key(locked.key_id)


def test_a_role_path_that_is_no_file_is_refused_at_once(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for place in (tmp_path, tmp_path / "pipe", tmp_path / "loop"):
        with pytest.raises(RoleFileError):
            KeyDatabase.open(path, place)
    assert keys.warnings == ()


def test_any_byte_of_a_role_file_changed_opens_the_same_keys_or_none(
    keys: KeyDatabase, path: Path, role_path: Path
) -> None:
    key = stored_key(keys)
    whole = role_path.read_bytes()
    chance = random.Random(1)
    for _ in range(150):
        at = chance.randrange(len(whole))
        role_path.write_bytes(whole[:at] + chance.randbytes(1) + whole[at + 1 :])
        try:
            with KeyDatabase.open(path, role_path) as opened:
                assert opened.open_key(key.key_id) == key.key
        except SealedError:
            pass


# -- data keys --------------------------------------------------------------------------------------------


def test_a_key_is_the_same_until_it_is_destroyed_and_another_for_every_place(keys: KeyDatabase) -> None:
    given = {
        (subject, domain): keys.data_key(subject, domain) for subject in ("C-1", "C-2") for domain in Domain
    }
    keys.flush()
    assert len({key.key for key in given.values()}) == len({key.key_id for key in given.values()}) == 8
    assert all(keys.data_key(*place) == key for place, key in given.items())
    assert all(len(key.key) == 32 and 0 <= key.key_id < 1 << 63 for key in given.values())


def test_a_new_key_is_stored_by_flush_and_not_before(keys: KeyDatabase, path: Path, role_path: Path) -> None:
    key = keys.data_key(CLIENT, Domain.IDENTITY)
    assert keys.open_key(key.key_id) == key.key
    with KeyDatabase.open(path, role_path) as other:
        with pytest.raises(UnknownKeyError):
            other.open_key(key.key_id)
        keys.flush()
        keys.flush()
        assert other.open_key(key.key_id) == key.key


def test_a_key_never_shows_when_it_is_printed(keys: KeyDatabase) -> None:
    key = keys.data_key(CLIENT, Domain.IDENTITY)
    assert str(key) == repr(key) == f"DataKey(key_id={key.key_id})"


@pytest.mark.parametrize("key_id", [0, 1, -1, 2**63, 2**200])
def test_a_key_that_was_never_here_is_unknown(keys: KeyDatabase, key_id: int) -> None:
    with pytest.raises(UnknownKeyError):
        keys.open_key(key_id)


def test_a_wrapped_key_is_rfc_9180_as_the_rfc_is_written(
    keys: KeyDatabase, path: Path, role_path: Path
) -> None:
    key = stored_key(keys)
    with sqlite3.connect(path) as rows:
        ((wrapped,),) = rows.execute("SELECT wrapped FROM data_key").fetchall()
    rows.close()
    private_key = role_file.read_role_file(role_path).open_keys().keys[Domain.THERAPY, 1]
    info = json.dumps(
        ["engagement-ledger/data-key/v1", keys.ledger_id, CLIENT, "therapy", key.key_id],
        separators=(",", ":"),
    ).encode()
    assert _hpke_open(wrapped, private_key, info) == key.key


def _hpke_open(wrapped: bytes, private_key: bytes, info: bytes) -> bytes:
    """RFC 9180 sections 4.1, 5.1 and 6.1, base mode, with HMAC and AES-GCM only."""

    def extract(salt: bytes, suite: bytes, label: bytes, secret: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + secret, "sha256")

    def expand(secret: bytes, suite: bytes, label: bytes, context: bytes, size: int) -> bytes:
        asked = size.to_bytes(2) + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, asked + b"\1", "sha256")[:size]

    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"
    enc, ciphertext = wrapped[:32], wrapped[32:]
    own = X25519PrivateKey.from_private_bytes(private_key)
    exchanged = own.exchange(X25519PublicKey.from_public_bytes(enc))
    eae = extract(b"", kem, b"eae_prk", exchanged)
    shared = expand(eae, kem, b"shared_secret", enc + own.public_key().public_bytes_raw(), 32)
    context = b"\0" + extract(b"", suite, b"psk_id_hash", b"") + extract(b"", suite, b"info_hash", info)
    secret = extract(shared, suite, b"secret", b"")
    key = expand(secret, suite, b"key", context, 32)
    return AESGCM(key).decrypt(expand(secret, suite, b"base_nonce", context, 12), ciphertext, b"")


def test_a_wrapped_key_moved_to_another_row_does_not_open(
    keys: KeyDatabase, path: Path, role_path: Path
) -> None:
    one, other = stored_key(keys, "C-1"), stored_key(keys, "C-2")
    with sqlite3.connect(path) as rows:
        rows.execute(
            "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE subject = 'C-1') "
            "WHERE subject = 'C-2'"
        )
    rows.close()
    with KeyDatabase.open(path, role_path) as opened:
        assert opened.open_key(one.key_id) == one.key
        with pytest.raises(KeyDatabaseError, match="was altered"):
            opened.open_key(other.key_id)
        with pytest.raises(KeyDatabaseError, match="was altered"):
            opened.data_key("C-2", Domain.THERAPY)


def test_somebody_elses_public_key_put_in_is_noticed(keys: KeyDatabase, path: Path, role_path: Path) -> None:
    """Given a database that now wraps to a stranger, then whoever holds the role file is told."""
    theirs = X25519PrivateKey.generate().public_key().public_bytes_raw()
    key = stored_key(keys)
    with sqlite3.connect(path) as rows:
        rows.execute("UPDATE domain_key SET public_key = ? WHERE domain = 'coaching'", (theirs,))
    rows.close()
    with KeyDatabase.open(path, role_path) as opened, pytest.raises(RoleFileError, match="coaching"):
        opened.open_key(key.key_id)
    with KeyDatabase.open(path, role_path) as opened, pytest.raises(RoleFileError, match="coaching"):
        opened.data_key("C-new", Domain.COACHING)


def test_what_is_remembered_is_bounded(keys: KeyDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.keys.database._KEYS_REMEMBERED", 10)
    made = [keys.data_key(f"C-{n}", Domain.IDENTITY) for n in range(100)]
    assert [keys.data_key(f"C-{n}", Domain.IDENTITY) for n in range(100)] == made
    keys.flush()
    assert not keys._for_writing
    assert [keys.open_key(key.key_id) for key in made] == [key.key for key in made]
    assert len(keys._opened) <= 10


def test_the_cost_does_not_grow_with_the_number_of_keys(keys: KeyDatabase, path: Path) -> None:
    stored_key(keys)
    with sqlite3.connect(path) as rows:
        for statement in (
            (
                "SELECT wrapped FROM data_key WHERE subject = '' AND domain = '' AND wrapped IS NOT NULL "
                "ORDER BY position DESC LIMIT 1"
            ),
            "SELECT wrapped FROM data_key WHERE key_id = 1",
            "UPDATE data_key SET wrapped = NULL WHERE subject = '' AND wrapped IS NOT NULL",
        ):
            plan = " ".join(str(row[3]) for row in rows.execute(f"EXPLAIN QUERY PLAN {statement}"))
            assert plan.startswith("SEARCH data_key USING INDEX"), plan
            assert "TEMP B-TREE" not in plan
    rows.close()


# -- destruction ------------------------------------------------------------------------------------------


def test_destroyed_keys_open_nothing_and_say_so(keys: KeyDatabase, path: Path, role_path: Path) -> None:
    gone = [stored_key(keys, domain=domain) for domain in Domain]
    kept = stored_key(keys, "C-2")
    assert keys.destroy(CLIENT) == len(Domain)
    assert keys.destroy(CLIENT) == 0
    for database in (keys, KeyDatabase.open(path, role_path), KeyDatabase.open(path, None)):
        for key in gone:
            with pytest.raises(KeyDestroyedError, match=f"text of {CLIENT} was erased"):
                database.open_key(key.key_id)
    assert keys.open_key(kept.key_id) == kept.key
    new = stored_key(keys)
    assert new.key_id not in {key.key_id for key in gone}
    assert keys.open_key(new.key_id) == new.key


def test_nothing_of_a_destroyed_key_is_left_in_the_files(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    for n in range(200):
        keys.data_key(f"C-{n}", Domain.THERAPY)
    keys.flush()
    with sqlite3.connect(path) as rows:
        ((wrapped,),) = rows.execute("SELECT wrapped FROM data_key WHERE subject = 'C-77'").fetchall()
        ((neighbour,),) = rows.execute("SELECT wrapped FROM data_key WHERE subject = 'C-78'").fetchall()
    rows.close()

    def occurs(content: bytes) -> bool:
        parts = [content[at : at + 16] for at in range(0, len(content), 16)]
        return any(part in entry.read_bytes() for entry in tmp_path.iterdir() for part in parts)

    assert occurs(wrapped)
    keys.destroy("C-77")
    assert not occurs(wrapped)
    assert occurs(neighbour)


def test_a_reader_who_keeps_the_log_keeps_it_from_being_wiped(
    keys: KeyDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    stored_key(keys)
    with KeyDatabase.open(path, None) as eraser:
        rows = sqlite3.connect(path, isolation_level=None)
        rows.execute("BEGIN")
        rows.execute("SELECT * FROM data_key").fetchall()
        with pytest.raises(ConflictError, match="run it again"):
            eraser.destroy(CLIENT)
        rows.close()
        assert eraser.destroy(CLIENT) == 0


def test_another_process_stops_using_a_destroyed_key(keys: KeyDatabase, path: Path, role_path: Path) -> None:
    key = stored_key(keys)
    with KeyDatabase.open(path, role_path) as other:
        assert other.open_key(key.key_id) == key.key
        assert other.data_key(CLIENT, Domain.THERAPY) == key
        other.flush()
        keys.destroy(CLIENT)
        with pytest.raises(KeyDestroyedError):
            other.open_key(key.key_id)
        assert other.data_key(CLIENT, Domain.THERAPY) != key


def test_what_was_sealed_with_a_key_destroyed_meanwhile_is_not_committed(
    keys: KeyDatabase, path: Path, role_path: Path
) -> None:
    """Given a key handed out, when it is destroyed before flush, then flush refuses and a retry succeeds."""
    key = stored_key(keys)
    with KeyDatabase.open(path, role_path) as other:
        assert other.data_key(CLIENT, Domain.THERAPY) == key
        assert other.data_key("C-2", Domain.THERAPY)
        keys.destroy(CLIENT)
        assert other.data_key("C-3", Domain.THERAPY)
        with pytest.raises(ConflictError, match=f"data keys of {CLIENT} were destroyed"):
            other.flush()
        retried = other.data_key(CLIENT, Domain.THERAPY)
        other.flush()
        assert keys.open_key(retried.key_id) == retried.key


def test_a_destruction_elsewhere_of_others_keys_disturbs_nobody(
    keys: KeyDatabase, path: Path, role_path: Path
) -> None:
    stored_key(keys)
    stored_key(keys, "C-2")
    with KeyDatabase.open(path, role_path) as other:
        given = other.data_key(CLIENT, Domain.THERAPY)
        keys.destroy("C-2")
        other.flush()
        assert other.data_key(CLIENT, Domain.THERAPY) == given


def test_a_key_destroyed_before_it_was_stored_is_not_stored(keys: KeyDatabase) -> None:
    keys.data_key(CLIENT, Domain.THERAPY)
    kept = keys.data_key("C-2", Domain.THERAPY)
    assert keys.destroy(CLIENT) == 0
    with pytest.raises(ConflictError, match=CLIENT):
        keys.flush()
    assert keys.data_key("C-2", Domain.THERAPY)
    keys.flush()
    assert keys.open_key(kept.key_id) == kept.key


# -- settings ---------------------------------------------------------------------------------------------


def test_a_setting_is_there_again_after_reopening(keys: KeyDatabase, path: Path) -> None:
    assert keys.setting("high-water") is None
    keys.set_setting("high-water", b"\x00\xff")
    keys.set_setting("high-water", b"2")
    with KeyDatabase.open(path, None) as other:
        assert other.setting("high-water") == b"2"
        assert other.change_setting("high-water", lambda old: (old or b"") + b"3") == b"23"
    assert keys.setting("high-water") == b"23"


def test_a_change_that_fails_changes_nothing(keys: KeyDatabase) -> None:
    keys.set_setting("size", b"7")

    def refuse(_: bytes | None) -> bytes:
        raise UsageError("does not extend it")

    with pytest.raises(UsageError):
        keys.change_setting("size", refuse)
    assert keys.setting("size") == b"7"
    keys.set_setting("size", b"8")


# -- several at once --------------------------------------------------------------------------------------

WRITER = """
import sys, time
from pathlib import Path
from ledger.keys.database import KeyDatabase
from ledger.values import Domain

directory, rights, start = Path(sys.argv[1]), sys.argv[2] == "reader", Path(sys.argv[1]) / "start"
print("ready", flush=True)
while not start.exists():
    time.sleep(0.001)
role_path = directory / "owner.role" if rights else None
for n in range(60):
    with KeyDatabase.open(directory / "engagements.keys", role_path) as keys:
        for client in range(3):
            key = keys.data_key(f"C-{n % 20}-{client}", Domain.THERAPY)
            keys.flush()
            keys.change_setting("count", lambda old: str(int(old or b"0") + 1).encode())
            print(key.key_id, key.key.hex(), flush=True)
"""


def test_processes_that_make_keys_for_the_same_clients_lose_none(
    keys: KeyDatabase, path: Path, role_path: Path, tmp_path: Path
) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), rights],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        for rights in ("reader", "reader", "writer")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    (tmp_path / "start").touch()
    made = [line.split() for writer in writers for line in writer.communicate(timeout=120)[0].splitlines()]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert len(made) == 540
    with KeyDatabase.open(path, role_path) as reader:
        for key_id, key in made:
            assert reader.open_key(int(key_id)).hex() == key
    assert keys.setting("count") == b"540"


def test_threads_take_turns(keys: KeyDatabase) -> None:
    made: list[DataKey] = []

    def work(number: int) -> None:
        for n in range(50):
            made.append(keys.data_key(f"C-{number % 2}-{n}", Domain.THERAPY))
            keys.flush()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 200
    assert len({key.key_id for key in made}) == 100
    assert all(keys.open_key(key.key_id) == key.key for key in made)


def test_a_file_locked_for_long_is_a_conflict(
    keys: KeyDatabase, path: Path, role_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert schema.BUSY_SECONDS == 10
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    with KeyDatabase.open(path, role_path) as waiting:
        key = waiting.data_key(CLIENT, Domain.THERAPY)
        rows = sqlite3.connect(path, isolation_level=None)
        rows.execute("BEGIN IMMEDIATE")
        for act in (waiting.flush, lambda: waiting.set_setting("a", b"b"), lambda: waiting.destroy("C-2")):
            with pytest.raises(ConflictError, match="in use by another program"):
                act()
        rows.close()
        waiting.flush()
        assert keys.open_key(key.key_id) == key.key


def test_a_commit_is_synced_to_the_disk(keys: KeyDatabase) -> None:
    """FULL in WAL mode: durable on return even if the power fails (https://sqlite.org/pragma.html)."""
    settings = {name: keys._store._rows(f"PRAGMA {name}")[0][0] for name in ("synchronous", "journal_mode")}
    assert settings == {"synchronous": 2, "journal_mode": "wal"}


def test_a_key_flushed_is_there_after_a_kill(keys: KeyDatabase, path: Path, role_path: Path) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom ledger.keys.database import KeyDatabase\n"
        "from ledger.values import Domain\n"
        "keys = KeyDatabase.open(Path(sys.argv[1]) / 'engagements.keys', None)\n"
        "key = keys.data_key('C-1', Domain.COACHING)\nkeys.flush()\n"
        "lost = keys.data_key('C-2', Domain.COACHING)\n"
        "print(key.key_id, lost.key_id, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ((flushed, lost),) = (line.split() for line in _in_child(code, path.parent, expect=-signal.SIGKILL))
    with KeyDatabase.open(path, role_path) as opened:
        assert opened.open_key(int(flushed))
        with pytest.raises(UnknownKeyError):
            opened.open_key(int(lost))
    assert keys.setting("a") is None


# -- a damaged key database -------------------------------------------------------------------------------


@pytest.fixture
def closed(path: Path, role_path: Path) -> DataKey:
    """A closed key database with a few hundred keys; the key is one of them."""
    with KeyDatabase.create(path, role_path) as keys:
        for n in range(300):
            keys.data_key(f"C-{n}", Domain.THERAPY)
        keys.flush()
        return keys.data_key("C-150", Domain.THERAPY)


def test_no_database_is_made_where_there_is_none(tmp_path: Path, path: Path) -> None:
    with pytest.raises(KeyDatabaseError, match="No such file or directory"):
        KeyDatabase.open(path, None)
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all\n" * 100, b"SQLite format 3\0" + bytes(4000)]
)
def test_something_else_is_not_taken_for_a_key_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(KeyDatabaseError, match="restore it from the backup"):
        KeyDatabase.open(path, None)


def test_another_sqlite_file_or_a_newer_one_is_not_taken_for_a_key_database(
    path: Path, role_path: Path, closed: DataKey
) -> None:
    for pragma, why in (("user_version=3", "newer program"), ("application_id=7", "something else")):
        with sqlite3.connect(path) as rows:
            rows.execute(f"PRAGMA {pragma}")
        rows.close()
        with pytest.raises(KeyDatabaseError, match=why):
            KeyDatabase.open(path, role_path)
    assert closed.key


def test_a_directory_is_not_a_key_database(tmp_path: Path) -> None:
    with pytest.raises(KeyDatabaseError):
        KeyDatabase.open(tmp_path, None)


def test_a_database_cut_short_never_gives_a_wrong_key(path: Path, role_path: Path, closed: DataKey) -> None:
    whole = path.read_bytes()
    for length in [*range(0, 300, 30), *range(300, len(whole), 1500), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(SealedError), KeyDatabase.open(path, role_path) as keys:
            keys.open_key(closed.key_id)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE key_database SET ledger_id = x'00'",
        "UPDATE key_database SET epoch = 'x'",
        "DELETE FROM key_database",
        "PRAGMA foreign_keys = OFF; DELETE FROM domain_key",
        "UPDATE domain_key SET public_key = 'text'",
        "UPDATE domain_key SET public_key = x'00'",
        "PRAGMA foreign_keys = OFF; UPDATE data_key SET domain = 'surgery'",
        "UPDATE data_key SET wrapped = 'text'",
        "UPDATE data_key SET wrapped = x'00'",
        "DROP TABLE data_key",
    ],
)
def test_a_row_that_was_altered_is_said_plainly(
    path: Path, role_path: Path, closed: DataKey, damage: str
) -> None:
    with sqlite3.connect(path) as rows:
        rows.executescript(damage)
    rows.close()
    with (
        pytest.raises(SealedError, match=r"altered|missing|no such table|not the one"),
        KeyDatabase.open(path, role_path) as keys,
    ):
        keys.open_key(closed.key_id)


def test_a_setting_that_was_altered_is_said_plainly(keys: KeyDatabase, path: Path) -> None:
    with sqlite3.connect(path) as rows:
        rows.execute("INSERT INTO setting VALUES ('size', 7)")
    rows.close()
    with pytest.raises(KeyDatabaseError, match="size was altered"):
        keys.setting("size")


@pytest.mark.parametrize("damage", ["DELETE FROM domain_key", "UPDATE domain_key SET public_key = x'00'"])
def test_nothing_is_wrapped_to_a_public_key_that_is_none(path: Path, role_path: Path, damage: str) -> None:
    KeyDatabase.create(path, role_path).close()
    with sqlite3.connect(path) as rows:
        rows.execute(damage)
    rows.close()
    with KeyDatabase.open(path, None) as writer, pytest.raises(KeyDatabaseError, match=r"missing|altered"):
        writer.data_key(CLIENT, Domain.THERAPY)


def test_any_bytes_of_a_database_changed_give_the_same_key_or_none(
    path: Path, role_path: Path, closed: DataKey
) -> None:
    whole = path.read_bytes()
    chance = random.Random(2)
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 5, 50])):
            damaged[chance.randrange(len(whole))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            with KeyDatabase.open(path, role_path) as keys:
                assert keys.open_key(closed.key_id) == closed.key
                assert keys.data_key("C-150", Domain.THERAPY)
                keys.flush()
                keys.destroy("C-150")
                keys.setting("a")
        except LedgerError:
            pass
        for side in ("-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)


def test_a_closed_database_is_closed(keys: KeyDatabase) -> None:
    keys.close()
    keys.close()
    with pytest.raises(KeyDatabaseError):
        keys.data_key(CLIENT, Domain.IDENTITY)


# -- together with sealed fields --------------------------------------------------------------------------


def test_a_note_sealed_by_the_front_desk_is_read_by_the_therapist_alone(
    keys: KeyDatabase, path: Path, tmp_path: Path
) -> None:
    give(keys, tmp_path / "therapist.role", "therapist", [Domain.IDENTITY, Domain.THERAPY])
    give(keys, tmp_path / "coach.role", "coach", [Domain.IDENTITY, Domain.COACHING])
    made = sealing.disclosure("grief after a loss")
    with KeyDatabase.open(path, None) as front_desk:
        key = stored_key(front_desk)
        stored = sealing.encrypt(
            made.text, key.key, stream="client/C-1", seq=3, field="rationale", digest=made.digest
        )
    with KeyDatabase.open(path, tmp_path / "therapist.role") as therapist:
        text = sealing.decrypt(
            stored,
            therapist.open_key(key.key_id),
            stream="client/C-1",
            seq=3,
            field="rationale",
            digest=made.digest,
        )
        assert sealing.open_disclosure(text, made.digest) == "grief after a loss"
    with KeyDatabase.open(path, tmp_path / "coach.role") as coach, pytest.raises(NoRightError):
        coach.open_key(key.key_id)


def test_every_key_error_ends_with_exit_code_7() -> None:
    for error in (KeyDatabaseError, RoleFileError, NoRightError, WrongPassphraseError, KeyDestroyedError):
        assert error.exit_code == 7


# -- children ---------------------------------------------------------------------------------------------


def _in_child(code: str, directory: Path, *, expect: int = 0) -> list[str]:
    """Runs `code` in a process of its own with `directory` as its argument; the lines it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(directory)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert done.returncode == expect, done.stderr
    return done.stdout.splitlines()


def test_cryptography_is_loaded_only_when_it_is_used() -> None:
    code = "import sys, ledger.sealing, ledger.keys.database\nprint('cryptography' in sys.modules)"
    assert _in_child(code, Path()) == ["False"]
