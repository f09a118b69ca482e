"""The manifest: what a production is, what it withholds and why, the digest of every file; and its signature."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ledger.application import Ledger
from ledger.errors import ConflictError, ProofError
from ledger.integrity.note import Verifier, open_note
from ledger.places import program_version
from projections.bundle.evidence import Evidence
from projections.bundle.production import Production
from projections.bundle.record import counts, moments
from projections.bundle.sealed_texts import REVEALED

FORMAT = "engagement-ledger/bundle/v1"


def manifest(
    ledger: Ledger, production: Production, evidence: Evidence, files: Mapping[str, bytes], frame: str
) -> dict[str, Any]:
    """The manifest as JSON values. `files` are all others but the page, `frame` the page without its data."""
    request = production.request
    leaves = evidence.proof.leaf_hashes
    return {
        "format": FORMAT,
        "made_with": f"engagement-ledger {program_version()}",
        "practice": ledger.opened.practice,
        "origin": ledger.opened.origin,
        "client": request.client,
        "stream": production.stream,
        "for": request.recipient,
        "contains_analysis": request.with_analysis,
        "scope": request.scope,
        "reveal": sorted(request.reveal),
        "bates_prefix": request.bates_prefix,
        "moments": moments(ledger, production, evidence),
        "checkpoint": {"size": evidence.checkpoint.size, "root": evidence.checkpoint.root.hex()},
        "key": evidence.verifier.vkey,
        "entries": counts(production),
        "withheld": [
            {"seq": seq, "leaf_hash": leaves[seq - 1].hex(), "ground": why.ground, "reason": why.reason}
            for seq, why in production.withheld.items()
        ],
        "texts": [
            {
                "seq": text.seq,
                "field": text.field,
                "digest": text.digest,
                "status": text.status,
                "domain": text.domain.value,
                "reason": None if text.status == REVEALED else text.reason,
            }
            for text in production.texts
        ],
        "files": [
            {"name": name, "bytes": len(content), "sha256": sha256(content).hexdigest()}
            for name, content in files.items()
        ],
        "page_sha256": sha256(frame.encode()).hexdigest(),
    }


def vouched(ledger: Ledger, text: bytes, verifier: Verifier) -> str:
    """The manifest's signature: a note over its digest, under a first line that no checkpoint of the log has.

    ConflictError where another key has taken over from the one that signed the checkpoint.
    """
    statement = f"{FORMAT}\n{ledger.opened.origin}\n{sha256(text).hexdigest()}\n"
    note = ledger.committing.signer.vouch(statement)
    try:
        open_note(note, [verifier])
    except ProofError:
        raise ConflictError(
            "the signing key was replaced while the bundle was made; nothing was written, make it again"
        ) from None
    return note
