"""What readers expect of a page: the guide, the lens, citing, neighbours, the 404 page, feeds."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from termbook.alphabet import fold
from termbook.book import Book
from termbook.exports.feed import ATOM
from termbook.exports.linked_data import defined_term, defined_term_set
from termbook.links import preview


def paths(book: Book, question_id: str, asked: int = 1):
    """Every way through the guide: how many questions it asks, and how it ends."""
    questions = {question.id: question for question in book.guide.questions}
    for option in questions[question_id].options:
        if option.go_to:
            yield from paths(book, option.go_to, asked + 1)
        else:
            yield asked, option


def test_every_path_of_the_guide_ends_in_at_most_two_scenarios_with_a_reason(book):
    ways = list(paths(book, book.guide.questions[0].id))
    assert all(asked <= 4 and 1 <= len(end.scenarios) <= 2 and end.because for asked, end in ways)
    assert {one for _, end in ways for one in end.scenarios} == set(book.scenarios)


def test_the_guide_asks_one_question_at_a_time_and_keeps_the_scenario(page: Page):
    page.goto("")
    guide = page.locator(".guide")
    expect(guide.locator("h3:visible")).to_have_count(1)
    guide.get_by_text("One organisation that ordered it").click()
    expect(guide.locator("h3:visible")).to_have_text(re.compile("same organisation"))
    expect(guide.locator("h3:visible")).to_be_focused()
    guide.get_by_role("button", name="Back").click()
    expect(guide.locator("h3:visible")).to_have_text(re.compile("Who pays"))
    guide.get_by_text("Advertisers, while most").click()
    guide.get_by_role("link", name="Ad-funded platform").click()
    expect(page.locator("h1")).to_contain_text("Ad-funded platform")
    page.goto("glossary/customer/")
    expect(page.locator(".lens")).to_contain_text("Ad-funded platform")
    expect(page.get_by_role("radio", name="Ad-funded platform")).to_be_checked()


def test_an_address_carries_the_scenario_until_it_is_cleared(page: Page):
    page.goto("glossary/payer/?scenario=internal-it")
    expect(page.get_by_role("radio", name="Internal IT")).to_be_checked()
    page.goto("glossary/end-user/")
    expect(page.get_by_role("radio", name="Internal IT")).to_be_checked()
    page.locator(".lens").get_by_role("button", name="Clear the scenario").click()
    expect(page.locator(".lens")).to_be_hidden()
    page.reload()
    expect(page.locator(".lens")).to_be_hidden()


def test_an_unknown_scenario_in_the_address_is_passed_over(page: Page):
    page.goto("glossary/payer/?scenario=no-such")
    expect(page.locator(".lens")).to_be_hidden()


def test_a_grid_cell_sets_the_lens(page: Page):
    page.goto("scenarios/")
    page.locator("table a[href*='packaged-product'][href$='#cast-customer']").click()
    expect(page.locator(".lens")).to_contain_text("Packaged product")


def test_terms_are_chained_from_a_to_z(page: Page, book: Book):
    order = sorted(book.terms.values(), key=lambda term: (fold(term.label), term.id))
    page.goto(f"glossary/{order[1].id}/")
    footer = page.locator(".md-footer")
    expect(footer.locator(".md-footer__link--prev")).to_contain_text(order[0].label)
    expect(footer.locator(".md-footer__link--next")).to_contain_text(order[2].label)


def test_a_term_can_be_cited_copied_and_mended(page: Page, site: str):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("glossary/customer/?scenario=single-client")
    tools = page.locator(".term-tools")
    tools.get_by_role("button", name="Copy link").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site}glossary/customer/?scenario=single-client"
    tools.get_by_text("Cite this page").click()
    expect(tools.locator("dd").first).to_have_text(re.compile(
        r"^Who Is the Customer\? \(\d{4}\)\. Customer \(Version \d{4}-\d\d-\d\d\)\. "
        "https://example.org/knowledge/glossary/customer/$"
    ))
    expect(tools.locator("pre")).to_contain_text("@misc{customer,")
    expect(tools.locator("pre")).to_contain_text("{https://example.org/knowledge/glossary/custom")
    suggest = tools.get_by_role("link", name="Suggest a change").get_attribute("href")
    assert "/issues/new?" in suggest and "Customer" in suggest


@pytest.mark.parametrize(("asked", "nearest"), [
    ("glossary/custmer/", "Customer"), ("glossary/product_owner.html", "Product Owner"),
])
def test_the_404_page_offers_the_nearest_terms(browser: Browser, site: str, asked, nearest):
    # Not the fixture `page`, which counts the missing page itself as trouble.
    with browser.new_context(base_url=site) as context:
        lost = context.new_page()
        lost.goto(asked)
        expect(lost.locator("[data-nearest] a").first).to_have_text(nearest)
        lost.locator("[data-nearest] a").first.click()
        expect(lost.locator("h1")).to_contain_text(nearest)


def test_programs_find_the_terms(site: str, book: Book):
    customer = urlopen(f"{site}glossary/customer/").read().decode()
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', customer)[1])
    assert data["@type"] == "DefinedTerm"
    assert data["description"] == book.terms["customer"].definition
    index = urlopen(f"{site}glossary/").read().decode()
    glossary = json.loads(re.search(r'ld\+json">(.*?)</script>', index)[1])
    assert data["inDefinedTermSet"] == glossary["@id"]
    assert {"@type": "DefinedTerm", "@id": data["@id"], "name": "Customer"} in (
        glossary["hasDefinedTerm"])
    assert len(glossary["hasDefinedTerm"]) == len(book.terms)
    assert "og:image" in customer and 'rel="canonical"' in customer
    assert '<meta name="twitter:card" content="summary_large_image">' in customer
    assert urlopen(f"{site}assets/social.png").read().startswith(b"\x89PNG")
    assert book.terms["customer"].definition in urlopen(f"{site}llms.txt").read().decode()
    feed = ET.fromstring(urlopen(f"{site}feed.xml").read())
    assert feed.tag == f"{{{ATOM}}}feed"


def test_linked_data_without_an_address_names_no_page(book: Book):
    """A program would take `glossary/customer/` for an address below the page it stands in."""
    data = json.loads(defined_term(book.terms["customer"], "", "en"))
    assert "glossary" not in json.dumps(data) and data["name"] == "Customer"
    terms = json.loads(defined_term_set(book, "x", ""))["hasDefinedTerm"]
    assert {"@type": "DefinedTerm", "name": "Customer"} in terms


def sheets(page: Page) -> int:
    """How many sheets of A4 a page takes on paper."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_most_terms_take_one_sheet_of_paper(page: Page, book: Book):
    """Two of three terms do, and the longest takes no more than four."""
    taken = {}
    for term in [*list(book.terms.values())[::9], book.terms["product-owner"]]:
        page.goto(f"glossary/{term.id}/")
        taken[term.id] = sheets(page)
    assert 3 * sum(one == 1 for one in taken.values()) >= 2 * len(taken), taken
    assert max(taken.values()) <= 4, taken


def test_paper_says_what_a_screen_shows_by_touch(page: Page, book: Book):
    """Names of tabs, folded answers, addresses of other sites, and how to cite."""
    page.goto("glossary/customer/")
    page.emulate_media(media="print")
    for part in book.plays_in["customer"]:
        expect(page.locator(".tabbed-labels").get_by_text(part.scenario.label)).to_be_visible()
        expect(page.get_by_text(part.cast.why[:20]).first).to_be_visible()
    expect(page.locator(".cite dd").first).to_be_visible()
    expect(page.locator(".used-in")).to_be_hidden()
    spelled = "all => all.map((one) => getComputedStyle(one, '::after').content)"
    sources = [book.sources[one] for one in book.terms["customer"].sources]
    assert page.locator("#sources + ul a").evaluate_all(spelled) == [
        json.dumps(f": {preview(one)}", ensure_ascii=False) for one in sources
    ]
    for path, shown in [("about/", True), ("sources/scrum-guide-2020/", False)]:
        page.goto(path)
        contents = page.locator("article a[href^='https:']:not(.md-content__button):visible")
        said = contents.evaluate_all(spelled)
        assert said and all(("https://" in one) is shown for one in said), said


def test_every_page_has_a_description(content):
    for file in (content / "site").rglob("index.html"):
        text = file.read_text(encoding="utf-8")
        if "data-target=" not in text:
            assert re.search(r'<meta name="description" content="[^"]{20,}', text), file
