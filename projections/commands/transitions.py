"""`transitions`: a client's changes of role, each with the requirements that apply."""

from typing import Any

import click

from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import asked, client_argument, dates_of, moment_of, moment_options


@click.command()
@client_argument
@moment_options
@click.option("--strict", is_flag=True, help="Exit with 1 also where requirements are due.")
@json_option
@click.pass_context
def transitions(
    ctx: click.Context, *, client: str, as_of: str | None, known_at: str | None, strict: bool, as_json: bool
) -> None:
    """Show a client's changes of role: therapy to coaching, coaching to therapy, handovers, returns.

    Each requirement is shown, not shown, due or not applicable, with the entries that show it. Exit code 1
    means that some requirement is not shown.
    """
    from projections.commands.audit import exit_code
    from projections.findings import transition_document, worst
    from projections.transitions import assess

    session = Session.of(ctx)
    with session.ledger() as ledger:
        when = moment_of(ledger, as_of, known_at)
        judged = ledger.at(when).judged(client)
        found = [transition_document(client, one) for one in assess(judged.judgement)]
        verdict = worst(one["verdict"] for one in found)
        if as_json:
            print_json(
                {
                    "client": client,
                    "as_of": when.as_of,
                    "known_at": when.known_at,
                    "verdict": verdict,
                    "transitions": found,
                }
            )
        else:
            from projections.commands.page import Page

            dates = dates_of(ledger, session)
            page = Page()
            tell(page, found, f"{client}: changes of role {asked(when, dates)}", dates)
    ctx.exit(exit_code(verdict, strict=strict))


def tell(page: Any, found: list[dict[str, Any]], heading: str, dates: Any) -> None:
    """The transitions for a person."""
    from projections.commands.page import Cell
    from projections.wording import STATUS, VERDICT, seqs

    page.title(heading)
    if not found:
        page.say("None: no engagement follows one of another service, and none was resumed after a concern.")
    for number, one in enumerate(found, 1):
        stream = f"client/{one['client']}"
        page.section(f"{number}. {change_words(one)}, {dates.words(one['at'])}")
        verdict = one["verdict"]
        said = "every requirement that applies is shown" if verdict == "clean" else VERDICT[verdict]
        page.say(said, indent=3, code=verdict)
        page.table(
            ("requirement", "rule", "what the record shows [entries]"),
            (
                (
                    Cell(STATUS[each["status"]], each["status"]),
                    each["rule"],
                    each["message"] + (f" [{seqs(each['entries'], stream)}]" if each["entries"] else ""),
                )
                for each in one["requirements"]
            ),
            indent=3,
        )


def change_words(one: dict[str, Any]) -> str:
    """`from therapy E1 to coaching E2, both with P-1`."""
    origin = f"{one['from_service']} {one['from']}"
    target = f"{one['to_service']} {one['to']}"
    if one["from"] == one["to"]:
        return f"Return to {target} with {one['to_practitioner']}"
    if one["from_practitioner"] == one["to_practitioner"]:
        return f"From {origin} to {target}, both with {one['to_practitioner']}"
    return f"From {origin} with {one['from_practitioner']} to {target} with {one['to_practitioner']}"
