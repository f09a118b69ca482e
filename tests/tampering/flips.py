"""Single bits flipped in a ledger's file, and what is then said of it.

A flip is harmless only if everything any command could read, by table and by index, is as it was. Cosignatures and
time-stamps are others' words, which `verify` does not judge: a flip in one is found by the command that does, or
leaves what it states as it was.
"""

import faulthandler
import random
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.verification.verification import Question, verify
from tests import desk
from tests.tampering.examining import anchors_say
from tests.tampering.practice import LEDGER, Practice

CODES = frozenset({2, 4, 5, 7})
"""With which a command may end where it cannot say more."""
HANGS = 60
"""Seconds after which a verification counts as hanging: the process ends and says where it was."""
BY_INDEX = (
    ("stored_events", "stored_events_by_stream", "originator_id, originator_version"),
    ("stored_events", "stored_events_by_log_time", "log_time"),
    ("disclosures", "sqlite_autoindex_disclosures_1", "stream, seq, field"),
)
"""Table, index, columns: what is read through each index, in its order."""


class Flip(NamedTuple):
    """One bit of the file, and what was said: the kinds of fault, an error, or nothing; `wrong` is what must not be."""

    byte: int
    bit: int
    said: str
    wrong: str | None


def flip_all(practice: Practice, workplace: Path, numbers: Sequence[int], seed: int) -> list[Flip]:
    """The flips of these numbers, one at a time, on a copy of the practice's files."""
    size = (practice.folder / LEDGER).stat().st_size
    return flip_at(practice, workplace, [place_of(number, seed, size) for number in numbers])


def flip_at(practice: Practice, workplace: Path, places: Sequence[tuple[int, int]]) -> list[Flip]:
    """The flips at these places (byte, bit), one at a time."""
    home = Path(shutil.copytree(practice.folder, workplace, ignore=shutil.ignore_patterns("backup")))
    good = (home / LEDGER).read_bytes()
    as_it_was = dump(home / LEDGER)
    flips = []
    for byte, bit in places:
        flip = _flipped(home, good, byte, bit)
        silent = not flip.said and flip.wrong is None
        flips.append(flip._replace(wrong=_missed(practice, home, as_it_was)) if silent else flip)
    shutil.rmtree(home)
    return flips


def place_of(number: int, seed: int, size: int) -> tuple[int, int]:
    """Byte and bit of a flip."""
    chosen = random.Random(f"{seed}:{number}")
    return chosen.randrange(size), chosen.randrange(8)


def put(home: Path, good: bytes, byte: int, bit: int) -> None:
    """The file with one bit flipped, and none beside it."""
    for beside in ("-wal", "-shm", "-journal"):
        (home / (LEDGER + beside)).unlink(missing_ok=True)
    altered = bytearray(good)
    altered[byte] ^= 1 << bit
    (home / LEDGER).write_bytes(altered)


def dump(path: Path) -> str:
    """A hash over every row and value that can be read, by table and by index; the anchors apart."""
    hashed = sha256()
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        for line in _rows(connection):
            hashed.update(line)
    return hashed.hexdigest()


def _flipped(home: Path, good: bytes, byte: int, bit: int) -> Flip:
    put(home, good, byte, bit)
    faulthandler.dump_traceback_later(HANGS, exit=True)
    try:
        report = verify(desk.places(home), Question())
    except LedgerError as wrong:
        said = f"{type(wrong).__name__}: {wrong}"
        return Flip(byte, bit, said, None if wrong.exit_code in CODES else f"exit code {wrong.exit_code}")
    except Exception as crash:  # noqa: BLE001  # that there is none is what is tested
        return Flip(byte, bit, "", f"{type(crash).__name__}: {crash}")
    finally:
        faulthandler.cancel_dump_traceback_later()
    if not report.sound:
        return Flip(byte, bit, ", ".join(sorted({f"{one.table} {one.kind}" for one in report.faults})), None)
    return Flip(byte, bit, "", None)


def _missed(practice: Practice, home: Path, as_it_was: str) -> str | None:
    """What was overlooked, if anything reads otherwise than before."""
    try:
        now = dump(home / LEDGER)
    except sqlite3.Error as wrong:
        return f"sound, but SQLite says: {wrong}"
    if now != as_it_was:
        return "sound, but what is read is not as it was"
    with suppress(LedgerError):  # then the command that judges it finds it
        if anchors_say(practice, home / LEDGER) != anchors_say(practice, practice.folder / LEDGER):
            return "sound, but an anchor states something else"
    return None


def _rows(connection: sqlite3.Connection) -> Iterator[bytes]:
    master = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    ).fetchall()
    yield repr(master).encode()
    for kind, name, *_ in master:
        if kind == b"table" and name != b"anchors":
            for row in connection.execute(f"SELECT * FROM {name.decode()}"):
                yield repr(row).encode()
    for table, index, columns in BY_INDEX:
        sql = f"SELECT {columns}, rowid FROM {table} INDEXED BY {index} ORDER BY {columns}, rowid"
        for row in connection.execute(sql):
            yield repr(row).encode()
