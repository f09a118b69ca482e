"""Which key had to sign which checkpoint: the log's chain of signing keys, followed from the keys in hand.

Back from a key in hand: the log that it signed says which key it replaced. Forward: only where the key in hand has
signed, too, for the one that took over.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from ledger.errors import InputError, ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.key_chain import KeyChange, Reign, full, is_named, reigns, short
from ledger.integrity.note import Verifier, open_note
from ledger.verification.database import Stored, text
from ledger.verification.faults import Kind
from ledger.verification.forms import exactly

CHANGES = (
    "SELECT position, state FROM stored_events WHERE originator_id = 'ledger' AND topic = 'SigningKeyChanged' "
    "ORDER BY position"
)
COVERING = "SELECT size, note FROM checkpoints WHERE size >= ? ORDER BY size, number LIMIT 8"
"""The first checkpoint over a change is the one that both keys sign; others of its size may stand beside it."""
ENTRIES = "stored_events"


class Turn(NamedTuple):
    """A key in force for checkpoints from a size on: by which of these one must be signed; none: it is not known."""

    since: int
    key: str
    verifiers: tuple[Verifier, ...]


class Signers(NamedTuple):
    """The keys of a log one after the other. `known` are those in hand; without any no signature is checked."""

    turns: tuple[Turn, ...]
    known: tuple[Verifier, ...]

    @property
    def present(self) -> str | None:
        """The key in force now, where it is known."""
        last = self.turns[-1]
        return last.verifiers[0].vkey if last.verifiers else (last.key or None)

    @property
    def everyone(self) -> tuple[Verifier, ...]:
        """Every key that ever signed, as far as it is known."""
        return tuple(dict.fromkeys(one for turn in self.turns for one in turn.verifiers))

    def at(self, size: int) -> Turn:
        """The key in force for checkpoints of a size."""
        return next((turn for turn in reversed(self.turns) if turn.since <= size), self.turns[0])

    def require(self, note: str, size: int) -> None:
        """ProofError for a note over so many entries that the key in force there did not sign.

        What an unknown key signed is measured by the keys in hand, of which it bears no signature.
        """
        turn = self.at(size)
        try:
            open_note(note, turn.verifiers or self.known)
        except ProofError as wrong:
            if len(self.turns) == 1 or "no signature by a known key" not in str(wrong):
                raise
            raise ProofError(
                f"{wrong}; over {size} entries {short(turn.key)} signs, the key in force since entry {turn.since}"
                if turn.since
                else f"{wrong}; before entry {self.turns[1].since} {short(turn.key)} signed"
            ) from None


def signers(stored: Stored, in_hand: Sequence[Verifier], replaced: Sequence[str] = ()) -> Signers:
    """The keys that had to sign, by what the log says and which keys are in hand; what does not join is reported.

    `replaced` are public keys that signed before, as the key database whose key is in hand remembers them.
    """
    hand = tuple(dict.fromkeys(in_hand))
    found = reigns(_joined(stored, _changes(stored), {one.vkey for one in hand}))
    resolved = [_resolved(reign.key, hand, replaced) for reign in found]
    remembered = tuple(verifier for vkey in replaced if (verifier := full(vkey)) is not None)
    mine = [at for at, verifier in enumerate(resolved) if verifier in hand]
    if (
        hand and remembered and not mine
    ):  # the change to the key in hand is missing from the log, or was altered
        said = f"nothing here says that {short(hand[0].vkey)}, which the key database signs with, took over"
        stored.report(ENTRIES, None, Kind.SIGNING_KEY, said)
        mine = [at for at, verifier in enumerate(resolved) if verifier in remembered]
    if not mine:  # nothing changed, or none of these keys is one of this log's
        return Signers((Turn(0, "" if not hand else hand[0].vkey, (*hand, *remembered)),), hand)
    turns: list[Turn] = []
    for at, (reign, verifier) in enumerate(zip(found, resolved, strict=True)):
        follows = at <= max(mine) or (bool(turns[-1].verifiers) and _is_followed(stored, turns[-1], reign))
        turns.append(Turn(reign.since, reign.key, (verifier,) if verifier is not None and follows else ()))
    return Signers(tuple(turns), hand)


def _changes(stored: Stored) -> list[KeyChange]:
    found = []
    with stored.damage(ENTRIES):
        for position, state in stored.rows(CHANGES):
            with suppress(
                InputError, TypeError
            ):  # what cannot be read is reported where all entries are read
                change = KeyChange.of(position, exactly(bytes(state)).data)
                if change is None:
                    said = "it names no two signing keys"
                    stored.report(ENTRIES, position, Kind.SIGNING_KEY, said)
                else:
                    found.append(change)
    return found


def _joined(stored: Stored, changes: Sequence[KeyChange], hand: set[str]) -> list[KeyChange]:
    """The changes that follow each other. One that replaces another key than the one in force is reported.

    It counts all the same where its key is in hand, or is itself replaced later: then the entry is wrong, not the key.
    """
    joined: list[KeyChange] = []
    for at, change in enumerate(changes):
        if joined and not change.replaces(joined[-1].verifier):
            said = (
                f"it replaces the signing key {short(change.replaced)[:100]}, but {short(joined[-1].verifier)} was in "
                "force"
            )
            stored.report(ENTRIES, change.position, Kind.SIGNING_KEY, said)
            if change.verifier not in hand | {later.replaced for later in changes[at + 1 :]}:
                continue
        joined.append(change)
    return joined


def _resolved(key: str, hand: Sequence[Verifier], replaced: Sequence[str]) -> Verifier | None:
    """A key in full, by what the log says, or what is known here under its name and ID."""
    verifier = full(key)
    if verifier is None:
        vkeys = [*(one.vkey for one in hand), *replaced]
        verifier = next((full(vkey) for vkey in vkeys if is_named(key, vkey)), None)
    return verifier


def _is_followed(stored: Stored, before: Turn, reign: Reign) -> bool:
    """Whether the key before has signed for the one that takes over; where it has not, that is reported."""
    both = [*before.verifiers, *([new] if (new := full(reign.key)) is not None else [])]
    with stored.damage("checkpoints"):
        for size, note in stored.rows(COVERING, [reign.since]):
            with suppress(ProofError):
                opened = open_note(text(note), both)
                if len(opened.verified) == len(both) and Checkpoint.parse(opened.text).size == size:
                    return True
    said = (
        f"the key {short(reign.key)} takes over, and {short(before.key)}, the key in hand, did not sign for it: name "
        "the new key too, if it comes from a place you trust"
    )
    stored.report(ENTRIES, reign.since, Kind.SIGNING_KEY, said)
    return False
