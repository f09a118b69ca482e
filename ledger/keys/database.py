"""The key database: wrapped data keys per client and domain, and what must stay beside them.

A file of its own, never inside the ledger or its backup (DESIGN section 6). Private keys are not in it but in
role files. Whoever may write a domain need not be able to read it: a writer who cannot open a client's data
key makes a new one and wraps it to the domain's public key. A reader seals only with keys that a reader made:
others may be known to whoever put them there.

Two files, one truth (DESIGN section 6): `flush` makes new data keys durable before the ledger's COMMIT that
rests on them.
"""

import hmac
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ledger.errors import (
    DestroyedMeanwhileError,
    KeyDatabaseError,
    KeyDestroyedError,
    NoRightError,
    UnknownKeyError,
)
from ledger.keys import private_files
from ledger.keys.client_tokens import ClientTokens
from ledger.keys.grant_store import BackupTaken, Generation, GrantStore
from ledger.keys.reading_rights import Passphrase, ReadingRights
from ledger.keys.role_file import RoleFile
from ledger.keys.store import WrappedKey
from ledger.values import Domain

_KEYS_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key for AES-256-GCM, and the number (63 bits, random) that entries keep to find it again."""

    key_id: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A data key that waits for `flush`, as it is and as it will be stored."""

    made: DataKey
    stored: WrappedKey


class KeyDatabase:
    """One open key database, with the reading rights of at most one role. Threads take turns.

    Every method may raise `KeyDatabaseError` if the file is damaged, `ConflictError` if it is locked for 10
    seconds.
    """

    def __init__(self, path: Path, role_path: Path | None, passphrase: Passphrase) -> None:
        self.path = path
        self._store = GrantStore(path)
        self._turn = threading.RLock()
        self.client_tokens = ClientTokens(self._store, self._turn)
        self._for_writing: dict[tuple[str, Domain], DataKey] = {}
        self._opened: dict[int, bytes] = {}
        self._wrapping_to: dict[Domain, Generation] = {}
        self._pending: dict[int, _Pending] = {}
        self._in_use: dict[int, str] = {}  # stored keys given out since the last flush, and their subjects
        self._in_use_since = self._epoch = -1
        self._retired: set[str] = set()
        try:
            self._rights = ReadingRights(role_path, passphrase, self._store)
        except BaseException:
            self._store.close()
            raise

    @property
    def store(self) -> GrantStore:
        """The file's rows, for the modules of this package."""
        return self._store

    @property
    def rights(self) -> ReadingRights:
        """What the role in use may read, for the modules of this package."""
        return self._rights

    @contextmanager
    def turn(self) -> Iterator[None]:
        """No other thread of this process uses the key database meanwhile."""
        with self._turn:
            yield

    @property
    def ledger_id(self) -> str:
        """The ledger these keys belong to: 32 hexadecimal digits, made with the key database."""
        return self._store.ledger_id

    # -- making, opening, closing -------------------------------------------------------------------------

    @classmethod
    def create(
        cls, path: Path, role_path: Path, *, passphrase: str | None = None, at: str = "", by: str = ""
    ) -> Self:
        """A new key database, and the role file that reads all of it; both mode 0600.

        The database appears last: killed in between, there is at most a role file without one, never a
        database whose texts nobody could open. Raises `LedgerExistsError` if either place is taken, and then
        leaves both as they were; `RoleFileError` or `KeyDatabaseError` if a file cannot be written.
        """
        from ledger.keys.making import create

        create(path, role_path, passphrase=passphrase, at=at, by=by)
        return cls.open(path, role_path, passphrase=passphrase)

    @classmethod
    def open(cls, path: Path, role_path: Path | None, *, passphrase: Passphrase = None) -> Self:
        """The key database at `path`, read with the role file at `role_path`.

        Without a role file, or where it is absent, everything can be written and nothing read. The passphrase
        is asked for when something must be opened, not before. Raises `RoleFileError` for a damaged role
        file, `OtherLedgerError` for one of another ledger.
        """
        return cls(path, role_path, passphrase)

    def close(self) -> None:
        """Forgets every key, also those not flushed, and lets the file go."""
        with self._turn:
            self._forget()
            self._pending.clear()
            self._rights.forget()
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the owner should put right: files that other users of the machine may read or change."""
        role_path = self._rights.role_path
        files = [self.path, *([role_path] if role_path is not None else [])]
        return tuple(found for file in files if (found := private_files.exposure(file)) is not None)

    # -- data keys ----------------------------------------------------------------------------------------

    def data_key(self, subject: str, domain: Domain) -> DataKey:
        """The key to seal a text of `subject` in `domain` with; `flush` before the COMMIT that rests on it.

        The newest there is, if this role can open it without asking for a passphrase; else a new one, which
        waits for `flush`. One that was given out since the last flush is given again as it is: `flush` asks
        whether it still lives.
        """
        with self._turn:
            given = self._for_writing.get((subject, domain))
            if given is not None and (given.key_id in self._in_use or given.key_id in self._pending):
                return given
            self._notice_destruction()
            given = self._for_writing.get((subject, domain))
            if given is None:
                given = self._newest(subject, domain) or self._made(subject, domain)
                self._for_writing[subject, domain] = given
            if given.key_id not in self._pending:
                if not self._in_use:
                    self._in_use_since = self._epoch
                self._in_use[given.key_id] = subject
            return given

    def own_key(self, subject: str, domain: Domain) -> bytes:
        """The key of a subject that has one and no more: opened, or made, durable, where there is none yet.

        Raises as `open_key` does: whoever cannot open it makes none.
        """
        with self._turn:
            self._rights.keys_of(frozenset({domain}))
            self._notice_destruction()
            if self._store.newest(subject, domain) is None:
                made = self._pending.pop(self._made(subject, domain).key_id)
                with self._store.writing():
                    if self._store.newest(subject, domain) is None:  # another process may have been faster
                        self._store.add(self._up_to_date([made]))
            found = self._newest(subject, domain)
            if found is None:
                raise NoRightError(domain, f"{self._rights.role_path}, made before the keys were replaced,")
            return found.key

    def flush(self) -> None:
        """Makes every new data key durable, in one transaction: before the ledger's COMMIT, always.

        Raises `DestroyedMeanwhileError` if a key given out since the last flush has been destroyed meanwhile: what was
        sealed with it must be sealed again. Takes the file's write lock for a moment, so it waits for an
        eraser who has it.
        """
        with self._turn:
            if not self._pending and not self._in_use:
                return
            with self._store.writing():
                lost = self._destroyed_in_use()
                if not lost:
                    self._store.add(self._up_to_date(self._pending.values()))
            self._in_use.clear()
            if lost:
                self._forget()
                raise DestroyedMeanwhileError(lost)
            self._pending.clear()
            if len(self._for_writing) > _KEYS_REMEMBERED:
                self._for_writing.clear()

    def open_key(self, key_id: int) -> bytes:
        """The data key that entries name `key_id`.

        Raises `NoRightError` if the role holds no key for its domain, `KeyDestroyedError` if it was
        destroyed, `UnknownKeyError` if it was never here; and what is wrong with the role file or its
        passphrase.
        """
        with self._turn:
            self._notice_destruction()
            return self._opened.get(key_id) or self._open(self._find(key_id))

    def domain_of(self, key_id: int) -> Domain:
        """The domain of the data key that entries name `key_id`, destroyed or not; needs no right to read it.

        UnknownKeyError if it was never here.
        """
        with self._turn:
            return self._find(key_id).domain

    def is_destroyed(self, key_id: int) -> bool:
        """Whether the data key that entries name `key_id` was destroyed. UnknownKeyError if it was never here."""
        with self._turn:
            return self._find(key_id).wrapped is None

    def may_open(self, domain: Domain) -> bool:
        """Whether the role holds the key of `domain`; asks for no passphrase."""
        return self._rights.include(domain)

    def reads_unasked(self, domain: Domain) -> bool:
        """Whether texts of `domain` can be opened without asking anybody for a passphrase."""
        return self._rights.at_hand and self._rights.include(domain)

    def destroy(self, subject: str, only: Collection[int] | None = None) -> int:
        """Destroys the data keys of `subject` (`only` some of them), beyond recovery from this file; how many.

        What they sealed can then be opened by nobody; the rows stay and say "destroyed". Keys made later are
        not affected. What the index of clients says of it goes with them. Calling again is harmless. Raises
        `ConflictError` if a reader held the file so long that a trace remains in its write-ahead log: call again.
        """
        with self._turn:
            with self._store.writing():
                destroyed = self._store.destroy(subject, only)
            self._forget()
            self._retired.discard(subject)
            waiting = [one.stored for one in self._pending.values() if one.stored.subject == subject]
            for key_id in [stored.key_id for stored in waiting if only is None or stored.key_id in only]:
                del self._pending[key_id]
                self._in_use[key_id] = subject  # what it sealed must not be committed: flush will say so
                self._in_use_since = -1
            self._store.wipe()
            return destroyed

    def wipe(self) -> None:
        """Removes from the file's write-ahead log what was destroyed before. Raises as `destroy`."""
        with self._turn:
            self._store.wipe()

    def live_keys(self, subject: str) -> dict[int, int]:
        """The data keys of `subject` that are stored and not destroyed: key id to its place in the order of making."""
        with self._turn:
            return self._store.live(subject)

    def retire(self, subject: str) -> None:
        """Gives none of the subject's keys for writing again: an entry that is on its way destroys them.

        What is sealed from here on is sealed with a new one, until `destroy`.
        """
        with self._turn:
            self._retired.add(subject)
            for domain in Domain:
                self._for_writing.pop((subject, domain), None)

    def backups_with(self, position: int) -> list[BackupTaken]:
        """The copies of this file, as far as it knows of them, that hold a data key of this place in the order."""
        with self._turn:
            return [one for one in self._store.backups() if one.last_position >= position]

    def generations(self) -> dict[Domain, int]:
        """The newest generation of each domain's key pair."""
        with self._turn:
            return {domain: self._store.public_key(domain)[0] for domain in Domain}

    # -- role files ---------------------------------------------------------------------------------------

    @property
    def role(self) -> RoleFile | None:
        """The role file in use, or None."""
        return self._rights.role

    # -- what else must be kept beside the keys -----------------------------------------------------------

    def setting(self, name: str) -> bytes | None:
        """The stored value, or None."""
        with self._turn:
            return self._store.setting(name)

    def set_setting(self, name: str, value: bytes) -> None:
        """Stores `value`, durable on return."""
        self.change_setting(name, lambda _: value)

    def change_setting(self, name: str, change: Callable[[bytes | None], bytes]) -> bytes:
        """Stores what `change` makes of the stored value, and returns it; no other process comes in between.

        What `change` raises leaves everything as it was.
        """
        with self._turn:
            return self._store.change_setting(name, change)

    def settings(self, names: Sequence[str]) -> dict[str, bytes]:
        """Those of these that are stored, all as they stood at one moment."""
        with self._turn:
            return self._store.settings(names)

    def change_settings(
        self, names: Sequence[str], change: Callable[[Mapping[str, bytes]], Mapping[str, bytes | None]]
    ) -> dict[str, bytes]:
        """As `change_setting` for several at once; a value None takes one out. Returns what then stands of them."""
        with self._turn:
            return self._store.change_settings(names, change)

    # -- finding, making and opening a data key -----------------------------------------------------------

    def _newest(self, subject: str, domain: Domain) -> DataKey | None:
        """The newest live key, if it can be opened with what is at hand."""
        from ledger.keys import vouching, wrapping

        if subject in self._retired or not (self._rights.at_hand and self._rights.include(domain)):
            return None
        self._target(domain)  # raises where nothing may be sealed
        held = self._rights.keys_of(frozenset({domain}))  # even if none is stored: shows whom we wrap to
        stored = self._store.newest(subject, domain)
        if stored is None or (domain, stored.generation) not in held:
            return None
        place = wrapping.Place(self.ledger_id, subject, domain, stored.key_id)
        tag = vouching.tag_of(held[domain, stored.generation], place, stored.wrapped or b"")
        if not hmac.compare_digest(tag, stored.tag or b""):
            # whoever put it there in a reader's name could read what is sealed with it
            raise KeyDatabaseError(self.path, f"data key {stored.key_id} of {subject} was altered")
        return DataKey(stored.key_id, self._open(stored))

    def _made(self, subject: str, domain: Domain) -> DataKey:
        from ledger.keys import wrapping

        made = DataKey(secrets.randbits(63), wrapping.new_data_key())
        self._pending[made.key_id] = _Pending(made, self._wrapped(made, subject, domain))
        return made

    def _wrapped(self, made: DataKey, subject: str, domain: Domain) -> WrappedKey:
        """A new data key as it is stored; tagged if this role can read it."""
        from ledger.keys import vouching, wrapping

        to = self._target(domain)
        place = wrapping.Place(self.ledger_id, subject, domain, made.key_id)
        wrapped = wrapping.wrap(made.key, to.public_key, place)
        reads = self._rights.at_hand and self._rights.include(domain)
        private_key = self._rights.private_key(domain, to.number) if reads else None
        tag = None if private_key is None else vouching.tag_of(private_key, place, wrapped)
        return WrappedKey(made.key_id, subject, domain, to.number, wrapped, tag)

    def _target(self, domain: Domain) -> Generation:
        """To what new data keys of the domain are wrapped."""
        if domain not in self._wrapping_to:
            self._wrapping_to[domain] = self._rights.newest(domain)
        return self._wrapping_to[domain]

    def _up_to_date(self, waiting: Collection[_Pending]) -> list[WrappedKey]:
        """New data keys, wrapped anew where keys were replaced since they were made; the write lock is held."""
        concerned = {one.stored.domain for one in waiting}
        newest = {domain: self._store.public_key(domain)[0] for domain in concerned}
        for domain, number in newest.items():
            if domain in self._wrapping_to and self._wrapping_to[domain].number != number:
                del self._wrapping_to[domain]
                self._rights.expect_changes()
        return [
            one.stored
            if one.stored.generation == newest[one.stored.domain]
            else self._wrapped(one.made, one.stored.subject, one.stored.domain)
            for one in waiting
        ]

    def _find(self, key_id: int) -> WrappedKey:
        waiting = self._pending.get(key_id)
        stored = waiting.stored if waiting is not None else self._store.find(key_id)
        if stored is None:
            raise UnknownKeyError(self.path, key_id)
        return stored

    def _open(self, stored: WrappedKey) -> bytes:
        from ledger.keys import wrapping

        if stored.wrapped is None:
            raise KeyDestroyedError(stored.subject, stored.domain)
        private_key = self._rights.private_key(stored.domain, stored.generation)
        if private_key is None:  # perhaps it was delivered just now
            self._rights.expect_changes()
            private_key = self._rights.private_key(stored.domain, stored.generation)
        if private_key is None:
            raise NoRightError(
                stored.domain, f"{self._rights.role_path}, made before the keys were replaced,"
            )
        place = wrapping.Place(self.ledger_id, stored.subject, stored.domain, stored.key_id)
        key = wrapping.unwrap(stored.wrapped, private_key, place)
        if key is None:
            raise KeyDatabaseError(self.path, f"data key {stored.key_id} of {stored.subject} was altered")
        if len(self._opened) >= _KEYS_REMEMBERED:
            self._opened.clear()
        self._opened[stored.key_id] = key
        return key

    # -- what this process remembers, and when it stops believing it --------------------------------------

    def _notice_destruction(self) -> None:
        """Forgets what is remembered once any process has destroyed or replaced keys."""
        epoch = self._store.epoch()
        if epoch != self._epoch:
            self._forget()
            self._epoch = epoch

    def _destroyed_in_use(self) -> set[str]:
        """The subjects whose key was given out and lives no longer; the write lock is held."""
        if self._store.epoch() == self._in_use_since:
            return set()
        return {subject for key_id, subject in self._in_use.items() if not self._store.is_live(key_id)}

    def _forget(self) -> None:
        self._for_writing.clear()
        self._opened.clear()
        self._wrapping_to.clear()
        self._rights.expect_changes()
