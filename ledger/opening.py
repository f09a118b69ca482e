"""Making a new ledger: key database, role file, database, and its first entries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventsourcing.persistence import StoredEvent

from ledger import clock
from ledger.errors import FieldError, LedgerExistsError, UsageError
from ledger.events.ledger import LedgerOpened
from ledger.events.practice import PolicyAdopted
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.proving.committing import Committing
from ledger.proving.signing import CheckpointSigner
from ledger.recording.sealer import NO_HEAD, Sealer
from ledger.recording.statement import Statement, own_statement, state
from ledger.rules.catalogue import check_policy
from ledger.storage.engines import engine_of
from ledger.values import Admission, Calendar


@dataclass(frozen=True, slots=True)
class Opening:
    """What `init` is told. `go_live` defaults to today in the practice's time zone; `policy` to none."""

    practice: str
    time_zone: str
    by: str
    go_live: str | None = None
    policy: dict[str, Any] | None = None
    origin: str | None = None


def make(places: Places, opening: Opening, passphrase: str | None = None) -> Sequence[str]:
    """Makes a new ledger and its key files, all or nothing; what was done on a server, in sentences.

    LedgerExistsError if any of it is there already.
    """
    recorded_at = clock.now()
    statements = _first_entries(opening, recorded_at, places)
    places.refuse_taken()
    engine = engine_of(places.place)
    if engine.exists(places.place):
        raise LedgerExistsError(places.url)
    with KeyDatabase.create(
        places.keys, places.role, passphrase=passphrase, at=recorded_at, by=opening.by
    ) as keys:
        made: Sequence[str] | None = None
        try:
            made = engine.create(places.place)
            log = engine.open_log(places.place)
            try:
                sealer = Sealer(keys, places.via)
                sealed = [
                    sealer.seal(
                        one,
                        one.stream or "",
                        NO_HEAD,
                        recorded_at=recorded_at,
                        admitted=_admission(one, recorded_at),
                    )
                    for one in statements
                ]
                committing = Committing(keys, CheckpointSigner(keys, _origin(statements)), log)
                log.insert_events(
                    [StoredEvent(*one.row) for one in sealed],
                    recorded_at=recorded_at,
                    before_commit=committing.before,
                )
                committing.after()
                committing.keep()
            finally:
                log.close()
        except BaseException:
            if made is not None:
                engine.remove(places.place)
            for file in (places.keys, places.role):
                file.unlink(missing_ok=True)
            raise
    return made


def _first_entries(opening: Opening, recorded_at: str, places: Places) -> list[Statement]:
    try:
        calendar = Calendar(opening.time_zone)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"time zone: expected an IANA name such as America/New_York, came {opening.time_zone[:60]!r}"
        ) from None
    today = calendar.day_of(recorded_at)
    fields = {
        "practice": opening.practice,
        "time_zone": opening.time_zone,
        "go_live": opening.go_live or today,
        "origin": opening.origin or "engagement-ledger/" + re.sub("[^!-*,-~]", "-", places.name)[:100],
    }
    try:
        statements = [own_statement(LedgerOpened, fields, recorded_at, opening.by)]
    except FieldError as wrong:
        raise FieldError("init", wrong.problems) from None
    if opening.policy is not None:
        since = min(fields["go_live"], recorded_at)
        adopted = state({"type": "PolicyAdopted", "by": opening.by, **opening.policy, "occurred_at": since})
        if isinstance(adopted.event, PolicyAdopted):
            check_policy(adopted.event)
        statements.append(adopted)
    return statements


def _origin(statements: list[Statement]) -> str:
    origin: str = statements[0].fields["origin"]
    return origin


def _admission(one: Statement, recorded_at: str) -> Admission:
    """A policy adopted at a go-live of the past is history; nothing of it was late (TIME-1)."""
    past = one.occurred_at < recorded_at[: len(one.occurred_at)]
    return Admission.AS_FOUND if past else Admission.ENFORCED
