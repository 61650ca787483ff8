// The facilitator's page: one question at a time in big type. The group votes by show of hands or
// on paper, the facilitator counts, and then the reasons are shown beside the votes. The draw is
// in the address, with the number of the question; counts last as long as the page is open.
(function () {
  "use strict";
  const host = document.getElementById("quiz-project");
  if (!host) return;
  const bank = window.termbookBank;
  if (!bank) {
    host.textContent = "The questions could not be loaded. Reload the page to try again.";
    return;
  }
  const {matching, practice, matchOrder} = window.termbookDraw;
  const {fragment, wantedBy, cleanSeed, rightAnswer} = window.termbookQuiz;
  const {
    h, button, heading, link, prose, plural, posed, shown, stage, copy, select, seedField,
    numberField, freshSeed, notes,
  } = window.termbookQuestion;
  const {show, say} = stage(host);
  const USUAL = 10;
  const LETTERS = "ABCDEF";
  let run = null;

  const voted = (item) => item.type !== "order" && item.type !== "match";
  const pool = (wanted) => matching(
    wanted.keys ? bank.items.filter((item) => wanted.keys.includes(item.key)) : bank.items, wanted,
  );
  const address = () => `${fragment(run.wanted)}&at=${run.at + 1}`;

  // The start

  function start(given, focus) {
    const wanted = {seed: freshSeed(), ...given, number: given?.number || USUAL, bank: bank.version};
    const count = h("p", {class: "qz-count", role: "status"});
    const set = (name) => (value) => { wanted[name] = value; update(); };
    const named = (list) => [["", "Any"], ...list.map((one) => [one.id, one.label])];
    const copier = button("Copy link to these questions", () => copy(fragment(wanted), copier, say));

    function update() {
      const total = pool(wanted).length;
      count.textContent = total
        ? `${plural(total, "question")} to draw from, ${Math.min(wanted.number, total)} to be shown.`
        : "No question is like that. Choose less.";
    }

    function begin(event) {
      event.preventDefault();
      const seed = cleanSeed(wanted.seed) || freshSeed();
      if (pool(wanted).length) open({...wanted, seed, number: Math.max(1, wanted.number)}, 0);
      else say("No question is like that.");
    }

    update();
    show([
      notes(wanted), heading("h2", "Choose the questions"),
      h("form", {class: "qz-start", onsubmit: begin},
        h("div", {class: "qz-controls"},
          select("Scenario", named(bank.scenarios), wanted.scenario, set("scenario")),
          select("Domain", named(bank.domains), wanted.domain, set("domain")),
          select("Kind", [["", "Any"], ["no", "Written questions"], ["yes", "Made from the data"]],
            {true: "yes", false: "no"}[wanted.derived] ?? "",
            (value) => set("derived")({yes: true, no: false}[value])),
          numberField(wanted.number, 1, bank.items.length, (value) => set("number")(value || 0)),
          seedField(wanted.seed, set("seed"))),
        count,
        h("p", {class: "qz-buttons"},
          h("button", {class: "qz-button qz-primary"}, "Start"), copier)),
      h("p", {}, "Keys: a digit counts a vote, with Shift it takes one back, R reveals, ← and → lead "
        + "to the question before and after, F fills the screen."),
    ], focus);
  }

  function open(wanted, at) {
    const items = practice(pool(wanted), wanted.seed, wanted.number);
    run = {
      wanted, items, at: Math.min(Math.max(at, 0), items.length - 1), revealed: new Set(),
      votes: new Map(items.map((item) => [item, item.options.map(() => 0)])),
    };
    question();
  }

  // A question

  function question() {
    if (location.hash !== address()) history.replaceState(null, "", address());
    const item = run.items[run.at];
    const revealed = run.revealed.has(item);
    const last = run.at + 1 === run.items.length;
    const places = revealed && item.type === "order" ? rightAnswer(item)
      : shown(item, run.wanted.seed);
    show([h("div", {class: "qz-form"},
      heading("h2", `Question ${run.at + 1} of ${run.items.length}`),
      posed(item),
      bank.asked[item.type] ? h("p", {class: "qz-frame"}, bank.asked[item.type]) : null,
      h("ul", {class: "qz-tolds"}, places.map((place) => option(item, place, revealed))),
      item.type === "match" && !revealed
        ? h("p", {}, `Match with: ${matchOrder(item, run.wanted.seed).join("; ")}`) : null,
      revealed ? discussion(item) : null,
      h("p", {class: "qz-buttons"},
        revealed ? null : button("Reveal", reveal, true),
        run.at ? button("Previous", () => go(-1)) : null,
        last ? null : button("Next", () => go(1), revealed),
        button("Full screen", fill),
        button("End", () => { location.replace("#"); }))), revealed ? credits(item) : null,
    ]);
  }

  function option(item, place, revealed) {
    const one = item.options[place];
    const letter = LETTERS[shown(item, run.wanted.seed).indexOf(place)];
    const good = revealed && Boolean(one.correct);
    return h("li", {class: good ? "qz-good" : null},
      h("p", {class: "qz-option-text"}, `${letter}. `, one.text),
      voted(item) ? tally(item, place, letter, revealed) : null,
      revealed ? h("p", {}, h("strong", {class: "qz-verdict"}, verdict(item, one)), " ",
        prose(one.reason)) : null);
  }

  function verdict(item, one) {
    if (item.type === "order") return `Place ${one.place}.`;
    if (item.type === "match") return `→ ${one.match}.`;
    const [yes, no] = item.type === "depends" ? ["Accepted.", "Not accepted."] : ["Right.", "Wrong."];
    return one.correct ? `✓ ${yes}` : `✗ ${no}`;
  }

  /** The votes for an option: a number to count up and down, or a bar with its text. */
  function tally(item, place, letter, revealed) {
    const votes = run.votes.get(item);
    const total = votes.reduce((sum, one) => sum + one, 0);
    if (!revealed) {
      const number = h("span", {class: "qz-votes", "data-place": place}, `${votes[place]}`);
      const by = (step, sign, name) => button(sign, () => count(place, step), false,
        {"aria-label": `${name} vote for ${letter}`});
      return h("p", {class: "qz-buttons"}, by(-1, "−", "One less"), number, by(1, "+", "One more"));
    }
    if (!total) return null;
    const share = Math.round((100 * votes[place]) / total);
    return h("p", {class: "qz-share"},
      h("progress", {class: "qz-bar", max: total, value: votes[place], "aria-hidden": "true"}),
      h("span", {}, `${plural(votes[place], "vote")} of ${total}, ${share} %`));
  }

  function count(place, step) {
    const item = run.items[run.at];
    const votes = run.votes.get(item);
    votes[place] = Math.max(0, votes[place] + step);
    host.querySelector(`[data-place="${place}"]`).textContent = votes[place];
    const letter = LETTERS[shown(item, run.wanted.seed).indexOf(place)];
    say(`${letter}: ${plural(votes[place], "vote")}.`);
  }

  /** What to talk about: the debates that bear on the question, or what would change the answer. */
  function discussion(item) {
    return h("div", {class: "qz-note"}, h("h3", {}, "Discuss"), item.debates?.length
      ? h("ul", {}, item.debates.map((id) => h("li", {},
        link(bank.debates[id] ?? id, `debates/${id}/`))))
      : h("p", {}, "What would have to be different for another answer to be right?"));
  }

  const credits = (item) => h("p", {class: "qz-about"}, item.sources?.length
    ? `Sources: ${item.sources.map((id) => bank.sources[id] ?? id).join("; ")}. ` : null,
  link("This question on its page", item.address));

  function reveal() {
    run.revealed.add(run.items[run.at]);
    question();
    say("The reasons are shown.");
  }

  function go(step) {
    if (!(run.at + step in run.items)) return;
    run.at += step;
    question();
  }

  function fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else host.requestFullscreen?.().catch(() => say("The browser does not fill the screen."));
  }

  const keyed = {
    ArrowLeft: () => go(-1),
    ArrowRight: () => go(1),
    r: () => { if (!run.revealed.has(run.items[run.at])) reveal(); },
    f: fill,
  };

  // While the focus is in a question. With Shift a digit is another letter on most keyboards.
  addEventListener("keydown", (event) => {
    const form = host.querySelector(".qz-form");
    if (event.ctrlKey || event.altKey || event.metaKey || !form?.contains(event.target)) return;
    const item = run.items[run.at];
    const place = shown(item, run.wanted.seed)[/^(?:Digit|Numpad)([1-6])$/.exec(event.code)?.[1] - 1];
    const act = keyed[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (place !== undefined && voted(item) && !run.revealed.has(item)) {
      count(place, event.shiftKey ? -1 : 1);
    } else if (act) {
      act();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, true);

  function read(moved) {
    const wanted = wantedBy(location.hash, bank);
    if (wanted && run && location.hash === address()) return;
    const at = Number(new URLSearchParams(location.hash.slice(1)).get("at")) - 1;
    // A link that differs from what others have, or names no question, is told before it begins.
    const sound = wanted && !wanted.changed && !wanted.unknown.length && pool(wanted).length;
    if (sound && wanted.number && at >= 0) open({...wanted, bank: bank.version}, Math.floor(at));
    else {
      run = null;
      start(wanted, moved || wanted ? ".qz-heading" : null);
    }
  }

  addEventListener("hashchange", read);
  read();
})();
