"""`receipt verify`: what somebody sees who has nothing but a receipt."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.commands.receipt import receipt
from ledger.errors import LedgerError
from ledger.integrity import merkle
from ledger.integrity.canonical import dumps
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import Signer, sign
from ledger.integrity.proof import Proven, Receipt

SIGNER = Signer("harbor.example/ledger", bytes(range(32)))
STRANGER = Signer("harbor.example/ledger", bytes(32))
KEY = SIGNER.verifier.vkey


def header(seq: int, type_: str = "NoteWritten") -> bytes:
    return dumps(
        {
            "at": "2026-03-02T20:00:05.000000Z",
            "data": {"note": seq},
            "occurred_at": "2026-03-02",
            "seq": seq,
            "stream": "client/C-1",
            "type": type_,
        }
    )


def receipt_of(states: list[bytes], *positions: int) -> Receipt:
    leaves = [merkle.leaf_hash(state) for state in states]
    note = sign(Checkpoint(SIGNER.name, len(leaves), merkle.root(leaves)).format(), SIGNER)
    return Receipt(
        KEY,
        note,
        tuple(
            Proven(position, states[position - 1], tuple(merkle.inclusion_proof(leaves, position - 1)))
            for position in positions
        ),
    )


STATES = [header(seq) for seq in range(1, 8)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A receipt of entries 3 and 7."""
    path = tmp_path / "receipt.json"
    path.write_text(receipt_of(STATES, 3, 7).format(), encoding="utf-8")
    return path


def run(*args: str | Path) -> tuple[int, str, Result]:
    """One call in a folder without a ledger; the code as `cli.main` gives it, all that was said on one line."""
    result = CliRunner().invoke(receipt, [*map(str, args)])
    code = result.exit_code
    if isinstance(result.exception, LedgerError):
        code = result.exception.exit_code
        return code, str(result.exception), result
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return code, " ".join(result.output.split()), result


def test_with_the_key_it_holds(file: Path) -> None:
    code, told, _ = run("verify", file, "--key", KEY)

    assert code == 0
    assert "Entry 3: NoteWritten client/C-1, entry 3 of its stream" in told
    assert "happened 2026-03-02 recorded 2026-03-02T20:00:05.000000Z" in told
    assert f"leaf hash {merkle.leaf_hash(STATES[6]).hex()}" in told
    assert "Checkpoint of harbor.example/ledger: 7 entries" in told
    assert f"root {merkle.root([merkle.leaf_hash(state) for state in STATES]).hex()}" in told
    assert f"signed by {KEY}" in told
    assert "all 2 entries stand under the checkpoint, signed by the key given" in told
    assert "not verified" not in told


def test_without_a_key_it_says_plainly_what_is_not_known(file: Path) -> None:
    code, told, _ = run("verify", file)

    assert code == 0
    assert "internally consistent" in told
    assert (
        "The signer is not verified: get the ledger's public key from elsewhere and give it with --key"
        in told
    )
    assert "signed by the key given" not in told


def test_json(file: Path) -> None:
    for options, known in (([], False), (["--key", KEY], True)):
        code, _, result = run("verify", file, "--json", *options)
        document = json.loads(result.output)
        assert code == 0
        assert document["holds"] is True
        assert document["signer_verified"] is known
        assert document["verifier"] == KEY
        assert document["checkpoint"]["size"] == 7
        assert document["entries"][1] == {
            "position": 7,
            "stream": "client/C-1",
            "seq": 7,
            "type": "NoteWritten",
            "occurred_at": "2026-03-02",
            "recorded_at": "2026-03-02T20:00:05.000000Z",
            "leaf_hash": merkle.leaf_hash(STATES[6]).hex(),
            "entry": json.loads(STATES[6]),
        }


def test_another_key_ends_with_4(file: Path) -> None:
    code, told, _ = run("verify", file, "--key", STRANGER.verifier.vkey)

    assert code == 4
    assert "no signature by a known key" in told


def test_a_changed_receipt_ends_with_4_and_says_where(file: Path) -> None:
    file.write_text(
        file.read_text(encoding="utf-8").replace("2026-03-02T20", "2026-03-02T19", 1), encoding="utf-8"
    )
    for options in ([], ["--key", KEY], ["--json"]):
        code, told, result = run("verify", file, *options)
        assert code == 4
        assert "entries[0].leaf_hash" in told
        assert not result.output


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (b"no JSON", "not valid JSON"),
        (b"[]", "expected an object"),
        (b'"stream seq type occurred_at at"', "expected an object"),
        (b"{}", "missing stream"),
    ],
)
def test_what_stands_in_the_log_but_is_no_entry_ends_with_4(tmp_path: Path, state: bytes, told: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(receipt_of([state], 1).format(), encoding="utf-8")

    code, said, _ = run("verify", file)

    assert code == 4
    assert f"entry 1: its stored bytes are no entry: {told}" in said


def test_what_an_entry_says_cannot_move_the_cursor(tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_text(receipt_of([header(1, "X\u001b[2J\nThe receipt holds")], 1).format(), encoding="utf-8")

    code, told, result = run("verify", file, "--key", KEY)

    assert code == 0
    assert "\x1b" not in result.output
    assert "\nThe receipt holds\n" not in result.output
    assert "Entry 1: X\\u001b[2J The receipt holds" in told


def test_a_mistaken_call_ends_with_2(file: Path, tmp_path: Path) -> None:
    assert run("verify", tmp_path / "none.json")[0] == 2
    code, told, _ = run("verify", file, "--key", "harbor")
    assert code == 2
    assert "--key: expected a public key" in told
