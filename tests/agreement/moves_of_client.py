"""What happens to a client, as moves of a random history: single acts, and whole visits at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.agreement.worlds import Body

if TYPE_CHECKING:
    from tests.agreement.histories import Telling

PRACTITIONERS = ("P-1", "P-1", "P-1", "P-2", "P-2", "P-3")
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
    "role-change-acknowledgement": ["services"],
}
KINDS = {"therapy": "therapy-consent", "coaching": "coaching-contract"}
TEXT, OTHER_TEXT = "a" * 64, "b" * 64
STABLE = ("yes", "yes", "no", "not-assessed")
BASES = ("outside-therapist-report", "therapy-closed-stable", "assessed-not-clinical", "client-left")
PLACES = ("US-NC", "US-NC", "US-NC", "US-SC", None)


def intake(telling: "Telling", client: str, *, clean: bool = False, when: str | None = None) -> str:
    """An intake; a clean one stands in nobody's way."""
    name = telling.new(client, "intake", "I")
    indication = telling.one_of("none", "none", "past", "managed", "suspected", "active")
    telling.tell(
        {
            "type": "IntakeCompleted",
            "client": client,
            "intake": name,
            "practitioner": telling.one_of("P-1", "P-1", "P-2", "P-9"),
            "service_sought": "unsure",
            "clinical_indication": "none" if clean else indication,
            "stable": telling.one_of("yes", "yes", "no", None),
            "wants_trauma_work": telling.chance(15),
            "goal_focused": True,
            "roles_explained": clean or telling.chance(85),
            "recommended": telling.one_of("therapy", "coaching", "none"),
            "rationale": "heard",
        },
        occurred_at=when,
    )
    return name


def issue(
    telling: "Telling", client: str, kind: str, practitioner: str | None, when: str | None = None
) -> str:
    """An agreement issued, sometimes from a template, sometimes without what it needs."""
    name = telling.new(client, "agreement", "A")
    terms = telling.one_of(TERMS[kind], TERMS[kind], TERMS[kind], TERMS[kind][:2], None)
    body: Body = {
        "type": "AgreementIssued",
        "client": client,
        "agreement": name,
        "kind": kind,
        "practitioner": practitioner,
        "text_sha256": telling.one_of(TEXT, TEXT, TEXT, None),
        "terms": terms,
        "payer": telling.one_of("private", "private", "insurance", None),
        "valid_until": telling.day(20, 60, 200) if telling.chance(15) else None,
    }
    template = telling.known("practice", "template")
    if template is not None and telling.chance(40):
        body |= {"template": template, "terms": None, "text_sha256": None, "payer": None}
    telling.tell(body, occurred_at=when)
    return name


def sign(telling: "Telling", client: str, agreement: str, when: str | None = None) -> None:
    """A signature, mostly the client's, mostly on the text issued."""
    telling.tell(
        {
            "type": "AgreementSigned",
            "client": client,
            "agreement": agreement,
            "signer": telling.one_of("client", "client", "client", "guardian", "practitioner"),
            "consent_basis": telling.one_of(None, None, None, "a law"),
            "signer_name": "somebody",
            "method": "typed",
            "meaning": "I agree",
            "text_sha256": telling.one_of(TEXT, TEXT, None, OTHER_TEXT if telling.chance(20) else TEXT),
        },
        occurred_at=when,
    )


def an_intake(telling: "Telling") -> None:
    intake(telling, telling.client())


def an_agreement(telling: "Telling") -> None:
    client = telling.client()
    kind = telling.one_of(*TERMS)
    name = issue(telling, client, kind, telling.one_of("P-1", "P-2", None))
    if telling.chance(75):
        sign(telling, client, name)


def a_signature(telling: "Telling") -> None:
    client = telling.client()
    if name := telling.known(client, "agreement"):
        sign(telling, client, name)


def an_end(telling: "Telling") -> None:
    client = telling.client()
    if name := telling.known(client, "agreement"):
        kind = telling.one_of("AgreementDeclined", "AgreementRevoked")
        telling.tell({"type": kind, "client": client, "agreement": name, "reason": "client-choice"})


def on_engagement(telling: "Telling") -> None:
    """One of the acts on an engagement."""
    client = telling.client()
    engagement = telling.known(client, "engagement")
    if engagement is None:
        return
    kind = telling.one_of(*_ON_ENGAGEMENT)
    body: Body = {"type": kind, "client": client, "engagement": engagement}
    if kind == "EngagementClosed":
        body |= {"reason": "goals-met", "goals_met": telling.chance(80)}
        body |= {"stable": telling.one_of("yes", "yes", "no", "not-assessed")}
        body |= {"summary_sha256": telling.one_of(None, TEXT)}
    elif kind == "EngagementPaused":
        body |= {"reason": telling.one_of("clinical-concern", "leave")}
    elif kind == "EngagementResumed":
        body |= {"reason": "return"}
    elif kind == "EngagementRenewed":
        name = telling.known(client, "agreement")
        if name is None:
            return
        body |= {"agreement": name}
    else:
        body |= {"outcome": "continue", "rationale": "goes well"}
    telling.tell(body)


_ON_ENGAGEMENT = (
    *("EngagementClosed", "EngagementClosed", "EngagementPaused", "EngagementPaused"),
    *("EngagementResumed", "EngagementResumed", "EngagementRenewed", "ReassessmentHeld"),
)


def a_session(telling: "Telling") -> None:
    """A session, often with its note."""
    client = telling.client()
    engagement = telling.known(client, "engagement")
    if engagement is None:
        return
    session(telling, client, engagement)


def session(telling: "Telling", client: str, engagement: str) -> None:
    name = telling.new(client, "session", "S")
    telling.tell(
        {
            "type": "SessionHeld",
            "client": client,
            "engagement": engagement,
            "session": name,
            "jurisdiction": telling.one_of(None, None, *PLACES),
            "modality": "video",
            "purpose": telling.one_of("service", "service", "service", "crisis", "referral"),
        }
    )
    if telling.chance(40):
        record(telling, client, engagement, name)


def a_record(telling: "Telling") -> None:
    client = telling.client()
    if engagement := telling.known(client, "engagement"):
        record(telling, client, engagement, telling.known(client, "session") if telling.chance(50) else None)


def record(telling: "Telling", client: str, engagement: str, session: str | None) -> None:
    telling.tell(
        {
            "type": "RecordFiled",
            "client": client,
            "engagement": engagement,
            "session": session,
            "record_set": telling.one_of("clinical", "coaching", "psychotherapy-notes", "administrative"),
            "kind": telling.one_of("progress-note", "discharge-summary"),
            "document_sha256": telling.one_of("1" * 64, "2" * 64),
            "contains_diagnosis": telling.chance(20),
        }
    )


def a_concern(telling: "Telling") -> None:
    """A concern raised, or one resolved."""
    client = telling.client()
    engagement, concern = telling.known(client, "engagement"), telling.known(client, "concern")
    if concern is not None and telling.chance(50):
        body: Body = {"type": "ConcernResolved", "concern": concern, "basis": telling.one_of(*BASES)}
    elif engagement is not None:
        body = {"type": "ConcernRaised", "engagement": engagement, "details": "said"}
        body |= {"concern": telling.new(client, "concern", "K")}
        body |= {"severity": telling.one_of("watch", "clinical", "clinical", "urgent")}
    else:
        return
    telling.tell({**body, "client": client})


def a_referral(telling: "Telling") -> None:
    """A referral made or received, answered, concluded."""
    client = telling.client()
    referral = telling.known(client, "referral")
    kind = telling.random.randrange(6)
    body: Body = {"client": client, "referral": referral}
    if referral is None or kind < 2:
        body |= {"referral": telling.new(client, "referral", "R"), "reason": "specialty", "details": "said"}
        body |= {"to_practitioner": telling.one_of("P-1", "P-2", "P-9")}
        body |= {"service": telling.one_of("therapy", "therapy", "coaching")}
        if telling.chance(80):
            answer = telling.one_of("accepted", "accepted", "declined")
            body |= {"type": "ReferralMade", "from_practitioner": "P-1", "client_answer": answer}
        else:
            body |= {"type": "ReferralReceived"}
    elif kind < 4:
        body |= {
            "type": "ReferralAnswered",
            "answer": telling.one_of("accepted", "accepted", "declined", "lapsed"),
        }
    else:
        body |= {"type": "ReferralConcluded", "outcome": "completed"}
        body |= {"stable": telling.one_of("yes", "no", "not-assessed")}
    telling.tell(body)


def a_release(telling: "Telling") -> None:
    """A release granted or revoked, or something disclosed."""
    client = telling.client()
    release = telling.known(client, "release")
    kind = telling.random.randrange(6)
    body: Body = {
        "client": client,
        "from_practitioner": telling.one_of("P-1", "P-1", "P-2"),
        "to_practitioner": telling.one_of("P-2", "P-1", "P-9", None),
        "recipient_kind": telling.one_of("practitioner", "physician", "court"),
        "scope": telling.one_of(*SCOPES),
        "purpose": "treatment-coordination",
    }
    if release is None or kind < 2:
        body |= {"type": "ReleaseGranted", "release": telling.new(client, "release", "X")}
        body |= {"valid_until": telling.day(3, 50) if telling.chance(25) else None}
    elif kind == 2:
        body = {"type": "ReleaseRevoked", "client": client, "release": release}
    else:
        granted = _granted(telling, client, release)
        if telling.chance(60):
            body |= {
                name: granted.get(name) for name in ("from_practitioner", "to_practitioner", "recipient_kind")
            }
        if telling.chance(40):
            body |= {"scope": granted["scope"]}
        body |= {"type": "DisclosureMade", "disclosure": telling.new(client, "disclosure", "D")}
        body |= {"basis": telling.one_of("release", "release", "release", "subpoena", "court-order")}
        body |= {"release": telling.one_of(None, release)}
    telling.tell(body)


def _granted(telling: "Telling", client: str, release: str) -> Body:
    """What was said when a release was granted."""
    granted = [line.body for line in telling.log.lines if line.body["type"] == "ReleaseGranted"]
    return next(body for body in granted if (body["client"], body["release"]) == (client, release))


SCOPES = (
    *(["clinical"], ["coaching"], ["clinical", "coaching"], ["psychotherapy-notes"]),
    *(["psychotherapy-notes", "clinical"], ["administrative"], ["administrative", "psychotherapy-notes"]),
)


def a_move(telling: "Telling") -> None:
    """The client moves, or is told to be in therapy, or coaching, elsewhere."""
    client = telling.client()
    if telling.chance(50):
        place = telling.one_of("US-NC", "US-SC", "US-NC")
        telling.tell({"type": "ClientRelocated", "client": client, "jurisdiction": place})
        return
    telling.tell(
        {
            "type": "OutsideCareNoted",
            "client": client,
            "service": telling.one_of("therapy", "therapy", "coaching"),
            "since": telling.day(-60, -5, 0, 4),
            "until": telling.one_of(None, telling.day(0, 5, 40)),
            "told_by": "client",
            "practitioner": telling.one_of(None, None, "P-9", "P-1"),
        }
    )


def a_comparison(telling: "Telling") -> None:
    """Two clients' files are compared, which no rule looks at."""
    client = telling.client()
    telling.tell(
        {
            "type": "ClientsCompared",
            "client": client,
            "other": "C-2" if client == "C-1" else "C-1",
            "found": telling.one_of("same-person", "different-persons"),
            "basis": "client-told",
        }
    )


MOVES: tuple[tuple[int, Callable[["Telling"], None]], ...] = (
    (5, an_intake),
    (6, an_agreement),
    (3, a_signature),
    (3, an_end),
    (30, on_engagement),
    (8, a_session),
    (3, a_record),
    (11, a_concern),
    (9, a_referral),
    (12, a_release),
    (6, a_move),
    (2, a_comparison),
)
