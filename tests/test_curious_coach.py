"""The curious coach with the whole ledger in hand: no way of the program and no key of his opens a therapy text."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.application import Ledger
from ledger.errors import NoRightError
from ledger.keys import vouching, wrapping
from ledger.keys.database import KeyDatabase
from ledger.keys.granting import grant
from ledger.keys.role_file import read_role_file
from ledger.keys.roles import STANDARD
from ledger.keys.rotation import revoke, rotate
from ledger.places import Places
from ledger.values import Digest, Domain
from tests import desk
from tests.keys.practice import ACT, quiet, rows_of

ROOT = Path(__file__).resolve().parent.parent
OWN_PATH = {**os.environ, "PYTHONPATH": str(ROOT)}
DERIVED = ("data-key-tag", "vouching-key")
SECRET = "nightmares since the accident"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger with a therapy text and a coaching text, and role files of a therapist and a coach."""
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record([*desk.staff(), desk.client(), desk.intake(rationale=SECRET), *desk.papers()])
        ledger.record([desk.intake(2, "coaching", rationale="a new post")])
        for name in ("therapist", "coach"):
            grant(ledger.keys, tmp_path / f"{name}.role", name, STANDARD[name], ACT)
    return tmp_path


def places(folder: Path, role: str) -> Places:
    """The ledger with somebody's role file."""
    return Places.of(desk.places(folder).url, role=str(folder / f"{role}.role"))


def texts(folder: Path, role: str) -> set[str]:
    """Every sealed text that the program shows to a role."""
    with closing(Ledger(places(folder, role))) as ledger:
        return {
            str(text)
            for stream in ledger.recorder.streams()
            for _, entry in ledger.entries.stream(stream, None)
            for text in ledger.plain(entry).values()
        }


def keys_in_reach(folder: Path, role: str) -> set[bytes]:
    """Every string of 32 bytes that stands in the key database or the role file, or follows from those by our means."""
    held = read_role_file(folder / f"{role}.role").open_keys()
    found = {*held.keys.values(), held.own_key or b""}
    with rows_of(folder / "practice.keys") as rows:
        (ledger_id,) = rows.execute("SELECT ledger_id FROM key_database").fetchone()
        wrapped = rows.execute("SELECT key_id, subject, domain, wrapped FROM data_key").fetchall()
        delivered = rows.execute(
            "SELECT grant_id, domain, generation, delivered FROM granted_domain"
        ).fetchall()
        for table in ("setting", "domain_key", "voucher", "role_grant", "granted_domain", "data_key"):
            for row in rows.execute(f"SELECT * FROM {table}"):
                for value in row:
                    content = value if isinstance(value, bytes) else b""
                    found |= {content[at : at + 32] for at in range(max(0, len(content) - 31))}
    private = {*held.keys.values(), held.own_key or b""}
    for grant_id, domain, number, sealed in delivered:
        place = wrapping.Delivery(ledger_id, grant_id, Domain(domain), number)
        private |= {
            plain for key in private if (plain := wrapping.unwrap(sealed or b"", key, place)) is not None
        }
    for key_id, subject, domain, sealed in wrapped:
        its = wrapping.Place(ledger_id, subject, Domain(domain), key_id)
        found |= {plain for key in private if (plain := wrapping.unwrap(sealed, key, its)) is not None}
    for key in private:
        found |= {
            vouching._derived(key, f"engagement-ledger/{what}/v1".encode())
            for what in ("data-key-tag", "vouching-key")
        }
    return {key for key in found | private if len(key) == 32}


def opened_by(keys: set[bytes], folder: Path) -> set[str]:
    """The fields of disclosures that any of the keys decrypts."""
    with closing(sqlite3.connect(folder / "practice.db")) as rows:
        disclosures = rows.execute("SELECT * FROM disclosures").fetchall()
    opened = set()
    for stream, seq, field, digest, _, sealed in disclosures:
        place = f'["{stream}",{seq},"{field}","{digest}"]'.encode()
        for key in keys:
            try:
                AESGCM(key).decrypt(sealed[:12], sealed[12:], place)
            except InvalidTag:
                continue
            opened.add(f"{stream}/{seq}/{field}")
    return opened


@pytest.mark.parametrize("rotated", [False, True])
def test_no_way_of_the_program_and_no_key_in_his_reach_opens_a_therapy_text(
    folder: Path, rotated: bool
) -> None:
    if rotated:
        with KeyDatabase.open(folder / "practice.keys", folder / "practice.role") as owner:
            rotate(owner, list(Domain), ACT, quiet)

    assert SECRET in texts(folder, "therapist")
    assert SECRET not in texts(folder, "coach")
    assert "a new post" in texts(folder, "coach")
    with closing(Ledger(places(folder, "coach"))) as ledger:
        (digest,) = ledger.entries.stream("client/C-1", None)[1][1].event.rationale
        assert isinstance(digest, Digest)
        with pytest.raises(NoRightError, match="role coach"):
            ledger.text_of("client/C-1", digest)
    assert "client/C-1/2/rationale" in opened_by(keys_in_reach(folder, "therapist"), folder)
    assert opened_by(keys_in_reach(folder, "coach"), folder) == {
        "client/C-1/1/name",
        "client/C-1/1/date_of_birth",
        "client/C-1/1/contact",
        "client/C-1/4/signer_name",
        "client/C-1/5/rationale",
    }


def test_a_therapist_who_was_revoked_reads_nothing_with_the_key_database_as_it_is(folder: Path) -> None:
    with KeyDatabase.open(folder / "practice.keys", folder / "practice.role") as owner:
        (gone,) = (one for one in owner.store.grants() if one.role == "therapist")
        revoke(owner, gone, ACT, quiet)

    assert texts(folder, "therapist") == set()
    assert opened_by(keys_in_reach(folder, "therapist"), folder) == set()
    assert SECRET in texts(folder, "practice")


def test_nothing_that_counts_changes_with_the_keys(folder: Path) -> None:
    """Given a rotation, then entries, their texts as stored, and the log's signed head are what they were."""

    def record() -> tuple[object, ...]:
        with closing(sqlite3.connect(folder / "practice.db")) as rows:
            return tuple(
                rows.execute(f"SELECT * FROM {table}").fetchall()
                for table in ("stored_events", "disclosures", "checkpoints")
            )

    before = record()
    with KeyDatabase.open(folder / "practice.keys", folder / "practice.role") as owner:
        rotate(owner, list(Domain), ACT, quiet)
    assert record() == before


RECORDING = """
import sys
from pathlib import Path
from tests import desk
from tests.test_curious_coach import places
from ledger.application import Ledger
ledger = Ledger(places(Path(sys.argv[1]), sys.argv[2]))
print("ready", flush=True)
for number in range(12):
    client = f"C-{sys.argv[2]}-{number}"
    ledger.record([desk.fact("ClientRegistered", client=client, name="N", date_of_birth="1990-01-01", contact="c",
                             jurisdiction="US-NC")])
    print(client, flush=True)
"""


def test_others_record_and_read_while_keys_are_rotated_and_no_text_is_lost(folder: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", RECORDING, str(folder), role],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=OWN_PATH,
        )
        for role in ("practice", "coach", "nobody")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    with KeyDatabase.open(folder / "practice.keys", folder / "practice.role") as owner:
        for _ in range(6):
            rotate(owner, [Domain.IDENTITY], ACT, quiet)
        registered = []
        for writer in writers:
            with writer:
                registered += writer.stdout.read().split() if writer.stdout is not None else []
        rotate(owner, [Domain.IDENTITY], ACT, quiet)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert len(registered) == 36
    with closing(Ledger(places(folder, "practice"))) as ledger:
        for client in registered:
            ((_, entry),) = ledger.entries.stream(f"client/{client}", None)
            assert ledger.plain(entry)["name"] == "N"
    with rows_of(folder / "practice.keys") as rows:
        assert (
            len(rows.execute("SELECT DISTINCT generation FROM data_key WHERE domain = 'identity'").fetchall())
            == 1
        )


def test_a_kill_while_a_role_file_is_granted_leaves_no_file_that_nobody_can_revoke(folder: Path) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom ledger.keys import granting\n"
        "from ledger.keys.database import KeyDatabase\nfrom tests.keys.practice import ACT\n"
        "from ledger.values import Domain\n"
        "granting.write_role_file = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "folder = Path(sys.argv[1])\n"
        "keys = KeyDatabase.open(folder / 'practice.keys', folder / 'practice.role')\n"
        "granting.grant(keys, folder / 'new.role', 'coach', [Domain.COACHING], ACT, holder='Ben')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=False, env=OWN_PATH)
    assert done.returncode == -signal.SIGKILL
    assert not (folder / "new.role").exists()
    with KeyDatabase.open(folder / "practice.keys", folder / "practice.role") as owner:
        (known,) = (one for one in owner.store.grants() if one.holder == "Ben")
        revoke(owner, known, ACT, quiet)
