"""The signing keys of a log one after the other: for people to read, and as a proof to be given away."""

from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from ledger.errors import ProofError
from ledger.integrity import merkle
from ledger.integrity.canonical import loads
from ledger.integrity.key_chain import KeyChange, full, in_force, reigns, short
from ledger.integrity.key_links import KeyLink, KeyLinks
from ledger.integrity.note import Verifier, open_note
from ledger.proving.signing_keys import changes_in
from ledger.storage.reading import Reading
from ledger.storage.rows import CheckpointRow

NEAR = 8
"""So many checkpoints from a change on are looked at: the first one over it is the one that both keys sign."""


class KeyTurn(NamedTuple):
    """A signing key's time: the key (in full, or name and ID where no more is known), and from which entry on.

    `recorded_at` and `reason` are of the entry that brought it, `signed_for` says whether the key before signed for it;
    all None for the first.
    """

    key: str
    since: int
    recorded_at: str | None
    reason: str | None
    signed_for: bool | None

    @property
    def name(self) -> str:
        """The key's name and ID, as people compare them."""
        return short(self.key)


def key_history(reading: Reading, present: str | None) -> list[KeyTurn]:
    """Every key that signed, earliest first; the present one alone where none was ever replaced."""
    changes = changes_in(reading)
    if not changes:
        return [] if present is None else [KeyTurn(present, 0, None, None, None)]
    found = [KeyTurn(changes[0].replaced, 0, None, None, None)]
    for change in changes:
        row = reading.at(change.position)
        header = {} if row is None else loads(row.state)
        reason = header.get("data", {}).get("reason")
        signed_for = _both_signed(reading, change) is not None
        found.append(KeyTurn(change.verifier, change.position, header.get("at"), reason, signed_for))
    return found


def signed_by(reading: Reading, size: int, note: str, present: str) -> str | None:
    """The key of this log that signed a checkpoint: the present one, or the one in force at its size; None: neither."""
    if _has_signed(present, note):  # of what is asked for, mostly
        return present
    reign = in_force(reigns(changes_in(reading)), size)
    return reign.key if reign is not None and _has_signed(reign.key, note) else None


def _has_signed(vkey: str, note: str) -> bool:
    key = full(vkey)
    try:
        return key is not None and bool(open_note(note, [key]).verified)
    except ProofError:
        return False


def key_links(reading: Reading, origin: str, present: str) -> KeyLinks | None:
    """The proof from the earliest key that can be followed to the present one; None where none can."""
    links: list[KeyLink] = []
    expected = present
    for change in reversed(changes_in(reading)):
        checkpoint, row = _both_signed(reading, change), reading.at(change.position)
        if change.verifier != expected or checkpoint is None or row is None:
            break
        links.insert(
            0, KeyLink(change.position, row.state, _inclusion(reading, change, checkpoint), checkpoint.note)
        )
        expected = change.replaced
    return KeyLinks(origin, tuple(links)) if links else None


def _inclusion(reading: Reading, change: KeyChange, checkpoint: CheckpointRow) -> tuple[bytes, ...]:
    return tuple(
        reading.from_nodes(
            lambda node: merkle.inclusion_proof_from_nodes(change.position - 1, checkpoint.size, node)
        )
    )


def _both_signed(reading: Reading, change: KeyChange) -> CheckpointRow | None:
    """The checkpoint over a change that the old and the new key signed."""
    keys: list[Verifier] = [key for vkey in change[1:] if (key := full(vkey)) is not None]
    for row in islice(reading.checkpoints(change.position), NEAR):
        with suppress(ProofError):
            if len(keys) == len(open_note(row.note, keys).verified) == len(change[1:]):
                return row
    return None
