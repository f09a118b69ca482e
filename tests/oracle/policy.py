"""What a practice had adopted, and with which numbers, at a moment."""

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.world import Moment, World

RECOMMENDED = frozenset(
    {
        "ROLE-4", "ROLE-7", "ROLE-8", "SCOPE-2", "LIC-3", "AGR-3",
        "REC-4", "REC-5", "INT-4", "REF-1", "CON-3", "TIME-1",
    }
)  # fmt: skip
"""Every rule marked with a degree sign."""

DEFAULTS: dict[str, Any] = {
    "alternation_limit": 3,
    "alternation_window_days": 365,
    "min_gap_days": 0,
    "concern_action_days": 7,
    "licence_gap_days": 14,
    "therapy_consent_terms": [
        "services",
        "confidentiality-limits",
        "billing",
        "risks-and-benefits",
        "right-to-withdraw",
    ],
    "coaching_contract_terms": [
        "goals",
        "private-pay",
        "no-diagnosis-or-treatment",
        "confidentiality-limits",
        "not-therapy",
    ],
    "closing_summary_days": 14,
    "session_note_services": ["therapy"],
    "session_note_days": 7,
    "indication_review_days": 90,
    "referral_follow_up_days": 14,
    "reassessment_days": 90,
    "late_entry_days": 3,
    "solo_practice": False,
}


@dataclass(frozen=True)
class Policy:
    """The adopted rules and the parameters."""

    adopted: frozenset[str] = frozenset()
    parameters: dict[str, Any] = field(default_factory=lambda: dict(DEFAULTS))

    def days(self, name: str) -> int:
        """A parameter that is a number."""
        return int(self.parameters[name])

    def codes(self, name: str) -> frozenset[str]:
        """A parameter that is a list of codes (a single code stands for a list of one)."""
        value = self.parameters[name]
        return frozenset([value] if isinstance(value, str) else value)


def policy_at(world: World, moment: Moment) -> Policy:
    """Each PolicyAdopted up to the moment adds what it adopts, takes away what it drops, changes what it
    names.
    """
    policy = Policy()
    for step in world.of("PolicyAdopted"):
        if step.moment <= moment:
            adds = step.codes("adopts")
            adds = adds | RECOMMENDED if "recommended" in adds else adds
            policy = Policy(
                (policy.adopted | adds) - step.codes("drops"),
                policy.parameters | (step.get("parameters") or {}),
            )
    return policy
