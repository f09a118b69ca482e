"""Every gate says what to do first."""

from ledger.commands.remedies import REMEDIES
from ledger.rules.catalogue import BY_ID, RULES
from ledger.rules.rule import Kind


def test_every_gate_has_a_remedy() -> None:
    assert [rule.id for rule in RULES if rule.kind is Kind.GATE and rule.id not in REMEDIES] == []


def test_no_remedy_is_for_a_rule_that_is_not() -> None:
    assert set(REMEDIES) - set(BY_ID) == set()


def test_remedies_fit_their_placeholders() -> None:
    for text in REMEDIES.values():
        assert "{" not in text.format(client="C-1", practitioner="P-1")
