"""The README's three journeys, run in order as a new user would: what it prints is what comes."""

import re
import shlex
import shutil
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT, run

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
ALLOWED_CODES = {"may": {3}, "audit": {1}}


def steps() -> list[tuple[str, list[str]]]:
    """Each command of the README with the lines it is said to print."""
    found: list[tuple[str, list[str]]] = []
    for block in CONSOLE.findall((ROOT / "README.md").read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ engagement-ledger "):
                found.append((line.removeprefix("$ engagement-ledger "), []))
            elif line.strip():
                found[-1][1].append(line.strip())
    return found


def test_the_journeys_print_what_the_readme_says(tmp_path: Path) -> None:
    for name in ("consent", "contract", "change", "summary"):
        (tmp_path / f"{name}.txt").write_text(f"the text of the {name}")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    environment = {"COLUMNS": "80", "TZ": "UTC", "HOME": str(tmp_path), "PATH": "", "PYTHONPATH": str(ROOT)}

    for command, expected in steps():
        words = shlex.split(command)
        done = run(
            [sys.executable, "-m", "cli", *words],
            cwd=tmp_path,
            env=environment,
            stdout=PIPE,
            stderr=STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode in ALLOWED_CODES.get(words[0], {0}), f"{command}\n{done.stdout}"
        printed = [line.strip() for line in done.stdout.splitlines()]
        for line in expected:
            assert line in printed, f"{command}\nexpected: {line}\n{done.stdout}"


def test_the_readme_names_every_command_it_shows() -> None:
    sys.path.insert(0, str(ROOT))
    from cli import COMMANDS

    known = {name for group in COMMANDS.values() for name in group}
    assert {shlex.split(command)[0] for command, _ in steps()} <= known
    assert len(steps()) > 15
