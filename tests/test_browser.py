"""What readers do, in a real Chromium on the real site; see also the fixture `page`."""

from __future__ import annotations

import re

import pytest
from conftest import FORMER, REPOSITORY
from playwright.sync_api import Locator, Page, expect

from termbook.alphabet import initial

WIDTHS = (390, 1350)


@pytest.fixture(params=WIDTHS, ids="{}px".format)
def page(page: Page, request) -> Page:
    page.set_viewport_size({"width": request.param, "height": 900})
    return page


@pytest.fixture
def bare(browser, site):
    """A page in a browser without JavaScript."""
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        yield context.new_page()


def title(page: Page) -> Locator:
    return page.locator("article h1")


def customers(page: Page) -> Locator:
    """The row of the grid that tells who the customer is in each scenario."""
    return page.locator("tr", has=page.get_by_role("link", name="Customer", exact=True))


def search(page: Page, words: str) -> list[str]:
    """The addresses of the pages found, best first."""
    field = page.locator("header input[name=query]")
    phone = page.viewport_size["width"] < 960
    (page.locator("header .toggles-search") if phone else field).click()
    expect(field).to_be_focused()
    page.keyboard.type(words)
    results = page.locator(".md-search-result__item > .md-search-result__link")
    expect(results.first).to_be_visible()
    return [link.get_attribute("href").partition("?")[0] for link in results.all()]


def test_home_leads_to_a_scenario(page):
    page.goto("./")
    expect(title(page)).to_contain_text("Who is the customer?")
    page.get_by_role("link", name="A platform paid for by advertising").click()
    expect(title(page)).to_contain_text("Ad-funded platform")


def test_term(page, book):
    """A term opens with its definition and says what it is in each scenario."""
    page.goto("glossary/customer/")
    customer = book.terms["customer"]
    expect(page.locator("article .definition")).to_have_text(customer.definition)
    tabs = page.locator(".tabbed-labels label")
    expect(tabs).to_have_text([part.scenario.label for part in book.plays_in["customer"]])
    claims = page.locator("h2#who-says-what + ul > li")
    expect(claims).to_have_count(len(customer.claims))
    expect(page.get_by_role("heading", name="Used in")).to_be_visible()


def test_scenario(page, book):
    """A scenario shows who is who, draws what passes between them, and has it as a table too."""
    page.goto("scenarios/ad-funded-platform/")
    scenario = book.scenarios["ad-funded-platform"]
    for cast in scenario.cast:
        expect(page.locator(f"#cast-{cast.role}")).to_contain_text(cast.player)
    figure = page.locator("svg.tb-flows")
    expect(figure).to_be_visible()
    expect(figure.locator(".tb-arrow")).to_have_count(len(scenario.flows))
    table = page.locator("details table")
    expect(table).to_be_hidden()
    page.get_by_text("The same as a table").click()
    expect(table).to_be_visible()
    figure.get_by_role("link", name="Regulator").click()
    expect(title(page)).to_contain_text("Regulator")


def test_letter_bar(page, book):
    """Each letter of the bar leads to the terms that begin with it."""
    page.goto("glossary/")
    letters = sorted({initial(term) for term in book.terms.values()})
    expect(page.locator(".letters .letter")).to_have_text(letters)
    page.locator(".letters").get_by_text("S", exact=True).click()
    expect(page).to_have_url(re.compile("#letter-s$"))
    expect(page.locator("#letter-s")).to_be_in_viewport()


def test_group_filter(page, book):
    """The filter leaves one group's terms, and its choice is in the address, which can be sent."""
    page.goto("glossary/")
    shown = page.locator("dt:visible > a")
    expect(shown).to_have_count(len(book.terms))
    page.get_by_label("Show").select_option("scrum")
    expect(page).to_have_url(re.compile(r"\?group=scrum$"))
    group = [term for term in book.terms.values() if term.group == "scrum"]
    assert sorted(shown.all_text_contents()) == sorted(term.label for term in group)
    letters = page.locator(".letters .letter:visible").all_text_contents()
    assert letters == sorted({initial(term) for term in group}), "a letter leads nowhere"
    page.reload()
    expect(page.get_by_label("Show")).to_have_value("scrum")
    expect(shown).to_have_count(len(group))
    page.get_by_label("Show").select_option("every group")
    expect(shown).to_have_count(len(book.terms))
    assert "group" not in page.url


def test_grid_leads_to_the_reason(page, book):
    page.goto("scenarios/")
    part = next(p for p in book.scenarios["ad-funded-platform"].cast if p.role == "customer")
    customers(page).get_by_text(part.player).click()
    expect(page).to_have_url(re.compile("/scenarios/ad-funded-platform/#cast-customer$"))
    reason = page.locator("#cast-customer")
    expect(reason).to_be_in_viewport()
    expect(reason).to_contain_text(part.why)


@pytest.mark.parametrize(("words", "term"), [
    ("customer", "customer"), ("sme", "subject-matter-expert"),
    ("legislator", "regulator"),
], ids=["label", "alternative", "hidden"])
def test_search(page, book, words, term):
    """Search finds a term first by its label, by an alternative and by a hidden label."""
    entry = book.terms[term]
    names = (entry.label, *entry.alt_labels, *entry.hidden_labels)
    assert words in map(str.lower, names)
    page.goto("./")
    assert search(page, words)[0].endswith(f"/glossary/{term}/")


def reach(link: Locator, way: str) -> None:
    if way == "mouse":
        return link.hover()
    link.focus()
    link.page.keyboard.press("Shift+Tab")
    return link.page.keyboard.press("Tab")


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_preview(page, book, way):
    """Mouse and keyboard get the definition before a link is followed; a scenario adds its own."""
    regulator = book.terms["regulator"].definition
    page.goto("glossary/customer/")
    reach(page.get_by_role("link", name="regulator", exact=True).first, way)
    expect(page.get_by_role("tooltip")).to_have_text(regulator)
    page.goto("scenarios/ad-funded-platform/")
    reach(page.locator("#cast-regulator a").first, way)
    expect(page.get_by_role("tooltip")).to_have_text(re.compile(f"Here: .*{re.escape(regulator)}"))


def test_scenario_follows_the_reader(page):
    """A scenario chosen on one page is the open one on the next."""
    page.goto("glossary/customer/")
    page.locator(".tabbed-labels").get_by_text("Single client").click()
    page.goto("glossary/end-user/")
    name = page.locator(".tabbed-set input:checked").get_attribute("id")
    expect(page.locator(f"label[for={name}]")).to_have_text("Single client")


def test_moved_page_keeps_the_fragment(page):
    page.goto(f"glossary/{FORMER}/?h=x#who-says-what")
    expect(page).to_have_url(re.compile(r"/glossary/customer/\?h=x#who-says-what$"))
    expect(page.locator("#who-says-what")).to_be_in_viewport()


@pytest.mark.parametrize(("path", "file"), [
    ("glossary/customer/", "glossary/customer.yml"),
    ("scenarios/internal-it/", "scenarios/internal-it.yml"),
    ("about/", "docs/about.md"),
])
def test_edit_button_leads_to_the_file(page, content, path, file):
    page.goto(path)
    button = page.get_by_role("link", name="Edit this page")
    expect(button).to_have_attribute("href", f"{REPOSITORY}/edit/main/{file}")
    assert (content / file).is_file()


def test_dark_mode(page):
    """The toggle darkens the page, and the next one too."""
    page.goto("./")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_title("Switch to dark mode").click()
    expect(page.locator("body")).not_to_have_css("background-color", light)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto("glossary/customer/")
    expect(page.locator("body")).to_have_css("background-color", dark)
    page.get_by_title("Switch to light mode").click()
    expect(page.locator("body")).to_have_css("background-color", light)


def test_without_javascript(bare, book):
    """Definitions, grid, index, tabs and moved pages need no script."""
    bare.goto("glossary/")
    expect(bare.locator("dt > a")).to_have_count(len(book.terms))
    for term in ("acceptance-criteria", "user"):
        expect(bare.get_by_text(book.terms[term].definition)).to_be_visible()
    bare.goto("scenarios/")
    customers(bare).get_by_role("link").last.click()
    expect(bare).to_have_url(re.compile("/scenarios/single-client/#cast-customer$"))
    bare.locator("#cast-customer").get_by_role("link", name="Customer", exact=True).click()
    expect(bare.locator(".definition")).to_have_text(book.terms["customer"].definition)
    bare.locator(".tabbed-labels").get_by_text("Internal IT").click()
    part = next(p for p in book.scenarios["internal-it"].cast if p.role == "customer")
    expect(bare.locator(".tabbed-block:visible")).to_contain_text(part.why)
    bare.goto(f"glossary/{FORMER}/")
    expect(bare).to_have_url(re.compile("/glossary/customer/$"))
