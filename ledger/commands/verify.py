"""`verify`: everything recomputed from the stored bytes, every fault told."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.files import read_text
from ledger.commands.session import Session, json_option, passphrase, print_json
from ledger.commands.showing import heading, say, say_wrapped, table

if TYPE_CHECKING:
    from ledger.verification.faults import Fault
    from ledger.verification.held import Held
    from ledger.verification.verification import Report

SHOWN = 50
BROKEN = 4

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--since",
    metavar="FILE|SIZE",
    help="Believe the entries up to a checkpoint (a file with it, or the size of a stored one); read only those after.",
)
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    type=_file,
    metavar="FILE",
    help="Is this receipt still part of it?",
)
@click.option(
    "--checkpoint",
    "notes",
    multiple=True,
    type=_file,
    metavar="FILE",
    help="Is this checkpoint still part of it?",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="VKEY",
    help="A public key of this ledger, from elsewhere; one that was replaced since is followed.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="Processes to work with; by default by the number of entries."
)
@click.option("--no-texts", is_flag=True, help="Leave sealed texts closed, even where the keys are at hand.")
@json_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    since: str | None,
    receipts: tuple[Path, ...],
    notes: tuple[Path, ...],
    keys: tuple[str, ...],
    jobs: int | None,
    no_texts: bool,
    as_json: bool,
) -> None:
    """Recompute everything from the stored bytes and say what does not fit.

    Every entry's hash, chain and columns, the tree, every checkpoint and signature, sealed texts against their digests,
    seals against the streams. Every fault is told with table, position and kind. Nothing is written. Exit code 4 means
    that there are faults.
    """
    from ledger.errors import UsageError
    from ledger.integrity.note import Verifier
    from ledger.verification.verification import Question
    from ledger.verification.verification import verify as run

    if since is not None and (receipts or notes):
        raise UsageError("--since believes what --receipt and --checkpoint would show; give one or the other")
    question = Question(
        since=_since(since),
        held=_held(receipts, notes),
        verifiers=[Verifier.parse(key) for key in keys],
        jobs=jobs,
        texts=not no_texts,
        passphrase=_passphrase(),
    )
    with _progress() as progress:
        report = run(Session.of(ctx).places, question, progress)
    if as_json:
        print_json(document(report))
    else:
        _tell(report, texts=not no_texts)
    ctx.exit(0 if report.sound else BROKEN)


def _passphrase() -> str | None:
    """Given in the environment, or not at all: verifying asks nobody anything where nobody is."""
    return passphrase() if "ENGAGEMENT_LEDGER_PASSPHRASE" in os.environ else None


def _since(given: str | None) -> "int | Held | None":
    from ledger.verification.held import Held

    if given is None or given.isdecimal():
        return None if given is None else int(given)
    return Held.checkpoint(read_text(Path(given)))


def _held(receipts: Sequence[Path], notes: Sequence[Path]) -> "list[Held]":
    from ledger.verification.held import Held

    return [
        *(Held.of_receipt(read_text(path)) for path in receipts),
        *(Held.checkpoint(read_text(path)) for path in notes),
    ]


def document(report: "Report") -> dict[str, Any]:
    """The report as JSON values."""
    from dataclasses import asdict

    fields = asdict(report)
    faults, remarks = fields.pop("faults"), fields.pop("remarks")
    return {
        "sound": report.sound,
        **fields,
        "remarks": list(remarks),
        "faults": [fault._asdict() if hasattr(fault, "_asdict") else fault for fault in faults],
    }


# -- in words ---------------------------------------------------------------------------------------------


def _tell(report: "Report", *, texts: bool) -> None:
    after = f" after the first {report.since:,}" if report.since else ""
    say_wrapped(
        f"{_count(report.entries, 'entry', 'entries')}{after} in {_count(report.streams, 'stream')}", "  "
    )
    say_wrapped(_texts(report, texts=texts), "  ")
    say_wrapped(_signed(report), "  ")
    say_wrapped(f"{_count(report.seals, 'seal')}, {_count(report.anchors, 'outside anchor')}", "  ")
    if report.held:
        said = (
            "part of this ledger" if not any(fault.kind == "held" for fault in report.faults) else "see below"
        )
        say_wrapped(
            f"{_count(report.held, 'checkpoint or receipt', 'checkpoints or receipts')} held: {said}", "  "
        )
    for remark in report.remarks:
        say_wrapped(f"Remark: {remark}", "  ")
    if report.faults:
        say()
        _list(report.faults)
    say()
    if report.sound:
        heading(_verdict(report), "green")
    else:
        heading(_verdict(report), "red")


def _texts(report: "Report", *, texts: bool) -> str:
    said = f"{_count(report.texts_opened, 'sealed text')} opened and found to be the ones committed to"
    rest = [
        f"{report.texts_unopened:,} not opened ({'no key for them at hand' if texts else 'as asked'})"
        if report.texts_unopened
        else "",
        f"{report.texts_erased:,} erased" if report.texts_erased else "",
    ]
    return ", ".join([said, *filter(None, rest)])


def _signed(report: "Report") -> str:
    said = _count(report.checkpoints, "stored checkpoint")
    if report.verifier is None:
        return f"{said}, roots only: no public key is known here"
    name, key_id, _ = report.verifier.split("+", 2)  # base64 may hold the sign, too
    keys = len(report.signing_keys)
    if keys > 1:
        return f"{said}, signed with {keys} keys, each in its time; now with {name}+{key_id}"
    return f"{said}, signed with key {name}+{key_id}"


def _list(faults: "Sequence[Fault]") -> None:
    rows = [
        (fault.table, "" if fault.position is None else str(fault.position), fault.kind.value, fault.message)
        for fault in faults[:SHOWN]
    ]
    if sys.stdout.isatty():
        table(("table", "position", "kind", "what"), rows)
    else:
        for place, position, kind, message in rows:
            say_wrapped(f"{place} {position}: {kind}: {message}".replace(" : ", ": "))
    if len(faults) > SHOWN:
        say(f"and {len(faults) - SHOWN:,} more: --json lists all")


def _verdict(report: "Report") -> str:
    if not report.sound:
        first = report.first_broken_checkpoint
        broken = (
            "" if first is None else f"; the first checkpoint that no longer holds is over {first:,} entries"
        )
        return f"NOT SOUND: {_count(len(report.faults), 'fault')}{broken}."
    size = _count(report.size, "entry", "entries")
    read = "" if not report.since else f", {report.entries:,} of them read again"
    signed = "every stored checkpoint holds" if report.checkpoints else "no checkpoint is stored"
    if report.verifier is None or report.checkpoints_unchecked:
        signed += " (not every signature was checked)"
    return f"Sound: {size}{read}; {signed}."


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error at a terminal, once there is something to show; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Verifying", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
