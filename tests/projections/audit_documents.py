"""Audit documents for the page's tests: a small practice, a large one, and one with a text in every field."""

from collections.abc import Callable, Iterable
from typing import Any

from ledger.values import Calendar
from projections.audit_page import render
from projections.dates import Dates

NEW_YORK = Dates(Calendar("America/New_York"))
CODES = {"rule", "kind", "status", "verdict", "verdict_as_recorded"}


def page(document: dict[str, Any], practice: str = "The Lakeside Practice") -> str:
    return render(document, practice=practice, dates=NEW_YORK)


def finding(client: str | None, rule: str, kind: str, day: str, **more: Any) -> dict[str, Any]:
    stream = f"client/{client}" if client is not None else "practice"
    return {
        "rule": rule,
        "kind": kind,
        "client": client,
        "practitioner": "P-OSEI",
        "engagements": ["E2", "E1"],
        "entries": [{"stream": stream, "seq": 45}, {"stream": stream, "seq": 5}],
        "occurred_at": f"{day}T17:00:00.000000Z",
        "overridden": False,
        "as_found": False,
        "message": f"{rule} of {client}: expected one thing, there is another",
        **more,
    }


def obligation(client: str, rule: str, due: str, status: str) -> dict[str, Any]:
    return {
        "rule": rule,
        "client": client,
        "engagements": ["E1"],
        "due": due,
        "status": status,
        "entries": [{"stream": f"client/{client}", "seq": 48}],
        "message": f"{rule} of {client}: expected by {due}",
    }


def transition(client: str, at: str, statuses: dict[str, str]) -> dict[str, Any]:
    return {
        "client": client,
        "from": "E1",
        "to": "E2",
        "from_service": "therapy",
        "to_service": "coaching",
        "from_practitioner": "P-OSEI",
        "to_practitioner": "P-OSEI",
        "at": at,
        "verdict": "violations" if "violated" in statuses.values() else "clean",
        "requirements": [
            {
                "rule": rule,
                "status": status,
                "entries": [{"stream": f"client/{client}", "seq": 45}],
                "message": f"{rule} at the change of {client}",
            }
            for rule, status in statuses.items()
        ],
    }


def document(**more: Any) -> dict[str, Any]:
    """Four clients: one with findings, one overdue, one with a warning, one with nothing."""
    return {
        "as_of": "2026-01-01T04:59:59.999999Z",
        "known_at": None,
        "policy": "as adopted",
        "clients": 4,
        "entries": 321,
        "verdict": "violations",
        "verdict_as_recorded": "violations",
        "findings": [
            finding("C-OAK", "ROLE-1", "gate", "2024-06-18", overridden=True),
            finding("C-OAK", "ROLE-6", "warning", "2024-06-17", as_found=True),
            finding("C-ELM", "AGR-6", "gate", "2025-01-23"),
            finding(None, "OVR-1", "violation", "2024-06-18"),
            finding("C-ASH", "LIC-4", "advice", "2023-02-16"),
        ],
        "obligations": [
            obligation("C-ASH", "CON-3", "2026-01-12", "open"),
            obligation("C-ELM", "REC-4", "2025-03-25", "overdue"),
            obligation("C-OAK", "SCOPE-2", "2024-01-24", "late"),
            obligation("C-FIR", "REC-5", "2024-02-01", "met"),
            obligation("C-ELM", "REC-4", "2024-03-25", "overdue"),
        ],
        "verdicts": {"C-ASH": "clean", "C-ELM": "violations", "C-FIR": "clean", "C-OAK": "violations"},
        "transitions": [
            transition(
                "C-OAK",
                "2024-06-18T17:00:00.000000Z",
                {"ROLE-1": "violated", "ROLE-2": "not-applicable", "INT-1": "satisfied"},
            ),
            transition("C-ELM", "2024-01-09", {"REC-4": "pending", "AGR-5": "not-determinable"}),
            transition("C-ASH", "2025-01-09", {"INT-1": "satisfied"}),
        ],
        "overrides": [
            {
                "client": "C-OAK",
                "type": "EngagementOpened",
                "rules": ["ROLE-1"],
                "by": "frontdesk",
                "authorised_by": "osei",
                "reason": "counsel was asked",
                "occurred_at": "2024-06-18T17:00:00.000000Z",
                "recorded_at": "2024-06-18T17:10:00.000000Z",
                "entry": {"stream": "client/C-OAK", "seq": 45},
            }
        ],
        "refusals": [
            {
                "type": "EngagementOpened",
                "rules": ["ROLE-2"],
                "by": "frontdesk",
                "at": "2024-06-18T16:55:00.000000Z",
                "client": "sealed: identity",
                "entry": {"stream": "ledger", "seq": 12},
            }
        ],
        "verdicts_as_recorded": {"C-FIR": "violations"},
        **more,
    }


def empty() -> dict[str, Any]:
    """An audit that found nothing and nobody."""
    lists: dict[str, Any] = {
        name: [] for name in ("findings", "obligations", "transitions", "overrides", "refusals")
    }
    return document(
        **lists,
        clients=0,
        verdict="clean",
        verdict_as_recorded="clean",
        verdicts={},
        verdicts_as_recorded={},
    )


def large(clients: int, findings: int) -> dict[str, Any]:
    """A practice of many clients; each with a transition and twenty obligations met."""
    names = [f"C-{number:05d}" for number in range(clients)]
    rules = ("ROLE-1", "AGR-6", "REC-3", "LIC-2", "ROLE-6")
    kinds = ("gate", "gate", "violation", "violation", "warning")
    statuses = {f"AGR-{n}": "satisfied" for n in range(1, 9)} | {
        f"ROLE-{n}": "satisfied" for n in range(1, 9)
    }
    return document(
        clients=clients,
        verdicts=dict.fromkeys(names, "violations"),
        findings=[
            finding(names[n % clients], rules[n % 5], kinds[n % 5], f"2024-{n % 12 + 1:02d}-11")
            for n in range(findings)
        ],
        obligations=[obligation(name, "REC-5", "2024-05-01", "met") for name in names for _ in range(20)],
        transitions=[transition(name, "2024-06-18T17:00:00.000000Z", statuses) for name in names[::2]],
    )


def with_text(text: str, *, codes_too: bool) -> dict[str, Any]:
    """The small practice with one text in every field (and in place of every code, if asked)."""

    def replaced(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            keyed = {text: "violations"} if key.startswith("verdicts") else value
            return {name: replaced(inner, name) for name, inner in keyed.items()}
        if isinstance(value, list):
            return [replaced(inner, key) for inner in value]
        keep = not isinstance(value, str) or (key in CODES | {text} and not codes_too)
        return value if keep else text

    changed: dict[str, Any] = replaced(document())
    return changed


def texts_of(value: Any, of: Callable[[str], bool] = lambda _key: True, key: str = "") -> Iterable[str]:
    """Every text in a document whose key is wanted."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_of(inner, of, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner, of, key)
    elif isinstance(value, str) and of(key):
        yield value
