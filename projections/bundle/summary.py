"""The record on paper, `summary.pdf`."""

from collections.abc import Mapping
from typing import Any


def pdf(record: Mapping[str, Any]) -> bytes:
    """The record as PDF."""
    return f"%PDF-1.4 {record['client']}".encode()
