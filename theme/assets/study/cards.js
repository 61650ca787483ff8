// The page of cards: what schedule.js knows and store.js keeps, shown and worked.
(function () {
  "use strict";
  const {
    DAY, GRADES, LEECH, dayOf, replay, outlook, isChosen, queue, undoable,
    perDay, retention, forecast, learnt,
  } = window.termbookSchedule;
  const { LARGEST, Refusal, serialise, parse } = window.termbookProgress;
  const charts = window.termbookCharts;
  const { site, kinds, cards, ...lists } = window.termbookCards;
  const page = document.getElementById("cards-page");
  if (!page) return;

  const REMIND = 100; // reviews since the last export
  const LONGEST = 6e4; // ms that a review counts for, as in Anki
  const one = (selector) => page.querySelector(selector);
  const all = (selector) => [...page.querySelectorAll(selector)];
  const base = new URL(JSON.parse(document.getElementById("__config").textContent).base + "/",
    location.href);
  const panel = one("[data-panel]");
  const cardBox = one("[data-card]");
  const filter = { kinds: new Set(Object.keys(kinds)), domain: "", scenario: "", group: "" };

  let store;
  let known; // {states, history} of the log
  let plan; // what queue() gives
  let current = null; // the card in sight
  let shown = ""; // its state at that time
  let since = 0; // when it came
  let studying = false;
  let timer = 0;
  let persisted = true;

  // Words.

  const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  const percent = (part, whole) => `${Math.round((100 * part) / whole)} %`;
  const dayName = (day) => new Date(day * DAY).toLocaleDateString("en", {
    day: "numeric", month: "short", timeZone: "UTC",
  });

  /** An interval in words: long ones for the ear, short ones for a button. */
  function interval({ minutes, days }, isShort = false) {
    const [number, word] = days === undefined ? hours(minutes) : months(days);
    return isShort ? `${number} ${SHORT[word]}` : `${number} ${word}${number === 1 ? "" : "s"}`;
  }

  const SHORT = { minute: "min", hour: "h", day: "d", month: "mo", year: "y" };
  const hours = (minutes) => (minutes < 90
    ? [Math.max(1, Math.round(minutes)), "minute"] : [Math.round(minutes / 60), "hour"]);
  const round = (number) => Math.round(number * 10) / 10;

  function months(days) {
    if (days < 60) return [days, "day"];
    return days < 365 ? [round(days / 30.44), "month"] : [round(days / 365.25), "year"];
  }

  function say(message) {
    one("[data-say]").textContent = message;
  }

  // What is to be done.

  function refresh() {
    known = replay(store.log, store.settings);
    plan = queue(cards, known, store.settings, filter, Date.now());
  }

  const stateOf = (card) => JSON.stringify(known.states.get(card.key));

  /** Another tab did something, or the storage failed. */
  function changed() {
    if (!store) return;
    refresh();
    if (!studying) drawStart();
    else if (stateOf(current) !== shown) nextCard();
    drawNotice();
  }

  function draw() {
    refresh();
    if (studying) nextCard();
    else drawStart();
    drawNotice();
  }

  function show(view) {
    all("[data-view]").forEach((other) => { other.hidden = other.dataset.view !== view; });
    one("[data-rest]").hidden = view === "card";
    panel.classList.toggle("cards-busy", view === "card");
  }

  // The start.

  function drawStart() {
    current = null;
    show("start");
    for (const name of ["fresh", "learning", "review"]) {
      one(`[data-count=${name}]`).textContent = plan[name];
    }
    const start = one("[data-do=start]");
    start.disabled = !plan.card;
    start.textContent = known.history.some((entry) => entry.day === dayOf(Date.now()))
      ? "Go on" : "Study";
    drawUndo();
    one("[data-outlook]").textContent = outlookToday();
    drawChosen();
    drawStatistics();
    drawAside();
    drawKept();
    wakeUp();
  }

  function outlookToday() {
    if (plan.card) return "";
    if (!filter.kinds.size) return "Choose a kind of cards below.";
    if (plan.waits !== null) {
      const minutes = (plan.waits - Date.now()) / 6e4;
      return `Nothing is due now. The next card comes in ${interval({ minutes })}.`;
    }
    const { day } = forecast(chosen(), known.states, dayOf(Date.now()), 3650)
      .find((row) => row.count && row.day > dayOf(Date.now())) ?? {};
    const next = day === undefined ? "" : ` Reviews go on ${when(day)}.`;
    return known.history.length ? `All done for today.${next}` : "There is nothing to learn here.";
  }

  const when = (day) => (day === dayOf(Date.now()) + 1 ? "tomorrow" : `on ${dayName(day)}`);
  const chosen = () => cards.filter((card) => isChosen(card, filter));

  /** Look again when the next step of learning is due. */
  function wakeUp() {
    clearTimeout(timer);
    if (plan.card || plan.waits === null) return;
    timer = setTimeout(changed, Math.min(Math.max(plan.waits - Date.now(), 1000), 36e5));
  }

  function drawChosen() {
    const some = chosen();
    one("[data-chosen]").textContent = some.length === cards.length
      ? `all ${count(some.length, "card")}` : `${some.length} of ${count(cards.length, "card")}`;
  }

  function drawUndo() {
    const last = undoable(store.log, store.device, dayOf(Date.now()));
    all("[data-do=undo]").forEach((button) => { button.disabled = !last; });
    one("[data-view=start] [data-do=undo]").hidden = !last;
  }

  // A card.

  /** Show the next card as a question, or the start when there is none. */
  function nextCard() {
    if (!plan.card) return finish();
    current = plan.card;
    shown = stateOf(current);
    since = Date.now();
    show("card");
    drawUndo();
    const words = { fresh: "new", learning: "in learning", review: "to review" };
    for (const [name, word] of Object.entries(words)) {
      one(`[data-left=${name}]`).textContent = `${plan[name]} ${word}`;
    }
    one("#cards-kind").textContent = kinds[current.kind];
    fill(one("#cards-front"), current.front);
    fill(one("#cards-back"), "");
    reveal(false);
    cardBox.focus({ preventScroll: true });
    panel.scrollIntoView();
  }

  function fill(box, text) {
    box.replaceChildren(...text.split("\n").map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph;
    }));
  }

  function reveal(isShown) {
    one("[data-answer]").hidden = one("[data-grades]").hidden = !isShown;
    one("[data-ask]").hidden = isShown;
  }

  const isRevealed = () => !one("[data-answer]").hidden;

  function showAnswer() {
    fill(one("#cards-back"), current.back);
    const link = one("[data-more]");
    link.href = address(current.address);
    const next = outlook(known.states.get(current.key), store.settings, Date.now());
    one("[data-grades]").replaceChildren(...GRADES.map((name, index) => (
      gradeButton(name, index + 1, next[index]))));
    reveal(true);
    one("#cards-back").focus({ preventScroll: true });
  }

  function gradeButton(name, grade, next) {
    const button = document.createElement("button");
    const [label, time] = [document.createElement("strong"), document.createElement("span")];
    button.type = "button";
    button.className = `study-button cards-grade cards-grade-${grade}`;
    label.textContent = name;
    time.textContent = interval(next, true);
    button.append(label, " ", time);
    button.addEventListener("click", () => { answer(grade); });
    return button;
  }

  /** The address of a page of the site, in a folder without a server too. */
  function address(path) {
    const url = new URL(path, base);
    if (url.protocol === "file:" && url.pathname.endsWith("/")) url.pathname += "index.html";
    return url.href;
  }

  let busy = false;

  /** Write to the log, and go on. One thing at a time: a key that is held down does nothing twice. */
  async function write(fields, tell) {
    if (busy) return;
    busy = true;
    try {
      await store.append({ day: dayOf(Date.now()), ...fields });
      const [before, said] = [studying, tell()];
      draw();
      say(before && !studying ? `${said} All done for now.` : said);
    } finally {
      busy = false;
    }
  }

  async function answer(grade) {
    const card = current;
    const next = outlook(known.states.get(card.key), store.settings, Date.now())[grade - 1];
    const took = Math.min(Math.max(0, Date.now() - since), LONGEST);
    const isFirst = !store.log.length;
    await write({ type: "review", card: card.key, grade, took }, () => {
      const state = replay(store.log, store.settings).states.get(card.key);
      return state?.suspended
        ? `This card was forgotten ${state.memory.lapses} times. It is set aside, listed below.`
        : `${GRADES[grade - 1]}: again in ${interval(next)}.`;
    });
    if (isFirst) askToKeep();
  }

  async function undo() {
    const entry = undoable(store.log, store.device, dayOf(Date.now()));
    if (!entry) return say("There is nothing to undo today.");
    await write({ type: "undo", of: entry.id }, () => "Undone.");
    const card = cards.find(({ key }) => key === entry.card);
    if (studying && card && plan.card !== card && isChosen(card, filter)) {
      plan.card = card;
      nextCard();
    }
  }

  function finish() {
    studying = false;
    drawStart();
    say("");
    one("#cards-today").focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }

  // Statistics.

  function drawStatistics() {
    const box = one("[data-statistics]");
    if (!known.history.length) {
      box.textContent = "Charts of your reviews stand here after the first one.";
      return;
    }
    const open = new Set([...box.querySelectorAll("details[open]")].map((fold) => (
      fold.closest("figure").dataset.name)));
    const today = dayOf(Date.now());
    const drawn = Object.entries({
      reviews: reviewsChart(today), retention: retentionChart(today),
      forecast: forecastChart(today), domains: domainsChart(),
    }).filter(([, figure]) => figure);
    for (const [name, figure] of drawn) {
      figure.dataset.name = name;
      figure.querySelector("details").open = open.has(name);
    }
    box.replaceChildren(...drawn.map(([, figure]) => figure));
  }

  function reviewsChart(today) {
    const rows = perDay(known.history, today);
    const { count: number, took } = rows.at(-1);
    return charts.bars({
      title: "Reviews a day", ends: [dayName(rows[0].day), "today"],
      gist: `${count(number, "review")} today, in ${count(Math.ceil(took / 6e4), "minute")}.`,
      head: ["Day", "Reviews", "Minutes"],
      rows: rows.map((row) => ({
        value: row.count, label: dayName(row.day),
        texts: [String(row.count), String(Math.round(row.took / 6e4))],
      })),
    });
  }

  function retentionChart(today) {
    const rows = retention(known.history, today);
    const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
    const goal = Math.round(store.settings.retention * 100);
    const share = (row) => (row.count ? percent(row.recalled, row.count) : "–");
    return charts.bars({
      title: "Retention by week", most: 100, line: goal,
      ends: [dayName(rows[0].day - 6), "this week"],
      gist: sum("count")
        ? `${percent(sum("recalled"), sum("count"))} of ${count(sum("count"), "learnt card")} recalled; the line is your ${goal} %.`
        : `Shown once cards come back after a day or more; the line is your ${goal} %.`,
      head: ["Week to", "Reviews", "Recalled"],
      rows: rows.map((row) => ({
        value: row.count ? (100 * row.recalled) / row.count : 0, label: dayName(row.day),
        texts: [String(row.count), share(row)],
      })),
    });
  }

  function forecastChart(today) {
    const rows = forecast(cards, known.states, today);
    return charts.bars({
      title: "Reviews to come", ends: ["today", dayName(rows.at(-1).day)],
      gist: `${rows[1].count} due tomorrow, ${rows.reduce((sum, row) => sum + row.count, 0)} within 30 days.`,
      head: ["Day", "Reviews"],
      rows: rows.map((row) => ({
        value: row.count, label: dayName(row.day), texts: [String(row.count)],
      })),
    });
  }

  function domainsChart() {
    const rows = lists.domains.map(({ id, label }) => {
      const found = learnt(cards.filter((card) => card.domains?.includes(id)), known.states);
      return {
        label, parts: [found.review, found.learning], count: found.count,
        text: `${found.review} of ${found.count} learnt, ${found.learning} in learning`,
      };
    });
    const whole = learnt(cards, known.states);
    return charts.shares({
      title: "Learnt by exam domain", rows,
      gist: `${whole.review} of all ${count(whole.count, "card")}.`,
      head: ["Domain", "Learnt", "In learning", "Cards"],
    });
  }

  // What is set aside.

  function drawAside() {
    const aside = cards.filter((card) => known.states.get(card.key)?.suspended);
    one("[data-aside-note]").textContent = aside.length
      ? "These cards do not come until you bring them back. One that is forgotten again and again is best read up, and compared with what you confuse it with."
      : `Nothing. Cards that you suspend are listed here, and those forgotten ${LEECH} times.`;
    one("[data-aside]").replaceChildren(...aside.map(asideItem));
  }

  function asideItem(card) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const state = known.states.get(card.key);
    link.href = address(card.address);
    link.textContent = card.front.length > 90 ? `${card.front.slice(0, 89)}…` : card.front;
    const why = state.leech ? `forgotten ${state.memory.lapses} times` : "suspended";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "study-button";
    button.textContent = "Bring back";
    button.setAttribute("aria-label", `Bring back: ${link.textContent}`);
    button.addEventListener("click", async () => {
      await write({ type: "resume", card: card.key }, () => "The card is back.");
      one("#cards-today").focus();
    });
    item.append(link, ` (${kinds[card.kind].toLowerCase()}, ${why}) `, button);
    return item;
  }

  // What is kept.

  const TROUBLE = {
    missing: "This browser does not keep your reviews: they are lost when you close the page. Export them to a file before you leave, or use another browser or a window that is not private.",
    full: "This browser has no more room: your last reviews are not kept. Export your progress to a file, then make room.",
    evicted: "This browser has cleared what it had kept of your progress. Import your last exported file to go on where you were.",
  };

  function drawNotice() {
    const box = one("[data-notice]");
    const reviews = store.log.length - store.exported.count;
    const lines = [
      TROUBLE[store.trouble],
      store.unreadable && `${count(store.unreadable, "entry").replace("entrys", "entries")} of what this browser kept cannot be read and counts for nothing.`,
      !studying && reviews >= REMIND && `You did ${count(reviews, "review")} since your last export. A file of them survives whatever happens to this browser.`,
    ].filter(Boolean);
    const text = lines.join("\n");
    box.hidden = !text;
    if (box.dataset.text === text) return;
    box.dataset.text = text;
    fill(box, text);
  }

  function drawKept() {
    const when = store.exported.at
      ? `last exported ${new Date(store.exported.at).toLocaleDateString("en", { dateStyle: "medium" })}`
      : "never exported";
    const safe = persisted ? "" : " The browser may clear it when it runs out of room.";
    one("[data-kept]").textContent = store.trouble === "missing"
      ? "Nothing is kept here." : `${count(known.history.length, "review")} kept in this browser, ${when}.${safe}`;
    one("[data-do=persist]").hidden = persisted || store.trouble === "missing";
  }

  async function askToKeep() {
    persisted = await store.persist();
    if (!studying) drawKept();
    return persisted;
  }

  async function exportFile() {
    const text = serialise(store.progress(), Date.now());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `termbook-progress-${new Date().toISOString().slice(0, 10)}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 6e4);
    await store.noteExport();
    drawKept();
    drawNotice();
    say(`Exported as ${link.download}.`);
  }

  async function importFile(file) {
    try {
      const added = await store.take(parse(await textOf(file), site));
      showSettings();
      draw();
      say(added ? `Imported “${file.name}”: ${added} new.` : `“${file.name}” holds nothing new.`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say(`“${file.name}” was not imported, and nothing has changed. ${error.message}`);
    }
  }

  async function textOf(file) {
    if (file.size > LARGEST) throw new Refusal("It is far too large.");
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    } catch {
      throw new Refusal("It cannot be read as text.");
    }
  }

  // Settings and decks.

  const fields = all("[data-setting]");

  function showSettings() {
    for (const field of fields) {
      const value = store.settings[field.dataset.setting];
      field.value = field.dataset.setting === "retention" ? Math.round(value * 100) : value;
    }
  }

  async function changeSetting(field) {
    if (!field.reportValidity()) return;
    const name = field.dataset.setting;
    const number = name === "retention" ? Number(field.value) / 100 : Number(field.value);
    await store.set({ [name]: number });
    draw();
    say("Kept.");
  }

  function option(value, text) {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = text;
    return made;
  }

  function fillDecks() {
    one("[data-kinds]").append(...Object.entries(kinds).map(([kind, label]) => {
      const made = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = true;
      box.addEventListener("change", () => {
        filter.kinds[box.checked ? "add" : "delete"](kind);
        draw();
      });
      made.append(box, ` ${label} (${cards.filter((card) => card.kind === kind).length})`);
      return made;
    }));
    for (const select of all("[data-filter]")) {
      const name = select.dataset.filter;
      const used = new Set(cards.flatMap((card) => card[`${name}s`] ?? card[name] ?? []));
      const some = lists[`${name}s`].filter(({ id }) => used.has(id));
      select.append(...some.map(({ id, label }) => option(id, label)));
      select.parentElement.hidden = !some.length;
      select.addEventListener("change", () => {
        filter[name] = select.value;
        draw();
      });
    }
  }

  // What happens.

  const actions = {
    start() {
      studying = true;
      say("");
      draw();
    },
    show: showAnswer,
    undo,
    bury: () => write({ type: "bury", card: current.key }, () => "It comes tomorrow or later."),
    suspend: () => write(
      { type: "suspend", card: current.key }, () => "Suspended. It is listed among those set aside.",
    ),
    stop: finish,
    export: exportFile,
    import: () => one("[data-file]").click(),
    async persist() {
      say(await askToKeep() ? "The browser will keep it." : "The browser does not promise to keep it. Export a file now and then.");
    },
  };

  const keys = {
    " ": () => (isRevealed() ? answer(3) : showAnswer()),
    ...Object.fromEntries([1, 2, 3, 4].map((grade) => [grade, () => {
      if (isRevealed()) answer(grade);
    }])),
    b: actions.bury, s: actions.suspend, escape: actions.stop,
  };

  /** A key in the panel; the theme has keys of its own, S among them, and is not to see it. */
  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (event.key.length === 1) event.stopPropagation();
    if (event.target.closest("input, select") || (key === " " && event.target.closest("button, a, summary"))) {
      return;
    }
    const action = key === "u" ? undo : studying && Object.hasOwn(keys, key) && keys[key];
    if (!action) return;
    event.preventDefault();
    if (!event.repeat) action();
  }

  function listen() {
    all("[data-do]").forEach((button) => {
      button.addEventListener("click", () => { actions[button.dataset.do](); });
    });
    fields.forEach((field) => field.addEventListener("change", () => { changeSetting(field); }));
    one("[data-settings]").addEventListener("submit", (event) => event.preventDefault());
    one("[data-file]").addEventListener("change", (event) => {
      const [file] = event.target.files;
      if (file) importFile(file);
      event.target.value = "";
    });
    panel.addEventListener("keydown", pressed);
  }

  async function begin() {
    store = await window.termbookStore.open(site, changed);
    persisted = await navigator.storage?.persisted?.().catch(() => false) ?? false;
    fillDecks();
    showSettings();
    listen();
    draw();
    document.querySelector(".cards-off").hidden = true;
    page.hidden = false;
  }

  begin();
})();
