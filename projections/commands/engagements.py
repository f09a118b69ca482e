"""`engagements`: the register of engagements."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option
from ledger.values import Service
from projections.commands.asking import asked, client_option, moment_options, print_long_json
from projections.commands.viewing import practitioner_option, viewed

if TYPE_CHECKING:
    from projections.commands.page import Page
    from projections.dates import Dates


@click.command()
@practitioner_option()
@click.option("--service", type=click.Choice([one.value for one in Service]), help="Only this service.")
@click.option("--state", type=click.Choice(["running", "paused", "closed"]), help="Only those that stand so.")
@client_option
@moment_options
@json_option
@click.pass_context
def engagements(
    ctx: click.Context,
    *,
    practitioner: str | None,
    service: str | None,
    state: str | None,
    client: str | None,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """List the engagements: with whom, which service, how it stands and since when."""
    from projections.models.engagements import Wanted
    from projections.models.engagements import engagements as listed

    with viewed(Session.of(ctx), as_of, known_at, ("engagements",), client) as found:
        rows = listed(found.view, Wanted(practitioner, service, state, client))
        if as_json:
            print_long_json({**found.moment, "engagements": rows})
            return
        from projections.commands.page import Page
        from projections.wording import counted

        page = Page()
        page.title(f"{counted(len(rows), 'engagement')} {asked(found.when, found.dates)}")
        _tell(page, rows, found.dates)


def _tell(page: "Page", rows: list[dict[str, Any]], dates: "Dates") -> None:
    from projections.context import words

    if not rows:
        page.say("None.")
        return
    page.table(
        ("client", "engagement", "with", "opened", "state", "sessions", "why"),
        (
            (
                one["client"],
                f"{one['service']} {one['engagement']}",
                one["practitioner"],
                dates.column(one["opened_at"])[:10],
                one["state"] + (f" {dates.column(one['state_since'])[:10]}" if one["state_since"] else ""),
                str(one["sessions"]),
                words(one["state_reason"]) if one["state_reason"] else "",
            )
            for one in rows
        ),
        indent=0,
    )
