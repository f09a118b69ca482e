"""Checksums of the rows that no hash covers, so that damage to them is noticed."""

from zlib import crc32


def source_checksum(source: str, stream: str, seq: int, fingerprint: bytes) -> int:
    """CRC-32 of a row of `sources`: what it says is hashed nowhere else."""
    return crc32(f"{source}\0{stream}\0{seq}\0".encode() + fingerprint)


def anchor_checksum(size: int, kind: str, body: bytes) -> int:
    """CRC-32 of a row of `anchors`: an outsider's word, which only the outsider's key can check."""
    return crc32(f"{size}\0{kind}\0".encode() + body)
