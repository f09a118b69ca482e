"""`desk disclose`: the release first, then what is told and to whom; the rules are asked as soon as they can say."""

from typing import Any

import click

from ledger.case import Release
from ledger.commands.desk_counter import Counter
from ledger.commands.desk_flows import Given, client_of_visit
from ledger.commands.resting import HAPPENED, tell_resting, usable_releases
from ledger.commands.session import Session, print_json
from ledger.commands.showing import say_wrapped
from ledger.events.releases import DisclosureMade
from ledger.filling import releases
from ledger.filling.filling import Found, default_for

_ASKED_FIRST = ("from_practitioner", "to_practitioner", "recipient_kind", "scope")
"""What the rules need to know to answer."""
_ASKED_THEN = ("recipient", "purpose", "content_sha256")


def disclose(ctx: click.Context, given: Given) -> None:
    """Something of the records is told to somebody."""
    with Session.of(ctx).ledger() as ledger:
        client = client_of_visit(given)
        counter = Counter.begin(ctx, ledger, given, client)
        fields = counter.answers(DisclosureMade) | {"client": client}
        fields["basis"] = counter.field(DisclosureMade, "basis", "release", text="On what footing")
        found = usable_releases(counter.known, fields, as_json=counter.recording.as_json)
        if found:
            _rest_on(counter, fields, found)
        for name in _ASKED_FIRST:
            _ask(counter, fields, name)
        _ask_the_rules(counter, fields)
        for name in _ASKED_THEN:
            _ask(counter, fields, name)
        counter.visit.add(DisclosureMade, fields)
        counter.finish()


def _rest_on(counter: Counter, fields: dict[str, Any], found: list[Release]) -> None:
    """Takes over what the release says, the one that is meant where several fit, and names it."""
    meant = {one.id: releases.words(one) for one in found}
    fields["release"] = counter.one_of("--release", "On which release", meant)
    release = next(one for one in found if one.id == fields["release"])
    if not counter.recording.as_json:
        tell_resting(release, err=True)
    for name in ("from_practitioner", "to_practitioner", "recipient_kind"):
        value = getattr(release.granted.event, name)
        if value is not None:
            fields[name] = str(value)


def _ask(counter: Counter, fields: dict[str, Any], name: str) -> None:
    told_by_id = fields.get("to_practitioner") is not None and name == "recipient"
    on_release = fields.get("release") is not None and name == "to_practitioner"
    if fields.get(name) is not None or told_by_id or on_release:
        return
    found = default_for(DisclosureMade, name, counter.known, fields)
    text = "File with what was disclosed" if name == "content_sha256" else None
    fields[name] = counter.field(
        DisclosureMade, name, found.value if isinstance(found, Found) else None, text=text
    )


def _ask_the_rules(counter: Counter, fields: dict[str, Any]) -> None:
    """Ends with 3 where it would stand as a violation; at a warning, asks whether to go on."""
    from ledger.commands import findings

    names = counter.known.names
    assumed = {"disclosure": names.next_id(counter.known.stream, "disclosure", "D"), "purpose": "other"}
    stated = {name: value for name, value in (assumed | fields).items() if value is not None}
    answer = counter.recording.ledger.may([counter.recording.statement(DisclosureMade, stated)])
    serious = [one for one in (*answer.refused, *answer.remarks) if one.serious]
    if serious:
        if counter.recording.as_json:
            told = [findings.document(one, proposed=True) for one in serious]
            print_json({"allowed": False, "recorded": [], "refused": told, "noted": False})
        else:
            findings.tell("Nothing was recorded. The disclosure would be:", serious, "red", advise=True)
            say_wrapped(HAPPENED)
        raise click.exceptions.Exit(3)
    warned = [one for one in answer.remarks if one.rule.startswith("CON-")]
    if warned and not counter.asking.quiet:
        for one in warned:
            say_wrapped(f"{one.rule} ({one.kind}): {one.message}", "  ", err=True)
        if not counter.asking.confirm("Go on all the same?", default=False):
            say_wrapped("Nothing was recorded.", err=True)
            raise click.exceptions.Exit(3)
