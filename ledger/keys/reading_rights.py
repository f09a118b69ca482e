"""What the role in use may read: its private keys, unlocked when something must be opened and not before."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ledger.errors import NoRightError, OtherLedgerError, RoleFileError
from ledger.keys.role_file import PrivateKeys, RoleFile, read_role_file
from ledger.values import Domain

Passphrase = str | Callable[[], str] | None
"""A passphrase, or what asks for it when it is needed."""

PublicKeys = Mapping[tuple[str, int], bytes]
"""X25519 public keys, 32 raw bytes each, by domain and generation."""


class ReadingRights:
    """The rights of one role file; none at all where there is no file.

    `public_keys` fetches the key database's public keys, which the role's private keys must match.
    """

    def __init__(
        self,
        role_path: Path | None,
        passphrase: Passphrase,
        ledger_id: str,
        public_keys: Callable[[], PublicKeys],
    ) -> None:
        self._named = role_path
        self._passphrase = passphrase
        self._public_keys = public_keys
        self._private_keys: PrivateKeys | None = None
        self._role: RoleFile | None = None
        if role_path is not None and _is_there(role_path):
            self._role = read_role_file(role_path)
            if self._role.ledger_id != ledger_id:
                raise OtherLedgerError(role_path, ledger_id, self._role.ledger_id)

    @property
    def role(self) -> RoleFile | None:
        """The role file in use, or None."""
        return self._role

    @property
    def role_path(self) -> Path | None:
        """The role file in use, or None."""
        return None if self._role is None else self._role.path

    @property
    def at_hand(self) -> bool:
        """Whether keys can be used without asking anybody for a passphrase."""
        return self._private_keys is not None or (self._role is not None and not self._role.is_locked)

    def include(self, domain: Domain) -> bool:
        """Whether the role holds the key of `domain`."""
        return self._role is not None and domain in self._role.domains

    def private_key(self, domain: Domain, generation: int) -> bytes | None:
        """The private key, or None if the role has the domain but not this generation.

        Raises `NoRightError` without the domain; and what is wrong with the role file or its passphrase.
        """
        return self._unlocked(domain).get((domain, generation))

    def keys_of(self, domains: frozenset[Domain]) -> PrivateKeys:
        """Every generation's private key of these domains. Raises as `private_key` does."""
        return {
            place: key
            for domain in sorted(domains)
            for place, key in self._unlocked(domain).items()
            if place[0] is domain
        }

    def forget(self) -> None:
        """Drops the private keys; the next use unlocks them again."""
        self._private_keys = None

    def _unlocked(self, domain: Domain) -> PrivateKeys:
        if self._role is None:
            raise NoRightError(
                domain, "no role file" if self._named is None else f"{self._named}, which is absent,"
            )
        if domain not in self._role.domains:
            raise NoRightError(domain, f"the role {self._role.role} ({self._role.path})")
        if self._private_keys is None:
            passphrase = self._passphrase
            if callable(passphrase):
                passphrase = passphrase() if self._role.is_locked else None
            private_keys = self._role.open_keys(passphrase)
            self._check_pairs(self._role.path, private_keys)
            self._private_keys = private_keys
        return self._private_keys

    def _check_pairs(self, path: Path, private_keys: PrivateKeys) -> None:
        """A database with somebody else's public keys in it would have texts sealed for that somebody."""
        from ledger.keys.wrapping import public_key_of

        public_keys = self._public_keys()
        for (domain, generation), key in private_keys.items():
            if public_keys.get((domain.value, generation)) != public_key_of(key):
                raise RoleFileError(path, f"its {domain} key is not the one the key database wraps to")


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise RoleFileError(path, error.strerror or str(error)) from None
    return True
