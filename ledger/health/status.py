"""`status`: where a ledger stands, from a look at the ends of things; as quick for a million entries as for ten."""

from dataclasses import dataclass
from pathlib import Path

from ledger.application import Ledger
from ledger.keys.private_files import exposure
from ledger.perspective import CLIENTS
from ledger.proving.key_history import KeyTurn, key_history
from ledger.storage.engines import engine_of
from ledger.storage.rows import COSIGNATURE, TIMESTAMP, AnchorRow
from ledger.verification.keys import at_hand


@dataclass(frozen=True, slots=True)
class Upto:
    """Something that covers the log up to a number of entries, and when the last of these was recorded."""

    size: int
    recorded_at: str | None


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file: where, whether it is there, and what is wrong with who may read it."""

    path: str
    there: bool
    exposed: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """Where a ledger stands. `unsigned` entries stand after the last checkpoint, `since_seal` after the last seal."""

    practice: str
    url: str
    origin: str
    time_zone: str
    go_live: str
    engine: str
    engine_version: str
    bytes: int
    entries: int
    streams: int
    clients: int
    last_recorded_at: str | None
    checkpoint: Upto | None
    unsigned: int
    seal: Upto | None
    since_seal: int
    cosignature: Upto | None
    timestamp: Upto | None
    key_database: KeyFile
    role_file: KeyFile
    signing_key: str | None
    signing_keys: list[KeyTurn]
    """The keys that signed one after the other, the one in force last."""


def status_of(ledger: Ledger) -> Status:
    """Where a ledger stands now. No passphrase is asked for."""
    places, opened = ledger.places, ledger.opened
    condition = engine_of(places.place).condition(places.place)
    keys = at_hand(places)
    with ledger.recorder.snapshot() as reading:
        size = reading.last_position()

        def upto(covered: int | None) -> Upto | None:
            if covered is None:
                return None
            times = next(reading.log_times(covered - 1, covered), [])
            return Upto(covered, times[0].log_time if times else None)

        last, seal, anchors = reading.last_checkpoint(), reading.last_seal(), reading.anchors()
        signed = max(last.size if last is not None else 0, keys.mark.size if keys.mark is not None else 0)
        return Status(
            practice=opened.practice,
            url=places.url,
            origin=opened.origin,
            time_zone=opened.time_zone,
            go_live=opened.go_live,
            engine=condition.engine,
            engine_version=condition.version,
            bytes=condition.bytes,
            entries=size,
            streams=reading.count_streams(),
            clients=reading.count_streams(CLIENTS),
            last_recorded_at=reading.log_time(),
            checkpoint=upto(min(signed, size) or None),
            unsigned=max(0, size - signed),
            seal=upto(None if seal is None else seal.position),
            since_seal=size if seal is None else size - seal.position,
            cosignature=upto(_newest(anchors, COSIGNATURE)),
            timestamp=upto(_newest(anchors, TIMESTAMP)),
            key_database=_file(places.keys),
            role_file=_file(places.role),
            signing_key=None if keys.verifier is None else keys.verifier.vkey,
            signing_keys=key_history(reading, None if keys.verifier is None else keys.verifier.vkey),
        )


def _newest(anchors: list[AnchorRow], kind: str) -> int | None:
    return max((anchor.size for anchor in anchors if anchor.kind == kind), default=None)


def _file(path: Path) -> KeyFile:
    return KeyFile(str(path), path.exists(), exposure(path))
