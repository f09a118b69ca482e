"""The ledger held against what the children were told: nothing lost, nothing doubled, nothing half, no untrue word."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger.application import Ledger
from ledger.integrity.proof import Receipt
from ledger.verification.held import Held
from ledger.verification.verification import Question, verify
from tests.faults.journal import Act, Fact, acts, fact
from tests.faults.sites import Site

SETTING = ("director", "frontdesk")
"""Who recorded what was there before."""


@dataclass
class Outcome:
    """What an examination found."""

    acknowledged: int = 0
    refused: int = 0
    unanswered_there: int = 0
    """Acts there that nobody was told of: the process died, or the answer was lost, after they were recorded."""
    errors: Counter[str] = field(default_factory=Counter)
    lost: list[Act] = field(default_factory=list)
    doubled: list[Fact] = field(default_factory=list)
    torn: list[Act] = field(default_factory=list)
    """Acts of which a part is there."""
    denied: list[Act] = field(default_factory=list)
    """Acts that are there, although somebody was told that nothing was recorded."""
    disowned: list[Act] = field(default_factory=list)
    """Acts that were told that what they rest on is not recorded, although it was acknowledged before."""
    faults: Sequence[object] = ()

    def require_clean(self) -> None:
        """Fails on anything but a whole and truthful ledger."""
        assert not self.lost, self.lost[:3]
        assert not self.doubled, self.doubled[:3]
        assert not self.torn, self.torn[:3]
        assert not self.denied, self.denied[:3]
        assert not self.disowned, self.disowned[:3]
        assert not self.faults, self.faults


def examine(site: Site, *, receipts: bool = True) -> Outcome:
    """The ledger of a site against the journals of its children, and verified in full."""
    found = Outcome()
    there, leaves = _recorded(site)
    found.doubled = [one for one, positions in there.items() if len(positions) > 1]
    held = []
    came = {"C-1"}  # beside her, a child's clients are its own, and their names nobody else's
    for act in acts(site.journals):
        clients = {one["client"] for one in act.statements if "client" in one}
        present = [one in there for one in act.facts]
        if act.outcome == "acknowledged":
            found.acknowledged += 1
            came |= {one["client"] for one in act.statements if one["type"] == "ClientRegistered"}
            at = {position for one in act.facts for position in there.get(one, ())}
            if not all(present) or at != set(act.told.get("positions", at)):
                found.lost.append(act)
            if receipts and act.told.get("receipt"):
                held.append(act.told["receipt"])
            continue
        found.refused += act.outcome == "refused"
        found.unanswered_there += bool(present) and all(present)
        if act.outcome == "failed":
            found.errors[f"{act.told['error']} {act.told['code']}"] += 1
            if act.told["error"] == "ReferenceNotRecordedError" and clients <= came:
                found.disowned.append(act)
        if any(present) and not all(present):
            found.torn.append(act)
        if any(present) and act.promised_absent:
            found.denied.append(act)
    for document in held:
        for proven in Receipt.parse(document).entries:
            assert leaves[proven.position] == proven.state, proven.position
    report = verify(site.places, Question(held=[Held.of_receipt(one) for one in held]))
    found.faults = report.faults
    return found


def _recorded(site: Site) -> tuple[dict[Fact, list[int]], dict[int, bytes]]:
    """Where each fact stands in the log, and every entry's bytes. The log has no gap and all of it is signed."""
    there: dict[Fact, list[int]] = {}
    states: dict[int, bytes] = {}
    with site.ledger() as ledger:
        for page in ledger.recorder.pages():
            for row in page:
                entry = ledger.entries.entry(row)[1]
                states[row.position] = row.state
                if row.stream != "ledger" and entry.by not in SETTING:
                    there.setdefault(fact(entry.by, entry.occurred_at), []).append(row.position)
        assert list(states) == list(range(1, len(states) + 1))
        _require_signed(ledger, len(states))
    return there, states


def _require_signed(ledger: Ledger, size: int) -> None:
    mark = ledger.committing.signer.mark()
    last = ledger.recorder.last_checkpoint()
    assert mark is not None
    assert last is not None
    assert (mark.size, last.size) == (size, size), "a tail is left unsigned after an opening"
