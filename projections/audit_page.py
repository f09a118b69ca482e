"""The audit as one self-contained page for the reviewer (DESIGN section 8, `audit --html`).

Everything is in the markup, so the page reads and prints without its script; the script only filters and sorts.
"""

from collections.abc import Mapping
from typing import Any

from projections import audit_lists as lists
from projections import audit_sections as sections
from projections.audit_words import (
    KINDS,
    Tally,
    in_words,
    moment,
    named,
    several,
    title_of,
)
from projections.dates import Dates
from projections.pages.markup import Html, Piece, el, joined
from projections.pages.standalone import Parts, self_contained
from projections.wording import VERDICT

PARTS = Parts("projections.pages", "audit.html", "audit.css", ("audit.js",))

LONG = 1_500
"""A page with more rows than this is laid out only near the view (`audit.css`)."""

_STATUSES: Mapping[str, str] = {
    "not-shown": "not shown",
    "overdue": "overdue",
    "due": "due",
    "late": "done late",
    "met": "met",
    "not-determinable": "not determinable",
    "shown": "shown",
    "not-applicable": "not applicable",
    "noted": "warning or advice",
    "overridden": "overridden",
    "as-found": "as found",
}


def render(
    document: Mapping[str, Any], *, practice: str, dates: Dates, bundles: Mapping[str, str] | None = None
) -> str:
    """The page for an audit document (its JSON form), with the practice's name; times as `dates` shows them.

    `bundles` are links to clients' evidence bundles. Each client has the anchor `#client-ID`.
    """
    as_of, known = moment(document["as_of"], dates), document["known_at"]
    clocks = f"as of {as_of}" + (f", known at {moment(known, dates)}" if known is not None else "")
    outstanding = [one for one in document["obligations"] if one["status"] != "met"]
    met = [one for one in document["obligations"] if one["status"] == "met"]
    tally = Tally.of(document["findings"], document["obligations"])
    slots = {
        "length": Html("long" if _rows(document) > LONG else ""),
        "title": joined([f"Audit of the record: {practice}, {clocks}"]),
        "practice": joined([practice]),
        "verdict": _verdict(document, tally),
        "moments": _moments(document, dates),
        "by_rule": sections.by_rule(document["findings"], outstanding),
        "filter_clients": _choices(_clients_listed(document)),
        "filter_rules": _choices(
            {rule: f"{rule} {title_of(rule)}" for rule in sections.rules_named(document)}
        ),
        "filter_kinds": _choices(KINDS),
        "filter_statuses": _choices(_STATUSES),
        "findings": lists.findings(document["findings"], dates),
        "obligations": lists.obligations(
            outstanding, "obligations", "Obligations not met in time or still due, by due day"
        ),
        "transitions": lists.transitions(document["transitions"], dates),
        "acts": sections.acts(document, dates),
        "clients": sections.clients(document, bundles or {}),
        "met": sections.met(met),
        "rules": sections.rules(document),
    }
    return self_contained(PARTS, slots, (practice, f"Audit {clocks}"))


def _rows(document: Mapping[str, Any]) -> int:
    requirements = sum(len(made["requirements"]) for made in document["transitions"])
    return len(document["findings"]) + len(document["obligations"]) + requirements


# -- the head ---------------------------------------------------------------------------------------------


def _verdict(document: Mapping[str, Any], tally: Tally) -> Html:
    first, *others = tally.phrases()
    recorded = document["verdict_as_recorded"]
    differs = recorded != document["verdict"]
    parts = [f"findings: {tally.findings:,}", f"obligations overdue or done late: {tally.overdue:,}"]
    return joined(
        [
            el("p", first[:1].upper() + first[1:], class_="verdict"),
            el("p", several(parts), class_="aside") if tally.not_shown else None,
            *(el("p", other[:1].upper() + other[1:]) for other in others),
            el("p", f"As first recorded, before corrections: {in_words(VERDICT, recorded)}.")
            if differs
            else None,
        ]
    )


def _moments(document: Mapping[str, Any], dates: Dates) -> Html:
    verdicts = list(document["verdicts"].values())
    clients = [
        f"{words} {verdicts.count(code):,}"
        for code, words in _CLIENT_VERDICTS.items()
        if verdicts.count(code)
    ]
    known = document["known_at"]
    facts: dict[str, Piece] = {
        "As of": moment(document["as_of"], dates),
        "Known at": moment(known, dates) if known is not None else "everything recorded when this was made",
        "Policy": _policy(str(document["policy"])),
        "Clients": f"{document['clients']:,}" + (f": {several(clients)}" if clients else ""),
        "Entries": f"{document['entries']:,}",
        "Times": dates.zone,
    }
    return el("dl", *(el("div", el("dt", name), el("dd", value)) for name, value in facts.items()))


_CLIENT_VERDICTS: Mapping[str, str] = {
    "violations": "requirements not shown for",
    "pending": "due for",
    "clean": "neither for",
}


def _policy(policy: str) -> str:
    return {
        "as adopted": "the one in force at each moment",
        "current": "the current one throughout (a what-if)",
    }.get(policy, f"that of {policy} throughout (a what-if)")


# -- the filter -------------------------------------------------------------------------------------------


def _choices(words: Mapping[str, str]) -> Html:
    return joined(el("option", shown, value=code) for code, shown in words.items())


def _clients_listed(document: Mapping[str, Any]) -> dict[str, str]:
    told = [one for name in ("findings", "obligations", "transitions") for one in document[name]]
    clients = {named(one["client"]) for one in told}
    clients |= {named(one["client"]) for one in document.get("overrides", ())}
    return {client: client for client in sorted(clients)}
