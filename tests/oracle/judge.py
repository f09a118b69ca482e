"""The whole opinion: every rule over the whole history, the obligations, COR-1, the verdicts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.oracle import (
    rules_agr,
    rules_con,
    rules_intake,
    rules_lic,
    rules_misc,
    rules_rec,
    rules_ref,
    rules_role,
    rules_scope,
    rules_seq,
)
from tests.oracle.obligations import LATE_VIOLATES, PENDING, Owed
from tests.oracle.policy import RECOMMENDED, policy_at
from tests.oracle.rules_seq import settle
from tests.oracle.world import Fact, Line, World, read

Finding = tuple[str, str, str | None, str, int]
"""rule, kind, client, stream and seq of the judged entry."""
Obligation = tuple[str, str | None, str, int, date, str]
"""rule, client, stream and seq of the cause, due day, status."""

RULES: list[tuple[str, str, Callable[[World], list[Fact]]]] = [
    ("ROLE-1", "gate", rules_role.role_1),
    ("ROLE-2", "gate", rules_role.role_2),
    ("ROLE-2", "warning", rules_role.role_2_goals),
    ("ROLE-3", "gate", rules_role.role_3),
    ("ROLE-4", "gate", rules_role.role_4),
    ("ROLE-5", "gate", rules_role.role_5),
    ("ROLE-6", "warning", rules_role.role_6),
    ("ROLE-7", "advice", rules_role.role_7),
    ("ROLE-8", "gate", rules_role.role_8),
    ("SCOPE-1", "gate", rules_scope.scope_1),
    ("SCOPE-3", "violation", rules_scope.scope_3),
    ("SCOPE-4", "gate", rules_scope.scope_4),
    ("SCOPE-5", "gate", rules_scope.scope_5),
    ("SCOPE-6", "warning", rules_scope.scope_6),
    ("SCOPE-7", "advice", rules_scope.scope_7),
    ("LIC-1", "gate", rules_lic.lic_1),
    ("LIC-2", "violation", rules_lic.lic_2),
    ("LIC-4", "advice", rules_lic.lic_4),
    ("AGR-1", "gate", rules_agr.agr_1),
    ("AGR-2", "gate", rules_agr.agr_2),
    ("AGR-3", "gate", rules_agr.agr_3),
    ("AGR-3", "warning", rules_agr.agr_3_issued),
    ("AGR-4", "gate", rules_agr.agr_4),
    ("AGR-4", "warning", rules_agr.agr_4_unknown),
    ("AGR-5", "gate", rules_agr.agr_5),
    ("AGR-6", "gate", rules_agr.agr_6),
    ("AGR-6", "warning", rules_agr.agr_6_therapy),
    ("AGR-7", "violation", rules_agr.agr_7),
    ("AGR-8", "warning", rules_agr.agr_8),
    ("REC-1", "violation", rules_rec.rec_1),
    ("REC-2", "violation", rules_rec.rec_2),
    ("REC-3", "violation", rules_rec.rec_3),
    ("INT-1", "gate", rules_intake.int_1),
    ("INT-2", "gate", rules_intake.int_2),
    ("INT-3", "warning", rules_intake.int_3),
    ("INT-4", "warning", rules_intake.int_4),
    ("REF-2", "violation", rules_ref.ref_2),
    ("REF-3", "warning", rules_ref.ref_3),
    ("CON-1", "violation", rules_con.con_1),
    ("CON-2", "advice", rules_con.con_2),
    ("CON-4", "advice", rules_con.con_4),
    ("CON-5", "warning", rules_con.con_5),
    ("SEQ-1", "gate", rules_seq.seq_1),
    ("SEQ-2", "violation", rules_seq.seq_2),
    ("SEQ-3", "gate", rules_seq.seq_3),
    ("TIME-1", "warning", rules_misc.time_1),
    ("TIME-2", "warning", rules_misc.time_2),
    ("OVR-1", "violation", rules_misc.ovr_1),
    ("OVR-1", "warning", rules_misc.ovr_1_solo),
]

OBLIGATIONS: list[tuple[str, Callable[[World], list[Owed]]]] = [
    ("SCOPE-2", rules_scope.scope_2),
    ("LIC-3", rules_lic.lic_3),
    ("REC-4", rules_rec.rec_4),
    ("REC-5", rules_rec.rec_5),
    ("REF-1", rules_ref.ref_1),
    ("CON-3", rules_con.con_3),
]


@dataclass(frozen=True)
class Opinion:
    """What the rules say of a history. A late obligation stands among the obligations, not among the
    findings.
    """

    findings: frozenset[Finding]
    obligations: frozenset[Obligation]
    overdue: frozenset[tuple[str, str | None, str, int, str | None]] = frozenset()
    """The overdue ones: rule, client, stream and seq of the cause, and which engagement, where one cause has
    several.
    """

    def verdict(self, client: str | None) -> str:
        """`violations` if any gate or violation finding, an overdue obligation, or a late one of SCOPE-2 or
        LIC-3; else `pending` if an obligation that makes pending is open; else `clean`. None: of the
        entries that belong to no client.
        """
        broken = any(f[2] == client and f[1] in {"gate", "violation"} for f in self.findings)
        mine = [(o[0], o[5]) for o in self.obligations if o[1] == client]
        overdue = any(status == "overdue" or (status == "late" and r in LATE_VIOLATES) for r, status in mine)
        if broken or overdue:
            return "violations"
        return "pending" if any(status == "open" and r in PENDING for r, status in mine) else "clean"


def judge(
    lines: Sequence[Line],
    *,
    as_of: datetime,
    known_at: datetime | None = None,
    time_zone: str = "America/New_York",
    client: str | None = None,
) -> Opinion:
    """Every finding and obligation of a history as of a time, knowing what was recorded by another.

    With `client`, only that client's.
    """
    zone = ZoneInfo(time_zone)
    corrected = opinion_of(read(lines, as_of=as_of, known_at=known_at, zone=zone))
    if not any(line.body["type"] == "EntryCorrected" for line in lines):
        recorded = corrected
    else:
        recorded = opinion_of(read(lines, as_of=as_of, known_at=known_at, zone=zone, corrections=False))
    findings = corrected.findings | cor_1(recorded, corrected)
    return Opinion(
        frozenset(f for f in findings if client in {None, f[2]}),
        frozenset(o for o in corrected.obligations if client in {None, o[1]}),
    )


def opinion_of(history: World) -> Opinion:
    """Every rule but COR-1. Adopted rules speak only where the policy then in force had adopted them."""
    world = settle(history)
    findings = {
        (rule, kind, fact.client, fact.line.stream, fact.line.seq)
        for rule, kind, broken in RULES
        for fact in broken(world)
        if rule not in RECOMMENDED or rule in policy_at(world, fact.moment).adopted
    }
    all_owed = [
        (rule, o, o.status(world.today))
        for rule, owed in OBLIGATIONS
        for o in owed(world)
        if rule in policy_at(world, o.since).adopted
    ]
    return Opinion(
        frozenset(findings),
        frozenset((r, o.client, o.cause.line.stream, o.cause.line.seq, o.due, s) for r, o, s in all_owed),
        frozenset(
            (r, o.client, o.cause.line.stream, o.cause.line.seq, o.about)
            for r, o, s in all_owed
            if s == "overdue"
        ),
    )


def cor_1(recorded: Opinion, corrected: Opinion) -> frozenset[Finding]:
    """No finding of any kind and no overdue obligation stands as first recorded and disappears by a
    correction.

    Reading: the warning belongs to the entry whose finding disappeared (an obligation: its cause).
    """
    findings = {(f[2], f[3], f[4]) for f in recorded.findings - corrected.findings}
    overdue = {o[1:4] for o in recorded.overdue - corrected.overdue}
    return frozenset(("COR-1", "warning", *where) for where in findings | overdue)
