"""Sealed texts, opened with the keys at hand and measured against the digests that entries state."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ledger.errors import (
    CiphertextError,
    DisclosureError,
    KeyDestroyedError,
    LedgerError,
    NoRightError,
    SealedError,
    UnknownKeyError,
)
from ledger.keys.database import KeyDatabase
from ledger.sealing import decrypt, open_disclosure
from ledger.verification.faults import Fault, Kind

DISCLOSURES = "disclosures"


class KeyFiles(NamedTuple):
    """A key database and the role file to read with. A passphrase is never asked for."""

    database: Path
    role: Path
    passphrase: str | None


@dataclass(slots=True)
class Opened:
    """How many texts were opened and found right, stayed sealed for want of a key, or are erased."""

    opened: int = 0
    unopened: int = 0
    erased: int = 0
    why: set[str] = field(default_factory=set)
    """Why texts stayed sealed, beside having no right to them."""

    def add(self, other: "Opened") -> None:
        """Takes in another pass's."""
        self.opened += other.opened
        self.unopened += other.unopened
        self.erased += other.erased
        self.why |= other.why


class Text(NamedTuple):
    """A row of `disclosures` whose digest is the one its entry states."""

    stream: str
    seq: int
    field: str
    digest: str
    key_id: str
    ciphertext: bytes

    @property
    def place(self) -> str:
        """How a report names it."""
        return f"{self.stream}/{self.seq}/{self.field}"


class Texts:
    """Opens texts with one role's rights. Every key is unwrapped once."""

    def __init__(self, files: KeyFiles, faults: list[Fault]) -> None:
        self.opened = Opened()
        self._faults = faults
        self._keys = KeyDatabase.open(files.database, files.role, passphrase=files.passphrase)
        self._known: dict[str, bytes | str] = {}

    def close(self) -> None:
        """Forgets the keys."""
        self._known.clear()
        self._keys.close()

    def check(self, row: Text) -> None:
        """Opens one text, if it can be opened."""
        found = self._known.get(row.key_id)
        if found is None:
            self._known[row.key_id] = found = self._key(row)
        if isinstance(found, str):
            if found == "erased":
                self.opened.erased += 1
            else:
                self.opened.unopened += 1
            if found == "unknown":
                said = f"data key {row.key_id[:40]!r} was never in the key database"
                self._faults.append(Fault(DISCLOSURES, row.place, Kind.UNKNOWN_DATA_KEY, said))
            return
        try:
            text = decrypt(
                row.ciphertext, found, stream=row.stream, seq=row.seq, field=row.field, digest=row.digest
            )
            open_disclosure(text, row.digest)
        except (CiphertextError, DisclosureError, SealedError) as wrong:
            said = (
                "the text opens, and is not the one its entry commits to"
                if isinstance(wrong, DisclosureError)
                else "the stored text does not open with its key: it was altered or moved"
            )
            self._faults.append(Fault(DISCLOSURES, row.place, Kind.DISCLOSURE_TEXT, said))
            return
        self.opened.opened += 1

    def _key(self, row: Text) -> bytes | str:
        if not (row.key_id.isascii() and row.key_id.isdecimal() and len(row.key_id) < 20):
            return "unknown"
        try:
            return self._keys.open_key(int(row.key_id))
        except KeyDestroyedError:
            return "erased"
        except UnknownKeyError:
            return "unknown"
        except NoRightError:
            return "sealed"
        except (
            LedgerError
        ) as wrong:  # no passphrase, a damaged role file: the text stays sealed, and it is said
            self.opened.why.add(str(wrong))
            return "sealed"
