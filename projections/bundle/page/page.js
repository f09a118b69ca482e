// The page put together: the data read, the parts shown, the checks begun. What cannot be shown is said, and the rest is.

function main() {
  const files = filesOfThePage();
  const view = viewOf(files);
  const entriesOf = { current: null };
  const verification = new Verification(files, (results) => {
    entriesOf.current?.flag(results.flatMap((result) => result.wrong));
  });
  if (view.record !== null) {
    attempt("the summary", () => showSummary(view, (mark) => showMarked(entriesOf.current, mark)));
    attempt("the entries", () => {
      entriesOf.current = new Entries(view);
    });
    attempt("the picture", () => replayed(view, entriesOf.current));
  }
  if (view.manifest !== null) attempt("what is left out", () => showLeftOut(view));
  if (view.analysis !== null) attempt("the analysis", () => showAnalysis(view, view.analysis));
  links(entriesOf.current);
  requestAnimationFrame(() =>
    setTimeout(async () => {
      if (globalThis.crypto?.subtle !== undefined) await showFingerprint(new Bundle(files));
      await verification.check();
      document.documentElement.dataset.ready = "yes";
    }),
  );
}

// The texts that the page holds; none where its data cannot be read.
function filesOfThePage() {
  try {
    const data = strictJson(byId("bundle").textContent, "the data in this page");
    if (data.format !== FORMAT) trouble(`The data in this page are not of the form ${FORMAT}.`);
    return { ...anObject(data.files, "the data in this page") };
  } catch (error) {
    trouble(`The data in this page cannot be read: ${error.message}.`);
    return {};
  }
}

function viewOf(files) {
  const parsed = (name) => {
    if (!Object.hasOwn(files, name)) return null;
    try {
      return anObject(JSON.parse(files[name]), name);
    } catch (error) {
      trouble(`${name} cannot be shown: ${error.message}.`);
      return null;
    }
  };
  const [told, manifest, analysis] = ["record.json", "manifest.json", "analysis.json"].map(parsed);
  const lines = new Map();
  try {
    for (const line of new Bundle(files).part("entries.ndjson")) lines.set(line.seq, line);
  } catch (error) {
    trouble(`entries.ndjson cannot be shown: ${error.message}.`);
  }
  let [record, numbers] = [told, new Map()];
  attempt("the record", () => {
    record = null;
    if (told === null) return;
    numbers = new Map(told.entries.map((entry) => [anObject(entry, "an entry").seq, entry.number]));
    record = told;
  });
  return {
    record,
    manifest,
    analysis,
    lines,
    numbers,
    stream: manifest?.stream,
    revealed: new Map(),
    dates: new Dates(record?.moments?.time_zone ?? "UTC"),
  };
}

// The replay, and the picture that follows it; drawn anew when the window changes, and for paper.
function replayed(view, entries) {
  const picture = new Picture(view, (seqs) => entries?.jump(seqs));
  let shown = null;
  const draw = (width) => picture.draw(shown.state, shown.by, width);
  new Clocks(view, (state, { by }) => {
    shown = { state, by };
    draw();
    entries?.follow(state);
  });
  let width = picture.place.clientWidth;
  new ResizeObserver(() => {
    if (picture.place.clientWidth === width || picture.place.clientWidth === 0) return;
    width = picture.place.clientWidth;
    requestAnimationFrame(() => draw()); // not here: drawing changes the height that is being observed
  }).observe(picture.place);
  addEventListener("beforeprint", () => {
    entries?.whole();
    byId("spans-box").open = true;
    draw(760);
  });
  addEventListener("afterprint", () => draw());
}

function showMarked(entries, mark) {
  entries?.set({ marked: mark });
  byId("entries").scrollIntoView();
  byId("entries").focus({ preventScroll: true });
}

// A link to an entry finds it wherever it is, also where a filter hides it or it has not been made yet.
function links(entries) {
  const seqOf = (href) => /^#e([1-9][0-9]*)$/.exec(href)?.[1];
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    const href = link?.getAttribute("href");
    const seq = href === undefined || href === null ? undefined : seqOf(href);
    if (href === "#spans") byId("spans-box").open = true;
    if (seq === undefined || entries === null) return;
    event.preventDefault();
    history.replaceState(null, "", href);
    entries.jump([Number(seq)]);
  });
  const asked = seqOf(location.hash);
  if (asked !== undefined) entries?.jump([Number(asked)]);
}

function attempt(what, show) {
  try {
    show();
  } catch (error) {
    trouble(`A part cannot be shown (${what}): the data are not of the form expected (${error.message}).`);
  }
}

function trouble(words) {
  const place = byId("trouble");
  place.hidden = false;
  place.append(el("span", {}, words), " ");
}

main();
