"""INT: intake before service."""

from tests.rules.telling import judge_story, table

# -- INT-1 ------------------------------------------------------------------------------------------------


@table(
    ("before", "therapy E1", []),
    ("at that instant", "therapy E1 intake@12:00", []),
    ("a second later", "therapy E1 intake@12:00:01", ["gate"]),
    ("none", "therapy E1 no-intake", ["gate"]),
    ("by a colleague", "therapy E1 intake.practitioner=P-2", []),
    ("by somebody outside", "therapy E1 intake.practitioner=P-9", ["gate"]),
    ("by P-9, who opens", "therapy E1 with=P-9", []),
)
def test_an_engagement_opens_on_an_intake_of_the_practice(story: str, expected: list[str]) -> None:
    assert judge_story("2024-01-08 12:00 " + story).kinds("INT-1") == expected


COLLEAGUE = "2024-01-08 therapy E1 intake.practitioner=P-2\n"


@table(
    (
        "joined an instant before the intake",
        "2024-01-08 09:00 practitioner-changed P-2 internal=yes\n" + COLLEAGUE,
        [],
    ),
    (
        "joined after the intake",
        COLLEAGUE + "2024-01-08 09:01 practitioner-changed P-2 internal=yes",
        ["gate"],
    ),
    (
        "renamed",
        "2024-01-05 practitioner-changed P-2 internal=yes\n2024-01-06 practitioner-changed P-2 name=Ann\n"
        + COLLEAGUE,
        [],
    ),
)
def test_the_colleague_is_one_when_the_intake_is_taken(story: str, expected: list[str]) -> None:
    outside = "2021-01-04 practitioner-registered P-2 internal=no\n"

    assert judge_story(outside + story).kinds("INT-1") == expected


@table(
    ("none", "2024-01-08 therapy E1 no-intake", "it names none"),
    ("retracted", "2024-01-08 therapy E1 intake.source=x\n2024-01-09 retract x", "I1 is no longer on record"),
    ("later", "2024-01-08 therapy E1 intake@2024-01-09", "I1 was completed after the opening"),
    ("outside", "2024-01-08 therapy E1 intake.practitioner=P-9", "I1 was taken by P-9, who is not of it"),
)
def test_it_says_what_came_instead(story: str, expected: str) -> None:
    assert expected in judge_story(story).says("INT-1")


def test_the_intake_shows_it() -> None:
    assert judge_story("2024-01-08 therapy E1").shown("INT-1") == ["IntakeCompleted I1"]
    assert judge_story("2024-01-08 therapy E1").shown("INT-2") == ["IntakeCompleted I1"]


# -- INT-2 and INT-3 --------------------------------------------------------------------------------------


@table(
    ("explained", "", []),
    ("not explained", "intake.roles_explained=no", ["gate"]),
    ("no intake: INT-1 speaks", "no-intake", []),
    ("completed at that instant", "intake.roles_explained=no intake@12:00", ["gate"]),
    ("completed later: INT-1 speaks", "intake.roles_explained=no intake@2024-01-09", []),
)
def test_the_roles_were_explained(story: str, expected: list[str]) -> None:
    assert judge_story("2024-01-08 therapy E1 " + story).kinds("INT-2") == expected


@table(
    ("therapy as recommended", "therapy E1", []),
    ("coaching as recommended", "coaching E1", []),
    ("therapy, coaching recommended", "therapy E1 intake.recommended=coaching", ["warning"]),
    ("coaching, therapy recommended", "coaching E1 intake.recommended=therapy", ["warning"]),
    ("nothing recommended", "coaching E1 intake.recommended=none", ["warning"]),
    ("to be referred out", "therapy E1 intake.recommended=refer-out", ["warning"]),
    ("sought is not recommended", "therapy E1 intake.service_sought=coaching", []),
    ("no intake", "therapy E1 no-intake", []),
)
def test_the_service_is_the_one_recommended(story: str, expected: list[str]) -> None:
    assert judge_story("2024-01-08 " + story).kinds("INT-3") == expected


# -- INT-4 ------------------------------------------------------------------------------------------------

FIRST = "2024-01-02 10:00 intake-completed I1 clinical_indication={}\n"
ACTIVE = FIRST.format("active")
AGAIN = "2024-04-01 10:00 intake-completed I2 clinical_indication={}\n"
GONE = AGAIN.format("none")


@table(
    ("active to none", ACTIVE + GONE, ["warning"]),
    ("suspected to past", FIRST.format("suspected") + AGAIN.format("past"), ["warning"]),
    ("active to managed", ACTIVE + AGAIN.format("managed"), []),
    ("active to suspected", ACTIVE + AGAIN.format("suspected"), []),
    ("managed to none", FIRST.format("managed") + GONE, []),
    ("past to none", FIRST.format("past") + GONE, []),
    ("ninety-one days", ACTIVE.replace("01-02", "01-01") + GONE, []),
    (
        "thirty days remembered",
        "2021-01-04 policy-adopted recommended parameters.indication_review_days=30\n" + ACTIVE + GONE,
        [],
    ),
    ("not adopted", "2021-01-04 policy-adopted recommended drops=INT-4\n" + ACTIVE + GONE, []),
    (
        "an intake in between says managed",
        ACTIVE + "2024-02-05 intake-completed I3 clinical_indication=managed\n" + GONE,
        [],
    ),
    (
        "one of two",
        ACTIVE + "2024-01-03 intake-completed I3 clinical_indication=active\n" + GONE,
        ["warning"],
    ),
    (
        "addressed, and seen again",
        ACTIVE + "2024-02-05 intake-completed I3 clinical_indication=managed\n"
        "2024-02-06 intake-completed I4 clinical_indication=active\n" + GONE,
        ["warning"],
    ),
    (
        "therapy closed stable in between",
        ACTIVE + "2024-01-03 therapy E9 intake=I1\n2024-03-04 engagement-closed E9\n" + GONE,
        [],
    ),
    (
        "therapy closed, not stable",
        ACTIVE + "2024-01-03 therapy E9 intake=I1\n2024-03-04 engagement-closed E9 stable=no\n" + GONE,
        ["warning"],
    ),
    ("in therapy elsewhere", ACTIVE + "2024-01-03 outside-care-noted\n" + GONE, []),
    (
        "in therapy with the one who asks",
        ACTIVE + "2024-01-03 outside-care-noted practitioner=P-1\n" + GONE,
        ["warning"],
    ),
    ("the other way round", ACTIVE.replace("I1", "I3").replace("01-02", "04-02") + GONE, []),
)
def test_an_indication_does_not_vanish_between_two_intakes(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("INT-4") == expected


def test_it_rests_on_the_earlier_intake() -> None:
    assert judge_story(ACTIVE + GONE).rests_on("INT-4") == ["IntakeCompleted I2", "IntakeCompleted I1"]
    assert "90 days before" in judge_story(ACTIVE + GONE).says("INT-4")
