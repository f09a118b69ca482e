"""OVR-1: an override that nobody answers for."""

from collections.abc import Iterable, Iterator

from ledger.entry import Override
from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken


def check(act: Fact, view: View) -> Iterable[Ruling]:
    """An override has a reason, and is authorised by somebody else who may."""
    override = act.entry.override
    return () if override is None else _judged(act, override, view)


def _judged(act: Fact, override: Override, view: View) -> Iterator[Ruling]:
    who = override.authorised_by
    problems = []
    if override.reason is None:
        problems.append("it states no reason")
    if not view.practice.may_authorise(who, act.order):
        problems.append(f"{who} is not registered as one who may authorise")
    own = who == act.by
    if own and not view.parameter("solo_practice", act.order):
        problems.append(f"{who} authorised their own entry")
    against = ", ".join(override.rules) or "the day until which texts are kept"  # which is no rule
    what = f"override of {against}: expected a reason and somebody else's authority"
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
    allowed=(
        Example(
            "The director took the decision, and says why",
            """
            2024-01-05 actor-registered director
            2024-01-08 therapy E1 no-intake override=director override.reason="by phone" override.rules=INT-1
            """,
        ),
    ),
    denied=(
        Example(
            "No reason",
            """
            2024-01-05 actor-registered director
            2024-01-08 therapy E1 no-intake override=director override.rules=INT-1
            """,
        ),
        Example(
            "Authorised by somebody who may not",
            """
            2024-01-05 actor-registered trainee practitioner no
            2024-01-08 therapy E1 no-intake override=trainee override.reason="no time" override.rules=INT-1
            """,
        ),
        Example(
            "The recorder authorised their own entry",
            """
            2024-01-05 actor-registered director
            2024-01-08 therapy E1 no-intake by=director override=director override.reason="no time" override.rules=INT-1
            """,
        ),
        Example(
            "In a solo practice that is a warning",
            """
            2021-01-04 policy-adopted recommended parameters.solo_practice=yes
            2024-01-05 actor-registered director
            2024-01-08 therapy E1 no-intake by=director override=director override.reason="no time" override.rules=INT-1
            """,
        ),
    ),
)
