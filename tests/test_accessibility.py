"""Everyone can read and work the site: axe-core on every kind of page, and the keyboard alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from conftest import FORMER
from playwright.sync_api import Browser, Locator, Page, expect

REDIRECT = f"glossary/{FORMER}/"
PAGES = [
    "./", "glossary/", "glossary/customer/", "glossary/user/?scenario=internal-it", "scenarios/",
    "scenarios/ad-funded-platform/", "debates/", "debates/what-is-a-customer/", "questions/",
    "sources/", "sources/scrum-guide-2020/", "figures/", "principles/", "about/", "session/",
    "session/task/", "contribute/", "contribute/form/", "contribute/reference/", "404.html",
    REDIRECT, "study/", "study/coverage/",
    "study/plan/", "study/questions/product/", "study/questions/mindset/m1/",
    "study/derived/pairs/", "study/derived/pairs/roles/",
]
# Lists and tools, whose links need none.
WITHOUT_PREVIEW = {
    "glossary/", "debates/", "questions/", "sources/", "session/task/", "contribute/form/",
    "contribute/reference/", "404.html", "study/coverage/", "study/plan/",
    "study/questions/product/", "study/questions/mindset/m1/", "study/derived/pairs/",
    "study/derived/pairs/roles/",
}
PHONE, NARROW, DESK = 390, 320, 1350
HOUR = 3_600_000  # milliseconds
PREVIEWED = "article a[title]:visible:not(.headerlink, .md-content__button)"

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Every rule, those too that axe itself leaves out by default.
RUN_AXE = """async (values) => {
  const ids = axe.getRules(values).map((rule) => rule.ruleId);
  const rules = Object.fromEntries(ids.map((id) => [id, {enabled: true}]));
  const options = {runOnly: {type: "tag", values}, rules, resultTypes: ["violations"]};
  const results = await axe.run(options);
  const ran = ["violations", "passes", "incomplete", "inapplicable"]
    .flatMap((kind) => results[kind].map((rule) => rule.id));
  return [
    ...ids.filter((id) => !ran.includes(id)).map((id) => `${id} did not run`),
    ...results.violations.flatMap(({id, nodes}) => nodes.map((node) => (
      `${id}: ${node.target.join(" ")}: ${[...node.any, ...node.all, ...node.none][0].message}`
    ))),
  ];
}"""


@pytest.fixture
def open_page(browser: Browser, site: str, watch) -> Iterator[Callable[..., Page]]:
    """Opens a page in a context of its own with any of its options; no other host is asked."""
    opened = []

    def start(width: int = DESK, **options: object) -> Page:
        context = browser.new_context(**{
            "base_url": site, "viewport": {"width": width, "height": 900},
            "reduced_motion": "reduce", **options,
        })
        opened.append((context, watch(context, site)))
        return context.new_page()

    yield start
    for context, foreign in opened:
        context.close()
        assert foreign == []


# axe-core


@pytest.fixture(scope="module")
def little_index(content: Path) -> str:
    """The search data of few pages, which give the same list of results at a tenth of the cost."""
    start, _, data = (content / "site/search/index.js").read_text("utf-8").partition("=")
    index = json.loads(data)
    index["docs"] = [doc for doc in index["docs"] if re.match(
        "(glossary|debates|sources)/[a-z-]*customer|scenarios/|about/", doc["location"])]
    return f"{start}={json.dumps(index)}"


def unfold(page: Page) -> bool:
    return page.evaluate("""() => {
      const folds = document.querySelectorAll("article details:not([open])");
      folds.forEach((fold) => { fold.open = true; });
      return folds.length > 0;
    }""")


def open_preview(page: Page) -> bool:
    links = page.locator(PREVIEWED)
    has_any = links.count() > 0  # asked first: a preview takes its link's title
    if has_any:
        links.first.focus()
        expect(page.get_by_role("tooltip")).to_be_visible()
    return has_any


def open_search(page: Page) -> bool:
    page.keyboard.press("Control+k")
    page.keyboard.insert_text("customer")
    page.keyboard.press("Shift")  # Material looks at the box on every key
    expect(page.locator(".md-search-result__item").nth(3)).to_be_visible()
    return True


def open_drawer(page: Page) -> bool:
    page.keyboard.press("Escape")
    menu = page.get_by_role("button", name="Navigation")
    if menu.is_visible():
        menu.click()
        drawer = page.get_by_role("navigation", name="Navigation")
        expect(drawer.get_by_role("link")).not_to_have_count(0)
    return page.locator("#__drawer").is_checked()


STATES = {
    "plain": lambda page: True, "unfolded": unfold, "preview": open_preview,
    "search": open_search, "drawer": open_drawer,
}


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, little_index, tally, width, scheme):
    """No violation of WCAG 2.0–2.2 A and AA and of best practice in any state of any page."""
    page = open_page(width, color_scheme=scheme)
    page.route("**/redirect.js", lambda route: route.abort())  # else nobody could look at it
    page.route("**/search/index.js", lambda route: route.fulfill(
        body=little_index, content_type="text/javascript"))
    checked: list[tuple[str, str]] = []
    found = []
    for path in PAGES:
        page.goto(path)
        page.evaluate(AXE_SCRIPT)
        for state, enter in STATES.items():
            if path == REDIRECT and state != "plain":
                continue
            if enter(page):
                violations = page.evaluate(RUN_AXE, TAGS)
                checked.append((path, state))
                found += [f"{path} {state}: {one}" for one in violations]
                tally.count("axe states")
                tally.count("axe violations", len(violations))
    assert found == []
    counts = {state: sum(one == state for _, one in checked) for state in STATES}
    whole = len(PAGES) - 1
    assert counts["plain"] == whole + 1
    assert counts["search"] == whole
    assert counts["drawer"] == (whole if width == PHONE else 0)
    previewed = {path for path, state in checked if state == "preview"}
    assert previewed == set(PAGES) - {REDIRECT} - WITHOUT_PREVIEW
    assert counts["unfolded"] >= 8


# The keyboard

# Where focus is: nothing at the end of the round, else its place in the page and what is wrong.
PROBE = """() => {
  const active = document.activeElement;
  window.stops ??= [];
  if (active === document.body || stops.includes(active)) return null;
  stops.push(active);
  // A tab is a radio button without size; its row of labels shows the focus.
  const tabs = active.matches(".tabbed-set > input") && active.parentElement;
  const shown = tabs ? tabs.querySelector(".tabbed-labels") : active;
  const name = `${active.tagName} ${active.className} ${active.textContent.trim().slice(0, 40)}`;
  const faults = [];
  const rect = shown.getClientRects()[0];
  if (!rect || rect.width < 4 || rect.height < 4) return [`${name}: has no size`];

  const style = getComputedStyle(shown);
  const width = parseFloat(style.outlineWidth), gap = parseFloat(style.outlineOffset);
  if (style.outlineStyle !== "solid" || width < 2) faults.push("has no outline");

  // Boxes that clip or scroll must leave one side of the outline and some of its length in sight.
  const grown = Math.max(0, width + gap) - 1;
  const ring = {left: rect.left - grown, right: rect.right + grown,
                top: rect.top - grown, bottom: rect.bottom + grown};
  let edge = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
  for (let box = shown.parentElement; box !== document.body; box = box.parentElement) {
    const {overflowX, overflowY} = getComputedStyle(box);
    if (!/visible/.test(overflowX + overflowY)) {
      const {left, right, top, bottom} = box.getBoundingClientRect();
      edge = {left: Math.max(edge.left, left), right: Math.min(edge.right, right),
              top: Math.max(edge.top, top), bottom: Math.min(edge.bottom, bottom)};
    }
  }
  const isCut = (start, end) => {
    const [before, behind] = [ring[start] < edge[start] - 1, ring[end] > edge[end] + 1];
    const seen = Math.min(ring[end], edge[end]) - Math.max(ring[start], edge[start]);
    return (before && behind) || seen < Math.min(24, ring[end] - ring[start] - 1);
  };
  if (isCut("left", "right") || isCut("top", "bottom")) faults.push("is cut off");

  const [x, y] = [rect.left + rect.width / 2, rect.top + Math.min(rect.height, 40) / 2];
  const top = document.elementFromPoint(x, y);
  if (!top || !(shown.contains(top) || top.contains(shown))) {
    faults.push(`is covered by ${top?.className || top?.tagName}`);
  }

  const parts = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const mix = (over, under, a) => over * a + under * (1 - a);
  const onto = ([r, g, b, a], [R, G, B]) => [mix(r, R, a), mix(g, G, a), mix(b, B, a), 1];
  const layers = [];
  for (let box = gap < 0 ? shown : shown.parentElement; box; box = box.parentElement) {
    layers.push(parts(getComputedStyle(box).backgroundColor));
  }
  const behind = layers.reverse().reduce((below, layer) => onto(layer, below), [255, 255, 255, 1]);
  const light = (color) => color.slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, index) => sum + one * [0.2126, 0.7152, 0.0722][index], 0);
  const both = [light(onto(parts(style.outlineColor), behind)), light(behind)];
  const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  if (contrast < 3) faults.push(`has an outline of contrast ${contrast.toFixed(1)}`);
  return faults.map((fault) => `${name}: ${fault}`);
}"""
# What Tab must reach, in the order of the page, against where it was.
MISSED = """() => {
  const focusable = "a[href], button, input, select, summary, textarea, [tabindex]";
  const all = [...document.querySelectorAll(focusable)]
    .filter((one) => one.tabIndex >= 0 && !one.disabled
      && one.checkVisibility({visibilityProperty: true})
      && !one.closest("[inert]") && !(one.type === "radio" && !one.checked));
  const name = (one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`;
  return [
    ...all.filter((one) => !stops.includes(one)).map((one) => `not reached: ${name(one)}`),
    ...stops.filter((one, index) => index && stops[index - 1].compareDocumentPosition(one)
      & Node.DOCUMENT_POSITION_PRECEDING).map((one) => `out of order: ${name(one)}`),
  ];
}"""
WALKED = [
    "./", "glossary/", "glossary/customer/", "scenarios/", "scenarios/ad-funded-platform/",
    "debates/what-is-a-customer/", "sources/scrum-guide-2020/", "session/task/", "about/",
    "contribute/form/", "404.html", "study/questions/product/",
]


def walk(page: Page) -> tuple[int, list[str]]:
    """Press Tab until all of the page was seen: the number of stops, and what was wrong."""
    found: list[str] = []
    stops = 0
    page.keyboard.press("Tab")
    while (faults := page.evaluate(PROBE)) is not None:
        found += faults
        stops += 1
        page.keyboard.press("Tab")
    return stops, found + page.evaluate(MISSED)


@pytest.mark.parametrize("width", [NARROW, DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_stop_shows_that_it_has_focus(open_page, tally, width, scheme):
    """Tab reaches everything once, in order, in sight, with a ring that can be seen."""
    page = open_page(width, color_scheme=scheme)
    found = []
    for path in WALKED if scheme == "light" else WALKED[2:5]:
        page.goto(path)
        stops, faults = walk(page)
        assert stops >= 5, path
        tally.count("tab stops", stops)
        tally.count("tab faults", len(faults))
        found += [f"{path} {fault}" for fault in faults]
    assert found == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until `target` has focus; it must be among the first twenty stops."""
    for _ in range(20):
        press(page, "Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"Tab does not reach {target}")


def focused(page: Page, inside: str) -> bool:
    return page.evaluate("selector => !!document.activeElement.closest(selector)", inside)


def test_skip_link_leads_past_the_header(open_page):
    page = open_page()
    page.goto("glossary/customer/")
    press(page, "Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    press(page, "Enter", "Tab")
    assert focused(page, "article")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_drawer_by_keyboard(open_page, key):
    """On the least phone: in by keyboard, round inside, out again, and focus where it was."""
    page = open_page(NARROW)
    page.goto("scenarios/")
    drawer = page.get_by_role("navigation", name="Navigation")
    menu = page.locator(".md-header").get_by_role("button", name="Navigation")
    tab_to(page, menu)
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(drawer).to_be_hidden()
    press(page, key)
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(drawer.get_by_role("button", name="Navigation")).to_be_focused()
    page.evaluate("window.stops = []")
    inside = 1
    while (faults := page.evaluate(PROBE)) is not None:
        assert faults == []
        assert focused(page, ".md-sidebar--primary")
        inside += 1
        press(page, "Tab")
    assert inside > drawer.locator("a:visible").count()
    press(page, "Escape")
    expect(drawer).to_be_hidden()
    expect(menu).to_be_focused()
    press(page, key, key)
    expect(drawer).to_be_hidden()
    expect(menu).to_be_focused()
    press(page, key)
    tab_to(page, drawer.get_by_role("link", name="Internal IT"))
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/scenarios/internal-it/$"))


def test_drawer_leads_to_a_section(open_page):
    """The sections of the page are in the drawer too, and focus goes there."""
    page = open_page(NARROW)
    page.goto("glossary/customer/")
    page.get_by_role("button", name="Navigation").click()
    page.locator(".nav-here summary").click()
    page.locator(".nav-here").get_by_role("link", name="Who says what").click()
    expect(page.locator("#who-says-what")).to_be_focused()
    expect(page.locator("#who-says-what")).to_be_in_viewport()
    expect(page.locator("#__drawer")).not_to_be_checked()
    press(page, "Tab")
    assert focused(page, "#who-says-what, #who-says-what + ul")


def test_drawer_without_javascript(open_page):
    page = open_page(NARROW, java_script_enabled=False)
    page.goto("scenarios/")
    drawer = page.get_by_role("navigation", name="Navigation")
    expect(drawer).to_be_hidden()
    press(page, "Tab", "Space")
    expect(drawer).to_be_visible()
    drawer.get_by_role("link", name="Internal IT").press("Enter")
    expect(page).to_have_url(re.compile("/scenarios/internal-it/$"))


@pytest.mark.parametrize("width", [NARROW, DESK])
def test_search_by_keyboard(open_page, width):
    """Open, hear how much is found, walk the results by Tab, and come back."""
    page = open_page(width)
    page.goto("glossary/customer/")
    field = page.get_by_role("textbox", name="Search")
    button = page.get_by_role("button", name="Search")
    if width == NARROW:
        tab_to(page, button)
        press(page, "Enter")
    else:
        tab_to(page, field)
    expect(field).to_be_focused()
    page.keyboard.insert_text("payer")
    press(page, "Shift")
    told = page.locator(".md-search-result__meta[role=status]")
    expect(told).to_have_text(re.compile(r"^\d+ match"))
    results = page.locator(".md-search-result__list :is(a, summary):visible")
    expect(results.nth(3)).to_be_visible()
    for index in range(4):
        press(page, "Tab")
        expect(results.nth(index)).to_be_focused()
    press(page, "Shift+Tab")
    expect(results.nth(2)).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#__search")).not_to_be_checked()
    if width == NARROW:
        expect(button).to_be_focused()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    press(page, "Shift+Tab")  # focus elsewhere closes it
    expect(page.locator("#__search")).not_to_be_checked()


def test_chosen_scenario_is_cleared_by_keyboard(open_page):
    page = open_page()
    page.goto("glossary/customer/?scenario=internal-it")
    page.get_by_role("button", name="Clear the scenario").press("Enter")
    expect(page.locator("h1")).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_colours_by_keyboard(open_page, key):
    page = open_page(NARROW)
    page.goto("./")
    tab_to(page, page.get_by_role("button", name="Switch to dark mode"))
    for name, scheme in [("light", "slate"), ("dark", "default")]:
        press(page, key)
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
        expect(page.get_by_role("button", name=f"Switch to {name} mode")).to_be_focused()


def test_a_letter_is_no_command(open_page):
    """WCAG 2.1.4: single keys, which speech or a slip may press, lead nowhere."""
    page = open_page()
    page.goto("scenarios/internal-it/")
    address = page.url
    press(page, *"fsnp,./", "Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    assert page.url == address
    expect(page.locator("#__search")).not_to_be_checked()


def test_no_motion_for_those_who_want_none(open_page):
    longest = """() => Math.max(...[...document.querySelectorAll("*")].map((one) => (
      Math.max(...getComputedStyle(one).transitionDuration.split(",").map(parseFloat)))))"""
    for motion, is_still in [("reduce", True), ("no-preference", False)]:
        page = open_page(reduced_motion=motion)
        page.goto("./")
        assert (page.evaluate(longest) < 0.01) is is_still


# Previews

# Of every link with a preview: whether the preview is whole in the window, and beside the link.
LOOK_AT_PREVIEWS = """async (selector) => {
  const faults = [];
  const links = [...document.querySelectorAll(selector)].filter((link) => link.checkVisibility());
  for (const link of links) {
    const text = link.title;
    link.focus();
    const preview = document.getElementById(link.getAttribute("aria-describedby"));
    const say = (fault) => faults.push(`${link.textContent}: ${fault}`);
    if (!preview || preview.hidden || preview.role !== "tooltip") { say("has none"); continue; }
    if (preview.textContent !== text || link.title) say("has its title twice");
    const box = preview.getBoundingClientRect();
    const header = document.querySelector(".md-header").getBoundingClientRect().bottom;
    if (box.left < 0 || box.right > innerWidth) say("is cut off at the side");
    if (box.top < header || box.bottom > innerHeight) say("is not in sight");
    for (const rect of link.getClientRects()) {
      if (box.left < rect.right && box.right > rect.left && box.top < rect.bottom
          && box.bottom > rect.top) say("covers its link");
    }
    link.blur();
    if (!preview.hidden || link.title !== text) say("stays");
  }
  return [links.length, faults];
}"""


@pytest.mark.parametrize("width", [NARROW, DESK])
@pytest.mark.parametrize(
    "path", ["glossary/customer/", "scenarios/ad-funded-platform/", "principles/"]
)
def test_every_preview_is_beside_its_link(open_page, width, path):
    page = open_page(width)
    page.goto(path)
    press(page, "Tab")
    count, faults = page.evaluate(LOOK_AT_PREVIEWS, PREVIEWED.replace(":visible", ""))
    assert faults == []
    assert count > 20


def test_preview_by_mouse(open_page):
    """It waits a little, stays while the pointer is on it, and Escape takes it away."""
    page = open_page()
    page.clock.install(time=0)
    page.goto("glossary/customer/")
    page.clock.pause_at(HOUR)
    link, other = (page.locator("article").get_by_role("link", name=name, exact=True).first
                   for name in ("payer", "buyer"))
    preview = page.locator("#preview")
    text = link.get_attribute("title")
    link.hover()
    expect(preview).to_be_hidden()
    assert link.get_attribute("title") is None
    page.clock.run_for(1000)
    expect(preview).to_be_visible()
    expect(preview).to_have_text(text)
    expect(link).to_have_attribute("aria-describedby", "preview")
    preview.hover()
    page.clock.run_for(1000)
    expect(preview).to_be_visible()
    press(page, "Escape")
    expect(preview).to_be_hidden()
    page.locator("h1").hover()
    page.clock.run_for(1000)
    expect(link).to_have_attribute("title", text)
    expect(link).not_to_have_attribute("aria-describedby", "preview")
    other.hover()
    page.clock.run_for(1000)
    expect(preview).to_be_visible()
    assert preview.inner_text() != text
    page.locator("h1").hover()
    page.clock.run_for(1000)
    expect(preview).to_be_hidden()


def test_preview_by_keyboard(open_page):
    page = open_page()
    page.goto("glossary/customer/")
    link = page.locator("article").get_by_role("link", name="payer", exact=True).first
    preview = page.locator("#preview")
    place = page.locator("h2").first.bounding_box()
    link.focus()
    expect(preview).to_be_visible()
    assert page.locator("h2").first.bounding_box() == place, "the page has shifted"
    press(page, "Escape")
    expect(preview).to_be_hidden()
    expect(link).to_be_focused()
    press(page, "Enter")
    expect(page).not_to_have_url(re.compile("/customer/"))


def test_preview_by_touch(open_page):
    """A long press shows it, a tap elsewhere takes it away, a tap on a link follows the link."""
    page = open_page(PHONE, has_touch=True, is_mobile=True)
    page.clock.install(time=0)
    page.goto("glossary/customer/")
    page.clock.pause_at(HOUR)
    link, preview = page.locator(PREVIEWED).first, page.locator("#preview")
    address = page.url
    box = link.bounding_box()
    touch = page.context.new_cdp_session(page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    page.clock.run_for(1000)
    expect(preview).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.clock.run_for(1000)
    expect(preview).to_be_visible()
    assert page.url == address
    page.locator("h1").tap()
    expect(preview).to_be_hidden()
    link.tap()
    expect(page).not_to_have_url(address)


def test_previews_in_a_folder_and_without_javascript(open_page, content):
    home = (content / "site/glossary/customer/index.html").as_uri()
    page = open_page()
    page.goto(home)
    link = page.locator(PREVIEWED).first
    text = link.get_attribute("title")
    link.focus()
    expect(page.get_by_role("tooltip")).to_have_text(text)
    bare = open_page(java_script_enabled=False)
    bare.goto(home)
    expect(bare.locator(PREVIEWED).first).to_have_attribute("title", text)
