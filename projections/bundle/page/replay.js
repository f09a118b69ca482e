// The record at a moment: docs/reference/bundle.md, "Replaying". Nothing is judged here, only told.

// Kind of thing, act: the states it applies to (null: any, also none yet), and the state it brings.
const STEPS = {
  engagement: {
    open: [null, "running"],
    pause: [["running"], "paused"],
    resume: [["paused"], "running"],
    close: [["running", "paused"], "closed"],
  },
  agreement: {
    issue: [null, "issued"],
    consent: [["issued"], "live"],
    decline: [["issued", "live"], "declined"],
    revoke: [["issued", "live", "declined"], "revoked"],
  },
  referral: {
    make: [null, "unanswered"],
    "make-declined": [null, "declined by the client"],
    accept: [["unanswered", "declined by the client"], "accepted"],
    refuse: [["unanswered", "declined by the client"], "declined"],
    lapse: [["unanswered", "declined by the client"], "lapsed"],
    conclude: [["accepted"], "concluded"],
  },
  concern: { raise: [null, "unresolved"], resolve: [["unresolved"], "resolved"] },
  release: { grant: [null, "live"], revoke: [["live"], "revoked"] },
};

// States that read "expired" once the last moment of validity has passed.
const EXPIRES = { agreement: ["issued", "live"], release: ["live"] };

// What each produced entry said, knowing the first `known` entries of the file, and having happened by `by`; in
// effective order. Each with its entry.
function readingsAt(record, by, known) {
  const found = [];
  for (const entry of record.entries) {
    let last = null;
    for (const reading of entry.readings ?? []) if (reading.from <= known) last = reading;
    if (last !== null && last.retracted !== true && last.at <= by) found.push({ entry, reading: last });
  }
  return found.sort((a, z) => (a.reading.at < z.reading.at ? -1 : a.reading.at > z.reading.at ? 1 : a.entry.seq - z.entry.seq));
}

// The state of each thing that is there by then: its number, state, since when, by which entry; and every state it
// went through, for the picture.
function stateAt(record, by, known) {
  const things = new Map();
  const readings = readingsAt(record, by, known);
  for (const { entry, reading } of readings) {
    for (const [number, act, until] of reading.effects) {
      const step = own(own(STEPS, record.things[number]?.kind) ?? {}, act);
      const thing = things.get(number);
      if (step === undefined || (step[0] !== null && !step[0].includes(thing?.state))) continue;
      const next = { number, state: step[1], since: reading.at, entry };
      things.set(number, {
        ...next,
        until: until ?? (act === "issue" || act === "grant" ? null : thing?.until ?? null),
        path: [...(thing?.path ?? []), next],
      });
    }
  }
  for (const thing of things.values()) {
    const lapses = own(EXPIRES, record.things[thing.number].kind)?.includes(thing.state);
    if (lapses && thing.until !== null && thing.until < by) Object.assign(thing, { state: "expired", since: thing.until });
  }
  return { readings, things: [...things.values()].sort((a, z) => a.number - z.number) };
}

// The moments at which something happened, in order; and last the moment the production looks at the file.
function momentsOf(record) {
  const moments = new Set();
  for (const entry of record.entries) for (const reading of entry.readings ?? []) moments.add(reading.at);
  const sorted = [...moments].sort();
  const end = record.moments.as_of;
  return typeof end === "string" && !(end <= sorted.at(-1)) ? [...sorted, end] : sorted;
}

// The latest moment of recording among the first `known` entries of the file, or null.
function recordedBy(record, known) {
  let latest = null;
  for (const entry of record.entries) {
    if (entry.seq <= known && entry.recorded_at !== undefined && (latest === null || entry.recorded_at > latest)) {
      latest = entry.recorded_at;
    }
  }
  return latest;
}
