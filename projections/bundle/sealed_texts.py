"""The sealed texts of what is produced: revealed, withheld, redacted or erased, each with its reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.application import Ledger
from ledger.events.corrections import EntryCorrected
from ledger.history import Fact
from ledger.integrity.canonical import loads
from ledger.perspective import CLIENTS
from ledger.sealing import decrypt
from ledger.storage.rows import DisclosureRow, Row
from ledger.values import Domain, Retraction
from projections.bundle.request import Request, unredactable
from projections.context import Context
from projections.texts import is_sealed

REVEALED, WITHHELD, REDACTED, ERASED = "revealed", "withheld", "redacted", "erased"

_KIND_OF_TEXT = {
    Domain.IDENTITY: "identity",
    Domain.THERAPY: "therapy record",
    Domain.COACHING: "coaching record",
    Domain.PRACTICE: "practice matter",
}


@dataclass(frozen=True, slots=True)
class SealedText:
    """One sealed text of a produced entry; `disclosure` is D where it is revealed."""

    seq: int
    field: str
    digest: str
    domain: Domain
    status: str
    reason: str | None = None
    disclosure: str | None = None

    @property
    def label(self) -> str:
        """What stands where the text would."""
        if self.status == REDACTED:
            return f"withheld: {self.reason}"
        return f"{self.status}: {_KIND_OF_TEXT[self.domain]}"


class SealedTexts:
    """The sealed texts of entries, each with its status."""

    def __init__(self, ledger: Ledger, request: Request, context: Context, facts: Mapping[int, Fact]) -> None:
        self._ledger = ledger
        self._request = request
        self._context = context
        self._facts = facts
        self._stored = {row.digest: row for row in ledger.recorder.disclosures_of(CLIENTS + request.client)}

    def of(self, rows: Sequence[Row]) -> list[SealedText]:
        """Each text of these entries, in the order in which their bytes name them."""
        found = [self._text(row, name, digest) for row in rows for name, digest in digests(row.state)]
        there = {(text.seq, text.field) for text in found}
        for seq, name in sorted(self._request.redact):
            if (seq, name) not in there:
                raise unredactable(seq, name, type(self._facts[seq].entry.event))
        return found

    def _text(self, row: Row, name: str, digest: str) -> SealedText:
        stored = self._stored.get(digest)
        domain = self._domain(row, name, stored)
        if stored is None:
            return SealedText(row.seq, name, digest, domain, ERASED, "its text is not in the ledger any more")
        reason = self._request.redact.get((row.seq, name))
        if reason is not None:
            return SealedText(row.seq, name, digest, domain, REDACTED, reason)
        if self._ledger.keys.is_destroyed(int(stored.key_id)):
            return SealedText(row.seq, name, digest, domain, ERASED, "its key was destroyed")
        if domain not in self._request.reveal:
            why = f"{_KIND_OF_TEXT[domain]}, not part of this production"
            return SealedText(row.seq, name, digest, domain, WITHHELD, why)
        if self._speaks_of_another(row):
            return SealedText(row.seq, name, digest, domain, WITHHELD, "may speak of another client")
        key = self._ledger.keys.open_key(int(stored.key_id))
        text = decrypt(
            stored.ciphertext, key, stream=stored.stream, seq=stored.seq, field=stored.field, digest=digest
        )
        return SealedText(row.seq, name, digest, domain, REVEALED, None, text)

    def _speaks_of_another(self, row: Row) -> bool:
        """Whether it tells why an entry was taken back as another client's."""
        event = self._facts[row.seq].entry.event
        return isinstance(event, EntryCorrected) and event.retracted is Retraction.WRONG_CLIENT

    def _domain(self, row: Row, name: str, stored: DisclosureRow | None) -> Domain:
        """The domain of the key that sealed it; of a text that is gone, what the entry says."""
        if stored is not None:
            return self._ledger.keys.domain_of(int(stored.key_id))
        event = self._facts[row.seq].entry.event
        return Domain(self._context.domain(event, name))


def digests(state: bytes) -> Iterator[tuple[str, str]]:
    """The sealed fields of an entry's stored bytes: their path in `data`, and the digest."""
    data = loads(state)["data"]
    for name, value in data.items():
        if is_sealed(value):
            yield name, value[0]["..."]
        elif name == "changes" and isinstance(value, dict):
            for changed, now in value.items():
                if is_sealed(now):
                    yield f"changes.{changed}", now[0]["..."]
