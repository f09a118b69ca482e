"""Every error the package raises, in one hierarchy, each family with its exit code (DESIGN section 8).

One class per cause; the wording stands inside the class: what was expected, what came, what to do.
Nothing else leaves a public function of this package, and the command line turns each into its code.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar


class LedgerError(Exception):
    """The root: something the program can say in plain words."""

    exit_code: ClassVar[int] = 5

    @property
    def cause(self) -> str:
        """What went wrong, without the promise that nothing was recorded: for what fails after a commit."""
        return str(self).replace(" Nothing was recorded.", "")

    def __reduce__(self) -> tuple[Any, ...]:
        """An error passes from one process to another as it is, whatever its class was made from."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[LedgerError], args: tuple[object, ...], state: dict[str, object]) -> LedgerError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


# -- 2: asked in a way that cannot be answered ------------------------------------------------------------


class UsageError(LedgerError):
    """The call itself is off: an option, a missing ledger, a place that is taken."""

    exit_code = 2


class NoLedgerError(UsageError):
    """There is no ledger where one was expected."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"no ledger at {url}. Make one with `engagement-ledger --ledger {url} init`, "
            "or name another with --ledger or ENGAGEMENT_LEDGER."
        )


class LedgerExistsError(UsageError):
    """`init` was asked to write where something stands already."""

    def __init__(self, what: str | Path) -> None:
        super().__init__(
            f"{what} exists already; nothing was written. "
            "Name another place, or use the ledger that is there."
        )


class FileTakenError(UsageError):
    """A new file was to be written where something stands already."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(
            f"{path} exists already and is never replaced; nothing was written. Name another file."
        )


class NotALedgerError(UsageError):
    """A file stands at the named place, and it is something else."""

    def __init__(self, path: str | Path, why: str) -> None:
        super().__init__(
            f"{path} is not an engagement ledger: {why}. Nothing in it was changed. "
            "Name the right file with --ledger or ENGAGEMENT_LEDGER."
        )


class OlderLedgerError(UsageError):
    """The ledger was made by an older program, and what was asked for changes nothing."""

    def __init__(self, path: str | Path, came: str) -> None:
        super().__init__(
            f"{path} has storage version {came}, from before there were proofs. Open it once with another command "
            "(for instance `engagement-ledger checkpoint list`): that adds them, and changes no entry."
        )


class OlderBackupError(UsageError):
    """A whole ledger from before there were proofs: it is brought to today's form where it stands, not in a copy."""

    def __init__(self, path: str | Path, came: str) -> None:
        super().__init__(
            f"{path} has storage version {came}, from before there were proofs; nothing was written. Copy the file, "
            "open the copy once as a ledger (`engagement-ledger --ledger sqlite:///COPY checkpoint list`), which "
            "adds the proofs and changes no entry, and restore from the copy."
        )


class NewerLedgerError(UsageError):
    """The ledger was made by a program that stores things otherwise."""

    def __init__(self, path: str | Path, expected: int, came: str) -> None:
        super().__init__(
            f"{path} has storage version {came}, this program reads version {expected}. "
            "Nothing in it was changed. Use the program that wrote it, or a newer one."
        )


class ChoiceNeededError(UsageError):
    """Several things fit, and only the person knows which is meant: `options` are (id, what it is)."""

    def __init__(self, field: str, options: Sequence[tuple[str, str]]) -> None:
        listed = "; ".join(f"{name} ({words})" for name, words in options)
        super().__init__(f"--{field.replace('_', '-')}: several fit, say which is meant: {listed}")
        self.field, self.options = field, tuple(options)


class MissingFieldsError(UsageError):
    """Something required was not given and cannot be known: `missing` are (option, what is expected)."""

    def __init__(self, what: str, missing: Sequence[tuple[str, str]]) -> None:
        listed = "\n".join(f"  {option}  {words}" for option, words in missing)
        super().__init__(f"{what} needs also\n{listed}")
        self.missing = tuple(missing)


# -- 3: a gate says no ------------------------------------------------------------------------------------


class RefusedError(LedgerError):
    """One or more gate rules refuse the entry; `findings` are what they say, in order."""

    exit_code = 3

    def __init__(self, message: str, findings: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class RetainedError(LedgerError):
    """Keys were to be destroyed whose texts are still to be kept."""

    exit_code = 3


class HeldError(RetainedError):
    """A legal hold stands: nothing of this client may be erased, whoever asks."""

    def __init__(self, client: str, holds: int) -> None:
        stand = f"{holds} legal holds stand" if holds > 1 else "a legal hold stands"
        super().__init__(
            f"client {client}: {stand}, so no key of this client is destroyed. Nothing was recorded. A hold is never "
            f"overridden: when its matter is over, release it (`engagement-ledger hold list {client}`, then "
            f"`engagement-ledger hold release {client} --matter TEXT --reason TEXT`)."
        )


class NotDueError(RetainedError):
    """The day has not come until which a client's sealed texts are kept."""

    def __init__(self, client: str, why: str) -> None:
        super().__init__(
            f"client {client}: {why}. Nothing was recorded. To erase all the same, openly: `engagement-ledger "
            f"retention erase {client} --ground GROUND --override --authorised-by WHO --reason TEXT`."
        )


# -- 4: the record is not what it was ---------------------------------------------------------------------


class IntegrityError(LedgerError):
    """Stored bytes, chain, tree or signatures do not hold."""

    exit_code = 4


class ProofError(IntegrityError):
    """A proof, a note or an input to one does not verify."""


class AlteredEntryError(IntegrityError):
    """An entry that was to be given out is not what was hashed when it was recorded."""

    def __init__(self, stream: str, seq: int) -> None:
        super().__init__(
            f"entry {seq} of {stream} was altered since it was recorded: its bytes do not hash to its leaf hash. "
            "Nothing was written. See all that differs with `engagement-ledger verify`."
        )


class RolledBackError(IntegrityError):
    """The ledger is shorter than what was signed of it: an older copy, or its end was cut off."""

    def __init__(self, signed: int, came: int) -> None:
        super().__init__(
            f"the ledger holds {came} entries, but a checkpoint over {signed} has been signed: this is an older "
            "copy, or its end is missing. Nothing was recorded. Use the newest copy; if this is the newest there "
            "is, say so openly with `engagement-ledger checkpoint rebase`."
        )


class ForkedError(IntegrityError):
    """The ledger is another one than what was signed of it."""

    def __init__(self, signed: int, origin: str) -> None:
        super().__init__(
            f"the first {signed} entries of {origin} are not the ones that were signed: entries were changed, or "
            "this key database belongs to another ledger or another copy of this one. Nothing was recorded. "
            "See what differs with `engagement-ledger verify`; after restoring an older copy, say so openly with "
            "`engagement-ledger checkpoint rebase`."
        )


class OtherSignerError(IntegrityError):
    """The ledger was signed by a key that is not in the key database in use."""

    def __init__(self, name: str, key_id: str) -> None:
        super().__init__(
            f"the ledger's checkpoints were signed with another key than this key database's ({name}+{key_id}). "
            "Nothing was recorded. Use the key database that belongs here, or the newest backup of it; if it is "
            "lost, go on openly with `engagement-ledger checkpoint rebase`."
        )


class ReplacedSignerError(IntegrityError):
    """The key database holds a signing key that the ledger says was replaced: an older copy of the key database."""

    def __init__(self, key: str, position: int) -> None:
        super().__init__(
            f"this key database's signing key, {key}, was replaced: entry {position} of the ledger says so. Nothing "
            "was recorded: this is an older copy of the key database. Use the newest one; if it is lost, "
            "`engagement-ledger checkpoint rebase` goes on openly with a key of its own."
        )


class DisclosureError(IntegrityError):
    """The text of a sealed field is not the one its entry committed to."""

    def __init__(self, digest: str, why: str) -> None:
        super().__init__(
            f"the text for digest {digest} does not hold: {why}. It was altered or belongs to another field; "
            "keep the file as it is and compare it with the newest backup."
        )


class StoredFormError(IntegrityError):
    """A stored entry cannot be read back as what its header says it is."""

    def __init__(self, stream: str, seq: int, why: str) -> None:
        super().__init__(
            f"entry {seq} of {stream} cannot be read as stored: {why}. Keep the file as it is and "
            "compare it with the newest backup."
        )


class DamagedLedgerError(IntegrityError):
    """The database file itself cannot be read as one, or its tables are not as they were made."""

    def __init__(self, path: str | Path, why: str) -> None:
        super().__init__(
            f"{path} is damaged or no database: {why}. Keep the file as it is, and restore the newest backup to "
            "another place."
        )


class UnsoundCopyError(IntegrityError):
    """A whole ledger was to be copied, and it, or the copy, does not hold: damage is never carried on silently."""

    SHOWN = 5

    def __init__(self, place: str | Path, findings: Sequence[str]) -> None:
        shown = "\n".join(f"  {finding}" for finding in findings[: self.SHOWN])
        more = f"\n  and {len(findings) - self.SHOWN} more" if len(findings) > self.SHOWN else ""
        super().__init__(
            f"{place} is not sound, so no copy of it was kept:\n{shown}{more}\nSee all of it with `engagement-ledger "
            "verify`. Keep the file as it is (`backup --as-is` makes a copy for whoever examines it), and restore the "
            "newest backup to another place."
        )
        self.findings = tuple(findings)


# -- 5: what was given is not a fact the ledger can take --------------------------------------------------


class InputError(LedgerError):
    """Bad input: a field, a line, a file, a reference."""


class FieldError(InputError):
    """One field of one entry: `problems` are (field, expected, came)."""

    def __init__(self, what: str, problems: Sequence[str]) -> None:
        super().__init__(f"{what}: " + "; ".join(problems))
        self.problems = tuple(problems)


class ReferenceNotRecordedError(InputError):
    """An entry names something that was never recorded."""

    def __init__(self, what: str, name: str, where: str) -> None:
        super().__init__(f"{what} {name} is not recorded in {where}; record it first, or correct the name")


class DuplicateIdError(InputError):
    """An id that is unique per client is recorded twice."""

    def __init__(self, what: str, name: str, where: str) -> None:
        super().__init__(f"{what} {name} is already recorded for {where}; an id is used once, choose another")


class BadLinesError(InputError):
    """Import files have bad lines: `problems` are (file, line number, reason), every one of them."""

    SHOWN = 50

    def __init__(self, problems: Sequence[tuple[str, int, str]]) -> None:
        shown = "\n".join(
            f"{file}, line {number}: {reason[:300]}" for file, number, reason in problems[: self.SHOWN]
        )
        more = sorted({number for _, number, _ in problems[self.SHOWN :]})
        tail = f"\nand also lines {', '.join(map(str, more))[:4000]}" if more else ""
        super().__init__(f"{len(problems)} problem(s), nothing was stored\n{shown}{tail}")
        self.problems = tuple(problems)


class NoSuchHoldError(InputError):
    """A hold was to be released, and none of that matter stands."""

    def __init__(self, client: str, standing: int) -> None:
        stand = (
            "there is 1 of another matter"
            if standing == 1
            else f"there are {standing or 'none'} of other matters"
        )
        super().__init__(
            f"client {client}: no hold of this matter stands, {stand}. Nothing was recorded. See what they are about "
            f"with `engagement-ledger hold list {client} --reveal`."
        )


class HeldAlreadyError(InputError):
    """A hold was to be placed that stands already."""

    def __init__(self, client: str, seq: int) -> None:
        super().__init__(
            f"client {client}: a hold of this matter stands already (entry {seq}); nothing was recorded, and nothing "
            "needs to be. A hold of another matter is told apart by its text."
        )


class NotSealedError(InputError):
    """What is complete can be shown only up to a seal, and there is none."""

    def __init__(self) -> None:
        super().__init__(
            "the ledger was never sealed, so nothing shows that a stream is complete; seal it with "
            "`engagement-ledger checkpoint seal`"
        )


class UncoveredError(InputError):
    """A production was asked for, and no seal covers the client's file as it stands."""

    def __init__(self, because: str | None) -> None:
        super().__init__(
            "no seal covers this client's file as it stands, so nothing would show that the production is complete"
            + (f" ({because})" if because else "")
            + "; seal the ledger with `engagement-ledger checkpoint seal` where it can be written, then try again"
        )


class UnsealableError(InputError):
    """A value that JSON cannot give back as it was."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the value cannot be sealed: expected a JSON value, {why}")


class StorageError(LedgerError):
    """The place that holds the ledger cannot be read or written: read-only, full, out of reach."""

    def __init__(self, place: str | Path, why: str, remedy: str = "Put that right and try again.") -> None:
        super().__init__(f"{place} cannot be used: {why}. Nothing was recorded. {remedy}")
        self.place, self.why = place, why


class DamagedViewsError(LedgerError):
    """The read models cannot be read; nothing is lost with them."""

    def __init__(self, place: str | Path, why: str) -> None:
        super().__init__(
            f"the read models in {place} cannot be used: {why}. They hold only what is worked out from the ledger, "
            "which is another place and not concerned. Make them anew with `engagement-ledger projections rebuild`."
        )


# -- 6: somebody else was faster, or holds the lock -------------------------------------------------------


class ConflictError(LedgerError):
    """The ledger changed between reading and writing, more often than was retried; or it is locked."""

    exit_code = 6


class OutdatedError(ConflictError):
    """What a decision rests on was added to before the decision could be committed: it is to be taken anew."""

    def __init__(self) -> None:
        super().__init__(
            "others recorded what this decision rests on while it was taken; nothing was recorded. Try again."
        )


class DestroyedMeanwhileError(ConflictError):
    """A data key was destroyed after it was given out and before what it sealed was committed."""

    def __init__(self, subjects: Iterable[str]) -> None:
        super().__init__(
            f"data keys of {', '.join(sorted(subjects))} were destroyed meanwhile; nothing was recorded. Try again."
        )


class LockedError(ConflictError):
    """Somebody else held the ledger's lock for longer than was waited."""

    def __init__(self, path: str | Path, seconds: float) -> None:
        super().__init__(
            f"{path} is locked by another process (or another thread of this one); waited {seconds:g} "
            "seconds. Nothing was recorded. Try again when the import, backup or database browser that holds "
            "it is done."
        )


class UnreachableError(ConflictError):
    """The database server does not answer, or takes no more connections, or went away in the middle of the work."""

    def __init__(
        self, place: str, why: str, remedy: str = "Try again when the server can be reached again."
    ) -> None:
        super().__init__(f"{place} cannot be reached: {why}. Nothing was recorded. {remedy}")


class UnconfirmedError(ConflictError):
    """The server was told to commit, and its answer was lost for good."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(
            f"{place}: it is not known whether this was recorded: {why}. When the server can be reached again, "
            "look before you record it once more, for instance with `engagement-ledger timeline CLIENT`; "
            "an import may simply be run again, what has a source is recorded once."
        )


class SourceTakenError(ConflictError):
    """A `source` was recorded by somebody else between looking and writing, or stands twice in one batch."""

    def __init__(self, source: str, stream: str, seq: int) -> None:
        super().__init__(
            f"source {source} is already recorded, as entry {seq} of {stream}; nothing was recorded. "
            "Look it up and try again."
        )
        self.source, self.stream, self.seq = source, stream, seq


# -- 7: a key is missing or wrong -------------------------------------------------------------------------


class SealedError(LedgerError):
    """A sealed field cannot be opened, or a key file is missing, locked or of another ledger."""

    exit_code = 7


class CiphertextError(SealedError):
    """The stored text of one sealed field does not open with its data key."""

    def __init__(self, stream: str, seq: int, field: str) -> None:
        super().__init__(
            f"{field} of entry {seq} of {stream} does not open with its data key: the key is another one, or "
            "the stored text was altered or moved. Keep the file as it is and compare it with the newest backup."
        )


class NoRightError(SealedError):
    """The role in use holds no key for a domain, or there is no role at all."""

    def __init__(self, domain: str, role: str) -> None:
        super().__init__(
            f"{domain} text stays sealed: {role} holds no key for it. "
            f"Name a role file that may read {domain}, or have one granted."
        )
        self.domain = domain


class KeyDestroyedError(SealedError):
    """The text was erased: its data key has been destroyed."""

    def __init__(self, subject: str, domain: str) -> None:
        super().__init__(
            f"the {domain} text of {subject} was erased: its data key has been destroyed, nobody can open "
            "it. Hashes and coded facts still stand."
        )
        self.subject, self.domain = subject, domain


class UnknownKeyError(SealedError):
    """A data key that this key database never held."""

    def __init__(self, path: str | Path, key_id: int) -> None:
        super().__init__(
            f"data key {key_id} is not in {path}: the key database is of another ledger, or older than this "
            "one. Use the key database that belongs here, or the newest backup of it."
        )


class KeyDatabaseError(SealedError):
    """The key database is missing, damaged, out of reach or from a newer program."""

    def __init__(
        self,
        path: str | Path,
        why: str,
        remedy: str = "Name the right file, or restore it from the backup of the keys.",
    ) -> None:
        super().__init__(f"{path} cannot be used as a key database: {why}. {remedy}")


class UnvouchedKeyError(SealedError):
    """The key database wraps a domain to keys that nobody known to the role in use stands behind."""

    def __init__(self, path: str | Path, domain: str, generation: int) -> None:
        super().__init__(
            f"the {domain} keys in {path} were replaced (generation {generation}), and no holder of the keys before "
            f"stands behind the new ones. Nothing was sealed with them. Nothing was recorded. If the practice lost "
            f"its {domain} keys and made new ones, say so with `engagement-ledger keys trust {domain}`; if not, "
            "somebody changed the file: put its newest backup in its place."
        )


class OlderKeysError(SealedError):
    """The key database is older than the role file in use, and others may have been shut out since."""

    def __init__(self, path: str | Path, domain: str, expected: int, came: int) -> None:
        super().__init__(
            f"{path} is older than the role file in use: expected generation {expected} of the {domain} keys, came "
            f"{came}. What is sealed now could be read by whoever was shut out since. Nothing was recorded. Use the "
            "newest key database; if this is the newest there is, make new keys with `engagement-ledger keys rotate`."
        )


class NotGrantedError(SealedError):
    """The role file in use is not one of the live grants in the key database."""

    def __init__(self, path: str | Path, why: str) -> None:
        super().__init__(
            f"{path} {why}. Nothing was changed. Use another role file, or have one granted by who holds its domains."
        )


class RoleFileError(SealedError):
    """A role file is damaged, unreadable or from a newer program."""

    def __init__(self, path: str | Path, why: str) -> None:
        super().__init__(
            f"{path} cannot be used as a role file: {why}. "
            "Take a good copy of it, or have another one granted by a role that holds its domains."
        )


class OtherLedgerError(SealedError):
    """A role file and a key database of two different ledgers."""

    def __init__(self, path: str | Path, expected: str, came: str) -> None:
        super().__init__(
            f"{path} is a role file of another ledger: expected ledger {expected}, came {came}. "
            "Name the role file that was made for this ledger."
        )


class OtherKeysError(SealedError):
    """A key database of another ledger than the one it was to serve."""

    def __init__(self, path: str | Path, why: str) -> None:
        super().__init__(
            f"{path} is the key database of another ledger: {why}. Nothing was written. Name the backup of this "
            "ledger's key database, or the right ledger with --ledger."
        )


class PassphraseNeededError(SealedError):
    """A role file is locked, and no passphrase was given."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(
            f"{path} is locked with a passphrase and none was given; give it, or use another role file."
        )


class WrongPassphraseError(SealedError):
    """The passphrase given does not open the role file."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(
            f"the passphrase does not open {path}: it is another one, or the file was altered. "
            "Type it again, or take a good copy of the file."
        )
