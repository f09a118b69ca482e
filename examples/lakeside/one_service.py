"""Clients of one service whose files show nothing amiss: therapy, coaching, a couple, a minor, short ones."""

from examples.lakeside.chart import Chart
from examples.lakeside.journal import Journal
from examples.lakeside.practice import (
    CONSENT_INSURANCE,
    CONTRACT,
    CONTRACT_2025,
    ECHEVERRIA,
    LINDQVIST,
    MOKOENA,
    OSEI,
    SOLHEIM,
    WHITFIELD,
)


def couple(journal: Journal) -> None:
    """C-DOGWOOD and C-ELM: two clients, each with papers and a file of their own, one unit."""
    for client, name, born, hour, indication in [
        ("C-DOGWOOD", "Ngaire Whitcombe", "1984-03-30", "10:00", "none"),
        ("C-ELM", "Paweł Whitcombe", "1982-12-11", "11:15", "past"),
    ]:
        chart = Chart(journal, client)
        chart.register(f"2023-10-02 {hour}", name, born)
        engagement = chart.therapy(
            f"2023-10-05 {hour}",
            ECHEVERRIA,
            indication,
            "They argue about the same three things and want to stop. Comes as one half of a couple.",
            ["relationships"],
            unit="U-DOGWOOD-ELM",
        )
        chart.sessions(engagement, "2023-10-12 10:00", 10, without=(7,))
        chart.reassess("2023-12-14 10:50", engagement)
        chart.sessions(engagement, "2024-01-04 10:00", 9, every=14)
        chart.session(engagement, "2024-05-09 10:00")
        chart.close(
            "2024-05-09 10:55",
            engagement,
            "Both say that they quarrel less and mend sooner. May come back at any time.",
            summary=f"2024-05-14 {hour}",
        )


def fir(journal: Journal) -> None:
    """C-FIR: a minor; the mother signs, the daughter adds her name; the school learns of attendance only."""
    chart = Chart(journal, "C-FIR")
    chart.register("2024-08-26 09:30", "Léonie Tran", "2009-05-14", guardian="Hélène Tran")
    engagement = chart.therapy(
        "2024-08-28 16:00",
        LINDQVIST,
        "suspected",
        "Started at a new school and sleeps badly since; mother and daughter were heard together and apart.",
        ["mood-anxiety", "life-transition"],
        consent=CONSENT_INSURANCE,
    )
    chart.sessions(engagement, "2024-09-04 16:00", 12)
    chart.file(
        "2024-09-19 17:30",
        engagement,
        "other",
        record_set="psychotherapy-notes",
        title="Drawings, and what she said",
    )
    release = chart.release(
        "2024-10-07 15:30",
        LINDQVIST,
        ["administrative"],
        "other",
        recipient_kind="school",
        recipient="Presque Isle High School, attendance office",
    )
    chart.disclose(
        "2024-10-09 09:00",
        LINDQVIST,
        ["administrative"],
        "other",
        "release",
        release=release,
        recipient_kind="school",
        recipient="Presque Isle High School, attendance office",
    )
    chart.sessions(engagement, "2024-12-04 16:00", 10, every=14, without=(3,))
    chart.session(engagement, "2025-05-07 16:00")
    chart.close("2025-05-07 16:55", engagement, "Sleeps through, has found friends, wants to try without.")


def ginkgo(journal: Journal) -> None:
    """C-GINKGO: therapy that goes on after a move, under the compact privilege, and starts again in 2025."""
    chart = Chart(journal, "C-GINKGO")
    chart.register("2023-02-02 10:00", "Siobhán Gallagher-Ruiz", "1975-09-08")
    first = chart.therapy(
        "2023-02-07 10:00",
        OSEI,
        "active",
        "Low since the winter, little joy in things that used to please. Never treated before.",
        ["mood-anxiety"],
        consent=CONSENT_INSURANCE,
    )
    chart.sessions(first, "2023-02-14 10:00", 12)
    chart.sessions(first, "2023-05-16 10:00", 4, every=14)
    chart.write("ClientRelocated", "2023-06-30", jurisdiction="US-OH")
    chart.sessions(first, "2023-07-11 10:00", 5, every=14, modality="video")
    chart.close("2023-09-19 10:30", first, "Has been well for two months.", summary="2023-09-27 09:00")

    second = chart.therapy(
        "2025-02-11 10:00",
        OSEI,
        "suspected",
        "Writes that the winter is heavy again and would rather come early than late.",
        ["mood-anxiety"],
        consent=CONSENT_INSURANCE,
    )
    chart.sessions(second, "2025-02-18 10:00", 10, modality="video")
    chart.sessions(second, "2025-05-06 10:00", 17, every=14, modality="video", without=(6,))


def hazel(journal: Journal) -> None:
    """C-HAZEL: three years of coaching, the contract renewed each spring."""
    chart = Chart(journal, "C-HAZEL")
    chart.register("2023-03-09 09:00", "Aurelio Vandersteen", "1969-06-17", jurisdiction="US-NY")
    chart.write(
        "OutsideCareNoted",
        "2023-03-14 12:10",
        service="therapy",
        since="2021-02-01",
        until="2022-11-30",
        told_by="client",
        provider="Dr. L. Farquhar, Buffalo",
    )
    engagement = chart.coaching(
        "2023-03-14 13:00",
        SOLHEIM,
        "past",
        "Hands his firm to his daughter within three years and wants company. Old grief is settled.",
        ["life-transition", "goals"],
        valid_until="2024-03-31",
    )
    chart.sessions(engagement, "2023-03-21 13:00", 17, every=21, modality="video", without=(6,))
    for year, template in (("2024", CONTRACT), ("2025", CONTRACT_2025)):
        agreement = chart.sign(f"{year}-03-12 12:30", SOLHEIM, template, valid_until=f"{int(year) + 1}-03-31")
        chart.write("EngagementRenewed", f"{year}-03-12 12:45", engagement=engagement, agreement=agreement)
        chart.sessions(engagement, f"{year}-03-18 13:00", 14, every=21, modality="video", without=(4,))
        if year == "2024":
            chart.write("ClientDetailsChanged", "2024-09-30", contact="a.vandersteen@post.example")
            chart.sessions(engagement, "2025-01-13 13:00", 3, every=21, modality="phone")


def juniper(journal: Journal) -> None:
    """C-JUNIPER: sent by a physician, helped, passed on to a coach outside the practice."""
    chart = Chart(journal, "C-JUNIPER")
    chart.register("2023-05-01 11:00", "Bronwen Achterberg", "1977-01-26")
    received = chart.new_id("R")
    chart.write(
        "ReferralReceived",
        "2023-05-01 11:15",
        referral=received,
        to_practitioner=LINDQVIST,
        service="therapy",
        reason="specialty",
        details="The family physician asks for talking therapy; no medication wanted.",
    )
    chart.write("ReferralAnswered", "2023-05-03 09:00", referral=received, answer="accepted")
    engagement = chart.therapy(
        "2023-05-09 15:00",
        LINDQVIST,
        "suspected",
        "Tense before every board meeting, for a year now. Wants to understand it, then get rid of it.",
        ["mood-anxiety", "performance"],
        consent=CONSENT_INSURANCE,
    )
    chart.sessions(engagement, "2023-05-16 15:00", 12, without=(8,))
    chart.sessions(engagement, "2023-08-15 15:00", 7, every=14)
    referral = chart.refer(
        "2023-11-21 15:55",
        LINDQVIST,
        WHITFIELD,
        "coaching",
        reason="specialty",
        details="Asks for coaching in leading a board, which nobody here offers.",
        engagement=engagement,
        answered="2023-11-28 10:00",
    )
    chart.session(engagement, "2023-12-05 15:00")
    chart.close("2023-12-05 15:55", engagement, "Calm before and after meetings since the summer.")
    chart.conclude("2024-06-14", referral, "not-assessed")


def larch(journal: Journal) -> None:
    """C-LARCH: lives where nobody of the practice is licensed; one conversation, then a referral."""
    chart = Chart(journal, "C-LARCH")
    chart.register("2024-05-13 14:00", "Noor Castellanos", "1993-10-04", jurisdiction="US-NY")
    chart.intake(
        "2024-05-15 14:00",
        OSEI,
        "refer-out",
        "suspected",
        "Lives in Jamestown. What she describes asks for therapy, and New York is not covered.",
        sought="therapy",
    )
    referral = chart.refer(
        "2024-05-15 14:55",
        OSEI,
        MOKOENA,
        "therapy",
        reason="out-of-jurisdiction",
        details="Dr. Mokoena is licensed in New York and has a place within a fortnight.",
        answered="2024-05-20 09:30",
    )
    chart.conclude("2025-01-17", referral, "yes")


def myrtle(journal: Journal) -> None:
    """C-MYRTLE: reads the coaching contract at home and decides against it."""
    chart = Chart(journal, "C-MYRTLE")
    chart.register("2025-03-10 09:30", "Ikaika Thorvaldsen", "1990-08-19")
    chart.intake(
        "2025-03-11 12:00", SOLHEIM, "coaching", "none", "Wants to write a book; would rather do than talk."
    )
    agreement = chart.issue("2025-03-11 12:40", SOLHEIM, CONTRACT_2025)
    chart.write("AgreementDeclined", "2025-03-18 09:00", agreement=agreement, reason="client-choice")


def spruce(journal: Journal) -> None:
    """C-SPRUCE: therapy closed in the last days of 2025; the discharge summary is still due."""
    chart = Chart(journal, "C-SPRUCE")
    chart.register("2025-06-16 10:00", "Odalys Ferreira-Stone", "1998-02-03")
    engagement = chart.therapy(
        "2025-06-19 13:00",
        ECHEVERRIA,
        "suspected",
        "Lost a friend in the spring and has hardly spoken of it.",
        ["grief"],
    )
    chart.sessions(engagement, "2025-06-26 13:00", 10, without=(6,))
    chart.sessions(engagement, "2025-09-11 13:00", 7, every=14)
    chart.session(engagement, "2025-12-18 13:00")
    chart.close(
        "2025-12-18 13:55", engagement, "Can speak of her friend and of other things.", summary="never"
    )


STORIES = (couple, fir, ginkgo, hazel, juniper, larch, myrtle, spruce)
