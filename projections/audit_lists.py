"""The lists of the audit page: findings by client, obligations by due day, transitions, overrides, refusals.

Every row carries what the page filters by: `data-c` client, `data-r` rule, `data-k` kind, `data-s` statuses.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from projections.audit_words import (
    KINDS,
    OBLIGATIONS,
    OWN,
    REQUIREMENTS,
    Tally,
    in_words,
    marks,
    named,
    obligation_serious,
    place,
    references,
    rule_of,
    rule_place,
    serious,
    several,
    time,
    title_of,
)
from projections.dates import Dates
from projections.pages.markup import Html, Piece, el, joined

Records = Sequence[Mapping[str, Any]]
Column = tuple[str, str]
"""The key by which the page remembers a sorting (empty: it does not sort by it), and the words at the head."""


def table(name: str, caption: str, columns: Iterable[Column], bodies: Iterable[Html], sorted_by: str) -> Html:
    """A table with a caption (for who does not see the heading above it).

    The page makes the columns sortable that have a key; `sorted_by` says how the table stands now.
    """
    heads = (
        el(
            "th",
            words,
            scope="col",
            data_key=key or None,
            aria_sort="ascending" if key and key == sorted_by else None,
        )
        for key, words in columns
    )
    head = el("thead", el("tr", *heads))
    hidden = el("caption", caption, class_="unseen")
    return el("table", hidden, head, *bodies, class_=name, data_sort=name)


def rule_cell(rule: object) -> Html:
    """A rule's id and its plain statement."""
    return el("td", el("b", str(rule)), " ", title_of(rule), data_v=rule_place(rule))


def about(record: Mapping[str, Any]) -> Html | None:
    """Engagements and practitioner, under a message."""
    engagements = several(record.get("engagements") or ())
    parts = [f"engagement {engagements}" if engagements else "", record.get("practitioner") or ""]
    words = ", ".join(str(part) for part in parts if part)
    return el("div", words, class_="aside") if words else None


# -- findings ---------------------------------------------------------------------------------------------

_FINDINGS = (
    ("client", "Client"),
    ("when", "When"),
    ("rule", "Rule"),
    ("kind", "Kind"),
    ("", "What the record shows"),
    ("", "Entries"),
)


def findings(found: Records, dates: Dates) -> Html:
    """One table, a body for each client, the practice's own findings first."""
    if not found:
        return el("p", "There are none.")
    ordered = sorted(found, key=lambda one: (one["client"] is not None, str(one["client"])))
    bodies = (
        _client_body(client, list(own), dates)
        for client, own in groupby(ordered, key=lambda one: one["client"])
    )
    return table("findings", "Findings, grouped by client", _FINDINGS, bodies, "client")


def _client_body(client: object, own: Records, dates: Dates) -> Html:
    counts = "; ".join(Tally.of(own, ()).phrases())
    head = el("th", el("b", named(client)), " ", el("span", counts), scope="rowgroup", colspan=len(_FINDINGS))
    return el("tbody", el("tr", head, class_="group"), *(_finding(one, dates) for one in own))


def _finding(one: Mapping[str, Any], dates: Dates) -> Html:
    marked = marks(one)
    kind = [in_words(KINDS, one["kind"]), *(el("div", mark, class_="aside") for mark in marked)]
    standing = "not-shown" if serious(one) else "noted"
    return el(
        "tr",
        el("td", named(one["client"])),
        el("td", time(one["occurred_at"], dates)),
        rule_cell(one["rule"]),
        el("td", *kind, data_v=place(KINDS, one["kind"])),
        el("td", str(one["message"]), about(one)),
        el("td", references(one["entries"])),
        class_="strong" if serious(one) else None,
        data_c=named(one["client"]),
        data_r=str(one["rule"]),
        data_k=str(one["kind"]),
        data_s=" ".join([standing, *(mark.replace(" ", "-") for mark in marked)]),
    )


# -- obligations ------------------------------------------------------------------------------------------

_OBLIGATIONS = (
    ("due", "Due"),
    ("status", "Status"),
    ("client", "Client"),
    ("rule", "Rule"),
    ("", "What was to be done"),
    ("", "Entries"),
)


def obligations(owed: Records, name: str, caption: str) -> Html:
    """Overdue first, then what is due, done late, met; each by its due day."""
    if not owed:
        return el("p", "There are none.")
    ordered = sorted(
        owed, key=lambda one: (place(OBLIGATIONS, one["status"]), str(one["due"]), named(one["client"]))
    )
    body = el("tbody", *map(_obligation, ordered))
    return table(name, caption, _OBLIGATIONS, [body], "status")


def _obligation(one: Mapping[str, Any]) -> Html:
    status = str(one["status"])
    return el(
        "tr",
        el("td", str(one["due"])),
        el("td", in_words(OBLIGATIONS, status), data_v=place(OBLIGATIONS, status)),
        el("td", named(one["client"])),
        rule_cell(one["rule"]),
        el("td", str(one["message"]), about(one)),
        el("td", references(one["entries"])),
        class_="strong" if obligation_serious(one) else None,
        data_c=named(one["client"]),
        data_r=str(one["rule"]),
        data_k="obligation",
        data_s={"open": "due"}.get(status, status),
    )


# -- transitions ------------------------------------------------------------------------------------------


def transitions(made: Records, dates: Dates) -> Html:
    """One article for each, with the requirements that apply and the entries that show them."""
    if not made:
        return el("p", "There are none.")
    ordered = sorted(made, key=lambda one: (named(one["client"]), str(one["at"])))
    return joined(_transition(one, dates) for one in ordered)


def _transition(one: Mapping[str, Any], dates: Dates) -> Html:
    client = named(one["client"])
    change = f"{_side(one, 'from')} \u2192 {_side(one, 'to')}"
    statuses = [str(requirement["status"]) for requirement in one["requirements"]]
    counts = (
        f"{words} {statuses.count(code)}" for code, words in REQUIREMENTS.items() if statuses.count(code)
    )
    requirements = el(
        "table",
        el("caption", f"Requirements of {client}, {change}", class_="unseen"),
        el("thead", el("tr", *(el("th", words, scope="col") for words in _REQUIREMENTS))),
        el("tbody", *map(_requirement, one["requirements"])),
        class_="requirements",
    )
    return el(
        "article",
        el("h3", client, " ", el("span", time(one["at"], dates), class_="at")),
        el("p", change, class_="change"),
        el("p", "Requirements: " + (", ".join(counts) or "none apply"), class_="aside"),
        el("div", requirements) if statuses else None,
        data_c=client,
        data_at=str(one["at"]),
        data_n=statuses.count("violated"),
    )


_REQUIREMENTS = ("Rule", "Status", "What the record shows", "Entries")


def _side(one: Mapping[str, Any], side: str) -> str:
    return f"{one[f'{side}_service']} {one[side]} with {one[f'{side}_practitioner']}"


def _requirement(one: Mapping[str, Any]) -> Html:
    rule, status = rule_of(one["rule"]), in_words(REQUIREMENTS, one["status"])
    return el(
        "tr",
        el("th", str(one["rule"]), scope="row"),
        el("td", status),
        el("td", str(one["message"])),
        el("td", references(one["entries"])),
        class_="strong" if one["status"] == "violated" else None,
        data_r=str(one["rule"]),
        data_k=rule.kind.value if rule is not None else None,
        data_s=status.replace(" ", "-"),
    )


# -- overrides and refusals -------------------------------------------------------------------------------

_COLUMNS: Mapping[str, str] = {
    "client": "Client",
    "occurred_at": "When",
    "at": "When",
    "recorded_at": "Recorded",
    "type": "Act",
    "rules": "Rules",
    "by": "By",
    "authorised_by": "On the authority of",
    "reason": "Reason",
    "entry": "Entry",
}


def acts(done: Records, name: str, caption: str, dates: Dates) -> Html:
    """Overrides or refusals: a column for each thing told of them."""
    if not done:
        return el("p", "There are none.")
    columns = [(key, words) for key, words in _COLUMNS.items() if any(key in one for one in done)]
    rows = (
        el(
            "tr",
            *(el("td", _value(key, one.get(key), dates), data_label=words) for key, words in columns),
            data_c=client_of_act(one),
            data_r=" ".join(map(str, one.get("rules") or ())),
        )
        for one in done
    )
    return table(name, caption, columns, [el("tbody", *rows)], "")


def client_of_act(one: Mapping[str, Any]) -> str | None:
    """The client an override is about; of a refusal that is sealed, so no filter may promise to find it."""
    return named(one["client"]) if "client" in one and "recorded_at" in one else None


def _value(key: str, value: Any, dates: Dates) -> Piece:
    if value is None:
        return OWN if key == "client" else "not stated"
    if key == "entry":
        return references([value])
    if key == "rules":
        return several(value) if value else "before its day"
    return time(value, dates) if key in {"at", "occurred_at", "recorded_at"} else str(value)
