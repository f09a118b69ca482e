"""Proofs from a large ledger, their sizes beside the smallest there can be; sealing, at first and then again."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from math import ceil, log2
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import TypeVar

from benchmarks.setting import described, new_ledger, places
from ledger import clock
from ledger.application import Ledger
from ledger.integrity import merkle
from ledger.integrity.canonical import dumps_in_order
from ledger.integrity.note import Verifier
from ledger.integrity.proof import Completeness, Receipt
from ledger.proving.index import seal
from ledger.proving.proofs import Proofs
from ledger.recording.sealer import NO_HEAD, Head, leaf_hash
from ledger.storage.reading import Reading
from ledger.storage.rows import Entry

LENGTH = 10
"""Entries of a stream. They stand far apart: every stream has its first before any has its second."""
AT_ONCE, ASKED, CHANGED, BUDGET_MS, HASH = 1_000, 200, (10, 100, 1_000), 20, 32
Size = tuple[int, int]
"""Bytes of a proof, and the fewest that the tree allows."""

T = TypeVar("T")
P = TypeVar("P")


def _name(number: int) -> str:
    return f"client/C-{number:06}"


def _entry(number: int, head: Head) -> tuple[Entry, Head]:
    """A document filed in a client's stream, as it is stored: a canonical header without sealed fields."""
    stream, seq = _name(number), head[0] + 1
    data = {
        "client": stream.removeprefix("client/"),
        "contains_diagnosis": False,
        "document_sha256": sha256(f"{number}.{seq}".encode()).hexdigest(),
        "engagement": "E1",
        "kind": "other",
        "record_set": "clinical",
    }
    header = {
        "admitted": "enforced",
        "at": clock.now(),
        "by": "P-001",
        "data": data,
        "occurred_at": f"2024-02-{seq:02}T15:00:00.000000Z",
        "prev": head[1],
        "schema": 1,
        "seq": seq,
        "stream": stream,
        "type": "RecordFiled",
        "via": "engagement-ledger 0.1.0",
    }
    state = dumps_in_order(header)
    return (stream, seq, "RecordFiled", state), (seq, leaf_hash(state))


def _batches(streams: int) -> Iterator[list[Entry]]:
    heads = [NO_HEAD] * streams
    for _ in range(LENGTH):
        for begin in range(0, streams, AT_ONCE):
            batch = []
            for number in range(begin, min(begin + AT_ONCE, streams)):
                entry, heads[number] = _entry(number, heads[number])
                batch.append(entry)
            yield batch


def _filled(place: Path, streams: int) -> None:
    """Prints how a ledger of so many streams is written, and what it then holds."""
    written = size = 0
    with new_ledger(place) as ledger:
        begun = time.perf_counter()
        with ledger.recorder.bulk() as writer:
            for batch in _batches(streams):
                writer.append(batch, recorded_at=clock.now())
                written += len(batch)
                size += sum(len(state) for _, _, _, state in batch)
        appended = time.perf_counter() - begun
        begun = time.perf_counter()
        ledger.committing.after()
        signed = time.perf_counter() - begun
        ledger.committing.keep()
    print(
        f"proofs: {written:,} entries in {streams:,} streams of {LENGTH}, {size // written} bytes an entry, in the log"
    )
    print(
        f"  one transaction, {AT_ONCE:,} a batch: {appended:.1f} s with making them "
        f"({written / appended:,.0f} entries/s); signed in {1000 * signed:.1f} ms"
    )
    print(f"  {described(places(place).database)}")


def proving(folder: Path, entries: int, repetitions: int) -> None:
    """Prints sealing, sealing again, and proofs by kind, from one ledger of `entries` entries."""
    place, streams = folder / "proofs", entries // LENGTH
    _filled(place, streams)
    _seal_from_scratch(place, streams, repetitions)
    rng = Random(4)
    with Ledger(places(place)) as ledger:
        _seal_again(ledger, rng, streams, repetitions)
        _prove(ledger, rng, streams)
    shutil.rmtree(place)


# -- sealing -----------------------------------------------------------------------------------------------


def _seal_from_scratch(place: Path, streams: int, repetitions: int) -> None:
    """Prints the first seal: in copies, each its only one, and at last in the ledger itself."""
    taken, nodes = [], 0
    for repetition in range(repetitions):
        last = repetition == repetitions - 1
        copy = place if last else place.with_name("proofs-copy")
        if not last:
            shutil.copytree(place, copy)
        os.sync()  # what was copied or written before is not to be waited for in the seal
        with Ledger(places(copy)) as ledger:
            committing, sealer = (
                ledger.committing,
                ledger.sealer,
            )  # the key database is open, as after a record
            took, _ = _timed(lambda: seal(committing, sealer, "bench"))  # noqa: B023  # called at once
            taken.append(took)
            nodes = _map_nodes(ledger)
        if not last:
            shutil.rmtree(copy)
    print(
        f"seal {streams:,} streams from scratch, with commit and signature; {repetitions} in turn on copies: "
        f"median {median(taken):.2f} s, worst {max(taken):.2f} s (budget 2); {nodes:,} map nodes"
    )


def _seal_again(ledger: Ledger, rng: Random, streams: int, repetitions: int) -> None:
    """Prints seals after so many streams gained an entry; counts alternate, so that each meets the same machine."""
    taken: dict[int, list[float]] = {changed: [] for changed in CHANGED}
    nodes: dict[int, list[int]] = {changed: [] for changed in CHANGED}
    for _ in range(repetitions):
        for changed in (changed for changed in CHANGED if changed < streams):
            chosen = rng.sample(range(streams), changed)
            heads = ((number, ledger.recorder.head(_name(number))) for number in chosen)
            grown = [_entry(number, (found[0], leaf_hash(found[1])))[0] for number, found in heads if found]
            with ledger.committing.writing() as writer:
                writer.append(grown, recorded_at=clock.now())
            ledger.committing.after()
            before = _map_nodes(ledger)
            taken[changed].append(_timed(seal, ledger.committing, ledger.sealer, "bench")[0])
            nodes[changed].append(_map_nodes(ledger) - before)
    print(f"seal again after streams changed, with commit and signature; medians of {repetitions}")
    for changed in (changed for changed in CHANGED if taken[changed]):
        took, saved = median(taken[changed]), median(nodes[changed])
        print(
            f"  {changed:5,} changed {1000 * took:8.1f} ms, worst {1000 * max(taken[changed]):8.1f} ms, "
            f"{1e6 * took / changed:7.0f} us each; {saved:7,.0f} map nodes, {saved / changed:.1f} each"
        )


def _map_nodes(ledger: Ledger) -> int:
    with closing(sqlite3.connect(ledger.places.database)) as connection:
        return int(connection.execute("SELECT count(*) FROM map_nodes").fetchone()[0])


# -- proofs ------------------------------------------------------------------------------------------------


def _prove(ledger: Ledger, rng: Random, streams: int) -> None:
    """Prints the time and size of each kind of proof. Each is made in a snapshot of its own, and then checked."""
    verifier, origin = ledger.committing.signer.verifier, ledger.opened.origin
    signed = seal(ledger.committing, ledger.sealer, "bench")
    size = signed.size
    heads = {row.stream: row.entries for row in ledger.recorder.stream_heads()}
    of_ten = [name for name in map(_name, range(streams)) if heads[name] == LENGTH]
    print(
        f"proofs from {size:,} entries, in process, each in a snapshot of its own; warm, {ASKED} random ones"
    )
    print(f"  smallest inclusion proof ceil(log2 {size:,}) = {ceil(log2(size))} hashes of {HASH} bytes")

    def each(
        what: str, asked: Sequence[T], make: Callable[[Reading, T], P], measure: Callable[[T, P], Size] | None
    ) -> list[P]:
        def made(one: T) -> P:
            with ledger.recorder.snapshot() as reading:
                return make(reading, one)

        found = [_timed(made, one) for one in asked]
        proofs = [proof for _, proof in found]
        _tell(what, [took for took, _ in found], list(map(measure, asked, proofs)) if measure else [])
        return proofs

    positions = [rng.randrange(1, size + 1) for _ in range(ASKED)]
    each(
        "inclusion",
        positions,
        lambda reading, at: reading.from_nodes(
            lambda node: merkle.inclusion_proof_from_nodes(at - 1, size, node)
        ),
        lambda at, proof: (HASH * len(proof), HASH * _inclusion_hashes(at - 1, size)),
    )
    receipts = each(
        "receipt",
        positions,
        lambda reading, at: Proofs(reading, origin, verifier.vkey).receipt([at], signed),
        None,
    )
    _documents(receipts, verifier)
    pairs = [sorted(rng.sample(range(1, size + 1), 2)) for _ in range(ASKED)]
    consistent = each(
        "consistency",
        pairs,
        lambda reading, pair: Proofs(reading, origin, verifier.vkey).consistency(*pair),
        lambda pair, proof: (HASH * len(proof), HASH * _consistency_hashes(*pair)),
    )
    for (old, new), proof in zip(pairs, consistent, strict=True):
        merkle.verify_consistency(old, new, proof, _root(ledger, old), _root(ledger, new))
    for what, names, length in (
        (f"completeness of {LENGTH}", rng.sample(of_ten, min(ASKED, len(of_ten))), LENGTH),
        ("absence", [f"client/X-{number:06}" for number in range(ASKED)], 0),
    ):
        complete = each(
            what,
            names,
            lambda reading, name: Proofs(reading, origin, verifier.vkey).completeness(name),
            lambda _, proof: _complete(proof, len(heads), size),
        )
        if any(proof.count != length for proof in complete):
            raise AssertionError(f"{what}: a stream has another number of entries")
        _documents(complete, verifier)


def _root(ledger: Ledger, size: int) -> bytes:
    return ledger.recorder.from_nodes(lambda node: merkle.root_from_nodes(size, node))


def _documents(proofs: Sequence[Receipt] | Sequence[Completeness], verifier: Verifier) -> None:
    """Checks each by the ledger's key; prints how long the whole document is, and what of it is no proof."""
    for proof in proofs:
        proof.check([verifier])
    written = mean(len(proof.format().encode()) for proof in proofs)
    entry = mean(
        sum(len(one.state) for one in proof.entries) if isinstance(proof, Receipt) else len(proof.seal)
        for proof in proofs
    )
    note = mean(len(proof.checkpoint) + len(proof.verifier) for proof in proofs)
    print(
        f"    as a JSON document {written:,.0f} bytes: {entry:,.0f} of them an entry's, {note:,.0f} the signed note "
        "and key, the proof in base64 or hexadecimal"
    )


def _complete(proof: Completeness, streams: int, size: int) -> Size:
    """Beside the leaves, one hash for each level of a map as flat as can be, and the seal's path."""
    came = HASH * (proof.count + len(proof.seal_proof)) + len(proof.map_proof)
    least = proof.count + ceil(log2(streams)) + _inclusion_hashes(size - 1, size)
    if not proof.count:
        least += 2  # the leaf that stands in its place: key and value
    return came, HASH * least


def _tell(what: str, taken: Sequence[float], sizes: Sequence[Size]) -> None:
    told = f"{what:18} median {1000 * median(taken):6.2f} ms, worst {1000 * max(taken):6.2f} ms (budget {BUDGET_MS})"
    if sizes:
        came, least = (mean(column) for column in zip(*sizes, strict=True))
        worst = max(came / least for came, least in sizes if least)
        told += (
            f"; {came:,.0f} bytes, longest {max(came for came, _ in sizes):,}, "
            f"{came / least:.3f} of the smallest {least:,.0f}, worst {worst:.3f} (budget 1.10)"
        )
    print(f"  {told}")


def _inclusion_hashes(index: int, size: int) -> int:
    """How many hashes RFC 9162 2.1.3.2 consumes: steps up to where the right edge is met, then left siblings."""
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def _consistency_hashes(old: int, size: int) -> int:
    """How many hashes RFC 9162 2.1.4.2 consumes; one more where the old root is no complete subtree's."""
    whole = (old & -old).bit_length() - 1
    inner = ((old - 1) ^ (size - 1)).bit_length()
    return inner - whole + ((old - 1) >> inner).bit_count() + bool(old & (old - 1))


def _timed(work: Callable[..., T], *given: object) -> tuple[float, T]:
    begun = time.perf_counter()
    result = work(*given)
    return time.perf_counter() - begun, result
