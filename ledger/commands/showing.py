"""Printing: text made legible, wrapped to the terminal, tables, no colour where it is not wanted."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

import click

from ledger.legible import legible, on_one_line

_WIDEST = 100


def width() -> int:
    """How wide to write: the terminal, within reason."""
    return min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)


def say(text: str = "", *, err: bool = False) -> None:
    """Prints text made legible, as it is."""
    click.echo(legible(text), err=err)


def say_wrapped(text: str, indent: str = "", *, err: bool = False) -> None:
    """Prints one paragraph, wrapped; the lines after the first are indented two more."""
    click.echo(
        textwrap.fill(
            on_one_line(text),
            width(),
            initial_indent=indent,
            subsequent_indent=indent + "  ",
            break_long_words=False,
            break_on_hyphens=False,
        ),
        err=err,
    )


def heading(text: str, colour: str | None = None, *, err: bool = False) -> None:
    """Prints a line that stands out at a terminal."""
    stream = sys.stderr if err else sys.stdout
    plain = legible(text)
    styled = stream.isatty() and "NO_COLOR" not in os.environ
    click.echo(click.style(plain, fg=colour, bold=True) if styled else plain, err=err)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints rows in columns: drawn at a terminal, plain and unbroken where the output goes elsewhere."""
    lines = [[on_one_line(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        widths = [max(len(line[at]) for line in [list(titles), *lines]) for at in range(len(titles))]
        for line in [list(titles), *lines]:
            click.echo("  ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)).rstrip())
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        drawn.add_column(title, overflow="fold")
    for line in lines:
        drawn.add_row(*(Text(cell) for cell in line))
    Console(width=width(), highlight=False).print(drawn)
