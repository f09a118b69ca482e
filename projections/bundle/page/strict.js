// Reading what may come from anybody, so that every reader reads it alike. The twin of section 1 of verify.py.

// Something does not hold; the message says what. `seq` is the entry it is about, where it is about one.
class Wrong extends Error {}

// JSON with no name twice in one object, no fractions, no whole numbers beyond 2^53.
function strictJson(text, what) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Wrong(`${what} is not JSON: ${error.message}`);
  }
  // JSON.parse keeps the last of two members of one name, so the names in the text are counted beside it.
  if (namesWritten(text, what) !== namesIn(value)) throw new Wrong(`${what}: a name stands twice in one JSON object`);
  return value;
}

// How many names of members there are in a text that is JSON. Wrong where a number in it is none that everybody keeps.
function namesWritten(text, what) {
  let names = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at += 1;
      for (let letter; (letter = text.charCodeAt(at)) !== QUOTE; ) at += letter === BACKSLASH ? 2 : 1;
      at += 1;
      while (text.charCodeAt(at) <= BLANK) at += 1;
      if (text.charCodeAt(at) === COLON) names += 1;
    } else if (code === MINUS || (code >= ZERO && code <= ZERO + 9)) {
      const [digits] = /^[-+.\deE]+/.exec(text.slice(at, at + 400));
      if (!/^-?\d+$/.test(digits) || !Number.isSafeInteger(Number(digits))) {
        throw new Wrong(`${what}: ${digits.slice(0, 40)} is no whole number that every reader keeps`);
      }
      at += digits.length;
    } else {
      at += 1;
    }
  }
  return names;
}

const [QUOTE, BACKSLASH, COLON, MINUS, ZERO, BLANK] = [0x22, 0x5c, 0x3a, 0x2d, 0x30, 0x20];

function namesIn(value) {
  if (typeof value !== "object" || value === null) return 0;
  const members = Object.values(value);
  let found = Array.isArray(value) ? 0 : members.length;
  for (const member of members) found += namesIn(member);
  return found;
}

// Base64 in the one spelling of its bytes; with `url` the alphabet that needs no padding.
function decoded(text, what, url = false) {
  let bytes;
  try {
    const plain = url ? text.replaceAll("-", "+").replaceAll("_", "/") : text;
    bytes = Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
  } catch {
    bytes = null;
  }
  if (bytes === null || base64(bytes, url) !== text) throw new Wrong(`${what} is not base64 as it is written here`);
  return bytes;
}

function base64(bytes, url = false) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return url ? text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") : text;
}

function hexed(text) {
  if (typeof text !== "string" || !/^[0-9a-f]{64}$/.test(text)) {
    throw new Wrong("proof.json: a leaf hash is not 64 small hexadecimal digits");
  }
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}

function utf8(text) {
  if (typeof text !== "string") throw new Wrong("a text was expected, and something else stands there");
  return new TextEncoder().encode(text);
}

function asText(bytes, what) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Wrong(`${what} is not UTF-8 text`);
  }
}
