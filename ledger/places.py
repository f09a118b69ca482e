"""Where a ledger lives: its database, and beside it, as files of their own, its keys and the role file."""

import getpass
import os
import re
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ledger.address import shown
from ledger.errors import LedgerExistsError, UsageError

DEFAULT_URL = "sqlite:///engagements.db"
_SQLITE = "sqlite:///"
_SERVER = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of one ledger are.

    `url` is fit to be shown: it holds no password. `place` is what the storage opens: a file's path, or the whole
    address of a database on a PostgreSQL server. `name` is the ledger's short name, that of its file or database.
    """

    url: str
    place: str = field(repr=False)
    name: str
    keys: Path
    role: Path
    views: Path | None
    """The file of the read models; None where they stand in the database server."""

    @classmethod
    def of(cls, url: str, *, keys: str | None = None, role: str | None = None) -> "Places":
        """The places a URL stands for; `keys` and `role` name other files than the ones beside the ledger.

        A ledger on a server has its key files in the current folder. UsageError for any other URL.
        """
        if url.startswith(tuple(f"{scheme}://" for scheme in _SERVER)):
            return cls._on_server(url, keys, role)
        if not url.startswith(_SQLITE) or not url.removeprefix(_SQLITE):
            raise UsageError(
                f"--ledger: expected {_SQLITE}PATH (for instance {DEFAULT_URL}, or sqlite:////home/me/e.db) or "
                f"postgresql://USER@HOST/DATABASE, came {shown(url[:200])!r}"
            )
        database = Path(url.removeprefix(_SQLITE))
        return cls(
            url,
            str(database),
            database.stem,
            Path(keys) if keys else database.with_name(database.stem + ".keys"),
            Path(role) if role else database.with_name(database.stem + ".role"),
            database.with_name(database.stem + ".views"),
        )

    @classmethod
    def _on_server(cls, url: str, keys: str | None, role: str | None) -> "Places":
        try:
            name = unquote(urlsplit(url).path.removeprefix("/"))
        except ValueError as wrong:
            raise UsageError(f"--ledger: expected postgresql://USER@HOST/DATABASE: {wrong}") from None
        if not name:
            raise UsageError(
                f"--ledger: expected the database's name at the end, as in postgresql://USER@HOST/DATABASE, came "
                f"{shown(url)!r}"
            )
        stem = re.sub(r"[^A-Za-z0-9._-]", "-", name).lstrip(".-") or "engagements"
        return cls(shown(url), url, stem, Path(keys or f"{stem}.keys"), Path(role or f"{stem}.role"), None)

    @property
    def is_file(self) -> bool:
        """Whether the ledger is a file, not on a server."""
        return self.views is not None

    @property
    def database(self) -> Path:
        """The ledger's file. UsageError where it is on a server."""
        if not self.is_file:
            raise UsageError(f"{self.url} is on a server: there is no file of it here")
        return Path(self.place)

    @property
    def keys_there(self) -> bool:
        """Whether there is a key database; where that cannot be known, there is none."""
        try:
            return self.keys.exists()
        except OSError:
            return False

    @property
    def files(self) -> list[Path]:
        """The ledger's files that are here and cannot be made anew."""
        return [*([self.database] if self.is_file else []), self.keys, self.role]

    def refuse_taken(self) -> None:
        """LedgerExistsError if any of the files is there already; UsageError where there is no folder for them."""
        for file in self.files:
            if os.path.lexists(file):
                raise LedgerExistsError(file)
            if not file.parent.is_dir():
                raise UsageError(f"the folder {file.parent} is not there; make it, or name another place")

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
