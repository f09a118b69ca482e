"""`retention`: until when sealed texts are kept, and erasing them."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.erase import erase
from ledger.commands.session import HELP, Session, json_option
from projections.commands.asking import asked, checked_id, moment_options, print_long_json
from projections.commands.viewing import viewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from projections.commands.page import Page

PARAMETERS = ("retention_years", "retention_minor_years")


@click.group(context_settings=HELP)
def retention() -> None:
    """Say until when clients' sealed texts are kept; erase those that need not be kept any longer.

    The numbers are the practice's own (policy `retention_years`, `retention_minor_years`). Their defaults are what a
    guideline of the APA suggests, and no law: ask what the law of the place demands, and set them.
    """


@retention.command("status", context_settings=HELP)
@click.argument("client", required=False, callback=checked_id)
@click.option("--by", metavar="DAY", help="Those whose day comes by then. Default: today.")
@click.option("--all", "everything", is_flag=True, help="Every client.")
@moment_options
@json_option
@click.pass_context
def status(
    ctx: click.Context,
    *,
    client: str | None,
    by: str | None,
    everything: bool,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """List whose sealed texts need not be kept any longer.

    With CLIENT: how that one stands.

    Told are the last service, the day a minor comes of age, the day until which texts are kept, legal holds, and what
    is erased already. Where an engagement is open, paused ones among them, the years have not begun.
    """
    from ledger.retention import Terms
    from projections.models import retention as model
    from projections.policy_state import policy_state

    wanted = model.Wanted(client, _day(by), everything)
    with viewed(Session.of(ctx), as_of, known_at, ("retention",), client) as found:
        terms = Terms.of(found.ledger.at(found.when).policies.current)
        rows = model.retention(found.view, found.asked, terms, wanted)
        parameters = policy_state(found.ledger, found.when)["parameters"]
        told = {
            one["name"]: {"value": one["value"], "set_by": one["set_by"]}
            for one in parameters
            if one["name"] in PARAMETERS
        }
        if as_json:
            print_long_json({**found.moment, **told, "clients": rows})
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"Retention {asked(found.when, found.dates)}")
        page.say(_terms(told))
        _tell(page, rows, wanted)


retention.add_command(erase)


def _day(typed: str | None) -> str | None:
    if typed is None:
        return None
    from ledger.errors import InputError
    from ledger.values import is_day, moment

    try:
        day = moment(typed)
    except ValueError as wrong:
        raise InputError(f"--by: {wrong}") from None
    if not is_day(day):
        raise InputError(f"--by: expected a day such as 2026-03-02, came {typed[:60]!r}")
    return day


def _terms(told: dict[str, Any]) -> str:
    years, minor = (told[name] for name in PARAMETERS)
    own = [one["set_by"] is not None for one in (years, minor)]
    whose = (
        "as the practice's policy says"
        if all(own)
        else "partly as the practice's policy says, partly the program's defaults, which are no law"
        if any(own)
        else "the program's defaults, which are no law: the practice has set no numbers of its own"
    )
    return (
        f"Kept for {years['value']} years after the last service, and {minor['value']} after a minor comes of age "
        f"({whose})."
    )


def _tell(page: "Page", rows: list[dict[str, Any]], wanted: Any) -> None:
    from projections.commands.page import Cell

    if not rows:
        page.say("None that need not be kept any longer." if not wanted.everything else "No client.")
        return
    page.table(
        ("client", "status", "due", "last service", "remarks"),
        (
            (
                one["client"],
                Cell(one["status"], "overdue" if one["status"] == "held" else ""),
                one["due"] or "-",
                f"{one['last_service'] or '-'} {_entry(one)}",
                "; ".join(_remarks(one)) or "-",
            )
            for one in rows
        ),
        indent=0,
    )


def _entry(one: dict[str, Any]) -> str:
    return f"[{one['last_entry']['seq']}]" if one["last_entry"] is not None else ""


def _remarks(one: dict[str, Any]) -> "Iterator[str]":
    if one["holds"]:
        yield f"{one['holds']} legal hold{'s' if one['holds'] > 1 else ''}: nothing may be erased"
    if one["running"]:
        yield f"{', '.join(one['running'])} not closed"
    if one["minor_until"] is not None:
        yield f"of age on {one['minor_until']}"
    if one["erased_on"] is not None:
        again = ", sealed anew since" if one["sealed_since"] else ""
        yield f"erased on {one['erased_on']} [{one['erased_entry']['seq']}]{again}"
