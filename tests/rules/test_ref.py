"""REF: referrals."""

from tests.rules.telling import judge_story, table

MADE = "2024-02-05 referral-made R1\n"
DECLINED = "2024-02-05 referral-made R1 client_answer=declined\n"


@table(
    ("fourteenth day", MADE + "2024-02-19 today", ["open"]),
    ("fifteenth day", MADE + "2024-02-20 today", ["overdue"]),
    ("answered on the fourteenth day", MADE + "2024-02-19 referral-answered R1", ["met"]),
    ("answered on the fifteenth day", MADE + "2024-02-20 referral-answered R1", ["late"]),
    ("declined by the other side", MADE + "2024-02-19 referral-answered R1 declined", ["met"]),
    ("lapsed", MADE + "2024-02-19 referral-answered R1 lapsed", ["met"]),
    ("declined by the client", DECLINED + "2024-03-31 today", []),
    ("received", "2024-02-05 referral-received R1\n2024-03-31 today", []),
    ("for coaching", MADE.replace("R1", "R1 service=coaching") + "2024-03-31 today", ["overdue"]),
    (
        "thirty days",
        "2021-01-04 policy-adopted recommended parameters.referral_follow_up_days=30\n"
        + MADE
        + "2024-03-06 today",
        ["open"],
    ),
)
def test_a_referral_is_answered(story: str, expected: list[str]) -> None:
    assert judge_story(story).statuses("REF-1") == expected


def test_what_it_is_about() -> None:
    story = "2024-01-08 therapy E1\n2024-02-05 referral-made R1 P-2 engagement=E1\n2024-02-12 referral-answered R1"
    (one,) = judge_story(story).obligations("REF-1")

    assert (one.due.engagement, one.due.practitioner, one.due.met_on) == ("E1", "P-2", "2024-02-12")
    assert [fact.entry.type for fact in one.due.met_by] == ["ReferralAnswered"]
    assert judge_story(MADE + "2024-02-19 today").judgement.verdict == "pending"
    assert not judge_story(MADE + "2024-02-20 referral-answered R1").obligations("REF-1")[0].serious


@table(
    ("accepted", MADE + "2024-02-06 referral-answered R1\n2024-03-04 referral-concluded R1", []),
    ("answered", DECLINED + "2024-02-06 referral-answered R1 lapsed", ["violation"]),
    (
        "answered and concluded",
        DECLINED + "2024-02-06 referral-answered R1\n2024-03-04 referral-concluded R1",
        ["violation", "violation"],
    ),
    ("concluded, never answered", DECLINED + "2024-03-04 referral-concluded R1", ["violation"]),
    ("received", "2024-02-05 referral-received R1\n2024-02-06 referral-answered R1", []),
    (
        "retracted",
        DECLINED.replace("R1", "R1 source=x") + "2024-02-06 referral-answered R1\n2024-02-07 retract x",
        [],
    ),
)
def test_a_referral_the_client_declined_is_not_carried_out(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("REF-2") == expected


def test_it_says_which() -> None:
    said = judge_story(
        DECLINED + "2024-02-06 referral-answered R1\n2024-03-04 referral-concluded R1"
    ).findings("REF-2")

    assert ["was answered" in one.message for one in said] == [True, False]
    assert ["was concluded" in one.message for one in said] == [False, True]


@table(
    ("licensed", MADE, []),
    ("last day", "2021-01-04 licence-recorded P-9 L3 valid_until=2024-02-05\n" + MADE, []),
    ("the day after", "2021-01-04 licence-recorded P-9 L3 valid_until=2024-02-04\n" + MADE, ["warning"]),
    ("elsewhere", "2024-02-01 client-relocated US-SC\n" + MADE, ["warning"]),
    ("for coaching", "2024-02-01 client-relocated US-SC\n" + MADE.replace("R1", "R1 service=coaching"), []),
    ("no place on record", "2024-02-06 client-registered C-1\n" + MADE, ["warning"]),
    ("received", "2024-02-01 client-relocated US-SC\n2024-02-05 referral-received R1", []),
)
def test_a_therapy_referral_goes_where_there_is_cover(story: str, expected: list[str]) -> None:
    assert judge_story(story).kinds("REF-3") == expected


def test_it_names_the_place() -> None:
    moved, nowhere = "2024-02-01 client-relocated US-SC\n", "2024-02-06 client-registered C-1\n"

    assert "no licence of P-9 for US-SC is on record" in judge_story(moved + MADE).says("REF-3")
    assert judge_story(moved + MADE).rests_on("REF-3") == ["ReferralMade R1", "ClientRelocated C-1"]
    assert "for a place not on record" in judge_story(nowhere + MADE).says("REF-3")
    assert judge_story(nowhere + MADE).rests_on("REF-3") == ["ReferralMade R1"]
