"""REC: separate records."""

from tests.oracle.obligations import Owed, owed_from, policy_for
from tests.oracle.terms import COACHING, THERAPY, acts_on, opening_of, prior, service_of
from tests.oracle.world import Fact, World

FITTING_SETS = {
    THERAPY: {"clinical", "psychotherapy-notes", "administrative"},
    COACHING: {"coaching", "administrative"},
}


def rec_1(world: World) -> list[Fact]:
    """The record set of every record fits the engagement's service."""
    return [
        r
        for r in world.of("RecordFiled")
        if (service := service_of(world, r)) and r.get("record_set") not in FITTING_SETS[service]
    ]


def rec_2(world: World) -> list[Fact]:
    """No document of a client is filed under both a therapy and a coaching engagement, administrative records
    excepted; the record later in effective order bears the finding.
    """
    records = [r for r in world.of("RecordFiled") if r.get("record_set") != "administrative"]
    return [
        later
        for later in records
        if any(
            earlier.client == later.client
            and earlier.get("document_sha256") == later.get("document_sha256")
            and {service_of(world, earlier), service_of(world, later)} == {THERAPY, COACHING}
            for earlier in prior(records, later.moment)
        )
    ]


def rec_3(world: World) -> list[Fact]:
    """No record of a coaching engagement contains a diagnosis."""
    return [
        r
        for r in world.of("RecordFiled")
        if service_of(world, r) == COACHING and r.get("contains_diagnosis") is True
    ]


def rec_4(world: World) -> list[Owed]:
    """Every closed therapy engagement has a discharge summary within `closing_summary_days`: the closing's
    own `summary_sha256`, or a discharge-summary record (one filed before the closing counts).
    """
    owed = []
    for closing in world.of("EngagementClosed"):
        opening = opening_of(world, closing)
        if opening is None or opening.get("service") != THERAPY:
            continue
        days = [
            max(r.day, closing.day)
            for r in acts_on(world, opening, "RecordFiled")
            if r.get("kind") == "discharge-summary"
        ]
        days += [closing.day] if closing.get("summary_sha256") else []
        done = min(days, default=None)
        owed.append(owed_from(closing, policy_for(world, closing), "closing_summary_days", done))
    return owed


def rec_5(world: World) -> list[Owed]:
    """Every session of the services `session_note_services` has a note (a record naming it) within
    `session_note_days`.
    """
    owed = []
    for session in world.of("SessionHeld"):
        policy = policy_for(world, session)
        if service_of(world, session) in policy.codes("session_note_services"):
            notes = [
                r.day
                for r in world.of("RecordFiled", client=session.client)
                if r.get("session") == session.get("session")
            ]
            owed.append(owed_from(session, policy, "session_note_days", min(notes, default=None)))
    return owed
