"""ROLE-3: the new role agreed to while the old one lasted."""

from collections.abc import Iterator

from ledger.changes import service_change
from ledger.events.engagements import EngagementOpened
from ledger.history import Fact
from ledger.rules.rule import Kind, Rule, Ruling, View, broken, shown


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """The new engagement's agreement is signed at or after the mark."""
    change = service_change(view.case, act)
    if change is None or change.mark is None:
        return
    agreement = view.case.agreements.get(act.event.agreement or "")
    consents = list(agreement.consents()) if agreement is not None else []
    signed = next((fact for fact in consents if fact.at >= change.mark.at), None)
    if signed is not None:
        yield shown("the new agreement was signed after the role before had ended", change.mark, signed)
        return
    if agreement is None:
        came = "it names no agreement on record"
    elif not consents:
        came = f"{agreement.id} is not signed"
    else:
        came = f"{agreement.id} was signed before"
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
)
