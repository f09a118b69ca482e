"""Checks of files: who may read them, whether there is room, what was left lying, whether the file system fits."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ledger.copying.drafts import left_over
from ledger.health.checks import Check, broken, fine, size_words, warning
from ledger.keys.private_files import exposure
from ledger.places import Places
from ledger.storage.sqlite_condition import left_beside

ROOM = 500_000_000
"""Less free space than that, in bytes, is told."""
NETWORK = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "afs",
    "ceph",
    "glusterfs",
    "fuse.glusterfs",
)
"""File systems on which SQLite's write-ahead log is not safe (https://www.sqlite.org/wal.html, no. 2)."""
MOUNTS = Path("/proc/self/mounts")


def missing(places: Places) -> list[Check]:
    """What is broken where a ledger's file is gone and what SQLite kept beside it is still there."""
    left = left_beside(places.place) if places.is_file and not places.database.exists() else []
    if not left:
        return []
    return [
        broken(
            "ledger file",
            f"{places.database} is not there, but {' and '.join(str(file) for file in left)} is: it may hold the last "
            "entries",
            "Find the ledger file and put it back beside it, before anything else; keep both as they are.",
        )
    ]


def check_files(places: Places) -> Iterator[Check]:
    """The files of a ledger that is there."""
    yield _rights(places)
    yield from _drafts(places)
    yield _room(places)
    if places.is_file:
        yield from _file_system(places.database)


def _rights(places: Places) -> Check:
    files = [file for file in _all(places) if file.exists()]
    open_to_others = [found for file in files if (found := exposure(file)) is not None]
    if open_to_others:
        return warning(
            "file rights",
            "; ".join(said.partition(";")[0] for said in open_to_others),
            "chmod 600 " + " ".join(str(file) for file in files if exposure(file) is not None),
        )
    return fine("file rights", f"{len(files)} files, each for their owner only")


def _all(places: Places) -> list[Path]:
    if not places.is_file:
        return places.files
    beside = [Path(f"{places.place}{end}") for end in ("-wal", "-shm")]
    return [*places.files, *beside, *([places.views] if places.views is not None else [])]


def _drafts(places: Places) -> Iterator[Check]:
    if not places.is_file:
        return
    left = left_over(places.database)
    if left:
        yield warning(
            "left-over drafts",
            f"{', '.join(file.name for file in left)}: left by a restore that was killed",
            "Remove them; nothing in them was ever in use. The next restore does so itself.",
        )


def _room(places: Places) -> Check:
    folder = (places.database if places.is_file else places.keys).absolute().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as wrong:
        return warning(
            "disk space", f"{folder} cannot be asked: {wrong.strerror}", "Look at the disk it is on."
        )
    said = f"{size_words(free)} free in {folder}"
    if free < ROOM:
        return warning("disk space", said, "Make room: a full disk stops recording (nothing is lost by it).")
    return fine("disk space", said)


def _file_system(database: Path) -> Iterator[Check]:
    kind = file_system_of(database, _mounts())
    if kind in NETWORK:
        yield warning(
            "file system",
            f"{database} is on a network file system ({kind}): locks do not hold there, and a file may be damaged",
            "Keep the file on a disk of the machine that records; for several machines use PostgreSQL.",
        )


def _mounts() -> str:
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def file_system_of(path: Path, mounts: str) -> str:
    """The kind of file system a path is on, by the table of mounts; empty where that cannot be told."""
    place = os.path.realpath(path)
    found = ("", "")
    for line in mounts.splitlines():
        _, where, kind, *_ = [*line.split(" "), "", ""]
        where = where.replace("\\040", " ")
        inside = place == where or place.startswith(where.rstrip("/") + "/")
        if inside and len(where) >= len(found[0]):
            found = (where, kind)
    return found[1]
