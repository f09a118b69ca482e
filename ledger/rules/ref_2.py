"""REF-2: a referral carried out against the client's answer."""

from collections.abc import Iterator

from ledger.events.referrals import ReferralAnswered, ReferralConcluded
from ledger.history import Fact
from ledger.rules.rule import Example, Kind, Rule, Ruling, View, broken


def check(act: Fact, view: View) -> Iterator[Ruling]:
    """A referral that the client declined is neither answered nor concluded."""
    referral = view.case.referrals.get(act.event.referral)
    if referral is not None and not referral.client_accepted:
        did = "answered" if isinstance(act.event, ReferralAnswered) else "concluded"
        yield broken(
            Kind.VIOLATION,
            f"referral {referral.id} was {did} although the client had declined it: expected nothing sent",
            referral.made,
        )


RULE = Rule(
    id="REF-2",
    title="A referral the client declined is carried out",
    kind=Kind.VIOLATION,
    why="Whoever answers was told something the client did not agree to tell.",
    sources=("Guide, The Referral Mindset",),
    judges=(ReferralAnswered, ReferralConcluded),
    check=check,
    judges_unfit=True,
    exceptions="The answer is reported even where it does not fit the state of the referral.",
    allowed=(
        Example(
            "The client accepted, and so did the one referred to",
            """
            2024-02-05 referral-made R1
            2024-02-12 referral-answered R1
            """,
        ),
    ),
    denied=(
        Example(
            "Answered although the client had declined",
            """
            2024-02-05 referral-made R1 client_answer=declined
            2024-02-12 referral-answered R1
            """,
        ),
        Example(
            "Concluded although the client had declined",
            """
            2024-02-05 referral-made R1 client_answer=declined
            2024-05-06 referral-concluded R1
            """,
        ),
    ),
)
