"""`receipt`: shows what a receipt proves, with no ledger at hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import json_option, print_json

if TYPE_CHECKING:
    from ledger.integrity.checkpoint import Checkpoint
    from ledger.integrity.note import Verifier
    from ledger.integrity.proof import Completeness, Proven, Receipt

_TOLD = ("stream", "seq", "type", "occurred_at", "at")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def receipt() -> None:
    """Receipts: what an entry was when it was recorded, kept by whoever wants to see later that it still is."""


@receipt.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--key",
    metavar="VKEY",
    help="The ledger's public key, from somebody you trust and not from the receipt: name+id+base64.",
)
@click.option(
    "--keys",
    "chain",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="With --key: how the ledger's keys followed each other (`checkpoint keys -o`); the key given is one of them.",
)
@json_option
def verify(file: Path, key: str | None, chain: Path | None, *, as_json: bool) -> None:
    """Verify a receipt, or a proof of completeness: no ledger is needed.

    Every entry is found to stand, unchanged, under the checkpoint the file holds; of a proof of completeness
    (`checkpoint prove`), that the stream had these entries and no others. With --key the checkpoint is also found to
    be signed by that key, or with --keys by the one of the ledger's keys that was in force; without it anybody may
    have made the file. Exit code 0: it holds. 4: it does not.
    """
    from ledger.commands import completeness
    from ledger.commands.files import read_bytes
    from ledger.integrity.proof import Completeness, Receipt

    given = _key(key)
    content = read_bytes(file)
    if Completeness.FORMAT.encode() in content[:200]:
        proof = Completeness.parse(content)
        known = _followed(chain, given, proof.checkpoint)
        completeness.verify(proof, _checked(proof, known), known, as_json=as_json)
        return
    read = Receipt.parse(content)
    known = _followed(chain, given, read.checkpoint)
    checkpoint = _checked(read, known)
    entries = [_entry(one) for one in read.entries]
    if as_json:
        print_json(
            {
                "holds": True,
                "signer_verified": known is not None,
                "verifier": read.verifier,
                "checkpoint": {
                    "origin": checkpoint.origin,
                    "size": checkpoint.size,
                    "root": checkpoint.root.hex(),
                },
                "entries": entries,
            }
        )
    else:
        _tell(entries, checkpoint, read.verifier, known, followed=known != given)


def _key(text: str | None) -> "Verifier | None":
    """The key as given; a mistyped one is a mistake of the call, not of the receipt."""
    from ledger.errors import ProofError, UsageError
    from ledger.integrity.note import Verifier

    if text is None:
        return None
    try:
        return Verifier.parse(text.strip())
    except ProofError as wrong:
        raise UsageError(f"--key: expected a public key, name+id+base64: {wrong}") from None


def _followed(chain: Path | None, known: "Verifier | None", note: str) -> "Verifier | None":
    """The key that had to sign a checkpoint: the one given, or the one in force there, to which its chain leads."""
    from ledger.commands.files import read_bytes
    from ledger.errors import UsageError
    from ledger.integrity.key_links import KeyLinks

    if chain is None:
        return known
    if known is None:
        raise UsageError(
            "--keys: give one of the keys with --key, from somebody you trust and not from this file"
        )
    return KeyLinks.parse(read_bytes(chain)).require(note, [known])


def _checked(document: "Receipt | Completeness", known: "Verifier | None") -> "Checkpoint":
    """What the document shows; where another key signed, what to ask for."""
    from ledger.errors import ProofError

    try:
        return document.check([known] if known is not None else ())
    except ProofError as wrong:
        if known is None or "no signature by a known key" not in str(wrong):
            raise
        raise ProofError(
            f"{wrong}. If the practice has replaced its key, ask it for the proof that its keys followed each other "
            "(`checkpoint keys -o FILE`), and give that with --keys"
        ) from None


def _entry(proven: "Proven") -> dict[str, Any]:
    """What a proven entry says of itself; ProofError for bytes that are no entry."""
    from ledger.errors import InputError, ProofError
    from ledger.integrity.canonical import loads

    try:
        header = loads(proven.state)
    except InputError as wrong:
        raise ProofError(f"entry {proven.position}: its stored bytes are no entry: {wrong}") from None
    if not isinstance(header, dict) or (missing := [name for name in _TOLD if name not in header]):
        told = f"missing {', '.join(missing)}" if isinstance(header, dict) else "expected an object"
        raise ProofError(f"entry {proven.position}: its stored bytes are no entry: {told}")
    told_of = {name: header[name] for name in _TOLD if name != "at"}
    return {
        "position": proven.position,
        **told_of,
        "recorded_at": header["at"],
        "leaf_hash": proven.leaf_hash.hex(),
        "entry": header,
    }


def _tell(
    entries: list[dict[str, Any]],
    checkpoint: "Checkpoint",
    named: str,
    known: "Verifier | None",
    *,
    followed: bool,
) -> None:
    from ledger.commands.showing import heading, say, say_wrapped
    from ledger.legible import on_one_line

    for entry in entries:
        heading(on_one_line(f"Entry {entry['position']}: {entry['type']}"))
        say(on_one_line(f"{entry['stream']}, entry {entry['seq']} of its stream"))
        say(f"  happened  {on_one_line(str(entry['occurred_at']))}")
        say(f"  recorded  {on_one_line(str(entry['recorded_at']))}")
        say(f"  leaf hash {entry['leaf_hash']}")
    heading(on_one_line(f"Checkpoint of {checkpoint.origin}: {checkpoint.size} entries"))
    say(f"  root      {checkpoint.root.hex()}")
    say_wrapped(f"signed by {on_one_line(known.vkey if known else named)}", "  ")
    count = "the entry stands" if len(entries) == 1 else f"all {len(entries)} entries stand"
    if known:
        by = "" if followed else ", signed by the key given"
        heading(f"The receipt holds: {count} under the checkpoint{by}.", "green")
        if followed:
            say_wrapped("It is signed by the key in force then, to which the key given leads.")
        return
    heading(f"The receipt is internally consistent: {count} under the checkpoint.", "yellow")
    say_wrapped(
        "The signer is not verified: get the ledger's public key from elsewhere and give it with --key. Anybody can "
        "make a consistent receipt with a key of their own."
    )
