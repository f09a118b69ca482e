"""The documentation: its commands are run as printed, its links lead somewhere, its reference pages are current."""

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import main
from docs.generate import main as generate

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference")
BLOCK_LINE = "    "


def commands(page: Path) -> Iterator[str]:
    """The shell lines of a page: indented by four, continued after a backslash or within quotes."""
    whole = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if not line.startswith(BLOCK_LINE) and not whole:
            continue
        whole += line.removeprefix(BLOCK_LINE)
        if whole.endswith("\\"):
            whole = whole[:-1]
        elif whole.count("'") % 2:
            whole += "\n"
        else:
            if whole.startswith(("engagement-ledger ", "export ", "echo ")):
                yield whole
            whole = ""


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if list(commands(page))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_the_commands_of_a_page_work_as_printed(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENGAGEMENT_LEDGER", raising=False)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for command in commands(page):
        words = shlex.split(command)
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
        elif words[0] == "echo":
            (tmp_path / words[3]).write_text(words[1] + "\n", encoding="utf-8")
        else:
            monkeypatch.setattr(sys, "argv", words)
            with pytest.raises(SystemExit) as left:
                main()
            # 1: the audit found something; 3: a gate said no, which some pages show on purpose
            assert left.value.code in (None, 0, 1, 3), f"{command}\n{capsys.readouterr().err}"


def test_every_page_is_found_from_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    named = {(ROOT / "docs" / link).resolve() for link in re.findall(r"\]\(([^)#]+)\)", index)}

    pages = {page for page in PAGES if page.parent.name in ("tutorial", "how-to", "explanation")}
    assert pages - named == set()
    assert {page for page in named if not page.exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_reference_pages_are_current() -> None:
    assert generate(["--check"]) == 0


def test_a_stale_page_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("docs.generate.REFERENCE", tmp_path)
    assert generate([]) == 0
    (tmp_path / "rules.md").write_text("old", encoding="utf-8")

    assert generate(["--check"]) == 1
    assert "docs/reference/rules.md is not current" in capsys.readouterr().err
    assert generate([]) == 0
    assert generate(["--check"]) == 0


def test_the_generator_refuses_other_arguments() -> None:
    assert generate(["--chekc"]) == 2
