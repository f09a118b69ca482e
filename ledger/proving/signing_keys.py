"""What the key database holds for signing, one key after the other, and what the log says of them."""

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from ledger.errors import ConflictError
from ledger.integrity.canonical import loads
from ledger.integrity.key_chain import KeyChange
from ledger.integrity.note import Signer, Verifier
from ledger.keys.database import KeyDatabase
from ledger.storage.reading import Reading

SIGNING_KEY = "signing-key"
MARK = "high-water-mark"
STAGED = "signing-key-staged"
"""A key that is to take over, from just before its entry is recorded until the first checkpoint over that is signed."""
HANDOVER = "signing-key-handover"
"""The checkpoint that the old and the new key signed, until the log keeps it and no trace of the old key is left."""
REPLACED = "signing-keys-replaced"
"""The public keys that signed before, a line each, oldest first."""

ABANDONED = "abandoned-mark"
"""The mark, or the key that never signed here, of which the log must say openly that it is given up."""

SETTINGS = (SIGNING_KEY, MARK, STAGED, HANDOVER, REPLACED)
OWN_STREAM = "ledger"


class HeldKeys(NamedTuple):
    """The settings that concern signing, as they stood at one moment."""

    key: bytes | None
    mark: bytes | None
    staged: bytes | None
    handover: bytes | None
    replaced: tuple[str, ...]

    @classmethod
    def of(cls, settings: Mapping[str, bytes]) -> "HeldKeys":
        """From what is stored."""
        replaced = settings.get(REPLACED, b"").decode(errors="replace").splitlines()
        key, mark, staged, handover = (settings.get(name) for name in (SIGNING_KEY, MARK, STAGED, HANDOVER))
        return cls(key, mark, staged, handover, tuple(replaced))


def signer_of(stored: bytes) -> Signer:
    """A private key as it is stored. ProofError, which says what is wrong with it, where it is none."""
    return Signer.parse(stored.decode(errors="replace"))


def changes_in(reading: Reading, after: int = 0) -> list[KeyChange]:
    """The changes of the signing key that a log tells of, after a position, earliest first."""
    rows = reading.stream_of_topics(OWN_STREAM, ["SigningKeyChanged"], after)
    found = (KeyChange.of(row.position, loads(row.state)["data"]) for row in rows)
    return [change for change in found if change is not None]


class SigningKeys:
    """The private keys that sign under one name: the one in force, and the one that is to take over."""

    def __init__(self, database: KeyDatabase, name: str) -> None:
        self._database = database
        self._name = name
        self._known: tuple[bytes, Signer] | None = None
        self.seen = HeldKeys.of({})
        """What the key database held when it was last asked."""

    def held(self) -> HeldKeys:
        """What the key database holds for signing, read anew."""
        self.seen = HeldKeys.of(self._database.settings(SETTINGS))
        return self.seen

    def signer(self, held: HeldKeys | None = None) -> Signer:
        """The key in force; made where there is none yet."""
        stored = self._database.setting(SIGNING_KEY) if held is None else held.key
        if stored is None:
            stored = self._database.change_setting(SIGNING_KEY, self._made)
        if self._known is None or self._known[0] != stored:
            self._known = stored, signer_of(stored)
        return self._known[1]

    def _made(self, there: bytes | None) -> bytes:
        """A new key, unless another process has made one meanwhile."""
        return self.generated().skey.encode() if there is None else there

    def generated(self) -> Signer:
        """A new key under this name; nothing is stored."""
        return Signer.generate(self._name)

    # -- one key after the other --------------------------------------------------------------------------

    def stage(self, old: Verifier) -> Verifier:
        """Makes the key durable that is to take over from `old`; the log's lock is held, its entry follows.

        One that a killed process staged is replaced: no entry names it, since nobody else can be recording one.
        ConflictError where `old` is no longer in force.
        """
        new = self.generated()

        def staged(stored: Mapping[str, bytes]) -> dict[str, bytes | None]:
            now = self.signer(HeldKeys.of(stored)).verifier
            if now != old:
                raise ConflictError(
                    f"the signing key {old.name}+{old.key_id:08x} was replaced meanwhile by {now.name}+"
                    f"{now.key_id:08x}. Nothing was recorded; if that one is to be replaced too, run it again."
                )
            return {STAGED: new.skey.encode()}

        self._database.change_settings(SETTINGS, staged)
        return new.verifier

    def discard_staged(self, reading: Reading) -> None:
        """Takes out a staged key that no entry names; the log's lock is held, so that none is being recorded."""

        def discarded(stored: Mapping[str, bytes]) -> dict[str, bytes | None]:
            held = HeldKeys.of(stored)
            return {} if self.takes_over(held, reading) is not None else {STAGED: None}

        if STAGED not in self._database.change_settings(SETTINGS, discarded):
            self._database.wipe()

    def forget_handover(self) -> None:
        """Once the log keeps the checkpoint that both keys signed. ConflictError while a trace of the old is left."""
        self._database.wipe()
        self._database.change_settings([HANDOVER], lambda _: {HANDOVER: None})

    def renew(self) -> None:
        """Another key in the place of one that the log says was replaced; to be said by the log (SigningKeyChanged).

        An older copy of the key database brings such a key back, and with it an older mark. Both are given up.
        """
        new = self.generated()
        gone = dict.fromkeys((MARK, STAGED, HANDOVER))
        self._database.change_settings(
            [*SETTINGS, ABANDONED],
            lambda _: {SIGNING_KEY: new.skey.encode(), ABANDONED: new.verifier.vkey.encode(), **gone},
        )
        with suppress(ConflictError):
            self._database.wipe()

    def takes_over(self, held: HeldKeys, reading: Reading, size: int | None = None) -> Signer | None:
        """The staged key, if the log's first `size` entries say that it takes over from the key in force."""
        if held.staged is None:
            return None
        staged, present = signer_of(held.staged), self.signer(held).verifier.vkey
        said = [one for one in changes_in(reading) if size is None or one.position <= size]
        if any(one.verifier == staged.verifier.vkey and one.replaces(present) for one in said):
            return staged
        return None
