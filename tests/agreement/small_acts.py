"""The acts of the small world: what may be done in a state, what does not fit it included."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledger.case import Case
from tests.agreement.moves_of_client import KINDS, OTHER_TEXT, TERMS, TEXT
from tests.agreement.worlds import Body


@dataclass(frozen=True)
class Alphabet:
    """Which acts there are, and how many of each thing; `families` None means all."""

    families: frozenset[str] | None = None
    practitioners: tuple[str, ...] = ("P-1", "P-2")
    indications: tuple[str, ...] = ("none", "active")
    intakes: int = 2
    agreements: int = 3
    engagements: int = 2
    flawed: bool = True
    """Papers with faults: terms left out, insurance as payer, another text signed, roles not explained."""

    def has(self, family: str) -> bool:
        """Whether acts of a family are told."""
        return self.families is None or family in self.families


def acts(case: Case, alphabet: Alphabet) -> Iterator[Body]:
    """Every act there is in a state."""
    if alphabet.has("papers"):
        yield from _intakes(case, alphabet)
        yield from _agreements(case, alphabet)
    yield from _openings(case, alphabet)
    for one in case.engagements.values():
        yield from _on_engagement(case, one.id, one.service.value, alphabet)
    if alphabet.has("concerns"):
        yield from _concerns(case)
    if alphabet.has("referrals"):
        yield from _referrals(case)
    if alphabet.has("releases"):
        yield from _releases(case)


def _intakes(case: Case, alphabet: Alphabet) -> Iterator[Body]:
    if len(case.intakes) >= alphabet.intakes:
        return
    body: Body = {
        "type": "IntakeCompleted",
        "intake": f"I{len(case.intakes) + 1}",
        "practitioner": "P-1",
        "service_sought": "both",
        "wants_trauma_work": False,
        "goal_focused": True,
        "roles_explained": True,
        "recommended": "coaching",
        "rationale": "x",
    }
    for indication in alphabet.indications:
        yield {**body, "clinical_indication": indication}
        yield {**body, "clinical_indication": indication, "stable": "yes"}
    if alphabet.flawed:
        yield {**body, "clinical_indication": "none", "roles_explained": False}
        yield {**body, "clinical_indication": "none", "ahead": True}


def _agreements(case: Case, alphabet: Alphabet) -> Iterator[Body]:
    if len(case.agreements) < alphabet.agreements:
        for kind, terms in TERMS.items():
            body: Body = {
                "type": "AgreementIssued",
                "agreement": f"A{len(case.agreements) + 1}",
                "kind": kind,
            }
            body |= {"practitioner": "P-1", "terms": terms, "payer": "private", "text_sha256": TEXT}
            for practitioner in alphabet.practitioners:
                yield {**body, "practitioner": practitioner}
            if alphabet.flawed and kind == "coaching-contract":
                yield {**body, "payer": "insurance"}
            if alphabet.flawed and kind == "therapy-consent":
                yield {**body, "terms": ["services"]}
    for agreement in case.agreements:
        signed: Body = {"type": "AgreementSigned", "agreement": agreement, "signer": "client"}
        signed |= {"signer_name": "x", "method": "typed", "meaning": "agreed"}
        yield signed
        if alphabet.flawed:
            yield {**signed, "text_sha256": OTHER_TEXT}
            yield {"type": "AgreementDeclined", "agreement": agreement, "reason": "client-choice"}
            yield {"type": "AgreementRevoked", "agreement": agreement, "reason": "client-choice"}


def _openings(case: Case, alphabet: Alphabet) -> Iterator[Body]:
    """Openings on each latest agreement of a kind or none, and on the latest intake or none."""
    if len(case.engagements) >= alphabet.engagements:
        return
    latest: dict[str, str] = {one.kind.value: one.id for one in case.agreements.values()}
    for practitioner in alphabet.practitioners:
        for service, kind in KINDS.items():
            body: Body = {"type": "EngagementOpened", "engagement": f"E{len(case.engagements) + 1}"}
            body |= {"practitioner": practitioner, "service": service, "focus": ["career"]}
            for intake in _or_none([fact.event.intake for fact in case.intakes][-1:]):
                for agreement in _or_none([latest[kind]] if kind in latest else []):
                    named = {"intake": intake, "agreement": agreement}
                    yield body | {name: value for name, value in named.items() if value is not None}


def _or_none(ids: Sequence[str]) -> list[str | None]:
    return [*ids] if ids else [None]


def _on_engagement(case: Case, engagement: str, service: str, alphabet: Alphabet) -> Iterator[Body]:
    body: Body = {"engagement": engagement}
    yield {"type": "EngagementPaused", **body, "reason": "clinical-concern"}
    yield {"type": "EngagementResumed", **body, "reason": "other"}
    for stable in ("yes", "no"):
        closed: Body = {"type": "EngagementClosed", **body, "reason": "goals-met", "goals_met": True}
        yield {**closed, "stable": stable}
    if alphabet.has("work"):
        held: Body = {
            "type": "SessionHeld",
            **body,
            "session": f"S{len(case.sessions) + 1}",
            "modality": "video",
        }
        for purpose in ("service", "crisis"):
            yield {**held, "purpose": purpose}
        yield {"type": "ReassessmentHeld", **body, "outcome": "continue", "rationale": "x"}
        filed: Body = {"type": "RecordFiled", **body, "kind": "other", "document_sha256": "1" * 64}
        fitting = "clinical" if service == "therapy" else "coaching"
        if not case.documents:
            yield {**filed, "record_set": fitting, "contains_diagnosis": False}
        yield {**filed, "record_set": "coaching", "contains_diagnosis": True}
        for agreement in list(case.agreements)[-1:]:
            yield {"type": "EngagementRenewed", **body, "agreement": agreement}
    if alphabet.has("concerns") and not case.concerns:
        yield {"type": "ConcernRaised", **body, "concern": "K1", "severity": "clinical", "details": "x"}


def _concerns(case: Case) -> Iterator[Body]:
    for concern in case.concerns:
        for basis in ("outside-therapist-report", "assessed-not-clinical", "client-left"):
            yield {"type": "ConcernResolved", "concern": concern, "basis": basis}


def _referrals(case: Case) -> Iterator[Body]:
    if not case.referrals:
        made: Body = {
            "type": "ReferralMade",
            "referral": "R1",
            "from_practitioner": "P-1",
            "service": "therapy",
        }
        made |= {"to_practitioner": "P-2", "details": "x", "reason": "clinical-concern"}
        for answer in ("accepted", "declined"):
            yield {**made, "client_answer": answer}
    for referral in case.referrals:
        yield {"type": "ReferralAnswered", "referral": referral, "answer": "accepted"}
        for stable in ("yes", "no"):
            yield {
                "type": "ReferralConcluded",
                "referral": referral,
                "outcome": "completed",
                "stable": stable,
            }


def _releases(case: Case) -> Iterator[Body]:
    told: Body = {"from_practitioner": "P-1", "to_practitioner": "P-2", "recipient_kind": "practitioner"}
    told |= {"scope": ["clinical"], "purpose": "treatment-coordination"}
    if not case.releases:
        yield {"type": "ReleaseGranted", "release": "X1", **told}
    for release in case.releases:
        yield {"type": "ReleaseRevoked", "release": release}
    disclosure = f"D{len(case.disclosures) + 1}"
    yield {"type": "DisclosureMade", "disclosure": disclosure, **told, "basis": "release"}
