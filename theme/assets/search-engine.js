// Search in use: asks Material's worker and shows what search-rank.js makes of its answers. The data
// is search/index.js: scripts, unlike data, can be loaded in a folder opened from a disk as well.
(function () {
  "use strict";
  // Material's messages to and from its worker.
  const SETUP = 0, READY = 1, QUERY = 2, RESULT = 3;

  const site = new URL("..", document.currentScript.src);
  const list = document.querySelector(".md-search-result__list");
  let headings = [];

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

  // The function that gives the ranked answer to a query.
  async function start(url) {
    const [worker] = await Promise.all([
      location.protocol === "file:" ? startInFrame(url) : new Worker(url),
      load(new URL("search/index.js", site)),
      load(new URL("assets/search-rank.js", site)),
    ]);
    const {config, docs, entries} = window.termbookIndex;
    if (location.protocol === "file:") {
      // Nobody looks for the index page of a folder there.
      const toFile = (place) => place.replace(/(^|\/)(?=#|$)/, "$1index.html");
      for (const doc of docs) doc.location = toFile(doc.location);
      for (const entry of entries) entry[0] = toFile(entry[0]);
    }
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

  // Answers Material through `facade`, which it takes for its worker.
  window.termbookSearch = async function (facade, url) {
    const ask = await start(url);
    const tell = (type, data) => {
      facade.dispatchEvent(new MessageEvent("message", {data: {type, data}}));
    };
    let latest;
    facade.postMessage = async ({type, data}) => {
      if (type !== QUERY) return;
      latest = data;
      const answer = await ask(data);
      if (latest !== data) return;
      headings = answer.headings;
      tell(RESULT, answer);
      offer(answer.nearest);
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
  }).observe(list, {childList: true});
})();
