"""How a test searches: it types as a reader does."""

from __future__ import annotations

from chromium import until
from playwright.sync_api import Locator, Page


def box(page: Page) -> Locator:
    """The field of the search."""
    return page.locator("[data-md-component=search-query]")


def settle(page: Page, words: str) -> None:
    """Wait until the search has answered what was typed: it answers in the order of asking."""
    until(page, "Boolean(window.termbookSearch?.ask)")
    page.evaluate("words => termbookSearch.ask(words)", words)


def type_into(page: Page, words: str) -> None:
    """Type `words` into the search, in place of what stands there."""
    box(page).focus()
    box(page).fill("")
    page.keyboard.insert_text(words)
    page.keyboard.press("Shift")  # Material looks at the field on every key
