"""The tables of a ledger in SQLite. Storage version 2; a change of any of this needs a new version.

- `position` is a column, not the implicit rowid: VACUUM may renumber that. AUTOINCREMENT keeps the highest
  position ever given in `sqlite_sequence`, so a log whose end was cut off is noticed before the next write.
- The unique index serves a stream's entries in order and ends in `position`, so `until` is decided without
  touching the table. A table without rowid, clustered by stream, read streams 2.7 times as fast but wrote at
  a quarter to two fifths of the speed and scanned by position at a fifth (200,000 entries of 300 bytes).
- `tree` holds every complete node of the Merkle tree over the entries, in the order in which they are completed:
  a leaf, then the parents it completes. So the table only grows, and `compact_range.node_number` finds a node.
- `stream_heads` is the one table that changes: how many entries a stream has, and the frontier of their tree.
- `map_nodes` holds the nodes of every stream index ever sealed; a seal adds only what changed since the last.
- `checkpoints` holds signed notes. The newest is kept by the signer (key database) until the next commit here.
- The triggers stop mistakes, not an attacker, who can drop them; against that stand the hashes.

Version 1 had entries, disclosures and sources only; `sqlite_upgrade` makes it version 2.
"""

STORAGE_VERSION = 2

META = """
CREATE TABLE IF NOT EXISTS meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID
"""
VERSION = f"INSERT OR IGNORE INTO meta VALUES ('storage_version', '{STORAGE_VERSION}')"  # noqa: S608  # a constant

STORED_EVENTS = """
CREATE TABLE IF NOT EXISTS stored_events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    originator_id TEXT NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BLOB NOT NULL,
    log_time TEXT NOT NULL
)
"""
BY_STREAM = """
CREATE UNIQUE INDEX IF NOT EXISTS stored_events_by_stream ON stored_events (originator_id, originator_version)
"""
BY_LOG_TIME = """
CREATE INDEX IF NOT EXISTS stored_events_by_log_time ON stored_events (log_time)
"""

DISCLOSURES = """
CREATE TABLE IF NOT EXISTS disclosures (
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    field TEXT NOT NULL,
    digest TEXT NOT NULL,
    key_id TEXT NOT NULL,
    ciphertext BLOB NOT NULL,
    PRIMARY KEY (stream, seq, field),
    FOREIGN KEY (stream, seq) REFERENCES stored_events (originator_id, originator_version)
)
"""

SOURCES = """
CREATE TABLE IF NOT EXISTS sources (
    source TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    FOREIGN KEY (stream, seq) REFERENCES stored_events (originator_id, originator_version)
) WITHOUT ROWID
"""

TREE = """
CREATE TABLE IF NOT EXISTS tree (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
)
"""
STREAM_HEADS = """
CREATE TABLE IF NOT EXISTS stream_heads (
    stream TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    frontier BLOB NOT NULL
) WITHOUT ROWID
"""
MAP_NODES = """
CREATE TABLE IF NOT EXISTS map_nodes (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    key BLOB NOT NULL,
    value BLOB,
    bit INTEGER,
    left INTEGER,
    right INTEGER
)
"""
SEALS = """
CREATE TABLE IF NOT EXISTS seals (
    position INTEGER PRIMARY KEY,
    top INTEGER NOT NULL
)
"""
CHECKPOINTS = """
CREATE TABLE IF NOT EXISTS checkpoints (
    size INTEGER NOT NULL,
    number INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (size, number)
) WITHOUT ROWID
"""
ANCHORS = """
CREATE TABLE IF NOT EXISTS anchors (
    number INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    checksum INTEGER NOT NULL
)
"""
INTEGRITY = (TREE, STREAM_HEADS, MAP_NODES, SEALS, CHECKPOINTS, ANCHORS)

UNCHANGING = (
    "stored_events",
    "disclosures",
    "sources",
    "tree",
    "map_nodes",
    "seals",
    "checkpoints",
    "anchors",
)
TRIGGERS = tuple(
    f"""
CREATE TRIGGER IF NOT EXISTS {table}_refuse_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, '{table}: what is recorded is never changed or removed'); END
"""
    for table in UNCHANGING
    for act in ("update", "delete")
)

SCHEMA = (
    META,
    VERSION,
    STORED_EVENTS,
    BY_STREAM,
    BY_LOG_TIME,
    DISCLOSURES,
    SOURCES,
    *INTEGRITY,
    *TRIGGERS,
)
