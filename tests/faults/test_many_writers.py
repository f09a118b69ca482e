"""Many processes at one ledger: nothing is lost or doubled, no answer is untrue, and who reads on misses nothing."""

from itertools import pairwise
from pathlib import Path

from tests.faults.examining import examine
from tests.faults.journal import lines
from tests.faults.rejudging import require_truthful
from tests.faults.sites import Child, Site


def all_seen(journal: Path) -> list[list[object]]:
    return [row for line in lines(journal) for row in line.get("seen", ())]


def test_writers_an_importer_and_a_sealer_at_once(site: Site) -> None:
    children = [site.child(f"w{number}", "mixed", "--acts", "20") for number in range(4)]
    children += [
        site.child("importer", "import", "--acts", "4"),
        site.child("sealer", "seal", "--acts", "9"),
        site.child("policy", "policy", "--acts", "40"),
    ]
    reader = site.child("reader", "tail")
    for child in children:
        child.end()
    (site.folder / "stop").touch()
    reader.end()

    found = examine(site)
    found.require_clean()
    assert not found.errors, found.errors
    assert found.acknowledged > 120
    refused, admitted = require_truthful(site)
    assert refused, admitted
    require_all_seen(site, reader)


def require_all_seen(site: Site, reader: Child) -> None:
    with site.ledger() as ledger:
        log = [[row.position, row.stream, row.seq] for page in ledger.recorder.pages() for row in page]
    seen = all_seen(reader.journal)
    assert seen == log[: len(seen)]
    assert len(seen) > len(log) // 2
    assert all(before[0] + 1 == after[0] for before, after in pairwise(log))  # type: ignore[operator]
