"""Everything that is knowledge is readable without JavaScript, and every link leads somewhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from termbook.study.bank import bank

PAGES = [
    "./", "glossary/", "glossary/customer/", "scenarios/", "scenarios/ad-funded-platform/",
    "debates/", "debates/what-is-a-customer/", "questions/", "sources/scrum-guide-2020/",
    "contribute/form/", "404.html", "study/", "study/questions/mindset/",
    "study/questions/mindset/m1/", "study/derived/pairs/roles/", "study/coverage/", "study/plan/",
]


@pytest.fixture(params=[390, 1350], ids="{}px".format)
def bare(browser, site, request):
    """A page in a browser without JavaScript."""
    with browser.new_context(
        base_url=site, java_script_enabled=False, viewport={"width": request.param, "height": 900}
    ) as context:
        yield context.new_page()


def shown(page: Page) -> str:
    """The text of the page's article that can be seen, in single spaces."""
    return flat(page.locator("article").inner_text())


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def plain_start(text: str) -> str:
    """The words of Markdown prose before its first mark."""
    return flat(re.split(r"[\[*`_(<]", text)[0])


def unfold(page: Page) -> None:
    """Click on the first fold, and open the others as a click would."""
    folds = page.locator("article details:not([open]):has(> summary)")
    if folds.count():
        folds.locator("summary").first.click()
        folds.evaluate_all("all => all.forEach((one) => { one.open = true; })")


def test_definitions(bare, book):
    """Every definition can be read on the A–Z index, and a sample on their own pages."""
    bare.goto("glossary/")
    index = shown(bare)
    assert [term.id for term in book.terms.values() if flat(term.definition) not in index] == []
    for term in list(book.terms.values())[::9]:
        bare.goto(f"glossary/{term.id}/")
        expect(bare.locator(".definition")).to_be_visible()
        assert flat(term.definition) in shown(bare)


def test_scenarios_and_grid(bare, book):
    bare.goto("scenarios/")
    grid = bare.locator("article")
    for scenario in book.scenarios.values():
        for cast in scenario.cast:
            expect(grid).to_contain_text(cast.player)
    for scenario in book.scenarios.values():
        bare.goto(f"scenarios/{scenario.id}/")
        text = shown(bare)
        for cast in scenario.cast:
            assert flat(cast.player) in text and plain_start(cast.why) in text
        expect(bare.locator("svg.tb-flows")).to_be_visible()


def test_debates_and_answers(bare, book):
    """Every position of every debate, and the answers that wait in a fold."""
    for debate in book.debates.values():
        bare.goto(f"debates/{debate.id}/")
        unfold(bare)
        text = shown(bare)
        for position in debate.positions:
            assert flat(position.holds) in text and plain_start(position.says) in text
        for asked in debate.faq:
            assert plain_start(asked.answer) in text


def test_questions_of_the_bank(bare, book):
    """Each question by its domain and task with all options, and reasons for them in a fold."""
    for task, domain in ((book.tasks[one], of) for one, of in book.domain_of.items()):
        asked = [one for one in book.questions.values() if one.tasks[0] == task.id]
        folder = f"study/questions/{domain.label.lower()}/"
        bare.goto(folder)
        for question in asked:
            expect(bare.locator(f"article a[href$='{task.id.lower()}/#q-{question.key}']")
                   ).to_be_visible()
        bare.goto(f"{folder}{task.id.lower()}/")
        closed = shown(bare)
        unfold(bare)
        text = shown(bare)
        assert asked and "Wrong." not in closed and "Wrong." in text
        for question in asked:
            assert flat(question.stem) in text
            for option in question.options:
                assert flat(option.text) in closed
                assert plain_start(option.reason) in text
            place = bare.locator(f"#q-{question.key}")
            expect(place).to_be_visible()


def test_derived_questions_are_marked_and_whole(bare, book):
    """On pages of their own, which say what they are made from; none of them among the others."""
    for name, kinds in (("pairs", ["pair"]), ("scenarios", ["cast", "case"])):
        items = [item for item in bank(book).items if item.derived in kinds]
        bare.goto(f"study/derived/{name}/")
        assert bare.locator("article li a[href*='#q-']").count() == len(items)
        for page in {item.page for item in items}:
            bare.goto(f"{page}/")
            text = shown(bare)
            assert "Each question is made from" in text
            for item in bank(book).items:
                assert (flat(item.stem) in text) == (item.page == page), item.stem


def test_plan_and_coverage(bare, book):
    """Seven days and six sessions; every task in each of them, and each once in the coverage."""
    bare.goto("study/plan/")
    headings = bare.locator("article h3").all_inner_texts()
    assert [one.partition(":")[0] for one in headings] == [
        *(f"Day {number}" for number in range(1, 8)),
        *(f"Session {number}" for number in range(1, 7))]
    plan = shown(bare)
    bare.goto("study/coverage/")
    rows = bare.locator("article td:first-child").all_inner_texts()
    names = [f"{task.id} {task.label}" for task in book.tasks.values()]
    assert rows == names
    assert all(plan.count(f"{name}:") == 2 for name in names)


def test_tabs_show_each_scenario(bare, book):
    bare.goto("glossary/customer/")
    for part in book.plays_in["customer"]:
        bare.locator(".tabbed-labels").get_by_text(part.scenario.label, exact=True).click()
        expect(bare.locator(".tabbed-block:visible")).to_contain_text(plain_start(part.cast.why))


@pytest.mark.parametrize("path", PAGES)
def test_nothing_waits_for_a_script(bare, path):
    """No link leads nowhere, no button or field is shown that only a script could serve."""
    bare.goto(path)
    links = bare.locator("a[href]").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    assert links and [one for one in links if re.match(r"#$|javascript:", one)] == []
    dead = bare.locator("button, select, textarea, input:not([type=checkbox], [type=radio])")
    assert [one.inner_html() for one in dead.locator("visible=true").all()] == []
    expect(bare.locator("article h1")).to_be_visible()


def test_menu_opens_by_its_checkbox(bare):
    """On a phone the drawer, and on a wide screen the tabs, lead through the site."""
    bare.goto("glossary/customer/")
    if bare.viewport_size["width"] < 1000:
        bare.locator("header label[for=__drawer]").click()
        link = bare.locator(".md-sidebar--primary").get_by_role("link", name="About")
    else:
        link = bare.locator(".md-tabs").get_by_role("link", name="About")
    link.click()
    expect(bare).to_have_url(re.compile("/about/$"))
