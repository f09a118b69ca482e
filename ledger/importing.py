"""Importing history: files checked as a whole and recorded in one transaction, or not at all.

DESIGN sections 3 and 8. Every bad line is told by its number. Before `go_live` history comes in as found; later
entries are enforced: the file's whole history is judged before anything is committed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ledger import clock
from ledger.admission import refusal_statement, service_of
from ledger.application import Decoded, Ledger
from ledger.correcting import canonical_changes, target_of
from ledger.entry import Entry
from ledger.errors import BadLinesError, InputError, RefusedError
from ledger.events.base import Event
from ledger.events.corrections import EntryCorrected
from ledger.events.engagements import EngagementOpened
from ledger.events.ledger import HistoryImported
from ledger.events.practice import PolicyAdopted
from ledger.history import read
from ledger.import_lines import Digested, digest, lines
from ledger.import_names import ImportNames
from ledger.names import Name, Names
from ledger.perspective import CLIENTS, Moment, Perspective
from ledger.rules.catalogue import check_policy
from ledger.rules.judge import Finding, refuses
from ledger.sealer import Head, Sealed, head_of
from ledger.statement import Statement, own_statement, state
from ledger.storage.log import Writer
from ledger.storage.rows import SourceRow
from ledger.values import Admission, Domain, FOREVER, is_day

BATCH = 1_000
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: entries recorded, lines known by their source already, files known as a whole."""

    entries: int
    known: int
    files_known: tuple[str, ...]
    positions: tuple[int, int] | None


@dataclass(slots=True)
class _Pending:
    """A line on its way into a batch."""

    line: int
    statement: Statement


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
    digests = {path: digest(path) for path in paths}
    known_files = _imported_before(ledger)
    fresh = [path for path in paths if digests[path].sha256 not in known_files]
    known = tuple(str(path) for path in paths if path not in fresh)
    if not fresh:
        return Imported(0, 0, known, None)
    told = {"authorised_by": authorised_by, "reason": reason, "source_system": source_system}
    work = _Import(ledger, by, {name: value for name, value in told.items() if value is not None}, as_found)
    try:
        with ledger.recorder.bulk(before_commit=ledger.keys.flush) as writer:
            work.begin(writer)
            for path in fresh:
                work.file(path, digests[path], progress)
            work.finish()
    except RefusedError as refused:
        ledger.note_refusals(
            refusal_statement(finding.judged.event, finding.judged.by, rules, work.recorded_at)
            for finding, rules in work.refused_by_entry(refused.findings)
        )
        raise
    finally:
        work.names.close()
    return Imported(work.recorded, work.known, known, (work.first_position, work.last_position))


def _imported_before(ledger: Ledger) -> set[str]:
    return {
        entry.event.file_sha256
        for _, entry in ledger.entries.stream("ledger", None)
        if isinstance(entry.event, HistoryImported)
    }


class _Import:
    """One import: state of the chain, names, problems; everything else is in the open transaction."""

    def __init__(self, ledger: Ledger, by: str, told: dict[str, Any], as_found: bool) -> None:
        self._ledger = ledger
        self._by = by
        self._told = told
        self._as_found = as_found
        self.recorded_at = clock.now()
        self._after_go_live = ledger.calendar.day_of(self.recorded_at) > ledger.opened.go_live
        self._file = ""
        self._problems: list[tuple[str, int, str]] = []
        self._heads: dict[str, Head] = {}
        self._services: dict[tuple[str, str], str] = {}
        self._batch: list[_Pending] = []
        self._later: list[_Pending] = []
        self._corrected: dict[str, list[int]] = {}
        self._enforced: set[str] = set()
        self._lines: dict[int, int] = {}
        self.names = ImportNames(self._is_known)
        self.recorded = self.known = self.first_position = self.last_position = 0

    def begin(self, writer: Writer) -> None:
        """Starts on an open transaction."""
        self._writer = writer
        self._rows = Decoded(writer, self._ledger.entry_mapper)
        self.first_position = writer.last_position() + 1
        for stream in ("ledger", "practice"):
            self._head(stream)

    def file(self, path: Path, digested: Digested, progress: Progress) -> None:
        """Takes in one file."""
        self._file = str(path)
        self._services |= digested.services
        before = self.recorded
        done = 0
        for line in lines(path):
            done += line.size
            if line.given is None:
                self._wrong(line.number, line.problem or "cannot be read")
                continue
            try:
                statement = state(line.given)
                if isinstance(statement.event, PolicyAdopted):
                    check_policy(statement.event)
            except InputError as wrong:
                self._wrong(line.number, str(wrong))
                continue
            self._batch.append(_Pending(line.number, statement))
            if len(self._batch) >= BATCH:
                self._write_batch()
                progress(done)
                done = 0
        self._write_batch()
        self._write_later()
        progress(done)
        fields = {"file_sha256": digested.sha256, "entries": self.recorded - before, **self._told}
        record = own_statement(HistoryImported, fields, self.recorded_at, self._by)
        self._append([(record, self._sealed(record, "ledger", Admission.ENFORCED), 0)], [])

    def finish(self) -> None:
        """Checks the whole; raises what must roll everything back."""
        self._problems += [(self._file, line, problem) for line, problem in self.names.problems()]
        self._check_corrected()
        if self._problems:
            raise BadLinesError(sorted(set(self._problems)))
        self.last_position = self._writer.last_position()
        refused = self._refused()
        if refused:
            raise RefusedError(
                f"refused by a gate: {len(refused)} finding(s) on entries after go-live; nothing was imported. Put "
                "them right, or bring the history in openly with --as-found --authorised-by WHO --reason TEXT",
                refused,
            )

    # -- a batch -----------------------------------------------------------------------------------------

    def _write_batch(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        sources = [one.statement.source for one in batch if one.statement.source is not None]
        known = self._writer.sources_known(sources) if sources else {}
        ready: list[tuple[Statement, Sealed, int]] = []
        rows: list[SourceRow] = []
        fingerprints: dict[str, bytes] = {source: row.fingerprint for source, row in known.items()}
        for pending in batch:
            one, source = pending.statement, pending.statement.source
            if source is not None:
                fingerprint = self._ledger.fingerprints.of(one)
                if source in fingerprints:
                    self._again(pending, fingerprints[source] == fingerprint)
                    continue
            if isinstance(one.event, EntryCorrected):
                self._later.append(pending)
                continue
            stream = one.stream or ""
            self._head(stream)
            self.names.take(one.event, stream, pending.line)
            sealed = self._sealed(one, stream, self._admission(one, stream))
            ready.append((one, sealed, pending.line))
            if source is not None:
                fingerprints[source] = fingerprint
                rows.append(SourceRow(source, stream, sealed.row[1], fingerprint))
        self._append(ready, rows)
        self.recorded += len(ready)

    def _again(self, pending: _Pending, same: bool) -> None:
        """A source seen before: the same fact is known, another content is bad input."""
        if same:
            self.known += 1
        else:
            self._wrong(
                pending.line,
                f"source {pending.statement.source}: recorded already with another content; "
                "a source is one fact, correct it with EntryCorrected",
            )

    def _append(self, ready: Iterable[tuple[Statement, Sealed, int]], sources: Sequence[SourceRow]) -> None:
        taken = list(ready)
        if not taken or self._problems:
            return
        self._writer.append(
            [sealed.row for _, sealed, _ in taken],
            recorded_at=self.recorded_at,
            disclosures=[row for _, sealed, _ in taken for row in sealed.disclosures],
            sources=sources,
        )

    def _sealed(
        self, one: Statement, stream: str, admitted: Admission, corrected: Entry[Any] | None = None
    ) -> Sealed:
        event = corrected.event if corrected is not None else one.event
        sealed = self._ledger.sealer.seal(
            one,
            stream,
            self._head(stream),
            recorded_at=self.recorded_at,
            admitted=admitted,
            service=self._service(event),
            corrected=type(event) if corrected is not None else None,
        )
        self._heads[stream] = (sealed.row[1], sealed.leaf)
        return sealed

    def _service(self, event: Event) -> Domain | None:
        engagement, client = getattr(event, "engagement", None), getattr(event, "client", "")
        found = self._services.get((client, engagement)) if engagement is not None else None
        return Domain(found) if found in ("therapy", "coaching") else service_of(event, None)

    def _admission(self, one: Statement, stream: str) -> Admission:
        """Enforced after go-live for what happened since; what happened before, or is brought in openly, as found."""
        if self._as_found or not self._after_go_live:
            return Admission.AS_FOUND
        at = one.occurred_at
        day = at if is_day(at) else self._ledger.calendar.day_of(at)
        if day < self._ledger.opened.go_live:
            return Admission.AS_FOUND
        self._enforced.add(stream)
        return Admission.ENFORCED

    def _head(self, stream: str) -> Head:
        head = self._heads.get(stream)
        if head is None:
            head = head_of(self._writer.head(stream))
            self._heads[stream] = head
            if head[0]:
                self._learn(stream)
        return head

    def _learn(self, stream: str) -> None:
        """What an existing stream holds: its names, and the services of its engagements."""
        events = [entry.event for _, entry in self._rows.stream(stream, self.first_position - 1)]
        self.names.learn((event, stream) for event in events)
        for event in events:
            if isinstance(event, EngagementOpened):
                self._services[event.client, event.engagement] = event.service.value

    def _is_known(self, name: Name) -> bool:
        """Whether the ledger has a name that the files do not give."""
        stream = name.scope or ("practice" if name.thing == "template" else f"{name.thing}/{name.id}")
        names = Names()
        names.learn((entry.event, stream) for _, entry in self._rows.stream(stream, self.first_position - 1))
        return name in names.known

    # -- corrections -------------------------------------------------------------------------------------

    def _write_later(self) -> None:
        """Corrections come after what they correct, wherever they stand in the file."""
        waiting, self._later = self._later, []
        if self._problems:
            return
        while waiting:
            again = [pending for pending in waiting if not self._correct(pending)]
            if len(again) == len(waiting):
                for pending in again:
                    corrects = pending.statement.fields.get("corrects")
                    own = corrects == pending.statement.source
                    why = (
                        "is the correction itself"
                        if own
                        else "is not recorded, neither here nor in this file"
                    )
                    self._wrong(pending.line, f"corrects: source {corrects} {why}")
                return
            waiting = again

    def _correct(self, pending: _Pending) -> bool:
        """Records one correction; False if what it corrects is not there (yet)."""
        one = pending.statement
        stream, fields, event = one.stream, dict(one.fields), one.event
        if not isinstance(event, EntryCorrected):
            return True
        if isinstance(event.corrects, str):
            found = self._writer.find_source(event.corrects)
            if found is None:
                return False
            stream, fields["corrects"] = found.stream, found.seq
            event = event.model_copy(update={"corrects": found.seq})
        try:
            self._record_correction(pending, one, event, fields, stream or "practice")
        except InputError as wrong:
            self._wrong(pending.line, str(wrong))
        return True

    def _record_correction(
        self, pending: _Pending, one: Statement, event: EntryCorrected, fields: dict[str, Any], stream: str
    ) -> None:
        head = self._head(stream)
        corrects = event.corrects if isinstance(event.corrects, int) else 0
        row = self._writer.entry(stream, corrects)
        found = self._rows.entry(row)[1] if row is not None else None
        target = target_of(event, stream, head[0] + 1, lambda _seq: found)
        if event.changes is not None:
            changes, now = canonical_changes(target, event.changes, target.event)
            fields["changes"] = changes
            event = event.model_copy(update={"changes": changes})
            if isinstance(now, PolicyAdopted):
                check_policy(now)
            self.names.refer(now, stream, pending.line)
        resolved = Statement(event, fields, one.occurred_at, one.by, one.source, stream)
        sealed = self._sealed(resolved, stream, self._admission(one, stream), target)
        rows_of_source = []
        if one.source is not None:
            fingerprint = self._ledger.fingerprints.of(one)
            rows_of_source = [SourceRow(one.source, stream, sealed.row[1], fingerprint)]
        self._append([(resolved, sealed, pending.line)], rows_of_source)
        self.recorded += 1
        self._corrected.setdefault(stream, []).append(pending.line)

    def _check_corrected(self) -> None:
        """Corrections together must leave entries that can be read."""
        if self._problems:
            return
        for stream, numbers in self._corrected.items():
            try:
                read(self._rows.stream(stream, None), self._ledger.calendar)
            except ValidationError as wrong:
                reason = "; ".join(error["msg"] for error in wrong.errors())
                self._wrong(numbers[-1], f"the corrections of {stream} together do not fit: {reason}")

    # -- gates -------------------------------------------------------------------------------------------

    def _refused(self) -> list[Finding]:
        """Gate findings judged on enforced entries of these files, on the history as it would be."""
        if not self._enforced:
            return []
        when = Moment(FOREVER, None, None)
        perspective = Perspective(self._rows, when, self._ledger.calendar)
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

    @staticmethod
    def refused_by_entry(findings: Iterable[Any]) -> list[tuple[Finding, list[str]]]:
        """The refused entries, each with the rules that refused it."""
        by_entry: dict[tuple[str, int], tuple[Finding, list[str]]] = {}
        for finding in findings:
            by_entry.setdefault(finding.judged.ref, (finding, []))[1].append(finding.rule)
        return list(by_entry.values())

    def _wrong(self, line: int, problem: str) -> None:
        self._problems.append((self._file, line, problem))
