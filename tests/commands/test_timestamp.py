"""`timestamp`: asked of a real authority, kept, and verified against its root certificate."""

import re
from pathlib import Path

import pytest

from tests.commands.program import Done, Program
from tests.integrity.openssl_authority import Authority

ACTOR = ("record", "actor-registered", "--role", "front-desk", "--no-may-authorise", "--actor")
NUMBER_TOO_LARGE = "9" * 25


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "here")


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("another") / "here", name="Another authority")


@pytest.fixture
def practice(
    program: Program, authority: Authority, another: Authority, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A practice that has the root certificates of two authorities, the program run in its folder."""
    monkeypatch.chdir(program.folder)
    (program.folder / "root.pem").write_bytes(authority.root)
    (program.folder / "another.pem").write_bytes(another.root)
    return program


def answered(program: Program, authority: Authority, *options: str) -> Path:
    """The authority's answer to a request for a checkpoint."""
    program.good("timestamp", "request", "-o", "asked.tsq", *options)
    answer = program.folder / "answer.tsr"
    answer.write_bytes(authority.answer((program.folder / "asked.tsq").read_bytes()))
    return answer


def size(program: Program) -> int:
    found = program.good("checkpoint", "show", "--json").json["size"]
    assert isinstance(found, int)
    return found


def assert_narrow(done: Done) -> None:
    assert all(len(line) <= 80 for line in (done.out + done.err).splitlines()), done


@pytest.fixture
def stamped(practice: Program, authority: Authority) -> Program:
    """The same, its newest checkpoint stamped."""
    answered(practice, authority)
    practice.good("timestamp", "attach", "answer.tsr")
    return practice


# -- from request to proof --------------------------------------------------------------------------------


def test_requested_answered_attached_and_verified(practice: Program, authority: Authority) -> None:
    now = size(practice)

    asked = practice.good("timestamp", "request", "-o", "asked.tsq")
    request = (practice.folder / "asked.tsq").read_bytes()
    reply = authority.answer(request)
    (practice.folder / "answer.tsr").write_bytes(reply)
    kept = practice.good("timestamp", "attach", "answer.tsr")
    shown = practice.good("timestamp", "verify", "--ca", "root.pem")

    for done in (asked, kept, shown):
        assert_narrow(done)
        assert str(now) in done.told
    assert re.search(r"existed at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", shown.told)
    assert "stated by CN=A time-stamping authority, serial" in shown.told
    assert "0 cosignatures, 1 time-stamp" in practice.good("checkpoint", "show").told
    assert len(request) == 2 + request[1]  # DER of less than 128 bytes, and nothing after it
    # and openssl says so too, of the very bytes that `checkpoint export` gives out
    exported = practice.good("checkpoint", "export").out
    assert authority.accepts(reply, exported.encode())


def test_json(practice: Program, authority: Authority) -> None:
    now = size(practice)

    asked = practice.good("timestamp", "request", "-o", "asked.tsq", "--json").json
    assert asked == {"size": now, "file": "asked.tsq"}
    answered(practice, authority)
    kept = practice.good("timestamp", "attach", "answer.tsr", "--json").json
    document = practice.good("timestamp", "verify", "--ca", "root.pem", "--json").json

    assert kept.keys() == {"size", "at"}
    assert document.keys() == {"size", "at", "authority", "serial", "policy"}
    assert (document["size"], document["at"]) == (now, kept["at"])
    assert document["policy"] == "1.2.3.4.1"
    listed = practice.good("checkpoint", "list", "--json").json["checkpoints"]
    assert listed[-1]["anchors"] == ["timestamp"]


def test_a_file_is_verified_without_being_attached(practice: Program, authority: Authority) -> None:
    now = size(practice)
    answered(practice, authority)
    practice.good(*ACTOR, "later")

    done = practice.good("timestamp", "verify", "answer.tsr", "--ca", "root.pem")

    assert f"The checkpoint over {now} entries existed" in done.told
    assert practice.good("checkpoint", "show", str(now), "--json").json["anchors"] == []


def test_an_older_checkpoint_is_stamped(practice: Program, authority: Authority) -> None:
    older = size(practice) - 1
    answered(practice, authority, "--size", str(older))

    kept = practice.good("timestamp", "attach", "answer.tsr", "--json").json

    assert kept["size"] == older
    assert practice.good("timestamp", "verify", "--ca", "root.pem", "--json").json["size"] == older


def test_the_newest_stamped_checkpoint_is_meant(stamped: Program, authority: Authority) -> None:
    older = size(stamped)
    stamped.good(*ACTOR, "later")
    assert stamped.good("timestamp", "verify", "--ca", "root.pem", "--json").json["size"] == older

    answered(stamped, authority)
    stamped.good("timestamp", "attach", "answer.tsr")

    assert stamped.good("timestamp", "verify", "--ca", "root.pem", "--json").json["size"] == older + 1
    by_size = stamped.good("timestamp", "verify", "--size", str(older), "--ca", "root.pem", "--json").json
    assert by_size["size"] == older


def test_attached_twice_it_is_kept_once(stamped: Program) -> None:
    stamped.good("timestamp", "attach", "answer.tsr")

    assert stamped.good("checkpoint", "show", "--json").json["anchors"] == ["timestamp"]


def test_a_stamp_outlives_new_entries_and_seals(stamped: Program) -> None:
    stamped.good(*ACTOR, "later")
    stamped.good("checkpoint", "seal")

    stamped.good("timestamp", "verify", "--ca", "root.pem")


# -- what is refused --------------------------------------------------------------------------------------


def test_another_authority_s_root_does_not_do(stamped: Program) -> None:
    done = stamped("timestamp", "verify", "--ca", "another.pem")

    assert done.code == 4
    assert "existed" not in done.told
    assert stamped.good("timestamp", "verify", "--ca", "another.pem", "--ca", "root.pem").code == 0


def test_a_stamp_of_another_checkpoint(stamped: Program) -> None:
    older = size(stamped) - 1

    done = stamped("timestamp", "verify", "answer.tsr", "--size", str(older), "--ca", "root.pem")

    assert done.code == 4
    none = stamped("timestamp", "verify", "--size", str(older), "--ca", "root.pem")
    assert (none.code, "no time-stamp was attached" in none.told) == (5, True)


def test_a_stamp_of_something_else(practice: Program, authority: Authority) -> None:
    from ledger.integrity.timestamp import request

    (practice.folder / "else.tsr").write_bytes(authority.answer(request(b"something else")))

    for call in (("attach", "else.tsr"), ("verify", "else.tsr", "--ca", "root.pem")):
        done = practice("timestamp", *call)
        assert (done.code, "none of the checkpoints" in done.told) == (5, True)


def test_a_stamp_signed_by_somebody_else_under_a_known_name(
    practice: Program, authority: Authority, another: Authority
) -> None:
    forged = another.sign_again(answered(practice, authority).read_bytes())
    (practice.folder / "forged.tsr").write_bytes(forged)

    assert practice("timestamp", "verify", "forged.tsr", "--ca", "root.pem").code == 4


def test_a_rejection_is_no_stamp(practice: Program, tmp_path: Path) -> None:
    strict = Authority(tmp_path / "strict", digests="sha512")
    answered(practice, strict)

    done = practice("timestamp", "attach", "answer.tsr")

    assert (done.code, "rejection" in done.told) == (4, True)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x30\x03\x02\x01\x00", b"\x00" * 1000])
def test_garbage(practice: Program, content: bytes) -> None:
    (practice.folder / "garbage").write_bytes(content)

    assert practice("timestamp", "attach", "garbage").code == 4
    assert practice("timestamp", "verify", "garbage", "--ca", "root.pem").code == 4
    assert practice.good("checkpoint", "show", "--json").json["anchors"] == []


def test_a_request_is_no_answer(practice: Program, authority: Authority) -> None:
    answered(practice, authority)

    assert practice("timestamp", "attach", "asked.tsq").code == 4


@pytest.mark.parametrize("content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\ngarbage\n"])
def test_a_root_that_is_none(stamped: Program, content: bytes) -> None:
    (stamped.folder / "garbage").write_bytes(content)

    done = stamped("timestamp", "verify", "--ca", "garbage")

    assert (done.code, "certificate" in done.told) == (4, True)


def test_changed_in_one_bit_it_is_refused(practice: Program, authority: Authority) -> None:
    content = bytearray(answered(practice, authority).read_bytes())
    content[-5] ^= 1
    (practice.folder / "changed.tsr").write_bytes(content)

    assert practice("timestamp", "verify", "changed.tsr", "--ca", "root.pem").code == 4


# -- what is missing --------------------------------------------------------------------------------------


def test_no_stamp_attached(practice: Program) -> None:
    done = practice("timestamp", "verify", "--ca", "root.pem")

    assert (done.code, "timestamp request" in done.told) == (5, True)


@pytest.mark.parametrize("asked", ["1", "0", "-5", "100000", NUMBER_TOO_LARGE])
def test_a_checkpoint_that_is_not_there(stamped: Program, asked: str) -> None:
    for call in (
        ("request", "--size", asked, "-o", "x"),
        ("verify", "--size", asked, "--ca", "root.pem"),
        ("verify", "answer.tsr", "--size", asked, "--ca", "root.pem"),
    ):
        assert stamped("timestamp", *call).code == 5
    assert not (stamped.folder / "x").exists()


def test_files_that_are_not_there(stamped: Program) -> None:
    for call in (
        ("attach", "nowhere"),
        ("verify", "nowhere", "--ca", "root.pem"),
        ("verify", "--ca", "nowhere"),
        ("verify", "--ca", "root.pem", "--intermediate", "nowhere"),
    ):
        done = stamped("timestamp", *call)
        assert (done.code, "'nowhere' cannot be read" in done.told) == (5, True)


@pytest.mark.parametrize("place", ["nowhere/x", "root.pem/x", "", "x" * 300, "ledger.db", "ledger.keys"])
def test_a_request_that_cannot_be_written(practice: Program, place: str) -> None:
    done = practice("timestamp", "request", "-o", place)

    assert (done.code, done.out) == (2, "")
    assert "--output" in done.told
    practice.good("checkpoint", "show")


@pytest.mark.parametrize(
    "call", [("request",), ("attach",), ("verify",), ("request", "--size", "x", "-o", "y")]
)
def test_a_call_that_cannot_be_answered(practice: Program, call: tuple[str, ...]) -> None:
    assert practice("timestamp", *call).code == 2
