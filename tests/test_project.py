"""The facilitator's page: a group votes, the facilitator counts and reveals, all by keyboard."""

from __future__ import annotations

import gzip

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect
from quizzing import HEADING, address, press_on, tab_to
from sites import ROOT
from test_accessibility import RUN_AXE, TAGS

PAGE = "study/project/"
SCRIPT = ROOT / "theme/assets/study/project.js"


def fragment(bank, *kinds: str, **more: str) -> str:
    """An address with a question of each kind, the first of the bank that has a debate or not."""
    keys = [next(one["key"] for one in bank["items"] if one["type"] == kind) for kind in kinds]
    parts = {"seed": "group", "n": str(len(keys)), "bank": bank["version"],
             "keys": ".".join(keys), "at": "1", **more}
    return "#" + "&".join(f"{name}={value}" for name, value in parts.items())


def asked(page: Page, bank) -> dict:
    stem = page.locator(".qz-stem").inner_text().split()
    return next(one for one in bank["items"] if one["stem"].split() == stem)


def test_a_group_votes_and_then_reads_the_reasons(phone, home, bank):
    """From the start to the end without a mouse, on a phone, on a server and from a folder."""
    phone.goto(address(home, PAGE))
    press_on(phone, "Start")
    expect(phone.locator(HEADING)).to_be_focused()
    expect(phone.locator(HEADING)).to_have_text("Question 1 of 10")
    while asked(phone, bank)["type"] in ("order", "match"):
        phone.keyboard.press("ArrowRight")
    expect(phone.locator(".qz-votes").nth(1)).to_have_text("0")
    for key in ("1", "2", "2", "2", "Shift+Digit1", "Shift+Digit1", "1"):
        phone.keyboard.press(key)
    tab_to(phone, phone.get_by_role("button", name="One more vote for A"))
    phone.keyboard.press("Enter")
    expect(phone.locator(".qz-votes")).to_have_text(
        ["2", "3", *["0"] * (phone.locator(".qz-votes").count() - 2)])
    expect(phone.locator(".qz-say")).to_have_text("A: 2 votes.")
    reasons = phone.locator(".qz-verdict")
    expect(reasons).to_have_count(0)
    phone.keyboard.press("r")
    expect(phone.locator(HEADING)).to_be_focused()
    item = asked(phone, bank)
    expect(reasons).to_have_count(len(item["options"]))
    assert phone.locator(".qz-share").all_inner_texts()[:2] == [
        "2 votes of 5, 40 %", "3 votes of 5, 60 %"]
    told = " ".join(phone.locator(".qz-tolds").inner_text().split())
    for option in item["options"]:
        reason = "".join(one if isinstance(one, str) else one[0] for one in option["reason"])
        verdict = "Right." if option.get("correct") else "Wrong."
        if item["type"] == "depends":
            verdict = "Accepted." if option.get("correct") else "Not accepted."
        assert f"{verdict} {' '.join(reason.split())}" in told
    phone.keyboard.press("1")  # what is revealed is counted
    assert phone.locator(".qz-share").all_inner_texts()[0] == "2 votes of 5, 40 %"
    phone.keyboard.press("ArrowRight")
    expect(reasons).to_have_count(0)
    phone.keyboard.press("ArrowLeft")
    expect(reasons).to_have_count(len(item["options"]))
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    press_on(phone, "End")
    expect(phone.locator(HEADING)).to_have_text("Choose the questions")
    expect(phone.locator(HEADING)).to_be_focused()


def test_the_address_leads_everybody_to_the_same_question(page, site, bank):
    """A reload stays where it was; a link from other questions says so before it begins."""
    page.goto(f"{site}{PAGE}#seed=group&n=4&bank={bank['version']}&domain=M&at=3")
    expect(page.locator(HEADING)).to_have_text("Question 3 of 4")
    drawn = page.evaluate("""() => termbookDraw.practice(
      termbookDraw.matching(termbookBank.items, {domain: "M"}), "group", 4)[2].stem""")
    assert page.locator(".qz-stem").inner_text() == drawn
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator(HEADING)).to_have_text("Question 4 of 4")
    page.keyboard.press("ArrowRight")
    page.reload()
    expect(page.locator(HEADING)).to_have_text("Question 4 of 4")
    for wrong in ("bank=00000000", f"bank={bank['version']}&domain=Z"):
        page.goto(f"{site}{PAGE}#seed=group&n=4&{wrong}&at=1")
        expect(page.locator(HEADING)).to_have_text("Choose the questions")
        expect(page.locator(".qz-note")).to_have_count(1)
    page.goto(f"{site}{PAGE}#seed=group&n=4&bank={bank['version']}&at=99")
    expect(page.locator(HEADING)).to_have_text("Question 4 of 4")


@pytest.mark.parametrize("kind", ["order", "match"])
def test_what_nobody_can_vote_on_is_revealed_all_the_same(page, site, bank, kind):
    """Things to be put in order, in it; things to be matched, with what they belong to."""
    page.goto(f"{site}{PAGE}{fragment(bank, kind)}")
    item = asked(page, bank)
    before = page.locator(".qz-option-text").all_inner_texts()
    expect(page.locator(".qz-votes")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    page.keyboard.press("r")
    after = [text.partition(". ")[2] for text in page.locator(".qz-option-text").all_inner_texts()]
    verdicts = page.locator(".qz-verdict").all_inner_texts()
    if kind == "order":
        options = sorted(item["options"], key=lambda one: one["place"])
        assert after == [one["text"] for one in options]
        assert verdicts == [f"Place {one['place']}." for one in options]
        assert [text.partition(". ")[2] for text in before] != after
    else:
        matches = {one["text"]: one["match"] for one in item["options"]}
        assert verdicts == [f"→ {matches[text]}." for text in after]


def test_there_is_something_to_discuss(page, site, bank):
    """The debates that bear on a question, by name; else what would change the answer."""
    for some in (True, False):
        item = next(one for one in bank["items"] if bool(one.get("debates")) is some)
        page.goto(f"{site}{PAGE}#seed=group&n=1&bank={bank['version']}&keys={item['key']}&at=1")
        page.get_by_role("button", name="Reveal").click()
        said = page.locator(".qz-note").inner_text()
        for debate in item.get("debates", []):
            assert bank["debates"][debate] in said
        assert ("What would have to be different" in said) is not some
        page.goto("about:blank")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_in_any_state(page, site, bank, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{site}{PAGE}")
    page.evaluate(AXE_SCRIPT)
    found = [page.evaluate(RUN_AXE, TAGS)]
    page.get_by_role("button", name="Start").click()
    found.append(page.evaluate(RUN_AXE, TAGS))
    page.keyboard.press("1")
    page.keyboard.press("r")
    found.append(page.evaluate(RUN_AXE, TAGS))
    assert found == [[], [], []]


def test_without_its_script_the_page_says_where_the_questions_are(browser, site):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}{PAGE}")
        expect(page.get_by_text("This page needs JavaScript.")).to_be_visible()
        page.get_by_role("article").get_by_role("link", name="Mindset").click()
        expect(page.locator("h1")).to_contain_text("Questions: Mindset")


def test_its_script_is_small():
    assert len(gzip.compress(SCRIPT.read_bytes())) < 4096
