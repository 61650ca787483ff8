// When which card comes: pure logic on `window.termbookSchedule`, apart from page and storage.
//
// The log is the truth, and whatever is known of a card is derived by replaying it. So two devices
// are merged by uniting their logs. An entry of the log is
//
//   {id, type, at, day, device, …}
//
// `id` and `device` have sixteen hexadecimal digits, `at` is a time in milliseconds since 1970, and
// `day` the study day it fell on where the learner was, which makes a replay the same in every time
// zone. By type, an entry also holds:
//
//   review                 card (its key), grade (1 Again, 2 Hard, 3 Good, 4 Easy), took (ms)
//   suspend, resume, bury  card
//   undo                   of (the id of an entry, which then counts for nothing)
//
// Nothing is ever taken out of the log: what was undone on one device stays undone when another
// device that still has it is merged.
(function (root) {
  "use strict";
  const MINUTE = 60e3, DAY = 864e5;
  const ROLLOVER = 4; // the hour at which a study day begins, as in Anki
  const AHEAD = 20 * MINUTE; // how long before its time a step may come when nothing else is left
  const LEECH = 8; // lapses; again after every half as many
  const DEFAULTS = Object.freeze({ newPerDay: 20, reviewsPerDay: 200, retention: 0.9, at: 0 });
  const GRADES = ["Again", "Hard", "Good", "Easy"];

  /** The study day of a time, in days since 1970. */
  function dayOf(at) {
    const time = new Date(at);
    const date = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / DAY;
    return time.getHours() < ROLLOVER ? date - 1 : date;
  }

  // FSRS-6 with its published weights, and without fuzz: the same log gives the same states.
  const PARAMETERS = {
    maximum_interval: 36500, enable_fuzz: false, enable_short_term: true,
    learning_steps: ["1m", "10m"], relearning_steps: ["10m"],
  };
  const NEW = 0, LEARNING = 1, REVIEW = 2, RELEARNING = 3;

  const scheduler = (settings) => (
    new root.tsFsrs.FSRSAlgorithm({ ...PARAMETERS, request_retention: settings.retention })
  );

  const inOrder = (one, other) => one.at - other.at || (one.id < other.id ? -1 : 1);

  /** The entries that count, in order: without undos and without what they undo. */
  function counting(log) {
    const undone = new Set(log.filter((one) => one.type === "undo").map((one) => one.of));
    return log.filter((one) => one.type !== "undo" && !undone.has(one.id)).sort(inOrder);
  }

  const unseen = () => ({
    memory: null, day: null, due: null, dueDay: null, first: null,
    suspended: false, leech: false, buried: null,
  });

  /**
   * `{states, history}` of a log. A state, by the key of its card, holds `memory` ({state, step,
   * stability, difficulty, lapses}, null before the first review), the days of the `first` and the
   * last review (`day`), `dueDay` of a card in review or `due` (ms) of one in a step of learning, and whether it is
   * `suspended`, a `leech`, and the day for which it is `buried`. `history` lists the reviews with
   * the `state` and the days since the review `before` each.
   */
  function replay(log, settings) {
    const fsrs = scheduler(settings);
    const states = new Map();
    const history = [];
    for (const entry of counting(log)) {
      if (!states.has(entry.card)) states.set(entry.card, unseen());
      const state = states.get(entry.card);
      if (entry.type === "review") history.push(answered(state, entry, fsrs));
      if (entry.type === "suspend") state.suspended = true;
      if (entry.type === "resume") state.suspended = false;
      if (entry.type === "bury") state.buried = entry.day;
    }
    return { states, history };
  }

  const isLearnt = (state) => state.memory?.state === REVIEW;

  /** Move a state on by a review; gives the review as the history tells it. */
  function answered(state, entry, fsrs) {
    // Who travels westward may live the same day twice.
    const day = Math.max(entry.day, state.day ?? entry.day);
    const elapsed = day - (state.day ?? day);
    const told = { ...entry, state: state.memory?.state ?? NEW, elapsed };
    const lapsed = isLearnt(state) && entry.grade === 1;
    const { days, minutes, ...memory } = next(fsrs, state.memory, elapsed)(entry.grade);
    const due = days === undefined
      ? { due: entry.at + minutes * MINUTE, dueDay: null } : { due: null, dueDay: day + days };
    Object.assign(state, { memory, day, first: state.first ?? day, ...due });
    const beyond = memory.lapses - LEECH;
    if (lapsed && beyond >= 0 && beyond % (LEECH / 2) === 0) state.leech = state.suspended = true;
    return told;
  }

  /**
   * A function of the grade, which gives the memory after a review that comes so many days after
   * the last, and when the card comes again, in `days` or `minutes`.
   */
  function next(fsrs, memory, elapsed) {
    const { state, step, lapses } = memory ?? { state: NEW, step: 0, lapses: 0 };
    const steps = root.tsFsrs.BasicLearningStepsStrategy(fsrs.parameters, state, step);
    const remembered = (grade) => fsrs.next_state(memory, elapsed, grade);
    const interval = (grade) => fsrs.next_interval(remembered(grade).stability, elapsed);
    return (grade) => {
      const after = { ...remembered(grade), lapses };
      const { scheduled_minutes: minutes, next_step: nextStep } = steps[grade] ?? {};
      if (minutes) {
        const isLapse = state === REVIEW;
        const kept = state === NEW ? LEARNING : isLapse ? RELEARNING : state;
        return { ...after, state: kept, step: nextStep, lapses: lapses + isLapse, minutes };
      }
      const days = state === REVIEW ? ordered(interval)[grade] : interval(grade);
      return { ...after, state: REVIEW, step: 0, days };
    };
  }

  /** Intervals of a learnt card by the grades 2 to 4, each longer than the one before. */
  function ordered(interval) {
    const hard = Math.min(interval(2), interval(3));
    const good = Math.max(interval(3), hard + 1);
    return { 2: hard, 3: good, 4: Math.max(interval(4), good + 1) };
  }

  /** For each grade of 1 to 4, when the card would come again: `{days}` or `{minutes}`. */
  function outlook(state, settings, now) {
    const elapsed = state?.memory ? Math.max(0, dayOf(now) - state.day) : 0;
    const after = next(scheduler(settings), state?.memory ?? null, elapsed);
    return [1, 2, 3, 4].map((grade) => {
      const { days, minutes } = after(grade);
      return days === undefined ? { minutes } : { days };
    });
  }

  /** Whether a card is in the chosen decks: `kinds` is a Set, the rest ids or "". */
  function isChosen(card, { kinds, domain, scenario, group }) {
    return kinds.has(card.kind)
      && (!domain || Boolean(card.domains?.includes(domain)))
      && (!scenario || card.scenario === scenario)
      && (!group || Boolean(card.groups?.includes(group)));
  }

  // The two directions of one definition give each other away.
  const sameNote = (card) => (card.scenario || card.terms.length > 1 ? card.key : card.terms[0]);

  /**
   * What is to be done now: the `card` to show or null, how many there are of `fresh`, `learning`
   * and `review`, and `waits`, the time (ms) of the next step, or null. Limits count the whole day
   * and every deck.
   */
  function queue(cards, { states, history }, settings, filter, now) {
    const today = dayOf(now);
    const chosen = cards.filter((card) => isChosen(card, filter));
    const open = chosen.filter(({ key }) => {
      const state = states.get(key);
      return !state || (!state.suspended && state.buried !== today);
    });
    const of = (card) => states.get(card.key);
    const done = doneOn(today, states, history);
    const left = (limit, used) => Math.max(0, limit - used);
    const learning = open.filter((card) => of(card)?.due != null)
      .sort((one, other) => of(one).due - of(other).due);
    const review = open.filter((card) => of(card)?.dueDay != null && of(card).dueDay <= today)
      .sort((one, other) => of(one).dueDay - of(other).dueDay || byKey(one, other))
      .slice(0, left(settings.reviewsPerDay, done.review));
    const fresh = introducible(cards, open, states, today)
      .slice(0, left(settings.newPerDay, done.fresh));
    const due = (within) => learning.find((card) => of(card).due <= now + within);
    return {
      card: due(0) ?? mixed(fresh, review, done) ?? due(AHEAD) ?? null,
      fresh: fresh.length, review: review.length, learning: learning.length,
      waits: learning.length ? of(learning[0]).due : null,
    };
  }

  const byKey = (one, other) => (one.key < other.key ? -1 : 1);

  /** How many cards were begun on a day, and how many reviews of learnt ones were done. */
  function doneOn(day, states, history) {
    return {
      fresh: [...states.values()].filter((state) => state.first === day).length,
      review: history.filter((one) => one.day === day && one.state === REVIEW).length,
    };
  }

  /**
   * Cards that may be begun today, mixed by their keys. Of the two directions of a definition the
   * first comes first, and the other on a later day.
   */
  function introducible(cards, open, states, today) {
    const busy = new Set(cards.filter((card) => states.get(card.key)?.first === today)
      .map(sameNote));
    const found = new Map();
    for (const card of open) {
      const note = sameNote(card);
      const isNew = !states.get(card.key)?.memory && !card.retired;
      if (isNew && !busy.has(note) && !found.has(note)) found.set(note, card);
    }
    return [...found.values()].sort(byKey);
  }

  /** The next of new cards and reviews, so that both run out at about the same time. */
  function mixed(fresh, review, done) {
    if (!fresh.length || !review.length) return fresh[0] ?? review[0];
    const share = (finished, rest) => finished / (finished + rest);
    return share(done.fresh, fresh.length) < share(done.review, review.length)
      ? fresh[0] : review[0];
  }

  /** The entry that this device would undo: its last one of today that counts, or null. */
  function undoable(log, device, today) {
    return counting(log).filter((one) => one.device === device && one.day === today).at(-1) ?? null;
  }

  // Statistics: rows of numbers, which the page draws and lists.

  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

  /** Reviews and the milliseconds they took on each of the last `number` days. */
  function perDay(history, today, number = 30) {
    return range(today - number + 1, today).map((day) => {
      const some = history.filter((one) => one.day === day);
      return { day, count: some.length, took: some.reduce((sum, one) => sum + one.took, 0) };
    });
  }

  /** Reviews of learnt cards after a day or more, and how many were recalled, week by week. */
  function retention(history, today, weeks = 8) {
    const asked = history.filter((one) => one.state === REVIEW && one.elapsed > 0);
    return range(1 - weeks, 0).map((week) => {
      const last = today + 7 * week;
      const some = asked.filter((one) => one.day > last - 7 && one.day <= last);
      return { day: last, count: some.length, recalled: some.filter((one) => one.grade > 1).length };
    });
  }

  /** How many of the cards are due on each of the next days; what is overdue is due today. */
  function forecast(cards, states, today, number = 30) {
    const days = cards.map((card) => states.get(card.key))
      .filter((state) => state?.dueDay != null && !state.suspended)
      .map((state) => Math.max(state.dueDay, today));
    return range(today, today + number - 1)
      .map((day) => ({ day, count: days.filter((due) => due === day).length }));
  }

  /** Of some cards: how many there are, are in learning and are learnt. */
  function learnt(cards, states) {
    const known = cards.map((card) => states.get(card.key)).filter((state) => state?.memory);
    const review = known.filter(isLearnt).length;
    return {
      count: cards.filter((card) => !card.retired || states.get(card.key)?.memory).length,
      learning: known.length - review, review,
    };
  }

  root.termbookSchedule = {
    DAY, DEFAULTS, GRADES, PARAMETERS, LEECH, dayOf, inOrder, replay, next, outlook, isChosen, queue, undoable,
    perDay, retention, forecast, learnt,
  };
})(typeof window === "undefined" ? globalThis : window);
