"""How far an entry of the practice reaches: of which clients' rows it may change something.

A rule asks what held at the moment of a client's act (a policy, a standard text, who may authorise), or which licence
covered a day. So a decision reaches only clients with an act at or after it; a licence, the practitioner's clients.
An entry of a type that stands in no list here reaches everybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.events.corrections import EntryCorrected
from ledger.events.ledger import (
    EntryRefused,
    HistoryImported,
    LogRestored,
    SigningKeyChanged,
    StreamIndexCommitted,
)
from ledger.events.practice import ActorRegistered, PolicyAdopted, TemplateAdopted
from ledger.events.practitioners import (
    ConsultationHeld,
    CredentialRecorded,
    LicenceRecorded,
    LicenceStatusChanged,
    PractitionerChanged,
    PractitionerRegistered,
)
from ledger.history import Fact

NOBODY = (
    HistoryImported,
    EntryRefused,
    StreamIndexCommitted,
    LogRestored,
    SigningKeyChanged,
    CredentialRecorded,
    ConsultationHeld,
)
ACTS_SINCE = (PolicyAdopted, TemplateAdopted, ActorRegistered)
ITS_CLIENTS = (
    PractitionerRegistered,
    PractitionerChanged,
    LicenceRecorded,
    LicenceStatusChanged,
    EntryCorrected,
)
PRACTITIONER = "practitioner/"


@dataclass(slots=True)
class Reach:
    """Whose rows have to be worked out again: everybody's, or those of some practitioners' clients and those with
    something since a moment.
    """

    everybody: bool = False
    practitioners: set[str] = field(default_factory=set)
    since: str | None = None


def reach(new: Iterable[Fact]) -> Reach:
    """How far some new facts of the practice's own streams reach."""
    found = Reach()
    for fact in new:
        event = fact.event
        if isinstance(event, NOBODY):
            continue
        if isinstance(event, ACTS_SINCE):
            found.since = min(fact.at, found.since or fact.at)
        elif isinstance(event, ITS_CLIENTS) and fact.stream.startswith(PRACTITIONER):
            found.practitioners.add(fact.stream.removeprefix(PRACTITIONER))
        else:
            found.everybody = True
    return found
