"""Weight and privacy: what a browser really asks for, compressed as web hosts compress it."""

from __future__ import annotations

import gzip
import shutil
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import material
import pytest
from chromium import visit
from conftest import BASE, build
from playwright.sync_api import Browser, expect
from searching import settle, type_into

KB = 1024
FIRST_VIEW, NEXT_PAGE = 75 * KB, 10 * KB
SEARCH = ("search/", "workers/", "search-engine", "search-rank", "search-parts")
PAGES = [
    "", "glossary/", "glossary/customer/", "glossary/payer/", "scenarios/",
    "scenarios/single-client/", "scenarios/packaged-product/", "scenarios/internal-it/",
    "scenarios/ad-funded-platform/", "debates/", "debates/what-is-a-customer/", "sources/",
    "sources/scrum-guide-2020/", "questions/", "about/", "session/task/", "contribute/form/",
    "404.html", "study/", "study/coverage/", "study/plan/", "study/derived/pairs/",
    "study/derived/pairs/roles/", "study/questions/mindset/", "study/questions/delivery/d6/",
]
STYLED = [
    "", "glossary/", "glossary/payer/", "scenarios/ad-funded-platform/", "questions/",
    "session/task/", "404.html", "study/questions/mindset/m1/", "study/coverage/",
]
SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
      shifts.push(shift.value, ...shift.sources.map(({node}) => node?.outerHTML?.slice(0, 80)));
    }
  }).observe({type: "layout-shift", buffered: true});
"""
# Which elements look different once the slim style sheets have given way to the whole ones.
COMPARE = """async () => {
  for (const animation of document.getAnimations()) animation.finish();
  const all = [...document.querySelectorAll("body, body *")];
  const names = [...getComputedStyle(document.body)];
  const look = (one, part) => {
    const style = getComputedStyle(one, part);
    if (part && style.content === "none") return "";
    // The place of a picture that is not there cannot be seen.
    const noPicture = style.backgroundImage === "none";
    const isSeen = (name) => !(name.startsWith("background-position") && noPicture);
    return names.filter(isSeen).map((name) => style[name]).join();
  };
  const looks = () => all.map((one) => (
    [null, "::before", "::after"].map((part) => look(one, part)).join()
  ));
  const slim = looks();
  if (!slim[0].includes("rgb")) throw new Error("no styles can be read");
  for (const link of document.querySelectorAll("link[href*='assets/stylesheets/']")) {
    link.href = link.href.replace("stylesheets/", "stylesheets/whole-");
    await new Promise((resolve) => { link.onload = resolve; });
  }
  for (const animation of document.getAnimations()) animation.finish();
  const whole = looks();
  return all.filter((_, index) => slim[index] !== whole[index])
    .map((one) => one.outerHTML.slice(0, 120));
}"""


class _Counting(SimpleHTTPRequestHandler):
    """Serves files below BASE, and notes the address and the compressed size of each body sent."""

    def __init__(self, *args, sent: dict[str, int], **kwargs) -> None:
        self.sent = sent
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix(BASE.rstrip("/")))

    def copyfile(self, source, outputfile) -> None:
        body = source.read()
        self.sent[self.path.removeprefix(BASE)] = len(gzip.compress(body, 9))
        outputfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def counted(site: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """The address of the served `site`, and what has been sent from it."""
    sent: dict[str, int] = {}
    handler = partial(_Counting, sent=sent, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{BASE}", sent
        server.shutdown()


@pytest.fixture
def views(browser: Browser, watch) -> Callable[..., list[dict[str, int]]]:
    """Gives what is sent when one reader opens pages of a site in turn; fails on other hosts."""
    def opened(site: Path, *paths: str) -> list[dict[str, int]]:
        found = []
        with counted(site) as (home, sent), browser.new_context() as context:
            foreign = watch(context, home)
            page = context.new_page()
            for path in paths:
                sent.clear()
                visit(page, home + path)
                found.append(dict(sent))
        assert foreign == []
        return found

    return opened


@pytest.mark.parametrize("path", PAGES)
def test_first_view(views, content, path):
    """At most 75 KB with an empty cache, nothing of search in it, and one host asked."""
    [sent] = views(content / "site", path)
    print(path, sum(sent.values()), sent)
    assert path in sent and len(sent) > 5
    assert [name for name in sent if any(part in name for part in SEARCH)] == []
    assert sum(sent.values()) <= FIRST_VIEW


def test_next_page(views, content):
    """A page after the first is its HTML only, of 10 KB at most for nine pages in ten."""
    first, *nexts = views(
        content / "site", "", "glossary/payer/", "debates/what-is-a-customer/",
        "sources/ebm-2024/", "glossary/supplier/", "glossary/sprint/",
    )
    for sent in nexts:
        assert len(sent) == 1 and sum(sent.values()) <= NEXT_PAGE, sent
    pages = {
        str(file.relative_to(content / "site")): len(gzip.compress(file.read_bytes(), 9))
        for file in (content / "site").rglob("*.html")
    }
    heavy = {name: size for name, size in pages.items() if size > NEXT_PAGE}
    print(f"median {statistics.median(pages.values())}, {len(heavy)} of {len(pages)} are heavier:",
          *sorted(heavy.items(), key=lambda item: -item[1]), sep="\n")
    assert len(heavy) <= len(pages) / 10


def test_first_view_does_not_grow_with_the_terms(views, content, tmp_path):
    """Four hundred terms more weigh nothing on the home page, a scenario, a debate or a term."""
    larger = tmp_path / "larger"
    shutil.copytree(content, larger, ignore=shutil.ignore_patterns("site", ".site"))
    for number in range(400):
        (larger / "glossary" / f"further-{number}.yml").write_text(
            f"label: Further word {number}\ndefinition: It says what item {number} says.\n"
        )
    build(larger)
    for path in ("", "scenarios/single-client/", "debates/what-is-a-customer/", "glossary/payer/"):
        before, after = (
            sum(views(root / "site", path)[0].values()) for root in (content, larger)
        )
        assert abs(after - before) < 256, path
    for path in ("glossary/", "glossary/letter/f/", "glossary/letter/f-4/"):
        [sent] = views(larger / "site", path)
        assert path in sent and sum(sent.values()) <= FIRST_VIEW, path


@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "light"), (768, "dark"), (1350, "light"), (1350, "dark")]
)
def test_nothing_shifts(browser, content, width, scheme):
    """A cumulative layout shift of 0 on every kind of page."""
    found = {}
    with counted(content / "site") as (home, _), browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ) as context:
        context.add_init_script(SHIFTS)
        page = context.new_page()
        for path in PAGES:
            visit(page, home + path)
            found[path] = page.evaluate("shifts")
    assert found == dict.fromkeys(found, [])


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1350, "light")])
def test_slim_styles_look_the_same(browser, content, tmp_path, width, scheme):
    """No element, and nothing before or after one, looks different under the whole styles."""
    site, styles = tmp_path / "site", Path("assets/stylesheets")
    shutil.copytree(content / "site", site)
    for file in (content / "site" / styles).glob("*.css"):
        original = Path(material.__file__).parent / "templates" / styles / file.name
        assert len(original.read_bytes()) > len(file.read_bytes())
        shutil.copy(original, site / styles / f"whole-{file.name}")
    found = {}
    with counted(site) as (home, _), browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        for path in STYLED:
            for toggle in ("", "__search", "__drawer") if path == "glossary/payer/" else ("",):
                visit(page, home + path)
                if toggle:
                    page.evaluate(f"document.getElementById('{toggle}').click()")
                if toggle == "__search":
                    type_into(page, "customer ")
                    settle(page, "customer ")
                    expect(page.locator(".md-search-result__item").nth(3)).to_be_attached()
                found[path, toggle] = page.evaluate(COMPARE)
    assert found == dict.fromkeys(found, [])
