"""What somebody holds - a checkpoint, a receipt - against the ledger as it stands."""

from typing import NamedTuple, Self

from ledger.errors import InputError, ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.compact_range import peak_numbers
from ledger.integrity.merkle import folded
from ledger.integrity.proof import Receipt
from ledger.verification.checkpoints import RootFinder, text_of
from ledger.verification.database import Stored, UnreadableError, text
from ledger.verification.faults import Kind
from ledger.verification.signers import Signers
from ledger.verification.tree import read_nodes

HELD = "(held)"


class Held(NamedTuple):
    """A signed checkpoint in somebody's hands, alone or with a receipt's entries."""

    note: str
    head: Checkpoint
    receipt: Receipt | None = None

    @classmethod
    def checkpoint(cls, note: str) -> Self:
        """A checkpoint from its note. ProofError if it is none."""
        return cls(note, Checkpoint.parse(text_of(note)))

    @classmethod
    def of_receipt(cls, document: str | bytes) -> Self:
        """A receipt from its JSON text, found consistent in itself. ProofError if it is not."""
        receipt = Receipt.parse(document)
        return cls(receipt.checkpoint, receipt.check(), receipt)

    def require_own(self, signers: Signers, origin: str) -> None:
        """ProofError if it is not this ledger's: of another name, or not signed by the key in force at its size."""
        if signers.known:
            signers.require(self.note, self.head.size)
        if origin and self.head.origin != origin:
            raise ProofError(f"it is of {self.head.origin[:100]}, this ledger is {origin}")


def check_held(stored: Stored, held: Held, finder: RootFinder, size: int) -> None:
    """Reports what of it is not part of the ledger."""
    covered = held.head.size
    if covered > size:
        said = f"it covers {covered} entries, this ledger has {size}: its end is missing, or it is another"
        stored.report(HELD, covered, Kind.HELD, said)
    elif finder.root(covered) != held.head.root:
        said = (
            f"the first {covered} entries are not those of the checkpoint held: this ledger is not the one it was "
            "(rewritten, or another view was shown)"
        )
        stored.report(HELD, covered, Kind.HELD, said)
    for entry in held.receipt.entries if held.receipt is not None else ():
        state = stored.one("SELECT state FROM stored_events WHERE position = ?", [entry.position])
        if state is None:
            stored.report(HELD, entry.position, Kind.HELD, "the entry of the receipt is not there")
        elif state != entry.state:
            stored.report(HELD, entry.position, Kind.HELD, "another entry stands there than the receipt's")


def stored_checkpoint(stored: Stored, size: int) -> Held:
    """The stored checkpoint over so many entries. InputError if none is kept."""
    sql = "SELECT note FROM checkpoints WHERE size = ? ORDER BY number DESC LIMIT 1"
    try:
        note = stored.one(sql, [size])
    except UnreadableError as wrong:
        raise InputError(
            f"--since: the checkpoints cannot be read ({wrong}); verify all of the ledger"
        ) from None
    if note is None:
        raise InputError(f"--since: no checkpoint over {size} entries is kept; see `checkpoint list`")
    return Held.checkpoint(text(note))


def stored_root(stored: Stored, size: int) -> bytes | None:
    """The root of the first `size` entries by the stored tree alone; None where nodes are missing."""
    numbers = peak_numbers(size)
    found = read_nodes(stored, numbers)
    if len(found) != len(numbers):
        return None
    return folded([found[number] for number in numbers])
