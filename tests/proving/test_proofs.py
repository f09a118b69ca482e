"""What the ledger gives out: receipts, consistency and completeness, each checked as a stranger would."""

from collections.abc import Iterator
from math import ceil, log2
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import InputError, NotSealedError, ProofError
from ledger.integrity import merkle
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import Signer, Verifier
from ledger.integrity.proof import Completeness, Receipt
from ledger.proving.index import seal
from ledger.proving.proofs import Proofs
from ledger.proving.restoring import rebase
from ledger.recording.statement import Statement
from ledger.storage.rows import CheckpointRow
from tests import desk

CLIENTS = 9


class Practice:
    """A ledger of some seventy entries, sealed twice, with what a naive reader makes of its bytes."""

    def __init__(self, folder: Path) -> None:
        self.ledger = desk.new_ledger(folder)
        self.ledger.record(desk.staff())
        for number in range(CLIENTS):
            name = f"C-{number}"
            self.ledger.record([desk.of_client("ClientRegistered", **CLIENT, client=name)])
            self.ledger.record([desk.intake(client=name), *desk.papers(client=name)[:1]])
            if number == 4:
                self.first = seal(self.ledger.committing, self.ledger.sealer, "director")
        for number in range(32):
            self.ledger.record([actor(f"desk-{number}")])
        self.second = seal(self.ledger.committing, self.ledger.sealer, "director")
        for number in range(3):
            self.ledger.record([actor(f"late-{number}")])
        self.ledger.record([late()])
        self.ledger.committing.keep()
        self.vkey = self.ledger.committing.signer.verifier.vkey
        self.known = [Verifier.parse(self.vkey)]
        self.proofs = Proofs(self.ledger.recorder, self.ledger.opened.origin, self.vkey)
        self.rows = [row for page in self.ledger.recorder.pages() for row in page]
        self.leaves = [merkle.leaf_hash(row.state) for row in self.rows]
        self.checkpoints: list[CheckpointRow] = list(self.ledger.recorder.checkpoints())

    def leaves_of(self, stream: str, until: int) -> tuple[bytes, ...]:
        return tuple(merkle.leaf_hash(row.state) for row in self.rows[:until] if row.stream == stream)


CLIENT = {
    "name": "Zoë",
    "date_of_birth": "1990-02-03",
    "contact": "zoe@mail.example",
    "jurisdiction": "US-NC",
}


def actor(name: str) -> Statement:
    return desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)


def late() -> Statement:
    """A client registered after the last seal."""
    return desk.of_client("ClientRegistered", **CLIENT, client="C-late")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    made = Practice(tmp_path_factory.mktemp("practice"))
    try:
        yield made
    finally:
        made.ledger.close()


# -- receipts ---------------------------------------------------------------------------------------------


def test_there_is_something_to_prove(practice: Practice) -> None:
    assert len(practice.leaves) >= 65
    assert len(practice.checkpoints) >= 40
    assert practice.checkpoints[-1].size == len(practice.leaves)


def test_receipts_of_every_entry_at_several_checkpoints(practice: Practice) -> None:
    for checkpoint in [*practice.checkpoints[::7], practice.checkpoints[-1]]:
        leaves = practice.leaves[: checkpoint.size]
        root = Checkpoint("-", checkpoint.size, merkle.root(leaves)).root
        positions = range(1, checkpoint.size + 1)

        receipt = practice.proofs.receipt(positions, checkpoint)

        read = Receipt.parse(receipt.format())
        assert read == receipt
        assert read.check(practice.known).root == root
        assert read.size == checkpoint.size
        for position, proven in zip(positions, read.entries, strict=True):
            assert proven.position == position
            assert proven.state == practice.rows[position - 1].state
            assert list(proven.proof) == merkle.inclusion_proof(leaves, position - 1)
            assert len(proven.proof) <= ceil(log2(checkpoint.size))


@pytest.mark.parametrize("position", [0, -1, 10_000])
def test_no_receipt_of_what_is_not_there(practice: Practice, position: int) -> None:
    with pytest.raises(InputError, match=f"no entry {position}"):
        practice.proofs.receipt([position], practice.checkpoints[-1])


def test_no_receipt_under_a_checkpoint_before_the_entry(practice: Practice) -> None:
    checkpoint = practice.checkpoints[3]

    with pytest.raises(InputError, match=f"under a checkpoint over {checkpoint.size}"):
        practice.proofs.receipt([checkpoint.size + 1], checkpoint)


def test_a_receipt_of_one_entry_does_not_pass_for_another(practice: Practice) -> None:
    receipt = practice.proofs.receipt([7], practice.checkpoints[-1])
    text = receipt.format().replace('"position": 7', '"position": 8')

    with pytest.raises(ProofError):
        Receipt.parse(text).check(practice.known)


# -- growth -----------------------------------------------------------------------------------------------


def test_every_kept_checkpoint_extends_every_earlier_one(practice: Practice) -> None:
    roots = {one.size: merkle.root(practice.leaves[: one.size]) for one in practice.checkpoints}
    for old, old_root in roots.items():
        for size in (each for each in roots if each >= old):
            proof = practice.proofs.consistency(old, size)
            assert proof == merkle.consistency_proof(practice.leaves[:size], old)
            merkle.verify_consistency(old, size, proof, old_root, roots[size])
            assert len(proof) <= ceil(log2(size)) + 1


def test_from_an_empty_log_everything_grows(practice: Practice) -> None:
    assert practice.proofs.consistency(0, 5) == []
    assert practice.proofs.consistency(0, 0) == []


@pytest.mark.parametrize(("old", "size"), [(-1, 5), (6, 5), (5, 10_000), (10**30, 10**31)])
def test_no_proof_of_growth_between_sizes_that_are_not_there(practice: Practice, old: int, size: int) -> None:
    with pytest.raises(InputError, match="no proof"):
        practice.proofs.consistency(old, size)


# -- completeness -----------------------------------------------------------------------------------------


def test_every_stream_is_shown_complete_at_every_seal(practice: Practice) -> None:
    streams = {row.stream for row in practice.rows}
    assert len(streams) >= CLIENTS + 3
    for signed in (practice.first, practice.second):
        at = practice.proofs.sealed(signed.size)
        present = {row.stream for row in practice.rows[: signed.size - 1]}
        depths = []
        for stream in sorted(streams):
            proof = practice.proofs.completeness(stream, at)
            read = Completeness.parse(proof.format())

            assert read == proof
            assert read.check(practice.known).size == signed.size
            assert read.leaf_hashes == practice.leaves_of(stream, signed.size - 1)
            assert bool(read.count) == (stream in present)
            assert len(read.seal_proof) <= ceil(log2(signed.size))
            if read.count:
                depths.append(len(read.map_proof) / 33)
        # a tree of n leaves has at least log2(n) above them on average; one of random keys about 1.33 more
        assert sum(depths) / len(depths) <= log2(len(present)) + 3


@pytest.mark.parametrize(
    "stream", ["client/C-none", "client/", "client/c-1", "practitioner/P-10", "", "ledger "]
)
def test_what_was_never_there_is_shown_absent(practice: Practice, stream: str) -> None:
    proof = Completeness.parse(practice.proofs.completeness(stream).format())

    assert proof.count == 0
    assert proof.check(practice.known).size == practice.second.size


def test_what_came_after_the_seal_is_not_counted_and_the_proof_says_which_seal(practice: Practice) -> None:
    now = practice.leaves_of("client/C-late", len(practice.rows))
    practiced = practice.leaves_of("practice", len(practice.rows))

    late_client, own = (practice.proofs.completeness(stream) for stream in ("client/C-late", "practice"))

    assert len(now) == 1
    assert late_client.count == 0
    assert own.leaf_hashes == practiced[: own.count]
    assert own.count == len(practiced) - 3
    for proof in (late_client, own):
        assert proof.checkpoint == practice.second.note
        assert proof.check(practice.known).size == practice.second.size < len(practice.rows)


def test_the_seal_itself_is_in_no_proof_of_the_ledger_s_stream(practice: Practice) -> None:
    """It cannot cover itself: `covers` is one less than the checkpoint's size."""
    proof = practice.proofs.completeness("ledger")

    assert proof.leaf_hashes == practice.leaves_of("ledger", practice.second.size - 1)
    assert merkle.leaf_hash(proof.seal) not in proof.leaf_hashes


def test_one_leaf_left_out_does_not_pass(practice: Practice) -> None:
    proof = practice.proofs.completeness("client/C-1")
    leaf = proof.leaf_hashes[-1].hex()
    text = proof.format().replace(f',\n    "{leaf}"', "").replace('"count": 3', '"count": 2')
    assert leaf not in text

    with pytest.raises(ProofError):
        Completeness.parse(text).check(practice.known)


def test_a_proof_of_absence_does_not_pass_for_another_stream(practice: Practice) -> None:
    text = practice.proofs.completeness("client/C-none").format()

    with pytest.raises(ProofError):
        Completeness.parse(text.replace("client/C-none", "client/C-1")).check(practice.known)


def test_a_stranger_s_key_does_not_do(practice: Practice) -> None:
    stranger = [Signer.generate(practice.known[0].name).verifier]

    with pytest.raises(ProofError):
        practice.proofs.completeness("client/C-1").check(stranger)
    with pytest.raises(ProofError):
        practice.proofs.receipt([1], practice.checkpoints[-1]).check(stranger)


def test_before_any_seal_nothing_is_shown_complete(tmp_path: Path) -> None:
    with desk.new_ledger(tmp_path) as ledger:
        proofs = Proofs(ledger.recorder, ledger.opened.origin, ledger.committing.signer.verifier.vkey)
        with pytest.raises(NotSealedError, match="checkpoint seal"):
            proofs.completeness("ledger")


def test_nothing_is_shown_complete_before_the_first_seal_of_several(practice: Practice) -> None:
    assert practice.proofs.sealed(practice.second.size - 1).seal.position == practice.first.size
    with pytest.raises(NotSealedError):
        practice.proofs.sealed(practice.first.size - 1)


def test_a_seal_under_a_former_key_is_not_given_out_under_the_new_one(tmp_path: Path) -> None:
    """It would not verify: the next seal is the first under the new key."""
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
        seal(ledger.committing, ledger.sealer, "director")
    desk.replace_keys(tmp_path)

    with Ledger(desk.places(tmp_path)) as ledger:
        rebase(ledger.committing, ledger.sealer, "new keys", "the old ones were lost", "director")
        verifier = ledger.committing.signer.verifier
        proofs = Proofs(ledger.recorder, ledger.opened.origin, verifier.vkey)
        with pytest.raises(NotSealedError):
            proofs.completeness("ledger")
        seal(ledger.committing, ledger.sealer, "director")
        assert proofs.completeness("ledger").check([verifier]).size == ledger.recorder.last_position()
