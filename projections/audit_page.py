"""The audit as one self-contained page for the reviewer (DESIGN section 8, `audit --html`).

Everything is in the markup, so the page reads and prints without its script; the script only filters and sorts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from projections import audit_lists as lists
from projections.audit_words import (
    KINDS,
    OBLIGATIONS,
    VERDICTS,
    Tally,
    Times,
    in_words,
    named,
    obligation_serious,
    place,
    rule_of,
    rule_place,
    serious,
    several,
    title_of,
)
from projections.pages.markup import Html, Piece, el, joined
from projections.pages.standalone import self_contained

MOST_MET = 2_000
"""Obligations met in time are listed one by one up to this many; beyond, they are counted by rule."""

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


def render(document: Mapping[str, Any], *, practice: str, time_zone: str = "UTC") -> str:
    """The page for an audit document (its JSON form), with the practice's name; times in `time_zone`."""
    times = Times(time_zone)
    as_of = times.words(document["as_of"])
    outstanding = [one for one in document["obligations"] if one["status"] != "met"]
    met = [one for one in document["obligations"] if one["status"] == "met"]
    tally = Tally.of(document["findings"], document["obligations"])
    slots = {
        "title": joined([f"Audit of the record: {practice}, as of {as_of}"]),
        "practice": joined([practice]),
        "verdict": _verdict(document, tally),
        "moments": _moments(document, times),
        "by_rule": _by_rule(document["findings"], outstanding),
        "filter_clients": _choices(_clients_listed(document)),
        "filter_rules": _choices({rule: f"{rule} {title_of(rule)}" for rule in _rules_named(document)}),
        "filter_kinds": _choices(KINDS),
        "filter_statuses": _choices(_STATUSES),
        "findings": lists.findings(document["findings"], times),
        "obligations": lists.obligations(
            outstanding, "obligations", "Obligations not met in time or still due, by due day"
        ),
        "transitions": lists.transitions(document["transitions"], times),
        "acts": _acts(document, times),
        "clients": _clients(document),
        "met": _met(met),
        "rules": _rules(document),
    }
    return self_contained("audit", slots, (practice, f"Audit of the record as of {as_of}"))


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
            el("p", f"As first recorded, before corrections: {in_words(VERDICTS, recorded)}.")
            if differs
            else None,
        ]
    )


def _moments(document: Mapping[str, Any], times: Times) -> Html:
    verdicts = list(document["verdicts"].values())
    clients = [f"{document['clients']:,}"]
    clients += [
        f"{words} {verdicts.count(code):,}"
        for code, words in _CLIENT_VERDICTS.items()
        if verdicts.count(code)
    ]
    known = document["known_at"]
    facts: dict[str, Piece] = {
        "As of": times.element(document["as_of"]),
        "Known at": "everything recorded" if known is None else times.element(known),
        "Policy": _policy(document["policy"]),
        "Clients": "; ".join(clients),
        "Entries": f"{document['entries']:,}",
        "Times": times.time_zone,
    }
    return el("dl", *(el("div", el("dt", name), el("dd", value)) for name, value in facts.items()))


_CLIENT_VERDICTS: Mapping[str, str] = {
    "violations": "requirements not shown for",
    "pending": "something due for",
    "clean": "every requirement judged is shown for",
}


def _policy(policy: object) -> str:
    match policy:
        case None:
            return "the one in force at each act"
        case Mapping():
            return "; ".join(f"{name}: {value}" for name, value in policy.items())
    return str(policy)


# -- counts -----------------------------------------------------------------------------------------------


def _by_rule(found: lists.Records, outstanding: lists.Records) -> Html:
    counted: dict[tuple[int, str, int, str, bool], list[object]] = defaultdict(list)
    for one in found:
        kind = one["kind"]
        key = (
            rule_place(one["rule"]),
            str(one["rule"]),
            place(KINDS, kind),
            in_words(KINDS, kind),
            serious(one),
        )
        counted[key].append(one["client"])
    for one in outstanding:
        words = f"obligation, {in_words(OBLIGATIONS, one['status'])}"
        weight = place(KINDS, "obligation")
        key = (rule_place(one["rule"]), str(one["rule"]), weight, words, obligation_serious(one))
        counted[key].append(one["client"])
    if not counted:
        return el("p", "There are none.")
    rows = (
        el(
            "tr",
            el("th", _rule_link(rule), scope="row", data_v=position),
            el("td", title_of(rule)),
            el("td", words, data_v=weight),
            el("td", f"{len(clients):,}", class_="number", data_v=len(clients)),
            el("td", f"{len(set(clients)):,}", class_="number", data_v=len(set(clients))),
            class_="strong" if heavy else None,
        )
        for (position, rule, weight, words, heavy), clients in sorted(counted.items())
    )
    columns = (
        ("rule", "Rule"),
        ("finds", "What it finds"),
        ("kind", "Kind"),
        ("count", "Count"),
        ("clients", "Clients"),
    )
    return lists.table(
        "counts", "Findings and outstanding obligations, by rule", columns, [el("tbody", *rows)], "rule"
    )


def _rule_link(rule: str) -> Html:
    return el("a", rule, href=f"#rule-{rule}") if rule_of(rule) is not None else el("span", rule)


# -- the filter -------------------------------------------------------------------------------------------


def _choices(words: Mapping[str, str]) -> Html:
    return joined(el("option", shown, value=code) for code, shown in words.items())


def _listed(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    names = ("findings", "obligations", "transitions", "overrides", "refusals")
    return [one for name in names for one in document.get(name) or ()]


def _clients_listed(document: Mapping[str, Any]) -> dict[str, str]:
    clients = sorted({named(one["client"]) for one in _listed(document) if "client" in one})
    return {client: client for client in clients}


def _rules_named(document: Mapping[str, Any]) -> list[str]:
    """Every rule the page names, in the catalogue's order."""
    rules = {str(one["rule"]) for name in ("findings", "obligations") for one in document[name]}
    rules |= {str(one["rule"]) for made in document["transitions"] for one in made["requirements"]}
    return sorted(rules, key=lambda rule: (rule_place(rule), rule))


# -- the rest ---------------------------------------------------------------------------------------------


def _acts(document: Mapping[str, Any], times: Times) -> Html:
    """Overrides and refusals, where the document tells of them."""
    told = {"overrides": "Overrides", "refusals": "Refusals"}
    captions = {"overrides": "Gates overridden", "refusals": "Attempts that a gate refused"}
    return joined(
        el(
            "section",
            el("h2", heading, id=name),
            lists.acts(document[name], name, captions[name], times),
            aria_labelledby=name,
        )
        for name, heading in told.items()
        if name in document
    )


def _clients(document: Mapping[str, Any]) -> Html:
    remarked = {one["client"] for one in document["findings"]}
    groups: dict[str, list[str]] = {words: [] for words in _GROUPS.values()}
    for client, verdict in sorted(document["verdicts"].items()):
        quiet = verdict == "clean" and client not in remarked
        groups.setdefault(_GROUPS["" if quiet else verdict] if verdict in _GROUPS else str(verdict), [])
        groups[_GROUPS["" if quiet else verdict] if verdict in _GROUPS else str(verdict)].append(client)
    return joined(
        joined(
            [
                el("h3", f"{words}: {len(clients):,}"),
                el("ul", *(el("li", client) for client in clients), class_="ids"),
            ]
        )
        for words, clients in groups.items()
        if clients
    )


_GROUPS: Mapping[str, str] = {
    "violations": "Requirements not shown",
    "pending": "Due",
    "clean": "Warnings or advice only",
    "": "No findings",
}


def _met(met: Sequence[Mapping[str, Any]]) -> Html:
    if len(met) <= MOST_MET:
        return lists.obligations(met, "met", "Obligations met in time, by due day")
    by_rule: dict[str, int] = defaultdict(int)
    for one in met:
        by_rule[str(one["rule"])] += 1
    rows = (
        el(
            "tr",
            el("th", rule, scope="row"),
            el("td", title_of(rule)),
            el("td", f"{count:,}", class_="number"),
        )
        for rule, count in sorted(by_rule.items(), key=lambda item: rule_place(item[0]))
    )
    heads = (el("th", words, scope="col") for words in ("Rule", "What it finds", "Met in time"))
    return joined(
        [
            el(
                "p",
                f"{len(met):,} obligations were met in time. They are too many to list on a page: here they "
                "are counted by rule, and the audit's JSON form names each.",
            ),
            el(
                "table",
                el("caption", "Obligations met in time, by rule"),
                el("thead", el("tr", *heads)),
                el("tbody", *rows),
                class_="met-counts",
            ),
        ]
    )


def _rules(document: Mapping[str, Any]) -> Html:
    """Each rule the page names: what it forbids, why, and on what sources."""
    known = [rule for name in _rules_named(document) if (rule := rule_of(name)) is not None]
    return el(
        "dl",
        *(
            joined(
                [
                    el("dt", el("b", rule.id), " ", rule.title, id=f"rule-{rule.id}"),
                    el("dd", rule.why, el("div", "Sources: " + "; ".join(rule.sources), class_="aside")),
                ]
            )
            for rule in known
        ),
        class_="rules",
    )
