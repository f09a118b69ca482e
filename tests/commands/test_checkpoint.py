"""`checkpoint`: what people see of the signed heads, what they give away, what they get back from witnesses."""

import os
import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.application import Ledger
from ledger.errors import KeyDatabaseError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import CosignerSigner
from ledger.integrity.note import Verifier, countersign, open_note, sign
from ledger.integrity.proof import Completeness
from ledger.keys.database import KeyDatabase
from ledger.places import Places
from ledger.proving.signing import CheckpointSigner
from tests.commands.program import Done, Program

ACTOR = ("record", "actor-registered", "--role", "front-desk", "--no-may-authorise", "--actor")
NUMBER_TOO_LARGE = "9" * 25


@pytest.fixture
def practice(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A practice, the program run in its folder, so that files have short names."""
    monkeypatch.chdir(program.folder)
    return program


@pytest.fixture
def sealed(practice: Program) -> Program:
    practice.good("checkpoint", "seal")
    return practice


def record(program: Program, name: str) -> Done:
    return program.good(*ACTOR, name)


def size(program: Program) -> int:
    found = program.good("checkpoint", "show", "--json").json["size"]
    assert isinstance(found, int)
    return found


def key(program: Program) -> str:
    return str(program.good("checkpoint", "show", "--json").json["key"])


def opened(program: Program, text: str) -> Checkpoint:
    return Checkpoint.parse(open_note(text, [Verifier.parse(key(program))]).text)


def back_to(program: Program, copied: bytes) -> None:
    """Puts an older copy of the ledger, not of its keys, in its place."""
    (program.folder / "ledger.db").write_bytes(copied)


def copy(program: Program) -> bytes:
    return (program.folder / "ledger.db").read_bytes()


def assert_narrow(done: Done) -> None:
    """No line is wider than 80, but for a key, a hash or a signature that cannot be broken."""
    for line in (done.out + done.err).splitlines():
        assert len(line) <= 80 or any(len(word) > 44 for word in line.split()), line


# -- looking ----------------------------------------------------------------------------------------------


def test_list(sealed: Program) -> None:
    record(sealed, "after")

    done = sealed.good("checkpoint", "list")

    assert_narrow(done)
    lines = done.out.splitlines()
    assert lines[0].split() == ["entries", "root", "sealed", "anchors"]
    assert [line.split()[0] for line in lines[1:] if "yes" in line] == [str(size(sealed) - 1)]
    document = sealed.good("checkpoint", "list", "--json").json
    assert document["checkpoints"][-1].keys() == {"size", "root", "sealed", "anchors"}
    assert [one["size"] for one in document["checkpoints"]] == sorted(
        int(line.split()[0]) for line in lines[1:]
    )
    assert [one["size"] for one in document["checkpoints"] if one["sealed"]] == [size(sealed) - 1]
    assert all(len(one["root"]) == 64 and one["anchors"] == [] for one in document["checkpoints"])


def test_a_long_list_shows_the_last_and_says_how_to_see_all(practice: Program) -> None:
    ledger = Ledger(Places.of(practice.url))
    try:
        row = ledger.recorder.last_checkpoint()
        assert row is not None
        with ledger.recorder.bulk() as writer:  # more of one size: nothing else grows a list so fast
            for number in range(25):
                writer.keep_checkpoint(row.size, row.note + f"— again-{number} AAAAAAAA\n")
    finally:
        ledger.close()

    done = practice.good("checkpoint", "list")

    assert len(done.out.splitlines()) == 1 + 20 + 1
    assert "older ones: --all" in done.out
    assert len(practice.good("checkpoint", "list", "--all").out.splitlines()) > 26
    assert len(practice.good("checkpoint", "list", "--json").json["checkpoints"]) > 25


def test_show(sealed: Program) -> None:
    done = sealed.good("checkpoint", "show")

    document = sealed.good("checkpoint", "show", "--json").json
    assert_narrow(done)
    assert f"Checkpoint over {document['size']} entries, sealed" in done.out
    assert document["note"].rstrip("\n") in done.out
    assert document["key"] in done.out
    assert "Outside anchors: 0 cosignatures, 0 time-stamps" in done.out
    assert document.keys() == {"size", "root", "sealed", "note", "key", "anchors"}
    assert document["sealed"] is True
    assert opened(sealed, document["note"]).root.hex() == document["root"]


def test_show_an_older_one(sealed: Program) -> None:
    older = size(sealed) - 1

    assert f"Checkpoint over {older} entries\n" in sealed.good("checkpoint", "show", str(older)).out


def test_under_a_former_key_show_gives_no_key_that_does_not_fit(sealed: Program) -> None:
    former = size(sealed)
    for name in ("ledger.keys", "ledger.role"):
        (sealed.folder / name).unlink()
    KeyDatabase.create(sealed.folder / "ledger.keys", sealed.folder / "ledger.role").close()
    sealed.good("checkpoint", "rebase", "--restored", "new keys", "--reason", "lost", "--yes")

    assert sealed.good("checkpoint", "show", str(former), "--json").json["key"] is None
    assert (
        "of another key than the ledger tells of in full"
        in sealed.good("checkpoint", "show", str(former)).told
    )
    assert opened(sealed, sealed.good("checkpoint", "show", "--json").json["note"]).size == former + 1


@pytest.mark.parametrize("command", [("show",), ("export",)])
@pytest.mark.parametrize("asked", ["1", "0", "-5", "100000", NUMBER_TOO_LARGE])
def test_a_checkpoint_that_is_not_there(practice: Program, command: tuple[str], asked: str) -> None:
    done = practice("checkpoint", *command, "--", asked)

    assert done.code == 5
    assert f"no checkpoint over {asked} entries is kept" in done.told
    assert "checkpoint list" in done.told
    assert ("the next one covers 2" in done.told) == (asked in {"0", "1"})


@pytest.mark.parametrize(
    "call",
    [
        ("show", "x"),
        ("seal", "--no-such-option"),
        ("prove",),
        ("verify",),
        ("attach",),
        ("attach", "nowhere"),
        ("verify", "--policy", "nowhere"),
        ("verify", "--policy", "."),
        ("rebase", "--reason", "x"),
        ("export", "-o", "."),
    ],
)
def test_a_call_that_cannot_be_answered(practice: Program, call: tuple[str, ...]) -> None:
    assert practice("checkpoint", *call).code == 2


# -- giving away ------------------------------------------------------------------------------------------


def test_export(sealed: Program) -> None:
    done = sealed.good("checkpoint", "export", "-o", "checkpoint.txt")

    text = (sealed.folder / "checkpoint.txt").read_text()
    assert_narrow(done)
    assert done.out == ""
    assert done.err == f"Written to checkpoint.txt: checkpoint over {size(sealed)} entries.\n"
    assert opened(sealed, text).size == size(sealed)
    assert sealed.good("checkpoint", "export").out == text
    assert sealed.good("checkpoint", "export", "--json").json == {
        "size": size(sealed),
        "since": None,
        "text": text,
    }


def test_export_for_a_witness(sealed: Program) -> None:
    now = size(sealed)

    first = sealed.good("checkpoint", "export", "--since", "0").out
    later = sealed.good("checkpoint", "export", "--since", "2").out

    assert first.startswith("old 0\n\n")
    assert later.startswith("old 2\n")
    assert later.endswith(sealed.good("checkpoint", "export").out)
    assert sealed.good("checkpoint", "export", "--since", "2", "--json").json["since"] == 2
    assert sealed("checkpoint", "export", "--since", str(now + 1)).code == 5
    assert sealed("checkpoint", "export", "--since", "-1").code == 5
    assert sealed("checkpoint", "export", "--since", NUMBER_TOO_LARGE).code == 5
    assert sealed("checkpoint", "export", "2", "--since", str(now)).code == 5


@pytest.mark.parametrize(
    "place",
    ["nowhere/x", "ledger.db/x", "", "x" * 300, "checkpoint.d", "ledger.db", "./ledger.keys", "ledger.role"],
)
def test_what_cannot_be_written_is_told(sealed: Program, place: str) -> None:
    (sealed.folder / "checkpoint.d").mkdir()
    before = {path: path.read_bytes() for path in sealed.folder.iterdir() if path.suffix in {".db", ".role"}}

    for call in (("export",), ("prove", "ledger")):
        done = sealed("checkpoint", *call, "-o", place)
        assert done.code == 2
        assert done.err
        assert "Written" not in done.told
    assert all(path.read_bytes() == content for path, content in before.items())
    assert not list(sealed.folder.glob(".*.new"))


def test_the_ledger_s_own_files_are_not_written_over_under_another_name_either(sealed: Program) -> None:
    (sealed.folder / "link").symlink_to("ledger.db")
    (sealed.folder / "hard").hardlink_to(sealed.folder / "ledger.role")

    for place in ("link", "hard", "ledger.db-wal"):
        done = sealed("checkpoint", "export", "-o", place)
        assert (done.code, "one of the ledger's own files" in done.told) == (2, True)
    sealed.good("checkpoint", "show")


def test_a_long_name_is_a_name(sealed: Program) -> None:
    sealed.good("checkpoint", "export", "-o", "x" * 250)

    assert (sealed.folder / ("x" * 250)).read_text() == sealed.good("checkpoint", "export").out


def test_a_pipe_is_written_to_and_not_replaced(sealed: Program) -> None:
    os.mkfifo(sealed.folder / "pipe")
    reading = os.open(sealed.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        sealed.good("checkpoint", "export", "-o", "pipe")
        assert os.read(reading, 10_000).decode() == sealed.good("checkpoint", "export").out
    finally:
        os.close(reading)
    assert (sealed.folder / "pipe").is_fifo()


# -- sealing and proving ----------------------------------------------------------------------------------


def test_seal(practice: Program) -> None:
    before = size(practice)

    done = practice.good("checkpoint", "seal")

    assert_narrow(done)
    assert f"Sealed: {before + 1} entries" in done.out
    document = practice.good("checkpoint", "seal", "--json").json
    assert document.keys() == {"size", "root", "note"}
    assert document["size"] == before + 1
    assert opened(practice, document["note"]).root.hex() == document["root"]
    assert practice.stream("ledger")[-1].type == "StreamIndexCommitted"


def test_seal_is_signed_for_by_who_seals(practice: Program) -> None:
    practice.good("checkpoint", "seal", "--as", "director")

    assert practice.stream("ledger")[-1].by == "director"


def test_a_seal_that_cannot_be_signed_now_is_said_to_be_recorded(
    practice: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = practice.count()

    def gone(*_: object) -> None:
        raise KeyDatabaseError("ledger.keys", "the stick was pulled out")

    with monkeypatch.context() as patched:
        patched.setattr(CheckpointSigner, "sign", gone)
        done = practice("checkpoint", "seal")

    assert done.code == 6
    assert f"the seal is recorded, as entry {before + 1}, but not signed yet" in done.told
    assert practice.count() == before + 1
    assert practice.good("checkpoint", "list", "--json").json["checkpoints"][-1]["sealed"] is True


def test_where_others_keep_recording_it_is_told(practice: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.proving.index.ATTEMPTS", 0)

    done = practice("checkpoint", "seal")

    assert (done.code, "others kept recording" in done.told) == (6, True)


@pytest.mark.parametrize("actor", ["", "a b", "\x07", "x" * 200])
def test_a_bad_actor_seals_nothing(practice: Program, actor: str) -> None:
    before = practice.count()

    done = practice("checkpoint", "seal", "--as", actor)

    if actor:  # none named is the operating-system user
        assert done.code in {2, 5}
        assert practice.count() == before


def test_prove_and_verify(sealed: Program) -> None:
    assert_narrow(sealed.good("checkpoint", "prove", "practitioner/P-1", "-o", "proof.json"))

    done = sealed.good("receipt", "verify", "proof.json", "--key", key(sealed))
    assert_narrow(done)
    assert "At this seal practitioner/P-1 had 2 entries and no others." in done.told
    bare = sealed.good("receipt", "verify", "proof.json")
    assert_narrow(bare)
    assert "The signer is not verified" in bare.told
    document = sealed.good("receipt", "verify", "proof.json", "--key", key(sealed), "--json").json
    assert document.keys() == {
        *("holds", "signer_verified", "verifier", "stream", "count", "leaf_hashes", "checkpoint"),
    }
    assert (document["holds"], document["count"]) == (True, 2)


def test_prove_prints_the_proof_itself(sealed: Program) -> None:
    for options in ((), ("--json",)):
        proof = Completeness.parse(sealed.good("checkpoint", "prove", "C-1", *options).out)
        assert (proof.stream, proof.count) == ("client/C-1", 0)
    both = sealed.good("checkpoint", "prove", "C-1", "--json", "-o", "proof.json")
    assert both.out == (sealed.folder / "proof.json").read_text()


def test_prove_says_what_was_absent(sealed: Program) -> None:
    done = sealed.good("checkpoint", "prove", "C-1", "-o", "proof.json")

    assert done.err == "Written to proof.json: proof that there was no client/C-1.\n"
    told = sealed.good("receipt", "verify", "proof.json", "--key", key(sealed)).told
    assert "At this seal client/C-1 was not there." in told


def test_prove_before_any_seal(practice: Program) -> None:
    done = practice("checkpoint", "prove", "C-1")

    assert done.code == 5
    assert "checkpoint seal" in done.told


@pytest.mark.parametrize("stream", ["", "client/\udcff", "client/\x1b[31m", "a\nb"])
def test_no_stream_can_be_named_so(sealed: Program, stream: str) -> None:
    done = sealed("checkpoint", "prove", stream)

    assert (done.code, done.out) == (5, "")
    assert "no stream can be named" in done.told
    assert "\x1b" not in done.err


def test_a_changed_proof_is_refused(sealed: Program) -> None:
    text = sealed.good("checkpoint", "prove", "practitioner/P-1").out
    changed = sealed.file("proof.json", text.replace("practitioner/P-1", "practitioner/P-2"))

    assert sealed("receipt", "verify", changed, "--key", key(sealed)).code == 4


# -- after a restore --------------------------------------------------------------------------------------


@pytest.fixture
def restored(practice: Program) -> Program:
    """An older copy in the ledger's place: two entries that were signed are missing."""
    copied = copy(practice)
    record(practice, "lost-1")
    record(practice, "lost-2")
    back_to(practice, copied)
    return practice


REBASE = ("checkpoint", "rebase", "--restored", "backup of 2 March", "--reason", "disk failure")


def test_an_older_copy_is_not_gone_on_with_until_it_is_said(restored: Program) -> None:
    for call in ((*ACTOR, "x"), (*ACTOR, "x", "--json"), ("checkpoint", "seal")):
        refused = restored(*call)
        assert refused.code == 4
        assert "engagement-ledger checkpoint rebase" in refused.told
        assert "Nothing was recorded" in refused.told
    before = restored.count()

    done = restored.good(*REBASE, "--yes")

    assert_narrow(done)
    assert f"The ledger goes on from {before + 1} entries, and says so." in done.told
    entry = restored.stream("ledger")[-1]
    assert entry.type == "LogRestored"
    assert (entry.event.restored, entry.event.last_size) == ("backup of 2 March", before + 2)
    record(restored, "after")
    restored.good("checkpoint", "seal")
    restored.good("checkpoint", "prove", "ledger")


def test_rebase_in_json(restored: Program) -> None:
    document = restored.good(*REBASE, "--json").json

    assert document.keys() == {"size", "root", "note"}
    assert opened(restored, document["note"]).size == document["size"] == restored.count()


def test_rebase_asks_first(restored: Program) -> None:
    before = restored.count()

    refused = restored(*REBASE, stdin="n\n")

    assert_narrow(refused)
    assert f"{before + 2} entries were signed, the ledger holds {before}" in refused.told
    assert (refused.code, restored.count()) == (130, before)
    assert restored(*REBASE).code == 130
    restored.good(*REBASE, stdin="y\n")
    assert restored.count() == before + 1


@pytest.mark.parametrize("options", [(), ("--yes",), ("--json",)])
def test_there_is_nothing_to_rebase_and_nothing_is_asked(practice: Program, options: tuple[str, ...]) -> None:
    before = practice.count()

    done = practice(*REBASE, *options)

    assert done.code == 2
    assert "nothing to rebase" in done.told
    assert "Go on" not in done.told
    assert practice.count() == before


@pytest.mark.parametrize("text", ["", "\x07", "\udcff"])
def test_a_bad_reason_rebases_nothing(restored: Program, text: str) -> None:
    before = restored.count()

    done = restored("checkpoint", "rebase", "--restored", "backup", "--reason", text, "--yes")

    assert done.code in {2, 5}
    assert restored.count() == before
    assert restored(*ACTOR, "x").code == 4


# -- witnesses --------------------------------------------------------------------------------------------


class Witnesses:
    """Ann, Bob and Cas, each with a state file, and a practice that asks two of them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.keys = {
            name: program.good("witness", "init", name, "--name", f"example.org/{name}", "--json").json[
                "vkey"
            ]
            for name in ("ann", "bob", "cas")
        }
        self.log = key(program)
        lines = [f"witness {name} {vkey}" for name, vkey in self.keys.items()]
        self.policy = program.file(
            "policy", "\n".join([f"log {self.log}", *lines, "group two 2 ann bob cas", "quorum two", ""])
        )

    def cosign(self, name: str, since: int = 0, log: Program | None = None) -> Done:
        """What a witness says of the newest checkpoint."""
        (log or self.program).good("checkpoint", "export", "--since", str(since), "-o", str(self.request))
        return self.program("witness", "cosign", name, str(self.request), "--log-key", self.log)

    @property
    def request(self) -> Path:
        return self.program.folder / "request"

    def attached(self, name: str, since: int = 0) -> Done:
        done = self.cosign(name, since)
        assert done.code == 0, done.err
        return self.program.good("checkpoint", "attach", self.program.file("cosigned", done.out))

    def verify(self, *options: str) -> Done:
        return self.program("checkpoint", "verify", *options, "--policy", self.policy)


@pytest.fixture
def witnesses(sealed: Program) -> Witnesses:
    return Witnesses(sealed)


def test_two_of_three_witnesses(witnesses: Witnesses) -> None:
    now = size(witnesses.program)
    none = witnesses.verify()
    assert (none.code, "The policy is NOT met." in none.out) == (4, True)
    assert "none that the policy lists" in none.told

    kept = witnesses.attached("ann")
    one = witnesses.verify()
    witnesses.attached("bob")
    two = witnesses.verify()

    assert_narrow(kept)
    assert f"Kept with the checkpoint over {now} entries: example.org/ann" in kept.told
    assert (one.code, "The policy is NOT met." in one.out, "ann" in one.out) == (4, True, True)
    assert (two.code, "The policy is met." in two.out) == (0, True)
    for done in (none, one, two):
        assert_narrow(done)
        assert f"Checkpoint over {now} entries" in done.told
    document = witnesses.verify("--json").json
    assert document.keys() == {"size", "root", "log", "cosigned", "quorum_met", "accepted"}
    assert (document["accepted"], document["cosigned"].keys()) == (True, {"ann", "bob"})
    assert document["log"] == witnesses.log


def test_what_was_cosigned_goes_out_again(witnesses: Witnesses) -> None:
    witnesses.attached("ann")
    witnesses.attached("cas")

    text = witnesses.program.good("checkpoint", "export").out

    given = witnesses.program.file("given", text)
    assert text.count("— example.org/") == 2
    assert witnesses.verify(given).code == 0
    shown = witnesses.program.good("checkpoint", "show")
    assert "2 cosignatures, 0 time-stamps" in shown.told
    assert text.rstrip("\n") in shown.out
    assert "2 cosignatures" in witnesses.program.good("checkpoint", "list").told
    listed = witnesses.program.good("checkpoint", "list", "--json").json["checkpoints"]
    assert listed[-1]["anchors"] == ["cosignature", "cosignature"]


def test_the_newest_that_was_cosigned_is_meant(witnesses: Witnesses) -> None:
    then = size(witnesses.program)
    witnesses.attached("ann")
    witnesses.attached("bob")
    record(witnesses.program, "later")

    assert f"Checkpoint over {then} entries" in witnesses.verify().told
    assert witnesses.verify().code == 0

    witnesses.attached("ann", then)
    witnesses.attached("bob", then)
    assert f"Checkpoint over {size(witnesses.program)} entries" in witnesses.verify().told


def test_attached_twice_it_is_kept_once(witnesses: Witnesses) -> None:
    witnesses.attached("ann")
    again = witnesses.program.good("checkpoint", "attach", "cosigned", "--json").json

    assert again == {"size": size(witnesses.program), "cosigners": ["example.org/ann"]}
    assert witnesses.program.good("checkpoint", "show", "--json").json["anchors"] == ["cosignature"]
    assert witnesses.verify().code == 4


def test_a_witness_who_says_it_twice_counts_once(witnesses: Witnesses) -> None:
    """Two cosignatures of one key, at different times: both are good, and they are one witness."""
    note = witnesses.program.good("checkpoint", "export").out
    signer = CosignerSigner("example.org/dan", bytes(range(32)))
    opened_note = open_note(note, [Verifier.parse(witnesses.log)])
    for at in (1_700_000_000, 1_800_000_000):
        cosigned = witnesses.program.file("cosigned", countersign(opened_note, signer.at(at)))
        witnesses.program.good("checkpoint", "attach", cosigned)
    lines = (f"log {witnesses.log}", f"witness dan {signer.verifier.vkey}", "quorum dan", "")
    policy = witnesses.program.file("dan", "\n".join(lines))

    document = witnesses.program.good("checkpoint", "verify", "--policy", policy, "--json").json

    assert document["cosigned"] == {"dan": "2027-01-15T08:00:00.000000Z"}


def test_a_time_beyond_all_calendars_is_told(witnesses: Witnesses) -> None:
    note = witnesses.program.good("checkpoint", "export").out
    signer = CosignerSigner("example.org/dan", bytes(range(32)))
    text = countersign(open_note(note, [Verifier.parse(witnesses.log)]), signer.at(2**63 - 1))
    policy = witnesses.program.file(
        "dan", f"log {witnesses.log}\nwitness dan {signer.verifier.vkey}\nquorum dan\n"
    )

    done = witnesses.program.good(
        "checkpoint", "verify", witnesses.program.file("far", text), "--policy", policy
    )

    assert f"{2**63 - 1} seconds after 1970" in done.told


def test_a_damaged_cosignature_does_not_spoil_the_good_ones(witnesses: Witnesses) -> None:
    """It cannot be told from a good one when it is attached, and what is attached stays."""
    witnesses.program.good(
        "checkpoint", "attach", witnesses.program.file("bad", damaged(witnesses.cosign("ann").out))
    )
    assert witnesses.verify().code == 4

    witnesses.attached("ann")
    witnesses.attached("bob")

    assert witnesses.verify().code == 0
    assert witnesses.verify(str(witnesses.program.folder / "bad")).code == 4


def damaged(cosigned: str) -> str:
    """One bit of the last signature changed."""
    text, _, line = cosigned.rstrip("\n").rpartition(" ")
    changed = bytearray(b64decode(line))
    changed[-1] ^= 1
    return f"{text} {b64encode(changed).decode()}\n"


def test_a_stranger_s_cosignature_is_kept_and_does_not_count(witnesses: Witnesses) -> None:
    witnesses.attached("ann")
    record(witnesses.program, "later")
    note = witnesses.program.good("checkpoint", "export").out
    stranger = CosignerSigner("example.org/ann", bytes(32)).at(1_700_000_000)
    text = countersign(open_note(note, [Verifier.parse(witnesses.log)]), stranger)

    witnesses.program.good("checkpoint", "attach", witnesses.program.file("stranger", text))

    document = witnesses.verify("--json").json
    assert (document["size"], document["cosigned"].keys()) == (size(witnesses.program) - 1, {"ann"})


@pytest.mark.parametrize(
    "text", ["", "garbage", "a\n\n\n", "\x00", "old 0\n\n", "origin\n5\nAAAA\n\n— x AAAA\n"]
)
def test_garbage_is_not_attached(witnesses: Witnesses, text: str) -> None:
    file = witnesses.program.file("garbage", text)

    done = witnesses.program("checkpoint", "attach", file)

    assert done.code in {4, 5}
    assert witnesses.verify(file).code in {4, 5}
    assert witnesses.program("checkpoint", "verify", "--policy", file).code in {4, 5}
    assert witnesses.program.good("checkpoint", "show", "--json").json["anchors"] == []


def test_a_bare_checkpoint_is_no_cosignature(witnesses: Witnesses) -> None:
    bare = witnesses.program.file("bare", witnesses.program.good("checkpoint", "export").out)

    done = witnesses.program("checkpoint", "attach", bare)

    assert (done.code, "bears no cosignature" in done.told) == (5, True)


def test_bytes_that_are_no_text_are_told(witnesses: Witnesses) -> None:
    (witnesses.program.folder / "bytes").write_bytes(b"\xff\xfe")

    for call in (("attach", "bytes"), ("verify", "--policy", "bytes")):
        done = witnesses.program("checkpoint", *call)
        assert (done.code, "expected UTF-8 text" in done.told) == (5, True)


# -- a practice that shows different people different records ----------------------------------------------


@pytest.fixture
def other(
    witnesses: Witnesses, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    """Another copy of the practice with the same keys, in which another entry was recorded, as here."""
    folder = witnesses.program.folder / "other"
    folder.mkdir()
    for file in witnesses.program.folder.glob("ledger.*"):
        shutil.copy2(file, folder / file.name)
    copied = Program(folder, monkeypatch, capsys)
    record(copied, "shown-to-bob")
    record(witnesses.program, "shown-to-ann")
    return copied


def test_a_split_view_is_cosigned_by_both_and_found_when_they_compare(
    witnesses: Witnesses, other: Program
) -> None:
    here = witnesses.program
    ann, bob = witnesses.cosign("ann"), witnesses.cosign("bob", log=other)
    assert (ann.code, bob.code) == (0, 0)
    assert size(here) == size(other)

    # each copy takes back only what was said of it
    from_bob = here.file("from-bob", bob.out)
    refused = here("checkpoint", "attach", from_bob)
    assert refused.code == 5
    assert "no such checkpoint" in refused.told
    assert other("checkpoint", "attach", here.file("from-ann", ann.out)).code == 5
    other.good("checkpoint", "attach", from_bob)
    # and neither gets both together under one checkpoint
    assert witnesses.verify(from_bob).code == 4
    assert witnesses.verify().code == 4
    # the witnesses, once they compare, hold proof
    compared = here("witness", "cosign", "ann", from_bob)
    assert compared.code == 4
    evidence = here.good("witness", "show", "ann", "--json").json["evidence"]
    assert [(each["kind"], each["proven"]) for each in evidence] == [("split-view", True)]


def test_a_rewritten_ledger_is_refused_by_who_saw_it_before(witnesses: Witnesses, other: Program) -> None:
    """Rewritten with the same signing key, and longer: only who remembers can tell."""
    seen = size(witnesses.program)
    assert witnesses.cosign("ann").code == 0
    remembered = witnesses.program.good("witness", "show", "ann", "--json").json["logs"][0]["note"]
    record(other, "and-more")
    rewritten = other.good("checkpoint", "export").out
    assert opened(other, rewritten).size == seen + 1

    refused = witnesses.cosign("ann", seen, log=other)

    assert refused.code == 4
    assert "not cosigned" in refused.told
    assert "— example.org/ann" not in refused.out
    shown = witnesses.program.good("witness", "show", "ann", "--json").json
    assert shown["logs"][0]["note"] == remembered
    (evidence,) = shown["evidence"]
    assert (evidence["kind"], evidence["seen"], evidence["refused"]) == (
        "inconsistent",
        remembered,
        rewritten,
    )


def test_another_log_s_checkpoint_is_not_attached(witnesses: Witnesses) -> None:
    stranger = CosignerSigner("example.org/ann", bytes(range(32))).at(1_700_000_000)
    checkpoint = Checkpoint("example.org/other", 5, bytes(32)).format()

    done = witnesses.program(
        "checkpoint", "attach", witnesses.program.file("other", sign(checkpoint, stranger))
    )

    assert done.code == 4


# -- no ledger, no keys -----------------------------------------------------------------------------------

EVERY = (("list",), ("show",), ("export",), ("seal",), ("prove", "C-1"), (*REBASE[1:], "--yes"))


@pytest.mark.parametrize("call", EVERY)
def test_without_a_ledger(empty: Program, call: tuple[str, ...]) -> None:
    done = empty("checkpoint", *call)

    assert (done.code, "no ledger at" in done.told) == (2, True)


@pytest.fixture
def keyless(sealed: Program) -> Iterator[Program]:
    (sealed.folder / "ledger.keys").rename(sealed.folder / "away")
    yield sealed
    (sealed.folder / "away").rename(sealed.folder / "ledger.keys")


@pytest.mark.parametrize("call", EVERY)
def test_without_the_keys_what_was_signed_is_still_given_out(keyless: Program, call: tuple[str, ...]) -> None:
    done = keyless("checkpoint", *call)

    assert done.code == (0 if call[0] in {"list", "export"} else 7)
    assert not (keyless.folder / "ledger.keys").exists()


def test_what_is_time_stamped_goes_out_bare(witnesses: Witnesses) -> None:
    before = witnesses.program.good("checkpoint", "export").out
    witnesses.attached("ann")

    assert witnesses.program.good("checkpoint", "export").out != before
    assert witnesses.program.good("checkpoint", "export", "--bare").out == before
