#!/usr/bin/env python3
"""Checks an evidence bundle of Engagement Ledger. One file, Python 3.8 or newer, nothing to install, no network.

    python3 verify.py BUNDLE.zip --key 'NAME+ID+BASE64'    (or the name of a file that holds the key)
    python3 verify.py FOLDER --key ...                     (the unpacked zip; by default this script's own folder)
    ... --witness KEY                                      (whoever cosigned the checkpoint; several)

Get the key from the practice or its counsel by another way than with the bundle: whoever can change a bundle can also
change a key that comes with it. Exit code 0: everything holds, and the key given signed it, or signed for the key that
took its place, which is said. 1: something does not hold, and each thing is named. 2: not decided: no key was given
("internally consistent" at most), or the call was wrong.

Each check is one function of section 4, in the order in which they run; the format is docs/reference/bundle.md of the
program. This script shares no code with the program that makes bundles.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import zipfile
from typing import Any, Callable, Iterator, Sequence

FORMAT = "engagement-ledger/bundle/v1"
UNLISTED = ("index.html", "manifest.json", "manifest.note")
TEXTS = ("entries.ndjson", "proof.json", "checkpoint.txt", "record.json")
PAPERS = ("summary.pdf", "privilege-log.csv", "records-certification.txt", "hash-certification.txt")
ALWAYS = (*UNLISTED, *TEXTS, "verify.py", *PAPERS)
IN_PAGE = (*UNLISTED[1:], *TEXTS, "keys.json", "analysis.json")
KNOWN = (*ALWAYS, "keys.json", "analysis.json", "timestamp.tsr")
PAGE_DATA = ('<script type="application/json" id="bundle">', "</script>")
MOST_BYTES = 2**29  # of all files together; a bundle of 5,000 entries has some twenty million
TOLD = 5  # messages of one check that are printed; the others are counted
FOLLOWED = "the key given signed for a key that took its place; if it was stolen before, ask for the present key"

class Wrong(Exception):  # noqa: N818
    """Something does not hold; the text says what."""

# -- 1. Reading what may come from anybody ------------------------------------------------------------------

def read_bundle(path: str) -> tuple[dict[str, bytes], list[str]]:
    """The files of a zip or of its unpacked folder, and what is wrong with that as a container."""
    files: dict[str, bytes] = {}
    wrong: list[str] = []
    try:
        zipped = None if os.path.isdir(path) else zipfile.ZipFile(path)
        places = {name: os.path.join(path, name) for name in KNOWN}  # what else lies in a folder is nobody's business
        found = [name for name, place in places.items() if os.path.isfile(place) and not os.path.islink(place)]
        for name in zipped.namelist() if zipped else found:
            if name in files or name not in KNOWN:
                why = "stands in the zip twice" if name in files else "is no file of a bundle"
                wrong.append("%s %s" % (shown(name), why))
                continue
            with zipped.open(name) if zipped else open(places[name], "rb") as file:
                files[name] = file.read(MOST_BYTES)
            if sum(map(len, files.values())) >= MOST_BYTES:
                wrong.append("the files are larger than %d bytes together" % MOST_BYTES)
                break
    except Exception as error:  # noqa: BLE001 - a damaged zip may raise nearly anything
        wrong.append("cannot be read: %s" % shown(str(error) or type(error).__name__))
    return files, wrong + ["%s is missing" % name for name in ALWAYS if name not in files]

def strict_json(text: str, what: str) -> Any:
    """JSON that every reader reads alike: no name twice, no fractions, no numbers beyond 2^53."""

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(members)) != len(members):
            raise Wrong("%s: a name stands twice in one JSON object" % what)
        return dict(members)

    def number(digits: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,16}", digits) or abs(int(digits)) >= 2**53:
            raise Wrong("%s: %s is no whole number that every reader keeps" % (what, shown(digits[:40])))
        return int(digits)

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=number)
    except (ValueError, RecursionError) as error:
        raise Wrong("%s is not JSON: %s" % (what, shown(error))) from None

def decoded(text: str, what: str, url: bool = False) -> bytes:
    """Base64 in the one spelling of its bytes; with `url` the alphabet that needs no padding."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4 if url else 0), b"-_" if url else None, validate=True)
        if encoded(data, url) == text:
            return data
    except (ValueError, TypeError):
        pass
    raise Wrong("%s is not base64 as it is written here" % what)

def encoded(data: bytes, url: bool = False) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=") if url else base64.b64encode(data).decode()

def shown(text: Any) -> str:
    """Text that cannot steer a terminal."""
    return "".join(c if c.isprintable() else "\\u%04x" % ord(c) for c in str(text)[:200])

# -- 2. Hashes: RFC 6962 section 2.1, RFC 9162 section 2.1.3.2, and the map of all streams --------------------

def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()

def leaf_hash(stored: str) -> bytes:
    return sha256(b"\x00", stored.encode(errors="surrogatepass"))

def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of at least one leaf; a node alone at the end of its level goes up as it is."""
    level = list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\x01", left, right) for left, right in zip(level[::2], level[1::2])] + odd
    return level[0]

def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[Any]) -> bytes:
    """The root to which the inclusion proof of the leaf at an index leads."""
    place, last, found = index, size - 1, leaf
    for sibling in [decoded(one, "an inclusion proof") for one in path]:
        if last == 0:
            raise Wrong("the inclusion proof is too long")
        if place % 2 or place == last:
            found = sha256(b"\x01", sibling, found)
            while place and place % 2 == 0:
                place, last = place // 2, last // 2
        else:
            found = sha256(b"\x01", found, sibling)
        place, last = place // 2, last // 2
    if last:
        raise Wrong("the inclusion proof is too short")
    return found

def root_of_map(key: bytes, value: bytes, path: bytes) -> bytes:
    """The root to which a proof in the map of streams leads: bit (1 byte), sibling (32), from the leaf up."""
    found, below = sha256(key, value), 256
    for at in range(0, len(path), 33):
        bit, sibling = path[at], path[at + 1 : at + 33]
        if bit >= below or len(sibling) != 32:
            raise Wrong("the map proof does not go from a leaf to the root")
        right = key[bit // 8] >> (7 - bit % 8) & 1
        found, below = sha256(*((sibling, found) if right else (found, sibling)), bytes((bit,))), bit
    return found

# -- 3. Signatures: Ed25519 (RFC 8032 section 5.1), signed notes and their keys (C2SP signed-note) -------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE = (  # a point of the curve is (x, y)
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)
NEUTRAL = (0, 1)

def add(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = p, q
    k = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P

def times(factor: int, p: tuple[int, int]) -> tuple[int, int]:
    result = NEUTRAL
    while factor:
        result = add(result, p) if factor & 1 else result
        p, factor = add(p, p), factor >> 1
    return result

def point(encoded: bytes) -> tuple[int, int]:
    """RFC 8032 section 5.1.3, and only the one encoding of each point."""
    y, sign = int.from_bytes(encoded, "little") & (2**255 - 1), encoded[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if len(encoded) != 32 or y >= P or (x * x - square) % P or (x == 0 and sign):
        raise Wrong("not a point of the curve")
    return (x if x & 1 == sign else P - x), y

def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """RFC 8032 section 5.1.7. A key of low order, under which one signature fits many texts, is none."""
    try:
        a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    except (Wrong, IndexError):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    good = len(signature) == 64 and s < ORDER and times(8, a) != NEUTRAL
    return good and times(s, BASE) == add(r, times(k, a))

def key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode(errors="replace"), b"\n", bytes((kind,)), public)[:4]

class Key:
    """A public key as text, name+id+base64(type, 32 bytes); the id is made from all of it."""

    def __init__(self, text: str, kinds: Sequence[int] = (1,)) -> None:
        self.text = text.strip()
        name, _, rest = self.text.partition("+")
        stated, _, typed = rest.partition("+")
        data = decoded(typed, "the key %s" % shown(text))
        if not name or len(data) != 33 or data[0] not in kinds or stated != key_id(name, data[0], data[1:]).hex():
            raise Wrong("%s is no public key, or is mistyped: expected name+id+base64" % shown(text))
        self.name, self.public, self.id = name, data[1:], key_id(name, kinds[0], data[1:])

def opened(note: str, what: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """A note's text, and of each signature the name, the key's id, and what was signed with."""
    text, gap, block = note.rpartition("\n\n")
    lines = [line.split(" ") for line in block.split("\n")[:-1]]
    if not gap or not lines or len(lines) > 100 or any(len(one) != 3 or one[0] != "\u2014" for one in lines):
        raise Wrong("%s is not a signed note" % what)
    found = [(name, decoded(data, "%s: a signature" % what)) for _, name, data in lines]
    return text + "\n", [(name, data[:4], data[4:]) for name, data in found]

def signed_text(note: str, key: Key, what: str) -> str:
    """The text of a note that this key has signed."""
    text, signatures = opened(note, what)
    own = [signature for name, identity, signature in signatures if (name, identity) == (key.name, key.id)]
    if not own or not all(is_signed(key.public, text.encode(), one) for one in own):
        raise Wrong("%s does not bear a good signature by %s" % (what, shown(key.name)))
    return text

def head(note: str, what: str) -> tuple[str, int, bytes]:
    """Log, size and root, as a checkpoint states them."""
    lines = opened(note, what)[0].split("\n")
    if len(lines) < 4 or not re.fullmatch(r"[1-9][0-9]{0,15}", lines[1], re.ASCII):
        raise Wrong("%s does not state a log, a size and a root" % what)
    return lines[0], int(lines[1]), decoded(lines[2], "%s: the root" % what)

# -- 4. The checks -------------------------------------------------------------------------------------------

class Bundle:
    """The parts of a bundle, read when they are asked for; what is missing or malformed raises Wrong."""

    def __init__(self, files: dict[str, bytes], key: Key | None, witnesses: Sequence[Key]) -> None:
        self.files, self.key, self.witnesses = files, key, witnesses
        self.read: dict[str, Any] = {}
        self.remarks: list[str] = []

    def text(self, name: str) -> str:
        try:
            return self.files[name].decode()
        except (KeyError, UnicodeDecodeError):
            raise Wrong("%s is missing, or is not UTF-8 text" % name) from None

    def __getitem__(self, name: str) -> Any:
        """A JSON file, or entries.ndjson as its lines; read once."""
        if name not in self.read and name.endswith(".ndjson"):
            lines = enumerate(self.text(name).split("\n")[:-1], 1)
            self.read[name] = [strict_json(line, "%s line %d" % (name, at)) for at, line in lines]
        elif name not in self.read:
            self.read[name] = strict_json(self.text(name), name)
        return self.read[name]

    def entries(self) -> Iterator[tuple[int, dict[str, Any], Any]]:
        """The produced entries: number, line of entries.ndjson, what the stored bytes say."""
        for line in self["entries.ndjson"]:
            if "entry" in line:
                yield line["seq"], line, strict_json(line["entry"], "entry %s" % shown(line["seq"]))

    def leaves(self) -> list[bytes]:
        """The leaf hashes of the file's entries."""
        stated = self["proof.json"]["leaf_hashes"]
        leaves = [bytes.fromhex(leaf) for leaf in stated]
        if [leaf.hex() for leaf in leaves] != stated or any(len(leaf) != 32 for leaf in leaves):
            raise Wrong("proof.json: a leaf hash is not 64 small hexadecimal digits")
        return leaves

    def head(self) -> tuple[str, int, bytes]:
        return head(self["proof.json"]["checkpoint"], "the checkpoint")

    def seal(self) -> Any:
        return strict_json(self["proof.json"]["seal"]["entry"], "the seal")

    def changes(self) -> list[tuple[Any, Any]]:
        """The changes of the signing key, earliest first: the proof of each, and what its entry says."""
        links = self["keys.json"]["changes"] if "keys.json" in self.files else []
        return [(link, strict_json(link["entry"], "keys.json: an entry")) for link in links]

def manifest(b: Bundle) -> Iterator[str]:
    """The manifest is of this format, and speaks of the same client, log and key as the proof."""
    m, proof = b["manifest.json"], b["proof.json"]
    if m["format"] != FORMAT:
        yield "manifest.json is not of the format %s" % FORMAT
    if [m["stream"], m["origin"], m["key"]] != [proof["stream"], proof["origin"], proof["verifier"]]:
        yield "manifest.json speaks of another client, log or key than proof.json"
    if m["contains_analysis"] is not ("analysis.json" in b.files):
        yield "manifest.json says otherwise whether there is an analysis"

def manifest_signature(b: Bundle) -> Iterator[str]:
    """The manifest is the one that the ledger's key signed."""
    text = signed_text(b.text("manifest.note"), Key(b["proof.json"]["verifier"]), "manifest.note")
    if text != "%s\n%s\n%s\n" % (FORMAT, b["proof.json"]["origin"], sha256(b.files["manifest.json"]).hex()):
        yield "manifest.json is not the one that was signed: it was altered, or is of another production"

def files(b: Bundle) -> Iterator[str]:
    """Every file is as the manifest lists it, and none was added."""
    listed = {one["name"]: one["sha256"] for one in b["manifest.json"]["files"]}
    for name in sorted(set(listed) | (set(b.files) - set(UNLISTED))):
        if name not in b.files:
            yield "%s is listed in the manifest, and missing" % shown(name)
        elif listed.get(name) != sha256(b.files[name]).hex():
            yield "%s is not as the manifest lists it: it was altered or added" % name

def page(b: Bundle) -> Iterator[str]:
    """The page is the one that was made, and what it shows are these files."""
    before, opening, rest = b.text("index.html").partition(PAGE_DATA[0])
    data, closing, after = rest.partition(PAGE_DATA[1])
    if sha256((before + opening + closing + after).encode()).hex() != b["manifest.json"]["page_sha256"]:
        yield "index.html was altered: it is not the page that was made"
    copies = strict_json(data, "the data in index.html")["files"]
    for name in sorted({*copies, *IN_PAGE}):
        if copies.get(name) != (b.text(name) if name in b.files else None):
            yield "index.html shows another %s than the file in the bundle" % shown(name)

def entries(b: Bundle) -> Iterator[str]:
    """The record has one line for each entry of the client's file, in order."""
    count, numbers = len(b.leaves()), [line["seq"] for line in b["entries.ndjson"]]
    if b["proof.json"]["count"] != count or not b.text("entries.ndjson").endswith("\n"):
        yield "proof.json counts other entries than it has leaf hashes for, or entries.ndjson is cut short"
    missing = sorted(set(range(1, count + 1)) - set(numbers))
    yield from ("entry %d is missing: the file has %d entries" % (seq, count) for seq in missing)
    if not missing and numbers != list(range(1, count + 1)):
        yield "entries.ndjson has lines that are not of this file, or not in order"

def leaf(b: Bundle) -> Iterator[str]:
    """Each entry has the leaf hash that the proof rests on, and its bytes hash to it."""
    leaves = b.leaves()
    for line in b["entries.ndjson"]:
        if not 1 <= line["seq"] <= len(leaves) or leaves[line["seq"] - 1].hex() != line["leaf_hash"]:
            yield "entry %s: its leaf hash is not the one in proof.json" % shown(line["seq"])
        if "entry" in line and leaf_hash(line["entry"]).hex() != line["leaf_hash"]:
            yield "entry %s was altered: its bytes do not hash to its leaf hash" % shown(line["seq"])

def chain(b: Bundle) -> Iterator[str]:
    """Each entry is of this client's file, in its place, and names the one before it."""
    leaves, stream = b.leaves(), b["manifest.json"]["stream"]
    for seq, _, said in b.entries():
        if said["stream"] != stream:
            yield "entry %s is of another file: %s, not %s" % (shown(seq), shown(said["stream"]), shown(stream))
        elif said["seq"] != seq:
            yield "entry %s says that it is entry %s" % (shown(seq), shown(said["seq"]))
        if said["prev"] != (leaves[seq - 2].hex() if seq > 1 else "0" * 64):
            yield "entry %s does not follow the entry before it" % shown(seq)

def sealed(said: Any) -> Iterator[tuple[str, str]]:
    """The sealed fields of an entry, each with its digest."""
    for path, fields in (("", said["data"]), ("changes.", said["data"].get("changes") or {})):
        for name, value in fields.items():
            if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and "..." in value[0]:
                yield path + name, value[0]["..."]

def withheld(b: Bundle) -> Iterator[str]:
    """Entries and texts are withheld and revealed exactly as the manifest lists."""
    m = b["manifest.json"]
    listed = {one["seq"] for one in m["withheld"]}
    there = {line["seq"] for line in b["entries.ndjson"] if "entry" not in line}
    for seq in sorted(listed ^ there):
        why = "produced, but the manifest says it is" if seq in listed else "not listed in the manifest, and"
        yield "entry %s is %s withheld" % (shown(seq), why)
    if m["entries"]["in_file"] != len(b.leaves()) or m["entries"]["withheld"] != len(m["withheld"]):
        yield "manifest.json counts other entries than there are"
    texts = {(one["seq"], one["field"]): (one["digest"], one["status"]) for one in m["texts"]}
    for seq, line, said in b.entries():
        for field, digest in sealed(said):
            stated, status = texts.pop((seq, field), (None, None))
            if stated != digest:
                yield "entry %s: the manifest does not list its sealed field %s" % (shown(seq), shown(field))
            elif (digest in line["disclosures"]) != (status == "revealed"):
                state = "shown" if digest in line["disclosures"] else "not shown"
                yield "entry %s: %s is %s, but the manifest says: %s" % (shown(seq), shown(field), state, shown(status))
    if texts:
        yield "manifest.json lists sealed fields that no entry produced has"

def texts(b: Bundle) -> Iterator[str]:
    """Each revealed text is the one that its entry commits to by digest."""
    for seq, line, said in b.entries():
        for digest, text in line["disclosures"].items():
            if digest not in [committed for _, committed in sealed(said)]:
                yield "entry %s: a text is shown of which the entry has no digest" % shown(seq)
            elif encoded(sha256(text.encode()), url=True) != digest:
                yield "entry %s: a revealed text was altered: it has not the digest in the entry" % shown(seq)
            elif len(strict_json(decoded(text, "a revealed text", url=True).decode(), "a revealed text")) != 2:
                yield "entry %s: a revealed text is not a salt and a value" % shown(seq)

def completeness(b: Bundle) -> Iterator[str]:
    """The seal commits that this client's file has exactly these entries."""
    leaves, stream = b.leaves(), b["proof.json"]["stream"]
    key = sha256(b"el/stream/v1\n", b.head()[0].encode(), b"\n", stream.encode())
    value = sha256(b"el/head/v1\n", len(leaves).to_bytes(8, "big"), tree_root(leaves))
    path = decoded(b["proof.json"]["map_proof"], "proof.json: map_proof")
    if root_of_map(key, value, path).hex() != b.seal()["data"]["map_root"]:
        yield "the seal commits other entries for this client: this is not the whole file"

def seal(b: Bundle) -> Iterator[str]:
    """The last entry under the checkpoint is a seal of all streams, and covers every entry before it."""
    (_, size, root), stated, said = b.head(), b["proof.json"]["seal"], b.seal()
    if (said["type"], said["stream"]) != ("StreamIndexCommitted", "ledger"):
        yield "the checkpoint's last entry is not a seal"
    if said["data"]["covers"] != size - 1:
        yield "the seal does not cover every entry before it"
    if root_by_inclusion(leaf_hash(stated["entry"]), size - 1, size, stated["inclusion_proof"]) != root:
        yield "the seal is not the last entry under the checkpoint"

def checkpoint(b: Bundle) -> Iterator[str]:
    """The checkpoint is of this log, signed, and the same wherever it stands."""
    proof, (origin, size, root) = b["proof.json"], b.head()
    signed_text(proof["checkpoint"], Key(proof["verifier"]), "the checkpoint")
    stated = b["manifest.json"]["checkpoint"]
    if [origin, size, root.hex()] != [proof["origin"], stated["size"], stated["root"]]:
        yield "the checkpoint is not the one that manifest.json and proof.json speak of"
    if not b.text("checkpoint.txt").startswith(proof["checkpoint"]):
        yield "checkpoint.txt is another checkpoint than the one that the proof rests on"

def cosignatures(b: Bundle) -> Iterator[str]:
    """Those of the witnesses given are good: C2SP tlog-cosignature, v1."""
    text, signatures = opened(b.text("checkpoint.txt"), "checkpoint.txt")
    for witness in b.witnesses:
        own = [data for name, identity, data in signatures if (name, identity) == (witness.name, witness.id)]
        if not own:
            yield "%s did not cosign this checkpoint" % shown(witness.name)
        for data in own:
            message = b"cosignature/v1\ntime %d\n" % int.from_bytes(data[:8], "big") + text.encode()
            if not is_signed(witness.public, message, data[8:]):
                yield "the cosignature of %s is not good" % shown(witness.name)
    known = [Key(b["proof.json"]["verifier"]).id, *(one.id for one in b.witnesses)]
    for name in sorted({shown(name) for name, identity, _ in signatures if identity not in known}):
        b.remarks.append("cosigned by %s, which is not checked: no --witness key was given for it" % name)

def time_stamp(b: Bundle) -> Iterator[str]:
    """The time-stamp, where there is one, names this checkpoint; its own signature is for openssl ts -verify."""
    note, stamp = b["proof.json"]["checkpoint"].encode(), b.files.get("timestamp.tsr")
    imprints = [hashlib.new(kind, note).digest() for kind in ("sha256", "sha384", "sha512")]
    if stamp is not None and not any(imprint in stamp for imprint in imprints):
        yield "timestamp.tsr is of something else than this checkpoint"

def keys(b: Bundle) -> Iterator[str]:
    """Each change of the signing key is an entry of this log for which the old key and the new one have signed."""
    before = None
    for link, said in b.changes():
        place, (log, size, root) = link["position"], head(link["checkpoint"], "keys.json: a checkpoint")
        old, new = said["data"]["replaced"], said["data"]["verifier"]
        if (said["type"], said["stream"], log) != ("SigningKeyChanged", "ledger", b["proof.json"]["origin"]):
            yield "keys.json: entry %s is no change of this log's signing key" % shown(place)
        if root_by_inclusion(leaf_hash(link["entry"]), place - 1, size, link["inclusion_proof"]) != root:
            yield "keys.json: entry %s is not under its checkpoint" % shown(place)
        for key in (old, new):
            signed_text(link["checkpoint"], Key(key), "keys.json: the checkpoint of entry %s" % shown(place))
        if before not in (None, old):
            yield "keys.json: entry %s replaces another key than the one in force" % shown(place)
        before = new
    if before is not None and before != b["proof.json"]["verifier"]:
        yield "keys.json does not end with the key that signed"

def signer(b: Bundle) -> Iterator[str]:
    """Whoever signed is the one whose key was given, or took over from that key."""
    if b.key is not None and b.key.text != b["proof.json"]["verifier"]:
        if b.key.text in [said["data"]["replaced"] for _, said in b.changes()]:
            b.remarks.append(FOLLOWED)
        else:
            yield "signed by another key than the one given"

CHECKS: Sequence[Callable[[Bundle], Iterator[str]]] = (
    *(manifest, manifest_signature, files, page, entries, leaf, chain, withheld, texts),
    *(completeness, seal, checkpoint, cosignatures, time_stamp, keys, signer),
)

# -- 5. What is reported -------------------------------------------------------------------------------------

def verify(path: str, key: Key | None = None, witnesses: Sequence[Key] = ()) -> tuple[list[Any], list[str]]:
    """Each check's name, what it stands for, and what is wrong (nothing: it holds); and remarks. Never raises."""
    found, wrong = read_bundle(path)
    bundle = Bundle(found, key, witnesses)
    results = [("container", "The files are there, each once, and no others.", wrong)]
    for check in CHECKS:
        wrong = []
        try:
            wrong.extend(check(bundle))  # what was found before a check cannot go on stays
        except Wrong as reason:
            wrong.append(str(reason))
        except Exception as error:  # noqa: BLE001 - whatever hostile input makes a check raise is a finding, too
            wrong.append("cannot be checked: not of the form expected (%s: %s)" % (type(error).__name__, shown(error)))
        results.append((check.__name__.replace("_", "-"), check.__doc__ or "", wrong))
    return results, bundle.remarks

def key_of(given: str, kinds: Sequence[int] = (1,)) -> Key:
    """The key itself, or what stands in the file of that name."""
    if os.path.isfile(given):
        with open(given, encoding="utf-8", errors="replace") as file:
            given = file.read(10_000)
    return Key(given, kinds)

def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check an evidence bundle of Engagement Ledger.")
    parser.add_argument("bundle", nargs="?", default=os.path.dirname(os.path.abspath(__file__)), help="zip or folder")
    parser.add_argument("its_key", nargs="?", metavar="KEY", help="the same as --key")
    parser.add_argument("--key", help="the practice's public key, or a file that holds it")
    parser.add_argument("--witness", action="append", default=[], help="a witness's public key, or a file")
    given = parser.parse_intermixed_args(arguments)  # --key may stand before the bundle
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        key = key_of(given.key or given.its_key) if given.key or given.its_key else None
        results, remarks = verify(given.bundle, key, [key_of(one, (4, 1)) for one in given.witness])
    except (Wrong, OSError) as reason:
        print("The key cannot be used: %s" % reason)
        return 2
    for name, meaning, wrong in results:
        print("%-6s %-19s %s" % ("FAILS" if wrong else "holds", name, meaning))
        for message in wrong[:TOLD] + ["and %d more" % (len(wrong) - TOLD)] * (len(wrong) > TOLD):
            print("       " + message)
    for remark in remarks:
        print("note   " + remark)
    if any(wrong for _, _, wrong in results):
        print("\nDOES NOT HOLD. What is wrong is named above.")
        return 1
    if key is None:
        print("\nInternally consistent; signer not verified. Get the public key by another way: --key KEY.")
        return 2
    by = "a successor of the key given" if FOLLOWED in remarks else "the key given"
    print("\nHolds: unchanged, complete at its seal, and signed by %s." % by)
    return 0

if __name__ == "__main__":
    sys.exit(main())
