"""`keys rotate-signing`: another signing key in the place of the one in force, said openly in the ledger."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.recording import WHO_HELP, recorder_of
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import heading, say, say_wrapped

if TYPE_CHECKING:
    from ledger.proving.rotating import Rotated


@click.command("rotate-signing", context_settings=HELP)
@click.option(
    "--reason", metavar="TEXT", required=True, help="Why. Kept in clear text: practice matters only."
)
@click.option("--as", "own_actor", metavar="ACTOR", help=WHO_HELP)
@json_option
@click.pass_context
def rotate_signing(ctx: click.Context, *, reason: str, own_actor: str | None, as_json: bool) -> None:
    """Replace the key that signs checkpoints, openly.

    An entry of the ledger says so.

    The old key signs for the new one and is destroyed here: whoever has its public half can follow it to the new
    one. What it signed before still verifies; what it signs from now on counts for nothing. Reading keys are not
    touched.
    """
    from ledger.proving.rotating import rotate

    session = Session.of(ctx)
    with session.ledger() as ledger:
        done = rotate(ledger.committing, ledger.sealer, reason, recorder_of(session, own_actor))
        keys = str(ledger.places.keys)
    if as_json:
        print_json(_document(done))
    else:
        _tell(done, keys)


def _document(done: "Rotated") -> dict[str, Any]:
    return {
        "position": done.position,
        "replaced": done.replaced.vkey,
        "key": done.verifier.vkey,
        "size": done.signed.size,
        "root": done.signed.root.hex(),
        "note": done.signed.note,
        "traces": done.traces,
    }


def _tell(done: "Rotated", keys: str) -> None:
    heading(f"The signing key is replaced, as entry {done.position} of the log says.", "green")
    say(f"  replaced   {done.replaced.name}+{done.replaced.key_id:08x}")
    say(f"  new        {done.verifier.name}+{done.verifier.key_id:08x}")
    say()
    say_wrapped(
        "The public key, for counsel and for witnesses (who gave the old one by another way, do it again):"
    )
    say(f"  {done.verifier.vkey}")
    say()
    say_wrapped(
        "Copies of the key database from before still hold the old key: make a new copy, destroy those."
    )
    if done.traces:
        say_wrapped(
            f"Another program was reading {keys}: a trace of the old private key may stand in its -wal file until "
            "the next entry is recorded."
        )
