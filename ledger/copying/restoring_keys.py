"""A key database put back from a copy: found to be this ledger's, and what an older copy lacks is said.

The keys of erased clients that a copy still holds are destroyed again when the ledger is next opened with it.
"""

import os
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.application import Ledger
from ledger.errors import FileTakenError, KeyDatabaseError, OtherKeysError, OtherLedgerError, ProofError
from ledger.integrity.canonical import loads
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import Signer, open_note
from ledger.keys.copies import copy_file
from ledger.keys.grant_store import GrantStore
from ledger.keys.private_files import placed_whole
from ledger.keys.role_file import read_role_file
from ledger.places import Places
from ledger.proving.signing_keys import MARK, SIGNING_KEY

_ENDINGS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class RestoredKeys:
    """A key database that was put back."""

    file: Path
    data_keys: int
    """How many live data keys it holds."""
    lacking: int
    """How many data keys that the ledger's texts name are not in it: those texts stay sealed."""
    signed: int | None
    """How many entries its signer had signed; None if none."""
    entries: int
    """How many entries the ledger holds."""


def restore_keys(places: Places, file: Path) -> RestoredKeys:
    """Copies a backup of the key database to its place. Nothing is ever overwritten; the backup is not written to.

    Raises `FileTakenError` if a key database is there, `OtherKeysError` or `OtherLedgerError` if it is that of another
    ledger, `KeyDatabaseError` if it cannot be read or written, `NoLedgerError` where there is no ledger.
    """
    for end in ("", *_ENDINGS):  # an orphaned log would be taken for the restored file's
        if os.path.lexists(f"{places.keys}{end}"):
            raise FileTakenError(f"{places.keys}{end}")
    ledger = Ledger(places)
    try:
        with placed_whole(places.keys) as draft:
            copy_file(file, draft)
            with closing(GrantStore(draft)) as store:
                store.check()
                restored = _checked(ledger, store, file)
    except OSError as error:
        raise KeyDatabaseError(places.keys, error.strerror or str(error)) from None
    finally:
        ledger.close()
    return restored


def _checked(ledger: Ledger, store: GrantStore, file: Path) -> RestoredKeys:
    """What of the ledger the copy serves. Raises if it is another ledger's."""
    role_path = ledger.places.role
    if role_path.exists():
        role = read_role_file(role_path)
        if role.ledger_id != store.ledger_id:
            raise OtherLedgerError(role_path, store.ledger_id, role.ledger_id)
    _require_own_signer(ledger, store, file)
    named = _keys_named(ledger)
    lacking = sum(1 for key_id in named if store.find(int(key_id)) is None)
    if named and lacking == len(named):
        raise OtherKeysError(file, "it holds none of the data keys that this ledger's texts name")
    mark = store.setting(MARK)
    return RestoredKeys(
        ledger.places.keys,
        store.count_live(),
        lacking,
        None if mark is None else _size(mark, file),
        ledger.recorder.last_position(),
    )


def _require_own_signer(ledger: Ledger, store: GrantStore, file: Path) -> None:
    """The copy signs with a key that has signed this ledger, now or before it was replaced."""
    stored, last = store.setting(SIGNING_KEY), ledger.recorder.last_checkpoint()
    if stored is None or last is None:
        return
    verifier = Signer.parse(stored.decode(errors="replace")).verifier
    with suppress(ProofError):
        open_note(last.note, [verifier])
        return
    if verifier.vkey not in _keys_of_the_log(ledger):
        name = f"{verifier.name}+{verifier.key_id:08x}"
        raise OtherKeysError(
            file, f"it signs as {name}, and no checkpoint or entry of this ledger knows that key"
        )


def _keys_of_the_log(ledger: Ledger) -> set[Any]:
    """The public keys that entries say were replaced, or took a replaced one's place."""
    said = (
        loads(row.state)["data"]
        for row in ledger.recorder.stream_rows("ledger")
        if row.topic == "SigningKeyChanged"
    )
    return {value for data in said for value in (data.get("replaced"), data.get("verifier"))}


def _keys_named(ledger: Ledger) -> set[str]:
    """The data keys that sealed texts name, each once."""
    with ledger.recorder.snapshot() as reading:
        return {row.key_id for _, rows in reading.disclosures_by_stream() for row in rows}


def _size(mark: bytes, file: Path) -> int:
    text = mark.decode(errors="replace").partition("\n\n")[0] + "\n"
    try:
        return Checkpoint.parse(text).size
    except ProofError:
        raise KeyDatabaseError(file, "the last checkpoint it signed cannot be read") from None
