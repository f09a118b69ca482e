"""What each entry said and since when, and what it does to the things of the case: enough to replay both clocks.

The page folds these with the small table of docs/reference/bundle.md, "Replaying"; `STEPS` is that table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ledger.case import CONSENTING
from ledger.entry import Entry
from ledger.events import agreements, concerns, engagements, referrals, releases
from ledger.history import Fact, read
from ledger.values import Calendar, ClientAnswer, ReferralAnswer
from projections.context import Context, words
from projections.dates import Dates
from projections.sentences import sentence

ANY = ("",)
"""A thing in whatever state, also one that is not there yet."""

STEPS: dict[str, dict[str, tuple[tuple[str, ...], str]]] = {
    "engagement": {
        "open": (ANY, "running"),
        "pause": (("running",), "paused"),
        "resume": (("paused",), "running"),
        "close": (("running", "paused"), "closed"),
    },
    "agreement": {
        "issue": (ANY, "issued"),
        "consent": (("issued",), "live"),
        "decline": (("issued", "live"), "declined"),
        "revoke": (("issued", "live", "declined"), "revoked"),
    },
    "referral": {
        "make": (ANY, "unanswered"),
        "make-declined": (ANY, "declined by the client"),
        "accept": (("unanswered", "declined by the client"), "accepted"),
        "refuse": (("unanswered", "declined by the client"), "declined"),
        "lapse": (("unanswered", "declined by the client"), "lapsed"),
        "conclude": (("accepted",), "concluded"),
    },
    "concern": {"raise": (ANY, "unresolved"), "resolve": (("unresolved",), "resolved")},
    "release": {"grant": (ANY, "live"), "revoke": (("live",), "revoked")},
}
"""Kind of thing, act: the states it applies to, and the state it brings."""

EXPIRES = {"agreement": ("issued", "live"), "release": ("live",)}
"""States that read `expired` once the last day of validity has passed."""

_ANSWERS = {
    ReferralAnswer.ACCEPTED: "accept",
    ReferralAnswer.DECLINED: "refuse",
    ReferralAnswer.LAPSED: "lapse",
}

Effect: TypeAlias = tuple[int, str] | tuple[int, str, str]
Rows: TypeAlias = Sequence[tuple[int, Entry[Any]]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an entry says since the entry `since` was recorded."""

    since: int
    at: str
    sentence: str
    effects: tuple[Effect, ...]
    retracted: bool

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        told: dict[str, Any] = {"from": self.since, "at": self.at, "sentence": self.sentence}
        if self.retracted:
            told["retracted"] = True
        return told | {"effects": [list(effect) for effect in self.effects]}


@dataclass(slots=True)
class Things:
    """The things of a case, numbered as they are first met."""

    context: Context
    calendar: Calendar
    lanes: dict[tuple[str, str], int] = field(default_factory=dict)
    found: dict[tuple[str, str], int] = field(default_factory=dict)

    def documents(self) -> list[dict[str, Any]]:
        """The things as JSON values, in the order of their numbers."""
        return [
            {"kind": kind, "id": name, "label": self._label(kind, name), "lane": self._lane_of(kind, name)}
            for kind, name in self.found
        ]

    def lane(self, event: Any) -> int | None:
        """The lane an entry belongs to: one per practitioner and service, by the engagement it is in."""
        if isinstance(event, engagements.EngagementOpened):
            return self._lane(event.practitioner, event.service.value)
        name = getattr(event, "engagement", None)
        if name is None and (concern := self.context.concerns.get(getattr(event, "concern", ""))) is not None:
            name = concern.engagement
        return self._lane_of("engagement", name)

    def effects(self, event: Any) -> tuple[Effect, ...]:
        """What an entry does to the things of the case."""
        acts = _ACTS.get(type(event))
        if acts is None:
            return ()
        kind, attribute, act_of = acts
        act = act_of(event)
        if act is None:
            return ()
        number = self.found.setdefault((kind, getattr(event, attribute)), len(self.found))
        until = getattr(event, "valid_until", None) if act in ("issue", "grant") else None
        return ((number, act) if until is None else (number, act, self.calendar.end_of(until)),)

    def _lane(self, practitioner: str, service: str) -> int:
        return self.lanes.setdefault((practitioner, service), len(self.lanes))

    def _lane_of(self, kind: str, name: str | None) -> int | None:
        opened = self.context.engagements.get(name or "") if kind == "engagement" else None
        return self._lane(opened.practitioner, opened.service.value) if opened is not None else None

    def _label(self, kind: str, name: str) -> str:
        told = {"engagement": self.context.engagement, "agreement": self.context.agreement}
        return told[kind](name) if kind in told else f"{words(kind)} {name}"


def readings(rows: Rows, things: Things, dates: Dates) -> dict[int, list[Reading]]:
    """What each entry of one stream said, by seq; a further reading for each correction that changed it.

    Read once as it stood before each correction, and once as it stands: the cost grows with the corrections.
    """
    corrections = [entry.seq for _, entry in rows if type(entry.event).TOPIC == "EntryCorrected"]
    found: dict[int, list[Reading]] = {}
    since = 0
    for upto in (*corrections, None):
        known = rows if upto is None else [row for row in rows if row[1].seq < upto]
        history = read(known, things.calendar)
        retracted = {fact.seq for fact in history.retracted}
        for fact in (*history.facts, *history.corrections, *history.retracted):
            _add(found.setdefault(fact.seq, []), fact, since, things, dates, retracted=fact.seq in retracted)
        since = upto or 0
    return found


def _add(
    said: list[Reading], fact: Fact, since: int, things: Things, dates: Dates, *, retracted: bool
) -> None:
    unchanged = said and not fact.corrections and said[-1].at == fact.at and not said[-1].retracted
    if unchanged and len(said) == 1:
        return
    now = Reading(
        since if said else fact.seq,
        fact.at,
        sentence(fact, things.context, dates),
        things.effects(fact.event),
        retracted,
    )
    before = said[-1] if said else None
    if before is None or (before.at, before.sentence, before.effects, before.retracted) != (
        now.at,
        now.sentence,
        now.effects,
        now.retracted,
    ):
        said.append(now)


_Act: TypeAlias = Callable[[Any], str | None]


def _always(act: str) -> _Act:
    return lambda _event: act


_ACTS: dict[type[Any], tuple[str, str, _Act]] = {
    engagements.EngagementOpened: ("engagement", "engagement", _always("open")),
    engagements.EngagementPaused: ("engagement", "engagement", _always("pause")),
    engagements.EngagementResumed: ("engagement", "engagement", _always("resume")),
    engagements.EngagementClosed: ("engagement", "engagement", _always("close")),
    agreements.AgreementIssued: ("agreement", "agreement", _always("issue")),
    agreements.AgreementSigned: (
        "agreement",
        "agreement",
        lambda event: "consent" if event.signer in CONSENTING else None,
    ),
    agreements.AgreementDeclined: ("agreement", "agreement", _always("decline")),
    agreements.AgreementRevoked: ("agreement", "agreement", _always("revoke")),
    referrals.ReferralMade: (
        "referral",
        "referral",
        lambda event: "make" if event.client_answer is ClientAnswer.ACCEPTED else "make-declined",
    ),
    referrals.ReferralReceived: ("referral", "referral", _always("make")),
    referrals.ReferralAnswered: ("referral", "referral", lambda event: _ANSWERS[event.answer]),
    referrals.ReferralConcluded: ("referral", "referral", _always("conclude")),
    concerns.ConcernRaised: ("concern", "concern", _always("raise")),
    concerns.ConcernResolved: ("concern", "concern", _always("resolve")),
    releases.ReleaseGranted: ("release", "release", _always("grant")),
    releases.ReleaseRevoked: ("release", "release", _always("revoke")),
}
"""What an entry of each type is about, the field that names it, and the act."""
