"""After a working day nothing sealed stands anywhere in the clear; with a key, and asked for, all of it is there."""

import base64
import hashlib
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from ledger.application import Ledger
from ledger.errors import CiphertextError
from ledger.places import Places
from ledger.sealing import decrypt
from tests.commands.program import Program
from tests.leaks.secrets import found_in, leaks
from tests.leaks.session import CLIENT, Day
from tests.postgres.place import fresh_place
from tests.postgres.server import Server


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program in a folder that also has all its temporary files."""
    for name in ("ENGAGEMENT_LEDGER", "ENGAGEMENT_LEDGER_ACTOR", "ENGAGEMENT_LEDGER_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("tmp", "out"):
        (tmp_path / name).mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return Program(tmp_path, monkeypatch, capsys)


@pytest.fixture
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files lie that people bring along, with secrets in them."""
    return tmp_path_factory.mktemp("brought")


def said(day: Day, secrets: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the program said of the secrets, and in which command."""
    return [(command, one) for command, text in day.said for one in found_in(text.encode(), secrets)]


def test_nothing_leaks(watched: Program, brought: Path, tmp_path: Path) -> None:
    # Given a day with some forty secrets; somebody has the ledger open, so that its write-ahead logs are there
    day = Day(watched, brought)
    day.begin()
    held = Ledger(Places.of(watched.url))
    day.record()
    day.go_wrong()
    day.look()
    day.write(tmp_path / "out")
    secrets = day.planted.marks
    assert len(day.planted.secrets) > 40
    assert (tmp_path / "ledger.db-wal").stat().st_size > 0
    assert {one.name for one in (tmp_path / "out").iterdir()} >= {"bundle.zip", "audit.html", "all.csv"}

    # Then no file holds any of them, in whatever form
    assert leaks(tmp_path, secrets) == []
    held.close()

    # And the program said none of them
    assert said(day, secrets) == []

    # But asked for, with a key, they are told
    told = day("timeline", CLIENT, "--reveal", "--json").out.encode()
    shown = {one.partition(" in ")[0].partition("#")[0] for one in found_in(told, day.planted.secrets)}
    assert {
        "OutsideCareNoted.provider",
        "ConcernRaised.details",
        "HoldPlaced.matter",
        "changes.contact",
    } <= shown
    day("export", "ndjson", str(tmp_path / "revealed.ndjson"), "--reveal")
    assert leaks(tmp_path, secrets)


def test_nothing_leaks_to_a_server(
    watched: Program, brought: Path, tmp_path: Path, own_postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the same day on a server that writes every statement into its log, with its parameters
    with (
        fresh_place(own_postgres.url()) as watched.url,
        psycopg.connect(own_postgres.url(), autocommit=True) as connection,
    ):
        connection.execute("ALTER DATABASE postgres SET log_statement = 'all'")
        for name in ("keys", "role"):
            monkeypatch.setenv(f"ENGAGEMENT_LEDGER_{name.upper()}", str(tmp_path / f"ledger.{name}"))
        day = Day(watched, brought)
        day.begin()
        day.record()
        day.go_wrong()
        day.look()
        day.write(tmp_path / "out")
        connection.execute("CHECKPOINT")

        # Then neither its files and logs nor ours hold a secret
        secrets = day.planted.marks
        log = (own_postgres.folder / "log").read_text(errors="replace")
        assert log.count("INSERT INTO") > 10
        assert "DETAIL:  parameters: " in log
        assert leaks(own_postgres.folder, secrets) == []
        assert leaks(tmp_path, secrets) == []
        assert said(day, secrets) == []
        connection.execute("ALTER DATABASE postgres RESET log_statement")


def test_a_stolen_laptop_without_its_keys(watched: Program, brought: Path, tmp_path: Path) -> None:
    # Given a ledger with its views, a bundle and exports
    day = Day(watched, brought)
    day.begin()
    day.write(tmp_path / "out")
    watched("caseload")
    secrets = day.planted.marks
    reveal = (
        ("show", "client", CLIENT, "--reveal"),
        ("timeline", CLIENT, "--reveal"),
        ("export", "ndjson", str(tmp_path / "stolen.ndjson"), "--reveal"),
        ("bundle", CLIENT, "-o", str(tmp_path / "stolen.zip"), "--reveal", "identity,therapy,coaching"),
    )

    # When whoever has it has no role file; and when not even the key database
    for lost in (["ledger.role"], ["ledger.keys", "ledger.keys-wal", "ledger.keys-shm"]):
        for name in lost:
            (tmp_path / name).unlink(missing_ok=True)
        for command in reveal:
            done = watched(*command)
            assert "Traceback" not in done.err, command
            assert found_in((done.out + done.err).encode(), secrets) == [], command
        (tmp_path / "stolen.ndjson").unlink(missing_ok=True)

    # Then nothing sealed can be read, and everything coded can
    assert leaks(tmp_path, secrets) == []
    assert watched.good("audit", "--client", "C-4MZ2TW", "--json").json["clients"] == 1


def test_no_key_in_the_key_database_opens_a_text(watched: Program, brought: Path, tmp_path: Path) -> None:
    # Given ledger and key database, and no role file
    Day(watched, brought).begin()
    (tmp_path / "ledger.role").unlink()
    with sqlite3.connect(tmp_path / "ledger.keys") as keys:
        stored = [
            bytes(cell)
            for table in (
                "setting",
                "data_key",
                "domain_key",
                "client_index",
                "voucher",
                "granted_domain",
                "role_grant",
            )
            for row in keys.execute(f"SELECT * FROM {table}")
            for cell in row
            if isinstance(cell, bytes)
        ]
    with sqlite3.connect(tmp_path / "ledger.db") as ledger:
        texts = ledger.execute("SELECT stream, seq, field, digest, ciphertext FROM disclosures").fetchall()

    # When every 32 bytes of it that could be a key are tried as one
    tried = {piece[at : at + 32] for piece in stored for at in range(len(piece) - 31)}
    tried |= {hashlib.sha256(piece).digest() for piece in stored}
    opened = [
        (field, key)
        for stream, seq, field, digest, ciphertext in texts[:3]
        for key in tried
        if opens(ciphertext, key, stream=stream, seq=seq, field=field, digest=digest)
    ]

    # Then none is
    assert len(tried) > 100
    assert opened == []


@pytest.mark.parametrize("whole", [False, True])
def test_a_fault_of_the_program_says_where_and_not_what(
    program: Program, monkeypatch: pytest.MonkeyPatch, *, whole: bool
) -> None:
    # Given a fault whose words repeat a client's name
    name = f"Zoë Quill{'wort'}"  # which no source line that is printed shows

    def faulty(*_: object, **__: object) -> None:
        raise ValueError(f"cannot do anything with {name}")

    monkeypatch.setattr(Ledger, "record", faulty)
    if whole:
        monkeypatch.setenv("ENGAGEMENT_LEDGER_TRACEBACK", "1")

    given = ("--name", name, "--date-of-birth", "1990-01-01", "--contact", "x")
    done = program("record", "client-registered", *given, "--jurisdiction", "US-NC")

    # Then the program says where it happened, and the words only to who asks for them
    assert done.code == 70
    assert "in carry_out" in done.err
    assert "ValueError" in done.err
    assert ("Quillwort" in done.err) is whole


def opens(ciphertext: bytes, key: bytes, **place: Any) -> bool:
    try:
        decrypt(ciphertext, key, **place)
    except CiphertextError:
        return False
    return True


def test_every_form_is_found(tmp_path: Path) -> None:
    """The search itself: a secret put down in any of the forms is found."""
    secret = {"here": "Zäß01 quillwort"}
    text = secret["here"]
    for number, content in enumerate(
        (
            text.encode(),
            text.encode("utf-16"),
            text.encode("latin-1"),
            b"x" + base64.b64encode(b"a" + text.encode()),
            base64.urlsafe_b64encode(json.dumps(["salt", text], ensure_ascii=False).encode()),
            base64.b64encode(b"ab" + text.encode() + b"c"),
            text.encode().hex().encode(),
            json.dumps(text).encode(),
            quote(text).encode(),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "file").write_bytes(b"before " + content + b" after")
        assert leaks(folder, secret), number
    with zipfile.ZipFile(tmp_path / "9.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a", text * 3)
    assert any("9.zip" in one for one in leaks(tmp_path, secret))
