// Small charts drawn as SVG on `window.termbookCharts`. Each has its gist in words and a table of
// its numbers, so nothing is told by the drawing alone. Letters stand outside of it, at their size.
(function (root) {
  "use strict";
  const HEIGHT = 100, STEP = 10, GAP = 2;

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function drawn(name, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /** A table in a fold; `rows` are lists of texts, the first of each its head. */
  function table(title, head, rows) {
    const cells = ([first, ...rest]) => [
      element("th", { scope: "row" }, first), ...rest.map((text) => element("td", {}, text)),
    ];
    return element("details", { class: "chart-numbers" },
      element("summary", {}, "Numbers", element("span", { class: "chart-of" }, ` of “${title}”`)),
      element("table", { class: "chart-table" },
        element("thead", {}, element("tr", {}, ...head.map((text) => (
          element("th", { scope: "col" }, text))))),
        element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row))))));
  }

  function figure(title, gist, drawing, numbers) {
    return element("figure", { class: "chart" },
      element("figcaption", {}, element("strong", {}, title), " ", element("span", {}, gist)),
      drawing, numbers);
  }

  /**
   * A chart of upright bars. `rows` are {value, label, texts}: `texts` are the further cells of the
   * table under the names `head`; `ends` are the words below the first and the last bar, `line` is
   * a value to be marked, `most` the value of the full height.
   */
  function bars({ title, gist, rows, head, ends, most, line }) {
    const full = most ?? Math.max(1, ...rows.map((row) => row.value));
    const y = (value) => HEIGHT * (1 - value / full);
    const rectangles = rows.map((row, index) => drawn("rect", {
      x: STEP * index + GAP / 2, width: STEP - GAP, y: y(row.value), height: HEIGHT - y(row.value),
    }));
    const width = STEP * rows.length;
    const rule = line === undefined ? [] : [drawn("line", {
      class: "chart-line", x1: 0, x2: width, y1: y(line), y2: y(line),
    })];
    const svg = drawn("svg", {
      viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
      "aria-label": `${title}. ${gist}`,
    }, ...rectangles, ...rule);
    const below = element("div", { class: "chart-ends", "aria-hidden": "true" },
      ...ends.map((text) => element("span", {}, text)));
    return figure(title, gist, element("div", { class: "chart-drawing" }, svg, below),
      table(title, head, rows.map((row) => [row.label, ...row.texts])));
  }

  /** A chart of level bars: `rows` are {label, parts: [numbers], count, text}. */
  function shares({ title, gist, rows, head }) {
    const lines = rows.map(({ label, parts, count, text }) => {
      let x = 0;
      const rectangles = parts.map((part, index) => {
        const width = count ? (100 * part) / count : 0;
        x += width;
        return drawn("rect", { class: `chart-part-${index}`, x: x - width, width, y: 0, height: 10 });
      });
      const svg = drawn("svg", {
        viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img",
        "aria-label": `${label}: ${text}`,
      }, drawn("rect", { class: "chart-rest", x: 0, width: 100, y: 0, height: 10 }), ...rectangles);
      return element("div", { class: "chart-share" }, element("span", {}, label),
        element("span", { class: "chart-text", "aria-hidden": "true" }, text), svg);
    });
    return figure(title, gist, element("div", {}, ...lines),
      table(title, head, rows.map(({ label, parts, count }) => (
        [label, ...parts.map(String), String(count)]))));
  }

  root.termbookCharts = { bars, shares };
})(window);
