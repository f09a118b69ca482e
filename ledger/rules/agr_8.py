"""AGR-8: going on after the client declined."""

from collections.abc import Iterator

from ledger.case import KIND_NEEDED, Agreement
from ledger.events.engagements import SessionHeld
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import SessionPurpose


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """No service session follows a declined agreement of its kind without a live one in between."""
    if not view.case.declined or act.event.purpose is not SessionPurpose.SERVICE:
        return
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is None:
        return
    kind = KIND_NEEDED[engagement.service]
    covering = [
        agreement
        for agreement in view.case.agreements.values()
        if agreement.kind is kind and agreement.covers(engagement.practitioner)
    ]
    for agreement in covering:
        declined = agreement.declined
        if declined is None or declined.order > act.order:
            continue
        if not any(_live_between(view, other, declined, act) for other in covering):
            yield broken(
                Kind.WARNING,
                f"session {act.event.session} of {engagement.id} follows {kind} {agreement.id}, which the client "
                "declined; expected a signed one in between",
                declined,
            )
            return


def _live_between(view: View, agreement: Agreement, declined: Fact, act: Fact) -> bool:
    """Whether an agreement was live at some time from the declining to the session."""
    signed = agreement.consented
    if signed is None or signed.order > act.order:
        return False
    if agreement.ended_before(declined.order) is not None or agreement.declined is declined:
        return False
    return agreement.valid_on(max(view.day(signed), view.day(declined)))


RULE = Rule(
    id="AGR-8",
    title="Sessions follow although the client declined the agreement",
    kind=Kind.WARNING,
    why="A client who says no and is seen all the same may not know to what the sessions belong.",
    sources=("Guide, Use Distinct Service Agreements",),
    judges=(SessionHeld,),
    check=check,
    exceptions="Sessions for referral or crisis.",
    allowed=(
        Example(
            "The client signed another one in between",
            """
            2024-01-08 therapy E1 no-signed
            2024-01-09 agreement-declined A1
            2024-01-10 consent A2
            2024-01-15 session-held E1
            """,
        ),
        Example(
            "A session to refer the client",
            """
            2024-01-08 therapy E1 no-signed
            2024-01-09 agreement-declined A1
            2024-01-15 session-held E1 purpose=referral
            """,
        ),
    ),
    denied=(
        Example(
            "The client said no, and sessions go on",
            """
            2024-01-08 therapy E1 no-signed
            2024-01-09 agreement-declined A1
            2024-01-15 session-held E1
            """,
        ),
    ),
)
