import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.integrity import merkle, prefix_map
from ledger.integrity.canonical import dumps
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.documents import MAX_BYTES
from ledger.integrity.note import Signer, sign
from ledger.integrity.proof import Completeness, Proven, Receipt
from tests.thoroughness import examples

ORIGIN = "harbor.example/ledger"
SIGNER = Signer(ORIGIN, bytes(range(32)))
STRANGER = Signer(ORIGIN, bytes(32))


def header(stream: str, seq: int, type_: str = "NoteWritten", **data: Any) -> bytes:
    return dumps({"data": data, "seq": seq, "stream": stream, "type": type_, "by": "Zo\u00eb"})


# A log of twelve entries of three streams, and its seal.
STREAMS = ("client/C-1", "client/C-2", "practice")
STATES = [header(STREAMS[number % 3], number // 3 + 1, note=number) for number in range(12)]
LEAVES = [merkle.leaf_hash(state) for state in STATES]


def map_of(leaves: list[bytes]) -> prefix_map.PrefixMap:
    heads = {}
    for at, stream in enumerate(STREAMS):
        own = leaves[at::3]
        heads[prefix_map.stream_key(ORIGIN, stream)] = prefix_map.head_value(len(own), merkle.root(own))
    return prefix_map.build(heads)


MAP = map_of(LEAVES)


def note_of(leaves: list[bytes], *, origin: str = ORIGIN, signer: Signer = SIGNER) -> str:
    return sign(Checkpoint(origin, len(leaves), merkle.root(leaves)).format(), signer)


def receipt_of(*positions: int) -> Receipt:
    entries = [
        Proven(position, STATES[position - 1], tuple(merkle.inclusion_proof(LEAVES, position - 1)))
        for position in positions
    ]
    return Receipt(SIGNER.verifier.vkey, note_of(LEAVES), tuple(entries))


def seal_of(**changed: Any) -> bytes:
    data = {"covers": len(LEAVES), "map_root": MAP.root.hex(), **changed}
    return header("ledger", 1, "StreamIndexCommitted", **data)


def completeness_of(stream: str, seal: bytes | None = None) -> Completeness:
    """The proof of all entries of a stream, whatever the seal says."""
    seal = seal_of() if seal is None else seal
    leaves = [*LEAVES, merkle.leaf_hash(seal)]
    return Completeness(
        origin=ORIGIN,
        stream=stream,
        verifier=SIGNER.verifier.vkey,
        checkpoint=note_of(leaves),
        seal=seal,
        seal_proof=tuple(merkle.inclusion_proof(leaves, len(LEAVES))),
        leaf_hashes=tuple(LEAVES[STREAMS.index(stream) :: 3]) if stream in STREAMS else (),
        map_proof=MAP.prove(prefix_map.stream_key(ORIGIN, stream)),
    )


RECEIPT = receipt_of(3, 8)
PRESENT, ABSENT = completeness_of("client/C-2"), completeness_of("client/C-9")
WHOLE: list[Receipt | Completeness] = [RECEIPT, PRESENT, ABSENT]


# -- what holds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", WHOLE)
def test_a_document_is_read_back_as_it_was_and_holds(document: Receipt | Completeness) -> None:
    for text in (document.format(), document.format().encode()):
        again = type(document).parse(text)
        assert again == document
        for verifiers in ((), (SIGNER.verifier,), (STRANGER.verifier, SIGNER.verifier)):
            checkpoint = again.check(verifiers)
            assert (checkpoint.origin, checkpoint.size) == (ORIGIN, document.size)


def test_the_format_of_a_receipt() -> None:
    assert json.loads(receipt_of(3).format()) == {
        "format": "engagement-ledger/receipt/v1",
        "verifier": SIGNER.verifier.vkey,
        "checkpoint": note_of(LEAVES),
        "entries": [
            {
                "position": 3,
                "entry": STATES[2].decode(),
                "leaf_hash": LEAVES[2].hex(),
                "inclusion_proof": [b64encode(step).decode() for step in merkle.inclusion_proof(LEAVES, 2)],
            }
        ],
    }
    assert "Zo\u00eb" in receipt_of(3).format()


def test_the_format_of_a_completeness() -> None:
    leaves = [*LEAVES, merkle.leaf_hash(seal_of())]
    assert json.loads(PRESENT.format()) == {
        "format": "engagement-ledger/completeness/v1",
        "origin": ORIGIN,
        "stream": "client/C-2",
        "verifier": SIGNER.verifier.vkey,
        "checkpoint": note_of(leaves),
        "seal": {
            "entry": seal_of().decode(),
            "inclusion_proof": [b64encode(step).decode() for step in merkle.inclusion_proof(leaves, 12)],
        },
        "count": 4,
        "leaf_hashes": [leaf.hex() for leaf in LEAVES[1::3]],
        "map_proof": b64encode(MAP.prove(prefix_map.stream_key(ORIGIN, "client/C-2"))).decode(),
    }
    assert (PRESENT.count, ABSENT.count) == (4, 0)


# -- what does not ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", WHOLE)
def test_another_signer_is_refused(document: Receipt | Completeness) -> None:
    with pytest.raises(ProofError, match="no signature by a known key"):
        document.check([STRANGER.verifier])
    with pytest.raises(ProofError, match="no signature by a known key"):
        replace(document, verifier=STRANGER.verifier.vkey).check([SIGNER.verifier])
    vkey = document.verifier.replace(f"+{SIGNER.verifier.key_id:08x}+", f"+{SIGNER.verifier.key_id:08X}+")
    with pytest.raises(ProofError, match="not the one spelling"):
        replace(document, verifier=vkey).check()


def test_an_entry_that_is_not_there_is_refused() -> None:
    proven = RECEIPT.entries[0]
    for other in (
        replace(proven, state=STATES[3]),
        replace(proven, position=4),
        replace(proven, position=0),
        replace(proven, position=13),
        replace(proven, proof=proven.proof[:-1]),
        replace(proven, proof=(b"x", *proven.proof[1:])),
    ):
        with pytest.raises(ProofError):
            replace(RECEIPT, entries=(RECEIPT.entries[1], other)).check()
    with pytest.raises(ProofError, match="shows nothing"):
        replace(RECEIPT, entries=()).check()
    with pytest.raises(ProofError):
        replace(RECEIPT, checkpoint=note_of(LEAVES[:11])).check()


def test_entries_left_out_added_or_reordered_are_refused() -> None:
    leaves = PRESENT.leaf_hashes
    for other in (leaves[:-1], leaves[1:], (), (*leaves, LEAVES[0]), leaves[::-1], (LEAVES[0], *leaves[1:])):
        with pytest.raises(ProofError):
            replace(PRESENT, leaf_hashes=other).check()
    with pytest.raises(ProofError):
        replace(ABSENT, leaf_hashes=leaves).check()
    # The root alone would not tell four leaves from the two above them.
    pairs = tuple(merkle.root(leaves[at : at + 2]) for at in (0, 2))
    with pytest.raises(ProofError):
        replace(PRESENT, leaf_hashes=pairs).check()


def test_another_streams_proof_is_refused() -> None:
    for stream in ("client/C-1", "client/C-3"):
        with pytest.raises(ProofError):
            replace(PRESENT, stream=stream).check()
    with pytest.raises(ProofError):
        replace(ABSENT, stream="client/C-2").check()


def test_another_logs_checkpoint_is_refused() -> None:
    leaves = [*LEAVES, merkle.leaf_hash(seal_of())]
    with pytest.raises(ProofError, match="the proof speaks of harbor"):
        replace(PRESENT, checkpoint=note_of(leaves, origin="elsewhere.example")).check()


def test_the_seal_must_be_the_last_entry() -> None:
    # Given a log that went on after its seal, and the seal's true inclusion proof
    leaves = [*LEAVES, merkle.leaf_hash(seal_of()), merkle.leaf_hash(b"{}")]
    later = replace(
        PRESENT, checkpoint=note_of(leaves), seal_proof=tuple(merkle.inclusion_proof(leaves, len(LEAVES)))
    )
    with pytest.raises(ProofError):
        later.check()
    with pytest.raises(ProofError, match="out of range"):
        replace(PRESENT, checkpoint=note_of([])).check()


@pytest.mark.parametrize(
    ("seal", "told"),
    [
        (seal_of(covers=11), "it covers 11 entries, expected all 12"),
        (seal_of(covers=13), "it covers 13 entries"),
        (seal_of(covers=True), "data.covers: expected a whole number"),
        (seal_of(covers=None), "data.covers: expected a whole number"),
        (seal_of(map_root=MAP.root.hex().upper()), "data.map_root: expected 64 hexadecimal digits"),
        (seal_of(map_root=None), "data.map_root: expected 64 hexadecimal digits"),
        (seal_of(map_root="00" * 32), "the map proof leads to"),
        (header("ledger", 1, "LogRestored", covers=12, map_root=MAP.root.hex()), "it is not sealed"),
        (
            header("client/C-1", 1, "StreamIndexCommitted", covers=12, map_root=MAP.root.hex()),
            "it is not sealed",
        ),
        (dumps({"type": "StreamIndexCommitted", "stream": "ledger"}), "data: expected an object"),
        (b"[]", "seal.entry: expected an object"),
        (b"{", "seal.entry: not valid JSON"),
        (b"\xff", "seal.entry: not valid JSON"),
    ],
)
def test_a_seal_that_does_not_say_what_it_must_is_refused(seal: bytes, told: str) -> None:
    with pytest.raises(ProofError, match=told):
        completeness_of("client/C-2", seal).check()


@settings(deadline=None, max_examples=examples(600))
@given(
    st.sampled_from(WHOLE), st.integers(0, 2**32), st.sampled_from(["change", "cut", "add"]), st.characters()
)
def test_any_one_changed_character_is_refused_or_changes_nothing(
    document: Receipt | Completeness, at: int, how: str, character: str
) -> None:
    text = document.format()
    at %= len(text)
    changed = text[:at] + {"change": character, "cut": "", "add": character + text[at]}[how] + text[at + 1 :]
    try:
        again = type(document).parse(changed)
        again.check()
    except ProofError:
        return
    # What is equally true may be said: another stream that never was, shown by the same neighbour.
    if isinstance(again, Completeness) and not again.count and again.stream not in STREAMS:
        again = replace(again, stream=document.stream) if isinstance(document, Completeness) else again
    assert again == document


def test_every_character_changed_to_a_near_one() -> None:
    for document in WHOLE:
        text = document.format()
        for at, character in enumerate(text):
            for other in {character.swapcase(), chr(ord(character) ^ 1)} - {character}:
                changed = text[:at] + other + text[at + 1 :]
                try:
                    again = type(document).parse(changed)
                    again.check()
                except ProofError:
                    continue
                if isinstance(again, Completeness) and document == ABSENT:
                    again = replace(again, stream="client/C-9")
                assert again == document, f"{at}: {character!r} to {other!r}"


# -- what cannot be read ----------------------------------------------------------------------------------


def broken(path: str, value: Any, document: Receipt | Completeness) -> str:
    """The document with the member at a path replaced, or taken out where the value is `...`."""
    whole = json.loads(document.format())
    *way, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    place = whole
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("format", "engagement-ledger/receipt/v2", "expected a document of the format .*receipt/v1"),
        ("format", ..., "expected a document of the format"),
        ("verifier", ..., "missing or unknown: verifier"),
        ("more", 1, "missing or unknown: more"),
        ("verifier", 1, "verifier: expected a text, came a whole number"),
        ("checkpoint", None, "checkpoint: expected a text, came something else"),
        ("entries", {}, "entries: expected a list, came an object"),
        ("entries.1", "x", r"entries\[1\]: expected an object, came a text"),
        ("entries.1.position", "8", r"entries\[1\].position: expected a whole number, came a text"),
        ("entries.1.position", True, r"entries\[1\].position: expected a whole number"),
        ("entries.1.entry", 5, r"entries\[1\].entry: expected a text"),
        ("entries.1.leaf_hash", LEAVES[7].hex().upper(), r"entries\[1\].leaf_hash: expected 64"),
        ("entries.1.leaf_hash", LEAVES[0].hex(), r"entries\[1\].leaf_hash: says .*, the entry has"),
        ("entries.1.inclusion_proof", None, r"entries\[1\].inclusion_proof: expected a list"),
        ("entries.1.inclusion_proof.0", "*", r"inclusion_proof\[0\]: not base64"),
        ("entries.1.inclusion_proof.0", "AAB=", r"inclusion_proof\[0\]: not the canonical"),
        ("entries.1.extra", 1, r"entries\[1\]: expected the members .* unknown: extra"),
    ],
)
def test_a_malformed_receipt_is_refused_where_it_is(path: str, value: Any, told: str) -> None:
    with pytest.raises(ProofError, match=told):
        Receipt.parse(broken(path, value, RECEIPT))


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("format", "engagement-ledger/receipt/v1", "expected a document of the format .*completeness"),
        ("stream", None, "stream: expected a text"),
        ("seal", [], "seal: expected an object, came a list"),
        ("seal.entry", ..., "seal: .*missing or unknown: entry"),
        ("seal.inclusion_proof", "", "seal.inclusion_proof: expected a list, came a text"),
        ("count", 3, "count: says 3, but there are 4 leaf hashes"),
        ("count", 4.0, "fractions"),
        ("leaf_hashes.2", "00", r"leaf_hashes\[2\]: expected 64"),
        ("map_proof", "AAA", "map_proof: not base64"),
    ],
)
def test_a_malformed_completeness_is_refused_where_it_is(path: str, value: Any, told: str) -> None:
    with pytest.raises(ProofError, match=told):
        Completeness.parse(broken(path, value, PRESENT))


@pytest.mark.parametrize("kind", [Receipt, Completeness])
def test_what_is_no_document_raises_proof_error_only(
    kind: type[Receipt | Completeness], weird: list[Any]
) -> None:
    for bad in [*weird, "{}", "[]", "null", "{", b"\xff", "\ufeff{}", "[" * 5000, '{"a":1,"a":2}']:
        with pytest.raises(ProofError):
            kind.parse(bad)
    # Longer than is read: counted in bytes.
    for text in (" " * (MAX_BYTES + 1), b" " * (MAX_BYTES + 1), "\u00e9" * (MAX_BYTES // 2 + 1)):
        with pytest.raises(ProofError, match="longer than 16 MiB"):
            kind.parse(text)


def test_what_is_no_text_has_no_document() -> None:
    with pytest.raises(ProofError, match="not UTF-8"):
        replace(RECEIPT, entries=(Proven(1, b"\xff", ()),)).format()
    with pytest.raises(ProofError):
        replace(RECEIPT, checkpoint="").size.bit_length()
