"""A statement about one client: one page of what the record shows, with entry references, and its own limits."""

from collections import Counter
from typing import Any

from ledger.application import Ledger
from ledger.case import Case, Engagement
from ledger.history import Fact
from ledger.perspective import CLIENTS, Moment
from projections import findings as forms
from projections.dates import Dates
from projections.proven import proven
from projections.states import END, engagement_state
from projections.texts import Texts
from projections.timeline import Timeline
from projections.transitions import assess

LIMITS = (
    "It repeats what was recorded, and nothing else: what was never recorded is not in it.",
    "It rests on coded entries; no sealed text was read for it.",
    "A requirement is shown where entries show it under the rules and the policy in force then.",
    "That is this program's reading of the record, neither a legal opinion nor a clinical one.",
    "Nobody attests to anything by it. Whoever certifies a record does so in their own name.",
)

SEALED = "The stored bytes of this client's entries were hashed anew and compared with the last seal; no others were."
UNSEALED = "Stored bytes and hashes were not checked anew for it: there is no seal, or no key database, to check with."


def statement(ledger: Ledger, client: str, when: Moment, dates: Dates) -> dict[str, Any]:
    """The statement as JSON values. InputError if nothing is recorded of this client then.

    IntegrityError where the client's entries are not what was sealed.
    """
    perspective = ledger.at(when)
    judged = perspective.judged(client)
    judgement = judged.judgement
    case = judgement.case or Case(client, perspective.practice)
    timeline = Timeline(perspective, judged.history, dates, Texts(ledger, CLIENTS + client, reveal=False))
    marks = Counter(mark for line in timeline.lines for mark in line.marks)
    transitions = [forms.transition_document(client, one) for one in assess(judgement)]
    standing = [one for one in judgement.obligations if one.status != "met"]
    proof = proven(ledger, client)
    return {
        "practice": ledger.opened.practice,
        "client": client,
        "as_of": when.as_of,
        "known_at": when.known_at,
        "first_at": case.facts[0].occurred_at if case.facts else None,
        "last_at": case.facts[-1].occurred_at if case.facts else None,
        "entries": len(timeline.facts),
        "holds": timeline.holds,
        "keys_destroyed": [forms.entry_ref(fact) for fact in case.keys_destroyed],
        "marks": {
            name: marks[name]
            for name in ("as found", "late", "day only", "corrected", "retracted", "overridden")
        },
        "verdict": judgement.verdict,
        "verdict_as_recorded": judged.verdict_as_recorded,
        "engagements": [_engagement(one) for one in case.engagements.values()],
        "transitions": transitions,
        "findings": sorted(map(forms.finding_document, judgement.findings), key=forms.finding_order),
        "obligations": sorted(map(forms.obligation_document, standing), key=forms.obligation_order),
        "proof": proof.document() if proof is not None else None,
        "other_files": case.other_files(),
        "limits": [*LIMITS, *other_files_limit(case), SEALED if proof is not None else UNSEALED],
    }


def other_files_limit(case: Case) -> list[str]:
    """What a document about one file says where the person has another."""
    others = case.other_files()
    if not others:
        return []
    return [f"The same person has another file, {', '.join(others)}: nothing of that file is in this."]


def _engagement(one: Engagement) -> dict[str, Any]:
    acts: list[tuple[str, Fact]] = [("opened", one.opened)]
    for paused, resumed in one.pauses:
        acts.append(("paused", paused))
        if resumed is not None:
            acts.append(("resumed", resumed))
    if one.closed is not None:
        acts.append(("closed", one.closed))
    return {
        "engagement": one.id,
        "service": one.service.value,
        "practitioner": one.practitioner,
        "state": engagement_state(one, END),
        "acts": [{"act": act, "at": fact.occurred_at, "entry": forms.entry_ref(fact)} for act, fact in acts],
    }
