"""Files with one thing amiss each, in the order or the limits of the two roles."""

from examples.lakeside.chart import Chart
from examples.lakeside.journal import Journal
from examples.lakeside.practice import CONTRACT, ECHEVERRIA, LINDQVIST, OSEI, ROLE_CHANGE, SOLHEIM


def maple(journal: Journal) -> None:
    """C-MAPLE, ROLE-3: signs the coaching contract a week before her therapy is closed."""
    chart = Chart(journal, "C-MAPLE")
    chart.register("2023-10-12 10:00", "Zsófia Lindenmayer", "1995-05-05")
    therapy = chart.therapy(
        "2023-10-17 11:00", OSEI, "active", "Panics in lifts and has begun to avoid them.", ["mood-anxiety"]
    )
    chart.sessions(therapy, "2023-10-24 11:00", 16, without=(10,))
    agreement = chart.sign("2024-02-06 11:55", OSEI, CONTRACT)
    chart.session(therapy, "2024-02-13 11:00")
    chart.close("2024-02-13 11:50", therapy, "Takes the lift to the ninth floor without thinking of it.")
    intake = chart.intake(
        "2024-02-20 11:00", OSEI, "coaching", "past", "Wants to found a small business.", stable="yes"
    )
    chart.sign("2024-02-20 11:40", OSEI, ROLE_CHANGE)
    coaching = chart.open(
        "2024-02-20 12:00", OSEI, "coaching", intake=intake, agreement=agreement, focus=["goals", "career"]
    )
    chart.sessions(coaching, "2024-02-27 11:00", 8, every=14)
    chart.close("2024-06-11 11:00", coaching, "The business is registered and has two customers.")


def oak(journal: Journal) -> None:
    """C-OAK, ROLE-1: coaching begins while therapy with the same practitioner runs on for months."""
    chart = Chart(journal, "C-OAK")
    chart.register("2024-01-11 13:00", "Rajan Mistry-Holloway", "1983-08-31")
    therapy = chart.therapy(
        "2024-01-16 17:00", LINDQVIST, "suspected", "Irritable at home, and ashamed of it.", ["mood-anxiety"]
    )
    chart.sessions(therapy, "2024-01-23 17:00", 12)
    chart.sessions(therapy, "2024-04-23 17:00", 10, every=14, without=(5,))
    coaching = chart.coaching(
        "2024-06-18 17:00",
        LINDQVIST,
        "past",
        "Calm at home; now wants to lead his team better, and see both things through.",
        ["career", "performance"],
        changed_role=True,
    )
    chart.sessions(coaching, "2024-06-25 17:00", 12, every=14)
    chart.close("2024-09-10 17:50", therapy, "Nothing left to do here.")
    chart.close("2024-12-10 17:00", coaching, "The team has met its targets.")


def sorrel(journal: Journal) -> None:
    """C-SORREL, SCOPE-2: a clinical concern in coaching waits sixteen days for a pause and a referral."""
    chart = Chart(journal, "C-SORREL")
    chart.register("2023-10-27 11:00", "Inês Vasconcelos", "1992-09-21")
    coaching = chart.coaching(
        "2023-11-01 12:00",
        SOLHEIM,
        "none",
        "New in town and in charge of six people.",
        ["career", "life-transition"],
    )
    chart.sessions(coaching, "2023-11-08 12:00", 6, every=14)
    concern = chart.concern(
        "2024-01-17 12:20", coaching, "Weeps through the hour and says that it is like this most days."
    )
    chart.pause("2024-02-02 09:00", coaching)
    referral = chart.refer(
        "2024-02-02 09:15",
        SOLHEIM,
        LINDQVIST,
        "therapy",
        reason="clinical-concern",
        details="Should have gone out two weeks ago; the client was travelling.",
        engagement=coaching,
        answered="2024-02-05 09:00",
    )
    chart.close("2024-02-09 12:00", coaching, "Therapy first; coaching another time.", reason="scope")
    therapy = chart.therapy("2024-02-14 12:00", LINDQVIST, "active", "Sent by Ms. Solheim.", ["mood-anxiety"])
    chart.sessions(therapy, "2024-02-21 12:00", 18)
    chart.close("2024-06-26 12:00", therapy, "Laughs again, and noticed it herself.")
    chart.conclude("2024-06-27", referral, "yes")
    chart.write("ConcernResolved", "2024-06-28 09:00", concern=concern, basis="therapy-closed-stable")


def tamarind(journal: Journal) -> None:
    """C-TAMARIND, SCOPE-3: one more ordinary coaching session between the concern and the pause."""
    chart = Chart(journal, "C-TAMARIND")
    chart.register("2024-09-03 10:00", "Wilhelmina Duarte", "1980-05-29")
    coaching = chart.coaching(
        "2024-09-05 09:00",
        SOLHEIM,
        "none",
        "Wants to sell the bakery well, and know what comes then.",
        ["life-transition"],
    )
    chart.sessions(coaching, "2024-09-12 09:00", 10)
    concern = chart.concern(
        "2024-11-14 09:30", coaching, "Drinks more than she likes, alone, since the summer."
    )
    chart.session(coaching, "2024-11-18 09:00")
    chart.pause("2024-11-19 09:00", coaching)
    referral = chart.refer(
        "2024-11-19 09:15",
        SOLHEIM,
        ECHEVERRIA,
        "therapy",
        reason="clinical-concern",
        details="Agrees at once, and asks whether the coaching can go on later.",
        engagement=coaching,
        answered="2024-11-21 09:00",
    )
    therapy = chart.therapy(
        "2024-12-03 09:00", ECHEVERRIA, "active", "Sent by Ms. Solheim.", ["symptom-relief"]
    )
    chart.sessions(therapy, "2024-12-10 09:00", 18, without=(3, 4))
    chart.close(
        "2025-04-15 09:00", therapy, "Four months without, and glad of it.", summary="2025-04-22 10:00"
    )
    chart.release("2025-04-15 09:10", ECHEVERRIA, ["clinical"], "treatment-coordination", to=SOLHEIM)
    chart.conclude("2025-04-16", referral, "yes")
    chart.write("ConcernResolved", "2025-04-17 09:00", concern=concern, basis="outside-therapist-report")
    intake = chart.intake(
        "2025-04-24 09:00", SOLHEIM, "coaching", "past", "The bakery is still for sale.", stable="yes"
    )
    chart.resume("2025-04-24 10:00", coaching, intake=intake)
    chart.sessions(coaching, "2025-05-01 09:00", 8, every=14)
    chart.close("2025-08-21 09:00", coaching, "Sold.")


def willow(journal: Journal) -> None:
    """C-WILLOW, COR-1: a closing noted after the coaching began, and later re-dated to the week before it."""
    chart = Chart(journal, "C-WILLOW")
    chart.register("2024-01-18 10:00", "Emeka Rosenthal", "1986-10-10")
    therapy = chart.therapy(
        "2024-01-23 10:00", OSEI, "active", "Sleepless before every deadline.", ["mood-anxiety"]
    )
    chart.sessions(therapy, "2024-01-30 10:00", 12)
    chart.sessions(therapy, "2024-04-30 10:00", 10, every=14)
    closing = chart.close("2024-09-30 10:00", therapy, "Agreed in the last session that this is done.")
    coaching = chart.coaching(
        "2024-09-17 10:00",
        OSEI,
        "past",
        "Wants to plan the next career step, now that he sleeps.",
        ["career", "goals"],
        stable="yes",
        changed_role=True,
    )
    chart.sessions(coaching, "2024-09-24 10:00", 8, every=14)
    journal.correct(
        closing,
        "2024-11-04 09:00",
        "osei",
        {"occurred_at": "2024-09-10T10:50:00-04:00"},
        "The closing took place at the end of the last session; it was noted under a later day.",
    )
    chart.close("2025-01-14 10:00", coaching, "Starts in the new department in March.")


STORIES = (maple, oak, sorrel, tamarind, willow)
