"""The practice of a generated history: practitioners, licences and renewals, standard agreements."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

Line = dict[str, object]

ZONE = ZoneInfo("America/New_York")
HOUR = 60
DAY = 24 * HOUR
WEEK = 7 * DAY

HOME = "US-NC"
FRONT_DESK = "frontdesk"
CONSENT = "consent-private"
CONSENT_INSURED = "consent-insured"
CONTRACT = "contract"
ROLE_CHANGE = "role-change"
THERAPY_TERMS = ["services", "confidentiality-limits", "billing", "risks-and-benefits", "right-to-withdraw"]
COACHING_TERMS = [
    "goals",
    "private-pay",
    "no-diagnosis-or-treatment",
    "confidentiality-limits",
    "not-therapy",
]
TEMPLATES = {
    CONSENT: ("therapy-consent", THERAPY_TERMS, "private"),
    CONSENT_INSURED: ("therapy-consent", THERAPY_TERMS, "insurance"),
    CONTRACT: ("coaching-contract", COACHING_TERMS, "private"),
    ROLE_CHANGE: ("role-change-acknowledgement", ["not-therapy"], "none"),
}


def at_day(day: date) -> int:
    """The first minute of a day; moments are minutes of the practice's wall clock, counted from year 1."""
    return day.toordinal() * DAY


@cache
def _day(ordinal: int) -> tuple[str, str]:
    day = date.fromordinal(ordinal)
    offset = datetime.combine(day, time(12), ZONE).isoformat()[-6:]
    return day.isoformat(), offset


def stamp(minute: int) -> str:
    """A moment as an import line gives it. Nobody works at night, so each day has one offset."""
    ordinal, rest = divmod(minute, DAY)
    day, offset = _day(ordinal)
    hour, minute = divmod(rest, HOUR)
    return f"{day}T{hour:02}:{minute:02}:00{offset}"


def day_of(minute: int) -> str:
    """The moment's day."""
    return _day(minute // DAY)[0]


@dataclass
class Roster:
    """Who works in the practice (`internal`) and in its referral network, and the entries that say so."""

    start: int
    end: int
    staff: int
    both: list[str] = field(default_factory=list)
    therapists: list[str] = field(default_factory=list)
    coaches: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    entries: list[tuple[int, Line]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._policy_and_templates()
        for number in range(self.staff):
            group, services = (
                (self.both, ["therapy", "coaching"]),
                (self.therapists, ["therapy"]),
                (self.coaches, ["coaching"]),
            )[number % 3]
            self._join(f"P-{number + 1:03}", group, services, internal=True)
        for number in range(2 + self.staff // 3):
            self._join(f"X-{number + 1:03}", self.outside, ["therapy"], internal=False)
        self.entries.sort(key=lambda entry: entry[0])
        for number, (_, line) in enumerate(self.entries, start=1):
            line["source"] = f"practice.{number}"

    def _put(self, at: int, type_: str, **fields: object) -> None:
        self.entries.append((at, {"type": type_, "occurred_at": stamp(at), "by": FRONT_DESK, **fields}))

    def _policy_and_templates(self) -> None:
        self._put(
            self.start + 8 * HOUR,
            "PolicyAdopted",
            adopts=["recommended"],
            drops=[],
            parameters={},
            reason="From the first day.",
        )
        for template, (kind, terms, payer) in TEMPLATES.items():
            self._put(
                self.start + 9 * HOUR,
                "TemplateAdopted",
                template=template,
                kind=kind,
                version="1",
                text_sha256=hashlib.sha256(template.encode()).hexdigest(),
                terms=terms,
                payer=payer,
            )

    def _join(self, practitioner: str, group: list[str], services: list[str], *, internal: bool) -> None:
        group.append(practitioner)
        self._put(
            self.start + 10 * HOUR,
            "PractitionerRegistered",
            practitioner=practitioner,
            name=f"Practitioner {practitioner}",
            services=services,
            internal=internal,
            organisation="The Practice" if internal else "The Network",
        )
        if "therapy" not in services:
            return
        first, last = (date.fromordinal(minute // DAY).year for minute in (self.start, self.end))
        for number, year in enumerate(
            range(first, last + 1, 2), start=1
        ):  # two-year licences and their renewals
            recorded = self.start + 11 * HOUR if number == 1 else at_day(date(year - 1, 12, 10)) + 11 * HOUR
            self._put(
                recorded,
                "LicenceRecorded",
                practitioner=practitioner,
                licence=f"L{number}",
                jurisdictions=[HOME],
                profession="LCMHC",
                number=practitioner[2:],
                basis="licence",
                valid_from=f"{year}-01-01",
                valid_until=f"{year + 1}-12-31",
                verified_on=day_of(recorded),
            )
