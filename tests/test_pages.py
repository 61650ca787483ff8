"""Every kind of page is whole at every width; the fixture `page` also wants it to be quiet."""

import pytest
from conftest import ROOT

BY_HAND = sorted(
    path.removesuffix(".md").removesuffix("index").rstrip("/") + "/"
    for path in (page.relative_to(ROOT / "docs").as_posix() for page in ROOT.glob("docs/**/*.md"))
)
GENERATED = [
    "glossary/", "glossary/customer/", "glossary/product-owner/", "scenarios/",
    "scenarios/single-client/", "scenarios/packaged-product/", "scenarios/internal-it/",
    "scenarios/ad-funded-platform/", "debates/", "debates/what-is-a-customer/", "questions/",
    "sources/", "sources/scrum-guide-2020/", "404.html", "study/questions/mindset/",
    "study/questions/mindset/m1/", "study/derived/scenarios/", "study/derived/pairs/roles/",
    "study/coverage/", "study/plan/",
]
PAGES = ["./" if page == "/" else page for page in dict.fromkeys([*BY_HAND, *GENERATED])]
WIDTHS = (1350, 390, 320)
# Text is cut off when the nearest box that clips or scrolls clips it, or the window does.
FAULTS = """() => {
  const faults = [];
  const {scrollWidth} = document.scrollingElement;
  if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} px wide`);
  for (const image of document.images) {
    if (!image.complete || !image.naturalWidth) faults.push(`no image: ${image.src}`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const parent = text.parentElement;
    const shown = parent.checkVisibility({opacityProperty: true, visibilityProperty: true});
    const area = parent.closest("article, section, .md-header__title, .md-tabs, .md-footer");
    if (!text.data.trim() || !shown || !area) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const {left, right, top, bottom} = range.getBoundingClientRect();
    if (right - left <= 1) continue;
    let edge = {left: 0, right: innerWidth, top: -Infinity, bottom: Infinity};
    for (let box = parent; box !== document.body; box = box.parentElement) {
      const {overflowX, overflowY} = getComputedStyle(box);
      if (/auto|scroll/.test(overflowX + overflowY)) { edge = null; break; }
      if (/hidden|clip/.test(overflowX + overflowY)) { edge = box.getBoundingClientRect(); break; }
    }
    if (edge && (left < edge.left - 1 || right > edge.right + 1
                 || top < edge.top - 1 || bottom > edge.bottom + 1)) {
      faults.push(`cut off: ${text.data.trim()}`);
    }
  }
  return faults;
}"""


@pytest.mark.parametrize("path", PAGES)
def test_page_is_whole(page, path):
    """No sideways scrolling, no broken image, no text cut off, from a desk to the least phone."""
    page.goto(path)
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = page.evaluate(FAULTS)
    assert found == {width: [] for width in WIDTHS}
