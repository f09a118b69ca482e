// The entries: a plain sentence each, with its number, its hash, its marks, and its stored bytes for who asks.

const MARKS = {
  late: "recorded late",
  "day only": "stated as a day only",
  "as found": "imported",
  corrected: "corrected",
  retracted: "retracted",
  overridden: "overridden",
  withheld: "withheld",
};
const [AT_ONCE, CHUNK, LONG] = [150, 400, 600];

class Entries {
  constructor(view) {
    Object.assign(this, { view, items: [], searched: [], broken: new Map(), replay: null });
    this.list = byId("list");
    this.form = byId("filter");
    this.all = view.record.entries;
    this.list.classList.toggle("long", this.all.length > LONG);
    this.fillChoices();
    this.build(AT_ONCE);
    this.later();
    this.listen();
  }

  fillChoices() {
    const add = (name, choices) =>
      this.form.elements.namedItem(name).append(...choices.map(([value, words]) => el("option", { value }, words)));
    const kinds = new Set(this.all.map((entry) => entry.mark));
    add("kind", Object.entries(KINDS).filter(([kind]) => kinds.has(kind)).map(([kind, [words]]) => [kind, words]));
    const marks = new Set(this.all.flatMap(marksOf));
    add("marked", Object.entries(MARKS).filter(([mark]) => marks.has(mark)));
    const lanes = this.view.record.lanes.map((lane, at) => [at, shortened(`${lane.service}: ${lane.name ?? lane.practitioner}`, 60)]);
    add("lane", [...lanes, ["client", "of the client as such"]]);
  }

  // -- making them -----------------------------------------------------------------------------------------

  build(until) {
    const made = [];
    while (this.items.length < Math.min(until, this.all.length)) {
      const entry = this.all[this.items.length];
      const item = entryItem(this.view, entry);
      this.items.push(item);
      made.push(item);
      const wrong = this.broken.get(entry.seq);
      if (wrong !== undefined) item.append(brokenNote(wrong));
    }
    this.list.append(...made);
  }

  // The rest in pieces, so that the page can be used meanwhile.
  later() {
    if (this.items.length >= this.all.length) return this.built?.();
    setTimeout(() => {
      this.build(this.items.length + CHUNK);
      this.later();
    });
  }

  whole() {
    this.build(Infinity);
  }

  // -- filtering -------------------------------------------------------------------------------------------

  listen() {
    let waiting = 0;
    const changed = (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.filter(), event.target.name === "q" ? 150 : 0);
    };
    this.form.addEventListener("input", changed);
    this.form.addEventListener("change", changed);
    this.form.addEventListener("reset", () => setTimeout(() => this.filter()));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    const whole = byId("whole");
    whole.hidden = !this.list.classList.contains("long");
    whole.addEventListener("click", () => {
      this.whole();
      this.list.classList.remove("long");
      whole.hidden = true;
      this.list.focus();
    });
  }

  value(name) {
    const field = this.form.elements.namedItem(name);
    return field.type === "checkbox" ? field.checked : field.value;
  }

  set(values) {
    this.form.reset();
    for (const [name, value] of Object.entries(values)) this.form.elements.namedItem(name).value = value;
    this.filter();
  }

  text(at) {
    const { view } = this;
    const entry = this.all[at];
    const known = this.searched[at];
    if (known !== undefined) return known;
    const sentences = (entry.readings ?? []).map((reading) => reading.sentence);
    const texts = (entry.texts ?? []).map((text) => `${text.field} ${view.revealed.get(text.digest) ?? text.label ?? ""}`);
    const line = view.lines.get(entry.seq);
    const words = [entry.number, ...sentences, entry.type, ...marksOf(entry), ...texts, entry.withheld?.reason, line?.leaf_hash];
    return (this.searched[at] = words.filter((word) => word).join(" ").toLowerCase());
  }

  filter() {
    this.whole();
    this.searched = [];
    const wanted = {
      words: this.value("q").toLowerCase().split(/\s+/).filter(Boolean),
      kind: this.value("kind"),
      marked: this.value("marked"),
      lane: this.value("lane"),
    };
    const only = this.value("replayed") ? new Set(this.replay.readings.map(({ entry }) => entry.seq)) : null;
    let shown = 0;
    this.all.forEach((entry, at) => {
      const fits =
        (wanted.kind === "" || entry.mark === wanted.kind) &&
        (wanted.marked === "" || marksOf(entry).includes(wanted.marked)) &&
        (wanted.lane === "" || (wanted.lane === "client" ? entry.lane === null : String(entry.lane) === wanted.lane)) &&
        (only === null || only.has(entry.seq)) &&
        (wanted.words.length === 0 || wanted.words.every((word) => this.text(at).includes(word)));
      if (this.items[at].hidden === fits) this.items[at].hidden = !fits;
      if (fits) shown += 1;
    });
    this.arrange();
    const said = this.inWords();
    byId("tally").textContent = legible(
      `${numbered(shown)} of ${counted(this.all.length, "entry", "entries")} shown.${said === "" ? "" : ` Filter: ${said}.`}`,
    );
    document.body.classList.toggle("filtered", shown < this.all.length);
  }

  inWords() {
    const words = [];
    for (const name of ["q", "kind", "marked", "lane"]) {
      const field = this.form.elements.namedItem(name);
      if (field.value === "") continue;
      const value = name === "q" ? `\u201c${field.value}\u201d` : field.selectedOptions[0].textContent;
      words.push(`${field.labels[0].textContent.toLowerCase()} ${value}`);
    }
    if (this.value("replayed")) words.push("only what the replay shows");
    return words.join(", ");
  }

  arrange() {
    const order = this.value("order");
    if (order === (this.ordered ?? "")) return;
    this.ordered = order;
    const places = this.items.map((item, at) => ({ item, at, when: this.all[at].readings?.at(-1)?.at ?? "" }));
    if (order === "happened") places.sort((a, z) => (a.when < z.when ? -1 : a.when > z.when ? 1 : a.at - z.at));
    this.list.append(...places.map((place) => place.item));
  }

  follow(state) {
    this.replay = state;
    if (this.value("replayed")) this.filter();
  }

  // -- finding one -----------------------------------------------------------------------------------------

  jump(seqs) {
    this.whole();
    const found = seqs.map((seq) => byId(`e${seq}`)).filter((item) => item !== null);
    if (found.length === 0) return;
    if (found.some((item) => item.hidden)) this.set({});
    for (const item of this.list.querySelectorAll(".found")) item.classList.remove("found");
    for (const item of found) item.classList.add("found");
    found[0].scrollIntoView({ block: "center" });
    found[0].focus({ preventScroll: true });
  }

  // What the verification found wrong with single entries is said there, too.
  flag(wrong) {
    for (const seq of this.broken.keys()) byId(`e${seq}`)?.querySelector(".broken-note")?.remove();
    this.broken = new Map();
    for (const { seq, text } of wrong) {
      if (!Number.isSafeInteger(seq)) continue;
      this.broken.set(seq, [...(this.broken.get(seq) ?? []), text]);
    }
    for (const [seq, texts] of this.broken) byId(`e${seq}`)?.append(brokenNote(texts));
  }
}

function brokenNote(texts) {
  return el("p", { class: "broken-note" }, el("b", {}, "Does not hold: "), said(texts.join("; ")));
}

function marksOf(entry) {
  return entry.withheld ? ["withheld"] : entry.marks ?? [];
}

function entryItem(view, entry) {
  const line = view.lines.get(entry.seq);
  const item = el(
    "li",
    { id: `e${entry.seq}`, class: entry.withheld ? "entry withheld" : "entry", tabindex: "-1" },
    el("div", { class: "number" }, said(entry.number)),
    entry.withheld ? withheldBody(entry) : producedBody(view, entry),
    el("div", { class: "proof" }, hashButton(line?.leaf_hash), entry.withheld ? null : detailsButton(view, entry)),
  );
  return item;
}

function withheldBody(entry) {
  return el(
    "div",
    { class: "body" },
    el("p", { class: "sentence" }, "Withheld: ", said(entry.withheld.reason), ". Its place in the file and its hash remain."),
  );
}

function producedBody(view, entry) {
  const last = entry.readings.at(-1);
  const body = el("div", { class: "body" }, el("p", { class: last.retracted ? "sentence retracted" : "sentence" }, said(last.sentence)));
  const first = entry.readings[0];
  if (first.sentence !== last.sentence) {
    body.append(el("p", { class: "was" }, "As first recorded: ", said(first.sentence)));
  }
  const marks = entry.marks.map((mark) => el("li", { class: `m-${mark.split(" ").join("-")}` }, ...markPieces(view, entry, mark)));
  if (marks.length > 0) body.append(el("ul", { class: "marks", "aria-label": "Marks" }, ...marks));
  if (entry.texts.length > 0) body.append(el("dl", { class: "texts" }, ...entry.texts.map((text) => textOf(view, entry, text))));
  return body;
}

function markPieces(view, entry, mark) {
  const words = own(MARKS, mark) ?? mark;
  if (mark === "late") return [`${words}, after ${counted(entry.days_late, "day")}`];
  if (mark === "retracted" && entry.retracted_by !== null) return [`${words} by `, entryLink(view, entry.retracted_by)];
  if (mark === "corrected" && entry.changes.length > 0) {
    const changes = entry.changes.map((change) =>
      el("span", {}, `${fieldWords(change.field)}, by `, entryLink(view, change.by)),
    );
    return [`${words}: `, ...listed(changes)];
  }
  if (mark === "overridden" && entry.override) {
    const { rules, authorised_by, reason } = entry.override;
    const why = reason === null || reason === undefined ? " without a reason" : [": ", said(reason)];
    return [`${words}: against ${rules.join(", ")} on the authority of `, said(authorised_by), ...[why].flat()];
  }
  return [words];
}

function fieldWords(field) {
  const name = String(field);
  const changed = name.startsWith("changes.");
  return `${(changed ? name.slice(8) : name).replaceAll("_", " ")}${changed ? " (as corrected)" : ""}`;
}

// A sealed text: what it says, if it is revealed and hashes to the digest that the entry commits to.
function textOf(view, entry, text) {
  const shown = el("dd", { class: text.status === "revealed" ? "revealed" : "sealed" });
  if (text.status === "revealed") {
    shown.append("\u2026");
    reveal(view, entry, text).then(
      (value) => shown.replaceChildren(said(value)),
      (error) => {
        shown.className = "sealed wrong";
        shown.replaceChildren(error instanceof Wrong ? error.message : "cannot be shown: not of the form expected");
      },
    );
  } else {
    shown.append(legible(text.label ?? text.status));
  }
  return el("div", {}, el("dt", {}, fieldWords(text.field)), shown);
}

async function reveal(view, entry, text) {
  const given = view.lines.get(entry.seq)?.disclosures?.[text.digest];
  if (given === undefined) throw new Wrong("not shown: the text is not in this page");
  if ((await digestOf(given)) !== text.digest) throw new Wrong("not shown: it is not the text that the entry commits to");
  const pair = disclosed(given);
  if (pair === null) throw new Wrong("not shown: it is not a salt and a value");
  const value = typeof pair[1] === "string" ? pair[1] : JSON.stringify(pair[1]);
  view.revealed.set(text.digest, value);
  return value;
}

function hashButton(hash) {
  if (typeof hash !== "string") return el("span", { class: "soft" }, "no hash");
  return el(
    "button",
    {
      type: "button",
      class: "hash",
      "aria-label": `Hash ${hash.slice(0, 8)}, show all of it`,
      "aria-expanded": "false",
      click: (event) => {
        const open = event.currentTarget.classList.toggle("full");
        event.currentTarget.setAttribute("aria-expanded", String(open));
      },
    },
    el("code", {}, hash),
  );
}

function detailsButton(view, entry) {
  return el(
    "button",
    {
      type: "button",
      class: "plain",
      "aria-expanded": "false",
      "aria-label": `Stored bytes of ${legible(entry.number)}`,
      click: (event) => {
        const button = event.currentTarget;
        const item = button.closest("li");
        const there = item.querySelector(".details");
        if (there === null) item.append(detailsOf(view, entry));
        else there.remove();
        button.setAttribute("aria-expanded", String(there === null));
      },
    },
    "Stored bytes",
  );
}

function detailsOf(view, entry) {
  const line = view.lines.get(entry.seq);
  const rows = [
    ["Type", entry.type],
    ["Happened", entry.occurred_at],
    ["Recorded", entry.recorded_at],
    ["By", entry.by],
    ["Hash", line?.leaf_hash],
    ...entry.readings.slice(1, -1).map((reading) => [`Since entry ${reading.from}`, reading.sentence]),
    ...entry.texts.map((text) => [`Digest of ${fieldWords(text.field)}`, text.digest]),
  ].filter(([, value]) => value !== undefined && value !== null);
  const stored = line?.entry ?? "";
  return el(
    "div",
    { class: "details" },
    el("dl", {}, ...rows.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, said(value))))),
    el("p", {}, "The bytes that are hashed, exactly as stored:"),
    el("pre", { tabindex: "0" }, said(stored)),
    copyButton("Copy the hash", line?.leaf_hash ?? ""),
    copyButton("Copy the stored bytes", stored),
  );
}

function copyButton(words, text) {
  return el(
    "button",
    {
      type: "button",
      class: "plain",
      click: async (event) => {
        const button = event.currentTarget;
        const done = await copied(text);
        button.textContent = done ? "Copied" : "Select and copy it above";
        setTimeout(() => button.replaceChildren(words), 2000);
      },
    },
    words,
  );
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // the browser does not let a page from a file do that
  }
}

// What is left out: entries and texts, each with its reason, from the manifest.
function showLeftOut(view) {
  const { manifest, numbers } = view;
  const texts = manifest.texts.filter((text) => text.status !== "revealed");
  const rows = [
    ...manifest.withheld.map((one) => [one.seq, "the whole entry", one.reason, one.leaf_hash]),
    ...texts.map((one) => [one.seq, `text of ${fieldWords(one.field)}`, `${one.status}: ${one.reason}`, one.digest]),
  ].sort((a, z) => a[0] - z[0]);
  const words =
    rows.length === 0
      ? "Nothing: every entry of the file is here, and every sealed text in it is shown."
      : `${counted(manifest.withheld.length, "entry", "entries")} and ${counted(texts.length, "text")} are withheld. Each keeps its place, and the hash or digest that binds it.`;
  const heads = ["Entry", "What", "Reason", "Hash or digest"].map((head) => el("th", { scope: "col" }, head));
  const table = () =>
    el(
      "table",
      { class: rows.length > LONG ? "left-out long" : "left-out" },
      el("thead", {}, el("tr", {}, ...heads)),
      el(
        "tbody",
        {},
        ...rows.map(([seq, what, reason, hash]) =>
          el(
            "tr",
            {},
            el("td", { "data-label": "Entry" }, numbers.has(seq) ? entryLink(view, seq) : String(seq)),
            el("td", { "data-label": "What" }, what),
            el("td", { "data-label": "Reason" }, said(reason)),
            el("td", { "data-label": "Hash" }, el("code", {}, hash)),
          ),
        ),
      ),
    );
  byId("withheld").replaceChildren(el("p", {}, words), ...(rows.length === 0 ? [] : [table()]));
}
