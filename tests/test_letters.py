"""Lists that are too long for one page: by letter, and the same entries as on one page."""

from __future__ import annotations

import gzip
import json
import posixpath
import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
import sites
from playwright.sync_api import Browser, Page, expect
from selectolax.lexbor import LexborHTMLParser
from test_accessibility import AXE_SCRIPT, RUN_AXE, TAGS
from test_pages import FAULTS

from termbook.alphabet import alphabetical, initial
from termbook.book import Book
from termbook.exports.linked_data import defined_term_set
from termbook.letters import SHARE, listing
from termbook.linkcheck.addresses import addresses
from termbook.linkcheck.loopback import served
from termbook.model import Debate, Settings, Source, Term
from termbook.render import Renderer

LISTS = {"glossary": "dt > a", "sources": "li > a:first-child", "debates": "dt > a"}
BEYOND = 8


def terms(*labels: str) -> list[Term]:
    return [Term.model_validate({"@id": f"t{at}", "label": label, "definition": f"It is {at}."})
            for at, label in enumerate(labels)]


def book_of(entries: list[Term], beyond: int) -> Book:
    return Book(Settings(letter_pages_beyond=beyond), {one.id: one for one in entries})


# Which pages there are


def test_one_page_holds_as_many_as_the_settings_say():
    """One more term, or as much more text of another kind, and the list has pages by letter."""
    some = terms(*"abcdefgh")
    source = Source.model_validate({"@id": "s", "title": "It", "type": "book"})
    debate = Debate.model_construct(id="d", question="Is it?")
    assert not listing("glossary", "Glossary", some, 8).split
    assert listing("glossary", "Glossary", some, 7).split
    for one, most in ((source, 16), (debate, 3)):
        assert not listing("sources", "Sources", [one] * most, 8).split
        assert listing("sources", "Sources", [one] * (most + 1), 8).split


@pytest.mark.parametrize("number", [1, 6, 7, 12, 13, 100])
def test_parts_hold_every_entry_once_in_order(number):
    """Parts of a letter are of about the same size, none too big; the first keeps its address."""
    listed = listing("glossary", "Glossary", terms(*(f"a{at:03}" for at in range(number)), "b"), 8)
    if number < BEYOND:
        assert listed.pages == {}
        return
    letter_a, letter_b = listed.letters
    sizes = [len(part.entries) for part in letter_a.parts]
    assert max(sizes) <= BEYOND * SHARE and max(sizes) - min(sizes) <= 1
    found = [one for _, part in listed.pages.values() for one in part.entries]
    assert found == sorted(found, key=alphabetical) and len(found) == number + 1
    assert letter_a.parts[0].path == "glossary/letter/a.md"
    assert list(listed.pages)[-1] == letter_b.parts[0].path == "glossary/letter/b.md"


def test_letters_of_any_script_have_addresses():
    """What begins with no letter comes first, together; no two letters share an address."""
    listed = listing("glossary", "Glossary", terms(
        "{x}", "1", "Ärger", "ab", "Đội", "Других", "Δ", "한국", "“q”", "ł", "z"), 3)
    assert [one.letter for one in listed.letters] == ["#", "A", "D", "Z", "Ł", "Δ", "Д", "ᄒ"]
    assert [len(one.entries) for one in listed.letters] == [3, 2, 1, 1, 1, 1, 1, 1]
    assert list(listed.pages)[:4] == [
        f"glossary/letter/{one}.md" for one in ("other", "other-2", "a", "d")]
    assert all(path.isascii() for path in listed.pages)
    assert len({one.anchor for one in listed.letters}) == len(listed.letters)


def test_a_script_without_an_alphabet_has_no_page_for_each_sign():
    """Three hundred signs make no bar of three hundred letters, but for a short list."""
    some = terms(*(chr(0x4E00 + at) for at in range(300)))
    assert [one.letter for one in listing("glossary", "Glossary", some, 140).letters] == ["#"]
    assert len(listing("glossary", "Glossary", some, 300).letters) == 300


def test_no_page_grows_with_the_terms():
    """Ten times the terms make more pages, not larger ones; on one page they would be large."""
    def heaviest(number: int, beyond: int) -> int:
        labels = (f"{chr(97 + at % 26)}word {at * 7919 % 10_007}" for at in range(number))
        renderer = Renderer(book_of(terms(*labels), beyond))
        made = [page for path, page in renderer.pages().items() if "letter/" in path]
        return max(len(page.encode()) for page in [renderer.term_index(), *made])

    assert heaviest(20_000, 140) < 1.5 * heaviest(2_000, 140)
    assert heaviest(20_000, 20_000) > 8 * heaviest(2_000, 2_000)


# What stands on them


@pytest.fixture(scope="module")
def pages(grown) -> dict[str, LexborHTMLParser]:
    return sites.pages(grown)


def letter_pages(pages: dict[str, LexborHTMLParser], folder: str) -> list[LexborHTMLParser]:
    return [tree for path, tree in pages.items() if path.startswith(f"{folder}/letter/")]


@pytest.mark.parametrize("folder", LISTS)
def test_every_entry_stands_under_its_letter(content, pages, folder):
    """All pages of letters together show what the one page shows."""
    def entries(tree: LexborHTMLParser) -> list[str]:
        found = sites.article(tree).css(LISTS[folder])
        return [one.text() for one in found if not one.attributes.get("id")]

    whole = entries(sites.page(content, folder))
    by_letter = [(tree.css_first("h1").attributes["id"], entries(tree))
                 for tree in letter_pages(pages, folder)]
    assert len(by_letter) > 3
    assert Counter(name for _, some in by_letter for name in some) == Counter(whole)
    assert all(1 <= len(some) <= BEYOND * 2 * SHARE for _, some in by_letter)
    if folder == "glossary":
        assert {(anchor[-1], name[0].lower()) for anchor, some in by_letter for name in some} == {
            (name[0].lower(),) * 2 for name in whole}
        text = " ".join(sites.article(tree).text() for tree in letter_pages(pages, folder))
        definitions = sites.page(content, folder).css("article dd")
        assert all(one.text(deep=False).strip() in text for one in definitions)
    assert entries(pages[f"{folder}/index.html"]) == []


def test_the_index_counts(pages, book):
    """The index leads to each letter, says how many terms it has, and how many of each group."""
    tree = pages["glossary/index.html"]
    letters = sorted({initial(term) for term in book.terms.values()})
    assert [one.text() for one in tree.css("article .letters a")] == letters
    assert [one.attributes["id"] for one in tree.css("article dt > a")] == [
        f"letter-{one.lower()}" for one in letters]
    counts = [int(one.text().split(":")[0]) for one in tree.css("article dd")]
    assert counts == [sum(initial(term) == one for term in book.terms.values()) for one in letters]
    groups: Counter[str] = Counter()
    for mark in tree.css("article dd [data-group]"):
        groups[mark.attributes["data-group"]] += int(mark.css_first("b").text())
    assert groups == Counter(term.group for term in book.terms.values() if term.group)


def test_every_link_of_a_list_leads_to_a_file_and_a_place(pages):
    """Links from lists, and to them and their letters, lead on."""
    checked = 0
    for path, tree in pages.items():
        for link, _ in addresses(tree):
            url = urlsplit(link)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), url.path))
            if url.scheme or url.netloc or not url.path or "letter" not in f"{path} {target}":
                continue
            checked += 1
            file = target if target in pages or "." in target else f"{target}/index.html"
            assert "." in target or file in pages, (path, link)
            if url.fragment and file in pages:
                assert pages[file].css_first(f"[id='{url.fragment}']"), (path, link)
    assert checked > 1000


def test_other_files_are_the_same(content, grown):
    """Lists for programs name every term as ever; only the index' linked data names none."""
    for name in ("llms.txt", "feed.xml", "glossary/terms.json"):
        assert (grown / "site" / name).read_bytes() == (content / "site" / name).read_bytes()
    few, many = book_of(terms("a"), 1), book_of(terms("a", "b"), 1)
    assert "hasDefinedTerm" in json.loads(defined_term_set(few, "X", "https://x.example/"))
    assert "hasDefinedTerm" not in json.loads(defined_term_set(many, "X", "https://x.example/"))


def test_letters_are_not_found_by_search(grown):
    """A letter's page repeats what others say: search knows nothing of it."""
    files = [*(grown / "site/search").rglob("*.js")]
    assert files and not any("glossary/letter/s" in one.read_text("utf-8") for one in files)


# How a reader walks them


@pytest.fixture(scope="module")
def site(grown):
    with served(grown / "site", "/knowledge/") as server:
        yield server.home


def test_letters_lead_to_pages_and_on(page: Page, book):
    """Bar, index, parts, trail, and the footer from one part to the next."""
    page.goto("glossary/#letter-s")
    expect(page.locator("#letter-s")).to_be_in_viewport()
    page.locator("#letter-s").click()
    page.wait_for_url("**/glossary/letter/s/")
    expect(page.locator("h1")).to_contain_text("Glossary: S, 1 of")
    page.locator(".letters a").get_by_text("2: ").click()
    page.wait_for_url("**/glossary/letter/s-2/")
    page.locator(".md-footer__link--next").click()
    page.wait_for_url("**/glossary/letter/s-3/")
    page.locator(".md-footer__link--prev").click()
    page.wait_for_url("**/glossary/letter/s-2/")
    page.locator(".letters").first.get_by_text("C", exact=True).click()
    page.wait_for_url("**/glossary/letter/c/")
    page.locator(".trail a").click()
    page.wait_for_url("**/glossary/")
    expect(page.locator("article dt")).to_have_count(
        len({initial(term) for term in book.terms.values()}))


def test_the_filter_goes_along(page: Page, book):
    """A group that is chosen on the index is shown on the letters' pages, and by their links."""
    scrum = [term for term in book.terms.values() if term.group == "scrum"]
    page.goto("glossary/")
    page.get_by_label("Show").select_option("scrum")
    expect(page.locator(".group-filter [role=status]")).to_have_text(f" {len(scrum)} terms")
    letters = sorted({initial(term) for term in scrum})
    assert page.locator(".letters a:visible").all_text_contents() == letters
    expect(page.locator("article dt:visible")).to_have_count(len(letters))
    page.locator(".letters").get_by_text("P", exact=True).click()
    found: list[str] = []
    while True:
        assert re.search(r"/letter/p(-\d)?/\?group=scrum$", page.url)
        expect(page.get_by_label("Show")).to_have_value("scrum")
        found += page.locator("article dt:visible > a").all_text_contents()
        following = page.locator(".letters strong + a").last
        if not following.count() or ":" not in following.inner_text():
            break
        following.click()
    assert sorted(found) == sorted(one.label for one in scrum if one.label[0] == "P")
    page.get_by_label("Show").select_option("every group")
    assert "group" not in page.url
    assert "group" not in page.locator(".trail a").get_attribute("href")


def test_without_javascript(browser: Browser, site, book):
    """From the index to a term and its definition by links alone."""
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("glossary/")
        page.locator(".letters").get_by_text("V", exact=True).click()
        expect(page.locator("article")).to_contain_text(book.terms["value"].definition)
        page.locator("article dt").get_by_text("Value", exact=True).click()
        page.wait_for_url("**/glossary/value/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["glossary/", "glossary/letter/s-2/", "sources/letter/s/",
                                  "debates/letter/w/"])
def test_no_barrier_and_nothing_cut_off(page: Page, path, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    for width in (1350, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(FAULTS) == []
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(RUN_AXE, TAGS) == []


def test_pages_of_letters_are_light(grown, content):
    """By letter no page of a list is heavier than on one page."""
    def weight(path) -> int:
        return len(gzip.compress(path.read_bytes(), 9))

    for folder in LISTS:
        whole = weight(content / "site" / folder / "index.html")
        parts = [weight(one) for one in (grown / "site" / folder / "letter").rglob("*.html")]
        assert parts and max(parts) < whole, folder
