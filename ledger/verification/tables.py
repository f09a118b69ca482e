"""The tables as such: are they the ones that were made, are their values of the right types, is there nothing extra."""

from collections.abc import Mapping
from contextlib import closing

from ledger.errors import InputError
from ledger.integrity.compact_range import nodes_of
from ledger.storage.sqlite_schema import STORAGE_VERSION
from ledger.verification.database import Stored, Where, connect, text
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


def check_itself(where: Where) -> list[Fault]:
    """What the engine itself finds damaged. Opens its own connection; to be run in any process."""
    with closing(connect(where._replace(snapshot=None))) as database:
        stored = Stored(database, [])
        database.check_itself(stored)
    return stored.faults


def check_version(stored: Stored) -> None:
    """The storage version that the database names."""
    with stored.damage("meta"):
        version = stored.one("SELECT value FROM meta WHERE name = 'storage_version'")
        if version != str(STORAGE_VERSION).encode():
            came = "missing" if version is None else text(version)[:40]
            said = f"the storage version is {came}, expected {STORAGE_VERSION}"
            stored.report("meta", "storage_version", Kind.SCHEMA, said)


def check_types(stored: Stored) -> None:
    """Every value of another type than was stored."""
    for table, columns in COLUMNS.items():
        tests = {column: stored.database.not_of(column, kind) for column, kind in columns.items()}
        named = " || ".join(
            f"CASE WHEN {test} THEN '{column} ' ELSE '' END" for column, test in tests.items()
        )
        wrong = " OR ".join(tests.values())
        sql = f"SELECT {PLACE.get(table, 'number')}, {named} FROM {table} WHERE {wrong}"  # noqa: S608
        with stored.damage(table):
            for position, which in stored.rows(sql):
                at = position if type(position) is int or position is None else text(position)
                said = f"of another type than was stored: {text(which).strip()}"
                stored.report(table, at, Kind.BAD_TYPE, said)


def check_ends(stored: Stored, size: int) -> None:
    """Whether the log ends where it should, and the tree with it."""
    stored.database.check_end(stored, size)
    with stored.damage("stored_events"):
        sql = "SELECT position FROM stored_events WHERE position < 1 OR position > ? LIMIT 1000"
        for (position,) in stored.rows(sql, [size]):
            said = "no recording gave an entry this position"
            stored.report("stored_events", position, Kind.EXTRA, said)
    with stored.damage("tree"):
        sql = "SELECT number FROM tree WHERE number < 0 OR number >= ? LIMIT 1000"
        for (number,) in stored.rows(sql, [nodes_of(size)]):
            said = f"the tree over {size} entries has no such node"
            stored.report("tree", number, Kind.TREE_NODE_EXTRA, said)


def check_heads(stored: Stored, heads: Mapping[bytes, Head], *, all_of_them: bool) -> None:
    """The stored heads of streams against those that the entries gave."""
    missing = set(heads)
    with stored.damage("stream_heads"):
        for name, count, frontier in stored.each("SELECT stream, count, frontier FROM stream_heads"):
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
            for stream, seq, field, state in stored.each(ORPHAN.format("field", "disclosures"), [size]):
                if type(field) is not bytearray or bytes(field) not in _stated(state)[0]:
                    at = f"{text(stream)}/{text(seq)}/{text(field)}"
                    stored.report("disclosures", at, Kind.DISCLOSURE_ORPHAN, "no entry commits to this text")
            stored.database.check_references(stored)
    with stored.damage("sources"):
        if stored.one("SELECT count(*) FROM sources") != sources:
            for _, _, source, state in stored.each(ORPHAN.format("source", "sources"), [size]):
                if type(source) is not bytearray or bytes(source) != _stated(state)[1]:
                    said = "the entry it names does not state it"
                    stored.report("sources", text(source), Kind.SOURCE_ORPHAN, said)
            stored.database.check_references(stored)


def _stated(state: object) -> tuple[set[bytes], bytes | None]:
    """The sealed fields and the source of an entry; nothing where it is not there or not readable."""
    try:
        read = exactly(bytes(state)) if isinstance(state, bytes | bytearray) else None
    except InputError:
        read = None
    return (set(), None) if read is None else (set(read.sealed), read.source)
