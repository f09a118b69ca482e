"""A small sealed ledger, made once and copied for each test, and hands that change it past every trigger."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from ledger.application import Ledger
from ledger.integrity.cosignature import CosignerSigner
from ledger.integrity.note import Note, countersign, open_note
from ledger.proving.anchoring import attach_cosignatures
from ledger.proving.index import seal
from ledger.verification.verification import Question, Report, verify
from tests import desk

FILES = ("practice.db", "practice.keys", "practice.role")
ENTRIES = 14
Change = str | Callable[[sqlite3.Connection], object]


def make(folder: Path) -> None:
    """14 entries: LedgerOpened 1 ... StreamIndexCommitted 11, then three more, one of them with a source.

    Client C-1 has entries 6 to 10, 12 and 13; `practice` 2, 3 and 14. Checkpoints over 2, 9, 10, 11, 13 and 14.
    """
    with desk.new_ledger(folder) as ledger:
        desk.therapy_begun(ledger)
        signed = seal(ledger.committing, ledger.sealer, "director")
        note = open_note(signed.note, [ledger.committing.signer.verifier])
        witness = CosignerSigner.generate("witness.example").at(1_800_000_000)
        attach_cosignatures(ledger.committing, countersign(Note(note.text, note.verified, ()), witness))
        ledger.record([desk.intake(2, "coaching", source="old-1"), desk.intake(3)])
        ledger.record([desk.fact("ActorRegistered", actor="desk-2", role="front-desk", may_authorise=False)])


def copied(made: Path, folder: Path) -> Path:
    """A copy of a made ledger."""
    folder.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copy2(made / name, folder / name)
    return folder


def change(folder: Path, *changes: Change) -> None:
    """Carries out changes with every trigger dropped first and made again afterwards."""
    connection = sqlite3.connect(folder / "practice.db", isolation_level=None)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for one in changes:
        if isinstance(one, str):
            connection.execute(one)
        else:
            one(connection)
    for _, sql in triggers:
        connection.execute(sql)
    connection.close()


def checked(folder: Path, **question: object) -> Report:
    """What `verify` says of the ledger in a folder."""
    return verify(desk.places(folder), Question(**question))  # type: ignore[arg-type]


def found(report: Report) -> set[tuple[str, int | str | None, str]]:
    """Its faults without their words."""
    return {(fault.table, fault.position, fault.kind.value) for fault in report.faults}


def opened(folder: Path) -> Ledger:
    """The ledger in a folder."""
    return Ledger(desk.places(folder))
