"""`replay`: a client's history step by step, at a terminal with the keys n, p and q."""

import sys
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
    from projections.commands.page import Page
    from projections.replay import Replay, Step

KEYS = "n next, p previous, q quit"


@click.command()
@client_argument
@moment_options
@click.option("--all", "everything", is_flag=True, help="Print all steps, also at a terminal.")
@reveal_option
@json_option
@click.pass_context
def replay(
    ctx: click.Context,
    *,
    client: str,
    as_of: str | None,
    known_at: str | None,
    everything: bool,
    reveal: bool,
    as_json: bool,
) -> None:
    """Go through a client's history entry by entry: what each says, and what it changed.

    Corrections are applied from the start; the entries corrected are marked, with what they said first.
    At a terminal: n (or space) for the next step, p for the previous one, q to quit.
    """
    from projections.replay import replay as make

    session = Session.of(ctx)
    with session.ledger() as ledger:
        when = moment_of(ledger, as_of, known_at)
        dates = dates_of(ledger, session)
        found = make(ledger, client, when, dates, reveal=reveal)
        if as_json:
            print_json(found.document())
            return
        from projections.commands.page import Page
        from projections.wording import counted

        page = Page()
        page.title(f"{client}: {counted(len(found.steps), 'step')} {asked(when, dates)}")
        if sys.stdin.isatty() and sys.stdout.isatty() and not everything:
            _walk(page, found)
        else:
            for step in found.steps:
                _tell(page, found, step)


def _walk(page: "Page", found: "Replay") -> None:
    """One step per key."""
    at = 0
    while found.steps:
        _tell(page, found, found.steps[at], standing=True)
        last = at == len(found.steps) - 1
        click.echo(f"\n-- {KEYS}{' (this is the last step)' if last else ''}: ", nl=False)
        while True:
            key = click.getchar()
            if key in ("q", "Q", "\x04", "\x1b"):
                click.echo("q")
                return
            if key in ("n", " ", "\r", "\n", "\x1b[C", "\x1b[B") and not last:
                at += 1
                break
            if key in ("p", "\x1b[D", "\x1b[A") and at > 0:
                at -= 1
                break
        click.echo(key if key in ("n", "p") else "")


def _tell(page: "Page", found: "Replay", step: "Step", *, standing: bool = False) -> None:
    from projections.commands.timeline import line_text

    page.section(f"Step {step.number} of {len(found.steps)}: {step.line.fact.entry.type}")
    page.table(("", ""), [(str(step.line.fact.seq), line_text(step.line, found.timeline))], widths=(4,))
    for one in step.changed:
        before = one.before or "nothing"
        why = " (its last day had passed)" if one.by_time else ""
        page.say(f"{one.thing}: {before} -> {one.after}{why}", indent=8)
    if step.unfit is not None:
        page.say(f"It does not fit the state and changes nothing: {step.unfit}", indent=8, code="violated")
    elif not step.changed:
        page.say("no change of state", indent=8)
    for finding in step.findings:
        page.say(f"{finding.rule} ({finding.kind}): {finding.message}", indent=8, code=finding.kind.value)
    if standing and step.standing:
        page.say("Now: " + "; ".join(f"{thing} {state}" for thing, state in step.standing), indent=8)
