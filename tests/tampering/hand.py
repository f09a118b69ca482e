"""What somebody needs who changes a ledger's files by hand: SQL past the triggers, and all hashes made anew.

The triggers are dropped and put back as they were, for their absence alone would be noticed.
"""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ledger.integrity import merkle, stored_map
from ledger.integrity.canonical import dumps, loads
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.compact_range import extend
from ledger.integrity.note import Signer, sign
from ledger.integrity.prefix_map import head_value, stream_key
from ledger.integrity.stored_map import InnerNode, MapNode
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.storage.checksums import source_checksum
from ledger.storage.rows import BEGINNING
from tests import desk
from tests.tampering.practice import BACKUP, KEYS, LEDGER, Practice

FIRST_PREV = "0" * 64
SEAL = "StreamIndexCommitted"
TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


class Written(NamedTuple):
    """An entry to be written: its header, and which entry (stream, seq) it was; None for one that is new."""

    header: dict[str, Any]
    was: tuple[str, int] | None

    def saying(self, **data: Any) -> "Written":
        """The same with other data."""
        return self._replace(header=self.header | {"data": self.header["data"] | data})


def type_into_shell(database: str, script: str) -> str:
    """What the `sqlite3` shell says to a script; where there is no shell the library runs it, and says nothing."""
    if shutil.which("sqlite3") is None:
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript(script)
        return ""
    typed = ".bail on\n" + script
    return subprocess.run(
        ["sqlite3", database], input=typed, text=True, check=True, capture_output=True
    ).stdout.strip()


@dataclass(frozen=True)
class Hand:
    """A hand on the files of one folder, a copy of a practice's."""

    practice: Practice
    folder: Path

    @property
    def places(self) -> Places:
        """Where the ledger lives."""
        return desk.places(self.folder)

    def roll_back(self) -> None:
        """Puts the ledger of the backup in place, the keys left as they are."""
        shutil.copy2(self.folder / BACKUP / LEDGER, self.folder / LEDGER)

    @contextmanager
    def database(self) -> Iterator[Any]:
        """The ledger's database, the triggers out of the way."""
        connection = sqlite3.connect(self.folder / LEDGER, isolation_level=None)
        try:
            triggers = connection.execute(TRIGGERS).fetchall()
            connection.execute("BEGIN IMMEDIATE")
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            yield connection
            for _, sql in triggers:
                connection.execute(sql)
            connection.execute("COMMIT")
        finally:
            connection.close()

    def run(self, sql: str, *parameters: Any) -> None:
        """One statement that must change a row."""
        with self.database() as database:
            changed = database.execute(sql, parameters).rowcount
        assert changed > 0, f"nothing was changed: {sql}"

    def shell(self, script: str, triggers_of: str = "") -> None:
        """What somebody types into the `sqlite3` shell, the triggers out of the way (those of one table for good)."""
        database = str(self.folder / LEDGER)
        triggers = self.ask(TRIGGERS)
        drops = "".join(f"DROP TRIGGER {name};\n" for name, _ in triggers)
        again = "".join(f"{sql};\n" for name, sql in triggers if name not in _refusing(triggers_of))
        said = type_into_shell(database, f"{drops}{script}\nSELECT total_changes();\n{again}")
        assert said != "0", f"nothing was changed: {script}"

    def typed(self, script: str) -> None:
        """Typed into the `sqlite3` shell with the triggers in place."""
        type_into_shell(str(self.folder / LEDGER), script)

    def ask(self, sql: str, *parameters: Any) -> list[Any]:
        """The rows a query gives."""
        connection = sqlite3.connect(self.folder / LEDGER)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def place(self, source: str) -> int:
        """The log position of the entry with this source."""
        found = self.ask("SELECT position, state FROM stored_events ORDER BY position DESC")
        return int(next(position for position, state in found if loads(state).get("source") == source))

    def stream_of(self, position: int) -> tuple[str, int]:
        """An entry's stream and seq, as its columns have them."""
        (row,) = self.ask(
            "SELECT originator_id, originator_version FROM stored_events WHERE position = ?", position
        )
        return row[0], row[1]

    # -- keys ---------------------------------------------------------------------------------------------

    def true_signer(self) -> Signer:
        """The ledger's signing key, out of the key database."""
        with KeyDatabase.open(self.folder / KEYS, None) as keys:
            stored = keys.setting("signing-key")
        assert stored is not None
        return Signer.parse(stored.decode())

    def put_key(self, signer: Signer) -> None:
        """Another signing key in the key database, all else there as it was."""
        with KeyDatabase.open(self.folder / KEYS, None) as keys:
            keys.set_setting("signing-key", signer.skey.encode())

    def put_mark(self, note: str) -> None:
        """Another high-water mark in the key database."""
        with KeyDatabase.open(self.folder / KEYS, None) as keys:
            keys.set_setting("high-water-mark", note.encode())


def _refusing(table: str) -> set[str]:
    return {f"{table}_refuse_{act}" for act in ("update", "delete")}


# -- everything that follows from the entries, made anew --------------------------------------------------


def entries(database: sqlite3.Connection) -> list[Written]:
    """The entries as they stand, to be changed and written again."""
    rows = database.execute(
        "SELECT originator_id, originator_version, state FROM stored_events ORDER BY position"
    )
    return [Written(loads(state), (stream, seq)) for stream, seq, state in rows]


def rewrite(
    database: sqlite3.Connection, written: Sequence[Written], wrong_seals: Iterable[int] = ()
) -> None:
    """The log as the program would have written these entries: chain, columns, tree, heads, maps, what stands beside.

    The checkpoints are left as they are. The seals at the positions `wrong_seals` keep what they say.
    """
    peaks: dict[str, tuple[int, list[bytes], bytes]] = {}
    moved: dict[tuple[str, int], tuple[str, int]] = {}
    rows, seals, nodes = [], [], _Nodes()
    log_time, top, origin = BEGINNING, None, _origin(database)
    for position, (header, was) in enumerate(written, 1):
        stream = header["stream"]
        count, frontier, last = peaks.get(stream, (0, [], b""))
        again = header | {"seq": count + 1, "prev": last.hex() if count else FIRST_PREV}
        if header["type"] == SEAL:
            items = {
                stream_key(origin, name): head_value(n, merkle.Frontier(n, of).root())
                for name, (n, of, _) in peaks.items()
            }
            top = stored_map.updated(nodes, top, items)
            assert top is not None
            seals.append((position, top + 1))
            if position not in wrong_seals:
                root = stored_map.root_of(nodes, top).hex()
                again |= {"data": {"covers": position - 1, "map_root": root}}
        state = dumps(again)
        leaf = merkle.leaf_hash(state)
        extend(frontier, count, [leaf])
        peaks[stream] = count + 1, frontier, leaf
        log_time = max(log_time, header["at"])
        rows.append((position, stream, count + 1, header["type"], state, log_time))
        if was is not None:
            moved[was] = stream, count + 1
    database.execute("DELETE FROM stored_events")
    database.executemany("INSERT INTO stored_events VALUES (?, ?, ?, ?, ?, ?)", rows)
    set_sequence(database, len(rows))
    _put_beside(database, moved)
    retree(database)
    database.execute("DELETE FROM stream_heads")
    heads = [(stream, count, b"".join(frontier)) for stream, (count, frontier, _) in peaks.items()]
    database.executemany("INSERT INTO stream_heads VALUES (?, ?, ?)", heads)
    database.execute("DELETE FROM map_nodes")
    database.executemany("INSERT INTO map_nodes VALUES (?, ?, ?, ?, ?, ?, ?)", nodes.rows())
    database.execute("DELETE FROM seals")
    database.executemany("INSERT INTO seals VALUES (?, ?)", seals)


def retree(database: sqlite3.Connection) -> None:
    """The Merkle tree over the entries as they stand, every node of it."""
    database.execute("DELETE FROM tree")
    nodes = extend([], 0, leaves(database))
    database.executemany("INSERT INTO tree VALUES (?, ?)", enumerate(nodes))


def set_sequence(database: sqlite3.Connection, last: int) -> None:
    """The highest position ever given, as SQLite notes it."""
    database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'stored_events'", [last])


def leaves(database: sqlite3.Connection) -> list[bytes]:
    """The leaf hashes of the entries as they stand."""
    return [
        merkle.leaf_hash(row[0])
        for row in database.execute("SELECT state FROM stored_events ORDER BY position")
    ]


def signed(database: sqlite3.Connection, signer: Signer, size: int) -> str:
    """A checkpoint over the first entries as they stand."""
    return sign(Checkpoint(_origin(database), size, merkle.root(leaves(database)[:size])).format(), signer)


def resign(database: sqlite3.Connection, signer: Signer, sizes: Iterable[int] | None = None) -> str:
    """All checkpoints anew, by default over the sizes there were; no anchors. The last one."""
    there = [row[0] for row in database.execute("SELECT DISTINCT size FROM checkpoints ORDER BY size")]
    notes = [(size, 1, signed(database, signer, size)) for size in (there if sizes is None else sizes)]
    database.execute("DELETE FROM checkpoints")
    database.executemany("INSERT INTO checkpoints VALUES (?, ?, ?)", notes)
    database.execute("DELETE FROM anchors")
    return notes[-1][2]


def cut(database: sqlite3.Connection, size: int) -> None:
    """Everything after the first entries taken away, wherever it stands."""
    rewrite(database, entries(database)[:size])
    for table in ("checkpoints", "anchors"):
        database.execute(f"DELETE FROM {table} WHERE size > ?", [size])


def _put_beside(database: sqlite3.Connection, moved: dict[tuple[str, int], tuple[str, int]]) -> None:
    """Texts and sources to where their entries now are; those of entries no longer there are removed."""
    texts = database.execute("SELECT * FROM disclosures ORDER BY rowid").fetchall()
    database.execute("DELETE FROM disclosures")
    kept = [(*moved[row[:2]], *row[2:]) for row in texts if row[:2] in moved]
    database.executemany("INSERT INTO disclosures VALUES (?, ?, ?, ?, ?, ?)", kept)
    sources = database.execute("SELECT source, stream, seq, fingerprint FROM sources").fetchall()
    database.execute("DELETE FROM sources")
    for source, stream, seq, fingerprint in sources:
        if (stream, seq) in moved:
            now = (source, *moved[stream, seq], fingerprint)
            database.execute("INSERT INTO sources VALUES (?, ?, ?, ?, ?)", [*now, source_checksum(*now)])


def _origin(database: sqlite3.Connection) -> str:
    (note,) = database.execute("SELECT note FROM checkpoints LIMIT 1").fetchone()
    return str(note).split("\n", 1)[0]


class _Nodes(list[MapNode]):
    """Map nodes by their number less one."""

    def load(self, number: int) -> MapNode:
        return self[number]

    def save(self, node: MapNode) -> int:
        self.append(node)
        return len(self) - 1

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """As they are stored."""
        for number, node in enumerate(self, 1):
            if isinstance(node, InnerNode):
                yield number, node.hash, node.key, None, node.bit, node.left + 1, node.right + 1
            else:
                yield number, node.hash, node.key, node.value, None, None, None
