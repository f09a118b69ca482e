"""`verify`: what it says, and with which exit code."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from ledger.integrity.note import Signer, Verifier
from ledger.verification.verification import Report, verify
from tests.commands.program import Program


@pytest.fixture
def ledger(in_therapy: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setitem(cli._WHERE, "verify", ("ledger.commands.verify:verify", ""))
    return in_therapy


def damaged(program: Program) -> None:
    connection = sqlite3.connect(program.folder / "ledger.db")
    connection.execute("DROP TRIGGER stored_events_refuse_update")
    connection.execute("UPDATE stored_events SET topic = char(27) || '[31mX' WHERE position = 3")
    connection.commit()
    connection.close()


def test_a_sound_ledger(ledger: Program) -> None:
    done = ledger("verify")

    assert done.code == 0
    assert done.out.splitlines()[-1] == f"Sound: {ledger.count()} entries; every stored checkpoint holds."
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.err == ""


def test_faults_are_told_with_exit_code_4(ledger: Program) -> None:
    damaged(ledger)

    done = ledger("verify")

    assert done.code == 4
    assert "stored_events 3: column-mismatch: topic is" in done.told
    assert "stored_events stored_events_refuse_update: schema:" in done.told
    assert done.out.splitlines()[-1] == "NOT SOUND: 2 faults."
    assert "\x1b" not in done.out


def test_json(ledger: Program) -> None:
    sound = ledger("verify", "--json", "--jobs", "1", "--no-texts").json
    damaged(ledger)
    done = ledger("verify", "--json")

    assert sound["sound"] is True
    assert sound["faults"] == []
    assert sound["texts_opened"] == 0
    assert done.code == 4
    assert [(fault["table"], fault["position"], fault["kind"]) for fault in done.json["faults"]] == [
        ("stored_events", "stored_events_refuse_update", "schema"),
        ("stored_events", 3, "column-mismatch"),
    ]


def test_since_a_stored_checkpoint_and_one_in_a_file(ledger: Program) -> None:
    connection = sqlite3.connect(ledger.folder / "ledger.db")
    size, note = connection.execute("SELECT size, note FROM checkpoints ORDER BY size LIMIT 1").fetchone()
    connection.close()
    held = ledger.file("checkpoint.txt", note)

    for since in (str(size), held):
        assert f"the entries up to {size} were not read again" in ledger.good("verify", "--since", since).told
    assert (
        "1 checkpoint or receipt held: part of this ledger"
        in ledger.good("verify", "--checkpoint", held).told
    )
    assert ledger("verify", "--since", str(size), "--checkpoint", held).code == 2
    assert ledger("verify", "--since", "1").code == 5


def test_bad_input(ledger: Program, tmp_path: Path) -> None:
    assert ledger("verify", "--receipt", ledger.file("receipt.json", "{}")).code == 4
    assert ledger("verify", "--checkpoint", str(tmp_path / "absent")).code == 5
    assert ledger("verify", "--key", "x").code == 4


def test_no_ledger(empty: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli._WHERE, "verify", ("ledger.commands.verify:verify", ""))

    assert empty("verify").code == 2


def test_the_key_is_named_by_its_id_whatever_its_bytes(
    ledger: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Verifier("engagement-ledger/ledger", Signer("x", bytes([8]) * 32).verifier.public_key)
    assert key.vkey.count("+") > 2  # the sign stands in its base64, too

    def found(*_: object) -> Report:
        return replace(verify(*_), verifier=key.vkey)  # type: ignore[arg-type]

    monkeypatch.setattr("ledger.verification.verification.verify", found)

    assert f"signed with key {key.name}+{key.key_id:08x}\n" in ledger.good("verify").out
