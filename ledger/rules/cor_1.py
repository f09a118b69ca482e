"""COR-1: a finding that a correction made disappear. Judged by comparing both readings (`judge.py`)."""

from ledger.rules.rule import Kind, Rule

RULE = Rule(
    id="COR-1",
    title="A finding disappears by a correction",
    kind=Kind.WARNING,
    why="Corrections are legitimate; one that heals a finding is looked at twice.",
    sources=("21 CFR 11.10(e) as a model",),
)
