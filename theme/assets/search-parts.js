// Search in parts: which sections hold the words of a query, found with those parts of the index
// that it needs, and the texts of those sections that are shown. It takes the place of Material's
// worker and answers alike. Pure logic: `load` gives the promise of what a part holds. What the
// parts are says termbook/search_parts.py.
(function (root) {
  "use strict";
  const {fold, definition} = root.termbookRank;
  const MANY = 4; // words that begin alike are looked for in so many parts at most
  const TITLE = 100; // as in search_parts.py
  const K1 = 1.2; // how soon a word that is repeated counts no more
  const BLOCKS = 2; // so many paragraphs of a section are shown
  const WORD = /<[^>]*>|&#?\w+;|[\p{L}\p{N}\p{M}]+/gu; // or a tag or an entity, which is none

  // The words of a query in Material's language: what is in quotation marks or behind + must be
  // there, what is behind - must not be.
  function read(query) {
    return query.split(/"([^"]+)"/).flatMap((piece, at) => piece.split(/\s+/).flatMap((typed) => {
      const sign = at % 2 ? "+" : typed.match(/^[+-]/)?.[0] || "";
      return fold(typed).split(" ").filter((key) => /[\p{L}\p{N}]/u.test(key))
        .map((key) => ({key, sign}));
    }));
  }

  // The number of the first item of each part, and of all items, from the sizes of the parts.
  function starts(sizes) {
    const found = new Uint32Array(sizes.length + 1);
    sizes.forEach((size, at) => { found[at + 1] = found[at] + size; });
    return found;
  }

  // The number of the last of the ordered `values` that is not beyond `one`.
  function lastUpTo(values, one) {
    let low = 0, high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] <= one) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  // Calls `each` with every section of a word's list, and how often the word is in title and text.
  function walk(list, each) {
    let often = 0, section = 0;
    for (const number of list) {
      if (number < 0) [often, section] = [-number, 0];
      else each(section += number, Math.floor(often / TITLE), often % TITLE);
    }
  }

  // `html` with the words marked that begin with one of `keys`, and whether there is one.
  function marked(html, keys) {
    let any = false;
    const text = html.replace(WORD, (word) => {
      if (/^[<&]/.test(word) || !keys.some((key) => fold(word).startsWith(key))) return word;
      any = true;
      return `<mark>${word}</mark>`;
    });
    return {text, any};
  }

  // The outermost elements of a text.
  function blocks(html) {
    const found = [];
    let depth = 0, start = 0;
    for (const {0: tag, index} of html.matchAll(/<[^>]*>/g)) {
      if (!tag.endsWith("/>")) depth += tag.startsWith("</") ? -1 : 1;
      if (depth) continue;
      found.push(html.slice(start, index + tag.length));
      start = index + tag.length;
    }
    return start < html.length ? [...found, html.slice(start)] : found;
  }

  // Of a text the first paragraphs that hold one of `keys`, marked; all of it when none does.
  function teaser(html, keys) {
    const found = blocks(html).map((block) => marked(block, keys)).filter(({any}) => any);
    return found.length ? found.slice(0, BLOCKS).map(({text}) => text).join("") : html;
  }

  const escaped = (text) => (
    text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")
  );

  root.termbookParts = function (names, toPlace, load) {
    const groupOf = names.counts.flatMap((count, group) => Array(count).fill(group));
    const entries = names.names.map((all, at) => {
      const slug = fold(all[0]).replaceAll(" ", "-");
      const place = names.odd[at] ?? `${names.folders[groupOf[at]]}/${slug}/`;
      return [toPlace(place), groupOf[at], ...all];
    });
    const firsts = starts(names.sections);
    const docs = [
      ...entries.map(([location, , label]) => ({location, title: escaped(label)})),
      ...names.pages.map(([place, title]) => ({location: toPlace(place), title})),
    ].map((doc, at) => ({...doc, text: "", section: firsts[at]}));
    const textsFrom = starts(names.texts);
    const total = firsts.at(-1);
    const without = new Set(names.without);

    const loaded = new Map();
    function part(name) {
      if (!loaded.has(name)) {
        // What could not be loaded is missing now, and asked for again next time.
        loaded.set(name, load(name).catch(() => loaded.delete(name) && undefined));
      }
      return loaded.get(name);
    }

    // What a word of a query stands for, and the lists of the sections that hold it.
    async function lists({key, sign}) {
      const first = Math.max(0, lastUpTo(names.words, key));
      let last = first;
      while (names.words[last + 1]?.startsWith(key)) last++;
      const exact = Boolean(sign) || last - first >= MANY;
      if (exact) last = first;
      const numbers = Array.from({length: last - first + 1}, (_, at) => first + at);
      const tables = await Promise.all(numbers.map((number) => part(`words-${number}`)));
      return tables.flatMap((table) => Object.entries(table || {}))
        .filter(([word]) => (exact ? word === key : word.startsWith(key))).map(([, list]) => list);
    }

    // The sections that hold a word, and what it counts in each (Robertson & Zaragoza 2009: BM25
    // without regard to length, as lunr.js has it in Material's worker).
    function weights(found) {
      const sections = new Map();
      for (const list of found) {
        let holders = 0;
        walk(list, (_, title, text) => { holders += Boolean(title) + Boolean(text); });
        const rarity = Math.log(1 + Math.abs((total - holders + 0.5) / (holders + 0.5)));
        const counts = (often) => (K1 + 1) * often / (K1 + often);
        walk(list, (section, title, text) => {
          const weight = names.boosts[0] * counts(title) + names.boosts[1] * counts(text);
          sections.set(section, (sections.get(section) || 0) + rarity * weight);
        });
      }
      return sections;
    }

    // The sections that a query finds, the best first: number, score, and which words they hold.
    async function find(query) {
      const words = [...new Map(read(query).map((word) => [word.key, word])).values()];
      const found = (await Promise.all(words.map(lists))).map(weights);
      const asked = words.map((word, at) => ({...word, sections: found[at]}));
      const wanted = asked.filter(({sign}) => sign !== "-");
      const musts = wanted.filter(({sign}) => sign === "+");
      const mustNots = asked.filter(({sign}) => sign === "-");
      const scores = new Map();
      for (const {sections} of wanted) {
        for (const [section, weight] of sections) {
          scores.set(section, (scores.get(section) || 0) + weight);
        }
      }
      const hits = [];
      for (const [section, score] of scores) {
        if (musts.some(({sections}) => !sections.has(section))) continue;
        if (mustNots.some(({sections}) => sections.has(section))) continue;
        const terms = {};
        for (const {key, sections} of wanted) {
          if (sections.has(section)) terms[key] = true;
          else if (!without.has(key)) terms[key] = false;
        }
        const page = lastUpTo(firsts, section);
        const held = Object.values(terms);
        // Material's: pages come before their sections, and what has all words before the rest.
        const more = (firsts[page] === section) + held.filter(Boolean).length / held.length;
        hits.push({page, section, score: score * (1 + more ** 2), terms});
      }
      return hits.sort((one, other) => other.score - one.score || one.section - other.section);
    }

    // The pages that a query finds as Material's worker gives them, but for the texts.
    async function answer(query) {
      const pages = new Map();
      for (const {page, section, ...hit} of await find(query)) {
        if (!pages.has(page)) pages.set(page, []);
        const {location, title} = docs[page];
        const isPage = section === firsts[page];
        // The place within the page is known when the text is.
        pages.get(page).push({...hit, location: isPage ? location : `${location}#`, title,
          text: "", section});
      }
      for (const [page, found] of pages) {
        if (found.some(({section}) => section === firsts[page])) continue;
        const {location, title} = docs[page];
        found.push({location, title, text: "", score: 0, terms: {}});
      }
      return {items: [...pages.values()]};
    }

    // Gives items the titles, places and texts of their sections, as far as those can be loaded.
    async function fill(items) {
      await Promise.all(items.flat().filter((doc) => "section" in doc).map(async (doc) => {
        const number = lastUpTo(textsFrom, doc.section);
        const sections = await part(`texts-${number}`);
        if (!sections || !("section" in doc)) return;
        const [title, anchor, text] = sections[doc.section - textsFrom[number]];
        const keys = Object.keys(doc.terms).filter((key) => doc.terms[key]);
        doc.title = marked(title, keys).text;
        doc.text = doc.named ? definition(text) : teaser(text, keys);
        if (anchor) doc.location += anchor;
        delete doc.section;
      }));
    }

    // The last word of a query as a title that was found has it, for Material to complete.
    function suggest(query, [item]) {
      const last = query.match(/[\p{L}\p{N}\p{M}]+$/u);
      const words = item && last ? fold(item[0].title.replace(/&\w+;/g, " ")).split(" ") : [];
      return words.filter((word) => word.startsWith(fold(last[0])));
    }

    const {groups, others, more} = names;
    return {index: {docs, entries, groups, others, more}, answer, fill, suggest};
  };
})(typeof window === "undefined" ? globalThis : window);
