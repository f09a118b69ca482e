"""What the children of these tests do, each deed over and over."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from traceback import format_exc
from typing import Any, NamedTuple

from ledger import clock
from ledger.application import Ledger
from ledger.commands.receipts import receipt_of
from ledger.copying.backing_up import back_up
from ledger.errors import LedgerError, RefusedError
from ledger.importing import import_files
from ledger.proving.index import seal
from ledger.proving.signing import Signed
from ledger.recording.statement import Statement, state
from projections.models.mending import rebuilt
from tests import desk
from tests.faults.journal import NOW, Journal

LINES = 40
"""Of how many entries an import file is made."""


class Doing(NamedTuple):
    """One child: its name, the number of its round, where it may write files, its journal, its ledger."""

    name: str
    folder: Path
    journal: Journal
    ledger: Ledger

    def given(self, type_: str, **fields: Any) -> dict[str, Any]:
        """A fact of this child, of this moment: nobody else's has both."""
        return {"type": type_, "occurred_at": clock.now(), "by": self.name} | fields

    def record(self, *given: dict[str, Any], now: str | None = None) -> None:
        """Records facts and tells the journal."""

        def recorded() -> dict[str, Any]:
            done = self.ledger.record([state(one) for one in given], now=now)
            when = [entry.occurred_at for entry in done.entries]
            receipt = self.receipt(done.positions, done.checkpoint)
            return {"positions": list(done.positions), "occurred_at": when} | receipt

        self.attempt(given, recorded)

    def receipt(self, positions: Sequence[int], checkpoint: Signed | None) -> dict[str, str]:
        """What a command says of the receipt."""
        receipt = receipt_of(self.ledger, positions, checkpoint)
        return {"unsigned": receipt} if isinstance(receipt, str) else {"receipt": receipt.format()}

    def attempt(self, given: Sequence[dict[str, Any]], act: Callable[[], dict[str, Any]]) -> None:
        """An act, told before and after; an error the program can explain ends it, and no other."""
        self.journal.begin(given)
        try:
            told = act()
        except RefusedError as refused:
            rules = sorted({finding.rule for finding in refused.findings})  # type: ignore[attr-defined]
            self.journal.end("refused", rules=rules)
        except LedgerError as error:
            said = {"error": type(error).__name__, "code": error.exit_code, "said": str(error)}
            self.journal.end("failed", **said, trace=format_exc())
        else:
            self.journal.end("acknowledged", **told)


def client(name: str) -> dict[str, Any]:
    """What is told of a client who comes."""
    told = {"name": "Zoë", "date_of_birth": "1990-02-03", "contact": "zoe@mail.example"}
    return {"client": name, **told, "jurisdiction": "US-NC"}


# -- deeds ------------------------------------------------------------------------------------------------


def of_own_client(doing: Doing, number: int) -> None:
    """A client of the child's own comes, and has sessions elsewhere, new contacts, and so on."""
    own = f"{doing.name}-{number // 10}"
    if number % 10 == 0:
        doing.record(doing.given("ClientRegistered", **client(own)))
    elif number % 10 == 5:
        doing.record(
            *(doing.given("ClientDetailsChanged", client=own, contact=f"{number}/{part}") for part in "ab")
        )
    else:
        doing.record(doing.given("ClientDetailsChanged", client=own, contact=str(number)))


def of_one_client(doing: Doing, number: int) -> None:
    """Everybody writes of one and the same client."""
    if number % 2:
        doing.record(doing.given("ClientDetailsChanged", client="C-1", contact=str(number)))
        return
    told = {"session": f"{doing.name}-{number}", "modality": "video", "purpose": "service"}
    doing.record(doing.given("SessionHeld", client="C-1", engagement="E1", **told))


def of_practice(doing: Doing, number: int) -> None:
    """Everybody writes of one and the same practitioner."""
    doing.record(doing.given("ConsultationHeld", practitioner="P-1", kind="peer", summary=str(number)))


def mixed(doing: Doing, number: int) -> None:
    """Of a client of the child's own, of the one that all know, and now and then of the practice."""
    deeds = (of_own_client, of_one_client, of_own_client, of_practice, of_probe)
    deeds[number % len(deeds)](doing, number)


def of_import(doing: Doing, number: int) -> None:
    """Imports a new file of two clients and what changed about them."""
    names = [f"{doing.name}-{number}-{which}" for which in "ab"]
    given = [doing.given("ClientRegistered", **client(name)) for name in names]
    given += [
        doing.given("ClientDetailsChanged", client=names[one % 2], contact=str(one))
        for one in range(LINES - len(names))
    ]
    file = doing.folder / f"{doing.name}-{number}.ndjson"
    file.write_text("".join(json.dumps(one) + "\n" for one in given))

    def imported() -> dict[str, Any]:
        done = import_files(doing.ledger, [file], by=doing.name)
        first, last = done.positions or (0, 0)
        positions = {"positions": list(range(first, last))}  # the last is the import's own entry
        return positions | doing.receipt(done.notes, done.checkpoint)

    doing.attempt(given, imported)


def of_seal(doing: Doing, number: int) -> None:
    """Seals; now and then something is recorded, so that there is something to seal."""
    if number % 3 == 0:
        of_own_client(doing, number // 3)
    doing.attempt(
        (), lambda: {"sealed": list(seal(doing.ledger.committing, doing.ledger.sealer, doing.name))[:1]}
    )


def of_backup(doing: Doing, number: int) -> None:
    """Something is recorded, then all of it backed up."""
    of_own_client(doing, number)
    file = doing.folder / f"{doing.name}-{number}.backup"
    doing.attempt((), lambda: {"backup": back_up(doing.ledger, file).sha256, "file": str(file)})


def of_rebuild(doing: Doing, number: int) -> None:
    """Something is recorded, then all read models are made anew."""
    of_own_client(doing, number)
    doing.attempt((), lambda: {"rebuilt": rebuilt(doing.ledger, lambda _done, _of: None).position})


def of_probe(doing: Doing, number: int) -> None:
    """Therapy opened for a new client on an agreement without terms: a gate that the practice adopts and drops."""
    name = f"{doing.name}-p{number}"
    told = {"agreement": "A1", "kind": "therapy-consent", "practitioner": "P-1", "text_sha256": desk.TEXT}
    intake = dict(desk.intake().fields) | {"client": name}
    signed = dict(desk.papers()[1].fields) | {"client": name}
    doing.record(
        doing.given("ClientRegistered", **client(name)),
        doing.given("IntakeCompleted", **intake),
        doing.given("AgreementIssued", client=name, payer="private", terms=[], **told),
        doing.given("AgreementSigned", **signed),
    )
    doing.record(doing.given("EngagementOpened", **(dict(desk.opening().fields) | {"client": name})))


def of_policy(doing: Doing, number: int) -> None:
    """Adopts and drops that gate in turn."""
    adopts, drops = (["AGR-3"], []) if number % 2 else ([], ["AGR-3"])
    doing.record(doing.given("PolicyAdopted", adopts=adopts, drops=drops, parameters={}, reason="a decision"))
    time.sleep(0.005)


def pair(number: int) -> list[Statement]:
    """A client with intakes and papers for therapy (1) and for coaching (2), neither of them begun."""
    told = {"client": f"pair-{number}"}
    papers = [*desk.papers(1), *desk.papers(2, "coaching-contract")]
    given = [desk.client(), desk.intake(1, "therapy"), desk.intake(2, "coaching"), *papers]
    return [
        state({"type": one.type, "occurred_at": one.occurred_at, "by": one.by, **one.fields, **told})
        for one in given
    ]


def of_therapy(doing: Doing, number: int) -> None:
    """Opens therapy for a client of `pair`."""
    begin(doing, number, desk.opening(1, "therapy"))


def of_coaching(doing: Doing, number: int) -> None:
    """Opens coaching for a client of `pair`."""
    begin(doing, number, desk.opening(2, "coaching"))


def begin(doing: Doing, number: int, opening: Statement) -> None:
    """Opens an engagement of a client of `pair`, now."""
    told = opening.fields | {"client": f"pair-{number}", "by": f"{doing.name}{NOW}{number}"}
    given = doing.given("EngagementOpened", **told)
    doing.record(given, now=given["occurred_at"])


def tail(doing: Doing, _number: int) -> None:
    """Reads on from where it was, as a read model does, and tells what it saw."""
    seen: list[list[Any]] = []
    after = _TAILED.get(doing.name, 0)
    for page in doing.ledger.recorder.pages(after, size=50):
        seen += [[row.position, row.stream, row.seq] for row in page]
    for notification in doing.ledger.recorder.select_notifications(after, 10, inclusive_of_start=False):
        assert notification.originator_version > 0
    time.sleep(0.01)
    if seen:
        _TAILED[doing.name] = seen[-1][0]
        doing.journal.say(seen=seen)


_TAILED: dict[str, int] = {}

DEEDS: Mapping[str, Callable[[Doing, int], None]] = {
    "record": of_own_client,
    "one-client": of_one_client,
    "practice": of_practice,
    "mixed": mixed,
    "import": of_import,
    "seal": of_seal,
    "backup": of_backup,
    "rebuild": of_rebuild,
    "probe": of_probe,
    "policy": of_policy,
    "open-therapy": of_therapy,
    "open-coaching": of_coaching,
    "tail": tail,
}
