// One entry as a person reads it: its sentence, number and hash, its marks and texts; its stored bytes for who asks.

const MARKS = {
  late: "recorded late",
  "day only": "stated as a day only",
  "as found": "imported",
  corrected: "corrected",
  retracted: "retracted",
  overridden: "overridden",
  withheld: "withheld",
};
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
    const what = rules.length === 0 ? "before its day" : `against ${rules.join(", ")}`;
    return [`${words}: ${what} on the authority of `, said(authorised_by), ...[why].flat()];
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
