"""What the role in use may read: its private keys, unlocked when something must be opened and not before.

Keys of generations made after the role file was written are delivered through the key database, wrapped to the file's
own key.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ledger.errors import NoRightError, NotGrantedError, OtherLedgerError, RoleFileError, SealedError
from ledger.keys.grant_store import Generation, GrantStore
from ledger.keys.role_file import (
    Contents,
    Known,
    KnownKeys,
    PrivateKeys,
    RoleFile,
    Secrets,
    read_role_file,
    write_role_file,
)
from ledger.keys.trust import newest_of, newest_trusted
from ledger.values import Domain

Passphrase = str | Callable[[], str] | None
"""A passphrase, or what asks for it when it is needed."""


class ReadingRights:
    """The rights of one role file on one key database; none at all where there is no file."""

    def __init__(self, role_path: Path | None, passphrase: Passphrase, store: GrantStore) -> None:
        self._named = role_path
        self._passphrase = passphrase
        self._store = store
        self._secrets: Secrets | None = None
        self._typed: str | None = None
        self._private_keys: PrivateKeys = {}
        self._up_to_date = False  # with what was delivered
        self._generations: dict[tuple[Domain, int], Generation] | None = None
        self._role: RoleFile | None = None
        if role_path is not None and _is_there(role_path):
            self._role = read_role_file(role_path)
            if self._role.ledger_id != store.ledger_id:
                raise OtherLedgerError(role_path, store.ledger_id, self._role.ledger_id)

    @property
    def role(self) -> RoleFile | None:
        """The role file in use, or None."""
        return self._role

    @property
    def role_path(self) -> Path | None:
        """Where the role file in use is, or None."""
        return None if self._role is None else self._role.path

    @property
    def at_hand(self) -> bool:
        """Whether keys can be used without asking anybody for a passphrase."""
        return self._secrets is not None or (self._role is not None and not self._role.is_locked)

    def include(self, domain: Domain) -> bool:
        """Whether the role holds the key of `domain`."""
        return self._role is not None and domain in self._role.domains

    def require(self, domain: Domain) -> RoleFile:
        """The role file in use. NoRightError without one, or if it does not hold the key of `domain`."""
        if self._role is None:
            raise NoRightError(
                domain, "no role file" if self._named is None else f"{self._named}, which is absent,"
            )
        if domain not in self._role.domains:
            raise NoRightError(domain, f"the role {self._role.role} ({self._role.path})")
        return self._role

    def private_key(self, domain: Domain, generation: int) -> bytes | None:
        """The private key, or None if the role has the domain but not this generation.

        Raises `NoRightError` without the domain; and what is wrong with the role file or its passphrase.
        """
        return self._unlocked(self.require(domain)).get((domain, generation))

    def keys_of(self, domains: frozenset[Domain]) -> PrivateKeys:
        """Every generation's private key of these domains. Raises as `private_key` does."""
        return {
            place: key
            for domain in sorted(domains)
            for place, key in self._unlocked(self.require(domain)).items()
            if place[0] is domain
        }

    def in_file(self) -> tuple[RoleFile, Secrets]:
        """The role file in use and what it holds itself, nothing delivered.

        Raises `NotGrantedError` without a role file; and what is wrong with it or its passphrase.
        """
        if self._role is None:
            raise NotGrantedError(self._named or "the role file", "is absent")
        self._unlocked(self._role)
        if self._secrets is None:  # which `_unlocked` has seen to
            raise NotGrantedError(self._role.path, "was let go of meanwhile")
        return self._role, self._secrets

    def rewrite(self, contents: Contents, secrets: Secrets, passphrase: str | None) -> None:
        """Puts the role file in use in its own place anew, whole. RoleFileError if it cannot be written."""
        role, _ = self.in_file()
        write_role_file(role.path, contents, secrets, passphrase, anew=True)
        self._role, self._secrets, self._typed = read_role_file(role.path), secrets, passphrase
        self.expect_changes()

    def newest(self, domain: Domain) -> Generation:
        """The generation to wrap new data keys of `domain` to, whether the role reads it or not. See `trust`."""
        return newest_trusted(domain, self._store, self._all(), self._told_of(domain), self.role_path)

    def known(self) -> KnownKeys:
        """The newest generation of each domain that this role has reason to believe, for the next role file."""
        told = {} if self._role is None else dict(self._role.contents.known)
        for domain in Domain:
            with suppress(SealedError):
                newest, one = self.newest(domain), self._told_of(domain)
                if one is not None and one.generation == newest.number:
                    told[domain] = (
                        one  # what the file said of its verifier, not what the key database says now
                    )
                elif newest.verifier is not None:
                    told[domain] = Known(newest.number, newest.public_key, newest.verifier)
        return told

    @property
    def passphrase(self) -> str | None:
        """The passphrase that opened the role file; None where it is not locked, or not opened yet."""
        return self._typed

    def expect_changes(self) -> None:
        """Something was replaced in the key database: its generations and deliveries are looked at again."""
        self._generations = None
        self._up_to_date = False

    def forget(self) -> None:
        """Drops the private keys; the next use unlocks them again."""
        self._secrets = self._typed = None
        self._private_keys = {}
        self.expect_changes()

    # -- what is in the file and what was delivered -------------------------------------------------------

    def _unlocked(self, role: RoleFile) -> PrivateKeys:
        if self._secrets is None:
            passphrase = self._passphrase
            if callable(passphrase):
                passphrase = passphrase() if role.is_locked else None
            secrets = role.open_keys(passphrase)
            self._check_pairs(role.path, secrets.keys)
            self._secrets, self._typed = secrets, passphrase if role.is_locked else None
        if not self._up_to_date:
            self._private_keys = {**self._delivered(role, self._secrets), **self._secrets.keys}
            self._up_to_date = True
        return self._private_keys

    def _delivered(self, role: RoleFile, secrets: Secrets) -> PrivateKeys:
        """The private keys delivered to this role file that are what the key database wraps to."""
        from ledger.keys.wrapping import Delivery, public_key_of, unwrap

        grant_id, generations = role.contents.grant_id, self._all()
        if grant_id is None or secrets.own_key is None:
            return {}
        opened = {}
        for one in self._store.granted_to(grant_id):
            place = (one.domain, one.generation)
            if not isinstance(one.delivered, bytes) or one.domain not in role.domains:
                continue
            delivery = Delivery(self._store.ledger_id, grant_id, one.domain, one.generation)
            key = unwrap(one.delivered, secrets.own_key, delivery)
            if (
                key is not None
                and place in generations
                and public_key_of(key) == generations[place].public_key
            ):
                opened[place] = key
        return opened

    def _check_pairs(self, path: Path, private_keys: PrivateKeys) -> None:
        """A database with somebody else's public keys in it would have texts sealed for that somebody.

        One that lacks generations later than its own newest is an older copy: what it has can be read.
        """
        from ledger.keys.wrapping import public_key_of

        generations = self._all()
        for (domain, number), key in private_keys.items():
            there, newest = generations.get((domain, number)), newest_of(domain, generations)
            if there is None and newest is not None and newest.number < number:
                continue
            if there is None or there.public_key != public_key_of(key):
                raise RoleFileError(path, f"its {domain} key is not the one the key database wraps to")

    def _told_of(self, domain: Domain) -> Known | None:
        """The generation that others are checked against; of version 1's files, the newest in the file itself."""
        if self._role is None:
            return None
        told = self._role.contents.known.get(domain)
        if told is not None or not (self.at_hand and self.include(domain)):
            return told
        from ledger.keys.vouching import verifier_of
        from ledger.keys.wrapping import public_key_of

        self._unlocked(self._role)
        keys = {} if self._secrets is None else self._secrets.keys
        number, key = max((number, key) for (of, number), key in keys.items() if of is domain)
        return Known(number, public_key_of(key), verifier_of(key))

    def _all(self) -> dict[tuple[Domain, int], Generation]:
        if self._generations is None:
            self._generations = self._store.generations()
        return self._generations


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise RoleFileError(path, error.strerror or str(error)) from None
    return True
