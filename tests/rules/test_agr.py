"""AGR: an agreement for each service, read and signed before it begins."""

import pytest

from tests.rules.telling import judge_story, table

ALL = "goals,private-pay,no-diagnosis-or-treatment,confidentiality-limits,not-therapy"
OPENS = "\n2024-01-08 12:00 therapy E1 agreement=A7"


# -- AGR-1 ------------------------------------------------------------------------------------------------


@table(
    ("signed before", "therapy E1", []),
    ("signed at that instant", "therapy E1 signed@12:00", []),
    ("signed a second later", "therapy E1 signed@12:00:01", ["gate"]),
    ("issued at that instant", "therapy E1 agreement@12:00 signed@12:00", []),
    ("issued and signed later", "therapy E1 agreement@12:00:01 signed@12:00:02", ["gate"]),
    ("not signed", "therapy E1 no-signed", ["gate"]),
    ("no agreement", "therapy E1 no-agreement", ["gate"]),
    ("signed by a guardian", "therapy E1 signed.signer=guardian", []),
    ("signed by a representative", "therapy E1 signed.signer=representative", []),
    ("signed by the practitioner only", "therapy E1 signed.signer=practitioner", ["gate"]),
    ("another kind", "therapy E1 agreement.kind=coaching-contract", ["gate"]),
    ("an acknowledgement", "coaching E1 agreement.kind=role-change-acknowledgement", ["gate"]),
    ("practice-wide", "coaching E1 agreement.practitioner=", []),
    ("with a colleague", "coaching E1 agreement.practitioner=P-2", ["gate"]),
    ("its last day", "therapy E1 agreement.valid_until=2024-01-08", []),
    ("past its last day", "therapy E1 agreement.valid_until=2024-01-07", ["gate"]),
)
def test_an_engagement_opens_on_a_live_agreement_of_its_kind(story: str, expected: list[str]) -> None:
    assert judge_story("2024-01-08 12:00 " + story).kinds("AGR-1") == expected


CONSENT = "2024-01-05 consent A7\n"


@table(
    ("revoked an instant before", CONSENT + "2024-01-08 12:00 agreement-revoked A7" + OPENS, ["gate"]),
    ("revoked an instant after", CONSENT + OPENS + "\n2024-01-08 12:00 agreement-revoked A7", []),
    ("declined an instant before", CONSENT + "2024-01-08 12:00 agreement-declined A7" + OPENS, ["gate"]),
    ("declined an instant after", CONSENT + OPENS + "\n2024-01-08 12:00 agreement-declined A7", []),
    ("two signatures, the first in time", CONSENT + OPENS + "\n2024-01-09 agreement-signed A7 guardian", []),
)
def test_what_ends_an_agreement_before_the_opening(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("AGR-1") == expected


@table(
    ("none", "2024-01-08 therapy E1 no-agreement", "it names none"),
    (
        "retracted",
        "2024-01-05 consent A7 agreement.source=x\n2024-01-06 retract x" + OPENS,
        "A7 is no longer on record",
    ),
    ("kind", "2024-01-08 therapy E1 agreement.kind=coaching-contract", "A1 is a coaching-contract"),
    ("colleague", "2024-01-08 therapy E1 agreement.practitioner=P-2", "A1 is with P-2"),
    ("late", "2024-01-08 therapy E1 signed@2024-01-09", "A1 was signed after the opening"),
    ("not signed", "2024-01-08 therapy E1 no-signed", "A1 is not signed"),
    ("revoked", CONSENT + "2024-01-06 agreement-revoked A7" + OPENS, "A7 was revoked before"),
    ("declined", CONSENT + "2024-01-06 agreement-declined A7" + OPENS, "A7 was declined before"),
    ("ran out", "2024-01-08 therapy E1 agreement.valid_until=2024-01-07", "A1 was valid until 2024-01-07"),
)
def test_it_says_what_came_instead(story: str, expected: str) -> None:
    assert expected in judge_story(story).says("AGR-1")


def test_what_it_rests_on() -> None:
    signed_twice = (
        CONSENT + "2024-01-06 agreement-signed A7 guardian\n2024-01-07 agreement-revoked A7" + OPENS
    )

    assert judge_story("2024-01-08 therapy E1").shown("AGR-1") == ["AgreementIssued A1", "AgreementSigned A1"]
    assert judge_story(signed_twice).rests_on("AGR-1") == [
        "EngagementOpened E1",
        "AgreementIssued A7",
        "AgreementSigned A7",
    ]


# -- AGR-2 ------------------------------------------------------------------------------------------------

CLOSED = "2024-01-08 therapy E1\n2024-06-03 engagement-closed E1\n"
WIDE = CLOSED.replace("E1\n", "E1 agreement.practitioner=\n", 1)


@table(
    ("an agreement each", CLOSED + "2024-06-10 therapy E2", []),
    ("the same", CLOSED + "2024-06-10 therapy E2 agreement=A1", ["gate"]),
    ("the same, practice-wide", WIDE + "2024-06-10 therapy E2 agreement=A1", []),
    ("the same, practice-wide, by a colleague", WIDE + "2024-06-10 therapy E2 agreement=A1 with=P-2", []),
    ("the same, practice-wide, for coaching", WIDE + "2024-06-10 coaching E2 agreement=A1", ["gate"]),
    (
        "renewed on a new one",
        "2024-01-08 therapy E1\n2024-06-03 consent A2\n2024-06-03 engagement-renewed E1 A2",
        [],
    ),
    ("renewed on its own", "2024-01-08 therapy E1\n2024-06-03 engagement-renewed E1 A1", ["gate"]),
    (
        "renewed twice on one",
        (
            "2024-01-08 therapy E1\n"
            "2024-06-03 consent A2\n"
            "2024-06-03 engagement-renewed E1 A2\n"
            "2024-06-04 engagement-renewed E1 A2"
        ),
        ["gate"],
    ),
    (
        "renewed on another's",
        "2024-01-08 therapy E1\n2024-01-09 therapy E2\n2024-06-03 engagement-renewed E2 A1",
        ["gate"],
    ),
    ("practice-wide, renewed on its own", WIDE.replace("closed E1", "renewed E1 A1"), []),
    ("no agreement", "2024-01-08 therapy E1 no-agreement\n2024-01-09 therapy E2 no-agreement", []),
)
def test_an_agreement_serves_one_engagement_once(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("AGR-2") == expected


def test_the_first_use_is_judged_by_what_came_before_it() -> None:
    verdict = judge_story(CLOSED + "2024-06-10 therapy E2 agreement=A1\n2024-06-11 therapy E3 agreement=A1")

    assert [one.engagements for one in verdict.findings("AGR-2")] == [("E2", "E1"), ("E3", "E1")]


def test_what_shows_that_it_serves_this_one_only() -> None:
    assert judge_story("2024-01-08 therapy E1").shown("AGR-2") == ["AgreementIssued A1"]


# -- AGR-3 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lacking", ALL.split(","))
def test_each_term_is_asked_for(lacking: str) -> None:
    terms = ",".join(term for term in ALL.split(",") if term != lacking)
    verdict = judge_story(f"2024-01-08 coaching E1 agreement.terms={terms}")

    assert verdict.kinds("AGR-3") == ["warning", "gate"]
    assert f"expected it to state {lacking}, it does not" in verdict.says("AGR-3")


@table(
    ("all of them", f"2024-01-08 coaching E1 agreement.terms={ALL}", []),
    ("all of them and more", f"2024-01-08 coaching E1 agreement.terms=fees,{ALL}", []),
    (
        "those of therapy, for coaching",
        "2024-01-08 coaching E1 agreement.kind=therapy-consent",
        ["warning", "gate"],
    ),
    ("none", "2024-01-08 therapy E1 agreement.terms=", ["warning", "gate"]),
    ("issued only", "2024-01-08 agreement-issued A1 therapy-consent", ["warning"]),
    ("an acknowledgement", "2024-01-08 agreement-issued A1 role-change-acknowledgement", []),
    (
        "renewed",
        "2024-01-08 therapy E1\n2024-06-03 consent A2 agreement.terms=services\n2024-06-03 engagement-renewed E1 A2",
        ["warning", "gate"],
    ),
    (
        "fewer asked for since",
        "2021-01-04 policy-adopted recommended\n"
        "2024-01-06 policy-adopted parameters.therapy_consent_terms=services\n"
        "2024-01-05 consent A7 agreement.terms=services" + OPENS,
        ["warning"],
    ),
    (
        "not adopted",
        "2021-01-04 policy-adopted recommended drops=AGR-3\n2024-01-08 therapy E1 agreement.terms=",
        [],
    ),
    (
        "a template states them",
        (
            f"2023-05-01 template-adopted T1 coaching-contract terms={ALL}\n"
            f"2024-01-08 agreement-issued A1 coaching-contract template=T1"
        ),
        [],
    ),
    (
        "a template adopted later does not",
        (
            f"2024-01-09 template-adopted T1 coaching-contract terms={ALL}\n"
            f"2024-01-08 agreement-issued A1 coaching-contract template=T1"
        ),
        ["warning"],
    ),
)
def test_an_agreement_states_the_terms_its_kind_requires(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("AGR-3") == expected


def test_the_version_of_a_template_in_force_counts_and_what_the_agreement_says_itself() -> None:
    templates = (
        "2023-05-01 template-adopted T1 coaching-contract terms=goals payer=insurance text_sha256=first\n"
        f"2023-06-01 template-adopted T1 coaching-contract terms={ALL} payer=private text_sha256=second\n"
    )
    story = templates + "2024-01-08 agreement-issued A1 coaching-contract template=T1 payer=none"
    (agreement,) = judge_story(story).case.agreements.values()

    assert agreement.terms == tuple(ALL.split(","))
    assert agreement.payer == "none"
    assert agreement.text_sha256 is not None
    assert agreement.text_sha256.startswith("16367aacb67a4a01")


def test_what_shows_and_what_lacks_them() -> None:
    assert judge_story("2024-01-08 coaching E1").shown("AGR-3") == ["AgreementIssued A1"]
    verdict = judge_story("2024-01-08 coaching E1 agreement.terms=")
    assert [len(one.entries) for one in verdict.findings("AGR-3")] == [1, 2]


# -- AGR-4 ------------------------------------------------------------------------------------------------

A1 = "2024-01-08 10:00 consent A1 "


@table(
    ("no hash of one's own", A1, []),
    ("the same", A1 + "agreement.text_sha256=x text_sha256=x", []),
    ("another", A1 + "agreement.text_sha256=x text_sha256=y", ["gate"]),
    ("issued text unknown", A1 + "agreement.text_sha256= text_sha256=y", ["warning"]),
    ("neither known", A1 + "agreement.text_sha256=", ["warning"]),
    ("issued at that instant", A1 + "agreement@10:00", []),
    ("issued a second later", A1 + "agreement@10:00:01", ["gate"]),
    ("issue retracted", A1 + "agreement.source=x\n2024-01-09 retract x", ["gate"]),
    (
        "the text of a template",
        (
            "2023-05-01 template-adopted T1 text_sha256=t\n"
            "2024-01-08 agreement-issued A1 therapy-consent template=T1\n"
            "2024-01-08 agreement-signed A1 text_sha256=t"
        ),
        [],
    ),
    (
        "signed by the practitioner",
        A1 + "signer=practitioner agreement.text_sha256=x text_sha256=y",
        ["gate"],
    ),
    (
        "a second signature of the client, unfit, judged all the same",
        A1 + "\n2024-01-09 agreement-signed A1 text_sha256=y",
        ["gate"],
    ),
)
def test_a_signature_is_on_the_text_that_was_issued(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("AGR-4") == expected


def test_what_it_says_and_shows() -> None:
    verdict = judge_story(A1 + "agreement.text_sha256=x text_sha256=y")
    assert "the text issued (2d711642b726...), another was signed (a1fce4363854...)" in verdict.says("AGR-4")
    assert "it is not on record" in judge_story(A1 + "agreement.source=x\n2024-01-09 retract x").says("AGR-4")
    assert judge_story(A1).shown("AGR-4", "AgreementSigned") == ["AgreementIssued A1"]


# -- AGR-5 ------------------------------------------------------------------------------------------------

MINOR = "2024-01-05 client-registered C-1 minor_until=2026-05-01\n"
TOMORROW = MINOR.replace("2026-05-01", "2024-01-09")


@table(
    ("adult", "2024-01-08 therapy E1", []),
    ("alone", MINOR + "2024-01-08 therapy E1", ["gate"]),
    ("alone, of age tomorrow", TOMORROW + "2024-01-08 23:59 therapy E1", ["gate"]),
    (
        "alone, of age that day",
        TOMORROW + "2024-01-09 00:00 therapy E1 agreement@2024-01-08 signed@2024-01-08",
        [],
    ),
    ("guardian", MINOR + "2024-01-08 therapy E1 signed.signer=guardian", []),
    ("representative", MINOR + "2024-01-08 therapy E1 signed.signer=representative", []),
    ("on a basis", MINOR + "2024-01-08 therapy E1 signed.consent_basis=law", []),
    ("the practitioner does not count", MINOR + "2024-01-08 therapy E1 signed.signer=practitioner", ["gate"]),
    ("client and guardian", MINOR + "2024-01-08 therapy E1\n", ["gate"]),
    (
        "guardian at that instant",
        MINOR + "2024-01-08 12:00 therapy E1 signed.signer=guardian signed@12:00",
        [],
    ),
    (
        "guardian a second later",
        MINOR + "2024-01-08 12:00 therapy E1 signed.signer=guardian signed@12:00:01",
        ["gate"],
    ),
    ("no agreement", MINOR + "2024-01-08 therapy E1 no-agreement", ["gate"]),
    ("both signed before", MINOR + CONSENT + "2024-01-06 agreement-signed A7 guardian" + OPENS, []),
)
def test_somebody_who_may_signs_for_a_minor(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("AGR-5") == expected


def test_what_shows_who_signed() -> None:
    verdict = judge_story(MINOR + CONSENT + "2024-01-06 agreement-signed A7 guardian" + OPENS)

    assert verdict.shown("AGR-5") == ["AgreementSigned A7"]
    ruling = next(
        ruling for rule, ruling in verdict.judgement.rulings[verdict.case.facts[-1].seq] if rule.id == "AGR-5"
    )
    assert ruling.entries[0].event.signer == "guardian"


# -- AGR-6 ------------------------------------------------------------------------------------------------


@table(
    ("coaching, private", "coaching E1", []),
    ("coaching, nobody pays", "coaching E1 agreement.payer=none", []),
    ("coaching, not said", "coaching E1 agreement.payer=", []),
    ("coaching, insurance", "coaching E1 agreement.payer=insurance", ["gate"]),
    ("therapy, private", "therapy E1", []),
    ("therapy, insurance, none", "therapy E1 agreement.payer=insurance", ["warning"]),
    ("therapy, insurance, past", "therapy E1 agreement.payer=insurance intake.clinical_indication=past", []),
    ("therapy, insurance, no intake", "therapy E1 agreement.payer=insurance no-intake", []),
    ("therapy, private, none", "therapy E1 agreement.payer=private", []),
    ("no agreement", "coaching E1 no-agreement", []),
)
def test_insurance_does_not_pay_for_coaching(story: str, expected: list[str]) -> None:
    assert judge_story("2024-01-08 " + story).kinds("AGR-6") == expected


@table(
    (
        "coaching",
        "2024-01-08 coaching E1\n2024-06-03 contract A2 agreement.payer=insurance\n2024-06-03 engagement-renewed E1 A2",
        ["gate"],
    ),
    (
        "therapy",
        "2024-01-08 therapy E1\n2024-06-03 consent A2 agreement.payer=insurance\n2024-06-03 engagement-renewed E1 A2",
        ["warning"],
    ),
    ("private", "2024-01-08 coaching E1\n2024-06-03 contract A2\n2024-06-03 engagement-renewed E1 A2", []),
)
def test_nor_after_a_renewal(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("AGR-6") == expected


def test_what_shows_who_pays() -> None:
    assert judge_story("2024-01-08 coaching E1").shown("AGR-6") == ["AgreementIssued A1"]
    assert judge_story("2024-01-08 therapy E1").shown("AGR-6") == ["AgreementIssued A1"]


# -- AGR-7 ------------------------------------------------------------------------------------------------

HELD = "\n2024-03-04 10:00 session-held E1"
THERAPY = "2024-01-08 therapy E1"


@table(
    ("live", THERAPY + HELD, []),
    ("its last day", THERAPY + " agreement.valid_until=2024-03-04" + HELD, []),
    ("past its last day", THERAPY + " agreement.valid_until=2024-03-03" + HELD, ["violation"]),
    (
        "past its last day, for a crisis",
        THERAPY + " agreement.valid_until=2024-03-03" + HELD + " purpose=crisis",
        ["violation"],
    ),
    ("revoked an instant before", THERAPY + "\n2024-03-04 10:00 agreement-revoked A1" + HELD, ["violation"]),
    ("revoked an instant after", THERAPY + HELD + "\n2024-03-04 10:00 agreement-revoked A1", []),
    ("declined before", THERAPY + "\n2024-03-04 09:00 agreement-declined A1" + HELD, ["violation"]),
    ("another live one", THERAPY + "\n2024-02-05 agreement-revoked A1\n2024-02-06 consent A2" + HELD, []),
    (
        "another, practice-wide",
        THERAPY + "\n2024-02-05 agreement-revoked A1\n2024-02-06 consent A2 with=" + HELD,
        [],
    ),
    (
        "another, with a colleague",
        THERAPY + "\n2024-02-05 agreement-revoked A1\n2024-02-06 consent A2 with=P-2" + HELD,
        ["violation"],
    ),
    (
        "another, of another kind",
        THERAPY + "\n2024-02-05 agreement-revoked A1\n2024-02-06 contract A2" + HELD,
        ["violation"],
    ),
    (
        "another, signed later",
        THERAPY
        + "\n2024-02-05 agreement-revoked A1"
        + HELD
        + "\n2024-03-04 11:00 consent A2 agreement@09:00",
        ["violation"],
    ),
    (
        "another, signed by the practitioner",
        THERAPY + "\n2024-02-05 agreement-revoked A1\n2024-02-06 consent A2 signer=practitioner" + HELD,
        ["violation"],
    ),
    ("opened on none: AGR-1 speaks", THERAPY + " no-agreement" + HELD, []),
    (
        "opened on none, renewed on one that ended",
        THERAPY
        + " no-agreement\n2024-02-05 consent A2\n2024-02-05 engagement-renewed E1 A2\n2024-02-06 agreement-revoked A2"
        + HELD,
        ["violation"],
    ),
    ("signed an instant before", THERAPY + " no-signed\n2024-03-04 10:00 agreement-signed A1" + HELD, []),
    (
        "signed an instant after",
        THERAPY + " no-signed" + HELD + "\n2024-03-04 10:00 agreement-signed A1",
        ["violation"],
    ),
    (
        "its opening was retracted",
        THERAPY + " source=x agreement.valid_until=2024-03-03" + HELD + "\n2024-03-05 retract x",
        [],
    ),
)
def test_a_session_is_held_under_a_live_agreement(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("AGR-7") == expected


def test_what_the_lack_rests_on() -> None:
    assert judge_story(THERAPY + "\n2024-03-01 agreement-revoked A1" + HELD).rests_on("AGR-7") == [
        "SessionHeld S1",
        "AgreementIssued A1",
        "AgreementRevoked A1",
    ]
    assert judge_story(THERAPY + " agreement.valid_until=2024-03-03" + HELD).rests_on("AGR-7") == [
        "SessionHeld S1",
        "AgreementIssued A1",
    ]
    renewed = (
        " no-agreement\n2024-02-05 consent A2\n2024-02-05 engagement-renewed E1 A2\n"
        "2024-02-06 agreement-revoked A2"
    )
    assert judge_story(THERAPY + renewed + HELD).rests_on("AGR-7") == ["SessionHeld S1"]


# -- AGR-8 ------------------------------------------------------------------------------------------------

DECLINED = "2024-01-08 therapy E1 no-signed\n2024-02-05 09:00 agreement-declined A1\n"


@table(
    ("declined", DECLINED, ["warning"]),
    (
        "an instant before",
        "2024-01-08 therapy E1 no-signed\n2024-03-04 10:00 agreement-declined A1",
        ["warning"],
    ),
    ("another signed since", DECLINED + "2024-02-12 consent A2", []),
    ("another signed since, at that instant", DECLINED + "2024-02-12 consent A2 signed@2024-03-04T10:00", []),
    (
        "another signed after its own last day",
        DECLINED + "2024-02-12 consent A2 agreement.valid_until=2024-02-10",
        ["warning"],
    ),
    ("another issued, not signed", DECLINED + "2024-02-12 agreement-issued A2 therapy-consent", ["warning"]),
    (
        "another live since before",
        "2024-01-08 therapy E1\n2024-02-01 agreement-issued A2 therapy-consent\n2024-02-05 agreement-declined A2",
        [],
    ),
    (
        "another, ended before the declining",
        (
            "2024-01-08 therapy E1\n"
            "2024-02-01 agreement-revoked A1\n"
            "2024-02-05 agreement-issued A2 therapy-consent practitioner=P-1\n"
            "2024-02-05 agreement-declined A2"
        ),
        ["warning"],
    ),
    ("another, ended since", DECLINED + "2024-02-12 consent A2\n2024-02-19 agreement-revoked A2", []),
    (
        "another, whose last day was that of the declining",
        (
            "2024-01-08 therapy E1 agreement.valid_until=2024-02-05\n"
            "2024-02-05 agreement-issued A2 therapy-consent\n"
            "2024-02-05 agreement-declined A2"
        ),
        [],
    ),
    (
        "another, whose last day was before",
        (
            "2024-01-08 therapy E1 agreement.valid_until=2024-02-04\n"
            "2024-02-05 agreement-issued A2 therapy-consent\n"
            "2024-02-05 agreement-declined A2"
        ),
        ["warning"],
    ),
    (
        "a contract was declined",
        "2024-01-08 therapy E1\n2024-02-05 agreement-issued A2 coaching-contract\n2024-02-05 agreement-declined A2",
        [],
    ),
    ("a contract was signed since", DECLINED + "2024-02-12 contract A2", ["warning"]),
    (
        "a colleague's was declined",
        (
            "2024-01-08 therapy E1 no-signed\n"
            "2024-02-05 agreement-issued A2 therapy-consent practitioner=P-2\n"
            "2024-02-05 agreement-declined A2"
        ),
        [],
    ),
    ("a colleague's was signed since", DECLINED + "2024-02-12 consent A2 with=P-2", ["warning"]),
    ("a practice-wide one was signed since", DECLINED + "2024-02-12 consent A2 with=", []),
    ("never declined", "2024-01-08 therapy E1 no-signed\n", []),
    (
        "two declined, one remark",
        DECLINED + "2024-02-06 agreement-issued A2 therapy-consent\n2024-02-06 agreement-declined A2",
        ["warning"],
    ),
    (
        "signed and then declined itself",
        "2024-01-08 therapy E1\n2024-02-05 09:00 agreement-declined A1\n",
        ["warning"],
    ),
)
def test_sessions_do_not_follow_a_declined_agreement(story: str, expected: list[str]) -> None:
    assert judge_story(story + HELD).kinds("AGR-8") == expected


def test_only_service_sessions_after_it_count() -> None:
    assert judge_story(DECLINED + HELD + " purpose=referral").kinds("AGR-8") == []
    assert judge_story(DECLINED + HELD + " purpose=crisis").kinds("AGR-8") == []
    assert (
        judge_story(
            "2024-01-08 therapy E1 no-signed" + HELD + "\n2024-03-04 10:00 agreement-declined A1"
        ).kinds("AGR-8")
        == []
    )
    retracted = DECLINED.replace("no-signed", "no-signed source=x") + HELD + "\n2024-03-05 retract x"
    assert judge_story(retracted).kinds("AGR-8") == []
