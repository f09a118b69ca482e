"""The key database's rows about who may read: generations of domain keys, grants, deliveries, backups taken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import KeyDatabaseError
from ledger.keys.store import KeyStore, WrappedKey
from ledger.values import Domain


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation of a domain's key pair, and who stands behind it.

    `verifier` is None where no holder has said yet what it is: a key database of version 1.
    """

    domain: Domain
    number: int
    public_key: bytes
    verifier: bytes | None
    predecessor: int | None
    """The generation whose holder signed this one; None for the first, and where keys were lost."""
    signature: bytes | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role file that was given out."""

    id: str
    role: str
    holder: str
    public_key: bytes
    granted_at: str
    granted_by: str
    revoked_at: str | None = None
    revoked_by: str | None = None


@dataclass(frozen=True, slots=True)
class GrantedDomain:
    """That a grant opens a generation of a domain: signed by that generation, delivered or in the role file."""

    grant_id: str
    domain: Domain
    generation: int
    signature: bytes
    delivered: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class BackupTaken:
    """A copy of the key database, and the last data key it has in it."""

    file: str
    taken_at: str
    taken_by: str
    last_position: int


class GrantStore(KeyStore):
    """An open key database file, with what it says of readers."""

    # -- generations --------------------------------------------------------------------------------------

    def generations(self) -> dict[tuple[Domain, int], Generation]:
        """Every generation of every domain."""
        rows = self._rows(
            "SELECT domain, generation, public_key, verifier, predecessor, signature "
            "FROM domain_key LEFT JOIN voucher USING (domain, generation)"
        )
        found = (Generation(self._domain(row[0]), *row[1:]) for row in rows)
        return {(one.domain, one.number): one for one in found}

    def add_generation(self, made: Generation) -> None:
        """Stores a new generation; within `writing`."""
        self._rows("INSERT INTO domain_key VALUES (?, ?, ?)", made.domain, made.number, made.public_key)
        self._rows(
            "INSERT INTO voucher VALUES (?, ?, ?, ?, ?)",
            *(made.domain, made.number, made.verifier, made.predecessor, made.signature),
        )
        self._rows("UPDATE key_database SET epoch = epoch + 1")

    def add_verifier(self, domain: Domain, generation: int, verifier: bytes) -> None:
        """Says what signatures of a generation are checked with, as its holder knows it; within `writing`."""
        self._rows(
            "INSERT INTO voucher VALUES (?, ?, ?, NULL, NULL) "
            "ON CONFLICT (domain, generation) DO UPDATE SET verifier = excluded.verifier",
            *(domain, generation, verifier),
        )

    # -- grants -------------------------------------------------------------------------------------------

    def grants(self) -> list[Grant]:
        """Every grant, the oldest first."""
        return [Grant(*row) for row in self._rows("SELECT * FROM role_grant ORDER BY granted_at, id")]

    def grant(self, grant_id: str) -> Grant | None:
        """The grant of that id."""
        rows = self._rows("SELECT * FROM role_grant WHERE id = ?", grant_id)
        return Grant(*rows[0]) if rows else None

    def add_grant(self, grant: Grant, domains: Iterable[GrantedDomain]) -> None:
        """Stores a new grant and what it opens; within `writing`."""
        self._rows(
            "INSERT INTO role_grant (id, role, holder, public_key, granted_at, granted_by) VALUES (?, ?, ?, ?, ?, ?)",
            *(grant.id, grant.role, grant.holder, grant.public_key, grant.granted_at, grant.granted_by),
        )
        for one in domains:
            self.add_granted(one)

    def add_granted(self, granted: GrantedDomain) -> None:
        """Stores that a grant opens one generation of a domain more; within `writing`."""
        self._rows(
            "INSERT INTO granted_domain VALUES (?, ?, ?, ?, ?)",
            *(granted.grant_id, granted.domain, granted.generation, granted.signature, granted.delivered),
        )

    def withdraw(self, grant_id: str) -> None:
        """Takes back a grant whose role file could not be written; within `writing`."""
        self._rows("DELETE FROM granted_domain WHERE grant_id = ?", grant_id)
        self._rows("DELETE FROM role_grant WHERE id = ?", grant_id)

    def revoke(self, grant_id: str, at: str, by: str) -> None:
        """Marks a grant revoked; within `writing`."""
        self._rows(
            "UPDATE role_grant SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL",
            *(at, by, grant_id),
        )

    def granted(self, domain: Domain, generation: int) -> list[tuple[Grant, GrantedDomain]]:
        """Whoever is said to open a generation of a domain, revoked or not."""
        rows = self._rows(
            "SELECT role_grant.*, domain, generation, signature, delivered FROM granted_domain "
            "JOIN role_grant ON role_grant.id = grant_id WHERE domain = ? AND generation = ? ORDER BY role_grant.id",
            *(domain, generation),
        )
        return [(Grant(*row[:8]), self._granted(row[0], *row[8:])) for row in rows]

    def granted_to(self, grant_id: str) -> list[GrantedDomain]:
        """Every generation of every domain that a grant is said to open."""
        rows = self._rows(
            "SELECT domain, generation, signature, delivered FROM granted_domain WHERE grant_id = ?", grant_id
        )
        return [self._granted(grant_id, *row) for row in rows]

    # -- data keys that wait for re-wrapping --------------------------------------------------------------

    def is_waiting(self, domain: Domain, generation: int) -> bool:
        """Whether a live data key is wrapped to this generation."""
        return bool(
            self._rows(
                "SELECT 1 FROM data_key WHERE domain = ? AND generation = ? AND wrapped IS NOT NULL LIMIT 1",
                *(domain, generation),
            )
        )

    def count_waiting(self, domain: Domain, generation: int) -> int:
        """How many live data keys are wrapped to this generation. Counts them: for who will re-wrap them all."""
        return self._one(
            int,
            "SELECT count(*) FROM data_key WHERE domain = ? AND generation = ? AND wrapped IS NOT NULL",
            *(domain, generation),
        )

    def count_live(self) -> int:
        """How many data keys are there and not destroyed. Counts them all: for who has just copied them all."""
        return self._one(int, "SELECT count(*) FROM data_key WHERE wrapped IS NOT NULL")

    def batch(
        self, domain: Domain, generation: int, after: int, size: int
    ) -> Sequence[tuple[int, WrappedKey]]:
        """The next live data keys wrapped to a generation, each with its position, in order."""
        rows = self._rows(
            "SELECT position, key_id, subject, domain, generation, wrapped, tag FROM data_key "
            "WHERE domain = ? AND generation = ? AND wrapped IS NOT NULL AND position > ? ORDER BY position LIMIT ?",
            *(domain, generation, after, size),
        )
        found = ((row[0], self._wrapped_key([row[1:]])) for row in rows)
        return [(position, key) for position, key in found if key is not None]

    def rewrap(self, keys: Mapping[bytes, WrappedKey]) -> int:
        """Puts data keys, wrapped anew, in the place of what they were wrapped as; how many; within `writing`.

        One destroyed or wrapped anew meanwhile is left as it is.
        """
        return sum(
            self._connection.execute(
                "UPDATE data_key SET generation = ?, wrapped = ?, tag = ? WHERE key_id = ? AND wrapped = ?",
                (key.generation, key.wrapped, key.tag, key.key_id, before),
            ).rowcount
            for before, key in keys.items()
        )

    # -- backups ------------------------------------------------------------------------------------------

    def last_position(self) -> int:
        """The position of the data key made last; 0 where there is none."""
        return self._one(int, "SELECT coalesce(max(position), 0) FROM data_key")

    def backups(self) -> list[BackupTaken]:
        """Every copy that was registered, the oldest first."""
        return [
            BackupTaken(*row)
            for row in self._rows(
                "SELECT file, taken_at, taken_by, last_position FROM backup_taken ORDER BY id"
            )
        ]

    def add_backup(self, taken: BackupTaken) -> int:
        """Registers a copy; its number; within `writing`."""
        return (
            self._connection.execute(
                "INSERT INTO backup_taken (file, taken_at, taken_by, last_position) VALUES (?, ?, ?, ?)",
                (taken.file, taken.taken_at, taken.taken_by, taken.last_position),
            ).lastrowid
            or 0
        )

    def amend_backup(self, number: int, last_position: int) -> None:
        """Says what a copy has in it, once that is known; within `writing`."""
        self._rows("UPDATE backup_taken SET last_position = ? WHERE id = ?", last_position, number)

    def withdraw_backup(self, number: int) -> None:
        """Takes back a copy that was not made after all; within `writing`."""
        self._rows("DELETE FROM backup_taken WHERE id = ?", number)

    def check(self) -> None:
        """Has SQLite look at the whole file. `KeyDatabaseError` if it finds anything."""
        found = self._rows("PRAGMA quick_check(1)")
        if found != [("ok",)]:
            raise KeyDatabaseError(
                self.path, f"it is damaged ({str(found[0][0])[:100] if found else 'unread'})"
            )

    # -- rows ---------------------------------------------------------------------------------------------

    def _granted(self, grant_id: str, domain: Any, *rest: Any) -> GrantedDomain:
        return GrantedDomain(grant_id, self._domain(domain), *rest)

    def _domain(self, name: Any) -> Domain:
        try:
            return Domain(name)
        except ValueError:
            raise KeyDatabaseError(self.path, f"it names a domain {str(name)[:40]!r}") from None
