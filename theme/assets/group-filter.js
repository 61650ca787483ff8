// Filters the A–Z index by group, on one page or on those of its letters. Both are complete and
// readable without this script.
(function () {
  "use strict";
  const place = document.querySelector(".group-filter");
  const marks = document.querySelectorAll("dd [data-group]");
  if (!marks.length || !place) return;

  // Pages of letters name every group, for the choice goes along from one to the next.
  const named = place.querySelectorAll("[data-group]");
  const groups = new Map();
  (named.length ? named : marks).forEach((one) => groups.set(one.dataset.group, one.textContent));
  const others = named.length
    ? document.querySelectorAll(".letters a, .trail a, dt > a[id], .md-footer__link") : [];

  const label = document.createElement("label");
  label.append("Show ");
  const select = document.createElement("select");
  select.append(new Option("every group", ""));
  for (const [id, name] of groups) select.append(new Option(name, id));
  label.append(select);
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  label.append(status);
  place.append(label);

  function withGroup(address, group) {
    const url = new URL(address);
    if (group) url.searchParams.set("group", group);
    else url.searchParams.delete("group");
    return url;
  }

  // A term, or a letter with the number of its terms by group, is a <dt> with the <dd> behind it; a
  // letter with no term left is hidden too, and so is its link in the bar.
  function show(group) {
    let shown = 0;
    for (const detail of new Set([...marks].map((mark) => mark.closest("dd")))) {
      const mark = group && detail.querySelector(`[data-group="${CSS.escape(group)}"]`);
      detail.hidden = detail.previousElementSibling.hidden = Boolean(group) && !mark;
      if (mark) shown += Number(mark.querySelector("b")?.textContent ?? 1);
    }
    document.querySelectorAll("h2[id^=letter-]").forEach((heading) => {
      const list = heading.nextElementSibling;
      heading.hidden = !list.querySelector("dt:not([hidden])");
      document.querySelector(`.letter[href="#${heading.id}"]`).hidden = heading.hidden;
    });
    document.querySelectorAll("dt > a[id^=letter-]").forEach((letter) => {
      const inBar = document.querySelector(`.letters a[href="${letter.getAttribute("href")}"]`);
      inBar.hidden = letter.parentElement.hidden;
    });
    for (const link of others) link.href = withGroup(link.href, group);
    status.textContent = group ? ` ${shown} terms` : "";
  }

  select.addEventListener("change", () => {
    history.replaceState(null, "", withGroup(location.href, select.value));
    show(select.value);
  });
  select.value = new URLSearchParams(location.search).get("group") || "";
  show(select.value);
})();
