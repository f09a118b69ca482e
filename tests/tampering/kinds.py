"""The kinds of tampering, each with what finds it and what does not: the tests' cases, and the page's rows.

`found_by` is exact: every finder that is not named there is shown not to find it. `faults` are what `verify` names
on the practice's machine, each at the place the act gives; `also` are the kinds of fault that may follow from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial

from ledger.verification.faults import Kind
from tests.tampering import acts
from tests.tampering.acts import Act
from tests.tampering.examining import Finder

Named = tuple[str, Kind]
"""A fault's table and kind."""


class Who(Enum):
    """Who could do it; the value is the page's heading."""

    EDITOR = "Somebody who edits the ledger file"
    HASHER = "Somebody who edits it and makes all hashes anew, without the key"
    SWAPPER = "Somebody who puts an older copy, or another key, in place"
    KEEPER = "Somebody who has the signing key: the keeper"


@dataclass(frozen=True)
class Tampering:
    """One kind of tampering. `what` is the row's text, `remark` what is to be said where little or nothing finds it."""

    who: Who
    what: str
    act: Act
    found_by: frozenset[Finder]
    faults: Sequence[Named] = ()
    also: Sequence[Named] = ()
    remark: str = ""

    @property
    def name(self) -> str:
        """The act's name."""
        return self.act.__name__

    @property
    def not_found_by(self) -> frozenset[Finder]:
        """Everybody else."""
        return frozenset(Finder) - self.found_by


NOBODY: frozenset[Finder] = frozenset()
HOME = frozenset({Finder.VERIFY})
FILE = HOME | {Finder.ELSEWHERE}
TOLD = FILE | {Finder.RECEIPT}
HELD = TOLD | {Finder.CHECKPOINT}
SEEN = HELD | {Finder.WITNESS}
OUTSIDE = frozenset({Finder.RECEIPT, Finder.CHECKPOINT, Finder.WITNESS, Finder.TIMESTAMP})
RECEIPT = frozenset({Finder.RECEIPT})

ENTRIES, TREE, HEADS, TEXTS, SOURCES = "stored_events", "tree", "stream_heads", "disclosures", "sources"
CHECKPOINTS, SEALS, MAP, ANCHORS = "checkpoints", "seals", "map_nodes", "anchors"

ALTERED, COLUMN = (ENTRIES, Kind.ALTERED_ENTRY), (ENTRIES, Kind.COLUMN_MISMATCH)
CHAIN, GAP, MISSING = (ENTRIES, Kind.BROKEN_CHAIN), (ENTRIES, Kind.SEQ_GAP), (ENTRIES, Kind.MISSING_ENTRY)
ROLLED, TAIL, CUT = (ENTRIES, Kind.ROLLED_BACK), (ENTRIES, Kind.UNSIGNED_TAIL), (ENTRIES, Kind.CUT_OFF)
TIME, BAD = (ENTRIES, Kind.LOG_TIME), (ENTRIES, Kind.BAD_STATE)
ROOT, SIGNATURE = (CHECKPOINTS, Kind.CHECKPOINT_ROOT), (CHECKPOINTS, Kind.CHECKPOINT_SIGNATURE)
KEY = (ENTRIES, Kind.SIGNING_KEY)
MALFORMED, BEYOND = (CHECKPOINTS, Kind.CHECKPOINT_MALFORMED), (CHECKPOINTS, Kind.CHECKPOINT_BEYOND)
HEAD, NO_NODE, SEAL = (HEADS, Kind.STREAM_HEAD), (TREE, Kind.TREE_NODE_MISSING), (SEALS, Kind.SEAL)
NO_TEXT, STRAY_TEXT = (TEXTS, Kind.DISCLOSURE_MISSING), (TEXTS, Kind.DISCLOSURE_ORPHAN)
WRONG_TEXT = (TEXTS, Kind.DISCLOSURE_TEXT)
REFERENCE, STRAY_SOURCE = (SOURCES, Kind.SQLITE), (SOURCES, Kind.SOURCE_ORPHAN)
SEAL_ENTRY = (ENTRIES, Kind.SEAL)
AFTER = (CHAIN, GAP, TIME, SEAL_ENTRY, ROLLED, ROOT, HEAD, SEAL)
"""What follows once an entry is another."""

editor, hasher = partial(Tampering, Who.EDITOR), partial(Tampering, Who.HASHER)
swapper, keeper = partial(Tampering, Who.SWAPPER), partial(Tampering, Who.KEEPER)

_EDITOR = [
    editor(
        "One byte of an entry",
        acts.change_a_byte,
        HELD,
        [BAD, ALTERED],
        [*AFTER, (ENTRIES, Kind.BAD_TYPE), (SOURCES, Kind.SOURCE_ORPHAN)],
    ),
    editor("A coded field of an entry, its form kept", acts.change_a_field, HELD, [ALTERED, CHAIN], AFTER),
    editor(
        "The same in the last entry", acts.change_a_field_of_the_last, TOLD, [ALTERED], [ROLLED, ROOT, HEAD]
    ),
    editor("An entry's bytes taken out", acts.blank_an_entry, HELD, [BAD, ALTERED], [*AFTER, STRAY_SOURCE]),
    editor("An entry's bytes stored as text", acts.store_text_for_bytes, FILE, [(ENTRIES, Kind.BAD_TYPE)]),
    editor(
        "The bytes of two entries swapped", acts.swap_states, HELD, [ALTERED, ALTERED, COLUMN, COLUMN], AFTER
    ),
    editor("Two entries swapped", acts.swap_positions, HELD, [ALTERED, ALTERED], AFTER),
    editor("The type beside an entry", acts.change_topic, FILE, [COLUMN]),
    editor("The seq beside an entry", acts.change_seq, FILE, [COLUMN], [REFERENCE]),
    editor("The log time beside an entry", acts.change_log_time, FILE, [TIME]),
    editor(
        "An entry moved to another client, beside its bytes",
        acts.move_to_another_client,
        FILE,
        [COLUMN],
        [REFERENCE],
    ),
    editor(
        "An entry moved to another client, in its bytes, too",
        acts.move_to_another_client_in_the_header_too,
        TOLD,
        [ALTERED, (SOURCES, Kind.SOURCE_MISMATCH)],
        [ROLLED, ROOT, HEAD, REFERENCE],
    ),
    editor(
        "The last entry deleted",
        acts.delete_the_last,
        TOLD | {Finder.WITNESS},
        [CUT, ROLLED],
        [BEYOND, REFERENCE, STRAY_SOURCE, HEAD, (TREE, Kind.TREE_NODE_EXTRA)],
    ),
    editor(
        "The last entry deleted, and that there was one",
        acts.delete_the_last_and_its_number,
        TOLD | {Finder.WITNESS},
        [ROLLED],
        [BEYOND, REFERENCE, STRAY_SOURCE, HEAD, (TREE, Kind.TREE_NODE_EXTRA)],
    ),
    editor(
        "An entry in the middle deleted",
        acts.delete_one_in_the_middle,
        HELD,
        [MISSING, GAP],
        [*AFTER, REFERENCE, STRAY_SOURCE],
    ),
    editor(
        "An entry in the middle deleted, those after it renumbered",
        acts.delete_and_renumber,
        SEEN,
        [ALTERED, GAP],
        [*AFTER, BEYOND, REFERENCE, STRAY_SOURCE, (TREE, Kind.TREE_NODE_EXTRA), (ANCHORS, Kind.ANCHOR)],
    ),
    editor("A forged entry at the end", acts.append_bare, FILE, [TAIL, NO_NODE], [HEAD]),
    editor(
        "A forged entry far after the end",
        acts.append_at_a_far_position,
        FILE,
        [(ENTRIES, Kind.EXTRA)],
        [CUT, MISSING, TAIL, NO_NODE],
    ),
    editor(
        "A leaf hash blanked",
        acts.blank_a_leaf_hash,
        FILE,
        [(TREE, Kind.BAD_TYPE)],
        [NO_NODE],
    ),
    editor("A node of the tree set to zeros", acts.zero_a_node, FILE, [(TREE, Kind.TREE_NODE)]),
    editor("A node of the tree deleted", acts.delete_a_node, FILE, [NO_NODE]),
    editor("A node of the tree added", acts.add_a_node, FILE, [(TREE, Kind.TREE_NODE_EXTRA)]),
    editor("The frontier of a stream", acts.change_a_frontier, FILE, [HEAD]),
    editor("The count of a stream lowered", acts.lower_a_count, FILE, [HEAD]),
    editor("The head of a stream deleted", acts.delete_a_head, FILE, [HEAD]),
    editor("The head of a stream that is not there", acts.add_a_head, FILE, [HEAD]),
    editor(
        "A sealed text replaced by another's",
        acts.replace_a_ciphertext,
        HOME,
        [WRONG_TEXT],
        (),
        "Found by whoever may read the text. Without its key nobody can tell what a sealed text is.",
    ),
    editor("A sealed text deleted", acts.delete_a_text, FILE, [NO_TEXT]),
    editor("A sealed text added", acts.add_a_text, FILE, [STRAY_TEXT]),
    editor("A sealed text moved to another field", acts.move_a_text, FILE, [NO_TEXT, STRAY_TEXT]),
    editor("The digest beside a sealed text", acts.change_a_digest, FILE, [(TEXTS, Kind.DISCLOSURE_DIGEST)]),
    editor(
        "The key a sealed text names: one that never was",
        acts.name_an_unknown_key,
        HOME,
        [(TEXTS, Kind.UNKNOWN_DATA_KEY)],
        (),
        "The key database knows which keys there were.",
    ),
    editor(
        "The key a sealed text names: another client's",
        acts.name_another_key,
        HOME,
        [WRONG_TEXT],
        (),
        "Found by whoever may read the text.",
    ),
    editor("What is remembered of a source", acts.change_a_source, FILE, [(SOURCES, Kind.SOURCE_CHECKSUM)]),
    editor(
        "The entry a source names, its checksum made anew",
        acts.change_a_source_with_its_checksum,
        FILE,
        [(SOURCES, Kind.SOURCE_MISMATCH)],
    ),
    editor(
        "The fingerprint of a source, its checksum made anew",
        acts.change_a_fingerprint_with_its_checksum,
        NOBODY,
        (),
        (),
        "Nothing finds it, and no entry is touched: the fingerprint only tells whether a line imported again is the "
        "same. It then says that it is another.",
    ),
    editor("A source forgotten", acts.delete_a_source, FILE, [(SOURCES, Kind.SOURCE_MISSING)]),
    editor("A source that no entry states", acts.add_a_source, FILE, [STRAY_SOURCE]),
    editor("A checkpoint's root", acts.change_a_checkpoints_root, FILE, [ROOT, SIGNATURE]),
    editor("A checkpoint's size", acts.change_a_checkpoints_size, FILE, [MALFORMED, SIGNATURE], [ROOT]),
    editor("The size under which a checkpoint stands", acts.change_a_checkpoints_place, FILE, [MALFORMED]),
    editor("A checkpoint's signature", acts.change_a_checkpoints_signature, FILE, [SIGNATURE]),
    editor(
        "A checkpoint between others deleted",
        acts.delete_a_checkpoint_between,
        NOBODY,
        (),
        (),
        "Nothing finds it, and nothing is lost: every later checkpoint covers the same entries. Whoever holds it can "
        "still compare it.",
    ),
    editor(
        "The anchored checkpoint deleted",
        acts.delete_an_anchored_checkpoint,
        FILE | {Finder.TIMESTAMP},
        [(ANCHORS, Kind.ANCHOR), (ANCHORS, Kind.ANCHOR)],
    ),
    editor(
        "All checkpoints and anchors deleted",
        acts.delete_all_checkpoints,
        frozenset({Finder.ELSEWHERE, Finder.TIMESTAMP}),
        (),
        (),
        "On the practice's machine the signer's mark still covers every entry. Elsewhere nothing does, and nothing "
        "unsigned is taken for sound.",
    ),
    editor("A cosignature cut short", acts.change_a_cosignature, FILE, [(ANCHORS, Kind.ANCHOR)]),
    editor(
        "The signature in a time-stamp", acts.change_a_timestamps_signature, FILE, [(ANCHORS, Kind.ANCHOR)]
    ),
    editor(
        "The signature in a cosignature, its checksum made anew",
        acts.change_a_cosignatures_signature,
        NOBODY,
        (),
        (),
        "Found by `checkpoint verify --policy`, which has the witness's key. The witness still has its own.",
    ),
    editor(
        "A time-stamp put with another checkpoint", acts.change_a_timestamp, FILE, [(ANCHORS, Kind.ANCHOR)]
    ),
    editor(
        "A cosignature put with no checkpoint",
        acts.put_a_cosignature_with_nothing,
        FILE,
        [(ANCHORS, Kind.ANCHOR)],
    ),
    editor(
        "Cosignatures and time-stamps deleted",
        acts.delete_the_anchors,
        NOBODY,
        (),
        (),
        "Nothing finds it in the ledger, where they are copies: the witness has its own, and so has whoever asked for "
        "the time-stamp. Keep the answer.",
    ),
    editor("A node of the stream index", acts.change_a_map_node, FILE, [(MAP, Kind.SEAL)]),
    editor("A node of the stream index deleted", acts.delete_a_map_node, FILE, [(MAP, Kind.SEAL)], [SEAL]),
    editor("A seal moved to another entry", acts.move_a_seal, FILE, [SEAL, SEAL]),
    editor("A seal added after the end", acts.add_a_seal_after_the_end, FILE, [SEAL]),
    editor("A seal deleted", acts.delete_a_seal, FILE, [SEAL]),
    editor("A seal given another's index", acts.name_another_map, FILE, [SEAL]),
    editor("A trigger dropped", acts.drop_a_trigger, FILE, [(ENTRIES, Kind.SCHEMA)]),
    editor("A trigger made to do nothing", acts.empty_a_trigger, FILE, [(ENTRIES, Kind.SCHEMA)]),
    editor("A trigger added", acts.add_a_trigger, FILE, [(ENTRIES, Kind.SCHEMA)]),
    editor("An index dropped", acts.drop_an_index, FILE, [(ENTRIES, Kind.SCHEMA)]),
    editor("A column added to a table", acts.add_a_column, FILE, [(TEXTS, Kind.SCHEMA)]),
    editor(
        "A table added",
        acts.add_a_table,
        NOBODY,
        (),
        (),
        "Not reported: the ledger reads no tables but its own.",
    ),
    editor(
        "A view added",
        acts.add_a_view,
        NOBODY,
        (),
        (),
        "Not reported: a view holds nothing, and the ledger reads none.",
    ),
    editor(
        "The storage version",
        acts.change_the_storage_version,
        FILE | {Finder.WITNESS, Finder.TIMESTAMP},
        [("meta", Kind.SCHEMA)],
        (),
        "No command but `verify` opens the ledger then.",
    ),
    editor("The number of entries ever recorded raised", acts.raise_the_sequence, FILE, [CUT]),
    editor(
        "The number of entries ever recorded forgotten",
        acts.forget_the_sequence,
        FILE,
        [("sqlite_sequence", Kind.EXTRA)],
    ),
    editor(
        "The signing key replaced; another key put into the entry that says so",
        acts.alter_a_change_of_keys,
        FILE,
        [ALTERED],
        [SIGNATURE, KEY, ROLLED, ROOT, HEAD, TAIL],
    ),
]

_HASHER = [
    hasher(
        "A coded field, and the tree above it",
        acts.change_with_the_tree,
        SEEN,
        [ROOT, CHAIN],
        AFTER,
    ),
    hasher(
        "A coded field, and everything that follows from it: chain, tree, heads, seals",
        acts.change_with_everything,
        SEEN,
        [ROOT, ROLLED],
        [ROOT],
    ),
    hasher(
        "The same, and the checkpoints deleted that no longer hold",
        acts.change_and_delete_later_checkpoints,
        HELD | {Finder.WITNESS, Finder.TIMESTAMP},
        [ROLLED],
        [TAIL],
    ),
    hasher("A forged entry at the end, with tree and heads", acts.append_with_tree_and_heads, FILE, [TAIL]),
    hasher(
        "A forged entry in the middle, all after it numbered and hashed anew",
        acts.insert_in_the_middle,
        SEEN,
        [ROOT, ROLLED],
        [TAIL, WRONG_TEXT],
    ),
    hasher(
        "The end cut off, with tree, heads, checkpoints, anchors and the number of entries",
        acts.truncate,
        HOME | OUTSIDE,
        [ROLLED],
        (),
        "What is left was once the whole ledger: only what knows of more can tell - the signer's mark first of all.",
    ),
    hasher(
        "The end cut off, and an entry that says the log was restored",
        acts.pretend_a_restore,
        FILE | OUTSIDE,
        [ROLLED],
        [TAIL],
        "The signer goes on with a shorter log only after `checkpoint rebase`, which needs the key database.",
    ),
    hasher(
        "A session rewritten, and an entry that says the log was restored, to excuse the checkpoints",
        acts.change_and_pretend_a_restore,
        SEEN,
        [ROLLED],
        [TAIL, ROOT, WRONG_TEXT],
    ),
    hasher(
        "A session rewritten, signed with another key, and an entry that says the key was changed",
        acts.change_and_pretend_another_key,
        FILE | OUTSIDE,
        [ROLLED, TAIL],
        [SIGNATURE],
    ),
    hasher(
        "The signing key replaced; the entry that says so taken out",
        acts.take_a_change_of_keys_out,
        HOME,
        [ROLLED],
        [KEY],
        "What is left was once the whole ledger. Give the new public key to whoever has the old one.",
    ),
    hasher(
        "An entry that puts a stranger's key in force, and a checkpoint over it by the stranger",
        acts.forge_a_change_of_keys,
        FILE | {Finder.WITNESS},
        [KEY, TAIL],
        [SIGNATURE],
        "The key replaced has to sign for the one that takes over.",
    ),
]

_SWAPPER = [
    swapper(
        "The ledger file put back to an older copy",
        acts.roll_back_the_ledger,
        HOME | OUTSIDE,
        [ROLLED],
        (),
        "The older copy is sound by itself. The signer's mark shows that there was more.",
    ),
    swapper(
        "Ledger and key database put back to an older copy",
        acts.roll_back_both,
        OUTSIDE,
        (),
        (),
        "`verify` is clean: only what was given out since knows of more.",
    ),
    swapper(
        "The same, and recording goes on",
        acts.roll_back_both_and_go_on,
        OUTSIDE,
        (),
        (),
        "`verify` is clean.",
    ),
    swapper(
        "The ledger put back openly, with `checkpoint rebase`",
        acts.go_on_openly,
        OUTSIDE,
        (),
        (),
        "No fault: the log says itself that entries were lost, how many, and their root. Whoever holds something of "
        "them finds it, and finds the explanation.",
    ),
    swapper(
        "All checkpoints signed with another key, not put in place",
        acts.sign_with_a_key_not_put_in_place,
        FILE | OUTSIDE,
        [SIGNATURE, ROLLED],
        [SIGNATURE],
    ),
    swapper(
        "All checkpoints signed with another key, which is put in the key database",
        acts.sign_with_another_key,
        OUTSIDE | {Finder.ELSEWHERE},
        (),
        (),
        "`verify` knows only the key it finds. Keep the public key elsewhere, and give it with `--key`.",
    ),
    swapper(
        "A session rewritten, all hashes made anew, signed with another key put in place",
        acts.rewrite_with_another_key,
        OUTSIDE | {Finder.ELSEWHERE},
        (),
        (),
        "The same.",
    ),
    swapper(
        "The signing key replaced; a forged entry signed with the old key, which was stolen",
        acts.go_on_with_a_replaced_key,
        FILE,
        [SIGNATURE, TAIL],
        (),
        "What a replaced key signs after it was replaced counts for nothing. A witness who was not told of the new key "
        "is deceived.",
    ),
]

_KEEPER = [
    keeper(
        "A session rewritten, all hashes made anew, signed with the true key, the mark moved",
        acts.rewrite_with_the_key,
        OUTSIDE,
        (),
        (),
        "`verify` is clean: nothing inside the ledger prevents it.",
    ),
    keeper(
        "A session put in, backdated, in the same way",
        acts.insert_with_the_key,
        OUTSIDE,
        (),
        (),
        "`verify` is clean.",
    ),
    keeper(
        "A session taken out, the seal that counted it made anew",
        acts.take_an_entry_out_with_the_key,
        OUTSIDE,
        (),
        (),
        "`verify` is clean.",
    ),
    keeper(
        "What was recorded since the last anchor cut off",
        acts.truncate_with_the_key,
        RECEIPT,
        (),
        (),
        "Witness and time-stamp know nothing of it yet: that stretch is as firm as the receipts given out.",
    ),
    keeper(
        "What was recorded since the last anchor rewritten",
        acts.rewrite_the_unanchored_end,
        RECEIPT,
        (),
        (),
        "The same.",
    ),
    keeper(
        "A seal that leaves entries out, everything signed again",
        acts.lie_in_a_seal,
        FILE | OUTSIDE,
        [SEAL_ENTRY, SEAL],
        (),
        "The key does not help: a seal is measured against the entries.",
    ),
    keeper(
        "A seal that says it covers less",
        acts.lie_in_a_seal_about_its_coverage,
        FILE | OUTSIDE,
        [SEAL_ENTRY],
        [SEAL],
        "The same.",
    ),
    keeper(
        "A stream with fewer entries than a seal counted, everything signed again",
        acts.count_less_than_a_seal_said,
        FILE | OUTSIDE,
        [SEAL_ENTRY],
        [SEAL, WRONG_TEXT],
        "The same.",
    ),
    keeper(
        "Two views with one key, each shown to somebody else: copies of ledger and keys that go on differently",
        acts.show_another_view,
        OUTSIDE,
        (),
        (),
        "Each is clean by itself. A witness who is shown both has two roots for one size, signed with one key.",
    ),
]


KINDS = [*_EDITOR, *_HASHER, *_SWAPPER, *_KEEPER]
