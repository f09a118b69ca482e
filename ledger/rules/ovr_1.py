"""OVR-1: an override that nobody answers for."""

from collections.abc import Iterator

from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.rule import Kind, Rule, Ruling, View, broken


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """An override has a reason, and is authorised by somebody else who may."""
    override = act.entry.override
    if override is None:
        return
    who = override.authorised_by
    problems = []
    if override.reason is None:
        problems.append("it states no reason")
    if not view.practice.may_authorise(who, act.order):
        problems.append(f"{who} is not registered as one who may authorise")
    own = who == act.by
    if own and not view.parameter("solo_practice", act.order):
        problems.append(f"{who} authorised their own entry")
    what = f"override of {', '.join(override.rules)}: expected a reason and somebody else's authority"
    if problems:
        yield broken(Kind.VIOLATION, f"{what}; {' and '.join(problems)}")
    elif own:
        yield broken(Kind.WARNING, f"{what}; {who}, in a solo practice, authorised their own entry")


RULE = Rule(
    id="OVR-1",
    title="A gate is overridden without a reason or without authority",
    kind=Kind.VIOLATION,
    why="An exception is a decision: somebody takes it, for a reason, and it can be seen.",
    sources=("21 CFR 11.10(g) as a model",),
    check=check,
    judges_unfit=True,
    parameters=(Parameter("solo_practice", False, "Whether one person may authorise their own overrides."),),
    exceptions="In a solo practice self-authorisation is a warning.",
)
