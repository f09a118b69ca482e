"""A fault of the program itself: where it happened, without a value that may be a client's."""

import os
import traceback

import click

from ledger.legible import legible

EXIT_CODE = 70
"""Not one of the program's answers (sysexits.h: EX_SOFTWARE)."""
WHOLE = "ENGAGEMENT_LEDGER_TRACEBACK"


def tell(wrong: Exception) -> None:
    """Prints the places in the program that led there, and the kind of error.

    Neither its message nor any local value: both may repeat what is sealed. All of it is printed only where the
    environment asks for it.
    """
    if os.environ.get(WHOLE):
        lines = traceback.format_exception(wrong)
    else:
        lines = [*traceback.format_tb(wrong.__traceback__), type(wrong).__name__, "\n"]
    click.echo(legible("".join(lines)), err=True)
    click.echo(
        "Error: this is a fault of the program, not of what you did. Please report the lines above. Look before you "
        "do it once more: what was going on is done whole or not at all. The error's own words are left out, because "
        f"they may repeat a sealed text; {WHOLE}=1 shows them.",
        err=True,
    )
