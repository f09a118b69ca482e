"""The front desk's counter: questions about facts, the plain summary, the last question, one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from ledger.application import Ledger
from ledger.commands import findings
from ledger.commands.alike import tell_before
from ledger.commands.asking import Asking, Question
from ledger.commands.fields import problem_with, question_for
from ledger.commands.options import values_of
from ledger.commands.recording import Recording
from ledger.commands.session import Session
from ledger.commands.showing import heading, say, say_wrapped
from ledger.commands.times import shown_time
from ledger.errors import FieldError
from ledger.events.base import Event
from ledger.events.clients import ClientRegistered
from ledger.events.engagements import EngagementOpened
from ledger.filling.desk import Visit
from ledger.filling.filling import Known
from ledger.holds import words

BEYOND_THE_VISIT = ("ROLE-1", "ROLE-8", "SCOPE-5", "LIC-1")
"""Gates that no further answer of the visit could open: told at once, before anything else is asked."""


@dataclass(slots=True)
class Counter:
    """One flow under way."""

    recording: Recording
    asking: Asking
    given: Mapping[str, Any]
    visit: Visit

    @classmethod
    def begin(
        cls, ctx: click.Context, ledger: Ledger, given: Mapping[str, Any], client: str | None
    ) -> "Counter":
        """At the counter with a client; None: a new one."""
        recording = Recording.begin(Session.of(ctx), ledger, given)
        known = recording.known(f"client/{client or ''}", new=client is None)
        if known.case is not None and known.case.holds_in_force:
            say_wrapped(f"{client}: {words(known.case.holds_in_force)}.", err=True)
        return cls(recording, Asking(quiet=bool(given["yes"])), given, Visit(known))

    @property
    def known(self) -> Known:
        """What is known of the client."""
        return self.visit.known

    @property
    def client(self) -> str:
        """Whose visit it is."""
        return self.known.stream.partition("/")[2]

    def answers(self, event_type: type[Event]) -> dict[str, Any]:
        """What was given as options for the fields of an event."""
        return values_of(event_type, {name: self.given.get(name) for name in _names(event_type)})

    def field(
        self,
        event_type: type[Event],
        name: str,
        default: Any = None,
        *,
        text: str | None = None,
        required: bool | None = None,
    ) -> Any:
        """A field's value: as given, else asked for."""
        given = self.answers(event_type).get(name)
        if given is not None:
            problem = problem_with(event_type, name, given)
            if problem is not None:
                raise FieldError(event_type.TOPIC, [f"{name}: {problem}"])
            return given
        shown = default
        if isinstance(default, bool):
            shown = "yes" if default else "no"
        question = question_for(event_type, name, str(shown) if shown is not None else None, text)
        if required is not None:
            question = _with(question, required=required)
        return self.asking.ask(question)

    def one_of(self, option: str, text: str, found: Mapping[str, str], default: str | None = None) -> str:
        """One of several things by id, each explained; unasked where there is only one."""
        if len(found) == 1:
            return next(iter(found))
        notes = tuple(f"{name}: {words}" for name, words in found.items())
        answer: str = self.asking.ask(Question(option, text, default, tuple(found), notes=notes))
        return answer

    def practitioner(self, event_type: type[Event], name: str, default: str | None, text: str) -> str:
        """One of the practice's own practitioners, or whoever is given."""
        given = self.answers(event_type).get(name)
        if given is not None:
            return str(given)
        found = {one: self.known.practice.practitioner(one).name() for one in self.known.internal()}
        if not found:
            answer: str = self.asking.ask(question_for(event_type, name, default, text))
            return answer
        return self.one_of("--" + name.replace("_", "-"), text, found, default if default in found else None)

    def refuse_early(self, service: str, practitioner: str) -> None:
        """Ends the flow at once where a gate stands that nothing in this visit can open."""
        if self.recording.override is not None:
            return
        fields: dict[str, Any] = {
            "client": self.client,
            "engagement": self.known.names.next_id(self.known.stream, "engagement", "E"),
            "practitioner": practitioner,
            "service": service,
            "focus": [],
            "jurisdiction": self.given.get("jurisdiction"),
        }
        probe = self.recording.statement(EngagementOpened, {k: v for k, v in fields.items() if v is not None})
        refused = self.recording.ledger.may([probe]).refused
        standing = [finding for finding in refused if finding.rule in BEYOND_THE_VISIT]
        if standing:
            if self.recording.as_json:
                from ledger.commands.session import print_json

                told = [findings.document(each, proposed=True) for each in standing]
                print_json({"recorded": [], "refused": told, "noted": False})
            else:
                findings.tell_refusal(f"{service} cannot begin now", standing, noted=False)
            raise click.exceptions.Exit(3)

    def finish(self) -> None:
        """Tells the whole visit, what the rules say of it, asks a last time, and records."""
        statements = [self.recording.statement(kind, fields) for kind, fields in self.visit.facts]
        answer = self.recording.ledger.may(statements)
        quiet = self.asking.quiet
        if not self.recording.as_json or not quiet:
            when = shown_time(self.recording.occurred_at, self.recording.zone)
            heading(f"To be recorded ({when}, by {self.recording.by}):", err=True)
            for number, sentence in enumerate(self.visit.sentences(told=not quiet), start=1):
                say_wrapped(f"{number}. {sentence}", "  ", err=True)
        registered = next((fields for kind, fields in self.visit.facts if kind is ClientRegistered), None)
        if not quiet and registered is not None:
            tell_before(self.recording.ledger, registered)
        if not quiet and (not answer.refused or self.recording.override is not None):
            for finding in (*answer.refused, *answer.remarks):
                say_wrapped(f"{finding.rule} ({finding.kind}): {finding.message}", "  ", err=True)
            if not self.asking.confirm("Is that right, and shall it be recorded?"):
                say("Nothing was recorded.", err=True)
                raise click.exceptions.Exit(130)
        self.recording.carry_out(statements)


def _names(event_type: type[Event]) -> list[str]:
    return [name for field in event_type.FACTS for name in (field, f"{field}_of")]


def _with(question: Question, *, required: bool) -> Question:
    from dataclasses import replace

    return replace(question, required=required)
