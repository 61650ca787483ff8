// Quizzes apart from page and storage, on `window.termbookQuiz`: judging answers, a round of
// practice and a mock exam as states that events lead from one to the next, scores, and the part
// of an address that carries a draw. Nothing here knows the time: `now` is given, in milliseconds
// since 1970. An item is one of `termbookBank.items`.
//
// An answer is a list: the places of the chosen options within the item; for a question of order
// every place, in the order given; for one of matching what each option was matched with, or null.
(function (root) {
  "use strict";
  const MINUTE = 60000;
  // The exam gives 180 minutes for 120 questions, and a break of ten after the first half.
  const PER_QUESTION = 1.5 * MINUTE;
  const BREAK = 10 * MINUTE;
  const FEWEST = 10;
  const LONGEST_SEED = 60;
  const STAGES = ["first", "break", "second", "done"];

  // Answers

  const isPlace = (item, place) => Number.isInteger(place) && place in item.options;

  /** Whether `answer` can be an answer to the item, given in full or not. */
  function wellFormed(item, answer) {
    if (!Array.isArray(answer)) return false;
    if (item.type === "match") {
      const known = [null, ...item.options.map((option) => option.match)];
      return answer.length === item.options.length && answer.every((one) => known.includes(one));
    }
    return answer.every((place) => isPlace(item, place))
      && new Set(answer).size === answer.length
      && (item.type !== "one" || answer.length <= 1)
      && (item.type !== "order" || answer.length === item.options.length);
  }

  /** Whether an answer is given in full. */
  const complete = (item, answer) =>
    wellFormed(item, answer) && answer.length > 0 && !answer.includes(null);

  const choseExactly = (options, answer) =>
    options.every((option, place) => Boolean(option.correct) === answer.includes(place));
  const judges = {
    one: choseExactly,
    several: choseExactly,
    // More than one option is accepted: any of them will do, as long as no other is among them.
    depends: (options, answer) => answer.every((place) => options[place].correct),
    order: (options, answer) => answer.every((place, at) => options[place].place === at + 1),
    match: (options, answer) => options.every((option, place) => option.match === answer[place]),
  };

  /** Whether an answer is right; one that is missing, cut short or malformed is not. */
  const judge = (item, answer) =>
    Boolean(complete(item, answer) && judges[item.type]?.(item.options, answer));

  /** An answer in words, a text for each part of it. */
  function inWords(item, answer) {
    if (!wellFormed(item, answer)) return [];
    return answer.flatMap((one, at) => {
      if (item.type !== "match") return [item.options[one].text];
      return one === null ? [] : [`${item.options[at].text}: ${one}`];
    });
  }

  /** The right answer; for “depends”, everything that is accepted. */
  function rightAnswer(item) {
    const places = item.options.map((_, place) => place);
    if (item.type === "match") return item.options.map((option) => option.match);
    if (item.type === "order") {
      return places.sort((one, other) => item.options[one].place - item.options[other].place);
    }
    return places.filter((place) => item.options[place].correct);
  }

  const changed = (list, at, value) => list.map((one, index) => (index === at ? value : one));

  // A round of practice: {at, answers, right, done}, where `right` is null until it is checked.

  const beginRound = (items) => ({
    at: 0, answers: items.map(() => null), right: items.map(() => null), done: !items.length,
  });

  /** The state after an event: answer {answer}, check, next or finish. */
  function practise(items, state, event) {
    const {at} = state;
    if (state.done) return state;
    const open = state.right[at] === null;
    if (event.type === "answer" && open && wellFormed(items[at], event.answer)) {
      return {...state, answers: changed(state.answers, at, event.answer)};
    }
    if (event.type === "check" && open && complete(items[at], state.answers[at])) {
      return {...state, right: changed(state.right, at, judge(items[at], state.answers[at]))};
    }
    if (event.type === "next" && !open) {
      return at + 1 < items.length ? {...state, at: at + 1} : {...state, done: true};
    }
    return event.type === "finish" ? {...state, done: true} : state;
  }

  // A mock exam: {stage, at, reviewing, half, started, limit, answers, flags, breakFrom, breakTo,
  // ended, late}. Times are points in time, never counters, so sleep and reload change nothing;
  // `limit` is null without a limit. `stage` is one of STAGES.

  const beginExam = (number, limit, now) => ({
    stage: "first", at: 0, reviewing: false, half: Math.ceil(number / 2), started: now, limit,
    answers: Array(number).fill(null), flags: Array(number).fill(false),
    breakFrom: null, breakTo: null, ended: null, late: false,
  });

  const between = (least, value, most) => Math.min(Math.max(value, least), most);

  /** How long the break has stopped the clock: when it lasts longer, the clock goes on. */
  function paused(state, now) {
    if (state.breakFrom === null) return 0;
    return between(0, (state.breakTo ?? now) - state.breakFrom, BREAK);
  }

  const breakLeft = (state, now) => BREAK - paused(state, now);

  /** The milliseconds left, Infinity without a limit. */
  function timeLeft(state, now) {
    if (state.limit === null) return Infinity;
    const at = state.ended ?? now;
    return between(0, state.started + state.limit + paused(state, at) - at, state.limit);
  }

  /** The milliseconds it took, without the break. */
  const timeTaken = (state) =>
    Math.max(0, state.ended - state.started - paused(state, state.ended));

  /** The first question that is open now, and the one behind the last. */
  function openHalf(state) {
    if (state.stage === "first") return [0, state.half];
    return state.stage === "second" ? [state.half, state.answers.length] : [0, 0];
  }

  function isOpen(state, at) {
    const [first, end] = openHalf(state);
    return Number.isInteger(at) && at >= first && at < end;
  }

  const steps = {
    answer: (state, {at, answer}, items) => isOpen(state, at) && wellFormed(items[at], answer)
      && {answers: changed(state.answers, at, answer)},
    flag: (state, {at}) => isOpen(state, at) && {flags: changed(state.flags, at, !state.flags[at])},
    go: (state, {at}) => isOpen(state, at) && {at, reviewing: false},
    next: (state) => {
      if (!isOpen(state, state.at)) return false;
      return isOpen(state, state.at + 1) ? {at: state.at + 1} : {reviewing: true};
    },
    previous: (state) => isOpen(state, state.at - 1) && {at: state.at - 1},
    review: (state) => isOpen(state, state.at) && {reviewing: true},
    close: (state, event, items, now) => state.stage === "first"
      && {stage: "break", reviewing: false, breakFrom: now},
    resume: (state, event, items, now) => state.stage === "break"
      && {stage: "second", reviewing: false, breakTo: now, at: state.half},
    submit: (state, event, items, now) => state.stage === "second"
      && {stage: "done", reviewing: false, ended: now},
  };

  /**
   * The state after an event: answer {at, answer}, flag {at}, go {at}, next, previous, review,
   * close (the first half), resume (after the break), submit, or tick, which only looks at the
   * clock. When time is up the exam is over, whatever the event; what does not fit changes nothing.
   */
  function sit(items, state, event, now) {
    if (state.stage === "done") return state;
    if (timeLeft(state, now) === 0) {
      const ended = state.started + state.limit + paused(state, now);
      return {...state, stage: "done", reviewing: false, ended, late: true};
    }
    const change = Object.hasOwn(steps, event.type) && steps[event.type](state, event, items, now);
    return change ? {...state, ...change} : state;
  }

  /** Of the open half, the questions without a full answer. */
  function unanswered(items, state) {
    return items.map((_, at) => at)
      .filter((at) => isOpen(state, at) && !complete(items[at], state.answers[at]));
  }

  /** What to announce when the time left went from `before` to `after`; "" for nothing. */
  function milestone(limit, before, after) {
    const marks = [[MINUTE, "One minute is left."], [10 * MINUTE, "Ten minutes are left."],
      [limit / 2, "Half of the time is left."]];
    return marks.find(([mark]) => mark < limit && before > mark && after <= mark)?.[1] ?? "";
  }

  /** Whether a value that was kept is a round or an exam that can go on. */
  function isRun(run, kind) {
    const state = run?.state;
    const number = Array.isArray(run?.items) && run.items.length;
    const lists = [state?.answers, kind === "exam" ? state?.flags : state?.right];
    const known = (item) => item && Object.hasOwn(judges, item.type)
      && Array.isArray(item.options) && Array.isArray(item.tasks);
    return Boolean(number) && lists.every((list) => Array.isArray(list) && list.length === number)
      && run.items.every(known) && isPlace({options: run.items}, state.at)
      && typeof run.wanted?.seed === "string"
      && (kind !== "exam" || (STAGES.includes(state.stage) && Number.isFinite(state.started)
        && (state.limit === null || Number.isFinite(state.limit))
        && Number.isInteger(state.half)));
  }

  // Scores

  /**
   * How many of the items were right, in all and by domain and task: {right, total, domains}, each
   * domain {id, right, total, tasks}, each task {id, right, total, terms}, where `terms` are those
   * of wrong answers. An item counts for its first task; `id` is "" where there is none.
   */
  function score(items, right) {
    const domains = new Map();
    const count = (one, isRight) => { one.total += 1; one.right += isRight ? 1 : 0; };
    const sum = {right: 0, total: 0};
    items.forEach((item, at) => {
      const [domain, task] = [item.domain ?? "", item.tasks[0] ?? ""];
      const ours = grown(domains, domain, () => ({id: domain, right: 0, total: 0, of: new Map()}));
      const part = grown(ours.of, task, () => ({id: task, right: 0, total: 0, terms: []}));
      [sum, ours, part].forEach((one) => count(one, right[at]));
      if (!right[at]) part.terms = [...new Set([...part.terms, ...(item.terms ?? [])])];
    });
    const listed = [...domains.values()].map(({of, ...one}) => ({...one, tasks: [...of.values()]}));
    return {...sum, domains: listed};
  }

  function grown(map, key, make) {
    if (!map.has(key)) map.set(key, make());
    return map.get(key);
  }

  // The address

  /** The fragment that carries a draw: {seed, number, bank, scenario?, domain?, ...}. */
  function fragment({seed, number, bank, scenario, domain, task, derived, keys}) {
    const parts = {seed, n: number, bank, scenario, domain, task};
    if (derived !== undefined) parts.derived = derived ? "yes" : "no";
    if (keys) parts.keys = keys.join(".");
    const given = Object.entries(parts).filter(([, value]) => value);
    return `#${new URLSearchParams(given)}`;
  }

  /**
   * What a fragment asks for, or null when it holds no seed. `unknown` lists what the bank does
   * not have, which is left out; `changed` tells a draw made from another version of the bank.
   */
  function wantedBy(text, bank) {
    const given = new URLSearchParams(text.replace(/^#/, ""));
    const seed = cleanSeed(given.get("seed") ?? "");
    if (!seed) return null;
    const unknown = [];
    const one = (name, known) => {
      const value = given.get(name) ?? "";
      if (!value || known.includes(value)) return value;
      unknown.push(value.slice(0, 40));
      return "";
    };
    const ids = (list) => list.map(({id}) => id);
    const keys = (given.get("keys") ?? "").split(".").filter(Boolean);
    const there = new Set(bank.items.map((item) => item.key));
    unknown.push(...keys.filter((key) => !there.has(key)).map((key) => key.slice(0, 40)));
    return {
      seed, number: Math.max(0, Math.floor(Number(given.get("n")))) || 0,
      scenario: one("scenario", ids(bank.scenarios)), domain: one("domain", ids(bank.domains)),
      task: one("task", bank.domains.flatMap((domain) => ids(domain.tasks))),
      derived: {yes: true, no: false}[given.get("derived")],
      keys: keys.length ? keys.filter((key) => there.has(key)) : undefined,
      unknown, changed: given.has("bank") && given.get("bank") !== bank.version,
    };
  }

  const cleanSeed = (seed) =>
    Array.from(seed.normalize("NFC").trim()).slice(0, LONGEST_SEED).join("");

  /** A short seed that can be said on the phone, made of `random`, a list of six numbers. */
  function readableSeed(random) {
    const letters = ["bdfgklmnprstv", "aeiou"];
    const sounds = random.map((number) => (
      letters[0][number % 13] + letters[1][Math.floor(number / 13) % 5]
    ));
    return `${sounds.slice(0, 3).join("")}-${sounds.slice(3).join("")}`;
  }

  root.termbookQuiz = {
    MINUTE, PER_QUESTION, BREAK, FEWEST, LONGEST_SEED,
    wellFormed, complete, judge, inWords, rightAnswer, beginRound, practise,
    beginExam, sit, timeLeft, timeTaken, breakLeft, openHalf, unanswered, milestone, isRun,
    score, fragment, wantedBy, cleanSeed, readableSeed,
  };
})(typeof window === "undefined" ? globalThis : window);
