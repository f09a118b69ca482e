"""A client's entries in effective order, in sentences, with what a reader should notice about each.

Originals stay visible: a corrected entry gives what it said first and what it says now, a retracted one is
listed and marked (DESIGN section 5).
"""

from dataclasses import dataclass
from typing import Any

from ledger.application import Ledger
from ledger.history import HEADER_FIELDS, Fact, History
from ledger.holds import in_force
from ledger.perspective import CLIENTS, Moment, Perspective
from ledger.rules.catalogue import DEFAULTS
from ledger.values import Admission, is_day
from projections.context import Context, context_of
from projections.dates import Dates
from projections.sentences import first_sentence, sentence
from projections.texts import Texts, is_sealed


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry, as a correction found it and left it."""

    field: str
    was: Any
    now: Any
    by: Fact


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a reader meets it. `said` is its first sentence where corrections changed it."""

    fact: Fact
    sentence: str
    marks: tuple[str, ...]
    said: str | None
    changes: tuple[Change, ...]
    retracted_by: Fact | None
    texts: dict[str, str]

    def document(self, context: Context) -> dict[str, Any]:
        """As JSON values."""
        entry = self.fact.entry
        return {
            "stream": entry.stream,
            "seq": entry.seq,
            "type": entry.type,
            "occurred_at": self.fact.occurred_at,
            "effective_at": self.fact.at,
            "recorded_at": entry.recorded_at,
            "by": self.fact.by,
            "admitted": entry.admitted.value,
            "override": entry.override.model_dump(mode="json") if entry.override is not None else None,
            "source": entry.source,
            "marks": list(self.marks),
            "sentence": self.sentence,
            "said": self.said,
            "changes": [
                {
                    "field": change.field,
                    "was": _plain(self.fact, change.field, change.was, context),
                    "now": _plain(self.fact, change.field, change.now, context),
                    "corrected_by": {"stream": change.by.stream, "seq": change.by.seq},
                }
                for change in self.changes
            ],
            "retracted_by": (
                {"stream": self.retracted_by.stream, "seq": self.retracted_by.seq}
                if self.retracted_by is not None
                else None
            ),
            "data": event_document(self.fact.event, context) | self.texts,
        }


class Timeline:
    """The lines of one client at one moment."""

    def __init__(
        self,
        perspective: Perspective,
        history: History,
        dates: Dates,
        texts: Texts,
    ) -> None:
        self.context = context_of(history)
        self._perspective = perspective
        self._dates = dates
        self._texts = texts
        self._retracted = {fact.seq for fact in history.retracted}
        as_of = perspective.when.as_of
        self.holds = in_force(history.as_of(as_of).facts)
        """How many legal holds stand."""
        self.facts = sorted(
            (fact for fact in (*history.facts, *history.corrections, *history.retracted) if fact.at <= as_of),
            key=lambda fact: fact.order,
        )

    @property
    def lines(self) -> list[Line]:
        """Every entry, corrections and retracted ones among them."""
        return [self.line(fact) for fact in self.facts]

    def line(self, fact: Fact) -> Line:
        """One entry with its marks."""
        changes = tuple(changes_of(fact))
        retracted_by = next(
            (one for one in reversed(fact.corrections) if one.event.retracted is not None), None
        )
        said = first_sentence(fact.entry, self.context, self._dates)
        now = sentence(fact, self.context, self._dates)
        return Line(
            fact=fact,
            sentence=now,
            marks=tuple(self._marks(fact, changes)),
            said=said if said != now else None,
            changes=changes,
            retracted_by=retracted_by if fact.seq in self._retracted else None,
            texts=self._texts.fields(fact.event, self.context),
        )

    def _marks(self, fact: Fact, changes: tuple[Change, ...]) -> list[str]:
        entry = fact.entry
        found = []
        if fact.seq in self._retracted:
            found.append("retracted")
        elif changes:
            found.append("corrected")
        if entry.override is not None:
            found.append("overridden")
        if entry.admitted is Admission.AS_FOUND:
            found.append("as found")
        elif self._late(fact):
            found.append("late")
        if is_day(fact.occurred_at):
            found.append("day only")
        return found

    def _late(self, fact: Fact) -> bool:
        """Recorded later than the policy of that moment allows (TIME-1's parameter, adopted or not)."""
        parameters = self._perspective.policies.at(fact.order).parameters
        allowed = parameters.get("late_entry_days", DEFAULTS["late_entry_days"])
        return self._dates.days_late(fact.occurred_at, fact.entry.recorded_at) > int(allowed)  # type: ignore[arg-type]


def timeline(ledger: Ledger, client: str, when: Moment, dates: Dates, *, reveal: bool = False) -> Timeline:
    """A client's timeline. InputError if nothing is recorded of this client then."""
    perspective = ledger.at(when)
    texts = Texts(ledger, CLIENTS + client, reveal=reveal)
    return Timeline(perspective, perspective.history(client), dates, texts)


def document(client: str, found: Timeline, when: Moment) -> dict[str, Any]:
    """A timeline as JSON values."""
    return {
        "client": client,
        "as_of": when.as_of,
        "known_at": when.known_at,
        "holds": found.holds,
        "entries": [line.document(found.context) for line in found.lines],
    }


def changes_of(fact: Fact) -> list[Change]:
    """What the corrections standing on an entry changed, in the order they were recorded."""
    first = {name: getattr(fact.entry, name) for name in HEADER_FIELDS}
    first |= {name: getattr(fact.entry.event, name) for name in type(fact.entry.event).FACTS}
    now = dict(first)
    changes = []
    for correction in fact.corrections:
        for name, value in (correction.event.changes or {}).items():
            changes.append(Change(name, now.get(name), value, correction))
            now[name] = value
    return changes


def event_document(event: Any, context: Context) -> dict[str, Any]:
    """An event's coded fields, with the sealed ones by their domain."""
    data: dict[str, Any] = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    for name in type(event).SEALED:
        if name in data:
            data[name] = f"sealed: {context.domain(event, name)}"
    if isinstance(data.get("changes"), dict):
        target = context.entries.get(event.corrects)
        data["changes"] = {
            name: _plain(target, name, value, context) for name, value in data["changes"].items()
        }
    return data


def _plain(fact: Fact | None, name: str, value: Any, context: Context) -> Any:
    """A value as JSON; what is sealed stays so."""
    if is_sealed(value):
        return f"sealed: {context.domain(fact.entry.event, name) if fact is not None else 'practice'}"
    if isinstance(value, tuple):
        return [str(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(fact, key, one, context) for key, one in value.items()}
    return str(value) if isinstance(value, str) else value
