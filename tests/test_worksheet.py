"""The worksheet of the study group: filled in, kept, saved, loaded and printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from playwright.sync_api import Browser, Locator, Page, expect

TASK = "session/task/"
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yml"))
DEFAULT, OTHER = "ad-funded-platform", "internal-it"
SCRIPT = ROOT / "theme" / "assets" / "worksheet.js"
FILLED = Path(__file__).parent / "worksheet.json"
SHEET = json.loads(FILLED.read_text("utf-8"))
ANSWERS: dict[str, str] = SHEET["answers"]
FIELDS = "#ws-form textarea, #ws-form input"
AWKWARD = {
    "name": "Nguyễn “Ana” </script><b>",
    "product": "two\nlines, a tab\t and \\n\\u0000 as written",
    "pays": "العملاء 👩‍👩‍👧‍👦 ${x} {{ 7 * 7 }}",
    "chooses": "  spaces at both ends  ",
    "uses": "__proto__",
}

# What is no worksheet of this site, and words of the message that says so.
REFUSED: dict[str, tuple[bytes | dict[str, Any], str]] = {
    "not JSON": (b"{", "not a worksheet at all"),
    "cut short": (FILLED.read_bytes()[:-9], "not a worksheet at all"),
    "binary": (b"\x89PNG\xff\xfe", "cannot be read as text"),
    "a list": (b"[]", "not a worksheet of this site"),
    "foreign": (b'{"format": "deck", "version": 1}', "not a worksheet of this site"),
    "later": ({"version": 2}, "has version 2, and this page reads version 1"),
    "scenario": ({"scenario": "moon-base"}, "a scenario that this page does not have"),
    "no answers": ({"answers": None}, "the answers are missing"),
    "unknown": ({"answers": {"name": "Minh", "shoe-size": "38"}}, "no place for “shoe-size”"),
    "prototype": ({"answers": {"__proto__": "x"}}, "no place for “__proto__”"),
    "number": ({"answers": {"name": 7}}, "“name” is not a text"),
    "long": ({"answers": {"name": "x" * 201}}, "“name” is too long"),
    "huge": (b" " * 2**20 + b"{}", "far too large"),
}


def load(page: Page, content: bytes | dict[str, Any]) -> None:
    """Load a file: bytes as they are, or the filled worksheet with changes."""
    if not isinstance(content, bytes):
        content = json.dumps({**SHEET, **content}).encode()
    page.locator("[data-file]").set_input_files(
        {"name": "sheet.json", "mimeType": "application/json", "buffer": content}
    )


def status(page: Page) -> Locator:
    """What the page says about the last thing that was done."""
    return page.locator("[data-status]")


def choice(page: Page) -> Locator:
    """Where the reader chooses a scenario."""
    return page.locator("article").get_by_label("Scenario", exact=True)


def press(page: Page, name: str) -> None:
    page.locator("article").get_by_role("button", name=name, exact=True).first.click()


def write(page: Page, answers: dict[str, str]) -> None:
    """Write the answers as a reader would, who asks for one more row when none is left."""
    for name, text in answers.items():
        field = page.locator(f"[name={name}]")
        if not field.is_visible():
            page.locator(".ws-table", has=field).locator("xpath=following-sibling::button").click()
        field.fill(text)


def answers(page: Page) -> dict[str, str]:
    """Every answer that is not empty."""
    return page.evaluate(
        "fields => Object.fromEntries([...document.querySelectorAll(fields)]"
        ".filter(field => field.value).map(field => [field.name, field.value]))", FIELDS,
    )


def kept(page: Page) -> dict[str, str]:
    """What the browser keeps of the worksheets: scenario → text."""
    stored = page.evaluate("({...localStorage})")
    prefix = "termbook-worksheet:"
    return {key.removeprefix(prefix): stored[key] for key in stored if key.startswith(prefix)}


def save(page: Page) -> bytes:
    with page.expect_download() as download:
        press(page, "Save to a file")
    assert download.value.suggested_filename == f"worksheet-{DEFAULT}.json"
    return download.value.path().read_bytes()


def sheets(page: Page) -> int:
    """How many pages of A4 it prints on."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def focused(page: Page) -> str:
    """The name or the text of what has the focus."""
    return page.evaluate("document.activeElement.name || document.activeElement.textContent")


@pytest.fixture
def bare(browser: Browser, site: str):
    """A page in a browser without JavaScript."""
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        yield context.new_page()


def test_fill_reload_save_clear_load(page):
    """Answers survive a reload at once, and everything else in a file."""
    page.goto(TASK)
    write(page, ANSWERS)
    page.reload()
    assert answers(page) == ANSWERS
    file = save(page)
    assert json.loads(file) == SHEET
    assert file == FILLED.read_bytes()
    press(page, "Clear")
    page.locator("dialog").get_by_role("button", name="Clear").click()
    expect(status(page)).to_contain_text("is empty")
    assert (answers(page), kept(page)) == ({}, {})
    load(page, file)
    expect(status(page)).to_contain_text("Loaded “sheet.json”")
    assert answers(page) == ANSWERS
    page.reload()
    assert answers(page) == ANSWERS


def test_awkward_answers_come_back_as_they_were(page):
    page.goto(TASK)
    write(page, AWKWARD)
    file = save(page)
    assert json.loads(file)["answers"] == AWKWARD
    page.evaluate("localStorage.clear()")
    page.reload()
    load(page, file)
    expect(status(page)).to_contain_text("Loaded")
    assert answers(page) == AWKWARD


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_is_no_worksheet_changes_nothing(page, kind):
    content, message = REFUSED[kind]
    page.goto(TASK)
    write(page, {"name": "Minh", "unsure": "All of it"})
    before = kept(page)
    load(page, content)
    expect(status(page)).to_contain_text("“sheet.json” was not loaded")
    expect(status(page)).to_contain_text(message)
    assert (answers(page), kept(page)) == ({"name": "Minh", "unsure": "All of it"}, before)


def test_loading_over_answers_asks_first(page):
    page.goto(TASK)
    write(page, {"name": "Minh"})
    before = kept(page)
    load(page, {})
    page.locator("dialog").get_by_role("button", name="Cancel").click()
    expect(status(page)).to_contain_text("Nothing was loaded")
    assert (answers(page), kept(page)) == ({"name": "Minh"}, before)
    load(page, {})
    page.locator("dialog").get_by_role("button", name="Replace").click()
    expect(status(page)).to_contain_text("Loaded")
    assert answers(page) == ANSWERS


def test_a_file_opens_the_scenario_it_was_written_for(page):
    page.goto(TASK)
    write(page, {"name": "Minh"})
    load(page, {"scenario": OTHER})
    expect(choice(page)).to_have_value(OTHER)
    expect(page).to_have_url(re.compile(f"scenario={OTHER}$"))
    assert answers(page) == ANSWERS
    choice(page).select_option(DEFAULT)
    assert answers(page) == {"name": "Minh"}


def test_clearing_asks_first_and_leaves_other_scenarios(page):
    page.goto(f"{TASK}?scenario={OTHER}")
    write(page, {"name": "Ana"})
    page.goto(TASK)
    write(page, {"name": "Minh"})
    press(page, "Clear")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    assert answers(page) == {"name": "Minh"}
    press(page, "Clear")
    page.locator("dialog").get_by_role("button", name="Clear").click()
    expect(status(page)).to_contain_text("is empty")
    assert list(kept(page)) == [OTHER]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_opens_with_its_own_words(page, book, scenario):
    page.goto(f"{TASK}?scenario={scenario}")
    label = book.scenarios[scenario].label
    expect(choice(page).locator("option:checked")).to_have_text(label)
    expect(page.locator(".ws-situation:visible h3")).to_contain_text(label)
    shown = page.locator("[data-for]:visible")
    assert {text.get_attribute("data-for") for text in shown.all()} == {scenario}
    # The situation, and what is asked about the product, the people and two of the measures.
    expect(shown).to_have_count(5)


def test_without_a_known_scenario_the_exercise_opens(page):
    for query in ("", "?scenario=moon-base"):
        page.goto(TASK + query)
        expect(choice(page)).to_have_value(DEFAULT)


def test_choosing_a_scenario_is_in_the_address(page):
    page.goto(TASK)
    choice(page).select_option("Single client")
    expect(page).to_have_url(re.compile(r"\?scenario=single-client$"))
    expect(page.locator(".ws-situation:visible")).to_contain_text("boutique")
    assert set(choice(page).locator("option").evaluate_all(
        "options => options.map(option => option.value)")) == set(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("given", [{}, ANSWERS], ids=["empty", "filled"])
def test_prints_on_two_pages(page, scenario, given):
    page.goto(f"{TASK}?scenario={scenario}")
    load(page, {"scenario": scenario, "answers": given})
    expect(status(page)).to_contain_text("Loaded")
    assert sheets(page) == 2


def test_print_shows_the_sheet_alone_and_every_answer(page):
    page.goto(TASK)
    load(page, {})
    expect(status(page)).to_contain_text("Loaded")
    page.emulate_media(media="print")
    for other in ("h1", ".ws-situation", ".ws-buttons", ".ws-status", ".ws-more"):
        expect(page.locator(f"article {other}").first).to_be_hidden()
    expect(page.locator("[data-given]")).to_contain_text("large social network")
    printed = page.evaluate("""[...document.querySelectorAll(".ws-box")]
      .filter(box => box.checkVisibility())
      .filter(box => getComputedStyle(box, "::after").visibility === "visible")
      .map(box => box.dataset.text)""")
    assert printed == list(ANSWERS.values())


def test_an_empty_row_waits_until_it_is_asked_for(page):
    page.goto(TASK)
    rows = page.locator(".ws-stakeholder .ws-row:visible")
    expect(rows).to_have_count(4)
    press(page, "One more stakeholder")
    expect(rows).to_have_count(5)
    assert focused(page) == "stakeholder-5-who"
    page.locator("[name=stakeholder-5-brings]").fill("A rule")
    page.reload()
    expect(rows).to_have_count(5)
    for _ in range(5):
        press(page, "One more stakeholder")
    expect(rows).to_have_count(10)
    expect(page.get_by_role("button", name="One more stakeholder")).to_be_hidden()


def test_by_keyboard_alone(page):
    """From the scenario through every field to the last button, and out of the dialog."""
    page.goto(TASK)
    for _ in range(60):
        if page.evaluate("document.activeElement.id") == "ws-scenario":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("Internal")
    expect(page.locator(".ws-situation:visible")).to_contain_text("call centre")
    order = []
    while not order or order[-1] != "unsure":
        page.keyboard.press("Tab")
        order += [name for name in [focused(page)] if name != "¶"]
        if order and order[-1] in ANSWERS:
            page.keyboard.type(f"to {order[-1]}")
    assert order[:5] == ["Save to a file", "Load from a file", "Print", "Clear", "name"]
    shown = [field.get_attribute("name") for field in page.locator(FIELDS).all()
             if field.is_visible()]
    assert [name for name in order if name in ANSWERS] == shown
    assert answers(page) == {name: f"to {name}" for name in shown}
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "Cancel"
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_hidden()
    assert focused(page) == "Clear"
    assert answers(page) != {}
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("is empty")
    assert answers(page) == {}


def test_every_field_has_a_label_and_every_row_a_name(page):
    page.goto(TASK)
    assert page.evaluate("""fields => [...document.querySelectorAll(fields)]
      .filter(field => field.labels.length !== 1 || !field.labels[0].textContent.trim())
      .map(field => field.name)""", FIELDS) == []
    names = page.locator(FIELDS).evaluate_all("fields => fields.map(field => field.name)")
    assert sorted(names) == sorted(ANSWERS), "tests/worksheet.json has every field"
    advertiser = page.get_by_role("group", name="Advertiser")
    expect(advertiser.get_by_label("What I measure")).to_have_attribute("name", "measure-3-what")
    second = page.get_by_role("group", name="Person 2")
    expect(second.get_by_label("How often")).to_have_attribute("name", "person-2-rhythm")


@pytest.mark.parametrize("width", [320, 390, 768, 1350])
def test_a_filled_sheet_fits_the_window(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(TASK)
    load(page, {"answers": {**ANSWERS, "name": "W" * 200, "pays": "W" * 400}})
    expect(status(page)).to_contain_text("Loaded")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    hidden = page.evaluate("""[...document.querySelectorAll("#ws-form textarea")]
      .filter(field => field.scrollHeight > field.clientHeight + 1).map(field => field.name)""")
    assert hidden == []


def test_two_tabs_show_the_same_sheet(page):
    page.goto(TASK)
    other = page.context.new_page()
    other.goto(TASK)
    write(page, {"name": "Minh"})
    expect(other.locator("[name=name]")).to_have_value("Minh")


def test_a_browser_that_keeps_nothing_says_so(page):
    page.add_init_script("""const setItem = Storage.prototype.setItem;
      Storage.prototype.setItem = function (key, value) {
        if (key.startsWith("termbook-worksheet:")) throw new DOMException("full");
        setItem.call(this, key, value);
      }""")
    page.goto(TASK)
    warning = page.get_by_text("does not let the page keep your answers")
    expect(warning).to_be_hidden()
    write(page, {"name": "Minh"})
    expect(warning).to_be_visible()
    choice(page).select_option(OTHER)
    assert answers(page) == {}
    choice(page).select_option(DEFAULT)
    assert answers(page) == {"name": "Minh"}


def test_a_kept_sheet_that_cannot_be_read_is_set_aside(page):
    page.goto(TASK)
    page.evaluate("key => localStorage.setItem(key, '{')", f"termbook-worksheet:{DEFAULT}")
    page.reload()
    expect(status(page)).to_contain_text("could not be read")
    write(page, {"name": "Minh"})
    assert kept(page)[f"{DEFAULT}:unreadable"] == "{"


def test_from_a_folder(browser, content):
    """The unzipped site needs no server: answers are kept and scenarios open there too."""
    with browser.new_context() as context:
        page = context.new_page()
        errors: list[object] = []
        page.on("pageerror", lambda error: errors.append(error))
        address = (content / "site" / TASK / "index.html").as_uri()
        page.goto(address)
        write(page, {"name": "Minh"})
        choice(page).select_option(OTHER)
        expect(page.locator(".ws-situation:visible")).to_contain_text("call centre")
        page.goto(f"{address}?scenario={DEFAULT}")
        assert answers(page) == {"name": "Minh"}
        assert json.loads(save(page))["answers"] == {"name": "Minh"}
        assert errors == []


def test_without_javascript(bare):
    """All four situations can be read, nothing is offered that would not work, and it prints."""
    bare.goto(TASK)
    expect(bare.locator(".ws-situation:visible")).to_have_count(len(SCENARIOS))
    expect(bare.locator(FIELDS).first).to_be_visible()
    expect(bare.locator(".ws-row:visible")).to_have_count(5 + 6 + 5 + 10)
    assert [one.inner_text() for one in bare.locator("article button:visible").all()] == []
    expect(bare.get_by_text("Without JavaScript this sheet keeps nothing")).to_be_visible()
    assert sheets(bare) == 2


def test_nothing_inline(page):
    """A content security policy without exceptions lets the sheet work."""
    page.goto(TASK)
    load(page, {})
    expect(status(page)).to_contain_text("Loaded")
    assert page.evaluate("""[...document.querySelectorAll("[class^=ws]")]
      .flatMap(element => element.getAttributeNames())
      .filter(name => name === "style" || name.startsWith("on"))""") == []


def test_the_file_format_needs_no_page(browser):
    """Worksheet files are written and read without fields, storage or site."""
    with browser.new_context() as context:
        page = context.new_page()
        page.add_script_tag(path=SCRIPT)
        text = page.evaluate(
            "answers => TermbookWorksheet.serialise('here', answers)", {**AWKWARD, "date": ""}
        )
        read = page.evaluate("""([text, fields]) => TermbookWorksheet.parse(
          text, new Set(["here"]), new Map(fields.map(field => [field, 100])))""",
          [text, [*AWKWARD, "date"]])
    assert list(json.loads(text)) == ["format", "version", "scenario", "answers"]
    assert read == {"scenario": "here", "answers": {**AWKWARD, "date": ""}}
