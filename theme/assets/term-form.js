// The form for a new term. docs/contribute/form.md holds its words, contribute/form.js the schema
// that its fields are made from; term-file.js knows what comes of them. What is checked, and
// against which names, comes once the form is used: term-faults.js and contribute/names.js.
(function () {
  "use strict";
  const {record, text: textOf, resolve, isMarkdown, lengthOf} = TermbookFile;
  const place = document.getElementById("tf-fields");
  if (!place) return;

  const form = window.termbookForm;
  const faultsScript = new URL("term-faults.js", document.currentScript.src);
  const namesScript = new URL("../contribute/names.js", document.currentScript.src);
  const KEPT = "termbook-term-form";
  const LONGEST_ADDRESS = 8000; // GitHub's servers refuse longer ones
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Fields. Each has a root to show, read(), write(value), at(keys) for the place of a key path
  // below it, and places() for all of them. At a place a fault can be told.

  let count = 0;
  const newId = () => `tf-${count += 1}`;
  const nameOf = (key) => key[0].toUpperCase() + key.slice(1).replaceAll("_", " ");

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function button(words, act) {
    const made = make("button", {type: "button", className: "md-button", textContent: words});
    made.addEventListener("click", act);
    return made;
  }

  const faultAt = (id) => make("p", {id: `${id}-fault`, className: "tf-fault"});

  /** What a key is for, with an example where it helps. */
  function helpOf(part) {
    const {refers, oneOf, enum: words} = part.type === "array" ? part.items : part;
    const [example] = part.examples ?? [];
    const isChosen = refers || oneOf || words || part.type === "boolean";
    if (isChosen || example === undefined) return part.description;
    return `${part.description} Example: ${[example].flat().join("; ")}`;
  }

  /** The element in which a text, a choice or a flag is written. */
  function inputOf(part) {
    if (part.type === "boolean") return make("input", {type: "checkbox"});
    const options = part.oneOf?.map((choice) => new Option(choice.title, choice.const))
      ?? part.enum?.map((value) => new Option(value, value));
    if (options) {
      const none = part.default === undefined ? [new Option("None", "")] : [];
      return make("select", {}, ...none, ...options);
    }
    if (isMarkdown(part) || part.maxLength) return make("textarea", {rows: 3});
    const input = make("input", {type: "text", autocomplete: "off"});
    if (part.refers) {
      input.setAttribute("list", `tf-ids-${part.refers[0]}`);
      input.spellcheck = false;
      input.autocapitalize = "none";
    }
    return input;
  }

  /** The field of one value; in a row of a list its label is only heard. */
  function single(key, part, {isRequired = false, inRow = false} = {}) {
    const id = newId();
    const input = Object.assign(inputOf(part), {id});
    const fault = faultAt(id);
    const help = make("p", {id: `${id}-help`, className: "tf-help", textContent: helpOf(part)});
    const left = make("p", {className: "tf-left"});
    const label = make("label", {htmlFor: id}, nameOf(key), isRequired ? " (required)" : "");
    input.setAttribute("aria-describedby", inRow ? fault.id : `${help.id} ${fault.id}`);
    if (isRequired) input.ariaRequired = "true";
    const field = {
      root: make("div", {className: "tf-field"}, ...(inRow ? [] : [label, help]), input,
        ...(part.maxLength ? [left] : []), fault),
      input, fault, isTouched: false,
      read: () => (input.type === "checkbox" ? String(input.checked) : input.value),
      write(value) {
        const text = typeof value === "string" ? value : String(part.default ?? "");
        if (input.type === "checkbox") input.checked = text === "true";
        else input.value = text;
        field.isTouched = false;
      },
      /** Count what would be in the file. */
      measure() {
        if (!part.maxLength) return;
        const {[key]: text = ""} = record(form.schema, {[key]: input.value});
        left.textContent = `${lengthOf(text)} of ${part.maxLength} characters`;
      },
      at: () => field,
      places: () => [field],
    };
    field.write();
    return field;
  }

  /** The fields of a record's keys, by key. */
  function fieldsOf(part) {
    return new Map(Object.entries(part.properties).map(([key, inner]) => (
      [key, fieldOf(key, resolve(form.schema, inner), part.required?.includes(key))]
    )));
  }

  function fieldOf(key, part, isRequired) {
    if (part.type === "array") return list(key, part);
    return part.properties ? group(part, nameOf(key)) : single(key, part, {isRequired});
  }

  /** The field of a record: one for each of its keys, in a box with a name. */
  function group(part, name) {
    const fields = fieldsOf(part);
    const legend = make("legend", {textContent: name});
    const roots = [...fields.values()].map((field) => field.root);
    return {
      root: make("fieldset", {className: "tf-card"}, legend, ...roots),
      legend,
      read: () => readAll(fields),
      write: (values) => writeAll(fields, values),
      at: ([key, ...keys]) => fields.get(key).at(keys),
      places: () => placesOf(fields.values()),
    };
  }

  const readAll = (fields) => (
    Object.fromEntries([...fields].map(([key, field]) => [key, field.read()])));
  const writeAll = (fields, values) => {
    for (const [key, field] of fields) field.write(values?.[key]);
  };
  const placesOf = (fields) => [...fields].flatMap((field) => field.places());

  /** The field of a list: as many rows as are asked for, each of which can be taken away. */
  function list(key, part) {
    const items = resolve(form.schema, part.items);
    const name = nameOf(key), id = newId();
    const fault = faultAt(id);
    const help = make("p", {id: `${id}-help`, className: "tf-help", textContent: helpOf(part)});
    const add = button(`Add to ${name.toLowerCase()}`, () => {
      grow();
      rows.at(-1).field.places()[0].input.focus();
      changed();
    });
    const box = make("div", {className: "tf-rows"});
    const root = make("fieldset", {className: "tf-list"}, make("legend", {textContent: name}), help,
      box, add, fault);
    root.setAttribute("aria-describedby", `${help.id} ${fault.id}`);
    add.id = id;
    const whole = {root, input: add, fault, isTouched: false, measure() {}};
    let rows = [];

    function grow(value) {
      const field = items.properties ? group(items, name) : single(key, items, {inRow: true});
      if (value !== undefined) field.write(value);
      const remove = button("Remove", () => {
        rows.splice(rows.findIndex((row) => row.field === field), 1);
        element.remove();
        rows.forEach(number);
        add.focus();
        changed();
      });
      const element = make("div", {className: "tf-row"}, field.root, remove);
      rows.push({field, element, remove});
      number(rows.at(-1), rows.length - 1);
      box.append(element);
    }

    function number({field, remove}, index) {
      const label = `${name} ${index + 1}`;
      remove.ariaLabel = `Remove ${label.toLowerCase()}`;
      if (field.legend) field.legend.textContent = label;
      else field.input.ariaLabel = label;
    }

    /** Whether a row is an entry of the record. */
    const isEntry = ({field}) => key in record(form.schema, {[key]: [field.read()]});

    const field = {
      root,
      read: () => rows.map((row) => row.field.read()),
      write(values) {
        rows = [];
        box.replaceChildren();
        if (Array.isArray(values)) values.forEach(grow);
        if (!rows.length && !items.properties) grow();
      },
      at: ([index, ...keys]) => (
        index === undefined ? whole : rows.filter(isEntry)[index].field.at(keys)),
      places: () => [whole, ...placesOf(rows.map((row) => row.field))],
    };
    field.write();
    return field;
  }

  // The form

  const fields = fieldsOf(form.schema);
  const id = single("id", {
    type: "string", description: "The name of the file: lower-case letters, digits and hyphens. It "
      + "follows the label until you write another.",
  }, {isRequired: true});
  for (const [key, field] of fields) {
    (place.dataset.first.split(" ").includes(key) ? place : one(".tf-more")).append(field.root);
    if (key === "label") place.append(id.root);
  }
  const places = () => [id, ...placesOf(fields.values())];
  const at = ([key, ...keys]) => (key === "id" ? id : fields.get(key).at(keys));

  let follows = true; // the id is made from the label
  let isTried = false; // somebody wanted the file, and is told of every fault
  let faults = [];
  let checks = null; // until its scripts have come
  let coming = null;

  /** Load what the form is checked against; may be asked for again if it did not come. */
  function prepare() {
    coming ??= Promise.all([faultsScript, namesScript].map(load)).then(() => {
      checks = TermbookFaults.of(form, window.termbookNames);
      offer(window.termbookNames);
      changed();
    }).catch((event) => {
      if (!(event instanceof Event)) throw event;
      coming = null;
      say("The names that are taken did not load, so nothing can be checked. Are you online?");
    });
    return coming;
  }

  const load = (src) => new Promise((resolve, reject) => {
    document.head.append(make("script", {src, onload: resolve, onerror: reject}));
  });

  /** Give fields that name a record the ids that there are. */
  function offer({terms, ids}) {
    const labels = Object.fromEntries(
      Object.entries(terms).map(([id, term]) => [id, term.names[0]]));
    for (const [kind, known] of Object.entries({term: labels, ...ids})) {
      const options = Object.entries(known).map(([id, label]) => (
        make("option", {value: id, label})));
      place.before(make("datalist", {id: `tf-ids-${kind}`}, ...options));
    }
  }

  const data = () => record(form.schema, readAll(fields));
  const file = () => ({
    name: `${id.read().trim()}.yml`, text: textOf(form, data()),
  });

  // The draft. Storage may be missing, forbidden or full.

  const state = () => JSON.stringify({
    id: follows ? null : id.read(), values: readAll(fields),
  });
  const empty = state();

  function keep() {
    const text = state();
    try {
      if (text === empty) localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, text);
    } catch {
      one("[data-loses]").hidden = false;
    }
  }

  /** What was kept of a draft, or null; a text that is none counts as nothing. */
  function kept() {
    try {
      return JSON.parse(localStorage.getItem(KEPT));
    } catch {
      return null;
    }
  }

  function open(draft) {
    writeAll(fields, draft?.values);
    follows = typeof draft?.id !== "string";
    id.write(draft?.id);
    isTried = false;
    one("[data-draft]").hidden = state() === empty;
    if (state() !== empty) prepare();
    changed();
  }

  // What happens

  function say(message, ...more) {
    one("[data-status]").replaceChildren(message, ...more);
  }

  /** Something was written: show what comes of it. */
  function changed() {
    const {label} = data();
    if (follows && checks) id.write(label ? checks.proposedId(label) : "");
    keep();
    show();
  }

  function show() {
    const {name, text} = file();
    faults = checks ? checks.find(id.read().trim(), data()).sort(inOrder) : [];
    one("[data-path]").textContent = `${form.folder}/${name}`;
    one("[data-text]").textContent = text;
    const due = new Map(places().map((place) => [place, []]));
    for (const fault of faults) {
      const place = at(fault.keys);
      if (isTried || (place.isTouched && fault.code !== "empty")) due.get(place).push(fault);
    }
    for (const [place, some] of due) {
      place.measure();
      tell(place, some);
    }
    summarise();
  }

  /** Faults stand in the order of the page. */
  function inOrder(one, other) {
    const [place, its] = [at(one.keys).root, at(other.keys).root];
    if (place === its) return 0;
    return place.compareDocumentPosition(its) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  }

  const words = ({message, hint}) => `${message}. ${hint}`;

  function tell({input, fault}, some) {
    fault.replaceChildren(...some.map((one) => (
      make("span", {className: one.canWait ? "tf-advice" : "tf-error", textContent: words(one)}))));
    const isWrong = some.some((one) => !one.canWait);
    if (!input.matches("button")) input.ariaInvalid = isWrong ? "true" : null;
  }

  const wrong = () => faults.filter((fault) => !fault.canWait);

  function summarise() {
    const count = wrong().length;
    one(".tf-summary").hidden = !isTried || count === 0;
    one("#tf-summary").textContent = count === 1
      ? "One thing is to be mended:" : `${count} things are to be mended:`;
    one(".tf-summary ul").replaceChildren(...wrong().map((fault) => {
      const place = at(fault.keys);
      const textContent = `${titleOf(place)}: ${words(fault)}`;
      const link = make("a", {href: `#${place.input.id}`, textContent});
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const fold = place.input.closest("details");
        if (fold) fold.open = true;
        place.input.focus();
      });
      return make("li", {}, link);
    }));
  }

  /** What a place is called, with the entry of a list that it belongs to. */
  function titleOf({root, input}) {
    const own = input.ariaLabel ?? root.querySelector("label, legend").firstChild.textContent;
    const entry = root.closest(".tf-card")?.querySelector("legend").textContent;
    return entry && root.matches(".tf-field") ? `${entry}, ${own}` : own;
  }

  /** Whether the file may be taken; if not, tells why. */
  function isSound() {
    isTried = true;
    show();
    if (!checks) return false;
    say("");
    if (!wrong().length) return true;
    one(".tf-summary").focus();
    return false;
  }

  async function download() {
    await prepare();
    if (!isSound()) return;
    const {name, text} = file();
    const link = make("a", {download: name});
    link.href = URL.createObjectURL(new Blob([text], {type: "application/yaml"}));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(`Saved as ${name}. It belongs into the folder ${form.folder}/.`);
  }

  async function copy() {
    await prepare();
    if (!isSound()) return;
    const {name, text} = file();
    try {
      await navigator.clipboard.writeText(text);
      say(`Copied. It belongs into the file ${form.folder}/${name}.`);
    } catch {
      say("The browser does not let this page copy. Select the text above and copy it yourself.");
    }
  }

  /** Lead the link to GitHub with the file in its address, if there is room for it. */
  function toGitHub(event) {
    if (!checks) {
      event.preventDefault();
      // A page that opens later than the press would be held back by the browser.
      prepare().then(() => {
        if (isSound()) say("Nothing is wrong with the file. Press again to open GitHub.");
      });
      return;
    }
    const {name, text} = file();
    const empty = `${form.newTerm}?filename=${encodeURIComponent(name)}`;
    const full = `${empty}&value=${encodeURIComponent(text)}`;
    if (isSound() && full.length <= LONGEST_ADDRESS) {
      event.currentTarget.href = full;
      return;
    }
    event.preventDefault();
    if (wrong().length) return;
    const link = make("a", {href: empty, target: "_blank", rel: "noopener",
      textContent: "an empty file on GitHub"});
    say("The file is too long to be sent along with an address. Copy it, and paste it into ", link,
      ".");
  }

  function discard() {
    dialog.returnValue = "";
    dialog.showModal();
  }

  const dialog = one(".tf-ask");
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    open(null);
    say("The form is empty.");
    fields.get("label").at([]).input.focus();
  });

  const actions = {download, copy, discard};
  all("[data-do]").forEach((made) => {
    made.addEventListener("click", () => actions[made.dataset.do]());
  });
  one("[data-do=copy]").hidden = !navigator.clipboard;
  const link = one("[data-github]");
  link.hidden = !form.newTerm;
  link.href = form.newTerm;
  link.addEventListener("click", toGitHub);

  const element = document.getElementById("tf-form");
  element.addEventListener("submit", (event) => event.preventDefault());
  element.addEventListener("input", (event) => {
    if (event.target === id.input) follows = id.read() === "";
    say("");
    changed();
  });
  // Who presses a button must still find it where it was, so what is wrong waits for the click.
  let isPressing = false;
  addEventListener("pointerdown", () => { isPressing = true; }, true);
  addEventListener("pointerup", () => { isPressing = false; }, true);
  addEventListener("click", () => { show(); });
  element.addEventListener("focusout", (event) => {
    for (const place of places()) {
      if (place.root.contains(event.target)) place.isTouched = true;
    }
    if (!isPressing) show();
  });
  // Another tab of this browser wrote to the same draft.
  addEventListener("storage", (event) => {
    if (event.key === KEPT) open(kept());
  });

  one(".tf").addEventListener("focusin", prepare);
  all("[data-live]").forEach((hidden) => { hidden.hidden = false; });
  one(".tf").classList.add("tf-live");
  open(kept());
})();
