"""Intake: what a client seeks, what was found, what was recommended."""

from ledger.events.base import Client, ClientEvent, NewIntake, Practitioner, ServiceText
from ledger.values import Domain, Indication, Recommendation, SoughtService, Stable


class IntakeCompleted(ClientEvent):
    """A practitioner completed an intake with the client."""

    TOPIC = "IntakeCompleted"

    client: Client
    """Whom it concerns."""
    intake: NewIntake
    """The intake's id, unique per client."""
    practitioner: Practitioner
    """Who took it."""
    service_sought: SoughtService
    """What the client asked for."""
    clinical_indication: Indication
    """What was found about clinical concerns."""
    stable: Stable | None = None
    """Whether the client was found stable."""
    wants_trauma_work: bool
    """Whether the client wants to work on trauma."""
    goal_focused: bool
    """Whether the client is focused on goals."""
    roles_explained: bool
    """Whether the difference between therapy and coaching was explained."""
    recommended: Recommendation
    """What was recommended."""
    rationale: ServiceText
    """Why. Sealed: coaching if coaching was recommended, else therapy."""

    def own_domain(self) -> Domain:
        """An intake belongs to no engagement yet: what was recommended decides."""
        return Domain.COACHING if self.recommended is Recommendation.COACHING else Domain.THERAPY
