"""AGR-7: a session without a live agreement."""

from collections.abc import Iterator

from ledger.case import KIND_NEEDED
from ledger.events.engagements import SessionHeld
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A session is held under a live agreement of its service's kind covering P."""
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is None:
        return
    renewed = any(renewal.order < act.order for renewal in engagement.renewals)
    if engagement.opened.event.agreement is None and not renewed:
        return
    kind = KIND_NEEDED[engagement.service]
    if view.case.live_agreement(kind, engagement.practitioner, act.order, view.day(act)) is None:
        named = view.case.agreements.get(engagement.opened.event.agreement or "")
        yield broken(
            Kind.VIOLATION,
            f"session {act.event.session} of {engagement.id}: expected a live {kind} covering "
            f"{engagement.practitioner}, none was in force",
            named.issued if named is not None else None,
            named.ended_before(act.order) if named is not None else None,
        )


RULE = Rule(
    id="AGR-7",
    title="A session is held without a live agreement",
    kind=Kind.VIOLATION,
    why="Consent can be taken back and agreements run out; what follows needs a new one.",
    sources=("Guide, Use Distinct Service Agreements",),
    judges=(SessionHeld,),
    check=check,
    exceptions="Only where the engagement was opened or renewed on an agreement; else AGR-1 speaks.",
    allowed=(
        Example(
            "A session on the agreement's last day",
            """
            2024-01-08 therapy E1 agreement.valid_until=2024-03-04
            2024-03-04 session-held E1
            """,
        ),
        Example(
            "Renewed before it ran out",
            """
            2024-01-08 therapy E1 agreement.valid_until=2024-03-04
            2024-03-04 consent A2
            2024-03-04 engagement-renewed E1 A2
            2024-03-11 session-held E1
            """,
        ),
    ),
    denied=(
        Example(
            "The agreement ran out the day before",
            """
            2024-01-08 therapy E1 agreement.valid_until=2024-03-03
            2024-03-04 session-held E1
            """,
        ),
        Example(
            "Revoked on the morning of the session",
            """
            2024-01-08 therapy E1
            2024-03-04 09:00 agreement-revoked A1
            2024-03-04 10:00 session-held E1
            """,
        ),
    ),
)
