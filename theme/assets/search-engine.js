// Search in use: asks Material's worker, and shows what search-rank.js makes of its answers. The
// data is search/index.js: scripts, unlike data, can be loaded in a folder opened from a disk as
// well. A large site has its data in parts, and search-parts.js in place of the worker.
(function () {
  "use strict";
  // Material's messages to and from its worker.
  const SETUP = 0, READY = 1, QUERY = 2, RESULT = 3;
  // How many results Material shows at first; there are fewer when it adds some.
  const SHOWN = 10;
  // Who presses the next key so soon, in milliseconds, is still typing: no part is worth loading.
  const PAUSE = 200;

  const site = new URL("..", document.currentScript.src);
  const inParts = Boolean(document.querySelector(".md-search__form[data-parts]"));
  const list = document.querySelector(".md-search-result__list");
  const isFile = location.protocol === "file:";
  const box = document.querySelector("[data-md-component=search-query]");
  const scrolled = list.closest(".md-search__scrollwrap");
  let headings = [];
  let answered, isEntered = false;
  let endPause = () => {}, fillMore;

  function load(url, page = document) {
    return new Promise((resolve, reject) => {
      const script = page.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${url} cannot be loaded`));
      page.head.append(script);
    });
  }

  // A browser starts no worker for a file, so there the worker's script runs in a frame.
  async function startInFrame(url) {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    await new Promise((resolve) => {
      frame.onload = resolve;
      document.body.append(frame);
    });
    const inside = frame.contentWindow;
    const worker = {
      postMessage: (data) => inside.dispatchEvent(new inside.MessageEvent("message", {data})),
    };
    inside.postMessage = (data) => worker.onmessage({data});
    inside.importScripts = (...paths) => paths.reduce(
      (done, path) => done.then(() => load(new URL(path, url), inside.document)),
      Promise.resolve(),
    );
    await load(url, inside.document);
    return worker;
  }

  // Nobody looks for the index page of a folder in a folder opened from a disk.
  const toPlace = (place) => isFile ? place.replace(/(^|\/)(?=#|$)/, "$1index.html") : place;

  // The function that gives the ranked answer to a query, from parts of the data.
  async function startInParts() {
    await Promise.all([
      load(new URL("search/names.js", site)),
      load(new URL("assets/search-rank.js", site))
        .then(() => load(new URL("assets/search-parts.js", site))),
    ]);
    const {folder} = window.termbookNames;
    const parts = window.termbookParts(window.termbookNames, toPlace, async (name) => {
      await load(new URL(`search/${folder}/${name}.js`, site));
      return window.termbookPart[name];
    });
    const rank = window.termbookRank(parts.index);
    return async (text, isWanted = () => true) => {
      const answer = rank(text, await parts.answer(rank.query(text)));
      answer.suggest = parts.suggest(text, answer.items);
      answer.fill = (count) => parts.fill(answer.items.slice(0, count));
      if (isWanted()) await answer.fill(SHOWN);
      return answer;
    };
  }

  // The same from all data at once.
  async function start(url) {
    const [worker] = await Promise.all([
      isFile ? startInFrame(url) : new Worker(url),
      load(new URL("search/index.js", site)),
      load(new URL("assets/search-rank.js", site)),
    ]);
    const {config, docs, entries} = window.termbookIndex;
    for (const doc of docs) doc.location = toPlace(doc.location);
    for (const entry of entries) entry[0] = toPlace(entry[0]);
    const rank = window.termbookRank(window.termbookIndex);
    const waiting = []; // the worker answers in the order in which it was asked
    const send = (type, data) => new Promise((resolve) => {
      waiting.push(resolve);
      worker.postMessage({type, data});
    });
    worker.onmessage = (message) => waiting.shift()(message.data.data);
    await send(SETUP, {config, docs, options: {suggest: true}});
    return async (text) => rank(text, await send(QUERY, rank.query(text)));
  }

  // Enter leads to the first result, so it waits for the answer to what has been typed.
  box.addEventListener("keydown", (event) => {
    if (!event.isTrusted) return;
    isEntered = event.key === "Enter" && !event.isComposing && answered !== box.value;
    if (!isEntered) return;
    event.preventDefault();
    event.stopPropagation();
    endPause();
  });

  function pressEnter() {
    if (!isEntered || answered !== box.value) return;
    isEntered = false;
    const enter = {key: "Enter", bubbles: true, cancelable: true};
    box.dispatchEvent(new KeyboardEvent("keydown", enter));
  }

  const pause = () => isEntered ? undefined : new Promise((resolve) => {
    endPause = resolve;
    setTimeout(resolve, PAUSE);
  });

  // Answers Material through `facade`, which it takes for its worker.
  window.termbookSearch = async function (facade, url) {
    const ask = await (inParts ? startInParts() : start(url));
    const tell = (type, data) => {
      facade.dispatchEvent(new MessageEvent("message", {data: {type, data}}));
    };
    let latest, last = 0;
    facade.postMessage = async ({type, data}) => {
      if (type !== QUERY) return;
      const isTyping = latest && performance.now() - last < PAUSE;
      latest = data;
      last = performance.now();
      if (inParts && isTyping) await pause();
      // While a reader types, an answer to less is better than none.
      const isWanted = () => latest === data || !list.childElementCount;
      if (!isWanted()) return;
      const answer = await ask(data, isWanted);
      if (!isWanted()) return;
      headings = answer.headings;
      fillMore = answer.fill;
      tell(RESULT, answer);
      offer(answer.nearest);
      answered = data;
      pressEnter();
    };
    window.termbookSearch.ask = ask;
    tell(READY);
  };

  const offers = document.createElement("p");
  offers.className = "search-nearest";
  offers.setAttribute("role", "status");
  list.before(offers);

  function offer(names) {
    const links = names.map(({name, location}) => {
      const link = document.createElement("a");
      link.href = new URL(location, site);
      // Enter leads to the result of the highest score, which Material reads from the child.
      const text = document.createElement("span");
      text.dataset.mdScore = "-1";
      text.textContent = name;
      link.append(text);
      return link;
    });
    const text = links.flatMap((link, index) => [index ? ", " : "Did you mean ", link]);
    offers.replaceChildren(...text, links.length ? "?" : "");
  }

  // Material adds results when it is told that a reader has scrolled; their texts come before that.
  document.addEventListener("scroll", async (event) => {
    if (event.target !== scrolled || !event.isTrusted || !fillMore) return;
    event.stopPropagation();
    await fillMore(list.childElementCount + SHOWN);
    scrolled.dispatchEvent(new Event("scroll"));
  }, true);

  // Material adds results as the reader scrolls; each group gets its heading with its first result.
  new MutationObserver(() => {
    const results = list.querySelectorAll(":scope > .md-search-result__item");
    for (const [index, text] of headings) {
      const first = results[index];
      if (!first || first.previousElementSibling?.matches(".search-group")) continue;
      const heading = document.createElement("li");
      heading.className = "search-group";
      heading.textContent = text;
      first.before(heading);
    }
    // Only then does it see that the end, which a reader may have jumped to, is farther off now.
    if (fillMore && results.length > SHOWN) scrolled.dispatchEvent(new Event("scroll"));
  }).observe(list, {childList: true});
})();
