"""A small world, walked breadth-first: one client, two practitioners, an act an hour, the acts of RULES.md.

A state is what the case knows, not how it came about; of all ways to a state the first found, a shortest, is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ledger.case import Case
from ledger.history import read
from ledger.rules.judge import Finding, judge, refuses
from ledger.values import stamp
from tests.agreement.small_acts import Alphabet, acts
from tests.agreement.worlds import CALENDAR, Body, Log, Row, entry_of, perspective
from tests.oracle import Line

BEGIN = datetime(2024, 3, 4, 5, tzinfo=UTC)
LATER = BEGIN + timedelta(days=400)
CLIENT = "C-1"


@dataclass(frozen=True)
class Setting:
    """What stands before the first act. Both practitioners offer both services; P-1 is licensed, P-2 is not."""

    name: str = "as described"
    minor: bool = False
    coach: bool = False
    """P-2 offers coaching only."""

    def log(self) -> Log:
        """The practice and the client; a practice that wants a day between therapy and coaching (ROLE-8)."""
        log = Log()
        common = {"occurred_at": "2024-01-02T15:00:00+00:00", "by": "director"}

        def tell(type_: str, **fields: object) -> None:
            log.append({"type": type_, **common, **fields}, BEGIN - timedelta(days=60))

        tell(
            "PolicyAdopted",
            adopts=["recommended"],
            drops=[],
            parameters={"min_gap_days": 1},
            reason="decided",
        )
        for who in ("P-1", "P-2"):
            services = ["coaching"] if self.coach and who == "P-2" else ["therapy", "coaching"]
            tell("PractitionerRegistered", practitioner=who, name=who, services=services, internal=True)
        licence = {"licence": "L1", "jurisdictions": ["US-NC"], "profession": "LCMHC", "number": "1"}
        tell("LicenceRecorded", practitioner="P-1", **licence, basis="licence", valid_from="2020-01-01")
        person = {"name": "x", "date_of_birth": "1990-01-01", "contact": "x", "jurisdiction": "US-NC"}
        until = {"minor_until": "2030-01-01"} if self.minor else {}
        tell("ClientRegistered", client=CLIENT, **person, **until)
        return log


PLAIN = Setting()
MINOR = Setting("the client is a minor", minor=True)
COACH = Setting("P-2 offers coaching only", coach=True)


@dataclass(frozen=True)
class State:
    """A way to a state: the acts, an act an hour, and what the engine says of the last one."""

    acts: tuple[Body, ...]
    rows: tuple[Row, ...]
    lines: tuple[Line, ...]
    case: Case = field(compare=False)
    last: tuple[Finding, ...] = ()

    @property
    def refused(self) -> list[Finding]:
        """The findings that refuse the last act."""
        return [found for found in self.last if refuses(found)]


class SmallWorld:
    """The acts one may do in a setting, and what comes of them."""

    def __init__(self, setting: Setting = PLAIN) -> None:
        self.setting = setting
        self._log = setting.log()
        seen = perspective(self._log.lines, LATER)
        self._practice, self._policies = seen.practice, seen.policies
        own = [line for line in self._log.lines if line.stream == f"client/{CLIENT}"]
        rows = tuple((line.position, entry_of(line)) for line in own)
        self.begin = State((), rows, tuple(self._log.lines), self._judged(rows)[0])

    def _judged(self, rows: tuple[Row, ...]) -> tuple[Case, tuple[Finding, ...]]:
        history = read(rows, CALENDAR)
        ref = (f"client/{CLIENT}", rows[-1][1].seq)
        judgement = judge(CLIENT, history, self._practice, self._policies, stamp(LATER), only={ref})
        if judgement.case is None:
            raise LookupError(CLIENT)
        return judgement.case, tuple(judgement.findings)

    def then(self, state: State, act: Body) -> State:
        """One act more, an hour later (or dated when it says)."""
        now = BEGIN + timedelta(hours=len(state.acts) + 1)
        dated = now + timedelta(minutes=10) if act.get("ahead") else now
        body = {name: value for name, value in act.items() if name != "ahead"}
        body |= {"client": CLIENT, "occurred_at": dated.isoformat(), "by": "desk"}
        before = state.lines[-1]
        seq = state.rows[-1][1].seq + 1
        line = Line(f"client/{CLIENT}", seq, before.position + 1, now, "enforced", None, body)
        rows = (*state.rows, (line.position, entry_of(line)))
        case, last = self._judged(rows)
        return State((*state.acts, act), rows, (*state.lines, line), case, last)

    def walk(self, most: int, alphabet: Alphabet = Alphabet(), depth: int = 99) -> Iterator[State]:  # noqa: B008
        """States breadth-first, at most so many; what a gate refuses is told once and leads nowhere further.

        Told is each state that the case knows nothing alike of, and each other finding on an act that leads there.
        """
        level, known, told = [self.begin], {knows(self.begin.case)}, set[object]()
        count = 0
        for _ in range(depth):
            following: list[State] = []
            for state in level:
                for act in acts(state.case, alphabet):
                    after = self.then(state, act)
                    knowledge = knows(after.case)
                    said = tuple(sorted((found.rule, found.kind) for found in after.last))
                    if (knowledge, act["type"], said) not in told:
                        told.add((knowledge, act["type"], said))
                        yield after
                        count += 1
                        if count >= most:
                            return
                    if not after.refused and knowledge not in known:
                        known.add(knowledge)
                        following.append(after)
            level = following


def knows(case: Case) -> tuple[object, ...]:
    """What a case knows that a rule may yet ask, with times only as an order among what rules compare.

    Which intake or agreement came first is asked by nobody but through openings, closings, pauses and other intakes;
    sessions, records and acts that did not fit leave nothing behind but a document's name.
    """
    turns = [start.order for one in case.engagements.values() for start in one.starts()]
    turns += [one.closed.order for one in case.engagements.values() if one.closed is not None]
    turns += [paused.order for one in case.engagements.values() for paused, _ in one.pauses]
    turns += [fact.order for fact in case.intakes]
    turns.sort()

    def since(order: tuple[str, int]) -> int:
        return sum(turn < order for turn in turns)

    end = (stamp(LATER), 2**40)
    engagements = tuple(
        (
            *(
                one.practitioner,
                one.service,
                one.state_at(end),
                one.opened.event.intake,
                one.opened.event.agreement,
            ),
            tuple(one.opened.event.focus),
            (one.closed.event.stable, one.closed.event.goals_met) if one.closed is not None else None,
            tuple(since(start.order) for start in one.starts()),
            tuple(since(paused.order) for paused, _ in one.pauses),
            since(one.closed.order) if one.closed is not None else None,
            tuple(renewal.event.agreement for renewal in one.renewals),
        )
        for one in case.engagements.values()
    )
    agreements = tuple(
        (
            *(one.kind, one.practitioner, one.text_sha256, one.terms, one.payer),
            since(one.declined.order) if one.declined is not None else None,
            one.revoked is not None,
            tuple((signed.event.signer, since(signed.order)) for signed in one.signatures),
            len(one.uses),
        )
        for one in case.agreements.values()
    )
    intakes = tuple(
        (
            fact.event.clinical_indication,
            fact.event.stable,
            fact.event.recommended,
            fact.event.roles_explained,
        )
        for fact in case.intakes
    )
    referrals = tuple(
        (
            *(one.to_practitioner, since(one.made.order), one.client_accepted),
            (one.answered.event.answer, since(one.answered.order)) if one.answered is not None else None,
            (one.concluded.event.stable, since(one.concluded.order)) if one.concluded is not None else None,
        )
        for one in case.referrals.values()
    )
    concerns = tuple(
        (
            *(one.engagement, since(one.raised.order)),
            (one.resolved.event.basis, since(one.resolved.order)) if one.resolved is not None else None,
        )
        for one in case.concerns.values()
    )
    releases = tuple(
        (one.granted.event.from_practitioner, one.revoked is None) for one in case.releases.values()
    )
    documents = tuple(sorted((name, len(filed)) for name, filed in case.documents.items()))
    return engagements, agreements, intakes, referrals, concerns, releases, documents, len(case.outside_care)
