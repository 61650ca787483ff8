// The progress of a learner as a file, and how two of them become one: pure logic on
// `window.termbookProgress`, apart from page and storage.
//
// A file is JSON: {format, version, checksum, content}. `content` holds `site` (which site it
// belongs to), `created` (an ISO time in UTC), `log` (schedule.js), `settings` (with the time `at`
// which they were set) and `answers`: what the pages for practice keep under keys that begin with
// `termbook.study.`, as JSON texts. `checksum` is the CRC-32 of the JSON text of `content`, as eight
// hexadecimal digits: it finds damage.
//
// Progress here is {site, log, settings, answers}. `merge` is commutative, associative and
// idempotent: logs are united by the ids of their entries, the later settings win, and answers join
// by what they are made of. A record is an object with its time, as a number `at` or `when`:
//
// - of two records the later one wins whole,
// - two lists of records are united, in the order of their times,
// - two objects of such things join key by key.
//
// What is made of anything else, such as a round that is under way, belongs to one browser: it is
// neither exported nor imported.
(function (root) {
  "use strict";
  const FORMAT = "termbook-progress";
  const VERSION = 1;
  const PREFIX = "termbook.study.";
  const MOST_ENTRIES = 5e5, MOST_ANSWERS = 1000, LONGEST_ANSWER = 1 << 20, DEEPEST = 20;
  const LARGEST = 1 << 27; // bytes of a file
  const LAST = Date.UTC(2100, 0), DAY = 864e5;
  const FORBIDDEN = ["__proto__", "constructor", "prototype"];

  /** Why a text is no progress of this site, in words for the reader. */
  class Refusal extends Error {}

  function refuse(reason) {
    throw new Refusal(reason);
  }

  // What a value may be.
  const isWhole = (least, most) => (value) => (
    Number.isSafeInteger(value) && value >= least && value <= most
  );
  const matches = (pattern) => (value) => typeof value === "string" && pattern.test(value);
  const isId = matches(/^[0-9a-f]{16}$/);
  const isName = matches(/^termbook\.study\.[\w.-]{1,100}$/);
  const isKey = matches(/^[0-9a-f]{8}$/);
  const isTime = isWhole(0, LAST);
  const isMapping = (value) => (
    typeof value === "object" && value !== null && !Array.isArray(value)
  );

  const EVERY = { id: isId, at: isTime, day: isWhole(-2, LAST / DAY + 2), device: isId };
  const CARD = { ...EVERY, card: isKey };
  const ENTRIES = new Map(Object.entries({
    review: { ...CARD, grade: isWhole(1, 4), took: isWhole(0, 36e5) },
    suspend: CARD, resume: CARD, bury: CARD, undo: { ...EVERY, of: isId },
  }));
  const SETTINGS = {
    newPerDay: isWhole(0, 9999), reviewsPerDay: isWhole(0, 9999), at: isTime,
    retention: (value) => typeof value === "number" && value >= 0.7 && value <= 0.99,
  };

  /** Refuse a mapping that lacks one of the fields, has another one, or a value that may not be. */
  function checkFields(value, fields, what) {
    if (!isMapping(value)) refuse(`It is damaged: ${what} is not what it should be.`);
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name)) {
        refuse(`It is damaged: ${what} has no place for “${name.slice(0, 40)}”.`);
      }
    }
    for (const [name, isGood] of Object.entries(fields)) {
      if (!Object.hasOwn(value, name)) refuse(`It is damaged: ${what} lacks “${name}”.`);
      if (!isGood(value[name])) refuse(`It is damaged: “${name}” of ${what} cannot be.`);
    }
  }

  /** Refuse an entry of a log; `what` names it in the message. */
  function checkEntry(entry, what = "an entry") {
    const fields = isMapping(entry) && ENTRIES.get(entry.type);
    if (!fields) refuse(`It is damaged: ${what} is of no known type.`);
    checkFields(entry, { type: () => true, ...fields }, what);
    if (Math.abs(entry.day * DAY + DAY / 2 - entry.at) > 2 * DAY) {
      refuse(`It is damaged: day and time of ${what} do not agree.`);
    }
  }

  function checkLog(log) {
    if (!Array.isArray(log)) refuse("It is damaged: there is no list of reviews.");
    if (log.length > MOST_ENTRIES) refuse("It has more reviews than anybody can have done.");
    const seen = new Set();
    log.forEach((entry, index) => {
      checkEntry(entry, `entry ${index + 1}`);
      if (seen.has(entry.id)) refuse(`It is damaged: entry ${index + 1} stands there twice.`);
      seen.add(entry.id);
    });
  }

  function checkAnswers(answers) {
    if (!isMapping(answers)) refuse("It is damaged: there is no list of answers.");
    const all = Object.entries(answers);
    if (all.length > MOST_ANSWERS) refuse("It has more answers than a site has questions.");
    for (const [key, text] of all) {
      const name = key.slice(0, 40);
      if (!isName(key)) refuse(`It is damaged: the answers have no place for “${name}”.`);
      if (typeof text !== "string" || text.length > LONGEST_ANSWER) {
        refuse(`It is damaged: “${name}” is no answer.`);
      }
      const value = parsed(text);
      checkNames(value, name);
      if (!canMerge(value)) refuse(`It is damaged: “${name}” is not made of answers.`);
    }
  }

  /** Refuse names that mean something to JavaScript itself, and what is nested too deep. */
  function checkNames(value, name, depth = 0) {
    if (depth > DEEPEST) refuse(`It is damaged: “${name}” is nested too deep.`);
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (FORBIDDEN.includes(key)) refuse(`It is damaged: “${name}” has no place for “${key}”.`);
      checkNames(inner, name, depth + 1);
    }
  }

  const CRC = Array.from({ length: 256 }, (_, byte) => {
    let word = byte;
    for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0xedb88320 : word >>> 1;
    return word;
  });

  /** CRC-32 (ISO 3309) of a text in UTF-8, as eight hexadecimal digits. */
  function checksum(text) {
    let word = -1;
    for (const byte of new TextEncoder().encode(text)) {
      word = (word >>> 8) ^ CRC[(word ^ byte) & 255];
    }
    return ((word ^ -1) >>> 0).toString(16).padStart(8, "0");
  }

  /** The text of a file made at the time `now` (ms). */
  function serialise({ site, log, settings, answers }, now) {
    const content = { site, created: new Date(now).toISOString(), log, settings, answers };
    const head = { format: FORMAT, version: VERSION, checksum: checksum(JSON.stringify(content)) };
    return JSON.stringify({ ...head, content }) + "\n";
  }

  /** The progress in the text of a file of the site `site`. Throws a Refusal. */
  function parse(text, site) {
    const file = read(text);
    if (!isMapping(file) || file.format !== FORMAT) refuse("It is not a file of study progress.");
    if (Number.isSafeInteger(file.version) && file.version > VERSION) {
      refuse(`It has version ${file.version}, and this page reads version ${VERSION}. `
        + "Reload the page, or open the newest edition of this site.");
    }
    checkFields(file, {
      format: () => true, version: (value) => value === VERSION, checksum: isKey,
      content: isMapping,
    }, "it");
    const { content } = file;
    checkFields(content, {
      site: (value) => typeof value === "string", created: matches(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      log: Array.isArray, settings: isMapping, answers: isMapping,
    }, "its content");
    if (checksum(JSON.stringify(content)) !== file.checksum) {
      refuse("It is damaged: its checksum does not agree with what it holds.");
    }
    if (content.site !== site) {
      refuse(`It belongs to another site, “${content.site.slice(0, 60)}”.`);
    }
    checkLog(content.log);
    checkFields(content.settings, SETTINGS, "the settings");
    checkAnswers(content.answers);
    const { log, settings, answers } = content;
    return { site, log, settings, answers };
  }

  function read(text) {
    try {
      return JSON.parse(text);
    } catch {
      return refuse("It is damaged, or it is not a file of study progress at all.");
    }
  }

  /** JSON with sorted keys: the same text for the same value. */
  function canonical(value) {
    return JSON.stringify(value, (_, inner) => (isMapping(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner));
  }

  /** One progress of two of the same site. Throws a Refusal when they contradict each other. */
  function merge(one, other) {
    if (one.site !== other.site) refuse("They belong to two sites.");
    return {
      site: one.site, log: union(one.log, other.log),
      settings: later(one.settings, other.settings),
      answers: mergeAnswers(one.answers, other.answers),
    };
  }

  /** The entries of both logs, in order. */
  function union(log, other) {
    const all = new Map(log.map((entry) => [entry.id, entry]));
    for (const entry of other) {
      const known = all.get(entry.id);
      if (known && canonical(known) !== canonical(entry)) {
        refuse("It tells a review in another way than this browser does.");
      }
      all.set(entry.id, entry);
    }
    return [...all.values()].sort(root.termbookSchedule.inOrder);
  }

  function later(one, other) {
    if (timeOf(one) !== timeOf(other)) return timeOf(one) > timeOf(other) ? one : other;
    return canonical(one) > canonical(other) ? one : other;
  }

  function mergeAnswers(answers, other) {
    const keys = [...new Set([...Object.keys(answers), ...Object.keys(other)])].sort();
    return Object.fromEntries(keys.map((key) => [key, mergeTexts(answers[key], other[key])]));
  }

  function mergeTexts(text, other) {
    if (text === undefined || other === undefined || text === other) return text ?? other;
    return canonical(joined(normal(parsed(text)), normal(parsed(other))));
  }

  /** The value of a JSON text; undefined for any other text. */
  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  const timeOf = (record) => record.at ?? record.when;
  const isRecord = (value) => isMapping(value) && Number.isFinite(timeOf(value));
  const isRecords = (value) => Array.isArray(value) && value.every(isRecord);
  const canMerge = (value) => isRecord(value) || isRecords(value)
    || (isMapping(value) && Object.values(value).every(canMerge));

  // What wins over what, where two values are of different kinds.
  function rank(value) {
    if (value === undefined) return 0;
    if (isRecord(value)) return 3;
    return isMapping(value) ? 2 : 1;
  }

  /** A value as it comes out of a merge: each list in order, and each of its records once. */
  function normal(value) {
    if (isRecords(value)) return joinedRecords(value, []);
    if (isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normal(inner)]));
  }

  function joined(one, other) {
    if (rank(one) !== rank(other)) return rank(one) > rank(other) ? one : other;
    if (isRecord(one)) return later(one, other);
    return isRecords(one) ? joinedRecords(one, other) : joinedKeys(one, other);
  }

  function joinedKeys(one, other) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    const of = (value, key) => (Object.hasOwn(value, key) ? value[key] : undefined);
    return Object.fromEntries([...keys].map((key) => [key, joined(of(one, key), of(other, key))]));
  }

  function joinedRecords(one, other) {
    const all = new Map([...one, ...other].map((record) => [canonical(record), record]));
    return [...all]
      .sort(([text, a], [another, b]) => timeOf(a) - timeOf(b) || (text < another ? -1 : 1))
      .map(([, record]) => record);
  }

  root.termbookProgress = {
    PREFIX, LARGEST, SETTINGS, Refusal, serialise, parse, merge, mergeAnswers, checkEntry,
    canMerge: (text) => canMerge(parsed(text)),
  };
})(typeof window === "undefined" ? globalThis : window);
