"""`hold`: legal holds, placed, released and listed."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.hold import place, release
from ledger.commands.session import HELP, Session, json_option
from projections.commands.asking import asked, checked_id, moment_options, print_long_json, reveal_option
from projections.commands.viewing import viewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from projections.commands.page import Page
    from projections.commands.viewing import Viewed
    from projections.dates import Dates


@click.group(context_settings=HELP)
def hold() -> None:
    """Keep a client's texts from being erased, for a matter, as long as it takes.

    A hold is known by its matter, which is sealed; that one stands is not. It is never overridden: it is released.
    """


@click.command("list", context_settings=HELP)
@click.argument("client", required=False, callback=checked_id)
@click.option(
    "--matter",
    metavar="TEXT",
    help="Only holds of this matter; the role file in use must read the practice's texts.",
)
@click.option("--all", "everything", is_flag=True, help="Also clients whose holds were all released.")
@reveal_option
@moment_options
@json_option
@click.pass_context
def list_(
    ctx: click.Context,
    *,
    client: str | None,
    matter: str | None,
    everything: bool,
    reveal: bool,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """List the clients under a legal hold.

    What a hold is about is shown with --reveal, to a role that reads the practice's texts.
    """
    from projections.models import holds as model

    with viewed(Session.of(ctx), as_of, known_at, ("holds",), client) as found:
        rows = model.holds(found.view, client, everything=everything)
        if reveal or matter is not None:
            rows = list(_with_matters(found, rows, matter, reveal=reveal))
        if as_json:
            print_long_json({**found.moment, "holds": rows})
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"Legal holds {asked(found.when, found.dates)}")
        _tell(page, rows, found.dates)


hold.add_command(place)
hold.add_command(release)
hold.add_command(list_)


def _with_matters(
    found: "Viewed", rows: list[dict[str, Any]], matter: str | None, *, reveal: bool
) -> "Iterator[dict[str, Any]]":
    """The holds that stand, each with its matter where that is to be shown. NoRightError where it may not be read."""
    from ledger.holds import normal, standing

    perspective = found.ledger.at(found.when)
    for row in rows:
        stand = standing(perspective.case(row["client"]).holds, found.ledger.matter_of)
        if matter is not None:
            stand = [one for one in stand if normal(one[0]) == normal(matter)]
            if not stand:
                continue
        matters = [
            {"matter": text if reveal else "sealed: practice", "placed_at": fact.occurred_at, "by": fact.by}
            | {"entry": {"stream": fact.stream, "seq": fact.seq}}
            for text, fact in stand
        ]
        yield row | {"matters": matters}


def _tell(page: "Page", rows: list[dict[str, Any]], dates: "Dates") -> None:
    from projections.wording import seqs

    if not rows:
        page.say("None.")
        return
    page.table(
        ("client", "in force", "since", "matter [entries]"),
        (
            (
                row["client"],
                f"{row['in_force']} of {row['placed']}",
                dates.column(row["first_at"])[:10] if row["first_at"] else "-",
                _matters(row, dates)
                if "matters" in row
                else f"sealed [{seqs(row['entries'], _stream(row))}]",
            )
            for row in rows
        ),
        indent=0,
    )


def _matters(row: dict[str, Any], dates: "Dates") -> str:
    said = (
        f"{one['matter']}, placed {dates.column(one['placed_at'])[:10]} by {one['by']} [{one['entry']['seq']}]"
        for one in row["matters"]
    )
    return "\n".join(said) or "none stands"


def _stream(row: dict[str, Any]) -> str:
    return f"client/{row['client']}"
