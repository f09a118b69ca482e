"""What click says of a wrong call, made fit to be read, and kept from repeating what may be a client's name."""

import io

import click

from ledger.legible import legible

_EXTRA = "Got unexpected extra argument"  # click's own words, before the arguments themselves
_SAID = (
    "there are words that belong to no option (not repeated here: they may be part of a sealed text). A text of "
    "several words stands in quotes."
)


def show(wrong: click.ClickException) -> None:
    """Prints the error: no word of it can move the cursor, and words that belong nowhere are not repeated."""
    written = io.StringIO()
    wrong.show(written)
    text, message = written.getvalue(), wrong.format_message()
    if message.startswith(_EXTRA):
        text = text.replace(message, _SAID)
    click.echo(legible(text), err=True, nl=False)
