"""Which cosignatures go out with a checkpoint: of each signer the last, and no more than a note may hold."""

from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.cosignature import CosignerSigner
from ledger.integrity.note import MAX_SIGNATURES, Signer, open_note, sign
from ledger.proving.anchoring import cosignatures
from ledger.storage.rows import COSIGNATURE, TIMESTAMP, AnchorRow

LOG = Signer("log", b"\x01" * 32)
NOTE = sign(Checkpoint("log", 7, b"\x02" * 32).format(), LOG)


def line(number: int, at: int) -> bytes:
    witness = CosignerSigner(f"w{number}", number.to_bytes(32, "big")).at(at)
    cosigned = sign(Checkpoint("log", 7, b"\x02" * 32).format(), witness)
    return (cosigned.rpartition("\n\n")[2]).encode()


def test_of_each_signer_the_last() -> None:
    anchors = [
        AnchorRow(1, 7, COSIGNATURE, line(1, 100)),
        AnchorRow(2, 7, TIMESTAMP, b"\x30\x00"),
        AnchorRow(3, 7, COSIGNATURE, line(2, 100)),
        AnchorRow(4, 7, COSIGNATURE, line(1, 200)),
        AnchorRow(5, 7, COSIGNATURE, b"garbage"),
    ]

    assert sorted(cosignatures(anchors)) == sorted([line(1, 200).decode(), line(2, 100).decode()])


def test_no_more_than_a_note_may_hold() -> None:
    anchors = [
        AnchorRow(number, 7, COSIGNATURE, line(number, 100)) for number in range(1, MAX_SIGNATURES + 30)
    ]

    opened = open_note(NOTE + "".join(cosignatures(anchors)), [LOG.verifier])

    assert len(opened.verified) + len(opened.unverified) == MAX_SIGNATURES
