"""`checkpoint keys`: the signing keys one after the other, and their proof, to be given away."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.files import write_file
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import say, say_wrapped

if TYPE_CHECKING:
    from ledger.proving.key_history import KeyTurn


@click.command(context_settings=HELP)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the proof to this file, for `receipt verify --keys`.",
)
@json_option
@click.pass_context
def keys(ctx: click.Context, *, output: Path | None, as_json: bool) -> None:
    """The keys that signed this ledger's checkpoints, one after the other.

    Whoever has any of them can follow the proof (-o) to the one that signed what they hold: each key signed for the
    one that took its place.
    """
    from ledger.errors import InputError
    from ledger.proving.key_history import key_history, key_links

    with Session.of(ctx).ledger() as ledger, ledger.recorder.snapshot() as reading:
        present = ledger.committing.signer.verifier.vkey
        turns, proof = key_history(reading, present), key_links(reading, ledger.opened.origin, present)
    if as_json:
        print_json({"keys": [document(turn) for turn in turns]})
    else:
        for turn in turns:
            say(turn.key)
            say_wrapped(words(turn), "  ")
    if output is not None:
        if proof is None:
            raise InputError("there is nothing to follow: no key of this ledger has signed for another")
        write_file("--output", output, proof.format())
        say(f"Written to {output}: the proof of {len(proof.links)} changes.", err=True)


def document(turn: "KeyTurn") -> dict[str, Any]:
    """A key's time as JSON values."""
    return turn._asdict()


def words(turn: "KeyTurn") -> str:
    """Since when a key signs, and why."""
    if not turn.since:
        return "from the first entry on"
    signed_for = "" if turn.signed_for else "; the key before did not sign for it"
    return f"since entry {turn.since} ({turn.recorded_at}): {turn.reason}{signed_for}"
