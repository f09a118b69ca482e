"""Drafts for the people who answer for a production: two certifications and the privilege log, with blanks.

Software attests nothing: each draft says that it is none until a person has completed, checked and signed it.
"""

import csv
import io
import textwrap
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files as resources
from typing import Any

from ledger.importing.cells import guarded
from ledger.legible import on_one_line
from projections.bundle.evidence import Evidence
from projections.bundle.production import Production
from projections.bundle.sealed_texts import REVEALED
from projections.dates import Dates

RECORDS, HASHES, LOG = "records-certification.txt", "hash-certification.txt", "privilege-log.csv"

_BLANK = "_" * 40
_WIDTH = 78

NOT_YET = (
    "DRAFT. Made by a program, which knows nothing of how these records are kept and attests nothing. It is no "
    "certification until a person who knows has completed every blank, struck what is not so, and signed it. Have "
    "counsel settle the wording: what is required differs from court to court."
)
LOG_NOT_YET = (
    "DRAFT. Made by a program, which knows of no privilege and asserts none. A person must complete, check and "
    "sign it."
)
LOG_HEAD = (
    "Number",
    "Entry",
    "What is withheld",
    "Reason given",
    "SHA-256 (leaf hash, or digest of the text)",
    "Date (to be completed)",
    "Author (to be completed)",
    "Recipients (to be completed)",
    "Privilege or protection asserted (to be completed)",
)


def drafts(
    record: Mapping[str, Any], production: Production, evidence: Evidence, dates: Dates, verifier: bytes
) -> dict[str, bytes]:
    """The drafts, file by file."""
    told = {
        "draft": NOT_YET,
        "sealed": f"The file was sealed on {dates.words(evidence.sealed_at)} ({dates.zone}).",
        "blank": _BLANK,
        "practice": on_one_line(record["practice"]),
        "client": record["client"],
        "marks": _marks(record["counts"]["marks"]),
        "verifier": sha256(verifier).hexdigest(),
        "key": evidence.verifier.vkey,
        **{name: record["counts"][name] for name in ("produced", "in_file", "withheld")},
    }
    return {
        LOG: privilege_log(production, evidence),
        RECORDS: _draft(RECORDS, told),
        HASHES: _draft(HASHES, told),
    }


def _draft(name: str, told: Mapping[str, Any]) -> bytes:
    """A draft from its wording, which lies beside this module."""
    wording = resources("projections.bundle").joinpath(name).read_text("utf-8")
    paragraphs = (" ".join(one.format_map(told).split()) for one in wording.split("\n\n"))
    filled = (
        textwrap.fill(one, _WIDTH, break_long_words=False, break_on_hyphens=False) for one in paragraphs
    )
    return ("\n\n".join(filled) + "\n").encode()


def _marks(marks: Mapping[str, int]) -> str:
    return (
        ", ".join(f"{number} {name}" for name, number in marks.items() if name != "same day" and number)
        or "none"
    )


def privilege_log(production: Production, evidence: Evidence) -> bytes:
    """What is withheld, a line each, as CSV (RFC 4180) that a spreadsheet opens without running anything in it."""
    written = io.StringIO()
    log = csv.writer(written, lineterminator="\r\n")
    log.writerow(LOG_HEAD)
    blanks = [""] * (len(LOG_HEAD) - 5)
    leaves = evidence.proof.leaf_hashes
    for row in production.rows:
        number = production.request.number(row.seq)
        why = production.withheld.get(row.seq)
        if why is not None:
            leaf = leaves[row.seq - 1].hex()
            log.writerow(map(_cell, (number, str(row.seq), "whole entry", why.reason, leaf, *blanks)))
        for text in production.texts_of.get(row.seq, ()):
            if text.status != REVEALED:
                what = f"text of {text.field}"
                log.writerow(
                    map(_cell, (number, str(row.seq), what, text.reason or text.label, text.digest, *blanks))
                )
    log.writerow([LOG_NOT_YET, *[""] * (len(LOG_HEAD) - 1)])
    return written.getvalue().encode()


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: CWE-1236. What begins like one gets an apostrophe before it."""
    return guarded(on_one_line(text))
