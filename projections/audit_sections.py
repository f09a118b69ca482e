"""The shorter parts of the audit page: counts by rule, overrides and refusals, clients, what was met, the rules."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from projections import audit_lists as lists
from projections.audit_words import (
    KINDS,
    OBLIGATIONS,
    in_words,
    obligation_serious,
    place,
    rule_of,
    rule_place,
    serious,
    title_of,
)
from projections.dates import Dates
from projections.pages.markup import Html, el, joined
from projections.wording import VERDICT

MOST_MET = 5_000
"""Obligations met in time are listed one by one up to this many; beyond, they are counted by rule."""


def rules_named(document: Mapping[str, Any]) -> list[str]:
    """Every rule the page names, in the catalogue's order."""
    rules = {str(one["rule"]) for name in ("findings", "obligations") for one in document[name]}
    rules |= {str(one["rule"]) for made in document["transitions"] for one in made["requirements"]}
    return sorted(rules, key=lambda rule: (rule_place(rule), rule))


def by_rule(found: lists.Records, outstanding: lists.Records) -> Html:
    """How many findings and outstanding obligations each rule has, and of how many clients."""
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
        ("finds", "What the rule looks for"),
        ("kind", "Kind"),
        ("count", "Count"),
        ("clients", "Clients"),
    )
    return lists.table(
        "counts", "Findings and outstanding obligations, by rule", columns, [el("tbody", *rows)], "rule"
    )


def _rule_link(rule: str) -> Html:
    return el("a", rule, href=f"#rule-{rule}") if rule_of(rule) is not None else el("span", rule)


def acts(document: Mapping[str, Any], dates: Dates) -> Html:
    """Overrides and refusals, where the document tells of them."""
    told = {"overrides": "Overrides", "refusals": "Refusals"}
    captions = {"overrides": "Gates overridden", "refusals": "Attempts that a gate refused"}
    return joined(
        el(
            "section",
            el("h2", heading, id=name),
            lists.acts(document[name], name, captions[name], dates),
            aria_labelledby=name,
            data_noun=name,
        )
        for name, heading in told.items()
        if name in document
    )


_GROUPS: Mapping[str, str] = {
    "violations": "Requirements not shown",
    "pending": "Due",
    "noted": "Warnings or advice only",
    "clean": "No findings",
}


def clients(document: Mapping[str, Any], bundles: Mapping[str, str]) -> Html:
    """Every client by its verdict, so that nobody asks whether one was looked at; `bundles` are links by client."""
    remarked = {one["client"] for one in document["findings"]}
    groups: dict[str, list[str]] = {standing: [] for standing in _GROUPS}
    for client, verdict in sorted(document["verdicts"].items()):
        standing = "noted" if verdict == "clean" and client in remarked else str(verdict)
        groups.setdefault(standing, []).append(client)
    return joined(
        joined(
            [
                el("h3", f"{in_words(_GROUPS, standing)}: {len(clients):,}"),
                el(
                    "ul",
                    *(_client(client, document, bundles.get(client)) for client in clients),
                    class_="ids",
                ),
            ]
        )
        for standing, clients in groups.items()
        if clients
    )


def _client(client: str, document: Mapping[str, Any], bundle: str | None) -> Html:
    before = document.get("verdicts_as_recorded", {}).get(client)
    changed = f" (as first recorded: {in_words(VERDICT, before)})" if before is not None else None
    link = el("a", "evidence bundle", href=bundle) if bundle is not None else None
    return el("li", client, changed, " " if link is not None else None, link, id=f"client-{client}")


def met(met: lists.Records) -> Html:
    """Counts by rule; the list itself is folded away, and left to the JSON form where it is too long."""
    if not met:
        return el("p", "There are none.")
    counts = Counter(str(one["rule"]) for one in met)
    rows = (
        el(
            "tr",
            el("th", rule, scope="row"),
            el("td", title_of(rule)),
            el("td", f"{count:,}", class_="number"),
        )
        for rule, count in sorted(counts.items(), key=lambda counted: rule_place(counted[0]))
    )
    heads = (el("th", words, scope="col") for words in ("Rule", "What the rule looks for", "Met"))
    table = el(
        "table",
        el("caption", "Obligations met in time, by rule", class_="unseen"),
        el("thead", el("tr", *heads)),
        el("tbody", *rows),
        class_="met-counts",
    )
    if len(met) > MOST_MET:
        return joined([table, el("p", "They are too many to list here. The audit's JSON form names each.")])
    listed = lists.obligations(met, "met", "Obligations met in time, by due day")
    return joined([table, el("details", el("summary", f"List all {len(met):,}"), listed)])


def rules(document: Mapping[str, Any]) -> Html:
    """Each rule the page names: what it forbids, why, and on what sources."""
    known = [rule for name in rules_named(document) if (rule := rule_of(name)) is not None]
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
