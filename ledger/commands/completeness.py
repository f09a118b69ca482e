"""`receipt verify` of a proof of completeness: how many entries a stream had at a seal, and that it had no others."""

from typing import TYPE_CHECKING

from ledger.commands.session import print_json

if TYPE_CHECKING:
    from ledger.integrity.checkpoint import Checkpoint
    from ledger.integrity.note import Verifier
    from ledger.integrity.proof import Completeness


def verify(
    proof: "Completeness", checkpoint: "Checkpoint", known: "Verifier | None", *, as_json: bool
) -> None:
    """Tells what a proof, found to hold, shows."""
    from ledger.commands.showing import heading, say, say_wrapped
    from ledger.legible import on_one_line

    if as_json:
        print_json(
            {
                "holds": True,
                "signer_verified": known is not None,
                "verifier": proof.verifier,
                "stream": proof.stream,
                "count": proof.count,
                "leaf_hashes": [leaf.hex() for leaf in proof.leaf_hashes],
                "checkpoint": {
                    "origin": checkpoint.origin,
                    "size": checkpoint.size,
                    "root": checkpoint.root.hex(),
                },
            }
        )
        return
    heading(on_one_line(f"Checkpoint of {checkpoint.origin}: {checkpoint.size} entries, sealed"))
    say(f"  root      {checkpoint.root.hex()}")
    say_wrapped(f"signed by {on_one_line(known.vkey if known else proof.verifier)}", "  ")
    for number, leaf in enumerate(proof.leaf_hashes, 1):
        say(f"  entry {number:<6} leaf hash {leaf.hex()}")
    entries = "1 entry" if proof.count == 1 else f"{proof.count} entries"
    shown = f"had {entries} and no others" if proof.count else "was not there"
    if known:
        heading(_wrapped(f"At this seal {proof.stream} {shown}."), "green")
        return
    heading(_wrapped(f"Internally consistent: at this seal {proof.stream} {shown}."), "yellow")
    say_wrapped(
        "The signer is not verified: get the ledger's public key from elsewhere and give it with --key."
    )


def _wrapped(text: str) -> str:
    """A heading that names a stream, which may be long."""
    import textwrap

    from ledger.commands.showing import width
    from ledger.legible import on_one_line

    return textwrap.fill(on_one_line(text), width(), subsequent_indent="  ", break_long_words=False)
