"""Both walls against scripts in the content: the cleaning of the HTML, and the page's policy."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import copy_content, once
from playwright.sync_api import Browser, BrowserContext, expect
from searching import settle, type_into
from xss import ADDRESSES, PAYLOADS, add_records, build_unchecked

from termbook.linkcheck.loopback import served
from termbook.policy import CHARSET, with_policy

META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
AT_ONCE = 20
# Opens many pages in frames, and in each does what a reader could do to start a script. A picture
# that cannot be loaded comes last, so that those of the payloads have failed before it.
VISIT = """async (addresses) => {
  await Promise.all(addresses.map(async (address) => {
    const frame = document.createElement("iframe");
    frame.width = 1000;
    frame.src = address;
    await new Promise((resolve) => { frame.onload = resolve; document.body.append(frame); });
    const {document: page, PointerEvent, Event} = frame.contentWindow;
    if (!page.querySelector("article h1")) throw new Error(`no page at ${address}`);
    for (const fold of page.querySelectorAll("details")) fold.open = true;
    for (const one of page.querySelectorAll("article *")) {
      for (const type of ["pointerenter", "mouseenter", "mouseover", "focusin", "focus"]) {
        one.dispatchEvent(new PointerEvent(type, {bubbles: !type.includes("enter")}));
      }
      // Other links would lead the frame away, and its picture would never fail.
      if (one.matches("button") || /script:$/.test(one.protocol)) {
        one.dispatchEvent(new PointerEvent("click", {bubbles: true, cancelable: true}));
      }
    }
    const last = page.createElement("img");
    await new Promise((resolve) => {
      last.onerror = resolve;
      last.src = "no-such-picture";
      page.body.append(last);
    });
    const preview = page.getElementById("preview");
    const link = page.querySelector("article a[title]:not(.headerlink, .md-content__button)");
    if (preview && link) {
      link.dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
      for (let turn = 0; preview.hidden && turn < 50; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    frame.remove();
  }));
}"""


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory) -> Path:
    """The knowledge base with hostile copies of its records, built without checks."""
    return once(tmp_path_factory, "hostile", _build_hostile) / "site"


def _build_hostile(root: Path) -> None:
    copy_content(root)
    add_records(root)
    with pytest.MonkeyPatch.context() as patch:
        build_unchecked(root, root / "site", patch)
    for file in (root / "site").rglob("*.css"):
        file.write_text("")  # styles run no script, and without them 480 pages are soon laid out


@pytest.fixture
def ran(browser: Browser):
    """A browser context, and the addresses of the frames in which a payload ran."""
    with browser.new_context() as context:
        addresses: list[str] = []
        context.expose_binding("ran", lambda source: addresses.append(source["frame"].url))
        yield context, addresses


def html_files(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


@pytest.mark.parametrize("policy", ["off", "on"])
def test_no_payload_runs(hostile_site: Path, tmp_path, ran, tally, policy):
    """Of 60 payloads in every text field of four kinds of records none runs, policy or not."""
    context, addresses = ran
    site = tmp_path / "site"
    shutil.copytree(hostile_site, site)
    if policy == "off":
        for file in html_files(site):
            text, count = META.subn("", file.read_text(encoding="utf-8"))
            assert count == 1
            file.write_text(text, encoding="utf-8")
    with served(site, "/") as server:
        page = context.new_page()
        for start in range(0, len(ADDRESSES), AT_ONCE):
            page.goto(f"{server.home}assets/termbook.css")
            opened = [server.home + path for path in ADDRESSES[start:][:AT_ONCE]]
            page.evaluate(VISIT, opened)
            tally.count("payloads", len(opened))
        page.goto(server.home)
        for word in ("script ran", "onerror ran", "img src", "alert nobody", "onload"):
            type_into(page, word)
            settle(page, word)
        results = page.locator(".md-search-result__item", has_text="onload=ran()")
        expect(results.nth(3)).to_be_attached()
    tally.count("payloads run", len(addresses))
    assert len(ADDRESSES) == 240
    assert addresses == []


def run_raw(context: BrowserContext, addresses: list[str], policy: str) -> set[int]:
    """The numbers of the payloads that run when they stand in a page as they are."""
    def page_of(route) -> None:
        payload = PAYLOADS[int(route.request.url.rpartition("/")[2])]
        route.fulfill(content_type="text/html", body=(
            f"<!doctype html><head>{CHARSET}{policy}<title>x</title></head>"
            f'<article><h1>x</h1><p title="{payload}">{payload}</p><div title=\'{payload}\'></div>'
        ))

    context.route(re.compile(r"/raw/\d+$"), page_of)
    context.route("**/start", lambda route: route.fulfill(content_type="text/html", body="x"))
    page = context.new_page()
    page.goto("http://127.0.0.1:1/start")
    page.evaluate(VISIT, [f"/raw/{number}" for number in range(len(PAYLOADS))])
    return {int(url.rpartition("/")[2]) for url in addresses if "/raw/" in url}


def test_policy_is_a_wall_of_its_own(content: Path, ran):
    """Were nothing cleaned, most payloads would run without the policy, and none with it."""
    context, addresses = ran
    policy = META.search((content / "site/glossary/customer/index.html").read_text())
    without = run_raw(context, addresses, "")
    print(f"{len(without)} of {len(PAYLOADS)} run without the policy")
    assert len(without) > 30
    addresses.clear()
    assert run_raw(context, addresses, policy[0]) == set()


def test_every_page_has_the_policy(content: Path):
    """Every HTML file of the site, the 404 page and redirects too, before its first script."""
    files = html_files(content / "site")
    assert len(files) > 300
    for file in files:
        text = file.read_text(encoding="utf-8")
        policies = META.findall(text)
        assert len(policies) == 1, file
        assert text.index(policies[0]) < text.find("<script"), file
        script = re.search(r"script-src ([^;]*);", policies[0])[1].split()
        assert script[0] == "'self'" and all(one.startswith("'sha256-") for one in script[1:])
        assert "unsafe" not in policies[0] and "default-src 'none'" in policies[0]


def test_foreign_inline_script_is_refused():
    page = f"<head>{CHARSET}<script>own()</script></head><p>x</p>"
    assert with_policy(page, {"own()"}).count("'sha256-") == 1
    with pytest.raises(ValueError, match="move this one to a file of its own: 'own"):
        with_policy(page)
    data = f'{CHARSET}<script type="application/ld+json">{{}}</script>'
    assert "sha256" not in with_policy(data)
    with pytest.raises(ValueError, match="there is no <meta charset"):
        with_policy("<head><title>x</title></head>")


def test_the_page_with_everything_in_use_complains_of_nothing(page):
    """Search, palette, tabs, previews, folds and the filter work; the fixture `page` listens."""
    page.goto("glossary/customer/")
    page.get_by_title("Switch to dark mode").click()
    page.locator(".tabbed-labels label").nth(1).click()
    expect(page.locator(".lens")).to_be_visible()  # it moves what is below it
    page.locator("article a[title]:not(.headerlink, .md-content__button)").first.hover()
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.locator("article summary").first.click()
    type_into(page, "customer")
    page.locator(".md-search-result__item").first.wait_for()
    page.goto("glossary/")
    page.get_by_label("Show").select_option(index=1)
    assert page.evaluate("document.querySelectorAll('dt[hidden]').length") > 0
