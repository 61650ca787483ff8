"""The seeded draw: fair, exact, and the same in Python and in a browser."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from sites import ROOT

from termbook.load import read
from termbook.study.bank import bank
from termbook.study.draw import (
    FEWEST,
    MOST,
    exam,
    largest_exam,
    match_order,
    matching,
    option_order,
    practice,
    quotas,
    random_words,
    shuffled,
)

GOLDEN = Path(__file__).parent / "draws.json"
SCRIPT = (ROOT / "theme/assets/study/draw.js").read_text("utf-8")
BANK = bank(read(ROOT).book)
SEEDS = [f"{word} {number}" for number in range(2000)
         for word in ("group", "Đội phát triển", "e\u0301tude", "𝔰eed", "x" * (number % 130))]
# Every seed's words and shuffle, and for some of them all that is drawn from the bank.
PLAY = """({seeds, items, weights}) => {
  const {randomWords, shuffled, practice, exam, optionOrder, matchOrder, sha256} = termbookDraw;
  const keys = (drawn) => drawn.map((item) => item.key);
  const parts = seeds.map((seed, i) => {
    const random = randomWords(seed);
    const found = [Array.from({length: 8}, random), shuffled(Array(50).keys(), seed)];
    if (i % 10 === 0) {
      const drawn = exam(items, weights, seed, 10 + (i / 10) % 21);
      found.push(keys(practice(items, seed, 25)), keys(drawn),
        drawn.map((item) => [optionOrder(item, seed), matchOrder(item, seed)]));
    }
    return JSON.stringify(found);
  });
  return sha256(parts.join("\\n")).map((word) => word.toString(16).padStart(8, "0")).join("");
}"""


def played(seed: str, number: int) -> str:
    """What PLAY makes of one seed."""
    found: list[object] = [list(islice(random_words(seed), 8)), shuffled(range(50), seed)]
    if number % 10 == 0:
        drawn = exam(BANK.items, BANK.weights, seed, 10 + (number // 10) % 21)
        found += [[item.key for item in practice(BANK.items, seed, 25)],
                  [item.key for item in drawn],
                  [[option_order(item, seed), match_order(item, seed)] for item in drawn]]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


@pytest.fixture
def blank(browser: Browser):
    """An empty page with the draw's script."""
    page = browser.new_page()
    page.add_script_tag(content=SCRIPT)
    yield page
    page.close()


def for_browser() -> dict[str, object]:
    """What PLAY needs of the bank."""
    items = [{
        "key": item.key, "domain": item.domain, "derived": item.derived, "tasks": item.tasks,
        "scenario": item.scenario, "options": [{"match": one.match} for one in item.options],
    } for item in BANK.items]
    return {"items": items, "weights": list(BANK.weights.items())}


def test_ten_thousand_seeds_give_the_same_draws_in_a_browser(blank):
    """Words, shuffles, practice rounds, exams and orders of options, all hashed together."""
    assert len(set(SEEDS)) == 10_000
    ours = "\n".join(played(seed, number) for number, seed in enumerate(SEEDS))
    theirs = blank.evaluate(PLAY, {"seeds": SEEDS, **for_browser()})
    assert theirs == hashlib.sha256(ours.encode()).hexdigest()


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])
def test_the_browsers_hash_is_sha_256(blank, length):
    """At every border of its blocks of 64 bytes."""
    text = "ạ"[: length % 2] + "a" * (length - length % 2)
    words = blank.evaluate("text => termbookDraw.sha256(text)", text)
    hashed = "".join(f"{word:08x}" for word in words)
    assert hashed == hashlib.sha256(text.encode()).hexdigest()


def test_draws_are_those_of_the_golden_file():
    """What a seed gave once it gives for ever, so a written-down draw can be drawn again."""
    for draw in json.loads(GOLDEN.read_text("utf-8")):
        assert list(islice(random_words(draw["seed"]), 4)) == draw["words"]
        assert shuffled(range(10), draw["seed"]) == draw["ten"]


def test_a_seed_is_the_same_however_its_letters_are_composed():
    assert shuffled(range(99), "caf\u00e9") == shuffled(range(99), "cafe\u0301")


def test_quotas_of_the_exam(blank):
    """Exact for every size in both languages, within one of the true share, and as published."""
    assert list(BANK.weights.items()) == [("M", 28), ("L", 25), ("P", 19), ("D", 28)]
    sizes = range(FEWEST, MOST + 1)
    ours = [quotas(BANK.weights, number) for number in sizes]
    for number, some in zip(sizes, ours, strict=True):
        assert sum(some.values()) == number
        assert all(abs(some[one] * 100 - weight * number) < 100
                   for one, weight in BANK.weights.items())
    assert list(ours[100 - FEWEST].values()) == [28, 25, 19, 28]
    theirs = blank.evaluate(
        "([sizes, weights]) => sizes.map((number) => termbookDraw.quotas(weights, number))",
        [list(sizes), list(BANK.weights.items())],
    )
    assert [dict(some) for some in theirs] == ours


@given(st.lists(st.integers(1, 50), min_size=1, max_size=9), st.integers(0, 200))
def test_quotas_add_up_for_any_weights(parts, number):
    """Whatever the domains weigh, as long as their weights add up to 100."""
    weights = {str(index): part for index, part in enumerate(parts)}
    weights["rest"] = 100 - sum(parts)
    if weights["rest"] >= 0:
        some = quotas(weights, number)
        assert sum(some.values()) == number and list(some) == list(weights)
        assert all(abs(some[one] * 100 - weight * number) < 100 for one, weight in weights.items())


@given(st.lists(st.integers()), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_shuffle_loses_nothing(things, seed):
    assert sorted(shuffled(things, seed)) == sorted(things)


def test_every_order_is_as_likely_as_any_other():
    """Of 6,000 shuffles of three things each of the six orders gets its share, within a tenth."""
    counts: dict[tuple[int, ...], int] = {}
    for number in range(6000):
        order = tuple(shuffled(range(3), str(number)))
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6 and all(900 < count < 1100 for count in counts.values())


def test_an_exam_keeps_its_quotas_and_repeats_nothing():
    """At every size that the bank allows; authored questions come before derived ones."""
    largest = largest_exam(BANK.items, BANK.weights)
    assert largest >= FEWEST
    for number in range(FEWEST, largest + 1):
        drawn = exam(BANK.items, BANK.weights, "group", number)
        assert len({item.key for item in drawn}) == len(drawn) == number
        for domain, quota in quotas(BANK.weights, number).items():
            ours = matching(drawn, domain=domain)
            assert len(ours) == quota
            if any(item.derived for item in ours):
                authored = matching(BANK.items, domain=domain, derived=False)
                assert {item.key for item in authored} <= {item.key for item in ours}


def test_an_exam_that_the_bank_cannot_fill_is_refused():
    items = matching(BANK.items, domain="M")
    assert largest_exam(items, BANK.weights) == 0
    with pytest.raises(ValueError, match="the domain L has 0 questions of 2"):
        exam(items, BANK.weights, "group", 10)


def test_practice_by_filters():
    """Each filter alone keeps what it names; a longer round begins with the shorter one."""
    some = matching(BANK.items, scenario="internal-it", derived=False)
    assert some and all(one.scenario == "internal-it" and not one.derived for one in some)
    assert all("P1" in one.tasks for one in matching(BANK.items, task="P1"))
    assert all(one.derived for one in matching(BANK.items, derived=True))
    assert practice(some[::-1], "x", 3) == practice(some, "x", len(some))[:3]
    assert practice([], "x", 3) == []
