"""The mock exam: a state machine that knows no way back, and a whole exam by keyboard."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect
from quizzing import HEADING, SCRIPTS, address, give, kept, press_on, shown
from test_accessibility import RUN_AXE, TAGS

from termbook.study.draw import quotas

PAGE = "study/exam/"
MINUTE = 60_000
# Plays an exam for every seed with random events, among them such as do not fit, and random gaps
# of time, some of which last all night. Gives how often each stage was reached, and every breach
# of a rule. `resumed` is written down and read again before each event.
PLAY = """({seeds, items}) => {
  const {randomWords} = termbookDraw;
  const {beginExam, sit, timeLeft, breakLeft, judge, isRun, BREAK} = termbookQuiz;
  const types = ["answer", "flag", "go", "next", "previous", "review", "tick", "answer", "next",
    "close", "resume", "submit", "toString", "nonsense"];
  const text = JSON.stringify;
  const halves = ({stage, half, answers}) => (
    {first: [0, half], second: [half, answers.length]}[stage] ?? [0, 0]);
  const reached = {};
  const faults = [];
  for (const seed of seeds) {
    const word = randomWords(seed);
    const below = (limit) => word() % limit;
    const number = 10 + below(items.length - 9);
    const ours = items.slice(0, number);
    const limit = below(8) ? number * 90000 : null;
    let now = 1.7e12 + below(1e6);
    let state = beginExam(number, limit, now);
    let resumed = state;
    const breach = (rule) => faults.push(`${seed}: ${rule}`);
    for (let step = 0; step < 120; step++) {
      now += below(30) ? below(40000) : below(4) ? 8 * 60000 : 8 * 3600000;
      const at = below(3) ? below(number + 4) - 2 : state.at;
      const item = ours[Math.min(Math.max(at, 0), number - 1)];
      const answer = below(6) ? [below(item.options.length)] : [[99], null, "1", [null]][below(4)];
      const event = {type: types[below(types.length)], at, answer};
      const before = state;
      const left = timeLeft(before, now);
      state = sit(ours, before, event, now);
      resumed = sit(ours, JSON.parse(text(resumed)), event, now);
      reached[state.stage] = (reached[state.stage] ?? 0) + 1;
      if (text(state) !== text(resumed)) breach("resumed is another exam");
      if (!isRun({items: ours, state, wanted: {seed}}, "exam")) breach("cannot be resumed");
      if (before.stage === "done" && state !== before) breach("changed after its end");
      if (left === 0 && before.stage !== "done" && !(state.stage === "done" && state.late)) {
        breach("went on when time was up");
      }
      if (left === 0 && text(state.answers) !== text(before.answers)) breach("answered too late");
      if (timeLeft(state, now) > left) breach("gained time");
      const stages = ["first", "break", "second", "done"];
      if (stages.indexOf(state.stage) < stages.indexOf(before.stage)) breach("went back a stage");
      const [first, end] = halves(before);
      for (const list of ["answers", "flags"]) {
        before[list].forEach((one, index) => {
          const open = index >= first && index < end;
          if (!open && state[list][index] !== one) breach(`${list} of a closed half changed`);
        });
      }
      const [from, to] = halves(state);
      if (to && (state.at < from || state.at >= to)) breach("stands outside the open half");
      if (state.stage === "break" && breakLeft(state, now) > BREAK) breach("a longer break");
      if (state.stage === "done" && limit !== null) {
        const most = limit + (state.breakFrom === null ? 0 : BREAK);
        if (state.ended - state.started > most) breach("lasted longer than allowed");
      }
      state.answers.forEach((one, index) => {
        if (one !== null && !Array.isArray(one)) breach("holds a malformed answer");
        if (typeof judge(ours[index], one) !== "boolean") breach("cannot be judged");
      });
    }
  }
  return {reached, faults: faults.slice(0, 9)};
}"""


def begin(page: Page, url: str) -> None:
    page.goto(url)
    press_on(page, "Begin")
    expect(page.locator(HEADING)).to_contain_text("Question 1 of")


def finish_half(page: Page, bank: dict[str, Any], rightly) -> list[str]:
    """Answer every question from here on, up to the review; gives their keys."""
    keys = []
    while "Question" in page.locator(HEADING).inner_text():
        heading = page.locator(HEADING).inner_text()
        one = shown(page, bank)
        keys.append(one["key"])
        give(page, one, rightly(len(keys)))
        press_on(page, "Next" if page.get_by_role("button", name="Next").count() else "Review")
        expect(page.locator(HEADING)).not_to_have_text(heading)
    return keys


# The state machine


def test_two_thousand_exams_keep_the_rules(quiz, bank):
    """No way back, no late answer, no time gained; and a reload at any point changes nothing."""
    seeds = [f"exam {number}" for number in range(2000)]
    found = quiz.evaluate(PLAY, {"seeds": seeds, "items": bank["items"][:30]})
    assert found["faults"] == []
    assert all(found["reached"][stage] > 2000 for stage in ("first", "break", "second", "done"))


RULES = {
    "answers after the end": ("if (state.stage === \"done\") return state;", ""),
    "a way back": ("if (state.stage === \"first\") return [0, state.half];",
                   "if (state.stage !== \"break\") return [0, state.answers.length];"),
    "an endless break": ("(state.breakTo ?? now) - state.breakFrom, BREAK)",
                         "(state.breakTo ?? now) - state.breakFrom, 1e12)"),
    "a counter for a clock": ("if (timeLeft(state, now) === 0) {", "if (false) {"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_found(browser, bank, rule):
    """The play of random exams fails for a script that breaks one."""
    page = browser.new_page()
    for script in SCRIPTS:
        text = script.read_text("utf-8")
        if script.name == "quiz.js":
            assert RULES[rule][0] in text
            text = text.replace(*RULES[rule])
        page.add_script_tag(content=text)
    seeds = [f"exam {number}" for number in range(200)]
    assert page.evaluate(PLAY, {"seeds": seeds, "items": bank["items"][:30]})["faults"]
    page.close()


def test_the_clock_over_sleep_break_and_a_changed_clock(quiz):
    """What is left hangs on the time alone; the break stops it for ten minutes at most."""
    left = quiz.evaluate("""(MINUTE) => {
      const {beginExam, sit, timeLeft, breakLeft, timeTaken} = termbookQuiz;
      const items = Array.from({length: 20}, () => ({type: "one", tasks: [], options: [{}, {}]}));
      const begun = beginExam(20, 30 * MINUTE, 0);
      const rest = sit(items, begun, {type: "close"}, 10 * MINUTE);
      const on = (minutes) => sit(items, rest, {type: "resume"}, minutes * MINUTE);
      const late = sit(items, begun, {type: "answer", at: 0, answer: [0]}, 31 * MINUTE);
      const slept = sit(items, rest, {type: "resume"}, 900 * MINUTE);
      return [
        timeLeft(begun, 0), timeLeft(begun, 12 * MINUTE), timeLeft(begun, -5 * MINUTE),
        timeLeft(rest, 15 * MINUTE), breakLeft(rest, 15 * MINUTE), timeLeft(rest, 22 * MINUTE),
        timeLeft(on(15), 16 * MINUTE), timeLeft(on(25), 26 * MINUTE),
        [late.stage, late.late, late.ended, late.answers[0]],
        [slept.stage, slept.ended, timeTaken(slept)],
      ].map((one) => (Array.isArray(one) ? one : one / MINUTE));
    }""", MINUTE)
    assert left == [30, 18, 30, 20, 5, 18, 19, 14, ["done", True, 30 * MINUTE, None],
                    ["done", 40 * MINUTE, 30 * MINUTE]]


def test_time_is_announced_three_times(quiz):
    """At half, at ten minutes and at one, however the seconds fall, and never twice."""
    said = quiz.evaluate("""(MINUTE) => [30, 180, 15].map((limit) => {
      const told = [];
      for (let left = limit * MINUTE; left > 0; left -= 997) {
        const one = termbookQuiz.milestone(limit * MINUTE, left + 997, left);
        if (one) told.push(one);
      }
      return told;
    })""", MINUTE)
    half, ten, one = "Half of the time is left.", "Ten minutes are left.", "One minute is left."
    assert said == [[half, ten, one], [half, ten, one], [ten, half, one]]
    quiet = "(MINUTE) => termbookQuiz.milestone(null, Infinity, Infinity)"
    assert quiz.evaluate(quiet, MINUTE) == ""


# The page


def test_a_whole_exam_by_keyboard_with_a_reload(phone, home, bank):
    """Twenty questions in two halves; reloads in each; the result is that of the answers given."""
    begin(phone, address(home, PAGE, "#seed=whole&n=20"))
    expect(phone.get_by_role("timer")).to_contain_text("left")
    for _ in range(4):
        give(phone, shown(phone, bank))
        press_on(phone, "Next")
    before = kept(phone, "run.exam")
    phone.reload()
    expect(phone.locator(HEADING)).to_have_text("Question 5 of 20")
    assert kept(phone, "run.exam") == before
    phone.locator(HEADING).focus()
    finish_half(phone, bank, lambda number: True)
    expect(phone.locator(HEADING)).to_have_text("Review of the first half")
    press_on(phone, "End the first half")
    expect(phone.locator("dialog")).to_contain_text("There is no way back to it.")
    press_on(phone, "End it")
    expect(phone.locator(HEADING)).to_have_text("Break")
    phone.keyboard.press("Enter")
    expect(phone.locator(HEADING)).to_have_text("Question 11 of 20")
    expect(phone.get_by_role("button", name="Previous")).to_have_count(0)
    phone.keyboard.press("f")
    expect(phone.get_by_role("button", name="Flagged")).to_be_visible()
    phone.reload()
    expect(phone.locator(HEADING)).to_have_text("Question 11 of 20")
    phone.locator(HEADING).focus()
    finish_half(phone, bank, lambda number: number > 3)
    expect(phone.get_by_role("button", name="Question 11, answered, flagged")).to_be_visible()
    press_on(phone, "Submit")
    expect(phone.locator(HEADING)).to_have_text("17 of 20 right")
    assert phone.locator(".qz-fold").count() == 20
    phone.locator(".qz-fold summary", has_text="Wrong").first.click()
    expect(phone.locator(".qz-fold .qz-told").first).to_be_visible()
    assert phone.locator(".qz-again a").count() > 3
    log = kept(phone, "answers")
    assert Counter(one["right"] for one in log) == {True: 17, False: 3}
    phone.reload()
    expect(phone.locator(HEADING)).to_have_text("17 of 20 right")
    assert kept(phone, "answers") == log
    phone.get_by_role("link", name="Practise the 3 questions you missed").press("Enter")
    press_on(phone, "Start")
    expect(phone.locator(HEADING)).to_have_text("Question 1 of 3")


@pytest.mark.parametrize("number", [10, 33, 58])
def test_quotas_and_time_are_exact(page, bank, number):
    """As many of each domain as its weight asks, told before the exam and drawn in it."""
    weights = {one["id"]: one["weight"] for one in bank["domains"]}
    page.goto(f"{PAGE}#seed=quota&n={number}")
    told = page.locator(".qz-count")
    minutes = f"{number * 1.5:g} minutes"
    expect(told).to_contain_text(f"{number} questions, {minutes}: ")
    for domain in bank["domains"]:
        expect(told).to_contain_text(f"{domain['label']} {quotas(weights, number)[domain['id']]}")
    press_on(page, "Begin")
    run = kept(page, "run.exam")
    assert Counter(one["domain"] for one in run["items"]) == quotas(weights, number)
    assert run["state"]["limit"] == number * 1.5 * MINUTE
    assert run["state"]["half"] == (number + 1) // 2


def test_a_number_is_held_within_what_the_bank_can_fill(page, bank):
    page.goto(f"{PAGE}#seed=many&n=5000")
    expect(page.locator(".qz-count")).to_contain_text(f"{bank['largestExam']} questions")
    page.get_by_label("Questions", exact=True).fill("3")
    expect(page.locator(".qz-count")).to_contain_text("10 questions, 15 minutes")
    page.get_by_label("Time", exact=True).select_option("Twice as much")
    expect(page.locator(".qz-count")).to_contain_text("10 questions, 30 minutes")
    page.get_by_label("Time", exact=True).select_option("No limit")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("timer")).to_have_text("No limit")


def test_submitting_with_gaps_asks_first(page, bank):
    """Unanswered questions are named before a half ends and before the exam does."""
    begin(page, f"{PAGE}#seed=gaps&n=10")
    press_on(page, "Review")
    expect(page.locator(".qz-open")).to_have_count(5)
    press_on(page, "End the first half")
    expect(page.locator("dialog")).to_contain_text("5 questions have no answer.")
    page.keyboard.press("Escape")
    expect(page.locator(HEADING)).to_have_text("Review of the first half")
    page.get_by_role("button", name="Question 3, open").press("Enter")
    give(page, shown(page, bank))
    press_on(page, "Review")
    press_on(page, "End the first half")
    expect(page.locator("dialog")).to_contain_text("4 questions have no answer.")
    press_on(page, "End it")
    press_on(page, "Begin the second half")
    press_on(page, "Review")
    press_on(page, "Submit")
    expect(page.locator("dialog")).to_contain_text("5 questions have no answer.")
    page.keyboard.press("Escape")
    assert kept(page, "run.exam")["state"]["stage"] == "second"
    press_on(page, "Submit")
    page.locator("dialog").get_by_role("button", name="Submit").press("Enter")
    expect(page.locator(HEADING)).to_have_text("1 of 10 right")
    assert len(kept(page, "answers")) == 1
    expect(page.locator(".qz-fold", has_text="Not answered")).to_have_count(9)


def test_time_that_ran_out_during_sleep_ends_the_exam(page, bank):
    """A laptop closed in the middle finds the exam over, with what was answered in time."""
    page.clock.install()
    begin(page, f"{PAGE}#seed=sleep&n=10")
    give(page, shown(page, bank))
    page.clock.fast_forward(5 * MINUTE)
    expect(page.get_by_role("timer")).to_contain_text("9:5")
    expect(page.locator(".qz-say")).to_have_text("Ten minutes are left.")
    page.clock.fast_forward(3 * 60 * MINUTE)
    expect(page.locator(HEADING)).to_have_text("1 of 10 right")
    expect(page.locator(".qz-note")).to_contain_text("Time was up")
    assert kept(page, "run.exam")["state"]["late"] is True


def test_a_break_that_is_too_long_costs_time(page):
    page.clock.install()
    begin(page, f"{PAGE}#seed=long&n=10")
    press_on(page, "Review")
    press_on(page, "End the first half")
    press_on(page, "End it")
    expect(page.locator(HEADING)).to_have_text("Break")
    expect(page.locator(".qz-over")).to_be_hidden()
    page.clock.fast_forward(12 * MINUTE)
    expect(page.locator(".qz-over")).to_be_visible()
    expect(page.locator(".qz-clock")).to_have_text("0:00")
    expect(page.locator(".qz-time")).to_contain_text("12:")


def test_abandoning_asks_first_and_leaves_nothing(page):
    begin(page, f"{PAGE}#seed=leave&n=10")
    press_on(page, "Review")
    press_on(page, "Abandon the exam")
    page.keyboard.press("Escape")
    expect(page.locator(HEADING)).to_have_text("Review of the first half")
    press_on(page, "Abandon the exam")
    press_on(page, "Abandon")
    expect(page.locator(HEADING)).to_have_text("Set up an exam")
    assert kept(page, "run.exam") is None and kept(page, "answers") is None
    assert "seed" not in page.url


def test_another_window_cannot_reopen_the_first_half(page):
    """Both windows show the one exam that is kept; an old one follows."""
    begin(page, f"{PAGE}#seed=two&n=10")
    other = page.context.new_page()
    other.goto(PAGE)
    expect(other.locator(HEADING)).to_have_text("Question 1 of 10")
    for name in ("Review", "End the first half", "End it"):
        press_on(page, name)
    expect(other.locator(HEADING)).to_have_text("Break")
    other.close()


def test_the_questions_stay_as_they_were_when_the_exam_began(page):
    """A bank that changes meanwhile changes neither the questions nor their answers."""
    begin(page, f"{PAGE}#seed=stay&n=10")
    stem = page.locator(".qz-stem").inner_text()
    page.route("**/study/bank.js", lambda route: route.fulfill(
        body=route.fetch().text().replace('"stem":"', '"stem":"CHANGED ')
        .replace('"version":"', '"version":"f')))
    page.reload()
    expect(page.locator(".qz-stem")).to_have_text(stem)
    page.evaluate("location.hash = location.hash.replace('stay', 'other')")
    expect(page.locator(".qz-note").nth(1)).to_contain_text("The questions have changed")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".qz-stem")).to_contain_text("CHANGED")


@pytest.mark.parametrize(
    "damage", ["{", "null", '{"items":[],"state":{}}', '{"items":[1],"state":{"answers":[1]}}'])
def test_a_damaged_exam_is_set_aside(page, damage):
    page.goto(PAGE)
    page.evaluate("text => localStorage.setItem(termbookAnswers.place('run.exam'), text)", damage)
    page.reload()
    expect(page.locator(HEADING)).to_have_text("Set up an exam")


@pytest.mark.parametrize("width", [390, 1350])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(browser, site, width, scheme):
    """Start, question, review, dialog, break and result."""
    found: list[str] = []
    with browser.new_context(base_url=site, viewport={"width": width, "height": 900},
                             color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()

        def look(state: str) -> None:
            found.extend(f"{state}: {one}" for one in page.evaluate(RUN_AXE, TAGS))

        page.goto(f"{PAGE}#seed=axe&n=10&bank=old")
        page.evaluate(AXE_SCRIPT)
        look("start")
        press_on(page, "Begin")
        page.keyboard.press("f")
        look("question")
        press_on(page, "Review")
        look("review")
        press_on(page, "End the first half")
        look("dialog")
        press_on(page, "End it")
        look("break")
        page.keyboard.press("Enter")
        press_on(page, "Review")
        press_on(page, "Submit")
        page.locator("dialog").get_by_role("button", name="Submit").click()
        page.locator(".qz-fold summary").first.click()
        look("result")
    assert found == []


def test_scripts_are_light_and_for_study_pages_alone(content):
    """All scripts of the study part weigh 40 KB, and load where they are needed only."""
    site = content / "site"
    scripts = [*site.glob("assets/study/*.js"), *site.glob("assets/study/vendor/*.js")]
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in scripts}
    print(json.dumps(sizes))
    assert len(sizes) == 14 and sum(sizes.values()) <= 40 * 1024
    loading = {path.parent.relative_to(site).as_posix() for path in site.rglob("*.html")
               if "assets/study/" in path.read_text("utf-8")}
    assert loading == {f"study/{name}" for name in ("practice", "exam", "project", "cards")}
