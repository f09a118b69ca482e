"""Findings as people and programs read them: rule, what was expected and what is there, what to do first."""

from collections.abc import Iterable
from typing import Any

from ledger.commands.remedies import remedy
from ledger.commands.showing import heading, say, say_wrapped
from ledger.rules.judge import Finding


def document(finding: Finding, *, proposed: bool = False) -> dict[str, Any]:
    """A finding as JSON. With `proposed` the entry judged is not recorded, so it is not among the entries."""
    entries = [fact for fact in finding.entries if not (proposed and fact is finding.judged)]
    return {
        "rule": finding.rule,
        "kind": finding.kind.value,
        "client": finding.client,
        "practitioner": finding.practitioner,
        "engagements": list(finding.engagements),
        "entries": [{"stream": fact.stream, "seq": fact.seq} for fact in entries],
        "message": finding.message,
        "remedy": remedy(finding),
    }


def tell(title: str, findings: Iterable[Finding], colour: str | None = None, *, advise: bool = False) -> None:
    """Prints findings under a title, if there are any; with `advise` each with what to do first."""
    told = list(findings)
    if not told:
        return
    heading(title, colour)
    for finding in told:
        kind = "" if finding.kind == "gate" else f" ({finding.kind})"
        say_wrapped(f"{finding.rule}{kind}: {finding.message}", "  ")
        advice = remedy(finding) if advise else None
        if advice is not None:
            say_wrapped(f"What to do: {advice}", "    ")


def tell_refusal(what: str, refused: Iterable[Finding], *, noted: bool) -> None:
    """Prints why a gate refused, and what to do first."""
    tell(f"Refused: {what}. Nothing was recorded.", refused, "red", advise=True)
    say_wrapped(
        ("That it was tried is noted in the ledger. " if noted else "")
        + "To record it knowingly: --override REASON --authorised-by WHO."
    )
    say()
