// The list of entries: made in pieces, filtered, ordered, found from elsewhere.

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
    const words = [entry.number, ...sentences, entry.type, ...marksOf(entry), ...texts, entry.withheld?.reason];
    return (this.searched[at] = words.filter((word) => word).join(" ").toLowerCase());
  }

  // A hash is found by no fewer than six of its characters: two or three of them stand in every other hash.
  has(at, word) {
    if (this.text(at).includes(word)) return true;
    return word.length >= 6 && (this.view.lines.get(this.all[at].seq)?.leaf_hash ?? "").includes(word);
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
        (wanted.words.length === 0 || wanted.words.every((word) => this.has(at, word)));
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
