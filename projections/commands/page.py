"""Text for a terminal: titles, paragraphs, tables, at the width there is; no colour when piped or with NO_COLOR.

Everything shown passes through `legible`: no character of what was recorded can steer the terminal.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ledger.legible import legible

STYLES = {
    "violations": "bold red",
    "violated": "bold red",
    "overdue": "bold red",
    "gate": "bold red",
    "violation": "bold red",
    "pending": "yellow",
    "open": "yellow",
    "late": "yellow",
    "warning": "yellow",
    "clean": "green",
    "satisfied": "green",
}
"""Colours by code; the words beside them say the same."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell in the colour of a code."""

    text: str
    code: str = ""


class Page:
    """Writes to standard output, from top to bottom."""

    def __init__(self) -> None:
        plain = bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
        self._screen = Console(
            markup=False, highlight=False, emoji=False, color_system=None if plain else "auto"
        )

    def _show(self, *what: RenderableType) -> None:
        """Shows it without the blanks that would fill each line to the right edge."""
        with self._screen.capture() as captured:
            self._screen.print(*what)
        for line in captured.get().splitlines():
            click.echo(line.rstrip())

    def title(self, text: str) -> None:
        """The first line."""
        self._show(Text(legible(text), style="bold"))

    def section(self, text: str) -> None:
        """A heading, after a blank line."""
        click.echo()
        self._show(Text(legible(text), style="bold"))

    def say(self, text: str, *, indent: int = 0, code: str = "") -> None:
        """A paragraph."""
        line = Text(legible(text), style=STYLES.get(code, ""), overflow="fold")
        self._show(Padding(line, (0, 0, 0, indent)) if indent else line)

    def path(self, text: str, path: object) -> None:
        """Says where something is; the path stands on one line, so that it can be copied."""
        click.echo(f"{text} {legible(str(path))}")

    def blank(self) -> None:
        """An empty line."""
        click.echo()

    def table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[str | Cell]],
        *,
        widths: Sequence[int] = (),
        indent: int = 2,
    ) -> None:
        """A table whose last column takes the room that is left.

        With empty headers it is a plain grid; `widths` are the least widths of its first columns, so that
        grids below one another line up.
        """
        table = Table(
            box=SIMPLE_HEAD if any(headers) else None,
            show_edge=False,
            pad_edge=False,
            padding=(0, 2, 0, 0),
            show_header=any(headers),
            header_style="",
            expand=False,
        )
        for index, header in enumerate(headers):
            last = index == len(headers) - 1
            table.add_column(
                header,
                overflow="fold",
                ratio=1 if last else None,
                min_width=widths[index] if index < len(widths) else None,
            )
        for row in rows:
            table.add_row(*(_rendered(cell) for cell in row))
        self._show(Padding(table, (0, 0, 0, indent)))


def _rendered(cell: str | Cell) -> Text:
    if isinstance(cell, str):
        return Text(legible(cell), overflow="fold")
    return Text(legible(cell.text), style=STYLES.get(cell.code, ""), overflow="fold")
