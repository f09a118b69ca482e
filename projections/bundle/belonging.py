"""Which service an entry is of, so that a production of one service leaves out the other's.

An entry is produced within a scope only if nothing in it is of the other service: one that speaks of both (a
referral out of coaching for therapy, an acknowledgement of a change of roles) is withheld from either. What cannot be
told (an engagement nobody recorded) counts as both.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from ledger.events import agreements, clients, concerns, engagements, intakes, referrals, releases
from ledger.events.base import Event
from ledger.events.corrections import EntryCorrected
from ledger.history import Fact, History
from ledger.values import AgreementKind, RecordSet, Service

Services: TypeAlias = frozenset[Service]

NEITHER: Services = frozenset()
BOTH: Services = frozenset(Service)
THERAPY: Services = frozenset({Service.THERAPY})
COACHING: Services = frozenset({Service.COACHING})

_OF_KIND = {
    AgreementKind.THERAPY_CONSENT: THERAPY,
    AgreementKind.COACHING_CONTRACT: COACHING,
    AgreementKind.ROLE_CHANGE_ACKNOWLEDGEMENT: BOTH,
}
_OF_SET = {
    RecordSet.CLINICAL: THERAPY,
    RecordSet.PSYCHOTHERAPY_NOTES: THERAPY,
    RecordSet.COACHING: COACHING,
    RecordSet.ADMINISTRATIVE: NEITHER,
}


class Belonging:
    """The services of one client's entries, by what they first said and by what they say now."""

    def __init__(self, history: History) -> None:
        self._known: dict[str, dict[str, Services]] = {}
        self._by_seq: dict[int, Services] = {}
        facts = sorted(
            (*history.facts, *history.corrections, *history.retracted), key=lambda fact: fact.position
        )
        said = [event for fact in facts for event in _versions(fact)]
        # what an entry names may be recorded after it, so engagements come first, and all before any is placed
        for event in sorted(said, key=lambda one: not isinstance(one, engagements.EngagementOpened)):
            self._learn(event)
        for fact in facts:
            self._by_seq[fact.seq] = _together(self._of(event) for event in _versions(fact))
        for fact in facts:
            for event in _versions(fact):
                if isinstance(event, engagements.EngagementOpened) and event.intake is not None:
                    self._rests_on(event.intake, self._of(event), facts)
        for fact in facts:
            if isinstance(fact.event, EntryCorrected) and isinstance(fact.event.corrects, int):
                self._by_seq[fact.seq] = self._by_seq.get(fact.event.corrects, BOTH)

    def of(self, seq: int) -> Services:
        """The services an entry is of; none for what belongs to the client as such."""
        return self._by_seq.get(seq, BOTH)

    def within(self, seq: int, scope: str) -> bool:
        """Whether an entry may stand in a production of that scope."""
        return scope == "all" or self.of(seq) <= {Service(scope)}

    def together(self, seqs: Iterable[int]) -> Services:
        """The services of several entries together."""
        return _together(map(self.of, seqs))

    # -- what ids stand for -------------------------------------------------------------------------------

    def _learn(self, event: Event) -> None:
        match event:
            case engagements.EngagementOpened():
                self._know("engagement", event.engagement, frozenset({event.service}))
            case agreements.AgreementIssued():
                self._know("agreement", event.agreement, _OF_KIND[event.kind])
            case referrals.ReferralMade() | referrals.ReferralReceived():
                self._know("referral", event.referral, frozenset({event.service}))
                if isinstance(event, referrals.ReferralMade) and event.engagement is not None:
                    self._know("referral", event.referral, self._named("engagement", event.engagement))
            case concerns.ConcernRaised():
                self._know("concern", event.concern, self._named("engagement", event.engagement))
            case releases.ReleaseGranted():
                self._know("release", event.release, _of_sets(event.scope))
            case _:
                pass

    def _know(self, thing: str, name: str, services: Services) -> None:
        known = self._known.setdefault(thing, {})
        known[name] = known.get(name, NEITHER) | services

    def _named(self, thing: str, name: str | None) -> Services:
        return self._known.get(thing, {}).get(name or "", BOTH)

    def _rests_on(self, intake: str, services: Services, facts: Iterable[Fact]) -> None:
        """An intake is also of the service that was opened on it."""
        for fact in facts:
            if any(
                isinstance(one, intakes.IntakeCompleted) and one.intake == intake for one in _versions(fact)
            ):
                self._by_seq[fact.seq] |= services

    # -- what an entry is of ------------------------------------------------------------------------------

    def _of(self, event: Event) -> Services:
        of = _OF.get(type(event))
        return BOTH if of is None else of(event, self._named)


def _versions(fact: Fact) -> Iterator[Event]:
    """What an entry said first, and what it says after corrections."""
    yield fact.entry.event
    if fact.event is not fact.entry.event:
        yield fact.event


def _together(several: Iterable[Services]) -> Services:
    return frozenset().union(*several)


def _of_sets(scope: Iterable[RecordSet]) -> Services:
    return _together(_OF_SET[one] for one in scope)


_Named: TypeAlias = Callable[[str, str | None], Services]


def _client(_event: Any, _named: _Named) -> Services:
    return NEITHER


def _service(event: Any, _named: _Named) -> Services:
    return frozenset({event.service})


def _referral_made(event: Any, named: _Named) -> Services:
    own = named("engagement", event.engagement) if event.engagement is not None else NEITHER
    return frozenset({event.service}) | own


def _intake(event: Any, _named: _Named) -> Services:
    return frozenset({Service(event.own_domain().value)})


def _issued(event: Any, _named: _Named) -> Services:
    return _OF_KIND[event.kind]


def _scope(event: Any, _named: _Named) -> Services:
    return _of_sets(event.scope)


def _naming(thing: str) -> Callable[[Any, _Named], Services]:
    return lambda event, named: named(thing, getattr(event, thing))


_OF: dict[type[Any], Callable[[Any, _Named], Services]] = {
    clients.ClientRegistered: _client,
    clients.ClientDetailsChanged: _client,
    clients.ClientRelocated: _client,
    clients.OutsideCareNoted: _service,
    clients.ClientsCompared: _client,
    clients.HoldPlaced: _client,
    clients.HoldReleased: _client,
    clients.KeysDestroyed: _client,
    intakes.IntakeCompleted: _intake,
    referrals.ReferralMade: _referral_made,
    referrals.ReferralReceived: _service,
    referrals.ReferralAnswered: _naming("referral"),
    referrals.ReferralConcluded: _naming("referral"),
    agreements.AgreementIssued: _issued,
    agreements.AgreementSigned: _naming("agreement"),
    agreements.AgreementDeclined: _naming("agreement"),
    agreements.AgreementRevoked: _naming("agreement"),
    engagements.EngagementOpened: _service,
    engagements.EngagementRenewed: _naming("engagement"),
    engagements.EngagementPaused: _naming("engagement"),
    engagements.EngagementResumed: _naming("engagement"),
    engagements.EngagementClosed: _naming("engagement"),
    engagements.SessionHeld: _naming("engagement"),
    engagements.RecordFiled: _naming("engagement"),
    engagements.ReassessmentHeld: _naming("engagement"),
    concerns.ConcernRaised: _naming("engagement"),
    concerns.ConcernResolved: _naming("concern"),
    releases.ReleaseGranted: _scope,
    releases.ReleaseRevoked: _naming("release"),
    releases.DisclosureMade: _scope,
    EntryCorrected: _client,
}
