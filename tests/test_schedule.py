"""When cards come: against the real Anki, and the rules of a day, run under Node."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime, timedelta

import anki_backend
import pytest
from study_scripts import STUDY, evaluate
from vendored import PACKAGES, make, sha256

DAY = 86_400_000
START = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp() * 1000)
TODAY = START // DAY
SETTINGS = {"newPerDay": 20, "reviewsPerDay": 200, "retention": 0.9, "at": 0}
DEVICE = "0" * 16
ALL = {"kinds": ["term-definition", "definition-term", "pair"], "domain": "", "scenario": "",
       "group": ""}
AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4


def card(key: int, kind: str = "pair", term: str = "", **more: object) -> dict[str, object]:
    terms = [term] if term else ["one", f"other {key}"]
    return {"key": f"{key:08x}", "kind": kind, "terms": terms, **more}


class Log(list[dict[str, object]]):
    """A log that grows by what happens to the card of a number, days after START."""

    def add(self, kind: str, number: int = 0, day: float = 0, **more: object) -> dict[str, object]:
        at = START + round(day * DAY) + len(self)
        entry = {"id": f"{len(self):016x}", "type": kind, "at": at, "day": TODAY + int(day),
                 "device": DEVICE, "card": f"{number:08x}", **more}
        self.append(entry)
        return entry

    def review(self, number: int, day: float, *grades: int) -> None:
        for grade in grades:
            self.add("review", number, day, grade=grade, took=1000)

    def undo(self, entry: dict[str, object], day: float = 0) -> dict[str, object]:
        made = self.add("undo", day=day, of=entry["id"])
        del made["card"]
        return made


def learnt(number: int, day: float, log: Log) -> None:
    """Bring a card through its steps, from new into review."""
    log.review(number, day, GOOD, GOOD)


def states(log: list[dict[str, object]], **settings: object) -> dict[str, dict[str, object]]:
    found = evaluate(
        "({log, settings}) => [...termbookSchedule.replay(log, settings).states]",
        {"log": log, "settings": {**SETTINGS, **settings}},
    )
    return dict(found)


def queue(
    cards: list[dict[str, object]], log: list[dict[str, object]], day: float = 0,
    chosen: dict[str, object] = ALL, **settings: object,
) -> dict[str, object]:
    """What there is to do on a day: the key of the card, the numbers, and the time to wait for."""
    found = evaluate(
        """({cards, log, settings, filter, now}) => termbookSchedule.queue(
          cards, termbookSchedule.replay(log, settings), settings,
          {...filter, kinds: new Set(filter.kinds)}, now)""",
        {"cards": cards, "log": log, "settings": {**SETTINGS, **settings}, "filter": chosen,
         "now": START + round(day * DAY) + 1000},
    )
    return {**found, "card": found["card"] and int(found["card"]["key"], 16)}


# Vendored scripts


def test_vendored_scripts_come_from_their_packages(tmp_path):
    """Made anew from what the lock file names they are the same, byte for byte."""
    make(tmp_path)
    ours = {path.name: path.read_bytes() for path in (STUDY / "vendor").iterdir()}
    assert ours == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_vendored_scripts_are_those_of_the_list():
    listed = json.loads((STUDY / "vendor" / "vendor.json").read_text("utf-8"))
    assert {one["file"]: one["sha256"] for one in listed} == {
        path.name: sha256(path) for path in (STUDY / "vendor").glob("*.js")
    }
    assert all((STUDY / "vendor" / f"{one['name']}.LICENSE").is_file() for one in listed)


# The same memory as in Anki

HISTORIES = """({seeds, now}) => {
  const {replay, dayOf, DAY, DEFAULTS} = termbookSchedule;
  return seeds.map((draws) => {
    const log = [];
    let day = dayOf(now) - draws.reduce((sum, [gap]) => sum + gap, 0) - 1;
    draws.forEach(([gap, grade], index) => {
      day += gap;
      log.push({id: String(index).padStart(16, "0"), type: "review", card: "a", device: "b",
        at: day * DAY + DAY / 2 + index * 60000, day, grade, took: 0});
    });
    const {states, history} = replay(log, DEFAULTS);
    const {stability, difficulty} = states.get("a").memory;
    return {memory: [stability, difficulty], log: history.map(({at, grade, state}) => (
      [at, grade, [0, 0, 1, 2][state]]))};
  });
}"""


def test_memory_is_that_of_anki(tmp_path):
    """Stability and difficulty after each of 2,400 and more reviews differ by less than 1e-5."""
    draw = random.Random(6)
    whole = [
        [(draw.choice((0, 0, 1, 2, 3, 5, 8, 13, 30, 90)) if place else 0,
          draw.choices((AGAIN, HARD, GOOD, EASY), (2, 2, 6, 1))[0]) for place in range(12)]
        for _ in range(210)
    ]
    # Every beginning of a history, so that each review's outcome is seen.
    seeds = [one[:end] for one in whole for end in range(1, len(one) + 1)]
    ours = evaluate(HISTORIES, {"seeds": seeds, "now": time.time() * 1000})
    # Within one database, times of reviews are ids.
    taken: set[int] = set()
    for one in ours:
        for review in one["log"]:
            while review[0] in taken:
                review[0] += 1
            taken.add(review[0])
    parameters = evaluate(
        "() => [...new tsFsrs.FSRSAlgorithm(termbookSchedule.PARAMETERS).parameters.w]", None
    )
    file = tmp_path / "logs.json"
    file.write_text(json.dumps({"parameters": parameters, "logs": [one["log"] for one in ours]}))
    theirs = anki_backend.run("memory.py", file)
    assert len(ours) == len(theirs) >= 2400
    worst = max(
        abs(a - b) / max(1, abs(b)) for one, their in zip(ours, theirs, strict=True)
        for a, b in zip(one["memory"], their, strict=True)
    )
    print(f"{len(ours)} reviews, worst difference {worst:.1e}")
    assert worst < 1e-5


# As the scheduler of the whole package does, which keeps time by dates.
COMPARED = """({path, histories}) => {
  const {fsrs, createEmptyCard} = require(path);
  const {PARAMETERS, next} = termbookSchedule;
  const whole = fsrs({...PARAMETERS, request_retention: 0.9});
  const ours = new tsFsrs.FSRSAlgorithm({...PARAMETERS, request_retention: 0.9});
  const wrong = [];
  for (const history of histories) {
    let card = createEmptyCard(new Date(0)), memory = null, day = 0;
    for (const [gap, grade] of history) {
      day += gap;
      const at = new Date(day * 864e5);
      card = whole.next(card, at, grade).card;
      const {days, minutes, ...after} = next(ours, memory, memory ? gap : 0)(grade);
      memory = after;
      const both = [
        [memory.state, memory.step, memory.lapses, memory.stability, memory.difficulty,
          days ?? minutes / 1440],
        [card.state, card.learning_steps, card.lapses, card.stability, card.difficulty,
          (card.due - at) / 864e5],
      ].map((one) => JSON.stringify(one));
      if (both[0] !== both[1]) wrong.push(both);
    }
  }
  return wrong;
}"""


def test_states_and_intervals_are_those_of_ts_fsrs(tmp_path):
    """Steps, lapses, memory and intervals after each of 6,000 reviews, exactly."""
    make(tmp_path)
    draw = random.Random(9)
    histories = [[(draw.choice((0, 0, 1, 3, 10, 60)), draw.choice((1, 2, 3, 3, 4)))
                  for _ in range(20)] for _ in range(300)]
    path = str(PACKAGES / "ts-fsrs" / "dist" / "index.cjs")
    assert evaluate(COMPARED, {"path": path, "histories": histories}) == []


# A day


@pytest.mark.parametrize(("timezone", "hour", "day"), [
    ("UTC", 3, -1), ("UTC", 4, 0), ("UTC", 23, 0), ("Asia/Ho_Chi_Minh", 20, 0),
    ("Asia/Ho_Chi_Minh", 21, 1), ("America/Los_Angeles", 10, -1), ("America/Los_Angeles", 11, 0),
])
def test_a_day_begins_at_four_where_the_learner_is(timezone, hour, day):
    at = int(datetime(2026, 3, 10, hour, 30, tzinfo=UTC).timestamp() * 1000)
    found = evaluate("at => termbookSchedule.dayOf(at)", at, timezone)
    assert found - at // DAY == day


def test_a_day_begins_at_four_when_clocks_change():
    """On the two days of the year that are longer or shorter, too."""
    for month, date in ((3, 29), (10, 25)):  # Berlin, 2026
        days = [
            evaluate("at => termbookSchedule.dayOf(at)", int(
                (datetime(2026, month, date, tzinfo=UTC) + timedelta(hours=hours)).timestamp()
                * 1000), "Europe/Berlin")
            for hours in ((1.9, 2.1) if month == 3 else (2.9, 3.1))
        ]
        assert days[1] - days[0] == 1


def test_a_replay_hangs_on_no_time_zone_and_no_order():
    log = Log()
    for number in range(5):
        learnt(number, number, log)
        log.review(number, number + 3, AGAIN, GOOD, HARD)
    function = "(log) => [...termbookSchedule.replay(log, termbookSchedule.DEFAULTS).states].sort()"
    found = [evaluate(function, some, zone) for some, zone in (
        (log, "UTC"), (log[::-1], "Pacific/Kiritimati"), (log, "America/Los_Angeles"))]
    assert found[0] == found[1] == found[2]


def test_steps_of_learning_and_first_intervals():
    """As in Anki: a minute, ten minutes, then days."""
    function = """(log) => termbookSchedule.outlook(termbookSchedule.replay(
      log, termbookSchedule.DEFAULTS).states.get("00000000"), termbookSchedule.DEFAULTS, %d)"""
    log = Log()
    assert evaluate(function % START, log) == [
        {"minutes": 1}, {"minutes": 6}, {"minutes": 10}, {"days": 8}]
    learnt(0, 0, log)
    again, hard, good, easy = evaluate(function % (START + 2 * DAY), log)
    assert again == {"minutes": 10}
    assert 2 < hard["days"] < good["days"] < easy["days"]


def test_limits_of_a_day():
    """Counted over all decks, and again the next day."""
    cards = [card(number) for number in range(50)]
    log = Log()
    assert queue(cards, log)["fresh"] == 20
    for number in range(15):
        learnt(number, 0, log)
    assert queue(cards, log)["fresh"] == 5
    assert queue(cards, log, newPerDay=10)["fresh"] == 0
    assert queue(cards, log, 1)["fresh"] == 20
    due = queue(cards, log, 5)
    assert (due["review"], due["fresh"]) == (15, 20)
    assert queue(cards, log, 5, reviewsPerDay=4)["review"] == 4
    log.review(0, 5, GOOD)
    assert queue(cards, log, 5, reviewsPerDay=4)["review"] == 3


def test_new_cards_and_reviews_are_mixed():
    """Neither waits until the other is done."""
    cards = [card(number) for number in range(12)]
    log = Log()
    for number in range(6):
        learnt(number, 0, log)
    order = []
    while (current := queue(cards, log, 5, newPerDay=6)["card"]) is not None and len(order) < 12:
        order.append(current < 6)
        log.review(current, 5, EASY)
    assert order.count(True) == order.count(False) == 6
    assert True in order[:2] and False in order[:2]


def test_a_step_comes_in_its_time_or_a_little_before():
    """Due steps go first; when nothing else is left, one of the next twenty minutes comes too."""
    cards = [card(0), card(1)]
    log = Log()
    log.review(0, 0, AGAIN)
    assert queue(cards, log)["card"] == 1
    assert queue(cards, log, 0.001)["card"] == 0
    log.review(1, 0, EASY)
    assert queue(cards, log)["card"] == 0
    log.review(0, 0, GOOD, GOOD)
    done = queue(cards, log)
    assert (done["card"], done["waits"], done["learning"]) == (None, None, 0)


def test_two_directions_of_a_term_come_on_two_days():
    """The definition first, when both are chosen."""
    cards = [card(7, "term-definition", "x"), card(3, "definition-term", "x")]
    log = Log()
    assert queue(cards, log)["card"] == 7
    log.review(7, 0, EASY)
    assert queue(cards, log)["card"] is None
    assert queue(cards, log, 1)["card"] == 3
    assert queue(cards, Log(), chosen={**ALL, "kinds": ["definition-term"]})["card"] == 3


def test_filters_choose_cards():
    cards = [card(0, domains=["D"], groups=["g"]), card(1, scenario="s"), card(2)]
    for chosen, wanted in (
        ({"domain": "D"}, {0}), ({"scenario": "s"}, {1}), ({"group": "g"}, {0}),
        ({"domain": "D", "scenario": "s"}, set()), ({"kinds": []}, set()), ({}, {0, 1, 2}),
    ):
        assert queue(cards, [], chosen={**ALL, **chosen})["fresh"] == len(wanted)


def test_a_retired_card_is_not_begun_and_keeps_its_schedule():
    cards = [card(0, retired=True), card(1, retired=True)]
    log = Log()
    learnt(1, 0, log)
    assert queue(cards, log)["fresh"] == 0
    assert queue(cards, log, 5)["card"] == 1


def test_buried_until_tomorrow_suspended_until_brought_back():
    cards = [card(0), card(1)]
    log = Log()
    log.add("bury", 0)
    assert queue(cards, log)["card"] == 1
    assert queue(cards, log, 1)["card"] == 0
    log.add("suspend", 1)
    assert queue(cards, log)["card"] is None
    log.add("resume", 1)
    assert queue(cards, log)["card"] == 1


def test_a_leech_is_set_aside_at_the_eighth_lapse():
    """And at every fourth further one, if it was brought back; undoing the lapse undoes that."""
    log = Log()
    learnt(0, 0, log)
    seen = []
    for lapse in range(1, 13):
        log.review(0, 3 * lapse, AGAIN)
        state = states(log)["00000000"]
        seen.append(state["suspended"])
        if state["suspended"]:
            assert state["leech"]
            assert states([*log, Log().undo(log[-1]) | {"id": "f" * 16}])["00000000"][
                "suspended"] is False
            log.add("resume", 0, 3 * lapse)
        log.review(0, 3 * lapse, GOOD)
    assert [lapse for lapse, aside in enumerate(seen, 1) if aside] == [8, 12]


def test_undo_takes_back_step_by_step():
    """The last thing this device did today and did not undo yet; never what another one did."""
    log = Log()
    log.review(0, 0, GOOD)
    log.add("suspend", 0)
    log.add("review", 0, grade=GOOD, took=1, device="1" * 16)
    function = f"log => termbookSchedule.undoable(log, '{DEVICE}', {TODAY})?.id ?? null"
    undone = []
    while (last := evaluate(function, log)) is not None:
        undone.append(int(last, 16))
        log.undo({"id": last})
    assert undone == [1, 0]
    left = states(log)["00000000"]
    assert left["memory"]["state"] == 1 and not left["suspended"]
    assert evaluate(function.replace(str(TODAY), str(TODAY + 1)), log) is None


def test_desired_retention_changes_intervals_and_no_memory():
    log = Log()
    learnt(0, 0, log)
    log.review(0, 3, GOOD)
    often, seldom = (states(log, retention=one)["00000000"] for one in (0.97, 0.8))
    assert often["dueDay"] < seldom["dueDay"]
    assert often["memory"]["stability"] == seldom["memory"]["stability"]


def test_statistics_count_what_happened():
    cards = [card(0, domains=["D"]), card(1), card(2)]
    log = Log()
    learnt(0, 0, log)
    learnt(1, 0, log)
    log.review(0, 3, GOOD)
    log.review(1, 3, AGAIN)
    found = evaluate(
        """([cards, log, today]) => {
          const {replay, perDay, retention, forecast, learnt, DEFAULTS} = termbookSchedule;
          const {states, history} = replay(log, DEFAULTS);
          return [perDay(history, today, 4), retention(history, today, 2),
            forecast(cards, states, today, 60), learnt(cards, states)];
        }""", [cards, log, TODAY + 3],
    )
    days, weeks, coming, known = found
    assert [row["count"] for row in days] == [4, 0, 0, 2]
    assert days[0]["took"] == 4000
    assert [(row["count"], row["recalled"]) for row in weeks] == [(0, 0), (2, 1)]
    assert sum(row["count"] for row in coming) == 1
    assert known == {"count": 3, "learning": 1, "review": 1}
