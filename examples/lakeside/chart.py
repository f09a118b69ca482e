"""One client's chart as a careful practice keeps it: notes within days, reassessments in time.

A story calls `therapy` or `coaching` for the ordinary way in (intake, agreement, opening), `sessions` for a
run of appointments, `close` for the way out, and writes by hand only what makes the story.
"""

from collections import Counter

from examples.lakeside.journal import Journal, Line, days_between, later, next_working_day, sha256
from examples.lakeside.papers import Papers
from examples.lakeside.practice import CONSENT_PRIVATE, CONTRACT, ROLE_CHANGE, actor_of

REASSESS_WITHIN_DAYS = 85  # of the 90 that the policy allows
NOTE_AFTER_DAYS = (0, 1, 0, 2)  # from a session to its note
REVIEWED = (
    "Went through the goals together; this is still the right kind of help.",
    "Asked what has changed and what is missing; the client wants to go on as agreed.",
    "Looked at whether the other service would serve better now; not at present.",
)


def note_time(session: str, number: int) -> str:
    """When the note of a client's n-th session is written: that evening, or a working morning after."""
    days = NOTE_AFTER_DAYS[number % len(NOTE_AFTER_DAYS)]
    if days == 0:
        return later(session, minutes=75)
    morning = f"{session[:10]} 08:{10 + number % 40}"
    return next_working_day(later(morning, days=days))


class Chart(Papers):
    """Writes one client's engagements, sessions and records into the journal."""

    def __init__(self, journal: Journal, client: str) -> None:
        super().__init__(journal, client)
        self._practitioner: dict[str, str] = {}
        self._service: dict[str, str] = {}
        self._reviewed: dict[str, str] = {}  # engagement -> when it was opened, resumed or reassessed last
        self._filed: Counter[str] = Counter()

    def open(
        self,
        when: str,
        who: str,
        service: str,
        *,
        intake: str,
        agreement: str,
        focus: list[str],
        unit: str | None = None,
    ) -> str:
        """An engagement begins."""
        engagement = self.new_id("E")
        self._practitioner[engagement] = who
        self._service[engagement] = service
        self._reviewed[engagement] = when
        self.write(
            "EngagementOpened",
            when,
            engagement=engagement,
            practitioner=who,
            service=service,
            intake=intake,
            agreement=agreement,
            unit=unit,
            focus=focus,
        )
        return engagement

    def therapy(
        self,
        when: str,
        who: str,
        indication: str,
        rationale: str,
        focus: list[str],
        *,
        consent: str = CONSENT_PRIVATE,
        unit: str | None = None,
        changed_role: bool = False,
    ) -> str:
        """The ordinary way into therapy: intake, consent, opening in one visit; a plan a week later."""
        intake = self.intake(when, who, "therapy", indication, rationale)
        if changed_role:
            self.sign(later(when, minutes=35), who, ROLE_CHANGE)
        agreement = self.sign(later(when, minutes=55), who, consent)
        engagement = self.open(
            later(when, minutes=60),
            who,
            "therapy",
            intake=intake,
            agreement=agreement,
            focus=focus,
            unit=unit,
        )
        self.file(
            later(when, days=7, minutes=45), engagement, "treatment-plan", diagnosis=indication == "active"
        )
        return engagement

    def coaching(
        self,
        when: str,
        who: str,
        indication: str,
        rationale: str,
        focus: list[str],
        *,
        contract: str = CONTRACT,
        stable: str | None = None,
        changed_role: bool = False,
        valid_until: str | None = None,
    ) -> str:
        """The ordinary way into coaching: intake, contract, opening within one visit."""
        intake = self.intake(when, who, "coaching", indication, rationale, stable=stable)
        if changed_role:
            self.sign(later(when, minutes=35), who, ROLE_CHANGE)
        agreement = self.sign(later(when, minutes=55), who, contract, valid_until=valid_until)
        return self.open(
            later(when, minutes=60), who, "coaching", intake=intake, agreement=agreement, focus=focus
        )

    def sessions(
        self,
        engagement: str,
        first: str,
        count: int,
        *,
        every: int = 7,
        modality: str = "in-person",
        jurisdiction: str | None = None,
        without: tuple[int, ...] = (),
    ) -> list[str]:
        """A run of appointments, each with its note; those numbered in `without` did not take place."""
        appointments = [later(first, days=every * n) for n in range(count) if n + 1 not in without]
        held = []
        for when, following in zip(
            appointments, [*appointments[1:], later(appointments[-1], days=every)], strict=True
        ):
            held.append(self.session(engagement, when, modality=modality, jurisdiction=jurisdiction))
            if days_between(self._reviewed[engagement], following) > REASSESS_WITHIN_DAYS:
                self.reassess(later(when, minutes=50), engagement)
        return held

    def session(
        self,
        engagement: str,
        when: str,
        *,
        modality: str = "in-person",
        jurisdiction: str | None = None,
        purpose: str = "service",
        note: bool = True,
    ) -> str:
        """One appointment and, unless told otherwise, its note."""
        session = self.new_id("S")
        self.write(
            "SessionHeld",
            when,
            actor_of(self._practitioner[engagement]),
            engagement=engagement,
            session=session,
            jurisdiction=jurisdiction,
            modality=modality,
            purpose=purpose,
            minutes=50 if self._service[engagement] == "therapy" else 45,
        )
        if note:
            kind = "progress-note" if self._service[engagement] == "therapy" else "session-note"
            self.file(note_time(when, self._last_id["S"]), engagement, kind, session=session)
        return session

    def file(
        self,
        when: str,
        engagement: str,
        kind: str,
        *,
        session: str | None = None,
        record_set: str | None = None,
        diagnosis: bool = False,
        title: str | None = None,
    ) -> None:
        """A document goes into the engagement's own records."""
        self._filed[engagement] += 1
        self.write(
            "RecordFiled",
            when,
            actor_of(self._practitioner[engagement]),
            engagement=engagement,
            session=session,
            record_set=record_set
            or {"therapy": "clinical", "coaching": "coaching"}[self._service[engagement]],
            kind=kind,
            document_sha256=sha256(self._client, engagement, kind, self._filed[engagement]),
            contains_diagnosis=diagnosis,
            title=title,
        )

    def reassess(self, when: str, engagement: str, outcome: str = "continue", rationale: str = "") -> None:
        """Practitioner and client ask whether this is still the right service."""
        self._reviewed[engagement] = when
        self.write(
            "ReassessmentHeld",
            when,
            actor_of(self._practitioner[engagement]),
            engagement=engagement,
            outcome=outcome,
            rationale=rationale or REVIEWED[self._last_id["S"] % len(REVIEWED)],
        )

    def concern(self, when: str, engagement: str, details: str, severity: str = "clinical") -> str:
        """Something surfaces that does not belong into coaching."""
        concern = self.new_id("K")
        self.write(
            "ConcernRaised",
            when,
            actor_of(self._practitioner[engagement]),
            engagement=engagement,
            concern=concern,
            severity=severity,
            details=details,
        )
        return concern

    def pause(self, when: str, engagement: str, reason: str = "clinical-concern") -> None:
        """The engagement rests."""
        self.write("EngagementPaused", when, engagement=engagement, reason=reason)

    def resume(
        self, when: str, engagement: str, reason: str = "concern-resolved", intake: str | None = None
    ) -> None:
        """The engagement goes on."""
        self._reviewed[engagement] = when
        self.write("EngagementResumed", when, engagement=engagement, reason=reason, intake=intake)

    def close(
        self,
        when: str,
        engagement: str,
        narrative: str,
        *,
        reason: str = "goals-met",
        stable: str | None = None,
        summary: str = "with the closing",
    ) -> Line:
        """The engagement ends; a therapy's summary comes with the closing, at a time given, or never."""
        therapy = self._service[engagement] == "therapy"
        closed = self.write(
            "EngagementClosed",
            when,
            actor_of(self._practitioner[engagement]),
            engagement=engagement,
            reason=reason,
            goals_met=reason == "goals-met",
            stable=stable or ("yes" if therapy else "not-assessed"),
            summary_sha256=sha256(self._client, engagement, "summary")
            if therapy and summary == "with the closing"
            else None,
            narrative=narrative,
        )
        if therapy and summary[:1].isdigit():
            self.file(summary, engagement, "discharge-summary", diagnosis=True)
        return closed
