"""One generated client's chart: what journeys are made of, and runs of sessions that fill a given number.

Time is in minutes of the practice's wall clock (`roster.stamp`). Methods are called hundreds of thousands of
times, so they build the import lines directly.
"""

from random import Random

from benchmarks.roster import (
    CONTRACT,
    DAY,
    FRONT_DESK,
    HOME,
    HOUR,
    TEMPLATES,
    Line,
    day_of,
    stamp,
)

RATIONALES = (
    "Heard at length; wishes are clear.",
    "Asked what has been tried before.",
    "Wants to begin soon.",
)
REVIEWS = ("Still the right help.", "Goals adjusted together.", "Asked about the other service; not now.")
FOCUS = {"therapy": ["mood-anxiety"], "coaching": ["goals", "career"]}
RECORD_SET = {"therapy": "clinical", "coaching": "coaching"}
NOTE = {"therapy": "progress-note", "coaching": "session-note"}


class Chart:
    """Collects the entries of one client as `(moment, line)`."""

    def __init__(self, rng: Random, client: str) -> None:
        self.rng = rng
        self.client = client
        self.entries: list[tuple[int, Line]] = []
        self.who: dict[str, str] = {}
        self.service: dict[str, str] = {}
        self.guardian_signs = False
        self.every = 7 * DAY if rng.random() < 0.7 else 14 * DAY
        self.stray_session: Line = {}  # fields that one session of the first run gets: a planted problem
        self.skip_note = False  # whether one session of the first run has no note: a planted problem
        self._last_id: dict[str, int] = {}

    def put(self, at: int, type_: str, by: str = FRONT_DESK, /, **fields: object) -> Line:
        """Any entry."""
        line: Line = {
            "type": type_,
            "source": f"{self.client}.{len(self.entries) + 1}",
            "occurred_at": stamp(at),
            "by": by,
            "client": self.client,
            **fields,
        }
        self.entries.append((at, line))
        return line

    def new_id(self, letter: str) -> str:
        """The client's next short id of a kind."""
        number = self._last_id[letter] = self._last_id.get(letter, 0) + 1
        return f"{letter}{number}"

    def document(self) -> str:
        """The hash of some document."""
        return f"{self.rng.getrandbits(256):064x}"

    def register(self, at: int, jurisdiction: str = HOME, *, minor: bool = False) -> None:
        """The client comes to the practice."""
        self.guardian_signs = minor
        month_and_day = f"{self.rng.randrange(1, 13):02}-{self.rng.randrange(1, 29):02}"
        of_age = int(day_of(at)[:4]) + 4
        fields: Line = {"minor_until": f"{of_age}-{month_and_day}"} if minor else {}
        born = of_age - 18 if minor else self.rng.randrange(1945, 1996)
        self.put(
            at,
            "ClientRegistered",
            name=f"Client {self.client[2:]}",
            date_of_birth=f"{born}-{month_and_day}",
            contact=f"{self.client.lower()}@mail.example",
            jurisdiction=jurisdiction,
            **fields,
        )

    def intake(self, at: int, who: str, service: str, indication: str, **fields: object) -> str:
        """An intake that recommends the service."""
        intake = self.new_id("I")
        line = self.put(
            at,
            "IntakeCompleted",
            who,
            intake=intake,
            practitioner=who,
            service_sought=service,
            clinical_indication=indication,
            wants_trauma_work=False,
            goal_focused=service == "coaching",
            roles_explained=True,
            recommended=service,
            rationale=self.rng.choice(RATIONALES),
        )
        line |= fields
        return intake

    def sign(self, at: int, who: str, template: str, *, issued: int = 0, text: Line | None = None) -> str:
        """An agreement, issued a quarter of an hour before it is signed unless told; two entries."""
        agreement = self.new_id("A")
        self.put(
            issued or at - 15,
            "AgreementIssued",
            agreement=agreement,
            kind=TEMPLATES[template][0],
            practitioner=who,
            **(text or {"template": template}),
        )
        self.put(
            at,
            "AgreementSigned",
            agreement=agreement,
            signer="guardian" if self.guardian_signs else "client",
            signer_name=f"Signer for {self.client[2:]}",
            method="drawn",
            meaning="I have read this and agree.",
        )
        return agreement

    def open(
        self, at: int, who: str, service: str, intake: str, agreement: str, *, unit: str | None = None
    ) -> str:
        """An engagement begins."""
        engagement = self.new_id("E")
        self.who[engagement] = who
        self.service[engagement] = service
        line = self.put(
            at,
            "EngagementOpened",
            engagement=engagement,
            practitioner=who,
            service=service,
            intake=intake,
            agreement=agreement,
            focus=FOCUS[service],
        )
        if unit:
            line["unit"] = unit
        return engagement

    def sessions(self, engagement: str, after: int, fill: int, *, claims: bool = False) -> int:
        """Exactly `fill` entries: sessions, notes, reassessments, claims; gives the last one's moment."""
        at = after
        number = 0
        while fill > 0:
            at += self.every
            number += 1
            if number % (28 * DAY // self.every) == 0:
                self.reassess(at + HOUR, engagement)
                fill -= 1
            if claims and fill and number % 4 == 0:
                self.claim(at + 2 * HOUR, engagement)
                fill -= 1
            if self.skip_note and fill:
                self.skip_note = False
                self.session(at, engagement)
                fill -= 1
            elif fill > 1:
                self.file(
                    at + 75, engagement, NOTE[self.service[engagement]], session=self.session(at, engagement)
                )
                fill -= 2
            elif fill:
                self.file(at, engagement, "other")
                fill -= 1
        return at

    def session(self, at: int, engagement: str) -> str:
        """One session, without a note."""
        session = self.new_id("S")
        line = self.put(
            at,
            "SessionHeld",
            self.who[engagement],
            engagement=engagement,
            session=session,
            modality="video" if self.rng.random() < 0.4 else "in-person",
            purpose="service",
            minutes=50,
        )
        if self.stray_session:
            line |= self.stray_session
            self.stray_session = {}
        return session

    def file(self, at: int, engagement: str, kind: str, **fields: object) -> Line:
        """A document of the engagement."""
        return self.put(
            at,
            "RecordFiled",
            self.who[engagement],
            engagement=engagement,
            record_set=RECORD_SET[self.service[engagement]],
            kind=kind,
            document_sha256=self.document(),
            contains_diagnosis=False,
            **fields,
        )

    def reassess(self, at: int, engagement: str) -> None:
        """Practitioner and client review the service."""
        self.put(
            at,
            "ReassessmentHeld",
            self.who[engagement],
            engagement=engagement,
            outcome="continue",
            rationale=self.rng.choice(REVIEWS),
        )

    def claim(self, at: int, engagement: str) -> None:
        """The insurer is told what it needs to pay."""
        self.disclose(
            at,
            self.who[engagement],
            ["administrative"],
            purpose="insurance",
            basis="payment",
            recipient_kind="insurer",
        )

    def disclose(
        self,
        at: int,
        from_: str,
        scope: list[str],
        *,
        purpose: str,
        basis: str,
        recipient_kind: str,
        **fields: object,
    ) -> None:
        """Something leaves the practice."""
        self.put(
            at,
            "DisclosureMade",
            from_,
            disclosure=self.new_id("D"),
            from_practitioner=from_,
            recipient_kind=recipient_kind,
            scope=scope,
            purpose=purpose,
            basis=basis,
            content_sha256=self.document(),
            **fields,
        )

    def release(self, at: int, from_: str, scope: list[str], **fields: object) -> str:
        """The client allows a disclosure."""
        release = self.new_id("X")
        self.put(
            at,
            "ReleaseGranted",
            release=release,
            from_practitioner=from_,
            scope=scope,
            purpose="treatment-coordination",
            **fields,
        )
        return release

    def close(self, at: int, engagement: str, stable: str, **fields: object) -> None:
        """The engagement ends."""
        self.put(
            at,
            "EngagementClosed",
            self.who[engagement],
            engagement=engagement,
            reason="goals-met",
            goals_met=True,
            stable=stable,
            narrative="Closing conversation held.",
            **fields,
        )

    def correct_session(self, at: int) -> None:
        """The latest session was an hour long."""
        session = next(line for _, line in reversed(self.entries) if line["type"] == "SessionHeld")
        correction = self.put(
            at, "EntryCorrected", corrects=session["source"], changes={"minutes": 60}, reason="Typed."
        )
        del correction["client"]

    def coaching(self, at: int, who: str, *, contract: Line | None = None, **intake: object) -> str:
        """The ordinary way into coaching, four entries."""
        first = self.intake(at, who, "coaching", "none", **intake)
        agreement = self.sign(at + 40, who, CONTRACT, text=contract)
        return self.open(at + 50, who, "coaching", first, agreement)
