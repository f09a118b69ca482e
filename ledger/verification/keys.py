"""What the key database adds to a verification: the ledger's public key, and how much was signed with it."""

from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import Signer, Verifier, open_note
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.proving.signing_keys import MARK, SIGNING_KEY


class Mark(NamedTuple):
    """The last checkpoint signed: its size and root."""

    size: int
    root: bytes


class AtHand(NamedTuple):
    """What of the keys is at hand; `why` says why it is not."""

    verifier: Verifier | None = None
    mark: Mark | None = None
    usable: bool = False
    why: str | None = None


def at_hand(places: Places) -> AtHand:
    """The ledger's own public key and mark. Nothing is asked for, nothing is written."""
    if not places.keys_there:
        return AtHand(why=f"there is no key database at {places.keys}")
    try:
        with KeyDatabase.open(places.keys, None) as keys:
            stored, mark = keys.setting(SIGNING_KEY), keys.setting(MARK)
            if stored is None:
                return AtHand(usable=True, why="the key database has signed nothing")
            verifier = Signer.parse(stored.decode()).verifier
            return AtHand(verifier, None if mark is None else _mark(mark, verifier), usable=True)
    except (LedgerError, UnicodeDecodeError) as wrong:
        return AtHand(why=f"the key database cannot be used: {wrong}")


def _mark(note: bytes, verifier: Verifier) -> Mark:
    head = Checkpoint.parse(open_note(note, [verifier]).text)
    return Mark(head.size, head.root)
