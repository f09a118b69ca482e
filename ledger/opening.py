"""Making a new ledger: key database, role file, database, and its first entries."""

from dataclasses import dataclass
from typing import Any

from eventsourcing.persistence import StoredEvent

from ledger import clock
from ledger.errors import UsageError
from ledger.events.ledger import LedgerOpened
from ledger.events.practice import PolicyAdopted
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.rules.catalogue import check_policy
from ledger.sealer import NO_HEAD, Sealer
from ledger.statement import Statement, own_statement, state
from ledger.storage.sqlite import create, open_log
from ledger.values import Admission, Calendar, moment


@dataclass(frozen=True, slots=True)
class Opening:
    """What `init` is told. `go_live` defaults to today in the practice's time zone; `policy` to none."""

    practice: str
    time_zone: str
    by: str
    go_live: str | None = None
    policy: dict[str, Any] | None = None
    origin: str | None = None


def make(places: Places, opening: Opening, passphrase: str | None = None) -> None:
    """Makes the files of a new ledger, all or none. LedgerExistsError if any is there already."""
    recorded_at = clock.now()
    statements = _first_entries(opening, recorded_at, places)
    places.refuse_taken()
    with KeyDatabase.create(places.keys, places.role, passphrase=passphrase) as keys:
        try:
            create(places.database)
            log = open_log(places.database)
            try:
                sealer = Sealer(keys, places.via)
                sealed = [
                    sealer.seal(
                        one, one.stream or "", NO_HEAD, recorded_at=recorded_at, admitted=Admission.ENFORCED
                    )
                    for one in statements
                ]
                log.insert_events(
                    [StoredEvent(*one.row) for one in sealed],
                    recorded_at=recorded_at,
                    before_commit=keys.flush,
                )
            finally:
                log.close()
        except BaseException:
            for place in (places.database, places.keys, places.role):
                place.unlink(missing_ok=True)
            raise


def _first_entries(opening: Opening, recorded_at: str, places: Places) -> list[Statement]:
    try:
        calendar = Calendar(opening.time_zone)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"time zone: expected an IANA name such as America/New_York, came {opening.time_zone[:60]!r}"
        ) from None
    go_live = moment(opening.go_live) if opening.go_live is not None else calendar.day_of(recorded_at)
    fields = {
        "practice": opening.practice,
        "time_zone": opening.time_zone,
        "go_live": go_live,
        "origin": opening.origin or f"engagement-ledger/{places.database.stem}",
    }
    statements = [own_statement(LedgerOpened, fields, recorded_at, opening.by)]
    if opening.policy is not None:
        adopted = state({"type": "PolicyAdopted", "by": opening.by, **opening.policy, "occurred_at": go_live})
        if isinstance(adopted.event, PolicyAdopted):
            check_policy(adopted.event)
        statements.append(adopted)
    return statements
