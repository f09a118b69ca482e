"""REF-1: a referral that nobody follows up."""

from collections.abc import Iterator

from ledger.events.referrals import ReferralMade
from ledger.policy import Parameter
from ledger.rules.rule import Due, Example, Kind, Rule, View
from ledger.values import later


def due(view: View) -> Iterator[Due]:
    """Each referral the client accepted is answered."""
    for referral in view.case.referrals.values():
        if not isinstance(referral.made.event, ReferralMade) or not referral.client_accepted:
            continue
        answered = referral.answered
        yield Due(
            cause=referral.made,
            due=later(view.day(referral.made), view.number("referral_follow_up_days", referral.made.order)),
            message=f"referral {referral.id} to {referral.to_practitioner}: expected an answer on record",
            engagement=referral.made.event.engagement,
            practitioner=referral.made.event.from_practitioner,
            met_on=view.day(answered) if answered is not None else None,
            met_by=(answered,) if answered is not None else (),
        )


RULE = Rule(
    id="REF-1",
    title="A referral the client accepted is not followed up",
    kind=Kind.OBLIGATION,
    adopted=True,
    pending=True,
    why="A referral is complete when somebody knows that the client arrived, or did not.",
    sources=("Guide, The Referral Mindset",),
    due=due,
    parameters=(Parameter("referral_follow_up_days", 14, "Days within which a referral is answered."),),
    exceptions="Any answer serves, also that it was declined or lapsed. A referral the client declined, "
    "or one received, asks for none.",
    allowed=(
        Example(
            "Answered on the fourteenth day",
            """
            2024-01-08 therapy E1
            2024-02-05 referral-made R1
            2024-02-19 referral-answered R1 lapsed
            2024-02-29 today
            """,
        ),
        Example(
            "A referral that the client declined waits for nobody",
            """
            2024-01-08 therapy E1
            2024-02-05 referral-made R1 client_answer=declined
            2024-02-29 today
            """,
        ),
    ),
    denied=(
        Example(
            "No answer by the fifteenth day",
            """
            2024-01-08 therapy E1
            2024-02-05 referral-made R1
            2024-02-20 today
            """,
        ),
        Example(
            "The answer comes a day late",
            """
            2024-01-08 therapy E1
            2024-02-05 referral-made R1
            2024-02-20 referral-answered R1
            """,
        ),
    ),
)
