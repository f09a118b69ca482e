"""`policy`: what the practice adopted, since when, and what each parameter means."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import asked, dates_of, moment_of, moment_options

if TYPE_CHECKING:
    from projections.commands.page import Page
    from projections.dates import Dates


@click.group()
def policy() -> None:
    """The practice's policy. It is decided with `record policy-adopted`."""


@policy.command("show")
@moment_options
@json_option
@click.pass_context
def show_policy(ctx: click.Context, *, as_of: str | None, known_at: str | None, as_json: bool) -> None:
    """Show which rules are adopted since when, and every parameter with its value, default and meaning."""
    from projections.policy_state import policy_state

    session = Session.of(ctx)
    with session.ledger() as ledger:
        when = moment_of(ledger, as_of, known_at)
        found = policy_state(ledger, when)
        if as_json:
            print_json(found)
            return
        from projections.commands.page import Page

        dates = dates_of(ledger, session)
        page = Page()
        page.title(f"The policy of {ledger.opened.practice} {asked(when, dates)}")
        _tell(page, found, dates)


def _tell(page: "Page", found: dict[str, Any], dates: "Dates") -> None:
    from projections.wording import value_words

    page.section("Decisions")
    if not found["decisions"]:
        page.say("none: only the rules that always apply", indent=2)
    for one in found["decisions"]:
        said = [
            *([f"adopts {', '.join(one['adopts'])}"] if one["adopts"] else []),
            *([f"drops {', '.join(one['drops'])}"] if one["drops"] else []),
            *(f"{name} = {value_words(value)}" for name, value in one["parameters"].items()),
        ]
        page.say(f"{dates.words(one['occurred_at'])}, by {one['by']}: {'; '.join(said)}", indent=2)
        page.say(one["reason"], indent=4)
    page.section("Rules that apply once adopted (all others always do)")
    page.table(
        ("rule", "since", "what it finds"),
        (
            (one["rule"], dates.column(one["since"]) if one["adopted"] else "not adopted", one["title"])
            for one in found["rules"]
        ),
    )
    page.section("Parameters")
    for one in found["parameters"]:
        value, default = value_words(one["value"]), value_words(one["default"])
        beside = " (the default)" if value == default else f" (default: {default})"
        page.say(f"{one['name']} = {value}{beside}", indent=2)
        page.say(f"{one['rule'] or 'The ledger itself'}: {one['meaning']}", indent=4)
