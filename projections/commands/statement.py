"""`statement`: one page of what the record shows about a client."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from ledger.commands.session import Session, json_option, print_json
from projections.commands.asking import asked, client_argument, dates_of, moment_of, moment_options

if TYPE_CHECKING:
    from projections.commands.page import Page
    from projections.dates import Dates

MARKS = {
    "as found": "imported as found",
    "late": "recorded late",
    "day only": "known only to the day",
    "corrected": "corrected",
    "retracted": "retracted",
    "overridden": "recorded against a gate",
}


@click.command()
@client_argument
@moment_options
@json_option
@click.pass_context
def statement(
    ctx: click.Context, *, client: str, as_of: str | None, known_at: str | None, as_json: bool
) -> None:
    """State on one page what the record shows of a client, with the entries that show it, and its limits."""
    from projections.statement import statement as make

    session = Session.of(ctx)
    with session.ledger() as ledger:
        when = moment_of(ledger, as_of, known_at)
        dates = dates_of(ledger, session)
        found = make(ledger, client, when, dates)
        if as_json:
            print_json(found)
            return
        from projections.commands.page import Page

        page = Page()
        page.title(f"{found['practice']}: what the record shows of client {client}")
        page.say(f"{asked(when, dates)}; numbers in brackets are entries of this client's stream")
        _tell(page, found, dates)


def _tell(page: "Page", found: dict[str, Any], dates: "Dates") -> None:
    from ledger.holds import words
    from projections.wording import SOFT, VERDICT, counted, seqs, verdict_words

    page.section("The record")
    period = (
        f"from {dates.words(found['first_at'])} to {dates.words(found['last_at'])}"
        if found["first_at"]
        else "nothing had happened yet"
    )
    page.say(f"{counted(found['entries'], 'entry', 'entries')}, {period}.", indent=2)
    marks = ", ".join(f"{number} {MARKS[name]}" for name, number in found["marks"].items() if number)
    page.say(f"Of these: {marks or 'all recorded in time and unchanged'}.", indent=2)
    if found["holds"]:
        page.say(f"{words(found['holds']).capitalize()}.", indent=2)
    if found["keys_destroyed"]:
        numbers = seqs(found["keys_destroyed"], f"client/{found['client']}")
        page.say(f"Sealed texts were erased [{numbers}]; coded facts stay.", indent=2)
    page.section("Engagements")
    for one in found["engagements"]:
        acts = ", ".join(
            f"{act['act']} {dates.words(act['at'])} [{act['entry']['seq']}]" for act in one["acts"]
        )
        page.say(f"{one['service']} {one['engagement']} with {one['practitioner']}: {acts}", indent=2)
    if not found["engagements"]:
        page.say("none", indent=2)
    _transitions(page, found, dates)
    page.section("Findings")
    remarks = sum(1 for finding in found["findings"] if finding["kind"] in SOFT)
    page.say(verdict_words(found["verdict"], remarks), indent=2, code=found["verdict"])
    if found["verdict_as_recorded"] != found["verdict"]:
        page.say(f"as first recorded: {VERDICT[found['verdict_as_recorded']]}", indent=2)
    _findings(page, found, dates)
    _proof(page, found["proof"])
    page.section("Limits of this statement")
    for limit in found["limits"]:
        page.say(f"- {limit}", indent=2)


def _proof(page: "Page", proof: dict[str, Any] | None) -> None:
    from projections.wording import counted

    page.section("Proof")
    if proof is None:
        page.say("none yet: seal the ledger with `checkpoint seal`", indent=2)
        return
    entries, since = counted(proof["entries"], "entry", "entries"), proof["entries_since"]
    page.say(
        f"At the last seal this client's file had {entries} and no others"
        + (f"; {counted(since, 'entry', 'entries')} recorded since are not covered yet." if since else "."),
        indent=2,
    )
    page.say(f"Checkpoint over {counted(proof['checkpoint']['size'], 'entry', 'entries')}, root", indent=2)
    page.say(proof["checkpoint"]["root"], indent=4)
    page.say(f"signed by {proof['key']}", indent=2)
    anchors = proof["anchors"]
    page.say(
        f"Outside anchors: {counted(anchors['cosignatures'], 'cosignature')}, "
        f"{counted(anchors['time_stamps'], 'time-stamp')}. For somebody else to check: `bundle`.",
        indent=2,
    )


def _transitions(page: "Page", found: dict[str, Any], dates: "Dates") -> None:
    from projections.commands.transitions import change_words
    from projections.wording import STATUS, seqs

    page.section("Changes of role")
    if not found["transitions"]:
        page.say("none", indent=2)
    for one in found["transitions"]:
        page.say(f"{change_words(one)}, {dates.words(one['at'])}:", indent=2)
        statuses = Counter(each["status"] for each in one["requirements"])
        page.say(
            ", ".join(f"{statuses[code]} {words}" for code, words in STATUS.items() if statuses[code]),
            indent=4,
            code=one["verdict"],
        )
        for status in ("satisfied", "violated", "pending"):
            named = [
                f"{each['rule']} [{seqs(each['entries'], 'client/' + one['client'])}]"
                for each in one["requirements"]
                if each["status"] == status
            ]
            if named:
                page.say(f"{STATUS[status]}: {'; '.join(named)}", indent=4)


def _findings(page: "Page", found: dict[str, Any], dates: "Dates") -> None:
    from projections.wording import seqs

    stream = f"client/{found['client']}"
    rows = [
        (
            one["rule"],
            one["kind"] + (", overridden" if one["overridden"] else ""),
            dates.column(one["occurred_at"])[:10],
            f"{one['message']} [{seqs(one['entries'], stream)}]",
        )
        for one in found["findings"]
    ]
    rows += [
        (one["rule"], one["status"], one["due"], f"{one['message']} [{seqs(one['entries'], stream)}]")
        for one in found["obligations"]
    ]
    if rows:
        page.table(("", "", "", ""), rows)
