// How a question, its explanation and a result look, on `window.termbookQuestion`: shared by
// practice and the mock exam. Words of the bank only ever become text nodes.
(function (root) {
  "use strict";
  const {optionOrder, matchOrder} = root.termbookDraw;
  const {judge, rightAnswer, complete, score} = root.termbookQuiz;
  const bank = root.termbookBank;
  const config = document.getElementById("__config");
  const base = config ? JSON.parse(config.textContent).base : ".";

  // Elements

  /** An element: attributes by name, `on…` for listeners, and what it holds; nothing for null. */
  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null) element.setAttribute(name, value);
    }
    element.append(...children.flat(Infinity).filter(Boolean));
    return element;
  }

  const button = (text, act, primary = false, more = {}) => h("button", {
    type: "button", class: primary ? "qz-button qz-primary" : "qz-button", onclick: act, ...more,
  }, text);

  const heading = (level, ...text) => h(level, {tabindex: "-1", class: "qz-heading"}, ...text);

  /** The way from here to an address relative to the site; a folder needs the name of its file. */
  function way(address) {
    const file = location.protocol === "file:";
    return `${base}/${file ? address.replace(/(^|\/)(?=#|$)/, "$1index.html") : address}`;
  }

  const link = (text, address) => h("a", {href: way(address)}, text);

  const prose = (pieces) =>
    pieces.map((piece) => (typeof piece === "string" ? piece : link(...piece)));

  const listed = (parts) => parts.flatMap((part, index) => (index ? [", ", part] : [part]));

  const plural = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

  const taskLabels = new Map(bank?.domains.flatMap((domain) => (
    domain.tasks.map((task) => [task.id, task.label])
  )));
  const termLink = (id) => link(bank.terms[id] ?? id, `glossary/${id}/`);

  // The question

  /** Places of the options as they are shown; things to be put in order never stand in it. */
  function shown(item, seed) {
    const places = optionOrder(item, seed);
    return judge(item, places) && item.type === "order"
      ? [...places.slice(1), places[0]] : places;
  }

  const posed = (item) => [
    item.frame ? h("p", {class: "qz-frame"}, `${item.frame}:`) : null,
    h("p", {class: "qz-stem"}, item.stem),
  ];

  /** What the learner answers with; `change` is called with each answer, `say` with what moved. */
  function field(item, seed, answer, change, say) {
    const form = {order: ordering, match: matching}[item.type] ?? choices;
    return h("fieldset", {class: "qz-field"},
      h("legend", {}, bank.asked?.[item.type] ?? "Choose one."),
      form(item, seed, answer, change, say));
  }

  function choices(item, seed, answer, change) {
    const list = h("div", {onchange: () => change(
      [...list.querySelectorAll("input:checked")].map((input) => Number(input.value)).sort(),
    )}, shown(item, seed).map((place, index) => h("label", {class: "qz-option"},
      h("input", {
        type: item.type === "one" ? "radio" : "checkbox", name: "option", value: place,
        checked: Boolean(answer?.includes(place)), "data-digit": index + 1,
      }),
      h("span", {class: "qz-digit", "aria-hidden": "true"}, index + 1),
      h("span", {}, item.options[place].text))));
    return list;
  }

  function ordering(item, seed, answer, change, say) {
    const order = [...(answer ?? shown(item, seed))];
    const rows = new Map(order.map((place) => [place, row(place)]));
    const list = h("ol", {class: "qz-rows"}, order.map((place) => rows.get(place)));

    function row(place) {
      const {text} = item.options[place];
      const mover = (by, sign, name) => h("button", {
        type: "button", class: "qz-button", "data-by": by, "aria-label": `${name}: ${text}`,
        onclick: (event) => move(place, by, event.currentTarget),
      }, sign);
      return h("li", {
        class: "qz-row",
        onkeydown: (event) => {
          const by = {ArrowUp: -1, ArrowDown: 1}[event.key];
          if (!by) return;
          event.preventDefault();
          move(place, by, event.target);
        },
      }, h("span", {class: "qz-row-text"}, text),
      h("span", {class: "qz-movers"}, mover(-1, "↑", "Up"), mover(1, "↓", "Down")));
    }

    function move(place, by, focused) {
      const from = order.indexOf(place);
      const to = from + by;
      if (to < 0 || to >= order.length) return;
      [order[from], order[to]] = [order[to], order[from]];
      list.replaceChildren(...order.map((one) => rows.get(one)));
      number();
      focused.focus();
      change([...order]);
      say(`${item.options[place].text} Now number ${to + 1} of ${order.length}.`);
    }

    // At an end a button keeps its focus, and does nothing.
    function number() {
      order.forEach((place, index) => {
        const [up, down] = rows.get(place).querySelectorAll("button");
        up.dataset.digit = index + 1;
        up.setAttribute("aria-disabled", index === 0);
        down.setAttribute("aria-disabled", index === order.length - 1);
      });
    }

    number();
    return list;
  }

  function matching(item, seed, answer, change) {
    const given = answer ? [...answer] : item.options.map(() => null);
    const choose = (place) => (event) => {
      given[place] = event.target.value || null;
      change([...given]);
    };
    return h("ol", {class: "qz-rows"}, shown(item, seed).map((place, index) => h("li", {},
      h("label", {class: "qz-row"},
        h("span", {class: "qz-row-text"}, item.options[place].text),
        h("select", {"data-digit": index + 1, onchange: choose(place)},
          h("option", {value: ""}, "Choose …"),
          matchOrder(item, seed).map((match) => h("option", {
            value: match, selected: given[place] === match,
          }, match)))))));
  }

  // The form that takes keys, and what its letters do.
  let keyed = {form: null, letters: {}};

  /**
   * While the focus is in `form`, a digit chooses an option or leads to it, Enter submits, and
   * each letter of `letters` does what it names.
   */
  function keys(form, letters = {}) {
    keyed = {form, letters};
  }

  // Elsewhere a letter alone is no command, and menus.js lets none through to the page.
  addEventListener("keydown", (event) => {
    const {form, letters} = keyed;
    const {target} = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (!form?.contains(target) || target.matches(".qz-link")) return;
    const option = form.querySelector(`[data-digit="${CSS.escape(event.key)}"]`);
    const act = !target.matches("select") && letters[event.key.toLowerCase()];
    if (option) {
      option.focus();
      if (option.matches("input")) option.click();
    } else if (act) {
      act();
    } else if (event.key === "Enter" && !target.closest("button, a, summary, select")) {
      form.requestSubmit();
    } else {
      return;
    }
    event.preventDefault();
  }, true);

  // The explanation

  /** Whether an option is right, or stands where the learner put it. */
  function fate(item, place, answer) {
    const option = item.options[place];
    if (item.type === "order") return rightAnswer(item)[answer?.indexOf(place)] === place;
    if (item.type === "match") return answer?.[place] === option.match;
    return Boolean(option.correct);
  }

  function told(item, place, answer) {
    const option = item.options[place];
    const good = fate(item, place, answer);
    const placed = item.type === "order" || item.type === "match";
    const chosen = placed || Boolean(answer?.includes(place));
    const accepted = item.type === "depends" ? ["Accepted", "Not accepted"] : ["Right", "Wrong"];
    let verdict = accepted[good ? 0 : 1];
    if (placed) verdict = good ? "Right" : yours(item, place, answer);
    if (item.type === "order") verdict = `${option.place}. ${verdict}`;
    else if (chosen) verdict += ", your choice";
    return h("li", {class: `qz-told${good ? " qz-good" : chosen ? " qz-bad" : ""}`},
      h("p", {class: "qz-verdict"},
        h("span", {"aria-hidden": "true"}, good ? "✓ " : "✗ "), verdict),
      h("p", {class: "qz-option-text"}, option.text,
        item.type === "match" ? h("strong", {}, ` → ${option.match}`) : null),
      h("p", {}, prose(option.reason)));
  }

  function yours(item, place, answer) {
    if (item.type === "match") return answer?.[place] ? `You chose: ${answer[place]}` : "No answer";
    return answer?.includes(place) ? `You had it in place ${answer.indexOf(place) + 1}` : "No answer";
  }

  /** Every option with its reason, and what the question is about. */
  function explanation(item, seed, answer) {
    const given = complete(item, answer) || item.type === "match" ? answer : null;
    const places = item.type === "order" ? rightAnswer(item) : shown(item, seed);
    return [
      h("ul", {class: "qz-tolds"}, places.map((place) => told(item, place, given))),
      about(item),
    ];
  }

  function about(item) {
    const scenario = bank.scenarios.find((one) => one.id === item.scenario);
    const rows = [
      ["Terms", item.terms?.map(termLink)],
      ["Scenario", scenario && [link(scenario.label, `scenarios/${scenario.id}/`)]],
      ["Tasks", item.tasks.map((task) => `${task} ${taskLabels.get(task) ?? ""}`.trim())],
      ["Debates", item.debates?.map((id) => link(bank.debates[id] ?? id, `debates/${id}/`))],
      ["Sources", item.sources?.map((id) => link(bank.sources[id] ?? id, `sources/${id}/`))],
      ["Difficulty", [item.difficulty]],
    ].filter(([, parts]) => parts?.length);
    return h("div", {class: "qz-about"},
      h("dl", {}, rows.map(([name, parts]) => h("div", {},
        h("dt", {}, name), h("dd", {}, listed(parts))))),
      h("p", {}, link(item.derived ? "This question, made from the data, on its page"
        : "This question on its page", item.address)));
  }

  // The result

  const percent = (right, total) => (total ? Math.round((100 * right) / total) : 0);

  /** “3 of 5” with a bar. */
  const bar = ({right, total}, name) => h("progress", {
    class: "qz-bar", max: total || 1, value: right, "aria-label": `${name}: ${right} of ${total}`,
  });

  /** The score by domain and task, with the terms of wrong answers as links. */
  function scores(items, right) {
    const sum = score(items, right);
    const domains = [...bank.domains, {id: "", label: "Outside the outline", tasks: []}];
    return domains.flatMap((domain) => {
      const ours = sum.domains.find((one) => one.id === domain.id);
      if (!ours) return [];
      return [h("section", {class: "qz-domain"},
        h("h3", {}, `${domain.label}: ${ours.right} of ${ours.total}`),
        bar(ours, domain.label),
        h("ul", {}, inOrder(ours.tasks).map((task) => h("li", {},
          `${task.id} ${taskLabels.get(task.id) ?? ""}`.trim() || "No task",
          `: ${task.right} of ${task.total}`,
          task.terms.length ? h("span", {class: "qz-again"}, "Read again: ",
            listed(task.terms.map(termLink))) : null))))];
    });
  }

  /** Tasks as the outline lists them. */
  function inOrder(tasks) {
    const ids = [...taskLabels.keys()];
    return [...tasks].sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
  }

  /** Every question of a round in a fold of its own that says how it went. */
  function answered(items, seed, answers, right) {
    return items.map((item, at) => {
      const said = right[at] ? "Right" : complete(item, answers[at]) ? "Wrong" : "Not answered";
      const fold = h("details", {
        class: `qz-fold ${right[at] ? "qz-good" : "qz-bad"}`,
        ontoggle: () => {
          if (fold.open && fold.children.length === 1) {
            fold.append(h("div", {}, posed(item), explanation(item, seed, answers[at])));
          }
        },
      }, h("summary", {}, h("strong", {}, `${at + 1}. ${said}. `), shortened(item.stem)));
      return fold;
    });
  }

  function shortened(text, most = 90) {
    return text.length <= most ? text : `${text.slice(0, most).replace(/\s\S*$/, "")} …`;
  }

  // The page

  /** A place for screens in `host`, with a live region that stays: {show, say, ask}. */
  function stage(host) {
    const screen = h("div", {class: "qz-screen"});
    const status = h("p", {class: "qz-say", role: "status"});
    host.replaceChildren(screen, status);

    function say(message) {
      status.textContent = message;
    }

    /** Show the parts of a screen, and lead the focus to its heading, or to what is given. */
    function show(parts, focus = ".qz-heading") {
      screen.replaceChildren(...parts.flat(Infinity).filter(Boolean));
      if (focus) screen.querySelector(focus)?.focus();
    }

    /** Ask a question; resolves to whether the answer was yes. */
    function ask(question, yes) {
      const dialog = h("dialog", {class: "qz-ask", "aria-labelledby": "qz-question"},
        h("form", {method: "dialog"}, h("p", {id: "qz-question"}, question),
          h("p", {class: "qz-buttons"},
            h("button", {class: "qz-button", value: "no"}, "Cancel"),
            h("button", {class: "qz-button qz-primary", value: "yes"}, yes))));
      host.append(dialog);
      dialog.showModal();
      return new Promise((resolve) => {
        dialog.addEventListener("close", () => {
          dialog.remove();
          resolve(dialog.returnValue === "yes");
        });
      });
    }

    return {show, say, ask};
  }

  /** Copy a link, or show it to be copied where the browser does not let a page do that. */
  async function copy(fragment, beside, say) {
    const text = location.href.replace(/#.*/, "") + fragment;
    try {
      await navigator.clipboard.writeText(text);
      say("The link is copied.");
    } catch {
      const shownLink = h("input", {
        class: "qz-link", readonly: true, value: text, "aria-label": "Link to this quiz",
      });
      beside.after(shownLink);
      shownLink.select();
      say("Copy the link from the field.");
    }
  }

  /** Take the draw out of the address, which leads back to the start; else do what is given. */
  function leave(otherwise) {
    if (location.hash) location.replace("#");
    else otherwise();
  }

  let controls = 0;

  /** A control below its label. */
  function control(label, element) {
    controls += 1;
    element.id = `qz-${controls}`;
    return h("div", {class: "qz-control"}, h("label", {for: element.id}, label), element);
  }

  /** A select with a label: options are pairs of a value and a text. */
  const select = (label, options, value, change) => control(label, h("select", {
    onchange: (event) => change(event.target.value),
  }, options.map(([one, text]) => h("option", {value: one, selected: one === value}, text))));

  const seedField = (seed, change) => control("Seed", h("input", {
    type: "text", value: seed, maxlength: root.termbookQuiz.LONGEST_SEED, autocomplete: "off",
    spellcheck: "false", oninput: (event) => change(event.target.value),
  }));

  const numberField = (value, least, most, change) => control("Questions", h("input", {
    type: "number", value, min: least, max: most, inputmode: "numeric",
    oninput: (event) => change(Number(event.target.value)),
  }));

  const freshSeed = () =>
    root.termbookQuiz.readableSeed([...crypto.getRandomValues(new Uint16Array(6))]);

  /** Notes on the link that led here. */
  function notes(wanted) {
    return [
      wanted.changed ? h("p", {class: "qz-note"}, "The questions have changed since this link was "
        + "made. The quiz is drawn from today’s questions, so it may differ from the one that "
        + "others have had.") : null,
      wanted.unknown?.length ? h("p", {class: "qz-note"}, "This link names what is not here any "
        + `more, and that was left out: ${wanted.unknown.join(", ")}.`) : null,
    ];
  }

  const keepsNote = () => (root.termbookAnswers.keeps() ? null : h("p", {class: "qz-note"},
    "This browser does not let the page keep anything, or has no room left. You can go on, but "
    + "your answers are gone when you leave the page."));

  root.termbookQuestion = {
    h, button, heading, link, prose, listed, plural, shown, posed, field, keys, explanation, percent,
    bar, scores, answered, stage, copy, leave, select, seedField, numberField, freshSeed, notes, keepsNote,
  };
})(window);
