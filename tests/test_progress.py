"""Progress as files: merged in any order without loss, and refused when damaged or hostile."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from study_scripts import evaluate

DAY = 86_400_000
TODAY = 20_600
SITE = "Who Is the Customer?"
ENTRY = {"id": "a" * 16, "type": "review", "at": TODAY * DAY + DAY // 2, "day": TODAY,
         "device": "b" * 16, "card": "0123abcd", "grade": 3, "took": 5000}
UNDO = {"id": "c" * 16, "type": "undo", "at": TODAY * DAY + DAY // 2 + 1, "day": TODAY,
        "device": "b" * 16, "of": "a" * 16}
CONTENT: dict[str, Any] = {
    "site": SITE, "created": "2026-05-27T12:00:00.000Z", "log": [ENTRY, UNDO],
    "settings": {"newPerDay": 20, "reviewsPerDay": 200, "retention": 0.9, "at": 0},
    "answers": {"termbook.study.wrong": '{"deadbeef":{"at":5,"right":false}}'},
}


def packed(content: object, **head: object) -> str:
    """A file of progress with the right checksum, whatever it holds."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return json.dumps({
        "format": "termbook-progress", "version": 1,
        "checksum": f"{zlib.crc32(text.encode()):08x}", "content": content, **head,
    }, ensure_ascii=False)


def entry(**changes: object) -> dict[str, Any]:
    """The content with one review, changed; None takes a key away."""
    made = {**ENTRY, **changes}
    return {**CONTENT, "log": [{key: value for key, value in made.items() if value is not None}]}


def settings(**changes: object) -> dict[str, Any]:
    return {**CONTENT, "settings": {**CONTENT["settings"], **changes}}


def answers(**changes: object) -> dict[str, Any]:
    return {**CONTENT, "answers": changes}


# What is refused, and words of the message that says so.
REFUSED: dict[str, tuple[str, str]] = {
    "nothing": ("", "not a file of study progress at all"),
    "cut short": (packed(CONTENT)[:-20], "not a file of study progress at all"),
    "a list": ("[]", "not a file of study progress"),
    "null": ("null", "not a file of study progress"),
    "foreign": ('{"format": "termbook-worksheet", "version": 1}', "not a file of study progress"),
    "newer": (packed(CONTENT, version=2), "has version 2, and this page reads version 1"),
    "version 0": (packed(CONTENT, version=0), "“version” of it cannot be"),
    "version as text": (packed(CONTENT, version="2"), "“version” of it cannot be"),
    "checksum": (packed(CONTENT, checksum="00000000"), "checksum does not agree"),
    "no checksum": (packed(CONTENT, checksum=None), "“checksum” of it cannot be"),
    "more": (packed(CONTENT, owner="me"), "no place for “owner”"),
    "no content": (packed(None), "“content” of it cannot be"),
    "another site": (packed({**CONTENT, "site": "The Bread Book"}), "another site, “The Bread"),
    "site as number": (packed({**CONTENT, "site": 1}), "“site” of its content cannot be"),
    "created": (packed({**CONTENT, "created": "yesterday"}), "“created” of its content"),
    "no log": (packed({**CONTENT, "log": {}}), "“log” of its content"),
    "no settings": (packed({**CONTENT, "settings": []}), "“settings” of its content"),
    "no answers": (packed({**CONTENT, "answers": None}), "“answers” of its content"),
    "twice": (packed({**CONTENT, "log": [ENTRY, ENTRY]}), "entry 2 stands there twice"),
    "unknown type": (packed(entry(type="cheat")), "entry 1 is of no known type"),
    "type of a prototype": (packed(entry(type="toString")), "entry 1 is of no known type"),
    "no entry": (packed({**CONTENT, "log": [7]}), "entry 1 is of no known type"),
    "grade 0": (packed(entry(grade=0)), "“grade” of entry 1 cannot be"),
    "grade 5": (packed(entry(grade=5)), "“grade” of entry 1 cannot be"),
    "grade between": (packed(entry(grade=2.5)), "“grade” of entry 1 cannot be"),
    "grade as text": (packed(entry(grade="3")), "“grade” of entry 1 cannot be"),
    "no grade": (packed(entry(grade=None)), "entry 1 lacks “grade”"),
    "negative duration": (packed(entry(took=-1)), "“took” of entry 1 cannot be"),
    "a day for one card": (packed(entry(took=DAY)), "“took” of entry 1 cannot be"),
    "card": (packed(entry(card="customer")), "“card” of entry 1 cannot be"),
    "card as list": (packed(entry(card=["0123abcd"])), "“card” of entry 1 cannot be"),
    "id": (packed(entry(id="A" * 16)), "“id” of entry 1 cannot be"),
    "device": (packed(entry(device="<b>")), "“device” of entry 1 cannot be"),
    "time": (packed(entry(at=-1)), "“at” of entry 1 cannot be"),
    "time as text": (packed(entry(at="now")), "“at” of entry 1 cannot be"),
    "far future": (packed(entry(at=10**15, day=10**15 // DAY)), "“at” of entry 1 cannot be"),
    "day of another time": (packed(entry(day=TODAY - 9)), "day and time of entry 1 do not agree"),
    "prototype in an entry": (packed(entry(__proto__={"x": 1})), "no place for “__proto__”"),
    "constructor in an entry": (packed(entry(constructor=1)), "no place for “constructor”"),
    "undo of a number": (packed({**CONTENT, "log": [{**UNDO, "of": 1}]}), "“of” of entry 1"),
    "retention": (packed(settings(retention=1.5)), "“retention” of the settings"),
    "no limit": (packed(settings(newPerDay=-1)), "“newPerDay” of the settings"),
    "many": (packed(settings(reviewsPerDay=10**9)), "“reviewsPerDay” of the settings"),
    "more settings": (packed(settings(theme="dark")), "the settings has no place for “theme”"),
    "prototype in settings": (packed(settings(__proto__={})), "no place for “__proto__”"),
    "prototype at the top": (packed({**CONTENT, "__proto__": {}}), "no place for “__proto__”"),
    "foreign answers": (packed(answers(token="x")), "no place for “token”"),
    "answer as number": (packed(answers(**{"termbook.study.x": 1})), "is no answer"),
    "long answer": (packed(answers(**{"termbook.study.x": "x" * 2**21})), "is no answer"),
    "many answers": (
        packed(answers(**{f"termbook.study.{number}": "1" for number in range(1001)})),
        "more answers than"),
    "prototype in an answer": (
        packed(answers(**{"termbook.study.x": '{"a":[{"__proto__":{"b":1}}]}'})),
        "no place for “__proto__”"),
    "deep answer": (
        packed(answers(**{"termbook.study.x": "[" * 50 + "]" * 50})), "nested too deep"),
    "a round under way": (
        packed(answers(**{"termbook.study.x": '{"items": [1], "state": {"at": 1}}'})),
        "is not made of answers"),
    "answers without a time": (
        packed(answers(**{"termbook.study.x": '[{"at": 1}, {"at": "2"}]'})),
        "is not made of answers"),
    "no JSON": (packed(answers(**{"termbook.study.x": "{"})), "is not made of answers"),
    "endless time": (
        packed(answers(**{"termbook.study.x": '{"at": 1e999}'})), "is not made of answers"),
}
PARSE = f"""(texts) => texts.map((text) => {{
  try {{
    return {{progress: termbookProgress.parse(text, {json.dumps(SITE)})}};
  }} catch (error) {{
    if (!(error instanceof termbookProgress.Refusal)) throw error;
    return {{refused: error.message}};
  }}
}})"""


def parsed(*texts: str) -> list[dict[str, Any]]:
    """What `parse` gives for each text: {progress} or {refused}."""
    return evaluate(PARSE, texts)


def damaged(text: str, number: int) -> Iterator[str]:
    """Copies of a file with a letter changed, lost, doubled or two exchanged, or its end lost."""
    draw = random.Random(7)
    for turn in range(number):
        at = draw.randrange(len(text) - 2)
        yield (
            text[:at] + chr(ord(text[at]) ^ (1 << draw.randrange(5))) + text[at + 1:],
            text[:at] + text[at + 1:],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2:],
            text[:at],
        )[turn % 5]


def longer() -> str:
    """A good file with many reviews."""
    log = [{**ENTRY, "id": f"{number:016x}", "at": ENTRY["at"] + number, "grade": 1 + number % 4}
           for number in range(40)]
    return packed({**CONTENT, "log": log})


def mutants() -> list[str]:
    """Two hundred files and more that are to be refused: damaged ones, and well-made wrong ones."""
    text = longer()
    # A few changes of a text leave what it says alone: another order of two equal letters.
    return [one for one in damaged(text, 220) if one != text and not says_the_same(one, text)] + [
        wrong for wrong, _ in REFUSED.values()]


def says_the_same(text: str, other: str) -> bool:
    try:
        return json.loads(text) == json.loads(other)
    except ValueError:
        return False


def test_a_good_file_is_read():
    (found,) = parsed(packed(CONTENT))
    wanted = {key: CONTENT[key] for key in ("site", "log", "settings", "answers")}
    assert found == {"progress": wanted}


@pytest.fixture(scope="module")
def refusals() -> dict[str, dict[str, Any]]:
    found = parsed(*(text for text, _ in REFUSED.values()))
    return dict(zip(REFUSED, found, strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_file_is_refused_in_words(refusals, name):
    assert REFUSED[name][1] in refusals[name].get("refused", "")


def test_damage_anywhere_is_found():
    """Two hundred files, each with little damage: every one is refused."""
    some = mutants()
    assert len(some) >= 200
    found = parsed(*some)
    assert [text for text, one in zip(some, found, strict=True) if "refused" not in one] == []


# Merging

# Three devices that share some of their past, 5,000 times: what would tell a merge that is wrong.
HISTORIES = """(number) => {
  const {serialise, parse, merge} = termbookProgress;
  const {replay, DAY} = termbookSchedule;
  let seed = 1;
  const random = () => {  // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let word = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(random() * limit);
  const pick = (some) => some[below(some.length)];
  const hex = (digits) => Array.from({length: digits}, () => below(16).toString(16)).join("");
  const keys = Array.from({length: 6}, () => hex(8));
  const devices = Array.from({length: 3}, () => hex(16));
  const entry = (device, log) => {
    const day = 20600 + below(30);
    // Few different times, so that some are the same on two devices.
    const base = {id: hex(16), at: day * DAY + DAY / 2 + below(3), day, device};
    const kind = random();
    if (kind < 0.15 && log.length) return {...base, type: "undo", of: pick(log).id};
    if (kind < 0.3) return {...base, type: pick(["suspend", "resume", "bury"]), card: pick(keys)};
    return {...base, type: "review", card: pick(keys), grade: 1 + below(4), took: below(60000)};
  };
  const record = () => pick([
    {at: below(4), value: pick([below(5), "x", "ü", true, null, [1, 2]])}, {when: below(4)},
  ]);
  const value = (depth) => pick([
    record, () => [], () => Array.from({length: 1 + below(3)}, record),
    () => (depth ? Object.fromEntries(["toString", "a", "b"].slice(below(3))
      .map((key) => [key, value(depth - 1)])) : {}),
  ])();
  const answers = () => Object.fromEntries(["a", "b"].slice(below(3)).map((key) => [
    `termbook.study.${key}`, JSON.stringify(value(2)),
  ]));
  const settings = () => ({
    newPerDay: below(30), reviewsPerDay: below(300), retention: 0.9, at: below(3),
  });
  const history = (device, past) => {
    const log = [...past];
    for (let left = below(9); left; left--) log.push(entry(device, log));
    return {site: "s", log: log.sort(() => random() - 0.5), settings: settings(),
      answers: answers()};
  };
  const sorted = (value) => (Array.isArray(value) ? value.map(sorted)
    : value && typeof value === "object" ? Object.fromEntries(
      Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]))
    : value);
  const text = (progress) => JSON.stringify(sorted(progress));
  const states = ({log, settings}) => JSON.stringify([...replay(log, settings).states].sort());
  const wrong = {};
  const check = (name, a, b) => { if (a !== b) wrong[name] = (wrong[name] ?? 0) + 1; };
  let reviews = 0;
  for (let turn = 0; turn < number; turn++) {
    const {log: past} = history(devices[0], []);
    const [a, b, c] = devices.map((device) => history(device, past));
    const sent = [a, b, c].map((one) => parse(serialise(one, 0), "s"));
    [a, b, c].forEach((one, index) => check("file", text(one), text(sent[index])));
    const whole = merge(merge(a, b), c);
    const orders = [
      merge(a, merge(b, c)), merge(merge(c, a), b), merge(b, merge(c, a)), merge(merge(b, a), c),
      merge(merge(...sent.slice(0, 2)), parse(serialise(merge(sent[2], sent[0]), 1), "s")),
      merge(whole, whole), merge(whole, b), merge(merge(a, a), merge(c, b)),
    ];
    orders.forEach((one, index) => {
      check(`order ${index}`, text(one), text(whole));
      if (index < 2) check("states", states(one), states(whole));
    });
    check("same", text(merge(a, a)), text({...a, log: merge(a, a).log}));
    const ids = new Set([a, b, c].flatMap((one) => one.log.map((each) => each.id)));
    check("ids", ids.size, whole.log.length);
    reviews += whole.log.length;
  }
  return {wrong, reviews};
}"""


def test_five_thousand_histories_merge_in_any_order():
    """Through files or not, in whatever order and how often, nothing is lost or told twice."""
    found = evaluate(HISTORIES, 5000)
    print(f"{found['reviews']} entries in 5,000 histories")
    assert found["wrong"] == {}
    assert found["reviews"] > 50_000


def merged(one: object, other: object) -> object:
    """What two texts of practice answers become."""
    key = "termbook.study.x"
    found = evaluate(
        "([one, other]) => termbookProgress.mergeAnswers(one, other)",
        [{key: json.dumps(one)}, {key: json.dumps(other)}],
    )
    return json.loads(found[key])


@pytest.mark.parametrize(("one", "other", "both"), [
    ({"q1": {"at": 1, "right": False}, "q2": {"at": 5, "right": True}},
     {"q1": {"at": 3, "right": True}, "q3": {"at": 1, "right": True}},
     {"q1": {"at": 3, "right": True}, "q2": {"at": 5, "right": True},
      "q3": {"at": 1, "right": True}}),
    ([{"when": 1, "q": "a"}], [{"when": 0, "q": "b"}, {"when": 1, "q": "a"}],
     [{"when": 0, "q": "b"}, {"when": 1, "q": "a"}]),
    ([], [{"at": 0}], [{"at": 0}]),
    ({"at": 7, "answers": [1, 2]}, {"at": 6, "answers": [1, 2, 3]}, {"at": 7, "answers": [1, 2]}),
    ({"a": {"b": {"at": 1}}}, {"a": {"c": {"at": 2}}}, {"a": {"b": {"at": 1}, "c": {"at": 2}}}),
])
def test_practice_answers_join(one, other, both):
    """Later records win whole, objects join by key, lists of records are united."""
    assert merged(one, other) == merged(other, one) == both


def test_two_stories_of_one_review_are_refused():
    """Whoever wrote over a review cannot smuggle it in under its id."""
    message = evaluate(
        """([one, other]) => {
          try { termbookProgress.merge(one, other); } catch (error) { return error.message; }
        }""", [CONTENT, entry(grade=1)],
    )
    assert "tells a review in another way" in message
