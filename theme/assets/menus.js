// Drawer, search and colours by keyboard. Material works them by labels of hidden check boxes,
// which need a mouse; here the labels become buttons, focus follows what opens and returns to
// where it was, and nothing that is out of sight can be reached. Runs after Material's script.
(function () {
  "use strict";
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const drawer = one("#__drawer");
  const searching = one("#__search");

  /** A button in place of a label; it does what the label did, a click on its check box. */
  function buttonFor(label, name) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `${label.className} toggles-${label.htmlFor.replace(/^_+/, "")}`;
    button.append(...label.childNodes);
    if (name) button.setAttribute("aria-label", name);
    button.addEventListener("click", () => document.getElementById(label.htmlFor).click());
    label.replaceWith(button);
    return button;
  }

  // The drawer. While it is open, nothing behind it is in reach.

  const sidebar = one(".md-sidebar--primary");
  const menu = one(".md-header [for=__drawer]");
  if (sidebar && menu) prepareDrawer();

  function prepareDrawer() {
    const opener = buttonFor(menu, sidebar.querySelector("nav").getAttribute("aria-label"));
    const closer = buttonFor(sidebar.querySelector(".md-nav__title"));
    closer.setAttribute("aria-expanded", "true");
    const behind = all(
      "[data-md-component=skip], .md-header, .md-tabs, .md-content, .md-sidebar--secondary, "
      + ".md-top, .md-footer",
    );
    const show = () => {
      opener.setAttribute("aria-expanded", drawer.checked);
      behind.forEach((element) => { element.inert = drawer.checked; });
    };
    drawer.addEventListener("change", () => {
      show();
      (drawer.checked ? closer : opener).focus();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && drawer.checked) drawer.click();
    });
    // A place on this page: there the reader goes on, not at the button.
    sidebar.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      if (!link || !drawer.checked) return;
      drawer.click();
      const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      place.tabIndex = -1;
      place.focus();
    });
    matchMedia("(min-width: 76.25em)").addEventListener("change", (wide) => {
      if (wide.matches && drawer.checked) drawer.click();
    });
    show();
  }

  // The search. It closes when focus leaves it; Tab walks its results.

  const search = one("[data-md-component=search]");
  if (search && !search.hidden) prepareSearch();

  function prepareSearch() {
    const query = search.querySelector("input");
    const label = one(".md-header__button[for=__search]");
    const opener = buttonFor(label, query.getAttribute("aria-label"));
    const beside = matchMedia("(min-width: 60em)");
    // On a phone the field is out of sight until the search is open.
    const show = () => {
      query.tabIndex = searching.checked || beside.matches ? 0 : -1;
      opener.setAttribute("aria-expanded", searching.checked);
    };
    opener.addEventListener("click", () => query.focus());
    searching.addEventListener("change", () => {
      show();
      if (!searching.checked && !beside.matches) opener.focus();
    });
    search.addEventListener("focusout", (event) => {
      const to = event.relatedTarget;
      if (searching.checked && to && !search.contains(to)) searching.click();
    });
    // Material closes the search on Tab, and goes back to the field on most keys.
    search.addEventListener("keydown", (event) => {
      const isFold = event.key === " " && event.target !== query;
      if (isFold || ["Tab", "Shift"].includes(event.key)) event.stopPropagation();
    });
    // It also takes results out of the order of Tab.
    const list = search.querySelector("ol");
    new MutationObserver(() => {
      list.querySelectorAll("[tabindex]").forEach((link) => link.removeAttribute("tabindex"));
    }).observe(list, {childList: true});
    beside.addEventListener("change", show);
    show();
  }

  // The colours.

  all("[data-selects]").forEach((button) => {
    button.addEventListener("click", () => {
      const choice = document.getElementById(button.dataset.selects);
      choice.click();
      choice.nextElementSibling.focus();
    });
    // Material takes Enter for itself, and the button would be pressed twice.
    button.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.stopPropagation();
    });
  });

  // A letter alone is no command: who dictates or slips would be led elsewhere (WCAG 2.1.4). Only
  // what has keys of its own, and takes them while it has focus, is left alone.

  addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (searching.checked) return;
    if (event.target.closest?.("input, select, textarea, [data-keys]")) return;
    if (search && event.key === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      search.querySelector("input").focus();
    } else if (event.key.length === 1 && event.key !== " " && !modified) {
      event.stopPropagation();
    }
  }, true);
})();
