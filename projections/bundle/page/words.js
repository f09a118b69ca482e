// Text made legible, elements made one by one, days and times in words. Nothing here or elsewhere parses markup.

// What could not be seen, or would show text in another order than it is stored, is written out as its code point:
// controls, bidirectional marks and overrides, line separators, lone surrogates. As the program does (ledger/legible).
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]/gu;

const PLAIN = /^[\n\x20-\x7e]*$/;

function legible(value) {
  const text = String(value);
  return PLAIN.test(text) ? text : text.replace(UNSAFE, (found) => "\\u" + found.charCodeAt(0).toString(16).padStart(4, "0"));
}

// An element. Attributes whose value is null, undefined or false are left out; functions listen. Children are
// elements, or text, which is made legible and can be nothing but text.
function el(tag, attributes, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return dressed(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function dressed(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : legible(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined).map(node));
  return element;
}

function node(child) {
  return child instanceof Node ? child : document.createTextNode(legible(child));
}

// Somebody's words: they may be written in any direction, and keep to themselves.
function said(text, attributes) {
  return el("bdi", attributes, text);
}

const NUMBERS = new Intl.NumberFormat("en");

function numbered(number) {
  return NUMBERS.format(number);
}

function counted(number, noun, plural) {
  return `${numbered(number)} ${number === 1 ? noun : plural ?? noun + "s"}`;
}

// "a, b and c", each its own piece; for texts and elements alike.
function listed(pieces) {
  return pieces.flatMap((piece, at) => (at === 0 ? [piece] : [at === pieces.length - 1 ? " and " : ", ", piece]));
}

function shortened(text, most) {
  const letters = [...String(text)];
  return letters.length > most ? letters.slice(0, most - 1).join("") + "\u2026" : String(text);
}

// A digest in groups of four, so that it can be read out.
function grouped(digest) {
  return (String(digest).match(/.{1,4}/gsu) ?? []).join(" ");
}

// What a table has under a name, and not what every object has.
function own(table, name) {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function byId(id) {
  return document.getElementById(id);
}

// Days and times in the practice's time zone; one that the browser does not know is read as UTC, and said to be.
class Dates {
  constructor(zone) {
    const form = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: this.zone, ...options });
    this.zone = zone;
    try {
      form({});
    } catch {
      this.zone = "UTC";
    }
    this.long = form({ day: "numeric", month: "long", year: "numeric" });
    this.clock = form({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.iso = new Intl.DateTimeFormat("en-CA", {
      timeZone: this.zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    this.plain = new Intl.DateTimeFormat("en-GB", {
      timeZone: "UTC",
      day: "numeric",
      month: "long",
      year: "numeric",
    });
  }

  // "2 March 2026 at 15:00"; a day alone where no more is known. What is no time at all stands as it is.
  words(stated) {
    const at = new Date(stated);
    if (typeof stated !== "string" || Number.isNaN(at.getTime())) return String(stated);
    if (/^\d{4}-\d\d-\d\d$/u.test(stated)) return this.plain.format(at);
    return `${this.long.format(at)} at ${this.clock.format(at)}`;
  }

  // A moment asked about; the last one of a day is named by its day, and so is the first.
  moment(stated) {
    const at = new Date(stated);
    if (typeof stated !== "string" || Number.isNaN(at.getTime())) return this.words(stated);
    const next = new Date(at.getTime() + 1);
    if (/\.999999Z$/.test(stated) && this.clock.format(next) === "00:00") return `the end of ${this.long.format(at)}`;
    return this.begins(stated) ? `the start of ${this.long.format(at)}` : this.words(stated);
  }

  // Whether a moment is the first of a day: where only a day is stated, it counts from then.
  begins(stated) {
    return /:00\.000000Z$/.test(stated) && this.clock.format(new Date(stated)) === "00:00";
  }

  // When an entry took effect, in words: a day alone where that is all it states.
  effective(stated, entry) {
    const dayOnly = entry.marks?.includes("day only") && this.begins(stated);
    return dayOnly ? this.long.format(new Date(stated)) : this.words(stated);
  }

  // "2026-03-02", the practice's day of a moment.
  day(stated) {
    const at = new Date(stated);
    return Number.isNaN(at.getTime()) ? "" : this.iso.format(at);
  }
}
