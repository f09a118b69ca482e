"""`rules`: the catalogue, and each rule explained."""

from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import json_option, print_json

if TYPE_CHECKING:
    from projections.commands.page import Page

KINDS = {
    "gate": "a gate: an act that breaks it is refused unless overridden; in the audit a violation",
    "violation": "a violation: it can be recorded, and the audit reports it",
    "warning": "a warning: reported, never spoils a verdict",
    "advice": "advice: reported, never spoils a verdict",
    "obligation": "an obligation: something is due by a day",
}


@click.group()
def rules() -> None:
    """The rule catalogue: what is asked for, why, and where it comes from."""


@rules.command("list")
@json_option
def list_rules(as_json: bool) -> None:
    """List every rule. Those marked * apply only once a practice's policy adopts them."""
    from projections.rule_pages import rule_pages

    found = rule_pages()
    if as_json:
        print_json(found)
        return
    from projections.commands.page import Page

    page = Page()
    page.table(
        ("rule", "kind", "what it finds"),
        ((one["id"] + (" *" if one["adopted"] else ""), one["kind"], one["title"]) for one in found),
        indent=0,
    )
    page.blank()
    page.say("* applies once adopted (`engagement-ledger policy show`).")
    page.say("`engagement-ledger rules explain ID` tells why, from which source, with examples.")


@rules.command("explain")
@click.argument("rule", metavar="ID")
@json_option
def explain_rule(rule: str, as_json: bool) -> None:
    """Explain one rule: why, sources, parameters, exceptions, examples."""
    from projections.rule_pages import rule_named

    found = rule_named(rule)
    if as_json:
        print_json(found)
        return
    from projections.commands.page import Page

    _tell(Page(), found)


def _tell(page: "Page", found: dict[str, Any]) -> None:
    page.title(f"{found['id']}: {found['title']}")
    page.say(KINDS[found["kind"]])
    if found["adopted"]:
        page.say("It applies to what happened since a policy that adopts it.")
    if found["kind"] == "obligation":
        page.say(obligation_words(found))
    paragraphs = (
        ("Why", [found["why"]]),
        ("Sources", found["sources"]),
        ("Judged on", [", ".join(found["judged_on"])]),
        ("Exceptions", [found["exceptions"]]),
    )
    for heading, said in paragraphs:
        if any(said):
            page.section(heading)
            for one in said:
                page.say(one, indent=2)
    _parameters(page, found)
    for name, heading in (("allowed", "Nothing is found"), ("denied", "Something is found")):
        if found[name]:
            page.section(heading)
        for example in found[name]:
            page.say(example["tells"], indent=2)
            page.say(example["story"], indent=4)
    page.section("Module")
    page.say(found["module"], indent=2)


def obligation_words(found: dict[str, Any]) -> str:
    """What an obligation does to a verdict."""
    late = {"violation": "a violation", "warning": "a warning"}.get(found["late"], found["late"])
    open_ = "makes a verdict pending" if found["pending"] else "counts only once overdue"
    return f"While open it {open_}; overdue it is a violation; done late it is {late}."


def _parameters(page: "Page", found: dict[str, Any]) -> None:
    from projections.wording import value_words

    if found["parameters"]:
        page.section("Parameters of the policy")
    for one in found["parameters"]:
        page.say(f"{one['name']} = {value_words(one['default'])}", indent=2)
        page.say(one["meaning"], indent=4)
