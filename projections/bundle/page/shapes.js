// What the picture is made of: the mark of each kind of entry, what marks it further, the lines of the time axis.

const KINDS = {
  intake: ["intake", "M0-7 7 0 0 7-7 0Z"],
  agreement: ["agreement", "M-5-6.5H1.5L5-3V6.5H-5Z"],
  referral: ["referral", "M-7-3.5H0V-7L7 0 0 7V3.5H-7Z"],
  concern: ["concern", "M0-7 7.5 6H-7.5Z"],
  release: ["release", "M0-6.5a6.5 6.5 0 1 1-.01 0ZM0-3a3 3 0 1 0 .01 0Z"],
  disclosure: ["disclosure", "M-7-5 0 .5 7-5V5H-7Z"],
  correction: ["correction", "M-2-6.5H2V-2H6.5V2H2V6.5H-2V2H-6.5V-2H-2Z"],
  client: ["particulars of the client", "M0-4.5a4.5 4.5 0 1 1-.01 0Z"],
  engagement: ["opening, pause, resumption, closing", "M-1.5-8.5H1.5V8.5H-1.5Z"],
  session: ["session", "M-.75-4H.75V4H-.75Z"],
  record: ["record filed", "M-2-2H2V2H-2Z"],
};
const ON_BAR = ["engagement"];
const SMALL = ["session", "record"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY = 86_400_000;

function serviceClass(service) {
  return service === "therapy" || service === "coaching" ? service : "other";
}

function shapeOf(kind) {
  return svg("path", { d: (own(KINDS, kind) ?? KINDS.client)[1], class: `shape ${own(KINDS, kind) ? kind : "client"}`, "fill-rule": "evenodd" });
}

function overrideRing() {
  return svg("circle", { r: 10, class: "override" });
}

function lateDot() {
  return svg("circle", { cx: 7, cy: -7, r: 3, class: "late" });
}

// Where the time axis has its lines: at most so many, at days, months or years.
function ticksOf(from, to, most) {
  const ticks = [];
  const days = (to - from) / DAY;
  const step = [1, 2, 7, 14].find((each) => days / each <= most);
  if (step !== undefined) {
    for (let at = Math.ceil(from / DAY) * DAY; at <= to; at += step * DAY) {
      const day = new Date(at);
      ticks.push({ at, words: `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}` });
    }
    return ticks;
  }
  const months = [1, 2, 3, 6, 12, 24, 60, 120, 600].find((each) => days / 30.4 / each <= most) ?? 1200;
  const start = new Date(from);
  for (let month = start.getUTCFullYear() * 12 + Math.floor(start.getUTCMonth() / months) * months; ; month += months) {
    const [year, inYear] = [Math.floor(month / 12), month % 12];
    const at = Date.UTC(year, inYear);
    if (at > to || ticks.length > 400) return ticks;
    if (at < from) continue;
    const withYear = inYear === 0 || ticks.length === 0;
    ticks.push({ at, words: [months < 12 ? MONTHS[inYear] : "", withYear ? year : ""].join(" ").trim() });
  }
}

function byKind(group) {
  const kinds = new Map();
  for (const one of group) {
    if (!kinds.has(one.entry.mark)) kinds.set(one.entry.mark, []);
    kinds.get(one.entry.mark).push(one);
  }
  return kinds;
}

// Whether an entry is drawn in the band above the bars.
function inBand(entry) {
  return !ON_BAR.includes(entry.mark) && !SMALL.includes(entry.mark);
}

// What each mark stands for; only those that are there.
function showLegend(record) {
  const there = new Set(record.entries.map((entry) => entry.mark));
  const marked = new Set(record.entries.flatMap((entry) => entry.marks ?? []));
  const sample = (...shapes) =>
    svg("svg", { class: "sample", viewBox: "-11 -11 22 22", width: 22, height: 22, "aria-hidden": "true" }, ...shapes);
  const items = Object.entries(KINDS)
    .filter(([kind]) => there.has(kind))
    .map(([kind, [words]]) => el("li", {}, sample(shapeOf(kind)), words));
  const pauses = (reading) => reading.effects.some(([, act]) => act === "pause");
  if (record.entries.some((entry) => (entry.readings ?? []).some(pauses))) {
    const paused = svg("rect", { x: -10, y: -6, width: 20, height: 12, class: "bar paused other" });
    items.push(el("li", {}, sample(paused), "paused"));
  }
  if (marked.has("overridden")) items.push(el("li", {}, sample(shapeOf("client"), overrideRing()), "overridden"));
  if (marked.has("late")) items.push(el("li", {}, sample(shapeOf("client"), lateDot()), "recorded late"));
  if (record.entries.length > 12) items.push(el("li", {}, "a number: so many entries"));
  byId("legend").replaceChildren(...items);
}
