"""Another signing key: said openly, signed for by the old one, completed or discarded wherever it is cut short."""

import subprocess
import sys
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import ConflictError, IntegrityError, ReplacedSignerError
from ledger.events.ledger import SigningKeyChanged
from ledger.integrity.note import Signer, Verifier, open_note
from ledger.proving.restoring import rebase
from ledger.proving.rotating import Rotated, rotate
from ledger.proving.signing_keys import SIGNING_KEY, STAGED
from ledger.recording.statement import Statement
from ledger.verification.verification import Question, Report, verify
from tests import desk

ROOT = Path(__file__).resolve().parents[2]


def actor(name: str) -> Statement:
    return desk.fact("ActorRegistered", actor=name, role="front-desk", may_authorise=False)


def rotated(ledger: Ledger, reason: str = "the yearly change") -> Rotated:
    return rotate(ledger.committing, ledger.sealer, reason, "director")


def opened(folder: Path) -> Ledger:
    return Ledger(desk.places(folder))


def checked(folder: Path) -> Report:
    return verify(desk.places(folder), Question())


def secret(folder: Path) -> bytes:
    """The private key in force, as it is stored."""
    with opened(folder) as ledger:
        return ledger.keys.setting(SIGNING_KEY) or b""


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    """A ledger of five entries."""
    with desk.new_ledger(tmp_path) as ledger:
        ledger.record(desk.staff())
    return tmp_path


def test_the_new_key_signs_and_the_old_one_vouches_for_it(practice: Path) -> None:
    with opened(practice) as ledger:
        before, last = ledger.committing.signer.verifier, ledger.committing.signer.mark()

        done = rotated(ledger)

        event = ledger.entries.stream("ledger", None)[-1][1].event
        assert isinstance(event, SigningKeyChanged)
        assert last is not None
        assert (event.replaced, event.verifier) == (before.vkey, ledger.committing.signer.verifier.vkey)
        assert (event.last_size, event.last_root) == (last.size, last.root.hex())
        assert event.reason == "the yearly change"
        assert (done.position, done.signed.size, done.traces) == (6, 6, False)
        assert len(open_note(done.signed.note, [before, done.verifier]).verified) == 2
        kept = ledger.recorder.checkpoint_of(6)
        assert kept is not None
        assert kept.note == done.signed.note

        recorded = ledger.record([actor("after")])
        assert recorded.checkpoint is not None
        assert [one.key_id for one in open_note(recorded.checkpoint.note, [done.verifier]).verified]
        with pytest.raises(IntegrityError, match="no signature by a known key"):
            open_note(recorded.checkpoint.note, [before])
    assert checked(practice).sound


def test_nothing_of_the_old_private_key_is_left(practice: Path) -> None:
    old = secret(practice)
    seed = old.split(b"+", 4)[4]  # base64 may hold the sign, too

    with opened(practice) as ledger:
        rotated(ledger)
        there = {file.name: file.read_bytes() for file in practice.iterdir() if file.is_file()}

    assert old.startswith(b"PRIVATE+KEY+")
    assert [name for name, content in there.items() if seed in content] == []


def test_another_process_signs_with_the_new_key_as_soon_as_it_is_there(practice: Path) -> None:
    with opened(practice) as ledger, opened(practice) as other:
        other.record([actor("before")])
        done = rotated(ledger)

        recorded = other.record([actor("after")])

        assert recorded.checkpoint is not None
        assert open_note(recorded.checkpoint.note, [done.verifier]).verified
        assert rotated(other).replaced == done.verifier
    assert checked(practice).sound


def test_of_two_rotations_at_once_one_is_told(practice: Path) -> None:
    with opened(practice) as ledger, opened(practice) as other:
        old = other.committing.signer.verifier
        done = rotated(ledger)
        # When the other has looked at the key before, and comes to the lock after
        with pytest.raises(ConflictError, match="was replaced meanwhile") as told:
            _rotate_from(other, old)

        assert f"{done.verifier.key_id:08x}" in str(told.value)
        assert ledger.recorder.last_position() == done.position
        assert other.record([actor("after")]).checkpoint is not None
    assert checked(practice).sound


def _rotate_from(ledger: Ledger, old: Verifier) -> None:
    """As `rotate` does once it has the log's lock, having seen `old` before."""
    with ledger.committing.writing():
        ledger.committing.signer.sign(ledger.recorder)
        ledger.committing.signer.keys.stage(old)


def test_an_empty_reason_leaves_nothing_behind(practice: Path) -> None:
    with opened(practice) as ledger:
        before = ledger.committing.signer.verifier
        with pytest.raises(Exception, match="reason"):
            rotated(ledger, "")
        ledger.record([actor("after")])

        assert ledger.committing.signer.verifier == before
        assert ledger.keys.setting(STAGED) is None


# -- killed at each step ----------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from ledger.application import Ledger
from ledger.proving import rotating
from ledger.proving.committing import Committing
from ledger.proving.signing_keys import SigningKeys
from tests import desk

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

place, name = {where}
setattr(place, name, killed)
with Ledger(desk.places(Path(sys.argv[1]))) as ledger:
    rotating.rotate(ledger.committing, ledger.sealer, "the yearly change", "director")
"""


@pytest.mark.parametrize(
    ("where", "recorded"),
    [
        ('rotating, "append_own"', False),
        ('Committing, "after"', True),
        ('Committing, "keep"', True),
        ('SigningKeys, "forget_handover"', True),
    ],
    ids=["staged", "recorded", "signed", "kept"],
)
def test_killed_at_any_step_it_is_completed_or_discarded(where: str, recorded: bool, practice: Path) -> None:
    # Given a process that died at this step
    old = Signer.parse(secret(practice).decode())
    child = subprocess.run(
        [sys.executable, "-c", KILLED.format(where=where), str(practice)],
        check=False,
        capture_output=True,
        cwd=ROOT,
    )
    assert child.returncode == -9, child.stderr.decode()

    # When the next one records
    with opened(practice) as ledger:
        ledger.record([actor("after")])
        held = ledger.committing.signer.keys.held()
        new = ledger.committing.signer.verifier
    with opened(practice) as ledger:
        handover = ledger.recorder.checkpoint_of(6)

    # Then the change is complete, or never was; nothing of either is left, and everything is signed
    assert (held.staged, held.handover) == (None, None)
    assert handover is not None
    assert (new != old.verifier) == recorded
    assert len(open_note(handover.note, {old.verifier, new}).verified) == (2 if recorded else 1)
    there = b"".join(file.read_bytes() for file in practice.iterdir() if file.is_file())
    assert (old.skey.split("+", 4)[4].encode() in there) == (not recorded)
    report = checked(practice)
    assert report.sound, report.faults
    assert report.size == (7 if recorded else 6)


def test_a_change_that_was_not_signed_is_completed_by_whoever_signs_next(
    practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(practice) as ledger, opened(practice) as other:
        old = other.committing.signer.verifier
        with monkeypatch.context() as patch:
            patch.setattr(ledger.committing, "after", lambda: None)
            with pytest.raises(ConflictError, match="recorded, as entry 6, but not signed yet"):
                rotated(ledger)

        recorded = other.record([actor("other")])

        assert recorded.checkpoint is not None
        new = other.committing.signer.verifier
        assert new != old
        assert len(open_note(recorded.checkpoint.note, [old, new]).verified) == 2
        assert other.recorder.checkpoint_of(7) is not None
        assert ledger.record([actor("first")]).checkpoint is not None
    assert checked(practice).sound


BUSY = """
import sys
from pathlib import Path
from ledger.application import Ledger
from ledger.errors import ConflictError
from ledger.proving.rotating import rotate
from tests import desk

name, done = sys.argv[2], 0
with Ledger(desk.places(Path(sys.argv[1]))) as ledger:
    for number in range(12):
        if number % 4 == 3:
            try:
                done += rotate(ledger.committing, ledger.sealer, f"by {name}", "director").position > 0
            except ConflictError as told:
                print(told)
        actor = f"{name}-{number}"
        ledger.record([desk.fact("ActorRegistered", actor=actor, role="front-desk", may_authorise=False)])
print("rotated", done)
"""


def test_processes_that_record_and_rotate_at_once_lose_nothing(practice: Path) -> None:
    first = Signer.parse(secret(practice).decode()).verifier
    children = [
        subprocess.Popen(
            [sys.executable, "-c", BUSY, str(practice), name], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for name in ("a", "b", "c")
    ]
    said = [child.communicate(timeout=100)[0] for child in children]

    # Then every entry is there, every checkpoint by the key in force, and each key signed for the next
    assert [child.returncode for child in children] == [0, 0, 0]
    changes = sum(int(one.rsplit(maxsplit=1)[1]) for one in said)
    assert changes >= 3
    report = checked(practice)
    assert report.sound, report.faults
    assert len(report.signing_keys) == changes + 1
    assert report.size == 5 + 36 + changes
    desk.places(practice).keys.unlink()
    alone = verify(desk.places(practice), Question(verifiers=[first]))
    assert alone.sound, alone.faults
    assert alone.checkpoints_unchecked == 0


# -- older copies -----------------------------------------------------------------------------------------


def test_an_older_copy_of_the_key_database_signs_nothing(practice: Path) -> None:
    keys = desk.places(practice).keys
    older = keys.read_bytes()
    with opened(practice) as ledger:
        new = rotated(ledger).verifier
    keys.write_bytes(older)

    # When it comes back, nothing is signed with the key that was replaced
    with opened(practice) as ledger:
        with pytest.raises(ReplacedSignerError, match="was replaced: entry 6"):
            ledger.record([actor("after")])
        assert ledger.recorder.last_position() == 6

        # And going on openly takes a key of its own, not that one
        rebase(ledger.committing, ledger.sealer, "an older key database", "the newest is lost", "director")
        event = ledger.entries.stream("ledger", None)[-1][1].event
        assert isinstance(event, SigningKeyChanged)
        assert event.replaced == new.vkey
        assert event.verifier == ledger.committing.signer.verifier.vkey
        assert ledger.record([actor("after")]).checkpoint is not None
    assert checked(practice).sound


def test_a_copy_of_the_ledger_from_before_says_both(practice: Path) -> None:
    database = Path(desk.places(practice).place)
    older = database.read_bytes()
    with opened(practice) as ledger:
        old = rotated(ledger).replaced
    database.write_bytes(older)

    with opened(practice) as ledger:
        with pytest.raises(IntegrityError, match="older copy"):
            ledger.record([actor("after")])
        rebase(ledger.committing, ledger.sealer, "the backup of Monday", "disk failure", "director")

        last = [entry.event for _, entry in ledger.entries.stream("ledger", None)][-2:]
        assert [type(event).__name__ for event in last] == ["LogRestored", "SigningKeyChanged"]
        assert isinstance(last[1], SigningKeyChanged)
        assert last[1].replaced == old.vkey
        assert ledger.record([actor("after")]).checkpoint is not None
    assert checked(practice).sound
