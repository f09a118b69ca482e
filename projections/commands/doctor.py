"""`doctor`: what about a ledger should be put right, and how."""

from typing import TYPE_CHECKING

import click

from ledger.commands.session import HELP, Session, json_option, print_json

if TYPE_CHECKING:
    from ledger.health.checks import Check
    from ledger.places import Places

BROKEN = 4
CODES = {"fine": "clean", "note": "", "warning": "warning", "broken": "violated"}
"""In which colour a verdict is shown."""


@click.command(context_settings=HELP)
@click.option("--strict", is_flag=True, help="End with 1 where there is a warning.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, strict: bool, as_json: bool) -> None:
    """Look at settings, files, keys, seals and clocks, and say for each what to do.

    Quick, whatever the ledger's size: `verify` recomputes everything. Nothing is written, no passphrase is asked for,
    nothing is spoken to but the database named. Exit code 4: the record's integrity is at stake.
    """
    from ledger.health.checks import Verdict
    from ledger.health.doctor import examine

    places = Session.of(ctx).places
    checks, entries = examine(places)
    if entries is not None:
        checks.append(_read_models(places, entries))
    if as_json:
        print_json({"checks": [check._asdict() for check in checks]})
    else:
        _tell(checks)
    verdicts = {check.verdict for check in checks}
    if Verdict.BROKEN in verdicts:
        ctx.exit(BROKEN)
    ctx.exit(1 if strict and Verdict.WARNING in verdicts else 0)


def _read_models(places: "Places", entries: int) -> "Check":
    from ledger.errors import LedgerError
    from ledger.health.checks import fine, warning
    from projections.models.status import position_of

    remedy = "engagement-ledger projections rebuild"
    try:
        position = position_of(places)
    except LedgerError as wrong:
        return warning("read models", str(wrong), remedy)
    if position is None:
        return fine("read models", "none yet; they are made when first asked for")
    if position > entries:
        return warning(
            "read models", f"up to entry {position:,}, and there are {entries:,}: of another log", remedy
        )
    behind = (
        f"{entries - position:,} entries behind; they catch up when asked"
        if position < entries
        else "up to date"
    )
    return fine("read models", f"up to entry {position:,}, {behind}")


def _tell(checks: "list[Check]") -> None:
    from ledger.health.checks import Verdict
    from projections.commands.page import Cell, Page

    page = Page()
    page.table(
        ("", "", ""),
        (
            (
                Cell(check.verdict.value, CODES[check.verdict.value]),
                check.name,
                check.found if check.remedy is None else f"{check.found}\nTo do: {check.remedy}",
            )
            for check in checks
        ),
        widths=(7, 15),
        indent=0,
    )
    page.blank()
    counted = {verdict: sum(check.verdict is verdict for check in checks) for verdict in Verdict}
    if counted[Verdict.BROKEN]:
        page.say(
            f"The record's integrity is at stake: see the {counted[Verdict.BROKEN]} above.", code="violated"
        )
    elif counted[Verdict.WARNING]:
        page.say(f"{counted[Verdict.WARNING]} to put right; nothing is lost.", code="warning")
    else:
        page.say("Nothing is wrong.", code="clean")
