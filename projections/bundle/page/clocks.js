// The replay: two clocks, each with a slider, steps and play; and the case at the moment they show.

const GROUPS = [
  ["engagement", "Engagements"],
  ["agreement", "Agreements"],
  ["referral", "Referrals"],
  ["concern", "Concerns"],
  ["release", "Releases"],
];
const ENDED = ["closed", "declined", "declined by the client", "revoked", "expired", "concluded", "resolved", "lapsed"];
const [PLAY_EVERY, PLAY_STEPS, LISTED] = [600, 120, 12];

class Clocks {
  constructor(view, changed) {
    Object.assign(this, { view, changed, playing: null, waiting: false });
    this.form = byId("replay");
    this.moments = ["", ...momentsOf(view.record)];
    this.entries = view.record.entries.length;
    for (const [name, last] of [["happened", this.moments.length - 1], ["recorded", this.entries]]) {
      const slider = byId(name);
      slider.max = last;
      slider.value = last;
      slider.addEventListener("input", () => {
        this.stop();
        this.moved();
      });
      const box = byId(`clock-${name}`);
      for (const button of box.querySelectorAll("[data-step]")) {
        button.addEventListener("click", () => this.step(slider, Number(button.dataset.step)));
      }
      box.querySelector("[data-play]").addEventListener("click", (event) => this.play(slider, event.currentTarget));
    }
    this.form.addEventListener("change", (event) => {
      if (event.target.name !== "mode") return;
      this.stop();
      this.moved();
    });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.show();
  }

  get mode() {
    return this.form.elements.namedItem("mode").value;
  }

  // Effective moment, and how many entries of the file are known.
  at() {
    const known = this.mode === "happened" ? this.entries : Number(byId("recorded").value);
    const by = this.mode === "recorded" ? recordedBy(this.view.record, known) ?? "" : this.moments[Number(byId("happened").value)];
    return { by, known, whole: known === this.entries && by >= this.moments.at(-1) };
  }

  step(slider, by) {
    this.stop();
    slider.value = Number(slider.value) + by;
    this.moved();
  }

  play(slider, button) {
    const again = this.playing?.slider !== slider;
    this.stop();
    if (!again) return;
    const last = Number(slider.max);
    if (Number(slider.value) === last) slider.value = 0;
    const stride = Math.max(1, Math.ceil(last / PLAY_STEPS));
    const timer = setInterval(() => {
      slider.value = Number(slider.value) + stride;
      this.moved();
      if (Number(slider.value) === last) this.stop();
    }, PLAY_EVERY);
    this.playing = { slider, button, timer };
    button.textContent = "Stop";
    button.setAttribute("aria-pressed", "true");
    this.moved();
  }

  stop() {
    if (this.playing === null) return;
    clearInterval(this.playing.timer);
    this.playing.button.textContent = "Play";
    this.playing.button.setAttribute("aria-pressed", "false");
    this.playing = null;
  }

  // However often a slider moves, it is drawn once a frame.
  moved() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.show();
    });
  }

  show() {
    const { mode } = this;
    byId("clock-happened").hidden = mode === "recorded";
    byId("clock-recorded").hidden = mode === "happened";
    const { by, known, whole } = this.at();
    const state = stateAt(this.view.record, by, known);
    const { dates, record } = this.view;
    const happened = by === "" ? "before the first entry" : dates.moment(by);
    const latest = recordedBy(record, known);
    const recorded = latest === null ? "before the first entry" : dates.words(latest);
    const number = Number(byId("happened").value);
    this.sayOn("happened", happened, `${happened}, moment ${number} of ${this.moments.length - 1}`);
    this.sayOn("recorded", recorded, `${recorded}, ${known} of ${this.entries} entries`);
    byId("moment").replaceChildren(...momentPieces(this.view, { by, known, whole, happened, recorded, state }));
    showState(this.view, state);
    showSpans(this.view, state);
    this.announce(state, happened);
    this.changed(state, { by, known, whole });
  }

  sayOn(name, words, text) {
    byId(`${name}-said`).textContent = words;
    byId(name).setAttribute("aria-valuetext", text);
  }

  announce(state, happened) {
    clearTimeout(this.announcing);
    const last = state.readings.at(-1);
    this.announcing = setTimeout(() => {
      const words = last === undefined ? "Nothing had happened yet." : `Last: ${shortened(last.reading.sentence, 300)}`;
      byId("replayed").textContent = legible(`${happened}. ${words}`);
    }, 700);
  }
}

function momentPieces(view, { known, whole, happened, recorded, state }) {
  if (whole) {
    return [el("b", {}, "Shown: the whole production."), ` What had happened by ${happened}, using everything on record.`];
  }
  const last = state.readings.at(-1);
  const all = known === view.record.entries.length;
  const using = all ? "everything on record" : `what was on record by ${recorded} (${counted(known, "entry", "entries")})`;
  return [
    el("b", {}, `Shown: what had happened by ${happened}, using ${using}. `),
    ...(last === undefined ? [] : ["Last: ", entryLink(view, last.entry.seq), " ", said(last.reading.sentence)]),
  ];
}

function entryLink(view, seq) {
  return el("a", { href: `#e${seq}`, class: "ref" }, said(view.numbers.get(seq) ?? seq));
}

function withWhom(view, thing) {
  const lane = own(view.record.lanes, thing.lane);
  return lane === undefined ? null : [" with ", said(lane.name ?? lane.practitioner)];
}

function showState(view, state) {
  const { record, dates } = view;
  const columns = GROUPS.map(([kind, title]) => {
    const own = state.things.filter((thing) => record.things[thing.number].kind === kind);
    const ordered = [...own].sort((a, z) => ENDED.includes(a.state) - ENDED.includes(z.state) || a.number - z.number);
    const items = ordered.slice(0, LISTED).map((thing) => {
      const { label, lane } = record.things[thing.number];
      return el(
        "li",
        { class: ENDED.includes(thing.state) ? "ended" : null },
        said(label),
        withWhom(view, { lane }),
        " ",
        el("b", { class: `state-${thing.state.split(" ")[0]}` }, thing.state),
        " since ",
        el("a", { href: `#e${thing.entry.seq}`, class: "ref" }, dates.effective(thing.since, thing.state === "expired" ? {} : thing.entry)),
        thing.until === null || ENDED.includes(thing.state) ? null : `, valid until ${dates.moment(thing.until)}`,
      );
    });
    if (ordered.length > LISTED) items.push(el("li", { class: "ended" }, `and ${ordered.length - LISTED} more`));
    return el("div", {}, el("h4", {}, title), items.length === 0 ? el("p", { class: "soft" }, "none") : el("ul", {}, ...items));
  });
  byId("state").replaceChildren(...columns);
}

function showSpans(view, state) {
  const { record, dates } = view;
  const rows = state.things
    .filter((thing) => record.things[thing.number].kind === "engagement")
    .map((thing) => {
      const { label, lane } = record.things[thing.number];
      const steps = (wanted) =>
        thing.path
          .filter(wanted)
          .map((step) => el("a", { href: `#e${step.entry.seq}`, class: "ref" }, dates.effective(step.since, step.entry)));
      const resumed = (step, at) => step.state === "running" && thing.path[at - 1]?.state === "paused";
      const cells = [
        steps((step, at) => step.state === "running" && !resumed(step, at)),
        steps((step) => step.state === "paused"),
        steps(resumed),
        steps((step) => step.state === "closed"),
      ].map((links) => el("td", {}, ...(links.length === 0 ? ["\u2013"] : listed(links))));
      const who = own(record.lanes, lane);
      return el(
        "tr",
        {},
        el("th", { scope: "row" }, said(label)),
        el("td", {}, who === undefined ? "\u2013" : said(who.name ?? who.practitioner)),
        ...cells,
      );
    });
  const heads = ["Engagement", "With", "Opened", "Paused", "Resumed", "Closed"].map((head) => el("th", { scope: "col" }, head));
  byId("spans-table").replaceChildren(
    rows.length === 0
      ? el("p", { class: "soft" }, "No engagement is there at that moment.")
      : el("table", { class: "spans" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows)),
  );
}
