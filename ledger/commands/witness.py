"""`witness`: the other party's side. Check that a practice's record only grew, and vouch for it with the time."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import HELP, json_option, print_json
from ledger.commands.witness_cosign import cosign, say_err, seen_document, shown_at, state_argument

if TYPE_CHECKING:
    from ledger.proving.witness_state import WitnessState


@click.group(context_settings=HELP)
def witness() -> None:
    """Watch a practice's record from outside.

    For somebody who is not the practice. STATE is a small file on your own machine: your key, and the last
    checkpoint of each record you watch. No ledger is needed, and nothing of what it says about clients is seen.
    """


@witness.command("init", context_settings=HELP)
@state_argument
@click.option(
    "--name", required=True, metavar="NAME", help="Your name in signatures, such as example.org/ann."
)
@json_option
def init_(state: Path, *, name: str, as_json: bool) -> None:
    """Make a witness with a new key."""
    from ledger.proving import witness_state

    made = witness_state.create(state, _checked_name(name))
    if as_json:
        print_json({"state": str(state), "name": made.name, "vkey": made.verifier.vkey})
        return
    from ledger.commands.showing import heading, say, say_wrapped

    heading(f"A new witness, {made.name}.", "green")
    say_wrapped(
        f"{state}: your key and your memory. Keep it on one machine; whoever has it signs as you.", "  "
    )
    say("Your public key, for the practice and for whoever checks its record:")
    say(f"  {made.verifier.vkey}")
    say("Next:")
    say(f"  engagement-ledger witness cosign {state} FILE --log-key KEY")


witness.add_command(cosign)


@witness.command("show", context_settings=HELP)
@state_argument
@json_option
def show(state: Path, *, as_json: bool) -> None:
    """Your public key, what you have seen, what you have kept."""
    from ledger.keys.private_files import exposure
    from ledger.proving import witness_state

    known = witness_state.load(state)
    if warning := exposure(state):
        say_err(warning)
    if as_json:
        print_json(_document(known))
        return
    from ledger.commands.showing import heading, say, say_wrapped, table

    heading(f"Witness {known.name}")
    say(f"Public key: {known.verifier.vkey}")
    if known.logs:
        say()
        table(
            ("log", "entries", "root", "cosigned"),
            [
                (each.origin, str(each.size), each.root.hex()[:12], shown_at(each.at))
                for each in known.logs.values()
            ],
        )
    else:
        say("No record seen yet.")
    say()
    say(f"Evidence kept: {len(known.evidence)}")
    for each in known.evidence:
        say_wrapped(f"{shown_at(each.at)} {each.kind}: {each.why}", "  ")


def _checked_name(name: str) -> str:
    from ledger.errors import UsageError
    from ledger.values import plain_text

    try:
        if len(name) > 200:
            raise UsageError(f"--name: expected at most 200 characters, came {len(name)}; shorten it")
        return plain_text(name)
    except ValueError as wrong:
        raise UsageError(f"--name: {wrong}") from None


def _document(known: "WitnessState") -> dict[str, Any]:
    """Everything but the private key; times in POSIX seconds."""
    return {
        "name": known.name,
        "vkey": known.verifier.vkey,
        "logs": [seen_document(each) for each in known.logs.values()],
        "evidence": [
            {
                "kind": str(each.kind),
                "proven": each.kind.proven,
                "vkey": each.vkey,
                "seen": each.seen,
                "refused": each.refused,
                "request": each.request,
                "why": each.why,
                "at": each.at,
            }
            for each in known.evidence
        ],
    }
