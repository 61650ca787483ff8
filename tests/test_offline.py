"""The offline zip, unzipped and opened by file:// in a real Chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import FORMER
from playwright.sync_api import Browser, expect
from searching import type_into
from selectolax.lexbor import LexborHTMLParser

from termbook.exports.offline import FOLDER, offline_zip
from termbook.linkcheck.addresses import addresses

PAGES = [
    "index.html", "glossary/customer/index.html", "scenarios/ad-funded-platform/index.html",
    "debates/what-is-a-customer/index.html", "glossary/index.html", "session/task/index.html",
]


@pytest.fixture(scope="module")
def unzipped(content: Path, tmp_path_factory) -> Path:
    """The folder that the zip of `termbook offline` becomes; its name has signs that need care."""
    subprocess.run([sys.executable, "-m", "termbook", "offline", "--root", content], check=True)
    folder = tmp_path_factory.mktemp("Downloads of Zoë 100%")
    with zipfile.ZipFile(content / f"{FOLDER}.zip") as archive:
        archive.extractall(folder)
    return folder / FOLDER


@pytest.fixture
def page(browser: Browser, unzipped: Path):
    """A page that fails its test if it complains, or asks for anything outside the folder."""
    with browser.new_context(viewport={"width": 1350, "height": 900}) as context:
        page = context.new_page()
        trouble: list[str] = []
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
        page.on("requestfailed", lambda request: trouble.append(f"failed: {request.url}")
                if request.failure != "net::ERR_ABORTED" else None)
        page.on("request", lambda request: trouble.append(f"outside: {request.url}")
                if not request.url.startswith(unzipped.as_uri()) else None)
        yield page
    assert trouble == []


@pytest.mark.parametrize("path", PAGES)
def test_page_opens(page, unzipped, path):
    page.goto((unzipped / path).as_uri(), wait_until="load")
    expect(page.locator("article h1")).to_be_visible()
    expect(page.locator(".md-header")).to_have_css("position", "sticky")  # styles are there


def test_reader_walks_from_home_to_a_term(page, unzipped, book):
    page.goto((unzipped / "index.html").as_uri())
    page.get_by_role("link", name="A platform paid for by advertising").click()
    expect(page.locator("article h1")).to_contain_text("Ad-funded platform")
    page.locator("#cast-customer").get_by_role("link", name="Customer", exact=True).click()
    expect(page.locator(".definition")).to_have_text(book.terms["customer"].definition)
    page.locator(".tabbed-labels").get_by_text("Internal IT").click()
    part = next(p for p in book.scenarios["internal-it"].cast if p.role == "customer")
    expect(page.locator(".tabbed-block:visible")).to_contain_text(part.why)


def test_search(page, unzipped, book):
    """Names, text and slips of the pen are found, and results lead to files."""
    for start in ("index.html", "glossary/customer/index.html"):
        page.goto((unzipped / start).as_uri())
        type_into(page, "PURCHASER")
        first = page.locator(".md-search-result__item").first
        expect(first).to_contain_text(book.terms["buyer"].definition)
        type_into(page, "stakehodler")
        expect(page.locator(".search-nearest")).to_contain_text("Did you mean Stakeholder")
        type_into(page, "who is the customer")
        expect(page.locator(".md-search-result__item").nth(3)).to_be_visible()
        type_into(page, "payer")
        expect(first).to_contain_text("Payer")
        page.keyboard.press("Enter")
        page.wait_for_url((unzipped / "glossary/payer/index.html").as_uri())


def test_moved_page_leads_on(page, unzipped):
    page.goto((unzipped / f"glossary/{FORMER}/index.html").as_uri() + "#who-says-what")
    page.wait_for_url((unzipped / "glossary/customer/index.html").as_uri() + "#who-says-what")


def test_every_link_leads_to_a_file(unzipped):
    """No relative link of any page is dead or stops at a folder."""
    checked = 0
    for file in unzipped.rglob("*.html"):
        for link, _ in addresses(LexborHTMLParser(file.read_text(encoding="utf-8"))):
            url = urlsplit(link)
            if url.scheme or url.netloc or not url.path:
                continue
            checked += 1
            assert (file.parent / unquote(url.path)).is_file(), f"{file}: {link}"
    assert checked > 10_000


def test_same_site_same_bytes(content, tmp_path, monkeypatch):
    """Neither the folder's place and dates nor the clock change a byte."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    copy = tmp_path / "elsewhere"
    shutil.copytree(content / "site", copy, copy_function=shutil.copyfile)
    first = offline_zip(content / "site")
    assert first == offline_zip(copy)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert first != offline_zip(copy)
