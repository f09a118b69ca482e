"""Licences: what is on record of each, and from which day to which a place is covered."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.history import Fact
from ledger.practice import PractitionerFile
from ledger.values import Service, later
from projections.models.base import NUMBER, TEXT, Asked, Model, Row, SeenPractice, Table, View, where

# -- rows -------------------------------------------------------------------------------------------------


def _licences(seen: SeenPractice) -> Iterator[Row]:
    for practitioner, file in sorted(seen.practice.practitioners.items()):
        for fact in file.licences:
            event = fact.event
            yield {
                "practitioner": practitioner,
                "licence": event.licence,
                "basis": event.basis.value,
                "profession": event.profession,
                "number": event.number,
                "jurisdictions": json.dumps(list(event.jurisdictions)),
                "supervisor": event.supervisor,
                "valid_from": event.valid_from,
                "valid_until": event.valid_until,
                "verified_on": event.verified_on,
                "seq": fact.seq,
            }


def _statuses(seen: SeenPractice) -> Iterator[Row]:
    for practitioner, file in sorted(seen.practice.practitioners.items()):
        for fact in sorted(file.statuses, key=lambda one: (one.event.effective, one.order)):
            yield {
                "practitioner": practitioner,
                "licence": fact.event.licence,
                "status": fact.event.status.value,
                "effective": fact.event.effective,
                "seq": fact.seq,
            }


def _covers(seen: SeenPractice) -> Iterator[Row]:
    for practitioner, file in sorted(seen.practice.practitioners.items()):
        for place in sorted({place for fact in file.licences for place in fact.event.jurisdictions}):
            for first, last, licence in _spells(file, place):
                yield {
                    "practitioner": practitioner,
                    "place": place,
                    "first_day": first,
                    "last_day": last,
                    "licence": licence.event.licence,
                    "seq": licence.seq,
                }


def _spells(file: PractitionerFile, place: str) -> Iterator[tuple[str, str | None, Fact]]:
    """The spells in which one licence covers a place: first day, last day (None: no end), licence."""
    began: tuple[str, Fact] | None = None
    for day in _days(file):
        covering = file.cover(place, day)
        if began is not None and covering is not began[1]:
            yield began[0], later(day, -1), began[1]
            began = None
        if began is None and covering is not None:
            began = (day, covering)
    if began is not None:
        yield began[0], None, began[1]


def _days(file: PractitionerFile) -> list[str]:
    """The days on which cover may change."""
    days = set(file.boundaries())
    days |= {later(fact.event.valid_until, 1) for fact in file.licences if fact.event.valid_until is not None}
    return sorted(days)


LICENCES = Table(
    "licences",
    {
        "practitioner": TEXT,
        "licence": TEXT,
        "basis": TEXT,
        "profession": TEXT,
        "number": TEXT,
        "jurisdictions": TEXT,
        "supervisor": TEXT,
        "valid_from": TEXT,
        "valid_until": TEXT,
        "verified_on": TEXT,
        "seq": NUMBER,
    },
    key=("practitioner", "seq"),
    of_practice=_licences,
)

STATUSES = Table(
    "licence_statuses",
    {"practitioner": TEXT, "licence": TEXT, "status": TEXT, "effective": TEXT, "seq": NUMBER},
    key=("practitioner", "seq"),
    of_practice=_statuses,
)

COVERS = Table(
    "covers",
    {
        "practitioner": TEXT,
        "place": TEXT,
        "first_day": TEXT,
        "last_day": TEXT,
        "licence": TEXT,
        "seq": NUMBER,
    },
    key=("practitioner", "place", "first_day"),
    of_practice=_covers,
)

MODEL = Model(
    "licences",
    "what is on record of each licence, and which places are covered",
    (LICENCES, STATUSES, COVERS),
)

READS = ("licences", "engagements", "practitioners")

# -- questions --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of whom, and within how many days an end of cover counts as soon."""

    practitioner: str | None = None
    days: int = 60


def licences(view: View, asked: Asked, wanted: Wanted) -> list[dict[str, Any]]:
    """Each licence on record with its status on the day, as `show practitioner` tells it."""
    clause, given = where(practitioner=wanted.practitioner)
    last: dict[tuple[str, str], str] = {}
    for row in view.all(f"SELECT * FROM {{licence_statuses}}{clause} ORDER BY n", given):
        if row["effective"] <= asked.day:
            last[row["practitioner"], row["licence"]] = row["status"]
    found = []
    for row in view.all(f"SELECT * FROM {{licences}}{clause} ORDER BY n", given):
        rest = {name: row[name] for name in LICENCES.columns if name not in {"jurisdictions", "seq"}}
        found.append(
            {
                **rest,
                "status": _status(row, asked.day, last.get((row["practitioner"], row["licence"]))),
                "jurisdictions": json.loads(row["jurisdictions"]),
                "entry": {"stream": f"practitioner/{row['practitioner']}", "seq": row["seq"]},
            }
        )
    return found


def _status(row: dict[str, Any], day: str, status: str | None) -> str:
    if day < row["valid_from"]:
        return "not yet valid"
    if row["valid_until"] is not None and row["valid_until"] < day:
        return "past its last day"
    return status or "valid"


def cover(view: View, asked: Asked, wanted: Wanted) -> list[dict[str, Any]]:
    """Which places each practitioner is covered for, until when, and whose therapy rests on it.

    Listed is each place that is covered on the day or some day after it, or where a therapy is open. `status` is
    `covered`, `ending` (its last day comes within the days named), `later` or `none`; `until` the last day without
    a gap, None where no end is known. `clients` are those in an open therapy that is received there.
    """
    clause, given = where(practitioner=wanted.practitioner)
    spells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in view.all(f"SELECT * FROM {{covers}}{clause} ORDER BY n", given):
        if row["last_day"] is None or row["last_day"] >= asked.day:
            spells.setdefault((row["practitioner"], row["place"]), []).append(row)
    clients: dict[tuple[str, str], list[str]] = {}
    therapies, chosen = where(open=1, service=Service.THERAPY.value, practitioner=wanted.practitioner)
    for row in view.all(
        f"SELECT DISTINCT practitioner, place, client FROM {{engagements}}{therapies} ORDER BY client", chosen
    ):
        clients.setdefault((row["practitioner"], row["place"] or ""), []).append(row["client"])
    names = {row["practitioner"]: row["name"] for row in view.all("SELECT * FROM {practitioners}")}
    return [
        {
            "practitioner": who,
            "name": names.get(who),
            "place": place or None,
            **_cover(spells.get((who, place), []), asked.day, wanted.days),
            "clients": clients.get((who, place), []),
        }
        for who, place in sorted({*spells, *clients})
    ]


def _cover(spells: list[dict[str, Any]], day: str, days: int) -> dict[str, Any]:
    """How a place is covered on a day, from the spells that are not over by then, in order."""
    if not spells:
        return {"status": "none", "licence": None, "since": None, "until": None}
    first = spells[0]
    until = first["last_day"]
    for following in spells[1:]:
        if until is None or following["first_day"] > later(until, 1):
            break
        until = following["last_day"]
    ending = until is not None and until <= later(day, days)
    status = "later" if first["first_day"] > day else "ending" if ending else "covered"
    return {"status": status, "licence": first["licence"], "since": first["first_day"], "until": until}
