// On the 404 page: offer the terms whose ids or names are nearest to the address that failed.
(function () {
  "use strict";
  const list = document.querySelector("[data-nearest]");
  if (!list) return;

  function pairs(text) {
    const found = new Set();
    for (let i = 0; i < text.length - 1; i += 1) found.add(text.slice(i, i + 2));
    return found;
  }

  // Dice's coefficient of letter pairs: 1 for the same word, 0 for nothing in common.
  function likeness(one, other) {
    const a = pairs(one), b = pairs(other);
    const shared = [...a].filter((pair) => b.has(pair)).length;
    return a.size + b.size ? (2 * shared) / (a.size + b.size) : 0;
  }

  const asked = decodeURIComponent(location.pathname).toLowerCase()
    .replace(/(index)?\.html$|\/+$/g, "").split("/").pop().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  if (!asked) return;

  fetch(list.dataset.nearest).then((answer) => answer.json()).then((terms) => {
    const ranked = Object.entries(terms)
      .map(([id, term]) => [Math.max(...[id.replaceAll("-", " "), term.label, ...term.alt_labels]
        .map((name) => likeness(asked, name.toLowerCase()))), term])
      .filter(([score]) => score > 0.3)
      .sort((one, other) => other[0] - one[0])
      .slice(0, 5);
    for (const [, term] of ranked) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = new URL(`../${term.url}`, new URL(list.dataset.nearest, location.href));
      link.textContent = term.label;
      item.append(link, `: ${term.definition}`);
      list.append(item);
    }
    list.parentElement.hidden = ranked.length === 0;
  });
})();
