// Ranks what search has found: names before text, near misses when there is nothing. Pure logic:
// it knows neither the page nor the network. `termbookRank(index)` gives the function that ranks.
(function (root) {
  "use strict";
  const TOP = 1e9; // above any score that Material's worker gives
  const PER_GROUP = 5;
  const NEAREST = 3;
  const SLIP = 0.3; // what is no farther off than this looks like a slip of the pen

  // A name as people type it in a hurry: without capitals, diacritics and punctuation.
  function fold(text) {
    const bare = text.replace(/[đĐ]/g, "d").normalize("NFD").replace(/\p{M}/gu, "");
    const small = bare.toUpperCase().toLowerCase();
    return small.replace(/[^\p{L}\p{N}]+/gu, " ").trim() || small.trim();
  }

  // How close a name is to what was typed: 0 the very same … 4 it has such a word; Infinity: not.
  function level(name, typed, key) {
    if (name.key === key) {
      if (name.name === typed) return 0;
      return name.name.toLowerCase() === typed.toLowerCase() ? 1 : 2;
    }
    if (name.key.startsWith(key)) return 3;
    return ` ${name.key}`.includes(` ${key}`) ? 4 : Infinity;
  }

  // The number of letters to add, drop, change or swap to get from one text to the other.
  function distance(one, other) {
    let before = [], last = Array.from({length: other.length + 1}, (_, j) => j);
    for (let i = 1; i <= one.length; i++) {
      const row = [i];
      for (let j = 1; j <= other.length; j++) {
        const change = last[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, change);
        if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      [before, last] = [last, row];
    }
    return last[other.length];
  }

  // How far two texts are from each other: 0 the same … 1 nothing in common.
  const farness = (one, other) => distance(one, other) / Math.max(one.length, other.length);

  function best(found, size) {
    const ranked = found.sort((one, other) => one.far - other.far || one.order - other.order);
    const places = new Map();
    for (const one of ranked) if (!places.has(one.location)) places.set(one.location, one);
    return [...places.values()].slice(0, size);
  }

  const pageOf = (item) => item[0].location.split("#")[0];

  // The first paragraph of a record's page.
  const definition = (text) => (text.match(/^<p>.*?<\/p>/s) || [text])[0];

  root.termbookRank = function ({docs, entries, groups, others, more}) {
    const names = entries.flatMap(([location, group, ...all]) => all.map((name) => (
      {location, group, name, label: all[0], key: fold(name)}
    )));
    names.forEach((name, order) => { name.order = order; });
    const groupOf = new Map(entries.map(([location, group]) => [location, group]));
    const pages = new Map(docs.filter((doc) => !doc.location.includes("#"))
      .map((doc) => [doc.location, doc]));

    // Records that have the typed name come first, the shorter of two like names before the longer.
    function named(typed, key) {
      const close = names.map((name) => ({...name, level: level(name, typed, key)}))
        .filter((name) => name.level < Infinity);
      for (const name of close) name.far = name.level + (name.level > 2 ? name.key.length / 1e3 : 0);
      return best(close, Infinity).filter(({location}) => pages.has(location));
    }

    // A record found by its name shows its definition.
    function promoted({location}, place, found) {
      const page = pages.get(location);
      const item = found.get(location) || [{...page, terms: {}}];
      const main = item.find((doc) => doc.location === location);
      const promotion = {...main, text: definition(page.text), named: true, score: TOP - place};
      return [promotion, ...item.filter((doc) => doc !== main)];
    }

    // The best few of each group under its heading, the group of the very best first; then the rest.
    function grouped(items) {
      const nameOf = (item) => groups[groupOf.get(pageOf(item))] || others;
      const order = new Set([...items.slice(0, 1).map(nameOf), ...groups, others]);
      const parts = new Map([...order].map((name) => [name, []]));
      const rest = [];
      for (const item of items) {
        const part = parts.get(nameOf(item));
        (part.length < PER_GROUP ? part : rest).push(item);
      }
      const headings = [];
      const sorted = [];
      for (const [name, part] of [...parts, [more, rest]]) {
        if (part.length) headings.push([sorted.length, name]);
        sorted.push(...part);
      }
      return {items: sorted, headings};
    }

    // The names most like what was typed. When nothing else was found, any will do, and those
    // too that are only like one of the words.
    function nearest(key, alone) {
      const words = alone ? key.split(" ").filter((word) => word.length > 3) : [];
      const far = (name) => Math.min(
        farness(key, name.key), ...words.map((word) => farness(word, name.key) + 0.2),
      );
      const found = names.map((name) => ({...name, far: far(name)}));
      return best(alone ? found : found.filter((name) => name.far < SLIP), NEAREST)
        .map(({label, location}) => ({name: label, location}));
    }

    function rank(text, {items, ...rest}) {
      const typed = text.normalize("NFC").trim();
      const key = fold(typed);
      if (!key) return {...rest, items: [], headings: [], nearest: []};
      const found = new Map(items.map((item) => [pageOf(item), item]));
      const first = named(typed, key);
      const promotions = first.map((name, place) => promoted(name, place, found));
      for (const {location} of first) found.delete(location);
      const answer = grouped([...promotions, ...found.values()]);
      return {...rest, ...answer, nearest: first.length ? [] : nearest(key, !items.length)};
    }

    // The worker takes these signs for its own language, and the text of pages is in NFC.
    rank.query = (text) => text.normalize("NFC").replace(/[~^:]/g, " ");
    return rank;
  };
  Object.assign(root.termbookRank, {fold, definition});
})(typeof window === "undefined" ? globalThis : window);
