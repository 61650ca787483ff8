// Keeps Material from loading anything for search before a reader uses it. Runs before Material's
// own script. What search does once it is used stands in search-engine.js.
(function () {
  "use strict";
  const form = document.forms.namedItem("search");
  if (!form) return;
  // Material fetches the whole index at once if it finds a form of that name.
  form.name = "find";

  const engine = new URL("search-engine.js", document.currentScript.src);
  const Worker = window.Worker;

  // What Material takes for its worker; the engine gives it a `postMessage` that answers.
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      window.Worker = Worker;
      const wait = () => form.addEventListener("focusin", begin, {once: true});
      const begin = () => {
        const script = document.createElement("script");
        script.src = engine;
        script.onload = () => window.termbookSearch(this, new URL(url, document.baseURI)).catch(wait);
        script.onerror = wait;
        document.head.append(script);
      };
      wait();
    }
  };
})();
