"""The shape of the repository: who imports whom, how long a module is, what is committed, what is shipped."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("ledger", "projections", "tests", "docs", "benchmarks", "examples")
PROJECT = {"cli", *PLACES}


def python_files() -> list[Path]:
    """Every module of the project, relative to the root."""
    found = [ROOT / "cli.py", *(path for place in PLACES for path in (ROOT / place).rglob("*.py"))]
    return sorted(path.relative_to(ROOT) for path in found if path.exists())


# -- import direction (DESIGN section 2) ------------------------------------------------------------------

EVENTS = {"ledger.errors", "ledger.values", "ledger.events"}
HISTORY = EVENTS | {"ledger.entry", "ledger.history"}
CASES = HISTORY | {"ledger.practice", "ledger.case", "ledger.folding", "ledger.changes", "ledger.holds"}
RULES = CASES | {"ledger.policy", "ledger.policy_file", "ledger.rules", "ledger.retention"}
KEYS = {"ledger.sealing", "ledger.keys"}
READING = RULES | {"ledger.perspective"}
PLACES_AND_TIME = {"ledger.clock", "ledger.places", "ledger.legible"}
CANONICAL = {"ledger.integrity.canonical"}
TREES = {"ledger.integrity.merkle", "ledger.integrity.compact_range", "ledger.integrity.stored_map"}
WRITE_SIDE = (
    READING
    | KEYS
    | PLACES_AND_TIME
    | {"ledger.schema", "ledger.recording", "ledger.filling"}
    | {"ledger.proving", "ledger.verification", "ledger.directory"}
    | {"ledger.opening", "ledger.decoded", "ledger.erasing", "ledger.application", "ledger.importing"}
    | {"ledger.copying", "ledger.health"}
)
EVERYTHING = set(PROJECT)

# What each layer may import of the project beside itself. A module's layer is the longest name that fits it.
# Only the application's own parts (recording, opening, importing, proving) touch storage and integrity beside it;
# the commands that check what somebody else holds use `ledger.integrity`, which is pure.
ALLOWED: Mapping[str, set[str]] = {
    "ledger.__init__": set(),
    "ledger.errors": set(),
    "ledger.legible": set(),
    "ledger.address": set(),
    "ledger.values": {"ledger.errors"},
    "ledger.clock": {"ledger.values"},
    "ledger.events": EVENTS,
    "ledger.entry": EVENTS,
    "ledger.history": EVENTS | {"ledger.entry"},
    "ledger.practice": HISTORY,
    "ledger.case": HISTORY | {"ledger.practice", "ledger.holds"},
    "ledger.folding": HISTORY | {"ledger.practice", "ledger.case"},
    "ledger.changes": HISTORY | {"ledger.practice", "ledger.case"},
    "ledger.holds": HISTORY,
    "ledger.policy": HISTORY,
    "ledger.policy_file": {"ledger.errors"},
    "ledger.rules": CASES | {"ledger.policy"},
    "ledger.retention": CASES | {"ledger.policy", "ledger.rules.catalogue"},
    "ledger.perspective": RULES,
    "ledger.sealing": {"ledger.errors", "ledger.values"},
    "ledger.keys": {"ledger.errors", "ledger.values", "ledger.sealing"},
    "ledger.integrity": {"ledger.errors"},
    "ledger.storage": EVENTS
    | CANONICAL
    | TREES
    | {"ledger.address", "ledger.entry", "ledger.keys.private_files"},
    "ledger.places": {"ledger.errors", "ledger.address"},
    "ledger.decoded": {"ledger.entry", "ledger.storage"},
    "ledger.erasing": EVENTS | KEYS | {"ledger.storage"},
    "ledger.recording": READING | KEYS | CANONICAL | {"ledger.storage.rows"},
    "ledger.opening": RULES
    | KEYS
    | PLACES_AND_TIME
    | {"ledger.recording", "ledger.proving", "ledger.storage.engines"},
    "ledger.directory": HISTORY
    | KEYS
    | {
        "ledger.decoded",
        "ledger.legible",
        "ledger.recording.sealer",
        "ledger.storage.reading",
        "ledger.storage.rows",
    },
    "ledger.proving": EVENTS
    | KEYS
    | PLACES_AND_TIME
    | {"ledger.recording", "ledger.entry", "ledger.storage", "ledger.integrity"},
    "ledger.verification": EVENTS
    | KEYS
    | PLACES_AND_TIME
    | {"ledger.recording", "ledger.entry", "ledger.storage", "ledger.integrity", "ledger.proving"},
    "ledger.application": WRITE_SIDE | {"ledger.storage", "ledger.integrity"},
    "ledger.importing": WRITE_SIDE | CANONICAL | {"ledger.storage"},
    "ledger.copying": WRITE_SIDE | {"ledger.storage", "ledger.integrity"},
    "ledger.health": WRITE_SIDE | {"ledger.storage", "ledger.integrity"},
    "ledger.schema": EVENTS | {"ledger.recording"},
    "ledger.filling": RULES | {"ledger.recording"},
    "ledger.commands": WRITE_SIDE | {"ledger.integrity", "ledger.storage.rows", "ledger.storage.log"},
    "projections": WRITE_SIDE | {"ledger.storage.rows"},
    # read models are kept by the same recorders and connections as logs, and made from the log's rows
    "projections.models": WRITE_SIDE | {"projections", "ledger.storage", "ledger.integrity.merkle"},
    "projections.bundle": WRITE_SIDE | {"projections", "ledger.integrity", "ledger.storage"},
    "projections.bundle.verify": set(),  # it checks what the program made, so it shares nothing with it
    "projections.commands": WRITE_SIDE | {"projections", "ledger.commands"},
    "cli": {"ledger.errors", "ledger.legible", "projections", "ledger.commands"},
    "tests.oracle": set(),  # it judges a second time, so it shares nothing with what it checks
    "tests": EVERYTHING,
    "docs": EVERYTHING - {"tests"},
    "benchmarks": EVERYTHING - {"docs"},
    "examples": EVERYTHING - {"docs", "benchmarks", "tests"},
}


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def layer_of(module: str) -> str | None:
    return max((layer for layer in ALLOWED if is_within(module, layer)), key=len, default=None)


def imports(path: Path, source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything of the project that `source` imports, inside functions too."""
    package = path.parent.parts
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(module=base, level=level):
                around = package[: len(package) - level + 1] if level else ()
                names = [".".join([*around, *([base] if base else []), alias.name]) for alias in node.names]
            case ast.Call(
                func=ast.Name(id=called) | ast.Attribute(attr=called),
                args=[ast.Constant(value=str(name)), *_],
            ) if called in {"import_module", "__import__"}:
                names = [name]
            case _:
                continue
        yield from ((node.lineno, name) for name in names if name.split(".")[0] in PROJECT)


def wrong_imports(sources: Mapping[Path, str]) -> list[str]:
    """What in `sources` goes against the table, one line each."""
    wrong = []
    for path, source in sources.items():
        layer = layer_of(".".join(path.with_suffix("").parts))
        if layer is None:
            wrong.append(f"{path} belongs to no layer: give it a line in ALLOWED")
            continue
        for line, name in imports(path, source):
            if layer_of(name) != layer and not any(is_within(name, allowed) for allowed in ALLOWED[layer]):
                wrong.append(f"{path}:{line}: {layer} may not import {name}")
    return wrong


def test_imports_follow_the_direction_of_the_design() -> None:
    sources = {path: (ROOT / path).read_text(encoding="utf-8") for path in python_files()}

    assert wrong_imports(sources) == []


@pytest.mark.parametrize(
    ("path", "source", "wrong"),
    [
        (
            "ledger/__init__.py",
            "from .errors import LedgerError",
            "ledger.__init__: ledger.errors.LedgerError",
        ),
        ("ledger/case.py", "import projections.caseload", "ledger.case: projections.caseload"),
        ("ledger/events/base.py", "from ledger import case", "ledger.events: ledger.case"),
        (
            "ledger/rules/x.py",
            "def f():\n  from ledger import application",
            "ledger.rules: ledger.application",
        ),
        ("ledger/rules/rule.py", "from ..clock import now", "ledger.rules: ledger.clock.now"),
        ("ledger/rules/__init__.py", "from .. import storage", "ledger.rules: ledger.storage"),
        ("ledger/commands/x.py", "import ledger.storage.sqlite", "ledger.commands: ledger.storage.sqlite"),
        ("ledger/storage/x.py", "from ledger.integrity import note", "ledger.storage: ledger.integrity.note"),
        ("ledger/integrity/x.py", "from ledger.values import Day", "ledger.integrity: ledger.values.Day"),
        ("ledger/policy.py", "import importlib as i\ni.import_module('cli')", "ledger.policy: cli"),
        ("projections/x.py", "from projections import commands", "projections: projections.commands"),
        ("tests/oracle.py", "from ledger import values", "tests.oracle: ledger.values"),
        ("benchmarks/load.py", "import docs", "benchmarks: docs"),
    ],
)
def test_an_import_against_the_direction_is_found(path: str, source: str, wrong: str) -> None:
    line = source.count("\n") + 1

    assert wrong_imports({Path(path): source}) == [
        f"{path}:{line}: {wrong.replace(': ', ' may not import ')}"
    ]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("ledger/rules/seq_1.py", "import click\nfrom ledger.case import Case\nfrom .rule import Rule"),
        (
            "ledger/storage/mapper.py",
            "from ledger.integrity.canonical import encode\nfrom ledger.integrity import merkle",
        ),
        (
            "projections/commands/audit.py",
            "from projections.audit import Audit\nfrom ledger.application import Ledger",
        ),
        (
            "cli.py",
            "def main():\n    from projections.commands import audit\n    from ledger.commands import record",
        ),
    ],
)
def test_an_import_along_the_direction_is_not(path: str, source: str) -> None:
    assert wrong_imports({Path(path): source}) == []


def test_a_module_without_a_layer_is_found() -> None:
    assert wrong_imports({Path("ledger/helpers.py"): ""}) == [
        "ledger/helpers.py belongs to no layer: give it a line in ALLOWED"
    ]


# -- length (STYLE 1) -------------------------------------------------------------------------------------

MOST_LINES = 300
# A module that is longer, and why it is still one thing.
LONGER: Mapping[str, str] = {
    "ledger/recording/admission.py": "one decision: placing, names, judging, sealing of the same drafts",
    "ledger/application.py": "the application: open, read, record; what it delegates stands elsewhere",
    "ledger/case.py": "a case is one thing: its parts, the questions rules ask of it, its fold",
    "ledger/errors.py": "one hierarchy in one place (STYLE 7)",
    "ledger/integrity/merkle.py": "RFC 6962 section 2.1 whole: tree, proofs, verification, frontier",
    "ledger/integrity/note.py": "the signed note whole: keys, signing, opening",
    "ledger/keys/database.py": "one class: the key database and its promises to the ledger's commit",
    "projections/bundle/verify.py": "one file by its purpose: whoever gets a bundle reads and runs it alone",
    "projections/clauses_client.py": "one table: a short clause for each type of entry about a client",
    "ledger/values.py": "identifiers, times and the one table of codes",
}


def test_a_long_module_has_its_reason() -> None:
    lengths = {
        path.as_posix(): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in python_files()
        if path.parts[0] != "tests"
    }
    long = {path: lines for path, lines in lengths.items() if lines > MOST_LINES}

    assert {path: lines for path, lines in long.items() if not LONGER.get(path)} == {}
    assert LONGER.keys() - long.keys() == set(), "no longer that long: take it out of LONGER"


# -- what is committed ------------------------------------------------------------------------------------

# Neither pattern stands here in a form that it would itself find.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|farm|root|opt/pypi|opt/wheels|tmp/lab|tmp/bash_jobs)\b")
REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com|net)\b|\b(?:index-url|find-links)[ =]"
)


def machine_traces(text: str) -> list[str]:
    """Each line of `text` that names a folder of the machine it was written on, or a package registry."""
    return [
        line.strip()[:120] for line in text.splitlines() if MACHINE_PATH.search(line) or REGISTRY.search(line)
    ]


def committed_files() -> list[Path]:
    """What git keeps, or would with the next `git add`."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no telling what is committed")
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_nothing_committed_names_this_machine_or_a_registry() -> None:
    traces = {
        path.relative_to(ROOT).as_posix(): found
        for path in committed_files()
        if (found := machine_traces(path.read_text(encoding="utf-8", errors="replace")))
    }

    assert traces == {}


@pytest.mark.parametrize(
    "trace",
    [
        "see /" + "work/main",
        "cd '/" + "root/x'",
        "https://files.python" + "hosted.org/x",
        "--index-" + "url https://x",
    ],
)
def test_a_machine_path_or_a_registry_is_found(trace: str) -> None:
    assert machine_traces(f"first\n  {trace}\nlast") == [trace]


def test_a_relative_path_is_no_machine_path() -> None:
    assert machine_traces("../work/x, framework/y, ./farm/z, /works") == []


# -- what is shipped --------------------------------------------------------------------------------------


def test_the_wheel_holds_the_program_and_nothing_else(tmp_path: Path) -> None:
    # Given a copy of the tree, tests and all, in which nothing was built before
    tree, out = tmp_path / "tree", tmp_path / "out"
    passed_over = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
    shutil.copytree(ROOT, tree, ignore=passed_over)
    out.mkdir()

    # When the wheel is built
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=tree, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

    # Then every file of the two packages and cli.py are in it, and beside them only the wheel's own papers
    with zipfile.ZipFile(next(out.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        entry_points = wheel.read(
            next(n for n in wheel.namelist() if n.endswith("/entry_points.txt"))
        ).decode()
    program = [
        path for place in ("ledger", "projections") for path in (tree / place).rglob("*") if path.is_file()
    ]
    assert names == {"cli.py", *(path.relative_to(tree).as_posix() for path in program)}
    assert {"ledger/py.typed", "projections/py.typed"} <= names
    assert "engagement-ledger = cli:main" in entry_points
