"""Time-stamps: made by a real authority, which `openssl ts` runs, and judged beside openssl's own verification."""

import hashlib
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from ledger.errors import ProofError, UsageError
from ledger.integrity import timestamp
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import Signer, sign
from ledger.integrity.timestamp import Stamped
from tests.integrity.openssl_authority import Authority, openssl, stating

TEXT = Checkpoint("lakeside.example/ledger", 3, hashlib.sha256(b"three leaves").digest()).format()
NOTE = sign(TEXT, Signer("lakeside.example/ledger", bytes(range(32)))).encode()
OTHER_NOTE = sign(
    TEXT, Signer("lakeside.example/ledger", bytes(32))
).encode()  # the same text, another signature


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Authority]:
    """Makes an authority in a new folder; what is out of the ordinary is said."""

    def made(**particulars: Any) -> Authority:
        return Authority(tmp_path_factory.mktemp("authority") / "here", **particulars)

    return made


@pytest.fixture(scope="module")
def authority(make: Callable[..., Authority]) -> Authority:
    return make()


@pytest.fixture(scope="module")
def asked() -> bytes:
    return timestamp.request(NOTE)


@pytest.fixture(scope="module")
def reply(authority: Authority, asked: bytes) -> bytes:
    return authority.answer(asked)


def refusal(response: Any, note: Any = NOTE, roots: Any = (), *others: Any, **named: Any) -> str:
    """What `verify` refuses with; any other outcome fails the test."""
    with pytest.raises(ProofError) as refused:
        timestamp.verify(response, note, roots, *others, **named)
    return str(refused.value)


# -- what holds -------------------------------------------------------------------------------------------


def test_openssl_reads_the_request(asked: bytes, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.tsq").write_bytes(asked)

    shown = openssl(tmp_path, "ts", "-query", "-in", "checkpoint.tsq", "-text")

    assert "Hash Algorithm: sha256" in shown
    assert "Certificate required: yes" in shown
    assert "Nonce: 0x" in shown
    assert hashlib.sha256(NOTE).digest() in asked
    assert timestamp.request(NOTE) != asked, "each request has a nonce of its own"


def test_a_good_stamp_verifies_here_and_with_openssl(
    authority: Authority, asked: bytes, reply: bytes
) -> None:
    stamped = timestamp.verify(reply, NOTE, [authority.root], request=asked)

    assert stamped == timestamp.read(reply) == timestamp.covers(reply, NOTE)
    assert timedelta(0) <= datetime.now(UTC) - stamped.at < timedelta(hours=1)
    assert stamped.at.utcoffset() == timedelta(0)
    assert (stamped.imprint_algorithm, stamped.imprint) == ("sha256", hashlib.sha256(NOTE).digest())
    assert stamped.policy == "1.2.3.4.1"
    assert stamped.serial > 0
    assert stamped.authority == "CN=A time-stamping authority"
    assert authority.accepts(reply, NOTE)
    assert not authority.accepts(reply, OTHER_NOTE)


def test_roots_may_be_der_or_several_in_one_pem(
    authority: Authority, make: Callable[..., Authority], reply: bytes
) -> None:
    bundle = make().root + authority.root
    der = load_pem_x509_certificate(authority.root).public_bytes(Encoding.DER)

    assert timestamp.verify(reply, NOTE, [bundle]) == timestamp.verify(reply, NOTE, [der, der])


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_other_programs_may_ask_with_a_longer_hash(
    authority: Authority, tmp_path: Path, algorithm: str
) -> None:
    (tmp_path / "checkpoint").write_bytes(NOTE)
    openssl(tmp_path, "ts", "-query", "-data", "checkpoint", f"-{algorithm}", "-cert", "-out", "query")

    stamped = timestamp.verify(authority.answer((tmp_path / "query").read_bytes()), NOTE, [authority.root])

    assert stamped.imprint_algorithm == algorithm
    assert stamped.imprint == hashlib.new(algorithm, NOTE).digest()


def test_fractions_of_a_second_are_cut_off(make: Callable[..., Authority], asked: bytes) -> None:
    precise = make(digits=6)

    assert timestamp.verify(precise.answer(asked), NOTE, [precise.root]).at.microsecond == 0


def test_a_stamp_outlives_the_certificate_it_was_made_with(
    make: Callable[..., Authority], reply: bytes
) -> None:
    # Given a stamp made in 2021 with a certificate that was valid then and expired at the end of that year
    then, ends = datetime(2021, 6, 1, 12, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)
    expired = make(ends=ends)
    old = expired.sign_again(reply, altered=stating(then))

    # Then it verifies today; openssl agrees if told to judge as of then, and not as of today
    assert timestamp.verify(old, NOTE, [expired.root]).at == then
    assert expired.accepts(old, NOTE, at=then)
    assert not expired.accepts(old, NOTE)

    # and a stamp of a moment after the end does not
    late = expired.sign_again(reply, altered=stating(ends + timedelta(seconds=1)))
    assert "certificate has expired" in refusal(late, NOTE, [expired.root])


def test_a_certificate_between_root_and_authority_must_be_given_or_carried(
    make: Callable[..., Authority], asked: bytes
) -> None:
    below = make(below=True)
    reply = below.answer(asked)

    assert "issuer certificate" in refusal(reply, NOTE, [below.root])
    assert timestamp.verify(reply, NOTE, [below.root], [below.between]) == timestamp.read(reply)
    # and it is no root: alone it leads nowhere
    assert "issuer certificate" in refusal(reply, NOTE, [below.between])


# -- what does not ----------------------------------------------------------------------------------------


def test_another_note(authority: Authority, reply: bytes) -> None:
    said = refusal(reply, OTHER_NOTE, [authority.root])

    assert "about something else" in said
    assert hashlib.sha256(OTHER_NOTE).hexdigest() in said
    assert hashlib.sha256(NOTE).hexdigest() in said
    with pytest.raises(ProofError, match="about something else"):
        timestamp.covers(reply, OTHER_NOTE)


def test_another_root_even_one_of_the_same_name(make: Callable[..., Authority], reply: bytes) -> None:
    said = refusal(reply, NOTE, [make().root])

    assert "by CN=A time-stamping authority does not verify" in said
    assert "name the root" in said


def test_a_self_issued_intermediate_is_not_made_a_root(make: Callable[..., Authority], asked: bytes) -> None:
    stranger = make(name="A stranger")

    said = refusal(stranger.answer(asked), NOTE, [make().root], [stranger.root])

    assert "issued itself, CN=Root of A stranger" in said


@pytest.mark.parametrize(
    "usage", ["", "critical,serverAuth", "timeStamping", "critical,timeStamping,serverAuth"]
)
def test_a_certificate_for_something_else(make: Callable[..., Authority], reply: bytes, usage: str) -> None:
    wrong = make(usage=usage)

    again = wrong.sign_again(reply)

    assert "unsuitable certificate purpose" in refusal(again, NOTE, [wrong.root])
    assert not wrong.accepts(again, NOTE)


def test_the_same_with_the_right_usage_verifies(make: Callable[..., Authority], reply: bytes) -> None:
    right = make()

    again = right.sign_again(reply)

    assert timestamp.verify(again, NOTE, [right.root]).at == timestamp.read(reply).at
    assert right.accepts(again, NOTE)


def test_a_made_up_certificate_cannot_speak_for_the_one_that_signed(
    make: Callable[..., Authority], reply: bytes
) -> None:
    # Given a certificate that may not stamp, and a made-up one of the same issuer and number that looks as if it might
    wrong, made_up = make(usage="critical,serverAuth"), make()

    # When the first signs and both are carried
    again = wrong.sign_again(reply, carrying=made_up.own)

    # Then neither is taken for the signer
    assert "carries 2 certificates for its one signer" in refusal(again, NOTE, [wrong.root])
    with pytest.raises(ProofError, match="carries 2 certificates"):
        timestamp.read(again)


def test_certificates_of_others_may_be_carried(make: Callable[..., Authority], reply: bytes) -> None:
    right = make()

    again = right.sign_again(reply, carrying=right.root + make(name="A stranger").own)

    assert timestamp.verify(again, NOTE, [right.root]).authority == "CN=A time-stamping authority"


def test_a_stamp_of_another_version(make: Callable[..., Authority], reply: bytes) -> None:
    newer = make()

    again = newer.sign_again(reply, altered=lambda said: said.replace(b"\x02\x01\x01", b"\x02\x01\x02", 1))

    assert "expected a time-stamp of version 1, came version 2" in refusal(again, NOTE, [newer.root])


def test_two_signers(make: Callable[..., Authority], reply: bytes) -> None:
    one, two = make(name="One"), make(name="Two")

    again = one.sign_again(reply, beside=two)

    assert "expected a time-stamp with one signature, came 2" in refusal(again, NOTE, [one.root, two.root])


@pytest.mark.parametrize(
    ("starts", "ends", "reason"),
    [(-9, -1, "certificate has expired"), (1, 9, "certificate is not yet valid")],
)
def test_a_certificate_not_valid_at_the_stamped_time(
    make: Callable[..., Authority], asked: bytes, starts: int, ends: int, reason: str
) -> None:
    now = datetime.now(UTC)
    stale = make(starts=now + timedelta(days=starts), ends=now + timedelta(days=ends))

    assert reason in refusal(stale.answer(asked), NOTE, [stale.root])


def test_a_reply_to_another_request(authority: Authority, reply: bytes) -> None:
    assert "Nonce mismatch" in refusal(reply, NOTE, [authority.root], request=timestamp.request(NOTE))
    assert "the time-stamp request is about something else" in refusal(
        reply, NOTE, [authority.root], request=timestamp.request(OTHER_NOTE)
    )


def test_a_reply_under_another_policy_than_was_asked_for(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(NOTE)
    query = (
        "ts",
        "-query",
        "-data",
        "checkpoint",
        "-sha256",
        "-cert",
        "-no_nonce",
        "-out",
        "query",
        "-tspolicy",
    )
    openssl(tmp_path, *query, "1.2.3.4.1")
    granted = (tmp_path / "query").read_bytes()
    openssl(tmp_path, *query, "1.2.3.4.9")
    other = (tmp_path / "query").read_bytes()
    reply = authority.answer(granted)

    assert timestamp.verify(reply, NOTE, [authority.root], request=granted).policy == "1.2.3.4.1"
    assert "Policy ID mismatch" in refusal(reply, NOTE, [authority.root], request=other)
    assert "rejection" in refusal(authority.answer(other), NOTE, [authority.root])


def test_a_reply_without_the_nonce_that_was_asked_for(
    authority: Authority, asked: bytes, tmp_path: Path
) -> None:
    (tmp_path / "checkpoint").write_bytes(NOTE)
    openssl(tmp_path, "ts", "-query", "-data", "checkpoint", "-sha256", "-cert", "-no_nonce", "-out", "query")
    bare = (tmp_path / "query").read_bytes()
    reply = authority.answer(bare)

    assert timestamp.verify(reply, NOTE, [authority.root], request=bare)
    assert "Nonce mismatch" in refusal(reply, NOTE, [authority.root], request=asked)


def test_a_reply_without_certificates(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(NOTE)
    openssl(tmp_path, "ts", "-query", "-data", "checkpoint", "-sha256", "-out", "query")
    reply = authority.answer((tmp_path / "query").read_bytes())

    assert timestamp.covers(reply, NOTE).authority is None
    assert "does not name does not verify" in refusal(reply, NOTE, [authority.root])


def test_a_hash_that_is_not_taken(make: Callable[..., Authority], tmp_path: Path) -> None:
    old = make(digests="sha1")
    (tmp_path / "checkpoint").write_bytes(NOTE)
    openssl(tmp_path, "ts", "-query", "-data", "checkpoint", "-sha1", "-cert", "-out", "query")
    reply = old.answer((tmp_path / "query").read_bytes())

    assert timestamp.read(reply).imprint_algorithm == "1.3.14.3.2.26"
    assert "uses the hash 1.3.14.3.2.26; expected one of sha256, sha384, sha512" in refusal(
        reply, NOTE, [old.root]
    )


def test_a_rejection_is_told_in_the_authoritys_own_words(
    make: Callable[..., Authority], asked: bytes
) -> None:
    choosy = make(digests="sha512")

    said = refusal(choosy.answer(asked), NOTE, [choosy.root])

    assert "expected status granted, came rejection (Message digest algorithm is not supported.)" in said


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "granted with modifications"),
        (3, "waiting"),
        (4, "revocation warning"),
        (5, "revocation notification"),
        (9, "came 9"),
    ],
)
def test_no_other_status_will_do(authority: Authority, reply: bytes, status: int, words: str) -> None:
    granted = bytes.fromhex("30 03 02 01 00")  # PKIStatusInfo, the first thing in a response
    assert reply.index(granted) == 4
    changed = reply.replace(granted, granted[:4] + bytes([status]), 1)

    assert words in refusal(changed, NOTE, [authority.root])


def test_words_of_the_authority_do_not_steer_a_terminal() -> None:
    words = b"\x1b[2J no"
    told = bytes((0x02, 1, 2, 0x30, len(words) + 2, 0x0C, len(words))) + words  # rejection (2), PKIFreeText
    rejection = bytes((0x30, len(told) + 2, 0x30, len(told))) + told

    assert "came rejection ( [2J no)" in refusal(rejection)


# -- bytes of any kind ------------------------------------------------------------------------------------


def outcome(response: bytes, authority: Authority, asked: bytes) -> Stamped | None:
    """What `verify` makes of bytes: a stamp or a refusal; any other exception fails the test."""
    try:
        return timestamp.verify(response, NOTE, [authority.root], request=asked)
    except ProofError:
        return None


def test_a_changed_byte_is_refused_or_means_nothing(authority: Authority, asked: bytes, reply: bytes) -> None:
    chance = random.Random(3161)
    genuine = timestamp.verify(reply, NOTE, [authority.root], request=asked)
    accepted = 0
    for at in range(len(reply)):
        changed = bytearray(reply)
        changed[at] ^= chance.randrange(1, 256)
        found = outcome(bytes(changed), authority, asked)
        # What no signature covers (version numbers around it, say) may differ; what is stated may not.
        assert found in (None, genuine), f"byte {at}"
        accepted += found is not None

    assert accepted < len(reply) // 20


def test_a_response_cut_short_or_with_more_behind_it(
    authority: Authority, asked: bytes, reply: bytes
) -> None:
    assert not [size for size in range(len(reply)) if outcome(reply[:size], authority, asked)]
    assert outcome(reply + b"\0", authority, asked) is None
    assert outcome(reply + reply, authority, asked) is None


def test_garbage(authority: Authority, asked: bytes, reply: bytes) -> None:
    genuine = timestamp.read(reply)
    chance = random.Random(5816)
    for _ in range(500):
        garbage = chance.randbytes(chance.randrange(1, 200))
        cut = chance.randrange(len(reply))
        spliced = reply[:cut] + garbage + reply[cut + chance.randrange(len(garbage) + 1) :]
        assert outcome(garbage, authority, asked) is None
        assert outcome(spliced, authority, asked) in (None, genuine)
        refusal(reply, NOTE, [garbage])
        refusal(reply, NOTE, [b"-----BEGIN CERTIFICATE-----\n" + garbage])
        refusal(reply, NOTE, [authority.root], [garbage])
        refusal(reply, NOTE, [authority.root], request=garbage)


def test_a_request_and_a_certificate_are_no_response(authority: Authority, asked: bytes) -> None:
    assert "expected a time-stamp response (DER" in refusal(asked, NOTE, [authority.root])
    assert "expected a time-stamp response (DER" in refusal(authority.root, NOTE, [authority.root])


@pytest.mark.parametrize("roots", [[], (), [b""], ["text"], None, 3, b"", "text", [None]])
def test_roots_that_are_none(authority: Authority, reply: bytes, roots: Any) -> None:
    assert "expected " in refusal(reply, NOTE, roots)
    if roots not in ([], ()):
        assert "expected " in refusal(reply, NOTE, [authority.root], roots)


def test_a_changed_root(authority: Authority, reply: bytes) -> None:
    der = load_pem_x509_certificate(authority.root).public_bytes(Encoding.DER)
    genuine = timestamp.read(reply)
    chance = random.Random(20)
    for _ in range(200):
        changed = bytearray(der)
        changed[chance.randrange(len(der) - 80)] ^= chance.randrange(
            1, 256
        )  # short of its signature of itself
        try:
            # What a root says of itself counts for little once it is trusted: its key and its name do.
            assert timestamp.verify(reply, NOTE, [bytes(changed)]) == genuine
        except ProofError:
            continue


@pytest.mark.parametrize("note", [b"", "text", None, bytearray(NOTE), 5])
def test_a_note_that_is_none(authority: Authority, reply: bytes, note: Any) -> None:
    for ask in (
        lambda: timestamp.request(note),
        lambda: timestamp.covers(reply, note),
        lambda: timestamp.verify(reply, note, [authority.root]),
    ):
        with pytest.raises(ProofError, match="expected a note as bytes"):
            ask()


def test_values_that_are_no_response(weird: list[Any], authority: Authority, reply: bytes) -> None:
    for value in weird:
        with pytest.raises(ProofError):
            timestamp.read(value)
        with pytest.raises(ProofError):
            timestamp.covers(value, NOTE)
        refusal(value, NOTE, [authority.root])
        refusal(reply, NOTE, value)
        if value is not None:
            refusal(reply, NOTE, [authority.root], request=value)


# -- the library ------------------------------------------------------------------------------------------


def test_without_the_library_it_says_what_to_install(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)

    for call in (
        lambda: timestamp.request(NOTE),
        lambda: timestamp.read(reply),
        lambda: timestamp.covers(reply, NOTE),
        lambda: timestamp.verify(reply, NOTE, []),
    ):
        with pytest.raises(UsageError, match=r"engagement-ledger\[timestamp\]"):
            call()


def test_a_panic_in_the_library_is_a_refusal(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})

    def panicking(_: bytes) -> None:
        raise panic("called `Option::unwrap()` on a `None` value")

    monkeypatch.setattr("rfc3161_client.decode_timestamp_response", panicking)
    assert "called `Option::unwrap()`" in refusal(reply)


def test_an_interrupt_is_not_swallowed(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rfc3161_client.decode_timestamp_response", interrupted)
    with pytest.raises(KeyboardInterrupt):
        timestamp.read(reply)
