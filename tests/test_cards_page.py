"""The page of cards in a real browser: days of study by keyboard, and what is kept of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from chromium import until
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sites import ROOT
from test_accessibility import RUN_AXE, TAGS
from test_progress import mutants, packed

CARDS = "study/cards/"
PHONE, DESK = {"width": 390, "height": 800}, {"width": 1350, "height": 900}
MONDAY = datetime(2026, 3, 2, 17, tzinfo=UTC)  # six in the evening where the learner is
SITE = "Who Is the Customer?"
DEVICE = "d" * 16
READY = "#cards-page:not([hidden])"
# What the database holds, read by nothing of ours.
KEPT = f"""() => new Promise((resolve, reject) => {{
  const opened = indexedDB.open("termbook-{SITE}");
  opened.onerror = () => reject(opened.error);
  opened.onsuccess = () => {{
    const found = opened.result.transaction("log").objectStore("log").getAll();
    found.onsuccess = () => {{ opened.result.close(); resolve(found.result); }};
  }};
}})"""


# What the pages for practice keep: answers, and a round that is under way.
ANSWERED = """(key) => {
  const keep = (name, value) => localStorage.setItem(
    `termbook.study.${name}:/knowledge/`, JSON.stringify(value));
  keep("answers", [{key, right: false, when: 7}]);
  keep("run.exam", {items: [key], state: {at: 1}});
}"""


@pytest.fixture(params=["http", "file"])
def address(request, content: Path) -> str:
    """Where the page of cards is: on a server, and in a folder."""
    if request.param == "http":
        return request.getfixturevalue("site") + CARDS
    return (content / "site" / CARDS / "index.html").resolve().as_uri()


@pytest.fixture
def learner(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Opens the page of cards at an address on Monday evening, in a browser of its own."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def start(where: str = site + CARDS, **options: Any) -> Page:
        context = browser.new_context(**{
            "viewport": PHONE, "reduced_motion": "reduce", "timezone_id": "Europe/Berlin",
            "locale": "en", **options,
        })
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("console", lambda message: trouble.append(message.text))
        page.clock.set_fixed_time(MONDAY)
        page.goto(where)
        return page

    yield start
    for context in contexts:
        context.close()
    assert trouble == []


def ready(page: Page) -> None:
    page.wait_for_selector(READY)


def number(page: Page, name: str) -> int:
    """How many new cards, cards in learning or reviews the start shows."""
    return int(page.locator(f"[data-count={name}]").inner_text())


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.className")


def says(page: Page, text: str) -> None:
    expect(page.locator("[data-say]")).to_contain_text(text)


def front(page: Page) -> str:
    return page.locator("#cards-front").inner_text()


def answer(page: Page, key: str) -> str:
    """Answer the card in sight by keyboard; gives its front."""
    asked = front(page)
    before = len(page.evaluate(KEPT))
    page.keyboard.press("Space")
    expect(page.locator("[data-answer]")).to_be_visible()
    assert focused(page) == "cards-back"
    page.keyboard.press(key)
    expect(page.locator("[data-say]")).not_to_be_empty()
    until(page, f"async (number) => (await ({KEPT})()).length > number", before)
    return asked


def start(page: Page) -> None:
    """Go to the button that begins, by Tab alone, and press it."""
    page.locator("#cards-today").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-view=card]")).to_be_visible()
    assert "cards-card" in focused(page)


def load(page: Page, text: str) -> None:
    page.locator("[data-file]").set_input_files(
        {"name": "mine.json", "mimeType": "application/json", "buffer": text.encode()}
    )


def file(log: list[dict[str, Any]], **content: object) -> str:
    """A file of progress with a log."""
    return packed({
        "site": SITE, "created": "2026-03-01T12:00:00.000Z", "log": log,
        "settings": {"newPerDay": 20, "reviewsPerDay": 200, "retention": 0.9, "at": 0},
        "answers": {}, **content,
    })


def reviews(card: str, *days_and_grades: tuple[int, int]) -> list[dict[str, Any]]:
    """Reviews of a card, so many days before Monday."""
    today = int(MONDAY.timestamp()) // 86400
    return [{
        "id": f"{card}{place:08x}", "type": "review", "at": int(
            (MONDAY - timedelta(days=days, hours=1)).timestamp() * 1000) + place,
        "day": today - days, "device": DEVICE, "card": card, "grade": grade, "took": 4000,
    } for place, (days, grade) in enumerate(days_and_grades)]


@pytest.fixture(scope="session")
def cards(content: Path) -> list[dict[str, Any]]:
    """The cards of the site."""
    text = (content / "site" / "study" / "cards.js").read_text("utf-8")
    return json.loads(text.removeprefix("window.termbookCards="))["cards"]


def test_three_days_by_keyboard(learner, address):
    """Begun on Monday, gone on with on Tuesday and Thursday, on a phone, with a reload each."""
    page = learner(address)
    ready(page)
    assert (number(page, "fresh"), number(page, "learning"), number(page, "review")) == (20, 0, 0)
    page.locator("[data-setting=newPerDay]").fill("4")
    page.keyboard.press("Tab")
    says(page, "Kept.")
    start(page)
    easy = [answer(page, key) for key in "44"]
    slow = answer(page, "3")
    failed = answer(page, "1")
    assert len({*easy, slow, failed}) == 4
    # The steps of learning come when nothing else is left, the soonest first.
    assert answer(page, "3") == failed
    assert {answer(page, "3"), answer(page, "3")} == {slow, failed}
    expect(page.locator("[data-view=start]")).to_be_visible()
    assert focused(page) == "cards-today"
    says(page, "All done for now")
    expect(page.locator("[data-outlook]")).to_contain_text("All done for today. Reviews go on")
    page.clock.set_fixed_time(MONDAY + timedelta(hours=9, minutes=30))  # 3:30 in the morning
    page.reload()
    ready(page)
    assert number(page, "fresh") == 0
    page.clock.set_fixed_time(MONDAY + timedelta(days=1))
    page.reload()
    ready(page)
    assert (number(page, "fresh"), number(page, "review")) == (4, 1)
    start(page)
    assert failed in [answer(page, "4") for _ in range(5)]
    page.clock.set_fixed_time(MONDAY + timedelta(days=3))
    page.reload()
    ready(page)
    assert (number(page, "fresh"), number(page, "review")) == (4, 1)
    start(page)
    assert slow in [answer(page, "4") for _ in range(5)]
    log = page.evaluate(KEPT)
    assert [one["type"] for one in log] == ["review"] * 17
    assert len({one["day"] for one in log}) == 3 and len({one["device"] for one in log}) == 1
    expect(page.locator("[data-statistics]")).to_contain_text("5 reviews today")


def test_other_keys(learner):
    """Undo several steps, suspend, bury and stop; letters do nothing elsewhere on the page."""
    page = learner()
    ready(page)
    start(page)
    first = answer(page, "3")
    second = answer(page, "2")
    page.keyboard.press("s")
    says(page, "Suspended")
    page.keyboard.press("b")
    says(page, "tomorrow")
    for seen in range(2):
        page.keyboard.press("u")
        until(page, f"async (number) => (await ({KEPT})()).length === number", 5 + seen)
    page.keyboard.press("u")
    expect(page.locator("#cards-front")).to_have_text(second)
    page.keyboard.press("u")
    expect(page.locator("#cards-front")).to_have_text(first)
    expect(page.locator("[data-answer]")).to_be_hidden()
    page.keyboard.press("u")
    says(page, "nothing to undo")
    page.keyboard.press("Escape")
    expect(page.locator("[data-view=start]")).to_be_visible()
    assert number(page, "fresh") == 20
    assert [one["type"] for one in page.evaluate(KEPT)].count("undo") == 4
    page.locator("[data-settings] input").first.focus()
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("u")
    page.keyboard.press("3")
    assert len(page.evaluate(KEPT)) == 8


def test_by_pointer(learner, site, cards):
    """Every button says what it does, and when the card would come again."""
    page = learner()
    ready(page)
    page.get_by_role("button", name="Study", exact=True).click()
    asked = next(card for card in cards if card["front"] == front(page))
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator("#cards-back")).to_contain_text(asked["back"].split("\n")[0])
    for name in ("Again 1 min", "Hard 6 min", "Good 10 min", "Easy 8 d"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    page.get_by_role("link", name="More on its page").click()
    expect(page).to_have_url(site + asked["address"])
    page.go_back()
    ready(page)
    page.get_by_role("button", name="Study", exact=True).click()
    page.get_by_role("button", name="Show the answer").click()
    page.get_by_role("button", name="Easy 8 d").click()
    says(page, "Easy: again in 8 days.")


def test_decks(learner, cards):
    """Filters choose cards, and what cannot be chosen is said."""
    page = learner()
    ready(page)
    page.locator(".cards-decks summary").click()
    page.get_by_label("Scenario", exact=True).select_option("internal-it")
    cast = [card for card in cards if card.get("scenario") == "internal-it"]
    expect(page.locator("[data-chosen]")).to_have_text(f"{len(cast)} of {len(cards)} cards")
    assert number(page, "fresh") == len(cast) < 20
    page.get_by_label("Who is who").uncheck()
    expect(page.locator("[data-do=start]")).to_be_disabled()
    expect(page.locator("[data-outlook]")).to_have_text("There is nothing to learn here.")


def test_a_leech_is_set_aside_and_brought_back(learner, cards):
    card = cards[0]
    log = reviews(card["key"], (90, 4), *((80 - 10 * lapse, grade) for lapse in range(7)
                                         for grade in (1, 3)))
    page = learner()
    ready(page)
    load(page, file(log))
    says(page, "15 new")
    assert number(page, "review") == 1
    page.locator("[data-setting=newPerDay]").fill("0")
    page.keyboard.press("Tab")
    expect(page.locator("[data-count=fresh]")).to_have_text("0")
    start(page)
    assert answer(page, "1") == card["front"]
    aside = page.locator("[data-aside] li")
    expect(aside).to_contain_text("forgotten 8 times")
    says(page, "forgotten 8 times")
    aside.get_by_role("button").click()
    expect(aside).to_have_count(0)
    expect(page.locator("[data-count=learning]")).to_have_text("1")


def test_two_tabs_lose_nothing(learner):
    """Each sees what the other did; both undo what this browser did last."""
    page = learner()
    ready(page)
    other = page.context.new_page()
    other.clock.set_fixed_time(MONDAY + timedelta(seconds=5))
    other.goto(page.url)
    ready(other)
    start(page)
    start(other)
    assert front(page) == front(other)
    asked = answer(page, "3")
    expect(other.locator("#cards-front")).not_to_have_text(asked)
    expect(other.locator("[data-left=learning]")).to_have_text("1 in learning")
    second = answer(other, "3")
    assert second != asked
    expect(page.locator("#cards-front")).not_to_have_text(second)
    answer(page, "4")
    log = page.evaluate(KEPT)
    assert len(log) == len({one["card"] for one in log}) == 3
    assert len({one["device"] for one in log}) == 1


def test_export_clear_import(learner, site):
    """A file takes everything to another browser, whose own reviews stay; twice changes nothing."""
    page = learner()
    ready(page)
    start(page)
    answer(page, "3")
    page.keyboard.press("Escape")
    page.evaluate(ANSWERED, "a")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export to a file").click()
    text = download.value.path().read_text("utf-8")
    assert download.value.suggested_filename == "termbook-progress-2026-03-02.json"
    says(page, "Exported as termbook-progress-2026-03-02.json")
    expect(page.locator("[data-kept]")).to_contain_text("last exported Mar 2, 2026")
    other = learner()
    ready(other)
    other.evaluate(ANSWERED, "b")
    start(other)
    other.keyboard.press("b")
    says(other, "tomorrow")
    answer(other, "1")
    other.keyboard.press("Escape")
    load(other, text)
    says(other, "Imported “mine.json”: 1 new.")
    assert len(other.evaluate(KEPT)) == 3
    practised = other.evaluate("localStorage.getItem('termbook.study.answers:/knowledge/')")
    assert [one["key"] for one in json.loads(practised)] == ["a", "b"]
    under_way = other.evaluate("localStorage.getItem('termbook.study.run.exam:/knowledge/')")
    assert json.loads(under_way)["items"] == ["b"]
    load(other, text)
    says(other, "holds nothing new")
    other.reload()
    ready(other)
    expect(other.locator("[data-kept]")).to_contain_text("2 reviews")


def test_damaged_files_change_nothing(learner):
    """Two hundred of them, one after the other: nothing kept is another, nor what is shown."""
    page = learner()
    ready(page)
    start(page)
    answer(page, "3")
    page.keyboard.press("Escape")
    page.evaluate(ANSWERED, "a")
    all_kept = f"async () => JSON.stringify([await ({KEPT})(), {{...localStorage}}])"
    before = page.evaluate(all_kept)
    texts = [text for text in mutants() if len(text) < 2**20]
    assert len(texts) >= 200
    count = page.evaluate(
        """async ([texts, site]) => {
          const {parse, Refusal} = termbookProgress;
          const store = await termbookStore.open(site, () => {});
          let refused = 0;
          for (const text of texts) {
            try {
              await store.take(parse(text, site));
            } catch (error) {
              if (!(error instanceof Refusal)) throw error;
              refused += 1;
            }
          }
          return refused;
        }""", [texts, SITE])
    assert count == len(texts)
    assert page.evaluate(all_kept) == before
    for text, words in (("{", "it is not a file of study progress"), (texts[0], "It is")):
        load(page, text)
        says(page, "was not imported, and nothing has changed.")
        says(page, words)
    assert page.evaluate(all_kept) == before
    assert page.evaluate("({}).polluted === undefined && Object.keys(Object.prototype).length") == 0


BROKEN = {
    "missing": ("Object.defineProperty(window, 'indexedDB', {value: undefined})",
                "does not keep your reviews"),
    "refused": ("IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError') }",
                "does not keep your reviews"),
    "full": ("IDBObjectStore.prototype.put = function () { "
             "if (this.name === 'log') throw new DOMException('', 'QuotaExceededError'); "
             "return this.add(...arguments); }", "has no more room"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_browser_that_keeps_nothing_says_so(learner, site, kind):
    """Study goes on, and an export holds what could not be kept."""
    script, words = BROKEN[kind]
    page = learner("about:blank")
    page.add_init_script(script)
    page.goto(site + CARDS)
    ready(page)
    start(page)
    page.keyboard.press("Space")
    page.keyboard.press("3")
    says(page, "Good: again in 10 minutes.")
    expect(page.locator("[data-notice]")).to_contain_text(words)
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export to a file").click()
    assert len(json.loads(download.value.path().read_text("utf-8"))["content"]["log"]) == 1


def test_progress_that_was_cleared_is_missed(learner, site):
    """A browser that threw the database away is found out."""
    page = learner()
    ready(page)
    start(page)
    answer(page, "3")
    page.goto("about:blank")
    page.goto(site)
    page.evaluate("""(name) => new Promise((resolve) => {
      indexedDB.deleteDatabase(name).onsuccess = resolve;
    })""", f"termbook-{SITE}")
    page.goto(site + CARDS)
    ready(page)
    expect(page.locator("[data-notice]")).to_contain_text("has cleared what it had kept")


def test_many_reviews_without_an_export_are_reminded_of(learner, cards):
    page = learner()
    ready(page)
    load(page, file([one for card in cards[:100] for one in reviews(card["key"], (3, 4))]))
    expect(page.locator("[data-notice]")).to_contain_text("100 reviews since your last export")
    with page.expect_download():
        page.get_by_role("button", name="Export to a file").click()
    expect(page.locator("[data-notice]")).to_be_hidden()


def test_what_cannot_be_read_counts_for_nothing(learner):
    """An entry that something else wrote into the database does not keep the page from opening."""
    page = learner()
    ready(page)
    start(page)
    answer(page, "3")
    page.evaluate("""(name) => new Promise((resolve) => {
      const opened = indexedDB.open(name);
      opened.onsuccess = () => {
        const change = opened.result.transaction("log", "readwrite");
        change.objectStore("log").put({id: "x", type: "review", grade: 99});
        change.oncomplete = () => { opened.result.close(); resolve(); };
      };
    })""", f"termbook-{SITE}")
    page.reload()
    ready(page)
    expect(page.locator("[data-notice]")).to_contain_text("1 entry of what this browser kept")
    expect(page.locator("[data-kept]")).to_contain_text("1 review kept")


# Everyone


def to_start(page: Page) -> None:
    page.evaluate("document.querySelectorAll('#cards-page details').forEach((one) => "
                  "{ one.open = true; })")


def to_question(page: Page) -> None:
    start(page)


def to_answer(page: Page) -> None:
    page.keyboard.press("Space")
    expect(page.locator("[data-grades]")).to_be_visible()


def to_statistics(page: Page) -> None:
    page.keyboard.press("2")
    says(page, "Hard")
    page.keyboard.press("s")
    says(page, "Suspended")
    page.keyboard.press("Escape")
    page.evaluate("document.querySelectorAll('#cards-page details').forEach((one) => "
                  "{ one.open = true; })")
    expect(page.locator(".chart svg").first).to_be_visible()


STATES = (to_start, to_question, to_answer, to_statistics)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(learner, viewport, scheme):
    """At the start, on a question, on its answer, and among statistics and what is set aside."""
    page = learner(viewport=viewport, color_scheme=scheme)
    ready(page)
    page.evaluate(AXE_SCRIPT)
    found = []
    for enter in STATES:
        enter(page)
        found += [f"{enter.__name__}: {one}" for one in page.evaluate(RUN_AXE, TAGS)]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("forced", ["active", "none"])
def test_fits_the_smallest_phone(learner, forced):
    """Nothing is wider than 320 px in any state, and no style stands in the page."""
    page = learner(viewport={"width": 320, "height": 640}, forced_colors=forced)
    ready(page)
    for enter in STATES:
        enter(page)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert page.evaluate("""[...document.querySelectorAll("#cards-page *")]
      .flatMap((one) => one.getAttributeNames())
      .filter((name) => name === "style" || name.startsWith("on"))""") == []


def test_every_chart_has_its_numbers(learner, cards):
    page = learner()
    ready(page)
    load(page, file([one for card in cards[:9] for one in reviews(card["key"], (5, 4), (0, 3))]))
    expect(page.locator(".chart")).to_have_count(4)
    for chart in page.locator(".chart").all():
        label = chart.locator("svg").first.get_attribute("aria-label")
        assert label and label[-1] in ".g"
        expect(chart.locator("table")).to_have_count(1)
    rows = page.locator(".chart").first.locator("tbody tr").all_text_contents()
    assert rows[-1] == "Mar 291"  # day, reviews, minutes


def test_without_javascript(browser, site):
    """The page says where the definitions are, and offers nothing that would not work."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site + CARDS)
        expect(page.get_by_text("This page needs JavaScript")).to_be_visible()
        expect(page.locator("article button:visible")).to_have_count(0)
        page.locator(".cards-off").get_by_role("link", name="glossary").click()
        expect(page).to_have_url(site + "glossary/")


def test_study_scripts_are_light_and_only_where_they_are_used(content):
    """Together less than 40 KB in gzip; the page of cards alone asks for its own."""
    site = content / "site"
    scripts = [site / "assets/study" / path.relative_to(ROOT / "theme/assets/study")
               for path in (ROOT / "theme/assets/study").rglob("*.js")]
    sizes = {path.name: len(gzip.compress(path.read_bytes(), mtime=0)) for path in scripts}
    print(sizes)
    assert sum(sizes.values()) <= 40 * 1024
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert ("assets/study/store.js" in text) == (page.parent == site / "study/cards"), page
