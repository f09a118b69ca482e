"""`obligations`: what is due, by whom, by when; also as a calendar."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.files import write_file
from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import asked, client_option, moment_options
from projections.commands.viewing import viewed

if TYPE_CHECKING:
    from projections.commands.page import Page


@click.command()
@client_option
@moment_options
@click.option("--all", "everything", is_flag=True, help="Also what was met, or done late.")
@click.option(
    "--ics",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a calendar (RFC 5545) of what is open or overdue.",
)
@json_option
@click.pass_context
def obligations(
    ctx: click.Context,
    *,
    client: str | None,
    as_of: str | None,
    known_at: str | None,
    everything: bool,
    ics: Path | None,
    as_json: bool,
) -> None:
    """List what is due or overdue, soonest first: for which client, by whom, by when."""
    from projections.models.obligations import obligations as listed
    from projections.obligations import STANDING

    with viewed(Session.of(ctx), as_of, known_at, ("obligations",), client) as seen:
        found = listed(seen.view, seen.asked, client=client, everything=everything)
        if ics is not None:
            from projections.ics import calendar

            standing = [one for one in found if one["status"] in STANDING]
            origin = seen.ledger.opened.origin
            write_file("--ics", ics, calendar(standing, origin=origin, made_at=seen.when.as_of))
        if as_json:
            print_json({**seen.moment, "obligations": found})
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"What is due {asked(seen.when, seen.dates)}")
        _tell(page, found)
        if ics is not None:
            page.path("The calendar is in", ics)


def _tell(page: "Page", found: list[dict[str, Any]]) -> None:
    from projections.commands.page import Cell
    from projections.wording import seqs

    if not found:
        page.say("Nothing.")
        return
    page.table(
        ("due", "status", "client", "by whom", "rule", "what [entries]"),
        (
            (
                one["due"],
                Cell(one["status"], one["status"]),
                one["client"],
                one["practitioner"] or "-",
                one["rule"],
                f"{one['message']} [{seqs(one['entries'], 'client/' + one['client'])}]",
            )
            for one in found
        ),
        indent=0,
    )
