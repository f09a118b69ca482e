// The program's reading of the record, where it is included: never mixed with the record, and headed as what it is.

const STATUS = {
  violated: "not shown",
  pending: "due",
  "not-determinable": "not determinable",
  satisfied: "shown",
  "not-applicable": "not applicable",
};
const OBLIGATION = { overdue: "overdue", open: "due", late: "done late", met: "met" };
const VERDICT = {
  clean: "no findings",
  pending: "requirements due",
  violations: "requirements not shown",
  "not-determinable": "not determinable from this production",
};

function showAnalysis(view, analysis) {
  const { dates } = view;
  const parts = [
    ...analysis.about.map((paragraph) => el("p", { class: "lead" }, said(paragraph))),
    el(
      "p",
      {},
      `What had happened by ${dates.moment(analysis.as_of)}, using ${analysis.known_at === null ? "everything on record" : `what was on record by ${dates.moment(analysis.known_at)}`}: `,
      el("b", {}, verdictWords(analysis.verdict, analysis.findings.length)),
      analysis.verdict_as_recorded === analysis.verdict
        ? "."
        : `. As first recorded, before corrections: ${own(VERDICT, analysis.verdict_as_recorded) ?? analysis.verdict_as_recorded}.`,
    ),
    el("h3", {}, "Changes of role"),
    ...(analysis.transitions.length === 0
      ? [el("p", { class: "soft" }, "None.")]
      : analysis.transitions.map((transition) => transitionPart(view, analysis, transition))),
    el("h3", {}, "Findings"),
    analysis.findings.length === 0
      ? el("p", { class: "soft" }, "None.")
      : reading(
          "findings",
          ["Rule, by what it forbids", "Kind", "What the record shows", "Entries"],
          analysis.findings.map((finding) => [
            ruleCell(analysis, finding.rule),
            el("td", { "data-label": "Kind" }, finding.kind, flags(finding)),
            el("td", { "data-label": "Record" }, said(finding.message)),
            refsCell(view, finding.entries),
          ]),
          (row) => ["gate", "violation"].includes(analysis.findings[row].kind),
        ),
    el("h3", {}, "Obligations"),
    analysis.obligations.length === 0
      ? el("p", { class: "soft" }, "None.")
      : reading(
          "obligations",
          ["Rule, by what it forbids", "Status", "To be done", "Entries"],
          analysis.obligations.map((due) => [
            ruleCell(analysis, due.rule),
            el("td", { "data-label": "Status" }, `${own(OBLIGATION, due.status) ?? due.status}, by ${dates.words(due.due)}`),
            el("td", { "data-label": "To be done" }, said(due.message)),
            refsCell(view, due.entries),
          ]),
          (row) => analysis.obligations[row].status === "overdue",
        ),
    el("h3", {}, "The rules named here"),
    el("dl", { class: "rules" }, ...Object.entries(analysis.rules).flatMap(([id, rule]) => rulePieces(id, rule))),
  ];
  byId("readings").replaceChildren(...parts);
  byId("analysis-part").hidden = false;
  byId("to-analysis").hidden = false;
}

function verdictWords(verdict, findings) {
  if (verdict === "clean" && findings > 0) return `no findings but ${counted(findings, "remark")} (warnings, advice)`;
  return own(VERDICT, verdict) ?? verdict;
}

function transitionPart(view, analysis, change) {
  const side = (id, service, practitioner) =>
    id === null && service === null
      ? ["what came before"]
      : [service === null ? "" : `${service} `, said(id ?? ""), ...(practitioner === null ? [] : [" with ", said(practitioner)])];
  const rows = change.requirements.map((one) => [
    ruleCell(analysis, one.rule),
    el("td", { "data-label": "Requirement", class: `s-${one.status}` }, own(STATUS, one.status) ?? one.status),
    el("td", { "data-label": "Record" }, said(one.message)),
    refsCell(view, one.entries),
  ]);
  return el(
    "article",
    {},
    el(
      "h4",
      {},
      "From ",
      ...side(change.from, change.from_service, change.from_practitioner),
      " to ",
      ...side(change.to, change.to_service, change.to_practitioner),
    ),
    el("p", {}, `${view.dates.words(change.at)}: `, el("b", {}, verdictWords(change.verdict, 0))),
    reading("requirements", ["Rule, by what it forbids", "Its requirement is", "What the record shows", "Entries"], rows, (row) => change.requirements[row].status === "violated"),
  );
}

function reading(name, heads, rows, isStrong) {
  return el(
    "table",
    { class: `reading ${name}` },
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows.map((cells, row) => el("tr", { class: isStrong(row) ? "strong" : null }, ...cells))),
  );
}

function ruleCell(analysis, rule) {
  const title = Object.hasOwn(analysis.rules, rule) ? analysis.rules[rule].title : "";
  return el("th", { scope: "row", "data-label": "Rule" }, el("b", {}, rule), " ", el("span", { class: "soft" }, title));
}

function flags(finding) {
  return [finding.overridden ? ", overridden" : "", finding.as_found ? ", imported" : ""].join("");
}

function refsCell(view, entries) {
  const refs = entries.map(({ stream, seq }) =>
    stream === view.stream && view.numbers.has(seq) ? entryLink(view, seq) : el("span", { class: "ref" }, said(`${stream} ${seq}`)),
  );
  return el("td", { "data-label": "Entries" }, ...(refs.length === 0 ? ["\u2013"] : listed(refs)));
}

function rulePieces(id, rule) {
  return [
    el("dt", {}, el("b", {}, id), ` ${rule.title}`),
    el(
      "dd",
      {},
      said(rule.why),
      ...(Array.isArray(rule.sources) && rule.sources.length > 0 ? [" ", el("span", { class: "soft" }, "Sources: ", said(rule.sources.join("; ")))] : []),
    ),
  ];
}
