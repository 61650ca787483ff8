"""Search in a real Chromium, with all data at once and in parts: every name, typed every way."""

from __future__ import annotations

import unicodedata

import pytest
from chromium import visit
from conftest import BASE
from playwright.sync_api import Page, expect
from searching import box, type_into

from termbook.alphabet import fold
from termbook.book import Book
from termbook.linkcheck.loopback import served
from termbook.search import names, sections

WAYS = {
    "exact": str,
    "lower case": str.lower,
    "folded": fold,
    "NFD": lambda name: unicodedata.normalize("NFD", name),
}
ASK = """async (queries) => {
  document.querySelector("[data-md-component=search-query]").focus();
  while (!window.termbookSearch?.ask) await new Promise((resolve) => setTimeout(resolve, 50));
  const found = {};
  for (const query of queries) {
    const {items, fill} = await termbookSearch.ask(query);
    found[query] = items.length ? items[0][0].location : "";
  }
  return found;
}"""


# What a search loads, of which each once: of the data the first script.
LOADED = {
    "content": ("search/index.js", "search-engine", "search-rank", "workers/"),
    "grown": ("search/names.js", "search-engine", "search-rank", "search-parts"),
}


@pytest.fixture(scope="module", params=LOADED)
def way(request) -> str:
    """The fixture whose site loads the data all at once, or in parts."""
    return request.param


@pytest.fixture(scope="module")
def site(request, way):
    """The address of that site."""
    with served(request.getfixturevalue(way) / "site", BASE) as server:
        yield server.home


def test_words_keep_their_distance():
    """A sign stays beside the linked word before it, and nothing else comes together."""
    html = (
        '<p>A <a href="x">payer</a>, or <em>two</em>.</p>\n'
        "<ul>\n<li>One</li>\n<li>Two</li>\n</ul>\n<p>One<br />Two</p>"
        "<div><label>Left</label><label>Right</label></div>"
    )
    assert sections("page/", "Page", html) == [{
        "location": "page/", "title": "Page",
        "text": "<p>A payer, or two.</p><p>One Two</p><p>One Two</p><p>Left Right</p>",
    }]


def rows(page: Page):
    """The lines of the result list: headings of groups and results."""
    return page.locator(".md-search-result__list > li")


def queries(records) -> list[tuple[str, str, str]]:
    """What is typed, the address wanted, and a description, for every name typed every way."""
    return [
        (typed(name), f"{record.folder}/{record.id}/", f"{name!r}, {way}")
        for record in records for name in names(record) for way, typed in WAYS.items()
    ]


def test_every_name_is_found_first(page, book: Book, tally):
    """Top-1 of at least 99 % over every name × {exact, lower case, folded, NFD}.

    A source may bear the name of a term, which then comes before it.
    """
    records = [*book.terms.values(), *book.scenarios.values(), *book.debates.values()]
    cases = queries(records)
    taken = {query for query, *_ in cases}
    cases += [one for one in queries(book.sources.values()) if one[0] not in taken]
    page.goto("./")
    found = page.evaluate(ASK, sorted({query for query, *_ in cases}))
    misses = [
        f"{way}: {found[query] or 'nothing'} instead of {address}"
        for query, address, way in cases if found[query] != address
    ]
    tally.count("queries", len(cases))
    tally.count("found first", len(cases) - len(misses))
    tally.misses += misses
    assert len(cases) > 4 * len(book.entries)
    assert len(misses) <= len(cases) // 100, misses


def test_questions_are_found_by_their_first_words(page, book: Book):
    """Each question of the bank by the words that its stem begins with, at its own place."""
    every = ASK.replace("items.length ? items[0][0].location : \"\"",
                        "(await fill?.(), items.flat().map(({location}) => location))")
    asked = {" ".join(one.stem.split()[:7]).rstrip(".,?:;"): one.key
             for one in book.questions.values()}
    page.goto("./")
    found = page.evaluate(every, list(asked))
    misses = [query for query, key in asked.items()
              if not any(place.endswith(f"#q-{key}") for place in found[query])]
    assert len(asked) > 30 and misses == []


FOREIGN = [
    ["ban-1", 0, "bán"], ["ban-2", 0, "bàn", "người bán"], ["ban-3", 0, "Bạn"],
    ["team", 0, "Đội phát triển"], ["street", 0, "Straße"], ["city", 0, "İstanbul"],
    ["c", 0, "C"], ["cpp", 0, "C++"], ["csharp", 0, "C#"], ["and", 1, "R&D – “skunk works”"],
]


def ranked(page: Page, typed: str, entries: list[list[object]]) -> list[str]:
    """The addresses in the order of the ranking alone, with nothing from the worker."""
    page.add_script_tag(url="assets/search-rank.js")
    return page.evaluate(
        """([typed, entries]) => {
          const docs = entries.map(([location, , title]) => ({location, title, text: ""}));
          const groups = ["Terms", "Scenarios"];
          const rank = termbookRank({docs, entries, groups, others: "Pages", more: "More"});
          return rank(typed, {items: []}).items.map(([doc]) => doc.location);
        }""",
        [typed, entries],
    )


@pytest.mark.parametrize("typing", WAYS)
def test_foreign_names(page, typing):
    """A name of another language is found among those that are typed the same."""
    page.goto("./")
    for location, _, *own in FOREIGN:
        for name in own:
            typed = WAYS[typing](name)
            same = [one for one, _, *all_ in FOREIGN if typed in map(WAYS[typing], all_)]
            assert sorted(ranked(page, typed, FOREIGN)[: len(same)]) == sorted(same), typed
            assert location in same


def test_marks_decide_between_like_names(page):
    page.goto("./")
    assert [ranked(page, one, FOREIGN)[0] for one in ("bán", "bàn", "bạn", "C#", "c++")] == [
        "ban-1", "ban-2", "ban-3", "csharp", "cpp",
    ]


def test_groups(page):
    """The exact name comes first, and each group stands under its heading."""
    page.goto("./")
    type_into(page, "customer")
    expect(rows(page).nth(1)).to_contain_text("Customer")
    page.locator(".md-search-result__item").nth(9).scroll_into_view_if_needed()
    expect(page.locator(".search-group").nth(2)).to_be_visible()
    lines = [
        (row.get_attribute("class"), row.inner_text(), row.locator("a").first.get_attribute("href"))
        if row.locator("a").count() else (row.get_attribute("class"), row.inner_text(), "")
        for row in rows(page).all()
    ]
    assert lines[1][2].endswith("/glossary/customer/")
    heading, folders = "", {"Terms": "glossary", "Scenarios": "scenarios", "Debates": "debates"}
    seen = set()
    for kind, text, address in lines:
        if kind == "search-group":
            heading = text
        elif heading in folders:
            seen.add(heading)
            assert f"/{folders[heading]}/" in address
    assert seen == set(folders)


def test_result_shows_the_definition_and_enter_opens_it(page, book):
    page.goto("debates/")
    type_into(page, "CLIENT")
    expect(page.locator(".md-search-result__item").first).to_contain_text(
        book.terms["client"].definition
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary/client/")


@pytest.mark.parametrize(("typed", "term"), [
    ("cusotmer", "customer"), ("stakehodler", "stakeholder"), ("prodct onwer", "product-owner"),
    ("whoisthe sponsorr", "sponsor"),
])
def test_no_result_offers_the_nearest_names(page, book, typed, term):
    """A slip of the pen is answered by the names most like it, which mouse and Enter follow."""
    page.goto("./")
    type_into(page, typed)
    offers = page.locator(".search-nearest")
    expect(offers).to_contain_text(f"Did you mean {book.terms[term].label}")
    expect(page.locator(".md-search-result__meta")).to_have_text("No matching documents")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/glossary/{term}/")


def test_slip_with_results_is_told_too(page):
    """“product” is on many pages, so there are results; the slip in “onwer” is noticed too."""
    page.goto("./")
    type_into(page, "product onwer")
    expect(page.locator(".search-nearest")).to_contain_text("Did you mean Product Owner")
    expect(rows(page).first).to_be_visible()
    type_into(page, "product owner")
    expect(page.locator(".search-nearest")).to_be_empty()
    expect(rows(page).nth(1)).to_contain_text("Product Owner")


@pytest.mark.parametrize("start", ["Control+k", "click", "address"])
def test_nothing_is_loaded_before_search_is_used(page, way, start):
    """Until then neither the index nor the worker nor the ranking is asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, "glossary/customer/?x=1")
    page.mouse.move(400, 300)
    page.keyboard.press("Tab")
    page.wait_for_load_state("networkidle")
    searches = [one for some in LOADED.values() for one in some] + ["search/"]
    assert [url for url in asked if any(one in url for one in searches)] == []
    if start == "address":
        visit(page, "glossary/customer/?q=payer")
    elif start == "click":
        box(page).click()
    else:
        page.keyboard.press(start)
    expect(box(page)).to_be_focused()
    if start != "address":
        type_into(page, "payer")
    expect(page.locator(".md-search-result__item").first).to_contain_text("Payer")
    for one in LOADED[way]:
        assert len([url for url in asked if one in url]) == 1, one
    assert not any(one in url for one in {*searches[:-1]} - {*LOADED[way]} for url in asked)
