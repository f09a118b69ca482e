"""INT-4: an indication that vanished between two intakes."""

from collections.abc import Iterator

from ledger.events.intakes import IntakeCompleted
from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.rules.scope_1 import INDICATED, addressed
from ledger.values import Indication, days_between


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """An intake says none or past although a recent one said suspected or active, unaddressed since."""
    if act.event.clinical_indication not in (Indication.NONE, Indication.PAST):
        return
    day = view.day(act)
    window = view.number("indication_review_days", act.order)
    for earlier in view.case.intakes:
        if earlier.order >= act.order:
            return
        if (
            earlier.event.clinical_indication in INDICATED
            and days_between(view.day(earlier), day) <= window
            and addressed(view.case, earlier, act.order) is None
            and view.case.therapy_elsewhere(act.event.practitioner, act.order, day) is None
        ):
            yield broken(
                Kind.WARNING,
                f"intake {act.event.intake} says {act.event.clinical_indication}, {earlier.event.intake} said "
                f"{earlier.event.clinical_indication} {days_between(view.day(earlier), day)} days before, and "
                "nothing in between addresses it",
                earlier,
            )
            return


RULE = Rule(
    id="INT-4",
    title="A clinical indication vanishes between two intakes",
    kind=Kind.WARNING,
    adopted=True,
    why="An intake written to fit the service wanted would look exactly like this.",
    sources=("Guide, Therapeutic Work First",),
    judges=(IntakeCompleted,),
    check=check,
    parameters=(
        Parameter("indication_review_days", 90, "Days in which an earlier indication is remembered."),
    ),
    exceptions="An intake that says managed keeps the finding in view. A client in therapy elsewhere is "
    "looked after.",
    allowed=(
        Example(
            "The earlier finding is ninety-one days old",
            """
            2024-01-01 intake-completed I1 clinical_indication=suspected
            2024-04-01 intake-completed I2
            """,
        ),
        Example(
            "Therapy addressed it in between",
            """
            2024-01-08 therapy E1 intake.clinical_indication=active
            2024-02-26 engagement-closed E1
            2024-03-04 intake-completed I2
            """,
        ),
        Example(
            "The new intake still sees it, as managed",
            """
            2024-01-08 intake-completed I1 clinical_indication=active
            2024-03-04 intake-completed I2 clinical_indication=managed
            """,
        ),
    ),
    denied=(
        Example(
            "Suspected, and ninety days later gone",
            """
            2024-01-02 intake-completed I1 clinical_indication=suspected
            2024-04-01 intake-completed I2
            """,
        ),
        Example(
            "Active, and a week later a thing of the past",
            """
            2024-01-08 intake-completed I1 clinical_indication=active
            2024-01-15 intake-completed I2 clinical_indication=past
            """,
        ),
    ),
)
