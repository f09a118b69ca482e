// The texts of a bundle that the page holds, and what stands in them. The twin of `Bundle` in verify.py.

const FORMAT = "engagement-ledger/bundle/v1";
const UNLISTED = ["index.html", "manifest.json", "manifest.note"];
const TEXTS = ["entries.ndjson", "proof.json", "checkpoint.txt", "record.json"];
const HELD = ["manifest.json", "manifest.note", ...TEXTS, "keys.json", "analysis.json"];

// What was read of the same texts before: they do not change.
const READ = new WeakMap();

// The texts that the page holds, read when they are asked for; what is missing or malformed raises Wrong.
class Bundle {
  constructor(files, key = null, witnesses = []) {
    if (!READ.has(files)) READ.set(files, new Map());
    Object.assign(this, { files, key, witnesses, read: READ.get(files), remarks: [] });
  }

  once(name, make) {
    if (!this.read.has(name)) this.read.set(name, make());
    return this.read.get(name);
  }

  has(name) {
    return Object.hasOwn(this.files, name);
  }

  text(name) {
    if (!this.has(name) || typeof this.files[name] !== "string") throw new Wrong(`${name} is missing`);
    return this.files[name];
  }

  // A JSON file, or entries.ndjson as its lines.
  part(name) {
    return this.once(name, () => {
      if (!name.endsWith(".ndjson")) return anObject(strictJson(this.text(name), name), name);
      const lines = this.text(name).split("\n").slice(0, -1);
      return lines.map((line, at) => aLine(strictJson(line, `${name} line ${at + 1}`), `${name} line ${at + 1}`));
    });
  }

  // The produced entries: number, line of entries.ndjson, what the stored bytes say.
  entries() {
    return this.once("the entries", () =>
      this.part("entries.ndjson")
        .filter((line) => Object.hasOwn(line, "entry"))
        .map((line) => ({
          seq: line.seq,
          line,
          says: anObject(strictJson(line.entry, `entry ${line.seq}`), `entry ${line.seq}`),
        })),
    );
  }

  leaves() {
    return this.once("the leaves", () => this.part("proof.json").leaf_hashes.map((leaf) => hexed(leaf)));
  }

  checkpoint() {
    return headOf(this.part("proof.json").checkpoint, "the checkpoint");
  }

  seal() {
    return anObject(strictJson(this.part("proof.json").seal.entry, "the seal"), "the seal");
  }

  // The changes of the signing key, earliest first: the proof of each, and what its entry says.
  changes() {
    const links = this.has("keys.json") ? this.part("keys.json").changes : [];
    return links.map((link) => ({ link, says: anObject(strictJson(link.entry, "keys.json: an entry"), "keys.json: an entry") }));
  }

  named() {
    return Key.of(this.part("proof.json").verifier);
  }
}

function anObject(value, what) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Wrong(`${what} is not of the form expected`);
  }
  return value;
}

// A line of entries.ndjson: an entry's number, and the texts it reveals if it is produced.
function aLine(value, what) {
  const line = anObject(value, what);
  if (!Number.isSafeInteger(line.seq)) throw new Wrong(`${what} is not of the form expected`);
  if (Object.hasOwn(line, "entry")) anObject(line.disclosures, what);
  return line;
}

// The sealed fields of an entry, each with its digest: [{"...": digest}], RFC 9901.
function sealedFields(says) {
  const found = [];
  for (const [path, fields] of [["", says.data], ["changes.", says.data.changes ?? {}]]) {
    for (const [name, value] of Object.entries(fields)) {
      const single = Array.isArray(value) && value.length === 1 ? value[0] : null;
      if (typeof single === "object" && single !== null && Object.hasOwn(single, "...")) {
        found.push({ field: path + name, digest: single["..."] });
      }
    }
  }
  return found;
}

// What a revealed text says: base64url of JSON [salt, value]. Only of one that hashes to its digest.
function disclosed(text) {
  const pair = strictJson(asText(decoded(text, "a revealed text", true), "a revealed text"), "a revealed text");
  return Array.isArray(pair) && pair.length === 2 ? pair : null;
}

async function digestOf(text) {
  return base64(await sha256(utf8(text)), true);
}
