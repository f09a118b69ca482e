"""What was signed: stored checkpoints in shares, the signer's mark, a tail that nothing covers."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from time import monotonic, sleep

from ledger.places import Places
from ledger.verification.checkpoints import Checked, Excuses, RootFinder, Roots, Share, check, check_on
from ledger.verification.database import Stored, UnreadableError
from ledger.verification.faults import Kind
from ledger.verification.keys import AtHand, at_hand
from ledger.verification.pool import Pool
from ledger.verification.sweep import Told
from ledger.verification.tree import BLOCK

PATIENCE = 1.0
"""Seconds for which a writer at work is waited for."""


def check_checkpoints(stored: Stored, pool: Pool, share: Share, after: int) -> Checked:
    """All stored checkpoints over more than `after` entries; `share` says how they are judged."""
    bounds = _bounds(stored, pool.jobs, after, share.roots.size)
    shares = [share._replace(low=low, high=high) for low, high in pairwise(bounds)]
    # What covers more is judged as the snapshot has it: a writer may be adding more just now.
    parts = [*pool.each(check, shares), check_on(stored.database, share._replace(low=share.roots.size))]
    for part in parts:
        stored.faults.extend(part.faults)
    return Checked(
        [],
        [remark for part in parts for remark in part.remarks],
        sum(part.checked for part in parts),
        sum(part.unsigned for part in parts),
        [size for part in parts for size in part.broken],
        max(part.covered for part in parts),
    )


def _bounds(stored: Stored, jobs: int, after: int, size: int) -> list[int | None]:
    """Sizes that part the stored checkpoints up to `size` into about equal shares; None: from the beginning."""
    cuts: set[int] = set()
    with suppress(UnreadableError):  # reported where they are read
        count = stored.one("SELECT count(*) FROM checkpoints WHERE size > ?", [after])
        sql = "SELECT size FROM checkpoints WHERE size > ? ORDER BY size LIMIT 1 OFFSET ?"
        found = [stored.one(sql, [after, count * part // jobs]) for part in range(1, jobs) if count > jobs]
        cuts = {cut for cut in found if isinstance(cut, int)}
    return [after or None, *sorted(cut for cut in cuts if after < cut < size), size]


def excuses(told: Sequence[Told]) -> Excuses:
    """What the log says openly of restores."""
    sizes = [(each.position, each.data.get("last_size")) for each in told if each.topic == "LogRestored"]
    return Excuses([(position, size) for position, size in sizes if isinstance(size, int)])


def check_mark(stored: Stored, keys: AtHand, roots: Roots) -> None:
    """The signer's mark against the log."""
    mark = keys.mark
    if mark is None:
        return
    if mark.size > roots.size:
        said = (
            f"{mark.size} entries were signed, there are {roots.size}: an older copy, or its end is missing"
        )
        stored.report("stored_events", roots.size, Kind.ROLLED_BACK, said)
    elif mark.size >= roots.first_block * BLOCK:
        with stored.damage("stored_events"):
            if RootFinder(roots, stored).root(mark.size) != mark.root:
                said = f"the first {mark.size} entries are not the ones that were last signed"
                stored.report("stored_events", mark.size, Kind.ROLLED_BACK, said)


def check_tail(stored: Stored, places: Places, keys: AtHand, roots: Roots, covered: int) -> None:
    """Whether something signed covers all entries."""
    signed = max(covered, 0 if keys.mark is None else keys.mark.size)
    if signed >= roots.size:
        return
    said = f"nothing signed covers the entries from here to {roots.size}"
    if not keys.usable:
        said += "; if this copy was made while somebody was recording, make another"
    elif _is_signed_soon(places, roots.size):
        return
    stored.report("stored_events", signed + 1, Kind.UNSIGNED_TAIL, said)


def _is_signed_soon(places: Places, size: int) -> bool:
    """Whether a writer, which commits before it signs, signs that many entries within a moment."""
    until = monotonic() + PATIENCE
    while (mark := at_hand(places).mark) is None or mark.size < size:
        if monotonic() > until:
            return False
        sleep(PATIENCE / 20)
    return True
