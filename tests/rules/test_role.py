"""ROLE: one practitioner, two services."""

import pytest

from tests.rules.telling import judge_story, table

THERAPY = """
2024-01-08 therapy E1
2024-06-03 12:00 engagement-closed E1
"""
NOT_STABLE = """
2024-01-08 therapy E1
2024-06-03 12:00 engagement-closed E1 stable=no
"""
PAUSED = """
2024-01-08 coaching E1
2024-03-04 12:00 engagement-paused E1
"""
CHANGED_IN_PAUSE = f"""{PAUSED}
2024-03-11 therapy E2
2024-06-03 12:00 engagement-closed E2
"""


# -- ROLE-1 -----------------------------------------------------------------------------------------------


@table(
    ("closed an instant before", THERAPY + "2024-06-03 12:00 coaching E2", []),
    (
        "closed an instant after",
        """
        2024-01-08 therapy E1
        2024-06-03 12:00 coaching E2
        2024-06-03 12:00 engagement-closed E1
        """,
        ["gate"],
    ),
    ("therapy in the pause", PAUSED + "2024-03-04 12:00 therapy E2", []),
    (
        "paused an instant after",
        """
        2024-01-08 coaching E1
        2024-03-04 12:00 therapy E2
        2024-03-04 12:00 engagement-paused E1
        """,
        ["gate"],
    ),
    ("coaching closed", THERAPY.replace("therapy", "coaching") + "2024-06-10 therapy E2", []),
    (
        "resumed while therapy is open",
        PAUSED + "2024-03-11 therapy E2\n2024-04-01 engagement-resumed E1",
        ["gate"],
    ),
    ("resumed after therapy", CHANGED_IN_PAUSE + "2024-06-10 engagement-resumed E1", []),
    (
        "therapy resumed while coaching runs",
        """
        2024-01-08 therapy E1
        2024-02-05 engagement-paused E1
        2024-03-04 coaching E2
        2024-04-01 engagement-resumed E1
        """,
        ["gate", "gate"],
    ),
    ("two therapies of a pair", "2024-01-08 therapy E1\n2024-02-05 therapy E2", []),
    ("two coachings of a pair", "2024-01-08 coaching E1\n2024-02-05 coaching E2", []),
    ("two practitioners", "2024-01-08 therapy E1\n2024-02-05 coaching E2 with=P-2", []),
    ("a second therapy overlaps", THERAPY + "2024-06-04 therapy E2\n2024-06-10 coaching E3", ["gate"]),
)
def test_no_coaching_while_the_pairs_therapy_is_open_nor_therapy_while_coaching_runs(
    story: str, expected: list[str]
) -> None:
    assert judge_story(story).kinds("ROLE-1") == expected


@table(
    ("nothing before", "2024-01-08 therapy E1", []),
    ("closed before", THERAPY + "2024-06-10 coaching E2", ["EngagementClosed E1"]),
    (
        "paused before, closed later",
        PAUSED + "2024-03-11 therapy E2\n2024-04-01 engagement-closed E1",
        ["EngagementPaused E1"],
    ),
    (
        "several closed: each of them",
        THERAPY + "2024-06-04 therapy E2\n2024-06-05 engagement-closed E2\n2024-06-10 coaching E3",
        ["EngagementClosed E1", "EngagementClosed E2"],
    ),
)
def test_what_shows_that_no_other_role_was_in_force(story: str, expected: list[str]) -> None:
    assert judge_story(story).shown("ROLE-1") == expected


def test_a_clash_names_the_engagement_in_the_way() -> None:
    verdict = judge_story("2024-01-08 therapy E1\n2024-06-10 coaching E2")

    assert verdict.rests_on("ROLE-1") == ["EngagementOpened E2", "EngagementOpened E1"]
    assert verdict.findings("ROLE-1")[0].engagements == ("E2", "E1")


# -- ROLE-2 -----------------------------------------------------------------------------------------------

LATER = NOT_STABLE + "2024-06-10 12:00 coaching E2 "
CONCERN = "2024-04-01 concern-raised E1 K1 clinical\n" + NOT_STABLE.replace("2024-01-08 therapy E1\n", "")
REFERRED = NOT_STABLE + "2024-06-04 referral-made R1 service=therapy\n2024-06-05 referral-answered R1\n"


@table(
    ("stable at the closing", THERAPY + "2024-06-10 coaching E2", []),
    ("not stable", LATER, ["gate"]),
    ("not assessed", LATER.replace("=no", "=not-assessed"), ["gate"]),
    ("a stable intake at the closing", LATER + "intake.stable=yes intake@2024-06-03T12:00", []),
    (
        "a stable intake a second before the closing",
        LATER + "intake.stable=yes intake@2024-06-03T11:59:59",
        ["gate"],
    ),
    ("a stable intake at the opening", LATER + "intake.stable=yes intake@12:00", []),
    ("a stable intake a second after the opening", LATER + "intake.stable=yes intake@12:00:01", ["gate"]),
    ("an intake that says not stable", LATER + "intake.stable=no", ["gate"]),
    (
        "a therapy referral concluded",
        REFERRED + "2024-06-06 referral-concluded R1\n2024-06-10 coaching E2",
        [],
    ),
    (
        "a therapy referral concluded, not stable",
        REFERRED + "2024-06-06 referral-concluded R1 stable=no\n2024-06-10 coaching E2",
        ["gate"],
    ),
    ("a therapy referral under way", REFERRED + "2024-06-10 coaching E2", ["gate"]),
    (
        "a coaching referral concluded",
        REFERRED.replace("=therapy", "=coaching")
        + "2024-06-06 referral-concluded R1\n2024-06-10 coaching E2",
        ["gate"],
    ),
)
def test_stability_is_shown_from_the_closing_to_the_opening(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("ROLE-2") == expected


@table(
    ("outside-therapist-report", "clinical outside-therapist-report", []),
    ("therapy-closed-stable", "urgent therapy-closed-stable", []),
    ("assessed-not-clinical", "clinical assessed-not-clinical", ["gate"]),
    ("client-left", "clinical client-left", ["gate"]),
    ("of a concern to watch", "watch outside-therapist-report", ["gate"]),
    ("unresolved", "clinical", ["gate"]),
)
def test_a_serious_concern_resolved_on_some_grounds_shows_stability(story: str, expected: list[str]) -> None:
    severity, *basis = story.split()
    told = f"2024-01-08 therapy E1\n2024-04-01 concern-raised E1 K1 {severity}\n"
    told += "2024-06-03 engagement-closed E1 stable=no\n"
    told += f"2024-06-05 concern-resolved K1 {basis[0]}\n" if basis else ""

    assert judge_story(told + "2024-06-10 coaching E2").kinds("ROLE-2") == expected


@table(
    ("the closing", THERAPY + "2024-06-10 coaching E2", ["EngagementClosed E1", "EngagementClosed E1"]),
    ("an intake", LATER + "intake.stable=yes", ["EngagementClosed E1", "IntakeCompleted I2"]),
    (
        "the first recorded of two",
        NOT_STABLE + "2024-06-05 intake-completed I8 stable=yes\n2024-06-10 coaching E2 intake.stable=yes",
        ["EngagementClosed E1", "IntakeCompleted I8"],
    ),
)
def test_what_shows_stability(story: str, expected: list[str]) -> None:
    assert judge_story(story).shown("ROLE-2") == expected


@table(
    ("resumed after stable therapy", CHANGED_IN_PAUSE + "2024-06-10 engagement-resumed E1", []),
    (
        "resumed after unstable therapy",
        CHANGED_IN_PAUSE.replace("closed E2", "closed E2 stable=no") + "2024-06-10 engagement-resumed E1",
        ["gate"],
    ),
    ("therapy is still open: ROLE-1 speaks", "2024-01-08 therapy E1\n2024-06-10 coaching E2", []),
    (
        "goals not met",
        THERAPY.replace("closed E1", "closed E1 goals_met=no") + "2024-06-10 coaching E2",
        ["warning"],
    ),
    (
        "neither goals nor stability",
        NOT_STABLE.replace("=no", "=no goals_met=no") + "2024-06-10 coaching E2",
        ["gate", "warning"],
    ),
    (
        "therapy after coaching",
        "2024-01-08 coaching E1\n2024-06-03 engagement-closed E1\n2024-06-10 therapy E2",
        [],
    ),
    (
        "the latest therapy is still open beside the one just resumed and closed",
        """
        2024-01-08 therapy E1
        2024-02-05 engagement-paused E1
        2024-02-12 therapy E2
        2024-02-19 engagement-resumed E1
        2024-03-04 engagement-closed E1
        2024-04-01 coaching E3
        """,
        [],
    ),
    (
        "the therapy begun last counts, whatever the first said",
        NOT_STABLE + "2024-06-04 therapy E2\n2024-06-05 engagement-closed E2\n2024-06-10 coaching E3",
        [],
    ),
    (
        "the other way round",
        THERAPY + "2024-06-04 therapy E2\n2024-06-05 engagement-closed E2 stable=no\n2024-06-10 coaching E3",
        ["gate"],
    ),
    ("therapy with somebody else", NOT_STABLE + "2024-06-10 coaching E2 with=P-2", []),
)
def test_coaching_follows_the_pairs_latest_therapy(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("ROLE-2") == expected


# -- ROLE-3 -----------------------------------------------------------------------------------------------


@table(
    ("at the closing", THERAPY + "2024-06-10 coaching E2 agreement@2024-06-03 signed@2024-06-03T12:00", []),
    (
        "a second before the closing",
        THERAPY + "2024-06-10 coaching E2 agreement@2024-06-03 signed@2024-06-03T11:59:59",
        ["gate"],
    ),
    ("at the opening", THERAPY + "2024-06-10 12:00 coaching E2 signed@12:00", []),
    ("a second after the opening", THERAPY + "2024-06-10 12:00 coaching E2 signed@12:00:01", ["gate"]),
    ("at the pause", PAUSED + "2024-03-11 therapy E2 agreement@2024-03-04 signed@2024-03-04T12:00", []),
    (
        "a second before the pause",
        PAUSED + "2024-03-11 therapy E2 agreement@2024-03-04 signed@2024-03-04T11:59:59",
        ["gate"],
    ),
    ("not signed", THERAPY + "2024-06-10 coaching E2 no-signed", ["gate"]),
    ("no agreement", THERAPY + "2024-06-10 coaching E2 no-agreement", ["gate"]),
    ("coaching while therapy is open: ROLE-1 speaks", "2024-01-08 therapy E1\n2024-06-10 coaching E2", []),
    ("no service change", THERAPY + "2024-06-10 therapy E2 no-signed", []),
    ("a resumption", CHANGED_IN_PAUSE + "2024-06-10 engagement-resumed E1", []),
    (
        "the client too early, the guardian in time",
        THERAPY
        + "2024-05-06 contract A9\n2024-06-04 agreement-signed A9 guardian\n2024-06-10 coaching E2 agreement=A9",
        [],
    ),
    (
        "signed by the practitioner only",
        THERAPY + "2024-06-10 coaching E2 signed.signer=practitioner",
        ["gate"],
    ),
)
def test_the_agreement_for_the_new_role_is_signed_when_the_old_one_has_ended(
    story: str, expected: list[str]
) -> None:
    assert judge_story(story).kinds("ROLE-3") == expected


@table(
    ("no agreement", "no-agreement", ("names no agreement", ["EngagementOpened E2", "EngagementClosed E1"])),
    ("not signed", "no-signed", ("A2 is not signed", ["EngagementOpened E2", "EngagementClosed E1"])),
    (
        "before",
        "agreement@2024-05-01 signed@2024-05-06",
        ("A2 was signed before", ["EngagementOpened E2", "EngagementClosed E1", "AgreementSigned A2"]),
    ),
    (
        "after",
        "signed@2024-06-11",
        ("A2 was signed after", ["EngagementOpened E2", "EngagementClosed E1", "AgreementSigned A2"]),
    ),
    (
        "a second before",
        "agreement@2024-06-03 signed@2024-06-03T11:59:59",
        ("A2 was signed before", ["EngagementOpened E2", "EngagementClosed E1", "AgreementSigned A2"]),
    ),
)
def test_it_says_what_came_instead(story: str, expected: tuple[str, list[str]]) -> None:
    verdict = judge_story(f"{THERAPY}2024-06-10 coaching E2 {story}")

    said, rests_on = expected
    assert said in verdict.says("ROLE-3")
    assert verdict.rests_on("ROLE-3") == rests_on


def test_two_signatures_outside_are_shown_by_the_first() -> None:
    both = THERAPY + "2024-06-10 coaching E2 agreement@2024-05-01 signed@2024-05-06\n"
    verdict = judge_story(both + "2024-06-11 agreement-signed A2 guardian")

    assert verdict.rests_on("ROLE-3") == ["EngagementOpened E2", "EngagementClosed E1", "AgreementSigned A2"]
    assert verdict.findings("ROLE-3")[0].entries[-1].event.signer == "client"


def test_what_shows_that_it_was_signed_in_time() -> None:
    verdict = judge_story(THERAPY + "2024-06-10 coaching E2")

    assert verdict.shown("ROLE-3") == ["EngagementClosed E1", "AgreementSigned A2"]


# -- ROLE-4 -----------------------------------------------------------------------------------------------

OPENS = "\n2024-06-10 12:00 coaching E2"
LIVE = THERAPY + "2024-06-05 acknowledgement A9 "


@table(
    ("in between", LIVE, []),
    ("at the closing", LIVE + "agreement@2024-06-03 signed@2024-06-03T12:00", []),
    ("a second before the closing", LIVE + "agreement@2024-06-03 signed@2024-06-03T11:59:59", ["gate"]),
    ("at the opening", LIVE + "signed@2024-06-10T12:00", []),
    ("a second after the opening", LIVE + "signed@2024-06-10T12:00:01", ["gate"]),
    ("practice-wide", LIVE + "with=", []),
    ("with somebody else", LIVE + "with=P-2", ["gate"]),
    ("some other agreement", THERAPY + "2024-06-05 contract A9", ["gate"]),
    ("by the practitioner only", LIVE + "signed.signer=practitioner", ["gate"]),
    ("none", THERAPY, ["gate"]),
    ("not adopted", "2021-01-04 policy-adopted recommended drops=ROLE-4\n" + THERAPY, []),
)
def test_the_change_of_role_is_acknowledged(story: str, expected: list[str]) -> None:
    assert judge_story(story + OPENS).kinds("ROLE-4") == expected


@table(
    ("to therapy, acknowledged", PAUSED + "2024-03-05 acknowledgement A9\n2024-03-11 therapy E2", []),
    ("to therapy", PAUSED + "2024-03-11 therapy E2", ["gate"]),
    ("back to coaching", CHANGED_IN_PAUSE + "2024-06-10 engagement-resumed E1", ["gate", "gate"]),
    ("therapy still open: ROLE-1 speaks", "2024-01-08 therapy E1" + OPENS, []),
    ("no change", THERAPY + "2024-06-10 therapy E2", []),
)
def test_which_changes_ask_for_an_acknowledgement(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("ROLE-4") == expected


def test_the_first_acknowledgement_recorded_shows_it() -> None:
    verdict = judge_story(LIVE + "\n2024-06-06 acknowledgement A8" + OPENS)

    assert verdict.shown("ROLE-4") == ["EngagementClosed E1", "AgreementSigned A9"]


# -- ROLE-5 -----------------------------------------------------------------------------------------------


@table(
    ("a new one", THERAPY + "2024-06-10 coaching E2", []),
    ("none", THERAPY + "2024-06-10 coaching E2 no-intake", ["gate"]),
    ("one completed after the opening", THERAPY + "2024-06-10 coaching E2 intake@2024-06-11", ["gate"]),
    ("the old one", THERAPY + "2024-06-10 coaching E2 intake=I1", ["gate"]),
    (
        "made a second before the therapy was opened",
        THERAPY + "2024-06-10 coaching E2 intake@2024-01-08T11:59:59",
        ["gate"],
    ),
    (
        "made a second after the therapy was opened",
        THERAPY + "2024-06-10 coaching E2 intake@2024-01-08T12:00:01",
        [],
    ),
    (
        "used by a colleague",
        THERAPY + "2024-06-05 coaching E3 with=P-2\n2024-06-10 coaching E2 intake=I3",
        ["gate"],
    ),
    (
        "used by a colleague later",
        THERAPY + "2024-06-10 coaching E2\n2024-06-12 coaching E3 with=P-2 intake=I2",
        [],
    ),
    (
        "a colleague used another",
        THERAPY + "2024-06-05 coaching E3 with=P-2\n2024-06-10 coaching E2",
        [],
    ),
    ("no change of service", THERAPY + "2024-06-10 therapy E2 no-intake", []),
    (
        "therapy still open: judged all the same",
        "2024-01-08 therapy E1\n2024-06-10 coaching E2 no-intake",
        ["gate"],
    ),
)
def test_a_new_role_rests_on_an_intake_of_its_own(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("ROLE-5") == expected


def test_the_intake_that_a_resumption_rested_on_serves_the_next_role() -> None:
    verdict = judge_story(
        """
        2024-01-08 coaching E1
        2024-03-04 engagement-paused E1
        2024-03-11 intake-completed I7
        2024-03-18 engagement-resumed E1 intake=I7
        2024-06-03 engagement-closed E1
        2024-06-10 therapy E2 intake=I7
        """
    )

    assert verdict.kinds("ROLE-5") == []


# -- ROLE-6 -----------------------------------------------------------------------------------------------


@table(
    (
        "issued an instant after the closing",
        THERAPY + "2024-06-03 12:00 agreement-issued A2 coaching-contract",
        [],
    ),
    (
        "issued an instant before the closing",
        """
        2024-01-08 therapy E1
        2024-06-03 12:00 agreement-issued A2 coaching-contract
        2024-06-03 12:00 engagement-closed E1
        """,
        ["warning"],
    ),
    (
        "while therapy is paused",
        "2024-01-08 therapy E1\n2024-02-05 engagement-paused E1\n2024-02-06 contract A2",
        ["warning"],
    ),
    ("another kind", "2024-01-08 therapy E1\n2024-02-06 consent A2", []),
    ("an acknowledgement", "2024-01-08 therapy E1\n2024-02-06 acknowledgement A2", []),
    ("with a colleague", "2024-01-08 therapy E1\n2024-02-06 contract A2 with=P-2", []),
    ("practice-wide", "2024-01-08 therapy E1\n2024-02-06 contract A2 with=", ["warning"]),
    ("while coaching is open", "2024-01-08 coaching E1\n2024-02-06 contract A2", []),
    (
        "two therapies open, one remark",
        "2024-01-08 therapy E1\n2024-01-09 therapy E2 with=P-2\n2024-02-06 contract A3 with=",
        ["warning"],
    ),
)
def test_no_coaching_contract_is_issued_while_the_pairs_therapy_is_open(
    story: str, expected: list[str]
) -> None:
    assert judge_story(story).kinds("ROLE-6") == expected


# -- ROLE-7 -----------------------------------------------------------------------------------------------

TWO_CHANGES = """
2021-01-04 policy-adopted recommended parameters.alternation_limit={limit} parameters.alternation_window_days={window}
2024-01-08 therapy E1
2024-03-04 engagement-closed E1
2024-03-11 coaching E2
2024-05-06 engagement-closed E2
2024-05-13 therapy E3 with={who}
"""


@pytest.mark.parametrize(
    ("limit", "window", "who", "expected"),
    [
        (1, 365, "P-1", ["advice"]),
        (2, 365, "P-1", []),
        (1, 63, "P-1", ["advice"]),  # 11 March is 63 days before 13 May
        (1, 62, "P-1", []),
        (0, 62, "P-1", ["advice", "advice"]),
        (1, 365, "P-2", []),
    ],
)
def test_more_changes_than_the_practice_allows(
    limit: int, window: int, who: str, expected: list[str]
) -> None:
    story = TWO_CHANGES.format(limit=limit, window=window, who=who)

    assert judge_story(story).kinds("ROLE-7") == expected


def test_changes_of_another_pair_and_later_ones_are_not_counted() -> None:
    other = """
    2024-04-01 therapy E7 with=P-2
    2024-04-08 engagement-closed E7
    2024-04-09 coaching E8 with=P-2
    """
    later = "2024-06-03 engagement-closed E3\n2024-06-10 coaching E4"
    verdict = judge_story(TWO_CHANGES.format(limit=2, window=365, who="P-1") + other + later)

    assert [one.engagements[0] for one in verdict.findings("ROLE-7")] == ["E4"]


def test_it_rests_on_every_change_it_counts() -> None:
    verdict = judge_story(TWO_CHANGES.format(limit=1, window=365, who="P-1"))

    assert verdict.rests_on("ROLE-7") == ["EngagementOpened E3", "EngagementOpened E2"]


# -- ROLE-8 -----------------------------------------------------------------------------------------------

GAP = "2021-01-04 policy-adopted recommended parameters.min_gap_days=30\n"


@table(
    ("the thirtieth day", GAP + THERAPY + "2024-07-03 08:00 coaching E2", []),
    ("the twenty-ninth day", GAP + THERAPY + "2024-07-02 23:00 coaching E2", ["gate"]),
    ("no gap asked for", THERAPY + "2024-06-03 13:00 coaching E2", []),
    (
        "to therapy",
        GAP + "2024-01-08 coaching E1\n2024-06-03 engagement-closed E1\n2024-06-04 therapy E2",
        [],
    ),
    ("resumed too soon", GAP + CHANGED_IN_PAUSE + "2024-07-02 engagement-resumed E1", ["gate"]),
    ("resumed in time", GAP + CHANGED_IN_PAUSE + "2024-07-03 engagement-resumed E1", []),
    ("therapy still open: ROLE-1 speaks", GAP + "2024-01-08 therapy E1\n2024-06-10 coaching E2", []),
    (
        "the closing of the later therapy counts",
        GAP + THERAPY + "2024-06-04 therapy E2\n2024-06-05 engagement-closed E2\n2024-07-03 coaching E3",
        ["gate"],
    ),
    (
        "the later therapy is open, the one closed last is not it",
        GAP
        + """
        2024-01-08 therapy E1
        2024-02-05 engagement-paused E1
        2024-02-12 therapy E2
        2024-02-19 engagement-resumed E1
        2024-03-04 engagement-closed E1
        2024-03-05 coaching E3
        """,
        ["gate"],
    ),
)
def test_days_lie_between_therapy_and_coaching(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("ROLE-8") == expected


def test_a_resumption_after_coaching_that_stands_between_looks_at_the_therapy_too() -> None:
    # Given therapy begun in the pause of E1 and still open, and a second coaching opened and closed since
    story = PAUSED + "2024-03-11 therapy E2\n2024-04-08 coaching E3\n2024-05-06 engagement-closed E3\n"
    verdict = judge_story(GAP + story + "2024-06-10 engagement-resumed E1")

    assert verdict.kinds("ROLE-2") == ["gate"]
    assert "follows therapy E2: expected it to be closed" in verdict.says("ROLE-2")
    assert verdict.kinds("ROLE-8") == []


def test_the_closing_shows_the_gap() -> None:
    assert judge_story(THERAPY + OPENS).shown("ROLE-8") == ["EngagementClosed E1"]


def test_days_are_those_of_the_practice() -> None:
    # Given a closing late on 3 June in New York, when it is 4 June in UTC already
    story = GAP + "2024-01-08 therapy E1\n2024-06-04 03:00 engagement-closed E1\n2024-07-03 15:00 coaching E2"

    assert judge_story(story, time_zone="America/New_York").kinds("ROLE-8") == []
    assert judge_story(story, time_zone="UTC").kinds("ROLE-8") == ["gate"]
