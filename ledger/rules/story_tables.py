"""The tables of the story notation: who is on stage, what a field holds when nothing is said, the composite verbs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.events.agreements import AgreementIssued, AgreementSigned
from ledger.events.base import Event
from ledger.events.engagements import EngagementOpened
from ledger.events.intakes import IntakeCompleted
from ledger.events.registry import RECORDABLE
from ledger.rules.agr_3 import TERMS_REQUIRED

STAGE: Final = """
2021-01-04 08:00 policy-adopted recommended
2021-01-04 08:00 practitioner-registered P-1
2021-01-04 08:00 practitioner-registered P-2
2021-01-04 08:00 practitioner-registered P-9 services=therapy internal=no
2021-01-04 08:00 licence-recorded P-1
2021-01-04 08:00 licence-recorded P-2
2021-01-04 08:00 licence-recorded P-9
2021-01-04 08:00 client-registered C-1
"""

DEFAULTS: Final[Mapping[str, str]] = {
    "client": "C-1",
    "practitioner": "P-1",
    "from_practitioner": "P-1",
    "to_practitioner": "P-9",
    "ReferralReceived.to_practitioner": "P-1",
    "jurisdiction": "US-NC",
    "jurisdictions": "US-NC",
    "services": "therapy,coaching",
    "valid_from": "2020-01-01",
    "date_of_birth": "1990-01-01",
    "since": "{day}",
    "effective": "{day}",
    "focus": "goals",
    "scope": "clinical",
    "severity": "clinical",
    **dict.fromkeys(("internal", "may_authorise", "goal_focused", "roles_explained", "goals_met"), "yes"),
}
"""Of a required field; else the first code of its list, no, nothing, the next number, or any text."""

VERBS: Final = {re.sub(r"(?<=.)([A-Z])", r"-\1", known.TOPIC).lower(): known for known in RECORDABLE}


@dataclass(frozen=True)
class Part:
    """One fact of a composite: its type, its hour, and what the frame (number, who, service...) gives it."""

    event_type: type[Event]
    hour: str
    fields: Mapping[str, str]


PARTS: Final[Mapping[str, Part]] = {
    "intake": Part(
        IntakeCompleted,
        "09:00",
        {"intake": "I{n}", "practitioner": "{who}", "service_sought": "{verb}", "recommended": "{verb}"},
    ),
    "agreement": Part(
        AgreementIssued,
        "09:30",
        {"agreement": "A{n}", "practitioner": "{who}", "kind": "{kind}", "text_sha256": "text of A{n}"}
        | {"terms": "{terms}", "payer": "private"},
    ),
    "signed": Part(AgreementSigned, "10:00", {"agreement": "A{n}"}),
    "opened": Part(
        EngagementOpened,
        "12:00",
        {
            "engagement": "E{n}",
            "practitioner": "{who}",
            "service": "{verb}",
            "intake": "I{n}",
            "agreement": "A{n}",
        },
    ),
}


@dataclass(frozen=True)
class Composite:
    """A verb that stands for several facts; the last part is the one the verb names."""

    prefix: str
    kind: str
    parts: tuple[str, ...]

    @property
    def terms(self) -> str:
        """The terms such an agreement must state unless the practice asks for others."""
        return ",".join(TERMS_REQUIRED.get(self.kind, ()))


_OPENING, _PAPERS = ("intake", "agreement", "signed", "opened"), ("agreement", "signed")

COMPOSITES: Final[Mapping[str, Composite]] = {
    "therapy": Composite("E", "therapy-consent", _OPENING),
    "coaching": Composite("E", "coaching-contract", _OPENING),
    "consent": Composite("A", "therapy-consent", _PAPERS),
    "contract": Composite("A", "coaching-contract", _PAPERS),
    "acknowledgement": Composite("A", "role-change-acknowledgement", _PAPERS),
}
