"""A sealed text given where no list of processes and no shell's history shows it: in a file, or on standard input."""

import sys
from pathlib import Path

import click

from ledger.commands.files import read_text

METAVAR = "|@FILE|-"
HELP = (
    "A sealed text (TEXT|@FILE|-) typed here is seen in this machine's list of processes while the program runs, and "
    "stays in the shell's history: -i asks for it, @FILE reads it from a file, - is a line of standard input (@@ "
    "begins a text with @)."
)


def from_elsewhere(_ctx: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    """The text that was given, or that stands where was said."""
    if given is None:
        return None
    if given == "-":
        line = sys.stdin.readline()
        if not line:
            raise click.BadParameter("standard input ended before it", param=parameter)
        return line.rstrip("\r\n")
    if given.startswith("@@"):
        return given[1:]
    if given.startswith("@"):
        return read_text(Path(given[1:])).removesuffix("\n").removesuffix("\r")
    return given
