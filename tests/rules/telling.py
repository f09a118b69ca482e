"""Judging a story: entries made straight from the told facts, with no database in between."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from ledger import practice as practices
from ledger.case import Case
from ledger.entry import FIRST_PREV, Entry, Override, stream_of
from ledger.events.corrections import EntryCorrected
from ledger.events.registry import recordable
from ledger.history import Fact, read
from ledger.policy import Policy
from ledger.practice import Practice
from ledger.rules import story as stories
from ledger.rules.judge import Finding, Judgement, Obligation, healed, judge, policies_of
from ledger.values import Admission, Calendar, is_day, moment

Rows = dict[str, list[tuple[int, Entry[Any]]]]


def table(*rows: tuple[str, str, Any]) -> pytest.MarkDecorator:
    """Rows of what a story tells, the story, and what is expected of it."""
    return pytest.mark.parametrize(
        ("story", "expected"), [pytest.param(story, expected, id=tells) for tells, story, expected in rows]
    )


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one client's story, corrections applied, and of the story as first recorded."""

    judgement: Judgement
    as_recorded: Judgement
    practice: Practice

    def findings(self, rule: str) -> list[Finding]:
        return [one for one in self.judgement.findings if one.rule == rule]

    def obligations(self, rule: str) -> list[Obligation]:
        return [one for one in self.judgement.obligations if one.rule == rule]

    def kinds(self, rule: str) -> list[str]:
        """The kinds of a rule's findings, in effective order of what they are judged on."""
        return [one.kind.value for one in self.findings(rule)]

    def statuses(self, rule: str) -> list[str]:
        """How a rule's obligations stand."""
        return [one.status for one in self.obligations(rule)]

    def shown(self, rule: str, act: str = "EngagementOpened") -> list[str] | None:
        """What shows a rule's requirement at the last act of a type; None where it is not shown, or not judged."""
        facts = [fact for fact in self.case.facts if fact.entry.type == act]
        for known, ruling in self.judgement.rulings.get(facts[-1].seq, []):
            if known.id == rule and ruling.kind is None:
                return [name(fact) for fact in ruling.entries]
        return None

    def rests_on(self, rule: str) -> list[str]:
        """The entries that a rule's only finding rests on, the judged one first."""
        (finding,) = self.findings(rule)
        return [name(fact) for fact in finding.entries]

    def says(self, rule: str) -> str:
        """The messages of a rule's findings."""
        return "; ".join(one.message for one in self.findings(rule))

    @property
    def case(self) -> Case:
        """The client's case."""
        if self.judgement.case is None:
            raise LookupError("the practice has no case")
        return self.judgement.case

    def breaks(self, rule: str) -> bool:
        """Whether a rule finds something: a finding, or an obligation overdue or done late."""
        return bool(self.findings(rule)) or any(one in ("overdue", "late") for one in self.statuses(rule))


_NAMING = (
    "session",
    "agreement",
    "intake",
    "referral",
    "concern",
    "disclosure",
    "release",
    "licence",
    "client",
)


def name(fact: Fact) -> str:
    """An entry's type and the id in it that says most: `EngagementClosed E1`, `AgreementSigned A2`."""
    of_engagement = fact.entry.type.startswith("Engagement") and fact.entry.type != "EngagementRenewed"
    keys = ("engagement", *_NAMING) if of_engagement else _NAMING
    return (
        f"{fact.entry.type} {next((str(own) for key in keys if (own := getattr(fact.event, key, None))), '')}"
    )


def judge_story(
    story: str,
    *,
    client: str = "C-1",
    as_of: str | None = None,
    admitted: str = "enforced",
    time_zone: str = "UTC",
    policy: Policy | None = None,
) -> Verdict:
    """The verdict on one client of a story, at the end of its last day unless `as_of` says otherwise."""
    told = stories.read(story)
    calendar = Calendar(time_zone)
    rows = entries(told.told, admitted)
    at = moment(as_of) if as_of is not None else told.today
    at = calendar.end_of(at) if is_day(at) else at

    def reading(corrected: bool) -> tuple[Judgement, Practice]:
        practice = practices.fold(
            (
                fact
                for stream, own in rows.items()
                if not stream.startswith("client/")
                for fact in read(own, calendar, corrected=corrected).as_of(at).facts
            ),
            calendar,
        )
        history = read(rows[f"client/{client}"], calendar, corrected=corrected)
        return judge(client, history, practice, policies_of(practice, policy), at), practice

    as_recorded, _ = reading(corrected=False)
    judgement, practice = reading(corrected=True)
    history = read(rows[f"client/{client}"], calendar)
    judgement.findings += healed(as_recorded, judgement, history)
    return Verdict(judgement, as_recorded, practice)


def entries(told: Iterable[stories.Told], admitted: str) -> Rows:
    """Each fact recorded when it happened, or with the line before it where that was recorded later."""
    rows: Rows = defaultdict(list)
    sources: dict[str, tuple[str, int]] = {}
    clock = ""
    for position, one in enumerate(told, 1):
        data = dict(one.fact)
        event_type, occurred_at = recordable(data.pop("type")), moment(data.pop("occurred_at"))
        by, source = data.pop("by"), data.pop("source", None)
        stream = None
        if event_type is EntryCorrected:
            stream, data["corrects"] = sources[data["corrects"]]
        event = _event(event_type, json.dumps(data))
        stream = stream or stream_of(event)
        stated = moment(one.recorded_at) if one.recorded_at else occurred_at
        stated = f"{stated}T00:00:00.000000Z" if is_day(stated) else stated
        clock = max(clock, stated)
        entry = Entry[Any](
            admitted=Admission(one.admitted or ("override" if one.override else admitted)),
            recorded_at=stated if one.recorded_at else clock,
            by=by,
            event=event,
            occurred_at=occurred_at,
            override=Override.model_validate_json(json.dumps(one.override)) if one.override else None,
            prev=FIRST_PREV,
            schema_version=1,
            seq=len(rows[stream]) + 1,
            source=source,
            stream=stream,
            type=event_type.TOPIC,
            via="a test",
        )
        rows[stream].append((position, entry))
        if source is not None:
            sources[source] = (stream, entry.seq)
    return rows


@cache
def _event(event_type: Any, text: str) -> Any:
    return event_type.model_validate_json(text)
