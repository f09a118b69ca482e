"""`overrides`: gates broken knowingly, and attempts that gates refused."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option
from projections.commands.asking import asked, moment_options, print_long_json
from projections.commands.viewing import viewed

if TYPE_CHECKING:
    from projections.commands.page import Page
    from projections.dates import Dates


@click.command()
@moment_options
@json_option
@click.pass_context
def overrides(ctx: click.Context, *, as_of: str | None, known_at: str | None, as_json: bool) -> None:
    """List what was recorded against a gate - who authorised it, which rules, why - and what gates refused."""
    from projections.models import overrides as model

    with viewed(Session.of(ctx), as_of, known_at, ("overrides",)) as found:
        overridden, refused = model.overrides(found.view), model.refusals(found.view)
        if as_json:
            print_long_json({**found.moment, "overrides": overridden, "refusals": refused})
            return
        from projections.commands.page import Page
        from projections.wording import counted

        page = Page()
        page.title(
            f"{counted(len(overridden), 'override')}, {counted(len(refused), 'refusal')} "
            f"{asked(found.when, found.dates)}"
        )
        _tell(page, overridden, refused, found.dates)


def _tell(
    page: "Page", overridden: list[dict[str, Any]], refused: list[dict[str, Any]], dates: "Dates"
) -> None:
    if overridden:
        page.section("Recorded against a gate")
        page.table(
            ("when", "entry", "rules", "by, authorised by", "reason"),
            (
                (
                    dates.column(one["occurred_at"]),
                    f"{one['type']}\n{one['entry']['stream']} {one['entry']['seq']}",
                    ", ".join(one["rules"]) or "(its day)",
                    f"{one['by']}, {one['authorised_by'] or '-'}",
                    one["reason"] or "none given",
                )
                for one in overridden
            ),
            indent=0,
        )
    if refused:
        page.section("Refused by a gate")
        page.table(
            ("when", "what", "by", "rules", "for"),
            (
                (
                    dates.column(one["at"]),
                    one["type"],
                    one["by"],
                    ", ".join(one["rules"]),
                    one["client"] or "-",
                )
                for one in refused
            ),
            indent=0,
        )
    if not overridden and not refused:
        page.say("None.")
