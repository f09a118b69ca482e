"""Clients of both services, kept apart as they should be: the guide's two scenarios and others between."""

from examples.lakeside.chart import Chart
from examples.lakeside.journal import Journal, sha256
from examples.lakeside.practice import (
    CONSENT_INSURANCE,
    ECHEVERRIA,
    LINDQVIST,
    MOKOENA,
    OSEI,
    ROLE_CHANGE,
    SOLHEIM,
)


def alder(journal: Journal) -> None:
    """C-ALDER, scenario 1: coached across a state line until trauma surfaces, treated there, then coached."""
    chart = Chart(journal, "C-ALDER")
    chart.register("2023-02-13 11:00", "Thandiwe Marlowe", "1985-11-03", jurisdiction="US-OH")
    engagement = chart.coaching(
        "2023-02-16 18:00",
        LINDQVIST,
        "none",
        "Wants to leave accounting for teaching and asks for a plan with dates in it.",
        ["career", "goals"],
    )
    chart.sessions(engagement, "2023-02-23 18:00", 10, modality="video")
    chart.session(engagement, "2023-05-04 18:00", modality="video")
    concern = chart.concern(
        "2023-05-04 18:40",
        engagement,
        "Told of something from childhood that returns at night. Not for coaching; said so at once, gently.",
    )
    chart.pause("2023-05-05 09:00", engagement)
    release = chart.release("2023-05-08 10:00", LINDQVIST, ["coaching"], "treatment-coordination", to=MOKOENA)
    referral = chart.refer(
        "2023-05-08 10:10",
        LINDQVIST,
        MOKOENA,
        "therapy",
        reason="clinical-concern",
        details="Not licensed in Ohio; Dr. Mokoena is, works with trauma and can begin this month.",
        engagement=engagement,
        answered="2023-05-11 09:00",
    )
    chart.disclose(
        "2023-05-12 09:00",
        LINDQVIST,
        ["coaching"],
        "treatment-coordination",
        "release",
        release=release,
        to=MOKOENA,
    )
    chart.release("2024-02-20", MOKOENA, ["clinical"], "treatment-coordination", to=LINDQVIST)
    chart.conclude("2024-02-26", referral, "yes")
    chart.write(
        "ConcernResolved",
        "2024-02-27 09:30",
        concern=concern,
        basis="outside-therapist-report",
        evidence_sha256=sha256("C-ALDER", "letter from the therapist"),
    )
    intake = chart.intake(
        "2024-03-07 18:00",
        LINDQVIST,
        "coaching",
        "past",
        "Therapy in Ohio is complete. The plan for teaching is still wanted, and now feels possible.",
        stable="yes",
    )
    chart.resume("2024-03-07 19:00", engagement, intake=intake)
    chart.sessions(engagement, "2024-03-14 18:00", 13, every=14, modality="video", without=(9,))
    chart.session(engagement, "2024-09-12 18:00", modality="video")
    chart.close("2024-09-12 18:50", engagement, "Begins as a teacher on Monday.")


def birch(journal: Journal) -> None:
    """C-BIRCH, scenario 2: anxiety treated first and closed, then, on papers of its own, coaching."""
    chart = Chart(journal, "C-BIRCH")
    chart.register("2023-01-17 10:30", "Marisol Quintanilla-Björk", "1991-07-22")
    therapy = chart.therapy(
        "2023-01-19 14:00",
        OSEI,
        "active",
        "Wants both: less worry, and a plan for the years ahead. First the one, then the other.",
        ["mood-anxiety", "symptom-relief"],
        consent=CONSENT_INSURANCE,
    )
    chart.sessions(therapy, "2023-01-26 14:00", 14)
    chart.sessions(therapy, "2023-05-11 14:00", 8, every=14)
    chart.disclose(
        "2023-06-01 11:00",
        OSEI,
        ["administrative"],
        "insurance",
        "payment",
        recipient_kind="insurer",
        recipient="Great Lakes Mutual Health, claims",
    )
    chart.session(therapy, "2023-08-31 14:00")
    chart.close(
        "2023-08-31 14:55",
        therapy,
        "No longer meets the criteria; has kept well through two busy months.",
        summary="2023-09-06 09:15",
    )
    coaching = chart.coaching(
        "2023-09-14 14:00",
        OSEI,
        "past",
        "Knows that this is no longer treatment, and what to do should the worry return.",
        ["goals", "career"],
        stable="yes",
        changed_role=True,
    )
    chart.sessions(coaching, "2023-09-28 14:00", 12, every=14, without=(5,))
    chart.session(coaching, "2024-03-14 14:00")
    chart.close("2024-03-14 14:50", coaching, "Applied for, was given and has started the new post.")


def cedar(journal: Journal) -> None:
    """C-CEDAR: grief with one professional, career with another, who talk under the client's releases."""
    chart = Chart(journal, "C-CEDAR")
    chart.register("2023-04-03 15:00", "Jun-ho Abernathy", "1979-02-14")
    therapy = chart.therapy(
        "2023-04-06 16:00",
        ECHEVERRIA,
        "active",
        "His father died in January. Cannot concentrate, wakes at four.",
        ["grief", "mood-anxiety"],
        consent=CONSENT_INSURANCE,
    )
    chart.sessions(therapy, "2023-04-13 16:00", 16)
    chart.sessions(therapy, "2023-08-10 16:00", 14, every=14, without=(8,))
    chart.refer(
        "2023-09-14 09:00",
        ECHEVERRIA,
        SOLHEIM,
        "coaching",
        reason="specialty",
        details="Wants to rethink his work as well; that is coaching, and belongs with somebody else.",
        engagement=therapy,
        answered="2023-09-15 10:00",
    )
    to_coach = chart.release(
        "2023-09-18 10:00",
        ECHEVERRIA,
        ["clinical"],
        "treatment-coordination",
        to=SOLHEIM,
        valid_until="2024-09-30",
    )
    to_therapist = chart.release(
        "2023-09-18 10:05",
        SOLHEIM,
        ["coaching"],
        "treatment-coordination",
        to=ECHEVERRIA,
        valid_until="2024-09-30",
    )
    coaching = chart.coaching(
        "2023-09-20 12:00",
        SOLHEIM,
        "managed",
        "In therapy with Mr. Echeverría for his grief, which stays there. Here: the next ten years of work.",
        ["career", "goals"],
    )
    chart.sessions(coaching, "2023-09-27 12:00", 18, every=14, without=(8,))
    for when, from_, to, scope, release in [
        ("2023-11-06 09:00", ECHEVERRIA, SOLHEIM, ["clinical"], to_coach),
        ("2024-01-08 09:00", SOLHEIM, ECHEVERRIA, ["coaching"], to_therapist),
    ]:
        chart.disclose(when, from_, scope, "treatment-coordination", "release", release=release, to=to)
    chart.session(therapy, "2024-02-22 16:00")
    chart.close("2024-02-22 16:55", therapy, "Mourns, sleeps and works.", summary="2024-02-29 09:00")
    chart.write("ReleaseRevoked", "2024-03-04 12:00", release=to_coach)
    chart.session(coaching, "2024-06-05 12:00")
    chart.close("2024-06-05 12:50", coaching, "Has cut his hours and joined the workshop.")


def holly(journal: Journal) -> None:
    """C-HOLLY: coaching paused for a concern, therapy with the same practitioner, then coaching again."""
    chart = Chart(journal, "C-HOLLY")
    chart.register("2024-01-08 09:30", "Yusuf Adebayo-Kerr", "1987-04-27")
    coaching = chart.coaching(
        "2024-01-11 09:00",
        OSEI,
        "none",
        "Plays the cello for a living and wants to stand auditions better.",
        ["performance", "goals"],
    )
    chart.sessions(coaching, "2024-01-18 09:00", 8)
    chart.session(coaching, "2024-03-14 09:00")
    concern = chart.concern(
        "2024-03-14 09:30", coaching, "More than stage fright: has hardly left the flat for two weeks."
    )
    chart.pause("2024-03-14 10:00", coaching)
    therapy = chart.therapy(
        "2024-03-19 09:00",
        OSEI,
        "active",
        "Could have gone to a colleague; would rather not begin again with a stranger. Coaching rests.",
        ["mood-anxiety"],
        changed_role=True,
    )
    chart.sessions(therapy, "2024-03-26 09:00", 12)
    chart.sessions(therapy, "2024-06-25 09:00", 7, every=14)
    chart.session(therapy, "2024-10-01 09:00")
    chart.close("2024-10-01 09:55", therapy, "Well since August; has played in public again.")
    chart.write(
        "ConcernResolved",
        "2024-10-02 09:00",
        concern=concern,
        basis="therapy-closed-stable",
        evidence_sha256=sha256("C-HOLLY", "E2", "summary"),
    )
    intake = chart.intake(
        "2024-10-15 09:00",
        OSEI,
        "coaching",
        "past",
        "Two auditions in the winter; wants to prepare.",
        stable="yes",
    )
    chart.sign("2024-10-15 09:40", OSEI, ROLE_CHANGE)
    chart.resume("2024-10-15 09:50", coaching, intake=intake)
    chart.sessions(coaching, "2024-10-22 09:00", 8, every=14)
    chart.session(coaching, "2025-02-11 09:00")
    chart.close("2025-02-11 09:50", coaching, "Second chair from the autumn on.")


STORIES = (alder, birch, cedar, holly)
