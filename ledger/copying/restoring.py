"""`restore`: a whole-ledger file copied to where nothing is, into a file or a server, and what follows from it.

The rollback guard: the key database remembers how much was signed. A restored ledger that holds less can be read, but
nothing is recorded in it until that is said openly (`checkpoint rebase`), so that a restore can never be a way to make
entries disappear.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ledger.copying.backing_up import digest_of
from ledger.copying.copying import Copied, copy_log
from ledger.copying.drafts import new_file
from ledger.copying.soundness import Steps, own_verifiers, require_copied, require_sound
from ledger.errors import (
    IntegrityError,
    LedgerError,
    LedgerExistsError,
    NotALedgerError,
    OlderBackupError,
    UnsoundCopyError,
    UsageError,
)
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.proving.signing import CheckpointSigner
from ledger.storage import sqlite
from ledger.storage.engines import engine_of
from ledger.storage.log import ApplicationLog, Log
from ledger.storage.rows import CheckpointRow
from ledger.storage.sqlite_upgrade import storage_version

_SQLITE_FILE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Guard:
    """What the keys at hand say of a restored ledger.

    `signed` is how many entries they signed; None where there is no key database, or where it has signed nothing.
    `refuses` says why nothing can be recorded until that is said openly; None where recording can go on. `wrong` says
    why the keys cannot be used at all.
    """

    keys: bool
    role: bool
    signed: int | None = None
    refuses: str | None = None
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """A whole ledger that was restored. `sha256` is that of the file it came from; `done` was done on a server."""

    entries: int
    root: str
    origin: str
    checkpoint: CheckpointRow | None
    unsigned: int
    checked: str
    sha256: str
    guard: Guard
    done: Sequence[str] = ()


def is_whole_ledger(file: Path) -> bool:
    """Whether a file is a whole ledger by its content, as `backup` and `export ledger` write it."""
    try:
        with file.open("rb") as content:
            return content.read(len(_SQLITE_FILE)) == _SQLITE_FILE
    except OSError:
        return False


def is_taken(places: Places) -> bool:
    """Whether something stands where a ledger would be. Raises what the engine raises where it cannot be reached."""
    return engine_of(places.place).exists(places.place)


def restore(file: Path, places: Places, steps: Steps = lambda _what, _done, _of: None) -> Restored:
    """Copy a whole-ledger file to a place where no ledger is, verify the copy, and say what the keys think of it.

    Nothing is ever overwritten. Raises LedgerExistsError where a ledger stands; UsageError for a file that is none;
    UnsoundCopyError where it, or the copy, does not hold; StorageError where the place cannot be written.
    """
    if not file.is_file():
        raise UsageError(f"{str(file)[:200]!r} is not there: expected a file that `backup` wrote")
    if not is_whole_ledger(file):
        raise NotALedgerError(file, "expected a file that `backup` or `export ledger` wrote")
    if places.is_file and places.database.resolve() == file.resolve():
        raise UsageError("the backup is the place to restore to; name another with --ledger")
    sha256, _ = digest_of(file)
    with closing(_opened(file)) as log:
        last = log.last_checkpoint()
        verifiers = own_verifiers(places, last)
        with _placed(places) as (at, done):
            copied = _copied(log, str(file), at, steps)
            sound = require_sound(at, verifiers, steps, str(file))
            require_copied(str(file), sound, copied)
    return Restored(
        copied.size,
        copied.root.hex(),
        sound.report.origin,
        last,
        sound.unsigned,
        sound.checked,
        sha256,
        guard_of(places, sound.report.origin),
        done,
    )


def guard_of(places: Places, origin: str) -> Guard:
    """Whether the key database at hand lets recording go on with the ledger that stands there."""
    role = places.role.exists()
    if not places.keys_there:
        return Guard(keys=False, role=role)
    try:
        with (
            KeyDatabase.open(places.keys, None) as keys,
            closing(engine_of(places.place).open_log(places.place)) as log,
        ):
            signer = CheckpointSigner(keys, origin)
            mark = signer.mark()
            refuses = None
            try:
                signer.refuse_unless_extends(log)
            except IntegrityError as refused:
                refuses = str(refused)
    except LedgerError as wrong:
        return Guard(keys=True, role=role, wrong=str(wrong))
    return Guard(keys=True, role=role, signed=None if mark is None else mark.size, refuses=refuses)


def _opened(file: Path) -> ApplicationLog:
    """The log in a whole-ledger file, which is left as it is."""
    version = storage_version(file)
    if version == "1":
        raise OlderBackupError(file, version)
    return sqlite.open_log(file)


def _copied(log: Log, place: str, at: Places, steps: Steps) -> Copied:
    engine = engine_of(at.place)
    with log.snapshot() as reading, closing(engine.open_log(at.place)) as target, target.bulk() as writer:
        if writer.last_position():  # somebody else was faster
            raise LedgerExistsError(at.url)
        return copy_log(reading, place, writer, lambda done, of: steps("Copying", done, of))


@contextmanager
def _placed(places: Places) -> Iterator[tuple[Places, Sequence[str]]]:
    """An empty log to be filled in the block, and what was done to make it; nothing of it remains if that fails.

    A file is put in its place at the end. On a server the copy is one transaction; an empty log that a killed
    `restore` or `init` left there is used.
    """
    if places.is_file:
        with new_file(places.database) as draft:
            sqlite.create(draft)
            yield replace(places, url=f"sqlite:///{draft}", place=str(draft)), ()
        return
    engine = engine_of(places.place)
    done: Sequence[str] | None = None
    if engine.exists(places.place):
        with closing(engine.open_log(places.place)) as log:  # else it is something else's, which stays
            if log.last_position():
                raise LedgerExistsError(places.url)
    else:
        done = engine.create(places.place)
    try:
        yield places, done or ()
    except LedgerExistsError:  # somebody else's, meanwhile
        raise
    except UnsoundCopyError:
        engine.remove(places.place)
        raise
    except BaseException:
        if done is not None:
            engine.remove(places.place)
        raise
