"""SEQ-1: an act that does not fit the state."""

from collections.abc import Iterator

from ledger.events.agreements import AgreementRevoked, AgreementSigned
from ledger.events.concerns import ConcernResolved
from ledger.events.engagements import (
    EngagementClosed,
    EngagementPaused,
    EngagementRenewed,
    EngagementResumed,
)
from ledger.events.referrals import ReferralAnswered, ReferralConcluded
from ledger.events.releases import ReleaseRevoked
from ledger.history import Fact
from ledger.rules.rule import Kind, Rule, Ruling, View, broken


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
        EngagementRenewed,
        AgreementSigned,
        AgreementRevoked,
        ReferralAnswered,
        ReferralConcluded,
        ConcernResolved,
        ReleaseRevoked,
    ),
    check=check,
    judges_unfit=True,
)
