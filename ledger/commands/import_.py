"""`import`: history from NDJSON and CSV files, all or nothing."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.copying import restore_whole_ledger
from ledger.commands.files import require_writable
from ledger.commands.receipts import document_of, receipt_of, tell_not_erased, tell_receipt
from ledger.commands.recording import WHO_HELP, recorder_of
from ledger.commands.session import Session, json_option, print_json

if TYPE_CHECKING:
    from ledger.importing.imported import Imported

SHOWN = 20
"""So many clients who are like others are told line by line."""
LONG = 2_000_000
"""Files of that many bytes together show a progress bar at a terminal."""


@click.command("import", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--as-found",
    is_flag=True,
    help="Bring in history from after go-live as it happened, gates not applied; needs --authorised-by and --reason.",
)
@click.option("--authorised-by", metavar="WHO", help="Who authorises --as-found.")
@click.option("--reason", metavar="TEXT", help="Why --as-found. Kept in clear text: practice matters only.")
@click.option("--source-system", metavar="NAME", help="The system the files came from.")
@click.option("--as", "own_actor", metavar="ACTOR", help=WHO_HELP)
@click.option(
    "--receipt",
    "place",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the receipt to a file: it shows later that the import is still there, unchanged.",
)
@json_option
@click.pass_context
def import_(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    as_found: bool,
    authorised_by: str | None,
    reason: str | None,
    source_system: str | None,
    own_actor: str | None,
    place: Path | None,
    as_json: bool,
) -> None:
    """Import history from NDJSON (.ndjson) or CSV (.csv) files, or a whole ledger where none is yet.

    Everything is checked first. Every bad line is told by its number, and nothing is stored unless all of it is
    good. The same file again adds nothing. What happened before go-live comes in as found; what happened since is
    enforced. `events explain TYPE` shows the fields.

    A file that `backup` or `export ledger` wrote is a whole ledger: it is restored to where --ledger says, if no ledger
    is there.
    """
    from ledger.errors import RefusedError, UsageError
    from ledger.importing import import_files

    if as_found and not (authorised_by and reason):
        raise UsageError("--as-found needs --authorised-by WHO and --reason TEXT")
    if authorised_by and not as_found:
        raise UsageError("--authorised-by goes with --as-found")
    if place is not None:
        require_writable("--receipt", place)
    session = Session.of(ctx)
    if _is_whole_ledger(session, files):
        if as_found or reason or source_system or place is not None:
            raise UsageError(
                f"{files[0]} is a whole ledger: it comes in as it is, with no other option than --json"
            )
        restore_whole_ledger(files[0], session.places, as_json=as_json)
        return
    with session.ledger() as ledger, _progress(files) as progress:
        try:
            done = import_files(
                ledger,
                list(files),
                by=recorder_of(session, own_actor),
                as_found=as_found,
                authorised_by=authorised_by,
                reason=reason,
                source_system=source_system,
                progress=progress,
            )
        except RefusedError as refused:
            _tell_refusal(refused, as_json=as_json)
            raise click.exceptions.Exit(refused.exit_code) from None
        receipt = receipt_of(ledger, done.notes, done.checkpoint)
    if as_json:
        print_json(
            {
                "entries": done.entries,
                "known": done.known,
                "files_known": list(done.files_known),
                "positions": list(done.positions) if done.positions is not None else None,
                "same_person": _documents(done),
                "receipt": document_of(receipt),
            }
        )
    else:
        _tell(files, done.entries, done.known, done.files_known, done.positions)
        _tell_alike(done)
    tell_not_erased(done.unerased)
    if done.notes:
        tell_receipt(receipt, place, quiet=as_json)
    elif place is not None:
        click.echo("Nothing was added, so there is no receipt.", err=True)


def _documents(done: "Imported") -> list[dict[str, Any]]:
    from ledger.commands.alike import documents

    lines = [done.registered.get(one.client, (None, None)) for one in done.same_person]
    return [
        told | {"file": file, "line": line}
        for told, (file, line) in zip(documents(done.same_person), lines, strict=True)
    ]


def _tell_alike(done: "Imported") -> None:
    """Line by line, which clients seem to be the same person as another."""
    from ledger.commands.alike import NOT_ALL, sentence, tell_uncompared
    from ledger.commands.showing import say_wrapped

    for one in done.same_person[:SHOWN]:
        place = done.registered.get(one.client)
        where = f"{place[0]}, line {place[1]}: " if place is not None else ""
        say_wrapped(where + sentence(one), err=True)
    if len(done.same_person) > SHOWN:
        say_wrapped(f"and {len(done.same_person) - SHOWN} more: see `engagement-ledger doubles`.", err=True)
    if done.uncompared is not None:
        tell_uncompared(done.uncompared)
    elif done.left:
        say_wrapped(NOT_ALL, err=True)


def _is_whole_ledger(session: Session, files: Sequence[Path]) -> bool:
    """Whether it is a whole ledger that is to be imported. UsageError where that cannot be done."""
    from ledger.copying.restoring import is_taken, is_whole_ledger
    from ledger.errors import UsageError

    whole = [file for file in files if is_whole_ledger(file)]
    if not whole:
        return False
    if len(files) > 1:
        raise UsageError(f"{whole[0]} is a whole ledger: it is imported alone, and into an empty place")
    if is_taken(session.places):
        raise UsageError(
            f"{whole[0]} is a whole ledger, and one stands at {session.places.url} already. Importing a whole ledger "
            "needs an empty place: name one with --ledger, or use `restore`. Nothing was written."
        )
    return True


def _tell(
    files: Sequence[Path],
    entries: int,
    known: int,
    files_known: Sequence[str],
    positions: tuple[int, int] | None,
) -> None:
    from ledger.commands.showing import heading, say

    for name in files_known:
        say(f"{name}: imported before; nothing of it was added.")
    if positions is None:
        return
    read = len(files) - len(files_known)
    heading(f"Imported {entries} {'entry' if entries == 1 else 'entries'} from {read} file(s).", "green")
    if known:
        say(f"{known} more {'was' if known == 1 else 'were'} known by their source already.")
    say(f"Log positions {positions[0]} to {positions[1]}. Next: engagement-ledger audit")


def _tell_refusal(refused: Exception, *, as_json: bool) -> None:
    from ledger.commands import findings
    from ledger.commands.showing import heading, say_wrapped
    from ledger.errors import RefusedError
    from ledger.rules.judge import Finding

    told = (
        [each for each in refused.findings if isinstance(each, Finding)]
        if isinstance(refused, RefusedError)
        else []
    )
    if as_json:
        print_json({"entries": 0, "refused": [findings.document(each, proposed=True) for each in told]})
        return
    heading(
        f"Refused: {len(told)} finding(s) of gates on entries since go-live. Nothing was imported.", "red"
    )
    for each in told:
        who = f" [{each.client}]" if each.client else ""
        say_wrapped(
            f"{each.rule}{who} on {each.judged.entry.type}, {each.judged.occurred_at}: {each.message}", "  "
        )
    say_wrapped(
        "Put them right in the file, or bring the history in openly: --as-found --authorised-by WHO --reason TEXT."
    )


@contextmanager
def _progress(files: Sequence[Path]) -> Iterator[Callable[[int], None]]:
    """A bar on standard error for long files at a terminal; elsewhere nothing."""
    total = sum(file.stat().st_size for file in files if file.is_file())
    if total < LONG or not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("Checking and sealing"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.advance(task, done)
