"""What is produced and what is withheld: scopes, reasons, both clocks, and no trace of anything withheld."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.errors import InputError, UsageError
from ledger.values import Domain
from projections.bundle import verify
from projections.bundle.bundle import Bundle, make
from projections.bundle.request import Request, domains, prefix, redactions, withholdings
from tests.bundle.conftest import dates
from tests.bundle.eventful import SECRETS

ALL = frozenset({Domain.IDENTITY, Domain.THERAPY, Domain.COACHING})


def produced(ledger: Ledger, **wanted: Any) -> Bundle:
    return make(ledger, Request(**{"client": "C-1", **wanted}), "director", dates(ledger))


def document(made: Bundle, name: str) -> Any:
    return json.loads(made.files[name])


def withheld(made: Bundle) -> dict[int, str]:
    return {one["seq"]: one["ground"] for one in document(made, "manifest.json")["withheld"]}


def raw(made: Bundle) -> bytes:
    """Every byte that somebody could find in the zip: the zip itself, its members, streams inside the PDF, texts as
    they read once JSON and base64 are undone."""
    found = [made.content]
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            found += [name.encode(), content, content.decode("utf-8", "replace").encode("utf-16-be")]
            found += [_unescaped(content)]
            if name.endswith(".pdf"):
                found += list(_streams(content))
    for line in made.files["entries.ndjson"].splitlines():
        for text in json.loads(line).get("disclosures", {}).values():
            found.append(verify.decoded(text, "", url=True))
    return b"\n".join(found)


def _unescaped(content: bytes) -> bytes:
    """JSON's escapes undone, twice, for JSON within JSON."""
    text = content.decode("utf-8", "replace")
    for _ in range(3):
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text).replace('\\"', '"')
    return text.encode("utf-8", "replace")


def _streams(pdf: bytes) -> Iterable[bytes]:
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            yield found[1]


def traces(made: Bundle, secrets: Iterable[str]) -> list[str]:
    """Those of the secrets that stand somewhere in the zip, in whatever form."""
    whole = raw(made)
    return [one for one in secrets if one.encode() in whole or one.encode("utf-16-be") in whole]


def named(*names: str) -> list[str]:
    """Ids as they stand in JSON and in sentences; by themselves they are found in any digest."""
    return [
        form for name in names for form in (f'"{name}"', f" {name} ", f" {name}:", f" {name}.", f" {name};")
    ]


def everything() -> list[str]:
    return [text for texts in SECRETS.values() for text in texts]


# -- sealed texts -----------------------------------------------------------------------------------------


def test_nothing_sealed_is_shown_unless_asked_for(ledger: Ledger) -> None:
    made = produced(ledger)

    assert traces(made, everything()) == []
    assert {one["status"] for one in document(made, "manifest.json")["texts"]} == {"withheld"}
    labels = {
        text["label"] for one in document(made, "record.json")["entries"] for text in one.get("texts", ())
    }
    assert labels == {
        "withheld: identity",
        "withheld: therapy record",
        "withheld: coaching record",
        "withheld: practice matter",
    }


@pytest.mark.parametrize("domain", ["identity", "therapy", "coaching"])
def test_what_is_asked_for_is_shown_and_nothing_else(ledger: Ledger, domain: str) -> None:
    made = produced(ledger, reveal=domains(domain))

    others = [text for name, texts in SECRETS.items() if name != domain for text in texts]
    # referral details are of the engagement they were made in, so they are coaching's here
    others = [one for one in others if not (domain == "coaching" and one.startswith("referral-details"))]
    assert traces(made, others) == []
    assert traces(made, SECRETS[domain]) == [
        one for one in SECRETS[domain] if not one.startswith("referral-details")
    ]


def test_why_an_entry_was_another_clients_is_never_shown(ledger: Ledger) -> None:
    made = produced(ledger, reveal=ALL)

    assert traces(made, SECRETS["other"] + SECRETS["practice"] + ("Bartholomew",)) == []
    (text,) = [one for one in document(made, "manifest.json")["texts"] if one["seq"] == 17]
    assert (text["status"], text["reason"]) == ("withheld", "may speak of another client")


def test_a_redaction_leaves_the_digest_and_its_reason(ledger: Ledger) -> None:
    made = produced(ledger, reveal=ALL, redact=redactions(["9.narrative=attorney-client privilege"]))

    assert traces(made, [SECRETS["therapy"][1]]) == []
    (text,) = [one for one in document(made, "manifest.json")["texts"] if one["seq"] == 9]
    assert (text["status"], text["reason"]) == ("redacted", "attorney-client privilege")
    assert text["digest"].encode() in made.files["entries.ndjson"]
    assert b"attorney-client privilege" in made.files["privilege-log.csv"]
    shown = document(made, "record.json")["entries"][8]["texts"][0]
    assert shown["label"] == "withheld: attorney-client privilege"


def test_a_redaction_within_a_correction(ledger: Ledger) -> None:
    made = produced(ledger, reveal=ALL, redact=redactions(["27.changes.narrative=privilege"]))

    assert traces(made, ["narrative-as-corrected"]) == []
    assert traces(made, ["narrative-first-version"]) == ["narrative-first-version"]


# -- entries ----------------------------------------------------------------------------------------------


def test_a_withheld_entry_is_a_place_and_a_hash(ledger: Ledger) -> None:
    made = produced(ledger, reveal=ALL, withhold=withholdings(["7=work product"]))

    facts = ["title-of-plan", "treatment-plan", "RecordFiled", "cd" * 32]
    assert traces(made, facts) == []
    line = json.loads(made.files["entries.ndjson"].splitlines()[6])
    assert line == {"seq": 7, "leaf_hash": line["leaf_hash"], "withheld": True}
    assert document(made, "record.json")["entries"][6] == {
        "seq": 7,
        "number": "C-1-000007",
        "withheld": {"ground": "asked", "reason": "work product"},
    }
    assert document(made, "manifest.json")["entries"] == {"in_file": 30, "produced": 28, "withheld": 2}


def test_an_entry_of_another_client_is_withheld_by_default(ledger: Ledger) -> None:
    made = produced(ledger)

    assert withheld(made) == {16: "wrong-client"}
    assert traces(made, [*named("S7"), '"modality":"phone"', "by phone"]) == []
    sentence = document(made, "record.json")["entries"][16]["readings"][0]["sentence"]
    assert "entry 16 was retracted (wrong client)" in sentence


def test_a_correction_goes_with_the_entry_it_corrects(ledger: Ledger) -> None:
    made = produced(ledger, reveal=ALL, withhold=withholdings(["26=privilege"]))

    assert withheld(made) == {16: "wrong-client", 26: "asked", 27: "corrects"}
    assert traces(made, ["narrative-first-version", "narrative-as-corrected", "goals_met"]) == ["goals_met"]
    assert b'"changes"' not in made.files["entries.ndjson"]


def test_the_coaching_scope_shows_nothing_of_therapy(ledger: Ledger) -> None:
    made = produced(ledger, scope="coaching", reveal=domains("identity,coaching"))

    assert (
        traces(
            made,
            [*SECRETS["therapy"], *named("E1", "I1", "A1", "S1"), "treatment-plan", "P-9", "therapy-consent"],
        )
        == []
    )
    assert sorted(withheld(made).items()) == [
        *((seq, "scope") for seq in range(2, 12)),
        (16, "wrong-client"),
        (20, "scope"),
        (21, "scope"),
        (22, "scope"),
        (28, "scope"),
    ]


def test_the_therapy_scope_shows_nothing_of_coaching(ledger: Ledger) -> None:
    made = produced(ledger, scope="therapy", reveal=domains("identity,therapy"))

    assert (
        traces(made, [*SECRETS["coaching"], *named("E2", "I2", "A3", "K1", "R1"), "coaching-contract"]) == []
    )
    kept = {1, 2, 3, 4, 5, 6, 7, 9, 25}
    assert set(withheld(made)) == set(range(1, 31)) - kept


def test_a_scope_and_the_other_services_texts_do_not_go_together() -> None:
    with pytest.raises(UsageError, match="does not go with --scope coaching"):
        Request("C-1", scope="coaching", reveal=frozenset({Domain.THERAPY}))


# -- both clocks ------------------------------------------------------------------------------------------


def test_known_at_shows_a_prefix_and_that_there_is_more(ledger: Ledger) -> None:
    made = produced(ledger, known_at="2024-03-10", as_of="2024-03-10")

    assert withheld(made) == dict.fromkeys(range(10, 31), "later")
    assert document(made, "analysis.json")["verdict"] != "not-determinable"
    (moments,) = [document(made, "manifest.json")["moments"]]
    assert moments["known_at"] == "2024-03-11T03:59:59.999999Z"


def test_what_happened_later_is_left_out(ledger: Ledger) -> None:
    made = produced(ledger, as_of="2024-02-28")

    assert set(withheld(made)) == set(range(9, 31))
    assert set(withheld(made).values()) == {"after"}
    assert traces(made, ["EngagementClosed", "goals-met"]) == []


def test_before_the_wrong_entry_was_retracted_it_counted(ledger: Ledger) -> None:
    made = produced(ledger, known_at="2024-03-20")

    assert 16 not in withheld(made)


# -- what is asked wrongly --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"withhold": {31: "x"}}, "there is no entry 31"),
        ({"redact": {(31, "name"): "x"}}, "there is no entry 31"),
        ({"redact": {(1, "jurisdiction"): "x"}}, "is a coded field of the stored bytes"),
        ({"redact": {(1, "nonsense"): "x"}}, "has no sealed field 'nonsense'"),
        ({"redact": {(6, "narrative"): "x"}}, "has no sealed field"),
        ({"redact": {(16, "name"): "x"}}, "is withheld as a whole"),
        ({"client": "C-3"}, "nothing is recorded of this client"),
        ({"known_at": "2024-01-01"}, "nothing is recorded of this client at that moment"),
        ({"as_of": "yesterday"}, "expected a date and time"),
    ],
)
def test_what_cannot_be_produced_is_said(ledger: Ledger, wanted: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        produced(ledger, **wanted)


@pytest.mark.parametrize(
    "text", ["7", "7=", "7= ", "x.name=reason", "0.name=r", "7.=r", ".name=r", "7.name=a\nb"]
)
def test_a_redaction_without_its_parts(text: str) -> None:
    with pytest.raises(UsageError, match="--redact"):
        redactions([text])


@pytest.mark.parametrize("text", ["7", "=reason", "-1=reason", "7.name=reason", "7=\x1b[2J"])
def test_a_withholding_without_its_parts(text: str) -> None:
    with pytest.raises(UsageError, match="--withhold"):
        withholdings([text])


@pytest.mark.parametrize("text", ["practice", "all", "identity;therapy", "Identity"])
def test_a_domain_that_is_never_produced(text: str) -> None:
    with pytest.raises(UsageError, match="--reveal: expected identity, therapy, coaching"):
        domains(text)


@pytest.mark.parametrize("text", ["", "a/b", "../x", "x" * 33, "-x", "a b"])
def test_a_prefix_that_could_not_stand_in_a_margin(text: str) -> None:
    with pytest.raises(UsageError, match="--bates"):
        prefix(text)


def test_numbers_begin_as_asked(ledger: Ledger) -> None:
    made = produced(ledger, bates="SMITH")

    assert document(made, "record.json")["entries"][2]["number"] == "SMITH-000003"
    assert document(made, "manifest.json")["bates_prefix"] == "SMITH"
