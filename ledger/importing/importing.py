"""Importing history: files checked as a whole and recorded in one transaction, or not at all.

DESIGN sections 3 and 8. Every bad line is told by its number. Before `go_live` history comes in as found; later
entries are enforced: the file's whole history is judged before anything is committed.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ledger import clock
from ledger.application import Ledger
from ledger.decoded import Decoded
from ledger.errors import BadLinesError, RefusedError
from ledger.events.clients import ClientRegistered
from ledger.events.corrections import EntryCorrected
from ledger.events.ledger import HistoryImported
from ledger.importing.ahead import read_ahead
from ledger.importing.chain import Chain
from ledger.importing.comparing import COMPARED, compared
from ledger.importing.corrections import Corrections
from ledger.importing.erasing import Erasing, erase
from ledger.importing.imported import Imported
from ledger.importing.lines import Digested, Problems, digest
from ledger.importing.names import ImportNames
from ledger.importing.prepared import Prepared
from ledger.perspective import CLIENTS, Moment, Perspective
from ledger.recording.admission import refusal_statement
from ledger.recording.names import Name, Names
from ledger.recording.statement import Statement, own_statement
from ledger.rules.judge import Finding, refuses
from ledger.storage.log import Writer
from ledger.storage.rows import SourceRow
from ledger.values import FOREVER, Admission, is_day

_ALLOCATIONS = 500_000
Progress = Callable[[int], None]


def import_files(
    ledger: Ledger,
    paths: Sequence[Path],
    *,
    by: str,
    as_found: bool = False,
    authorised_by: str | None = None,
    reason: str | None = None,
    source_system: str | None = None,
    progress: Progress = lambda _bytes: None,
) -> Imported:
    """Records the entries of some files, all or nothing.

    Raises BadLinesError with every bad line, RefusedError where a gate refuses an entry after `go_live` (noted as
    `EntryRefused`), InputError for a file that cannot be read. `progress` is told bytes done.
    """
    digests = {path: digest(path) for path in dict.fromkeys(paths)}
    told = {"authorised_by": authorised_by, "reason": reason, "source_system": source_system}
    about = {name: value for name, value in told.items() if value is not None}
    recorded_at = clock.now()
    own_statement(
        HistoryImported, {"file_sha256": "0" * 64, "entries": 0, **about}, recorded_at, by
    )  # or FieldError
    try:
        with _rare_collections(), ledger.committing.writing() as writer:
            ledger.erasing.catch_up(writer.last_position())  # what comes is sealed with other keys
            fresh = _not_yet_imported(digests, Decoded(writer, ledger.entry_mapper))
            known = tuple(str(path) for path in paths if path not in fresh)
            if not fresh:
                return Imported(0, 0, known, None)
            work = _Import(ledger, writer, recorded_at, as_found=as_found)
            try:
                for path in fresh:
                    found = {
                        "file_sha256": digests[path].sha256,
                        "entries": work.file(path, digests[path], progress),
                    }
                    work.note(found | about, by)
                work.finish()
            finally:
                work.names.close()
    except RefusedError as refused:
        ledger.note_refusals(_refusals(refused, recorded_at))
        raise
    signed = ledger.committing.after(work.last_position)
    same_person, left, uncompared = compared(ledger)
    return Imported(
        work.recorded,
        work.known,
        known,
        (work.first_position, work.last_position),
        tuple(work.notes),
        signed,
        unerased=erase(ledger.erasing, work.last_position),
        same_person=same_person,
        registered=work.registered,
        uncompared=uncompared if work.registered else None,
        left=left,
    )


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Python's search for cyclic garbage made rare: an import leaves none, and looking took a tenth of its time."""
    before = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _not_yet_imported(digests: Mapping[Path, Digested], rows: Decoded) -> list[Path]:
    """The files whose content is new to the ledger; of several with one content the first."""
    seen = {
        entry.event.file_sha256
        for _, entry in rows.stream("ledger", None)
        if isinstance(entry.event, HistoryImported)
    }
    fresh = []
    for path, digested in digests.items():
        if digested.sha256 not in seen:
            seen.add(digested.sha256)
            fresh.append(path)
    return fresh


def _refusals(refused: RefusedError, recorded_at: str) -> Iterator[Statement]:
    """What the ledger notes of the refused entries, each with the rules that refused it."""
    by_entry: dict[tuple[str, int], list[Finding]] = {}
    for finding in refused.findings:
        if isinstance(finding, Finding):
            by_entry.setdefault(finding.judged.ref, []).append(finding)
    for findings in by_entry.values():
        judged = findings[0].judged
        yield refusal_statement(judged.event, judged.by, [one.rule for one in findings], recorded_at)


class _Import:
    """One import into an open transaction."""

    def __init__(self, ledger: Ledger, writer: Writer, recorded_at: str, *, as_found: bool) -> None:
        self._ledger = ledger
        self._writer = writer
        self._recorded_at = recorded_at
        self._live = not as_found and ledger.calendar.day_of(recorded_at) > ledger.opened.go_live
        self._problems = Problems()
        self._enforced: set[str] = set()
        self._erasing = Erasing(ledger.calendar, authorised=as_found)
        self.names = ImportNames(self._is_known)
        self._chain = Chain(ledger, writer, recorded_at, self.names.learn)
        self._corrections = Corrections(
            self._chain, self.names, ledger.fingerprints, self._admission, self._problems
        )
        self.recorded = self.known = self.last_position = 0
        self.notes: list[int] = []
        self.registered: dict[str, tuple[str, int]] = {}
        self.first_position = self._chain.first_position
        for stream in ("ledger", "practice"):
            self._chain.head(stream)

    def file(self, path: Path, digested: Digested, progress: Progress) -> int:
        """Takes in one file; how many entries it gave."""
        self.names.file = self._problems.file = str(path)
        self._chain.services |= digested.services
        before = self.recorded
        for batch in read_ahead(path, self._ledger.fingerprints.key):
            for bad in batch.bad:
                self._problems.tell(bad.line, bad.problem)
                self._corrections.excuse(bad.source)
            self._write(batch.stated)
            progress(batch.size)
        self.recorded += self._corrections.write()
        return self.recorded - before

    def note(self, fields: dict[str, Any], by: str) -> None:
        """Records that a file was imported."""
        record = own_statement(HistoryImported, fields, self._recorded_at, by)
        self._chain.append([self._chain.seal(record, "ledger", Admission.ENFORCED)], [])
        self.notes.append(self._writer.last_position())

    def finish(self) -> None:
        """Checks the whole; raises what must roll everything back."""
        self._problems.told += self.names.problems()
        if not self._problems:
            self._corrections.check(self._ledger.calendar)
        if self._problems:
            raise BadLinesError(sorted(set(self._problems.told)))
        self.last_position = self._writer.last_position()
        self._erasing.check(self._chain.rows, self._recorded_at)
        refused = self._refused()
        if refused:
            raise RefusedError(
                f"refused by a gate: {len(refused)} finding(s) on entries after go-live; nothing was imported. Put "
                "them right, or bring the history in openly with --as-found --authorised-by WHO --reason TEXT",
                refused,
            )

    # -- a batch -----------------------------------------------------------------------------------------

    def _write(self, batch: Sequence[Prepared]) -> None:
        """Seals and appends a batch, step by step (which is faster than line by line); corrections wait."""
        fresh = list(self._fresh(batch))
        for one, stream in fresh:
            self._chain.head(stream)
            self._erasing.take(one.topic, stream)
            self.names.take(one.event_type, one.fields, stream, one.line)
            if one.topic == ClientRegistered.TOPIC and len(self.registered) < COMPARED:
                self.registered[one.fields["client"]] = (self.names.file, one.line)
        sealed = [
            self._chain.seal(one, stream, self._admission(one.occurred_at, stream), service=one.service)
            for one, stream in fresh
        ]
        sources = [
            SourceRow(one.source, entry.row[0], entry.row[1], one.fingerprint)
            for (one, _), entry in zip(fresh, sealed, strict=True)
            if one.source is not None
        ]
        self._chain.append(sealed, sources)
        self.recorded += len(sealed)

    def _fresh(self, batch: Sequence[Prepared]) -> Iterator[tuple[Prepared, str]]:
        """What is to be recorded now, and in which stream: what a source said before is not recorded again."""
        said = self._said([one.source for one in batch if one.source is not None])
        for one in batch:
            if one.source is not None:
                if one.source in said:
                    self._again(one.line, one.source, same=said[one.source] == one.fingerprint)
                    continue
                said[one.source] = one.fingerprint
            if one.topic == EntryCorrected.TOPIC or one.stream is None:
                self._corrections.wait(one)
            else:
                yield one, one.stream

    def _said(self, sources: Sequence[str]) -> dict[str, bytes]:
        """What these sources said before: the fingerprints, by source."""
        known = self._writer.sources_known(sources) if sources else {}
        return {source: row.fingerprint for source, row in known.items()} | self._corrections.said

    def _again(self, line: int, source: str, *, same: bool) -> None:
        """A source seen before: the same fact is known, another content is bad input."""
        if same:
            self.known += 1
        else:
            self._problems.tell(
                line,
                f"source {source}: recorded already with another content; "
                "a source is one fact, correct it with EntryCorrected",
            )

    def _admission(self, at: str, stream: str) -> Admission:
        """Enforced after go-live for what happened since; what happened before, or is brought in openly, as found."""
        if not self._live:
            return Admission.AS_FOUND
        day = at if is_day(at) else self._ledger.calendar.day_of(at)
        if day < self._ledger.opened.go_live:
            return Admission.AS_FOUND
        self._enforced.add(stream)
        return Admission.ENFORCED

    def _is_known(self, name: Name) -> bool:
        """Whether the ledger has a name that the files do not give."""
        stream = name.scope or ("practice" if name.thing == "template" else f"{name.thing}/{name.id}")
        names = Names()
        names.learn((event, stream) for event in self._chain.before(stream))
        return name in names

    # -- gates -------------------------------------------------------------------------------------------

    def _refused(self) -> list[Finding]:
        """Gate findings judged on enforced entries of these files, on the history as it would be."""
        if not self._enforced:
            return []
        when = Moment(FOREVER, None, None)
        perspective = Perspective(self._chain.rows, when, self._ledger.calendar)
        refused = [finding for finding in perspective.own().judgement.findings if self._refuses(finding)]
        for stream in sorted(self._enforced):
            if stream.startswith(CLIENTS):
                judgement = perspective.judged(stream.removeprefix(CLIENTS)).judgement
                refused += [finding for finding in judgement.findings if self._refuses(finding)]
        return refused

    def _refuses(self, finding: Finding) -> bool:
        return (
            finding.judged.position >= self.first_position
            and finding.judged.entry.admitted is Admission.ENFORCED
            and refuses(finding)
        )
