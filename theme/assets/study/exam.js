// The page of the mock exam: two halves against the clock with a break between them, and every
// reason at the end. An exam is kept as {wanted, items, state}, with the questions as they were when
// it began, until the learner starts another one.
(function () {
  "use strict";
  const host = document.getElementById("quiz-exam");
  if (!host) return;
  const bank = window.termbookBank;
  if (!bank) {
    host.textContent = "The questions could not be loaded. Reload the page to try again.";
    return;
  }
  const {exam, quotas} = window.termbookDraw;
  const quiz = window.termbookQuiz;
  const store = window.termbookAnswers;
  const {
    h, button, heading, plural, posed, field, keys, percent, bar, scores, answered, stage, copy,
    leave, link, select, seedField, numberField, freshSeed, notes, keepsNote,
  } = window.termbookQuestion;
  const {show, say, ask} = stage(host);
  const MOST = bank.largestExam;
  const WEIGHTS = bank.domains.map((domain) => [domain.id, domain.weight]);
  const TIMES = [["1", "As in the exam"], ["1.5", "Half as much again"], ["2", "Twice as much"],
    ["", "No limit"]];
  const isRun = (value) => quiz.isRun(value, "exam");
  let run = null;
  let clock = null;
  let seen = Infinity;

  // The start

  const fresh = () => ({seed: freshSeed(), number: Math.min(20, MOST)});
  const sized = (number) => Math.min(Math.max(Math.floor(number) || quiz.FEWEST, quiz.FEWEST), MOST);
  const limitOf = (number, times) => (times ? number * quiz.PER_QUESTION * Number(times) : null);

  function start(given = fresh(), focus = ".qz-heading") {
    if (!MOST) {
      show([heading("h2", "Not yet"),
        h("p", {}, "There are too few questions for an exam with every domain.")], focus);
      return;
    }
    const wanted = {seed: given.seed, number: given.number || fresh().number, times: "1",
      bank: bank.version};
    const plan = h("p", {class: "qz-count", role: "status"});
    const set = (name) => (value) => { wanted[name] = value; update(); };
    const share = button("Copy link to this exam", () => copy(address(), share, say));
    const address = () => quiz.fragment({...wanted, number: sized(wanted.number)});

    function update() {
      const number = sized(wanted.number);
      const limit = limitOf(number, wanted.times);
      const parts = quotas(WEIGHTS, number)
        .map(([id, quota], at) => `${bank.domains[at].label} ${quota}`);
      plan.textContent = `${number} questions, ${limit ? plural(limit / quiz.MINUTE, "minute")
        : "without a limit"}: ${parts.join(", ")}.`;
    }

    const form = h("form", {
      class: "qz-start", novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        begin({...wanted, number: sized(wanted.number),
          seed: quiz.cleanSeed(wanted.seed) || freshSeed()});
      },
    },
    h("div", {class: "qz-controls"},
      numberField(wanted.number, quiz.FEWEST, MOST, set("number")),
      select("Time", TIMES, wanted.times, set("times"))),
    plan,
    h("p", {class: "qz-buttons"}, h("button", {class: "qz-button qz-primary"}, "Begin")),
    h("details", {class: "qz-more", open: Boolean(given.linked)},
      h("summary", {}, "The same exam for a group"),
      h("p", {}, "The same seed and number give everybody the same questions, in the same order."),
      h("div", {class: "qz-controls"}, seedField(wanted.seed, set("seed"))),
      h("p", {class: "qz-buttons"}, share)));
    update();
    show([keepsNote(), run && run.state.stage !== "done" ? underWay() : null, notes(given),
      heading("h2", "Set up an exam"), form], focus);
  }

  function underWay() {
    return h("p", {class: "qz-note"}, "Another exam is under way, and its clock runs. Beginning a "
      + "new one abandons it. ",
    button("Go on with it", () => { setAddress(); render(); }));
  }

  function setAddress() {
    const fragment = quiz.fragment(run.wanted);
    if (fragment !== location.hash) location.replace(fragment);
  }

  function begin(wanted) {
    const items = exam(bank.items, WEIGHTS, wanted.seed, wanted.number);
    const limit = limitOf(wanted.number, wanted.times);
    run = {wanted, items, state: quiz.beginExam(items.length, limit, Date.now())};
    seen = Infinity;
    store.keepRun("exam", run);
    setAddress();
    render();
  }

  // Events and the clock

  /** Lead the state on; another window of this browser may have done so before. */
  function dispatch(event) {
    const kept = store.run("exam", isRun);
    if (kept?.state.started === run.state.started) run = kept;
    const before = run.state;
    run = {...run, state: quiz.sit(run.items, before, event, Date.now())};
    if (run.state !== before) store.keepRun("exam", run);
    if (run.state.stage === "done" && before.stage !== "done") log();
  }

  /** Keep what was answered with the answers given in practice. */
  function log() {
    const {items, state, wanted} = run;
    store.add(items.flatMap((item, at) => {
      const answer = state.answers[at];
      if (!quiz.complete(item, answer)) return [];
      const right = quiz.judge(item, answer);
      return [{key: item.key, right, when: state.ended, version: wanted.bank,
        ...(right ? {} : {answer: quiz.inWords(item, answer)})}];
    }));
  }

  function act(event) {
    const {stage: before} = run.state;
    dispatch(event);
    if (run.state.stage === "done" && before !== "done" && run.state.late) say("Time is up.");
    render();
  }

  const twoDigits = (number) => String(number).padStart(2, "0");

  function spoken(milliseconds) {
    const seconds = Math.ceil(milliseconds / 1000);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    const rest = twoDigits(seconds % 60);
    return hours ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
  }

  /** Show the time that is left; tell it only at a few points, and end the exam when it is up. */
  function tick() {
    const {state} = run;
    const now = Date.now();
    const left = quiz.timeLeft(state, now);
    if (left === 0) {
      act({type: "tick"});
      return;
    }
    const told = seen !== Infinity && state.stage !== "break"
      && quiz.milestone(state.limit, seen, left);
    if (told) say(told);
    seen = left;
    const time = host.querySelector(".qz-time");
    if (time) {
      time.textContent = left === Infinity ? "No limit" : `${spoken(left)} left`;
      time.classList.toggle("qz-late", left <= 10 * quiz.MINUTE && left < state.limit / 2);
    }
    const pause = host.querySelector(".qz-clock");
    if (pause) pause.textContent = spoken(quiz.breakLeft(state, now));
    const over = host.querySelector(".qz-over");
    if (over) over.hidden = quiz.breakLeft(state, now) > 0;
  }

  function watch(isRunning) {
    clearInterval(clock);
    clock = isRunning ? setInterval(tick, 1000) : null;
    if (isRunning) tick();
  }

  // Screens

  function render(focus = ".qz-heading") {
    const {state} = run;
    watch(false);
    if (state.stage === "done") return result(focus);
    if (state.stage === "break") rest(focus);
    else if (state.reviewing) review(focus);
    else question(focus);
    return watch(true);
  }

  const time = () => h("p", {class: "qz-time", role: "timer"});

  const top = (title, more) => h("div", {class: "qz-top"}, heading("h2", title), more, time());

  function question(focus) {
    const {items, state, wanted} = run;
    const {at} = state;
    const [first, end] = quiz.openHalf(state);
    const item = items[at];
    const flag = button("", () => toggle(), false, {"aria-pressed": state.flags[at]});
    const label = () => {
      flag.textContent = run.state.flags[at] ? "⚑ Flagged" : "⚐ Flag";
      flag.setAttribute("aria-pressed", run.state.flags[at]);
    };

    function toggle() {
      dispatch({type: "flag", at});
      if (run.state.at !== at || run.state.stage !== state.stage) return render();
      label();
      return say(run.state.flags[at] ? "Flagged." : "No longer flagged.");
    }

    label();
    const form = h("form", {class: "qz-form", onsubmit: (event) => {
      event.preventDefault();
      act({type: "next"});
    }},
    top(`Question ${at + 1} of ${items.length}`),
    bar({right: at + 1 - first, total: end - first}, state.stage === "first" ? "First half"
      : "Second half"),
    posed(item),
    field(item, wanted.seed, state.answers[at], (answer) => {
      dispatch({type: "answer", at, answer});
      if (run.state.stage === "done") render();
    }, say),
    h("p", {class: "qz-buttons"},
      h("button", {class: "qz-button qz-primary"}, at + 1 < end ? "Next" : "Review"),
      at > first ? button("Previous", () => act({type: "previous"})) : null,
      flag,
      at + 1 < end ? button("Review", () => act({type: "review"})) : null),
    h("details", {class: "qz-more"}, h("summary", {}, "Keys"),
      h("p", {}, h("kbd", {}, "1"), " to ", h("kbd", {}, "6"), " choose an option or lead to it, ",
        h("kbd", {}, "↑"), " ", h("kbd", {}, "↓"), " move it where an order is asked for, ",
        h("kbd", {}, "F"), " flags the question, ", h("kbd", {}, "Enter"), " goes on."),
      h("p", {}, button("Abandon the exam", abandon))));
    keys(form, {f: toggle});
    show([keepsNote(), form], focus);
  }

  function review(focus) {
    const {items, state} = run;
    const [first, end] = quiz.openHalf(state);
    const isFirst = state.stage === "first";
    const places = items.map((_, at) => at).slice(first, end);
    const square = (at) => {
      const done = quiz.complete(items[at], state.answers[at]);
      const [said, sign] = done ? ["answered", "✓"]
        : state.answers[at] ? ["incomplete", "…"] : ["open", "○"];
      const text = `${at + 1} ${sign}${state.flags[at] ? " ⚑" : ""}`;
      const more = {"aria-label": `Question ${at + 1}, ${said}${state.flags[at] ? ", flagged" : ""}`};
      const one = button(text, () => act({type: "go", at}), false, more);
      one.classList.toggle("qz-open", !done);
      return h("li", {}, one);
    };
    const form = h("form", {class: "qz-form", onsubmit: (event) => {
      event.preventDefault();
      if (isFirst) close();
      else submit();
    }},
    top(isFirst ? "Review of the first half" : "Review of the second half"),
    h("p", {}, `${plural(quiz.unanswered(items, state).length, "question")} without an answer, `
      + `${places.filter((at) => state.flags[at]).length} flagged.`),
    h("p", {class: "qz-count", "aria-hidden": "true"},
      "✓ answered, … incomplete, ○ open, ⚑ flagged"),
    h("ul", {class: "qz-squares"}, places.map(square)),
    isFirst ? h("p", {}, "After the first half comes a break of ten minutes, which you may cut "
      + "short. There is no way back to these questions.") : null,
    h("p", {class: "qz-buttons"},
      h("button", {class: "qz-button qz-primary"}, isFirst ? "End the first half" : "Submit"),
      button("Back to the questions", () => act({type: "go", at: state.at})),
      button("Abandon the exam", abandon)));
    keys(form);
    show([form], focus);
  }

  const lacking = () => {
    const open = quiz.unanswered(run.items, run.state).length;
    return open ? `${plural(open, "question")} ${open === 1 ? "has" : "have"} no answer. ` : "";
  };

  async function close() {
    const yes = await ask(`${lacking()}End the first half? There is no way back to it.`, "End it");
    if (yes) act({type: "close"});
  }

  async function submit() {
    const open = lacking();
    if (!open || await ask(`${open}Submit the exam all the same?`, "Submit")) act({type: "submit"});
  }

  async function abandon() {
    const yes = await ask("Abandon the exam? Its answers are lost, and there is no result.",
      "Abandon");
    if (yes) drop();
  }

  function rest(focus) {
    const form = h("form", {class: "qz-form", onsubmit: (event) => {
      event.preventDefault();
      act({type: "resume"});
    }},
    top("Break"),
    h("p", {}, "The clock of the exam stands still as long as this one runs:"),
    h("div", {class: "qz-clock", role: "timer", "aria-label": "Left of the break"}),
    h("p", {class: "qz-over qz-note", hidden: true}, "The break is over, and the clock of the exam "
      + "runs again."),
    h("p", {class: "qz-buttons"},
      h("button", {class: "qz-button qz-primary"}, "Begin the second half"),
      button("Abandon the exam", abandon)));
    keys(form);
    show([form], focus);
  }

  // The result

  function result(focus) {
    const {items, state, wanted} = run;
    const right = items.map((item, at) => quiz.judge(item, state.answers[at]));
    const good = right.filter(Boolean).length;
    const missed = items.filter((_, at) => !right[at]).map((item) => item.key);
    const again = quiz.fragment({seed: freshSeed(), number: missed.length, bank: bank.version,
      keys: missed});
    const minutes = Math.ceil(quiz.timeTaken(state) / quiz.MINUTE);
    const share = button("Copy link to this exam",
      () => copy(quiz.fragment(wanted), share, say));
    show([
      state.late ? h("p", {class: "qz-note"}, "Time was up before the exam was submitted.") : null,
      heading("h2", `${good} of ${items.length} right`),
      h("p", {}, `That is ${percent(good, items.length)} %, in ${plural(minutes, "minute")}.`),
      h("p", {class: "qz-buttons"},
        button("Another exam", drop, true), share,
        button("Print", () => window.print())),
      missed.length ? h("p", {}, link(`Practise the ${plural(missed.length, "question")} you missed`,
        `study/practice/${again}`)) : null,
      h("h2", {}, "By domain and task"), scores(items, right),
      h("h2", {}, "Every question"), answered(items, wanted.seed, state.answers, right),
    ], focus);
  }

  function drop() {
    watch(false);
    run = null;
    store.dropRun("exam");
    leave(start);
  }

  /** Go on with the exam that is kept, unless the address asks for another one. */
  function open(focus) {
    run = store.run("exam", isRun);
    const wanted = quiz.wantedBy(location.hash, bank);
    if (run && (!wanted || quiz.fragment(run.wanted) === location.hash)) {
      dispatch({type: "tick"});
      render(focus);
    } else {
      watch(false);
      start(wanted ? {...wanted, linked: true} : undefined, focus);
    }
  }

  addEventListener("hashchange", () => {
    if (!run || quiz.fragment(run.wanted) !== location.hash) open(".qz-heading");
  });
  // Another window went on, and this one was asleep: the state that is kept counts.
  addEventListener("storage", (event) => {
    if (event.key === store.place("run.exam")) open(null);
  });
  addEventListener("visibilitychange", () => { if (clock && !document.hidden) tick(); });
  open(null);
})();
