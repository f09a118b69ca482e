"""The acts: each changes the files as somebody who has read the source would, and says where a fault is expected.

An act returns the places in the order of its `Tampering.faults`. Many are typed into the `sqlite3` shell, as SQL.
"""

import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

from ledger.application import Ledger
from ledger.integrity.canonical import dumps, loads
from ledger.integrity.compact_range import node_number, nodes_of
from ledger.integrity.merkle import leaf_hash, root
from ledger.integrity.note import Signer
from ledger.proving.index import seal
from ledger.proving.restoring import rebase
from ledger.proving.rotating import rotate
from ledger.storage.checksums import anchor_checksum, source_checksum
from tests.tampering.hand import (
    FIRST_PREV,
    Hand,
    Written,
    cut,
    entries,
    leaves,
    resign,
    retree,
    rewrite,
    set_sequence,
    signed,
)
from tests.tampering.practice import BACKUP, KEYS, held

Place = int | str | None
Act = Callable[[Hand], Sequence[Place]]

CLIENT, OTHER_CLIENT = "client/C-1", "client/C-OAK"
STATE = "UPDATE stored_events SET state = ? WHERE position = ?"
ENTRY = "INSERT INTO stored_events VALUES (?, ?, ?, ?, ?, ?)"


# -- an entry's stored bytes ------------------------------------------------------------------------------


def change_a_byte(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-1")
    hand.run("UPDATE stored_events SET state = x'5b' || substr(state, 2) WHERE position = ?", at)
    return at, at


def change_a_field(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-1")
    hand.shell(
        "UPDATE stored_events SET state = "
        f"CAST(replace(CAST(state AS TEXT), '\"video\"', '\"phone\"') AS BLOB) WHERE position = {at};"
    )
    return at, at + 1


def change_a_field_of_the_last(hand: Hand) -> Sequence[Place]:
    at = hand.practice.end
    hand.run(STATE, _by_phone(_state(hand, at)), at)
    return (at,)


def blank_an_entry(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-1")
    hand.shell(f"UPDATE stored_events SET state = x'' WHERE position = {at};")
    return at, at


def store_text_for_bytes(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-1")
    hand.shell(f"UPDATE stored_events SET state = CAST(state AS TEXT) WHERE position = {at};")
    return (at,)


def swap_states(hand: Hand) -> Sequence[Place]:
    one, other = hand.place("desk-1"), hand.place("desk-2")
    first, second = _state(hand, one), _state(hand, other)
    hand.run(STATE, second, one)
    hand.run(STATE, first, other)
    return one, other, one, other


# -- an entry's columns -----------------------------------------------------------------------------------


def change_topic(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-1")
    hand.shell(f"UPDATE stored_events SET topic = 'ConsultationHeld' WHERE position = {at};")
    return (at,)


def change_seq(hand: Hand) -> Sequence[Place]:
    hand.shell(f"UPDATE stored_events SET originator_version = 99 WHERE position = {hand.practice.end};")
    return (hand.practice.end,)


def change_log_time(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-1")
    hand.shell(f"UPDATE stored_events SET log_time = '2026-01-01T00:00:00.000000Z' WHERE position = {at};")
    return (at,)


def move_to_another_client(hand: Hand) -> Sequence[Place]:
    at = hand.practice.end
    hand.shell(
        f"UPDATE stored_events SET originator_id = '{OTHER_CLIENT}', originator_version = "
        f"(SELECT max(originator_version) + 1 FROM stored_events WHERE originator_id = '{OTHER_CLIENT}') "
        f"WHERE position = {at};"
    )
    return (at,)


def move_to_another_client_in_the_header_too(hand: Hand) -> Sequence[Place]:
    at, last = hand.practice.end, _last_of(hand, OTHER_CLIENT)
    header = loads(_state(hand, at))
    prev = leaf_hash(_state(hand, last)).hex()
    seq = hand.stream_of(last)[1] + 1
    moved = header | {"stream": OTHER_CLIENT, "seq": seq, "prev": prev}
    sql = "UPDATE stored_events SET originator_id = ?, originator_version = ?, state = ? WHERE position = ?"
    hand.run(sql, OTHER_CLIENT, seq, dumps(moved | {"data": header["data"] | {"client": "C-OAK"}}), at)
    return at, "desk-5"


# -- entries removed, moved, put in -----------------------------------------------------------------------


def delete_the_last(hand: Hand) -> Sequence[Place]:
    hand.shell(f"DELETE FROM stored_events WHERE position = {hand.practice.end};")
    return hand.practice.end, hand.practice.end - 1


def delete_the_last_and_its_number(hand: Hand) -> Sequence[Place]:
    last = hand.practice.end - 1
    hand.shell(
        f"DELETE FROM stored_events WHERE position = {last + 1};\n"
        f"UPDATE sqlite_sequence SET seq = {last} WHERE name = 'stored_events';"
    )
    return (last,)


def delete_one_in_the_middle(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-2")
    hand.shell(f"DELETE FROM stored_events WHERE position = {at};")
    return at, at + 1


def delete_and_renumber(hand: Hand) -> Sequence[Place]:
    at, end = hand.place("desk-2"), hand.practice.end
    with hand.database() as database:
        database.execute("DELETE FROM stored_events WHERE position = ?", [at])
        for position in range(at + 1, end + 1):
            database.execute(
                "UPDATE stored_events SET position = position - 1 WHERE position = ?", [position]
            )
        set_sequence(database, end - 1)
    return at, at


def swap_positions(hand: Hand) -> Sequence[Place]:
    one, other = hand.place("desk-1"), hand.place("desk-2")
    hand.shell(
        f"UPDATE stored_events SET position = -1 WHERE position = {one};\n"
        f"UPDATE stored_events SET position = {one} WHERE position = {other};\n"
        f"UPDATE stored_events SET position = {other} WHERE position = -1;"
    )
    return one, other


def append_bare(hand: Hand) -> Sequence[Place]:
    row = _forged(hand)
    hand.run(ENTRY, *row)
    return row[0], nodes_of(hand.practice.end)


def append_at_a_far_position(hand: Hand) -> Sequence[Place]:
    _, stream, seq, topic, state, log_time = _forged(hand)
    hand.run(ENTRY, 10**9, stream, seq, topic, state, log_time)
    return (10**9,)


def append_with_tree_and_heads(hand: Hand) -> Sequence[Place]:
    with hand.database() as database:
        rewrite(database, [*entries(database), _invented(database)])
    return (hand.practice.end + 1,)


def insert_in_the_middle(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-2")
    with hand.database() as database:
        there = entries(database)
        rewrite(database, [*there[: at - 1], _invented(database), *there[at - 1 :]])
    return at, hand.practice.end


# -- the tree and the heads -------------------------------------------------------------------------------


def blank_a_leaf_hash(hand: Hand) -> Sequence[Place]:
    number = node_number(0, hand.place("desk-1") - 1)
    hand.shell(f"UPDATE tree SET hash = x'' WHERE number = {number};")
    return (number,)


def zero_a_node(hand: Hand) -> Sequence[Place]:
    number = node_number(3, 20)
    hand.shell(f"UPDATE tree SET hash = zeroblob(32) WHERE number = {number};")
    return (number,)


def delete_a_node(hand: Hand) -> Sequence[Place]:
    number = node_number(4, 20)
    hand.shell(f"DELETE FROM tree WHERE number = {number};")
    return (number,)


def add_a_node(hand: Hand) -> Sequence[Place]:
    hand.shell("INSERT INTO tree SELECT max(number) + 1, randomblob(32) FROM tree;")
    return (hand.ask("SELECT max(number) FROM tree")[0][0],)


def change_a_frontier(hand: Hand) -> Sequence[Place]:
    hand.shell(f"UPDATE stream_heads SET frontier = randomblob(length(frontier)) WHERE stream = '{CLIENT}';")
    return (CLIENT,)


def lower_a_count(hand: Hand) -> Sequence[Place]:
    hand.shell(f"UPDATE stream_heads SET count = count - 1 WHERE stream = '{OTHER_CLIENT}';")
    return (OTHER_CLIENT,)


def delete_a_head(hand: Hand) -> Sequence[Place]:
    hand.shell(f"DELETE FROM stream_heads WHERE stream = '{CLIENT}';")
    return (CLIENT,)


def add_a_head(hand: Hand) -> Sequence[Place]:
    hand.shell("INSERT INTO stream_heads VALUES ('client/C-NOBODY', 1, randomblob(32));")
    return ("client/C-NOBODY",)


# -- sealed texts -----------------------------------------------------------------------------------------


def replace_a_ciphertext(hand: Hand) -> Sequence[Place]:
    hand.shell(
        "UPDATE disclosures SET ciphertext = (SELECT ciphertext FROM disclosures "
        f"WHERE stream = '{CLIENT}' AND field = 'contact') WHERE stream = '{CLIENT}' AND seq = 1 AND field = 'name';"
    )
    return (f"{CLIENT}/1/name",)


def delete_a_text(hand: Hand) -> Sequence[Place]:
    hand.shell(f"DELETE FROM disclosures WHERE stream = '{CLIENT}' AND seq = 1 AND field = 'name';")
    return (f"{CLIENT}/1/name",)


def add_a_text(hand: Hand) -> Sequence[Place]:
    hand.shell(
        "INSERT INTO disclosures SELECT stream, seq, 'nickname', digest, key_id, ciphertext FROM disclosures "
        f"WHERE stream = '{CLIENT}' AND seq = 1 AND field = 'name';"
    )
    return (f"{CLIENT}/1/nickname",)


def move_a_text(hand: Hand) -> Sequence[Place]:
    hand.shell(
        f"UPDATE disclosures SET field = 'nickname' WHERE stream = '{CLIENT}' AND seq = 1 AND field = 'name';"
    )
    return f"{CLIENT}/1/name", f"{CLIENT}/1/nickname"


def change_a_digest(hand: Hand) -> Sequence[Place]:
    hand.shell(
        "UPDATE disclosures SET digest = (SELECT digest FROM disclosures "
        f"WHERE stream = '{CLIENT}' AND field = 'contact') WHERE stream = '{CLIENT}' AND seq = 1 AND field = 'name';"
    )
    return (f"{CLIENT}/1/name",)


def name_an_unknown_key(hand: Hand) -> Sequence[Place]:
    hand.shell(f"UPDATE disclosures SET key_id = '12345' WHERE stream = '{CLIENT}' AND field = 'name';")
    return (f"{CLIENT}/1/name",)


def name_another_key(hand: Hand) -> Sequence[Place]:
    hand.shell(
        "UPDATE disclosures SET key_id = (SELECT key_id FROM disclosures WHERE stream = 'client/C-WILLOW' LIMIT 1) "
        f"WHERE stream = '{CLIENT}' AND seq = 1 AND field = 'name';"
    )
    return (f"{CLIENT}/1/name",)


# -- sources ----------------------------------------------------------------------------------------------


def change_a_source(hand: Hand) -> Sequence[Place]:
    hand.shell("UPDATE sources SET fingerprint = randomblob(length(fingerprint)) WHERE source = 'desk-1';")
    return ("desk-1",)


def change_a_source_with_its_checksum(hand: Hand) -> Sequence[Place]:
    (fingerprint,) = hand.ask("SELECT fingerprint FROM sources WHERE source = 'desk-1'")[0]
    stream, seq = hand.stream_of(hand.place("desk-2"))
    checksum = source_checksum("desk-1", stream, seq, fingerprint)
    hand.run("UPDATE sources SET seq = ?, checksum = ? WHERE source = 'desk-1'", seq, checksum)
    return ("desk-1",)


def change_a_fingerprint_with_its_checksum(hand: Hand) -> Sequence[Place]:
    stream, seq = hand.stream_of(hand.place("desk-1"))
    ((length,),) = hand.ask("SELECT length(fingerprint) FROM sources WHERE source = 'desk-1'")
    forged = bytes(length)
    checksum = source_checksum("desk-1", stream, seq, forged)
    hand.run("UPDATE sources SET fingerprint = ?, checksum = ? WHERE source = 'desk-1'", forged, checksum)
    return ()


def delete_a_source(hand: Hand) -> Sequence[Place]:
    hand.shell("DELETE FROM sources WHERE source = 'desk-1';")
    return ("desk-1",)


def add_a_source(hand: Hand) -> Sequence[Place]:
    stream, seq = hand.stream_of(hand.practice.early)
    row = ("desk-99", stream, seq, bytes(8))
    hand.run("INSERT INTO sources VALUES (?, ?, ?, ?, ?)", *row, source_checksum(*row))
    return ("desk-99",)


# -- checkpoints, seals, anchors --------------------------------------------------------------------------


def change_a_checkpoints_root(hand: Hand) -> Sequence[Place]:
    size = hand.practice.seals[0]
    lines = _note(hand, size).split("\n")
    lines[2] = _note(hand, hand.practice.seals[1]).split("\n")[2]
    hand.run("UPDATE checkpoints SET note = ? WHERE size = ?", "\n".join(lines), size)
    return size, size


def change_a_checkpoints_size(hand: Hand) -> Sequence[Place]:
    size = hand.practice.seals[0] + 2
    hand.shell(
        f"UPDATE checkpoints SET note = replace(note, char(10) || '{size}' || char(10), "
        f"char(10) || '{size + 1}' || char(10)) WHERE size = {size};"
    )
    return size, size


def change_a_checkpoints_place(hand: Hand) -> Sequence[Place]:
    hand.shell("UPDATE checkpoints SET size = 100 WHERE size = 2;")
    return (100,)


def change_a_checkpoints_signature(hand: Hand) -> Sequence[Place]:
    size = hand.practice.seals[0]
    note = _note(hand, size)
    at = len(note) - 20
    other = "A" if note[at] != "A" else "B"
    hand.run("UPDATE checkpoints SET note = ? WHERE size = ?", note[:at] + other + note[at + 1 :], size)
    return (size,)


def delete_a_checkpoint_between(hand: Hand) -> Sequence[Place]:
    hand.shell(f"DELETE FROM checkpoints WHERE size = {hand.practice.seals[0] + 1};")
    return ()


def delete_an_anchored_checkpoint(hand: Hand) -> Sequence[Place]:
    hand.shell(f"DELETE FROM checkpoints WHERE size = {hand.practice.seals[1]};")
    return 2, 3


def delete_all_checkpoints(hand: Hand) -> Sequence[Place]:
    hand.shell("DELETE FROM anchors;\nDELETE FROM checkpoints;")
    return ()


def change_a_cosignature(hand: Hand) -> Sequence[Place]:
    hand.shell("UPDATE anchors SET body = CAST(substr(body, 1, length(body) - 8) AS BLOB) WHERE number = 1;")
    return (1,)


def change_a_cosignatures_signature(hand: Hand) -> Sequence[Place]:
    ((size, kind, body),) = hand.ask("SELECT size, kind, body FROM anchors WHERE number = 2")
    name, signature = body.decode().rstrip("\n").rsplit(" ", 1)
    blob = bytearray(b64decode(signature))
    blob[20] ^= 1
    altered = f"{name} {b64encode(blob).decode()}\n".encode()
    checksum = anchor_checksum(size, kind, altered)
    hand.run("UPDATE anchors SET body = ?, checksum = ? WHERE number = 2", altered, checksum)
    return ()


def change_a_timestamps_signature(hand: Hand) -> Sequence[Place]:
    ((body,),) = hand.ask("SELECT body FROM anchors WHERE kind = 'timestamp'")
    altered = body[:-3] + bytes((body[-3] ^ 1,)) + body[-2:]
    hand.run("UPDATE anchors SET body = ? WHERE kind = 'timestamp'", altered)
    return (3,)


def change_a_timestamp(hand: Hand) -> Sequence[Place]:
    hand.shell(f"UPDATE anchors SET size = {hand.practice.end} WHERE kind = 'timestamp';")
    return (3,)


def put_a_cosignature_with_nothing(hand: Hand) -> Sequence[Place]:
    hand.shell("UPDATE anchors SET size = 0 WHERE number = 1;")
    return (1,)


def delete_the_anchors(hand: Hand) -> Sequence[Place]:
    hand.shell("DELETE FROM anchors;")
    return ()


def change_a_map_node(hand: Hand) -> Sequence[Place]:
    hand.shell("UPDATE map_nodes SET value = randomblob(32) WHERE number = 1;")
    return (1,)


def delete_a_map_node(hand: Hand) -> Sequence[Place]:
    ((below, above),) = hand.ask("SELECT left, number FROM map_nodes WHERE left IS NOT NULL LIMIT 1")
    hand.shell(f"DELETE FROM map_nodes WHERE number = {below};")
    return (above,)


def move_a_seal(hand: Hand) -> Sequence[Place]:
    _, second = hand.practice.seals
    hand.shell(f"UPDATE seals SET position = {second + 1} WHERE position = {second};")
    return second, second + 1


def add_a_seal_after_the_end(hand: Hand) -> Sequence[Place]:
    """The next seal would begin with it: what changed since is left out."""
    hand.shell("INSERT INTO seals SELECT 99999, top FROM seals LIMIT 1;")
    return (99999,)


def delete_a_seal(hand: Hand) -> Sequence[Place]:
    hand.shell(f"DELETE FROM seals WHERE position = {hand.practice.seals[1]};")
    return (hand.practice.seals[1],)


def name_another_map(hand: Hand) -> Sequence[Place]:
    first, second = hand.practice.seals
    hand.shell(
        f"UPDATE seals SET top = (SELECT top FROM seals WHERE position = {first}) WHERE position = {second};"
    )
    return (second,)


# -- the tables themselves --------------------------------------------------------------------------------


def drop_a_trigger(hand: Hand) -> Sequence[Place]:
    hand.typed("DROP TRIGGER stored_events_refuse_update;")
    return ("stored_events_refuse_update",)


def empty_a_trigger(hand: Hand) -> Sequence[Place]:
    hand.typed(
        "DROP TRIGGER stored_events_refuse_update;\nCREATE TRIGGER stored_events_refuse_update BEFORE update "
        "ON stored_events BEGIN SELECT 1; END;",
    )
    return ("stored_events_refuse_update",)


def drop_an_index(hand: Hand) -> Sequence[Place]:
    hand.typed("DROP INDEX stored_events_by_log_time;")
    return ("stored_events_by_log_time",)


def add_a_column(hand: Hand) -> Sequence[Place]:
    hand.typed("ALTER TABLE disclosures ADD COLUMN remark TEXT;")
    return ("disclosures",)


def add_a_trigger(hand: Hand) -> Sequence[Place]:
    hand.typed(
        "CREATE TRIGGER helpful AFTER INSERT ON stored_events BEGIN "
        "INSERT INTO meta VALUES ('helpful', 'yes'); END;",
    )
    return ("helpful",)


def add_a_table(hand: Hand) -> Sequence[Place]:
    hand.typed("CREATE TABLE notes (text TEXT);")
    return ()


def add_a_view(hand: Hand) -> Sequence[Place]:
    hand.typed("CREATE VIEW overview AS SELECT * FROM stored_events;")
    return ()


def change_the_storage_version(hand: Hand) -> Sequence[Place]:
    hand.shell("UPDATE meta SET value = '3' WHERE name = 'storage_version';")
    return ("storage_version",)


def raise_the_sequence(hand: Hand) -> Sequence[Place]:
    hand.shell("UPDATE sqlite_sequence SET seq = seq + 1;")
    return (hand.practice.end + 1,)


def forget_the_sequence(hand: Hand) -> Sequence[Place]:
    hand.shell("DELETE FROM sqlite_sequence;")
    return (None,)


# -- hashes made anew, without the key --------------------------------------------------------------------


def change_with_the_tree(hand: Hand) -> Sequence[Place]:
    at = hand.place("desk-1")
    with hand.database() as database:
        database.execute(STATE, [_by_phone(_state(hand, at)), at])
        retree(database)
    return at, at + 1


def change_with_everything(hand: Hand) -> Sequence[Place]:
    with hand.database() as database:
        at = _rewritten(hand, database)
    return at, hand.practice.end


def change_and_delete_later_checkpoints(hand: Hand) -> Sequence[Place]:
    with hand.database() as database:
        at = _rewritten(hand, database)
        for table in ("checkpoints", "anchors"):
            database.execute(f"DELETE FROM {table} WHERE size >= ?", [at])
    return (hand.practice.end,)


def truncate(hand: Hand) -> Sequence[Place]:
    with hand.database() as database:
        cut(database, hand.practice.seals[0] + 1)
    return (hand.practice.seals[0] + 1,)


def pretend_a_restore(hand: Hand) -> Sequence[Place]:
    size = hand.practice.seals[0] + 1
    with hand.database() as database:
        last = root(leaves(database)).hex()
        cut(database, size)
        there = entries(database)
        data = {
            "restored": "backup",
            "reason": "disk failure",
            "last_size": hand.practice.end,
            "last_root": last,
        }
        header = there[hand.practice.seals[0] - 1].header | {"type": "LogRestored", "data": data}
        rewrite(database, [*there, Written(header, None)])
    return (size + 1,)


def change_and_pretend_a_restore(hand: Hand) -> Sequence[Place]:
    """An entry that says the log was restored would excuse the checkpoints that no longer hold."""
    at, end = hand.place("desk-1"), hand.practice.end
    with hand.database() as database:
        there = entries(database)
        data = {
            "restored": "backup",
            "reason": "disk failure",
            "last_size": end,
            "last_root": root(leaves(database)).hex(),
        }
        there[at - 1] = there[at - 1].saying(modality="phone")
        said = Written(there[at - 2].header | {"type": "LogRestored", "data": data, "stream": "ledger"}, None)
        rewrite(database, [*there[: at - 1], said, *there[at - 1 :]])
    return (end,)


def change_and_pretend_another_key(hand: Hand) -> Sequence[Place]:
    """An entry that says the key was changed would excuse the checkpoints that another key signed."""
    end = hand.practice.end
    stranger = Signer.generate(hand.true_signer().name)
    with hand.database() as database:
        _rewritten(hand, database)
        data = {
            "replaced": f"{stranger.name}+{stranger.verifier.key_id:08x}",
            "verifier": hand.practice.key,
            "last_size": end,
            "last_root": root(leaves(database)).hex(),
            "reason": "key database lost",
        }
        there = entries(database)
        said = there[hand.practice.seals[1] - 1].header | {"type": "SigningKeyChanged", "data": data}
        rewrite(database, [*there, Written(said, None)])
        resign(database, stranger)
    return end, end + 1


# -- a change of the signing key --------------------------------------------------------------------------


def _key_replaced(hand: Hand) -> int:
    """As the keeper replaces it; the position of the entry that says so."""
    with Ledger(hand.places) as ledger:
        return rotate(ledger.committing, ledger.sealer, "the yearly change", "director").position


def alter_a_change_of_keys(hand: Hand) -> Sequence[Place]:
    """Another key is put into the entry: who takes over would be somebody else."""
    at, stranger = _key_replaced(hand), Signer.generate(hand.true_signer().name)
    said = loads(_state(hand, at))
    hand.run(STATE, dumps(said | {"data": said["data"] | {"verifier": stranger.verifier.vkey}}), at)
    return (at,)


def take_a_change_of_keys_out(hand: Hand) -> Sequence[Place]:
    """As if the old key were still in force."""
    at = _key_replaced(hand)
    with hand.database() as database:
        cut(database, at - 1)
    return (at - 1,)


def forge_a_change_of_keys(hand: Hand) -> Sequence[Place]:
    """An entry that puts a stranger's key in force, under a checkpoint by the stranger."""
    end, stranger = hand.practice.end, Signer.generate(hand.true_signer().name)
    with hand.database() as database:
        data = {
            "replaced": hand.practice.key,
            "verifier": stranger.verifier.vkey,
            "last_size": end,
            "last_root": root(leaves(database)).hex(),
            "reason": "the yearly change",
        }
        there = entries(database)
        said = there[hand.practice.seals[1] - 1].header | {"type": "SigningKeyChanged", "data": data}
        rewrite(database, [*there, Written(said, None)])
        note = signed(database, stranger, end + 1)
        database.execute("INSERT INTO checkpoints VALUES (?, 1, ?)", [end + 1, note])
    return end + 1, end + 1


def go_on_with_a_replaced_key(hand: Hand) -> Sequence[Place]:
    """The old key was stolen before it was replaced: with it a forged entry is signed after that."""
    stolen = hand.true_signer()
    size = _key_replaced(hand) + 1
    with hand.database() as database:
        rewrite(database, [*entries(database), _invented(database, hand.practice.end)])
        note = signed(database, stolen, size)
        database.execute("INSERT INTO checkpoints VALUES (?, 1, ?)", [size, note])
    return size, size


# -- older copies, other keys -----------------------------------------------------------------------------


def roll_back_the_ledger(hand: Hand) -> Sequence[Place]:
    hand.roll_back()
    return (hand.practice.seals[0],)


def roll_back_both(hand: Hand) -> Sequence[Place]:
    roll_back_the_ledger(hand)
    shutil.copy2(hand.folder / BACKUP / KEYS, hand.folder / KEYS)
    return ()


def roll_back_both_and_go_on(hand: Hand) -> Sequence[Place]:
    roll_back_both(hand)
    _go_on(hand, range(11, 21))
    return ()


def go_on_openly(hand: Hand) -> Sequence[Place]:
    roll_back_the_ledger(hand)
    with Ledger(hand.places) as ledger:
        rebase(ledger.committing, ledger.sealer, "backup of the first seal", "disk failure", "director")
    return ()


def sign_with_another_key(hand: Hand) -> Sequence[Place]:
    """The log as it was; only the key is another's."""
    stranger = Signer.generate(hand.true_signer().name)
    with hand.database() as database:
        note = resign(database, stranger)
    hand.put_key(stranger)
    hand.put_mark(note)
    return ()


def rewrite_with_another_key(hand: Hand) -> Sequence[Place]:
    stranger = Signer.generate(hand.true_signer().name)
    with hand.database() as database:
        _rewritten(hand, database)
        note = resign(database, stranger)
    hand.put_key(stranger)
    hand.put_mark(note)
    return ()


def sign_with_a_key_not_put_in_place(hand: Hand) -> Sequence[Place]:
    stranger = Signer.generate(hand.true_signer().name)
    with hand.database() as database:
        _rewritten(hand, database)
        resign(database, stranger)
    return hand.practice.seals[0], hand.practice.end


# -- with the true key ------------------------------------------------------------------------------------


def rewrite_with_the_key(hand: Hand) -> Sequence[Place]:
    with hand.database() as database:
        _rewritten(hand, database)
        note = resign(database, hand.true_signer())
    hand.put_mark(note)
    return ()


def insert_with_the_key(hand: Hand) -> Sequence[Place]:
    """Backdated: the entry stands where it would have been recorded then."""
    at = hand.place("desk-9")
    with hand.database() as database:
        there = entries(database)
        rewrite(database, [*there[: at - 1], _invented(database, at), *there[at - 1 :]])
        sizes = [
            size for (size,) in database.execute("SELECT size FROM checkpoints ORDER BY size").fetchall()
        ]
        note = resign(database, hand.true_signer(), [*(size for size in sizes if size < at), len(there) + 1])
    hand.put_mark(note)
    return ()


def truncate_with_the_key(hand: Hand) -> Sequence[Place]:
    """What was recorded since the last anchor is dropped."""
    with hand.database() as database:
        size = hand.practice.seals[1]
        anchors = database.execute("SELECT * FROM anchors").fetchall()
        cut(database, size)
        database.execute("DELETE FROM anchors")
        database.executemany("INSERT INTO anchors VALUES (?, ?, ?, ?, ?)", anchors)
        note = _note(hand, size)
    hand.put_mark(note)
    return ()


def rewrite_the_unanchored_end(hand: Hand) -> Sequence[Place]:
    """What was recorded since the last anchor is changed, and signed again."""
    with hand.database() as database:
        there = entries(database)
        there[-1] = there[-1].saying(modality="phone")
        rewrite(database, there)
        note = signed(database, hand.true_signer(), len(there))
        database.execute("UPDATE checkpoints SET note = ? WHERE size = ?", [note, len(there)])
    hand.put_mark(note)
    return ()


def lie_in_a_seal(hand: Hand) -> Sequence[Place]:
    """The second seal says of the client what the first did: the entries between are left out."""
    first, second = hand.practice.seals
    with hand.database() as database:
        there = entries(database)
        said = there[first - 1].header["data"]["map_root"]
        there[second - 1] = there[second - 1].saying(map_root=said)
        rewrite(database, there, wrong_seals=[second])
        note = resign(database, hand.true_signer())
    hand.put_mark(note)
    return second, second


def lie_in_a_seal_about_its_coverage(hand: Hand) -> Sequence[Place]:
    _, second = hand.practice.seals
    with hand.database() as database:
        there = entries(database)
        there[second - 1] = there[second - 1].saying(covers=second - 3)
        rewrite(database, there, wrong_seals=[second])
        note = resign(database, hand.true_signer())
    hand.put_mark(note)
    return (second,)


def take_an_entry_out_with_the_key(hand: Hand) -> Sequence[Place]:
    """A session is gone; the seal that counted it is made anew, too."""
    at = hand.place("desk-9")
    with hand.database() as database:
        there = entries(database)
        rewrite(database, [*there[: at - 1], *there[at:]])
        note = resign(database, hand.true_signer(), [2, *range(at, len(there))])
    hand.put_mark(note)
    return ()


def count_less_than_a_seal_said(hand: Hand) -> Sequence[Place]:
    """An entry recorded before the first seal is taken out; the seal, signed again, still counts it."""
    first, _ = hand.practice.seals
    with hand.database() as database:
        there = entries(database)
        at = first - 1
        rewrite(database, [*there[: at - 1], *there[at:]], wrong_seals=[first - 1])
        note = resign(database, hand.true_signer(), [2, *range(at, len(there))])
    hand.put_mark(note)
    return (first - 1,)


def show_another_view(hand: Hand) -> Sequence[Place]:
    """The copy of ledger and keys goes on its own way: two logs of one size, signed with one key."""
    roll_back_both(hand)
    _go_on(hand, range(21, 26))
    with Ledger(hand.places) as ledger:
        seal(ledger.committing, ledger.sealer, "director")
    return ()


# -- parts of acts ----------------------------------------------------------------------------------------


def _go_on(hand: Hand, numbers: range) -> None:
    with Ledger(hand.places) as ledger:
        for number in numbers:
            ledger.record([held(number)])


def _rewritten(hand: Hand, database: Any) -> int:
    """One session says something else, and everything after it fits; its position."""
    at = hand.place("desk-1")
    there = entries(database)
    there[at - 1] = there[at - 1].saying(modality="phone")
    rewrite(database, there)
    return at


def _forged(hand: Hand) -> tuple[int, str, int, str, bytes, str]:
    """A row that looks like the next entry of the client."""
    ((stream, seq, topic, state, log_time),) = hand.ask(
        "SELECT originator_id, originator_version, topic, state, log_time FROM stored_events WHERE position = ?",
        hand.practice.end,
    )
    forged = loads(state) | {"seq": seq + 1, "prev": leaf_hash(state).hex()}
    forged.pop("source")
    forged["data"]["session"] = "S99"
    return hand.practice.end + 1, stream, seq + 1, topic, dumps(forged), log_time


def _invented(database: Any, before: int | None = None) -> Written:
    """A session that never was, recorded - so it says - when the one now at its place was."""
    there = entries(database)
    model = there[-1 if before is None else before - 1].header
    header = {key: value for key, value in model.items() if key != "source"}
    return Written(header | {"prev": FIRST_PREV, "data": header["data"] | {"session": "S99"}}, None)


def _by_phone(state: bytes) -> bytes:
    header = loads(state)
    assert header["data"]["modality"] == "video"
    return dumps(header | {"data": header["data"] | {"modality": "phone"}})


def _state(hand: Hand, position: int) -> bytes:
    ((state,),) = hand.ask("SELECT state FROM stored_events WHERE position = ?", position)
    assert isinstance(state, bytes)
    return state


def _last_of(hand: Hand, stream: str) -> int:
    ((last,),) = hand.ask("SELECT max(position) FROM stored_events WHERE originator_id = ?", stream)
    assert isinstance(last, int)
    return last


def _note(hand: Hand, size: int) -> str:
    ((note,),) = hand.ask("SELECT note FROM checkpoints WHERE size = ?", size)
    return str(note)
