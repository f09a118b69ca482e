"""`verify`: everything recomputed from stored bytes, every fault reported (DESIGN section 7).

The order: keys, one snapshot of the database, the tables as such, all entries in ranges, the ranges joined, stream
heads, checkpoints, what somebody holds. Nothing is written, no passphrase is asked for.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from ledger.errors import InputError
from ledger.integrity.key_chain import short
from ledger.integrity.note import Verifier
from ledger.places import Places
from ledger.verification import tables
from ledger.verification.checkpoints import Checked, RootFinder, Share
from ledger.verification.database import Stored
from ledger.verification.faults import Fault, Kind, ordered
from ledger.verification.held import Held, check_held, stored_checkpoint, stored_root
from ledger.verification.joining import Joined
from ledger.verification.keys import AtHand, at_hand
from ledger.verification.opening import connected, origin_of, size_of
from ledger.verification.pool import Pool
from ledger.verification.seals import check_anchors, check_seals
from ledger.verification.signed import check_checkpoints, check_mark, check_tail, excuses
from ledger.verification.signers import Signers, signers
from ledger.verification.sweep import Task, sweep
from ledger.verification.texts import KeyFiles
from ledger.verification.tree import BLOCK

MANY = 20_000
"""More entries than that are shared out over all processors by default."""
RANGES = 4
"""Ranges per process: the last to finish is not waited for long, and progress is seen."""

Progress = Callable[[int, int], None]
"""Told how many entries are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be verified, and with what.

    `since` is a stored checkpoint's size, or a held checkpoint: entries before are believed. `held` are checkpoints
    and receipts that must be part of the ledger. `verifiers` are the public keys that count; without any, the key
    database's own.
    `jobs` is the number of processes (None: by the number of entries). Without `texts` sealed texts stay closed.
    """

    since: int | Held | None = None
    held: Sequence[Held] = ()
    verifiers: Sequence[Verifier] = ()
    jobs: int | None = 1
    texts: bool = True
    passphrase: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and found. `since` is the size up to which nothing was read again; 0 for a full check.

    `verifier` is the key in force, `signing_keys` are all that signed one after the other, where it was ever replaced.
    """

    origin: str
    size: int
    root: str
    since: int
    entries: int
    streams: int
    texts_opened: int
    texts_unopened: int
    texts_erased: int
    sources: int
    checkpoints: int
    checkpoints_unchecked: int
    seals: int
    anchors: int
    held: int
    verifier: str | None
    signing_keys: tuple[str, ...]
    first_broken_checkpoint: int | None
    faults: tuple[Fault, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class _Run:
    """One verification under way."""

    places: Places
    question: Question
    keys: AtHand
    signers: Signers
    stored: Stored
    pool: Pool
    origin: str
    remarks: list[str] = field(default_factory=list)


def verify(places: Places, question: Question, progress: Progress = lambda _done, _of: None) -> Report:
    """Check a ledger's database; what is wrong in it comes back as faults, not as errors.

    Raises NoLedgerError and NotALedgerError; DamagedLedgerError where not even the list of tables can be read;
    InputError for a `since` that the ledger does not keep; ProofError for something held that this ledger's key did
    not sign; LockedError.
    """
    keys = at_hand(places)
    with closing(connected(places.place)) as database:
        stored = Stored(database, [])
        size = size_of(stored)
        named = question.verifiers
        signing = signers(stored, named or keys.verifiers, () if named else keys.replaced)
        keys = _trusted(keys, named, signing)
        jobs = question.jobs or ((os.cpu_count() or 1) if size > MANY else 1)
        with Pool(jobs) as pool:
            return _verify(
                _Run(places, question, keys, signing, stored, pool, origin_of(stored)), size, progress
            )


def _trusted(keys: AtHand, named: Sequence[Verifier], signing: Signers) -> AtHand:
    """What is at hand, unless keys are named and the key database's is another, which does not follow from them."""
    if not named or keys.verifier is None or keys.verifier in (*named, *signing.everyone):
        return keys
    return AtHand(
        why=f"the key database signs with another key than named, {keys.verifier.vkey}: it is not used"
    )


def _verify(run: _Run, size: int, progress: Progress) -> Report:
    stored, question = run.stored, run.question
    for held in question.held:
        held.require_own(run.signers, run.origin)
    after = _believed(run, size)
    itself = run.pool.submit(tables.check_itself, stored.where) if not after else None
    stored.database.check_schema(stored)
    tables.check_version(stored)
    tables.check_types(stored)
    tables.check_ends(stored, size)
    joined = _joined(run, after, size, progress)
    tables.check_heads(stored, joined.heads, all_of_them=not after)
    if not after:
        tables.check_orphans(stored, joined.disclosures, joined.sources, size)
    check_seals(stored, joined.told, after)
    anchors = check_anchors(stored, after, run.remarks)
    roots = joined.roots(size)
    share = Share(roots, run.origin, run.signers, excuses(joined.told))
    checked = check_checkpoints(stored, run.pool, share, after)
    check_mark(stored, run.keys, roots)
    check_tail(stored, run.places, run.keys, roots, checked.covered)
    with stored.damage("stored_events"):
        for held in question.held:
            check_held(stored, held, RootFinder(roots, stored), size)
    if itself is not None:
        stored.faults.extend(itself.result())
    run.remarks.extend([*checked.remarks, *_remarks(run, joined, checked, after)])
    return Report(
        origin=run.origin,
        size=size,
        root=joined.root().hex(),
        since=after,
        entries=joined.entries,
        streams=len(joined.heads),
        texts_opened=joined.texts.opened,
        texts_unopened=joined.texts.unopened,
        texts_erased=joined.texts.erased,
        sources=joined.sources,
        checkpoints=checked.checked,
        checkpoints_unchecked=checked.unsigned,
        seals=joined.seals,
        anchors=anchors,
        held=len(question.held),
        verifier=run.signers.present if run.signers.known else None,
        signing_keys=tuple(turn.key for turn in run.signers.turns) if len(run.signers.turns) > 1 else (),
        first_broken_checkpoint=min(checked.broken, default=None),
        faults=ordered(stored.faults),
        remarks=tuple(dict.fromkeys(run.remarks)),
    )


def _remarks(run: _Run, joined: Joined, checked: Checked, after: int) -> Iterator[str]:
    if after:
        yield (
            f"the entries up to {after} were not read again: only the stored tree over them was compared with the "
            "checkpoint named"
        )
    for told in joined.told:
        if told.topic == "LogRestored":
            yield (
                f"entry {told.position} says openly that the log was restored: {told.data.get('last_size')} entries "
                f"had been signed, {told.position - 1} were left"
            )
        elif told.topic == "SigningKeyChanged":
            yield f"entry {told.position} says openly that another key signs from there on{_named(told.data)}"
    yield from run.stored.database.remarks()
    if run.keys.why is not None:
        yield run.keys.why
    if not run.signers.known:
        yield "no public key is known here: no signature was checked"
    elif checked.unsigned:
        yield (
            f"{checked.unsigned} checkpoints were signed with a key replaced since; to check them name all keys, the "
            "present one too, with --key"
        )
    yield from sorted(joined.texts.why)


def _named(data: Mapping[str, object]) -> str:
    verifier = data.get("verifier")
    return f": {short(verifier)[:200]}" if isinstance(verifier, str) else ""


def _believed(run: _Run, size: int) -> int:
    """The size of the checkpoint up to which the stored tree is believed, once it has the root that was signed."""
    since = run.question.since
    if since is None:
        return 0
    held = stored_checkpoint(run.stored, since) if isinstance(since, int) else since
    held.require_own(run.signers, run.origin)
    if held.head.size > size:
        raise InputError(
            f"--since: the checkpoint is over {held.head.size} entries, the ledger has {size}; verify all of it"
        )
    if stored_root(run.stored, held.head.size) != held.head.root:
        said = (
            f"the stored tree over the first {held.head.size} entries does not have the root that was signed"
        )
        run.stored.report("tree", None, Kind.CHECKPOINT_ROOT, said)
    return held.head.size


# -- entries and checkpoints, shared out ------------------------------------------------------------------


def _joined(run: _Run, after: int, size: int, progress: Progress) -> Joined:
    joined = Joined(run.stored, run.origin, after)
    jobs = run.pool.jobs
    tasks = [Task(run.stored.where, low, high, _key_files(run)) for low, high in _ranges(after, size, jobs)]
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        progress(done, size - after)

    if jobs == 1:
        for task in tasks:
            joined.add(sweep(task, tell))
    else:
        for task, swept in zip(tasks, run.pool.each(sweep, tasks), strict=True):
            joined.add(swept)
            tell(task.until - task.after)
    return joined


def _ranges(after: int, size: int, jobs: int) -> Iterator[tuple[int, int]]:
    """The entries in ranges that end with a block."""
    parts = 1 if jobs == 1 else jobs * RANGES
    step = max(1, -(-(size - after) // BLOCK // parts)) * BLOCK
    low = after
    while low < size:
        high = min(size, low - low % BLOCK + step)
        yield low, high
        low = high


def _key_files(run: _Run) -> KeyFiles | None:
    if not run.question.texts or not run.keys.usable or not run.places.role.exists():
        return None
    return KeyFiles(run.places.keys, run.places.role, run.question.passphrase)
