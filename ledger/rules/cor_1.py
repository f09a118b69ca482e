"""COR-1: a finding that a correction made disappear. Judged by comparing both readings (`judge.py`)."""

from ledger.rules.rule import Example, Kind, Rule

RULE = Rule(
    id="COR-1",
    title="A finding disappears by a correction",
    kind=Kind.WARNING,
    why="Corrections are legitimate; one that heals a finding is looked at twice.",
    sources=("21 CFR 11.10(e) as a model",),
    exceptions="A correction that changes no finding, or brings one to light, is not listed here.",
    allowed=(
        Example(
            "A correction that changes no finding",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 reason=other source=closing
            2024-06-20 correct closing reason=goals-met
            """,
        ),
        Example(
            "A correction that brings a finding to light",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 source=closing
            2024-06-10 coaching E2
            2024-06-20 correct closing stable=no
            """,
        ),
    ),
    denied=(
        Example(
            "The closing is corrected to say what coaching needed",
            """
            2024-01-08 therapy E1
            2024-06-03 engagement-closed E1 stable=no source=closing
            2024-06-10 coaching E2
            2024-06-20 correct closing stable=yes
            """,
        ),
        Example(
            "The opening that broke a gate is taken back",
            """
            2024-01-08 therapy E1
            2024-02-05 coaching E2 source=opening
            2024-02-06 retract opening
            """,
        ),
    ),
)
