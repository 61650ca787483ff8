// Previews: what a link of the text leads to, before it is followed. The text is the link's title,
// which a browser shows by itself only to those who have a mouse and wait. Here it is shown on
// hover, on keyboard focus and on a long press, beside the link and never over it; it stays while
// the pointer is on it, and Escape takes it away.
(function () {
  "use strict";
  const LINK = "article a[title]:not(.headerlink, .md-content__button)";
  const HOVER = 300, LEAVE = 250, PRESS = 500; // milliseconds
  const GAP = 6, MARGIN = 8; // pixels

  const preview = document.createElement("div");
  preview.className = "preview";
  preview.id = "preview";
  preview.setAttribute("role", "tooltip");
  preview.hidden = true;
  document.querySelector("main").append(preview);

  let link = null; // the one whose title is here
  let timer = 0;

  /** Take a link's title, so that the browser does not show it as well. */
  function take(next) {
    release();
    link = next;
    preview.textContent = link.title;
    link.removeAttribute("title");
  }

  /** Hide the preview and give the link its title back. */
  function release() {
    hide();
    if (!link) return;
    link.title = preview.textContent;
    link = null;
  }

  function show(x) {
    clearTimeout(timer);
    link.setAttribute("aria-describedby", preview.id);
    preview.hidden = false;
    place(x);
  }

  function hide() {
    clearTimeout(timer);
    preview.hidden = true;
    link?.removeAttribute("aria-describedby");
  }

  /** Below the link or above it, whichever has room; as near to `x` as the window allows. */
  function place(x) {
    const top = document.querySelector(".md-header").getBoundingClientRect().bottom;
    const around = link.getBoundingClientRect();
    const origin = preview.offsetParent.getBoundingClientRect();
    const {width, height} = preview.getBoundingClientRect();
    const below = around.bottom + GAP;
    const above = around.top - GAP - height;
    const isBelow = below + height <= innerHeight - MARGIN || above < top + MARGIN;
    const right = document.documentElement.clientWidth - MARGIN - width;
    const left = Math.max(MARGIN, Math.min(x ?? link.getClientRects()[0].left, right));
    preview.style.left = `${left - origin.left}px`;
    preview.style.top = `${(isBelow ? below : above) - origin.top}px`;
  }

  function later(delay, then) {
    clearTimeout(timer);
    timer = setTimeout(then, delay);
  }

  const isHovered = () => link.matches(":hover") || preview.matches(":hover");

  function releaseUnlessUsed() {
    if (!isHovered() && !link.matches(":focus-visible")) release();
  }

  const linkAt = (event) => event.target.closest?.(LINK);

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch" || link?.contains(event.target)) return;
    const next = linkAt(event);
    if (next) {
      take(next);
      later(HOVER, () => show(event.clientX - MARGIN));
    } else if (link) {
      later(preview.hidden ? 0 : LEAVE, releaseUnlessUsed);
    }
  });
  document.addEventListener("focusin", (event) => {
    const next = linkAt(event);
    if (!next?.matches(":focus-visible")) return;
    take(next);
    show();
  });
  document.addEventListener("focusout", () => link && (isHovered() || release()));
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide(), true);

  // By touch: a tap follows the link, and a second long press is the browser's own.
  let pressing = null;
  let pressed = false;

  function press() {
    take(pressing);
    show();
    pressing = null;
    pressed = true;
  }

  document.addEventListener("pointerdown", (event) => {
    pressed = false;
    if (event.pointerType !== "touch" || event.target === preview) return;
    pressing = linkAt(event);
    release();
    if (pressing) later(PRESS, press);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      if (pressing) clearTimeout(timer);
      pressing = null;
    });
  }
  // Some browsers come with their menu before our time is up.
  document.addEventListener("contextmenu", (event) => {
    if (pressing) press();
    if (pressed) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (pressed) event.preventDefault();
    pressed = false;
  }, true);

  addEventListener("resize", () => preview.hidden || place());
  addEventListener("pagehide", release);
  // In a table that scrolls, the link is soon somewhere else.
  document.addEventListener("scroll", (event) => event.target === document || release(), true);
})();
