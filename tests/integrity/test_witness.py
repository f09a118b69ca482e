"""The witness's decision: what is cosigned, what is refused, and what a refusal may and may not say."""

from base64 import b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity import merkle
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import CosignerSigner, CosignerVerifier
from ledger.integrity.note import Signer, Verifier, countersign, open_note, sign
from ledger.integrity.witness import Kind, RefusedCheckpointError, Request, Seen, consider
from ledger.integrity.witness_policy import parse_policy, satisfied

NOW = 1679315147
LOG = Signer("log.example", bytes(range(32)))
WITNESS = CosignerSigner("witness.example/w1", bytes(range(1, 33)))
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(20)]
OTHER = [*LEAVES[:3], merkle.leaf_hash(b"changed"), *LEAVES[4:]]
# The example of C2SP tlog-witness, "add-checkpoint".
EXAMPLE = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\N{EM DASH} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+\
zyWE+xeMcTOAYQ8=
"""


def checkpoint(size: int, leaves: list[bytes] = LEAVES, by: Signer = LOG, origin: str = LOG.name) -> str:
    return sign(Checkpoint(origin, size, merkle.root(leaves[:size])).format(), by)


def request(size: int, since: int | None = None, leaves: list[bytes] = LEAVES) -> Request:
    """What a log with these leaves asks, with the proof from `since`."""
    if since is None:
        return Request(None, (), checkpoint(size, leaves))
    proof = merkle.consistency_proof(leaves[:size], since) if 0 < since <= size else []
    return Request(since, tuple(proof), checkpoint(size, leaves))


def seen(size: int, leaves: list[bytes] = LEAVES, witness: CosignerSigner = WITNESS) -> Seen:
    note = countersign(open_note(checkpoint(size, leaves), [LOG.verifier]), witness.at(NOW))
    verifier = witness.verifier
    assert isinstance(verifier, CosignerVerifier)
    return Seen.read(note, LOG.verifier, verifier)


def refusal(asked: Request, before: Seen | None, log: Verifier = LOG.verifier) -> RefusedCheckpointError:
    with pytest.raises(RefusedCheckpointError) as caught:
        consider(asked, log, before)
    return caught.value


# -- the text ---------------------------------------------------------------------------------------------


def test_the_specifications_example_reads_and_writes_back() -> None:
    read = Request.parse(EXAMPLE)

    assert (read.old_size, len(read.proof)) == (20852014, 4)
    assert read.claimed.origin == "example.com/behind-the-sofa"
    assert read.claimed.size == 20852163
    assert read.format() == EXAMPLE
    assert Request.parse(EXAMPLE.encode()) == read


def test_a_bare_checkpoint_is_a_request_without_proof() -> None:
    note = checkpoint(5)

    assert Request.parse(note) == Request(None, (), note)
    assert Request.parse(note).format() == note


@given(st.integers(0, 2**64 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_what_is_written_reads_back(old: int, proof: list[bytes]) -> None:
    asked = Request(old, tuple(proof), checkpoint(5))

    assert Request.parse(asked.format()) == asked


HASH = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("old 05\n\n", "leading zeros"),
        ("old -1\n\n", "leading zeros"),
        ("old  5\n\n", "leading zeros"),
        ("old 5 \n\n", "leading zeros"),
        ("old \u0665\n\n", "leading zeros"),
        ("old 18446744073709551616\n\n", "2^64 - 1"),
        ("old 5\n" + f"{HASH}\n" * 64 + "\n", "64 proof lines"),
        (f"old 5\n{HASH[:-4]}\n\n", "32 bytes"),
        (f"old 5\n {HASH}\n\n", "32 bytes"),
        (f"old 5\n{HASH[:-2]}B=\n\n", "32 bytes"),
        ("old 5\n\u00e9\n\n", "32 bytes"),
    ],
)
def test_a_malformed_head_is_refused(text: str, words: str) -> None:
    with pytest.raises(ProofError, match=words.replace("^", r"\^")):
        Request.parse(text + checkpoint(7))


@pytest.mark.parametrize(
    "text", ["", "old 5\n", "old 5\nx", "x\n\n", "\n\n", "a\n1\n\n\n", b"\xff\n\n", EXAMPLE[:120]]
)
def test_what_holds_no_checkpoint_is_refused(text: str | bytes) -> None:
    with pytest.raises(ProofError):
        Request.parse(text)


def test_values_that_fit_nowhere_raise_proof_error_only(weird: list[Any]) -> None:
    for value in weird:
        with pytest.raises(ProofError):
            Request.parse(value)
        with pytest.raises(ProofError):
            Request(5, (), value)
        if value is not None:
            with pytest.raises(ProofError):
                Request(value, (), checkpoint(5))
        with pytest.raises(ProofError):
            Request(5, value, checkpoint(5))
    with pytest.raises(ProofError, match="without the old size"):
        Request(None, (bytes(32),), checkpoint(5))
    with pytest.raises(ProofError, match="reads as a request"):
        Request(None, (), checkpoint(5, origin="old 5"))


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: "old 5\n" + text))
def test_no_text_raises_anything_else(text: str | bytes) -> None:
    with suppress(ProofError):
        Request.parse(text)


# -- what is cosigned -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 5, 20])
def test_the_first_checkpoint_of_a_log_is_taken_as_it_is(size: int) -> None:
    assert consider(request(size), LOG.verifier, None).size == size
    assert consider(request(size, 0), LOG.verifier, None).root == merkle.root(LEAVES[:size])


def test_every_growth_with_its_proof_is_cosigned() -> None:
    for old in range(len(LEAVES)):
        for size in range(old, len(LEAVES) + 1):
            assert consider(request(size, old), LOG.verifier, seen(old)).size == size


def test_the_same_checkpoint_again_is_harmless_whatever_the_old_size() -> None:
    for since in (None, 0, 3, 5):
        assert consider(request(5, since), LOG.verifier, seen(5)).size == 5


def test_a_new_key_must_extend_what_was_seen_under_the_former() -> None:
    new = Signer(LOG.name, bytes(32))
    grown = Request(5, request(8, 5).proof, checkpoint(8, by=new))
    rewritten = Request(None, (), checkpoint(5, OTHER, by=new))

    assert consider(grown, new.verifier, seen(5)).size == 8
    assert refusal(rewritten, seen(5), new.verifier).kind is Kind.SPLIT_VIEW


# -- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("since", [None, 0, 3, 5, 7])
def test_a_split_view_at_one_size_is_proven_whatever_proof_comes(since: int | None) -> None:
    found = refusal(request(5, since, OTHER), seen(5))

    assert found.kind is Kind.SPLIT_VIEW
    assert found.kind.proven
    assert merkle.root(LEAVES[:5]).hex() in str(found)
    assert merkle.root(OTHER[:5]).hex() in str(found)


def test_a_split_view_shown_to_two_witnesses_comes_out_when_they_compare() -> None:
    # Given two witnesses, each shown a record of its own
    second = CosignerSigner("witness.example/w2", bytes(range(2, 34)))
    one, other = seen(5), seen(5, OTHER, second)

    # Then each alone has nothing to object to as its record grows
    assert consider(request(8, 5), LOG.verifier, one).size == 8
    assert consider(request(8, 5, OTHER), LOG.verifier, other).size == 8
    # And no note satisfies who asks for both,
    policy = parse_policy(
        f"log {LOG.verifier.vkey}\nwitness a {WITNESS.verifier.vkey}\nwitness b {second.verifier.vkey}\n"
        "group both all a b\nquorum both\n"
    )
    assert [satisfied(policy, each.note).accepted for each in (one, other)] == [False, False]
    signatures = other.note.rsplit("\n\n", 1)[1]
    with pytest.raises(ProofError, match="invalid signature"):
        satisfied(policy, one.note + signatures)
    # And as soon as one sees what the other cosigned, it is proven.
    assert refusal(Request.parse(other.note), one).kind is Kind.SPLIT_VIEW


def test_an_older_checkpoint_is_only_older() -> None:
    for since in (None, 0, 3, 5, 8):
        found = refusal(request(5, since), seen(8))

        assert (found.kind, found.since) == (Kind.OLDER, 8)
        assert "shows nothing wrong" in str(found)
        assert found.kind.open
        assert not found.kind.proven


def test_without_the_proof_from_the_size_seen_nobody_can_tell() -> None:
    for since in (None, 0, 3, 6, 8, 9):
        found = refusal(request(8, since), seen(5))

        assert (found.kind, found.since) == (Kind.PROOF_NEEDED, 5)
        assert "from 5 entries is needed" in str(found)
        assert "Nothing is said against the log" in str(found)
        assert found.kind.open


def test_a_proof_to_a_witness_that_saw_nothing_is_asked_again_from_nothing() -> None:
    assert (refusal(request(8, 5), None).kind, refusal(request(8, 5), None).since) == (Kind.PROOF_NEEDED, 0)
    with_hashes = Request(0, (bytes(32),), checkpoint(8))
    assert refusal(with_hashes, None).kind is Kind.PROOF_NEEDED
    assert refusal(with_hashes, seen(0)).kind is Kind.PROOF_NEEDED


def test_a_proof_that_does_not_hold_is_refused_without_accusing() -> None:
    good = request(8, 5)
    wrong = [
        request(8, 5, OTHER),
        Request(5, good.proof[:-1], good.note),
        Request(5, (), good.note),
        Request(5, (*good.proof, bytes(32)), good.note),
        Request(5, (bytes(32), *good.proof[1:]), good.note),
    ]
    for asked in wrong:
        found = refusal(asked, seen(5))

        assert found.kind is Kind.INCONSISTENT
        assert not found.kind.proven
        assert not found.kind.open
        assert "may be damaged" in str(found)


def test_an_empty_record_has_one_root() -> None:
    note = sign(Checkpoint(LOG.name, 0, bytes(32)).format(), LOG)

    for before in (None, seen(0), seen(5)):
        assert refusal(Request(None, (), note), before).kind is Kind.IMPOSSIBLE


def test_a_key_speaks_for_its_own_origin_only() -> None:
    elsewhere = Request(None, (), checkpoint(5, origin="other.example"))
    renamed = Signer("other.example", LOG.seed)

    assert refusal(elsewhere, None).kind is Kind.OTHER_ORIGIN
    assert refusal(elsewhere, seen(5)).kind is Kind.OTHER_ORIGIN
    swapped = Request(None, (), checkpoint(5, by=renamed, origin="other.example"))
    assert refusal(swapped, seen(5), renamed.verifier).kind is Kind.OTHER_ORIGIN
    usurped = Request(None, (), checkpoint(5, by=renamed))
    for before in (None, seen(5)):
        assert refusal(usurped, before, renamed.verifier).kind is Kind.OTHER_ORIGIN


def test_what_the_key_did_not_sign_is_no_evidence() -> None:
    stranger = Signer(LOG.name, bytes(32))
    forged = checkpoint(5).replace("\n5\n", "\n6\n")
    for note in (checkpoint(5, by=stranger), forged):
        with pytest.raises(ProofError) as caught:
            consider(Request(None, (), note), LOG.verifier, None)
        assert not isinstance(caught.value, RefusedCheckpointError)


# -- what is remembered -----------------------------------------------------------------------------------


def test_what_was_seen_reads_back_from_its_note() -> None:
    found = seen(5)

    assert (found.origin, found.size, found.root, found.at) == (LOG.name, 5, merkle.root(LEAVES[:5]), NOW)
    assert found.vkey == LOG.verifier.vkey


def test_what_was_seen_must_be_signed_by_both() -> None:
    verifier = CosignerVerifier.parse(WITNESS.verifier.vkey)
    only_witness = sign(Checkpoint(LOG.name, 1, bytes(32)).format(), WITNESS.at(NOW))
    for note in (checkpoint(5), only_witness):
        with pytest.raises(ProofError, match="not signed by both"):
            Seen.read(note, LOG.verifier, verifier)
