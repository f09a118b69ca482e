"""Sealing: the index of all streams as an entry, what changed and no more, whoever records meanwhile."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count, pairwise
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import ConflictError, KeyDatabaseError, NotSealedError, RolledBackError
from ledger.events.ledger import StreamIndexCommitted
from ledger.integrity import merkle, prefix_map
from ledger.integrity.note import Verifier
from ledger.integrity.prefix_map import PrefixMap, head_value, stream_key
from ledger.keys.database import KeyDatabase
from ledger.proving.index import ATTEMPTS, seal
from ledger.proving.proofs import Proofs
from ledger.proving.signing import CheckpointSigner, Signed
from ledger.recording.statement import Statement
from ledger.storage.rows import StreamHead
from ledger.storage.tree_reading import TreeReading
from ledger.verification.verification import Question, verify
from tests import desk

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with its staff."""
    with desk.new_ledger(tmp_path) as made:
        made.record(desk.staff())
        yield made


def actor(name: str) -> Statement:
    return desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)


def practitioner(number: int) -> Statement:
    return desk.fact(
        "PractitionerRegistered", practitioner=f"Q-{number}", name="Q", services=["coaching"], internal=True
    )


def sealed(ledger: Ledger) -> Signed:
    return seal(ledger.committing, ledger.sealer, "director")


def from_scratch(ledger: Ledger, covers: int) -> PrefixMap:
    """The map of the streams of the log's first entries, made from the stored bytes alone."""
    leaves: dict[str, list[bytes]] = {}
    for page in ledger.recorder.pages(until=covers):
        for row in page:
            leaves.setdefault(row.stream, []).append(merkle.leaf_hash(row.state))
    return prefix_map.build(
        {
            stream_key(ledger.opened.origin, stream): head_value(len(hashes), merkle.root(hashes))
            for stream, hashes in leaves.items()
        }
    )


def committed(ledger: Ledger, position: int) -> StreamIndexCommitted:
    """The seal at a position."""
    row = ledger.recorder.at(position)
    assert row is not None
    event = ledger.entries.entry(row)[1].event
    assert isinstance(event, StreamIndexCommitted)
    return event


def nodes(ledger: Ledger) -> int:
    return int(ledger.recorder._all("SELECT count(*) FROM map_nodes")[0][0])


def assert_sealed(ledger: Ledger, signed: Signed) -> None:
    """Its last entry is the seal of everything before it, and its checkpoint is kept."""
    found = committed(ledger, signed.size)
    assert found.covers == signed.size - 1
    assert found.map_root == from_scratch(ledger, found.covers).root.hex()
    row = ledger.recorder.checkpoint_of(signed.size)
    assert row is not None
    assert row.note == signed.note
    leaves = [
        merkle.leaf_hash(row.state) for page in ledger.recorder.pages(until=signed.size) for row in page
    ]
    assert signed.root == merkle.root(leaves)


# -- what a seal commits ----------------------------------------------------------------------------------


def test_a_seal_commits_the_heads_of_all_streams(ledger: Ledger) -> None:
    ledger.record([desk.client(), desk.intake(), *desk.papers()])
    before = ledger.recorder.last_position()

    signed = sealed(ledger)

    assert signed.size == before + 1 == ledger.recorder.last_position()
    assert_sealed(ledger, signed)
    assert ledger.committing.signer.mark() == signed


def test_a_seal_says_who_made_it(ledger: Ledger) -> None:
    entry = ledger.entries.stream("ledger", None)
    signed = sealed(ledger)

    last = ledger.entries.stream("ledger", None)[-1]
    assert (last[0], last[1].by, last[1].seq) == (signed.size, "director", len(entry) + 1)


def test_a_new_ledger_can_be_sealed_at_once(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        assert_sealed(ledger, sealed(ledger))


def test_sealing_twice_without_change_gives_the_same_and_records_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = sealed(ledger)
    kept = nodes(ledger)

    assert sealed(ledger) == first
    with Ledger(desk.places(tmp_path)) as other:
        assert sealed(other) == first
    assert ledger.recorder.last_position() == first.size
    assert len(ledger.recorder.seals()) == 1
    assert nodes(ledger) == kept


def test_a_second_seal_touches_only_what_changed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly the nodes above the changed streams are new, and the map is the one made from scratch."""
    read: list[str] = []
    stream_heads = TreeReading.stream_heads

    def watched(reading: TreeReading, changed_after: int = 0) -> Iterator[StreamHead]:
        for head in stream_heads(reading, changed_after):
            read.append(head.stream)
            yield head

    ledger.record([practitioner(number) for number in range(300)])
    first = sealed(ledger)
    kept = nodes(ledger)
    assert kept == 2 * len(from_scratch(ledger, first.size - 1)) - 1

    ledger.record([desk.client()])
    monkeypatch.setattr(TreeReading, "stream_heads", watched)
    second = sealed(ledger)

    assert_sealed(ledger, second)
    whole = from_scratch(ledger, second.size - 1)
    assert read == ["client/C-1", "ledger"]
    changed = {stream_key(ledger.opened.origin, stream) for stream in read}
    assert nodes(ledger) - kept == len(set().union(*(above(whole, key) for key in changed)))


def above(whole: PrefixMap, key: bytes) -> set[tuple[int, int]]:
    """The nodes from a leaf to the root, each told by its bit and what its keys begin with."""
    path, number = whole.prove(key), int.from_bytes(key, "big")
    bits = [256, *path[::33]]
    return {(bit, number >> (256 - bit)) for bit in bits}


def test_many_seals_each_equal_a_map_from_scratch(ledger: Ledger) -> None:
    seals = []
    for number in range(12):
        ledger.record([practitioner(3 * number), practitioner(3 * number + 1), actor(f"desk-{number}")])
        seals.append(sealed(ledger))

    for signed in seals:
        assert_sealed(ledger, signed)
    assert [row.position for row in ledger.recorder.seals()] == [signed.size for signed in seals]


def test_old_seals_still_prove_after_new_ones(ledger: Ledger) -> None:
    first = sealed(ledger)
    proofs = Proofs(ledger.recorder, ledger.opened.origin, ledger.committing.signer.verifier.vkey)
    old = {stream: proofs.completeness(stream) for stream in ("ledger", "client/C-1", "practitioner/P-1")}

    for number in range(5):
        ledger.record([practitioner(number), actor(f"desk-{number}")])
        ledger.record([desk.client()] if not number else [actor(f"other-{number}")])
        sealed(ledger)

    known = [Verifier.parse(ledger.committing.signer.verifier.vkey)]
    at_first = proofs.sealed(first.size)
    for stream, proof in old.items():
        assert proofs.completeness(stream, at_first) == proof
        assert proof.check(known).size == first.size
    assert old["client/C-1"].count == 0
    assert proofs.completeness("client/C-1").count == 1


# -- others recording meanwhile ---------------------------------------------------------------------------

RECORDER = """
import sys
from itertools import count
from pathlib import Path
from ledger.application import Ledger
from ledger.errors import ConflictError
from tests import desk

with Ledger(desk.places(Path(sys.argv[1]))) as ledger:
    stop = Path(sys.argv[1]) / "stop"
    for number in count():
        if stop.exists():
            break
        name = f"{sys.argv[2]}-{number}"
        ledger.record([desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)])
        if number == 2:
            print("recording", flush=True)
"""


def others_came_between(seals: list[Signed]) -> bool:
    """From one seal to the next there are its own entry and one of ours, and more only if others recorded."""
    return any(later.size - earlier.size > 2 for earlier, later in pairwise(seals))


def test_sealed_while_other_processes_keep_recording(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
        others = [
            subprocess.Popen(
                [sys.executable, "-c", RECORDER, str(tmp_path), name],
                cwd=ROOT,
                env=ENVIRONMENT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in ("one", "two")
        ]
        seals = []
        try:
            for process in others:
                assert process.stdout is not None
                assert process.stdout.readline() == "recording\n"
            for number in range(50):
                seals.append(sealed(ledger))
                ledger.record([practitioner(number)])
                if number >= 3 and others_came_between(seals):
                    break
        finally:
            (tmp_path / "stop").touch()
            codes = [process.wait(30) for process in others]
            for process in others:
                process.communicate()

        assert codes == [0, 0]
        assert len(seals) >= 4
        assert others_came_between(seals)
        for signed in seals:
            assert_sealed(ledger, signed)


def test_a_seal_that_another_process_was_quicker_to_sign_past_is_made_anew(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger(desk.places(tmp_path)) as other:
        recorded = iter([actor("quicker")])
        after = ledger.committing.after

        def slow(size: int | None = None) -> Signed | None:
            for statement in recorded:
                other.record([statement])
            return after(size)

        monkeypatch.setattr(ledger.committing, "after", slow)

        signed = sealed(ledger)

    assert [row.position for row in ledger.recorder.seals()] == [6, 8]
    assert signed.size == 8
    assert_sealed(ledger, signed)
    proofs = Proofs(ledger.recorder, ledger.opened.origin, ledger.committing.signer.verifier.vkey)
    assert proofs.sealed().seal.position == 8
    assert ledger.recorder.checkpoint_of(6) is None  # nobody signed exactly that
    with pytest.raises(NotSealedError):
        proofs.sealed(7)


def test_where_others_never_stop_it_says_so(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count()
    with Ledger(desk.places(tmp_path)) as other:
        after = ledger.committing.after

        def slow(size: int | None = None) -> Signed | None:
            other.record([actor(f"quicker-{next(numbers)}")])
            return after(size)

        monkeypatch.setattr(ledger.committing, "after", slow)
        with pytest.raises(ConflictError, match="others kept recording"):
            sealed(ledger)
    assert next(numbers) == ATTEMPTS


# -- when it cannot be signed -----------------------------------------------------------------------------


@pytest.mark.parametrize("reopened", [False, True])
def test_a_seal_that_cannot_be_signed_is_recorded_once_and_signed_by_the_next(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, reopened: bool
) -> None:
    def gone(*_: object) -> Signed:
        raise KeyDatabaseError(tmp_path / "practice.keys", "the stick was pulled out")

    with monkeypatch.context() as patched:
        patched.setattr(ledger.committing.signer, "sign", gone)
        with pytest.raises(ConflictError, match=r"not signed yet.*stick was pulled out"):
            sealed(ledger)

    assert ledger.recorder.last_position() == 6
    if reopened:
        with Ledger(desk.places(tmp_path)) as other:
            assert sealed(other).size == 6
    assert sealed(ledger).size == 6
    assert_sealed(ledger, sealed(ledger))
    assert ledger.recorder.last_position() == 6


CHILD = """
import os, signal, sys
from pathlib import Path
from ledger.application import Ledger
from ledger.keys.database import KeyDatabase
from ledger.proving.committing import Committing
from ledger.proving.index import seal
from ledger.proving.signing import CheckpointSigner
from tests import desk

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def then(method, after):
    return lambda self, *args: (method(self, *args), after())[0]

STEPS = {
    "before the commit": lambda: setattr(CheckpointSigner, "refuse_unless_extends", die),
    "before the signature": lambda: setattr(KeyDatabase, "change_settings", die),
    "before it is kept": lambda: setattr(CheckpointSigner, "sign", then(CheckpointSigner.sign, die)),
}
ledger = Ledger(desk.places(Path(sys.argv[1])))
ledger.committing.signer.verifier
STEPS[sys.argv[2]]()
seal(ledger.committing, ledger.sealer, "director")
"""


@pytest.mark.parametrize("step", ["before the commit", "before the signature", "before it is kept"])
def test_killed_while_sealing_the_next_seal_has_a_checkpoint_of_exactly_its_size(
    tmp_path: Path, step: str
) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())

    died = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), step],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert died.returncode == -signal.SIGKILL, died.stderr
    with Ledger(desk.places(tmp_path)) as ledger:
        assert ledger.recorder.last_position() == (5 if step == "before the commit" else 6)
        signed = sealed(ledger)
        assert signed.size == 6
        assert_sealed(ledger, signed)
        assert ledger.record([actor("after")]).checkpoint is not None


# -- an older copy ----------------------------------------------------------------------------------------


def test_an_older_copy_is_not_sealed(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
    backup = (tmp_path / "practice.db").read_bytes()
    with Ledger(desk.places(tmp_path)) as ledger:
        ledger.record([actor("lost-1")])
        ledger.record([actor("lost-2")])
    (tmp_path / "practice.db").write_bytes(backup)

    with Ledger(desk.places(tmp_path)) as ledger:
        with pytest.raises(RolledBackError, match="checkpoint rebase"):
            sealed(ledger)
        assert ledger.recorder.last_position() == 5
        assert ledger.recorder.seals() == []
        assert nodes(ledger) == 0


def test_the_signer_of_a_seal_is_one_for_all_processes(ledger: Ledger, tmp_path: Path) -> None:
    keys = KeyDatabase.open(tmp_path / "practice.keys", tmp_path / "practice.role", passphrase=None)
    try:
        assert CheckpointSigner(keys, ledger.opened.origin).verifier == ledger.committing.signer.verifier
    finally:
        keys.close()


def test_a_row_put_among_the_seals_does_not_lead_the_next_seal_astray(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
        first = seal(ledger.committing, ledger.sealer, "desk")
        top = ledger.recorder.seals()[0].top
        with closing(sqlite3.connect(tmp_path / "practice.db")) as connection:
            connection.execute("INSERT INTO seals VALUES (99999, ?)", [top])
            connection.execute("INSERT INTO seals VALUES (4, ?)", [top])
            connection.commit()
        ledger.record([desk.client()])
        second = seal(ledger.committing, ledger.sealer, "desk")

    report = verify(desk.places(tmp_path), Question())

    assert second.size == first.size + 2
    assert {(fault.table, fault.position) for fault in report.faults} == {("seals", 4), ("seals", 99999)}
