"""The audit document told to a person: verdict in words, counts, findings by client, what is due."""

from collections import Counter
from typing import Any

from ledger import holds
from projections.commands.page import Cell, Page
from projections.dates import Dates
from projections.wording import SOFT, VERDICT, counted, seqs, verdict_words

KINDS = ("gate", "violation", "warning", "advice")
LIMITS = "This is what the record shows. What was never recorded cannot be found, and nothing here attests."


def summary(page: Page, document: dict[str, Any], heading: str) -> None:
    """Verdict and counts."""
    page.title(heading)
    policy = {
        "as adopted": "the policy in force at each moment",
        "current": "the current policy throughout",
    }.get(document["policy"], f"the policy of {document['policy']} throughout")
    page.say(
        f"{counted(document['entries'], 'entry', 'entries')}, {counted(document['clients'], 'client')}; "
        f"judged by {policy}"
    )
    page.blank()
    remarks = sum(1 for finding in document["findings"] if finding["kind"] in SOFT)
    verdict = document["verdict"]
    judged = bool(document["verdicts"] or document["findings"])
    words = verdict_words(verdict, remarks) if judged else "no client to judge, nothing found"
    page.say(f"Verdict: {words}", code=verdict if judged else "")
    if document["verdict_as_recorded"] != verdict:
        page.say(f"As first recorded, before corrections: {VERDICT[document['verdict_as_recorded']]}")
    if document.get("holds"):
        page.say(f"{holds.words(document['holds']).capitalize()}.")
    each = Counter(document["verdicts"].values())
    if len(document["verdicts"]) > 1:
        said = [
            f"{counted(each[code], 'client')} with {VERDICT[code]}"
            for code in ("violations", "pending", "clean")
            if each[code]
        ]
        page.say("; ".join(said), indent=2)
    _counts(page, document)


def _counts(page: Page, document: dict[str, Any]) -> None:
    kinds = Counter(finding["kind"] for finding in document["findings"])
    due = Counter(one["status"] for one in document["obligations"])
    found = [f"{kind} {kinds[kind]}" for kind in KINDS if kinds[kind]]
    page.say(f"Findings: {', '.join(found) or 'none'}", indent=2)
    if due:
        statuses = ("overdue", "late", "open", "met")
        said = ", ".join(f"{status} {due[status]}" for status in statuses if due[status])
        page.say(f"Obligations: {said}", indent=2)
    overridden = sum(1 for finding in document["findings"] if finding["overridden"])
    if overridden or document["refusals"]:
        page.say(
            f"Overridden findings: {overridden}; attempts refused: {len(document['refusals'])}", indent=2
        )


def report(page: Page, document: dict[str, Any], heading: str, dates: Dates) -> None:
    """The whole audit."""
    summary(page, document, heading)
    _findings(page, document, dates)
    _obligations(page, document)
    _overrides(page, document, dates)
    _refusals(page, document, dates)
    page.blank()
    page.say(LIMITS)


def _findings(page: Page, document: dict[str, Any], dates: Dates) -> None:
    by_client: dict[str | None, list[dict[str, Any]]] = {}
    for finding in document["findings"]:
        by_client.setdefault(finding["client"], []).append(finding)
    for client in sorted(by_client, key=lambda name: (name is not None, name or "")):
        verdict = document["verdicts"].get(client, "")
        words = f": {VERDICT[verdict]}" if verdict else ""
        if client in document["verdicts_as_recorded"]:
            words += f" (as first recorded: {VERDICT[document['verdicts_as_recorded'][client]]})"
        page.section(f"{client or 'The practice itself'}{words}")
        page.table(
            ("", "", "", ""),
            (_finding_row(finding, dates) for finding in by_client[client]),
            widths=(7, 9, 10),
        )


def _finding_row(finding: dict[str, Any], dates: Dates) -> tuple[str | Cell, ...]:
    stream = f"client/{finding['client']}" if finding["client"] is not None else None
    flags = [
        *(["overridden"] if finding["overridden"] else []),
        *(["imported as found"] if finding["as_found"] else []),
    ]
    flagged = f" ({', '.join(flags)})" if flags else ""
    return (
        finding["rule"],
        Cell(finding["kind"], finding["kind"]),
        dates.column(finding["occurred_at"])[:10],
        f"{finding['message']} [{seqs(finding['entries'], stream)}]{flagged}",
    )


def _obligations(page: Page, document: dict[str, Any]) -> None:
    standing = [one for one in document["obligations"] if one["status"] != "met"]
    if not standing:
        return
    page.section("Due, overdue, or done late")
    page.table(
        ("due", "status", "client", "rule", "what"),
        (
            (
                one["due"],
                Cell(one["status"], one["status"]),
                one["client"],
                one["rule"],
                f"{one['message']} [{seqs(one['entries'], 'client/' + one['client'])}]",
            )
            for one in standing
        ),
    )


def _overrides(page: Page, document: dict[str, Any], dates: Dates) -> None:
    if not document["overrides"]:
        return
    page.section("Gates overridden, and texts erased before their day")
    page.table(
        ("day", "client", "rules", "who, on whose authority, and why"),
        (
            (
                dates.column(one["occurred_at"])[:10],
                one["client"] or "-",
                ", ".join(one["rules"]) or "(its day)",
                _authority(one),
            )
            for one in document["overrides"]
        ),
    )


def _authority(one: dict[str, Any]) -> str:
    return (
        f"{one['by']}, authorised by {one['authorised_by']}: {one['reason'] or 'no reason stated'} "
        f"({one['type']}, entry {one['entry']['seq']})"
    )


def _refusals(page: Page, document: dict[str, Any], dates: Dates) -> None:
    if not document["refusals"]:
        return
    page.section("Attempts that a gate refused (for which client is sealed)")
    page.table(
        ("when", "by", "rules", "what was tried"),
        (
            (dates.column(one["at"]), one["by"], ", ".join(one["rules"]), one["type"])
            for one in document["refusals"]
        ),
    )


def heading(practice: str, client: str | None, asked: str) -> str:
    """The first line of an audit."""
    return f"{practice}{', client ' + client if client is not None else ''}: what the record shows {asked}"
