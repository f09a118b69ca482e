"""The tables of a ledger in PostgreSQL: those of `sqlite_schema`, column by column. Storage version 2.

- `position` is given by `append_entries` (and by `bulk`), not by a sequence: a sequence leaves gaps.
- Text is compared byte by byte (COLLATE "C"), as SQLite and the prefix ranges of `reading` do.
- `disclosures.rowid` keeps the order in which they were stored, which a SQLite table has by itself.
- The unique index by stream includes `position`, so `until` is decided without touching the table.
- `stream_heads` is the one table whose rows change; room is left in its pages, so that a changed row stays there.
- The triggers fire for the statement, whatever rows it meets, and also where `session_replication_role` would
  silence others. They stop mistakes, not an attacker who owns the tables; against that stand the hashes.
- Names of tables are not qualified: a ledger is made in the connection's current schema, and read there.
"""

STORAGE_VERSION = 2

META = """
CREATE TABLE meta (
    name text COLLATE "C" PRIMARY KEY,
    value text COLLATE "C" NOT NULL
)
"""
VERSION = f"INSERT INTO meta VALUES ('storage_version', '{STORAGE_VERSION}')"  # noqa: S608  # a constant

STORED_EVENTS = """
CREATE TABLE stored_events (
    position bigint PRIMARY KEY,
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    log_time text COLLATE "C" NOT NULL
)
"""
BY_STREAM = """
CREATE UNIQUE INDEX stored_events_by_stream ON stored_events (originator_id, originator_version) INCLUDE (position)
"""
BY_LOG_TIME = """
CREATE INDEX stored_events_by_log_time ON stored_events (log_time, position)
"""

DISCLOSURES = """
CREATE TABLE disclosures (
    rowid bigint GENERATED ALWAYS AS IDENTITY,
    stream text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    field text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (stream, seq, field),
    FOREIGN KEY (stream, seq) REFERENCES stored_events (originator_id, originator_version)
)
"""

SOURCES = """
CREATE TABLE sources (
    source text COLLATE "C" PRIMARY KEY,
    stream text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    fingerprint bytea NOT NULL,
    checksum bigint NOT NULL,
    FOREIGN KEY (stream, seq) REFERENCES stored_events (originator_id, originator_version)
)
"""

TREE = """
CREATE TABLE tree (
    number bigint PRIMARY KEY,
    hash bytea NOT NULL
)
"""
STREAM_HEADS = """
CREATE TABLE stream_heads (
    stream text COLLATE "C" PRIMARY KEY,
    count bigint NOT NULL,
    frontier bytea NOT NULL
) WITH (fillfactor = 70)
"""
MAP_NODES = """
CREATE TABLE map_nodes (
    number bigint PRIMARY KEY,
    hash bytea NOT NULL,
    key bytea NOT NULL,
    value bytea,
    bit bigint,
    "left" bigint,
    "right" bigint
)
"""
SEALS = """
CREATE TABLE seals (
    position bigint PRIMARY KEY,
    top bigint NOT NULL
)
"""
CHECKPOINTS = """
CREATE TABLE checkpoints (
    size bigint NOT NULL,
    number bigint NOT NULL,
    note text COLLATE "C" NOT NULL,
    PRIMARY KEY (size, number)
)
"""
ANCHORS = """
CREATE TABLE anchors (
    number bigint PRIMARY KEY,
    size bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    checksum bigint NOT NULL
)
"""

TABLES = (
    "meta",
    "stored_events",
    "disclosures",
    "sources",
    "tree",
    "stream_heads",
    "map_nodes",
    "seals",
    "checkpoints",
    "anchors",
)
"""Every table of a ledger, each after those that it refers to."""

CHANGING = ("stream_heads",)
"""The table whose rows are replaced as the log grows."""

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '%: what is recorded is never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$body$
"""
REFUSAL = """
CREATE TRIGGER {table}_refuse_change BEFORE {acts} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
ALWAYS = "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_change"
TRIGGERS = tuple(
    statement.format(table=table, acts=f"{'' if table in CHANGING else 'UPDATE OR '}DELETE OR TRUNCATE")
    for table in TABLES
    for statement in (REFUSAL, ALWAYS)
)

SCHEMA = (
    META,
    VERSION,
    STORED_EVENTS,
    BY_STREAM,
    BY_LOG_TIME,
    DISCLOSURES,
    SOURCES,
    TREE,
    STREAM_HEADS,
    MAP_NODES,
    SEALS,
    CHECKPOINTS,
    ANCHORS,
    REFUSE,
    *TRIGGERS,
)
