"""What `backup`, `restore`, `export ledger` and `import` of a whole ledger share: progress, and what is said of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.commands.session import print_json
from ledger.commands.showing import heading, say, say_wrapped

if TYPE_CHECKING:
    from ledger.application import Ledger
    from ledger.copying.backing_up import Backup
    from ledger.copying.restoring import Restored
    from ledger.copying.soundness import Steps
    from ledger.places import Places
    from ledger.storage.rows import CheckpointRow


def write_whole_ledger(ledger: "Ledger", file: Path, *, as_json: bool, what: str) -> None:
    """Writes the whole ledger to a new file, and tells what was written and what is not in it."""
    from ledger.copying.backing_up import back_up

    with steps() as told:
        done = back_up(ledger, file, told)
    if as_json:
        print_json(_backup_document(done, ledger.places))
    else:
        _tell_backup(done, ledger.places, what)


def restore_whole_ledger(file: Path, places: "Places", *, as_json: bool) -> None:
    """Restores a whole-ledger file, and tells what can be done with it now."""
    from ledger.copying.restoring import restore

    with steps() as told:
        done = restore(file, places, told)
    if as_json:
        print_json(_restored_document(done, file, places))
    else:
        _tell_restored(done, file, places)


@contextmanager
def steps() -> "Iterator[Steps]":
    """A bar on standard error at a terminal, one line per step; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _of: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what)
            bar.update(tasks[what], completed=done, total=of)

        yield tell


def key_files(places: "Places") -> list[tuple[str, str]]:
    """The key files that are in no backup: what each is, and where."""
    return [("key database", str(places.keys)), ("role file", str(places.role))]


# -- a backup ---------------------------------------------------------------------------------------------


def _backup_document(done: "Backup", places: "Places") -> dict[str, Any]:
    return {
        "file": str(done.file),
        "entries": done.entries,
        "root": done.root,
        "checkpoint": _checkpoint(done.checkpoint),
        "unsigned_entries": done.unsigned,
        "why_unsigned": done.why_unsigned,
        "checked": done.checked,
        "bytes": done.bytes,
        "sha256": done.sha256,
        "not_included": [{"what": what, "path": path} for what, path in key_files(places)],
    }


def _checkpoint(row: "CheckpointRow | None") -> dict[str, Any] | None:
    return None if row is None else {"size": row.size, "note": row.note}


def _tell_backup(done: "Backup", places: "Places", what: str) -> None:
    heading(f"{what}: {done.entries:,} entries of {places.url}, in {done.file}.", "green")
    if done.checkpoint is not None:
        say_wrapped(f"Last checkpoint: over {done.checkpoint.size:,} entries.", "  ")
    if done.unsigned:
        why = f" ({done.why_unsigned})" if done.why_unsigned else ""
        say_wrapped(f"The last {done.unsigned:,} entries are under no checkpoint yet{why}.", "  ")
    say(f"  Root: {done.root}")
    say(f"  SHA-256 of the file: {done.sha256}")
    say_wrapped(f"Checked after writing: {done.checked}.", "  ")
    say_wrapped("NOT in it, so that whoever finds it cannot read what is sealed:")
    for name, path in key_files(places):
        say_wrapped(f"{name}: {path}", "  ")
    say_wrapped(
        "Keep copies of those too, in another place than this file. Without the key database nothing can be recorded "
        "after a restore; without a role file nobody can read what is sealed."
    )


# -- a restore --------------------------------------------------------------------------------------------


def _restored_document(done: "Restored", file: Path, places: "Places") -> dict[str, Any]:
    guard = done.guard
    return {
        "from": str(file),
        "sha256": done.sha256,
        "ledger": places.url,
        "entries": done.entries,
        "root": done.root,
        "origin": done.origin,
        "checkpoint": _checkpoint(done.checkpoint),
        "unsigned_entries": done.unsigned,
        "checked": done.checked,
        "done": list(done.done),
        "keys": {
            "key_database": {"path": str(places.keys), "there": guard.keys, "wrong": guard.wrong},
            "role_file": {"path": str(places.role), "there": guard.role},
            "signed_entries": guard.signed,
            "recording_refused": guard.refuses,
        },
        "next": _rebase(done, places) if guard.refuses else None,
    }


def _tell_restored(done: "Restored", file: Path, places: "Places") -> None:
    heading(f"Restored: {done.entries:,} entries from {file} to {places.url}.", "green")
    for each in done.done:
        say_wrapped(each, "    ")
    if done.checkpoint is not None:
        say_wrapped(f"Last checkpoint: over {done.checkpoint.size:,} entries.", "  ")
    if done.unsigned:
        say_wrapped(f"The last {done.unsigned:,} entries are under no checkpoint in it.", "  ")
    say(f"  Root: {done.root}")
    say_wrapped(f"Verified: {done.checked}.", "  ")
    _tell_guard(done, places)


def _tell_guard(done: "Restored", places: "Places") -> None:
    guard = done.guard
    if not guard.keys:
        say_wrapped(
            f"No key database at {places.keys}: the coded facts can be read, audited and verified; nothing can be "
            "recorded and no sealed text opened until it is put there (or named by ENGAGEMENT_LEDGER_KEYS)."
        )
    elif guard.wrong is not None:
        say_wrapped(f"The key database cannot be used: {guard.wrong}")
    elif guard.refuses is None:
        say_wrapped("The key database goes with it: recording can go on.")
    else:
        _tell_refusal(done, places)
    if guard.keys and not guard.role:
        say_wrapped(
            f"No role file at {places.role}: recording works, sealed texts stay closed until it is put there (or named "
            "by ENGAGEMENT_LEDGER_ROLE)."
        )


def _tell_refusal(done: "Restored", places: "Places") -> None:
    signed = done.guard.signed
    if signed is not None and signed > done.entries:
        say_wrapped(
            f"Nothing can be recorded yet. The key database has signed {signed:,} entries, this copy holds "
            f"{done.entries:,}: {signed - done.entries:,} are missing. If there is a newer copy, restore that one. If "
            "this is the newest there is, say so openly; an entry then says for ever what was lost:"
        )
    else:
        say_wrapped(f"Nothing can be recorded yet: {done.guard.refuses}")
        say("To go on from this copy openly:")
    say(f"  {_rebase(done, places)}")


def _rebase(done: "Restored", places: "Places") -> str:
    import shlex

    restored = f"backup of {done.entries} entries, SHA-256 {done.sha256[:16]}"
    return (
        f"engagement-ledger --ledger {shlex.quote(places.url)} checkpoint rebase "
        f"--restored {shlex.quote(restored)} --reason {shlex.quote('WHY IT WAS RESTORED')}"
    )
