"""`licences`: which places each practitioner is covered for, until when, and whose therapy rests on it."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import asked, moment_options
from projections.commands.viewing import practitioner_option, refuse_unknown_practitioner, viewed

if TYPE_CHECKING:
    from projections.commands.page import Page

SHOWN = 3
"""How many clients are named in a row; --json names all."""


@click.command()
@practitioner_option()
@click.option(
    "--within",
    type=click.IntRange(0, 3650),
    default=60,
    show_default=True,
    metavar="DAYS",
    help="Cover whose last day comes within so many days is ending.",
)
@click.option("--ending", is_flag=True, help="Only what is ending, or where a therapy is open without cover.")
@moment_options
@json_option
@click.pass_context
def licences(
    ctx: click.Context,
    *,
    practitioner: str | None,
    within: int,
    ending: bool,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """Show by practitioner and place what licences cover, what is ending, and the clients whose therapy rests on it."""
    from projections.models import licences as model

    wanted = model.Wanted(practitioner, within)
    with viewed(Session.of(ctx), as_of, known_at, model.READS) as found:
        refuse_unknown_practitioner(found.view, practitioner)
        cover = model.cover(found.view, found.asked, wanted)
        if ending:
            cover = [one for one in cover if one["status"] == "ending" or _uncovered(one)]
        licensed = model.licences(found.view, found.asked, wanted)
        if as_json:
            print_json({**found.moment, "cover": cover, "licences": licensed})
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"Licences {asked(found.when, found.dates)}")
        _tell(page, cover)
        if licensed and not ending:
            page.section("On record")
            _tell_licences(page, licensed)


def _uncovered(one: dict[str, Any]) -> bool:
    return bool(one["clients"]) and one["status"] not in {"covered", "ending"}


def _tell(page: "Page", cover: list[dict[str, Any]]) -> None:
    from projections.commands.page import Cell

    if not cover:
        page.say("Nothing.")
        return
    page.table(
        ("practitioner", "place", "cover", "licence", "until", "open therapies"),
        (
            (
                one["practitioner"],
                one["place"] or "-",
                Cell(
                    one["status"],
                    "late" if one["status"] == "ending" else "violation" if _uncovered(one) else "",
                ),
                one["licence"] or "-",
                one["until"] or ("open" if one["licence"] else "-"),
                _clients(one["clients"]),
            )
            for one in cover
        ),
        indent=0,
    )


def _clients(clients: list[str]) -> str:
    more = f" and {len(clients) - SHOWN} more" if len(clients) > SHOWN else ""
    return f"{len(clients)}: {', '.join(clients[:SHOWN])}{more}" if clients else "none"


def _tell_licences(page: "Page", licensed: list[dict[str, Any]]) -> None:
    page.table(
        ("practitioner", "licence", "status", "from", "until", "where"),
        (
            (
                one["practitioner"],
                one["licence"],
                one["status"],
                one["valid_from"],
                one["valid_until"] or "open",
                ", ".join(one["jurisdictions"]),
            )
            for one in licensed
        ),
        widths=(12, 7, 9, 10, 10),
        indent=0,
    )
