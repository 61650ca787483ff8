"""The real browser of the browser tests, the screenshots and the audit."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable(playwright: Playwright) -> Path:
    """This machine's Chromium, or else Playwright's own; FileNotFoundError without either."""
    found = filter(None, map(shutil.which, NAMES))
    path = Path(next(found, playwright.chromium.executable_path))
    if not path.is_file():
        raise FileNotFoundError("there is no Chromium on this machine; run tests/install-browser")
    return path


def visit(page: Page, address: str) -> None:
    """Open an address, and wait until its scripts have run and it asks for nothing more."""
    page.goto(address)  # a slow page may ask for nothing for a while before its scripts run
    page.wait_for_load_state("networkidle")


def until(page: Page, expression: str, arg: object = None) -> None:
    """Wait until a JavaScript expression, or what a function of it gives for `arg`, is true.

    Playwright's own waiting evaluates text within the page, which the site's policy forbids.
    """
    end = time.monotonic() + 60
    while not page.evaluate(expression, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"never true: {expression}")
        page.wait_for_timeout(20)


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that `executable` finds."""
    return playwright.chromium.launch(
        executable_path=executable(playwright), args=["--no-sandbox"]
    )
