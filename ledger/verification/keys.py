"""What the key database adds to a verification: the ledger's public key, and how much was signed with it."""

from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import Verifier, open_note
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.proving.signing_keys import SETTINGS, HeldKeys, signer_of


class Mark(NamedTuple):
    """The last checkpoint signed: its size and root."""

    size: int
    root: bytes


class AtHand(NamedTuple):
    """What of the keys is at hand; `why` says why it is not.

    `staged` is the key of a change that is under way, `replaced` are the public keys that signed before.
    """

    verifier: Verifier | None = None
    mark: Mark | None = None
    usable: bool = False
    why: str | None = None
    staged: Verifier | None = None
    replaced: tuple[str, ...] = ()

    @property
    def verifiers(self) -> list[Verifier]:
        """The keys that this key database signs with: the one in force, and one that is about to be."""
        return [one for one in (self.verifier, self.staged) if one is not None]


def at_hand(places: Places) -> AtHand:
    """The ledger's own public key and mark. Nothing is asked for, nothing is written."""
    if not places.keys_there:
        return AtHand(why=f"there is no key database at {places.keys}")
    try:
        with KeyDatabase.open(places.keys, None) as keys:
            held = HeldKeys.of(keys.settings(SETTINGS))
            if held.key is None:
                return AtHand(usable=True, why="the key database has signed nothing")
            verifier = signer_of(held.key).verifier
            return AtHand(
                verifier,
                None if held.mark is None else _mark(held.mark, verifier),
                usable=True,
                staged=None if held.staged is None else signer_of(held.staged).verifier,
                replaced=held.replaced,
            )
    except LedgerError as wrong:
        return AtHand(why=f"the key database cannot be used: {wrong}")


def _mark(note: bytes, verifier: Verifier) -> Mark:
    head = Checkpoint.parse(open_note(note, [verifier]).text)
    return Mark(head.size, head.root)
