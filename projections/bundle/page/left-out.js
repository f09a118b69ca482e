// What is left out of the production: entries and texts, each with its reason, from the manifest.

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
