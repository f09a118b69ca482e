"""The campaign: each kind of tampering is found by exactly those whom the page names, at the right place."""

import subprocess
import sys
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import ProofError
from ledger.integrity.note import Signer, Verifier
from ledger.integrity.proof import Receipt
from ledger.integrity.witness import Kind as Refusal
from ledger.integrity.witness import RefusedCheckpointError, consider
from ledger.verification.faults import Kind
from ledger.verification.held import Held
from ledger.verification.verification import Question, verify
from tests import desk
from tests.commands.program import Program
from tests.tampering import acts, table
from tests.tampering.examining import Finder, against, anchors_say, examine
from tests.tampering.hand import Hand, entries, rewrite
from tests.tampering.kinds import KINDS, NOBODY, Tampering
from tests.tampering.practice import LEDGER, Practice, asking, cosign, held, opened

ROOT = Path(__file__).resolve().parents[2]
WHOLE = (
    "stored_events",
    "disclosures",
    "sources",
    "tree",
    "stream_heads",
    "map_nodes",
    "seals",
    "checkpoints",
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_is_found_by_whom_the_page_says_and_by_nobody_else(
    kind: Tampering, practice: Practice, tmp_path: Path
) -> None:
    folder = practice.copied(tmp_path / "practice")

    places = kind.act(Hand(practice, folder))

    examined = examine(practice, folder, tmp_path / "elsewhere")
    assert set(examined.found) == kind.found_by, examined.found
    named = [(one.table, one.position, one.kind) for one in examined.faults]
    for (of_table, fault), place in zip(kind.faults, places, strict=True):
        assert (of_table, place, fault) in named
    told = {(of_table, fault) for of_table, _, fault in named}
    assert told <= {*kind.faults, *kind.also}


def test_an_untouched_ledger_is_found_sound_by_all(practice: Practice, tmp_path: Path) -> None:
    folder = practice.copied(tmp_path / "practice")

    assert examine(practice, folder, tmp_path / "elsewhere") == ((), {})


def test_there_are_enough_kinds_and_each_is_told_once() -> None:
    assert len(KINDS) >= 35
    assert len({kind.act for kind in KINDS}) == len({kind.what for kind in KINDS if kind.what != "The same"})
    assert len({kind.act for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert bool(kind.faults) == (Finder.VERIFY in kind.found_by)
        assert kind.remark or Finder.VERIFY in kind.found_by, f"{kind.name}: say what it means"


def test_hashes_made_anew_by_hand_are_the_programs_own(practice: Practice, tmp_path: Path) -> None:
    """What the campaign rests on: a rewrite that changes nothing gives every row as it was."""
    hand = Hand(practice, practice.copied(tmp_path / "practice"))
    before = {name: hand.ask(f"SELECT * FROM {name}") for name in WHOLE}

    with hand.database() as database:
        rewrite(database, entries(database))

    for name in WHOLE:
        assert sorted(hand.ask(f"SELECT * FROM {name}")) == sorted(before[name])


# -- what takes more than one look ------------------------------------------------------------------------


def test_another_key_beside_its_ledger_is_shown_by_the_public_key_kept_elsewhere(
    practice: Practice, tmp_path: Path
) -> None:
    hand = Hand(practice, practice.copied(tmp_path / "practice"))
    acts.sign_with_another_key(hand)
    places = desk.places(hand.folder)

    assert verify(places, Question()).sound
    kept = verify(places, Question(verifiers=[Verifier.parse(practice.key)]))

    assert {fault.kind for fault in kept.faults} >= {Kind.CHECKPOINT_SIGNATURE}


def test_two_ledgers_with_one_key_are_each_sound_and_not_part_of_each_other(
    practice: Practice, tmp_path: Path
) -> None:
    """Given ledger and keys copied, when both copies go on, each alone is sound, and receipts tell them apart."""
    one, other = practice.copied(tmp_path / "one"), practice.copied(tmp_path / "other")
    receipts = {}
    for folder, session in ((one, 6), (other, 7)):
        with opened(folder) as ledger:
            done = ledger.record([held(session)])
            assert done.checkpoint is not None
            receipts[folder] = Held.of_receipt(ledger.receipt(done.positions, done.checkpoint).format())

    for folder, stranger in ((one, other), (other, one)):
        assert verify(desk.places(folder), Question()).sound
        assert against(folder, receipts[folder]) == ()
        assert {fault.kind for fault in against(folder, receipts[stranger])} == {Kind.HELD}
        assert against(folder, Held.of_receipt(practice.receipt)) == ()


def test_a_view_shown_to_another_witness_is_proof_once_the_two_compare(
    practice: Practice, tmp_path: Path
) -> None:
    hand = Hand(practice, practice.copied(tmp_path / "practice"))
    acts.show_another_view(hand)
    log = Verifier.parse(practice.key)
    with opened(hand.folder) as ledger:
        shown = asking(ledger, None)

    bob = cosign(shown, log, None, practice.witness)  # who has seen nothing, cosigns

    with pytest.raises(RefusedCheckpointError) as refused:
        consider(shown, log, practice.seen)
    assert refused.value.kind is Refusal.SPLIT_VIEW
    assert bob.size == practice.seen.size
    assert bob.root != practice.seen.root


@pytest.mark.parametrize("act", [acts.change_a_cosignatures_signature, acts.change_a_timestamps_signature])
def test_an_altered_anchor_is_found_by_whoever_knows_who_gave_it(
    act: acts.Act, practice: Practice, tmp_path: Path
) -> None:
    hand = Hand(practice, practice.copied(tmp_path / "practice"))
    assert len(anchors_say(practice, hand.folder / LEDGER)) == 3

    act(hand)

    with pytest.raises(ProofError):
        anchors_say(practice, hand.folder / LEDGER)


def test_receipts_of_what_was_before_the_tampering_still_hold(practice: Practice, tmp_path: Path) -> None:
    """A receipt proves what it covers and no more: the end rewritten does not touch an older one."""
    hand = Hand(practice, practice.copied(tmp_path / "practice"))
    acts.rewrite_the_unanchored_end(hand)

    assert against(hand.folder, Held.of_receipt(practice.first_receipt)) == ()
    assert against(hand.folder, Held.of_receipt(practice.receipt)) != ()


def test_a_receipt_needs_no_ledger_and_names_its_key(practice: Practice) -> None:
    receipt = Receipt.parse(practice.receipt)

    assert receipt.check([Verifier.parse(practice.key)]).size == practice.end
    stranger = Signer.generate(Verifier.parse(practice.key).name).verifier
    with pytest.raises(ProofError):
        receipt.check([stranger])


def test_nothing_more_is_recorded_in_an_older_copy(practice: Practice, tmp_path: Path) -> None:
    hand = Hand(practice, practice.copied(tmp_path / "practice"))
    acts.roll_back_the_ledger(hand)

    with Ledger(desk.places(hand.folder)) as ledger, pytest.raises(Exception, match="a checkpoint over"):
        ledger.record([held(6)])


# -- through the command, as people do --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "options", "code"),
    [
        (None, (), 0),
        (None, ("--receipt", "receipt"), 0),
        (None, ("--checkpoint", "checkpoint"), 0),
        (acts.change_a_field, (), 4),
        (acts.change_with_everything, (), 4),
        (acts.roll_back_the_ledger, (), 4),
        (acts.roll_back_both, (), 0),
        (acts.roll_back_both, ("--receipt", "receipt"), 4),
        (acts.roll_back_both, ("--checkpoint", "checkpoint"), 4),
        (acts.rewrite_with_the_key, (), 0),
        (acts.rewrite_with_the_key, ("--receipt", "receipt"), 4),
        (acts.sign_with_another_key, (), 0),
        (acts.sign_with_another_key, ("--key", "key"), 4),
        (acts.sign_with_another_key, ("--receipt", "receipt"), 4),
    ],
)
def test_the_command_says_so_with_its_exit_code(
    act: acts.Act | None,
    options: tuple[str, ...],
    code: int,
    practice: Practice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hand = Hand(practice, practice.copied(tmp_path / "practice"))
    if act is not None:
        act(hand)
    held_outside = {"receipt": practice.receipt, "checkpoint": practice.checkpoint}
    for name, text in held_outside.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    program = Program(tmp_path, monkeypatch, capsys)
    program.url = desk.places(hand.folder).url
    given = [
        practice.key if one == "key" else str(tmp_path / one) if one in held_outside else one
        for one in options
    ]

    done = program("verify", "--json", *given)

    assert done.code == code, done.told
    if done.out:
        assert done.json["sound"] == (code == 0)


def test_the_program_itself_finds_it(practice: Practice, tmp_path: Path) -> None:
    hand = Hand(practice, practice.copied(tmp_path / "practice"))
    acts.change_a_field(hand)

    command = [sys.executable, str(ROOT / "cli.py"), "--ledger", desk.places(hand.folder).url, "verify"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 4
    assert "altered-entry" in done.stdout
    assert "Traceback" not in done.stderr


# -- the page ---------------------------------------------------------------------------------------------


def test_the_page_is_current() -> None:
    assert table.main(["--check"]) == 0


def test_the_page_names_what_nobody_finds() -> None:
    page = "\n".join(table.page())

    for kind in KINDS:
        assert kind.what in page
        if kind.found_by == NOBODY:
            assert kind.remark in page
