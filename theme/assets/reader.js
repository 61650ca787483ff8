// The tools of a page: copy its address, with the chosen scenario in it.
(function () {
  "use strict";
  document.querySelectorAll("[data-copy-link]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const address = new URL(location.href);
      const lens = __md_get("__lens");
      if (lens) address.searchParams.set("scenario", lens);
      await navigator.clipboard.writeText(address.href);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy link"; }, 2000);
    });
  });
})();
