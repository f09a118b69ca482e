"""`export`: the whole ledger in one file, or its entries for other programs."""

import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from ledger.commands.session import HELP, Session, json_option, print_json
from projections.commands.asking import client_option, reveal_option

if TYPE_CHECKING:
    from projections.exports.lines import Line

_file = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
_STDOUT = Path("-")


@click.group(context_settings=HELP)
def export() -> None:
    """The whole ledger in one file, or its entries for other programs."""


@export.command("ledger", context_settings=HELP)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_context
def ledger_(ctx: click.Context, *, file: Path, as_json: bool) -> None:
    """The whole ledger in one new FILE, proofs and all: the same as `backup` writes.

    `import FILE` or `restore FILE` makes a ledger of it elsewhere, in a file or on a server, with the same entries,
    roots and checkpoints.
    """
    from ledger.commands.copying import write_whole_ledger

    with Session.of(ctx).ledger() as ledger:
        write_whole_ledger(ledger, file, as_json=as_json, what="Exported")


@export.command(context_settings=HELP)
@click.argument("file", type=_file)
@client_option
@reveal_option
@json_option
@click.pass_context
def ndjson(ctx: click.Context, *, file: Path, client: str | None, reveal: bool, as_json: bool) -> None:
    """The entries as lines that `import` takes, in a new FILE (.ndjson; - is standard output).

    Sealed texts are in it only with --reveal, and only those that the role in use may read; without them another
    ledger takes the file only where they are optional.
    """
    from projections.exports.files import write_ndjson

    _export(ctx, file, client, write_ndjson, reveal=reveal, as_json=as_json)


@export.command("csv", context_settings=HELP)
@click.argument("file", type=_file)
@client_option
@reveal_option
@json_option
@click.pass_context
def csv_(ctx: click.Context, *, file: Path, client: str | None, reveal: bool, as_json: bool) -> None:
    """The entries as a table for a spreadsheet, in a new FILE (.csv; - is standard output).

    A cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a return) gets an apostrophe
    before it, which `import` takes off again.
    """
    from projections.exports.files import write_csv

    _export(ctx, file, client, write_csv, reveal=reveal, as_json=as_json)


def _export(
    ctx: click.Context,
    file: Path,
    client: str | None,
    write: "Callable[[Iterable[Line], TextIO], int]",
    *,
    reveal: bool,
    as_json: bool,
) -> None:
    from ledger.errors import ReferenceNotRecordedError
    from projections.exports.lines import Left, import_lines

    left = Left()
    with Session.of(ctx).ledger() as ledger:
        if client is not None and ledger.recorder.head(f"client/{client}") is None:
            raise ReferenceNotRecordedError("client", client, "this ledger")
        lines = import_lines(ledger, client, left, reveal=reveal)
        written = write(lines, sys.stdout) if file == _STDOUT else _to_file(file, lines, write)
    told = {"file": str(file), "entries": written, "texts_left_out": left.texts}
    if as_json and file != _STDOUT:
        print_json(told)
    else:
        _tell(told, reveal=reveal)


def _to_file(file: Path, lines: "Iterable[Line]", write: "Callable[[Iterable[Line], TextIO], int]") -> int:
    from ledger.copying.drafts import new_file

    private = partial(os.open, mode=0o600)  # from the first byte
    with (
        new_file(file) as draft,
        open(draft, "x", encoding="utf-8", newline="", opener=private) as out,
    ):
        return write(lines, out)


def _tell(told: dict[str, Any], *, reveal: bool) -> None:
    from ledger.commands.showing import say_wrapped

    why = "no right or no key for them" if reveal else "--reveal shows those that the role in use may read"
    left = (
        f" {told['texts_left_out']:,} sealed texts are not in it ({why})." if told["texts_left_out"] else ""
    )
    say_wrapped(f"Written: {told['entries']:,} entries.{left}", err=True)
