"""What each type of entry of the ledger, the practice and its practitioners says, as a clause."""

from collections.abc import Callable
from typing import Any

from ledger.events import ledger, practice, practitioners
from projections.context import Context, listed, words
from projections.dates import day_words
from projections.wording import value_words


def ledger_opened(event: Any, _context: Context) -> str:
    """The first entry."""
    return (
        f"the ledger of {event.practice} was opened ({event.time_zone}); entries are enforced from "
        f"{day_words(event.go_live)} on"
    )


def history_imported(event: Any, _context: Context) -> str:
    """An import."""
    system = f" from {event.source_system}" if event.source_system is not None else ""
    authority = f", authorised by {event.authorised_by}" if event.authorised_by is not None else ""
    why = f": {event.reason}" if event.reason is not None else ""
    return f"{event.entries} entries were imported{system}{authority}{why}"


def entry_refused(event: Any, _context: Context) -> str:
    """An attempt that a gate refused."""
    return f"an attempt of {event.by} to record {event.type} was refused by {', '.join(event.rules)}"


def stream_index_committed(event: Any, _context: Context) -> str:
    """A seal."""
    return f"the heads of all streams were sealed, covering {event.covers} entries"


def log_restored(event: Any, _context: Context) -> str:
    """A restore."""
    return f"the log was restored ({event.restored}) after size {event.last_size} had been signed: {event.reason}"


def signing_key_changed(event: Any, _context: Context) -> str:
    """Another key."""
    return f"the signing key was changed after size {event.last_size}: {event.reason}"


def policy_adopted(event: Any, _context: Context) -> str:
    """A decision on the policy."""
    said = [
        *([f"adopted {', '.join(event.adopts)}"] if event.adopts else []),
        *([f"dropped {', '.join(event.drops)}"] if event.drops else []),
        *(f"set {name} to {value_words(value)}" for name, value in sorted(event.parameters.items())),
    ]
    return f"the practice {', '.join(said) or 'confirmed its policy'}: {event.reason}"


def template_adopted(event: Any, _context: Context) -> str:
    """A standard text."""
    return f"template {event.template} ({words(event.kind)}) was adopted, version {event.version}"


def actor_registered(event: Any, _context: Context) -> str:
    """Somebody who records."""
    may = "may authorise overrides" if event.may_authorise else "may not authorise overrides"
    return f"{event.actor} was registered as {words(event.role)} and {may}"


def practitioner_registered(event: Any, _context: Context) -> str:
    """A practitioner."""
    whose = "of the practice" if event.internal else "of the referral network"
    firm = f", {event.organisation}" if event.organisation is not None else ""
    offers = listed(event.services) or "no service"
    return f"{event.practitioner} ({event.name}{firm}) was registered, {whose}, offering {offers}"


def practitioner_changed(event: Any, _context: Context) -> str:
    """A practitioner's particulars."""
    said = [
        *([f"is called {event.name}"] if event.name is not None else []),
        *([f"offers {listed(event.services) or 'no service'}"] if event.services is not None else []),
        *(
            [f"is {'of the practice' if event.internal else 'of the referral network'}"]
            if event.internal is not None
            else []
        ),
        *([f"left on {day_words(event.left)}"] if event.left is not None else []),
    ]
    return f"{event.practitioner} {', '.join(said) or 'was confirmed as recorded'}"


def licence_recorded(event: Any, _context: Context) -> str:
    """A licence."""
    until = f" until {day_words(event.valid_until)}" if event.valid_until is not None else ""
    return (
        f"{words(event.basis)} {event.licence} of {event.practitioner} ({event.profession}, "
        f"{event.number}) was recorded for {', '.join(event.jurisdictions)}, "
        f"valid from {day_words(event.valid_from)}{until}"
    )


def licence_status_changed(event: Any, _context: Context) -> str:
    """What the board says."""
    return (
        f"licence {event.licence} of {event.practitioner} is {event.status} from "
        f"{day_words(event.effective)} on"
    )


def credential_recorded(event: Any, _context: Context) -> str:
    """A credential."""
    until = f" until {day_words(event.valid_until)}" if event.valid_until is not None else ""
    return (
        f"{event.practitioner} holds {event.credential} ({event.issuer}) from "
        f"{day_words(event.valid_from)}{until}"
    )


def consultation_held(event: Any, _context: Context) -> str:
    """Advice taken."""
    about = f" about {event.client}" if event.client is not None else ""
    return f"{event.practitioner} took {event.kind} advice{about}"


CLAUSES: dict[type[Any], Callable[[Any, Context], str]] = {
    ledger.LedgerOpened: ledger_opened,
    ledger.HistoryImported: history_imported,
    ledger.EntryRefused: entry_refused,
    ledger.StreamIndexCommitted: stream_index_committed,
    ledger.LogRestored: log_restored,
    ledger.SigningKeyChanged: signing_key_changed,
    practice.PolicyAdopted: policy_adopted,
    practice.TemplateAdopted: template_adopted,
    practice.ActorRegistered: actor_registered,
    practitioners.PractitionerRegistered: practitioner_registered,
    practitioners.PractitionerChanged: practitioner_changed,
    practitioners.LicenceRecorded: licence_recorded,
    practitioners.LicenceStatusChanged: licence_status_changed,
    practitioners.CredentialRecorded: credential_recorded,
    practitioners.ConsultationHeld: consultation_held,
}
