"""`timestamp`: a time-stamping authority says that a checkpoint existed at a time (RFC 3161)."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.commands.files import read_bytes, write_file
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import heading, say, say_wrapped

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.storage.rows import CheckpointRow

file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.group(context_settings=HELP)
def timestamp() -> None:
    """Have an outside authority state when a checkpoint existed.

    request writes a question, which you send to a time-stamping authority; attach keeps the answer; verify checks
    it against the authority's root certificate.
    """


@timestamp.command(context_settings=HELP)
@click.option("--size", type=int, help="Of the checkpoint over so many entries. Default: the newest.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write.",
)
@json_option
@click.pass_context
def request(ctx: click.Context, *, size: int | None, output: Path, as_json: bool) -> None:
    """Write a request for the newest checkpoint, to be sent to an authority."""
    from ledger.integrity.timestamp import request as ask

    with Session.of(ctx).ledger() as ledger:
        row = _checkpoint(ledger, size)
    write_file("--output", output, ask(row.note.encode()))
    if as_json:
        print_json({"size": row.size, "file": str(output)})
        return
    heading(f"Written to {output}: a time-stamp request for the checkpoint over {row.size} entries.")
    say_wrapped(
        "Send it to a time-stamping authority as application/timestamp-query; keep the answer with "
        "`timestamp attach FILE`."
    )


@timestamp.command(context_settings=HELP)
@file_argument
@json_option
@click.pass_context
def attach(ctx: click.Context, *, file: Path, as_json: bool) -> None:
    """Keep an authority's answer beside the checkpoint it is about."""
    from ledger.proving.anchoring import attach_timestamp

    with Session.of(ctx).ledger() as ledger:
        size, at = attach_timestamp(ledger.committing, read_bytes(file))
    if as_json:
        print_json({"size": size, "at": at})
        return
    heading(f"Kept with the checkpoint over {size} entries: time-stamp of {at}", "green")
    say_wrapped("Whether it is genuine is checked with `timestamp verify --ca ROOTS.pem`.")


@timestamp.command(context_settings=HELP)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--size", type=int, help="Of the checkpoint over so many entries. Default: the newest stamped one."
)
@click.option(
    "--ca",
    "roots",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The authority's root certificate (PEM or DER), got from the authority itself. May be repeated.",
)
@click.option(
    "--intermediate",
    "intermediates",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A certificate between root and authority, if the answer does not bring it.",
)
@json_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    file: Path | None,
    size: int | None,
    roots: tuple[Path, ...],
    intermediates: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Check a time-stamp (FILE, or one that was attached) against an authority's root certificate."""
    from ledger.integrity.timestamp import verify as check
    from ledger.proving.anchoring import stamped_checkpoint

    with Session.of(ctx).ledger() as ledger:
        row, response = stamped_checkpoint(
            ledger.committing, size, None if file is None else read_bytes(file)
        )
    stamped = check(
        response,
        row.note.encode(),
        [read_bytes(path) for path in roots],
        [read_bytes(path) for path in intermediates],
    )
    if as_json:
        print_json(
            {
                "size": row.size,
                "at": stamped.at.isoformat(),
                "authority": stamped.authority,
                "serial": str(stamped.serial),
                "policy": stamped.policy,
            }
        )
        return
    heading(f"The checkpoint over {row.size} entries existed at {stamped.at:%Y-%m-%d %H:%M:%S} UTC.", "green")
    say(f"  stated by  {stamped.authority or 'an authority that gives no name'}, serial {stamped.serial}")
    say_wrapped("So everything under it had been recorded by then. When it happened is another matter.", "  ")


def _checkpoint(ledger: "Ledger", size: int | None) -> "CheckpointRow":
    from ledger.commands.checkpoint import chosen

    return chosen(ledger, size)
