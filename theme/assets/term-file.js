// What the fields of the form for a new term become: the data of a record, and the text of its file,
// laid out as `termbook new` lays it out (termbook/authoring/emit.py; tests compare the two).
var TermbookFile = (function () {
  "use strict";

  const MARGIN = 8; // what is kept free for the indentation of a list on one line

  const isFilled = (value) => (
    typeof value === "object" ? Object.values(value).some(isFilled) : value !== ""
  );
  const lengthOf = (text) => [...text].length;

  /** A part of a schema, found among the definitions of `schema` if it stands there. */
  function resolve(schema, part) {
    return part.$ref ? schema.$defs[part.$ref.split("/").pop()] : part;
  }

  const isMarkdown = (part) => part.contentMediaType === "text/markdown";
  /** Whether a key holds sentences rather than a name or an id. */
  const isProse = (part) => isMarkdown(part) || part.maxLength !== undefined;

  /**
   * The data of a record made of what was typed: texts in Unicode normal form C without spaces that
   * say nothing, lists without entries that are empty, and no key that is empty or says what holds
   * anyway. A key that a record must have is there all the same, as an empty text.
   */
  function record(schema, given, part = schema) {
    const keys = Object.entries(part.properties).map(([key, inner]) => (
      [key, cleaned(schema, resolve(schema, inner), given[key] ?? "")]
    ));
    return Object.fromEntries(keys.filter(([key, value]) => (
      isFilled(value) || part.required?.includes(key)
    )));
  }

  function cleaned(schema, part, given) {
    if (part.type === "array") {
      const items = resolve(schema, part.items);
      return [...given].map((one) => cleaned(schema, items, one)).filter(isFilled);
    }
    if (part.properties) return record(schema, given, part);
    const text = given.normalize("NFC").replace(/\r\n?/g, "\n");
    if (part.type === "boolean") return text === String(part.default) ? "" : text;
    return isMarkdown(part)
      ? text.replace(/^[^\S\n]+$/gm, "").trim()
      : text.split(/\s+/).filter(Boolean).join(" ");
  }

  // What YAML 1.1 takes for a truth value, a number, nothing, a date or a sign of its own.
  const OTHERS = [
    /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
    /^(?:~|null|Null|NULL|<<|=)$/,
    /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.(?:inf|Inf|INF))$/,
    /^\.(?:[0-9][0-9_]*(?:[eE][-+][0-9]+)?|nan|NaN|NAN)$/,
    /^[-+]?(?:[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
    /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$/,
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
    /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/,
    // What other readers of YAML take for a number.
    /^[-+]?(?:\.?\p{Nd}[\p{Nd}_.]*(?:e[-+]?\p{Nd}+)?|0[ox][\p{L}\p{N}_]+)$/iu,
  ];
  const SYNTAX = /^(?![-?:](?!\s|$))[-?:,[\]{}#&*!|>'"%@`]|:(?=\s|$)|\s#|[\t\n]|^\s|\s$|^$/;
  const FLOW_SYNTAX = /^[?:]|[,?[\]{}]/;

  /** Whether every reader of YAML takes `text` without quotation marks for this very text. */
  function isPlain(text, flow = false) {
    return !SYNTAX.test(text) && !(flow && FLOW_SYNTAX.test(text))
      && !OTHERS.some((pattern) => pattern.test(text));
  }

  function scalar(text, flow = false) {
    if (isPlain(text, flow)) return text;
    return /["\\]/.test(text) ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
  }

  /** `text` in lines of at most `room` characters, as far as it has single spaces to break at. */
  function filled(text, room) {
    const [first, ...words] = text.split(/(?<=\S) (?=\S)/u);
    const lines = [first];
    for (const word of words) {
      const last = lines.length - 1;
      if (lengthOf(lines[last]) + 1 + lengthOf(word) <= room) lines[last] += ` ${word}`;
      else lines.push(word);
    }
    return lines;
  }

  /**
   * The text of the file that holds `data`, as record() gives it. `form` has the schema, the width
   * of a line and the first line, if there is one.
   */
  function text(form, data) {
    const {schema, width, modeline} = form;

    function mapping(part, values, pad) {
      return Object.entries(part.properties)
        .filter(([key]) => key in values && isFilled(values[key]))
        .flatMap(([key, inner]) => entry(key, resolve(schema, inner), values[key], pad));
    }

    function entry(key, part, value, pad) {
      if (part.properties) return [`${pad}${key}:`, ...mapping(part, value, `${pad}  `)];
      if (part.type !== "array") return words(key, part, value, `${pad}${key}: `, pad);
      const items = resolve(schema, part.items);
      if (!items.properties && !isProse(items)) {
        const line = `${key}: [${value.map((one) => scalar(one, true)).join(", ")}]`;
        if (lengthOf(line) <= width - MARGIN) return [pad + line];
      }
      return [`${pad}${key}:`, ...value.flatMap((one) => item(key, items, one, `${pad}  `))];
    }

    function item(key, part, value, pad) {
      if (!part.properties) return words(key, part, value, `${pad}- `, pad);
      const [first, ...others] = mapping(part, value, `${pad}  `);
      return [`${pad}- ${first.trimStart()}`, ...others];
    }

    function words(key, part, value, head, pad) {
      if (part.type === "boolean") return [head + value];
      if (!isProse(part)) return [head + scalar(value)];
      const style = key === "note" ? "|" : value.includes("\n") ? "|-" : ">-";
      const inner = `${pad}  `;
      const lines = style === ">-" ? filled(value, width - inner.length) : value.split("\n");
      return [head + style, ...lines.map((line) => line && inner + line)];
    }

    const lines = mapping(schema, data, "");
    return [...(modeline ? [modeline] : []), ...lines].map((line) => `${line}\n`).join("");
  }

  return {record, text, resolve, isFilled, isMarkdown, isPlain, lengthOf};
})();
