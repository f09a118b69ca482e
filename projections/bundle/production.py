"""What of a client's file is produced: which entries are withheld and why, which sealed texts are revealed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.application import Ledger
from ledger.entry import Entry
from ledger.errors import InputError
from ledger.events.corrections import EntryCorrected
from ledger.history import Fact, History
from ledger.perspective import CLIENTS, Moment, Perspective
from ledger.storage.rows import Row
from ledger.values import Retraction
from projections.bundle.belonging import Belonging, Services
from projections.bundle.request import Request
from projections.bundle.sealed_texts import SealedText, SealedTexts
from projections.context import Context, context_of

LATER, AFTER, ASKED, WRONG_CLIENT, SCOPE, CORRECTS = (
    "later",
    "after",
    "asked",
    "wrong-client",
    "scope",
    "corrects",
)
"""On what ground an entry is withheld (docs/reference/bundle.md)."""
COUNTS_FOR_NOTHING = frozenset({LATER, AFTER, WRONG_CLIENT})
"""What is withheld on these grounds no reading as of that moment needs: it lies outside, or was taken back."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why an entry is not produced."""

    ground: str
    reason: str


@dataclass(slots=True)
class Production:
    """One client's file up to a log position, divided into what is produced and what is withheld."""

    request: Request
    when: Moment
    rows: Sequence[Row]
    withheld: Mapping[int, Withheld]
    texts: Sequence[SealedText]
    perspective: Perspective
    history: History
    context: Context
    services: Services
    texts_of: dict[int, list[SealedText]] = field(init=False)

    def __post_init__(self) -> None:
        self.texts_of = {}
        for text in self.texts:
            self.texts_of.setdefault(text.seq, []).append(text)

    @property
    def stream(self) -> str:
        """The client's stream."""
        return CLIENTS + self.request.client

    @property
    def produced(self) -> list[Row]:
        """The entries produced, by seq."""
        return [row for row in self.rows if row.seq not in self.withheld]

    @property
    def clear_texts(self) -> list[int]:
        """The entries produced that bear free text which nothing seals: the reason of an override."""
        facts = (*self.history.facts, *self.history.corrections, *self.history.retracted)
        return sorted(
            fact.seq
            for fact in facts
            if fact.entry.override is not None and fact.entry.override.reason is not None
        )

    @property
    def unread(self) -> set[int]:
        """What is withheld of the file as it stood at the moment asked about: what a reader may miss."""
        return {seq for seq, why in self.withheld.items() if why.ground not in COUNTS_FOR_NOTHING}


class Produced:
    """A ledger's rows without what is withheld of one stream: what a `Perspective` of the production reads."""

    def __init__(self, rows: Any, stream: str, withheld: Mapping[int, Withheld]) -> None:
        self._rows = rows
        self._stream = stream
        self._withheld = withheld

    def stream(self, stream: str, until: int | None) -> list[tuple[int, Entry[Any]]]:
        """One stream's entries with their log positions, by seq."""
        found: list[tuple[int, Entry[Any]]] = self._rows.stream(stream, until)
        if stream != self._stream:
            return found
        return [(position, entry) for position, entry in found if entry.seq not in self._withheld]

    def streams(
        self, prefix: str, until: int | None, between: tuple[str, str] | None = None
    ) -> Iterator[tuple[str, list[tuple[int, Entry[Any]]]]]:
        """Each stream that begins with a prefix (or lies in a range), one at a time."""
        yield from self._rows.streams(prefix, until, between)


def produce(ledger: Ledger, request: Request, until: int, sealed_at: str) -> Production:
    """What `request` asks for of the log up to position `until`, whose time is `sealed_at`.

    InputError for a client of whom nothing is recorded, an entry or a field that is not there; NoRightError where a
    text is to be revealed that the role in use may not read.
    """
    stream = CLIENTS + request.client
    rows = ledger.recorder.stream_rows(stream, until)
    when = _moment(ledger, request, until, sealed_at)
    whole = ledger.at(when)
    history = whole.history(request.client)
    facts = [*history.facts, *history.corrections, *history.retracted]
    if (
        request.as_of is None
    ):  # everything that was recorded belongs to the file, also what is dated ahead a little
        when = Moment(max([when.as_of, *(fact.at for fact in facts)]), when.known_at, when.until)
        whole = ledger.at(when)
    belonging = Belonging(history)
    withheld = _withheld(request, when, rows, history, belonging)
    _refuse_absent(request, rows, withheld)
    texts = SealedTexts(ledger, request, context_of(history), {fact.seq: fact for fact in facts})
    perspective = Perspective(Produced(ledger.entries, stream, withheld), when, ledger.calendar)
    remaining = perspective.history(request.client) if len(withheld) < len(rows) else History([])
    return Production(
        request=request,
        when=when,
        rows=rows,
        withheld=withheld,
        texts=texts.of([row for row in rows if row.seq not in withheld]),
        perspective=perspective,
        history=remaining,
        context=context_of(remaining),
        services=belonging.together(row.seq for row in rows if row.seq not in withheld),
    )


def _moment(ledger: Ledger, request: Request, until: int, sealed_at: str) -> Moment:
    when = ledger.moment(request.as_of or sealed_at, request.known_at)
    return Moment(when.as_of, when.known_at, until if when.until is None else min(when.until, until))


# -- entries ----------------------------------------------------------------------------------------------


def _withheld(
    request: Request, when: Moment, rows: Sequence[Row], history: History, belonging: Belonging
) -> dict[int, Withheld]:
    known = {fact.seq: fact for fact in (*history.facts, *history.corrections, *history.retracted)}
    wrong = {fact.seq for fact in history.retracted if _of_another_client(fact)}
    found: dict[int, Withheld] = {}
    for row in rows:
        fact = known.get(row.seq)
        if fact is None:
            found[row.seq] = Withheld(LATER, "recorded after the moment asked about")
        elif fact.at > when.as_of:
            found[row.seq] = Withheld(AFTER, "happened after the moment asked about")
        elif row.seq in request.withhold:
            found[row.seq] = Withheld(ASKED, request.withhold[row.seq])
        elif row.seq in wrong:
            found[row.seq] = Withheld(WRONG_CLIENT, "retracted: recorded for the wrong client")
        elif not belonging.within(row.seq, request.scope):
            found[row.seq] = Withheld(SCOPE, f"outside the scope of this production ({request.scope})")
    _with_corrections(found, history)
    return found


def _of_another_client(fact: Fact) -> bool:
    return any(one.event.retracted is Retraction.WRONG_CLIENT for one in fact.corrections)


def _with_corrections(found: dict[int, Withheld], history: History) -> None:
    """A correction tells what the corrected entry said, so it goes with it; that one was retracted tells nothing."""
    corrections = [fact for fact in (*history.corrections, *history.retracted) if _is_correction(fact)]
    for fact in sorted(corrections, key=lambda one: one.seq):  # a correction corrects what came before it
        target = found.get(fact.event.corrects)
        first = fact.entry.event
        bare = first.retracted is not None and fact.event.changes is None
        if target is None or fact.seq in found or (bare and target.ground == WRONG_CLIENT):
            continue
        ground = target.ground if target.ground in COUNTS_FOR_NOTHING else CORRECTS
        found[fact.seq] = Withheld(ground, f"corrects entry {fact.event.corrects}, which is withheld")


def _is_correction(fact: Fact) -> bool:
    return isinstance(fact.event, EntryCorrected)


def _refuse_absent(request: Request, rows: Sequence[Row], withheld: Mapping[int, Withheld]) -> None:
    """Whoever names an entry that is not there meant another one."""
    for option, seqs in (("--withhold", request.withhold), ("--redact", {seq for seq, _ in request.redact})):
        for seq in sorted(seqs):
            if seq > len(rows):
                raise InputError(
                    f"{option}: client {request.client} has {len(rows)} entries, there is no entry {seq}; "
                    f"see `timeline {request.client}`"
                )
    for seq, name in sorted(request.redact):
        if seq in withheld:
            raise InputError(
                f"--redact {seq}.{name}: entry {seq} is withheld as a whole ({withheld[seq].reason}); leave it out"
            )
