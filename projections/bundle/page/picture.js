// The picture: a lane for each practitioner and service, bars for engagements, marks for entries. It follows the replay.

const [BAR, ROW, NEAR, MOST_STACKED] = [18, 18, 20, 4];

class Picture {
  constructor(view, jump) {
    Object.assign(this, { view, jump, marks: [], shares: new Map() });
    this.place = byId("drawing");
    this.tip = byId("tip");
    this.lanes = this.lanesOf(view.record);
    [this.from, this.to] = this.span(view.record);
    for (const [event, does] of [
      ["pointerover", (at) => this.tell(at.target.closest?.(".mark"))],
      ["pointerleave", () => this.tell(null)],
      ["focusin", (at) => this.tell(at.target.closest(".mark"))],
      ["focusout", () => this.tell(null)],
      ["click", (at) => this.go(at.target.closest(".mark"))],
      ["keydown", (at) => this.key(at)],
    ]) {
      this.place.addEventListener(event, does);
    }
    showLegend(view.record);
  }

  lanesOf(record) {
    const lanes = record.lanes.map((lane, number) => ({ number, ...lane, own: [] }));
    const client = { number: null, name: "The client\u2019s file", service: "client", own: [] };
    for (const entry of record.entries) {
      if (!entry.readings) continue;
      (own(lanes, entry.lane) ?? client).own.push(entry);
    }
    const bare = record.things.some((thing) => thing.kind === "engagement" && own(lanes, thing.lane) === undefined);
    return client.own.length > 0 || bare ? [client, ...lanes] : lanes;
  }

  span(record) {
    const times = record.entries.flatMap((entry) => (entry.readings ?? []).map((one) => Date.parse(one.at)));
    const known = times.filter((time) => !Number.isNaN(time));
    let from = known.reduce((least, time) => Math.min(least, time), Infinity);
    let to = known.reduce((most, time) => Math.max(most, time), -Infinity);
    if (!(from <= to)) [from, to] = [0, DAY];
    const margin = Math.max((to - from) * 0.025, DAY * 2);
    return [from - margin, to + margin];
  }

  // Draws what is there at a moment of the replay; `width` in pixels, by default that of the place.
  draw(state, by, width = this.place.clientWidth) {
    Object.assign(this, { state, by });
    const wide = width >= 760;
    this.left = wide ? 176 : 8;
    this.right = width - 12;
    const hadFocus = this.place.contains(document.activeElement) ? document.activeElement.dataset.seqs : null;
    this.marks = [];
    const drawn = [];
    let top = 6;
    for (const lane of this.lanes) {
      const laid = this.lane(lane, top, wide, width);
      drawn.push(...laid.drawn);
      top = laid.bottom;
    }
    const axis = this.axis(top, width);
    this.marks.sort((a, z) => a.x - z.x || a.y - z.y);
    const height = top + 26;
    const first = this.marks.find((mark) => mark.element.dataset.seqs === hadFocus) ?? this.marks[0];
    first?.element.setAttribute("tabindex", "0");
    const words = `${counted(this.marks.length, "mark")} on ${counted(this.lanes.length, "lane")}. Arrow keys go from mark to mark, Enter to the entry.`;
    const picture = svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, width: "100%", role: "group", "aria-label": `Picture of the file: ${words}` },
      svg(
        "defs",
        {},
        ...["therapy", "coaching", "other"].map((service) =>
          svg(
            "pattern",
            { id: `hatch-${service}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
            svg("rect", { width: 6, height: 6, class: `hatch-ground ${service}` }),
            svg("rect", { width: 2.5, height: 6, class: `hatch-line ${service}` }),
          ),
        ),
        svg("clipPath", { id: "labels" }, svg("rect", { x: 0, y: 0, width: Math.max(this.left - 12, 120), height })),
      ),
      ...axis,
      ...drawn,
      ...this.cursor(top),
      ...this.marks.map((mark) => mark.element),
    );
    this.place.replaceChildren(picture);
    this.tip.hidden = true;
    if (hadFocus !== null) first?.element.focus({ preventScroll: true });
  }

  x(at) {
    let share = this.shares.get(at);
    if (share === undefined) {
      share = (Date.parse(at) - this.from) / (this.to - this.from) || 0; // no time at all: at the left
      this.shares.set(at, share);
    }
    return this.left + Math.min(Math.max(share, 0), 1) * (this.right - this.left);
  }

  // One lane: its name, its bars, its marks; and where it ends.
  lane(lane, top, wide, width) {
    const service = serviceClass(lane.service);
    const drawn = [];
    let y = top + 8;
    const names = lane.number === null ? [lane.name, ""] : [lane.name ?? lane.practitioner, `${lane.service}, ${lane.practitioner}`];
    const label = svg(
      "text",
      { class: "lane", "clip-path": wide ? "url(#labels)" : null },
      svg("tspan", { class: "who", x: 0, y: y + 12 }, shortened(names[0], wide ? 24 : 34)),
      wide
        ? svg("tspan", { class: "what", x: 0, y: y + 29 }, shortened(names[1], 28))
        : svg("tspan", { class: "what", dx: 8 }, shortened(names[1], 28)),
    );
    const labelBottom = wide ? y + 34 : y + 18;
    if (!wide) y += 24;
    const band = this.rowsOf(lane);
    const bandTop = y;
    if (band > 0) y += band * ROW + 4;
    const bars = this.bars(lane);
    const rows = Math.max(this.barRowsOf(lane), 0);
    const barTop = y;
    if (rows > 0) y += rows * (BAR + 4);
    const hasSmall = lane.own.some((entry) => SMALL.includes(entry.mark));
    const smallTop = y;
    if (hasSmall) y += 14;
    for (const bar of bars) drawn.push(...this.bar(bar, barTop + bar.row * (BAR + 4), service));
    this.placeMarks(lane, { bandTop, band, barTop, bars, smallTop, service });
    const bottom = Math.max(y, labelBottom) + 8;
    drawn.push(label, svg("line", { class: "rule", x1: 0, x2: width, y1: bottom, y2: bottom }));
    return { drawn, bottom };
  }

  // How many kinds of marks stand so near each other, at most, that they have to be stacked; the whole file is counted,
  // so that nothing moves while it is replayed.
  rowsOf(lane) {
    const near = lane.own
      .filter((entry) => inBand(entry))
      .flatMap((entry) => entry.readings.map((one) => ({ kind: entry.mark, x: this.x(one.at) })))
      .sort((a, z) => a.x - z.x);
    const kinds = new Map();
    let most = 0;
    let start = 0;
    for (const { kind, x } of near) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      for (; x - near[start].x >= NEAR; start += 1) {
        const left = kinds.get(near[start].kind) - 1;
        if (left === 0) kinds.delete(near[start].kind);
        else kinds.set(near[start].kind, left);
      }
      most = Math.max(most, kinds.size);
    }
    return Math.min(most, MOST_STACKED);
  }

  barRowsOf(lane) {
    const whole = (this.whole ??= stateAt(this.view.record, "~", Infinity));
    const rows = this.barsOf(lane, whole, this.view.record.moments.as_of ?? "");
    return rows.reduce((most, bar) => Math.max(most, bar.row + 1), lane.own.some((one) => ON_BAR.includes(one.mark)) ? 1 : 0);
  }

  bars(lane) {
    return this.barsOf(lane, this.state, this.by);
  }

  // Whether what names a lane is of this one; what names none is of the client's.
  isOf(lane, named) {
    return (own(this.view.record.lanes, named) === undefined ? null : named) === lane.number;
  }

  barsOf(lane, state, by) {
    const { things } = this.view.record;
    const ends = [];
    return state.things
      .filter(({ number }) => things[number].kind === "engagement" && this.isOf(lane, things[number].lane))
      .map((thing) => ({ thing, start: this.x(thing.path[0].since) }))
      .sort((a, z) => a.start - z.start)
      .map(({ thing, start }) => {
        const closed = thing.state === "closed";
        const end = closed ? this.x(thing.since) : this.x(by);
        let row = ends.findIndex((busy) => busy <= start + 1);
        if (row < 0) row = ends.length;
        ends[row] = end;
        return { thing, start, end: Math.max(end, start + 2), row, closed };
      });
  }

  bar({ thing, start, end, closed }, y, service) {
    const pieces = [];
    thing.path.forEach((step, at) => {
      if (step.state === "closed") return;
      const x = this.x(step.since);
      const next = thing.path[at + 1];
      const width = Math.max((next === undefined ? end : this.x(next.since)) - x, 1.5);
      pieces.push(svg("rect", { x, y, width, height: BAR, class: `bar ${step.state} ${service}` }));
    });
    if (!closed) {
      pieces.push(svg("path", { class: `bar-open ${service}`, d: `M${end} ${y}l6 ${BAR / 2}l-6 ${BAR / 2}Z` }));
    }
    if (end - start > 44) {
      const label = shortened(this.view.record.things[thing.number].id, 10);
      pieces.push(svg("text", { x: start + 12, y: y + BAR - 5, class: `bar-name ${service}` }, label));
    }
    return pieces;
  }

  placeMarks(lane, { bandTop, band, barTop, bars, smallTop, service }) {
    const own = this.state.readings.filter(({ entry }) => this.isOf(lane, entry.lane));
    const rowOf = new Map(bars.map((bar) => [bar.thing.number, bar.row]));
    const ticks = own.filter(({ entry }) => ON_BAR.includes(entry.mark));
    for (const group of this.grouped(ticks, 5)) {
      const row = rowOf.get(group[0].reading.effects[0]?.[0]) ?? 0;
      this.add(group, this.x(group[0].reading.at), barTop + row * (BAR + 4) + BAR / 2, service, "on-bar");
    }
    const small = own.filter(({ entry }) => SMALL.includes(entry.mark));
    for (const group of this.grouped(small, 4)) this.add(group, this.x(group[0].reading.at), smallTop + 5, service, "small");
    for (const group of this.grouped(own.filter(({ entry }) => inBand(entry)), NEAR)) {
      const x = (this.x(group[0].reading.at) + this.x(group.at(-1).reading.at)) / 2;
      const kinds = byKind(group);
      if (kinds.size > MOST_STACKED) {
        this.add(group, x, bandTop + (band * ROW) / 2, service, "several");
        continue;
      }
      let y = bandTop + (band - 0.5) * ROW;
      for (const same of kinds.values()) {
        this.add(same, x, y, service, "");
        y -= ROW;
      }
    }
  }

  // Neighbours that begin less than `near` pixels apart, in groups.
  grouped(readings, near) {
    const groups = [];
    for (const one of readings) {
      const group = groups.at(-1);
      if (group !== undefined && this.x(one.reading.at) - this.x(group[0].reading.at) < near) group.push(one);
      else groups.push([one]);
    }
    return groups;
  }

  add(group, x, y, service, how) {
    const kind = group[0].entry.mark;
    const marks = new Set(group.flatMap(({ entry }) => entry.marks));
    const shapes =
      how === "several"
        ? [
            svg("rect", { x: -12, y: -9, width: 24, height: 18, rx: 9, class: "pill" }),
            svg("text", { y: 4, class: "count" }, group.length > 999 ? "999+" : group.length),
          ]
        : [shapeOf(kind)];
    if (how === "" && group.length > 1) {
      shapes.push(svg("text", { x: 10, y: 5, class: "count beside" }, group.length > 999 ? "999+" : group.length));
    }
    if (how !== "small" && marks.has("overridden")) shapes.push(overrideRing());
    if (how !== "small" && marks.has("late")) shapes.push(lateDot());
    const reach = how === "small" ? { x: -3, y: -6, width: 6, height: 12 } : { x: -9, y: -9, width: 18, height: 18 };
    const element = svg(
      "g",
      {
        class: `mark ${how} ${service}`,
        role: "link",
        tabindex: "-1",
        transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
        "aria-label": this.words(group),
        "data-seqs": group.map(({ entry }) => entry.seq).join(" "),
      },
      svg("rect", { ...reach, class: "reach" }),
      ...shapes,
    );
    this.marks.push({ x, y, element, group });
  }

  words(group) {
    if (group.length === 1) return shortened(group[0].reading.sentence, 400);
    const [first, last] = [group[0], group.at(-1)].map(({ entry, reading }) => this.view.dates.effective(reading.at, entry));
    const kinds = new Set(group.map(({ entry }) => own(KINDS, entry.mark)?.[0] ?? "entry"));
    return `${group.length} entries (${[...kinds].join(", ")}), ${first} to ${last}`;
  }

  cursor(bottom) {
    if (this.by === "" || Date.parse(this.by) >= this.to) return [];
    const x = this.x(this.by);
    return [svg("line", { class: "now", x1: x, x2: x, y1: 0, y2: bottom })];
  }

  axis(top, width) {
    const drawn = [];
    for (const { at, words } of ticksOf(this.from, this.to, (this.right - this.left) / 64)) {
      const x = this.x(new Date(at).toISOString());
      if (x > width - 24 || x < this.left) continue;
      drawn.push(
        svg("line", { class: "grid", x1: x, x2: x, y1: 6, y2: top + 5 }),
        svg("text", { class: "tick", x: x + 3, y: top + 18 }, words),
      );
    }
    return drawn;
  }

  // -- reading it ------------------------------------------------------------------------------------------

  tell(mark) {
    const found = mark ? this.marks.find((one) => one.element === mark) : undefined;
    this.tip.hidden = found === undefined;
    if (found === undefined) return;
    const { group } = found;
    const lines = group.slice(0, 4).map(({ entry, reading }) =>
      el("p", {}, el("b", {}, said(entry.number)), " ", said(shortened(reading.sentence, 320))),
    );
    if (group.length > 1) lines.unshift(el("p", { class: "soft" }, this.words(group)));
    if (group.length > 4) lines.push(el("p", { class: "soft" }, `and ${group.length - 4} more`));
    this.tip.replaceChildren(...lines);
    const [box, own] = [this.place.getBoundingClientRect(), mark.getBoundingClientRect()];
    const width = Math.min(360, box.width);
    this.tip.style.width = `${width}px`;
    this.tip.style.left = `${Math.min(Math.max(own.left - box.left - 40, 0), box.width - width)}px`;
    this.tip.style.top = `${own.bottom - box.top + this.place.offsetTop + 8}px`;
  }

  go(mark) {
    if (mark) this.jump(mark.dataset.seqs.split(" ").map(Number));
  }

  key(event) {
    const at = this.marks.findIndex((one) => one.element === event.target);
    if (at < 0) return;
    const to = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: this.marks.length - 1,
    }[event.key];
    if (event.key === "Enter" || event.key === " ") this.go(event.target);
    else if (event.key === "Escape") this.tip.hidden = true;
    else if (to === undefined) return;
    event.preventDefault();
    const next = this.marks[to];
    if (next === undefined) return;
    event.target.setAttribute("tabindex", "-1");
    next.element.setAttribute("tabindex", "0");
    next.element.focus();
  }
}
