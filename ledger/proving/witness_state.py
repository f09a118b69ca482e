"""A witness's file: its private key, the last checkpoint of each log, and the evidence it keeps.

    {"format": "engagement-ledger witness 1", "name": ..., "key": <signer key>,
     "logs": {<log vkey>: <last checkpoint, cosigned>},
     "evidence": [{"kind", "vkey", "seen", "refused", "request", "why", "at"}]}

Whoever changes it holds the lock beside it (`<file>.lock`) from reading to writing; a change is durable when
`save` returns, and the file is the old one or the new one, never a mixture. Size, root and time of what was seen
are not stored apart: they are read from the note, whose two signatures are verified each time.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.errors import ConflictError, InputError, IntegrityError, ProofError, StorageError, UsageError
from ledger.integrity.canonical import loads
from ledger.integrity.cosignature import CosignerSigner, CosignerVerifier
from ledger.integrity.note import Verifier, open_note
from ledger.integrity.witness import Evidence, Kind, Request, Seen
from ledger.keys.private_files import PRIVATE, placed_whole

FORMAT = "engagement-ledger witness "
VERSION = "1"
MAX_STATE = 16 << 20
"""Bytes of a state file that is read."""
MAX_EVIDENCE = 8 << 20
"""Bytes the evidence may take: the rest stays free for the logs, however often something is refused."""
TRIES, PAUSE = 200, 0.05
"""How often the lock is tried, and the seconds between: ten seconds in all."""

_EVIDENCE = ("kind", "vkey", "seen", "refused", "request", "why", "at")


@dataclass
class WitnessState:
    """One witness: its key, the logs it has seen by their vkey, its evidence in the order it came."""

    signer: CosignerSigner
    logs: dict[str, Seen] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The witness's name, as it stands in its cosignatures."""
        return self.signer.name

    @property
    def verifier(self) -> CosignerVerifier:
        """The public key, to be given away."""
        return CosignerVerifier(self.signer.name, self.signer.verifier.public_key)

    def seen(self, origin: str) -> Seen | None:
        """The last checkpoint of the log of this origin, or None: "each log, uniquely identified by its origin"."""
        return next((each for each in self.logs.values() if each.origin == origin), None)

    def signer_of(self, request: Request) -> Seen | None:
        """The known log whose key validly signed this request's note, whatever its origin says, or None."""
        for seen in self.logs.values():
            try:
                open_note(request.note, (Verifier.parse(seen.vkey),))
            except ProofError:
                continue
            return seen
        return None

    def remember(self, seen: Seen) -> None:
        """Make `seen` the last checkpoint of its origin, under whatever key the one before was."""
        former = self.seen(seen.origin)
        if former is not None:
            del self.logs[former.vkey]
        self.logs[seen.vkey] = seen

    def keep(self, evidence: Evidence) -> bool:
        """Keep it, once. False if there is no room left, and nothing was kept."""
        if any(_same(evidence, kept) for kept in self.evidence):
            return True
        listed = [_evidence_document(each) for each in (*self.evidence, evidence)]
        if len(json.dumps(listed, ensure_ascii=False).encode()) > MAX_EVIDENCE:
            return False
        self.evidence.append(evidence)
        return True


def create(path: Path, name: str) -> WitnessState:
    """Make a state file with a new random key. LedgerExistsError if something stands there already.

    UsageError for a name that cannot stand in a signature line, StorageError where nothing can be written.
    """
    try:
        state = WitnessState(CosignerSigner.generate(name))
    except ProofError as wrong:
        raise UsageError(
            f"--name: {wrong}. Expected a name such as example.org/witness, without blanks"
        ) from None
    try:
        with placed_whole(path) as draft:
            draft.write_bytes(_bytes_of(state))
    except OSError as wrong:
        raise StorageError(path, wrong.strerror or str(wrong)) from None
    return state


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the state's lock. ConflictError if another process holds it for ten seconds.

    The lock is a file of its own, which stays: the state file itself is replaced with every change.
    """
    real = _found(path)
    try:
        handle = os.open(
            real.with_name(real.name + ".lock"),
            os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW,
            PRIVATE,
        )
    except OSError as wrong:
        raise StorageError(f"{real}.lock", wrong.strerror or str(wrong)) from None
    try:
        _wait_for(handle, real)
        yield
    finally:
        os.close(handle)  # which ends the lock


def load(path: Path) -> WitnessState:
    """Read a state file strictly.

    UsageError if there is none or a newer program made it, StorageError if it cannot be read, IntegrityError if
    it is damaged: it says what, and never quotes the key.
    """
    real = _found(path)
    try:
        with real.open("rb") as opened:
            content = opened.read(MAX_STATE + 1)
    except OSError as wrong:
        raise StorageError(path, wrong.strerror or str(wrong)) from None
    if len(content) > MAX_STATE:
        raise IntegrityError(f"{path} is no witness's file: it is larger than {MAX_STATE} bytes")
    try:
        return _state_of(loads(content), path)
    except (InputError, ProofError) as wrong:
        raise IntegrityError(
            f"{path} is damaged or no witness's file: {wrong}. Keep it as it is and do not cosign with an older "
            "copy, which has forgotten what was seen since; make a new witness with `witness init` and give the "
            "practice its key."
        ) from None


def save(path: Path, state: WitnessState) -> None:
    """Replace the file, durably: temporary file beside it, fsync, rename, fsync of the folder.

    To be called with the lock held. StorageError leaves the old file in its place.
    """
    real = _found(path)
    content = _bytes_of(state)
    if len(content) > MAX_STATE:
        raise StorageError(
            path, f"it would grow beyond {MAX_STATE} bytes", "Make a new witness for further logs."
        )
    draft = real.with_name(f".{real.name}.new")  # one name: what a killed process left is not left for good
    try:
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, PRIVATE)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            draft.replace(real)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(real.parent)
    except OSError as wrong:
        raise StorageError(path, wrong.strerror or str(wrong)) from None


def _found(path: Path) -> Path:
    """The file itself: two names of it share one lock, and no link is replaced by a file."""
    real = Path(os.path.realpath(path))
    if not real.is_file():
        raise UsageError(
            f"no witness's file at {path}. Make one with `engagement-ledger witness init {path} --name NAME`."
        )
    return real


def _wait_for(handle: int, real: Path) -> None:
    for _ in range(TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE)
        except OSError as wrong:
            raise StorageError(f"{real}.lock", wrong.strerror or str(wrong)) from None
        else:
            return
    raise ConflictError(
        f"{real} is in use by another process; waited {TRIES * PAUSE:g} seconds. Nothing was cosigned. "
        "Try again when it is done."
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- the stored form --------------------------------------------------------------------------------------


def _bytes_of(state: WitnessState) -> bytes:
    document = {
        "format": FORMAT + VERSION,
        "name": state.name,
        "key": state.signer.skey,
        "logs": {vkey: seen.note for vkey, seen in state.logs.items()},
        "evidence": [_evidence_document(each) for each in state.evidence],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _evidence_document(evidence: Evidence) -> dict[str, str | int | None]:
    return {name: getattr(evidence, name) for name in _EVIDENCE}


def _same(one: Evidence, other: Evidence) -> bool:
    """Whether two show the same: the same two notes for the same reason, whenever it was."""
    return (one.kind, one.vkey, one.seen, one.request) == (other.kind, other.vkey, other.seen, other.request)


def _state_of(document: Any, path: Path) -> WitnessState:
    form = document.get("format") if type(document) is dict else None
    if type(form) is str and form.startswith(FORMAT) and form != FORMAT + VERSION:
        raise UsageError(
            f"{path} has format {form[:60]!r}, this program reads {FORMAT + VERSION!r}. "
            "Nothing in it was changed. Use the program that wrote it, or a newer one."
        )
    members = _members_of(document, ("format", "name", "key", "logs", "evidence"), "the file")
    if form != FORMAT + VERSION:
        raise ProofError(f"format: expected {FORMAT + VERSION!r}")
    try:
        signer = CosignerSigner.parse(_text(members["key"], "key"))
    except ProofError:  # whose wording may quote
        raise ProofError("key: expected the witness's signer key, whole and unchanged") from None
    if members["name"] != signer.name:
        raise ProofError("name: expected the name that the key has")
    state = WitnessState(signer)
    if type(members["logs"]) is not dict:
        raise ProofError("logs: expected an object")
    for vkey, note in members["logs"].items():
        seen = Seen.read(_text(note, "a log's checkpoint"), Verifier.parse(vkey), state.verifier)
        if seen.vkey != vkey or state.seen(seen.origin) is not None:
            raise ProofError("logs: expected each log once, under its key")
        state.logs[vkey] = seen
    if type(members["evidence"]) is not list:
        raise ProofError("evidence: expected a list")
    state.evidence.extend(map(_evidence_of, members["evidence"]))
    return state


def _evidence_of(document: Any) -> Evidence:
    members = _members_of(document, _EVIDENCE, "a piece of evidence")
    kind, at = members["kind"], members["at"]
    if kind not in list(Kind):
        raise ProofError("evidence: expected a kind that this program knows")
    if type(at) is not int or not 0 <= at < 253402300800:  # the year 10000
        raise ProofError("evidence: expected a time in seconds")
    seen = members["seen"]
    vkey, refused, request, why = (
        _text(members[name], f"evidence, {name}") for name in ("vkey", "refused", "request", "why")
    )
    return Evidence(
        Kind(kind), vkey, None if seen is None else _text(seen, "evidence, seen"), refused, request, why, at
    )


def _members_of(document: Any, names: tuple[str, ...], what: str) -> dict[str, Any]:
    if type(document) is not dict or set(document) != set(names):
        raise ProofError(f"{what}: expected an object of {', '.join(names)}")
    return document


def _text(value: Any, what: str) -> str:
    if type(value) is not str:
        raise ProofError(f"{what}: expected text")
    return value
