"""Mutation run: what decides in the rules is changed in one place at a time, and tests/rules must notice.

    python -m benchmarks.mutate [role_1 scope ...] [--jobs 2]

Nothing is written: a child process is forked per mutant, imports the changed module from memory and runs the tests,
those of the rule's own family first, up to the first failure. A mutant that no test notices is printed with its
file and line, unless `mutants_alike` says why it decides nothing else than the original. Exit 1 if one is left.
"""

import argparse
import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from benchmarks.mutants import Mutant, mutants
from benchmarks.mutants_alike import reason_alike

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "rules"
NOT_DECIDING = ("__init__", "story", "story_lines", "story_tables")
UNTOUCHED = (
    "ledger.values",
    "ledger.events.registry",
    "ledger.entry",
    "ledger.history",
    "ledger.practice",
    "pytest",
)
"""Imported once, before forking; nothing among them imports a module that is changed."""
SECONDS = 120
"""After which a mutant that runs on and on counts as noticed."""


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant: noticed by a test, or why not being noticed is no fault ("" is none)."""

    mutant: Mutant
    noticed: bool
    alike: str = ""


class _FromMemory(SourceFileLoader):
    """Loads one module changed, in place of its file."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(ROOT / mutant.path))
        self._code = mutant.code

    def get_code(self, _fullname: str) -> CodeType:
        return self._code


class _Finder(MetaPathFinder):
    """Finds the one module that is changed; all else as ever."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        return spec_from_file_location(fullname, ROOT / self._mutant.path, loader=_FromMemory(self._mutant))


def targets(named: Sequence[str]) -> Iterator[Path]:
    """The modules to change, relative to the root: all, or those whose name begins as one that is named."""
    found = [
        ROOT / "ledger" / "case.py",
        ROOT / "ledger" / "folding.py",
        ROOT / "ledger" / "changes.py",
        *(ROOT / "ledger" / "rules").glob("*.py"),
    ]
    for path in sorted(found):
        if path.stem not in NOT_DECIDING and (not named or path.stem.startswith(tuple(named))):
            yield path.relative_to(ROOT)


def test_files(path: Path) -> tuple[list[str], list[str]]:
    """The test modules to run first (the rule's family and the examples, or the module's own), and the others."""
    near = {f"test_{path.stem}", "test_examples"}
    family = path.stem.partition("_")[0]
    first: list[str] = []
    others: list[str] = []
    for one in sorted(TESTS.glob("test_*.py")):
        (first if one.stem in near or family in one.stem.split("_")[1:] else others).append(str(one))
    return first, others


def prepare() -> None:
    """Imports what stays as it is, and builds the validators that every child would build again."""
    for name in UNTOUCHED:
        importlib.import_module(name)
    for event_type in importlib.import_module("ledger.events.registry").EVENT_TYPES:
        event_type.model_rebuild()
    importlib.import_module("ledger.entry").Entry[Any].model_rebuild()


def started(path: Path, mutant: Mutant | None) -> int:
    """Forks a child that runs the tests with this mutant in place, or with none; its process id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = _run(path, mutant)
        finally:
            os._exit(min(code, 100))
    return child


def _run(path: Path, mutant: Mutant | None) -> int:
    signal.alarm(SECONDS)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    pytest = importlib.import_module("pytest")
    quick = ["-x", "-q", "--noconftest", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
    return next((code for files in test_files(path) if (code := int(pytest.main([*quick, *files])))), 0)


def outcomes(todo: Sequence[Mutant], jobs: int) -> Iterator[Outcome]:
    """Each mutant's outcome, `jobs` at a time, as they end."""
    running: dict[int, Mutant] = {}
    waiting = list(reversed(todo))
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[started(Path(mutant.path), mutant)] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        noticed = status != 0
        yield Outcome(mutant, noticed, "" if noticed else reason_alike(mutant))


def main() -> int:
    """Runs the mutants and prints those nobody noticed. 1 if one of them should have been."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "modules", nargs="*", help="only modules whose name begins so, for instance role_1 scope case"
    )
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time")
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    options = parser.parse_args()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path.insert(0, str(ROOT))
    todo = [
        one for path in targets(options.modules) for one in mutants(path, (ROOT / path).read_text("utf-8"))
    ]
    if options.list:
        print("\n".join(str(one) for one in todo))
        return 0
    prepare()
    if os.waitpid(started(Path("ledger/case.py"), None), 0)[1] != 0:
        print("tests/rules fail with nothing changed: no mutant can be judged by them")
        return 2
    begun, noticed, alike, left = time.monotonic(), 0, 0, 0
    for count, outcome in enumerate(outcomes(todo, options.jobs), 1):
        noticed += outcome.noticed
        alike += bool(outcome.alike)
        if not outcome.noticed and not outcome.alike:
            left += 1
            print(f"not noticed: {outcome.mutant}", flush=True)
        if count % 100 == 0:
            print(f"  {count} of {len(todo)} ...", flush=True)
    seconds = time.monotonic() - begun
    print(
        f"{noticed} of {len(todo)} mutants noticed, {alike} decide the same as the original, {left} not noticed "
        f"({seconds:.0f} s)"
    )
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
