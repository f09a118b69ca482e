"""The shortest refused sequence of each gate, found by walking the small world; a generated page.

python -m tests.agreement.shortest [--check]
"""

import sys
from pathlib import Path

from ledger.rules.catalogue import RULES
from ledger.rules.rule import Kind
from tests.agreement.small_world import State, refused, walk

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "shortest-refusals.md"
STATES = 6_000
HEAD = """# The shortest refused sequences

Written by `python -m tests.agreement.shortest`; do not edit. A small world (one client, two practitioners of both
services, licensed where the client lives, an act an hour) was walked breadth-first over {states:,} different states,
{depth} acts deep. For each gate that refuses something there: the shortest sequence, its last act refused.

| gate | what is refused | after |
|---|---|---|
"""
TAIL = """
Gates that refuse nothing within this walk have their denied histories on the [rules page](rules.md): {rest}.
"""


def named(act: dict[str, object]) -> str:
    """An act in few words: its type and what it is about."""
    words = [str(act["type"])]
    for name in (
        "engagement",
        "agreement",
        "intake",
        "referral",
        "concern",
        "session",
        "service",
        "practitioner",
    ):
        if name in act and act[name] is not None:
            words.append(f"{act[name]}")
    for name in ("kind", "clinical_indication", "stable", "basis"):
        if name in act:
            words.append(f"{name}={act[name]}")
    return " ".join(words)


def page() -> str:
    """The whole page."""
    found: dict[str, State] = {}
    depth = states = 0
    for state, lines, _ in walk(STATES):
        states, depth = states + 1, len(state.acts)
        for finding in refused(lines):
            found.setdefault(finding.rule, state)
    gates = [rule for rule in RULES if rule.kind is Kind.GATE]
    rows = []
    for rule in gates:
        if rule.id in found:
            *before, last = (named(act) for act in found[rule.id].acts)
            rows.append(f"| {rule.id} | {last} | {'; '.join(before) or 'nothing'} |")
    rest = ", ".join(rule.id for rule in gates if rule.id not in found)
    return HEAD.format(states=states, depth=depth) + "\n".join(rows) + "\n" + TAIL.format(rest=rest)


def main(*, check: bool) -> int:
    """Writes the page, or says whether it is current."""
    text = page()
    if check:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print("current" if current else f"{PAGE.name} is stale: run python -m tests.agreement.shortest")
        return 0 if current else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
