"""`witness cosign`: check one checkpoint, remember it, hand out the cosignature."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import HELP, json_option, print_json

if TYPE_CHECKING:
    from ledger.errors import LedgerError
    from ledger.integrity.note import Verifier
    from ledger.integrity.witness import Evidence, RefusedCheckpointError, Request, Seen
    from ledger.proving.witness_state import WitnessState


MAX_REQUEST = 128 << 10
"""Bytes of a checkpoint file: a hundred signatures and sixty-three hashes take far less."""


state_argument = click.argument("state", type=click.Path(path_type=Path), metavar="STATE")


@click.command(context_settings=HELP)
@state_argument
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--log-key", metavar="VKEY", help="The record's public key. Needed the first time.")
@click.option(
    "--key-changed",
    is_flag=True,
    help="With --log-key: the practice told you, other than by FILE, that this key takes the former one's place.",
)
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write here, not to the screen.",
)
@json_option
def cosign(
    state: Path, file: Path, *, log_key: str | None, key_changed: bool, out: Path | None, as_json: bool
) -> None:
    """Check a checkpoint FILE, and add your signature.

    Exit code 4: it is not cosigned, and something is wrong with it. 5: it cannot be told from this file; the
    message says which one to ask for. What the record's key signed and you refused is kept as evidence.
    """
    from ledger.errors import UsageError
    from ledger.integrity.witness import Kind
    from ledger.proving import witness_state

    if out is not None and _is_state(out, state):
        raise UsageError(
            f"-o: {out} is your witness's file or its lock; name another place for the checkpoint"
        )
    if key_changed and log_key is None:
        raise UsageError("--key-changed: name the new key with --log-key")
    request, given = _request(file), _given_key(log_key)
    with witness_state.locked(state):
        known = witness_state.load(state)
        seen = known.seen(request.claimed.origin)
        if seen is None:  # a log whose key is known may not take another name
            seen = known.logs.get(given.vkey) if given is not None else known.signer_of(request)
        log = _log_of(request, seen, given, key_changed=key_changed)
        new = _cosigned(state, known, request, log, seen)
        known.remember(new)
        # Durable before the cosignature is handed out: tlog-witness, "MUST persist the new checkpoint before".
        witness_state.save(state, known)
    _warn_of_evidence(state, [each for each in known.evidence if each.vkey == log.vkey and each.kind.proven])
    if seen is not None and seen.vkey != log.vkey:
        say_err(
            f"{new.origin} is from now on known by its new key; both notes are kept ({Kind.KEY_CHANGED})."
        )
    _hand_out(new, seen, out, as_json=as_json)


def _request(file: Path) -> "Request":
    from ledger.errors import InputError, ProofError
    from ledger.integrity.witness import Request

    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_REQUEST + 1)
    except OSError as wrong:
        raise InputError(f"{file}: cannot be read: {wrong.strerror or wrong}") from None
    if len(content) > MAX_REQUEST:
        raise InputError(f"{file}: expected a checkpoint of at most {MAX_REQUEST} bytes, came more")
    try:
        return Request.parse(content)
    except ProofError as wrong:
        raise InputError(f"{file}: expected a checkpoint as the practice exports it: {wrong}") from None


def _is_state(out: Path, state: Path) -> bool:
    real = Path(os.path.realpath(state))
    for own in (real, real.with_name(real.name + ".lock")):
        if Path(os.path.realpath(out)) == own or (out.exists() and own.exists() and out.samefile(own)):
            return True
    return False


def _log_of(
    request: "Request", seen: "Seen | None", given: "Verifier | None", *, key_changed: bool
) -> "Verifier":
    """The key trusted for this log. UsageError where the person has to say which."""
    from ledger.errors import UsageError
    from ledger.integrity.note import Verifier

    if given is None:
        if seen is None:
            raise UsageError(
                f"{request.claimed.origin} is not known yet: give its public key with --log-key. Get the key from "
                "the practice by another way than this file (on paper, by telephone, from its contract): a file "
                "can be signed with any key"
            )
        return Verifier.parse(seen.vkey)
    if (
        seen is not None
        and seen.vkey != given.vkey
        and not key_changed
        and not _both_signed(request, seen, given)
    ):
        raise UsageError(
            f"--log-key: {seen.origin} is known by another key, {seen.vkey}, came {given.vkey}. Ask the practice for "
            "the checkpoint that both keys signed (`checkpoint keys` says since which entry the new one signs); or, if "
            "the practice told you, other than by this file, that its key has changed, add --key-changed. The new key "
            "must extend what you saw under the former"
        )
    return given


def _both_signed(request: "Request", seen: "Seen", given: "Verifier") -> bool:
    """Whether the key known so far signed for the one given: the first checkpoint after a change bears both."""
    from ledger.errors import ProofError
    from ledger.integrity.note import Verifier, open_note

    try:
        return len(open_note(request.note, [Verifier.parse(seen.vkey), given]).verified) > 1
    except ProofError:
        return False


def _given_key(log_key: str | None) -> "Verifier | None":
    from ledger.errors import ProofError, UsageError
    from ledger.integrity.note import Verifier

    try:
        return Verifier.parse(log_key) if log_key is not None else None
    except ProofError as wrong:
        raise UsageError(f"--log-key: {wrong}") from None


def _cosigned(
    state: Path, known: "WitnessState", request: "Request", log: "Verifier", seen: "Seen | None"
) -> "Seen":
    """The checkpoint with the cosignature, checked and not yet remembered. A refusal's evidence is saved here."""
    from ledger.errors import ProofError
    from ledger.integrity.note import countersign, open_note
    from ledger.integrity.witness import Evidence, Kind, RefusedCheckpointError, Seen, consider

    at = _now(seen)

    def evidence(kind: Kind, why: str) -> Evidence:
        note = seen.note if seen is not None else None
        return Evidence(kind, log.vkey, note, request.note, request.format(), why, at)

    try:
        consider(request, log, seen)
    except RefusedCheckpointError as refusal:
        raise _refusal(state, known, refusal, evidence(refusal.kind, str(refusal))) from None
    except ProofError as wrong:
        if seen is None or "no signature by a known key" not in str(wrong):
            raise
        raise ProofError(
            f"not cosigned: {wrong}. If the practice has replaced its key, ask it for the new public key, by another "
            "way than this file, and for the checkpoint that both keys signed (`checkpoint keys` says since which "
            f"entry the new one signs; `checkpoint export THAT --since {seen.size} -o FILE`); cosign that first, with "
            "--log-key"
        ) from None
    if seen is not None and seen.vkey != log.vkey:
        known.keep(
            evidence(Kind.KEY_CHANGED, f"the key of {log.name} changed from {seen.vkey} to {log.vkey}")
        )
    note = countersign(open_note(request.note, (log,)), known.signer.at(at))
    return Seen.read(note, log, known.verifier)


def _refusal(
    state: Path, known: "WitnessState", refusal: "RefusedCheckpointError", evidence: "Evidence"
) -> "LedgerError":
    """The error for a refused checkpoint, after its evidence is kept."""
    from ledger.errors import InputError, ProofError, StorageError
    from ledger.proving.witness_state import save

    where = f"There is no room left in {state}: keep this file yourself."
    if known.keep(evidence):
        what = "Both checkpoints are" if evidence.seen is not None else "The checkpoint is"
        where = f"{what} kept in {state} (`witness show --json` prints them)."
        try:
            save(state, known)
        except StorageError as wrong:  # which must not hide the refusal
            where = f"Keep this file yourself: {wrong}"
    if refusal.kind.open:
        return InputError(
            f"not cosigned: {refusal}. Ask the practice to run `engagement-ledger checkpoint export --since "
            f"{refusal.since} -o FILE` and send you that file. {where}"
        )
    if refusal.kind.proven:
        where += " Anybody with the record's public key can check this proof; do not let go of it."
    return ProofError(f"not cosigned: {refusal}. {where}")


def _now(seen: "Seen | None") -> int:
    """The time to state (POSIX seconds), never before the last: a cosignature is about the largest tree so far."""
    from ledger.clock import now
    from ledger.errors import InputError
    from ledger.values import instant

    at = int(instant(now()).timestamp())
    if seen is not None and at < seen.at:
        raise InputError(
            f"not cosigned: this machine's clock says {shown_at(at)}, before your last cosignature of {seen.origin} "
            f"({shown_at(seen.at)}). Put the clock right and try again"
        )
    return at


def _hand_out(new: "Seen", before: "Seen | None", out: Path | None, *, as_json: bool) -> None:
    from ledger.errors import StorageError

    if out is not None:
        try:
            out.write_bytes(new.note.encode())
        except OSError as wrong:
            raise StorageError(
                out,
                wrong.strerror or str(wrong),
                "The checkpoint is remembered; cosign it again into another file.",
            ) from None
    if as_json:
        document: dict[str, Any] = {
            **seen_document(new),
            "since": before.size if before is not None else None,
        }
        print_json({**document, "output": str(out) if out is not None else None})
    elif out is None:
        from ledger.legible import legible

        shown = legible(new.note) if sys.stdout.isatty() else new.note
        click.echo(shown.encode(), nl=False)
    grown = "the first one you saw"
    if before is not None:
        again = before.size == new.size
        grown = "the same as before" if again else f"it extends the {before.size} seen before"
    say_err(f"Cosigned: {new.origin}, {new.size} entries ({grown}), {shown_at(new.at)}.")


def _warn_of_evidence(state: Path, proofs: list["Evidence"]) -> None:
    if proofs:
        say_err(
            f"Mind that {state} holds {len(proofs)} proof(s) of misconduct of this log: see `witness show`."
        )


def say_err(text: str) -> None:
    """One wrapped paragraph beside the output."""
    from ledger.commands.showing import say_wrapped

    say_wrapped(text, err=True)


def shown_at(at: int) -> str:
    """A time (POSIX seconds) as people read it."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return f"{at} seconds after 1970"


def seen_document(seen: "Seen") -> dict[str, Any]:
    """What was seen of one log, for JSON; the root in hexadecimal, the time in POSIX seconds."""
    return {
        "origin": seen.origin,
        "vkey": seen.vkey,
        "size": seen.size,
        "root": seen.root.hex(),
        "at": seen.at,
        "note": seen.note,
    }
