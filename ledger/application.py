"""The ledger as an application: open, load, decide, save. One generic path for every entry.

DESIGN sections 3, 4 and 6. `Ledger` extends eventsourcing's application: what it stores are entries, through a
mapper that validates and a recorder that keeps log position, disclosures and sources in one transaction.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from eventsourcing.application import Application
from eventsourcing.persistence import IntegrityError as Taken
from eventsourcing.persistence import Mapper, StoredEvent

from ledger import clock
from ledger.decoded import Decoded, Held
from ledger.directory.directory import Alike, Directory, tells_who
from ledger.entry import Entry, Override
from ledger.erasing import Erased, Erasing
from ledger.errors import (
    DestroyedMeanwhileError,
    InputError,
    KeyDestroyedError,
    LedgerError,
    NoLedgerError,
    NoRightError,
    OutdatedError,
    RefusedError,
    SealedError,
    StoredFormError,
)
from ledger.events.clients import KeysDestroyed
from ledger.history import Fact
from ledger.holds import require_standing
from ledger.keys.database import KeyDatabase
from ledger.keys.reading_rights import Passphrase
from ledger.opening import Opening, make
from ledger.perspective import (
    CLIENTS,
    OWN_STREAMS,
    Moment,
    Perspective,
    PracticeView,
    practice_view,
    stamp_of,
)
from ledger.places import Places
from ledger.policy import Policy
from ledger.proving.committing import Committing
from ledger.proving.signing import CheckpointSigner, Signed
from ledger.recording.admission import Admitting, Standing
from ledger.recording.fingerprints import Fingerprints
from ledger.recording.names import Names
from ledger.recording.sealer import NO_HEAD, Head, Sealed, Sealer, head_of
from ledger.recording.statement import Statement
from ledger.rules.catalogue import DEFAULTS
from ledger.rules.judge import Finding
from ledger.sealing import decrypt, open_disclosure
from ledger.storage.engines import engine_of
from ledger.storage.log import ApplicationLog, Progress, Writer
from ledger.storage.mapper import EntryMapper
from ledger.storage.reading import Reading
from ledger.storage.rows import DisclosureRow, Growth, Row, SourceRow
from ledger.values import FOREVER, Admission, Calendar, Digest, Domain

if TYPE_CHECKING:
    from ledger.integrity.proof import Receipt

ATTEMPTS = 5
"""How often a decision is taken anew when somebody else recorded in between; then the log is locked for it."""

LOOKED_THROUGH = 50_000
"""Up to this size of the log, an entry of the practice is followed by a look at what it raises on clients."""

STREAMS_HELD = 16
"""Of how many streams the entries are held from one record to the next."""

_JUDGED_BY = "practi"  # so begin the streams of the practice and of practitioners, on which decisions rest


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded, and what the rules say of it: overridden gates, remarks, findings on earlier entries."""

    entries: tuple[Entry[Any], ...]
    positions: tuple[int, ...]
    overridden: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    raised: tuple[Finding, ...]
    checkpoint: Signed | None
    """The checkpoint that covers them; None where it could not be signed yet."""
    same_person: tuple[Alike, ...] = ()
    """Clients who seem to be the same person as others."""
    uncompared: LedgerError | None = None
    """Why a client recorded now could not be compared with the others."""
    unseen: LedgerError | None = None
    """Why it could not be looked, after they were recorded, what they raise on earlier entries."""
    erased: tuple[Erased, ...] = ()
    """What was taken out of the key database, where they say that keys were destroyed."""
    unerased: LedgerError | None = None
    """Why that could not be done; the next opening does it."""


class Ledger(Application[str]):
    """One practice's ledger."""

    name = "ledger"
    env: ClassVar[dict[str, str]] = {"ORIGINATOR_ID_TYPE": "text"}
    recorder: ApplicationLog
    _closed = False
    _follows = True

    def __init__(
        self, places: Places, passphrase: Passphrase = None, progress: Progress = lambda _done, _of: None
    ) -> None:
        engine = engine_of(places.place)
        if not engine.exists(places.place):
            raise NoLedgerError(places.url)
        engine.upgrade(places.place, progress)
        super().__init__(engine.environment(places.place))
        self.places = places
        self.made: Sequence[str] = ()
        self.entries = Decoded(self.recorder, self.entry_mapper)
        opened = self.recorder.entry("ledger", 1)
        if opened is None:
            raise StoredFormError("ledger", 1, "there is no first entry")
        self.opened = self.entries.entry(opened)[1].event
        self.calendar = Calendar(self.opened.time_zone)
        self._passphrase = passphrase
        self._own: dict[str, list[tuple[int, Entry[Any]]]] = {}
        self._own_upto = self._own_last = 0
        self._own_names = Names()
        self._held: dict[str, tuple[list[tuple[int, Entry[Any]]], Head]] = {}
        self._standing: Perspective | None = None
        self._view: PracticeView | None = None
        if places.keys_there and os.access(places.keys, os.W_OK):
            with suppress(LedgerError), KeyDatabase.open(places.keys, None) as keys:
                Erasing(keys, self.recorder).catch_up()  # whoever records, or erases, is told what is wrong
        last = self.recorder.last_checkpoint()
        size = last.size if last is not None else 0
        if size != self.recorder.last_position() and places.keys_there:
            with suppress(SealedError):  # whoever needs the keys is told what is wrong with them
                self.committing.catch_up()

    @classmethod
    def create(cls, places: Places, opening: Opening, passphrase: str | None = None) -> "Ledger":
        """A new ledger with its key database and role file. LedgerExistsError if any of it is there already.

        `made` says what was done on a server.
        """
        made = make(places, opening, passphrase)
        ledger = cls(places, passphrase)
        ledger.made = made
        return ledger

    def construct_mapper(self) -> Mapper[str]:
        """The mapper that validates and upcasts."""
        self.entry_mapper = EntryMapper()
        return self.entry_mapper

    def close(self) -> None:
        """Lets go of database and keys; again is harmless (the library does, when it is forgotten)."""
        if self._closed:
            return
        self._closed = True
        if "committing" in vars(self):
            self.committing.keep()
        super().close()
        if "keys" in vars(self):
            self.keys.close()

    # -- keys: opened when first needed, so that coded facts are read without them ------------------------

    @cached_property
    def keys(self) -> KeyDatabase:
        """The key database, with the rights of the role file in use. SealedError if it is missing."""
        return KeyDatabase.open(self.places.keys, self.places.role, passphrase=self._passphrase)

    @cached_property
    def sealer(self) -> Sealer:
        """Seals statements into entries."""
        return Sealer(self.keys, self.places.via)

    @cached_property
    def committing(self) -> Committing:
        """The order of writes around every commit, and the signer of checkpoints."""
        return Committing(self.keys, CheckpointSigner(self.keys, self.opened.origin), self.recorder)

    @cached_property
    def erasing(self) -> Erasing:
        """What keeps erased what entries say was erased."""
        return Erasing(self.keys, self.recorder)

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """Fingerprints of what sources said."""
        return Fingerprints(self.keys)

    @cached_property
    def directory(self) -> Directory:
        """Which clients seem to be one person."""
        return Directory(self.keys, self.recorder, self.entries, self.calendar)

    # -- reading -----------------------------------------------------------------------------------------

    def moment(
        self, as_of: str | None = None, known_at: str | None = None, policy: Policy | None = None
    ) -> Moment:
        """A moment from what somebody typed; by default now, knowing everything."""
        now = clock.now()
        known = stamp_of(known_at, self.calendar) if known_at is not None else None
        return Moment(
            as_of=stamp_of(as_of, self.calendar) if as_of is not None else now,
            known_at=known,
            until=self.recorder.position_at(known) if known is not None else None,
            policy=policy,
        )

    def at(self, when: Moment | None = None) -> Perspective:
        """The ledger as seen at a moment."""
        when = when or self.moment()
        return Perspective(self.entries, when, self.calendar, self._practice_at(when))

    def _practice_at(self, when: Moment) -> PracticeView | None:
        """The practice as it stands, where at that moment it stood so too; None where it is to be read anew."""
        self._catch_up()
        if when.until is not None and when.until < self._own_last:
            return None
        return self._practice if when.as_of >= self._practice.settled else None

    @property
    def _practice(self) -> PracticeView:
        """The practice as it stands, kept until one of its entries is added."""
        if self._view is None:
            self._view = practice_view(Held(self._own), Moment(FOREVER), self.calendar)
        return self._view

    def plain(self, entry: Entry[Any]) -> dict[str, Any]:
        """The sealed texts of one entry that the role in use may read: field to value."""
        texts: dict[str, Any] = {}
        for row in self.recorder.disclosures_of(entry.stream, entry.seq):
            with suppress(NoRightError, KeyDestroyedError):
                texts[row.field] = self._opened(row)
        return texts

    def text_of(self, stream: str, digest: Digest) -> Any:
        """The value behind one digest of a stream. SealedError where the role may not read it."""
        for row in self.recorder.disclosures_of(stream):
            if row.digest == digest.digest:
                return self._opened(row)
        raise InputError(f"{stream}: no text is stored for digest {digest.digest}")

    def matter_of(self, hold: Fact) -> str:
        """The matter of a hold's entry. NoRightError, KeyDestroyedError where it cannot be read."""
        matter = hold.event.matter
        return matter if isinstance(matter, str) else str(self.text_of(hold.stream, matter[0]))

    def _opened(self, row: DisclosureRow) -> Any:
        key = self.keys.open_key(int(row.key_id))
        text = decrypt(
            row.ciphertext, key, stream=row.stream, seq=row.seq, field=row.field, digest=row.digest
        )
        return open_disclosure(text, row.digest)

    # -- recording ---------------------------------------------------------------------------------------

    def may(self, statements: Sequence[Statement]) -> Admitting:
        """What the gates would say of these entries; nothing is recorded."""
        return Admitting(self._load(), statements)

    def record(
        self,
        statements: Sequence[Statement],
        *,
        override: Override | None = None,
        now: str | None = None,
    ) -> Recorded:
        """Records entries in one transaction, or none of them.

        `now`: what is stated to have happened at this stamp happens as it is recorded. It gets the time at which it
        is decided, so that of two people who act at once one comes second, and is judged as the second.

        Raises InputError for what is not a fact the ledger can take, RefusedError when a gate refuses (the
        attempt is then stored, as `EntryRefused`), ConflictError where the log is locked for long. What is
        decided, either way, holds for the log as it is where the entry, or its refusal, comes to stand.
        """
        for _ in range(ATTEMPTS):
            admitting = self._admitting(statements, now)
            try:
                if admitting.refused and override is None:
                    self.note_refusals(admitting.refusals(admitting.standing.recorded_at), admitting)
                    raise _refused(admitting)
                sealed = admitting.seal(self.sealer, override)
                positions, signed = self._insert(sealed, self._sources(admitting, sealed), admitting)
            except (Taken, OutdatedError, DestroyedMeanwhileError):
                continue
            self._pass_over(sealed, positions)
            return self._recorded(admitting, sealed, positions, signed)
        return self._record_alone(statements, override, now)

    def _record_alone(
        self, statements: Sequence[Statement], override: Override | None, now: str | None
    ) -> Recorded:
        """The same, decided under the log's lock: nobody comes in between, and everybody waits."""
        with self.committing.writing() as writer:
            admitting = self._admitting(statements, now)
            refused = bool(admitting.refused) and override is None
            if refused:
                self._note(writer, admitting.refusals(admitting.standing.recorded_at), admitting.standing)
            else:
                sealed = admitting.seal(self.sealer, override)
                first = writer.append(
                    [one.row for one in sealed],
                    recorded_at=admitting.standing.recorded_at,
                    disclosures=[row for one in sealed for row in one.disclosures],
                    sources=self._sources(admitting, sealed),
                )
        if refused:
            self.committing.after()
            raise _refused(admitting)
        positions = range(first, first + len(sealed))
        return self._recorded(admitting, sealed, positions, self.committing.after(positions[-1]))

    def _admitting(self, statements: Sequence[Statement], now: str | None) -> Admitting:
        """The decision on statements; those of `now` happen at its time.

        What others erased by then is erased here first: what is sealed now is sealed with other keys.
        """
        standing = self._load()
        self.erasing.catch_up(standing.position)
        at = standing.recorded_at
        admitting = Admitting(
            standing, [one._replace(occurred_at=at) if one.occurred_at == now else one for one in statements]
        )
        for released, case in admitting.releases():
            require_standing(case.client, case.holds, released, self.matter_of)
        return admitting

    def _recorded(
        self, admitting: Admitting, sealed: Sequence[Sealed], positions: Sequence[int], signed: Signed | None
    ) -> Recorded:
        raised, unseen = list(admitting.raised), None
        same_person, uncompared = self._compared(admitting)
        try:
            raised += self._raised_elsewhere(admitting, positions[0])
        except LedgerError as error:  # it is recorded: nobody is to be told otherwise
            unseen = error
        erased, unerased = self._erased(sealed, positions)
        return Recorded(
            tuple(self.entries.entry(Row(0, *one.row))[1] for one in sealed),
            tuple(positions),
            tuple(admitting.refused),
            tuple(admitting.remarks),
            tuple(raised),
            signed,
            same_person,
            uncompared,
            unseen,
            erased,
            unerased,
        )

    def _compared(self, admitting: Admitting) -> tuple[tuple[Alike, ...], LedgerError | None]:
        """Whom the clients recorded are like, and those whom others recorded who do not read identity."""
        if any(tells_who(draft.statement.event) for draft in admitting.drafts):
            try:
                return self.directory.follow().alike, None
            except LedgerError as error:  # it is recorded: somebody else compares it
                return (), error
        if self._follows:
            self._follows = False  # once in each opening
            if self.keys.reads_unasked(Domain.IDENTITY):
                with suppress(LedgerError):
                    return self.directory.follow().alike, None
        return (), None

    def _erased(
        self, sealed: Sequence[Sealed], positions: Sequence[int]
    ) -> tuple[tuple[Erased, ...], LedgerError | None]:
        """Entry first, then keys: what has just been recorded to be destroyed is destroyed."""
        if all(one.row[2] != KeysDestroyed.TOPIC for one in sealed):
            return (), None
        own = {one.row[:2] for one in sealed}
        try:
            found = self.erasing.catch_up(positions[-1])
        except LedgerError as error:
            return (), error
        return tuple(one for one in found if (one.stream, one.seq) in own), None

    def _raised_elsewhere(self, admitting: Admitting, first: int) -> Iterator[Finding]:
        """What an entry of the practice raises on clients' earlier entries (a suspension, a correction...)."""
        if not admitting.reaches_back or first > LOOKED_THROUGH:
            return
        now = clock.now()
        before = {
            judged.judgement.client: {finding.key for finding in judged.judgement.findings}
            for judged in self.at(Moment(now, None, first - 1)).clients()
        }
        for judged in self.at(Moment(now)).clients():
            known = before.get(judged.judgement.client, set())
            yield from (one for one in judged.judgement.findings if one.key not in known)

    def _sources(self, admitting: Admitting, sealed: Sequence[Sealed]) -> list[SourceRow]:
        """The sources to be remembered. InputError for one that is recorded already."""
        rows = []
        for draft, one in zip(admitting.drafts, sealed, strict=True):
            source = draft.statement.source
            if source is None:
                continue
            known = self.recorder.find_source(source)
            if known is not None:
                raise InputError(
                    f"source {source} is recorded already, as entry {known.seq} of {known.stream}; "
                    "a source is recorded once"
                )
            fingerprint = self.fingerprints.of(draft.statement)
            rows.append(SourceRow(source, one.row[0], one.row[1], fingerprint))
        return rows

    def place_of_source(self, source: str) -> tuple[str, int]:
        """The stream and seq that a source was recorded as. InputError if it was not."""
        found = self.recorder.find_source(source)
        if found is None:
            raise InputError(
                f"source {source[:60]!r} is not recorded; name an entry by its seq, or a known source"
            )
        return found.stream, found.seq

    def receipt(self, positions: Sequence[int], signed: Signed) -> "Receipt":
        """What whoever recorded these entries can keep, to show later that they are still there, unchanged."""
        from ledger.proving.proofs import Proofs

        with self.recorder.snapshot() as reading:
            vkey = self.committing.signer.verifier.vkey
            return Proofs(reading, self.opened.origin, vkey).receipt(positions, signed)

    def names_of(self, stream: str) -> Names:
        """The ids recorded in a stream and in the practice."""
        return Admitting(self._load(), ()).names([stream])

    def _load(self) -> Standing:
        """What a decision needs: the practice, kept up to date, and the client's stream on demand.

        The clock is read after the log: whatever the decision rests on was recorded before.
        """
        self._catch_up()
        recorded_at = clock.now()
        if self._standing is None or self._standing.when.until != self._own_upto:
            self._standing = Perspective(
                Held(self._own), Moment(FOREVER, None, self._own_upto), self.calendar, self._practice
            )
            self._own_names = Names()
            for stream, rows in self._own.items():
                self._own_names.learn((entry.event, stream) for _, entry in rows)
        return Standing(self._stored, self._own, self._own_names, self._standing, self._own_upto, recorded_at)

    def _stored(self, stream: str) -> tuple[list[tuple[int, Entry[Any]]], Head]:
        """A stream as far as the practice was read: its entries, and its last seq and leaf hash.

        No further, so that a decision rests on one state of the log. The streams last looked at are held, since
        nothing that is stored changes: only what came since is read.
        """
        rows, head = self._held.pop(stream, ([], NO_HEAD))
        newer = self.recorder.stream_rows(stream, self._own_upto, after=head[0])
        if newer:
            rows = [*rows, *map(self.entries.entry, newer)]
            head = head_of((newer[-1].seq, newer[-1].state))
        self._held[stream] = rows, head
        if len(self._held) > STREAMS_HELD:
            del self._held[next(iter(self._held))]
        return rows, head

    def _catch_up(self) -> None:
        """The practice's own streams are read once, then only what was appended since."""
        last = self.recorder.last_position()
        if last == self._own_upto:
            return
        if not self._own:
            for prefix in OWN_STREAMS:
                self._own.update(self.entries.streams(prefix, last))
            self._own_last = max(rows[-1][0] for rows in self._own.values())
            self._own_upto = last
            return
        grown = False
        for page in self.recorder.pages(self._own_upto, last):
            for row in page:
                if not row.stream.startswith(CLIENTS):
                    self._own.setdefault(row.stream, []).append(self.entries.entry(row))
                    self._own_last = row.position
                    grown = True
        if grown:
            self._standing = self._view = None
        self._read_upto(last)

    def _pass_over(self, sealed: Sequence[Sealed], positions: Sequence[int]) -> None:
        """What this process has just recorded of clients, right after what it had read, need not be read again."""
        if positions[0] == self._own_upto + 1 and all(one.row[0].startswith(CLIENTS) for one in sealed):
            self._read_upto(positions[-1])
            if all(one.row[2] != KeysDestroyed.TOPIC for one in sealed):
                self.erasing.pass_over(positions[-1])

    def _read_upto(self, position: int) -> None:
        self._own_upto = position
        if self._standing is not None:
            self._standing.when = Moment(self._standing.when.as_of, None, position)

    def note_refusals(self, refused: Iterable[Statement], decided: Admitting | None = None) -> None:
        """Stores what gates refused, although the entries are not (policy `record_refusals`).

        Raises OutdatedError if what was `decided` no longer rests on the log as it is.
        """
        standing = self._load()
        if not _notes_refusals(standing):
            return
        with self.committing.writing() as writer:
            if decided is not None:
                _require_current(decided, writer, writer.last_position())
            self.erasing.catch_up(writer.last_position())
            self._note(writer, refused, standing)
        self.committing.after()

    def _note(self, writer: Writer, refused: Iterable[Statement], standing: Standing) -> None:
        if not _notes_refusals(standing):
            return
        recorded_at = standing.recorded_at
        for one in refused:
            head = head_of(writer.head("ledger"))
            sealed = self.sealer.seal(
                one, "ledger", head, recorded_at=recorded_at, admitted=Admission.ENFORCED
            )
            writer.append([sealed.row], recorded_at=recorded_at, disclosures=sealed.disclosures)

    def _insert(
        self, sealed: Sequence[Sealed], sources: Sequence[SourceRow], decided: Admitting
    ) -> tuple[Sequence[int], Signed | None]:
        """Appends sealed entries in one transaction, their data keys durable first, and signs the log."""

        def before_commit(reading: Reading, growth: Growth | None) -> None:
            if growth is not None:
                _require_current(decided, reading, growth.size_before)
            self.committing.before(reading, growth)

        positions = self.recorder.insert_events(
            [StoredEvent(*one.row) for one in sealed],
            recorded_at=decided.standing.recorded_at,
            disclosures=[row for one in sealed for row in one.disclosures],
            sources=sources,
            checkpoint=self.committing.unkept,
            before_commit=before_commit,
        )
        return positions, self.committing.after(positions[-1])


def _notes_refusals(standing: Standing) -> bool:
    told = standing.perspective.policies.current.parameters
    return bool(told.get("record_refusals", DEFAULTS["record_refusals"]))


def _refused(admitting: Admitting) -> RefusedError:
    return RefusedError("refused by a gate; nothing was recorded", admitting.refused)


def _require_current(decided: Admitting, reading: Reading, upto: int) -> None:
    """Before a commit, under the log's lock: OutdatedError if what the decision rests on has grown meanwhile."""
    streams = list(dict.fromkeys(name for draft in decided.drafts for name in (draft.stream, draft.subject)))
    if reading.grew(decided.standing.position, upto, _JUDGED_BY, streams):
        raise OutdatedError
