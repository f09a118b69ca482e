"""Under which licences and credentials the practitioners work, and how they keep learning."""

from examples.lakeside.journal import Journal
from examples.lakeside.practice import ECHEVERRIA, FRONT_DESK, LINDQVIST, OSEI, SOLHEIM, actor_of

# recorded at, practitioner, id, where, profession, number, basis, from, until (- for: no end)
LICENCES = """
2023-01-03T11:00 P-OSEI       L1 US-PA psychologist PS019044 licence 2021-12-01 2023-11-30
2023-01-03T11:05 P-LINDQVIST  L1 US-PA LPC          PC013310 licence 2021-03-01 2023-02-28
2023-01-03T11:10 P-ECHEVERRIA L1 US-PA LMFT         MF001182 licence 2021-03-01 2023-02-28
2023-01-03T11:15 P-MOKOENA    L1 US-OH psychologist OH-7731  licence 2022-09-01 2026-08-31
2023-01-03T11:20 P-MOKOENA    L2 US-NY psychologist NY-24417 licence 2022-02-01 -
2023-02-20T09:30 P-LINDQVIST  L2 US-PA LPC          PC013310 licence 2023-03-01 2025-02-28
2023-02-21T09:30 P-ECHEVERRIA L2 US-PA LMFT         MF001182 licence 2023-03-01 2025-02-28
2023-05-15T09:30 P-OSEI       L2 US-OH,US-VA,US-NC psychologist APIT-5520 compact-privilege 2023-05-15 -
2023-11-20T09:30 P-OSEI       L3 US-PA psychologist PS019044 licence 2023-12-01 2025-11-30
2025-02-17T09:30 P-LINDQVIST  L3 US-PA LPC          PC013310 licence 2025-03-01 2027-02-28
2025-02-18T09:30 P-ECHEVERRIA L3 US-PA LMFT         MF001182 licence 2025-03-01 2027-02-28
2025-11-17T09:30 P-OSEI       L4 US-PA psychologist PS019044 licence 2025-12-01 2027-11-30
"""


def licensed(journal: Journal) -> None:
    """Licences, their renewals and a compact privilege, each verified on the day it was recorded."""
    for row in LICENCES.strip().splitlines():
        when, practitioner, licence, places, profession, number, basis, valid_from, valid_until = row.split()
        journal.write(
            "LicenceRecorded",
            when.replace("T", " "),
            FRONT_DESK,
            practitioner=practitioner,
            licence=licence,
            jurisdictions=places.split(","),
            profession=profession,
            number=number,
            basis=basis,
            valid_from=valid_from,
            valid_until=None if valid_until == "-" else valid_until,
            verified_on=when[:10],
        )


def learning(journal: Journal) -> None:
    """Credentials, and the consultations in which the practitioners ask others."""
    for practitioner, credential, issuer, valid_from, valid_until in [
        (SOLHEIM, "PCC", "International Coaching Federation", "2022-04-01", "2025-03-31"),
        (SOLHEIM, "PCC-2025", "International Coaching Federation", "2025-04-01", "2028-03-31"),
        (LINDQVIST, "ACC", "International Coaching Federation", "2023-01-16", "2026-01-15"),
    ]:
        journal.write(
            "CredentialRecorded",
            "2025-03-24 09:30" if credential == "PCC-2025" else "2023-01-20 11:30",
            FRONT_DESK,
            practitioner=practitioner,
            credential=credential,
            issuer=issuer,
            valid_from=valid_from,
            valid_until=valid_until,
        )
    for when, practitioner, kind, summary in [
        (
            "2023-03-10 12:00",
            SOLHEIM,
            "mentorship",
            "Where coaching ends: three conversations looked at together.",
        ),
        (
            "2023-06-09 12:00",
            LINDQVIST,
            "peer",
            "How to word a pause so that a client hears care, not rejection.",
        ),
        (
            "2024-02-09 12:00",
            OSEI,
            "legal",
            "Which clients the compact privilege covers, and which it does not.",
        ),
        (
            "2024-10-11 12:00",
            ECHEVERRIA,
            "supervision",
            "Couple work while one partner also sees somebody alone.",
        ),
        ("2025-05-16 12:00", OSEI, "legal", "What to hand over when an attorney writes without a release."),
    ]:
        journal.write(
            "ConsultationHeld",
            when,
            actor_of(practitioner),
            practitioner=practitioner,
            kind=kind,
            summary=summary,
        )
