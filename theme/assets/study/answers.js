// What a learner answered, and the round or exam that is under way, kept in this browser, on
// `window.termbookAnswers`. An answer is {key, right, when, version, answer?}: the question's key,
// whether it was right, the time in milliseconds since 1970, the version of the bank, and what was
// chosen, in words, if it was wrong. Storage may be missing, forbidden or full: then everything is
// kept as long as the page is open, and `keeps()` says so.
(function (root) {
  "use strict";
  const MOST = 2000;
  const config = document.getElementById("__config");
  const base = config ? JSON.parse(config.textContent).base : ".";
  const path = new URL(`${base}/`, location.href).pathname;
  const place = (name) => `termbook.study.${name}:${path}`;
  const memory = new Map();
  let lost = false;

  function read(name) {
    if (memory.has(name)) return memory.get(name);
    try {
      return localStorage.getItem(place(name));
    } catch {
      lost = true;
      return null;
    }
  }

  function write(name, text) {
    try {
      if (text === null) localStorage.removeItem(place(name));
      else localStorage.setItem(place(name), text);
      memory.delete(name);
    } catch {
      lost = true;
      memory.set(name, text);
    }
  }

  /** What was kept under a name, or null; what cannot be used is set aside rather than lost. */
  function value(name, isSound) {
    const text = read(name);
    if (text === null) return null;
    try {
      const found = JSON.parse(text);
      if (isSound(found)) return found;
    } catch {
      // It is no JSON, and is set aside as well.
    }
    write(`${name}.unreadable`, text);
    write(name, null);
    return null;
  }

  const isAnswer = (one) => typeof one?.key === "string" && typeof one.right === "boolean"
    && Number.isFinite(one.when)
    && (one.answer === undefined || (Array.isArray(one.answer)
      && one.answer.every((text) => typeof text === "string")));

  /** Every answer that is kept, the oldest first. */
  const all = () => value("answers", (list) => Array.isArray(list) && list.every(isAnswer)) ?? [];

  /** The last answer to each question, by its key. */
  const latest = (list) => new Map(list.map((one) => [one.key, one]));

  /** Of more than MOST answers the oldest go, but never the last one to a question. */
  function bounded(list) {
    const last = new Set(latest(list).values());
    let spare = list.length - MOST;
    return list.filter((one) => last.has(one) || spare-- <= 0);
  }

  /** Keep more answers; one that is kept already is not kept twice. */
  function add(answers) {
    const list = all();
    const known = new Set(list.map((one) => `${one.key} ${one.when}`));
    list.push(...answers.filter((one) => !known.has(`${one.key} ${one.when}`)));
    list.sort((one, other) => one.when - other.when);
    write("answers", JSON.stringify(bounded(list)));
  }

  /** The answers to questions whose last answer was wrong, the newest first. */
  const wrong = () => [...latest(all()).values()].filter((one) => !one.right)
    .sort((one, other) => other.when - one.when);

  /** Find out once whether anything can be kept here. */
  function keeps() {
    if (!lost) {
      write("probe", "1");
      write("probe", null);
    }
    return !lost;
  }

  root.termbookAnswers = {
    all, add, wrong, keeps, place,
    clear: () => write("answers", null),
    run: (name, isSound) => value(`run.${name}`, isSound),
    keepRun: (name, run) => write(`run.${name}`, JSON.stringify(run)),
    dropRun: (name) => write(`run.${name}`, null),
  };
})(window);
