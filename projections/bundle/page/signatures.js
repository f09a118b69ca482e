// Signatures: Ed25519 (RFC 8032 section 5.1), signed notes and their keys (C2SP signed-note). The twin of section 3 of
// verify.py. Where the browser has Ed25519 of its own, it has to agree.

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const NEUTRAL = [0n, 1n, 1n, 0n]; // points are X, Y, Z, T with x = X/Z, y = Y/Z, x*y = T/Z

function mod(number) {
  const rest = number % P;
  return rest < 0n ? rest + P : rest;
}

function power(base, exponent) {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));

function plus(p, q) {
  const a = mod((p[1] - p[0]) * (q[1] - q[0]));
  const b = mod((p[1] + p[0]) * (q[1] + q[0]));
  const c = mod(2n * p[3] * mod(q[3] * D));
  const d = mod(2n * p[2] * q[2]);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(factor, point) {
  let [result, doubled] = [NEUTRAL, point];
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = plus(result, doubled);
    doubled = plus(doubled, doubled);
  }
  return result;
}

function same(p, q) {
  return mod(p[0] * q[2] - q[0] * p[2]) === 0n && mod(p[1] * q[2] - q[1] * p[2]) === 0n;
}

function littleEndian(bytes) {
  return BigInt("0x" + hex(Uint8Array.from(bytes).reverse()));
}

// RFC 8032 section 5.1.3, and only the one encoding of each point; null where the bytes are none.
function pointOf(bytes) {
  if (bytes.length !== 32) return null;
  const encoded = littleEndian(bytes);
  const [y, sign] = [encoded & (2n ** 255n - 1n), encoded >> 255n];
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square) !== 0n) x = mod(x * power(2n, (P - 1n) / 4n));
  if (y >= P || mod(x * x - square) !== 0n || (x === 0n && sign === 1n)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

const BASE = [
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
  1n,
  46827403850823179245072216630277197565144205554125654976674165829533817101731n,
];

// RFC 8032 section 5.1.7. A key of low order, under which one signature fits many texts, is none.
async function isSigned(publicKey, message, signature) {
  if (signature.length !== 64) return false;
  const [a, r] = [pointOf(publicKey), pointOf(signature.subarray(0, 32))];
  const s = littleEndian(signature.subarray(32));
  if (a === null || r === null || s >= ORDER || same(times(8n, a), NEUTRAL)) return false;
  const k = littleEndian(await sha512(signature.subarray(0, 32), publicKey, message)) % ORDER;
  if (!same(times(s, BASE), plus(r, times(k, a)))) return false;
  return (await browserSays(publicKey, message, signature)) !== false;
}

// What the browser's own Ed25519 says; null where it has none.
async function browserSays(publicKey, message, signature) {
  let key;
  try {
    key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

// A public key as text, name+id+base64(type, 32 bytes); the id is made from all of it.
class Key {
  static async of(text, kinds = [1]) {
    const written = String(text).trim();
    const [name, rest] = parted(written, "+");
    const [stated, encoded] = parted(rest, "+");
    const bytes = decoded(encoded, "the key");
    const [kind, publicKey] = [bytes[0], bytes.subarray(1)];
    const fits = name !== "" && bytes.length === 33 && kinds.includes(kind);
    if (!fits || stated !== hex(await Key.id(name, kind, publicKey))) {
      throw new Wrong("that is not a public key, or it is mistyped: expected name+id+base64");
    }
    return Object.assign(new Key(), { text: written, name, publicKey, id: hex(await Key.id(name, kinds[0], publicKey)) });
  }

  static async id(name, kind, publicKey) {
    return (await sha256(utf8(name), Uint8Array.of(10, kind), publicKey)).subarray(0, 4);
  }

  is(other) {
    return this.name === other.name && hex(this.publicKey) === hex(other.publicKey);
  }
}

function parted(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

// A note's text, and of each signature the name, the key's id, and what was signed with.
function opened(note, what) {
  const at = typeof note === "string" ? note.lastIndexOf("\n\n") : -1;
  const lines = at < 0 ? [] : note.slice(at + 2).split("\n").slice(0, -1).map((line) => line.split(" "));
  const strange = (line) => line.length !== 3 || line[0] !== "\u2014";
  if (lines.length === 0 || lines.length > 100 || lines.some(strange)) throw new Wrong(`${what} is not a signed note`);
  const signatures = lines.map(([, name, data]) => {
    const bytes = decoded(data, `${what}: a signature`);
    return { name, id: hex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
  });
  return { text: note.slice(0, at + 1), signatures };
}

// The text of a note that this key has signed.
async function signedText(note, key, what) {
  const { text, signatures } = opened(note, what);
  const own = signatures.filter((one) => one.name === key.name && one.id === key.id);
  const good = await Promise.all(own.map((one) => isSigned(key.publicKey, utf8(text), one.signature)));
  if (own.length === 0 || good.includes(false)) {
    throw new Wrong(`${what} does not bear a good signature by ${key.name}`);
  }
  return text;
}

// Log, size and root, as a checkpoint states them.
function headOf(note, what) {
  const [origin, size, root] = opened(note, what).text.split("\n");
  if (!/^[1-9][0-9]{0,15}$/.test(size) || root === undefined || !Number.isSafeInteger(Number(size))) {
    throw new Wrong(`${what} does not state a log, a size and a root`);
  }
  return { origin, size: Number(size), root: decoded(root, `${what}: the root`) };
}
