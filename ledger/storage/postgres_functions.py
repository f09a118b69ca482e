"""The function by which entries are appended: everything that belongs to them, in one call, under the log's lock.

- The lock is an advisory one, taken inside, before the end of the log is read, and held until the transaction ends:
  whoever follows the log sees positions in the order in which they were given. A lock on the table itself would serve
  as well, but it waits for autovacuum, which gives way only after a second, and keeps autovacuum away from a busy log.
- It runs with the rights of whoever calls it, so it can do no more than the application role: append.
- Names are qualified with the ledger's schema when it is made, so that no search path changes their meaning.
- The nodes of the tree and of the streams' trees are those of `compact_range.extend`, in the order of `node_number`.
"""

from psycopg import sql

from ledger.storage.postgres_faults import DAMAGED_TREE, SOURCE_TAKEN
from ledger.storage.rows import BEGINNING

CHANNEL = "stored_events"
"""Where listeners are told that the log has grown."""

LOCK = "SELECT pg_advisory_xact_lock(1162629191, 'stored_events'::regclass::oid::integer)"
"""Takes the log's lock until the transaction ends. The first number says whose it is: "ELOG" in ASCII."""

APPEND = """
CREATE FUNCTION {schema}.append_entries(
    streams text[], seqs bigint[], topics text[], states bytea[], recorded_at text,
    disclosed_streams text[], disclosed_seqs bigint[], fields text[], digests text[], key_ids text[],
    ciphertexts bytea[],
    new_sources text[], source_streams text[], source_seqs bigint[], fingerprints bytea[], checksums bigint[],
    checkpoint_size bigint, checkpoint_note text,
    OUT size_before bigint, OUT peaks_before bytea, OUT size_after bigint, OUT peaks_after bytea
) LANGUAGE plpgsql AS $body$
DECLARE
    log_time_now text;
    nodes bigint;           -- how many the tree has, then the number of the first new one
    rest bigint;            -- a tree's size, shifted right as its levels are gone through
    tail bigint;            -- the leaves up to which peaks have been found
    level integer := 0;
    peaks bigint[] := '{{}}';
    completed bytea[] := '{{}}';
    many integer := 0;      -- how many are completed
    leaf bytea;
    current bytea;
    head_stream text;       -- the stream whose head is being grown
    head_count bigint;
    head_peaks bytea;
    taken record;
BEGIN
    PERFORM pg_advisory_xact_lock(1162629191, {log}::regclass::oid::integer);

    -- The end of the log, and whether its tree holds exactly these entries
    SELECT e.position, e.log_time INTO size_before, log_time_now
        FROM {schema}.stored_events e ORDER BY e.position DESC LIMIT 1;
    size_before := coalesce(size_before, 0);
    log_time_now := greatest(coalesce(log_time_now, '{beginning}') COLLATE "C", recorded_at COLLATE "C");
    nodes := coalesce((SELECT max(t.number) + 1 FROM {schema}.tree t), 0);
    IF nodes <> 2 * size_before - bit_count(size_before::bit(64)) THEN
        RAISE EXCEPTION 'the tree over % entries has % nodes, % are there',
            size_before, 2 * size_before - bit_count(size_before::bit(64)), nodes USING ERRCODE = '{damaged}';
    END IF;
    rest := size_before;
    tail := size_before;
    WHILE rest > 0 LOOP
        IF rest & 1 = 1 THEN
            peaks := peaks || (2 * (tail - 1) - bit_count((tail - 1)::bit(64)) + level);
            tail := tail - (1::bigint << level);
        END IF;
        rest := rest >> 1;
        level := level + 1;
    END LOOP;
    SELECT coalesce(string_agg(t.hash, '' ORDER BY t.number), '') INTO peaks_before
        FROM {schema}.tree t WHERE t.number = ANY (peaks);
    IF length(peaks_before) <> 32 * cardinality(peaks) THEN
        RAISE EXCEPTION 'nodes of the tree are missing' USING ERRCODE = '{damaged}';
    END IF;

    -- The entries, and what belongs to them
    size_after := size_before;
    peaks_after := peaks_before;
    IF cardinality(streams) > 0 THEN
        INSERT INTO {schema}.stored_events
            SELECT size_before + e.n, e.stream, e.seq, e.topic, e.state, log_time_now
            FROM unnest(streams, seqs, topics, states) WITH ORDINALITY AS e (stream, seq, topic, state, n);
    END IF;
    IF cardinality(disclosed_streams) > 0 THEN
        INSERT INTO {schema}.disclosures (stream, seq, field, digest, key_id, ciphertext)
            SELECT * FROM unnest(disclosed_streams, disclosed_seqs, fields, digests, key_ids, ciphertexts);
    END IF;
    IF cardinality(new_sources) > 0 THEN
        SELECT s.source, s.stream, s.seq INTO taken
            FROM {schema}.sources s WHERE s.source = ANY (new_sources) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'source % is taken', taken.source USING ERRCODE = '{taken}',
                DETAIL = json_build_array(taken.source, taken.stream, taken.seq)::text;
        END IF;
        INSERT INTO {schema}.sources
            SELECT * FROM unnest(new_sources, source_streams, source_seqs, fingerprints, checksums);
    END IF;

    -- The tree over all entries, and those of the streams
    FOR i IN 1 .. coalesce(cardinality(streams), 0) LOOP
        leaf := sha256('\\x00'::bytea || states[i]);
        current := leaf;
        many := many + 1;
        completed[many] := current;
        rest := size_after;
        WHILE rest & 1 = 1 LOOP  -- a right child: its parent is complete
            current := sha256('\\x01'::bytea || substr(peaks_after, length(peaks_after) - 31) || current);
            peaks_after := substr(peaks_after, 1, length(peaks_after) - 32);
            many := many + 1;
            completed[many] := current;
            rest := rest >> 1;
        END LOOP;
        peaks_after := peaks_after || current;
        size_after := size_after + 1;

        IF head_stream IS DISTINCT FROM streams[i] THEN
            IF head_stream IS NOT NULL THEN
                INSERT INTO {schema}.stream_heads AS h VALUES (head_stream, head_count, head_peaks)
                    ON CONFLICT (stream) DO UPDATE SET count = excluded.count, frontier = excluded.frontier;
            END IF;
            head_stream := streams[i];
            SELECT h.count, h.frontier INTO head_count, head_peaks
                FROM {schema}.stream_heads h WHERE h.stream = head_stream;
            head_count := coalesce(head_count, 0);
            head_peaks := coalesce(head_peaks, '');
        END IF;
        current := leaf;
        rest := head_count;
        WHILE rest & 1 = 1 LOOP
            current := sha256('\\x01'::bytea || substr(head_peaks, length(head_peaks) - 31) || current);
            head_peaks := substr(head_peaks, 1, length(head_peaks) - 32);
            rest := rest >> 1;
        END LOOP;
        head_peaks := head_peaks || current;
        head_count := head_count + 1;
    END LOOP;
    IF head_stream IS NOT NULL THEN
        INSERT INTO {schema}.tree
            SELECT nodes + n.number - 1, n.hash FROM unnest(completed) WITH ORDINALITY AS n (hash, number);
        INSERT INTO {schema}.stream_heads AS h VALUES (head_stream, head_count, head_peaks)
            ON CONFLICT (stream) DO UPDATE SET count = excluded.count, frontier = excluded.frontier;
        NOTIFY {channel};
    END IF;

    IF checkpoint_size IS NOT NULL THEN
        INSERT INTO {schema}.checkpoints
            SELECT checkpoint_size, 1 + count(*), checkpoint_note FROM {schema}.checkpoints c
            WHERE c.size = checkpoint_size HAVING count(*) FILTER (WHERE c.note = checkpoint_note) = 0;
    END IF;
END
$body$
"""


def append_function(schema: str) -> str:
    """The statement that makes the function in a schema."""
    quoted = sql.Identifier(schema).as_string()
    return APPEND.format(
        schema=quoted,
        log=sql.Literal(f"{quoted}.stored_events").as_string(),
        beginning=BEGINNING,
        damaged=DAMAGED_TREE,
        taken=SOURCE_TAKEN,
        channel=CHANNEL,
    )
