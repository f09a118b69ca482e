"""Where a ledger lives: its database, and beside it, as files of their own, its keys and the role file."""

import getpass
import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ledger.errors import LedgerExistsError, UsageError

DEFAULT_URL = "sqlite:///engagements.db"
_SCHEME = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one ledger."""

    url: str
    database: Path
    keys: Path
    role: Path

    @classmethod
    def of(cls, url: str, *, keys: str | None = None, role: str | None = None) -> "Places":
        """The places a URL stands for; `keys` and `role` name other files than the ones beside the ledger."""
        if not url.startswith(_SCHEME) or not url.removeprefix(_SCHEME):
            raise UsageError(
                f"--ledger: expected {_SCHEME}PATH (for instance {DEFAULT_URL}, or sqlite:////home/me/e.db), "
                f"came {url[:200]!r}"
            )
        database = Path(url.removeprefix(_SCHEME))
        return cls(
            url,
            database,
            Path(keys) if keys else database.with_name(database.stem + ".keys"),
            Path(role) if role else database.with_name(database.stem + ".role"),
        )

    def refuse_taken(self) -> None:
        """LedgerExistsError if any of the files is there already."""
        for place in (self.database, self.keys, self.role):
            if os.path.lexists(place):
                raise LedgerExistsError(place)
        if not self.database.parent.is_dir():
            raise UsageError(
                f"the folder {self.database.parent} is not there; make it, or name another place"
            )

    @property
    def via(self) -> str:
        """What every entry says of the program and the operating-system user that recorded it."""
        return f"engagement-ledger {program_version()}; {_user()}"


def program_version() -> str:
    """The installed version."""
    try:
        return version("engagement-ledger")
    except PackageNotFoundError:
        return "0+source"


def _user() -> str:
    try:
        return getpass.getuser()[:100]
    except (KeyError, OSError):
        return str(os.getuid())
