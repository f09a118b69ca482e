// The verification panel: what was recomputed, in plain words, and the light at the head of the page.

// What each check stands for; the first words name it, the others say what it shows.
const EXPLAINED = {
  manifest: ["The list of contents", "What this production is, whose file, of which log, and what it leaves out, is stated in the form agreed."],
  "manifest-signature": ["The list of contents is signed", "The practice\u2019s key signed exactly this list: nothing in it was changed since."],
  files: ["The parts are as listed", "Each part of this production has the fingerprint that the signed list gives for it."],
  page: ["This page shows those parts", "What you read here are the listed parts, and nothing else is in the page."],
  entries: ["No gap among the entries", "The entries are numbered from 1 on, and there are as many as the proof counts."],
  leaf: ["No entry was altered", "The fingerprint of each entry, computed anew from its stored bytes, is the one the proof rests on."],
  chain: ["The entries follow each other", "Each entry is of this client\u2019s file, in its place, and names the fingerprint of the one before it."],
  withheld: ["What is withheld is what is listed", "Entries and texts are left out, and shown, exactly as the signed list says."],
  texts: ["The texts shown are the texts recorded", "Each revealed text has the digest that its entry has carried since it was recorded."],
  words: ["The words are about these entries", "Each sentence on this page stands by the entry it tells of; type, times and author are those of the stored bytes."],
  completeness: ["The file is complete", "The seal commits the practice to exactly these entries for this client: none was left out, none added."],
  seal: ["The seal covers everything before it", "The seal, the last entry that the signed checkpoint covers, commits every file of the ledger as it stood."],
  checkpoint: ["The checkpoint is signed", "The practice\u2019s key signed the state of the whole ledger, this seal included."],
  cosignatures: ["Countersignatures", "Witnesses outside the practice signed the same checkpoint. Checked for those whose keys you give."],
  "time-stamp": ["Time-stamp", "A time-stamping authority saw the checkpoint."],
  keys: ["The signing keys follow each other", "Where the practice replaced its key, the old key and the new one both signed for the entry that says so."],
  signer: ["Whose key it is", "The key that signed is the key you obtained elsewhere."],
};

const LIGHTS = {
  grey: "Not checked yet",
  amber: "Internally consistent; signer not verified",
  green: "Holds: unchanged, complete at its seal, and signed by the key given",
  followed: "Holds: unchanged, complete at its seal, and signed by a successor of the key given",
  red: "Does not hold",
};

class Verification {
  constructor(files, found) {
    Object.assign(this, { files, found, turn: 0 });
    this.form = byId("keys");
    let waiting = 0;
    this.form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.check(), 250);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check();
    });
  }

  // Checks everything, with the keys given. A later call overtakes an earlier one.
  async check() {
    const turn = (this.turn += 1);
    if (globalThis.crypto?.subtle === undefined) return this.cannot();
    const key = await this.keyOf("key", [1], false);
    const witnesses = await this.keyOf("witnesses", [4, 1], true);
    if (turn !== this.turn) return undefined;
    if (!byId("light").classList.contains("red")) byId("checked").textContent = "Checking\u2026";
    const began = performance.now();
    const { results, remarks } = await verified(this.files, key[0] ?? null, witnesses);
    if (turn !== this.turn) return undefined;
    this.took = performance.now() - began;
    this.show(results, remarks, key[0] ?? null, witnesses);
    return undefined;
  }

  cannot() {
    shine("grey", "This browser does not let this page compute anything (it has no WebCrypto here). Open the page from your own disk in a current browser, or use verify.py.");
    byId("checked").textContent = "Nothing was checked.";
  }

  // The keys in a field; what is no key is said beside it, and counts as none.
  async keyOf(name, kinds, several) {
    const field = byId(name);
    const hint = byId(`${name}-said`);
    hint.dataset.first ??= hint.textContent;
    const texts = (several ? field.value.split("\n") : [field.value]).map((text) => text.trim()).filter((text) => text !== "");
    const keys = [];
    const wrong = [];
    for (const text of texts) {
      try {
        keys.push(await Key.of(text.replace(/\s+/gu, ""), kinds));
      } catch (error) {
        wrong.push(error instanceof Wrong ? error.message : "that is not a public key");
      }
    }
    field.toggleAttribute("aria-invalid", false);
    if (wrong.length > 0) field.setAttribute("aria-invalid", "true");
    hint.classList.toggle("wrong", wrong.length > 0);
    hint.textContent = wrong.length > 0 ? `It cannot be used: ${wrong[0]}.` : hint.dataset.first;
    return wrong.length > 0 && !several ? [] : keys;
  }

  show(results, remarks, key, witnesses) {
    const wrong = results.flatMap((result) => result.wrong);
    const light = wrong.length > 0 ? "red" : key === null ? "amber" : "green";
    const followed = light === "green" && remarks.some((one) => one.check === "signer" && one.followed);
    shine(light, reasonOf(light, results, followed, key), LIGHTS[followed ? "followed" : light]);
    byId("checks").replaceChildren(...results.map((result) => checkItem(result, remarks, key, witnesses)));
    const failed = results.filter((result) => result.wrong.length > 0).length;
    byId("checked").textContent =
      failed > 0
        ? `${failed} of ${results.length} checks do not hold.`
        : `${results.length} checks, computed in this browser in ${Math.max(this.took / 1000, 0.1).toFixed(1)} seconds.`;
    this.found(results);
  }
}

function shine(light, reason, headline = LIGHTS[light]) {
  byId("light").className = `light ${light}`;
  byId("headline").textContent = headline;
  byId("reason").textContent = legible(reason);
}

// What a person has to know whose key is an older one.
const FOLLOWED = "The key given signed for a key that took its place; if it was stolen before, ask for the present key.";

function reasonOf(light, results, followed, key) {
  if (light === "amber") {
    return "Nothing was changed, added or left out since the key named in the file signed. Whose key that is has not been verified: paste the practice\u2019s public key, obtained by another way than with this file.";
  }
  if (followed) {
    return `Nothing was changed, added or left out since a successor of the key ${key.name}+${key.id} signed. ${FOLLOWED}`;
  }
  if (light === "green") {
    return `Nothing was changed, added or left out since the key ${key.name}+${key.id} signed. Whether what was recorded is true, no computation can show.`;
  }
  const failing = results.filter((result) => result.wrong.length > 0);
  // What is wrong with the record says more than which part of the production it stands in.
  const ordered = [...failing].sort((a, z) => (a.name === "files") - (z.name === "files"));
  const messages = ordered.flatMap((result) => result.wrong.map((one) => one.text));
  if (failing.length === 1 && failing[0].name === "signer") {
    return `${sentenceOf(messages[0])} The file is consistent in itself; by this key it is not signed.`;
  }
  const more = messages.length > 2 ? ` And ${messages.length - 2} more, below.` : "";
  return messages.slice(0, 2).map((text) => sentenceOf(shortened(text, 300))).join(" ") + more;
}

function sentenceOf(text) {
  if (/^\S+\.\S/u.test(text)) return `${text}.`; // it begins with the name of a file
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const MOST_TOLD = 5;

function checkItem({ name, wrong }, remarks, key, witnesses) {
  const [title, meaning] = EXPLAINED[name];
  const [state, result] = resultOf(name, wrong, remarks, key, witnesses);
  const told = wrong.slice(0, MOST_TOLD).map(({ seq, text }) =>
    el("li", {}, said(shortened(text, 400)), Number.isSafeInteger(seq) ? [" ", el("a", { href: `#e${seq}` }, "See it")] : null),
  );
  if (wrong.length > MOST_TOLD) told.push(el("li", {}, `and ${wrong.length - MOST_TOLD} more`));
  return el(
    "li",
    { class: `check ${state}`, "data-check": name },
    el("p", { class: "result" }, result),
    el("div", {}, el("p", { class: "title" }, title), el("p", { class: "soft" }, meaning), ...remarkOf(name, remarks), wrong.length > 0 ? el("ul", { class: "wrong" }, ...told) : null),
  );
}

function resultOf(name, wrong, remarks, key, witnesses) {
  if (wrong.length > 0) return ["fails", "does not hold"];
  const remark = remarks.find((one) => one.check === name);
  if (name === "signer" && key === null) return ["open", "not checked"];
  if (name === "cosignatures" && witnesses.length === 0) {
    return remark === undefined || remark.unknown.length > 0 ? ["open", "not checked"] : ["none", "there are none"];
  }
  if (name === "time-stamp") return remark?.there ? ["open", "not checked here"] : ["none", "there is none"];
  return ["holds", "holds"];
}

// What a check leaves open.
function remarkOf(name, remarks) {
  const remark = remarks.find((one) => one.check === name);
  if (remark === undefined) return [];
  const note = (...pieces) => [el("p", { class: "soft" }, ...pieces)];
  if (name === "files" && remark.elsewhere.length > 0) {
    return note("Not in this page, so not checked here: ", said(remark.elsewhere.join(", ")), ". verify.py checks them.");
  }
  if (name === "page") return note("That this page itself is the one that was made, verify.py checks; a page cannot look at itself.");
  if (name === "cosignatures" && remark.unknown.length > 0) {
    return note("Countersigned by ", said(remark.unknown.join(", ")), "; no key was given for it.");
  }
  if (name === "signer" && remark.followed) return note(FOLLOWED);
  if (name === "time-stamp" && remark.there) return note("It is in timestamp.tsr; verify.py and \u201copenssl ts -verify\u201d check it.");
  return [];
}
