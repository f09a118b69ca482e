"""SEQ-1: an act that does not fit the state."""

from collections.abc import Iterator

from ledger.events.agreements import AgreementRevoked, AgreementSigned
from ledger.events.concerns import ConcernResolved
from ledger.events.engagements import (
    EngagementClosed,
    EngagementPaused,
    EngagementResumed,
)
from ledger.events.referrals import ReferralAnswered, ReferralConcluded
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """What the fold could not fit into the state is reported here, and changed nothing."""
    reason = view.case.unfit.get(act.seq)
    if reason is not None:
        yield broken(Kind.GATE, f"{act.entry.type}: {reason}; the entry is kept and changes nothing")


RULE = Rule(
    id="SEQ-1",
    title="An act does not fit the state",
    kind=Kind.GATE,
    why="A closed chart that reopens by itself, a pause of what is not running: such a record proves nothing.",
    sources=("21 CFR 11.10(f) as a model",),
    judges=(
        EngagementPaused,
        EngagementResumed,
        EngagementClosed,
        AgreementSigned,
        AgreementRevoked,
        ReferralAnswered,
        ReferralConcluded,
        ConcernResolved,
    ),
    check=check,
    judges_unfit=True,
    exceptions="One signature per signer and agreement: client, guardian and practitioner may each sign.",
    allowed=(
        Example(
            "Paused, resumed, closed",
            """
            2024-01-08 therapy E1
            2024-02-05 engagement-paused E1
            2024-03-04 engagement-resumed E1
            2024-06-03 engagement-closed E1
            """,
        ),
        Example(
            "Client and guardian sign one agreement",
            """
            2024-01-08 consent A1
            2024-01-08 agreement-signed A1 guardian
            """,
        ),
    ),
    denied=(
        Example(
            "A closed engagement is resumed",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1
            2024-06-10 engagement-resumed E1
            """,
        ),
        Example(
            "Paused twice",
            """
            2024-01-08 therapy E1
            2024-02-05 engagement-paused E1
            2024-02-06 engagement-paused E1
            """,
        ),
        Example(
            "A referral nobody accepted is concluded",
            """
            2024-02-05 referral-made R1
            2024-05-06 referral-concluded R1
            """,
        ),
        Example(
            "An agreement is signed before it is issued",
            """
            2024-01-08 10:00 consent A1 agreement@10:01
            """,
        ),
    ),
)
