"""Checks of a ledger in an SQLite file."""

from collections.abc import Iterator

from ledger.health.checks import Check, broken, fine, size_words, warning
from ledger.storage.condition import Condition

FULL = 2
"""https://www.sqlite.org/pragma.html#pragma_synchronous: a commit waits until the disk has it."""
LONG_WAL = 256_000_000


def check_sqlite(condition: Condition) -> Iterator[Check]:
    """The settings that durability and immutability rest on, and the ends of the log."""
    found = condition.settings
    yield _durability(condition)
    if found["missing_triggers"]:
        yield broken(
            "triggers",
            f"missing: {', '.join(found['missing_triggers'])}; nothing stops mistakes there",
            "Run `engagement-ledger verify`, find out who removed them, and restore a backup to another place.",
        )
    else:
        yield fine("triggers", "what is recorded is neither changed nor removed by mistake")
    given, last = found["highest_given"], found["last_position"]
    if given != last:
        yield broken(
            "end of the log",
            f"{given:,} entries were recorded, the last one there is number {last:,}",
            "Keep the file as it is, run `engagement-ledger verify`, and restore the newest backup to another place.",
        )
    if found["wal_bytes"] > LONG_WAL:
        yield warning(
            "write-ahead log",
            f"{size_words(found['wal_bytes'])}: a reader that never ends keeps it from being cleared away",
            "End the program that holds the ledger open; the next one to close it clears the log away.",
        )


def _durability(condition: Condition) -> Check:
    found, name = condition.settings, "durability"
    if found["read_only"]:
        return fine(name, f"SQLite {condition.version}; on a medium where nothing can be written")
    wrong = [
        said
        for said, right in (
            (f"journal mode {found['journal_mode']}, expected wal", found["journal_mode"] == "wal"),
            (f"synchronous {found['synchronous']}, expected FULL", found["synchronous"] >= FULL),
            ("foreign keys are off", bool(found["foreign_keys"])),
            ("recursive triggers are off", bool(found["recursive_triggers"])),
        )
        if not right
    ]
    if wrong:
        return warning(
            name, "; ".join(wrong), "Report it as a bug: the program sets these itself on every connection."
        )
    return fine(name, f"SQLite {condition.version}; write-ahead log, synchronous FULL, foreign keys on")
