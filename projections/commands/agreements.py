"""`agreements`: the register of agreements."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option
from projections.commands.asking import asked, client_option, moment_options, print_long_json
from projections.commands.viewing import viewed

if TYPE_CHECKING:
    from projections.commands.page import Page
    from projections.dates import Dates

STATES = ("live", "unsigned", "declined", "revoked", "expired", "expiring")
SOON = 30


@click.command()
@click.option(
    "--state", type=click.Choice(STATES), help="Only those that stand so; expiring ones are live too."
)
@click.option(
    "--expiring",
    type=click.IntRange(0, 3650),
    metavar="DAYS",
    help=f"Only those live now whose last day comes within so many days. --state expiring: {SOON}.",
)
@client_option
@moment_options
@json_option
@click.pass_context
def agreements(
    ctx: click.Context,
    *,
    state: str | None,
    expiring: int | None,
    client: str | None,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """List the agreements: of what kind, with whom, signed by whom and when, and how they stand."""
    from ledger.errors import UsageError
    from projections.models.agreements import Wanted
    from projections.models.agreements import agreements as listed

    if expiring is not None and state not in {None, "expiring"}:
        raise UsageError(f"--expiring asks for agreements that are expiring; leave out --state {state}")
    wanted = Wanted(
        "expiring" if expiring is not None else state, client, SOON if expiring is None else expiring
    )
    with viewed(Session.of(ctx), as_of, known_at, ("agreements",), client) as found:
        rows = listed(found.view, found.asked, wanted)
        if as_json:
            print_long_json({**found.moment, "agreements": rows})
            return
        from projections.commands.page import Page
        from projections.wording import counted

        page = Page()
        page.title(f"{counted(len(rows), 'agreement')} {asked(found.when, found.dates)}")
        _tell(page, rows, found.dates)


def _tell(page: "Page", rows: list[dict[str, Any]], dates: "Dates") -> None:
    from projections.commands.page import Cell
    from projections.context import words

    if not rows:
        page.say("None.")
        return
    page.table(
        ("client", "agreement", "with", "state", "until", "signed, by"),
        (
            (
                one["client"],
                f"{words(one['kind'])} {one['agreement']}",
                one["practitioner"] or "the practice",
                Cell(one["state"], "open" if one["state"] in {"expiring", "unsigned"} else ""),
                one["valid_until"] or "-",
                f"{dates.column(one['signed_at'])[:10]}, {', '.join(one['signers'])}"
                if one["signed_at"]
                else f"issued {dates.column(one['issued_at'])[:10]}",
            )
            for one in rows
        ),
        widths=(8, 15, 9, 8, 10),
        indent=0,
    )
