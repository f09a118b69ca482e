"""`backup` and `restore`: a whole ledger to one file and back, in either database."""

from pathlib import Path

import click

from ledger.commands.copying import restore_whole_ledger, write_whole_ledger
from ledger.commands.session import HELP, Session, json_option, print_json
from ledger.commands.showing import heading, say, say_wrapped

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings=HELP)
@click.argument("file", type=_file)
@click.option(
    "--as-is",
    is_flag=True,
    help="For whoever examines damage: copy the ledger's file page by page, unread and unverified.",
)
@json_option
@click.pass_context
def backup(ctx: click.Context, *, file: Path, as_is: bool, as_json: bool) -> None:
    """Write the whole ledger to a new FILE, while others go on recording.

    The file is one state of the ledger, verified before it gets its name, and is itself a ledger that opens:
    `restore` copies it back, into a file or onto a server. Key database and role files are never in it; what to keep
    beside it is said.
    """
    session = Session.of(ctx)
    if as_is:
        _copy_as_is(session, file, as_json=as_json)
        return
    with session.ledger() as ledger:
        write_whole_ledger(ledger, file, as_json=as_json, what="Backup")


@click.command(context_settings=HELP)
@click.argument("file", metavar="BACKUP", type=_file)
@json_option
@click.pass_context
def restore(ctx: click.Context, *, file: Path, as_json: bool) -> None:
    """Copy a BACKUP to where --ledger says, and verify it there. Nothing is ever overwritten.

    The place may be a file or a database on a server, whatever the backup was made from. If the key database has
    signed more than the backup holds, the ledger can be read, but nothing is recorded until `checkpoint rebase` has
    said openly what was lost; the command for that is printed.
    """
    restore_whole_ledger(file, Session.of(ctx).places, as_json=as_json)


def _copy_as_is(session: Session, file: Path, *, as_json: bool) -> None:
    from ledger.copying.backing_up import copy_as_is

    places = session.places
    size, sha256 = copy_as_is(places, file)
    if as_json:
        print_json({"file": str(file), "as_is": True, "bytes": size, "sha256": sha256})
        return
    heading(f"Copied as it is: {places.url}, in {file}.", "yellow")
    say(f"  SHA-256 of the file: {sha256}")
    say_wrapped(
        "Nothing in it was read or checked. It is for examination; for a backup leave out --as-is.", "  "
    )
