"""The record in words, `record.json`: sentences, marks and what each entry changes. It judges nothing.

Made from the produced entries alone, so that nothing of what is withheld can stand in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Any

from ledger.application import Ledger
from ledger.events import (
    agreements,
    clients,
    concerns,
    corrections,
    engagements,
    intakes,
    referrals,
    releases,
)
from ledger.perspective import CLIENTS
from ledger.values import Compared
from projections.bundle.evidence import Anchor, Evidence
from projections.bundle.production import Production
from projections.bundle.readings import Things, readings
from projections.bundle.sealed_texts import REVEALED
from projections.dates import Dates
from projections.texts import Texts
from projections.timeline import Line, Timeline

FORMAT = "engagement-ledger/record/v1"
COUNTED = ("same day", "late", "day only", "as found", "corrected", "retracted", "overridden")

_MARKS: Mapping[type[Any], str] = {
    **dict.fromkeys(
        (
            clients.ClientRegistered,
            clients.ClientDetailsChanged,
            clients.ClientRelocated,
            clients.OutsideCareNoted,
            clients.ClientsCompared,
            clients.HoldPlaced,
            clients.HoldReleased,
            clients.KeysDestroyed,
        ),
        "client",
    ),
    intakes.IntakeCompleted: "intake",
    **dict.fromkeys(
        (
            referrals.ReferralMade,
            referrals.ReferralReceived,
            referrals.ReferralAnswered,
            referrals.ReferralConcluded,
        ),
        "referral",
    ),
    **dict.fromkeys(
        (
            agreements.AgreementIssued,
            agreements.AgreementSigned,
            agreements.AgreementDeclined,
            agreements.AgreementRevoked,
        ),
        "agreement",
    ),
    **dict.fromkeys(
        (
            engagements.EngagementOpened,
            engagements.EngagementRenewed,
            engagements.EngagementPaused,
            engagements.EngagementResumed,
            engagements.EngagementClosed,
            engagements.ReassessmentHeld,
        ),
        "engagement",
    ),
    engagements.SessionHeld: "session",
    engagements.RecordFiled: "record",
    concerns.ConcernRaised: "concern",
    concerns.ConcernResolved: "concern",
    releases.ReleaseGranted: "release",
    releases.ReleaseRevoked: "release",
    releases.DisclosureMade: "disclosure",
    corrections.EntryCorrected: "correction",
}
"""What is drawn for an entry of each type."""


def record(ledger: Ledger, production: Production, evidence: Evidence, dates: Dates) -> dict[str, Any]:
    """The record as JSON values."""
    request, context = production.request, production.context
    client = request.client
    timeline = Timeline(
        production.perspective, production.history, dates, Texts(ledger, CLIENTS + client, reveal=False)
    )
    lines = {line.fact.seq: line for line in timeline.lines}
    things = Things(context, ledger.calendar)
    rows = [ledger.entries.entry(row) for row in production.produced]
    said = readings(rows, things, dates)
    entries = []
    for row in production.rows:
        why = production.withheld.get(row.seq)
        head = {"seq": row.seq, "number": request.number(row.seq)}
        if why is not None:
            entries.append(head | {"withheld": {"ground": why.ground, "reason": why.reason}})
            continue
        line = lines[row.seq]
        entries.append(
            head
            | _entry(line, timeline, dates)
            | {
                "lane": things.lane(line.fact.event),
                "readings": [reading.document() for reading in said[row.seq]],
                "texts": [
                    {
                        "field": text.field,
                        "digest": text.digest,
                        "status": text.status,
                        "label": None if text.status == REVEALED else text.label,
                        "reason": text.reason,
                    }
                    for text in production.texts_of.get(row.seq, ())
                ],
            }
        )
    stated = sorted(line.fact.at for line in lines.values())
    practice = production.perspective.practice
    documents = things.documents()  # before the lanes, which it may add to
    return {
        "format": FORMAT,
        "practice": ledger.opened.practice,
        "client": client,
        "for": request.recipient,
        "scope": request.scope,
        "moments": moments(ledger, production, evidence),
        "period": {
            "first": dates.day_of(stated[0]) if stated else None,
            "last": dates.day_of(stated[-1]) if stated else None,
        },
        "counts": {**counts(production), "marks": _counted(lines.values(), dates)},
        "holds": timeline.holds,
        "erased": [
            {"seq": fact.seq, "at": fact.at}
            for fact in production.history.facts
            if isinstance(fact.event, clients.KeysDestroyed) and fact.seq in lines
        ],
        "key": {
            "vkey": evidence.verifier.vkey,
            "fingerprint": fingerprint(evidence),
            "replaced": replaced_keys(evidence),
        },
        "anchors": [_anchor(one) for one in evidence.anchors],
        "lanes": [
            {
                "practitioner": practitioner,
                "name": practice.practitioner(practitioner).name(),
                "service": service,
            }
            for practitioner, service in things.lanes
        ],
        "other_files": _other_files(lines.values()),
        "things": documents,
        "entries": entries,
    }


def _other_files(lines: Iterable[Line]) -> list[str]:
    """The clients under whom the same person has another file, by what was found last and stands."""
    found = {
        line.fact.event.other: line.fact.event.found
        for line in sorted(lines, key=lambda line: line.fact.order)
        if isinstance(line.fact.event, clients.ClientsCompared) and line.retracted_by is None
    }
    return sorted(other for other, finding in found.items() if finding is Compared.SAME_PERSON)


def moments(ledger: Ledger, production: Production, evidence: Evidence) -> dict[str, Any]:
    """When the production looks at the file, and when that was sealed."""
    return {
        "as_of": production.when.as_of,
        "known_at": production.when.known_at,
        "sealed_at": evidence.sealed_at,
        "sealed_now": evidence.earlier_because is None,
        "time_zone": ledger.calendar.time_zone,
    }


def counts(production: Production) -> dict[str, int]:
    """How many entries there are in the file, produced and withheld."""
    whole, without = len(production.rows), len(production.withheld)
    return {"in_file": whole, "produced": whole - without, "withheld": without}


def replaced_keys(evidence: Evidence) -> list[dict[str, Any]]:
    """The keys that signed before, earliest first: replaced by which entry of the log, when, why; and whether each
    signed for the one after it, so that it can be followed (`keys.json`).
    """
    return [
        {
            "key": before.key,
            "by_entry": after.since,
            "at": after.recorded_at,
            "reason": after.reason,
            "signed_for": after.signed_for,
        }
        for before, after in pairwise(evidence.turns)
    ]


def fingerprint(evidence: Evidence) -> str:
    """SHA-256 of the public key: short enough to be read out on the telephone."""
    return sha256(evidence.verifier.public_key).hexdigest()


def _anchor(anchor: Anchor) -> dict[str, Any]:
    return {"kind": anchor.kind, "name": anchor.name, "at": anchor.at}


def _entry(line: Line, timeline: Timeline, dates: Dates) -> dict[str, Any]:
    entry = line.fact.entry
    told = line.document(timeline.context)
    return {
        "type": entry.type,
        "mark": _MARKS[type(line.fact.event)],
        "occurred_at": line.fact.occurred_at,
        "recorded_at": entry.recorded_at,
        "by": line.fact.by,
        "days_late": dates.days_late(line.fact.occurred_at, entry.recorded_at),
        "marks": list(line.marks),
        "changes": [
            {
                "field": change["field"],
                "was": change["was"],
                "now": change["now"],
                "by": change["corrected_by"]["seq"],
            }
            for change in told["changes"]
        ],
        "retracted_by": line.retracted_by.seq if line.retracted_by is not None else None,
        "override": told["override"],
    }


def _counted(lines: Any, dates: Dates) -> dict[str, int]:
    marks: Counter[str] = Counter()
    for line in lines:
        marks.update(line.marks)
        entry = line.fact.entry
        marks["same day"] += dates.days_late(line.fact.occurred_at, entry.recorded_at) == 0
    return {name: marks[name] for name in COUNTED}
