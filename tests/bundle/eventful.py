"""A client's file in which much happened, with a secret in each sealed text; and a second client's."""

from pathlib import Path
from typing import Any

import pytest

from ledger import clock
from ledger.application import Ledger
from ledger.entry import Override
from ledger.opening import Opening
from ledger.places import Places
from ledger.recording.statement import Statement, state
from ledger.values import moment
from tests import desk
from tests.desk import fact, intake, of_client, opening, papers, staff

SECRETS = {
    "identity": (
        "Zoë Quartermain",
        "1990-02-03",
        "quartermain@mail.example",
        "Zoë Signs",
        "Hartnell & Partners",
    ),
    "therapy": (
        "nightmares-since-spring",
        "narrative-of-therapy-closing",
        "referral-details-told",
        "title-of-plan",
    ),
    "coaching": ("rationale-coaching-goals", "panic-on-stage-details", "narrative-first-version"),
    "practice": ("matter-of-the-lawsuit",),
    "other": ("belongs-to-Bartholomew",),
}
"""Texts by domain; `other` is the reason for which an entry was taken back as another client's."""

WRONG, RETRACTION = "wrong-client entry", "its retraction"


def eventful(folder: Path, patch: pytest.MonkeyPatch, places: Places | None = None) -> Ledger:
    """A new ledger with the file of C-1, each entry recorded at its own time."""
    _at(patch, "2024-01-02T09:00:00Z")
    opening = Opening(
        "Harbor Practice",
        "America/New_York",
        "director",
        go_live="2024-01-01",
        policy=desk.RECOMMENDED,
        origin="harbor.example/ledger",
    )
    ledger = Ledger.create(places or desk.places(folder), opening)
    ledger.record([_dated(one, "2024-01-02T08:00:00Z") for one in (*staff(), *_network())])
    for recorded_at, override, statements in _story():
        _at(patch, recorded_at)
        ledger.record(statements, override=override)
    _at(patch, "2024-09-01T12:00:00Z")
    return ledger


def _at(patch: pytest.MonkeyPatch, at: str) -> None:
    stamp = moment(at)
    patch.setattr(clock, "now", lambda: stamp)


def _network() -> list[Statement]:
    return [
        fact("ActorRegistered", "2024-01-02", actor="frontdesk", role="front-desk", may_authorise=False),
        fact(
            "PractitionerRegistered",
            "2024-01-02",
            practitioner="P-9",
            name="Ivo Outerbridge",
            services=["therapy"],
            internal=False,
        ),
    ]


def _story() -> list[tuple[str, Override | None, list[Statement]]]:
    identity, therapy, coaching = SECRETS["identity"], SECRETS["therapy"], SECRETS["coaching"]
    director = Override(authorised_by="director", reason="agreed by telephone", rules=())

    def one(recorded_at: str, type_: str, occurred_at: str | None = None, **fields: Any) -> Any:
        return recorded_at, None, [of_client(type_, occurred_at or recorded_at, **fields)]

    def several(recorded_at: str, *statements: Statement) -> Any:
        moved = [_dated(each, recorded_at) for each in statements]
        return recorded_at, None, moved

    return [
        one(
            "2024-01-08T15:00:00Z",
            "ClientRegistered",
            name=identity[0],
            date_of_birth=identity[1],
            contact=identity[2],
            jurisdiction="US-NC",
        ),
        several("2024-01-08T16:00:00Z", intake(1, rationale=therapy[0])),
        several("2024-01-09T15:00:00Z", *papers(1)),
        several("2024-01-09T15:30:00Z", opening(1)),
        one(
            "2024-01-16T17:00:00Z",
            "SessionHeld",
            "2024-01-16T15:00:00Z",
            engagement="E1",
            session="S1",
            modality="video",
            purpose="service",
            minutes=50,
        ),
        one(
            "2024-01-16T17:05:00Z",
            "RecordFiled",
            engagement="E1",
            session="S1",
            record_set="clinical",
            kind="treatment-plan",
            document_sha256="cd" * 32,
            contains_diagnosis=True,
            title=therapy[3],
        ),
        one(
            "2024-02-01T10:00:00Z",
            "ReleaseGranted",
            release="X1",
            from_practitioner="P-1",
            recipient_kind="attorney",
            recipient=identity[4],
            scope=["clinical", "coaching"],
            purpose="legal",
            valid_until="2025-02-01",
        ),
        one(
            "2024-03-10T10:00:00Z",
            "EngagementClosed",
            "2024-03-04",
            engagement="E1",
            reason="goals-met",
            goals_met=True,
            stable="yes",
            summary_sha256="ef" * 32,
            narrative=therapy[1],
        ),
        several("2024-03-11T10:00:00Z", *papers(2, "role-change-acknowledgement")),
        several("2024-03-11T11:00:00Z", intake(2, "coaching", rationale=coaching[0])),
        several("2024-03-11T12:00:00Z", *papers(3, "coaching-contract")),
        several("2024-03-12T12:00:00Z", opening(2, "coaching", agreement="A3")),
        (
            "2024-03-20T12:00:00Z",
            None,
            [
                of_client(
                    "SessionHeld",
                    "2024-03-20T10:00:00Z",
                    engagement="E2",
                    session="S7",
                    modality="phone",
                    purpose="service",
                )
            ],
        ),
        one(
            "2024-03-21T12:00:00Z",
            "EntryCorrected",
            corrects=16,
            retracted="wrong-client",
            reason=SECRETS["other"][0],
        ),
        one(
            "2024-04-02T12:00:00Z",
            "ConcernRaised",
            "2024-04-01",
            engagement="E2",
            concern="K1",
            severity="clinical",
            details=coaching[1],
        ),
        one("2024-04-02T12:10:00Z", "EngagementPaused", engagement="E2", reason="clinical-concern"),
        one(
            "2024-04-02T12:20:00Z",
            "ReferralMade",
            referral="R1",
            from_practitioner="P-1",
            to_practitioner="P-9",
            service="therapy",
            engagement="E2",
            reason="clinical-concern",
            client_answer="accepted",
            details=therapy[2],
        ),
        one("2024-04-05T12:00:00Z", "ReferralAnswered", referral="R1", answer="accepted"),
        one("2024-05-05T12:00:00Z", "ReferralConcluded", referral="R1", outcome="completed", stable="yes"),
        one("2024-05-06T12:00:00Z", "ConcernResolved", concern="K1", basis="outside-therapist-report"),
        one("2024-05-07T12:00:00Z", "EngagementResumed", engagement="E2", reason="concern-resolved"),
        one("2024-06-01T12:00:00Z", "HoldPlaced", matter=SECRETS["practice"][0], reason="letter of counsel"),
        (
            "2024-06-10T12:00:00Z",
            None,
            [
                of_client(
                    "EngagementClosed",
                    "2024-06-10T11:00:00Z",
                    engagement="E2",
                    reason="goals-met",
                    goals_met=True,
                    stable="yes",
                    narrative=coaching[2],
                )
            ],
        ),
        one(
            "2024-06-12T12:00:00Z",
            "EntryCorrected",
            corrects=26,
            changes={"goals_met": False, "narrative": "narrative-as-corrected"},
            reason="mistyped",
        ),
        one("2024-06-13T12:00:00Z", "ReleaseRevoked", release="X1"),
        several("2024-06-13T13:00:00Z", papers(4, "coaching-contract")[0]),
        (
            "2024-06-13T14:00:00Z",
            director,  # AGR-4: the text signed is not the one issued
            [
                of_client(
                    "AgreementSigned",
                    "2024-06-13T13:30:00Z",
                    agreement="A4",
                    signer="client",
                    signer_name=identity[3],
                    method="typed",
                    meaning="agreed",
                    text_sha256="99" * 32,
                )
            ],
        ),
        (
            "2024-06-14T12:00:00Z",
            None,
            [
                fact(
                    "ClientRegistered",
                    "2024-06-14T11:00:00Z",
                    client="C-2",
                    name="Bartholomew Reeves",
                    date_of_birth="1971-01-01",
                    contact="b@mail.example",
                    jurisdiction="US-NC",
                ),
                fact("ClientRelocated", "2024-06-14T11:30:00Z", client="C-2", jurisdiction="US-VA"),
            ],
        ),
    ]


def _dated(statement: Statement, at: str) -> Statement:
    return state({"type": statement.type, **statement.fields, "occurred_at": at, "by": statement.by})
