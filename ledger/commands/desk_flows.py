"""The flows of the front desk: what each asks, in which order, and which facts come of it."""

from typing import Any

import click

from ledger.case import Engagement
from ledger.commands.desk_agreements import sign_and_open
from ledger.commands.desk_counter import Counter
from ledger.commands.options import sha256_of
from ledger.commands.session import Session
from ledger.errors import UsageError
from ledger.events.base import Event
from ledger.events.clients import ClientRegistered
from ledger.events.engagements import EngagementClosed, EngagementOpened, RecordFiled, SessionHeld
from ledger.events.intakes import IntakeCompleted
from ledger.filling.desk import comes_of_age, end_of_role, intake_at_hand, recommendation
from ledger.history import Fact
from ledger.values import Service

Given = dict[str, Any]


def register(ctx: click.Context, given: Given) -> None:
    """A new client, and the intake."""
    with Session.of(ctx).ledger() as ledger:
        counter = Counter.begin(ctx, ledger, given, None)
        known = counter.known
        client = given.get("client") or known.fresh_client()
        known.stream = f"client/{client}"
        fields: dict[str, Any] = {"client": client}
        for name, text in (("name", "The client's name"), ("date_of_birth", "Date of birth (1990-03-02)")):
            fields[name] = counter.field(ClientRegistered, name, text=text)
        fields["contact"] = counter.field(ClientRegistered, "contact", text="How to reach the client")
        fields["jurisdiction"] = counter.field(
            ClientRegistered, "jurisdiction", _usual_place(counter), text="Where the client lives (US-NC)"
        )
        of_age = comes_of_age(fields["date_of_birth"], known.day)
        if of_age is not None or given.get("minor_until"):
            fields["minor_until"] = counter.field(
                ClientRegistered, "minor_until", of_age, text="A minor; comes of age on", required=True
            )
        counter.visit.add(ClientRegistered, fields)
        if not given["no_intake"]:
            _add_intake(counter, client)
        counter.finish()


def _usual_place(counter: Counter) -> str | None:
    """The one place all licences of the practice are for, if there is just one."""
    places = {
        place
        for one in counter.known.internal()
        for licence in counter.known.practice.practitioner(one).licences
        for place in licence.event.jurisdictions
    }
    return places.pop() if len(places) == 1 else None


def _add_intake(
    counter: Counter, client: str, practitioner: str | None = None, service: str | None = None
) -> dict[str, Any]:
    ask = counter.field
    who = practitioner or counter.practitioner(IntakeCompleted, "practitioner", None, "Who took the intake")
    sought = ask(IntakeCompleted, "service_sought", service, text="What the client asks for")
    indication = ask(IntakeCompleted, "clinical_indication", text="Clinical concerns found")
    trauma = ask(IntakeCompleted, "wants_trauma_work", False, text="Wants to work on trauma")
    goals = ask(IntakeCompleted, "goal_focused", sought == "coaching", text="Focused on goals")
    stable = ask(IntakeCompleted, "stable", "not-assessed", text="Found stable")
    explained = ask(
        IntakeCompleted, "roles_explained", text="Was the difference of therapy and coaching explained"
    )
    likely = service or recommendation(sought, indication, trauma=trauma)
    fields = {
        "client": client,
        "practitioner": who,
        "service_sought": sought,
        "clinical_indication": indication,
        "stable": stable,
        "wants_trauma_work": trauma,
        "goal_focused": goals,
        "roles_explained": explained,
        "recommended": ask(IntakeCompleted, "recommended", likely, text="Recommended"),
        "rationale": ask(IntakeCompleted, "rationale", text="Why (sealed)"),
    }
    return counter.visit.add(IntakeCompleted, fields)


def client_of_visit(given: Given) -> str:
    """Whose visit it is; asked for if not given."""
    if given.get("client"):
        return str(given["client"])
    from ledger.commands.asking import Asking, Question

    answer: str = Asking(quiet=bool(given["yes"])).ask(Question("--client", "Which client (its id)"))
    return answer


def open_(ctx: click.Context, given: Given) -> None:
    """The agreement handed out and signed, the engagement opened."""
    with Session.of(ctx).ledger() as ledger:
        client = client_of_visit(given)
        counter = Counter.begin(ctx, ledger, given, client)
        waiting = intake_at_hand(counter.known, given.get("practitioner"), None)
        service, practitioner = _service_and_practitioner(counter, waiting)
        counter.refuse_early(service.value, practitioner)
        case = counter.known.case
        previous = case.previous(practitioner, counter.known.order) if case is not None else None
        changed = previous if previous is not None and previous.service is not service else None
        intake = given.get("intake") or (waiting.event.intake if waiting is not None else None)
        sign_and_open(counter, service, practitioner, intake, changed)
        counter.finish()


def _service_and_practitioner(counter: Counter, waiting: Fact | None) -> tuple[Service, str]:
    wanted = waiting.event.recommended.value if waiting is not None else None
    service = Service(
        counter.field(
            EngagementOpened,
            "service",
            wanted if wanted in ("therapy", "coaching") else None,
            text="Which service",
        )
    )
    taken_by = waiting.event.practitioner if waiting is not None else None
    if taken_by is not None and not counter.given.get("practitioner") and counter.asking.quiet:
        return service, taken_by
    practitioner = counter.practitioner(EngagementOpened, "practitioner", taken_by, "With which practitioner")
    return service, practitioner


def change_service(ctx: click.Context, given: Given) -> None:
    """From one role to the other with the same practitioner."""
    with Session.of(ctx).ledger() as ledger:
        client = client_of_visit(given)
        counter = Counter.begin(ctx, ledger, given, client)
        previous = _previous(counter)
        other = Service.COACHING if previous.service is Service.THERAPY else Service.THERAPY
        service = Service(given["service"] or other)
        if service is previous.service:
            raise UsageError(f"--to: {previous.id} was {service} already; `desk open` begins it anew")
        counter.refuse_early(service.value, previous.practitioner)
        mark = end_of_role(previous, counter.known)
        waiting = intake_at_hand(counter.known, previous.practitioner, mark or previous.opened)
        intake = given.get("intake") or (waiting.event.intake if waiting is not None else None)
        if intake is None:
            intake = _add_intake(counter, client, previous.practitioner, service.value)["intake"]
        sign_and_open(counter, service, previous.practitioner, intake, previous)
        counter.finish()


def _previous(counter: Counter) -> Engagement:
    """The engagement whose role changes: the latest of the practitioner, or of the client's only one."""
    case, order = counter.known.case, counter.known.order
    named = counter.given.get("practitioner")
    found = {}
    for one in case.engagements.values() if case is not None else ():
        if named is None or one.practitioner == named:
            previous = case.previous(one.practitioner, order) if case is not None else None
            if previous is not None:
                found[one.practitioner] = previous
    if not found:
        raise UsageError("the client has no engagement to change from; `desk open` begins the first")
    words = {who: f"{one.service} {one.id}, {one.state_at(order)}" for who, one in found.items()}
    return found[counter.one_of("--practitioner", "With which practitioner", words)]


def close(ctx: click.Context, given: Given) -> None:
    """An engagement ends."""
    with Session.of(ctx).ledger() as ledger:
        client = client_of_visit(given)
        counter = Counter.begin(ctx, ledger, given, client)
        fields = counter.answers(EngagementClosed) | {
            "client": client,
            "engagement": _engagement(counter, EngagementClosed),
            "reason": counter.field(EngagementClosed, "reason", text="Why it ends"),
        }
        met = fields["reason"] == "goals-met"
        fields["goals_met"] = counter.field(
            EngagementClosed, "goals_met", met or None, text="Were the goals met"
        )
        fields["stable"] = counter.field(EngagementClosed, "stable", text="Was the client found stable")
        fields["summary_sha256"] = counter.field(
            EngagementClosed, "summary_sha256", text="File with the closing summary"
        )
        fields["narrative"] = counter.field(EngagementClosed, "narrative", text="More about it (sealed)")
        counter.visit.add(EngagementClosed, fields)
        counter.finish()


def _engagement(counter: Counter, event_type: type[Event]) -> str:
    """The engagement given, the only one that fits, or one asked for."""
    given = counter.answers(event_type).get("engagement")
    if given is not None:
        return str(given)
    fitting = counter.known.engagements("running", "paused")
    if not fitting:
        raise UsageError("the client has no open engagement")
    found = {
        one.id: f"{one.service} with {one.practitioner}, {one.state_at(counter.known.order)}"
        for one in fitting
    }
    return counter.one_of("--engagement", "Which engagement", found)


def session(ctx: click.Context, given: Given) -> None:
    """A session held, and perhaps its note."""
    with Session.of(ctx).ledger() as ledger:
        client = client_of_visit(given)
        counter = Counter.begin(ctx, ledger, given, client)
        engagement = _engagement(counter, SessionHeld)
        case = counter.known.case
        before = [fact.event for fact in (case.sessions if case is not None else ())]
        last = before[-1].modality.value if before else None
        held = counter.visit.add(
            SessionHeld,
            counter.answers(SessionHeld)
            | {
                "client": client,
                "engagement": engagement,
                "modality": counter.field(SessionHeld, "modality", last, text="How it was held"),
                "purpose": counter.field(SessionHeld, "purpose", "service", text="What it was for"),
                "minutes": counter.field(SessionHeld, "minutes", 50, text="Minutes"),
            },
        )
        of = case.engagements.get(engagement) if case is not None else None
        _note(counter, held, of.service if of is not None else None)
        counter.finish()


def _note(counter: Counter, held: dict[str, Any], service: Service | None) -> None:
    """The session's note, if it is at hand."""
    given = counter.given.get("note_file")
    digest = sha256_of(given) if given is not None else None
    if digest is None:
        digest = counter.field(
            RecordFiled, "document_sha256", text="File with the session's note", required=False
        )
    if digest is None:
        return
    clinical = service is Service.THERAPY
    counter.visit.add(
        RecordFiled,
        {
            "client": held["client"],
            "engagement": held["engagement"],
            "session": held["session"],
            "document_sha256": digest,
            "kind": "progress-note" if clinical else "session-note",
            "record_set": counter.field(
                RecordFiled, "record_set", "clinical" if clinical else "coaching", text="Kept in which file"
            ),
            "contains_diagnosis": counter.field(
                RecordFiled, "contains_diagnosis", False, text="Does it contain a diagnosis"
            ),
        },
    )
