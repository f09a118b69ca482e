"""`witness`: what another party types, what it hands out, what it keeps, and what no file can make it do."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import clock
from ledger.commands import witness_cosign
from ledger.commands.witness import witness
from ledger.errors import ConflictError, LedgerError, StorageError
from ledger.integrity import merkle
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import CosignerVerifier, timestamp_of
from ledger.integrity.note import Signer, open_note, sign
from ledger.integrity.witness import Request
from ledger.proving import witness_state
from tests.commands.program import Done
from tests.thoroughness import examples

ROOT = Path(__file__).resolve().parents[2]
LOG = Signer("engagement-ledger/harbor", bytes(range(32)))
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(20)]
OTHER = [*LEAVES[:3], merkle.leaf_hash(b"changed"), *LEAVES[4:]]


class Witness:
    """One person's witness: a folder with the state file, and the files that came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "witness.json"

    def __call__(self, verb: str, *args: str | Path) -> Done:
        result = CliRunner().invoke(witness, [verb, str(self.state), *map(str, args)])
        code = result.exit_code
        said = result.stderr
        if isinstance(result.exception, LedgerError):
            code, said = result.exception.exit_code, f"{said}Error: {result.exception}"
        elif result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(code, result.stdout, said)

    def good(self, verb: str, *args: str | Path) -> Done:
        done = self(verb, *args)
        assert done.code == 0, f"{done.out}{done.err}"
        return done

    def document(self) -> Any:
        return json.loads(self.state.read_text(encoding="utf-8"))

    @property
    def shown(self) -> Any:
        return self.good("show", "--json").json

    @property
    def verifier(self) -> CosignerVerifier:
        return CosignerVerifier.parse(self.shown["vkey"])

    def file(
        self,
        size: int,
        since: int | None = None,
        leaves: list[bytes] = LEAVES,
        by: Signer = LOG,
        origin: str = LOG.name,
    ) -> Path:
        """A checkpoint as the practice exports it, with the proof from `since`."""
        note = sign(Checkpoint(origin, size, merkle.root(leaves[:size])).format(), by)
        proof = merkle.consistency_proof(leaves[:size], since) if since and since <= size else []
        path = self.folder / "came.txt"
        path.write_text(Request(since, tuple(proof), note).format(), encoding="utf-8")
        return path


@pytest.fixture
def ann(tmp_path: Path) -> Witness:
    """A witness who has seen nothing."""
    made = Witness(tmp_path)
    made.good("init", "--name", "example.org/ann")
    return made


@pytest.fixture
def seen5(ann: Witness) -> Witness:
    """A witness who has cosigned five entries."""
    ann.good("cosign", ann.file(5), "--log-key", LOG.verifier.vkey)
    return ann


# -- init and show ----------------------------------------------------------------------------------------


def test_init_makes_one_private_file_and_tells_the_public_key(tmp_path: Path) -> None:
    ann = Witness(tmp_path)

    done = ann.good("init", "--name", "example.org/ann")

    assert [path.name for path in tmp_path.iterdir()] == ["witness.json"]
    assert stat.S_IMODE(ann.state.stat().st_mode) == 0o600
    assert ann.shown["vkey"] in done.out
    assert "PRIVATE" not in done.out + done.err


def test_init_never_writes_over_what_is_there(ann: Witness) -> None:
    before = ann.state.read_bytes()

    again = ann("init", "--name", "example.org/ann")

    assert (again.code, ann.state.read_bytes()) == (2, before)
    assert "exists already" in again.err


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\x1bb", "a\u202eb", "x" * 201, "\ud800"])
def test_a_name_that_no_signature_line_can_carry(tmp_path: Path, name: str) -> None:
    done = Witness(tmp_path)("init", "--name", name)

    assert done.code == 2
    assert "--name" in done.err
    assert list(tmp_path.iterdir()) == []


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    done = Witness(tmp_path / "nowhere")("init", "--name", "ann")

    assert done.code == 5
    assert "cannot be used" in done.err


def test_show_tells_what_was_seen_and_never_the_private_key(seen5: Witness) -> None:
    told = seen5.good("show")
    printed = seen5.good("show", "--json")

    assert LOG.name in told.out
    assert merkle.root(LEAVES[:5]).hex()[:12] in told.out
    assert "Evidence kept: 0" in told.out
    assert max(map(len, told.out.splitlines())) <= 100
    assert "PRIVATE" not in told.out + told.err + printed.out
    (log,) = printed.json["logs"]
    assert (log["origin"], log["size"], log["vkey"]) == (LOG.name, 5, LOG.verifier.vkey)


def test_show_warns_of_a_file_others_can_read(ann: Witness) -> None:
    ann.state.chmod(0o644)

    assert "chmod 600" in ann.good("show").told


def test_without_a_state_file_it_says_how_to_make_one(tmp_path: Path) -> None:
    ann = Witness(tmp_path)

    for verb, args in (("show", ()), ("cosign", (ann.file(5),))):
        done = ann(verb, *args)
        assert done.code == 2
        assert "witness init" in done.err


# -- cosigning --------------------------------------------------------------------------------------------


def test_the_first_time_the_key_must_come_another_way(ann: Witness) -> None:
    before = ann.state.read_bytes()

    done = ann("cosign", ann.file(5))

    assert done.code == 2
    assert "--log-key" in done.err
    assert "another way than this file" in done.err
    assert (done.out, ann.state.read_bytes()) == ("", before)


def test_the_cosigned_note_carries_both_signatures_and_the_time(
    ann: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: "2026-03-02T20:00:00.900000Z")

    done = ann.good("cosign", ann.file(5), "--log-key", LOG.verifier.vkey)

    opened = open_note(done.out, (LOG.verifier, ann.verifier))
    assert [one.name for one in opened.verified] == [LOG.name, "example.org/ann"]
    assert timestamp_of(opened.verified[1]) == 1772481600
    assert "5 entries" in done.told
    assert ann.shown["logs"][0]["at"] == 1772481600


def test_later_the_key_is_known_and_growth_needs_its_proof(seen5: Witness) -> None:
    out = seen5.folder / "cosigned.txt"

    done = seen5.good("cosign", seen5.file(9, 5), "-o", out)

    assert done.out == ""
    assert Checkpoint.parse(open_note(out.read_text(), (seen5.verifier,)).text).size == 9
    assert seen5.shown["logs"][0]["size"] == 9
    assert seen5.shown["evidence"] == []


def test_json_gives_the_note(seen5: Witness) -> None:
    told = seen5.good("cosign", seen5.file(9, 5), "--json").json

    assert (told["size"], told["since"], told["output"]) == (9, 5, None)
    assert open_note(told["note"], (seen5.verifier,)).verified


def test_two_logs_are_kept_apart(seen5: Witness) -> None:
    second = Signer("engagement-ledger/second", bytes(32))

    came = seen5.file(3, by=second, origin=second.name)
    seen5.good("cosign", came, "--log-key", second.verifier.vkey)

    assert {(log["origin"], log["size"]) for log in seen5.shown["logs"]} == {(LOG.name, 5), (second.name, 3)}


def test_the_witness_file_is_never_the_output(seen5: Witness) -> None:
    before = seen5.state.read_bytes()
    link, hard = seen5.folder / "link", seen5.folder / "hard"
    link.symlink_to(seen5.state)
    hard.hardlink_to(seen5.state)

    for out in (seen5.state, Path(f"{seen5.state}.lock"), link, hard):
        assert seen5("cosign", seen5.file(9, 5), "-o", out).code == 2
    assert seen5.state.read_bytes() == before


def test_a_state_file_reached_by_a_link_stays_one_file(seen5: Witness) -> None:
    link = Witness(seen5.folder)
    link.state = seen5.folder / "link"
    link.state.symlink_to(seen5.state)

    link.good("cosign", seen5.file(9, 5))

    assert link.state.is_symlink()
    assert seen5.shown["logs"][0]["size"] == 9


# -- refusing ---------------------------------------------------------------------------------------------


def test_a_split_view_is_refused_proven_and_kept(seen5: Witness) -> None:
    before = seen5.shown["logs"]

    done = seen5("cosign", seen5.file(5, leaves=OTHER))

    assert (done.code, done.out) == (4, "")
    assert "two different records of 5 entries" in done.told
    assert str(seen5.state) in done.told
    assert seen5.shown["logs"] == before
    (kept,) = seen5.shown["evidence"]
    assert (kept["kind"], kept["proven"]) == ("split-view", True)
    roots = {
        Checkpoint.parse(open_note(kept[name], (LOG.verifier,)).text).root for name in ("seen", "refused")
    }
    assert roots == {merkle.root(LEAVES[:5]), merkle.root(OTHER[:5])}
    assert "Evidence kept: 1" in seen5.good("show").out
    # It is said again with the next cosignature.
    assert "proof(s) of misconduct" in seen5.good("cosign", seen5.file(9, 5)).told


def test_two_witnesses_find_the_split_view_by_exchanging_files(tmp_path: Path) -> None:
    people = []
    for name, leaves in (("ann", LEAVES), ("bob", OTHER)):
        (tmp_path / name).mkdir()
        person = Witness(tmp_path / name)
        person.good("init", "--name", name)
        person.good(
            "cosign",
            person.file(5, leaves=leaves),
            "--log-key",
            LOG.verifier.vkey,
            "-o",
            tmp_path / f"{name}.txt",
        )
        people.append(person)

    assert people[0]("cosign", tmp_path / "bob.txt").code == 4
    assert people[1]("cosign", tmp_path / "ann.txt").code == 4
    assert [person.shown["evidence"][0]["kind"] for person in people] == ["split-view", "split-view"]


@pytest.mark.parametrize("since", [None, 0, 3, 6])
def test_without_the_right_proof_it_says_what_to_ask_for(seen5: Witness, since: int | None) -> None:
    done = seen5("cosign", seen5.file(9, since))

    assert (done.code, done.out) == (5, "")
    assert "engagement-ledger checkpoint export --since 5 -o FILE" in done.told
    assert "Nothing is said against the log" in done.told
    assert [kept["kind"] for kept in seen5.shown["evidence"]] == ["proof-needed"]


def test_an_older_checkpoint_accuses_nobody(seen5: Witness) -> None:
    done = seen5("cosign", seen5.file(3))

    assert (done.code, done.out) == (5, "")
    assert "shows nothing wrong" in done.told
    assert "--since 5" in done.told
    assert seen5.shown["logs"][0]["size"] == 5
    assert [kept["kind"] for kept in seen5.shown["evidence"]] == ["older"]


def test_a_proof_that_does_not_hold(seen5: Witness) -> None:
    done = seen5("cosign", seen5.file(9, 5, OTHER))

    assert (done.code, done.out) == (4, "")
    assert "does not hold" in done.told
    (kept,) = seen5.shown["evidence"]
    assert (kept["kind"], kept["proven"]) == ("inconsistent", False)
    assert Request.parse(kept["request"]).old_size == 5


def test_the_same_refusal_is_kept_once(seen5: Witness) -> None:
    for _ in range(3):
        seen5("cosign", seen5.file(3))

    assert len(seen5.shown["evidence"]) == 1


def test_evidence_never_fills_the_file(seen5: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness_state, "MAX_EVIDENCE", 100)

    done = seen5("cosign", seen5.file(5, leaves=OTHER))

    assert done.code == 4
    assert "no room left" in done.told
    assert seen5.shown["evidence"] == []
    seen5.good("cosign", seen5.file(9, 5))


def test_a_refusal_is_told_even_where_it_cannot_be_kept(
    seen5: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError(seen5.state, "the disk is full")

    monkeypatch.setattr(witness_state, "save", full)

    done = seen5("cosign", seen5.file(5, leaves=OTHER))

    assert done.code == 4
    assert "two different records" in done.told
    assert "the disk is full" in done.told


def test_a_checkpoint_by_another_key_is_refused_and_is_no_evidence(seen5: Witness) -> None:
    stranger = Signer(LOG.name, bytes(32))

    done = seen5("cosign", seen5.file(9, 5, by=stranger))

    assert (done.code, done.out) == (4, "")
    assert "no signature by a known key" in done.told
    assert seen5.shown["evidence"] == []


def test_a_key_cannot_be_swapped_by_the_way(seen5: Witness) -> None:
    new = Signer(LOG.name, bytes(32))
    came = seen5.file(9, 5, by=new)

    swapped = seen5("cosign", came, "--log-key", new.verifier.vkey)
    assert swapped.code == 2
    assert "known by another key" in swapped.told

    assert seen5("cosign", came, "--key-changed").code == 2

    rewritten = seen5.file(5, leaves=OTHER, by=new)
    assert seen5("cosign", rewritten, "--log-key", new.verifier.vkey, "--key-changed").code == 4

    came = seen5.file(9, 5, by=new)
    changed = seen5.good("cosign", came, "--log-key", new.verifier.vkey, "--key-changed")
    assert "new key" in changed.told
    assert [(log["vkey"], log["size"]) for log in seen5.shown["logs"]] == [(new.verifier.vkey, 9)]
    assert [kept["kind"] for kept in seen5.shown["evidence"]] == ["split-view", "key-changed"]
    # The former key is no longer taken.
    assert seen5("cosign", seen5.file(12, 9)).code == 4


def test_a_known_key_under_another_origin_is_refused(seen5: Witness) -> None:
    for options in ((), ("--log-key", LOG.verifier.vkey)):
        done = seen5("cosign", seen5.file(9, origin="engagement-ledger/other"), *options)

        assert done.code == 4
        assert "keeps its name" in done.told
    assert [kept["kind"] for kept in seen5.shown["evidence"]] == ["other-origin"]


def test_a_clock_that_went_back_states_no_time(seen5: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: "2020-01-01T00:00:00.000000Z")

    done = seen5("cosign", seen5.file(9, 5))

    assert done.code == 5
    assert "clock" in done.told
    assert seen5.shown["logs"][0]["size"] == 5


@pytest.mark.parametrize("key", ["", "x", "a+00000000+AAAA", "\x1b[31m"])
def test_a_log_key_that_is_none(ann: Witness, key: str) -> None:
    done = ann("cosign", ann.file(5), "--log-key", key)

    assert done.code == 2
    assert "--log-key" in done.err


# -- hostile files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 100,
        b"old 5\n",
        b"x" * (1 << 20),
        b"old 5\n" + b"A" * 100_000 + b"\n\nx",
        b"\n\n" * 1000,
        "old 5\n\na\n1\n\n\n\u202e".encode(),
        b"a\n1\n" + b"A" * 43 + b"=\n\n" + "\N{EM DASH} a AAAA\n".encode() * 500,
    ],
)
def test_a_hostile_checkpoint_is_bad_input(seen5: Witness, content: bytes) -> None:
    came = seen5.folder / "hostile"
    came.write_bytes(content)
    before = seen5.state.read_bytes()

    for options in ((), ("--log-key", LOG.verifier.vkey)):
        done = seen5("cosign", came, *options)
        assert done.code in {2, 4, 5}
        assert done.out == ""
    assert seen5.state.read_bytes() == before


def test_no_more_is_read_than_a_checkpoint_can_have(seen5: Witness) -> None:
    done = seen5("cosign", "/dev/zero")

    assert done.code == 5
    assert f"at most {witness_cosign.MAX_REQUEST} bytes" in done.told


def test_a_checkpoint_file_that_cannot_be_read(seen5: Witness) -> None:
    for came in (seen5.folder, seen5.folder / "nowhere"):
        assert seen5("cosign", came).code == 5


def _with(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda document: {**document, **changes}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: [], "an object"),
        (lambda _: None, "an object"),
        (_with(more=1), "an object of format, name"),
        (_with(format="something else"), "format: expected"),
        (_with(format=1), "format: expected"),
        (_with(name="example.org/bob"), "name: expected"),
        (_with(name=None), "name: expected"),
        (_with(key=None), "key: expected"),
        (_with(key="PRIVATE+KEY+secret"), "key: expected"),
        (_with(logs=[]), "logs: expected"),
        (_with(logs={"x": "y"}), "malformed key"),
        (_with(logs={LOG.verifier.vkey: 5}), "expected text"),
        (_with(logs={LOG.verifier.vkey: "a\n1\n"}), "no empty line"),
        (_with(evidence={}), "evidence: expected a list"),
        (_with(evidence=[1]), "a piece of evidence"),
        (
            _with(evidence=[dict.fromkeys(("kind", "vkey", "seen", "refused", "request", "why", "at"))]),
            "a kind",
        ),
    ],
)
def test_a_state_of_wrong_types_is_told_as_damaged(
    seen5: Witness, change: Callable[[dict[str, Any]], Any], words: str
) -> None:
    seen5.state.write_text(json.dumps(change(seen5.document())))
    before = seen5.state.read_bytes()

    for done in (seen5("show"), seen5("cosign", seen5.file(9, 5))):
        assert done.code == 4
        assert words in done.told
        assert "secret" not in done.told
    assert seen5.state.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"\xff", b"{", b"[" * 100_000, b"{}", b"1e999", b" " * (17 << 20)])
def test_a_state_that_is_no_json(ann: Witness, content: bytes) -> None:
    ann.state.write_bytes(content)

    assert ann("show").code == 4


def test_a_state_of_a_newer_program_is_left_alone(ann: Witness) -> None:
    ann.state.write_text(json.dumps(_with(format="engagement-ledger witness 2", new=1)(ann.document())))

    done = ann("show")

    assert done.code == 2
    assert "newer" in done.told


def test_what_was_seen_cannot_be_edited_back(seen5: Witness) -> None:
    note = sign(Checkpoint(LOG.name, 3, merkle.root(LEAVES[:3])).format(), LOG)
    seen5.state.write_text(json.dumps(_with(logs={LOG.verifier.vkey: note})(seen5.document())))

    assert seen5("show").code == 4


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(300)
)
@given(st.data())
def test_no_single_changed_byte_gives_a_traceback(seen5: Witness, data: st.DataObject) -> None:
    good = seen5.folder / "good"
    if not good.exists():
        seen5("cosign", seen5.file(5, leaves=OTHER))
        good.write_bytes(seen5.state.read_bytes())
    content = bytearray(good.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    seen5.state.write_bytes(content)

    shown = seen5("show")
    cosigned = seen5("cosign", seen5.file(9, 5))

    assert shown.code in {0, 2, 4}
    assert cosigned.code in {0, 2, 4}
    assert "PRIVATE" not in shown.told + cosigned.told


# -- killed, and two at once ------------------------------------------------------------------------------


def test_nothing_is_handed_out_before_the_state_is_durable(
    seen5: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen5.state.read_bytes()
    came = seen5.file(9, 5)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        done = seen5("cosign", came)

    assert (done.code, done.out) == (5, "")
    assert seen5.state.read_bytes() == before
    assert {path.name for path in seen5.folder.iterdir()} == {"witness.json", "witness.json.lock", "came.txt"}


def test_what_a_killed_process_left_half_written_is_cleared_away(seen5: Witness) -> None:
    left = seen5.folder / ".witness.json.new"
    left.write_bytes(seen5.state.read_bytes()[:50])

    seen5.good("cosign", seen5.file(9, 5))

    assert not left.exists()
    assert seen5.shown["logs"][0]["size"] == 9


def test_killed_between_state_and_output_it_is_asked_again(
    seen5: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = seen5.file(9, 5)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(witness_cosign, "_hand_out", killed)
        result = CliRunner().invoke(witness, ["cosign", str(seen5.state), str(came)])
        assert (result.exit_code, result.stdout) == (1, "\n" if result.stdout else "")
    assert seen5.shown["logs"][0]["size"] == 9

    again = seen5.good("cosign", came)

    assert Checkpoint.parse(open_note(again.out, (seen5.verifier,)).text).size == 9
    assert "the same as before" in again.told
    assert seen5.shown["evidence"] == []
    assert stat.S_IMODE(seen5.state.stat().st_mode) == 0o600


def test_an_output_that_cannot_be_written_is_told(seen5: Witness) -> None:
    done = seen5("cosign", seen5.file(9, 5), "-o", seen5.folder / "nowhere" / "out")

    assert done.code == 5
    assert "cosign it again" in done.told
    seen5.good("cosign", seen5.file(9, 5))


def _start(person: Witness, *args: str | Path) -> "subprocess.Popen[bytes]":
    program = "from ledger.commands.witness import witness; witness()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "cosign", str(person.state), *map(str, args)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_processes_at_once_lose_nothing(ann: Witness) -> None:
    # Given many logs, each new to the witness
    logs = [Signer(f"log-{number}", bytes([number + 1] * 32)) for number in range(8)]
    running = []
    for log in logs:
        came = ann.file(5, by=log, origin=log.name).rename(ann.folder / log.name)
        running.append(_start(ann, came, "--log-key", log.verifier.vkey))

    # When all are cosigned at the same time
    codes = [process.wait(60) for process in running]
    for process in running:
        process.communicate()

    # Then every one is remembered
    assert codes == [0] * len(logs)
    assert {log["origin"] for log in ann.shown["logs"]} == {log.name for log in logs}


def test_of_two_records_shown_at_once_one_is_cosigned(seen5: Witness) -> None:
    one = seen5.file(9, 5).rename(seen5.folder / "one")
    forked = [*LEAVES[:7], merkle.leaf_hash(b"fork"), *LEAVES[8:]]
    two = seen5.file(9, 5, forked).rename(seen5.folder / "two")

    running = [_start(seen5, came) for came in (one, two)]
    outs = [process.communicate(timeout=60)[0] for process in running]

    assert sorted(bool(out) for out in outs) == [False, True]
    assert [kept["kind"] for kept in seen5.shown["evidence"]] == ["split-view"]


def test_a_lock_held_by_another_is_waited_for_and_told(
    seen5: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_state, "TRIES", 2)
    with witness_state.locked(seen5.state):
        done = seen5("cosign", seen5.file(9, 5))

    assert done.code == ConflictError.exit_code
    assert "in use by another process" in done.told
    seen5.good("cosign", seen5.file(9, 5))
