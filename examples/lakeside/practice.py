"""The practice itself: who works there, under which licences, on which papers, by which rules."""

from examples.lakeside.journal import Journal, sha256

FRONT_DESK = "frontdesk"
DIRECTOR = "osei"

OSEI = "P-OSEI"  # therapist and coach, Pennsylvania, with a compact privilege
LINDQVIST = "P-LINDQVIST"  # therapist and coach, Pennsylvania
ECHEVERRIA = "P-ECHEVERRIA"  # therapist only, Pennsylvania
SOLHEIM = "P-SOLHEIM"  # coach only
MOKOENA = "P-MOKOENA"  # outside the practice: therapist, Ohio and New York
WHITFIELD = "P-WHITFIELD"  # outside the practice: coach for executives

CONSENT_PRIVATE = "therapy-consent-private"
CONSENT_INSURANCE = "therapy-consent-insurance"
CONTRACT = "coaching-contract"
CONTRACT_2025 = "coaching-contract-2025"
ROLE_CHANGE = "role-change"

THERAPY_TERMS = ["services", "confidentiality-limits", "billing", "risks-and-benefits", "right-to-withdraw"]
COACHING_TERMS = [
    "goals",
    "private-pay",
    "no-diagnosis-or-treatment",
    "confidentiality-limits",
    "not-therapy",
]

KIND_OF_TEMPLATE = {
    CONSENT_PRIVATE: "therapy-consent",
    CONSENT_INSURANCE: "therapy-consent",
    CONTRACT: "coaching-contract",
    CONTRACT_2025: "coaching-contract",
    ROLE_CHANGE: "role-change-acknowledgement",
}


def actor_of(practitioner: str) -> str:
    """The name under which a practitioner records: `osei` for `P-OSEI`."""
    return practitioner.removeprefix("P-").lower()


def found(journal: Journal) -> None:
    """The practice opens its doors in January 2023 and says by which rules it wants to be judged."""
    journal.write(
        "PolicyAdopted",
        "2023-01-02 09:00",
        DIRECTOR,
        adopts=["recommended"],
        drops=[],
        parameters={},
        reason="The partners adopt the recommended deadlines from the first day of the practice.",
    )
    _actors(journal)
    _templates(journal)
    _people(journal)


def _actors(journal: Journal) -> None:
    for minute, (actor, role, may_authorise) in enumerate(
        [
            (DIRECTOR, "practitioner", True),
            (actor_of(LINDQVIST), "practitioner", False),
            (actor_of(ECHEVERRIA), "practitioner", False),
            (actor_of(SOLHEIM), "coach", False),
            (FRONT_DESK, "front-desk", False),
            ("quality-review", "reviewer", False),
            ("counsel", "counsel", False),
        ]
    ):
        journal.write(
            "ActorRegistered",
            f"2023-01-02 09:{minute + 10}",
            DIRECTOR,
            actor=actor,
            role=role,
            may_authorise=may_authorise,
        )


def _templates(journal: Journal) -> None:
    for when, template, version, terms, payer in [
        ("2023-01-02 10:00", CONSENT_PRIVATE, "2023-1", THERAPY_TERMS, "private"),
        ("2023-01-02 10:05", CONSENT_INSURANCE, "2023-1", THERAPY_TERMS, "insurance"),
        ("2023-01-02 10:10", CONTRACT, "2023-1", COACHING_TERMS, "private"),
        ("2023-01-02 10:15", ROLE_CHANGE, "2023-1", ["not-therapy", "confidentiality-limits"], "none"),
        ("2025-01-06 10:00", CONTRACT_2025, "2025-1", [*COACHING_TERMS, "right-to-withdraw"], "private"),
    ]:
        journal.write(
            "TemplateAdopted",
            when,
            DIRECTOR,
            template=template,
            kind=KIND_OF_TEMPLATE[template],
            version=version,
            text_sha256=sha256("template", template, version),
            terms=terms,
            payer=payer,
        )


def _people(journal: Journal) -> None:
    here = "Lakeside Practice"
    for minute, (practitioner, name, services, internal, organisation) in enumerate(
        [
            (OSEI, "Amara Osei-Fontaine, PsyD", ["therapy", "coaching"], True, here),
            (LINDQVIST, "Ruth Lindqvist, LPC", ["therapy"], True, here),
            (ECHEVERRIA, "Tomás Echeverría, LMFT", ["therapy"], True, here),
            (SOLHEIM, "Ingrid Solheim, PCC", ["coaching"], True, here),
            (MOKOENA, "Naledi Mokoena, PhD", ["therapy"], False, "Cuyahoga Trauma Center"),
            (WHITFIELD, "Marcus Whitfield, MCC", ["coaching"], False, "Whitfield Executive Coaching"),
        ]
    ):
        journal.write(
            "PractitionerRegistered",
            f"2023-01-03 09:{minute * 5:02}",
            FRONT_DESK,
            practitioner=practitioner,
            name=name,
            services=services,
            internal=internal,
            organisation=organisation,
        )
    journal.write(
        "PractitionerChanged",
        "2023-01-20 12:00",
        FRONT_DESK,
        practitioner=LINDQVIST,
        services=["therapy", "coaching"],
    )
