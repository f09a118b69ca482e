// Hashes: RFC 6962 section 2.1, RFC 9162 section 2.1.3.2, and the map of all streams. The twin of section 2 of verify.py.

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

async function sha512(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-512", joined(...parts)));
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

function leafHash(stored) {
  return sha256(LEAF, stored);
}

// The Merkle tree hash of at least one leaf; a node alone at the end of its level goes up as it is.
async function treeRoot(leaves) {
  if (leaves.length === 0) throw new Wrong("there is no leaf hash");
  let level = leaves;
  while (level.length > 1) {
    const pairs = [];
    for (let at = 0; at + 1 < level.length; at += 2) pairs.push(sha256(NODE, level[at], level[at + 1]));
    const odd = level.length % 2 === 1 ? level.slice(-1) : [];
    level = [...(await Promise.all(pairs)), ...odd];
  }
  return level[0];
}

// The root to which the inclusion proof of the leaf at an index leads.
async function rootByInclusion(leaf, index, size, path) {
  const half = (number) => Math.floor(number / 2);
  let [place, last, found] = [index, size - 1, leaf];
  for (const sibling of path.map((one) => decoded(one, "an inclusion proof"))) {
    if (last === 0) throw new Wrong("the inclusion proof is too long");
    if (place % 2 === 1 || place === last) {
      found = await sha256(NODE, sibling, found);
      while (place !== 0 && place % 2 === 0) [place, last] = [half(place), half(last)];
    } else {
      found = await sha256(NODE, found, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) throw new Wrong("the inclusion proof is too short");
  return found;
}

// The root to which a proof in the map of streams leads: bit (1 byte), sibling (32), from the leaf up.
async function rootOfMap(key, value, path) {
  let found = await sha256(key, value);
  let below = 256;
  for (let at = 0; at < path.length; at += 33) {
    const bit = path[at];
    const sibling = path.subarray(at + 1, at + 33);
    if (bit >= below || sibling.length !== 32) {
      throw new Wrong("the map proof does not go from a leaf to the root");
    }
    const right = (key[bit >> 3] >> (7 - (bit & 7))) & 1;
    found = await sha256(...(right ? [sibling, found] : [found, sibling]), Uint8Array.of(bit));
    below = bit;
  }
  return found;
}

// A count as eight bytes, the most significant first.
function eightBytes(count) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count));
  return bytes;
}
