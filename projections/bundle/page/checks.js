// The checks of an evidence bundle (docs/reference/bundle.md, "What is checked"), in the order in which they run. The
// twin of section 4 of verify.py: the same checks, the same messages. Each yields what is wrong; nothing: it holds.
//
// A page cannot look at itself, nor at files that are not in it. What that leaves unchecked is said as a remark.

function about(seq, text) {
  return { seq, text };
}

async function* manifestIs(b) {
  const [m, proof] = [b.part("manifest.json"), b.part("proof.json")];
  if (m.format !== FORMAT) yield `manifest.json is not of the format ${FORMAT}`;
  if (m.stream !== proof.stream || m.origin !== proof.origin || m.key !== proof.verifier) {
    yield "manifest.json speaks of another client, log or key than proof.json";
  }
  if (m.contains_analysis !== b.has("analysis.json")) {
    yield "manifest.json says otherwise whether there is an analysis";
  }
}

async function* manifestIsSigned(b) {
  const text = await signedText(b.text("manifest.note"), await b.named(), "manifest.note");
  const digest = hex(await sha256(utf8(b.text("manifest.json"))));
  if (text !== `${FORMAT}\n${b.part("proof.json").origin}\n${digest}\n`) {
    yield "manifest.json is not the one that was signed: it was altered, or is of another production";
  }
}

async function* filesAreAsListed(b) {
  const listed = new Map(b.part("manifest.json").files.map((file) => [file.name, file.sha256]));
  const expected = TEXTS.filter((name) => !listed.has(name) && !b.has(name));
  for (const name of expected) yield `${name} is missing`;
  const elsewhere = [];
  for (const name of [...new Set([...listed.keys(), ...Object.keys(b.files)])].sort()) {
    if (UNLISTED.includes(name)) continue;
    if (b.has(name)) {
      const digest = hex(await sha256(utf8(b.files[name])));
      if (listed.get(name) !== digest) yield `${name} is not as the manifest lists it: it was altered or added`;
    } else if (HELD.includes(name)) {
      yield `${name} is listed in the manifest, and missing`;
    } else {
      elsewhere.push(name);
    }
  }
  b.remarks.push({ check: "files", elsewhere });
}

async function* pageHoldsThem(b) {
  for (const name of HELD) {
    const listed = () => b.part("manifest.json").files.some((file) => file.name === name);
    const wanted = TEXTS.includes(name) || UNLISTED.includes(name) || listed();
    if (wanted && !b.has(name)) yield `this page holds no copy of ${name}`;
  }
  for (const name of Object.keys(b.files)) {
    if (!HELD.includes(name)) yield `this page holds something that is no file of a bundle: ${name}`;
  }
  b.remarks.push({ check: "page" });
}

async function* entriesAreAllThere(b) {
  const [count, numbers] = [b.leaves().length, b.part("entries.ndjson").map((line) => line.seq)];
  if (b.part("proof.json").count !== count || !b.text("entries.ndjson").endsWith("\n")) {
    yield "proof.json counts other entries than it has leaf hashes for, or entries.ndjson is cut short";
  }
  const there = new Set(numbers);
  let missing = false;
  for (let seq = 1; seq <= count; seq += 1) {
    if (there.has(seq)) continue;
    missing = true;
    yield `entry ${seq} is missing: the file has ${count} entries`;
  }
  if (!missing && (numbers.length !== count || numbers.some((seq, at) => seq !== at + 1))) {
    yield "entries.ndjson has lines that are not of this file, or not in order";
  }
}

async function* leavesFit(b) {
  const leaves = b.leaves().map(hex);
  const lines = b.part("entries.ndjson");
  const own = (line) => (Object.hasOwn(line, "entry") ? leafHash(utf8(line.entry)) : null);
  const hashes = await Promise.all(lines.map(own));
  for (const [at, line] of lines.entries()) {
    if (!Number.isSafeInteger(line.seq) || line.seq < 1 || leaves[line.seq - 1] !== line.leaf_hash) {
      yield about(line.seq, `entry ${line.seq}: its leaf hash is not the one in proof.json`);
    }
    if (hashes[at] !== null && hex(hashes[at]) !== line.leaf_hash) {
      yield about(line.seq, `entry ${line.seq} was altered: its bytes do not hash to its leaf hash`);
    }
  }
}

async function* chainHolds(b) {
  const [leaves, stream] = [b.leaves(), b.part("manifest.json").stream];
  for (const { seq, says } of b.entries()) {
    if (says.stream !== stream) {
      yield about(seq, `entry ${seq} is of another file: ${says.stream}, not ${stream}`);
    } else if (says.seq !== seq) {
      yield about(seq, `entry ${seq} says that it is entry ${says.seq}`);
    }
    if (says.prev !== (seq > 1 ? hex(leaves[seq - 2]) : "0".repeat(64))) {
      yield about(seq, `entry ${seq} does not follow the entry before it`);
    }
  }
}

async function* withheldAsListed(b) {
  const m = b.part("manifest.json");
  const listed = new Set(m.withheld.map((one) => one.seq));
  const there = new Set(b.part("entries.ndjson").filter((line) => !Object.hasOwn(line, "entry")).map((line) => line.seq));
  for (const seq of [...new Set([...listed, ...there])].sort((a, z) => a - z)) {
    if (listed.has(seq) === there.has(seq)) continue;
    const why = listed.has(seq) ? "produced, but the manifest says it is" : "not listed in the manifest, and";
    yield about(seq, `entry ${seq} is ${why} withheld`);
  }
  if (m.entries.in_file !== b.leaves().length || m.entries.withheld !== m.withheld.length) {
    yield "manifest.json counts other entries than there are";
  }
  const texts = new Map(m.texts.map((one) => [JSON.stringify([one.seq, one.field]), one]));
  for (const { seq, line, says } of b.entries()) {
    for (const { field, digest } of sealedFields(says)) {
      const place = JSON.stringify([seq, field]);
      const stated = texts.get(place);
      texts.delete(place);
      const shown = Object.hasOwn(line.disclosures, digest);
      if (stated?.digest !== digest) {
        yield about(seq, `entry ${seq}: the manifest does not list its sealed field ${field}`);
      } else if (shown !== (stated.status === "revealed")) {
        const state = shown ? "shown" : "not shown";
        yield about(seq, `entry ${seq}: ${field} is ${state}, but the manifest says: ${stated.status}`);
      }
    }
  }
  if (texts.size > 0) yield "manifest.json lists sealed fields that no entry produced has";
}

async function* textsFit(b) {
  const all = b.entries().flatMap(({ seq, line, says }) => {
    const committed = new Set(sealedFields(says).map((one) => one.digest));
    return Object.entries(line.disclosures).map(([digest, text]) => ({ seq, digest, text, committed }));
  });
  const digests = await Promise.all(all.map((one) => digestOf(one.text)));
  for (const [at, { seq, digest, text, committed }] of all.entries()) {
    if (!committed.has(digest)) {
      yield about(seq, `entry ${seq}: a text is shown of which the entry has no digest`);
    } else if (digests[at] !== digest) {
      yield about(seq, `entry ${seq}: a revealed text was altered: it has not the digest in the entry`);
    } else if (disclosed(text) === null) {
      yield about(seq, `entry ${seq}: a revealed text is not a salt and a value`);
    }
  }
}

// The page's own check: the words that it shows (record.json) are of these entries. verify.py shows no words.
async function* wordsFit(b) {
  const [m, record] = [b.part("manifest.json"), b.part("record.json")];
  const says = new Map(b.entries().map((one) => [one.seq, one.says]));
  const lines = b.part("entries.ndjson");
  if (record.entries.length !== lines.length) yield "the page tells of other entries than there are";
  for (const [at, told] of record.entries.entries()) {
    const { seq } = lines[at] ?? {};
    const number = `${m.bates_prefix}-${String(seq).padStart(6, "0")}`;
    if (told.seq !== seq || told.number !== number || Object.hasOwn(told, "withheld") === says.has(seq)) {
      yield about(seq, `entry ${seq}: the page tells of another entry`);
    } else if (says.has(seq) && !isToldOf(told, says.get(seq))) {
      yield about(seq, `entry ${seq}: the page tells another type, time or author than the stored bytes`);
    }
  }
  const { in_file, produced, withheld } = record.counts;
  if (in_file !== lines.length || produced !== says.size || withheld !== lines.length - says.size) {
    yield "the page counts other entries than there are";
  }
}

// Whether the coded part of what is told of an entry is that of its stored bytes, before corrections.
function isToldOf(told, says) {
  const first = (field) => {
    const change = told.changes.find((one) => one.field === field);
    return change === undefined ? told[field] : change.was;
  };
  return (
    told.type === says.type &&
    told.recorded_at === says.at &&
    first("occurred_at") === says.occurred_at &&
    first("by") === says.by &&
    (told.override === null) === !Object.hasOwn(says, "override") &&
    told.marks.includes("as found") === (says.admitted === "as-found")
  );
}

async function* isComplete(b) {
  const [leaves, stream] = [b.leaves(), b.part("proof.json").stream];
  const key = await sha256(utf8("el/stream/v1\n"), utf8(b.checkpoint().origin), utf8("\n"), utf8(stream));
  const value = await sha256(utf8("el/head/v1\n"), eightBytes(leaves.length), await treeRoot(leaves));
  const path = decoded(b.part("proof.json").map_proof, "proof.json: map_proof");
  if (hex(await rootOfMap(key, value, path)) !== b.seal().data.map_root) {
    yield "the seal commits other entries for this client: this is not the whole file";
  }
}

async function* sealIsLast(b) {
  const [{ size, root }, stated, says] = [b.checkpoint(), b.part("proof.json").seal, b.seal()];
  if (says.type !== "StreamIndexCommitted" || says.stream !== "ledger") {
    yield "the checkpoint's last entry is not a seal";
  }
  if (says.data.covers !== size - 1) yield "the seal does not cover every entry before it";
  const found = await rootByInclusion(await leafHash(utf8(stated.entry)), size - 1, size, stated.inclusion_proof);
  if (hex(found) !== hex(root)) yield "the seal is not the last entry under the checkpoint";
}

async function* checkpointIsSigned(b) {
  const [proof, { origin, size, root }] = [b.part("proof.json"), b.checkpoint()];
  await signedText(proof.checkpoint, await b.named(), "the checkpoint");
  const stated = b.part("manifest.json").checkpoint;
  if (origin !== proof.origin || size !== stated.size || hex(root) !== stated.root) {
    yield "the checkpoint is not the one that manifest.json and proof.json speak of";
  }
  if (!b.text("checkpoint.txt").startsWith(proof.checkpoint)) {
    yield "checkpoint.txt is another checkpoint than the one that the proof rests on";
  }
}

// C2SP tlog-cosignature, v1: eight bytes of time, then a signature over that time and the checkpoint.
async function* cosignaturesAreGood(b) {
  const { text, signatures } = opened(b.text("checkpoint.txt"), "checkpoint.txt");
  for (const witness of b.witnesses) {
    const own = signatures.filter((one) => one.name === witness.name && one.id === witness.id);
    if (own.length === 0) yield `${witness.name} did not cosign this checkpoint`;
    for (const { signature } of own) {
      const time = signature.length === 72 ? new DataView(signature.slice(0, 8).buffer).getBigUint64(0) : null;
      const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
      if (time === null || !(await isSigned(witness.publicKey, message, signature.subarray(8)))) {
        yield `the cosignature of ${witness.name} is not good`;
      }
    }
  }
  const own = await b.named();
  const known = [own.id, ...b.witnesses.map((one) => one.id)];
  const others = signatures.filter((one) => !known.includes(one.id)).map((one) => one.name);
  b.remarks.push({ check: "cosignatures", unknown: [...new Set(others)].sort() });
}

async function* timeStampFits(b) {
  const there = b.part("manifest.json").files.some((file) => file.name === "timestamp.tsr");
  b.remarks.push({ check: "time-stamp", there });
}

// Each change of the signing key: an entry of this log, for which the old key and the new one have signed.
async function* keysFollow(b) {
  let before = null;
  for (const { link, says } of b.changes()) {
    const { origin, size, root } = headOf(link.checkpoint, "keys.json: a checkpoint");
    const [place, { replaced, verifier }] = [link.position, says.data];
    if (says.type !== "SigningKeyChanged" || says.stream !== "ledger" || origin !== b.part("proof.json").origin) {
      yield `keys.json: entry ${place} is no change of this log's signing key`;
    }
    const found = await rootByInclusion(await leafHash(utf8(link.entry)), place - 1, size, link.inclusion_proof);
    if (hex(found) !== hex(root)) yield `keys.json: entry ${place} is not under its checkpoint`;
    for (const key of [replaced, verifier]) {
      await signedText(link.checkpoint, await Key.of(key), `keys.json: the checkpoint of entry ${place}`);
    }
    if (before !== null && before !== replaced) yield `keys.json: entry ${place} replaces another key than the one in force`;
    before = verifier;
  }
  if (before !== null && before !== b.part("proof.json").verifier) yield "keys.json does not end with the key that signed";
}

async function* signerIsGiven(b) {
  if (b.key === null || (await b.named()).is(b.key)) return;
  const replaced = b.changes().map(({ says }) => says.data.replaced);
  if (replaced.includes(b.key.text)) b.remarks.push({ check: "signer", followed: true });
  else yield "signed by another key than the one given";
}

const CHECKS = [
  ["manifest", manifestIs],
  ["manifest-signature", manifestIsSigned],
  ["files", filesAreAsListed],
  ["page", pageHoldsThem],
  ["entries", entriesAreAllThere],
  ["leaf", leavesFit],
  ["chain", chainHolds],
  ["withheld", withheldAsListed],
  ["texts", textsFit],
  ["words", wordsFit],
  ["completeness", isComplete],
  ["seal", sealIsLast],
  ["checkpoint", checkpointIsSigned],
  ["cosignatures", cosignaturesAreGood],
  ["time-stamp", timeStampFits],
  ["keys", keysFollow],
  ["signer", signerIsGiven],
];

// Every check's name and what is wrong, and what was left unchecked. Never raises: what hostile input makes a check
// raise is a finding, too.
async function verified(files, key = null, witnesses = []) {
  const bundle = new Bundle(files, key, witnesses);
  const results = [];
  for (const [name, check] of CHECKS) {
    const wrong = [];
    try {
      for await (const one of check(bundle)) wrong.push(typeof one === "string" ? { seq: null, text: one } : one);
    } catch (error) {
      const text = error instanceof Wrong ? error.message : `cannot be checked: not of the form expected (${error})`;
      wrong.push({ seq: null, text });
    }
    results.push({ name, wrong });
  }
  return { results, remarks: bundle.remarks };
}
