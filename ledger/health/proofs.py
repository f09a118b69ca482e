"""Checks of what proves the record: signed to its end, sealed, anchored outside, and a clock that runs forward.

They are quick, whatever the ledger's size: a look at the ends of things. `verify` recomputes everything.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ledger.errors import LedgerError
from ledger.health.checks import Check, broken, fine, warning
from ledger.integrity import merkle
from ledger.integrity.checkpoint import Checkpoint
from ledger.storage.reading import Reading
from ledger.storage.rows import CheckpointRow
from ledger.verification.keys import AtHand

SEAL_DAYS = 31
ANCHOR_DAYS = 92
CLOCK_SLACK = timedelta(seconds=5)
VERIFY = "Run `engagement-ledger verify`, keep everything as it is, and compare with the newest backup."


def check_proofs(reading: Reading, at_hand: AtHand, now: str) -> Iterator[Check]:
    """What proves a log, as it stands in one snapshot, at a moment (canonical UTC)."""
    last = reading.last_checkpoint()
    yield _signed(reading, at_hand, last)
    yield _sealed(reading, now)
    yield _anchored(reading, now)
    yield _clock(reading, now)


def _signed(reading: Reading, at_hand: AtHand, last: CheckpointRow | None) -> Check:
    size = reading.last_position()
    heads: list[tuple[str, int, bytes]] = []
    try:
        if last is not None:
            checkpoint = Checkpoint.of_note(last.note)
            heads.append(("the last stored checkpoint", checkpoint.size, checkpoint.root))
        if at_hand.mark is not None:
            heads.append(("the key database", at_hand.mark.size, at_hand.mark.root))
        for who, signed, root in heads:
            if signed > size:
                said = f"{who} says that {signed:,} entries were signed, there are {size:,}: the end is missing, or "
                return broken(
                    "signed",
                    said + "this is an older copy",
                    "Use the newest copy; if this is the newest there is, say so openly with `engagement-ledger "
                    "checkpoint rebase`.",
                )
            if _root(reading, signed) != root:
                return broken(
                    "signed", f"{who} signed another root over the first {signed:,} entries", VERIFY
                )
    except (LedgerError, LookupError) as wrong:
        return broken("signed", f"the tree or the last checkpoint cannot be read: {wrong}", VERIFY)
    covered = max((signed for _, signed, _ in heads), default=0)
    if covered < size:
        return warning(
            "signed",
            f"the last {size - covered:,} entries are under no checkpoint yet",
            "The next command that opens the ledger with its key database signs them.",
        )
    return fine("signed", f"a checkpoint covers all {size:,} entries, and their tree has the root it signed")


def _root(reading: Reading, size: int) -> bytes:
    return reading.from_nodes(lambda node: merkle.root_from_nodes(size, node))


def _sealed(reading: Reading, now: str) -> Check:
    seal, size = reading.last_seal(), reading.last_position()
    remedy = "engagement-ledger checkpoint seal"
    if seal is None:
        return warning(
            "sealed", "never: nothing shows yet that a client's history is complete", f"Run `{remedy}`."
        )
    since, days = size - seal.position, _days(reading, seal.position, now)
    said = f"up to entry {seal.position - 1:,}, {days} days ago; {since:,} entries since"
    if since and days > SEAL_DAYS:
        return warning("sealed", said, f"Run `{remedy}`, about once a week.")
    return fine("sealed", said)


def _anchored(reading: Reading, now: str) -> Check:
    anchors = reading.anchors()
    remedy = (
        "Have a checkpoint witnessed or time-stamped (`checkpoint export`, `witness`, `timestamp request`)."
    )
    if not anchors:
        return warning(
            "outside anchors",
            "none: whoever holds the signing key could rewrite everything, and nobody could tell",
            remedy,
        )
    newest = max(anchors, key=lambda anchor: (anchor.size, anchor.number))
    days = _days(reading, newest.size, now)
    said = f"{len(anchors)}; the newest, a {newest.kind}, covers {newest.size:,} entries, {days} days old"
    if newest.size < reading.last_position() and days > ANCHOR_DAYS:
        return warning("outside anchors", said, remedy)
    return fine("outside anchors", said)


def _clock(reading: Reading, now: str) -> Check:
    last = reading.log_time()
    if last is None:
        return fine("clock", "nothing is recorded yet")
    behind = datetime.fromisoformat(last) - datetime.fromisoformat(now)
    if behind > CLOCK_SLACK:
        return warning(
            "clock",
            f"this machine's clock says {now}, the last entry was recorded at {last}: it was set back, or another "
            "machine's runs ahead",
            "Set it right (chronyc, timedatectl). Until then entries keep the log's own time, which never runs back.",
        )
    return fine("clock", f"not behind the last entry, recorded at {last}")


def _days(reading: Reading, position: int, now: str) -> int:
    times = next(reading.log_times(position - 1, position), [])
    if not times:
        return 0
    return max(0, (datetime.fromisoformat(now) - datetime.fromisoformat(times[0].log_time)).days)
