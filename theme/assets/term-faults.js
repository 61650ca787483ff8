// What `termbook check` would find wrong with a new term, in its words, found before there is a
// file. The rules are those of termbook/misfits.py and termbook/checks.py; tests compare the two.
var TermbookFaults = (function () {
  "use strict";
  const {resolve, isFilled, isMarkdown, lengthOf, text: textOf} = TermbookFile;

  const LONGEST_ID = 48;
  const NEAR = 0.72, ALIKE = 0.86;

  /** `text` without differences of case. Letter by letter, as the end of a word changes none. */
  const fold = (text) => [...text].map((sign) => sign.toUpperCase().toLowerCase()).join("");

  // Ids and names

  // Letters that do not fall apart into an ASCII letter and a mark.
  const LETTERS = {đ: "d", ł: "l", ø: "o", ı: "i", æ: "ae", œ: "oe", "'": "", "’": ""};

  /** The id nearest to `text`. */
  function asId(text) {
    const bare = [...text.toLowerCase()].map((sign) => LETTERS[sign] ?? sign).join("");
    const words = fold(bare.normalize("NFD").replace(/\p{M}/gu, ""))
      .replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "name";
    return /^[a-z]/.test(words) ? words : `the-${words}`;
  }

  /** A free id made from a label. */
  function proposedId(label, isTaken) {
    let words = asId(label);
    if (words.length > LONGEST_ID) {
      const cut = words.slice(0, LONGEST_ID + 1).replace(/-[^-]*$/, "");
      words = cut.length > LONGEST_ID ? words.slice(0, LONGEST_ID) : cut;
    }
    let free = words;
    for (let number = 2; isTaken(free); number += 1) free = `${words}-${number}`;
    return free;
  }

  /** How many letters of `one` and `other` stand in blocks that both have, the longest first. */
  function shared(one, other) {
    let size = 0, start = 0, place = 0;
    let above = [];
    one.forEach((sign, i) => {
      const here = [];
      other.forEach((its, j) => {
        if (sign !== its) return;
        here[j] = (above[j - 1] ?? 0) + 1;
        if (here[j] > size) [size, start, place] = [here[j], i - here[j] + 1, j - here[j] + 1];
      });
      above = here;
    });
    return size && size + shared(one.slice(0, start), other.slice(0, place))
      + shared(one.slice(start + size), other.slice(place + size));
  }

  /** Ratcliff and Obershelp's measure, as in Python's difflib: from 0 to 1 for the same text. */
  function likeness(one, other) {
    const [a, b] = [[...one], [...other]];
    return (2 * shared(a, b)) / (a.length + b.length);
  }

  function didYouMean(word, known, otherwise) {
    const scored = [...known]
      .map((one) => [likeness(fold(one), fold(word)), fold(one), one])
      .filter(([score]) => score >= NEAR)
      .sort(([score, name], [least, other]) => least - score || (name < other ? 1 : -1));
    return scored.length ? `Did you mean "${scored[0][2]}"?` : otherwise;
  }

  // Text, as termbook/links.py reads it

  const CODE = /^(?<fence>```+|~~~+)[^\n]*\n[^]*?^\k<fence>|(?<!`)(?<quote>`+)(?!`)(?:(?!\n\s*\n)[^])+?(?<!`)\k<quote>(?!`)|\\[^]/gm;
  const REFERENCE = /\[(?=(?<text>(?:[^[\]]|\[[^[\]]*\])*)\](?<gap>\s?)\[(?<id>[^\]]*)\](?<next>[[(]?))/gd;
  const TAG = /<(?!https?:\/\/|mailto:|\S+@)[a-zA-Z/!?][^\s<>]*>?/;
  const DEFINITION = /^ {0,3}\[([^\]^][^\]]*)\]:/gm;
  const MARKUP = /\]\(|\]\[|\x60|\*\*|<[a-zA-Z/]/;

  const keyOf = (target) => target.trim().replace(/\s+/g, " ").toLowerCase();
  const recordKey = (target) => keyOf(target).split("#")[0];
  const withoutCode = (text) => text.replace(CODE, (code) => code.replace(/[^\n]/g, "."));

  /** The targets of references `[text][id]` and `[id][]` that a text does not define itself. */
  function references(text) {
    const bare = withoutCode(text);
    const defined = new Set([...bare.matchAll(DEFINITION)].map((found) => keyOf(found[1])));
    const targets = [], ids = new Set();
    for (const {index, groups, indices} of bare.matchAll(REFERENCE)) {
      const isOther = groups.next === "(" || (groups.next && groups.gap);
      if (isOther || ids.has(index)) continue;
      ids.add(indices.groups.id[0] - 1);
      const target = text.slice(...indices.groups[groups.id.trim() ? "id" : "text"]);
      if (target.trim() && !defined.has(keyOf(target))) targets.push(target);
    }
    return targets;
  }

  /** The regular English plural of a name. */
  function plural(name) {
    if (/(s|x|z|ch|sh)$/.test(name)) return `${name}es`;
    return `${name.replace(/(?<=[^aeiou])y$/, "ie")}s`;
  }

  /** Whether a name is told from a plain word by its capitals, as LeSS is from less. */
  const caseMatters = (name) => name.split(/\s+/).some((word) => (
    /\p{Lu}/u.test([...word].slice(1).join(""))));

  /** Lower-case form → [the term it names, the name itself where its case matters]. */
  function formsOf(terms, language) {
    const written = terms.flatMap(([id, names]) => names.map((name) => [name, id]));
    const plurals = language === "en" ? written.map(([name, id]) => [plural(name), id]) : [];
    const forms = new Map();
    for (const [name, id] of [...written, ...plurals]) {
      const form = name.toLowerCase();
      if (!forms.has(form)) forms.set(form, [id, caseMatters(name) ? name : null]);
    }
    return forms;
  }

  /** The terms that a definition names, each with the words it is named by last. */
  function termsIn(definition, forms) {
    const low = definition.toLowerCase();
    const folded = low.length === definition.length ? low : [...definition].map((sign) => (
      sign.toLowerCase().length === sign.length ? sign.toLowerCase() : sign)).join("");
    const found = [];
    for (const [form, [id, exact]] of forms) {
      for (let at = folded.indexOf(form); at >= 0; at = folded.indexOf(form, at + 1)) {
        const end = at + form.length, words = definition.slice(at, end);
        const isWord = !/[\p{L}\p{N}_/-]$/u.test(definition.slice(0, at))
          && !/^[\p{L}\p{N}_/-]/u.test(definition.slice(end));
        if (isWord && (exact === null || exact === words)) found.push({at, end, id, words});
      }
    }
    found.sort((one, other) => one.at - other.at || other.end - one.end);
    const named = new Map();
    let last = 0;
    for (const {at, end, id, words} of found) {
      if (at < last) continue;
      named.set(id, words);
      last = end;
    }
    return named;
  }

  /**
   * The checks of a form (window.termbookForm) by what there is (window.termbookNames):
   * `isTaken(id)`, `proposedId(label)`, and `find(id, data)`, which lists the faults of a record:
   * the keys that lead to the place, a message, the way to mend it, and whether that can wait.
   */
  function of(form, names) {
    const {schema} = form;
    const {language} = names;
    const terms = new Map(Object.entries(names.terms));
    const ids = {term: new Map([...terms].map(([id, term]) => [id, term.names[0]]))};
    for (const [kind, some] of Object.entries(names.ids)) ids[kind] = new Map(Object.entries(some));
    const moved = new Map(Object.entries(names.moved));
    const others = new Map(Object.entries(names.paths));
    const records = ["term", "scenario", "debate", "source"];
    const claimed = new Map([...terms].flatMap(([id, term]) => (
      term.names.map((name) => [fold(name), id]))));
    const hidden = new RegExp(`${names.hidden.pattern}|[\ufffe\uffff]|\\p{Cs}`, "u");
    const hiddenNames = new Map(Object.entries(names.hidden.names));

    function pathOf(id) {
      const kind = records.find((one) => ids[one].has(id));
      if (!kind) return others.get(id);
      return names.homes[kind].endsWith("/") ? `${names.homes[kind]}${id}.yml` : names.homes[kind];
    }
    const isTaken = (id) => pathOf(id) !== undefined;

    /** The texts of a record: where each stands, what the schema says of it, and what it says. */
    function* leaves(part, value, keys) {
      if (part.type === "array") {
        const items = resolve(schema, part.items);
        for (const [index, one] of value.entries()) yield* leaves(items, one, [...keys, index]);
      } else if (part.properties) {
        for (const [key, inner] of Object.entries(part.properties)) {
          if (key in value) yield* leaves(resolve(schema, inner), value[key], [...keys, key]);
        }
      } else yield {keys, part, value};
    }

    function* idFaults(id) {
      const at = {keys: ["id"]};
      if (id === "") yield {...at, code: "empty", message: '"id" is empty', hint: "Write it"};
      else if (!new RegExp(schema.properties.related.items.pattern).test(id)) {
        yield {...at, code: "bad-id", message: `"${id}" is not an id: lower-case ASCII letters, `
          + "digits and single hyphens, beginning with a letter", hint: `Write "${asId(id)}"`};
      } else if (isTaken(id)) {
        yield {...at, code: "duplicate-id",
          message: `the id "${id}" is already used by ${pathOf(id)}`,
          hint: "Give one of the two another id: terms, scenarios, debates and sources share one "
            + "set of ids"};
      }
    }

    /** What is wrong with a text of its own, whatever else there is. */
    function* textFaults({keys, part, value}) {
      const name = keys.findLast((key) => typeof key === "string");
      const found = hidden.exec(value)?.[0];
      if (value === "") {
        yield {keys, code: "empty", message: `"${name}" is empty`,
          hint: "Write it, or remove it if it is optional"};
      } else if (found) {
        const code = `U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
        yield {keys, code: "hidden-character",
          message: `the text holds a hidden character (${hiddenNames.get(found) ?? code})`,
          hint: "Delete it; it often comes with text pasted from elsewhere"};
      } else if (lengthOf(value) > (part.maxLength ?? Infinity)) {
        yield {keys, code: `${name}-too-long`, message: `"${name}" has ${lengthOf(value)} `
          + `characters; ${part.maxLength} are allowed`,
          hint: "Say less here and move the rest to the note"};
      } else if (part.pattern && !new RegExp(part.pattern).test(value)) {
        yield {keys, ...misfit(name, part.pattern, value)};
      } else if (part.oneOf && !part.oneOf.some((one) => one.const === value)) {
        const known = part.oneOf.map((one) => one.const);
        yield {keys, code: `unknown-${name}`, message: `"${value}" is not a ${name} of termbook.yml`,
          hint: didYouMean(value, known, `Use one of: ${known.join(", ")}`)};
      } else if (part.enum && !part.enum.includes(value)) {
        yield {keys, code: "unknown-value", message: `"${value}" is not a value of "${name}"`,
          hint: didYouMean(value, part.enum, `Use one of: ${part.enum.join(", ")}`)};
      }
    }

    function misfit(name, pattern, value) {
      if (pattern.includes("http")) {
        return {code: "bad-url", message: `"${value}" is not a web address`,
          hint: "Begin it with https://"};
      }
      if (pattern.includes("d{4}")) {
        return {code: "bad-date", message: `"${value}" is not a date`,
          hint: "Write year, month and day, such as 2026-01-31"};
      }
      return {code: "bad-id", message: `"${value}" in "${name}" is not an id`,
        hint: `Write the id, such as "${asId(value)}": lower-case letters, digits and hyphens`};
    }

    /** Lists that need more entries than they have. */
    function* countFaults(data) {
      for (const [key, part] of Object.entries(schema.properties)) {
        const count = data[key]?.length;
        if (part.type === "array" && count < (part.minItems ?? 0)) {
          yield {keys: [key], code: "too-few", hint: "Add what is missing",
            message: `"${key}" has ${count} of at least ${part.minItems} entries`};
        }
      }
    }

    function* referenceFaults({keys, part, value}, id) {
      const kinds = part.refers ?? [];
      if (!kinds.length || value === id || kinds.some((kind) => ids[kind].has(value))) return;
      const [kind] = kinds;
      const other = records.find((one) => ids[one].has(value));
      const known = [...ids[kind].keys()];
      let hint = didYouMean(value, known, kind === "task"
        ? `Use one of: ${known.join(", ")}`
        : `Add it to ${names.homes[kind]}, or remove it here`);
      if (other) hint = `It is a ${other}: name a ${kind} here`;
      if (moved.has(value)) hint = `It is now "${moved.get(value)}": write that`;
      const article = kind === "task" ? "an exam task" : `a ${kind}`;
      yield {keys, code: `unknown-${kind}`, message: `"${value}" is not ${article}`, hint};
    }

    function* proseFaults({keys, value}, known) {
      for (const target of references(value)) {
        if (!known.has(recordKey(target))) {
          yield {keys, code: "unknown-reference", message: `"${target}" names no record`,
            hint: didYouMean(target, known, "Write the id of a term, scenario, debate or source")};
        }
      }
      const tag = value.includes("<") && TAG.exec(withoutCode(value));
      if (tag) {
        yield {keys, code: "html-in-prose", message: `the text holds an HTML tag ("${tag[0]}")`,
          hint: "Write Markdown; put a tag that is spoken of in backticks"};
      }
    }

    /** Everything that a reference in prose may name, lower-case. */
    function knownNames(id, data) {
      const own = [...named(data).map(([, name]) => name), ...(data.hidden_labels ?? [])];
      return new Set([
        ...[...terms.values()].flatMap((term) => [...term.names, ...term.hidden]), ...own,
        ...records.flatMap((kind) => [...ids[kind].keys()]), ...moved.keys(), id,
      ].map((name) => name.toLowerCase()));
    }

    /** The names by which prose may mention the term, each with its keys. */
    function named(data) {
      return [
        ...(data.label ? [[["label"], data.label]] : []),
        ...["alt_labels", "inflections"].flatMap((key) => (
          (data[key] ?? []).map((name, index) => [[key, index], name]))),
      ];
    }

    function* nameFaults(data) {
      for (const [keys, name] of named(data)) {
        const owner = claimed.get(fold(name));
        if (owner !== undefined) {
          yield {keys, code: "label-claimed-twice", hint: "Keep it in one of the two files",
            message: `"${name}" already names the term "${owner}" (${pathOf(owner)})`};
        }
      }
    }

    /** Relations to the term itself, or written twice. */
    function* relationFaults(id, data) {
      for (const {keys, part, value} of leaves(schema, data, [])) {
        if (part.refers?.includes("term") && value === id) {
          yield {keys, code: "self-relation", hint: "Remove it",
            message: `the term "${id}" refers to itself in "${keys[0]}"`};
        }
      }
      for (const key of ["contrast", "related"]) {
        const joined = (data[key] ?? []).map((one) => one.term ?? one);
        for (const [index, other] of joined.entries()) {
          if (isFilled(other) && joined.indexOf(other) < index) {
            yield {keys: [key, index, ...(key === "contrast" ? ["term"] : [])],
              code: `${key}-written-twice`,
              message: `"${other}" and "${id}" are already joined by "${key}" in `
                + `${form.folder}/${id}.yml`,
              hint: "Join the two texts there and remove this one: the other side is derived"};
          }
        }
      }
    }

    function* definitionFaults(id, data) {
      const {definition = ""} = data, keys = ["definition"];
      const mark = MARKUP.exec(definition)?.[0];
      if (mark) {
        yield {keys, code: "markup-in-definition", message: `the definition holds markup ("${mark}")`,
          hint: "Write plain text: terms in it are linked by themselves"};
      }
      const own = named(data).map(([, name]) => name);
      const forms = formsOf([...[...terms].map(([one, term]) => [one, term.names]), [id, own]],
        language);
      const uses = termsIn(definition, forms);
      if (uses.has(id)) {
        yield {keys, code: "defined-by-itself", message: `the definition of "${id}" uses the name `
          + `it should explain ("${uses.get(id)}")`,
          hint: "Say it in words that a reader knows who does not know the term"};
      }
      const [other] = uses.keys();
      if (uses.size !== 1 || other === id) return;
      const back = termsIn(terms.get(other).definition, forms);
      if (back.size === 1 && back.has(id)) {
        const [one, two] = [id, other].sort();
        yield {keys, code: "defined-in-a-circle",
          message: `"${one}" and "${two}" are defined only by each other`,
          hint: "Define one of the two without the other"};
      }
    }

    function* statusFaults(id, data) {
      if (data.status === "deprecated" && !data.replaced_by) {
        yield {keys: ["status"], code: "deprecated-without-replacement",
          message: `"${id}" is deprecated without "replaced_by"`,
          hint: 'Add "replaced_by:" with the id of the term to use instead'};
      }
      if (data.status !== "deprecated" && data.replaced_by) {
        yield {keys: ["replaced_by"], code: "replaced-but-not-deprecated",
          message: `"${id}" has "replaced_by" but is not deprecated`,
          hint: 'Set "status: deprecated", or remove "replaced_by"'};
      }
    }

    function* sizeFaults(data) {
      if (new TextEncoder().encode(textOf(form, data)).length > form.maxBytes) {
        yield {keys: ["note"], code: "too-large",
          message: `the file is over ${form.maxBytes / 1024} KiB`, hint: "Say less"};
      }
    }

    /** What is worth a second look, and no fault. */
    function* advice(id, data) {
      const label = fold(data.label ?? "");
      const near = [...claimed].filter(([name]) => name !== label && likeness(name, label) >= ALIKE);
      for (const one of new Set(near.map(([, owner]) => owner))) {
        yield {keys: ["label"], code: "near", hint: "Go on if it is something else",
          message: `"${data.label}" is much like "${ids.term.get(one)}" (${pathOf(one)})`};
      }
      if (!data.examples) {
        yield {keys: ["examples"], code: "no-example", message: `"${id}" has no example`,
          hint: 'Add a short concrete case under "examples:"'};
      }
    }

    function find(id, data) {
      const texts = [...leaves(schema, data, [])];
      const known = knownNames(id, data);
      const faults = [
        ...idFaults(id), ...texts.flatMap((leaf) => [...textFaults(leaf)]), ...countFaults(data),
        ...texts.flatMap((leaf) => [...referenceFaults(leaf, id)]),
        ...texts.filter(({part}) => isMarkdown(part)).flatMap((leaf) => [...proseFaults(leaf, known)]),
        ...nameFaults(data), ...relationFaults(id, data), ...definitionFaults(id, data),
        ...statusFaults(id, data), ...sizeFaults(data),
      ];
      return [
        ...first(faults).map((fault) => ({...fault, canWait: false})),
        ...[...advice(id, data)].map((fault) => ({...fault, canWait: true})),
      ];
    }

    /** The first fault of each place: mending it may mend the others. */
    function first(faults) {
      const places = new Set();
      return faults.filter(({keys}) => {
        const place = keys.join();
        return !places.has(place) && places.add(place);
      });
    }

    return {isTaken, proposedId: (label) => proposedId(label, isTaken), find};
  }

  return {of};
})();
