"""Service changes, their marks, and transitions (DESIGN section 4, "Terms")."""

from ledger.changes import service_change
from tests.rules.telling import Verdict, judge_story, name, table

THERAPY = "2024-01-08 therapy E1\n"
CLOSED = THERAPY + "2024-06-03 12:00 engagement-closed E1\n"
COACHING = "2024-01-08 coaching E1\n"
PAUSED = COACHING + "2024-03-04 12:00 engagement-paused E1\n"


def marks(verdict: Verdict) -> list[str]:
    """Each service change: the engagement before, and what ended its role."""
    found = [
        service_change(verdict.case, fact) for fact in verdict.case.facts if hasattr(fact.event, "engagement")
    ]
    return [
        f"{one.previous.id} {name(one.mark) if one.mark else 'no mark'}" for one in found if one is not None
    ]


@table(
    ("first engagement", THERAPY, []),
    ("second therapy", CLOSED + "2024-06-10 therapy E2", []),
    ("coaching after therapy", CLOSED + "2024-06-10 coaching E2", ["E1 EngagementClosed E1"]),
    ("closed an instant before", CLOSED + "2024-06-03 12:00 coaching E2", ["E1 EngagementClosed E1"]),
    (
        "closed an instant after",
        THERAPY + "2024-06-03 12:00 coaching E2\n2024-06-03 12:00 engagement-closed E1",
        ["E1 no mark"],
    ),
    (
        "coaching while therapy is paused",
        THERAPY + "2024-02-05 engagement-paused E1\n2024-02-06 coaching E2",
        ["E1 no mark"],
    ),
    (
        "therapy after coaching closed",
        CLOSED.replace("therapy", "coaching") + "2024-06-10 therapy E2",
        ["E1 EngagementClosed E1"],
    ),
    ("therapy while coaching is paused", PAUSED + "2024-03-11 therapy E2", ["E1 EngagementPaused E1"]),
    (
        "therapy after coaching paused, then closed",
        PAUSED + "2024-03-05 engagement-closed E1\n2024-03-11 therapy E2",
        ["E1 EngagementPaused E1"],
    ),
    (
        "therapy after coaching paused and resumed",
        PAUSED + "2024-03-05 engagement-resumed E1\n2024-03-11 therapy E2",
        ["E1 no mark"],
    ),
    (
        "paused twice, the last pause counts",
        PAUSED + "2024-03-05 engagement-resumed E1\n2024-03-06 engagement-paused E1\n2024-03-11 therapy E2",
        ["E1 EngagementPaused E1"],
    ),
    ("therapy while coaching runs", COACHING + "2024-03-11 therapy E2", ["E1 no mark"]),
    ("another practitioner", CLOSED + "2024-06-10 coaching E2 with=P-2", []),
    (
        "coaching resumed after therapy",
        PAUSED + "2024-03-11 therapy E2\n2024-06-03 engagement-closed E2\n2024-06-10 engagement-resumed E1",
        ["E1 EngagementPaused E1", "E2 EngagementClosed E2"],
    ),
    (
        "coaching resumed while therapy is open",
        PAUSED + "2024-03-11 therapy E2\n2024-06-10 engagement-resumed E1",
        ["E1 EngagementPaused E1", "E2 no mark"],
    ),
    ("coaching resumed, no therapy in the pause", PAUSED + "2024-06-10 engagement-resumed E1", []),
    (
        "coaching resumed, therapy with somebody else",
        PAUSED + "2024-03-11 therapy E2 with=P-2\n2024-06-10 engagement-resumed E1",
        [],
    ),
    (
        "coaching resumed, therapy was before the pause",
        THERAPY + "2024-02-05 engagement-closed E1\n"
        "2024-02-12 coaching E2\n"
        "2024-03-04 engagement-paused E2\n"
        "2024-04-01 engagement-resumed E2",
        ["E1 EngagementClosed E1"],
    ),
    (
        "therapy opened after the resumption",
        PAUSED + "2024-06-10 engagement-resumed E1\n2024-06-11 therapy E2",
        ["E1 no mark"],
    ),
    (
        "therapy resumed after coaching is no change",
        THERAPY + "2024-02-05 engagement-paused E1\n"
        "2024-02-06 coaching E2\n"
        "2024-03-04 engagement-closed E2\n"
        "2024-03-11 engagement-resumed E1",
        ["E1 no mark"],
    ),
    (
        "the engagement resumed last is the previous one",
        THERAPY + "2024-02-05 engagement-paused E1\n2024-02-06 coaching E2\n2024-03-04 engagement-closed E2\n"
        "2024-03-11 engagement-resumed E1\n2024-03-18 engagement-closed E1\n2024-04-01 coaching E3",
        ["E1 no mark", "E1 EngagementClosed E1"],
    ),
    (
        "coaching resumed after therapy and another coaching, which is paused",
        PAUSED + "2024-03-11 therapy E2\n2024-04-01 engagement-closed E2\n2024-04-08 coaching E3\n"
        "2024-05-06 engagement-paused E3\n2024-06-10 engagement-resumed E1",
        ["E1 EngagementPaused E1", "E2 EngagementClosed E2", "E3 no mark"],
    ),
    (
        "a resumption that does not fit",
        PAUSED.replace("paused", "closed") + "2024-03-11 therapy E2\n2024-06-10 engagement-resumed E1",
        ["E1 EngagementClosed E1"],
    ),
)
def test_service_changes_and_their_marks(story: str, expected: list[str]) -> None:
    assert marks(judge_story(story)) == expected


def test_which_way_a_change_goes() -> None:
    case = judge_story(
        CLOSED + "2024-06-10 coaching E2\n2024-07-01 engagement-closed E2\n2024-07-08 therapy E3"
    ).case
    changes = [service_change(case, fact) for fact in case.facts if fact.entry.type == "EngagementOpened"]

    assert [one.to_coaching for one in changes if one is not None] == [True, False]


def transitions(story: str) -> list[str]:
    return [f"{one.kind} {one.origin.id} {one.target.id}" for one in judge_story(story).judgement.transitions]


@table(
    ("to coaching", CLOSED + "2024-06-10 coaching E2", ["to-coaching E1 E2"]),
    ("to therapy", PAUSED + "2024-03-11 therapy E2", ["to-therapy E1 E2"]),
    (
        "resumed after therapy",
        PAUSED + "2024-03-11 therapy E2\n2024-06-03 engagement-closed E2\n2024-06-10 engagement-resumed E1",
        ["to-therapy E1 E2", "resumed-after-therapy E2 E1"],
    ),
    ("handover to coaching", CLOSED + "2024-06-10 coaching E2 with=P-2", ["handover E1 E2"]),
    ("handover, the first continues", THERAPY + "2024-06-10 coaching E2 with=P-2", ["handover E1 E2"]),
    ("handover to therapy", COACHING + "2024-06-10 therapy E2 with=P-2", ["handover E1 E2"]),
    ("the same service with another", CLOSED + "2024-06-10 therapy E2 with=P-2", []),
    (
        "no handover where the pair worked before",
        "2024-01-04 coaching E0 with=P-2\n" + THERAPY + "2024-06-10 coaching E2 with=P-2",
        ["handover E0 E1"],
    ),
    (
        "the most recently opened counts",
        THERAPY + "2024-02-05 coaching E2 with=P-2\n2024-06-10 coaching E3 with=P-9",
        ["handover E1 E2"],
    ),
    (
        "the most recently opened counts, whoever runs",
        COACHING + "2024-02-05 therapy E2 with=P-2\n2024-06-10 coaching E3 with=P-9",
        ["handover E1 E2", "handover E2 E3"],
    ),
    (
        "opened at the same instant, before",
        THERAPY + "2024-01-08 12:00 coaching E2 with=P-2",
        ["handover E1 E2"],
    ),
    ("return after a clinical concern", PAUSED + "2024-04-08 engagement-resumed E1", ["return E1 E1"]),
    (
        "resumed after a holiday",
        PAUSED.replace("paused E1", "paused E1 leave") + "2024-04-08 engagement-resumed E1",
        [],
    ),
    ("therapy resumed", PAUSED.replace("coaching", "therapy") + "2024-04-08 engagement-resumed E1", []),
    (
        "return a second time, after a holiday",
        PAUSED
        + "2024-04-08 engagement-resumed E1\n2024-05-06 engagement-paused E1 leave\n2024-05-13 engagement-resumed E1",
        ["return E1 E1"],
    ),
    ("a resumption that does not fit", COACHING + "2024-04-08 engagement-resumed E1", []),
    (
        "a resumption of what is not on record",
        (
            "2024-01-08 coaching E1 source=x\n"
            "2024-02-05 engagement-paused E1\n"
            "2024-02-06 engagement-resumed E1\n"
            "2024-03-04 retract x"
        ),
        [],
    ),
)
def test_transitions(story: str, expected: list[str]) -> None:
    assert transitions(story) == expected
