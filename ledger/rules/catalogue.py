"""The one table of rules. Adding a rule means adding its module here; ids are never reused."""

from ledger.errors import FieldError
from ledger.events.practice import PolicyAdopted
from ledger.policy import Parameter, Policy, Value
from ledger.rules import (
    agr_1,
    agr_2,
    agr_3,
    agr_4,
    agr_5,
    agr_6,
    agr_7,
    agr_8,
    con_1,
    con_2,
    con_3,
    con_4,
    con_5,
    cor_1,
    int_1,
    int_2,
    int_3,
    int_4,
    lic_1,
    lic_2,
    lic_3,
    lic_4,
    ovr_1,
    rec_1,
    rec_2,
    rec_3,
    rec_4,
    rec_5,
    ref_1,
    ref_2,
    ref_3,
    role_1,
    role_2,
    role_3,
    role_4,
    role_5,
    role_6,
    role_7,
    role_8,
    scope_1,
    scope_2,
    scope_3,
    scope_4,
    scope_5,
    scope_6,
    scope_7,
    seq_1,
    seq_2,
    seq_3,
    time_1,
    time_2,
)
from ledger.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    role_1.RULE,
    role_2.RULE,
    role_3.RULE,
    role_4.RULE,
    role_5.RULE,
    role_6.RULE,
    role_7.RULE,
    role_8.RULE,
    scope_1.RULE,
    scope_2.RULE,
    scope_3.RULE,
    scope_4.RULE,
    scope_5.RULE,
    scope_6.RULE,
    scope_7.RULE,
    lic_1.RULE,
    lic_2.RULE,
    lic_3.RULE,
    lic_4.RULE,
    agr_1.RULE,
    agr_2.RULE,
    agr_3.RULE,
    agr_4.RULE,
    agr_5.RULE,
    agr_6.RULE,
    agr_7.RULE,
    agr_8.RULE,
    rec_1.RULE,
    rec_2.RULE,
    rec_3.RULE,
    rec_4.RULE,
    rec_5.RULE,
    int_1.RULE,
    int_2.RULE,
    int_3.RULE,
    int_4.RULE,
    ref_1.RULE,
    ref_2.RULE,
    ref_3.RULE,
    con_1.RULE,
    con_2.RULE,
    con_3.RULE,
    con_4.RULE,
    con_5.RULE,
    seq_1.RULE,
    seq_2.RULE,
    seq_3.RULE,
    time_1.RULE,
    time_2.RULE,
    ovr_1.RULE,
    cor_1.RULE,
)

BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}
RECOMMENDED: frozenset[str] = frozenset(rule.id for rule in RULES if rule.adopted)
OF_NO_RULE = (
    Parameter("record_refusals", True, "Whether an attempt that a gate refuses is stored (EntryRefused)."),
    Parameter(
        "retention_years",
        7,
        "For how many years after the last service a client's sealed texts are kept. 7 is what the APA Record Keeping "
        "Guidelines (2007, guideline 7) suggest where no law asks for more; the law of the place may.",
    ),
    Parameter(
        "retention_minor_years",
        3,
        "For how many years after a minor comes of age they are kept at least. 3 is what the same guideline suggests.",
    ),
)
"""Parameters of the ledger itself."""

PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (*(found for rule in RULES for found in rule.parameters), *OF_NO_RULE)
}
DEFAULTS: dict[str, Value] = {name: parameter.default for name, parameter in PARAMETERS.items()}
RECOMMENDED_POLICY = Policy(RECOMMENDED)


def check_policy(event: PolicyAdopted) -> None:
    """FieldError for rules and parameters that do not exist, or values that do not fit."""
    problems = [
        f"adopts: expected the id of a rule marked as adopted (`rules list` shows them), came {name}"
        for name in event.adopts
        if name != "recommended" and name not in RECOMMENDED
    ]
    problems += [
        f"drops: expected the id of a rule marked as adopted (`rules list` shows them), came {name}"
        for name in event.drops
        if name not in RECOMMENDED
    ]
    for name, value in event.parameters.items():
        problems += _problems(name, value)
    if problems:
        raise FieldError("PolicyAdopted", problems)


def _problems(name: str, value: Value) -> list[str]:
    parameter = PARAMETERS.get(name)
    if parameter is None:
        return [f"parameters: there is no parameter {name}; `policy show` lists them"]
    default = parameter.default
    if isinstance(default, bool):
        return (
            [] if isinstance(value, bool) else [f"parameters.{name}: expected true or false, came {value!r}"]
        )
    if isinstance(default, int):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_DAYS:
            return [
                f"parameters.{name}: expected a whole number from 0 to {MOST_DAYS} (not negative), came {value!r}"
            ]
        return []
    if not isinstance(value, tuple):
        return [f"parameters.{name}: expected a list of codes, came {value!r}"]
    unknown = [code for code in value if parameter.codes and code not in parameter.codes]
    return [
        f"parameters.{name}: expected some of {', '.join(parameter.codes)}, came {code}" for code in unknown
    ]


MOST_DAYS = 36_500
"""The largest number a parameter takes: a hundred years of days."""
