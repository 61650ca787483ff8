"""Practice: answers judged, a whole round by keyboard, the wrong ones again, links for groups."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect
from quizzing import HEADING, address, give, kept, press_on, right_of, shown
from test_accessibility import RUN_AXE, TAGS

PAGE = "study/practice/"


def item(kind: str, *options: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "tasks": [], "options": [{"text": f"o{i}", **one}
                                                   for i, one in enumerate(options)]}


GOOD, BAD = {"correct": True}, {}
ITEMS = {
    "one": item("one", BAD, GOOD, BAD),
    "several": item("several", GOOD, BAD, GOOD, BAD),
    "depends": item("depends", GOOD, BAD, GOOD),
    "order": item("order", {"place": 2}, {"place": 3}, {"place": 1}),
    "match": item("match", {"match": "x"}, {"match": "y"}, {"match": "x"}),
    "unheard-of": item("unheard-of", GOOD, GOOD, GOOD),
}
RIGHT = {
    "one": [[1]],
    "several": [[0, 2], [2, 0]],
    "depends": [[0], [2], [0, 2]],
    "order": [[2, 0, 1]],
    "match": [["x", "y", "x"]],
    "unheard-of": [],
}
WRONG = {
    "one": [[0], [2], [0, 1], [1, 1]],
    "several": [[0], [0, 1, 2], [0, 2, 2], [1, 3], [0, 1, 2, 3]],
    "depends": [[1], [0, 1], [0, 0]],
    "order": [[0, 1, 2], [2, 0], [2, 0, 0], [2, 0, 1, 1]],
    "match": [["x", "y", "y"], ["x", "y"], ["x", "y", "z"], ["x", "y", None], ["y", "x", "x"]],
    "unheard-of": [[0], [1]],
}
MALFORMED = [None, [], [None], "1", 1, {}, {"0": 1}, [3], [7], [-1], ["1"], [1.5], [True], [[1]],
             ["__proto__"], [1, None], ["x"] * 99]


def start(page: Page, url: str) -> None:
    """Open a link to a round and start it from the keyboard."""
    page.goto(url)
    press_on(page, "Start")
    expect(page.locator(HEADING)).to_contain_text("Question 1 of")


@pytest.mark.parametrize("kind", ITEMS)
def test_an_answer_is_judged_by_its_type(quiz, kind):
    """What is right is right; what lacks something, or has too much, or is no answer, is wrong."""
    judge = "([item, answers]) => answers.map((one) => termbookQuiz.judge(item, one))"
    right, wrong = RIGHT[kind], [*WRONG[kind], *MALFORMED]
    assert quiz.evaluate(judge, [ITEMS[kind], right]) == [True] * len(right)
    assert quiz.evaluate(judge, [ITEMS[kind], wrong]) == [False] * len(wrong)


def test_the_right_answer_of_every_question_is_judged_right(quiz, bank):
    """Of each question of the bank; where several are accepted, each of them alone too."""
    faults = quiz.evaluate("""(items) => {
      const {judge, rightAnswer, inWords, complete} = termbookQuiz;
      return items.filter((item) => {
        const right = rightAnswer(item);
        const alone = item.type === "depends" ? right.map((place) => [place]) : [];
        return ![right, ...alone].every((one) => complete(item, one) && judge(item, one))
          || inWords(item, right).length !== right.length;
      }).map((item) => item.key);
    }""", bank["items"])
    assert faults == []
    assert {one["type"] for one in bank["items"]} == {"one", "several", "depends", "order", "match"}


def test_a_checked_answer_stays(quiz):
    """No later event changes an answer once it is checked, and nothing is checked half given."""
    states = quiz.evaluate("""([one, match]) => {
      const {beginRound, practise} = termbookQuiz;
      const items = [one, match];
      let state = beginRound(items);
      const seen = [];
      const go = (event) => { state = practise(items, state, event); seen.push(state); };
      go({type: "check"});
      go({type: "next"});
      go({type: "answer", answer: [1]});
      go({type: "check"});
      go({type: "answer", answer: [0]});
      go({type: "check"});
      go({type: "next"});
      go({type: "answer", answer: ["x", null, null]});
      go({type: "check"});
      go({type: "finish"});
      go({type: "answer", answer: ["x", "y", "x"]});
      go({type: "check"});
      return seen;
    }""", [ITEMS["one"], ITEMS["match"]])
    assert states[1] == {"at": 0, "answers": [None, None], "right": [None, None], "done": False}
    assert [one["answers"][0] for one in states[3:]] == [[1]] * 9
    assert [one["right"][0] for one in states[3:]] == [True] * 9
    assert states[-1] == {"at": 1, "answers": [[1], ["x", None, None]], "right": [True, None],
                          "done": True}


def test_an_address_carries_a_draw(quiz, bank):
    """There and back, with letters that an address escapes; what is unknown is named, not used."""
    back = "([bank, wanted]) => termbookQuiz.wantedBy(termbookQuiz.fragment(wanted), bank)"
    wanted = {"seed": "Đội & co #1 100%", "number": 12, "bank": bank["version"],
              "scenario": "internal-it", "domain": "P", "task": "P1", "derived": False}
    found = quiz.evaluate(back, [bank, wanted])
    assert {**found, "bank": bank["version"]} == {
        **wanted, "keys": None, "unknown": [], "changed": False}
    parse = "([bank, text]) => termbookQuiz.wantedBy(text, bank)"
    assert quiz.evaluate(parse, [bank, "#seed=%20&n=3"]) is None
    odd = quiz.evaluate(parse, [bank, f"#seed={'x' * 99}&n=-4&bank=0&task=Q9&keys=nope.<b>"])
    assert odd["seed"] == "x" * 60 and odd["number"] == 0 and odd["changed"]
    assert odd["unknown"] == ["nope", "<b>", "Q9"] and odd["keys"] == [] and odd["task"] == ""


def test_scores_add_up(quiz, bank):
    """By domain and by task, with the terms of wrong answers alone."""
    items = bank["items"]
    right = [number % 3 == 0 for number in range(len(items))]
    sum_ = quiz.evaluate("([items, right]) => termbookQuiz.score(items, right)", [items, right])
    assert (sum_["right"], sum_["total"]) == (sum(right), len(items))
    for whole in (sum_, *sum_["domains"]):
        parts = whole.get("domains") or whole["tasks"]
        assert sum(one["total"] for one in parts) == whole["total"]
        assert sum(one["right"] for one in parts) == whole["right"]
    terms = {term for one, good in zip(items, right, strict=True) if not good
             for term in one.get("terms", [])}
    assert {term for one in sum_["domains"] for task in one["tasks"] for term in task["terms"]} \
        == terms


def test_a_whole_round_by_keyboard(phone, home, bank):
    """Twelve written questions, every third one wrong; reasons, a score, the wrong ones again."""
    start(phone, address(home, PAGE, "#seed=round&n=12&derived=no"))
    wrong: set[str] = set()
    for number in range(12):
        expect(phone.locator(HEADING)).to_have_text(f"Question {number + 1} of 12")
        one = shown(phone, bank)
        give(phone, one, number % 3 != 0)
        if number % 3 == 0:
            wrong.add(one["key"])
        press_on(phone, "Check")
        verdict = phone.locator(".qz-result")
        expect(verdict).to_be_focused()
        expect(verdict).to_contain_text("Wrong" if number % 3 == 0 else "Right")
        expect(phone.locator(".qz-say")).to_contain_text("Wrong" if number % 3 == 0 else "Right")
        told = phone.locator(".qz-told")
        assert told.count() == len(one["options"])
        for option in one["options"]:
            reason = "".join(part if isinstance(part, str) else part[0]
                             for part in option["reason"])
            expect(phone.locator(".qz-tolds")).to_contain_text(reason)
        phone.keyboard.press("Enter")
    expect(phone.locator(HEADING)).to_have_text("8 of 12 right")
    assert {one["key"] for one in kept(phone, "answers") if not one["right"]} == wrong
    links = phone.locator(".qz-again a")
    assert links.count() > 4
    press_on(phone, "Repeat the wrong ones (4)")
    for _ in range(4):
        one = shown(phone, bank)
        assert one["key"] in wrong
        give(phone, one)
        press_on(phone, "Check")
        phone.keyboard.press("Enter")
    expect(phone.locator(HEADING)).to_have_text("4 of 4 right")
    press_on(phone, "New round")
    expect(phone.get_by_role("button", name="What I got wrong (0)")).to_be_visible()
    assert "seed" not in phone.url


def test_every_link_of_an_explanation_leads_to_a_page(page, content, bank):
    """Of one question of each type and derived kind, seen from the folder as well."""
    site = (content / "site").resolve()
    kinds = {(one["type"], one.get("derived", "")): one["key"] for one in bank["items"]}
    keys = ".".join(kinds.values())
    page.goto(f"{PAGE}#seed=links&n={len(kinds)}&keys={keys}")
    press_on(page, "Start")
    checked = 0
    for _ in kinds:
        give(page, shown(page, bank))
        press_on(page, "Check")
        for href in page.locator(".qz-form a").evaluate_all("all => all.map((one) => one.href)"):
            path, _, anchor = href.partition("#")
            file = site / path.partition("/knowledge/")[2] / "index.html"
            assert file.is_file(), href
            assert not anchor or f'id="{anchor}"' in file.read_text("utf-8"), href
            checked += 1
        expect(page.locator(".qz-result")).to_be_focused()
        page.keyboard.press("Enter")
    assert checked > 5 * len(kinds)


def test_a_round_goes_on_after_a_reload(page, bank):
    """On the very question, with what was chosen and what was checked."""
    page.goto(f"{PAGE}#seed=again&n=3&derived=yes")
    press_on(page, "Start")
    give(page, shown(page, bank))
    press_on(page, "Check")
    page.keyboard.press("Enter")
    expect(page.locator(HEADING)).to_have_text("Question 2 of 3")
    page.keyboard.press("2")
    page.reload()
    expect(page.locator(HEADING)).to_have_text("Question 2 of 3")
    expect(page.locator(".qz-option input").nth(1)).to_be_checked()
    expect(page.locator(".qz-top")).to_contain_text("1 of 1 right")
    page.goto("about/")
    page.goto(PAGE)
    expect(page.locator(HEADING)).to_have_text("Question 2 of 3")


def test_choices_narrow_the_round(page, bank):
    """Scenario, domain, task and kind each do what they say, and say how much is left."""
    page.goto(PAGE)
    items = bank["items"]
    count = page.locator(".qz-count")
    expect(count).to_contain_text(f"{len(items)} questions to draw from, 10 in this round")
    page.get_by_label("Scenario", exact=True).select_option("Internal IT")
    some = [one for one in items if one.get("scenario") == "internal-it"]
    expect(count).to_contain_text(f"{len(some)} questions")
    page.get_by_label("Scenario", exact=True).select_option("Any")
    page.get_by_label("Domain", exact=True).select_option("Product")
    assert all(one.startswith(("P", "Any"))
               for one in page.get_by_label("Task", exact=True).locator("option").all_inner_texts())
    page.get_by_label("Task", exact=True).select_option("P1")
    page.get_by_label("Kind", exact=True).select_option("Made from the data")
    some = [one for one in items if one.get("domain") == "P" and "P1" in one["tasks"]
            and one.get("derived")]
    expect(count).to_contain_text(f"{len(some)} question")
    page.get_by_label("Scenario", exact=True).select_option("Single client")
    page.get_by_label("Domain", exact=True).select_option("Any")
    page.get_by_label("Kind", exact=True).select_option("Any")
    number = page.get_by_label("Questions", exact=True)
    total = sum(one.get("scenario") == "single-client" for one in items)
    page.get_by_label("Task", exact=True).select_option("Any")
    for typed, held in (("", 10), ("-3", 1), ("999", total), ("2.7", 2)):
        number.fill(typed)
        expect(count).to_have_text(f"{total} questions to draw from, {held} in this round.")
    page.get_by_role("button", name="Start").click()
    expect(page.locator(HEADING)).to_have_text("Question 1 of 2")
    drawn = kept(page, "run.practice")["items"]
    assert {one["scenario"] for one in drawn} == {"single-client"}
    assert re.search(r"#seed=[a-z]+-[a-z]+&n=2&bank=[0-9a-f]{8}&scenario=single-client", page.url)


def test_the_same_link_gives_the_same_quiz(page, browser, site):
    """Two browsers, one link: the same questions and options in the same order."""
    link = f"{PAGE}#seed=Đội+phát+triển&n=5&derived=yes"
    texts = []
    for one in (page, browser.new_page(base_url=site)):
        one.goto(link)
        press_on(one, "Start")
        drawn = [item["key"] for item in kept(one, "run.practice")["items"]]
        texts.append((drawn, one.locator(".qz-option").all_inner_texts()))
    one.close()
    assert texts[0] == texts[1] and len(texts[0][0]) == 5


def test_a_changed_bank_is_told(page, bank):
    """The round is drawn from today's questions all the same."""
    page.goto(f"{PAGE}#seed=old&n=3&bank=00000000&task=Z9")
    notes = page.locator(".qz-note")
    expect(notes.first).to_contain_text("The questions have changed since this link was made")
    expect(notes.nth(1)).to_contain_text("Z9")
    press_on(page, "Start")
    assert {one["key"] for one in kept(page, "run.practice")["items"]} <= {
        one["key"] for one in bank["items"]}
    assert bank["version"] in page.url


def test_a_link_does_not_end_the_round_under_way(page):
    """Another link first offers to go on with what was begun."""
    page.goto(f"{PAGE}#seed=mine&n=3&derived=yes")
    press_on(page, "Start")
    stem = page.locator(".qz-stem").inner_text()
    page.evaluate("location.hash = '#seed=theirs&n=4'")
    expect(page.locator(HEADING)).to_have_text("Choose a round")
    page.get_by_role("button", name="Go on with it").click()
    expect(page.locator(".qz-stem")).to_have_text(stem)
    assert "seed=mine" in page.url


def test_the_log_tells_what_went_wrong_and_can_be_cleared(page, bank):
    """Question, my answer, the right one and its reason; then only those again; then nothing."""
    page.goto(f"{PAGE}#seed=log&n=2&derived=yes")
    press_on(page, "Start")
    given = []
    for _ in range(2):
        one = shown(page, bank)
        give(page, one, False)
        given.append((one, page.locator(".qz-option:has(:checked) > span:last-child").inner_text()))
        press_on(page, "Check")
        page.keyboard.press("Enter")
    press_on(page, "New round")
    only = page.get_by_label("Only those I got wrong (2)")
    only.check()
    expect(page.locator(".qz-count")).to_contain_text("2 questions to draw from, 2 in this round")
    page.get_by_role("button", name="What I got wrong (2)").click()
    for one, said in given:
        part = page.locator(".qz-logged").filter(has_text=said)
        expect(part).to_contain_text(f"You: {said}")
        right = one["options"][right_of(one)[0]]
        expect(part).to_contain_text(right["text"])
    page.emulate_media(media="print")
    expect(page.locator(".qz-buttons")).to_be_hidden()
    expect(page.locator(".qz-logged")).to_have_count(2)
    page.emulate_media(media="screen")
    page.locator(".qz").get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".qz-logged")).to_have_count(2)
    page.locator(".qz").get_by_role("button", name="Clear").click()
    page.locator("dialog").get_by_role("button", name="Forget them").click()
    expect(page.locator(".qz-logged")).to_have_count(0)
    assert kept(page, "answers") is None


def test_the_log_is_bounded_and_keeps_the_last_answer_to_each_question(page):
    page.goto(PAGE)
    found = page.evaluate("""() => {
      const {add, all, wrong} = termbookAnswers;
      const one = (key, when, right) => ({key, when, right, version: "v"});
      add([one("rare", 1, false)]);
      add(Array.from({length: 3000}, (_, i) => one(`k${i % 7}`, 10 + i, i % 2 > 0)));
      add([one("rare", 1, false)]);
      return [all().length, all()[0].key, wrong().map(({key}) => key)];
    }""")
    assert found[0] <= 2001 and found[1] == "rare"
    assert found[2][-1] == "rare" and found[2].count("rare") == 1


@pytest.mark.parametrize("damage", ["{", "[]", '{"items": [{}], "state": {}}', "null", '"x"'])
def test_damaged_storage_is_set_aside(page, damage):
    """The page opens at its start, and what was there is still there under another name."""
    page.goto(PAGE)
    page.evaluate("""(text) => {
      for (const name of ["run.practice", "answers"]) {
        localStorage.setItem(termbookAnswers.place(name), name === "answers" ? "{" : text);
      }
    }""", damage)
    page.reload()
    expect(page.locator(HEADING)).to_have_text("Choose a round")
    aside = page.evaluate(
        "localStorage.getItem(termbookAnswers.place('answers.unreadable'))")
    assert aside == "{"


@pytest.mark.parametrize("trouble", ["missing", "full"])
def test_without_storage_a_round_goes_on(browser, site, bank, trouble):
    """The page says that nothing is kept, and everything else works."""
    hide = """Object.defineProperty(window, "localStorage", {
      get() { throw new DOMException("no", "SecurityError"); } });"""
    full = """Storage.prototype.setItem = () => {
      throw new DOMException("no", "QuotaExceededError"); };"""
    with browser.new_context(base_url=site) as context:
        context.add_init_script(hide if trouble == "missing" else full)
        page = context.new_page()
        page.goto(f"{PAGE}#seed=none&n=1&derived=yes")
        expect(page.locator(".qz-note")).to_contain_text("does not let the page keep anything")
        press_on(page, "Start")
        give(page, shown(page, bank), False)
        press_on(page, "Check")
        page.keyboard.press("Enter")
        expect(page.locator(HEADING)).to_have_text("0 of 1 right")
        press_on(page, "New round")
        expect(page.get_by_role("button", name="What I got wrong (1)")).to_be_visible()


def test_nothing_is_checked_before_it_is_answered(page):
    page.goto(f"{PAGE}#seed=early&n=1&derived=yes")
    press_on(page, "Start")
    page.keyboard.press("Enter")
    expect(page.locator(".qz-hint")).to_have_text("Choose an option first.")
    page.keyboard.press("1")
    expect(page.locator(".qz-hint")).to_have_text("")
    page.keyboard.press("Enter")
    expect(page.locator(".qz-result")).to_be_focused()


def test_keys_do_nothing_outside_the_question(page):
    """WCAG 2.1.4: single keys count only while the focus is in the question."""
    page.goto(f"{PAGE}#seed=keys&n=1&derived=yes")
    press_on(page, "Start")
    page.locator("h1").evaluate("one => { one.tabIndex = -1; one.focus(); }")
    for key in "123f":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator(".qz-option :checked")).to_have_count(0)
    expect(page.locator(".qz-hint")).to_have_text("")


def test_without_javascript_the_page_says_where_the_questions_are(browser, site):
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        page = context.new_page()
        for path in (PAGE, "study/exam/"):
            page.goto(path)
            expect(page.get_by_text("This page needs JavaScript")).to_be_visible()
            page.locator("article").get_by_role("link", name="Mindset").click()
            expect(page.locator("h1")).to_contain_text("Mindset")


@pytest.mark.parametrize("width", [390, 1350])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(browser, site, bank, width, scheme):
    """Start, each type of question with its explanation, result and log."""
    kinds = {one["type"]: one["key"] for one in bank["items"]}
    found: list[str] = []
    with browser.new_context(base_url=site, viewport={"width": width, "height": 900},
                             color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()

        def look(state: str) -> None:
            found.extend(f"{state}: {one}" for one in page.evaluate(RUN_AXE, TAGS))

        page.goto(f"{PAGE}#seed=axe&n=5&keys={'.'.join(kinds.values())}")
        page.evaluate(AXE_SCRIPT)
        look("linked")
        press_on(page, "Start")
        for number in range(5):
            one = shown(page, bank)
            look(f"question {one['type']}")
            give(page, one, number % 2 == 0)
            press_on(page, "Check")
            look(f"explanation {one['type']}")
            page.keyboard.press("Enter")
        page.locator(".qz-fold summary").first.click()
        look("result")
        press_on(page, "New round")
        look("start")
        page.get_by_role("button", name="What I got wrong").click()
        look("log")
    assert found == []


def test_nothing_is_cut_off_at_320_px(browser, site, bank):
    """No state is wider than the least phone."""
    kinds = {one["type"]: one["key"] for one in bank["items"]}
    wide = "document.documentElement.scrollWidth - innerWidth"
    with browser.new_context(base_url=site, viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        page.goto(f"{PAGE}#seed=narrow&n=5&keys={'.'.join(kinds.values())}")
        assert page.evaluate(wide) <= 0
        press_on(page, "Start")
        for _ in range(5):
            assert page.evaluate(wide) <= 0
            give(page, shown(page, bank), False)
            press_on(page, "Check")
            assert page.evaluate(wide) <= 0
            page.keyboard.press("Enter")
        assert page.evaluate(wide) <= 0


def test_links_can_be_copied(browser, site):
    """Into the clipboard, or from a field where a browser does not allow that."""
    with browser.new_context(base_url=site) as context:
        context.add_init_script("delete Navigator.prototype.clipboard")
        page = context.new_page()
        page.goto(PAGE)
        page.get_by_text("The same quiz for a group").click()
        page.get_by_label("Seed", exact=True).fill("our group")
        page.get_by_role("button", name="Copy link").click()
        link = page.get_by_label("Link to this quiz").input_value()
        assert re.fullmatch(rf"{site}{PAGE}#seed=our\+group&n=10&bank=[0-9a-f]{{8}}", link)
