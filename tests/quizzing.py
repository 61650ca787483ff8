"""How a learner without a mouse answers the questions of practice and of the mock exam."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sites import ROOT

SCRIPTS = [ROOT / "theme/assets/study" / name for name in ("draw.js", "quiz.js")]
HEADING = ".qz-heading"


def logic(browser: Browser) -> Page:
    """An empty page with the scripts that know neither page nor storage nor time."""
    page = browser.new_page()
    for script in SCRIPTS:
        page.add_script_tag(path=script)
    return page


def bank_of(content: Path) -> dict[str, Any]:
    """What `study/bank.js` of the built site sets."""
    script = (content / "site/study/bank.js").read_text("utf-8")
    return json.loads(script.partition("=")[2])


def address(home: str, page: str, fragment: str = "") -> str:
    """The address of a page of the site at `home`, which may be a folder."""
    return f"{home}{page}{'index.html' if home.startswith('file') else ''}{fragment}"


def right_of(item: dict[str, Any]) -> list[int]:
    """The places of the options that are right, in the right order."""
    options = list(enumerate(item["options"]))
    if item["type"] == "order":
        return [place for place, option in sorted(options, key=lambda one: one[1]["place"])]
    return [place for place, option in options if option.get("correct")]


def shown(page: Page, bank: dict[str, Any]) -> dict[str, Any]:
    """The item of the question on the page, known by its words and its options."""
    stem = page.locator(".qz-stem").inner_text().split()
    texts = set(page.locator(".qz-option > span:last-child, .qz-row-text").all_inner_texts())
    [item] = [one for one in bank["items"] if one["stem"].split() == stem
              and {option["text"] for option in one["options"]} == texts]
    return item


def give(page: Page, item: dict[str, Any], rightly: bool = True) -> None:
    """Answer the question on the page with keys alone, beginning from its heading."""
    expect(page.locator(HEADING)).to_be_focused()
    {"order": _order, "match": _match}.get(item["type"], _choose)(page, item, rightly)


def _choose(page: Page, item: dict[str, Any], rightly: bool) -> None:
    right = right_of(item)
    wrong = [place for place in range(len(item["options"])) if place not in right]
    texts = page.locator(".qz-option > span:last-child").all_inner_texts()
    for place in right if rightly else wrong[:1]:
        page.keyboard.press(str(texts.index(item["options"][place]["text"]) + 1))


def _order(page: Page, item: dict[str, Any], rightly: bool) -> None:
    right = right_of(item)
    wanted = right if rightly else [right[1], right[0], *right[2:]]
    rows = page.locator(".qz-row-text")
    for index, place in enumerate(wanted):
        at = rows.all_inner_texts().index(item["options"][place]["text"])
        page.keyboard.press(str(at + 1))
        for _ in range(at - index):
            page.keyboard.press("ArrowUp")
    if rows.all_inner_texts() == [item["options"][place]["text"] for place in wanted]:
        # An order that was there from the start counts once something has moved.
        page.keyboard.press("1")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")


def _match(page: Page, item: dict[str, Any], rightly: bool) -> None:
    matches = {one["text"]: one["match"] for one in item["options"]}
    texts = page.locator(".qz-row-text").all_inner_texts()
    for index, text in enumerate(texts):
        wanted = matches[text if rightly else texts[0]]
        page.keyboard.press(str(index + 1))
        select = page.locator(f'select[data-digit="{index + 1}"]')
        expect(select).to_be_focused()
        for _ in range(len(texts) + 1):
            if select.input_value() == wanted:
                break
            page.keyboard.press("ArrowDown")
        assert select.input_value() == wanted


def press_on(page: Page, name: str) -> None:
    """Tab to a button of the quiz and press Enter."""
    tab_to(page, page.locator(".qz").get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


def tab_to(page: Page, target: Locator) -> None:
    expect(target).to_be_visible()
    for _ in range(60):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {target}")


def kept(page: Page, name: str) -> Any:
    """What the browser keeps under a name of the study part."""
    found = page.evaluate(
        "name => Object.entries(localStorage).find(([key]) => key.startsWith(name))?.[1]",
        f"termbook.study.{name}:",
    )
    return json.loads(found) if found else None
