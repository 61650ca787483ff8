// The page of practice: choose, answer, read the reasons, and repeat what went wrong. A round that
// is under way is kept as {wanted, items, state}, with the questions as they were when it began.
(function () {
  "use strict";
  const host = document.getElementById("quiz-practice");
  if (!host) return;
  const bank = window.termbookBank;
  if (!bank) {
    host.textContent = "The questions could not be loaded. Reload the page to try again.";
    return;
  }
  const {matching, practice} = window.termbookDraw;
  const quiz = window.termbookQuiz;
  const store = window.termbookAnswers;
  const {
    h, button, heading, prose, plural, posed, field, keys, explanation, percent, bar, scores,
    answered, stage, copy, leave, select, seedField, numberField, freshSeed, notes, keepsNote,
  } = window.termbookQuestion;
  const {show, say, ask} = stage(host);
  const USUAL = 10;
  const isRun = (value) => quiz.isRun(value, "practice");
  const items = new Map(bank.items.map((item) => [item.key, item]));
  const wrongItems = () => store.wrong().map((one) => items.get(one.key)).filter(Boolean);
  let run = null;

  // The start

  const fresh = () => ({seed: freshSeed(), number: USUAL, bank: bank.version});

  const sized = (number) => Math.max(Math.floor(number) || USUAL, 1);

  /** What a round may draw from. */
  function pool(wanted) {
    const some = wanted.keys ? wanted.keys.map((key) => items.get(key)).filter(Boolean)
      : wanted.onlyWrong ? wrongItems() : bank.items;
    return matching(some, wanted);
  }

  function start(given = fresh(), focus = ".qz-heading") {
    const wanted = {...given, bank: bank.version, number: sized(given.number)};
    const count = h("p", {class: "qz-count", role: "status"});
    const wrong = wrongItems().length;
    const tasks = h("div");
    const link = button("Copy link to this quiz", () => copy(address(wanted), link, say));
    const set = (name) => (value) => { wanted[name] = value; update(); };

    function update() {
      const total = pool(wanted).length;
      const number = Math.min(sized(wanted.number), total);
      count.textContent = total
        ? `${plural(total, "question")} to draw from, ${number} in this round.`
        : "No question is like that. Choose less.";
    }

    function chooseTask() {
      const some = bank.domains.filter((one) => !wanted.domain || one.id === wanted.domain);
      const known = some.flatMap((domain) => domain.tasks);
      if (!known.some((task) => task.id === wanted.task)) wanted.task = "";
      const options = known.map((task) => [task.id, `${task.id} ${task.label}`]);
      tasks.replaceChildren(select("Task", [["", "Any"], ...options], wanted.task, set("task")));
      update();
    }

    const choose = [
      select("Scenario", [["", "Any"], ...bank.scenarios.map((one) => [one.id, one.label])],
        wanted.scenario, set("scenario")),
      select("Domain", [["", "Any"], ...bank.domains.map((one) => [one.id, one.label])],
        wanted.domain, (value) => { wanted.domain = value; chooseTask(); }),
      tasks,
      select("Kind", [["", "Any"], ["no", "Written questions"], ["yes", "Made from the data"]],
        {true: "yes", false: "no"}[wanted.derived] ?? "",
        (value) => set("derived")({yes: true, no: false}[value])),
    ];
    const only = h("label", {class: "qz-check"}, h("input", {
      type: "checkbox", checked: Boolean(wanted.onlyWrong), disabled: wrong === 0,
      onchange: (event) => set("onlyWrong")(event.target.checked),
    }), h("span", {}, `Only those I got wrong (${wrong})`));
    const form = h("form", {
      class: "qz-start", novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        const seed = quiz.cleanSeed(wanted.seed) || freshSeed();
        if (pool(wanted).length) begin({...wanted, seed, number: sized(wanted.number)});
        else say("No question is like that.");
      },
    },
    wanted.keys
      ? h("p", {class: "qz-note"}, `A round of ${plural(wanted.keys.length, "chosen question")}.`)
      : [h("div", {class: "qz-controls"}, choose), only],
    h("div", {class: "qz-controls"},
      numberField(wanted.number, 1, bank.items.length, set("number"))),
    count,
    h("p", {class: "qz-buttons"}, h("button", {class: "qz-button qz-primary"}, "Start")),
    h("details", {class: "qz-more", open: Boolean(given.linked)},
      h("summary", {}, "The same quiz for a group"),
      h("p", {}, "The same seed, number and choice give everybody the same questions, in the same "
        + "order."),
      h("div", {class: "qz-controls"}, seedField(wanted.seed, set("seed"))),
      h("p", {class: "qz-buttons"}, link)));
    chooseTask();
    show([
      keepsNote(), run && !run.state.done ? underWay() : null, notes(wanted),
      heading("h2", "Choose a round"), form,
      h("p", {class: "qz-buttons"}, button(`What I got wrong (${store.wrong().length})`, log)),
    ], focus);
  }

  function underWay() {
    return h("p", {class: "qz-note"}, "Another round is under way. ",
      button("Go on with it", () => { setAddress(run.wanted); question(); }));
  }

  /** The fragment of a draw; what only this browser knows goes in as a list of keys. */
  function address(wanted) {
    const given = {...wanted, number: sized(wanted.number)};
    return quiz.fragment(given.onlyWrong && !given.keys
      ? {...given, keys: pool(wanted).map((item) => item.key), scenario: "", domain: "", task: "",
        derived: undefined}
      : given);
  }

  function setAddress(wanted) {
    const fragment = address(wanted);
    if (fragment !== location.hash) location.replace(fragment);
  }

  function begin(wanted) {
    const drawn = practice(pool(wanted), wanted.seed, wanted.number);
    const keyed = wanted.onlyWrong && !wanted.keys
      ? {...wanted, keys: pool(wanted).map((item) => item.key), onlyWrong: false} : wanted;
    run = {wanted: keyed, items: drawn, state: quiz.beginRound(drawn)};
    store.keepRun("practice", run);
    setAddress(keyed);
    question();
  }

  // A question and its explanation

  function dispatch(event) {
    run = {...run, state: quiz.practise(run.items, run.state, event)};
    store.keepRun("practice", run);
  }

  function question(focus = ".qz-heading") {
    const {items: drawn, state, wanted} = run;
    if (state.done) return result();
    const item = drawn[state.at];
    if (state.right[state.at] !== null) return explained(focus);
    const hint = h("p", {class: "qz-hint"});
    const form = h("form", {class: "qz-form", onsubmit: (event) => {
      event.preventDefault();
      check(hint);
    }},
    top(), posed(item),
    field(item, wanted.seed, state.answers[state.at],
      (answer) => { hint.textContent = ""; dispatch({type: "answer", answer}); }, say),
    hint,
    h("p", {class: "qz-buttons"},
      h("button", {class: "qz-button qz-primary"}, "Check"), button("End the round", end)),
    help("checks"));
    keys(form);
    show([keepsNote(), form], focus);
  }

  function top() {
    const {items: drawn, state} = run;
    const checked = state.right.filter((one) => one !== null).length;
    const right = state.right.filter(Boolean).length;
    return [
      h("div", {class: "qz-top"},
        heading("h2", `Question ${state.at + 1} of ${drawn.length}`),
        h("p", {}, checked ? `${right} of ${checked} right` : "")),
      bar({right: checked, total: drawn.length}, "Done"),
    ];
  }

  const help = (enter) => h("details", {class: "qz-more"}, h("summary", {}, "Keys"),
    h("p", {}, h("kbd", {}, "1"), " to ", h("kbd", {}, "6"), " choose an option or lead to it, ",
      h("kbd", {}, "↑"), " ", h("kbd", {}, "↓"), " move it where an order is asked for, ",
      h("kbd", {}, "Enter"), ` ${enter}.`));

  function check(hint) {
    const {at} = run.state;
    const item = run.items[at];
    dispatch({type: "check"});
    const right = run.state.right[at];
    if (right === null) {
      hint.textContent = {order: "Move something first.", match: "Choose one for each."}[item.type]
        ?? "Choose an option first.";
      say(hint.textContent);
      return;
    }
    const answer = quiz.inWords(item, run.state.answers[at]);
    store.add([{
      key: item.key, right, when: Date.now(), version: run.wanted.bank,
      ...(right ? {} : {answer}),
    }]);
    explained(".qz-result");
    say(right ? "Right." : `Wrong. Right: ${quiz.inWords(item, quiz.rightAnswer(item)).join("; ")}`);
  }

  function explained(focus) {
    const {items: drawn, state, wanted} = run;
    const item = drawn[state.at];
    const right = state.right[state.at];
    const last = state.at + 1 === drawn.length;
    const form = h("form", {class: "qz-form", onsubmit: (event) => {
      event.preventDefault();
      dispatch({type: "next"});
      say("");
      question();
    }},
    top(), posed(item),
    h("h3", {tabindex: "-1", class: `qz-result ${right ? "qz-good" : "qz-bad"}`},
      h("span", {"aria-hidden": "true"}, right ? "✓ " : "✗ "), right ? "Right" : "Wrong"),
    explanation(item, wanted.seed, state.answers[state.at]),
    h("p", {class: "qz-buttons"},
      h("button", {class: "qz-button qz-primary"}, last ? "See the result" : "Next question"),
      last ? null : button("End the round", end)),
    help("goes on"));
    keys(form);
    show([form], focus);
  }

  async function end() {
    const left = run.state.right.filter((one) => one === null).length;
    if (!await ask(`End the round with ${plural(left, "question")} left?`, "End it")) return;
    dispatch({type: "finish"});
    question();
  }

  // The result

  function result() {
    const {wanted, state} = run;
    const done = state.right.map((_, at) => at).filter((at) => state.right[at] !== null);
    const some = done.map((at) => run.items[at]);
    const right = done.map((at) => state.right[at]);
    const good = right.filter(Boolean).length;
    const wrong = some.filter((_, at) => !right[at]).map((item) => item.key);
    const link = button("Copy link to this quiz", () => copy(address(wanted), link, say));
    const again = () => begin({...fresh(), number: wrong.length, keys: wrong});
    show([
      heading("h2", some.length ? `${good} of ${some.length} right` : "Nothing answered"),
      some.length ? h("p", {}, `That is ${percent(good, some.length)} %.`) : null,
      h("p", {class: "qz-buttons"},
        wrong.length ? button(`Repeat the wrong ones (${wrong.length})`, again, true) : null,
        button("New round", renew, !wrong.length), link),
      some.length ? [h("h2", {}, "By domain and task"), scores(some, right),
        h("h2", {}, "Every question"),
        answered(some, wanted.seed, done.map((at) => state.answers[at]), right)] : null,
    ]);
  }

  function renew() {
    run = null;
    store.dropRun("practice");
    leave(start);
  }

  // What went wrong

  function log() {
    const wrong = store.wrong();
    const mine = wrong.map((one) => items.get(one.key)).filter(Boolean).map((item) => item.key);
    const clear = async () => {
      if (!await ask("Forget every answer you have given?", "Forget them")) return;
      store.clear();
      log();
      say("Your answers are forgotten.");
    };
    show([
      heading("h2", "What I got wrong"),
      h("p", {}, wrong.length
        ? "Questions whose last answer was wrong. One leaves this list as soon as you get it right."
        : "Nothing, so far."),
      h("p", {class: "qz-buttons"},
        mine.length ? button(`Practise these (${mine.length})`,
          () => begin({...fresh(), number: mine.length, keys: mine}), true) : null,
        wrong.length ? button("Print", () => window.print()) : null,
        store.all().length ? button("Clear", clear) : null,
        button("Back", () => start())),
      wrong.map((one) => logged(one, items.get(one.key))),
    ]);
  }

  function logged(one, item) {
    const when = h("p", {class: "qz-when"}, new Date(one.when).toLocaleDateString(document.documentElement.lang));
    const said = h("p", {}, h("strong", {}, "You: "), one.answer?.join("; ") || "no answer");
    if (!item) {
      return h("section", {class: "qz-logged"},
        h("p", {}, "A question that is no longer here."), said, when);
    }
    const right = quiz.rightAnswer(item);
    const reasons = item.type === "match" ? item.options
      : right.map((place) => item.options[place]);
    const words = quiz.inWords(item, right);
    return h("section", {class: "qz-logged"}, posed(item), said,
      h("p", {}, h("strong", {}, "Right: ")),
      h("ul", {}, reasons.map((option, at) => h("li", {},
        h("strong", {}, words[at]), " ", prose(option.reason)))),
      wrongReasons(one, item), when);
  }

  /** Why what was chosen is wrong. */
  function wrongReasons(one, item) {
    const chosen = item.options.filter((option) => !option.correct && !option.place && !option.match
      && one.answer?.includes(option.text));
    return chosen.length ? [h("p", {}, h("strong", {}, "Not right: ")),
      h("ul", {}, chosen.map((option) => h("li", {}, h("strong", {}, option.text), " ",
        prose(option.reason))))] : null;
  }

  /** Go on with the round that is kept, unless the address asks for another one. */
  function open(focus) {
    run = store.run("practice", isRun);
    if (run?.state.done) run = null;
    const wanted = quiz.wantedBy(location.hash, bank);
    if (run && (!wanted || address(run.wanted) === location.hash)) question(focus);
    else start(wanted ? {...wanted, linked: true} : undefined, focus);
  }

  addEventListener("hashchange", () => {
    if (run && address(run.wanted) === location.hash) return;
    open(".qz-heading");
  });
  open(null);
})();
