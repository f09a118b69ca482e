"""`obligations`: what is due, by whom, by when; also as a calendar."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.files import write_file
from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import asked, client_option, dates_of, moment_of, moment_options
from projections.commands.viewing import viewed

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.perspective import Moment
    from projections.commands.page import Page
    from projections.dates import Dates


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
    from projections.obligations import STANDING

    with _asked(Session.of(ctx), as_of, known_at, client, everything) as found:
        if ics is not None:
            from projections.ics import calendar

            standing = [one for one in found.obligations if one["status"] in STANDING]
            origin = found.ledger.opened.origin
            write_file("--ics", ics, calendar(standing, origin=origin, made_at=found.when.as_of))
        if as_json:
            moment = {"as_of": found.when.as_of, "known_at": found.when.known_at}
            print_json({**moment, "obligations": found.obligations})
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"What is due {asked(found.when, found.dates)}")
        _tell(page, found.obligations)
        if ics is not None:
            page.path("The calendar is in", ics)


@dataclass(frozen=True, slots=True)
class _Found:
    ledger: "Ledger"
    when: "Moment"
    dates: "Dates"
    obligations: list[dict[str, Any]]


@contextmanager
def _asked(
    session: Session, as_of: str | None, known_at: str | None, client: str | None, everything: bool
) -> Iterator[_Found]:
    """The obligations now, from their read model; at any other moment from the log, which needs no table."""
    if as_of is None and known_at is None:
        from projections.models.obligations import obligations as listed

        with viewed(session, None, None, ("obligations",), client) as seen:
            found = listed(seen.view, seen.asked, client=client, everything=everything)
            yield _Found(seen.ledger, seen.when, seen.dates, found)
        return
    from projections.obligations import obligations as folded

    with session.ledger() as ledger:
        when = moment_of(ledger, as_of, known_at)
        found = folded(ledger, when, client=client, everything=everything)
        yield _Found(ledger, when, dates_of(ledger, session), found)


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
