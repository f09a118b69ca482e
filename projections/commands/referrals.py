"""`referrals`: the referral network, its open loops and what became of the rest."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import asked, checked_id, client_option, moment_options
from projections.commands.viewing import viewed

if TYPE_CHECKING:
    from projections.commands.page import Page
    from projections.dates import Dates


@click.command()
@click.option(
    "--to", "recipient", metavar="ID", callback=checked_id, help="Only referrals to this practitioner."
)
@client_option
@click.option("--all", "everything", is_flag=True, help="Also those that are at their end.")
@moment_options
@json_option
@click.pass_context
def referrals(
    ctx: click.Context,
    *,
    recipient: str | None,
    client: str | None,
    everything: bool,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """List the referrals that are unanswered or under way, and sum up what came of all by recipient.

    Days to answer are counted from the day of the referral.
    """
    from projections.models import referrals as model

    wanted = model.Wanted(recipient, client, open_only=not everything)
    with viewed(Session.of(ctx), as_of, known_at, model.READS, client) as found:
        rows = model.referrals(found.view, found.asked, wanted)
        recipients = model.recipients(found.view, wanted)
        if as_json:
            print_json({**found.moment, "referrals": rows, "recipients": recipients})
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"Referrals {asked(found.when, found.dates)}")
        _tell(page, rows, found.dates)
        if recipients:
            page.section("Made, by recipient")
            _tell_recipients(page, recipients)


def _tell(page: "Page", rows: list[dict[str, Any]], dates: "Dates") -> None:
    from projections.commands.page import Cell
    from projections.context import words

    if not rows:
        page.say("None is open.")
        return
    page.table(
        ("client", "referral", "to", "made", "state", "days", "why"),
        (
            (
                one["client"],
                f"{one['service']} {one['referral']}",
                one["to_practitioner"],
                dates.column(one["made_at"])[:10],
                Cell(one["outcome"] or one["state"], "open" if one["state"] == "unanswered" else ""),
                _days(one),
                words(one["reason"]),
            )
            for one in rows
        ),
        widths=(8, 8, 9, 10, 8, 4),
        indent=0,
    )


def _days(one: dict[str, Any]) -> str:
    days = one["days_open"] if one["days_open"] is not None else one["days_to_answer"]
    return "-" if days is None else str(days)


def _tell_recipients(page: "Page", recipients: list[dict[str, Any]]) -> None:
    page.table(
        ("to", "made", "days: mean, most", "what became of them"),
        (
            (
                one["to_practitioner"],
                str(one["made"]),
                f"{one['days_waited'] / one['answered']:.1f}, {one['longest']}" if one["answered"] else "-",
                _became(one),
            )
            for one in recipients
        ),
        indent=0,
    )


def _became(one: dict[str, Any]) -> str:
    from projections.models.referrals import BECAME

    said = [f"{one[name]} {name.replace('_', ' ')}" for name in BECAME if one[name]]
    return ", ".join(said) or "-"
