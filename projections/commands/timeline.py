"""`timeline`: a client's entries in order, in sentences."""

from typing import TYPE_CHECKING

import click

from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import (
    asked,
    client_argument,
    dates_of,
    moment_of,
    moment_options,
    reveal_option,
)

if TYPE_CHECKING:
    from projections.timeline import Line, Timeline


@click.command()
@client_argument
@moment_options
@reveal_option
@json_option
@click.pass_context
def timeline(
    ctx: click.Context, *, client: str, as_of: str | None, known_at: str | None, reveal: bool, as_json: bool
) -> None:
    """Tell a client's entries in effective order, one sentence each.

    Marked: late (recorded later than the practice's own limit), day only (the time is not known), as found
    (imported history), overridden (recorded against a gate), corrected (with what it said first), retracted.
    """
    from projections.timeline import document
    from projections.timeline import timeline as make

    session = Session.of(ctx)
    with session.ledger() as ledger:
        when = moment_of(ledger, as_of, known_at)
        dates = dates_of(ledger, session)
        found = make(ledger, client, when, dates, reveal=reveal)
        if as_json:
            print_json(document(client, found, when))
            return
        from ledger.holds import words
        from projections.commands.page import Page
        from projections.wording import counted

        page = Page()
        page.title(f"{client}: {counted(len(found.facts), 'entry', 'entries')} {asked(when, dates)}")
        if found.holds:
            page.say(f"{words(found.holds).capitalize()}.")
        page.blank()
        page.table(
            ("", ""), ((str(line.fact.seq), line_text(line, found)) for line in found.lines), widths=(4,)
        )


def line_text(line: "Line", found: "Timeline") -> str:
    """A line with its marks, and what corrections did to it."""
    said = [line.sentence]
    if line.marks:
        said[0] += f" [{', '.join(line.marks)}]"
    if line.retracted_by is not None:
        why = str(line.retracted_by.event.retracted).replace("-", " ")
        said.append(f"Retracted by entry {line.retracted_by.seq} ({why}); it no longer counts.")
    if line.said is not None and line.changes:
        numbers = dict.fromkeys(str(change.by.seq) for change in line.changes)
        said.append(f"First recorded as: {line.said} Corrected by entry {', '.join(numbers)}.")
    said += [
        f"{change['field']}: was {_value(change['was'])}, is {_value(change['now'])}"
        for change in line.document(found.context)["changes"]
    ]
    said += [
        f"{name}: {text}"
        for name, text in line.texts.items()
        if not text.startswith(("sealed: ", "erased: "))
    ]
    return "\n".join(said)


def _value(value: object) -> str:
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
