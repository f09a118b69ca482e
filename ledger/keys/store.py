"""The key database's rows: what is asked of them and written to them, each by an index."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ledger.errors import ConflictError, KeyDatabaseError
from ledger.keys import schema
from ledger.sealing import KEY_BYTES
from ledger.values import Domain

_T = TypeVar("_T")

_KEY_ID_LIMIT = 1 << 63
_A_MOMENT = 0.01  # seconds
_DOMAINS = frozenset(Domain)
_OF_CLIENT = "client/"  # so begin the subjects that are clients


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A row of `data_key`: a data key as wrapped to one generation of its domain's key pair.

    Once destroyed, `wrapped` is None. `tag` marks one made by somebody who can read it.
    """

    key_id: int
    subject: str
    domain: Domain
    generation: int
    wrapped: bytes | None = field(repr=False)
    tag: bytes | None = field(default=None, repr=False)


class KeyStore:
    """An open key database file. Not for two threads at once.

    Every method may raise `KeyDatabaseError` if the file is damaged, `ConflictError` if it is locked for
    long.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = schema.connect(path)
        try:
            self.ledger_id = self._one(str, "SELECT ledger_id FROM key_database")
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Lets the file go; again is harmless."""
        with schema.sqlite_errors(self.path):
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its first moment; durable when the block has ended."""
        with schema.sqlite_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def epoch(self) -> int:
        """A number that grows whenever keys are destroyed or replaced, by whatever process."""
        return self._one(int, "SELECT epoch FROM key_database")

    # -- domain keys --------------------------------------------------------------------------------------

    def public_key(self, domain: Domain) -> tuple[int, bytes]:
        """The newest generation of a domain's key pair: its number and X25519 public key, 32 raw bytes."""
        generation = self._one(int, "SELECT max(generation) FROM domain_key WHERE domain = ?", domain)
        public_key = self._one(
            bytes, "SELECT public_key FROM domain_key WHERE domain = ? AND generation = ?", domain, generation
        )
        if len(public_key) != KEY_BYTES:
            raise KeyDatabaseError(self.path, f"its public key for {domain} was altered")
        return generation, public_key

    # -- data keys ----------------------------------------------------------------------------------------

    def newest(self, subject: str, domain: Domain) -> WrappedKey | None:
        """The live data key made last by somebody who says that he can read it."""
        return self._wrapped_key(
            self._rows(
                "SELECT key_id, subject, domain, generation, wrapped, tag FROM data_key WHERE subject = ? "
                "AND domain = ? AND wrapped IS NOT NULL AND tag IS NOT NULL ORDER BY position DESC LIMIT 1",
                subject,
                domain,
            )
        )

    def find(self, key_id: int) -> WrappedKey | None:
        """The data key of that number, destroyed or not."""
        if not 0 <= key_id < _KEY_ID_LIMIT:
            return None
        return self._wrapped_key(
            self._rows(
                "SELECT key_id, subject, domain, generation, wrapped, tag FROM data_key WHERE key_id = ?",
                key_id,
            )
        )

    def is_live(self, key_id: int) -> bool:
        """Whether the data key is there and not destroyed."""
        return bool(self._rows("SELECT 1 FROM data_key WHERE key_id = ? AND wrapped IS NOT NULL", key_id))

    def add(self, keys: Iterable[WrappedKey]) -> None:
        """Stores new data keys; within `writing`."""
        self._connection.executemany(
            "INSERT INTO data_key (key_id, subject, domain, generation, wrapped, tag) VALUES (?, ?, ?, ?, ?, ?)",
            [(key.key_id, key.subject, key.domain, key.generation, key.wrapped, key.tag) for key in keys],
        )

    def live(self, subject: str) -> dict[int, int]:
        """The live data keys of `subject`: key id to position."""
        sql = "SELECT key_id, position FROM data_key WHERE subject = ? AND wrapped IS NOT NULL"
        return dict(self._rows(sql, subject))

    def destroy(self, subject: str, only: Collection[int] | None = None) -> int:
        """Takes the wrapped form out of the live data keys of `subject`, or only some; how many; within `writing`.

        The rows of `client_index` that find the client by name go too.
        """
        live = self.live(subject)
        doomed = [(key_id,) for key_id in live if only is None or key_id in only]
        self._connection.executemany(
            "UPDATE data_key SET wrapped = NULL, tag = NULL WHERE key_id = ?", doomed
        )
        if doomed:
            self._connection.execute("UPDATE key_database SET epoch = epoch + 1")
        if subject.startswith(_OF_CLIENT):
            client = subject.removeprefix(_OF_CLIENT)
            self._connection.execute("DELETE FROM client_index WHERE client = ?", (client,))
        return len(doomed)

    def wipe(self) -> None:
        """Removes what was destroyed from the write-ahead log too, where it stands as it was.

        The pages of the file itself are blanked as they are freed (`secure_delete`). Raises `ConflictError`
        if a reader keeps the log. SQLite itself waits for readers; who else wipes just then is waited for here.
        """
        until = time.monotonic() + schema.BUSY_SECONDS
        while self._one(int, "PRAGMA wal_checkpoint(TRUNCATE)"):
            if time.monotonic() >= until:
                raise ConflictError(
                    f"{self.path} is being read: the keys are destroyed, but run it again to wipe them"
                )
            time.sleep(_A_MOMENT)

    # -- settings -----------------------------------------------------------------------------------------

    def setting(self, name: str) -> bytes | None:
        """The stored value, or None."""
        rows = self._rows("SELECT value FROM setting WHERE name = ?", name)
        if rows and not isinstance(rows[0][0], bytes):
            raise KeyDatabaseError(self.path, f"its setting {name} was altered")
        return rows[0][0] if rows else None

    def settings(self, names: Sequence[str]) -> dict[str, bytes]:
        """Those of these that are stored, all as they stood at one moment."""
        marks = ",".join("?" * len(names))
        found = dict(self._rows(f"SELECT name, value FROM setting WHERE name IN ({marks})", *names))  # noqa: S608
        for name, value in found.items():
            if not isinstance(value, bytes):
                raise KeyDatabaseError(self.path, f"its setting {name} was altered")
        return found

    def change_setting(self, name: str, change: Callable[[bytes | None], bytes]) -> bytes:
        """Stores what `change` makes of the stored value, in one transaction, and returns it."""
        return self.change_settings([name], lambda stored: {name: change(stored.get(name))})[name]

    def change_settings(
        self, names: Sequence[str], change: Callable[[Mapping[str, bytes]], Mapping[str, bytes | None]]
    ) -> dict[str, bytes]:
        """Stores what `change` makes of the stored values (None: gone), in one transaction; what then stands."""
        with self.writing():
            stored = self.settings(names)
            changed = dict(change(stored))
            for name, value in changed.items():
                self.put_setting(name, value)
        return {name: value for name, value in (stored | changed).items() if value is not None}

    def put_setting(self, name: str, value: bytes | None) -> None:
        """Stores a value (None: takes it away); within `writing`."""
        if value is None:
            self._connection.execute("DELETE FROM setting WHERE name = ?", (name,))
        else:
            self._connection.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    # -- rows ---------------------------------------------------------------------------------------------

    def _wrapped_key(self, rows: list[Any]) -> WrappedKey | None:
        if not rows:
            return None
        key_id, subject, domain, generation, wrapped, tag = rows[0]
        kept = isinstance(wrapped, bytes | None) and isinstance(tag, bytes | None)
        if domain not in _DOMAINS or not kept:
            raise KeyDatabaseError(self.path, f"the row of data key {key_id} was altered")
        return WrappedKey(key_id, subject, Domain(domain), generation, wrapped, tag)

    def _one(self, kind: type[_T], statement: str, *values: object) -> _T:
        """The first column of the row there must be."""
        rows = self._rows(statement, *values)
        if not rows or not isinstance(rows[0][0], kind):
            raise KeyDatabaseError(self.path, f"a row is missing or was altered ({statement})")
        return rows[0][0]

    def execute(self, statement: str, *values: object) -> None:
        """Changes rows; within `writing`."""
        self._connection.execute(statement, values)

    def rows(self, statement: str, *values: object) -> list[Any]:
        """The rows that a question is answered with."""
        return self._rows(statement, *values)

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with schema.sqlite_errors(self.path):
            return self._connection.execute(statement, values).fetchall()
