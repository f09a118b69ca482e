"""Practitioners: who is with the practice or its referral network, and what they offer."""

import json
from collections.abc import Iterator

from ledger.events.practitioners import PractitionerChanged, PractitionerRegistered
from ledger.practice import PractitionerFile
from projections.models.base import NUMBER, TEXT, Model, Row, SeenPractice, Table
from projections.states import END


def _rows(seen: SeenPractice) -> Iterator[Row]:
    for practitioner, file in sorted(seen.practice.practitioners.items()):
        if file.particulars:
            yield {
                "practitioner": practitioner,
                "name": file.name(),
                "internal": int(file.internal(END)),
                "services": json.dumps(sorted(service.value for service in file.services(END))),
                "organisation": _latest(file, "organisation"),
                "left_on": _latest(file, "left"),
            }


def _latest(file: PractitionerFile, name: str) -> str | None:
    found: str | None = None
    for fact in file.particulars:
        if isinstance(fact.event, PractitionerRegistered | PractitionerChanged):
            found = getattr(fact.event, name, None) or found
    return found


TABLE = Table(
    "practitioners",
    {
        "practitioner": TEXT,
        "name": TEXT,
        "internal": NUMBER,
        "services": TEXT,
        "organisation": TEXT,
        "left_on": TEXT,
    },
    key=("practitioner",),
    of_practice=_rows,
    indexes=(("practitioner",),),
)

MODEL = Model("practitioners", "who is with the practice or its referral network", (TABLE,))
