"""Sealed texts: shown to whoever may read them and asks; to everybody else as sealed, by domain."""

from typing import Any

from ledger.application import Ledger
from ledger.errors import KeyDestroyedError, NoRightError
from ledger.events.base import Event
from ledger.sealing import decrypt, open_disclosure
from ledger.values import Digest
from projections.context import Context


def is_sealed(value: object) -> bool:
    """Whether a field's value is the digest of a sealed text."""
    if isinstance(value, tuple) and len(value) == 1:
        return isinstance(value[0], Digest)
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and "..." in value[0]


class Texts:
    """The sealed texts of one stream. Without `reveal` nothing is opened and no passphrase is asked for."""

    def __init__(self, ledger: Ledger, stream: str, *, reveal: bool) -> None:
        self._ledger = ledger
        self._rows = {}
        if reveal:
            self._rows = {row.digest: row for row in ledger.recorder.disclosures_of(stream)}

    def value(self, sealed: Any, domain: str) -> str:
        """The text behind a sealed field's value, or `sealed: DOMAIN`, or `erased: DOMAIN`.

        SealedError where a passphrase is wrong or a stored text does not hold.
        """
        digest = sealed[0].digest if isinstance(sealed[0], Digest) else sealed[0]["..."]
        row = self._rows.get(digest)
        if row is None:
            return f"sealed: {domain}"
        try:
            key = self._ledger.keys.open_key(int(row.key_id))
        except NoRightError:
            return f"sealed: {domain}"
        except KeyDestroyedError:
            return f"erased: {domain}"
        text = decrypt(
            row.ciphertext, key, stream=row.stream, seq=row.seq, field=row.field, digest=row.digest
        )
        return str(open_disclosure(text, row.digest))

    def fields(self, event: Event, context: Context) -> dict[str, str]:
        """An event's sealed fields: field to text, or to `sealed: DOMAIN`."""
        return {
            name: self.value(value, context.domain(event, name))
            for name in type(event).SEALED
            if (value := getattr(event, name)) is not None
        }
