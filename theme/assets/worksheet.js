// The worksheet of the study group: docs/session/task.md holds its fields and all of its words.

// The file format, apart from page and storage.
var TermbookWorksheet = (function () {
  "use strict";
  const FORMAT = "termbook-worksheet";
  const VERSION = 1;

  /** Why a text is no worksheet, in words for the reader. */
  class Refusal extends Error {}

  const isMapping = (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value);

  /** The text of a worksheet file; answers that are empty are left out. */
  function serialise(scenario, answers) {
    const given = Object.entries(answers).filter(([, text]) => text !== "");
    const sheet = {
      format: FORMAT, version: VERSION, scenario, answers: Object.fromEntries(given),
    };
    return JSON.stringify(sheet, null, 2) + "\n";
  }

  /**
   * The scenario and the answers (every field → its text) in the text of a worksheet file.
   * `scenarios` is the Set of those that exist, `limits` the Map of fields to the longest text
   * each takes. Throws a Refusal.
   */
  function parse(text, scenarios, limits) {
    const sheet = read(text);
    if (!isMapping(sheet) || sheet.format !== FORMAT) {
      throw new Refusal("It is not a worksheet of this site.");
    }
    if (sheet.version !== VERSION) {
      throw new Refusal(
        `It has version ${JSON.stringify(sheet.version)}, and this page reads version ${VERSION}.`,
      );
    }
    if (!scenarios.has(sheet.scenario)) {
      throw new Refusal("It belongs to a scenario that this page does not have.");
    }
    if (!isMapping(sheet.answers)) throw new Refusal("It is damaged: the answers are missing.");
    for (const [field, answer] of Object.entries(sheet.answers)) check(field, answer, limits);
    const answers = [...limits.keys()].map((field) => [field, sheet.answers[field] ?? ""]);
    return { scenario: sheet.scenario, answers: Object.fromEntries(answers) };
  }

  function read(text) {
    try {
      return JSON.parse(text);
    } catch {
      throw new Refusal("It is damaged, or it is not a worksheet at all.");
    }
  }

  function check(field, answer, limits) {
    const name = field.slice(0, 40);
    if (!limits.has(field)) {
      throw new Refusal(`It is damaged: this sheet has no place for “${name}”.`);
    }
    if (typeof answer !== "string") {
      throw new Refusal(`It is damaged: the answer “${name}” is not a text.`);
    }
    if (answer.length > limits.get(field)) {
      throw new Refusal(`The answer “${name}” is too long for this sheet.`);
    }
  }

  return { serialise, parse, Refusal };
})();

// The page: fields, storage, files.
(function () {
  "use strict";
  const { serialise, parse, Refusal } = TermbookWorksheet;
  const form = document.getElementById("ws-form");
  if (!form) return;

  const LARGEST_FILE = 1 << 20;
  const one = (selector) => document.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const fields = all("textarea, input", form);
  const limits = new Map(fields.map((field) => [field.name, field.maxLength]));
  const select = document.getElementById("ws-scenario");
  const scenarios = new Set([...select.options].map((option) => option.value));
  const fileInput = one("[data-file]");
  const dialog = one(".ws-ask");

  const key = (scenario) => `termbook-worksheet:${scenario}`;
  const name = (scenario) =>
    [...select.options].find((option) => option.value === scenario).label;

  // What the reader wrote.

  function answers() {
    return Object.fromEntries(fields.map((field) => [field.name, field.value]));
  }

  function fill(given) {
    for (const field of fields) {
      field.value = given[field.name] ?? "";
      mirror(field);
    }
    all(".ws-table", form).forEach((table) => showRows(table, Number(table.dataset.shown)));
  }

  /** Repeat a field's text where the style sheet can measure and print it. */
  function mirror(field) {
    field.parentElement.dataset.text = field.value;
  }

  const isFilled = (row) => all("textarea", row).some((field) => field.value !== "");

  /** Show at least that many rows, and every row that is filled or stands before a filled one. */
  function showRows(table, least) {
    const rows = all(".ws-row", table);
    const count = Math.max(least, rows.findLastIndex(isFilled) + 1);
    rows.forEach((row, index) => { row.hidden = index >= count; });
    const more = table.nextElementSibling;
    if (more?.matches("[data-more]")) more.hidden = count >= rows.length;
  }

  function showNextRow(table) {
    const shown = all(".ws-row:not([hidden])", table).length;
    showRows(table, shown + 1);
    all(".ws-row", table)[shown].querySelector("textarea").focus();
  }

  // Where it is kept. Storage may be missing, forbidden or full: then as long as the page is open.

  const fallback = new Map();

  function keep(scenario, text) {
    try {
      localStorage.setItem(key(scenario), text);
    } catch {
      fallback.set(scenario, text);
      one("[data-keeps]").hidden = true;
      one("[data-loses]").hidden = false;
    }
  }

  /** The kept text of a scenario's sheet, or null. */
  function kept(scenario) {
    try {
      return fallback.get(scenario) ?? localStorage.getItem(key(scenario));
    } catch {
      return null;
    }
  }

  function forget(scenario) {
    fallback.delete(scenario);
    try {
      localStorage.removeItem(key(scenario));
    } catch {
      // Nothing was kept.
    }
  }

  /** The kept answers of a scenario; a text that cannot be read is set aside. */
  function keptAnswers(scenario) {
    const text = kept(scenario);
    if (text === null) return {};
    try {
      return parse(text, scenarios, limits).answers;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      keep(`${scenario}:unreadable`, text);
      say(`What this browser had kept for “${name(scenario)}” could not be read. ${error.message}`);
      return {};
    }
  }

  // What happens.

  function say(message) {
    one("[data-status]").textContent = message;
  }

  /** Turn page and sheet to a scenario, with the answers given or else those kept for it. */
  function open(scenario, given = keptAnswers(scenario)) {
    select.value = scenario;
    all("[data-for]").forEach((element) => { element.hidden = element.dataset.for !== scenario; });
    const situation = one(`.ws-situation[data-for="${scenario}"] p`).textContent;
    one("[data-given]").textContent = `${name(scenario)}. ${situation}`;
    fill(given);
  }

  function rememberInAddress(scenario) {
    const address = new URL(location.href);
    address.searchParams.set("scenario", scenario);
    try {
      history.replaceState(null, "", address);
    } catch {
      // A page opened from a folder may not change its address.
    }
  }

  /** Ask a question; resolves to whether the answer was yes. */
  function ask(question, yes) {
    one("#ws-ask-question").textContent = question;
    one("[data-yes]").textContent = yes;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  function save() {
    const text = serialise(select.value, answers());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `worksheet-${select.value}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(`Saved as ${link.download}.`);
  }

  async function load(file) {
    try {
      const sheet = parse(await textOf(file), scenarios, limits);
      if (await mayReplace(sheet)) {
        keep(sheet.scenario, serialise(sheet.scenario, sheet.answers));
        open(sheet.scenario, sheet.answers);
        rememberInAddress(sheet.scenario);
        say(`Loaded “${file.name}” for the scenario “${name(sheet.scenario)}”.`);
      } else {
        say("Nothing was loaded; your answers are as they were.");
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say(`“${file.name}” was not loaded, and your answers are as they were. ${error.message}`);
    }
  }

  async function textOf(file) {
    if (file.size > LARGEST_FILE) throw new Refusal("It is far too large for a worksheet.");
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    } catch {
      throw new Refusal("It cannot be read as text.");
    }
  }

  /** Whether a sheet may take the place of the answers to its scenario. */
  async function mayReplace(sheet) {
    const here = sheet.scenario === select.value ? answers() : keptAnswers(sheet.scenario);
    const before = serialise(sheet.scenario, here);
    const empty = serialise(sheet.scenario, {});
    if (before === empty || before === serialise(sheet.scenario, sheet.answers)) return true;
    return ask(
      `You have answers for “${name(sheet.scenario)}” already. Replace them with those of the file?`,
      "Replace",
    );
  }

  async function clear() {
    const scenario = select.value;
    if (!await ask(`Clear all your answers for “${name(scenario)}”?`, "Clear")) return;
    forget(scenario);
    fill({});
    say(`The sheet for “${name(scenario)}” is empty.`);
  }

  const actions = { save, clear, load: () => fileInput.click(), print: () => window.print() };
  all("[data-do]").forEach((button) => {
    button.addEventListener("click", () => { say(""); actions[button.dataset.do](); });
  });
  all("[data-more]", form).forEach((button) => {
    button.addEventListener("click", () => showNextRow(button.previousElementSibling));
  });
  form.addEventListener("input", (event) => {
    mirror(event.target);
    keep(select.value, serialise(select.value, answers()));
    say("");
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  select.addEventListener("change", () => {
    say("");
    open(select.value);
    rememberInAddress(select.value);
  });
  fileInput.addEventListener("change", () => {
    const [file] = fileInput.files;
    if (file) load(file);
    fileInput.value = "";
  });
  // Another tab of this browser wrote to the same sheet.
  addEventListener("storage", (event) => {
    if (event.key === key(select.value)) fill(keptAnswers(select.value));
  });

  all("[data-live]").forEach((element) => { element.hidden = false; });
  form.classList.add("ws-live");
  const asked = new URLSearchParams(location.search).get("scenario");
  open(scenarios.has(asked) ? asked : select.value);
})();
