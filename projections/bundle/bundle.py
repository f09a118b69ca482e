"""A bundle made whole: sealed, proved, divided, told in words, listed, signed, packed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files as resources
from typing import Any

from ledger.application import Ledger
from ledger.errors import AlteredEntryError
from ledger.integrity.canonical import dumps
from ledger.integrity.merkle import leaf_hash
from ledger.sealing import open_disclosure
from projections.bundle import drafts, summary
from projections.bundle.analysis import analysis
from projections.bundle.archive import packed
from projections.bundle.embedding import embedded
from projections.bundle.evidence import Evidence, gather
from projections.bundle.manifest import manifest, vouched
from projections.bundle.page import frame
from projections.bundle.production import Production, produce
from projections.bundle.record import record
from projections.bundle.request import Request
from projections.dates import Dates

IN_PAGE = (
    "manifest.json",
    "manifest.note",
    "entries.ndjson",
    "proof.json",
    "checkpoint.txt",
    "record.json",
    "keys.json",
    "analysis.json",
)
"""The files that the page holds copies of."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it is written, and what it was made of."""

    content: bytes
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    production: Production
    evidence: Evidence

    @property
    def sha256(self) -> str:
        """The digest that tells this bundle from every other."""
        return sha256(self.content).hexdigest()


def make(ledger: Ledger, request: Request, by: str, dates: Dates, *, earlier: bool = False) -> Bundle:
    """Makes a bundle; the ledger is sealed for it, by `by`, unless `earlier` seals are to do.

    What is wrong with the request is said before anything is written. InputError, UsageError, NoRightError as
    `produce`; UncoveredError where no seal covers the file and none can be made.
    """
    produce(ledger, request, ledger.recorder.last_position(), ledger.recorder.log_time() or "")
    evidence = gather(ledger, request.client, by, earlier=earlier)
    production = produce(ledger, request, evidence.checkpoint.size, evidence.sealed_at)
    told = record(ledger, production, evidence, dates)
    files: dict[str, bytes] = {
        "entries.ndjson": entries(production, evidence),
        "proof.json": evidence.proof.format().encode(),
        "checkpoint.txt": (evidence.note + "".join(evidence.cosignatures)).encode(),
        "record.json": _json(told),
    }
    if evidence.links is not None:
        files["keys.json"] = evidence.links.format().encode()
    read = analysis(ledger, production) if request.with_analysis else None
    if read is not None:
        files["analysis.json"] = _json(read)
    files["verify.py"] = verifier()
    files["summary.pdf"] = summary.pdf(told, evidence.proof.leaf_hashes, _revealed(production), dates)
    files |= drafts.drafts(told, production, evidence, dates, files["verify.py"])
    if evidence.timestamp is not None:
        files["timestamp.tsr"] = evidence.timestamp
    page = frame(told)
    listed = manifest(ledger, production, evidence, files, page)
    text = _json(listed)
    head = {"manifest.json": text, "manifest.note": vouched(ledger, text, evidence.verifier).encode()}
    shown = {name: content.decode() for name, content in (head | files).items() if name in IN_PAGE}
    whole = {"index.html": embedded(page, shown).encode()} | head | files
    return Bundle(packed(whole, evidence.sealed_at), whole, listed, production, evidence)


def entries(production: Production, evidence: Evidence) -> bytes:
    """`entries.ndjson`: each entry's exact stored bytes with the texts revealed, or that it is withheld.

    AlteredEntryError for an entry that is not what was hashed when it was recorded.
    """
    lines = []
    for row, leaf in zip(production.rows, evidence.proof.leaf_hashes, strict=True):
        if leaf_hash(row.state) != leaf:
            raise AlteredEntryError(row.stream, row.seq)
        head: dict[str, Any] = {"seq": row.seq, "leaf_hash": leaf.hex()}
        if row.seq in production.withheld:
            lines.append(head | {"withheld": True})
            continue
        revealed = {
            text.digest: text.disclosure
            for text in production.texts_of.get(row.seq, ())
            if text.disclosure is not None
        }
        lines.append(head | {"entry": row.state.decode(), "disclosures": revealed})
    return "".join(_line(one) + "\n" for one in lines).encode()


def _revealed(production: Production) -> dict[str, str]:
    """The texts revealed, by digest."""
    shown = ((one.digest, one.disclosure) for one in production.texts)
    return {digest: str(open_disclosure(text, digest)) for digest, text in shown if text is not None}


def verifier() -> bytes:
    """The standalone verifier, byte for byte as it stands in this release."""
    return resources("projections.bundle").joinpath("verify.py").read_bytes()


def _json(document: Mapping[str, Any]) -> bytes:
    """A document for people and programs: a line for each member, and for each item of its lists."""
    dumps(document)  # refuses what another reader might read otherwise
    members = []
    for name, value in document.items():
        text = _line(value)
        if isinstance(value, list) and value:
            text = "[\n  " + ",\n  ".join(map(_line, value)) + "\n ]"
        members.append(f" {_line(name)}: {text}")
    return ("{\n" + ",\n".join(members) + "\n}\n").encode()


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
