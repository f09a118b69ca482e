"""`caseload`: what each practitioner has running and paused, and what is to be reassessed."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import asked, moment_options
from projections.commands.viewing import practitioner_option, refuse_unknown_practitioner, viewed

if TYPE_CHECKING:
    from projections.commands.page import Page
    from projections.dates import Dates


@click.command()
@practitioner_option("Only this practitioner, with the open engagements one by one.")
@moment_options
@json_option
@click.pass_context
def caseload(
    ctx: click.Context,
    *,
    practitioner: str | None,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """Show how many engagements each practitioner has running and paused, and what is to be reassessed.

    A reassessment is due where the practice has adopted it (rule CON-3).
    """
    from projections.models import caseload as model
    from projections.models.engagements import Wanted, engagements

    with viewed(Session.of(ctx), as_of, known_at, (*model.READS, "engagements")) as found:
        refuse_unknown_practitioner(found.view, practitioner)
        loads = model.caseload(found.view, found.asked, practitioner)
        document: dict[str, Any] = {**found.moment, "caseload": loads}
        if practitioner is not None:
            open_ones = engagements(found.view, Wanted(practitioner=practitioner, open_only=True))
            document["engagements"] = open_ones
        if as_json:
            print_json(document)
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"Caseload {asked(found.when, found.dates)}")
        _tell(page, document, found.dates)


def _tell(page: "Page", document: dict[str, Any], dates: "Dates") -> None:
    from projections.commands.page import Cell

    if not document["caseload"]:
        page.say("Nobody has an open engagement.")
        return
    page.table(
        ("practitioner", "running", "paused", "clients", "reassess", "overdue", "name"),
        (
            (
                one["practitioner"],
                str(one["running"]),
                str(one["paused"]),
                str(one["clients"]),
                one["next_reassessment"] or "-",
                Cell(str(one["overdue"]), "overdue" if one["overdue"] else ""),
                one["name"] or "-",
            )
            for one in document["caseload"]
        ),
        widths=(12, 7, 6, 7, 10),
        indent=0,
    )
    if "engagements" in document:
        page.section("Open engagements")
        page.table(
            ("client", "engagement", "state", "opened", "last session", "where"),
            (
                (
                    one["client"],
                    f"{one['service']} {one['engagement']}",
                    one["state"],
                    dates.column(one["opened_at"])[:10],
                    dates.column(one["last_session_at"])[:10] if one["last_session_at"] else "-",
                    one["place"] or "-",
                )
                for one in document["engagements"]
            ),
            indent=0,
        )
