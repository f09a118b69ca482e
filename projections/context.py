"""What the ids in a client's entries stand for: which service an engagement is, which kind an agreement."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ledger.events.agreements import AgreementIssued
from ledger.events.base import Event
from ledger.events.concerns import ConcernRaised
from ledger.events.engagements import EngagementOpened
from ledger.events.referrals import ReferralMade, ReferralReceived
from ledger.history import Fact, History


@dataclass(slots=True)
class Context:
    """The things named in one stream, by id, as first read: enough to call them by what they are."""

    engagements: dict[str, Any] = field(default_factory=dict)
    agreements: dict[str, Any] = field(default_factory=dict)
    referrals: dict[str, Any] = field(default_factory=dict)
    concerns: dict[str, Any] = field(default_factory=dict)
    entries: dict[int, Fact] = field(default_factory=dict)

    def engagement(self, engagement: str | None) -> str:
        """`therapy E1`."""
        opened = self.engagements.get(engagement or "")
        return f"{opened.service} {engagement}" if opened is not None else f"engagement {engagement}"

    def practitioner(self, engagement: str | None) -> str:
        """Who an engagement is with."""
        opened = self.engagements.get(engagement or "")
        return str(opened.practitioner) if opened is not None else "the practitioner"

    def agreement(self, agreement: str | None) -> str:
        """`coaching contract A2`."""
        issued = self.agreements.get(agreement or "")
        return f"{words(issued.kind)} {agreement}" if issued is not None else f"agreement {agreement}"

    def referred_to(self, referral: str) -> str:
        """To whom a referral goes."""
        made = self.referrals.get(referral)
        return str(made.to_practitioner) if made is not None else "the practitioner referred to"

    def domain(self, event: Event, name: str) -> str:
        """The domain a field of an entry is sealed in: its own, else that of the service it belongs to."""
        sealed = type(event).FACTS[name].sealed if name in type(event).FACTS else None
        if sealed is not None and sealed.domain is not None:
            return sealed.domain.value
        engagement = getattr(event, "engagement", None)
        if engagement is None and (concern := self.concerns.get(getattr(event, "concern", ""))) is not None:
            engagement = concern.engagement
        opened = self.engagements.get(engagement or "")
        if opened is not None:
            return str(opened.service)
        own = getattr(event, "own_domain", None)
        return str(own()) if own is not None else "practice"


def context_of(history: History) -> Context:
    """The context of a stream, retracted entries included so that they too can be told."""
    context = Context()
    _learn(context, history.retracted)
    _learn(context, history.facts)
    for fact in (*history.facts, *history.corrections, *history.retracted):
        context.entries[fact.seq] = fact
    return context


def _learn(context: Context, facts: Iterable[Fact]) -> None:
    for fact in facts:
        match fact.event:
            case EngagementOpened() as event:
                context.engagements[event.engagement] = event
            case AgreementIssued() as event:
                context.agreements[event.agreement] = event
            case ReferralMade() | ReferralReceived() as event:
                context.referrals[event.referral] = event
            case ConcernRaised() as event:
                context.concerns[event.concern] = event
            case _:
                pass


def words(code: object) -> str:
    """A code as words: `role-change-acknowledgement` as `role change acknowledgement`."""
    return str(code).replace("-", " ")


def listed(codes: Iterable[object]) -> str:
    """Codes as a list in words."""
    return ", ".join(words(code) for code in codes)
