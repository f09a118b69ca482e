"""Fingerprints of what a source said: the same source twice is one fact, with another content it is bad input.

A fingerprint is keyed, and the key stands in the key database: without it nobody can guess a sealed text from it.
"""

import hashlib
import hmac
import os

from ledger.integrity.canonical import dumps_validated
from ledger.keys.database import KeyDatabase
from ledger.statement import Statement

_SETTING = "source-fingerprints"
_BYTES = 16


class Fingerprints:
    """The fingerprints of one ledger."""

    def __init__(self, keys: KeyDatabase) -> None:
        self._keys = keys
        self._key: bytes | None = None

    def of(self, statement: Statement) -> bytes:
        """16 bytes of HMAC-SHA256 over the statement's canonical content."""
        if self._key is None:
            self._key = self._keys.setting(_SETTING) or self._keys.change_setting(
                _SETTING, lambda stored: stored or os.urandom(32)
            )
        content = [statement.type, statement.occurred_at, statement.by, statement.fields]
        return hmac.digest(self._key, dumps_validated(content), hashlib.sha256)[:_BYTES]
