"""Fingerprints of what a source said: the same source twice is one fact, with another content it is bad input.

A fingerprint is keyed, and the key stands in the key database: without it nobody can guess a sealed text from it.
"""

import os
from functools import cached_property
from hashlib import blake2b

from ledger.entry import Content
from ledger.integrity.canonical import dumps_in_order, dumps_validated
from ledger.keys.database import KeyDatabase
from ledger.recording.statement import holds_objects

_SETTING = "source-fingerprints"
_BYTES = 16


class Fingerprints:
    """The fingerprints of one ledger."""

    def __init__(self, keys: KeyDatabase) -> None:
        self._keys = keys

    @cached_property
    def key(self) -> bytes:
        """32 bytes, made when they are first needed."""
        return self._keys.setting(_SETTING) or self._keys.change_setting(
            _SETTING, lambda stored: stored or os.urandom(32)
        )

    def of(self, statement: Content) -> bytes:
        """The fingerprint of a statement."""
        return fingerprint(statement, self.key)


def fingerprint(statement: Content, key: bytes) -> bytes:
    """16 bytes of keyed BLAKE2b (RFC 7693) over the statement's canonical content."""
    event_type = statement.event_type
    content = [event_type.TOPIC, statement.occurred_at, statement.by, statement.fields]
    written = dumps_validated(content) if holds_objects(event_type) else dumps_in_order(content)
    return blake2b(written, digest_size=_BYTES, key=key).digest()
