"""`checkpoint attach` and `checkpoint verify`: what witnesses said of a checkpoint, and whether it is enough."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.files import read_text
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import heading, say, say_wrapped
from ledger.storage.rows import COSIGNATURE

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.integrity.witness_policy import Policy, Verdict


@click.command(context_settings=HELP)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@click.pass_context
def attach(ctx: click.Context, *, file: Path, as_json: bool) -> None:
    """Keep what a witness gave back: a checkpoint of this ledger with its cosignature."""
    from ledger.proving.anchoring import attach_cosignatures

    with Session.of(ctx).ledger() as ledger:
        size, names = attach_cosignatures(ledger.committing, read_text(file))
    if as_json:
        print_json({"size": size, "cosigners": names})
        return
    heading(f"Kept with the checkpoint over {size} entries: {', '.join(names)}", "green")
    say_wrapped("Whether you trust these witnesses is said by a policy: `checkpoint verify --policy FILE`.")


@click.command(context_settings=HELP)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="Which log and witnesses are trusted, and how many of them (C2SP tlog-policy).",
)
@json_option
@click.pass_context
def verify(ctx: click.Context, *, file: Path | None, policy: Path, as_json: bool) -> None:
    """See whether a checkpoint bears the cosignatures a policy asks for.

    Without FILE it is the newest one that any witness of the policy has cosigned, else the newest.
    """
    from ledger.errors import ProofError
    from ledger.integrity.witness_policy import parse_policy, satisfied

    trusted = parse_policy(read_text(policy))
    if file is not None:
        text = read_text(file)
    else:
        with Session.of(ctx).ledger() as ledger:
            text = _cosigned(ledger, trusted)
    verdict = satisfied(trusted, text)
    if as_json:
        print_json(_verdict_document(verdict))
    else:
        _tell_verdict(verdict)
    if not verdict.accepted:
        raise click.exceptions.Exit(ProofError.exit_code)


def _cosigned(ledger: "Ledger", policy: "Policy") -> str:
    """The newest checkpoint that a witness of the policy cosigned, with its cosignatures; else the newest.

    A line that does not verify, attached by mistake or malice, must not spoil what the others say for ever.
    """
    from ledger.commands.checkpoint import chosen
    from ledger.errors import ProofError
    from ledger.integrity.note import open_note

    witnesses = list(policy.witnesses.values())
    anchors = [one for one in ledger.recorder.anchors() if one.kind == COSIGNATURE]
    for size in sorted({one.size for one in anchors}, reverse=True):
        note = chosen(ledger, size).note
        lines: dict[tuple[str, int], str] = {}
        for line in (one.body.decode(errors="replace") for one in anchors if one.size == size):
            with suppress(ProofError):
                (by,) = open_note(note + line, witnesses).verified
                lines[by.name, by.key_id] = line
        if lines:
            return note + "".join(lines.values())
    return chosen(ledger, None).note


def _verdict_document(verdict: "Verdict") -> dict[str, Any]:
    return {
        "size": verdict.checkpoint.size,
        "root": verdict.checkpoint.root.hex(),
        "log": verdict.log.vkey if verdict.log is not None else None,
        "cosigned": {name: _time(at) for name, at in verdict.cosigned.items()},
        "quorum_met": verdict.quorum_met,
        "accepted": verdict.accepted,
    }


def _tell_verdict(verdict: "Verdict") -> None:
    say(f"Checkpoint over {verdict.checkpoint.size} entries of {verdict.checkpoint.origin}")
    say(
        f"  log        {'signed by a key the policy lists' if verdict.log else 'not signed by a key the policy lists'}"
    )
    for name, at in verdict.cosigned.items():
        say(f"  witness    {name}, {_time(at)}")
    if not verdict.cosigned:
        say("  witness    none that the policy lists")
    if verdict.accepted:
        heading("The policy is met.", "green")
    else:
        heading("The policy is NOT met.", "red")


def _time(seconds: int) -> str:
    from datetime import UTC, datetime

    from ledger.values import stamp

    try:
        return stamp(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):  # a witness may state any time up to 2^63 seconds
        return f"{seconds} seconds after 1970"
