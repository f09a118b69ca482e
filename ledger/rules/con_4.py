"""CON-4: two professionals on one subject."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened, EngagementResumed
from ledger.history import Fact
from ledger.rules.con_2 import begun_beside
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Focus


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """Therapy and coaching that begin to run at once with two practitioners share no focus."""
    own = set(view.case.engagements[act.event.engagement].opened.event.focus)
    for other in begun_beside(act, view):
        shared = (own & set(other.opened.event.focus)) - {Focus.GOALS, Focus.OTHER}
        if shared:
            yield broken(
                Kind.ADVICE,
                f"{act.event.engagement} and {other.id} run at once with two practitioners and share the focus "
                f"{', '.join(sorted(shared))}: agree which service is for what",
                other.opened,
            )
            return


RULE = Rule(
    id="CON-4",
    title="Therapy and coaching with two practitioners share a focus",
    kind=Kind.ADVICE,
    why="Two professionals on the same subject work at cross-purposes, release or not.",
    sources=("Guide, FAQ on two professionals",),
    judges=(EngagementOpened, EngagementResumed),
    check=check,
    exceptions="The focuses goals and other.",
    allowed=(
        Example(
            "Two professionals, two subjects",
            """
            2024-01-08 therapy E1 focus=grief,other
            2024-02-05 coaching E2 with=P-2 focus=career,other
            """,
        ),
    ),
    denied=(
        Example(
            "Two professionals on the same subject, release or not",
            """
            2024-01-08 therapy E1 focus=grief,relationships
            2024-02-05 release-granted X1 P-1 to_practitioner=P-2
            2024-02-05 coaching E2 with=P-2 focus=relationships
            """,
        ),
    ),
)
