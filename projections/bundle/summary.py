"""The record on paper, `summary.pdf`: the first page says what it is, then each entry with its leaf hash.

The font is in the file, so it prints alike everywhere. It has no letters for every script, and sets none from right to
left: what it cannot set is written as code points, `[U+5F20]`, never as an empty box or in another order.
"""

import io
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import as_file
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.holds import words
from ledger.integrity.key_chain import short
from ledger.legible import on_one_line
from projections.dates import Dates

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

FONT = "DejaVuSans"
_SHEET = (612.0, 792.0)  # US Letter, in points
_MARGIN = 54.0
_FOOT = 30.0
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})

_NOTICE = (
    "Made by a program from the entries in this bundle, which are what counts: entries.ndjson holds their exact bytes. "
    "Whoever certifies the record does so in their own name; this paper attests nothing."
)
_MARKS = {
    "same day": "recorded on the day it happened",
    "late": "late",
    "day only": "known only to the day",
    "as found": "imported as found",
    "corrected": "corrected",
    "retracted": "retracted",
    "overridden": "recorded against a gate",
}


class _Line(NamedTuple):
    """One line on paper: its text, size, the room it takes, how far it is set in, whether the next must follow it."""

    text: str
    size: float
    room: float
    indent: float = 0.0
    keep: bool = False


def pdf(
    record: Mapping[str, Any], leaf_hashes: Sequence[bytes], revealed: Mapping[str, str], dates: Dates
) -> bytes:
    """The record as PDF, with the texts revealed (by digest).

    The same record gives the same bytes: no date of making, no machine, no library is named in it.
    """
    from reportlab.pdfgen.canvas import Canvas

    _font()
    sheets = list(_sheets([*_head(record, dates), *_entries(record, leaf_hashes, revealed)]))
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=_SHEET, invariant=1, pageCompression=1, lang="en")
    canvas.setTitle(f"Record of client {record['client']}")
    canvas.setAuthor("")
    canvas.setCreator("engagement-ledger")
    canvas.setProducer("engagement-ledger")
    canvas.setSubject("")
    for number, sheet in enumerate(sheets, 1):
        _draw(canvas, sheet, f"{record['client']}   sheet {number} of {len(sheets)}")
    canvas.save()
    return written.getvalue()


# -- what stands on it ------------------------------------------------------------------------------------


def _head(record: Mapping[str, Any], dates: Dates) -> Iterator[_Line]:
    counts, moments, period = record["counts"], record["moments"], record["period"]
    known = moments["known_at"]
    marks = [f"{number} {_MARKS[name]}" for name, number in counts["marks"].items() if number]
    anchors = [f"{one['kind']}{' of ' + one['name'] if one['name'] else ''}" for one in record["anchors"]]
    yield from _text(f"{record['practice']}: record of client {record['client']}", 15)
    for name, told in (
        ("Made for", record["for"] or "the practice itself"),
        ("Period", f"{period['first']} to {period['last']}" if period["first"] else "no entry is produced"),
        ("As of", dates.moment(moments["as_of"])),
        ("Known at", dates.moment(known) if known is not None else "everything recorded when it was sealed"),
        ("Sealed", f"{dates.words(moments['sealed_at'])} ({dates.zone})"),
        (
            "Entries",
            f"{counts['produced']} of {counts['in_file']} entries of this file, {counts['withheld']} withheld",
        ),
        ("Of these", ", ".join(marks) or "none marked"),
        ("Scope", record["scope"]),
        *([("Other files", other_files(record))] if record["other_files"] else []),
        *([("Legal hold", words(record["holds"]))] if record["holds"] else []),
        *(
            (
                "Erased",
                f"what was sealed before {dates.words(one['at'])}: its keys were destroyed, coded facts stay",
            )
            for one in record["erased"]
        ),
        ("Key", record["key"]["fingerprint"]),
        *(("Replaced key", _replaced(one, dates)) for one in record["key"]["replaced"]),
        ("Anchors", ", ".join(anchors) or "none"),
    ):
        yield from _text(f"{name}: {told}", 9)
    yield _Line("", 9, 8)
    yield from _text(_NOTICE, 9)
    yield _Line("", 9, 14)


def other_files(record: Mapping[str, Any]) -> str:
    """That the person has another file, and that it is not here."""
    return f"the same person has also the file {', '.join(record['other_files'])}; nothing of it is in this production"


def _replaced(key: Mapping[str, Any], dates: Dates) -> str:
    """A key that signed before, and why no longer."""
    signed_for = "" if key["signed_for"] else "; it did not sign for the key after it"
    return f"{short(key['key'])}, on {dates.words(key['at'])}: {key['reason']}{signed_for}"


def _entries(
    record: Mapping[str, Any], leaf_hashes: Sequence[bytes], revealed: Mapping[str, str]
) -> Iterator[_Line]:
    for entry in record["entries"]:
        leaf = leaf_hashes[entry["seq"] - 1].hex()
        if "withheld" in entry:
            yield from _text(f"{entry['number']}  withheld: {entry['withheld']['reason']}", 9, keep=True)
        else:
            yield from _text(f"{entry['number']}  {_told(entry)}", 9, keep=True)
            for text in entry["texts"]:
                said = text["label"] or revealed[text["digest"]]
                yield from _text(f"{text['field']}: {said}", 8, 18, keep=True)
        yield from _text(f"leaf {leaf}", 7, 18)
        yield _Line("", 9, 4)


def _told(entry: Mapping[str, Any]) -> str:
    first, last = entry["readings"][0]["sentence"], entry["readings"][-1]["sentence"]
    marks = f" [{', '.join(entry['marks'])}]" if entry["marks"] else ""
    said = "" if first == last else f" First recorded as: {first}"
    return f"{last}{marks}{said}"


# -- how it is set ----------------------------------------------------------------------------------------


def _text(text: str, size: float, indent: float = 0.0, *, keep: bool = False) -> Iterator[_Line]:
    """A paragraph as lines that fit."""
    room = _SHEET[0] - 2 * _MARGIN - indent
    for number, line in enumerate(_wrapped(_settable(on_one_line(text)), size, room)):
        hanging = 12.0 if number else 0.0
        yield _Line(line, size, size * 1.35, indent + hanging, keep)


def _wrapped(text: str, size: float, room: float) -> Iterator[str]:
    """Lines that are at most so wide; a word that is wider is broken."""
    room -= 12  # for what hangs in
    blank = _width(" ", size)
    line, used = "", 0.0
    for word in text.split(" "):
        for piece in [word] if _width(word, size) <= room else textwrap.wrap(word, 40):
            width = _width(piece, size)
            if line and used + blank + width > room:
                yield line
                line, used = piece, width
            else:
                line, used = (f"{line} {piece}", used + blank + width) if line else (piece, width)
    yield line


def _sheets(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The lines divided among sheets; an entry stays with its hash, where it fits on a sheet at all."""
    full = _SHEET[1] - 2 * _MARGIN
    sheet: list[_Line] = []
    left = full
    for block in _blocks(lines):
        room = sum(line.room for line in block)
        if sheet and room > left and room <= full:
            yield sheet
            sheet, left = [], full
        for line in block:
            if line.room > left:
                yield sheet
                sheet, left = [], full
            sheet.append(line)
            left -= line.room
    yield sheet


def _blocks(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    for line in lines:
        block.append(line)
        if not line.keep:
            yield block
            block = []
    if block:
        yield block


def _draw(canvas: "Canvas", sheet: Sequence[_Line], foot: str) -> None:
    height = _SHEET[1] - _MARGIN
    for line in sheet:
        height -= line.room
        if line.text:
            canvas.setFont(FONT, line.size)
            canvas.drawString(_MARGIN + line.indent, height, line.text)
    canvas.setFont(FONT, 7)
    canvas.drawString(_MARGIN, _FOOT, foot)
    canvas.showPage()


# -- the font ---------------------------------------------------------------------------------------------


@cache
def _font() -> Any:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    with as_file(resources("projections.bundle").joinpath(f"{FONT}.ttf")) as place:
        font = TTFont(FONT, str(place))
    pdfmetrics.registerFont(font)
    return font


def _settable(text: str) -> str:
    """The text, with what the font has no letters for, or would set in the wrong order, as code points."""
    letters = _font().face.charToGlyph
    return "".join(
        sign
        if ord(sign) in letters and unicodedata.bidirectional(sign) not in _RIGHT_TO_LEFT
        else f"[U+{ord(sign):04X}]"
        for sign in unicodedata.normalize("NFC", text)
    )


def _width(text: str, size: float) -> float:
    return size * sum(map(_units, text))


@cache
def _units(sign: str) -> float:
    """The width of one sign at size 1."""
    width: float = _font().stringWidth(sign, 1)
    return width
