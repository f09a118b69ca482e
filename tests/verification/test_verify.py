"""`verify` as a whole: sound ledgers, shares of work, what is believed, what is held, files damaged anywhere."""

import os
import random
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from ledger.errors import InputError, LedgerError, NoLedgerError, NotALedgerError, ProofError
from ledger.integrity.note import Signer, sign
from ledger.proving.index import seal
from ledger.proving.proofs import Proofs
from ledger.storage.reading import CANONICAL_TIME
from ledger.storage.sqlite import open_log
from ledger.verification.forms import TOLD, Forms, exactly
from ledger.verification.held import Held
from ledger.verification.verification import Report
from tests import desk
from tests.verification.edited import ENTRIES, change, checked, copied, found, make, opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make(folder)
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than two blocks of entries, with a seal between them."""
    folder = tmp_path_factory.mktemp("long")
    with desk.new_ledger(folder) as ledger:
        ledger.record(desk.staff())
        for part in range(6):
            ledger.record(
                [
                    desk.fact(
                        "ActorRegistered",
                        actor=f"desk-{part}-{number}",
                        role="front-desk",
                        may_authorise=False,
                    )
                    for number in range(400)
                ]
            )
            if part % 2:
                seal(ledger.committing, ledger.sealer, "director")
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path / "copy")


def test_a_ledger_as_it_was_recorded_is_sound(made: Path) -> None:
    report = checked(made)

    assert report.sound
    assert (report.size, report.entries, report.streams) == (ENTRIES, ENTRIES, 4)
    assert (report.texts_opened, report.sources, report.checkpoints, report.seals, report.anchors) == (
        7,
        1,
        6,
        1,
        1,
    )
    assert report.remarks == ()


def test_any_number_of_processes_finds_the_same(long: Path, tmp_path: Path) -> None:
    folder = copied(long, tmp_path / "copy")
    change(
        folder,
        "UPDATE tree SET hash = zeroblob(32) WHERE number IN (3000, 4094)",
        "DELETE FROM checkpoints WHERE size = 405",
    )

    alone = checked(folder, jobs=1)

    assert {fault.kind.value for fault in alone.faults} == {"tree-node"}
    assert checked(folder, jobs=2) == alone == checked(folder, jobs=3)
    assert checked(long, jobs=2).sound


# -- what is believed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 9, 11, 13])
def test_since_a_checkpoint_reads_only_what_came_after(made: Path, size: int) -> None:
    report = checked(made, since=size)

    assert report.sound, report.faults
    assert (report.since, report.entries) == (size, ENTRIES - size)
    assert "not read again" in report.remarks[0]


def test_since_a_checkpoint_over_more_than_a_block(long: Path) -> None:
    sizes = [405, 1206, 2408]

    assert [checked(long, since=size).faults for size in sizes if size != 405] == [(), ()]


def test_since_finds_what_changed_after_and_says_that_it_believes_what_was_before(copy: Path) -> None:
    change(copy, "UPDATE stored_events SET log_time = 'x' WHERE position IN (5, 12)")

    assert found(checked(copy, since=11)) == {("stored_events", 12, "log-time")}


def test_since_a_checkpoint_that_the_stored_tree_does_not_have(copy: Path) -> None:
    change(copy, "UPDATE tree SET hash = zeroblob(32) WHERE number = 14")

    assert ("tree", None, "checkpoint-root") in found(checked(copy, since=9))


def test_since_nothing_that_is_kept(made: Path) -> None:
    with pytest.raises(InputError, match="no checkpoint over 5"):
        checked(made, since=5)


# -- what is held -----------------------------------------------------------------------------------------


def note_of(folder: Path, size: int) -> str:
    with opened(folder) as ledger:
        row = ledger.recorder.checkpoint_of(size)
        assert row is not None
        return row.note


def receipt_of(folder: Path, position: int) -> str:
    with opened(folder) as ledger, ledger.recorder.snapshot() as reading:
        row = reading.checkpoint_of(ENTRIES)
        assert row is not None
        proofs = Proofs(reading, ledger.opened.origin, ledger.committing.signer.verifier.vkey)
        return proofs.receipt([position], row).format()


def test_what_is_held_is_part_of_the_ledger(copy: Path) -> None:
    held = [Held.checkpoint(note_of(copy, 9)), Held.of_receipt(receipt_of(copy, 7))]

    assert checked(copy, held=held).sound


def test_a_ledger_changed_since_is_not_the_one_of_the_receipt(copy: Path) -> None:
    receipt = receipt_of(copy, 13)
    note = note_of(copy, ENTRIES)
    with opened(copy) as ledger:
        ledger.record([desk.fact("ActorRegistered", actor="late", role="front-desk", may_authorise=False)])
    change(
        copy,
        "UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), 'I3', 'I4') AS BLOB) WHERE position = 13",
    )

    held = found(checked(copy, held=[Held.of_receipt(receipt), Held.checkpoint(note)]))

    assert {("(held)", 13, "held"), ("(held)", ENTRIES, "held")} <= held


def test_a_checkpoint_over_more_than_there_is(made: Path, copy: Path) -> None:
    with opened(copy) as ledger:
        ledger.record([desk.fact("ActorRegistered", actor="late", role="front-desk", may_authorise=False)])
    note = note_of(copy, ENTRIES + 1)

    assert found(checked(made, held=[Held.checkpoint(note)])) == {("(held)", ENTRIES + 1, "held")}


def test_what_another_key_signed_is_no_question_to_this_ledger(made: Path) -> None:
    text = note_of(made, 9).rpartition("\n\n")[0] + "\n"

    with pytest.raises(ProofError, match="no signature by a known key"):
        checked(made, held=[Held.checkpoint(sign(text, Signer.generate("somebody")))])


# -- where keys or rights are missing ---------------------------------------------------------------------


def test_a_reviewer_without_keys_checks_all_but_signatures_and_texts(copy: Path) -> None:
    for name in ("practice.keys", "practice.role"):
        (copy / name).unlink()

    report = checked(copy)

    assert report.sound
    assert (report.texts_opened, report.texts_unopened, report.verifier) == (0, 7, None)
    assert any("no signature was checked" in remark for remark in report.remarks)


def test_a_reviewer_with_the_public_key_checks_signatures(made: Path, copy: Path) -> None:
    with opened(made) as ledger:
        key = ledger.committing.signer.verifier
    (copy / "practice.keys").unlink()
    change(
        copy,
        "UPDATE checkpoints SET note = substr(note, 1, length(note) - 12) || 'AAAAAAA=' || char(10) WHERE size = 10",
    )

    assert found(checked(copy, verifiers=[key])) == {("checkpoints", 10, "checkpoint-signature")}


def test_a_key_database_of_another_ledger(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    desk.new_ledger(other).close()
    for name in ("practice.keys", "practice.role"):
        shutil.copy2(other / name, copy / name)

    kinds = {fault.kind.value for fault in checked(copy).faults}

    assert kinds == {"checkpoint-signature", "unknown-data-key", "rolled-back", "unsigned-tail"}


def test_erased_texts_are_counted_and_no_fault(copy: Path) -> None:
    with opened(copy) as ledger:
        ledger.keys.destroy("client/C-1")

    report = checked(copy)

    assert report.sound
    assert (report.texts_opened, report.texts_erased) == (0, 7)


def test_texts_stay_closed_where_asked(made: Path) -> None:
    assert checked(made, texts=False).texts_unopened == 7


def test_a_ledger_that_cannot_be_written(copy: Path) -> None:
    for file in (*copy.iterdir(), copy):
        file.chmod(0o555)
    try:
        before = sorted(path.name for path in copy.iterdir())
        assert checked(copy).sound
        if os.getuid():
            assert sorted(path.name for path in copy.iterdir()) == before
    finally:
        copy.chmod(0o755)


def test_a_writer_meanwhile_disturbs_nothing(copy: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with opened(copy) as ledger:
            number = 0
            while not stop.is_set():
                number += 1
                ledger.record(
                    [
                        desk.fact(
                            "ActorRegistered", actor=f"w-{number}", role="front-desk", may_authorise=False
                        )
                    ]
                )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        reports = [checked(copy) for _ in range(8)]
    finally:
        stop.set()
        writer.join()

    assert [report.faults for report in reports] == [()] * 8
    assert reports[-1].size > ENTRIES


def test_no_ledger_and_no_ledgers_file(tmp_path: Path) -> None:
    with pytest.raises(NoLedgerError):
        checked(tmp_path)
    connection = sqlite3.connect(tmp_path / "practice.db")
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    with pytest.raises(NotALedgerError):
        checked(tmp_path)


# -- the two ways of reading an entry ---------------------------------------------------------------------


def test_what_the_pattern_takes_the_exact_reading_takes_alike(made: Path) -> None:
    """Given every stored entry and every change of one byte of it: what the fast way accepts, the exact one does."""
    forms = Forms()
    log = open_log(made / "practice.db")
    rows = [row for page in log.pages() for row in page]
    log.close()
    taken = 0
    for row in rows:
        topic = row.topic.encode()
        match, names = forms[topic]
        for at in range(len(row.state)):
            state = bytearray(row.state)
            state[at] ^= 1 << (at % 7)
            changed = bytes(state)
            fitting = None if b"\\" in changed or min(changed) < 0x20 else match(changed)
            if fitting is None:
                continue
            taken += 1
            when, *sealed, prev, seq, source, stream = fitting.groups()
            if not is_a_time(when):
                continue
            read = exactly(changed)
            given = {name: digest for name, digest in zip(names, sealed, strict=True) if digest is not None}
            assert (read.at, read.prev, read.seq, read.source, read.stream) == (
                when,
                prev,
                int(seq),
                source,
                stream,
            )
            assert read.sealed == given
        assert (match(row.state) is None) == (topic in TOLD or b'":{' in row.state.split(b'"data":{')[1])
    assert taken > 1000


def is_a_time(when: bytes) -> bool:
    return CANONICAL_TIME.fullmatch(when.decode()) is not None


# -- damage anywhere --------------------------------------------------------------------------------------


def flipped(folder: Path, rng: random.Random) -> Report | LedgerError:
    path = folder / "practice.db"
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 1, 8))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    try:
        return checked(folder)
    except LedgerError as wrong:
        return wrong


def flip(made: Path, folder: Path, times: int) -> None:
    rng = random.Random(4)
    for _ in range(times):
        outcome = flipped(copied(made, folder), rng)
        assert isinstance(outcome, Report | LedgerError)
        for beside in folder.glob("practice.db-*"):
            beside.unlink()


def test_random_damage_is_reported_and_crashes_nothing(made: Path, tmp_path: Path) -> None:
    flip(made, tmp_path / "copy", 60)


@pytest.mark.campaign
def test_much_random_damage(made: Path, tmp_path: Path) -> None:
    flip(made, tmp_path / "copy", 4_000)
