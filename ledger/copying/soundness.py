"""Whether a copy of a whole ledger is sound: everything in it recomputed from its stored bytes.

The copy stands for itself. What the signer signed after it was made (the key database's mark) is no fault of it; the
rollback guard of `restoring` speaks of that.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ledger.copying.copying import Copied
from ledger.errors import ProofError, UnsoundCopyError
from ledger.integrity.note import Verifier, open_note
from ledger.places import Places
from ledger.storage.rows import CheckpointRow
from ledger.verification.faults import Kind
from ledger.verification.keys import at_hand
from ledger.verification.verification import Question, Report, verify

Steps = Callable[[str, int, int], None]
"""Told what is being done, how many entries are done, and how many there are."""

_NOWHERE = (
    Path(os.devnull) / "none"
)  # no file can stand there: the copy is verified without the keys beside it


class Sound(NamedTuple):
    """A copy that was verified. `unsigned` is how many entries stand after everything that was signed."""

    report: Report
    unsigned: int

    @property
    def checked(self) -> str:
        """What was checked, in a sentence."""
        report = self.report
        signed = (
            "and their signatures"
            if report.verifier is not None and not report.checkpoints_unchecked
            else "but not every signature, for the keys that made them are not all here"
        )
        return (
            f"every entry's bytes, chain and place, the whole tree, {report.checkpoints:,} stored checkpoints "
            f"{signed}, {report.seals:,} seals, the digests of sealed texts (which stayed closed)"
        )


def require_sound(places: Places, verifiers: Sequence[Verifier], steps: Steps, shown: str) -> Sound:
    """Verify a copy in full; UnsoundCopyError, naming `shown`, if anything in it does not hold."""
    alone = replace(places, keys=_NOWHERE, role=_NOWHERE)
    report = verify(
        alone,
        Question(verifiers=verifiers, jobs=None, texts=False),
        lambda done, of: steps("Verifying", done, of),
    )
    tails = [fault for fault in report.faults if fault.kind is Kind.UNSIGNED_TAIL]
    faults = [fault for fault in report.faults if fault.kind is not Kind.UNSIGNED_TAIL]
    if faults:
        raise UnsoundCopyError(
            shown,
            [
                f"{fault.table}{'' if fault.position is None else f' {fault.position}'}: {fault.message}"
                for fault in faults
            ],
        )
    first = min((fault.position for fault in tails if isinstance(fault.position, int)), default=None)
    return Sound(report, 0 if first is None else report.size - first + 1)


def require_copied(shown: str, sound: Sound, copied: Copied) -> None:
    """What was verified, read back from the copy, must be what was read from the source; else UnsoundCopyError."""
    report = sound.report
    if (report.size, report.root) != (copied.size, copied.root.hex()):
        said = f"{copied.size} entries were read; the copy has {report.size}, or another root"
        raise UnsoundCopyError(shown, [said])


def own_verifiers(places: Places, last: CheckpointRow | None) -> list[Verifier]:
    """The public key of the key database at hand, if it is the one that signed this checkpoint; else none.

    A signature by this key that is wrong is left to be found.
    """
    verifier = at_hand(places).verifier
    if verifier is None or last is None:
        return []
    try:
        open_note(last.note, [verifier])
    except ProofError as wrong:
        if "no signature by a known key" in str(wrong):
            return []
    return [verifier]
