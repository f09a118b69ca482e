"""`disclosures`: the accounting of what was told of clients' records."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option
from projections.commands.asking import asked, checked_id, moment_options, print_long_json, reveal_option
from projections.commands.viewing import viewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from projections.commands.page import Page
    from projections.commands.viewing import Viewed
    from projections.dates import Dates


def _day(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        from ledger.errors import InputError
        from ledger.values import is_day, moment

        try:
            day = moment(value)
        except ValueError as wrong:
            raise InputError(f"--since: {wrong}") from None
        if not is_day(day):
            raise InputError(f"--since: expected a day such as 2026-03-02, came {value[:60]!r}")
        return day
    return None


@click.command()
@click.argument("client", required=False, callback=checked_id)
@click.option("--since", metavar="DAY", callback=_day, help="From this day on. Default: six years back.")
@reveal_option
@moment_options
@json_option
@click.pass_context
def disclosures(
    ctx: click.Context,
    *,
    client: str | None,
    since: str | None,
    reveal: bool,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """Account for the disclosures of a client's records, or of everybody's, oldest first.

    Told is what a client may ask for (45 CFR 164.528(b)): the day, who received it, what it was, what for and on what
    footing; and by whom. The name of a recipient who is no registered practitioner is sealed; --reveal shows it to a
    role that reads identity. What the law leaves out of an accounting is not left out here.
    """
    from projections.models import disclosures as model

    with viewed(Session.of(ctx), as_of, known_at, model.READS, client) as found:
        first = since or model.look_back(found.asked.day)
        rows = model.disclosures(found.view, first, found.asked.day, client)
        if reveal:
            rows = list(_named(found, rows))
        if as_json:
            print_long_json({**found.moment, "since": first, "disclosures": rows})
            return
        from projections.commands.page import Page
        from projections.dates import day_words
        from projections.wording import counted

        page = Page()
        whose = f" of {client}" if client is not None else ""
        page.title(f"{counted(len(rows), 'disclosure')}{whose} since {day_words(first)}")
        page.say(asked(found.when, found.dates))
        _tell(page, rows, found.dates)


def _named(found: "Viewed", rows: list[dict[str, Any]]) -> "Iterator[dict[str, Any]]":
    """The rows with each recipient's name, where the role in use may read it; each client is read once."""
    from projections.texts import Texts

    perspective = found.ledger.at(found.when)
    facts: dict[str, dict[int, Any]] = {}
    texts: dict[str, Texts] = {}
    for row in rows:
        if row["recipient"] is None:
            yield row
            continue
        client, (stream, seq) = row["client"], row["entry"].values()
        if client not in facts:
            facts[client] = {fact.seq: fact for fact in perspective.case(client).disclosures}
            texts[client] = Texts(found.ledger, stream, reveal=True)
        yield row | {"recipient": texts[client].value(facts[client][seq].event.recipient, "identity")}


def _tell(page: "Page", rows: list[dict[str, Any]], dates: "Dates") -> None:
    from projections.context import listed, words

    if not rows:
        page.say("None.")
        return
    page.table(
        ("when", "client", "from, to", "what, what for, on what footing"),
        (
            (
                dates.column(one["made_at"]),
                f"{one['client']} {one['disclosure']}",
                f"{one['from_practitioner']} to {_recipient(one)}",
                f"{listed(one['scope'])}; {words(one['purpose'])}; {words(one['basis'])}"
                + (f" {one['release']}" if one["release"] else ""),
            )
            for one in rows
        ),
        widths=(16, 8, 20),
        indent=0,
    )


def _recipient(one: dict[str, Any]) -> str:
    if one["to_practitioner"]:
        told = [one["to_name"], one["to_organisation"]]
        return f"{one['to_practitioner']} ({', '.join(filter(None, told)) or 'no name'})"
    said = one["recipient_kind"]
    return f"{said} ({one['recipient']})" if one["recipient"] else str(said)
