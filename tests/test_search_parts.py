"""Search in parts: what the parts hold, how much is loaded, and that readers miss nothing."""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
import sites
from chromium import until, visit
from conftest import BASE
from playwright.sync_api import Browser, Page, expect
from searching import box, settle, type_into
from test_weight import KB, counted
from xss import PAYLOADS

from bench.corpus import generate
from bench.peers.termbook import write_termbook
from termbook.linkcheck.loopback import served
from termbook.search_parts import search_parts, words

OPENED, PART = 100 * KB, 16 * KB
SAMPLE = 120
STATE = """async (queries) => {
  const found = {};
  for (const query of queries) {
    const {items, headings} = await termbookSearch.ask(query);
    const pages = items.map((item) => item[0].location.split("#")[0]);
    found[query] = {pages, groups: headings.map(([, name]) => name).sort()};
  }
  return found;
}"""
CONFIG = {
    "lang": ["en"], "pipeline": ["stopWordFilter"],
    "fields": {"title": {"boost": 1000.0}, "text": {"boost": 1.0}},
}


@pytest.fixture(scope="module")
def site(grown):
    with served(grown / "site", BASE) as server:
        yield server.home


def data_of(entries: list[list[object]], docs: list[tuple[str, str, str]]) -> dict[str, object]:
    """What `search_data` gives for such entries and (location, title, text)."""
    return {
        "config": CONFIG, "groups": ["Terms", "Scenarios"], "others": "Pages", "more": "More",
        "entries": entries,
        "docs": [dict(zip(("location", "title", "text"), doc, strict=True)) for doc in docs],
    }


def held(script: str) -> object:
    """What a part holds."""
    return json.loads(script.partition("=")[2])


def names_of(scripts: dict[str, str]) -> dict[str, object]:
    text = scripts["names"].partition("=")[2]
    return json.JSONDecoder().raw_decode(text)[0]


def read(site: Path) -> dict[str, str]:
    """The scripts of a built site's search, by their names."""
    folder = site / "search"
    return {path.relative_to(folder).with_suffix("").as_posix(): path.read_text("utf-8")
            for path in sorted(folder.rglob("*.js"))}


def started(page: Page, address: str) -> None:
    """Open a page and its search."""
    visit(page, address)
    box(page).focus()
    until(page, "Boolean(window.termbookSearch?.ask)")


# What the parts hold


def test_words_are_the_same_in_both_languages(page):
    """Every character of Unicode, between two letters and alone, is folded alike."""
    known = [chr(code) for code in range(sys.maxunicode + 1)
             if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]
    texts = [f"a{one}B {one}" for one in known] + ["ΟΔΟΣ Σ", "Đội İSTANBUL", "x\u0301\u0301"]
    page.goto("./")
    page.add_script_tag(url="assets/search-rank.js")
    folded = page.evaluate("texts => texts.map((one) => termbookRank.fold(one).split(' '))", texts)
    wrong = [(text, words(text), other) for text, other in zip(texts, folded, strict=True)
             if words(text) != other]
    assert len(texts) > 140_000 and wrong == []


def test_parts_hold_the_same_texts_as_one_script(content, grown):
    """Every section with its title and its text, as escaped as in the whole."""
    whole = json.loads((content / "site/search/index.js").read_text("utf-8").partition("=")[2])
    parts = read(grown / "site")
    held_texts = [section for name, part in parts.items() if "/texts-" in name
                  for section in held(part)]
    assert Counter(map(tuple, held_texts)) == Counter(
        (doc["title"], doc["location"].partition("#")[2], doc["text"]) for doc in whole["docs"])
    assert "index" not in parts and "names" not in read(content / "site")


def test_index_tells_how_often_a_word_is_where():
    """Steps from section to section; tags, entities and addresses are no words."""
    docs = [
        ("glossary/tea/", "Tea", "<p>The tea &amp; tea.</p>"),
        ("glossary/tea/#more", "More &lt;b&gt;", "<p>A cup of Thés: tea http://x.org/a?b&amp;c</p>"),
        ("about/", "About", "<p>cup</p>"),
    ]
    scripts = search_parts(data_of([["glossary/tea/", 0, "Tea"]], docs))
    folder = names_of(scripts)["folder"]
    assert held(scripts[f"{folder}/words-0"]) == {
        "b": [-100, 1], "cup": [-1, 1, 1], "more": [-100, 1],
        "tea": [-1, 1, -102, 0], "thes": [-1, 1],
    }


def test_same_data_same_bytes_and_other_data_another_folder():
    """The order in which pages were made is no matter; a changed text moves all parts."""
    entries = [[f"glossary/t{at}/", 0, f"Term {at}"] for at in range(50)]
    docs = [(str(entry[0]), str(entry[2]), f"<p>It is {at}.</p>") for at, entry in
            enumerate(entries)]
    one, other = data_of(entries, docs), data_of(entries[::-1], docs[::-1])
    assert search_parts(one) == search_parts(other)
    changed = data_of(entries, [*docs[:-1], (*docs[-1][:2], "<p>It changed.</p>")])
    assert search_parts(one).keys() & search_parts(changed).keys() == {"names"}


def test_addresses_follow_from_names_or_are_told(page):
    """An address that is not made of the label's words comes along; a page left out does not."""
    entries = [["glossary/po/", 0, "Product owner"], ["glossary/doi/", 0, "Đội"],
               ["scenarios/big-bang/", 1, "Big bang"], ["glossary/r-d/", 0, "R&D <b>"]]
    docs = [(str(entry[0]), "x", "") for entry in entries]
    entries.append(["glossary/left-out/", 0, "Left out"])
    names = names_of(search_parts(data_of(entries, docs)))
    assert list(names["odd"].values()) == ["glossary/po/", "glossary/r-d/"]
    page.goto("./")
    for script in ("rank", "parts"):
        page.add_script_tag(url=f"assets/search-{script}.js")
    index = page.evaluate("names => termbookParts(names, (place) => place).index", names)
    assert sorted(one[0] for one in index["entries"]) == sorted(doc[0] for doc in docs)
    assert "R&amp;D &lt;b&gt;" in [doc["title"] for doc in index["docs"]]


# What is found


def test_the_same_is_found_in_parts(browser: Browser, content, site):
    """Words of the text: hardly a page less, the same groups, the best among the first ten.

    Punctuation is part of a word in Material's index, and the pieces of an address are words.
    """
    whole = json.loads((content / "site/search/index.js").read_text("utf-8").partition("=")[2])
    left_out = {*names_of(search_parts(whole))["without"], "http", "https"}
    text = " ".join(re.sub(r"<[^>]*>|https?://[^<\s]*", " ", doc["text"]) for doc in whole["docs"])
    asked = random.Random(7).sample(
        sorted(one for one in {*words(text)} - left_out if len(one) > 3 and one.isalpha()), SAMPLE)
    with served(content / "site", BASE) as server, browser.new_context() as context:
        found = []
        for home in (server.home, site):
            page = context.new_page()
            started(page, home)
            found.append(page.evaluate(STATE, asked))
    before, after = found
    firsts = sum(before[one]["pages"][:1] == after[one]["pages"][:1] for one in asked)
    groups = sum(before[one]["groups"] == after[one]["groups"] for one in asked)
    pages = sum(len(before[one]["pages"]) for one in asked)
    lost = sum(len(set(before[one]["pages"]) - set(after[one]["pages"])) for one in asked)
    top = sum(set(before[one]["pages"][:1]) <= set(after[one]["pages"][:10]) for one in asked)
    print(f"of {SAMPLE}: {firsts} same first, {groups} same groups, {top} first among ten; of "
          f"{pages} pages {lost} lost")
    assert pages > 5 * SAMPLE and lost <= pages // 100
    assert groups >= 0.9 * SAMPLE and top >= 0.95 * SAMPLE and firsts >= 0.7 * SAMPLE


def test_signs_of_the_query(page):
    """Words in quotation marks or behind + must be in a section, those behind - must not."""
    queries = ["budget sponsor", '"budget sponsor"', "+budget +sponsor", "+budget -sponsor",
               "+budget"]
    started(page, "./")
    found = {query: set(state["pages"]) for query, state in
             page.evaluate(STATE, queries).items()}
    either, quoted, both, without, one = (found[query] for query in queries)
    assert quoted == both < either and both and without and without < one < either


def test_results_that_come_later_have_texts(page):
    """As the reader scrolls, further results come with the texts in which the words are marked."""
    started(page, "./")
    type_into(page, "wallet budget")
    results = page.locator(".md-search-result__item")
    expect(results.nth(9)).to_be_attached()
    results.first.hover()
    while results.count() < 30:
        before = results.count()
        page.mouse.wheel(0, 5000)
        expect(results.nth(before)).to_be_attached()
    assert results.locator("mark").count() >= 30
    for result in results.all():
        expect(result.locator("mark").first).to_be_attached()
    links = results.locator("a").evaluate_all("all => all.map((a) => a.href)")
    assert [link for link in links if link.endswith("#")] == []


def test_enter_waits_for_the_answer(page, book):
    """Enter right after the last key leads to what has been typed, not to what was found before."""
    page.goto("./")
    started(page, "./")
    page.route("**/search/*/*.js", lambda route: (page.wait_for_timeout(50), route.continue_()))
    type_into(page, "c")
    expect(page.locator(".md-search-result__item").first).to_be_attached()
    page.keyboard.type("lient")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary/client/")


def test_a_part_that_is_missing_is_asked_for_again(browser: Browser, site, book):
    """Names are found without it, and texts too once it is there."""
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        started(page, "./")
        context.route("**/words-*", lambda route: route.abort())
        context.route("**/texts-*", lambda route: route.abort())
        first = page.locator(".md-search-result__item").first
        type_into(page, "purchaser")
        expect(first).to_contain_text("Buyer")
        assert book.terms["buyer"].definition not in first.inner_text()
        context.unroute("**/words-*")
        context.unroute("**/texts-*")
        type_into(page, "purchaser ")
        expect(first).to_contain_text(book.terms["buyer"].definition)


def test_parts_work_in_a_folder(browser: Browser, grown, book):
    """Opened from a disk, names, texts and slips of the pen are found, and lead to files."""
    home = (grown / "site").resolve().as_uri()
    with browser.new_context() as context:
        page = context.new_page()
        trouble: list[str] = []
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(f"{home}/debates/index.html")
        first = page.locator(".md-search-result__item").first
        type_into(page, "PURCHASER")
        expect(first).to_contain_text(book.terms["buyer"].definition)
        type_into(page, "stakehodler")
        expect(page.locator(".search-nearest")).to_contain_text("Did you mean Stakeholder")
        type_into(page, "who is the customer")
        expect(page.locator(".md-search-result__item mark").nth(3)).to_be_attached()
        links = page.locator(".md-search-result__link").evaluate_all("all => all.map(a => a.href)")
        assert links and all("/index.html" in link for link in links)
        type_into(page, "payer")
        expect(first).to_contain_text("Payer")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{home}/glossary/payer/index.html")
    assert trouble == []


def test_no_payload_runs(browser: Browser, grown, tmp_path):
    """Hostile names are shown as text, even on a page without a policy."""
    site = tmp_path / "site"
    shutil.copytree(grown / "site", site)
    shutil.rmtree(site / "search")
    entries = [[f"glossary/evil-{at}/", 0, f"Evil {text}"] for at, text in enumerate(PAYLOADS)]
    docs = [(str(entry[0]), f"Evil {at}", "") for at, entry in enumerate(entries)]
    for name, script in search_parts(data_of(entries, docs)).items():
        if "/texts-" not in name:  # the titles that are shown until the texts come
            (site / "search" / f"{name}.js").parent.mkdir(parents=True, exist_ok=True)
            (site / "search" / f"{name}.js").write_text(script, encoding="utf-8")
    page_file = site / "glossary/customer/index.html"
    text, count = re.subn(r"<meta http-equiv=[^>]*>", "", page_file.read_text("utf-8"))
    page_file.write_text(text, encoding="utf-8")
    assert count == 1
    with served(site, "/") as server, browser.new_context() as context:
        ran: list[str] = []
        context.expose_binding("ran", lambda source: ran.append(source["frame"].url))
        page = context.new_page()
        started(page, f"{server.home}glossary/customer/")
        for words_typed in ("evil", "evil onload", "evl script", "img src"):
            type_into(page, words_typed)
            settle(page, words_typed)
        expect(page.locator(".md-search-result__item").first).to_contain_text("<")
    assert ran == []


# How much is loaded


@pytest.fixture(scope="module")
def thousand(tmp_path_factory) -> Path:
    """The built site of a thousand terms."""
    folder = tmp_path_factory.mktemp("thousand")
    write_termbook(generate(1000, 1), folder)
    done = sites.run("build", root=folder)
    assert done.returncode == 0, done.stderr
    return folder / "site"


def test_a_thousand_terms_are_cut_into_small_parts(thousand):
    """No part is large, and the names are far less than all."""
    sizes = {name: len(gzip.compress(text.encode(), 9)) for name, text in read(thousand).items()}
    assert len(sizes) > 100 and sizes.pop("names") <= 32 * KB
    assert max(sizes.values()) <= PART
    assert sum(sizes.values()) > 4 * OPENED


@pytest.mark.parametrize("kind", ["name", "text", "letters"])
def test_opening_search_loads_little(browser: Browser, thousand, kind):
    """Focus, a query and its first results weigh 100 KB at most, also when typed by letters."""
    term = generate(1000, 1).terms[7]
    query = " ".join(term.definition.split()[:4]) if kind == "text" else term.aliases[0]
    with counted(thousand) as (home, sent), browser.new_context() as context:
        page = context.new_page()
        visit(page, f"{home}glossary/")
        sent.clear()
        if kind == "letters":
            box(page).focus()
            page.keyboard.type(query)
        else:
            type_into(page, query)
        settle(page, query)
        if kind != "text":
            expect(page.locator(".md-search-result__item").first).to_contain_text(term.label)
        expect(page.locator(".md-search-result__item").nth(0)).to_be_visible()
        page.wait_for_load_state("networkidle")
    print(kind, sum(sent.values()), sent)
    assert "search/names.js" in sent and sum(sent.values()) <= OPENED
