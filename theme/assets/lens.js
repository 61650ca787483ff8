// The scenario lens: a scenario chosen in a tab, the guide, the grid or the address
// (?scenario=…) is kept, and the tabs of every page open on it. Material keeps the order of
// chosen tabs under "__tabs"; we keep the scenario's id beside it.
(function () {
  "use strict";
  const bar = document.querySelector("[data-lens]");
  if (!bar) return;
  const names = JSON.parse(bar.dataset.lens);
  const link = bar.querySelector("a");
  const home = link.getAttribute("href");

  function idOf(name) {
    return Object.keys(names).find((id) => names[id] === name);
  }

  function idIn(address) {
    const found = new URL(address, location.href).pathname.match(/scenarios\/([^/]+)\/(?:index\.html)?$/);
    return found && names[found[1]] ? found[1] : null;
  }

  function show(id) {
    bar.hidden = !id;
    if (!id) return;
    link.textContent = names[id];
    link.href = home.replace(/(index\.html)?$/, id + "/$1");
  }

  function openTabs(name) {
    document.querySelectorAll(".tabbed-labels label").forEach((label) => {
      if (label.textContent.trim() === name) {
        document.getElementById(label.htmlFor).checked = true;
      }
    });
  }

  function choose(id) {
    __md_set("__lens", id);
    __md_set("__tabs", [names[id]]);
    show(id);
  }

  bar.querySelector("button").addEventListener("click", () => {
    __md_set("__lens", null);
    __md_set("__tabs", []);
    const address = new URL(location.href);
    address.searchParams.delete("scenario");
    history.replaceState(null, "", address);
    show(null);
    const title = document.querySelector("h1");
    title.tabIndex = -1;
    title.focus();
  });

  document.addEventListener("change", (event) => {
    const label = document.querySelector(`.tabbed-labels label[for="${event.target.id}"]`);
    const id = label && idOf(label.textContent.trim());
    if (id) choose(id);
  });
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest(".guide a, .md-typeset table a");
    const id = chosen && idIn(chosen.href);
    if (id) choose(id);
  });

  const asked = new URLSearchParams(location.search).get("scenario");
  const kept = names[asked] ? asked : __md_get("__lens");
  if (names[asked]) choose(asked);
  if (names[kept]) {
    show(kept);
    openTabs(names[kept]);
  }
})();
