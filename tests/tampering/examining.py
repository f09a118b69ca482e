"""Who looks, with what in hand, and what they find."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.integrity.cosignature import CosignerVerifier, timestamp_of
from ledger.integrity.note import Verifier, open_note
from ledger.integrity.timestamp import verify as verify_stamp
from ledger.places import Places
from ledger.proving.anchoring import stamped_checkpoint
from ledger.verification.faults import Fault, Kind
from ledger.verification.held import Held
from ledger.verification.verification import Question, verify
from tests import desk
from tests.tampering.practice import LEDGER, Practice, asking, cosign, opened


class Finder(Enum):
    """A way to look. The value is its column on the page."""

    VERIFY = "`verify`"
    """On the practice's machine, with its key database."""
    ELSEWHERE = "`verify --key` elsewhere"
    """On the ledger file alone, with the public key from another source: no mark, no sealed texts."""
    RECEIPT = "receipt"
    """`verify --receipt`, of the last entry recorded before the tampering."""
    CHECKPOINT = "checkpoint"
    """`verify --checkpoint`, of the last seal before it."""
    WITNESS = "witness"
    """Who cosigned that seal, and is shown the newest checkpoint."""
    TIMESTAMP = "time-stamp"
    """Of that seal: `timestamp verify FILE`."""


class Examined(NamedTuple):
    """What `verify` reported at home, and every finder that found something, with what it said."""

    faults: tuple[Fault, ...]
    found: dict[Finder, str]


def examine(practice: Practice, folder: Path, elsewhere: Path) -> Examined:
    """Every finder's look at the tampered files in `folder`; `elsewhere` is a place for the auditor's copy."""
    found: dict[Finder, str] = {}
    faults: tuple[Fault, ...] = ()

    def look(finder: Finder, how: Callable[[], str | None]) -> None:
        try:
            said = how()
        except LedgerError as wrong:
            said = f"{type(wrong).__name__}: {wrong}"
        if said:
            found[finder] = said

    def at_home() -> str:
        nonlocal faults
        faults = verify(desk.places(folder), Question()).faults
        return _told(faults)

    look(Finder.VERIFY, at_home)
    look(Finder.ELSEWHERE, lambda: _told(audited(practice, folder, elsewhere)))
    look(Finder.RECEIPT, lambda: _told(against(folder, Held.of_receipt(practice.receipt))))
    look(Finder.CHECKPOINT, lambda: _told(against(folder, Held.checkpoint(practice.checkpoint))))
    look(Finder.WITNESS, lambda: _witnessed(practice, folder))
    look(Finder.TIMESTAMP, lambda: _stamped(practice, folder))
    return Examined(faults, found)


def audited(practice: Practice, folder: Path, elsewhere: Path) -> tuple[Fault, ...]:
    """What an auditor finds in the ledger file alone, with the practice's public key."""
    elsewhere.mkdir()
    shutil.copy2(folder / LEDGER, elsewhere / LEDGER)
    question = Question(verifiers=[Verifier.parse(practice.key)])
    return verify(Places.of(f"sqlite:///{elsewhere / LEDGER}"), question).faults


def against(folder: Path, held: Held) -> tuple[Fault, ...]:
    """What of something held is not part of the ledger. ProofError where it is of another key."""
    report = verify(desk.places(folder), Question(held=[held], texts=False))
    return tuple(fault for fault in report.faults if fault.kind is Kind.HELD)


def anchors_say(practice: Practice, path: Path) -> list[str]:
    """What each cosignature and time-stamp kept in a database is found to state; LedgerError for one that is not good.

    That is `checkpoint verify` and `timestamp verify`: who is trusted for it, `verify` does not know.
    """
    witness = CosignerVerifier(practice.witness.name, practice.witness.verifier.public_key)
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT a.kind, a.body, c.note FROM anchors a JOIN checkpoints c USING (size)"
        ).fetchall()
    said = []
    for kind, body, note in rows:
        if kind == "timestamp":
            said.append(f"{verify_stamp(body, note.encode(), [practice.roots]).at}")
        else:
            (signature,) = open_note(note + body.decode(errors="replace"), [witness]).verified
            said.append(f"{signature.name} {timestamp_of(signature)}")
    return said


def _witnessed(practice: Practice, folder: Path) -> None:
    with opened(folder) as ledger:
        asked = asking(ledger, practice.seen)
    cosign(asked, Verifier.parse(practice.key), practice.seen, practice.witness)


def _stamped(practice: Practice, folder: Path) -> None:
    with opened(folder) as ledger:
        row, response = stamped_checkpoint(ledger.committing, None, practice.stamp)
    verify_stamp(response, row.note.encode(), [practice.roots])


def _told(faults: tuple[Fault, ...]) -> str:
    return "; ".join(f"{one.table} {one.position} {one.kind}" for one in faults)
