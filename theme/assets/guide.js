// Shows the guide one question at a time. Without this script all its questions stand below each
// other, and an answer is a link to the next one.
(function () {
  "use strict";

  document.querySelectorAll(".guide").forEach((guide) => {
    const sections = Array.from(guide.querySelectorAll("section"));
    const trail = [];

    function show(section, moveFocus) {
      sections.forEach((one) => { one.hidden = one !== section; });
      back.hidden = trail.length === 0;
      const heading = section.querySelector("h3");
      heading.tabIndex = -1;
      if (moveFocus) heading.focus();
    }

    const back = document.createElement("button");
    back.type = "button";
    back.className = "md-button guide-back";
    back.textContent = "Back";
    back.addEventListener("click", () => show(trail.pop(), true));
    guide.append(back);

    guide.addEventListener("click", (event) => {
      const link = event.target.closest(".guide-next");
      if (!link) return;
      event.preventDefault();
      trail.push(sections.find((one) => !one.hidden));
      show(guide.querySelector(link.hash), true);
    });

    // One outcome at a time: opening an answer closes the others of its question.
    guide.addEventListener("toggle", (event) => {
      if (!event.target.open) return;
      event.target.closest("section").querySelectorAll("details[open]").forEach((other) => {
        if (other !== event.target) other.open = false;
      });
    }, true);

    const asked = sections.find((one) => "#" + one.id === location.hash);
    show(asked || sections[0], false);
  });
})();
