"""What an import did."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.directory.directory import Alike
from ledger.errors import LedgerError
from ledger.proving.signing import Signed


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: entries recorded, lines known by their source already, files known as a whole."""

    entries: int
    known: int
    files_known: tuple[str, ...]
    positions: tuple[int, int] | None
    notes: tuple[int, ...] = ()
    """The positions of the entries (HistoryImported) that say which files were imported."""
    checkpoint: Signed | None = None
    """The checkpoint that covers them; None where nothing was imported, or it could not be signed yet."""
    unerased: LedgerError | None = None
    """Why keys that the entries say were destroyed are still there; the next opening destroys them."""
    same_person: tuple[Alike, ...] = ()
    """Clients who seem to be the same person as others."""
    registered: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """The file and line that registered a client, of the first so many."""
    uncompared: LedgerError | None = None
    """Why clients were not compared with the others."""
    left: bool = False
    """Whether some of them still have to be."""
