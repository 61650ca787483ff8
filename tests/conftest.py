"""Options and fixtures of the test run: the real site, built once, and a real browser on it.

What the browser tests count is told when the run ends, also when several processes share it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from chromium import launch
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from quizzing import bank_of, logic
from tally import Tally

from termbook.book import Book
from termbook.linkcheck.loopback import served
from termbook.load import read

ROOT = Path(__file__).parent.parent
CONTENT = ("debates", "docs", "glossary", "scenarios", "schemas", "study", "theme")
REPOSITORY = "https://github.com/example/knowledge"
BASE = "/knowledge/"
FORMER = "former-customer"
LOW_LIMITS = "letter_pages_beyond: 8\nsearch_parts_beyond: 8\n"
TALLY = pytest.StashKey[Tally]()

# What is waited for comes sooner; a machine with much to do is slow, not wrong.
expect.set_options(timeout=60_000)
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser):
    parser.addoption(
        "--update-goldens", action="store_true",
        help="write the problems that were found into tests/golden/*.yml; read the diff",
    )


def pytest_configure(config):
    config.stash[TALLY] = Tally()


def pytest_sessionfinish(session):
    """Of several processes, each sends what it counted to the one that tells it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = session.config.stash[TALLY].data


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    sent = getattr(node, "workeroutput", {})  # a process that crashed has sent nothing
    if "tally" in sent:
        node.config.stash[TALLY].add(sent["tally"])


def pytest_terminal_summary(terminalreporter, config):
    if lines := config.stash[TALLY].lines():
        terminalreporter.section("counted in the browser")
        terminalreporter.write_line("\n".join(lines))


@pytest.fixture(scope="session")
def tally(pytestconfig) -> Tally:
    """Where a test counts what it did."""
    return pytestconfig.stash[TALLY]


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills, once for all test processes; again if it was broken off."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, done = base / name, base / f"{name}.done"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def content(tmp_path_factory) -> Path:
    """A copy of this repository's content with its `site`."""
    return once(tmp_path_factory, "knowledge", _built)


def _built(copy: Path, further_settings: str = "") -> None:
    copy_content(copy)
    (copy / "glossary" / f"{FORMER}.yml").write_text("moved_to: customer\n")
    with (copy / "termbook.yml").open("a") as file:
        file.write(further_settings)
    build(copy)


@pytest.fixture(scope="session")
def grown(tmp_path_factory) -> Path:
    """The same with limits so low that lists have pages by letter, and search loads parts."""
    return once(tmp_path_factory, "grown", partial(_built, further_settings=LOW_LIMITS))


def copy_content(copy: Path) -> None:
    """Copy this repository's content into the new folder `copy`."""
    copy.mkdir(parents=True)
    for name in CONTENT:
        shutil.copytree(ROOT / name, copy / name)
    for file in [*ROOT.glob("*.yml"), ROOT / "macros.py"]:
        shutil.copy(file, copy)


def build(root: Path) -> None:
    """Build the site of `root` as for a repository's pages, below a path of the host."""
    done = subprocess.run(
        [sys.executable, "-m", "termbook", "build", "--root", root],
        env={**os.environ, "REPO_URL": REPOSITORY, "SITE_URL": f"https://example.org{BASE}"},
        capture_output=True, text=True, check=False,
    )
    if done.returncode:
        pytest.fail(f"`termbook build` failed:\n{done.stdout}{done.stderr}", pytrace=False)


@pytest.fixture(scope="session")
def book(content: Path) -> Book:
    """What the built site was made from."""
    return read(content).book


@pytest.fixture(scope="session")
def site(content: Path) -> Iterator[str]:
    """The address at which the built site is served."""
    with served(content / "site", BASE) as server:
        yield server.home


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium; without one the tests fail, so that nobody believes they passed."""
    with sync_playwright() as playwright:
        try:
            chromium = launch(playwright)
        except FileNotFoundError as error:
            pytest.fail(str(error), pytrace=False)
        yield chromium
        chromium.close()


@pytest.fixture
def watch(tally: Tally) -> Callable[..., list[str]]:
    """Gives the growing list of what a browser context asks of other hosts than that of `home`.

    Files, and data within a page, are asked of no host.
    """
    def begin(context: BrowserContext, home: str) -> list[str]:
        foreign: list[str] = []

        def note(url: str) -> None:
            if url.startswith(("data:", "blob:", "file:")):
                return
            tally.count("requests")
            if not url.startswith(home):
                tally.count("off-origin")
                foreign.append(url)

        context.on("request", lambda request: note(request.url))
        return foreign

    return begin


@pytest.fixture
def page(browser: Browser, site: str, watch: Callable[..., list[str]]) -> Iterator[Page]:
    """A page on the site, which fails a test whose page complains or asks any other host."""
    with browser.new_context(base_url=site, viewport={"width": 1350, "height": 900}) as context:
        page = context.new_page()
        trouble: list[str] = []
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
        foreign = watch(context, site)
        context.route(lambda url: not url.startswith(site), lambda route: route.abort())
        yield page
    assert trouble == []
    assert foreign == []


@pytest.fixture(params=["http", "file"])
def home(request: pytest.FixtureRequest, site: str, content: Path) -> str:
    """Where the site is read from: a server, or a folder."""
    return site if request.param == "http" else (content / "site").resolve().as_uri() + "/"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone, which fails a test whose page complains."""
    with browser.new_context(
        viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        trouble: list[str] = []
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
        yield page
    assert trouble == []


@pytest.fixture(scope="session")
def bank(content: Path) -> dict[str, Any]:
    """The bank of the built site, as its pages read it."""
    return bank_of(content)


@pytest.fixture
def quiz(browser: Browser) -> Iterator[Page]:
    """An empty page with those scripts of a quiz that know neither page nor storage nor time."""
    page = logic(browser)
    yield page
    page.close()
