"""The proof that signing keys followed each other: what it shows, and that nothing else passes for it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.errors import ProofError
from ledger.integrity import merkle
from ledger.integrity.canonical import dumps
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.key_chain import KeyChange, Reign, in_force, is_named, reigns, short
from ledger.integrity.key_links import KeyLink, KeyLinks
from ledger.integrity.note import Signer, sign

ORIGIN = "harbor.example/ledger"
KEYS = tuple(Signer(ORIGIN, bytes([number]) * 32) for number in range(1, 5))
VKEYS = tuple(key.verifier.vkey for key in KEYS)


def entry(replaced: str, verifier: str, **header: Any) -> bytes:
    said = {
        "stream": "ledger",
        "type": "SigningKeyChanged",
        "data": {"replaced": replaced, "verifier": verifier},
    }
    return dumps(said | header)


def links(
    entries: dict[int, bytes], signers: dict[int, tuple[Signer, ...]], origin: str = ORIGIN
) -> KeyLinks:
    """Of a log with these entries at their places, each under a checkpoint signed by these."""
    states = [entries.get(position, b"%d" % position) for position in range(1, 10)]
    found = []
    for position, state in entries.items():
        leaves = [merkle.leaf_hash(one) for one in states[:position]]
        note = sign(Checkpoint(origin, position, merkle.root(leaves)).format(), *signers[position])
        found.append(KeyLink(position, state, tuple(merkle.inclusion_proof(leaves, position - 1)), note))
    return KeyLinks(ORIGIN, tuple(found))


def chain(**header: Any) -> KeyLinks:
    """Key 0, replaced by key 1 at entry 4, replaced by key 2 at entry 7."""
    return links(
        {4: entry(VKEYS[0], VKEYS[1], **header), 7: entry(VKEYS[1], VKEYS[2])},
        {4: (KEYS[0], KEYS[1]), 7: (KEYS[1], KEYS[2])},
    )


def checkpoint(size: int, *signers: Signer) -> str:
    return sign(Checkpoint(ORIGIN, size, merkle.root([b"r" * 32])).format(), *signers)


def test_the_keys_one_after_the_other() -> None:
    assert chain().check() == [Reign(0, VKEYS[0]), Reign(4, VKEYS[1]), Reign(7, VKEYS[2])]
    assert KeyLinks.parse(chain().format()) == chain()


@pytest.mark.parametrize("known", range(3))
@pytest.mark.parametrize(("size", "number"), [(1, 0), (3, 0), (4, 1), (6, 1), (7, 2), (900, 2)])
def test_any_key_leads_to_the_one_in_force(known: int, size: int, number: int) -> None:
    note = checkpoint(size, KEYS[number])

    assert chain().require(note, [KEYS[known].verifier]) == KEYS[number].verifier
    with pytest.raises(ProofError, match="was in force"):
        chain().require(checkpoint(size, KEYS[(number + 1) % 3]), [KEYS[known].verifier])


def test_a_key_that_is_none_of_them_leads_nowhere() -> None:
    with pytest.raises(ProofError, match="none of those that followed each other"):
        chain().require(checkpoint(8, KEYS[2]), [KEYS[3].verifier])


def test_a_checkpoint_of_another_log() -> None:
    note = sign(Checkpoint("elsewhere.example/log", 8, b"r" * 32).format(), KEYS[2])

    with pytest.raises(ProofError, match="the checkpoint is of elsewhere"):
        chain().require(note, [KEYS[2].verifier])


TWO: dict[int, tuple[Signer, ...]] = {4: (KEYS[0], KEYS[1]), 7: (KEYS[1], KEYS[2])}
WRONG: dict[str, tuple[Callable[[], KeyLinks], str]] = {
    "no change at all": (lambda: KeyLinks(ORIGIN, ()), "there is none"),
    "the old key did not sign": (
        lambda: links({4: entry(VKEYS[0], VKEYS[1])}, {4: (KEYS[1],)}),
        "no signature",
    ),
    "the new key did not sign": (
        lambda: links({4: entry(VKEYS[0], VKEYS[1])}, {4: (KEYS[0],)}),
        "no signature",
    ),
    "of another log": (
        lambda: links({4: entry(VKEYS[0], VKEYS[1])}, {4: (KEYS[0], KEYS[1])}, "elsewhere.example/log"),
        "its checkpoint is of elsewhere",
    ),
    "of another stream": (lambda: chain(stream="practice"), "is no change of the signing key"),
    "of another type": (lambda: chain(type="LogRestored"), "is no change of the signing key"),
    "no object": (
        lambda: replace(chain(), links=(replace(chain().links[0], state=b"[]"),)),
        "expected an object",
    ),
    "no data": (lambda: chain(data=1), "expected an object"),
    "a key that is none": (
        lambda: chain(data={"replaced": VKEYS[0], "verifier": "x"}),
        "no change of the signing",
    ),
    "a key by name and ID alone": (
        lambda: chain(data={"replaced": short(VKEYS[0]), "verifier": VKEYS[1]}),
        "does not name the key replaced in full",
    ),
    "another place": (
        lambda: replace(chain(), links=(replace(chain().links[0], position=3),)),
        "proof",
    ),
    "another key in between": (
        lambda: links(
            {4: entry(VKEYS[0], VKEYS[1]), 7: entry(VKEYS[3], VKEYS[2])}, TWO | {7: (KEYS[3], KEYS[2])}
        ),
        "was in force",
    ),
    "the later one first": (lambda: replace(chain(), links=chain().links[::-1]), "was in force"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_hold(name: str) -> None:
    made, says = WRONG[name]

    with pytest.raises(ProofError, match=says):
        made().check()


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document | {"more": 1},
        lambda document: {name: value for name, value in document.items() if name != "origin"},
        lambda document: document | {"changes": {}},
        lambda document: document | {"changes": [1]},
        lambda document: document | {"changes": [{**document["changes"][0], "position": "4"}]},
        lambda document: document | {"changes": [{**document["changes"][0], "inclusion_proof": ["?"]}]},
        lambda document: document | {"format": "engagement-ledger/keys/v2"},
    ],
)
def test_a_document_of_another_form(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    with pytest.raises(ProofError):
        KeyLinks.parse(json.dumps(change(chain().document())))


def test_a_key_is_named_in_full_or_by_name_and_id() -> None:
    assert is_named(VKEYS[0], VKEYS[0])
    assert is_named(short(VKEYS[0]), VKEYS[0])
    assert not is_named(short(VKEYS[0])[:-1], VKEYS[0])
    assert not is_named(VKEYS[0][:-1], VKEYS[0])
    assert not is_named(ORIGIN, VKEYS[0])


def test_who_is_in_force() -> None:
    change = KeyChange(4, VKEYS[0], VKEYS[1])

    assert reigns([]) == []
    assert reigns([], VKEYS[0]) == [Reign(0, VKEYS[0])]
    assert in_force(reigns([change]), 3) == Reign(0, VKEYS[0])
    assert in_force(reigns([change]), 4) == Reign(4, VKEYS[1])
    assert in_force([], 4) is None


@pytest.mark.parametrize(
    "data", [{}, {"replaced": 1, "verifier": VKEYS[0]}, {"replaced": "x", "verifier": "x"}]
)
def test_data_that_name_no_two_keys(data: dict[str, object]) -> None:
    assert KeyChange.of(4, data) is None
