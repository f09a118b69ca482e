"""The words in which the audit speaks to a person (DESIGN section 4): what the record shows, never more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.rules.catalogue import BY_ID
from ledger.rules.rule import SERIOUS, Rule
from projections.dates import Dates
from projections.pages.markup import Html, el, joined
from projections.wording import STATUS

KINDS: Mapping[str, str] = {kind: kind for kind in ("gate", "violation", "obligation", "warning", "advice")}
"""Kinds in the order of their weight."""

OBLIGATIONS: Mapping[str, str] = {"overdue": "overdue", "open": "due", "late": "done late", "met": "met"}
"""How an obligation stands, most pressing first."""

REQUIREMENTS: Mapping[str, str] = {
    code: STATUS[code] for code in ("violated", "pending", "not-determinable", "satisfied", "not-applicable")
}
"""How a requirement of a transition stands, most pressing first."""

_CATALOGUE = {rule: position for position, rule in enumerate(BY_ID)}

OWN = "The practice itself"
"""Stands in the client's place for findings on the practice's own entries."""


def place(words: Mapping[str, str], code: object) -> int:
    """Where a code stands among its kind; an unknown one comes last."""
    return list(words).index(str(code)) if code in words else len(words)


def in_words(words: Mapping[str, str], code: object) -> str:
    """The word for a code; an unknown code stands for itself."""
    return words.get(str(code), str(code))


def rule_of(name: object) -> Rule | None:
    """A rule of the catalogue, if this program knows it."""
    return BY_ID.get(str(name))


def rule_place(name: object) -> int:
    """A rule's place in the catalogue; an unknown one comes last."""
    return _CATALOGUE.get(str(name), len(_CATALOGUE))


def title_of(name: object) -> str:
    """What a rule finds, in plain words."""
    rule = rule_of(name)
    return rule.title if rule is not None else "a rule that this program does not know"


def serious(finding: Mapping[str, Any]) -> bool:
    """Whether a finding spoils a verdict."""
    return finding["kind"] in SERIOUS


def obligation_serious(obligation: Mapping[str, Any]) -> bool:
    """Whether an obligation spoils a verdict: overdue, or done late where the rule says so."""
    rule = rule_of(obligation["rule"])
    late = obligation["status"] == "late" and rule is not None and rule.late in SERIOUS
    return late or bool(obligation["status"] == "overdue")


def obligation_pending(obligation: Mapping[str, Any]) -> bool:
    """Whether an obligation makes a verdict pending."""
    rule = rule_of(obligation["rule"])
    return rule is not None and rule.pending and obligation["status"] == "open"


@dataclass(frozen=True, slots=True)
class Tally:
    """What spoils a verdict, what is due, and what is only noted."""

    findings: int
    overdue: int
    due: int
    pending: int
    noted: int

    @classmethod
    def of(cls, findings: Iterable[Mapping[str, Any]], obligations: Iterable[Mapping[str, Any]]) -> "Tally":
        """Counts of some findings and obligations."""
        found, owed = list(findings), list(obligations)
        against = sum(map(serious, found))
        return cls(
            findings=against,
            overdue=sum(map(obligation_serious, owed)),
            due=sum(one["status"] == "open" for one in owed),
            pending=sum(map(obligation_pending, owed)),
            noted=len(found)
            - against
            + sum(one["status"] == "late" and not obligation_serious(one) for one in owed),
        )

    @property
    def not_shown(self) -> int:
        """Findings and obligations that spoil a verdict."""
        return self.findings + self.overdue

    def phrases(self) -> list[str]:
        """`requirements not shown: 2`, `due: 1`, `warnings and advice: 3`; or `no findings`."""
        counted = {
            "requirements not shown": self.not_shown,
            "due": self.due,
            "warnings and advice": self.noted,
        }
        said = [f"{words}: {count:,}" for words, count in counted.items() if count]
        return said if self.not_shown or self.pending or self.noted else ["no findings", *said]


def time(stated: object, dates: Dates) -> Html:
    """A stated time, with its exact form for programs; what is none is given as it is."""
    exact = str(stated)
    try:
        words = dates.column(exact)
    except (ValueError, OverflowError):
        words = exact
    return joined([words]) if words == exact else el("time", words, datetime=exact)


def moment(stamp: object, dates: Dates) -> str:
    """A moment asked about, in words; what is none is given as it is."""
    try:
        return dates.moment(str(stamp))
    except (ValueError, OverflowError):
        return str(stamp)


def references(entries: Iterable[Mapping[str, Any]]) -> Html:
    """The entries something rests on: `client/C-1 14, 17`, one line for each stream."""
    streams: dict[str, list[str]] = {}
    for entry in entries:
        streams.setdefault(str(entry["stream"]), []).append(str(entry["seq"]))
    lines = [f"{stream} {', '.join(numbers)}" for stream, numbers in streams.items()]
    return joined([*lines[:1], *(el("div", line) for line in lines[1:])])


def marks(finding: Mapping[str, Any]) -> list[str]:
    """How the judged entry got in, where it was not by an open gate."""
    marked = {"overridden": finding.get("overridden"), "as found": finding.get("as_found")}
    return [words for words, holds in marked.items() if holds]


def named(client: object) -> str:
    """A client's id, or words for the practice's own entries."""
    return OWN if client is None else str(client)


def several(values: Sequence[object]) -> str:
    """Values one after the other."""
    return ", ".join(map(str, values))
