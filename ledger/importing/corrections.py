"""The corrections of an import: recorded after everything else, each once what it corrects is there."""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from ledger.entry import Entry
from ledger.errors import InputError
from ledger.events.corrections import EntryCorrected
from ledger.events.practice import PolicyAdopted
from ledger.history import read
from ledger.importing.chain import Chain
from ledger.importing.lines import Problems
from ledger.importing.names import ImportNames
from ledger.importing.prepared import Prepared
from ledger.recording.correcting import canonical_changes, refuse_bare_texts, target_of
from ledger.recording.fingerprints import Fingerprints
from ledger.recording.statement import Statement
from ledger.rules.catalogue import check_policy
from ledger.storage.rows import SourceRow
from ledger.values import Admission, Calendar

Admit = Callable[[str, str], Admission]
"""How what happened then gets into a stream."""


class Corrections:
    """Corrections of one import: those that wait, and the streams corrected so far."""

    def __init__(
        self, chain: Chain, names: ImportNames, fingerprints: Fingerprints, admit: Admit, problems: Problems
    ) -> None:
        self._chain = chain
        self._names = names
        self._fingerprints = fingerprints
        self._admit = admit
        self._problems = problems
        self._waiting: list[tuple[int, Statement]] = []
        self.said: dict[str, bytes] = {}
        """The fingerprints of what the sources of waiting corrections said."""
        self._corrected: dict[str, tuple[str, int]] = {}
        self._excused: set[Any] = set()

    def excuse(self, source: str | None) -> None:
        """A bad line has this source: what corrects it need not be told as well."""
        if source is not None:
            self._excused.add(source)

    def wait(self, one: Prepared) -> None:
        """Takes in a correction, to be recorded by `write`."""
        event = EntryCorrected.model_validate_json(to_json(one.fields))
        stated = Statement(event, one.fields, one.occurred_at, one.by, one.source, one.stream)
        self._waiting.append((one.line, stated))
        if one.source is not None:
            self.said[one.source] = one.fingerprint

    def write(self) -> int:
        """Records what waits, wherever it stands in the file; how many. What nothing stands for is a problem."""
        waiting, self._waiting = self._waiting, []
        self.said.clear()
        recorded = 0
        while waiting:
            again = [one for one in waiting if not self._correct(*one)]
            recorded += len(waiting) - len(again)
            if len(again) == len(waiting):
                self._tell_nowhere(again)
                break
            waiting = again
        return recorded

    def check(self, calendar: Calendar) -> None:
        """Corrections together must leave entries that can be read."""
        for stream, (file, line) in self._corrected.items():
            try:
                read(self._chain.rows.stream(stream, None), calendar)
            except ValidationError as wrong:
                reason = "; ".join(error["msg"] for error in wrong.errors())
                self._problems.tell(line, f"the corrections of {stream} together do not fit: {reason}", file)

    def _tell_nowhere(self, waiting: Iterable[tuple[int, Statement]]) -> None:
        """What these correct is not there, unless it is a bad line, or itself corrects one."""
        told = list(waiting)
        while excused := [one for _, one in told if one.fields.get("corrects") in self._excused]:
            self._excused.update(one.source for one in excused)
            told = [pending for pending in told if pending[1] not in excused]
        for line, one in told:
            corrects = one.fields.get("corrects")
            why = (
                "is the correction itself"
                if corrects == one.source
                else "is not recorded, neither here nor in this file"
            )
            self._problems.tell(line, f"corrects: source {corrects} {why}")

    def _correct(self, line: int, one: Statement) -> bool:
        """Records one correction; False if what it corrects is not there (yet)."""
        stream, fields, event = one.stream, dict(one.fields), one.event
        if not isinstance(event, EntryCorrected):
            return True
        if isinstance(event.corrects, str):
            found = self._chain.writer.find_source(event.corrects)
            if found is None:
                return False
            stream, fields["corrects"] = found.stream, found.seq
            event = event.model_copy(update={"corrects": found.seq})
        stream = stream or "practice"
        try:
            self._record(line, one, event, fields, stream)
        except InputError as wrong:
            self._problems.tell(line, str(wrong))
        return True

    def _record(
        self,
        line: int,
        one: Statement,
        event: EntryCorrected,
        fields: dict[str, Any],
        stream: str,
    ) -> None:
        chain = self._chain
        found = self._entry(stream, event.corrects if isinstance(event.corrects, int) else 0)
        target = target_of(event, stream, chain.head(stream)[0] + 1, lambda _seq: found)
        if event.changes is not None:
            refuse_bare_texts(event.changes, target, lambda seq: self._entry(stream, seq))
            changes, now = canonical_changes(target, event.changes, target.event)
            fields["changes"] = changes
            event = event.model_copy(update={"changes": changes})
            if isinstance(now, PolicyAdopted):
                check_policy(now)
            self._names.refer(type(now), dict(now), stream, line)
        resolved = Statement(event, fields, one.occurred_at, one.by, one.source, stream)
        sealed = chain.seal(resolved, stream, self._admit(one.occurred_at, stream), corrected=target)
        sources = []
        if one.source is not None:
            sources.append(SourceRow(one.source, stream, sealed.row[1], self._fingerprints.of(one)))
        chain.append([sealed], sources)
        self._corrected[stream] = (self._problems.file, line)

    def _entry(self, stream: str, seq: int) -> Entry[Any] | None:
        return self._chain.rows.one(stream, seq)
