"""Checks of a ledger on a PostgreSQL server."""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.health.checks import Check, broken, fine, note, warning
from ledger.storage.condition import Condition

CROWDED = 0.8
CLOCK_SECONDS = 60


def check_postgres(condition: Condition, clock: float) -> Iterator[Check]:
    """The settings that durability and immutability rest on; `clock` is this machine's, in seconds since 1970."""
    found = condition.settings
    yield _durability(condition)
    yield _pages(found)
    yield _role(found)
    yield _triggers(found)
    yield _standby(found)
    yield _sessions(found)
    if found["left_open"]:
        yield warning(
            "left open",
            f"{found['left_open']} sessions hold a transaction open and do nothing: the server cannot tidy up",
            "End them (pg_terminate_backend), and set idle_in_transaction_session_timeout.",
        )
    if not found["local"] and not found["encrypted"]:
        yield warning(
            "encryption",
            "the connection to the server is not encrypted",
            "Turn on TLS at the server, and add sslmode=verify-full to the address.",
        )
    if abs(found["clock"] - clock) > CLOCK_SECONDS:
        yield warning(
            "server clock",
            f"the server's clock and this machine's are {abs(found['clock'] - clock):.0f} seconds apart",
            "Set both right (chronyc, timedatectl).",
        )


def _durability(condition: Condition) -> Check:
    found, name = condition.settings, "durability"
    if found["fsync"] != "on":
        return broken(
            name,
            "fsync is off: after a power cut, acknowledged entries may be gone and the database damaged",
            "Set fsync = on in postgresql.conf and restart the server.",
        )
    if found["synchronous_commit"] not in ("on", "remote_apply"):
        return warning(
            name,
            f"synchronous_commit is {found['synchronous_commit']} in the ledger's own sessions",
            "Report it as a bug: the program sets it itself on every connection.",
        )
    return fine(
        name,
        f"PostgreSQL {condition.version}; fsync on, synchronous_commit {found['synchronous_commit']}",
    )


def _pages(found: Mapping[str, Any]) -> Check:
    if found["full_page_writes"] != "on":
        return warning(
            "whole pages",
            "full_page_writes is off: a power cut in mid-write may damage a page",
            "Set it on, unless the file system itself never tears a page (ZFS).",
        )
    if found["data_checksums"] != "on":
        return note(
            "whole pages",
            "full_page_writes is on; data checksums are off, so damage by the disk is noticed only by `verify`",
            "pg_checksums --enable, with the server stopped.",
        )
    return fine("whole pages", "full_page_writes and data checksums are on")


def _role(found: Mapping[str, Any]) -> Check:
    name = "role"
    if found["may_change"]:
        return broken(
            name,
            f"these sessions may change or remove what is recorded in {', '.join(found['may_change'])}",
            "Record as a login that has only the recording role; take UPDATE, DELETE and TRUNCATE from it (REVOKE).",
        )
    if found["role"] is None:
        return warning(
            name,
            f"no recording role is in force: {found['login']} acts as itself",
            "GRANT the recording role that `init` made to it, or have a login with CREATEROLE make the ledger.",
        )
    if found["superuser"]:
        return warning(
            name,
            f"{found['role']} is in force, but the login {found['login']} is a superuser, who can do anything",
            "Record as a login of its own that has only the recording role.",
        )
    return fine(name, f"{found['role']} is in force for {found['login']}: it may read and append only")


def _triggers(found: Mapping[str, Any]) -> Check:
    if found["missing_triggers"]:
        return broken(
            "triggers",
            f"on {', '.join(found['missing_triggers'])} nothing refuses changes: the trigger is missing or disabled",
            "Run `engagement-ledger verify`, and find out who disabled it; ALTER TABLE ... ENABLE ALWAYS TRIGGER.",
        )
    return fine("triggers", "what is recorded is neither changed nor removed by mistake")


def _standby(found: Mapping[str, Any]) -> Check:
    if found["standby"]:
        return note("standby", "this server is a standby: it can be read and verified, nothing recorded")
    wanted, there = found["synchronous_standby_names"], found["synchronous_followers"]
    if wanted and not there:
        return warning(
            "standby",
            f"synchronous_standby_names is {wanted!r} and no such standby is connected: recording waits for one",
            "Start the standby, or take it out of synchronous_standby_names.",
        )
    if wanted:
        return fine("standby", f"{there} synchronous standby confirms every entry")
    others = (
        f"{found['followers']} standby follows without confirming" if found["followers"] else "none follows"
    )
    return note(
        "standby",
        f"{others}: if this server's disk is lost, what was not backed up or confirmed is lost",
        "Set up a synchronous standby, or back up as often as what is lost may be recorded again.",
    )


def _sessions(found: Mapping[str, Any]) -> Check:
    there, most = found["sessions"], int(found["max_connections"])
    said = f"{there} of {most} connections are in use"
    if there > CROWDED * most:
        return warning(
            "connections", said, "Raise max_connections, or find out who holds so many (pg_stat_activity)."
        )
    return fine("connections", said)
