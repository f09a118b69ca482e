"use strict";
// Filters and sorts what stands in the page; adds nothing to it. The state is kept in the address after `#`.
(() => {
  const form = document.getElementById("filter");
  const tally = document.getElementById("tally");
  const sorted = document.getElementById("sorted");
  const order = new Intl.Collator("en", { numeric: true });
  const fields = ["q", "client", "rule", "kind", "status", "order"];

  // -- what there is ---------------------------------------------------------------------------------------

  const lists = [...document.querySelectorAll("section[data-noun]")].map((section) => {
    const none = document.createElement("p");
    none.className = "none";
    none.textContent = "Nothing here matches the filter.";
    none.hidden = true;
    section.append(none);
    return {
      section,
      none,
      noun: section.dataset.noun,
      table: section.querySelector("table[data-sort]"),
      folded: section.querySelector("details"),
      articles: [...section.querySelectorAll("article")].map((element, index) => ({
        element,
        index,
        rows: rowsOf(element),
        head: () => element.querySelector("h3").textContent + " " + element.querySelector("p").textContent,
      })),
      rows: [...section.querySelectorAll("table[data-sort]")].flatMap(rowsOf),
      groups: [...section.querySelectorAll("tbody")].filter((body) => body.querySelector(".group")),
    };
  });

  function rowsOf(element) {
    return [...element.querySelectorAll("tbody tr:not(.group)")];
  }

  const texts = new WeakMap();
  function textOf(row, head = "") {
    let text = texts.get(row);
    if (text === undefined) {
      text = (head + " " + [...row.cells].map((cell) => cell.textContent).join(" ")).toLowerCase();
      texts.set(row, text);
    }
    return text;
  }

  // -- filtering -------------------------------------------------------------------------------------------

  function wanted() {
    const value = (name) => form.elements.namedItem(name).value;
    return {
      words: value("q").toLowerCase().split(/\s+/).filter(Boolean),
      client: value("client"),
      rule: value("rule"),
      kind: value("kind"),
      status: value("status"),
    };
  }

  function holds(value, choice) {
    return choice === "" || (value !== undefined && (value === choice || value.split(" ").includes(choice)));
  }

  function fits(row, want, head) {
    const { r, k, s } = row.dataset;
    if (!holds(r, want.rule) || !holds(k, want.kind) || !holds(s, want.status)) return false;
    if (want.words.length === 0) return true;
    const text = textOf(row, head);
    return want.words.every((word) => text.includes(word));
  }

  function ofClient(element, want) {
    return want.client === "" || element.dataset.c === want.client;
  }

  function show(element, yes) {
    if (element.hidden === yes) element.hidden = !yes;
    return yes ? 1 : 0;
  }

  function filter() {
    const want = wanted();
    const open = want.rule === "" && want.kind === "" && want.status === "";
    const filtered = !open || want.client !== "" || want.words.length > 0;
    const counts = [];
    for (const list of lists) {
      let shown = 0;
      for (const row of list.rows) shown += show(row, ofClient(row, want) && fits(row, want, ""));
      for (const article of list.articles) {
        let inside = 0;
        if (ofClient(article.element, want)) {
          const head = want.words.length === 0 ? "" : article.head();
          for (const row of article.rows) inside += show(row, fits(row, want, head));
          if (article.rows.length === 0 && open) {
            inside = want.words.every((word) => head.toLowerCase().includes(word)) ? 1 : 0;
          }
        }
        shown += show(article.element, inside > 0);
      }
      for (const body of list.groups) show(body, [...body.rows].some((row) => !row.hidden && row.dataset.r !== undefined));
      const all = list.rows.length + list.articles.length;
      if (list.table !== null) show(list.table, shown > 0);
      if (list.folded !== null) list.folded.open = list.folded.open || (filtered && shown > 0 && shown < all);
      show(list.none, all > 0 && shown === 0);
      if (all > 0) counts.push(`${shown.toLocaleString("en")} of ${all.toLocaleString("en")} ${list.noun}`);
    }
    document.body.classList.toggle("filtered", filtered);
    tally.textContent = counts.length === 0 ? "There is nothing to list." : `Shown: ${counts.join(", ")}.`;
    if (filtered) tally.textContent += ` Filter: ${inWords()}.`;
  }

  function inWords() {
    return fields
      .filter((name) => name !== "order" && form.elements.namedItem(name).value !== "")
      .map((name) => {
        const field = form.elements.namedItem(name);
        const words = field.tagName === "SELECT" ? field.selectedOptions[0].textContent : `\u201c${field.value}\u201d`;
        return `${field.labels[0].textContent.toLowerCase()} ${words}`;
      })
      .join(", ");
  }

  // -- sorting ---------------------------------------------------------------------------------------------

  const tables = new Map();
  for (const table of document.querySelectorAll("table[data-sort]")) {
    const heads = [...table.tHead.rows[0].cells];
    const rows = rowsOf(table);
    const first = heads.find((head) => head.hasAttribute("aria-sort"));
    const one = {
      table,
      heads,
      rows,
      homes: rows.map((row) => row.parentElement),
      bodies: [...table.tBodies],
      flat: null,
      initial: first === undefined ? "" : first.dataset.key,
    };
    tables.set(table.dataset.sort, one);
    for (const head of heads) {
      if (head.dataset.key === undefined) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        sort(one, head.dataset.key, down);
        filter();
        remember();
        sorted.textContent = `Sorted by ${button.textContent}, ${down ? "descending" : "ascending"}.`;
      });
      head.append(button);
    }
  }

  function sort(one, key, down) {
    const column = one.heads.findIndex((head) => head.dataset.key === key);
    if (column < 0 && key !== "") return;
    one.heads.forEach((head, index) => {
      if (index === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    const grouped = one.bodies.some((body) => body.querySelector(".group") !== null);
    one.table.classList.toggle("flat", grouped && key !== "client");
    if (one.flat !== null) one.flat.remove();
    one.flat = null;
    if (grouped && key === "client") {
      one.rows.forEach((row, index) => one.homes[index].append(row));
      one.table.append(...(down ? [...one.bodies].reverse() : one.bodies));
      return;
    }
    const sign = down ? -1 : 1;
    const keyed = one.rows.map((row, index) => ({ row, index, value: valueOf(row.cells[Math.max(column, 0)]) }));
    if (column >= 0) keyed.sort((a, b) => sign * compare(a.value, b.value) || a.index - b.index);
    if (grouped) {
      one.flat = document.createElement("tbody");
      one.table.append(one.flat);
    }
    (one.flat ?? one.bodies[0]).append(...keyed.map((each) => each.row));
  }

  function valueOf(cell) {
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  }

  function compare(a, b) {
    return typeof a === "number" && typeof b === "number" ? a - b : order.compare(String(a), String(b));
  }

  function arrange(how) {
    for (const list of lists) {
      if (list.articles.length === 0) continue;
      const by = {
        day: (a, b) => order.compare(a.element.dataset.at, b.element.dataset.at),
        "not-shown": (a, b) => b.element.dataset.n - a.element.dataset.n,
      }[how];
      const ordered = [...list.articles].sort((a, b) => (by ? by(a, b) : 0) || a.index - b.index);
      list.none.before(...ordered.map((article) => article.element));
    }
  }

  // -- the address -----------------------------------------------------------------------------------------

  function remember() {
    const state = new URLSearchParams();
    for (const name of fields) {
      const { value } = form.elements.namedItem(name);
      if (value !== "") state.set(name, value);
    }
    for (const [name, { heads, initial }] of tables) {
      const head = heads.find((each) => each.hasAttribute("aria-sort"));
      if (head === undefined) continue;
      const down = head.getAttribute("aria-sort") === "descending";
      if (down || head.dataset.key !== initial) state.set(`sort.${name}`, (down ? "-" : "") + head.dataset.key);
    }
    const text = state.toString();
    if (text !== "" || location.hash.includes("=")) history.replaceState(null, "", `#${text}`);
  }

  function recall() {
    const hash = location.hash.slice(1);
    if (hash !== "" && !hash.includes("=")) return; // a place in the page, not a state
    const state = new URLSearchParams(hash);
    for (const name of fields) {
      const field = form.elements.namedItem(name);
      field.value = state.get(name) ?? "";
      if (field.selectedIndex === -1) field.value = "";
    }
    for (const [name, one] of tables) {
      const said = state.get(`sort.${name}`) ?? one.initial;
      const down = said.startsWith("-");
      sort(one, down ? said.slice(1) : said, down);
    }
    arrange(form.elements.namedItem("order").value);
  }

  let waiting = 0;
  const changed = (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (event.target.name === "order") arrange(event.target.value);
      filter();
      remember();
    }, event.target.name === "q" ? 150 : 0);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("reset", () => {
    setTimeout(() => {
      arrange("");
      filter();
      remember();
    });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => {
    recall();
    filter();
  });

  const whole = document.getElementById("whole");
  whole.hidden = !document.body.classList.contains("long");
  whole.addEventListener("click", () => {
    document.body.classList.remove("long");
    whole.hidden = true;
    sorted.textContent = "The whole page is laid out.";
  });

  if (location.hash.includes("=")) recall();
  filter();
  form.hidden = false;
  tally.hidden = false;
})();
