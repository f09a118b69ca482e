"""The shortest refused sequence of each gate, found by walking the small world; a generated page.

`python -m tests.agreement.shortest` writes it; with `--check` it is only compared.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.generate import keep
from ledger.rules.catalogue import RULES
from ledger.rules.rule import Kind
from tests.agreement.small_world import State
from tests.agreement.walks import EVERYDAY, shortest_refusals
from tests.agreement.worlds import Body

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "shortest-refusals.md"
NOTE = "<!-- Written by `python -m tests.agreement.shortest` from the code; do not edit. -->"
NAMES = (
    "engagement",
    "agreement",
    "intake",
    "referral",
    "concern",
    "release",
    "service",
    "kind",
    "practitioner",
)
TOLD = ("clinical_indication", "stable", "basis", "answer", "payer")


def main(arguments: Sequence[str]) -> int:
    """Writes the page; with `--check` returns 1 if it is not current."""
    return keep({PAGE.name: "\n".join(page()) + "\n"}, arguments, "tests.agreement.shortest")


def page() -> Iterator[str]:
    """The lines of the page."""
    found = shortest_refusals()
    yield from (NOTE, "", "# The shortest refused sequences", "")
    yield "A small world (one client; P-1 and P-2 of both services, of whom P-1 holds a licence; all recommended"
    yield "rules adopted, and one day asked for between therapy and coaching) was walked breadth-first, an act an hour."
    yield "For each gate: a shortest sequence of acts, all taken by the gates but the last, which is refused; of"
    yield "several as short the one that the fewest other gates refuse."
    yield ""
    walks = (f"{walk.name}, {walk.depth} acts deep ({walk.states:,} states)" for walk in EVERYDAY)
    yield "The walks:"
    yield ""
    yield from (f"- {walk}" for walk in walks)
    yield from (
        "",
        "| gate | acts | before | refused | other gates that refuse it |",
        "|---|---|---|---|---|",
    )
    for rule in RULES:
        if rule.kind is Kind.GATE and rule.id in found:
            walk, state = found[rule.id]
            *before, last = (in_words(act) for act in state.acts)
            first = [] if walk.setting.name == "as described" else [f"({walk.setting.name})"]
            told = "<br>".join((*first, *before)) or "nothing"
            yield f"| {rule.id} | {len(state.acts)} | {told} | {last} | {others(state, rule.id) or 'none'} |"


def others(state: State, rule: str) -> str:
    """The other gates that refuse the last act."""
    return ", ".join(dict.fromkeys(one.rule for one in state.refused if one.rule != rule))


def in_words(act: Body) -> str:
    """An act in few words: its type and what it is about."""
    words = [str(act["type"]), *(str(act[name]) for name in NAMES if act.get(name) is not None)]
    words += [f"{name.replace('_', '-')}={act[name]}" for name in TOLD if act.get(name) is not None]
    words += ["another text"] if act["type"] == "AgreementSigned" and "text_sha256" in act else []
    words += (
        ["terms left out"] if act.get("terms") == ["services"] and act["kind"] == "therapy-consent" else []
    )
    words += ["roles not explained"] if act.get("roles_explained") is False else []
    words += ["dated ten minutes ahead"] if act.get("ahead") else []
    return " ".join(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
