"""A client's case folded from its history: engagements, agreements, referrals, concerns, as intervals.

Facts are taken in effective order. An act that does not fit the state (RULES.md SEQ-1) is noted in `unfit`
and changes nothing. What held at any moment can then be asked of the finished case, so that a rule reads like
its sentence: "while a therapy engagement of the pair is open".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ledger.history import Fact, Order, first_on_record
from ledger.holds import in_force
from ledger.practice import Practice
from ledger.values import (
    AgreementKind,
    ClientAnswer,
    Compared,
    Payer,
    RecordSet,
    ReferralAnswer,
    Service,
    Severity,
    Signer,
)

SERIOUS = (Severity.CLINICAL, Severity.URGENT)
CONSENTING = (Signer.CLIENT, Signer.GUARDIAN, Signer.REPRESENTATIVE)
KIND_NEEDED = {
    Service.THERAPY: AgreementKind.THERAPY_CONSENT,
    Service.COACHING: AgreementKind.COACHING_CONTRACT,
}


@dataclass(slots=True, eq=False)
class Engagement:
    """One engagement: opened, paused and resumed, closed, and what happened in it."""

    id: str
    opened: Fact
    service: Service
    practitioner: str
    pauses: list[tuple[Fact, Fact | None]] = field(default_factory=list)
    closed: Fact | None = None
    renewals: list[Fact] = field(default_factory=list)

    def open_at(self, order: Order) -> bool:
        """Opened before, and not closed before (paused included)."""
        return self.opened.order < order and not self.closed_before(order)

    def closed_before(self, order: Order) -> bool:
        """Closed before a moment."""
        return self.closed is not None and self.closed.order < order

    def pause_at(self, order: Order) -> tuple[Fact, Fact | None] | None:
        """The pause in force at a moment."""
        for paused, resumed in reversed(self.pauses):
            if paused.order < order:
                return None if resumed is not None and resumed.order < order else (paused, resumed)
        return None

    def running_at(self, order: Order) -> bool:
        """Open and not paused."""
        return self.open_at(order) and self.pause_at(order) is None

    def starts(self) -> Iterator[Fact]:
        """The opening and each resumption, in order."""
        yield self.opened
        for _, resumed in self.pauses:
            if resumed is not None:
                yield resumed

    def last_start(self, order: Order) -> Fact | None:
        """The latest opening or resumption before a moment."""
        found = None
        for start in self.starts():
            if start.order < order:
                found = start
        return found

    def stints(self) -> Iterator[tuple[Fact, Fact | None]]:
        """The times it ran: from opening or resumption to pause or closing (None: still)."""
        starts = list(self.starts())
        ends: list[Fact | None] = [paused for paused, _ in self.pauses]
        if len(ends) < len(starts):
            ends.append(self.closed)
        yield from zip(starts, ends, strict=True)

    def state_at(self, order: Order) -> str:
        """`running`, `paused`, `closed`, or `not-open` before its opening."""
        if self.opened.order > order:
            return "not-open"
        if self.closed_before(order):
            return "closed"
        return "paused" if self.pause_at(order) is not None else "running"


@dataclass(slots=True, eq=False)
class Agreement:
    """One agreement; text, terms and payer come from its template where it names one."""

    id: str
    issued: Fact
    kind: AgreementKind
    practitioner: str | None
    text_sha256: str | None
    version: str | None
    terms: tuple[str, ...] | None
    payer: Payer | None
    valid_until: str | None
    signatures: list[Fact] = field(default_factory=list)
    consented: Fact | None = None
    declined: Fact | None = None
    revoked: Fact | None = None
    uses: list[Fact] = field(default_factory=list)

    def covers(self, practitioner: str) -> bool:
        """Whether it is with this practitioner, or practice-wide."""
        return self.practitioner is None or self.practitioner == practitioner

    def consents(self) -> Iterator[Fact]:
        """The signatures of the client, a guardian or a representative, in order."""
        return (fact for fact in self.signatures if fact.event.signer in CONSENTING)

    def signed_by(self, at: str) -> Fact | None:
        """A consenting signature not after `at`: the first on record."""
        return first_on_record(fact for fact in self.consents() if fact.at <= at)

    def ended_before(self, order: Order) -> Fact | None:
        """The declining or revocation before a moment."""
        for end in (self.declined, self.revoked):
            if end is not None and end.order < order:
                return end
        return None

    def valid_on(self, day: str) -> bool:
        """Whether a day is within its last day."""
        return self.valid_until is None or day <= self.valid_until

    def live_at(self, order: Order, day: str) -> bool:
        """Issued and signed before a moment, and not declined, revoked or past its last day."""
        return (
            self.consented is not None
            and self.consented.order < order
            and self.ended_before(order) is None
            and self.valid_on(day)
        )


@dataclass(slots=True, eq=False)
class Referral:
    """One referral, made or received."""

    id: str
    made: Fact
    service: Service
    to_practitioner: str
    answered: Fact | None = None
    concluded: Fact | None = None

    @property
    def client_accepted(self) -> bool:
        """Whether the client accepted it; one received is the client's own step."""
        return getattr(self.made.event, "client_answer", ClientAnswer.ACCEPTED) is ClientAnswer.ACCEPTED

    @property
    def accepted(self) -> bool:
        """Whether the other side accepted it."""
        return self.answered is not None and self.answered.event.answer is ReferralAnswer.ACCEPTED

    def under_way_at(self, order: Order) -> bool:
        """Accepted by client and practitioner, and not concluded."""
        return (
            self.client_accepted
            and self.accepted
            and self.answered is not None
            and self.answered.order < order
            and (self.concluded is None or self.concluded.order > order)
        )


@dataclass(slots=True, eq=False)
class Concern:
    """One concern, raised and perhaps resolved."""

    id: str
    raised: Fact
    engagement: str
    resolved: Fact | None = None

    @property
    def serious(self) -> bool:
        """Clinical or urgent."""
        return self.raised.event.severity in SERIOUS

    def unresolved_at(self, order: Order) -> bool:
        """Raised before and not resolved before."""
        return self.raised.order < order and (self.resolved is None or self.resolved.order > order)


@dataclass(slots=True, eq=False)
class Release:
    """One release of information."""

    id: str
    granted: Fact
    revoked: Fact | None = None

    def live_at(self, order: Order, day: str) -> bool:
        """Granted before, not revoked before, within its last day."""
        until = self.granted.event.valid_until
        return (
            self.granted.order < order
            and not (self.revoked is not None and self.revoked.order < order)
            and (until is None or day <= until)
        )


@dataclass(slots=True)
class Case:
    """Everything recorded of one client, as intervals and lists in effective order."""

    client: str
    practice: Practice
    facts: list[Fact] = field(default_factory=list)
    registered: Fact | None = None
    moves: list[Fact] = field(default_factory=list)
    outside_care: list[Fact] = field(default_factory=list)
    intakes: list[Fact] = field(default_factory=list)
    intake: dict[str, Fact] = field(default_factory=dict)
    engagements: dict[str, Engagement] = field(default_factory=dict)
    sessions: list[Fact] = field(default_factory=list)
    records: list[Fact] = field(default_factory=list)
    documents: dict[str, list[Fact]] = field(default_factory=dict)
    reassessments: list[Fact] = field(default_factory=list)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    referrals: dict[str, Referral] = field(default_factory=dict)
    concerns: dict[str, Concern] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    disclosures: list[Fact] = field(default_factory=list)
    declined: list[Agreement] = field(default_factory=list)
    named_early: dict[str, list[Fact]] = field(default_factory=dict)
    holds: list[Fact] = field(default_factory=list)
    keys_destroyed: list[Fact] = field(default_factory=list)
    comparisons: dict[str, Fact] = field(default_factory=dict)
    """By the other client: what was found last when the two files were compared."""
    unfit: dict[int, str] = field(default_factory=dict)

    # -- what rules ask ----------------------------------------------------------------------------------

    def pair(self, practitioner: str, service: Service | None = None) -> list[Engagement]:
        """The engagements of client and practitioner, of one service or of both."""
        return [
            one
            for one in self.engagements.values()
            if one.practitioner == practitioner and (service is None or one.service is service)
        ]

    def previous(self, practitioner: str, order: Order) -> Engagement | None:
        """The pair's engagement most recently opened or resumed before a moment."""
        found, latest = None, None
        for one in self.pair(practitioner):
            start = one.last_start(order)
            if start is not None and (latest is None or start.order > latest.order):
                found, latest = one, start
        return found

    def place_of_client(self, order: Order) -> tuple[str, Fact] | None:
        """Where the client lives at a moment, and the entry that says so."""
        told = [fact for fact in (self.registered, *self.moves) if fact is not None and fact.order <= order]
        latest = max(told, key=lambda fact: fact.order, default=None)
        return (latest.event.jurisdiction, latest) if latest is not None else None

    def place_of(self, engagement: Engagement, order: Order) -> tuple[str, Fact] | None:
        """Where an engagement's service is received at a moment: its own place, else the client's."""
        own = engagement.opened.event.jurisdiction
        return (own, engagement.opened) if own is not None else self.place_of_client(order)

    def other_files(self) -> list[str]:
        """The clients under whom the same person has another file, by what was found last."""
        return sorted(
            other for other, fact in self.comparisons.items() if fact.event.found is Compared.SAME_PERSON
        )

    def minor_on(self, day: str) -> bool:
        """Whether the client is a minor on a day."""
        until = self.registered.event.minor_until if self.registered is not None else None
        return until is not None and until > day

    @property
    def holds_in_force(self) -> int:
        """How many legal holds stand (`ledger.holds.in_force`)."""
        return in_force(self.holds)

    def latest_intake(self, order: Order) -> Fact | None:
        """The client's latest intake before a moment."""
        found = None
        for intake in self.intakes:
            if intake.order > order:
                break
            found = intake
        return found

    def therapy_elsewhere(self, practitioner: str, order: Order, day: str) -> Fact | None:
        """What shows the client in therapy elsewhere (not with this practitioner), first on record; or None."""
        return first_on_record(self._therapies_elsewhere(practitioner, order, day))

    def _therapies_elsewhere(self, practitioner: str, order: Order, day: str) -> Iterator[Fact]:
        for one in self.engagements.values():
            if one.service is Service.THERAPY and one.practitioner != practitioner and one.open_at(order):
                yield one.opened
        for care in self.outside_care:
            event = care.event
            if (
                event.service is Service.THERAPY
                and event.practitioner != practitioner
                and event.since <= day
                and (event.until is None or day <= event.until)
            ):
                yield care
        for referral in self.referrals.values():
            if (
                referral.service is Service.THERAPY
                and referral.to_practitioner != practitioner
                and referral.under_way_at(order)
                and referral.answered is not None
            ):
                yield referral.answered

    def pause_of(self, resumed: Fact) -> Fact | None:
        """The pause that a resumption ends."""
        engagement = self.engagements.get(resumed.event.engagement)
        if engagement is None:
            return None
        return next((paused for paused, back in engagement.pauses if back is resumed), None)

    def same_document(self, record: Fact) -> Iterator[Fact]:
        """Other records of the same document filed before, administrative ones excepted."""
        for other in self.documents.get(record.event.document_sha256, ()):
            if other.order < record.order and other.event.record_set is not RecordSet.ADMINISTRATIVE:
                yield other

    def live_agreement(
        self, kind: AgreementKind, practitioner: str, order: Order, day: str
    ) -> Agreement | None:
        """An agreement of a kind covering the practitioner, live at a moment."""
        for agreement in self.agreements.values():
            if agreement.kind is kind and agreement.covers(practitioner) and agreement.live_at(order, day):
                return agreement
        return None
