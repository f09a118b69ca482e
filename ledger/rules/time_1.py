"""TIME-1: recorded late."""

from collections.abc import Iterable

from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import Admission, days_between


def check(act: Fact, view: View) -> Iterable[Ruling]:
    """Recorded not more than `late_entry_days` after it happened; as-found entries are not judged."""
    if act.entry.admitted is Admission.AS_FOUND:
        return ()
    late = days_between(view.day(act), view.calendar.day_of(act.entry.recorded_at))
    allowed = view.number("late_entry_days", act.order)
    if late <= allowed:
        return ()
    message = f"{act.entry.type} was recorded {late} days after it happened: expected at most {allowed}"
    return (broken(Kind.WARNING, message),)


RULE = Rule(
    id="TIME-1",
    title="An entry is recorded late",
    kind=Kind.WARNING,
    adopted=True,
    why="A record made at or near the time counts for more than one made from memory.",
    sources=("FRE 803(6)(A)",),
    check=check,
    judges_unfit=True,
    parameters=(Parameter("late_entry_days", 3, "Days after which an entry counts as late."),),
    exceptions="Imported history recorded as found.",
    allowed=(
        Example(
            "Recorded on the third day",
            """
            2024-01-08 therapy E1
            2024-01-15 session-held E1 recorded@2024-01-18
            """,
        ),
        Example(
            "Imported history, as it was found",
            """
            2024-01-08 therapy E1 admitted=as-found recorded@2024-12-02
            """,
        ),
    ),
    denied=(
        Example(
            "Recorded on the fourth day",
            """
            2024-01-08 therapy E1
            2024-01-15 session-held E1 recorded@2024-01-19
            """,
        ),
    ),
)
