"""Who may reveal what, what was erased, and what the ledger's key signs beside checkpoints."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.errors import NoRightError, ProofError, UnknownKeyError
from ledger.integrity.checkpoint import Checkpoint
from ledger.integrity.note import open_note
from ledger.values import Domain
from projections.bundle.bundle import Bundle, make
from projections.bundle.request import Request, domains
from tests import desk
from tests.bundle.conftest import dates
from tests.bundle.eventful import SECRETS, eventful
from tests.bundle.test_bundle import held
from tests.bundle.test_production import traces


def texts(made: Bundle) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(made.files["manifest.json"])["texts"]
    return found


def test_what_was_erased_is_called_so_and_everything_still_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(eventful(tmp_path, monkeypatch)) as ledger:
        ledger.keys.destroy("client/C-1")

        made = make(ledger, Request("C-1", reveal=domains("identity,therapy")), "director", dates(ledger))

    assert {one["status"] for one in texts(made)} == {"erased"}
    assert {one["reason"] for one in texts(made)} == {"its key was destroyed"}
    assert traces(made, [one for several in SECRETS.values() for one in several]) == []
    assert held(made) == {}


def test_whoever_may_not_read_a_domain_cannot_reveal_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a ledger whose user has no role file
    eventful(tmp_path, monkeypatch).close()
    desk.places(tmp_path).role.unlink()

    with closing(Ledger(desk.places(tmp_path))) as ledger:
        # Then a production without texts is made, and names the domain of each
        made = make(ledger, Request("C-1"), "director", dates(ledger))
        assert {one["domain"] for one in texts(made)} == {"identity", "therapy", "coaching", "practice"}

        # And one with texts is refused, not made without them
        with pytest.raises(NoRightError):
            make(ledger, Request("C-1", reveal=domains("identity")), "director", dates(ledger))


def test_the_key_vouches_for_no_checkpoint(ledger: Ledger) -> None:
    signer = ledger.committing.signer
    forged = Checkpoint(ledger.opened.origin, 3, bytes(32)).format()

    with pytest.raises(ProofError, match="signed only as one"):
        signer.vouch(forged)

    assert open_note(signer.vouch("a production\n"), [signer.verifier]).text == "a production\n"


def test_the_domain_of_a_key_is_told_without_a_right_to_read_it(ledger: Ledger) -> None:
    row = next(row for row in ledger.recorder.disclosures_of("client/C-1") if row.field == "rationale")

    assert ledger.keys.domain_of(int(row.key_id)) is Domain.THERAPY
    assert not ledger.keys.is_destroyed(int(row.key_id))
    with pytest.raises(UnknownKeyError):
        ledger.keys.domain_of(1)
