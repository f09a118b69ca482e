"""Each kind of tampering with a ledger on PostgreSQL: `verify` finds there what it finds in a file.

Those for which everything is hashed anew are left to the campaign: they take seconds each.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.integrity.note import Verifier
from ledger.places import Places
from ledger.verification.faults import Fault, Kind
from ledger.verification.held import Held
from ledger.verification.verification import Question, verify
from tests.tampering.examining import Finder
from tests.tampering.kinds import CUT, KINDS, Named, Tampering, Who
from tests.tampering.practice import Practice
from tests.tampering.server_hand import ServerHand, database, template

Place = int | str | None
ServerAct = Callable[[ServerHand], Sequence[Place]]

IN_FILES_ONLY = {
    "store_text_for_bytes": "a column has one type",
    "raise_the_sequence": "no counter stands beside the log",
    "forget_the_sequence": "no counter stands beside the log",
    "drop_a_trigger": "a statement of SQLite's, as those below: see TABLES",
    "empty_a_trigger": "",
    "add_a_trigger": "",
    "drop_an_index": "",
    "add_a_column": "",
}
"""Acts of `acts` that cannot be done on a server, and why."""


@pytest.fixture(scope="module")
def made(postgres_url: str, practice: Practice) -> Iterator[str]:
    """The database with the untouched practice."""
    with template(postgres_url, practice) as name:
        yield name


@pytest.fixture
def hand(made: str, postgres_url: str, practice: Practice, tmp_path: Path) -> Iterator[ServerHand]:
    """A hand on a copy of it."""
    folder = practice.copied(tmp_path / "practice")
    with database(postgres_url, made) as (_, address):
        yield ServerHand(practice, folder, address)


def look(hand: ServerHand, *, holding: bool) -> dict[Finder, tuple[Fault, ...]]:
    """What each finds who looks; those who hold something among them, or not."""
    nowhere = str(hand.folder / "nowhere")
    elsewhere = Places.of(hand.address, keys=nowhere, role=nowhere)
    found = {
        Finder.VERIFY: _verified(hand.places, Question()),
        Finder.ELSEWHERE: _verified(elsewhere, Question(verifiers=[Verifier.parse(hand.practice.key)])),
    }
    if holding:
        receipt, checkpoint = (
            Held.of_receipt(hand.practice.receipt),
            Held.checkpoint(hand.practice.checkpoint),
        )
        for one, held in ((Finder.RECEIPT, receipt), (Finder.CHECKPOINT, checkpoint)):
            told = _verified(hand.places, Question(held=[held], texts=False))
            found[one] = tuple(fault for fault in told if fault.kind is Kind.HELD)
    return found


def _verified(places: Places, question: Question) -> tuple[Fault, ...]:
    try:
        return verify(places, question).faults
    except LedgerError as refused:
        return (Fault("(held)", None, Kind.HELD, str(refused)),)


TABLES: dict[str, tuple[str, set[tuple[str, Place, str]]]] = {
    "a trigger dropped": (
        "DROP TRIGGER stored_events_refuse_change ON stored_events",
        {("stored_events", "stored_events_refuse_change", "schema")},
    ),
    "a trigger disabled": (
        "ALTER TABLE tree DISABLE TRIGGER tree_refuse_change",
        {("tree", "tree_refuse_change", "schema")},
    ),
    "a trigger that a session can silence": (
        "ALTER TABLE tree ENABLE TRIGGER tree_refuse_change",
        {("tree", "tree_refuse_change", "schema")},
    ),
    "a trigger for fewer acts": (
        (
            "CREATE OR REPLACE TRIGGER seals_refuse_change BEFORE DELETE ON seals FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_change(); ALTER TABLE seals ENABLE ALWAYS TRIGGER seals_refuse_change"
        ),
        {("seals", "seals_refuse_change", "schema")},
    ),
    "a trigger added": (
        (
            "CREATE FUNCTION helpful() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            "CREATE TRIGGER helpful BEFORE INSERT ON disclosures FOR EACH ROW EXECUTE FUNCTION helpful()"
        ),
        {("disclosures", "helpful", "schema")},
    ),
    "the triggers' function made to do nothing": (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        {("(database)", "refuse_change()", "schema")},
    ),
    "the triggers' function run with its owner's rights": (
        "ALTER FUNCTION refuse_change() SECURITY DEFINER",
        {("(database)", "refuse_change()", "schema")},
    ),
    "the triggers' function given a setting": (
        "ALTER FUNCTION refuse_change() SET session_replication_role = replica",
        {("(database)", "refuse_change()", "schema")},
    ),
    "a function beside the one that appends": (
        "CREATE FUNCTION append_entries(streams text[]) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        {("(database)", "append_entries(streams text[])", "schema")},
    ),
    "a rule that swallows what is added": (
        "CREATE RULE vanish AS ON INSERT TO checkpoints DO INSTEAD NOTHING",
        {("checkpoints", "vanish", "schema")},
    ),
    "rows hidden by a policy": (
        (
            "ALTER TABLE stored_events ENABLE ROW LEVEL SECURITY; "
            "CREATE POLICY hide ON stored_events USING (position <> 7)"
        ),
        {("stored_events", "stored_events", "schema"), ("stored_events", "hide", "schema")},
    ),
    "an index dropped": (
        "DROP INDEX stored_events_by_log_time",
        {("stored_events", "stored_events_by_log_time", "schema")},
    ),
    "an index said to be invalid": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'stored_events_by_stream'::regclass",
        {("stored_events", "stored_events_by_stream", "schema")},
    ),
    "an index that is not unique any more": (
        (
            "ALTER TABLE disclosures DROP CONSTRAINT disclosures_stream_seq_fkey; "
            "ALTER TABLE sources DROP CONSTRAINT sources_stream_seq_fkey; DROP INDEX stored_events_by_stream; "
            "CREATE INDEX stored_events_by_stream ON stored_events (originator_id, originator_version) "
            "INCLUDE (position)"
        ),
        {
            ("stored_events", "stored_events_by_stream", "schema"),
            ("disclosures", "disclosures_stream_seq_fkey", "schema"),
            ("sources", "sources_stream_seq_fkey", "schema"),
        },
    ),
    "an index added": (
        "CREATE INDEX quick ON anchors (kind)",
        {("anchors", "quick", "schema")},
    ),
    "a primary key dropped": (
        "ALTER TABLE tree DROP CONSTRAINT tree_pkey",
        {("tree", "tree_pkey", "schema")},
    ),
    "a foreign key's own triggers disabled": (
        "ALTER TABLE sources DISABLE TRIGGER ALL; ALTER TABLE sources ENABLE ALWAYS TRIGGER sources_refuse_change",
        {("sources", "sources_stream_seq_fkey", "schema")},
    ),
    "a constraint added": (
        "ALTER TABLE stored_events ADD CONSTRAINT full_up CHECK (position < 1000000)",
        {("stored_events", "full_up", "schema")},
    ),
    "a column added": (
        "ALTER TABLE disclosures ADD COLUMN remark text",
        {("disclosures", "remark", "schema")},
    ),
    "a column's type": (
        "ALTER TABLE anchors ALTER COLUMN checksum TYPE numeric",
        {("anchors", "checksum", "schema")},
    ),
    "a column that may be empty": (
        "ALTER TABLE map_nodes ALTER COLUMN hash DROP NOT NULL",
        {("map_nodes", "hash", "schema")},
    ),
    "a column filled by itself": (
        "ALTER TABLE checkpoints ALTER COLUMN note SET DEFAULT 'none'",
        {("checkpoints", "note", "schema")},
    ),
    "a column sorted otherwise": (
        'ALTER TABLE seals ALTER COLUMN top TYPE bigint; ALTER TABLE meta ALTER COLUMN value TYPE text COLLATE "POSIX"',
        {("meta", "value", "schema")},
    ),
    "a table that a crash empties": (
        "ALTER TABLE checkpoints SET UNLOGGED",
        {("checkpoints", "checkpoints", "schema")},
    ),
    "a table that takes in another's rows": (
        "CREATE TABLE more () INHERITS (checkpoints)",
        {("checkpoints", "more", "schema")},
    ),
    "a right to change": (
        "GRANT UPDATE ON stored_events TO PUBLIC",
        {("stored_events", "PUBLIC", "schema")},
    ),
    "a right to remove": (
        "GRANT DELETE, TRUNCATE ON disclosures TO pg_monitor",
        {("disclosures", "pg_monitor", "schema")},
    ),
    "a right to change one column": (
        "GRANT UPDATE (note) ON checkpoints TO pg_monitor",
        {("checkpoints", "pg_monitor", "schema")},
    ),
    "a right to say which roles there are": (
        "GRANT INSERT ON meta TO pg_monitor",
        {("meta", "pg_monitor", "schema")},
    ),
}
"""What only a server has: statements, and the faults that follow."""


@pytest.mark.parametrize("name", TABLES)
def test_what_is_done_to_the_tables_is_found(name: str, hand: ServerHand) -> None:
    script, expected = TABLES[name]

    hand.typed(script)

    found = verify(hand.places, Question()).faults
    assert {(fault.table, fault.position, fault.kind.value) for fault in found} == expected


def on_a_server(named: Sequence[Named]) -> list[Named]:
    """The faults of a file as a server has them."""
    return [(table, Kind.POSTGRESQL if kind is Kind.SQLITE else kind) for table, kind in named]


def test_an_untouched_ledger_is_found_sound(hand: ServerHand) -> None:
    assert set(look(hand, holding=True).values()) == {()}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, id=kind.name, marks=() if kind.who is Who.EDITOR else pytest.mark.campaign)
        for kind in KINDS
        if kind.name not in IN_FILES_ONLY
    ],
)
def test_what_is_found_in_a_file_is_found_on_a_server(kind: Tampering, hand: ServerHand) -> None:
    places = kind.act(hand)

    faults = look(hand, holding=kind.who is not Who.EDITOR)
    assert {finder for finder in faults if faults[finder]} == kind.found_by & faults.keys(), faults
    named = [(fault.table, fault.position, fault.kind) for fault in faults[Finder.VERIFY]]
    expected = on_a_server(kind.faults)
    for (table, fault), place in zip(expected, places, strict=True):
        assert (table, place, fault) in named
    told = {(table, fault) for table, _, fault in named}
    assert told <= {*expected, *on_a_server(kind.also), CUT}
