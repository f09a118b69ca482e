"""Short histories in a compact notation: the rules' examples, in the reference pages and in the tests.

    2024-01-08 therapy E1                              an opening with its papers: intake, agreement, signature
    2024-06-03 12:00 engagement-closed E1 stable=no    any fact, by the name of its `record` command
    2024-07-31 today                                   the day of the question (else: the last day told)

Lines stand in recording order: `DATE [TIME] verb words key=value`. A line without a time is known only to the day.
Words fill the required fields in order (the client is C-1 unless `client=` names another); what is left out has a
default. Lists are written a,b; `key=` means absent; `parameters.NAME=5` sets one of a mapping; any word may stand for
a `_sha256`. Every line takes `by=`, `source=`, `admitted=as-found`, `recorded@WHEN` and `override=WHO` with
`override.reason=` and `override.rules=`. `retract NAME` and `correct NAME field=value` name a line by its `source`.

`therapy E1` and `coaching E1` make I1, A1 and E1 at 09:00 (intake), 09:30 (agreement), 10:00 (signed) and 12:00; the
papers alone are `consent A1`, `contract A1` and `acknowledgement A1`. A key belongs to the last part, `with=P-2`, `by=`
and `admitted=` to all; `intake.stable=yes` sets a field of a part, `signed@2024-03-20` or `signed@12:00` moves it,
`no-intake` leaves it out, `intake=I7` takes another instead.

On stage from the start, unless told otherwise: P-1 and P-2 (of the practice, both services), P-9 (elsewhere, therapy),
all licensed for US-NC; the client C-1, living there; the recommended policy.
"""

import json
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from pydantic import ValidationError

from ledger.errors import InputError
from ledger.events.base import Event, FieldFacts, StreamFamily
from ledger.events.corrections import EntryCorrected
from ledger.rules.story_lines import Line, parameter, value
from ledger.rules.story_tables import COMPOSITES, DEFAULTS, PARTS, STAGE, VERBS

_TODAY = "today"
_CORRECTIONS = ("retract", "correct")
_OF_EVERY_LINE = ("by", "source", "admitted", "override", "override.reason", "override.rules")


@dataclass(frozen=True)
class Told:
    """A fact as told: an import line, and what only the ledger itself could add to it."""

    fact: dict[str, Any]
    recorded_at: str | None = None
    admitted: str | None = None
    override: dict[str, Any] | None = None


@dataclass(frozen=True)
class Story:
    """The facts in recording order, the stage's first, and the day of the question."""

    told: tuple[Told, ...]
    today: str


def tell(story: str) -> list[dict[str, Any]]:
    """The story as import lines, its stage included. InputError names the line that cannot be read."""
    return [told.fact for told in read(story).told]


def read(story: str) -> Story:
    """The story with what import lines cannot say. InputError names the line that cannot be read."""
    own = _heard(story)
    replaced = {_subject(told.fact) for told in own.told}
    kept = [told for told in _stage() if _subject(told.fact) not in replaced]
    last = max((told.fact["occurred_at"][:10] for told in (*kept, *own.told)), default="")
    return Story((*kept, *own.told), own.today or last)


@cache
def _stage() -> tuple[Told, ...]:
    return tuple(_heard(STAGE).told)


def _heard(text: str) -> "_Teller":
    teller = _Teller()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                teller.hear(Line.parse(line.strip()))
            except (InputError, ValueError) as problem:
                raise InputError(f"story line {number} ({line.strip()[:60]}): {problem}") from None
    return teller


def _subject(fact: dict[str, Any]) -> tuple[Any, ...]:
    return fact["type"], fact.get("practitioner"), fact.get("client")


class _Teller:
    """Tells line after line, numbering what is left unnamed and remembering sources."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.today = ""
        self._count: Counter[str] = Counter()
        self._sources: dict[str, type[Event]] = {}

    def hear(self, line: Line) -> None:
        """Tells what one line stands for."""
        if line.verb == _TODAY:
            self.today = line.day
        elif line.verb in COMPOSITES:
            self._composite(line)
        elif line.verb in _CORRECTIONS:
            self._correction(line)
        elif line.verb in VERBS:
            event_type = VERBS[line.verb]
            names = [name for name, facts in event_type.FACTS.items() if facts.required]
            if event_type.STREAM is StreamFamily.CLIENT and event_type.FACTS["client"].assigns is None:
                names.remove("client")
            if len(line.words) > len(names):
                raise InputError(f"expected at most {', '.join(names)}, came {' '.join(line.words)}")
            given = dict(zip(names, line.words, strict=False)) | line.given
            self._tell(event_type, line, line.time(line.day, line.hour), given)
        else:
            known = (*COMPOSITES, *_CORRECTIONS, _TODAY, *VERBS)
            raise InputError(f"expected {', '.join(known)}, came {line.verb}")

    def _composite(self, line: Line) -> None:
        composite = COMPOSITES[line.verb]
        *papers, main = composite.parts
        name, *without = line.words or [""]
        if not name.startswith(composite.prefix) or set(without) - {f"no-{paper}" for paper in papers}:
            expected = f"{composite.prefix}1 no-{' no-'.join(papers)}"
            raise InputError(f"expected {expected}, came {' '.join(line.words)}")
        frame = {"n": name[1:], "who": line.given.pop("with", "P-1"), "verb": line.verb}
        frame |= {"kind": composite.kind, "terms": composite.terms}
        left_out = {word.removeprefix("no-") for word in without}
        told = []
        for part in composite.parts:
            own = {key: text.format(**frame) for key, text in PARTS[part].fields.items()}
            if part == main:
                own |= dict.fromkeys(left_out & own.keys(), "")
            own |= _given_to(part, line.given, composite.parts)
            hour = line.hour if part == main and line.hour else PARTS[part].hour
            told.append((line.when(part, hour), part, own))
        absent = left_out | (set(papers) & set(line.given))
        absent |= {"signed"} if "agreement" in absent else set()
        for at, part, own in sorted(told, key=lambda one: one[0]):
            if part not in absent:
                self._tell(PARTS[part].event_type, line, at, own)

    def _correction(self, line: Line) -> None:
        target = self._sources.get(" ".join(line.words))
        if target is None:
            raise InputError(f"expected the source of an earlier line, came {' '.join(line.words)!r}")
        own = {key: line.given.pop(key) for key in _OF_EVERY_LINE if key in line.given}
        changes: dict[str, Any] = {}
        for key, text in line.given.items():
            if key != "occurred_at" and key not in target.FACTS:
                raise InputError(f"expected a field of {target.TOPIC}, came {key}")
            changes[key] = line.time(text, "") if key == "occurred_at" else value(target.FACTS[key], text)
        data = {"changes": changes} if line.verb == "correct" else {"retracted": "mistaken"}
        self._add(
            EntryCorrected,
            line,
            line.time(line.day, line.hour),
            {"corrects": line.words[0], "reason": "as told", **data},
            own,
        )

    def _tell(self, event_type: type[Event], line: Line, at: str, given: dict[str, str]) -> None:
        own = {key: given.pop(key) for key in _OF_EVERY_LINE if key in given}
        self._count[event_type.TOPIC] += 1
        data: dict[str, Any] = {}
        for name, facts in event_type.FACTS.items():
            if facts.mapping:
                named = [key for key in given if key.startswith(f"{name}.")]
                data[name] = {key.partition(".")[2]: parameter(given.pop(key)) for key in named}
            elif name in given:
                data[name] = value(facts, given.pop(name))
            elif facts.required:
                data[name] = value(facts, self._default(event_type, facts, at[:10]))
        if given:
            raise InputError(f"{event_type.TOPIC} has {', '.join(event_type.FACTS)}; came {', '.join(given)}")
        self._add(event_type, line, at, data, own)

    def _default(self, event_type: type[Event], facts: FieldFacts, day: str) -> str:
        count = self._count[event_type.TOPIC]
        text = DEFAULTS.get(f"{event_type.TOPIC}.{facts.name}", DEFAULTS.get(facts.name))
        if text is not None:
            return text.format(day=day)
        if facts.assigns is not None and facts.assigns.prefix:
            return f"{facts.assigns.prefix}{count}"
        if facts.refers_to is not None or facts.assigns is not None:
            raise InputError(f"{event_type.TOPIC} expects {facts.name}, came none")
        if facts.many:
            return ""
        if isinstance(facts.plain, type) and issubclass(facts.plain, Enum):
            return str(next(iter(facts.plain)).value)
        return "no" if facts.plain is bool else f"{facts.name} {count}"

    def _add(
        self, event_type: type[Event], line: Line, at: str, data: dict[str, Any], own: dict[str, str]
    ) -> None:
        data = {name: value for name, value in data.items() if value is not None}
        try:
            event_type.model_validate_json(json.dumps(data))
        except ValidationError as wrong:
            said = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors()]
            raise InputError(f"{event_type.TOPIC} {'; '.join(said)}") from None
        header = {"type": event_type.TOPIC, "occurred_at": at, "by": own.get("by", "front-desk")}
        if "source" in own:
            header["source"] = own["source"]
            self._sources[own["source"]] = event_type
        override = None
        if "override" in own:
            rules = own.get("override.rules", "ROLE-1").split(",")
            override = {
                "authorised_by": own["override"],
                "rules": rules,
                "reason": own.get("override.reason"),
            }
        recorded = (
            line.time(line.moved["recorded"], line.hour or "12:00") if "recorded" in line.moved else None
        )
        self.told.append(Told(header | data, recorded, own.get("admitted"), override))


def _given_to(part: str, given: dict[str, str], parts: tuple[str, ...]) -> dict[str, str]:
    """What a composite's line says of one part: its own keys, those of all, and to the last part the rest."""
    own = {}
    for key, text in given.items():
        owner, _, rest = key.partition(".")
        if rest and owner in parts:
            if owner == part:
                own[rest] = text
        elif part == parts[-1] or key in ("by", "admitted"):
            own[key] = text
    return own
