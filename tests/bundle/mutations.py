"""Ways to tamper with a bundle, each with the check that must notice and what it must say.

Shared by the tests of `verify.py` and of the page: a mutation changes the files of an unpacked bundle in place. Those
that a careful forger would do are *rebound*: the manifest lists the new digests and the page shows the new files, so
that only what the forger cannot make (the ledger's signature, the proof) can notice.
"""

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from projections.bundle.embedding import CLOSING, OPENING, embedded

Files = dict[str, bytes]

PAGE, MANIFEST, NOTE = "index.html", "manifest.json", "manifest.note"
IN_PAGE = (
    MANIFEST,
    NOTE,
    "entries.ndjson",
    "proof.json",
    "checkpoint.txt",
    "record.json",
    "keys.json",
    "analysis.json",
)


@dataclass(frozen=True)
class Tools:
    """What a forger has got hold of: another client's entry, the texts behind digests, entries that were withheld,
    and the files of an earlier production of the same client.
    """

    foreign: str
    texts: Mapping[str, str]
    entries: Mapping[int, str]
    earlier: Mapping[str, bytes]


@dataclass(frozen=True)
class Mutation:
    """A change, the check that must fail for it, and words of its message."""

    name: str
    check: str
    says: str
    change: Callable[[Files, Tools], None]
    rebound: bool = True

    def __call__(self, files: Mapping[str, bytes], tools: Tools) -> Files:
        """The tampered files."""
        changed = dict(files)
        self.change(changed, tools)
        if self.rebound:
            rebind(changed)
        return changed


# -- reading and writing the parts ------------------------------------------------------------------------


def part(files: Mapping[str, bytes], name: str) -> Any:
    """A JSON file of the bundle."""
    return json.loads(files[name])


def put(files: Files, name: str, value: Any) -> None:
    """Writes a JSON file of the bundle."""
    files[name] = (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def lines(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The lines of entries.ndjson."""
    return [json.loads(line) for line in files["entries.ndjson"].splitlines()]


def put_lines(files: Files, found: list[dict[str, Any]]) -> None:
    """Writes entries.ndjson."""
    written = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in found]
    files["entries.ndjson"] = "".join(f"{one}\n" for one in written).encode()


def frame_of(page: bytes) -> str:
    """A page without its data."""
    before, _, rest = page.decode().partition(OPENING)
    return before + OPENING + CLOSING + rest.partition(CLOSING)[2]


def rebind(files: Files) -> None:
    """Lists the files as they are now in the manifest, and has the page show them."""
    manifest = part(files, MANIFEST)
    for one in manifest["files"]:
        if one["name"] in files:
            content = files[one["name"]]
            one |= {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    put(files, MANIFEST, manifest)
    reshow(files)


def reshow(files: Files) -> None:
    """Has the page show the files as they are now."""
    shown = {name: files[name].decode(errors="replace") for name in IN_PAGE if name in files}
    files[PAGE] = embedded(frame_of(files[PAGE]), shown).encode()


def leaf(entry: str) -> str:
    """An entry's leaf hash."""
    return sha256(b"\x00" + entry.encode()).hexdigest()


# -- the record -------------------------------------------------------------------------------------------


def _without_an_entry(files: Files, _tools: Tools) -> None:
    found = lines(files)
    del found[4]
    put_lines(files, found)


def _without_its_tail(files: Files, _tools: Tools) -> None:
    put_lines(files, lines(files)[:-3])


def _cut_everywhere(files: Files, _tools: Tools) -> None:
    put_lines(files, lines(files)[:-3])
    proof, manifest = part(files, "proof.json"), part(files, MANIFEST)
    proof["leaf_hashes"] = proof["leaf_hashes"][:-3]
    proof["count"] -= 3
    put(files, "proof.json", proof)
    last = proof["count"]
    manifest["withheld"] = [one for one in manifest["withheld"] if one["seq"] <= last]
    manifest["texts"] = [one for one in manifest["texts"] if one["seq"] <= last]
    without = len(manifest["withheld"])
    manifest["entries"] = {"in_file": last, "produced": last - without, "withheld": without}
    put(files, MANIFEST, manifest)


def _removed_everywhere(files: Files, _tools: Tools) -> None:
    found, proof = lines(files), part(files, "proof.json")
    del found[4], proof["leaf_hashes"][4]
    proof["count"] -= 1
    for seq, line in enumerate(found, 1):
        line["seq"] = seq
    put_lines(files, found)
    put(files, "proof.json", proof)


def _foreign_entry(files: Files, tools: Tools) -> None:
    found, proof = lines(files), part(files, "proof.json")
    found[4] |= {"entry": tools.foreign, "leaf_hash": leaf(tools.foreign)}
    proof["leaf_hashes"][4] = leaf(tools.foreign)
    put_lines(files, found)
    put(files, "proof.json", proof)


def _edited(old: str, new: str) -> Callable[[Files, Tools], None]:
    def change(files: Files, _tools: Tools) -> None:
        found = lines(files)
        at = next(at for at, line in enumerate(found) if old in line.get("entry", ""))
        found[at]["entry"] = found[at]["entry"].replace(old, new, 1)
        put_lines(files, found)

    return change


def _edited_with_its_hash(files: Files, tools: Tools) -> None:
    _edited('"stable":"yes"', '"stable":"no"')(files, tools)
    found, proof = lines(files), part(files, "proof.json")
    for line in found:
        if "entry" in line:
            line["leaf_hash"] = proof["leaf_hashes"][line["seq"] - 1] = leaf(line["entry"])
    put_lines(files, found)
    put(files, "proof.json", proof)


def _swapped(files: Files, _tools: Tools) -> None:
    found, proof = lines(files), part(files, "proof.json")
    one, other = found[3], found[4]
    for key in ("entry", "leaf_hash", "disclosures"):
        one[key], other[key] = other[key], one[key]
    hashes = proof["leaf_hashes"]
    hashes[3], hashes[4] = hashes[4], hashes[3]
    put_lines(files, found)
    put(files, "proof.json", proof)


def _another_leaf_hash(files: Files, _tools: Tools) -> None:
    found = lines(files)
    found[2]["leaf_hash"] = "ab" * 32
    put_lines(files, found)


def _doubled(files: Files, _tools: Tools) -> None:
    found = lines(files)
    put_lines(files, [*found, found[-1]])


def _renamed_client(files: Files, _tools: Tools) -> None:
    for name in (MANIFEST, "proof.json"):
        document = part(files, name)
        document["stream"] = "client/C-2"
        put(files, name, document)


# -- what is withheld -------------------------------------------------------------------------------------


def _of_status(files: Mapping[str, bytes], status: str) -> dict[str, Any]:
    return next(one for one in part(files, MANIFEST)["texts"] if one["status"] == status)


def _redaction_undone(files: Files, tools: Tools) -> None:
    text = _of_status(files, "redacted")
    found = lines(files)
    found[text["seq"] - 1]["disclosures"][text["digest"]] = tools.texts[text["digest"]]
    put_lines(files, found)


def _redaction_invented(files: Files, _tools: Tools) -> None:
    text = _of_status(files, "redacted")
    found = lines(files)
    invented = base64.urlsafe_b64encode(b'["AAAAAAAAAAAAAAAAAAAAAA","never said"]').decode().rstrip("=")
    found[text["seq"] - 1]["disclosures"][text["digest"]] = invented
    put_lines(files, found)


def _redaction_undone_in_both(files: Files, tools: Tools) -> None:
    _redaction_undone(files, tools)
    manifest = part(files, MANIFEST)
    for one in manifest["texts"]:
        if one["status"] == "redacted":
            one |= {"status": "revealed", "reason": None}
    put(files, MANIFEST, manifest)


def _withheld_put_back(files: Files, tools: Tools) -> None:
    found = lines(files)
    seq = part(files, MANIFEST)["withheld"][0]["seq"]
    found[seq - 1] = {
        "seq": seq,
        "leaf_hash": found[seq - 1]["leaf_hash"],
        "entry": tools.entries[seq],
        "disclosures": {},
    }
    put_lines(files, found)


def _withheld_more(files: Files, _tools: Tools) -> None:
    found = lines(files)
    found[0] = {"seq": 1, "leaf_hash": found[0]["leaf_hash"], "withheld": True}
    put_lines(files, found)


def _revealed_edited(files: Files, _tools: Tools) -> None:
    text = _of_status(files, "revealed")
    found = lines(files)
    disclosures = found[text["seq"] - 1]["disclosures"]
    salt, _ = json.loads(base64.urlsafe_b64decode(disclosures[text["digest"]] + "=="))
    forged = json.dumps([salt, "somebody else"]).encode()
    disclosures[text["digest"]] = base64.urlsafe_b64encode(forged).decode().rstrip("=")
    put_lines(files, found)


def _revealed_taken_out(files: Files, _tools: Tools) -> None:
    text = _of_status(files, "revealed")
    found = lines(files)
    del found[text["seq"] - 1]["disclosures"][text["digest"]]
    put_lines(files, found)


def _text_of_nothing(files: Files, _tools: Tools) -> None:
    found = lines(files)
    text = "WyJBIiwiQiJd"
    digest = base64.urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")
    found[0]["disclosures"][digest] = text
    put_lines(files, found)


# -- the manifest, the analysis, the page -----------------------------------------------------------------


def _in_text(name: str, old: str, new: str) -> Callable[[Files, Tools], None]:
    def change(files: Files, _tools: Tools) -> None:
        text = files[name].decode()
        if old not in text:
            raise AssertionError(f"{old!r} is not in {name}: this mutation changes nothing")
        files[name] = text.replace(old, new, 1).encode()

    return change


def _in_manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[Files, Tools], None]:
    def changed(files: Files, _tools: Tools) -> None:
        manifest = part(files, MANIFEST)
        change(manifest)
        put(files, MANIFEST, manifest)
        reshow(files)

    return changed


def _without_reason(manifest: dict[str, Any]) -> None:
    manifest["withheld"][0]["reason"] = "nothing of interest"


def _unlisted(manifest: dict[str, Any]) -> None:
    del manifest["withheld"][0]
    manifest["entries"]["withheld"] -= 1


def _as_all(manifest: dict[str, Any]) -> None:
    manifest["scope"] = "all of it"


def _earlier_manifest(files: Files, tools: Tools) -> None:
    files |= {name: tools.earlier[name] for name in (MANIFEST, NOTE)}
    reshow(files)


def _earlier_entries(files: Files, tools: Tools) -> None:
    files |= {name: tools.earlier[name] for name in ("entries.ndjson", "proof.json")}
    reshow(files)


def _earlier_analysis(files: Files, tools: Tools) -> None:
    files["analysis.json"] = tools.earlier["analysis.json"]
    reshow(files)


def _no_signature(files: Files, _tools: Tools) -> None:
    files[NOTE] = files[NOTE].rpartition(b"\n\n")[0] + b"\n\n"
    reshow(files)


def _dropped(name: str) -> Callable[[Files, Tools], None]:
    def change(files: Files, _tools: Tools) -> None:
        del files[name]

    return change


def _page_shows_another(files: Files, _tools: Tools) -> None:
    other = dict(files)
    put_lines(other, lines(files)[:-1])
    reshow(other)
    files[PAGE] = other[PAGE]


# -- the proof --------------------------------------------------------------------------------------------


def _in_proof(change: Callable[[dict[str, Any]], None]) -> Callable[[Files, Tools], None]:
    def changed(files: Files, _tools: Tools) -> None:
        proof = part(files, "proof.json")
        change(proof)
        put(files, "proof.json", proof)

    return changed


def _flipped(text: str) -> str:
    data = bytearray(base64.b64decode(text))
    data[-1] ^= 1
    return base64.b64encode(data).decode()


def _map_proof(proof: dict[str, Any]) -> None:
    proof["map_proof"] = _flipped(proof["map_proof"])


def _inclusion_proof(proof: dict[str, Any]) -> None:
    proof["seal"]["inclusion_proof"][0] = _flipped(proof["seal"]["inclusion_proof"][0])


def _short_inclusion(proof: dict[str, Any]) -> None:
    del proof["seal"]["inclusion_proof"][-1]


def _seal_covers_less(proof: dict[str, Any]) -> None:
    covers = json.loads(proof["seal"]["entry"])["data"]["covers"]
    proof["seal"]["entry"] = proof["seal"]["entry"].replace(f'"covers":{covers}', f'"covers":{covers - 1}')


def _seal_of_another_kind(proof: dict[str, Any]) -> None:
    proof["seal"]["entry"] = proof["seal"]["entry"].replace("StreamIndexCommitted", "StreamIndexImagined")


def _checkpoint_size(proof: dict[str, Any]) -> None:
    lines_of = proof["checkpoint"].split("\n")
    lines_of[1] = str(int(lines_of[1]) + 1)
    proof["checkpoint"] = "\n".join(lines_of)


def _checkpoint_signature(proof: dict[str, Any]) -> None:
    head, _, line = proof["checkpoint"].rstrip("\n").rpartition(" ")
    proof["checkpoint"] = f"{head} {_flipped(line)}\n"


def _counted_less(proof: dict[str, Any]) -> None:
    proof["count"] -= 1


def _another_origin(proof: dict[str, Any]) -> None:
    proof["origin"] = "elsewhere.example/ledger"


MUTATIONS: tuple[Mutation, ...] = (
    Mutation("an entry removed", "entries", "entry 5 is missing", _without_an_entry),
    Mutation(
        "an entry removed, naively", "files", "entries.ndjson is not as", _without_an_entry, rebound=False
    ),
    Mutation("the tail cut", "entries", "is missing", _without_its_tail),
    Mutation("the tail cut from everything", "completeness", "not the whole file", _cut_everywhere),
    Mutation("an entry removed from everything", "completeness", "not the whole file", _removed_everywhere),
    Mutation("an entry of another client", "chain", "is of another file", _foreign_entry),
    Mutation("an entry of another client, proved", "completeness", "not the whole file", _foreign_entry),
    Mutation("an entry edited", "leaf", "was altered", _edited('"stable":"yes"', '"stable":"no"')),
    Mutation("an entry edited with its hashes", "completeness", "not the whole file", _edited_with_its_hash),
    Mutation("an entry edited with its hashes: chain", "chain", "does not follow", _edited_with_its_hash),
    Mutation("two entries changed places", "chain", "says that it is entry", _swapped),
    Mutation("another leaf hash", "leaf", "is not the one in proof.json", _another_leaf_hash),
    Mutation("an entry doubled", "entries", "not of this file", _doubled),
    Mutation("the client renamed", "completeness", "not the whole file", _renamed_client),
    Mutation(
        "a redaction undone", "withheld", "is shown, but the manifest says: redacted", _redaction_undone
    ),
    Mutation("a redaction undone by an invented text", "texts", "was altered", _redaction_invented),
    Mutation(
        "a redaction undone, manifest and all",
        "manifest-signature",
        "not the one that was signed",
        _redaction_undone_in_both,
    ),
    Mutation("a withheld entry put back", "withheld", "produced, but the manifest", _withheld_put_back),
    Mutation("one more entry withheld", "withheld", "not listed in the manifest", _withheld_more),
    Mutation("a revealed text edited", "texts", "was altered", _revealed_edited),
    Mutation("a revealed text taken out", "withheld", "is not shown, but", _revealed_taken_out),
    Mutation("a text of no digest", "texts", "no digest", _text_of_nothing),
    Mutation(
        "the analysis edited",
        "files",
        "analysis.json is not as",
        _in_text("analysis.json", '"status":"satisfied"', '"status":"violated"'),
        rebound=False,
    ),
    Mutation(
        "the analysis edited, bound anew",
        "manifest-signature",
        "not the one that was signed",
        _in_text("analysis.json", '"status":"satisfied"', '"status":"violated"'),
    ),
    Mutation(
        "the analysis of another production",
        "files",
        "analysis.json is not as",
        _earlier_analysis,
        rebound=False,
    ),
    Mutation("the analysis dropped", "manifest", "whether there is an analysis", _dropped("analysis.json")),
    Mutation(
        "a sentence edited",
        "files",
        "record.json is not as",
        _in_text("record.json", "goals met", "goals missed"),
        rebound=False,
    ),
    Mutation(
        "a reason altered in the manifest",
        "manifest-signature",
        "not the one that was signed",
        _in_manifest(_without_reason),
        rebound=False,
    ),
    Mutation(
        "a withheld entry unlisted",
        "withheld",
        "not listed in the manifest",
        _in_manifest(_unlisted),
        rebound=False,
    ),
    Mutation("the scope altered", "manifest-signature", "not the one", _in_manifest(_as_all), rebound=False),
    Mutation(
        "the manifest of another production",
        "files",
        "is not as the manifest lists it",
        _earlier_manifest,
        rebound=False,
    ),
    Mutation(
        "the entries of another production",
        "files",
        "entries.ndjson is not as",
        _earlier_entries,
        rebound=False,
    ),
    Mutation(
        "the manifest unsigned", "manifest-signature", "not a signed note", _no_signature, rebound=False
    ),
    Mutation(
        "the page shows other files",
        "page",
        "shows another entries.ndjson",
        _page_shows_another,
        rebound=False,
    ),
    Mutation("the map proof altered", "completeness", "not the whole file", _in_proof(_map_proof)),
    Mutation("the inclusion proof altered", "seal", "not the last entry", _in_proof(_inclusion_proof)),
    Mutation("the inclusion proof cut", "seal", "too short", _in_proof(_short_inclusion)),
    Mutation("the seal covers less", "seal", "does not cover", _in_proof(_seal_covers_less)),
    Mutation("the seal altered", "seal", "not the last entry", _in_proof(_seal_covers_less)),
    Mutation("the seal of another kind", "seal", "is not a seal", _in_proof(_seal_of_another_kind)),
    Mutation("the checkpoint over more", "checkpoint", "good signature", _in_proof(_checkpoint_size)),
    Mutation(
        "the checkpoint's signature altered", "checkpoint", "good signature", _in_proof(_checkpoint_signature)
    ),
    Mutation("the count altered", "entries", "counts other entries", _in_proof(_counted_less)),
    Mutation("the log renamed", "checkpoint", "is not the one that", _in_proof(_another_origin)),
)
"""Tampering that says what it is. Some stand twice: two checks notice, each with its own message."""

NOT_IN_PAGE: tuple[Mutation, ...] = (
    Mutation(
        "the page edited", "page", "was altered", _in_text(PAGE, "<title>", "<title>Forged: "), rebound=False
    ),
    Mutation(
        "the verifier swapped",
        "files",
        "verify.py is not as",
        _in_text("verify.py", "def main", "def mein"),
        rebound=False,
    ),
    Mutation(
        "the paper edited",
        "files",
        "privilege-log.csv is not as",
        _in_text("privilege-log.csv", "DRAFT", "FINAL"),
        rebound=False,
    ),
    Mutation("a file dropped", "container", "summary.pdf is missing", _dropped("summary.pdf"), rebound=False),
    Mutation(
        "the proof dropped", "container", "proof.json is missing", _dropped("proof.json"), rebound=False
    ),
    Mutation(
        "another checkpoint beside",
        "checkpoint",
        "checkpoint.txt is another",
        _in_text("checkpoint.txt", "\n", "x\n"),
    ),
)
"""Tampering with what the page does not hold, or cannot see of itself."""


# -- without sense ----------------------------------------------------------------------------------------


def flipped_bytes(files: Mapping[str, bytes], seed: int) -> Files:
    """One to three bytes of one file changed, anywhere."""
    dice = random.Random(seed)
    changed = dict(files)
    name = dice.choice(sorted(changed))
    content = bytearray(changed[name])
    for _ in range(dice.randint(1, 3)):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    changed[name] = bytes(content)
    return changed if changed != files else flipped_bytes(files, seed + 1_000_000)


STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**60,
    1.5,
    "",
    "\u202e",
    "0" * 64,
    [],
    [[]],
    {},
    {"...": 1},
    [1, [2]],
)


def strange_values(files: Mapping[str, bytes], seed: int) -> Files:
    """One value somewhere in the JSON replaced by something strange, or taken out; bound anew."""
    dice = random.Random(seed)
    changed = dict(files)
    name = dice.choice((MANIFEST, "proof.json", "entries.ndjson"))
    found: Any = lines(changed) if name.endswith(".ndjson") else part(changed, name)
    places = list(_places(found))
    holder, key = dice.choice(places)
    if dice.random() < 0.2:
        del holder[key]
    else:
        holder[key] = dice.choice([one for one in STRANGE if one != holder[key]])
    if name.endswith(".ndjson"):
        put_lines(changed, found)
    else:
        put(changed, name, found)
    try:
        rebind(changed)
    except (AttributeError, KeyError, TypeError):
        reshow(changed)
    return changed


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, held in list(members):
        yield value, key
        yield from _places(held)
