"""SEQ-2: a session outside its engagement."""

from collections.abc import Iterator

from ledger.events.engagements import SessionHeld
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken
from ledger.values import SessionPurpose


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A session is held while its engagement runs; for referral or crisis also while it is paused."""
    engagement = view.case.engagements.get(act.event.engagement)
    if engagement is None:
        state, rests_on = "no longer on record", None
    elif engagement.opened.order > act.order:
        state, rests_on = "not open yet", engagement.opened
    elif engagement.closed_before(act.order):
        state, rests_on = "closed", engagement.closed
    else:
        pause = engagement.pause_at(act.order)
        if pause is None or act.event.purpose is not SessionPurpose.SERVICE:
            return
        state, rests_on = "paused", pause[0]
    yield broken(
        Kind.VIOLATION,
        f"session {act.event.session}: expected {act.event.engagement} to be running, it was {state}",
        rests_on,
    )


RULE = Rule(
    id="SEQ-2",
    title="A session is held outside its engagement",
    kind=Kind.VIOLATION,
    why="A session before the opening, after the closing or in a pause belongs to no agreed service.",
    sources=("Guide, Keep Services Separate",),
    judges=(SessionHeld,),
    check=check,
    exceptions="Sessions for referral or crisis may be held during a pause.",
    allowed=(
        Example(
            "A session in a running engagement",
            """
            2024-01-08 therapy E1
            2024-01-15 session-held E1
            """,
        ),
        Example(
            "A crisis during a pause",
            """
            2024-01-08 therapy E1
            2024-02-05 engagement-paused E1
            2024-02-06 session-held E1 purpose=crisis
            """,
        ),
    ),
    denied=(
        Example(
            "An hour before the opening",
            """
            2024-01-08 12:00 therapy E1
            2024-01-08 11:00 session-held E1
            """,
        ),
        Example(
            "An hour after the closing",
            """
            2024-01-08 therapy E1
            2024-06-03 12:00 engagement-closed E1
            2024-06-03 13:00 session-held E1 purpose=crisis
            """,
        ),
        Example(
            "An ordinary session during a pause",
            """
            2024-01-08 therapy E1
            2024-02-05 engagement-paused E1
            2024-02-06 session-held E1
            """,
        ),
    ),
)
