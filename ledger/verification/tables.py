"""The tables as such: are they the ones that were made, are their values of the right types, is there nothing extra."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing

from ledger.errors import InputError
from ledger.integrity.compact_range import nodes_of
from ledger.storage.sqlite_schema import SCHEMA, STORAGE_VERSION
from ledger.verification.database import Stored, connect, text
from ledger.verification.faults import Fault, Kind
from ledger.verification.forms import exactly
from ledger.verification.joining import Head

COLUMNS = {
    "disclosures": {
        "stream": "text",
        "seq": "integer",
        "field": "text",
        "digest": "text",
        "key_id": "text",
        "ciphertext": "blob",
    },
    "stream_heads": {"stream": "text", "count": "integer", "frontier": "blob"},
    "map_nodes": {"hash": "blob", "key": "blob"},
    "seals": {"top": "integer"},
    "checkpoints": {"size": "integer", "note": "text"},
    "anchors": {"size": "integer", "kind": "text", "body": "blob", "checksum": "integer"},
}
"""The columns whose types no other check looks at, table by table."""

PLACE = {
    "disclosures": "CAST(stream AS TEXT) || '/' || seq || '/' || CAST(field AS TEXT)",
    "stream_heads": "stream",
    "seals": "position",
    "checkpoints": "size",
}
"""What a report calls a row; elsewhere its number."""


ORPHAN = (
    "SELECT b.stream, b.seq, b.{}, e.state FROM {} b LEFT JOIN stored_events e "
    "ON e.originator_id = b.stream AND e.originator_version = b.seq AND e.position <= ?"
)


def check_file(place: str) -> list[Fault]:
    """Each line of SQLite's own check of the file. Opens its own connection; to be run in any process."""
    with closing(connect(place)) as connection:
        stored = Stored(place, connection, [])
        with stored.damage("(file)"):
            for (line,) in connection.execute("PRAGMA integrity_check(1000)"):
                if line != b"ok":
                    stored.report("(file)", None, Kind.SQLITE, text(line))
    return stored.faults


def check_schema(stored: Stored) -> None:
    """Every table, index and trigger against the statements that made them."""
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in SCHEMA:
            made.execute(statement)
        made.text_factory = bytearray
        expected = _objects(made)
    with stored.damage("sqlite_master"):
        found = _objects(stored.connection)
        for name, (kind, table, sql) in expected.items():
            if name not in found:
                stored.report(table, name, Kind.SCHEMA, f"the {kind} {name} is missing")
            elif found[name] != (kind, table, sql):
                stored.report(table, name, Kind.SCHEMA, f"the {kind} {name} is not as it was made")
        tables = {table for _, table, _ in expected.values()}
        for name, (kind, table, _) in found.items():
            if name not in expected and table in tables:
                stored.report(table, name, Kind.SCHEMA, f"the {kind} {name} was added")
    with stored.damage("meta"):
        version = stored.one("SELECT value FROM meta WHERE name = 'storage_version'")
        if version != str(STORAGE_VERSION).encode():
            came = "missing" if version is None else text(version)[:40]
            said = f"the storage version is {came}, expected {STORAGE_VERSION}"
            stored.report("meta", "storage_version", Kind.SCHEMA, said)


def _objects(connection: sqlite3.Connection) -> dict[str, tuple[str, str, str]]:
    """Kind, table and normalised SQL of everything in a database, by name."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    return {
        text(name): (text(kind), text(table), "" if sql is None else " ".join(text(sql).split()))
        for kind, name, table, sql in rows
    }


def check_types(stored: Stored) -> None:
    """Every value of another type than was stored."""
    for table, columns in COLUMNS.items():
        wrong = " OR ".join(f"typeof({column}) <> '{kind}'" for column, kind in columns.items())
        named = " || ".join(
            f"iif(typeof({column}) <> '{kind}', '{column} ', '')" for column, kind in columns.items()
        )
        sql = f"SELECT {PLACE.get(table, 'number')}, {named} FROM {table} WHERE {wrong}"  # noqa: S608
        with stored.damage(table):
            for position, which in stored.connection.execute(sql).fetchall():
                at = position if type(position) is int or position is None else text(position)
                said = f"of another type than was stored: {text(which).strip()}"
                stored.report(table, at, Kind.BAD_TYPE, said)


def check_ends(stored: Stored, size: int) -> None:
    """Whether the log ends where it should, and the tree with it."""
    with stored.damage("sqlite_sequence"):
        given = stored.one("SELECT seq FROM sqlite_sequence WHERE name = 'stored_events'") or 0
        last = stored.one("SELECT max(position) FROM stored_events") or 0
        if type(given) is not int or given < size:
            said = f"the highest position ever given is said to be {given!r}, and entry {size} is there"
            stored.report("sqlite_sequence", None, Kind.EXTRA, said)
        elif given > last:
            said = f"{given} entries were recorded, the last one there is number {last}"
            stored.report("stored_events", last + 1, Kind.CUT_OFF, said)
    with stored.damage("stored_events"):
        sql = "SELECT position FROM stored_events WHERE position < 1 OR position > ? LIMIT 1000"
        for (position,) in stored.connection.execute(sql, [size]).fetchall():
            said = "no recording gave an entry this position"
            stored.report("stored_events", position, Kind.EXTRA, said)
    with stored.damage("tree"):
        sql = "SELECT number FROM tree WHERE number < 0 OR number >= ? LIMIT 1000"
        for (number,) in stored.connection.execute(sql, [nodes_of(size)]).fetchall():
            said = f"the tree over {size} entries has no such node"
            stored.report("tree", number, Kind.TREE_NODE_EXTRA, said)


def check_heads(stored: Stored, heads: Mapping[bytes, Head], *, all_of_them: bool) -> None:
    """The stored heads of streams against those that the entries gave."""
    missing = set(heads)
    with stored.damage("stream_heads"):
        for name, count, frontier in stored.connection.execute(
            "SELECT stream, count, frontier FROM stream_heads"
        ):
            if type(name) is not bytearray:
                continue
            stream = bytes(name)
            missing.discard(stream)
            head = heads.get(stream)
            if head is None:
                if all_of_them:
                    _head(stored, stream, "a head is stored of a stream without entries")
            elif count != head.entries:
                _head(
                    stored,
                    stream,
                    f"{count!r} entries are said to be there, the last is number {head.entries}",
                )
            elif head.tree is not None and frontier != b"".join(head.tree.hashes):
                _head(stored, stream, "the stored frontier is not the one that the entries give")
    for stream in missing:
        _head(stored, stream, "the stream's head is not stored")


def _head(stored: Stored, stream: bytes, said: str) -> None:
    stored.report("stream_heads", text(stream), Kind.STREAM_HEAD, said)


def check_orphans(stored: Stored, disclosures: int, sources: int, size: int) -> None:
    """The texts and sources that no entry states; looked for only where there are more rows than were met."""
    with stored.damage("disclosures"):
        if stored.one("SELECT count(*) FROM disclosures") != disclosures:
            for stream, seq, field, state in stored.connection.execute(
                ORPHAN.format("field", "disclosures"), [size]
            ):
                if type(field) is not bytearray or bytes(field) not in _stated(state)[0]:
                    at = f"{text(stream)}/{text(seq)}/{text(field)}"
                    stored.report("disclosures", at, Kind.DISCLOSURE_ORPHAN, "no entry commits to this text")
            _check_references(stored)
    with stored.damage("sources"):
        if stored.one("SELECT count(*) FROM sources") != sources:
            for _, _, source, state in stored.connection.execute(ORPHAN.format("source", "sources"), [size]):
                if type(source) is not bytearray or bytes(source) != _stated(state)[1]:
                    said = "the entry it names does not state it"
                    stored.report("sources", text(source), Kind.SOURCE_ORPHAN, said)
            _check_references(stored)


def _check_references(stored: Stored) -> None:
    """Each row that refers to an entry that is not there. Where every row was met, there can be none."""
    with stored.damage("(file)"):
        for table, rowid, parent, _ in stored.connection.execute("PRAGMA foreign_key_check").fetchall():
            said = f"row {rowid} refers to a row of {text(parent)} that is not there"
            stored.report(text(table), None, Kind.SQLITE, said)


def _stated(state: object) -> tuple[set[bytes], bytes | None]:
    """The sealed fields and the source of an entry; nothing where it is not there or not readable."""
    try:
        read = exactly(bytes(state)) if isinstance(state, bytes | bytearray) else None
    except InputError:
        read = None
    return (set(), None) if read is None else (set(read.sealed), read.source)
