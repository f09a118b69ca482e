"""May these entries be recorded? References, corrections, gates; decided on the history with and without them.

DESIGN section 4: an entry is refused only for a new gate finding judged on that entry itself. What it raises on
earlier entries is told and never refuses it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ledger.case import Case
from ledger.entry import FIRST_PREV, Entry, Override, client_of
from ledger.errors import FieldError, InputError, NotDueError
from ledger.events.base import Event
from ledger.events.clients import HoldReleased, KeysDestroyed
from ledger.events.corrections import EntryCorrected
from ledger.events.ledger import EntryRefused
from ledger.events.practice import PolicyAdopted
from ledger.events.practitioners import LicenceStatusChanged
from ledger.history import Fact, History, read
from ledger.perspective import CLIENTS, Perspective
from ledger.recording.correcting import canonical_changes, refuse_bare_texts, target_of
from ledger.recording.names import Names, assigned
from ledger.recording.sealer import Head, Sealed, Sealer, subject_of
from ledger.recording.statement import Statement, own_statement
from ledger.retention import Terms, kept
from ledger.rules.catalogue import check_policy
from ledger.rules.judge import Finding, judge, refuses
from ledger.values import Admission, Domain

DecodedRows = list[tuple[int, Entry[Any]]]


@dataclass(slots=True)
class Draft:
    """A statement on its way in: the stream and seq it would get, and the entry it corrects, if any."""

    statement: Statement
    stream: str = ""
    seq: int = 0
    entry: Entry[Any] | None = None
    corrected: Entry[Any] | None = None
    corrected_now: Event | None = None

    @property
    def subject(self) -> str:
        """The stream of whom it speaks: the client's, also where a practitioner's entry is about a client."""
        return subject_of(self.statement.fields, self.stream)


@dataclass(slots=True)
class Standing:
    """What a decision rests on: the practice's own streams and names, and the log position read up to.

    `read` gives a stream as stored now: its entries, and its head (the last seq and leaf hash).
    """

    read: Callable[[str], tuple[DecodedRows, Head]]
    own: dict[str, DecodedRows]
    own_names: Names
    perspective: Perspective
    position: int
    recorded_at: str


class Admitting:
    """The decision on some drafts together. InputError at once for what is no fact the ledger can take."""

    def __init__(self, standing: Standing, statements: Sequence[Statement]) -> None:
        self.standing = standing
        self._streams: dict[str, DecodedRows] = {}
        self._heads: dict[str, Head] = {}
        self._names = Names(beside=standing.own_names)
        self._known: set[str] = set(standing.own)
        self.drafts = [Draft(one) for one in statements]
        for draft in self.drafts:
            self._place(draft)
        self._check_names()
        self.refused: list[Finding] = []
        self.remarks: list[Finding] = []
        self.raised: list[Finding] = []
        self._cases: dict[str, Case] = {}
        for stream in dict.fromkeys(draft.stream for draft in self.drafts):
            self._judge(stream)
        self._early = dict(self._before_their_day())

    # -- placing -----------------------------------------------------------------------------------------

    def rows(self, stream: str) -> DecodedRows:
        """A stream's entries as stored, read once per decision."""
        if stream not in self._streams:
            own = None if stream.startswith(CLIENTS) else self.standing.own.get(stream, [])
            if own is None:
                self._streams[stream], self._heads[stream] = self.standing.read(stream)
            else:
                self._streams[stream] = own
        return self._streams[stream]

    def drafted(self, stream: str) -> list[Draft]:
        """The drafts of a stream that are placed already."""
        return [draft for draft in self.drafts if draft.entry is not None and draft.stream == stream]

    def _place(self, draft: Draft) -> None:
        one = draft.statement
        if one.stream is None:
            raise InputError(f"corrects: give the seq and the client of the entry, came {_corrects(one)}")
        draft.stream = one.stream
        draft.seq = len(self.rows(draft.stream)) + len(self.drafted(draft.stream)) + 1
        event = one.event
        if isinstance(event, PolicyAdopted):
            check_policy(event)
        if isinstance(event, EntryCorrected):
            self._check_correction(draft, event)
        draft.entry = _provisional(draft, self.standing.recorded_at)

    def _check_correction(self, draft: Draft, event: EntryCorrected) -> None:
        rows = [
            *self.rows(draft.stream),
            *((0, before.entry) for before in self.drafted(draft.stream) if before.entry),
        ]

        def find(seq: int) -> Entry[Any] | None:
            return rows[seq - 1][1] if seq <= len(rows) else None

        target = target_of(event, draft.stream, draft.seq, find)
        draft.corrected = target
        history = read(rows, self.standing.perspective.calendar)
        facts = [*history.facts, *history.corrections, *history.retracted]
        now = next((fact.event for fact in facts if fact.seq == target.seq), target.event)
        draft.corrected_now = now
        if event.changes is not None:
            refuse_bare_texts(event.changes, target, find)
            changes, draft.corrected_now = canonical_changes(target, event.changes, now)
            if isinstance(draft.corrected_now, PolicyAdopted):
                check_policy(draft.corrected_now)
            fields = {**draft.statement.fields, "changes": changes}
            event = event.model_copy(update={"changes": changes})
            draft.statement = draft.statement._replace(event=event, fields=fields)
        try:
            read(
                [*rows, (0, _provisional(draft, self.standing.recorded_at))],
                self.standing.perspective.calendar,
            )
        except ValidationError as wrong:
            problems = [f"changes: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors()]
            raise FieldError("EntryCorrected", problems) from None

    # -- names -------------------------------------------------------------------------------------------

    def names(self, streams: Iterable[str]) -> Names:
        """The ids recorded in these streams and in the practice."""
        for stream in streams:
            if stream not in self._known:
                self._known.add(stream)
                self._names.learn((entry.event, stream) for _, entry in self.rows(stream))
        return self._names

    def _check_names(self) -> None:
        names = self.names(draft.stream for draft in self.drafts)
        for draft in self.drafts:
            for client in _clients_named(draft):
                if found := self.rows(CLIENTS + client):
                    names.learn((entry.event, CLIENTS + client) for _, entry in found[:1])
        given = [assigned(draft.statement.event, draft.stream) for draft in self.drafts]
        for index, draft in enumerate(self.drafts):
            others = [one[0] for at, one in enumerate(given) if one is not None and at != index]
            event = draft.corrected_now if draft.corrected_now is not None else draft.statement.event
            if draft.corrected_now is None:
                mine = given[index]
                if mine is not None and not mine[1] and mine[0] in others:
                    names.known.add(mine[0])
                names.check(event, draft.stream, others)
            else:
                names.check_references(event, draft.stream, others)

    # -- judging -----------------------------------------------------------------------------------------

    def _judge(self, stream: str) -> None:
        calendar = self.standing.perspective.calendar
        stored = self.rows(stream)
        drafts = self.drafted(stream)
        position = self.standing.position
        proposed = [
            (position + 1 + self.drafts.index(draft), draft.entry)
            for draft in drafts
            if draft.entry is not None
        ]
        after = read([*stored, *proposed], calendar)
        refs = {(stream, draft.seq) for draft in drafts}
        at_the_end = (
            not any(draft.corrected is not None for draft in drafts)
            and {fact.ref for fact in after.facts[-len(refs) :]} == refs
        )
        judged = self._judged(stream, after, None if not at_the_end else refs)
        on_proposed = [finding for finding in judged if finding.judged.ref in refs]
        self.refused += [finding for finding in on_proposed if refuses(finding)]
        self.remarks += [finding for finding in on_proposed if not refuses(finding)]
        if not at_the_end:
            before = {finding.key for finding in self._judged(stream, read(stored, calendar), None)}
            self.raised += [
                finding for finding in judged if finding.judged.ref not in refs and finding.key not in before
            ]

    def _judged(self, stream: str, history: History, only: set[tuple[str, int]] | None) -> list[Finding]:
        perspective = self.standing.perspective
        judgement = judge(
            client_of(stream),
            history,
            perspective.practice,
            perspective.policies,
            perspective.when.as_of,
            only=only,
        )
        if judgement.case is not None:
            self._cases[stream] = judgement.case
        return judgement.findings

    def case(self, stream: str) -> Case | None:
        """A client's case as it would be with the drafts."""
        return self._cases.get(stream)

    def releases(self) -> Iterator[tuple[Fact, Case]]:
        """The drafts that release a hold, as they would be read, each with its client's case."""
        for draft in self.drafts:
            case = self._cases.get(draft.stream)
            if isinstance(draft.statement.event, HoldReleased) and case is not None:
                yield from ((fact, case) for fact in case.holds if fact.seq == draft.seq)

    def _before_their_day(self) -> Iterator[tuple[int, NotDueError]]:
        """The drafts that would destroy keys whose texts are still to be kept. HeldError under a legal hold."""
        standing = self.standing
        perspective, now = standing.perspective, standing.recorded_at
        for index, draft in enumerate(self.drafts):
            case = self._cases.get(draft.stream)
            if not isinstance(draft.statement.event, KeysDestroyed) or case is None:
                continue
            found = kept(case)
            found.refuse_held()
            terms = Terms.of(perspective.policies.at((now, standing.position)))
            why = found.why_not(terms, perspective.calendar.day_of(now))
            if why is not None:
                yield index, NotDueError(case.client, why)

    def index_of(self, finding: Finding) -> int:
        """Which draft a finding is judged on."""
        return next(
            index
            for index, draft in enumerate(self.drafts)
            if (draft.stream, draft.seq) == finding.judged.ref
        )

    def refusals(self, recorded_at: str) -> Iterator[Statement]:
        """What the ledger notes of the refused drafts."""
        rules: dict[int, list[str]] = {}
        for finding in self.refused:
            rules.setdefault(self.index_of(finding), []).append(finding.rule)
        for index, against in rules.items():
            one = self.drafts[index].statement
            yield refusal_statement(one.event, one.by, against, recorded_at)

    @property
    def reaches_back(self) -> bool:
        """Whether an entry of the practice may change what the rules say of clients' earlier entries."""
        return any(
            not draft.stream.startswith(CLIENTS)
            and (
                isinstance(draft.statement.event, EntryCorrected | LicenceStatusChanged)
                or draft.statement.occurred_at < self.standing.recorded_at[: len("2026-03-02")]
            )
            for draft in self.drafts
        )

    # -- sealing -----------------------------------------------------------------------------------------

    def seal(self, sealer: Sealer, override: Override | None) -> list[Sealed]:
        """The drafts as sealed entries; those a gate refuses carry the override, and those before their day.

        NotDueError for a destruction of keys before its day without an override; no rule is named for it.
        """
        if override is None:
            for early in self._early.values():
                raise early
        rules: dict[int, list[str]] = {}
        for finding in self.refused:
            rules.setdefault(self.index_of(finding), []).append(finding.rule)
        sealed = []
        for index, draft in enumerate(self.drafts):
            against = tuple(dict.fromkeys(rules.get(index, ())))
            given = None
            if override is not None and (against or index in self._early):
                given = override.model_copy(update={"rules": against})
            one = sealer.seal(
                draft.statement,
                draft.stream,
                (draft.seq - 1, self._head(draft.stream)[1]),  # as decided: a seq taken meanwhile is refused
                recorded_at=self.standing.recorded_at,
                admitted=Admission.OVERRIDE if given is not None else Admission.ENFORCED,
                override=given,
                service=self._service(draft),
                corrected=type(draft.corrected.event) if draft.corrected is not None else None,
            )
            self._heads[draft.stream] = (draft.seq, one.leaf)
            sealed.append(one)
        return sealed

    def _head(self, stream: str) -> Head:
        if stream not in self._heads:
            self._heads[stream] = self.standing.read(stream)[1]
        return self._heads[stream]

    def _service(self, draft: Draft) -> Domain | None:
        event = draft.statement.event if draft.corrected is None else draft.corrected.event
        return service_of(event, self._cases.get(draft.stream))


def service_of(event: Event, case: Case | None) -> Domain | None:
    """The domain of the service an entry belongs to: its engagement's, else what the entry itself says."""
    name = getattr(event, "engagement", None)
    if name is None and hasattr(event, "concern") and case is not None and event.concern in case.concerns:
        name = case.concerns[event.concern].engagement
    engagement = case.engagements.get(name) if case is not None and name is not None else None
    if engagement is not None:
        return Domain(engagement.service.value)
    own = getattr(event, "own_domain", None)
    if own is not None:
        domain: Domain = own()
        return domain
    return None


def refusal_statement(event: Event, by: str, rules: Sequence[str], recorded_at: str) -> Statement:
    """The ledger's own entry that says what a gate refused."""
    fields: dict[str, Any] = {"type": type(event).TOPIC, "rules": list(dict.fromkeys(rules)), "by": by}
    client = getattr(event, "client", None)
    if client is not None:
        fields["client"] = client
    return own_statement(EntryRefused, fields, recorded_at, by)


def _provisional(draft: Draft, recorded_at: str) -> Entry[Any]:
    """The entry as it would be read back, but for its sealed form and chain."""
    one = draft.statement
    return Entry.model_construct(
        admitted=Admission.ENFORCED,
        recorded_at=recorded_at,
        by=one.by,
        event=one.event,
        occurred_at=one.occurred_at,
        override=None,
        prev=FIRST_PREV,
        schema_version=type(one.event).VERSION,
        seq=draft.seq,
        source=one.source,
        stream=draft.stream,
        type=one.type,
        via="",
    )


def _clients_named(draft: Draft) -> list[str]:
    """The clients that an entry names, as stated and as corrected."""
    events = (draft.statement.event, draft.corrected_now)
    named = [getattr(event, name, None) for event in events for name in ("client", "other")]
    return [name for name in dict.fromkeys(named) if name is not None]


def _corrects(one: Statement) -> str:
    return repr(one.fields.get("corrects"))[:60]
