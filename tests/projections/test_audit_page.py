"""The audit page as a file: what it says, how it escapes, what its security policy allows, how it is built."""

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest

from projections.audit_page import PARTS
from projections.audit_sections import MOST_MET
from projections.pages.markup import Html, el, joined, text
from projections.pages.standalone import self_contained
from tests.projections.audit_documents import document, empty, finding, obligation, page, with_text

VOID = {"meta", "input", "link", "img", "br"}


class Outline(HTMLParser):
    """Elements in order, each with its attributes and text, and which elements they stand in."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str], tuple[str, ...]]] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words: list[str] = []
        self.found.append((tag, dict(attrs), words, tuple(name for name, _ in self._open)))
        if tag not in VOID:
            self._open.append((tag, words))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        opened, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        for _, words in self._open:
            words.append(data)

    def all(self, *tags: str) -> list[tuple[str, dict[str, str | None], str]]:
        return [(tag, attrs, "".join(words)) for tag, attrs, words, _ in self.found if tag in tags]

    def text(self) -> str:
        """What is to be read, without style and script."""
        return " ".join("".join(words) for tag, _, words, _ in self.found if tag in {"header", "main"})


# -- what it says -----------------------------------------------------------------------------------------


def said(**more: Any) -> str:
    return " ".join(Outline(page(document(**more))).text().split())


def test_the_head_names_practice_moments_policy_and_counts() -> None:
    head = said()

    for words in (
        "The Lakeside Practice",
        "As of the end of 31 December 2025",
        "Known at everything recorded when this was made",
        "Policy the one in force at each moment",
        "Clients 4: requirements not shown for 2, neither for 2",
        "Entries 321",
        "Times America/New_York",
    ):
        assert words.replace(" ", "") in head.replace(" ", "")


def test_the_title_and_the_printed_head_name_both_clocks() -> None:
    source = page(document(known_at="2026-01-05T18:12:40.120000Z"))
    outline = Outline(source)
    sheets = re.sub(r"\\([0-9a-f]{6})", lambda one: chr(int(one[1], 16)), outline.all("style")[1][2])
    clocks = "as of the end of 31 December 2025, known at 5 January 2026 at 13:12"

    assert outline.all("title")[0][2] == f"Audit of the record: The Lakeside Practice, {clocks}"
    assert f'"Audit {clocks}"' in sheets
    assert '"The Lakeside Practice"' in sheets


def test_the_verdict_is_said_in_words_and_counts() -> None:
    head = said()

    # three gates and violations, two obligations overdue, SCOPE-2 done late counts
    assert "Requirements not shown: 6" in head
    assert "findings: 3, obligations overdue or done late: 3" in head
    assert "Due: 1" in head
    assert "Warnings and advice: 2" in head
    assert "As first recorded, before" not in head


def test_a_verdict_that_corrections_changed_is_told_beside() -> None:
    words = said(verdict_as_recorded="pending")

    assert "As first recorded, before corrections: requirements due." in words
    assert "C-FIR (as first recorded: requirements not shown)" in words


def test_nothing_found_is_said_as_no_findings() -> None:
    words = " ".join(Outline(page(empty())).text().split())

    assert "No findings" in words
    assert "Requirements not shown:" not in words
    assert words.count("There are none.") == 7


def test_what_is_due_without_making_pending_stands_beside_no_findings() -> None:
    words = said(
        findings=[], verdict="clean", obligations=[obligation("C-ASH", "CON-3", "2026-01-12", "open")]
    )

    assert "No findingsDue: 1" in words


def test_the_page_never_says_that_somebody_complies_or_that_it_attests() -> None:
    words = said().lower()

    assert "complian" not in words
    assert "complies" not in words
    assert "it attests nothing" in words


def test_every_finding_is_told_with_its_rule_moment_marks_and_entries() -> None:
    rows = [text for tag, attrs, text in Outline(page(document())).all("tr") if attrs.get("data-k") == "gate"]

    assert any(
        "C-OAK2024-06-18 13:00ROLE-1 One practitioner is therapist and coach of a client at once"
        "gateoverriddenROLE-1 of C-OAK: expected one thing, there is another"
        "engagement E2, E1, P-OSEIclient/C-OAK 45, 5" in row
        for row in rows
    )


def test_obligations_stand_overdue_first_by_due_day() -> None:
    outline = Outline(page(document()))
    rows = [
        words
        for _, attrs, words in outline.all("tr")
        if attrs.get("data-k") == "obligation" and "data-c" in attrs
    ]
    expected = (
        "2024-03-25overdueC-ELM",
        "2025-03-25overdueC-ELM",
        "2026-01-12dueC-ASH",
        "2024-01-24done lateC-OAK",
        "2024-02-01metC-FIR",
    )

    assert [row[: len(start)] for row, start in zip(rows, expected, strict=True)] == list(expected)


def test_a_transition_gives_each_requirement_in_words_with_its_entries() -> None:
    articles = [text for _, _, text in Outline(page(document())).all("article")]

    assert len(articles) == 3
    assert "not shown 1, shown 1, not applicable 1" in articles[2]
    assert "therapy E1 with P-OSEI \u2192 coaching E2 with P-OSEI" in articles[2]
    assert "ROLE-1not shownROLE-1 at the change of C-OAKclient/C-OAK 45" in articles[2]
    assert "not determinable" in articles[1]
    assert "due" in articles[1]


def test_overrides_and_refusals_are_told_where_the_document_has_them() -> None:
    words = said()

    assert "counsel was asked" in words
    assert "sealed: identity" in words
    bare = document()
    del bare["overrides"], bare["refusals"], bare["verdicts_as_recorded"]
    assert "Refusals" not in Outline(page(bare)).text()


def test_too_many_obligations_met_are_counted_by_rule_instead_of_listed() -> None:
    met = [obligation("C-FIR", "REC-5", "2024-02-01", "met") for _ in range(MOST_MET + 1)]
    words = said(obligations=met)

    assert "too many to list here" in words
    assert f"{MOST_MET + 1:,}" in words
    assert words.count("expected by 2024-02-01") == 0


# -- escaping and the security policy ---------------------------------------------------------------------


def test_text_is_escaped_and_what_cannot_be_seen_is_written_out() -> None:
    assert text("<b>&\"'") == "&lt;b&gt;&amp;&quot;&#x27;"
    assert text("\u202eabc\x00\x1b\u2028\ud800") == r"\u202eabc\u0000\u001b\u2028\ud800"
    assert el("td", "<i>", class_="a", data_c='"x"', hidden=False, id=None) == (
        '<td class="a" data-c="&quot;x&quot;">&lt;i&gt;</td>'
    )
    assert joined(["<", Html("<br>"), None]) == "&lt;<br>"


@pytest.mark.parametrize("codes_too", [False, True])
def test_no_text_of_the_document_becomes_markup(codes_too: bool) -> None:
    marker = "</title></style></script><script>x</script><img src=x onerror=y>\"'{{script}}"
    source = page(with_text(marker, codes_too=codes_too), practice=marker)
    outline = Outline(source)

    assert Counter(tag for tag, _, _ in outline.all("script", "style", "img", "title")) == {
        "script": 1,
        "style": 2,
        "title": 1,
    }
    assert {name for _, attrs, _, _ in outline.found for name in attrs if name.startswith("on")} == set()
    assert marker in outline.text()


def test_a_text_in_a_printed_margin_cannot_leave_its_string() -> None:
    source = self_contained(PARTS, _no_slots(), ('"}</style><script>x</script>\n\\', "b" * 200))
    sheets = Outline(source).all("style")[1][2]

    box = r'\{font-size:8pt;content:"[\w\\]*"\}'
    assert re.fullmatch(rf"@page\{{@top-left{box}@top-right{box}@bottom-right\{{[^{{}}]*\}}\}}", sheets)
    assert "b" * 79 + "\\002026" in sheets


def test_the_policy_allows_exactly_the_inlined_blocks_by_their_hashes() -> None:
    outline = Outline(page(document()))
    (policy,) = [attrs["content"] or "" for _, attrs, _ in outline.all("meta") if "http-equiv" in attrs]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    hashes = {tag: [_hash(block) for _, _, block in outline.all(tag)] for tag in ("style", "script")}

    assert rules == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "style-src": " ".join(hashes["style"]),
        "script-src": hashes["script"][0],
    }
    assert not any("style" in attrs for _, attrs, _, _ in outline.found), (
        "no style attribute would be allowed"
    )


def test_nothing_in_the_page_names_another_resource() -> None:
    outline = Outline(page(document()))

    assert {name for _, attrs, _, _ in outline.found for name in attrs} & {"src", "srcset", "action"} == set()
    links = {attrs["href"] or "" for _, attrs, _, _ in outline.found if "href" in attrs}
    assert all(link.startswith("#") for link in links)
    for part in ("audit.css", "audit.js"):
        assert not re.search(r"url\(|@import|https?:|fetch|XMLHttp|innerHTML|eval", _part(part))


def _no_slots() -> dict[str, Html]:
    names = set(re.findall(r"\{\{(\w+)\}\}", _part("audit.html")))
    return dict.fromkeys(names, Html(""))


def _part(name: str) -> str:
    return files("projections.pages").joinpath(name).read_text("utf-8")


def _hash(block: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"


# -- how it is built --------------------------------------------------------------------------------------


def test_headings_are_in_order_and_landmarks_are_there() -> None:
    outline = Outline(page(document()))
    levels = [int(tag[1]) for tag, _, _ in outline.all("h1", "h2", "h3", "h4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [tag for tag, _, _ in outline.all("header", "nav", "main")] == ["header", "nav", "main"]
    assert outline.all("html")[0][1] == {"lang": "en"}


def test_ids_are_unique_and_everything_that_names_one_finds_it() -> None:
    outline = Outline(page(document()))
    ids = Counter(attrs["id"] for _, attrs, _, _ in outline.found if "id" in attrs)
    named = {
        (attrs.get(name) or "").removeprefix("#")
        for _, attrs, _, _ in outline.found
        for name in ("href", "for", "aria-labelledby")
        if attrs.get(name)
    }

    assert [name for name, count in ids.items() if count > 1] == []
    assert named - ids.keys() == set()


def test_every_table_has_a_caption_and_every_head_a_scope() -> None:
    outline = Outline(page(document()))

    assert len(outline.all("table")) == len(
        [words for _, _, words in outline.all("caption") if words.strip()]
    )
    assert all(attrs.get("scope") in {"col", "row", "rowgroup"} for _, attrs, _ in outline.all("th"))


def test_every_field_has_a_label() -> None:
    outline = Outline(page(document()))
    fields = [attrs["id"] for _, attrs, _ in outline.all("input", "select")]

    assert len(fields) == 6
    assert fields == [attrs["for"] for _, attrs, _ in outline.all("label")]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_is_at_least_what_wcag_asks(scheme: int) -> None:
    colours = _colours(_part("audit.css").split(":root {")[1 + scheme].split("}")[0])

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((_luminance(colours[one]), _luminance(colours[other])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for ground in ("paper", "band"):
        assert min(contrast(ink, ground) for ink in ("ink", "soft", "grave")) >= 4.5  # WCAG 2.2, 1.4.3
        assert min(contrast(mark, ground) for mark in ("edge", "focus")) >= 3  # WCAG 2.2, 1.4.11


def test_findings_of_a_kind_or_rule_that_the_program_does_not_know_are_still_told() -> None:
    words = said(findings=[finding("C-ASH", "NEW-9", "novelty", "2024-01-01")])

    assert "NEW-9 a rule that this program does not know" in words
    assert "novelty" in words
