"""What is owed by a day, and how it stands on another."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.policy import Policy, policy_at
from tests.oracle.world import Fact, Moment, World

PENDING = {"SCOPE-2", "LIC-3", "REC-4", "REF-1"}
"""Open, they make a verdict pending."""
LATE_VIOLATES = {"SCOPE-2", "LIC-3"}
"""Done after the day, they are violations all the same."""


@dataclass(frozen=True, eq=False)
class Owed:
    """Something due: its cause, whose client, the moment the cause happened, the last day, the day it was
    done; of one cause for several engagements, which one.
    """

    cause: Fact
    client: str | None
    since: Moment
    due: date
    done: date | None
    about: str | None = None

    def status(self, today: date) -> str:
        """Met until the due day ends, late after it; not done, open until it ends and overdue after it."""
        if self.done is not None:
            return "met" if self.done <= self.due else "late"
        return "open" if today <= self.due else "overdue"


def owed_from(cause: Fact, policy: Policy, parameter: str, done: date | None) -> Owed:
    """Due the cause's day plus the parameter's number of days."""
    due = cause.day + timedelta(days=policy.days(parameter))
    return Owed(cause, cause.client, cause.moment, due, done)


def policy_for(world: World, cause: Fact) -> Policy:
    """The policy in force when the cause happened."""
    return policy_at(world, cause.moment)
