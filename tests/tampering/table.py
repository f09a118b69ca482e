"""The table of tampering: who does what, and what finds it; a generated page.

`python -m tests.tampering.table` writes it; with `--check` it is only compared. The tests show every cell.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.generate import keep
from tests.tampering.examining import Finder
from tests.tampering.kinds import KINDS, NOBODY, Tampering, Who

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "tampering.md"
NOTE = "<!-- Written by `python -m tests.tampering.table` from the code; do not edit. -->"


def main(arguments: Sequence[str]) -> int:
    """Writes the page; with `--check` returns 1 if it is not current."""
    return keep({PAGE.name: "\n".join(page()) + "\n"}, arguments, "tests.tampering.table")


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from (NOTE, "", "# Tampering", "")
    yield f"{len(KINDS)} ways to change a ledger by hand, each done in a test to a copy of one ledger by somebody who"
    yield "has read the source: the triggers are dropped and put back. *yes* means that it is found, an empty cell"
    yield "that it is not; the tests show both. (*) marks what nobody finds; below each table it says why that is"
    yield "no loss. What is proven, and what not, is explained in [What is proven](../explanation/what-is-proven.md)."
    yield ""
    yield "The ledger: the example practice imported, entries recorded, a seal, more entries, a seal; then two more"
    yield "entries. The tampering mostly concerns what stands before the second seal. Who looks:"
    yield ""
    yield "- `verify`: on the practice's machine, with its key database and role file."
    yield "- `verify --key` elsewhere: on the ledger file alone, with the public key from another source."
    yield "- receipt: `verify --receipt`, of the very last entry."
    yield "- checkpoint: `verify --checkpoint`, of the second seal, kept elsewhere."
    yield "- witness: who cosigned the second seal, and is asked to cosign the newest checkpoint."
    yield "- time-stamp: of the second seal, kept elsewhere: `timestamp verify FILE`."
    yield ""
    yield "In the last column the faults that `verify` names first: table and kind."
    yield ""
    yield "The same is done to a copy of this ledger on a PostgreSQL server, by its superuser, and `verify` finds it"
    yield "there, too (`tests/tampering/test_on_a_server.py`). What differs: a column has one type, so nothing is"
    yield "stored as another; no counter stands beside the log, so that its end was cut off is told by the tree and the"
    yield "heads of the streams; and tables, columns, constraints, indexes, triggers, rules, policies, functions and"
    yield "rights are compared with what `init` makes. What PostgreSQL itself finds damaged is told as `postgresql`."
    for who in Who:
        yield from ("", f"## {who.value}", "")
        yield f"| what is changed | {' | '.join(one.value for one in Finder)} | faults |"
        yield f"|---|{'---|' * (len(Finder) + 1)}"
        kinds = [kind for kind in KINDS if kind.who is who]
        yield from (_row(kind) for kind in kinds)
        remarks = [kind for kind in kinds if kind.remark and not _repeats(kind)]
        if remarks:
            yield ""
        yield from (f"- *{kind.what}*: {kind.remark}" for kind in remarks)


def _row(kind: Tampering) -> str:
    cells = ["yes" if one in kind.found_by else "" for one in Finder]
    faults = ", ".join(dict.fromkeys(f"{table} {fault}" for table, fault in kind.faults))
    what = kind.what + (" (*)" if kind.found_by == NOBODY else "")
    return f"| {' | '.join((what, *cells, faults))} |".replace("  ", " ")


def _repeats(kind: Tampering) -> bool:
    return kind.remark == "The same."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
