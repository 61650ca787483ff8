"""Pictures of the built site: `python -m tests.screenshots FOLDER` writes them as PNG files.

They show what a reader sees first on the pages that README.md tells of. With `--every` they show
the whole of every kind of page at more widths, to be looked at after a change of the theme.
It builds nothing: `make screenshots` builds the site first.
"""

from __future__ import annotations

import argparse
import os
import sys
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from termbook.linkcheck.loopback import served
from tests.chromium import launch, visit

SITE = Path(__file__).parent.parent / "site"
PAGES = {
    "home": "",
    "customer": "glossary/customer/",
    "ad-funded-platform": "scenarios/ad-funded-platform/",
    "glossary": "glossary/",
}
EVERY = PAGES | {
    "product-owner": "glossary/product-owner/", "sprint": "glossary/sprint/",
    "scenarios": "scenarios/", "figures": "figures/", "debates": "debates/",
    "what-is-a-customer": "debates/what-is-a-customer/", "principles": "principles/",
    "questions": "questions/", "study": "study/", "plan": "study/plan/",
    "coverage": "study/coverage/", "domain": "study/questions/product/",
    "bank": "study/questions/product/p1/", "pairs": "study/derived/pairs/roles/",
    "practice": "study/practice/", "exam": "study/exam/", "cards": "study/cards/",
    "project": "study/project/",
    "session": "session/", "task": "session/task/", "review": "session/review/",
    "lead": "session/facilitator/", "sources": "sources/",
    "scrum-guide": "sources/scrum-guide-2020/", "reading": "reading/", "about": "about/",
    "contribute": "contribute/", "form": "contribute/form/", "reference": "contribute/reference/",
    "404": "glossary/custmer/",
}
HEIGHTS = {320: 640, 390: 844, 768: 1024, 1350: 900}
SCHEMES = ("light", "dark")
HERO = "home.png"


def shoot(
    browser: Browser, address: str, file: Path, width: int, scheme: str, whole: bool = False
) -> None:
    """Write a picture of what a reader sees first at `address` in a window of that width."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    visit(page, address)
    page.screenshot(path=file, animations="disabled", full_page=whole)
    context.close()


def main(folder: Path, every: bool, widths: list[int], only: list[str]) -> None:
    """Write every picture into `folder`; `only` those whose names it holds, if it holds any."""
    if not (SITE / "index.html").is_file():
        sys.exit(f"{SITE} is not built yet: run `termbook build` first")
    folder.mkdir(parents=True, exist_ok=True)
    base = urlsplit(os.environ.get("SITE_URL", "")).path or "/"
    pages = {name: path for name, path in (EVERY if every else PAGES).items()
             if not only or name in only}
    with (
        served(SITE, base) as server, sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        for (name, path), width, scheme in product(pages.items(), widths, SCHEMES):
            file = folder / f"{name}-{width}-{scheme}.png"
            shoot(browser, server.home + path, file, width, scheme, every)
        if not every:
            shoot(browser, server.home, folder / HERO, 1350, "light")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", action="store_true", help="every kind of page, the whole of it")
    parser.add_argument("--widths", type=int, nargs="+", default=[390, 1350], choices=HEIGHTS)
    parser.add_argument("--only", nargs="+", default=[], choices=EVERY, metavar="NAME")
    main(**vars(parser.parse_args()))
