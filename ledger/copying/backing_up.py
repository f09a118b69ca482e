"""`backup`: one state of a ledger, from whatever database, in one file that is itself a ledger.

Taken while others record: the state is that of one moment, and a signed checkpoint covers all of it. Keys are never in
it. The file appears under its name when it is written, on the disk and verified, or not at all.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.application import Ledger
from ledger.copying.copying import Copied, copy_log
from ledger.copying.drafts import new_file
from ledger.copying.soundness import Steps, own_verifiers, require_copied, require_sound
from ledger.errors import (
    ConflictError,
    IntegrityError,
    NoLedgerError,
    SealedError,
    StorageError,
    UsageError,
)
from ledger.places import Places
from ledger.proving.signing import Signed
from ledger.storage import sqlite
from ledger.storage.reading import Reading
from ledger.storage.rows import CheckpointRow
from ledger.storage.sqlite_datastore import BUSY_SECONDS, make_file, uri_of
from ledger.storage.sqlite_faults import Faults


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written. `unsigned` entries stand after the last checkpoint in it; `checked` says what was."""

    file: Path
    entries: int
    root: str
    checkpoint: CheckpointRow | None
    unsigned: int
    checked: str
    sha256: str
    bytes: int
    why_unsigned: str | None = None


def back_up(ledger: Ledger, file: Path, steps: Steps = lambda _what, _done, _of: None) -> Backup:
    """Write the whole ledger, as it stands now, to a new file.

    Raises FileTakenError where something stands; StorageError where it cannot be written; UnsoundCopyError where the
    ledger does not hold. Nothing half-written remains.
    """
    places = ledger.places
    with new_file(file) as draft:
        copied, why_unsigned = _copied(ledger, draft, steps)
        with closing(sqlite.open_log(draft)) as log:
            last = log.last_checkpoint()
        sound = require_sound(_at(draft), own_verifiers(places, last), steps, places.url)
        require_copied(places.url, sound, copied)
        sha256, size = digest_of(draft)
    return Backup(
        file,
        copied.size,
        copied.root.hex(),
        last,
        sound.unsigned,
        sound.checked,
        sha256,
        size,
        why_unsigned if sound.unsigned else None,
    )


def copy_as_is(places: Places, file: Path) -> tuple[int, str]:
    """Copy a ledger's file page by page, unread and unverified: for whoever examines damage. Its bytes and SHA-256.

    What stands in its write-ahead log is in the copy. UsageError for a ledger on a server; NoLedgerError; otherwise
    raises as `back_up`.
    """
    if not places.is_file:
        raise UsageError(
            "--as-is copies a ledger's file; the ledger is on a server: use the server's own `pg_dump` there"
        )
    if not places.database.exists():
        raise NoLedgerError(places.url)
    with new_file(file) as draft:
        make_file(draft)
        with (
            Faults(str(places.database), BUSY_SECONDS, known_sql=False),
            closing(sqlite3.connect(uri_of(str(places.database)), uri=True, timeout=BUSY_SECONDS)) as source,
            closing(sqlite3.connect(uri_of(str(draft)), uri=True)) as target,
        ):
            source.backup(target)
        sha256, size = digest_of(draft)
    return size, sha256


def digest_of(file: Path) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest(), content.tell()


def _copied(ledger: Ledger, draft: Path, steps: Steps) -> tuple[Copied, str | None]:
    """Copies one state of the ledger; where it could not be signed, also why."""
    with _state(ledger) as (reading, signed, why_unsigned):
        sqlite.create(draft)
        with closing(sqlite.open_log(draft)) as log, log.bulk() as writer:
            copied = copy_log(reading, ledger.places.url, writer, lambda done, of: steps("Copying", done, of))
            if signed is not None:
                writer.keep_checkpoint(*signed.kept)
    return copied, why_unsigned


@contextmanager
def _state(ledger: Ledger) -> Iterator[tuple[Reading, Signed | None, str | None]]:
    """One state of the ledger, and a checkpoint over all of it; where it cannot be signed, why.

    The last checkpoint of a ledger in use is not in it yet (the key database keeps it until the next commit), so it is
    signed here, while nobody can record. The ledger's lock is held for that moment only.
    """
    with ExitStack() as stack:
        try:
            with ledger.recorder.bulk():
                signed = ledger.committing.signer.sign(ledger.recorder)
                reading = stack.enter_context(ledger.recorder.snapshot())
        except (IntegrityError, SealedError, ConflictError, StorageError) as wrong:
            yield stack.enter_context(ledger.recorder.snapshot()), None, str(wrong)
            return
        yield reading, signed, None


def _at(draft: Path) -> Places:
    return Places.of(f"sqlite:///{draft}")
