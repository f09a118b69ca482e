// The first screen: whose file, of when, how much of it, how it was recorded, who signed and who vouches from outside.

const FIGURES = [
  ["same day", "recorded same day"],
  ["late", "recorded late"],
  ["day only", "stated as a day only"],
  ["as found", "imported"],
  ["corrected", "corrected"],
  ["retracted", "retracted"],
  ["overridden", "overridden"],
];

function otherFilesWords(others) {
  return said(`The same person has also the file ${others.join(", ")}; nothing of it is in this production.`);
}

function showSummary(view, filterBy) {
  const { record, dates } = view;
  byId("practice").replaceChildren(said(record.practice));
  byId("what").replaceChildren("Record of client ", said(record.client), ", with its proof");
  const { in_file, produced, withheld } = record.counts;
  const facts = [
    ["Client", [said(record.client), " ", el("span", { class: "soft" }, "(a pseudonym)")]],
    ["Other files", record.other_files.length === 0 ? null : [otherFilesWords(record.other_files)]],
    ["Made for", record.for === null ? null : [said(record.for)]],
    ["Scope", record.scope === "all" ? null : [`${record.scope} only`]],
    ["Period", [periodWords(record, dates)]],
    ["Happened by", [dates.moment(record.moments.as_of)]],
    ["On record by", [record.moments.known_at === null ? "the seal: everything recorded" : dates.moment(record.moments.known_at)]],
    [
      "Sealed",
      [
        dates.words(record.moments.sealed_at),
        record.moments.sealed_now ? "" : ", an earlier seal than this production",
        el("span", { class: "soft" }, ` (all times: ${dates.zone})`),
      ],
    ],
    [
      "Entries",
      [
        el("b", {}, `${numbered(produced)} of ${counted(in_file, "entry", "entries")} of this file`),
        `, ${numbered(withheld)} withheld`,
      ],
    ],
    ["Legal hold", record.holds === 0 ? null : [el("b", {}, holdWords(record.holds)), "; what it is about is sealed"]],
    ["Erased", record.erased.length === 0 ? null : [erasedWords(record, dates)]],
    ["Signing key", [el("code", { id: "fingerprint" }, "\u2026")]],
    ["Keys before it", replacedPieces(record, dates)],
    ["Outside anchors", anchorPieces(record, dates)],
  ];
  byId("summary").replaceChildren(
    ...facts
      .filter(([, pieces]) => pieces !== null)
      .map(([term, pieces]) => el("div", {}, el("dt", {}, term), el("dd", {}, ...pieces))),
  );
  const figures = [...FIGURES.map(([mark, words]) => [mark, words, record.counts.marks[mark]]), ["withheld", "withheld", withheld]];
  byId("figures").replaceChildren(
    ...figures.map(([mark, words, number]) => {
      const content = [el("b", {}, numbered(number)), " ", el("span", {}, words)];
      const plain = number === 0 || mark === "same day";
      return el(
        "li",
        { class: number === 0 ? "zero" : null },
        plain ? content : el("button", { type: "button", title: "Show these entries", click: () => filterBy(mark) }, ...content),
      );
    }),
  );
}

function holdWords(standing) {
  return standing === 1 ? "one stands: nothing of this file may be erased" : `${numbered(standing)} stand: nothing of this file may be erased`;
}

function erasedWords(record, dates) {
  const days = record.erased.map((one) => dates.words(one.at)).join(", ");
  return `what was sealed before ${days}: its keys were destroyed, nobody can open it; coded facts stay`;
}

function periodWords(record, dates) {
  const { first, last } = record.period;
  if (first === null) return "nothing produced";
  return first === last ? dates.words(first) : `${dates.words(first)} to ${dates.words(last)}`;
}

function anchorPieces(record, dates) {
  if (record.anchors.length === 0) {
    return [el("b", {}, "none"), ": nobody outside the practice has countersigned or time-stamped this record"];
  }
  return listed(
    record.anchors.map((anchor) =>
      el(
        "span",
        {},
        anchor.kind,
        anchor.name === null || anchor.name === undefined ? "" : " by ",
        anchor.name === null || anchor.name === undefined ? "" : said(anchor.name),
        anchor.at === null || anchor.at === undefined ? "" : ` of ${dates.words(anchor.at)}`,
      ),
    ),
  );
}

// The keys that signed before, and why no longer; null where there was none.
function replacedPieces(record, dates) {
  const { replaced } = record.key;
  if (replaced.length === 0) return null;
  const pieceOf = ({ key, at, reason, signed_for }) => {
    const words = [el("code", {}, said(key.split("+", 2).join("+"))), ` replaced on ${dates.words(at)}: `, said(reason)];
    return el("span", {}, ...words, signed_for ? "" : " (it did not sign for the key after it)");
  };
  return listed(replaced.map(pieceOf));
}

// The fingerprint is computed here from the key that the proof names, never copied.
async function showFingerprint(bundle) {
  const place = byId("fingerprint");
  if (place === null) return;
  try {
    place.textContent = grouped(hex(await sha256((await bundle.named()).publicKey)));
  } catch {
    place.textContent = "cannot be read";
  }
}
