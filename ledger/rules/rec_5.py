"""REC-5: a session without a note."""

from collections.abc import Iterator

from ledger.history import Fact
from ledger.policy import Parameter
from ledger.rules.rule import Due, Example, Kind, Rule, View
from ledger.values import Service, later


def due(view: View) -> Iterator[Due]:
    """Each session of the services named has a record that names it."""
    noted: dict[str, Fact] = {}
    for record in view.case.records:
        if record.event.session is not None:
            noted.setdefault(record.event.session, record)
    for held in view.case.sessions:
        engagement = view.case.engagements.get(held.event.engagement)
        if engagement is None or engagement.service not in view.codes("session_note_services", held.order):
            continue
        note, day = noted.get(held.event.session), view.day(held)
        yield Due(
            cause=held,
            due=later(day, view.number("session_note_days", held.order)),
            message=f"session {held.event.session} of {engagement.id}: expected a note that names it",
            engagement=engagement.id,
            practitioner=engagement.practitioner,
            met_on=max(day, view.day(note)) if note is not None else None,
            met_by=(note,) if note is not None else (),
        )


RULE = Rule(
    id="REC-5",
    title="A session has no note",
    kind=Kind.OBLIGATION,
    adopted=True,
    why="Notes written late, or never, are the first thing an examiner asks about.",
    sources=("Guide, Document Separately",),
    due=due,
    parameters=(
        Parameter(
            "session_note_services",
            ("therapy",),
            "Services whose sessions need a note.",
            codes=tuple(service.value for service in Service),
        ),
        Parameter("session_note_days", 7, "Days within which a session has its note."),
    ),
    exceptions="Counts once overdue.",
    allowed=(
        Example(
            "The note is filed on the seventh day",
            """
            2024-01-08 therapy E1
            2024-01-15 session-held E1 S1
            2024-01-22 record-filed E1 clinical session=S1
            """,
        ),
        Example(
            "Coaching sessions need none, unless the practice says so",
            """
            2024-01-08 coaching E1
            2024-01-15 session-held E1 S1
            2024-02-29 today
            """,
        ),
    ),
    denied=(
        Example(
            "No note by the eighth day",
            """
            2024-01-08 therapy E1
            2024-01-15 session-held E1 S1
            2024-01-23 today
            """,
        ),
        Example(
            "The note filed is about another session",
            """
            2024-01-08 therapy E1
            2024-01-15 session-held E1 S1
            2024-01-16 session-held E1 S2
            2024-01-16 record-filed E1 clinical session=S2
            2024-01-31 today
            """,
        ),
    ),
)
