from base64 import b64decode
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import ProofError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import MAX_TIMESTAMP, CosignerSigner, CosignerVerifier, timestamp_of
from ledger.integrity.note import Signature, Signer, Verifier, countersign, open_note, sign

NOW = 1679315147
SEED = bytes(range(32))
LOG = Signer("log.example", SEED[::-1])
WITNESS = CosignerSigner("witness.example/w1", SEED)
TEXT = Checkpoint("log.example", 3, SEED, ("extension",)).format()
SIGNED = sign(TEXT, LOG)
# A key and a signature that transparency-dev/formats carries in its tests.
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
REMORA_SIGNATURE = (
    "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA=="
)


def test_a_published_key_and_a_published_time() -> None:
    key = CosignerVerifier.parse(REMORA)
    assert (key.name, key.key_id, key.vkey) == ("remora.n621.de", 0xDA77ADE7, REMORA)
    assert timestamp_of(Signature("w", 1, b64decode(REMORA_SIGNATURE)[4:])) == 1727964367


def test_the_line_holds_key_id_time_and_the_signature_of_the_timed_message() -> None:
    line = sign(TEXT, WITNESS.at(NOW)).removeprefix(TEXT + "\n")
    blob = b64decode(line.removeprefix("\u2014 witness.example/w1 "))
    private = Ed25519PrivateKey.from_private_bytes(SEED)
    public = private.public_key().public_bytes_raw()
    assert blob[:4] == sha256(b"witness.example/w1\n\x04" + public).digest()[:4]
    assert blob[4:12] == NOW.to_bytes(8, "big")
    assert blob[12:] == private.sign(b"cosignature/v1\ntime 1679315147\n" + TEXT.encode())


def test_a_log_and_its_witness_sign_one_note() -> None:
    message = countersign(open_note(SIGNED, [LOG.verifier]), WITNESS.at(NOW))
    note = open_note(message, [LOG.verifier, WITNESS.verifier])
    assert [one.name for one in note.verified] == ["log.example", "witness.example/w1"]
    assert timestamp_of(note.verified[1]) == NOW
    # A later cosignature by the same key takes the place of the earlier.
    later = open_note(countersign(note, WITNESS.at(NOW + 1)), [WITNESS.verifier])
    assert [timestamp_of(one) for one in later.verified] == [NOW + 1]
    assert [one.name for one in later.unverified] == ["log.example"]


def test_a_changed_time_text_or_signature_does_not_verify() -> None:
    signature = WITNESS.at(NOW).sign(TEXT.encode())
    verifier = WITNESS.verifier
    assert verifier.verifies(TEXT.encode(), signature)
    for position in (0, 7, 8, 40, 71):
        changed = signature[:position] + bytes((signature[position] ^ 1,)) + signature[position + 1 :]
        assert not verifier.verifies(TEXT.encode(), changed)
    for changed in (signature[:-1], signature + b"x", signature[8:], b"", b"\xff" * 8 + signature[8:]):
        assert not verifier.verifies(TEXT.encode(), changed)
    assert not verifier.verifies(TEXT.replace("extension", "Extension").encode(), signature)
    with pytest.raises(ProofError, match="invalid signature"):
        open_note(sign(TEXT, WITNESS.at(NOW)).replace("extension", "Extension"), [verifier])


def test_a_time_beyond_2_63_does_not_verify_even_if_signed() -> None:
    time = MAX_TIMESTAMP + 1
    message = b"cosignature/v1\ntime %d\n" % time + TEXT.encode()
    signature = time.to_bytes(8, "big") + Ed25519PrivateKey.from_private_bytes(SEED).sign(message)
    assert not WITNESS.verifier.verifies(TEXT.encode(), signature)


def test_a_plain_signature_and_a_cosignature_never_stand_for_each_other() -> None:
    plain = Signer(WITNESS.name, WITNESS.seed)
    assert plain.verifier.key_id != WITNESS.verifier.key_id
    with pytest.raises(ProofError, match="no signature by a known key"):
        open_note(sign(TEXT, plain), [WITNESS.verifier])
    with pytest.raises(ProofError, match="no signature by a known key"):
        open_note(sign(TEXT, WITNESS.at(NOW)), [plain.verifier])
    assert not plain.verifier.verifies(TEXT.encode(), WITNESS.at(NOW).sign(TEXT.encode()))
    assert not WITNESS.verifier.verifies(TEXT.encode(), bytes(8) + plain.sign(TEXT.encode()))


def test_only_a_checkpoint_is_cosigned() -> None:
    for text in ("hello\n", "a\n1\n", "a\n01\n" + "A" * 43 + "=\n"):
        with pytest.raises(ProofError):
            sign(text, WITNESS.at(NOW))
    body = b"not a checkpoint\n"
    message = b"cosignature/v1\ntime 1\n" + body
    signature = (1).to_bytes(8, "big") + Ed25519PrivateKey.from_private_bytes(SEED).sign(message)
    assert not WITNESS.verifier.verifies(body, signature)


def test_keys_read_back_and_keep_to_their_types() -> None:
    assert CosignerSigner.parse(WITNESS.skey) == WITNESS
    assert CosignerVerifier.parse(WITNESS.verifier.vkey) == WITNESS.verifier
    assert b64decode(WITNESS.verifier.vkey.split("+", 2)[2])[0] == 0x04
    assert "seed" not in repr(WITNESS)
    # Of type 0x01, as older witnesses give theirs: read, and used for cosignatures only.
    plain = Signer(WITNESS.name, WITNESS.seed)
    assert CosignerVerifier.parse(plain.verifier.vkey) == WITNESS.verifier
    assert CosignerSigner.parse(plain.skey) == WITNESS
    for refuses, key in (
        (Verifier.parse, WITNESS.verifier.vkey),
        (Signer.parse, WITNESS.skey),
        (CosignerVerifier.parse, REMORA.replace("da77ade7", "da77ade8")),
        (CosignerVerifier.parse, REMORA.replace("+BOv", "+Bev")),
        (CosignerSigner.parse, WITNESS.skey.replace("+KEY+w", "+KEY+v")),
    ):
        with pytest.raises(ProofError):
            refuses(key)
    assert CosignerSigner.generate("w").seed != CosignerSigner.generate("w").seed


def test_malformed_input_raises_proof_error_only(weird: list[Any]) -> None:
    with pytest.raises(ProofError, match="states its time"):
        sign(TEXT, WITNESS)
    for value in weird:
        for parse in (CosignerVerifier.parse, CosignerSigner.parse):
            with pytest.raises(ProofError):
                parse(value)
        with pytest.raises(ProofError):
            sign(TEXT, WITNESS.at(value))
    with pytest.raises(ProofError):
        sign(TEXT, WITNESS.at(MAX_TIMESTAMP + 1))
    with pytest.raises(ProofError, match="carries no time"):
        timestamp_of(open_note(SIGNED, [LOG.verifier]).verified[0])
