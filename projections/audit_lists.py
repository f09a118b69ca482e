"""The lists of the audit page: findings by client, obligations by due day, transitions, overrides, refusals.

Every row carries what the page filters by: `data-c` client, `data-r` rule, `data-k` kind, `data-s` statuses.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from projections.audit_words import (
    KINDS,
    OBLIGATIONS,
    REQUIREMENTS,
    Tally,
    Times,
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
    title_of,
)
from projections.pages.markup import Html, Piece, el, joined

Records = Sequence[Mapping[str, Any]]
Column = tuple[str, str]
"""The key by which the page remembers a sorting, and the words at the head."""


def table(name: str, caption: str, columns: Iterable[Column], bodies: Iterable[Html], sorted_by: str) -> Html:
    """A table with a caption and heads that the page makes sortable. `sorted_by` says how it stands now."""
    heads = (
        el(
            "th",
            words,
            scope="col",
            data_key=key,
            aria_sort="ascending" if key == sorted_by else None,
        )
        for key, words in columns
    )
    head = el("thead", el("tr", *heads))
    return el("table", el("caption", caption), head, *bodies, id=f"{name}-table", class_=name, data_sort=name)


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
    ("message", "What the record shows"),
    ("entries", "Entries"),
)


def findings(found: Records, times: Times) -> Html:
    """One table, a body for each client, the practice's own findings first."""
    if not found:
        return el("p", "There are none.")
    ordered = sorted(found, key=lambda one: (one["client"] is not None, str(one["client"])))
    bodies = (
        _client_body(client, list(own), times)
        for client, own in groupby(ordered, key=lambda one: one["client"])
    )
    return table("findings", "Findings, grouped by client", _FINDINGS, bodies, "client")


def _client_body(client: object, own: Records, times: Times) -> Html:
    counts = "; ".join(Tally.of(own, ()).phrases())
    head = el("th", el("b", named(client)), " ", el("span", counts), scope="rowgroup", colspan=len(_FINDINGS))
    return el("tbody", el("tr", head, class_="group"), *(_finding(one, times) for one in own))


def _finding(one: Mapping[str, Any], times: Times) -> Html:
    marked = marks(one)
    kind = el("td", in_words(KINDS, one["kind"]), data_v=place(KINDS, one["kind"]))
    if marked:
        kind = el(
            "td",
            in_words(KINDS, one["kind"]),
            *(el("div", mark, class_="aside") for mark in marked),
            data_v=place(KINDS, one["kind"]),
        )
    standing = "not-shown" if serious(one) else "noted"
    return el(
        "tr",
        el("td", named(one["client"])),
        el("td", times.element(one["occurred_at"])),
        rule_cell(one["rule"]),
        kind,
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
    ("message", "What was to be done"),
    ("entries", "Entries"),
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


def transitions(made: Records, times: Times) -> Html:
    """One article for each, with the requirements that apply and the entries that show them."""
    if not made:
        return el("p", "There are none.")
    ordered = sorted(made, key=lambda one: (named(one["client"]), str(one["at"])))
    return joined(_transition(one, times) for one in ordered)


def _transition(one: Mapping[str, Any], times: Times) -> Html:
    client, at = named(one["client"]), times.words(one["at"])
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
        el("h3", client, " ", el("span", times.element(one["at"]), class_="at")),
        el("p", change, class_="change"),
        el("p", "Requirements: " + (", ".join(counts) or "none apply"), class_="aside"),
        requirements if statuses else None,
        data_c=client,
        data_at=at,
    )


_REQUIREMENTS = ("Requirement", "Status", "What the record shows", "Entries")


def _side(one: Mapping[str, Any], side: str) -> str:
    return f"{one[f'{side}_service']} {one[side]} with {one[f'{side}_practitioner']}"


def _requirement(one: Mapping[str, Any]) -> Html:
    rule, status = rule_of(one["rule"]), in_words(REQUIREMENTS, one["status"])
    return el(
        "tr",
        el("th", el("b", str(one["rule"])), scope="row"),
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
    "message": "What the record shows",
    "stream": "Stream",
    "seq": "Entry",
    "entry": "Entry",
    "entries": "Entries",
}


def acts(done: Records, name: str, caption: str, times: Times) -> Html:
    """Overrides or refusals: a column for each thing known of any of them."""
    if not done:
        return el("p", "There are none.")
    known = {key for one in done for key in one}
    keys = [*(key for key in _COLUMNS if key in known), *sorted(known - _COLUMNS.keys())]
    columns = [(key, _COLUMNS.get(key, key.replace("_", " "))) for key in keys]
    rows = (
        el(
            "tr",
            *(el("td", _value(key, one.get(key), times)) for key in keys),
            data_c=named(one["client"]) if "client" in one else None,
            data_r=" ".join(map(str, one.get("rules") or ())),
        )
        for one in done
    )
    return table(name, caption, columns, [el("tbody", *rows)], "")


def _value(key: str, value: object, times: Times) -> Piece:
    match value:
        case None:
            return "not stated"
        case bool():
            return "yes" if value else "no"
        case {"stream": _, "seq": _}:
            return references([value])
        case [{"stream": _, "seq": _}, *_]:
            return references(value)
        case list() | tuple():
            return several(value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
    return times.element(value) if key in {"at", "occurred_at", "recorded_at"} else str(value)
