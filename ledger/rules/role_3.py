"""ROLE-3: the new role agreed to while the old one lasted."""

from collections.abc import Iterator

from ledger.events.engagements import EngagementOpened
from ledger.history import Fact, first_on_record
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken, shown


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The new engagement's agreement is signed at or after the mark."""
    change = view.change(act)
    if change is None or change.mark is None:
        return
    agreement = view.agreement_of(act)
    consents = list(agreement.consents()) if agreement is not None else []
    signed = first_on_record(fact for fact in consents if change.mark.at <= fact.at <= act.at)
    if signed is not None:
        yield shown("the new agreement was signed after the role before had ended", change.mark, signed)
        return
    if agreement is None:
        came = "it names no agreement on record"
    elif not consents:
        came = f"{agreement.id} is not signed"
    else:
        came = f"{agreement.id} was signed {'before' if consents[0].at < change.mark.at else 'after the opening'}"
    yield broken(
        Kind.GATE,
        f"{change.engagement.service} {change.engagement.id}: expected its agreement signed when "
        f"{change.previous.service} {change.previous.id} had ended or was paused, {came}",
        change.mark,
        *consents[:1],
    )


RULE = Rule(
    id="ROLE-3",
    title="The agreement for the new role is signed while the old role lasts",
    kind=Kind.GATE,
    why="A client still in therapy is in no position to contract freely with the therapist for something else.",
    sources=("Guide, Scenario 2",),
    judges=(EngagementOpened,),
    check=check,
    exceptions="Judged on openings only, and only where the role before has ended or is paused.",
    allowed=(
        Example(
            "The coaching contract is signed at the instant therapy closes",
            """
            2024-01-08 therapy E1
            2024-06-10 12:00 engagement-closed E1
            2024-06-10 14:00 coaching E2 signed@12:00
            """,
        ),
        Example(
            "The therapy consent is signed in the pause of coaching",
            """
            2024-01-08 coaching E1
            2024-03-04 engagement-paused E1
            2024-03-11 therapy E2
            """,
        ),
        Example(
            "A second therapy is no new role",
            """
            2024-01-08 therapy E1
            2024-06-10 engagement-closed E1
            2024-06-17 therapy E2 signed@2024-05-06
            """,
        ),
    ),
    denied=(
        Example(
            "The coaching contract is signed on the morning of the day therapy closes",
            """
            2024-01-08 therapy E1
            2024-06-10 12:00 engagement-closed E1
            2024-06-10 14:00 coaching E2
            """,
        ),
        Example(
            "The therapy consent is signed before coaching is paused",
            """
            2024-01-08 coaching E1
            2024-03-04 engagement-paused E1
            2024-03-11 therapy E2 signed@2024-03-01
            """,
        ),
    ),
)
