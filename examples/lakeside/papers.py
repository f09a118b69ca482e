"""What lies in a client's file beside the engagements: identity, intakes, agreements, referrals, releases."""

from collections import Counter

from examples.lakeside.journal import Journal, Line, later, sha256
from examples.lakeside.practice import FRONT_DESK, KIND_OF_TEMPLATE, actor_of


class Papers:
    """Writes one client's papers into the journal, with short ids in order."""

    def __init__(self, journal: Journal, client: str) -> None:
        self._journal = journal
        self._client = client
        self._last_id: Counter[str] = Counter()
        self._name = ""
        self._guardian = ""

    def write(self, type_: str, when: str, by: str = FRONT_DESK, /, **fields: object) -> Line:
        """Any entry of this client."""
        return self._journal.write(type_, when, by, client=self._client, **fields)

    def new_id(self, letter: str) -> str:
        """The client's next short id of a kind: E1, E2..."""
        self._last_id[letter] += 1
        return f"{letter}{self._last_id[letter]}"

    def register(
        self, when: str, name: str, born: str, *, jurisdiction: str = "US-PA", guardian: str = ""
    ) -> None:
        """The client comes to the practice; a client with a guardian is a minor, who turns 18."""
        self._name = name
        self._guardian = guardian
        self.write(
            "ClientRegistered",
            when,
            name=name,
            date_of_birth=born,
            contact=f"{self._client.lower()}@mail.example",
            jurisdiction=jurisdiction,
            minor_until=f"{int(born[:4]) + 18}{born[4:]}" if guardian else None,
        )

    def intake(
        self,
        when: str,
        who: str,
        recommended: str,
        indication: str,
        rationale: str,
        *,
        sought: str = "",
        stable: str | None = None,
    ) -> str:
        """An intake conversation in which the roles are explained."""
        intake = self.new_id("I")
        self.write(
            "IntakeCompleted",
            when,
            actor_of(who),
            intake=intake,
            practitioner=who,
            service_sought=sought or recommended,
            clinical_indication=indication,
            stable=stable,
            wants_trauma_work=False,
            goal_focused=recommended == "coaching",
            roles_explained=True,
            recommended=recommended,
            rationale=rationale,
        )
        return intake

    def sign(self, when: str, who: str, template: str, *, valid_until: str | None = None) -> str:
        """An agreement from a template, explained and signed a quarter of an hour later."""
        agreement = self.issue(later(when, minutes=-15), who, template, valid_until=valid_until)
        self.sign_issued(when, agreement)
        return agreement

    def issue(self, when: str, who: str, template: str, *, valid_until: str | None = None) -> str:
        """An agreement handed to the client, not signed yet."""
        agreement = self.new_id("A")
        self.write(
            "AgreementIssued",
            when,
            agreement=agreement,
            kind=KIND_OF_TEMPLATE[template],
            practitioner=who,
            template=template,
            valid_until=valid_until,
        )
        return agreement

    def sign_issued(self, when: str, agreement: str) -> None:
        """The client signs; for a minor the guardian signs and the client adds their own name."""
        for minute, signer in enumerate(["guardian", "client"] if self._guardian else ["client"]):
            self.write(
                "AgreementSigned",
                later(when, minutes=minute),
                agreement=agreement,
                signer=signer,
                signer_name=self._guardian if signer == "guardian" else self._name,
                method="drawn",
                meaning="I have read this, it was explained to me, and I agree.",
            )

    def refer(
        self,
        when: str,
        from_: str,
        to: str,
        service: str,
        *,
        reason: str,
        details: str,
        engagement: str | None = None,
        answered: str = "",
    ) -> str:
        """The client accepts a referral; the other professional answers at `answered`."""
        referral = self.new_id("R")
        self.write(
            "ReferralMade",
            when,
            actor_of(from_),
            referral=referral,
            from_practitioner=from_,
            to_practitioner=to,
            service=service,
            engagement=engagement,
            reason=reason,
            client_answer="accepted",
            details=details,
        )
        if answered:
            self.write("ReferralAnswered", answered, referral=referral, answer="accepted")
        return referral

    def conclude(self, when: str, referral: str, stable: str) -> None:
        """The other professional reports that the work is done."""
        self.write(
            "ReferralConcluded",
            when,
            referral=referral,
            outcome="completed",
            stable=stable,
            evidence_sha256=sha256(self._client, referral, "letter"),
        )

    def release(
        self,
        when: str,
        from_: str,
        scope: list[str],
        purpose: str,
        *,
        to: str | None = None,
        recipient_kind: str = "practitioner",
        recipient: str | None = None,
        valid_until: str | None = None,
    ) -> str:
        """The client allows one professional to tell somebody something."""
        release = self.new_id("X")
        self.write(
            "ReleaseGranted",
            when,
            release=release,
            from_practitioner=from_,
            to_practitioner=to,
            recipient_kind=recipient_kind,
            recipient=recipient,
            scope=scope,
            purpose=purpose,
            valid_until=valid_until,
        )
        return release

    def disclose(
        self,
        when: str,
        from_: str,
        scope: list[str],
        purpose: str,
        basis: str,
        *,
        release: str | None = None,
        to: str | None = None,
        recipient_kind: str = "practitioner",
        recipient: str | None = None,
    ) -> None:
        """Something leaves the practice."""
        disclosure = self.new_id("D")
        self.write(
            "DisclosureMade",
            when,
            actor_of(from_),
            disclosure=disclosure,
            from_practitioner=from_,
            to_practitioner=to,
            recipient_kind=recipient_kind,
            recipient=recipient,
            scope=scope,
            purpose=purpose,
            basis=basis,
            release=release,
            content_sha256=sha256(self._client, disclosure),
        )
