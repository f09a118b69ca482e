"""Files with one thing amiss each, in a licence, a record, a disclosure or a contract."""

from examples.lakeside.chart import Chart
from examples.lakeside.journal import Journal, later, sha256
from examples.lakeside.practice import COACHING_TERMS, ECHEVERRIA, LINDQVIST, MOKOENA, OSEI, SOLHEIM


def pine(journal: Journal) -> None:
    """C-PINE, LIC-2: moves to New York; one more session by video before the referral and the closing."""
    chart = Chart(journal, "C-PINE")
    chart.register("2024-02-29 12:00", "Tevita Brandvold", "1999-12-01")
    therapy = chart.therapy(
        "2024-03-04 12:00", ECHEVERRIA, "suspected", "A separation, and what it stirred up.", ["grief"]
    )
    chart.sessions(therapy, "2024-03-11 12:00", 17)
    chart.write("ClientRelocated", "2024-07-15 10:00", jurisdiction="US-NY")
    chart.session(therapy, "2024-07-22 12:00", modality="video")
    chart.refer(
        "2024-07-24 09:00",
        ECHEVERRIA,
        MOKOENA,
        "therapy",
        reason="out-of-jurisdiction",
        details="Moved to Buffalo last week; Dr. Mokoena is licensed there.",
        engagement=therapy,
        answered="2024-07-26 09:00",
    )
    chart.close(
        "2024-07-26 12:00",
        therapy,
        "Handed over in a call of three.",
        reason="transfer",
        stable="not-assessed",
        summary="2024-08-02 09:00",
    )


def quince(journal: Journal) -> None:
    """C-QUINCE, LIC-3: moves away, and for more than three weeks nobody pauses, refers or closes."""
    chart = Chart(journal, "C-QUINCE")
    chart.register("2024-05-02 09:00", "Ottoline Nakashima", "1971-03-15")
    therapy = chart.therapy(
        "2024-05-06 15:00", OSEI, "active", "Worries about everything, all day.", ["mood-anxiety"]
    )
    chart.sessions(therapy, "2024-05-13 15:00", 12, without=(3,))
    chart.sessions(therapy, "2024-08-12 15:00", 4, every=14, without=(3,))
    chart.reassess("2024-09-23 15:50", therapy)
    chart.write("ClientRelocated", "2024-10-07 09:00", jurisdiction="US-NY")
    chart.pause("2024-11-01 10:00", therapy, "other")
    referral = chart.refer(
        "2024-11-01 10:15",
        OSEI,
        MOKOENA,
        "therapy",
        reason="out-of-jurisdiction",
        details="Lives in Rochester now, where this practice has no licence.",
        engagement=therapy,
        answered="2024-11-06 09:00",
    )
    chart.close(
        "2024-11-22 10:00", therapy, "In good hands elsewhere.", reason="transfer", stable="not-assessed"
    )
    chart.conclude("2025-06-20", referral, "yes")


def rowan(journal: Journal) -> None:
    """C-ROWAN, REC-3: a letter that names a diagnosis ends up among the coaching records."""
    chart = Chart(journal, "C-ROWAN")
    chart.register("2024-04-04 14:00", "Cillian Okonkwo", "1988-07-07")
    coaching = chart.coaching(
        "2024-04-09 14:00",
        SOLHEIM,
        "none",
        "Wants to run a marathon and to finish his thesis, in that order.",
        ["goals"],
    )
    chart.sessions(coaching, "2024-04-16 14:00", 13, every=14)
    chart.file(
        "2024-06-12 10:00", coaching, "other", diagnosis=True, title="Letter that the client brought along"
    )
    chart.close("2024-10-15 14:00", coaching, "Ran it. The thesis is with the printer.")


def teak(journal: Journal) -> None:
    """C-TEAK, CON-1: clinical records go to an attorney on the word of a release that was never signed."""
    chart = Chart(journal, "C-TEAK")
    chart.register("2025-01-13 10:00", "Dafydd Santangelo", "1968-11-12")
    therapy = chart.therapy(
        "2025-01-15 10:00", OSEI, "active", "An accident at work, and the year since.", ["trauma"]
    )
    chart.sessions(therapy, "2025-01-22 10:00", 20)
    attorney = "Hollis & Prenderghast, attorneys"
    chart.disclose(
        "2025-05-07 15:00",
        OSEI,
        ["clinical"],
        "legal",
        "release",
        recipient_kind="attorney",
        recipient=attorney,
    )
    chart.write(
        "HoldPlaced",
        "2025-05-19 09:00",
        "osei",
        matter="Santangelo v. Erie Dockworks",
        reason="A claim is pending; nothing of this file may be destroyed.",
    )
    release = chart.release(
        "2025-05-28 10:55", OSEI, ["clinical"], "legal", recipient_kind="attorney", recipient=attorney
    )
    chart.disclose(
        "2025-05-30 09:00",
        OSEI,
        ["clinical"],
        "legal",
        "release",
        release=release,
        recipient_kind="attorney",
        recipient=attorney,
    )
    chart.sessions(therapy, "2025-06-18 10:00", 7, every=14)
    chart.close("2025-09-24 10:00", therapy, "Back at work, three days a week.")


def walnut(journal: Journal) -> None:
    """C-WALNUT, REC-4: therapy is closed and no discharge summary was ever written."""
    chart = Chart(journal, "C-WALNUT")
    chart.register("2024-09-26 09:00", "Kamala Oyelaran-Fisk", "1994-01-09")
    therapy = chart.therapy(
        "2024-10-01 12:00",
        LINDQVIST,
        "suspected",
        "Exhausted by a first child and a second job.",
        ["life-transition"],
    )
    chart.sessions(therapy, "2024-10-08 12:00", 22, without=(12, 13))
    chart.close("2025-03-11 12:00", therapy, "Sleeps, and says no to things.", summary="never")


def yew(journal: Journal) -> None:
    """C-YEW, AGR-6: a coaching contract that sends the bill to the client's health insurance."""
    chart = Chart(journal, "C-YEW")
    chart.register("2025-01-20 14:00", "Solvei Marchetti", "1973-06-02")
    intake = chart.intake("2025-01-23 14:00", LINDQVIST, "coaching", "none", "Wants to learn to delegate.")
    agreement = chart.new_id("A")
    chart.write(
        "AgreementIssued",
        "2025-01-23 14:35",
        agreement=agreement,
        kind="coaching-contract",
        practitioner=LINDQVIST,
        version="2023-1, amended by hand",
        text_sha256=sha256("C-YEW", "amended contract"),
        terms=COACHING_TERMS,
        payer="insurance",
    )
    chart.sign_issued("2025-01-23 14:50", agreement)
    coaching = chart.open(
        "2025-01-23 15:00", LINDQVIST, "coaching", intake=intake, agreement=agreement, focus=["performance"]
    )
    chart.sessions(coaching, "2025-01-30 14:00", 10, every=14)
    chart.close(later("2025-06-05 14:00", minutes=50), coaching, "Has delegated the delegating.")


STORIES = (pine, quince, rowan, teak, walnut, yew)
