"""The ledger that is tampered with, and what of it is in other hands: made once, copied for each tampering.

The example practice imported; entries recorded with receipts; a seal, cosigned; an override, a correction; a seal,
cosigned and time-stamped; two more entries, which no outsider but the holder of their receipt knows of.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.application import Ledger, Recorded
from ledger.importing import import_files
from ledger.integrity.cosignature import CosignerSigner, CosignerVerifier
from ledger.integrity.note import Verifier, open_note, sign
from ledger.integrity.timestamp import request
from ledger.integrity.witness import Request, Seen, consider
from ledger.proving.anchoring import attach_cosignatures, attach_timestamp
from ledger.proving.index import seal
from ledger.proving.proofs import Proofs
from ledger.recording.statement import Statement
from ledger.storage.rows import CheckpointRow
from tests import desk
from tests.integrity.openssl_authority import Authority

HISTORY = Path(__file__).resolve().parents[2] / "examples" / "lakeside-practice.ndjson"
LEDGER, KEYS = "practice.db", "practice.keys"
BACKUP = "backup"
"""The folder with the files as they were at the first seal."""
WITNESS = "example.org/ann"


@dataclass(frozen=True)
class Practice:
    """A folder with the ledger's files and a backup of them; what outsiders hold is not in it.

    `end` is the last entry's position, `seals` those of the seals; `early` is the first entry recorded at the desk.
    `receipt` is of the last entry, `first_receipt` of the entries before the first seal, `checkpoint` the note of the
    last seal, `seen` what the witness cosigned last (the same), `stamp` the authority's answer about it.
    """

    folder: Path
    key: str
    early: int
    seals: tuple[int, ...]
    end: int
    first_receipt: str
    receipt: str
    checkpoint: str
    seen: Seen
    witness_key: str
    stamp: bytes
    roots: bytes

    @property
    def witness(self) -> CosignerSigner:
        """The witness's key."""
        return CosignerSigner.parse(self.witness_key)

    def copied(self, to: Path) -> Path:
        """A copy of the folder, to be tampered with."""
        shutil.copytree(self.folder, to)
        return to


def made(folder: Path) -> Practice:
    """The practice, made in a folder."""
    home, outside = folder / "practice", folder / "outside"
    (home / BACKUP).mkdir(parents=True)
    outside.mkdir()
    witness, authority = CosignerSigner.generate(WITNESS), Authority(outside / "authority")
    with desk.new_ledger(home, go_live="2026-01-01") as ledger:
        import_files(ledger, [HISTORY], by="osei")
        early = ledger.recorder.last_position() + 1
        first_receipt = _recorded(ledger, [*_dated(desk.staff()), *_dated([desk.client(), desk.intake()])])
        _recorded(ledger, [*_dated(desk.papers()), *_dated([desk.opening()])])
        first = seal(ledger.committing, ledger.sealer, "director").size
        seen = cosigned(ledger, None, witness)
    for name in (LEDGER, KEYS, "practice.role"):
        shutil.copy2(home / name, home / BACKUP / name)
    with Ledger(desk.places(home)) as ledger:
        for number in range(1, 4):
            _recorded(ledger, [held(number)])
        _recorded(ledger, [_corrected()])
        ledger.record([_in_ohio()], override=desk.override())
        second = seal(ledger.committing, ledger.sealer, "director").size
        seen = cosigned(ledger, seen, witness)
        note = newest(ledger).note
        stamp = authority.answer(request(note.encode()))
        attach_timestamp(ledger.committing, stamp)
        _recorded(ledger, [held(4)])
        receipt = _recorded(ledger, [held(5)])
        end, key = ledger.recorder.last_position(), ledger.committing.signer.verifier.vkey
    return Practice(
        home,
        key,
        early,
        (first, second),
        end,
        first_receipt,
        receipt,
        note,
        seen,
        witness.skey,
        stamp,
        authority.root,
    )


@contextmanager
def opened(folder: Path) -> Iterator[Ledger]:
    """The ledger of a folder."""
    with Ledger(desk.places(folder)) as ledger:
        yield ledger


def held(number: int, **fields: Any) -> Statement:
    """A session of the client's therapy, with a source."""
    day = f"2026-02-{10 + number % 15:02}T10:00:00-05:00"
    told = {"engagement": "E1", "session": f"S{number}", "modality": "video", "purpose": "service"}
    return desk.of_client("SessionHeld", day, source=f"desk-{number}", **(told | fields))


def cosigned(ledger: Ledger, seen: Seen | None, witness: CosignerSigner) -> Seen:
    """The newest checkpoint as the witness cosigns it: attached, and what the witness remembers."""
    asked = asking(ledger, seen)
    log = ledger.committing.signer.verifier
    again = cosign(asked, log, seen, witness)
    attach_cosignatures(ledger.committing, again.note)
    return again


def asking(ledger: Ledger, seen: Seen | None) -> Request:
    """What is sent to a witness: the newest checkpoint, and the proof from the one seen."""
    row = newest(ledger)
    since = 0 if seen is None else seen.size
    with ledger.recorder.snapshot() as reading:
        proof = Proofs(reading, ledger.opened.origin, "").consistency(since, row.size)
    return Request(since, tuple(proof), row.note)


def cosign(asked: Request, log: Verifier, seen: Seen | None, witness: CosignerSigner) -> Seen:
    """What the witness then remembers. ProofError where it refuses."""
    consider(asked, log, seen)
    note = open_note(asked.note, [log])
    line = _line(witness, note.text)
    return Seen.read(asked.note + line, log, CosignerVerifier(witness.name, witness.verifier.public_key))


def newest(ledger: Ledger) -> CheckpointRow:
    """The newest checkpoint the ledger keeps."""
    ledger.committing.keep()
    row = ledger.recorder.last_checkpoint()
    assert row is not None
    return row


def _line(witness: CosignerSigner, text: str) -> str:
    signed = sign(text, witness.at(int(datetime.now(UTC).timestamp())))
    return signed.removeprefix(text + "\n")


def _recorded(ledger: Ledger, statements: list[Statement]) -> str:
    """Records in one transaction; the receipt."""
    done: Recorded = ledger.record(statements)
    assert done.checkpoint is not None
    return ledger.receipt(done.positions, done.checkpoint).format()


def _dated(statements: list[Statement]) -> list[Statement]:
    """The facts of `desk`, in the time since this ledger went live."""
    return [one._replace(occurred_at="2026-02-03T15:00:00.000000Z") for one in statements]


def _corrected() -> Statement:
    changes = {"contact": "zoe.lindqvist@mail.example"}
    return desk.of_client("EntryCorrected", "2026-02-20", corrects=1, changes=changes, reason="typed wrongly")


def _in_ohio() -> Statement:
    """A session where the practitioner has no licence: recorded on the director's authority."""
    return held(9, jurisdiction="US-OH")
