"""A ledger with a practice in it, made once through the command line and copied for each test."""

import shutil
from pathlib import Path

import pytest

from tests.commands.program import Program

CONSENT_TERMS = "services;confidentiality-limits;billing;risks-and-benefits;right-to-withdraw"
CONTRACT_TERMS = "goals;private-pay;no-diagnosis-or-treatment;confidentiality-limits;not-therapy"

_MADE: dict[str, Path] = {}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program in an empty folder: no ledger yet."""
    for name in ("ENGAGEMENT_LEDGER", "ENGAGEMENT_LEDGER_ACTOR", "ENGAGEMENT_LEDGER_PASSPHRASE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return Program(tmp_path, monkeypatch, capsys)


@pytest.fixture
def program(empty: Program, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A practice with one practitioner licensed in US-NC, a template of each kind, and nobody registered."""
    if "practice" not in _MADE:
        _MADE["practice"] = tmp_path_factory.mktemp("practice")
        first = Program(_MADE["practice"], empty._monkeypatch, empty._capsys)
        _make_practice(first)
    for made in _MADE["practice"].glob("ledger.*"):
        shutil.copy2(made, empty.folder / made.name)
    return empty


@pytest.fixture
def client(program: Program) -> Program:
    """The same, and client C-1 with intake I1 recommending therapy."""
    program.good(
        *("desk", "register", "--client", "C-1", "--name", "Zoë Marsh", "--date-of-birth", "1990-01-01"),
        *("--contact", "zoe@x.example", "--jurisdiction", "US-NC", "--service-sought", "both"),
        *("--clinical-indication", "active", "--roles-explained", "--rationale", "anxiety", "--yes"),
    )
    return program


@pytest.fixture
def in_therapy(client: Program) -> Program:
    """The same, and therapy E1 running on consent A1."""
    client.good("desk", "open", "--client", "C-1", "--focus", "mood-anxiety", "--yes")
    return client


def _make_practice(program: Program) -> None:
    program.good("init", "--practice", "Harbor", "--time-zone", "America/New_York", "--go-live", "2026-01-01")
    program.good(
        *("record", "practitioner-registered", "--practitioner", "P-1", "--name", "Ann Lee"),
        *("--services", "therapy;coaching", "--internal"),
    )
    program.good(
        *("record", "licence-recorded", "--practitioner", "P-1", "--jurisdictions", "US-NC"),
        *(
            "--profession",
            "social worker",
            "--number",
            "4411",
            "--basis",
            "licence",
            "--valid-from",
            "2020-01-01",
        ),
    )
    for name, kind, terms, payer in (
        ("consent", "therapy-consent", CONSENT_TERMS, "insurance"),
        ("contract", "coaching-contract", CONTRACT_TERMS, "private"),
        ("change", "role-change-acknowledgement", "roles", "none"),
    ):
        program.good(
            *("record", "template-adopted", "--template", name, "--kind", kind, "--version", "1"),
            *("--file", program.file(f"{name}.txt", kind), "--terms", terms, "--payer", payer),
        )
