"""The case: what held at a moment, as intervals."""

import pytest

from ledger.case import Engagement
from tests.rules.telling import judge_story, name

LATE = ("2024-12-31T00:00:00.000000Z", 999)
RESTED = """
2024-01-08 12:00 therapy E1
2024-02-05 12:00 engagement-paused E1
2024-03-04 12:00 engagement-resumed E1
2024-04-01 12:00 engagement-paused E1
2024-05-06 12:00 engagement-resumed E1
2024-06-03 12:00 engagement-closed E1
"""


def rested() -> Engagement:
    return judge_story(RESTED).case.engagements["E1"]


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("01-08T11:59", "not-open"),
        ("01-08T12:01", "running"),
        ("02-05T12:01", "paused"),
        ("03-04T11:59", "paused"),
        ("03-04T12:01", "running"),
        ("04-01T12:01", "paused"),
        ("05-06T12:01", "running"),
        ("06-03T12:01", "closed"),
    ],
)
def test_the_state_at_a_moment(at: str, state: str) -> None:
    order = (f"2024-{at}:00.000000Z", 0)
    engagement = rested()

    assert engagement.state_at(order) == state
    assert engagement.open_at(order) == (state in ("running", "paused"))
    assert engagement.running_at(order) == (state == "running")
    assert (engagement.pause_at(order) is not None) == (state == "paused")


@pytest.mark.parametrize(
    ("at", "start"), [("01-08T11:59", None), ("01-08T12:01", "01-08"), ("03-05", "03-04"), ("12-31", "05-06")]
)
def test_the_last_start_before_a_moment(at: str, start: str | None) -> None:
    found = rested().last_start((f"2024-{at}", 0))

    assert (found.at[5:10] if found is not None else None) == start


def test_the_stints() -> None:
    stints = [(start.at[5:10], end.at[5:10] if end is not None else None) for start, end in rested().stints()]
    assert stints == [("01-08", "02-05"), ("03-04", "04-01"), ("05-06", "06-03")]

    still = judge_story(RESTED.rsplit("\n", 2)[0]).case.engagements["E1"]
    assert [end is None for _, end in still.stints()] == [False, False, True]

    paused = judge_story(RESTED.rsplit("\n", 3)[0]).case.engagements["E1"]
    assert [end is None for _, end in paused.stints()] == [False, False]
    assert paused.state_at(LATE) == "paused"


def test_where_the_client_lived() -> None:
    case = judge_story(
        "2024-02-05 client-relocated US-SC\n2024-03-04 client-relocated US-VA\n2024-12-31 today"
    ).case
    places = [case.place_of_client((f"2024-{at}", 0)) for at in ("01-08", "02-06", "03-05")]

    assert [place[0] for place in places if place is not None] == ["US-NC", "US-SC", "US-VA"]
    assert case.place_of_client(("2020-01-01", 0)) is None


def test_the_latest_intake() -> None:
    case = judge_story("2024-01-08 intake-completed I1\n2024-02-05 intake-completed I2").case
    found = [case.latest_intake((f"2024-{at}", 0)) for at in ("01-05", "01-09", "02-06")]

    assert [name(fact) if fact is not None else None for fact in found] == [
        None,
        "IntakeCompleted I1",
        "IntakeCompleted I2",
    ]


@pytest.mark.parametrize(
    ("story", "under_way"),
    [
        ("2024-02-05 referral-made R1", False),
        ("2024-02-05 referral-made R1\n2024-02-06 referral-answered R1", True),
        ("2024-02-05 referral-made R1\n2024-02-06 referral-answered R1 declined", False),
        ("2024-02-05 referral-made R1 client_answer=declined\n2024-02-06 referral-answered R1", False),
        (
            "2024-02-05 referral-made R1\n2024-02-06 referral-answered R1\n2024-03-04 referral-concluded R1",
            False,
        ),
        ("2024-02-05 referral-received R1\n2024-02-06 referral-answered R1", True),
    ],
)
def test_a_referral_is_under_way_from_answer_to_conclusion(story: str, under_way: bool) -> None:
    referral = judge_story(story).case.referrals["R1"]

    assert referral.under_way_at(LATE) is under_way
    assert referral.under_way_at(("2024-02-05T23:00:00.000000Z", 0)) is False


def test_everything_else_is_kept_where_people_look_for_it() -> None:
    case = judge_story(
        """
        2024-01-08 client-details-changed name=Ann
        2024-02-05 hold-placed
        2024-02-06 hold-released
        2024-02-07 release-granted X1 to_practitioner=P-9
        2024-02-08 disclosure-made D1 to_practitioner=P-9
        2024-02-09 keys-destroyed
        """
    ).case

    kept = (case.facts, case.holds, case.disclosures, case.keys_destroyed, case.moves)
    assert [len(facts) for facts in kept] == [7, 2, 1, 1, 0]
    assert case.registered is case.facts[0]


def test_a_release_ends_once() -> None:
    story = "2024-02-05 release-granted X1\n2024-03-04 release-revoked X1\n2024-04-01 release-revoked X1"
    release = judge_story(story).case.releases["X1"]

    assert release.revoked is not None
    assert release.revoked.occurred_at == "2024-03-04"
    assert judge_story("2024-02-01 release-revoked X1\n" + story).case.unfit == {}


@pytest.mark.parametrize(
    ("day", "minor"), [("2024-01-08", True), ("2024-01-09", False), ("2024-01-10", False)]
)
def test_a_minor_comes_of_age_on_the_day(day: str, minor: bool) -> None:
    assert judge_story("2024-01-05 client-registered C-1 minor_until=2024-01-09").case.minor_on(day) is minor
    assert judge_story("2024-01-05 client-registered C-1").case.minor_on(day) is False
