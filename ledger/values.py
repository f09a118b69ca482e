"""Identifiers, coded vocabularies, times and texts: the values that facts are made of.

Times are kept as canonical UTC text (`2026-03-02T20:00:00.000000Z`) or, where no more is known, as a day
(`2026-03-02`): fixed width, so that they sort as they read and stand in the stored bytes as they are.
"""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints

# -- identifiers ------------------------------------------------------------------------------------------

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ID_WORDING = "1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Source = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]{0,126}[!-~])?$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,5}-[0-9]{1,2}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Jurisdiction = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]
Seq = Annotated[int, Field(ge=1, le=2**53 - 1)]


@dataclass(frozen=True)
class Assigns:
    """Marks a field that gives a new thing its id, unique in its scope; `prefix` numbers it when omitted."""

    thing: str
    prefix: str = ""
    renewable: bool = False


@dataclass(frozen=True)
class RefersTo:
    """Marks a field that names something recorded before, or elsewhere in the same file."""

    thing: str


# -- text -------------------------------------------------------------------------------------------------

TEXT_LIMIT = 10_000
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
)


def plain_text(value: str) -> str:
    """`value`, unless it holds characters that could disguise what is read (control, bidirectional)."""
    found = _FORBIDDEN.search(value)
    if found is not None:
        sign = found.group()
        name = unicodedata.name(sign, "control character")
        raise ValueError(
            f"expected plain text, came the control character U+{ord(sign):04X} ({name}); take it out"
        )
    if not value.strip():
        raise ValueError("expected text, came nothing but blanks")
    return value


Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT), AfterValidator(plain_text)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(plain_text)]


# -- time -------------------------------------------------------------------------------------------------

Stamp = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$"),
]
Moment = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9]{4}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z)?$"
    ),
]
"""A stored time: a stamp, or a day."""

EARLIEST, LATEST = "1900-01-01", "9990-01-01"
FOREVER = "9990-01-01T00:00:00.000000Z"
"""As of this moment everything recorded has happened."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
MOMENT_WORDING = (
    "a date and time with its offset from UTC (2026-03-02T15:00:00-05:00) or only a day (2026-03-02)"
)


def stamp(instant: datetime) -> str:
    """The canonical text of an aware datetime, in UTC with microseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


@lru_cache(maxsize=65536)
def moment(text: str) -> str:
    """A stated time in canonical form: a stamp, or a day. ValueError says what was expected."""
    result = ""
    with suppress(ValueError, OverflowError):
        if _DAY.fullmatch(text):
            result = date.fromisoformat(text).isoformat()
        elif _INSTANT.fullmatch(text):
            result = stamp(datetime.fromisoformat(text))
    if not result:
        raise ValueError(f"expected {MOMENT_WORDING}, came {text[:60]!r}")
    if not EARLIEST <= result < LATEST:
        raise ValueError(f"expected a date and time between {EARLIEST} and {LATEST}, came {text[:60]!r}")
    return result


def is_day(text: str) -> bool:
    """Whether a canonical time is known only to the day."""
    return len(text) == len("2026-03-02")


def instant(text: str) -> datetime:
    """A stamp as an aware datetime in UTC."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=4096)
def _start_of(day: str, zone: ZoneInfo) -> str:
    return stamp(datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=zone))


class Calendar:
    """Days as the practice lives them: every calendar day is one of its time zone."""

    def __init__(self, time_zone: str) -> None:
        self.time_zone = time_zone
        self._zone = ZoneInfo(time_zone)
        self.day_of = lru_cache(maxsize=65536)(self._day_of)

    def _day_of(self, at: str) -> str:
        """The practice's calendar day of a stamp, as `2026-03-02`."""
        return datetime.fromisoformat(at).astimezone(self._zone).date().isoformat()

    def start_of(self, day: str) -> str:
        """The stamp at which a day begins."""
        return _start_of(day, self._zone)

    def end_of(self, day: str) -> str:
        """The last stamp of a day."""
        following = datetime.fromisoformat(_start_of(later(day, 1), self._zone))
        return stamp(following - timedelta(microseconds=1))

    def local(self, at: str) -> datetime:
        """A stamp in the practice's time zone, for showing."""
        return datetime.fromisoformat(at).astimezone(self._zone)


@lru_cache(maxsize=65536)
def later(day: str, days: int) -> str:
    """The day `days` after `day`; the calendar's last day where it would run past the end."""
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return date.max.isoformat()


@lru_cache(maxsize=65536)
def days_between(first: str, second: str) -> int:
    """How many days `second` is after `first`."""
    return (date.fromisoformat(second) - date.fromisoformat(first)).days


def _day(text: str) -> str:
    if _DAY.fullmatch(text):
        with suppress(ValueError):
            return date.fromisoformat(text).isoformat()
    raise ValueError(f"expected a date such as 2026-03-02, came {text[:60]!r}")


Day = Annotated[str, AfterValidator(lru_cache(maxsize=4096)(_day))]


# -- sealing ----------------------------------------------------------------------------------------------


class Domain(StrEnum):
    """Who may read a sealed field: each domain has its own key."""

    IDENTITY = "identity"
    THERAPY = "therapy"
    COACHING = "coaching"
    PRACTICE = "practice"


class Digest(BaseModel):
    """What stands in the stored entry for a sealed value: an RFC 9901 array-element digest."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
    digest: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")] = Field(alias="...")


SealedForm = Annotated[tuple[Digest], Strict(False)]


@dataclass(frozen=True)
class Sealed:
    """Marks a sealed field; `domain` is None where the entry's own service decides."""

    domain: Domain | None = None


# -- coded vocabularies -----------------------------------------------------------------------------------


class Service(StrEnum):
    """A service that is contracted and delivered."""

    THERAPY = "therapy"
    COACHING = "coaching"


class SoughtService(StrEnum):
    """What a client asked for at intake."""

    THERAPY = "therapy"
    COACHING = "coaching"
    BOTH = "both"
    UNSURE = "unsure"


class Recommendation(StrEnum):
    """What an intake recommended."""

    THERAPY = "therapy"
    COACHING = "coaching"
    REFER_OUT = "refer-out"
    NONE = "none"


class Indication(StrEnum):
    """What an intake found about clinical concerns."""

    NONE = "none"
    PAST = "past"
    MANAGED = "managed"
    SUSPECTED = "suspected"
    ACTIVE = "active"


class Stable(StrEnum):
    """Whether the client's mental health was found stable."""

    YES = "yes"
    NO = "no"
    NOT_ASSESSED = "not-assessed"


class ActorRole(StrEnum):
    """What an actor does in the practice."""

    PRACTITIONER = "practitioner"
    COACH = "coach"
    FRONT_DESK = "front-desk"
    REVIEWER = "reviewer"
    COUNSEL = "counsel"
    SYSTEM = "system"


class LicenceBasis(StrEnum):
    """On what footing a practitioner may practise somewhere."""

    LICENCE = "licence"
    COMPACT_PRIVILEGE = "compact-privilege"
    TEMPORARY_PERMIT = "temporary-permit"
    ASSOCIATE = "associate"
    EXEMPTION = "exemption"


class LicenceStatus(StrEnum):
    """What the issuing board says of a licence."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SURRENDERED = "surrendered"


class ConsultationKind(StrEnum):
    """With whom a practitioner consulted."""

    SUPERVISION = "supervision"
    MENTORSHIP = "mentorship"
    PEER = "peer"
    LEGAL = "legal"


class ToldBy(StrEnum):
    """From whom the practice knows of outside care."""

    CLIENT = "client"
    PROVIDER = "provider"
    REFERRAL = "referral"


class ReferralReason(StrEnum):
    """Why a client was referred."""

    CLINICAL_CONCERN = "clinical-concern"
    OUT_OF_JURISDICTION = "out-of-jurisdiction"
    OUTSIDE_COMPETENCE = "outside-competence"
    SPECIALTY = "specialty"
    ROLE_CONFLICT = "role-conflict"
    CLIENT_REQUEST = "client-request"
    OTHER = "other"


class ClientAnswer(StrEnum):
    """What the client said to a referral."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class ReferralAnswer(StrEnum):
    """What the other side said to a referral."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


class ReferralOutcome(StrEnum):
    """How a referral ended."""

    COMPLETED = "completed"
    DISCONTINUED = "discontinued"
    RETURNED = "returned"


class AgreementKind(StrEnum):
    """The three agreements, never one for two services."""

    THERAPY_CONSENT = "therapy-consent"
    COACHING_CONTRACT = "coaching-contract"
    ROLE_CHANGE_ACKNOWLEDGEMENT = "role-change-acknowledgement"


class Payer(StrEnum):
    """Who pays under an agreement."""

    PRIVATE = "private"
    INSURANCE = "insurance"
    NONE = "none"


class Signer(StrEnum):
    """In which capacity somebody signed."""

    CLIENT = "client"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"
    PRACTITIONER = "practitioner"


class SigningMethod(StrEnum):
    """How a signature was made."""

    WET_INK = "wet-ink"
    DRAWN = "drawn"
    TYPED = "typed"
    CERTIFICATE = "certificate"


class AgreementEndReason(StrEnum):
    """Why an agreement was declined or revoked."""

    CLIENT_CHOICE = "client-choice"
    REPLACED = "replaced"
    LAPSED = "lapsed"
    MISTAKEN = "mistaken"
    OTHER = "other"


class Focus(StrEnum):
    """What an engagement is about."""

    SYMPTOM_RELIEF = "symptom-relief"
    TRAUMA = "trauma"
    MOOD_ANXIETY = "mood-anxiety"
    RELATIONSHIPS = "relationships"
    GRIEF = "grief"
    CAREER = "career"
    PERFORMANCE = "performance"
    LIFE_TRANSITION = "life-transition"
    GOALS = "goals"
    OTHER = "other"


class PauseReason(StrEnum):
    """Why an engagement was paused."""

    CLINICAL_CONCERN = "clinical-concern"
    CLIENT_REQUEST = "client-request"
    LEAVE = "leave"
    OTHER = "other"


class ResumeReason(StrEnum):
    """Why an engagement was resumed."""

    CONCERN_RESOLVED = "concern-resolved"
    CLIENT_REQUEST = "client-request"
    RETURN = "return"
    OTHER = "other"


class CloseReason(StrEnum):
    """Why an engagement was closed."""

    GOALS_MET = "goals-met"
    TRANSFER = "transfer"
    REFERRED_OUT = "referred-out"
    SCOPE = "scope"
    CLIENT_WITHDREW = "client-withdrew"
    NO_CONTACT = "no-contact"
    OTHER = "other"


class Modality(StrEnum):
    """How a session was held."""

    IN_PERSON = "in-person"
    VIDEO = "video"
    PHONE = "phone"


class SessionPurpose(StrEnum):
    """What a session was for."""

    SERVICE = "service"
    REFERRAL = "referral"
    CRISIS = "crisis"


class RecordSet(StrEnum):
    """In which file a document is kept."""

    CLINICAL = "clinical"
    PSYCHOTHERAPY_NOTES = "psychotherapy-notes"
    COACHING = "coaching"
    ADMINISTRATIVE = "administrative"


class RecordKind(StrEnum):
    """What a filed document is."""

    PROGRESS_NOTE = "progress-note"
    TREATMENT_PLAN = "treatment-plan"
    ASSESSMENT = "assessment"
    DISCHARGE_SUMMARY = "discharge-summary"
    SESSION_NOTE = "session-note"
    ACTION_PLAN = "action-plan"
    OTHER = "other"


class Severity(StrEnum):
    """How serious a concern is."""

    WATCH = "watch"
    CLINICAL = "clinical"
    URGENT = "urgent"


class ConcernBasis(StrEnum):
    """On what a concern was resolved."""

    OUTSIDE_THERAPIST_REPORT = "outside-therapist-report"
    THERAPY_CLOSED_STABLE = "therapy-closed-stable"
    ASSESSED_NOT_CLINICAL = "assessed-not-clinical"
    CLIENT_LEFT = "client-left"


class ReassessmentOutcome(StrEnum):
    """What a reassessment led to."""

    CONTINUE = "continue"
    PAUSE = "pause"
    CHANGE_SERVICE = "change-service"
    REFER = "refer"
    CLOSE = "close"


class RecipientKind(StrEnum):
    """What the recipient of a disclosure is."""

    PRACTITIONER = "practitioner"
    PHYSICIAN = "physician"
    ATTORNEY = "attorney"
    FAMILY = "family"
    INSURER = "insurer"
    COURT = "court"
    SCHOOL = "school"
    OTHER = "other"


class DisclosurePurpose(StrEnum):
    """What a disclosure is for."""

    TREATMENT_COORDINATION = "treatment-coordination"
    LEGAL = "legal"
    INSURANCE = "insurance"
    OVERSIGHT = "oversight"
    CLIENT_COPY = "client-copy"
    OTHER = "other"


class DisclosureBasis(StrEnum):
    """On what footing something was disclosed."""

    RELEASE = "release"
    CLIENT_REQUEST = "client-request"
    PAYMENT = "payment"
    SUBPOENA = "subpoena"
    COURT_ORDER = "court-order"
    BOARD_REQUEST = "board-request"
    MANDATED_REPORT = "mandated-report"
    DUTY_TO_WARN = "duty-to-warn"
    EMERGENCY = "emergency"


class DestructionGround(StrEnum):
    """Why a client's keys were destroyed."""

    RETENTION = "retention"
    CLIENT_REQUEST = "client-request"
    OTHER = "other"


class Compared(StrEnum):
    """What the practice found when it compared two clients' files."""

    SAME_PERSON = "same-person"
    DIFFERENT_PERSONS = "different-persons"


class ComparisonBasis(StrEnum):
    """On what it was found."""

    CLIENT_TOLD = "client-told"
    IDENTITY_DOCUMENT = "identity-document"
    PARTICULARS = "particulars"
    OTHER = "other"


class Retraction(StrEnum):
    """Why an entry is taken back."""

    DUPLICATE = "duplicate"
    MISTAKEN = "mistaken"
    WRONG_CLIENT = "wrong-client"


class Admission(StrEnum):
    """How an entry got in: gates checked, gate broken knowingly, or history imported as it happened."""

    ENFORCED = "enforced"
    OVERRIDE = "override"
    AS_FOUND = "as-found"
