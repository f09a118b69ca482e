"""A small practice for tests: a ledger in a real file, and facts in few words."""

from pathlib import Path
from typing import Any

from ledger.application import Ledger, Recorded
from ledger.entry import Override
from ledger.keys.database import KeyDatabase
from ledger.opening import Opening
from ledger.places import Places
from ledger.recording.statement import Statement, state

RECOMMENDED = {"adopts": ["recommended"], "drops": [], "parameters": {}, "reason": "practice decision"}
TERMS = {
    "therapy-consent": [
        "services",
        "confidentiality-limits",
        "billing",
        "risks-and-benefits",
        "right-to-withdraw",
    ],
    "coaching-contract": [
        "goals",
        "private-pay",
        "no-diagnosis-or-treatment",
        "confidentiality-limits",
        "not-therapy",
    ],
    "role-change-acknowledgement": ["not-therapy"],
}
TEXT = "ab" * 32


def places(folder: Path) -> Places:
    """Where a test's ledger lives."""
    return Places.of(f"sqlite:///{folder}/practice.db")


def new_ledger(folder: Path, **opening: Any) -> Ledger:
    """A new ledger, live since 2024 unless told otherwise."""
    told = {"go_live": "2024-01-01", "policy": RECOMMENDED, **opening}
    return Ledger.create(places(folder), Opening("Harbor Practice", "America/New_York", "director", **told))


def replace_keys(folder: Path) -> None:
    """Loses a ledger's key database and role file; makes new ones in their place."""
    held = places(folder)
    for file in (held.keys, held.role):
        file.unlink()
    KeyDatabase.create(held.keys, held.role).close()


def fact(type_: str, occurred_at: str = "2024-06-03T10:00:00-04:00", **fields: Any) -> Statement:
    """A statement by the front desk."""
    given = {"by": "frontdesk", **fields}
    return state({"type": type_, "occurred_at": occurred_at, **given})


def of_client(type_: str, occurred_at: str = "2024-06-03T10:00:00-04:00", **fields: Any) -> Statement:
    """A statement about client C-1."""
    return fact(type_, occurred_at, **{"client": "C-1", **fields})


def staff() -> list[Statement]:
    """P-1 offers both services and is licensed in North Carolina; the director may authorise."""
    return [
        fact("ActorRegistered", actor="director", role="practitioner", may_authorise=True),
        fact(
            "PractitionerRegistered",
            practitioner="P-1",
            name="Ann Rivers",
            services=["therapy", "coaching"],
            internal=True,
        ),
        fact(
            "LicenceRecorded",
            practitioner="P-1",
            licence="L1",
            jurisdictions=["US-NC"],
            profession="LCMHC",
            number="1234",
            basis="licence",
            valid_from="2020-01-01",
        ),
    ]


def client(name: str = "Zoë Lindqvist") -> Statement:
    """Client C-1 of North Carolina."""
    return of_client(
        "ClientRegistered",
        name=name,
        date_of_birth="1990-02-03",
        contact="zoe@mail.example",
        jurisdiction="US-NC",
    )


def intake(number: int = 1, service: str = "therapy", **fields: Any) -> Statement:
    """An intake that recommends a service."""
    told = {
        "intake": f"I{number}",
        "practitioner": "P-1",
        "service_sought": service,
        "clinical_indication": "active" if service == "therapy" else "none",
        "wants_trauma_work": False,
        "goal_focused": service == "coaching",
        "roles_explained": True,
        "recommended": service,
        "rationale": "as discussed",
    }
    return of_client("IntakeCompleted", **(told | fields))


def papers(number: int = 1, kind: str = "therapy-consent", **fields: Any) -> list[Statement]:
    """An agreement issued and signed."""
    told = {
        "agreement": f"A{number}",
        "kind": kind,
        "practitioner": "P-1",
        "text_sha256": TEXT,
        "payer": "private",
    }
    signed = {
        "agreement": f"A{number}",
        "signer": "client",
        "signer_name": "Zoë",
        "method": "drawn",
        "meaning": "agreed",
    }
    return [
        of_client("AgreementIssued", terms=TERMS[kind], **(told | fields)),
        of_client("AgreementSigned", **signed),
    ]


def opening(number: int = 1, service: str = "therapy", **fields: Any) -> Statement:
    """An engagement opened on intake and agreement of the same number."""
    told = {
        "engagement": f"E{number}",
        "practitioner": "P-1",
        "service": service,
        "intake": f"I{number}",
        "agreement": f"A{number}",
        "focus": ["mood-anxiety"] if service == "therapy" else ["goals"],
    }
    return of_client("EngagementOpened", **(told | fields))


def therapy_begun(ledger: Ledger) -> Recorded:
    """Staff, client, and therapy E1 opened with all its papers."""
    ledger.record([*staff(), client(), intake(), *papers()])
    return ledger.record([opening()])


def override(who: str = "director", reason: str | None = "seen in person") -> Override:
    """On whose authority a gate is overridden."""
    return Override(authorised_by=who, reason=reason, rules=())
