"""On which release a disclosure rests: found, and told, before anything else is asked (rules CON-1, CON-5)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.remedies import REMEDIES
from ledger.commands.session import print_json

if TYPE_CHECKING:
    from ledger.case import Release
    from ledger.filling.filling import Known

HAPPENED = (
    "If it has happened, `record disclosure-made` records it all the same: it then stands as a violation."
)


def usable_releases(
    known: "Known", fields: Mapping[str, Any], *, as_json: bool, advice: str = HAPPENED
) -> "list[Release]":
    """The releases in force on which a disclosure may rest, if it is said to rest on one.

    Tells what is missing, with a last word of `advice`, and exits with 3 where there is none.
    """
    from ledger.filling import releases

    if not releases.rests_on_release(fields):
        return []
    found = releases.usable(known, fields)
    if not found:
        _refuse(str(fields["client"]), releases.missing(known, fields), advice, as_json=as_json)
    return found


def _refuse(client: str, lacking: str, last: str, *, as_json: bool) -> None:
    from ledger.commands.showing import heading, say_wrapped

    advice = REMEDIES["CON-1"].format(client=client)
    if as_json:
        print_json({"allowed": False, "recorded": [], "rule": "CON-1", "lacking": lacking, "remedy": advice})
    else:
        heading("No release allows it. Nothing was recorded.", "red")
        say_wrapped(f"CON-1: {lacking}.", "  ")
        say_wrapped(f"What to do: {advice}", "    ")
        say_wrapped(last)
    raise click.exceptions.Exit(3)


def tell_resting(release: "Release", *, err: bool) -> None:
    """Names the release it rests on."""
    from ledger.commands.showing import say_wrapped
    from ledger.filling import releases

    say_wrapped(f"Rests on release {releases.words(release)}.", err=err)
