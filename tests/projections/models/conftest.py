"""A small practice on each engine, and a second look at its ledger from outside."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.opening import Opening
from ledger.places import Places
from ledger.recording.statement import state
from projections.models.views import Views
from tests.postgres.place import fresh_place

POLICY = {"adopts": ["recommended"], "drops": [], "parameters": {}, "reason": "from the first day"}


@pytest.fixture(params=["sqlite", "postgres"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    """Where a ledger may be made, on each engine."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'e.db'}"
        if request.param == "postgres":
            url = stack.enter_context(fresh_place(request.getfixturevalue("postgres_url")))
        yield Places.of(url, keys=str(tmp_path / "e.keys"), role=str(tmp_path / "e.role"))


@pytest.fixture
def ledger(places: Places) -> Iterator[Ledger]:
    """A ledger with one practitioner, one client and one running therapy."""
    opening = Opening("Harbor", "UTC", "director", go_live="2030-01-01", policy=POLICY)
    with closing(Ledger.create(places, opening)) as made:
        begin(made)
        yield made


def begin(made: Ledger) -> None:
    """A practitioner, a licence, a client in therapy."""
    record(
        made,
        {"type": "PractitionerRegistered", "practitioner": "P-1", "name": "Ann", "services": ["therapy"]}
        | {"internal": True},
    )
    record(
        made,
        {"type": "LicenceRecorded", "practitioner": "P-1", "licence": "L1", "jurisdictions": ["US-NC"]}
        | {"profession": "counsellor", "number": "1", "basis": "licence", "valid_from": "2020-01-01"},
    )
    add_client(made, "C-1")


def record(ledger: Ledger, *facts: dict[str, Any]) -> None:
    """Records facts now, whatever a gate says (before go-live there is none)."""
    now = ledger.moment().as_of
    ledger.record([state({"by": "desk", "occurred_at": now, **fact}) for fact in facts])


def add_client(ledger: Ledger, client: str) -> None:
    """A client in therapy."""
    record(
        ledger,
        {"type": "ClientRegistered", "client": client, "name": "N.", "date_of_birth": "1990-05-06"}
        | {"contact": "a door", "jurisdiction": "US-NC"},
        {"type": "IntakeCompleted", "client": client, "intake": "I1", "practitioner": "P-1"}
        | {"service_sought": "therapy", "clinical_indication": "active", "wants_trauma_work": False}
        | {"goal_focused": True, "roles_explained": True, "recommended": "therapy", "rationale": "so"},
        {"type": "AgreementIssued", "client": client, "agreement": "A1", "kind": "therapy-consent"}
        | {"text_sha256": "0" * 64, "terms": TERMS, "payer": "private", "version": "1"},
        {
            "type": "AgreementSigned",
            "client": client,
            "agreement": "A1",
            "signer": "client",
            "signer_name": "N.",
        }
        | {"method": "wet-ink", "meaning": "consent"},
        {"type": "EngagementOpened", "client": client, "engagement": "E1", "practitioner": "P-1"}
        | {"service": "therapy", "intake": "I1", "agreement": "A1", "focus": ["mood-anxiety"]},
    )


TERMS = ["services", "confidentiality-limits", "billing", "risks-and-benefits", "right-to-withdraw"]


def add_session(ledger: Ledger, client: str, session: str) -> None:
    """A session held just now."""
    record(
        ledger,
        {"type": "SessionHeld", "client": client, "engagement": "E1", "session": session}
        | {"modality": "video", "purpose": "service"},
    )


@pytest.fixture
def views(ledger: Ledger) -> Iterator[Views]:
    """Its read models."""
    with closing(Views(ledger)) as opened:
        yield opened
