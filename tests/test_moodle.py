"""GIFT and Moodle XML: what was written comes back from readers that others wrote."""

from __future__ import annotations

import html
import json
import random
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import moodle_xml_parser.parser
import node
import pytest
import sites
from sites import ROOT

from termbook.book import Book
from termbook.exports.moodle import gift, moodle_xml
from termbook.load import read
from termbook.model import Domain, Exam, Source, Task
from termbook.prose import plain
from termbook.study.bank import Bank, Item, bank
from termbook.study.pages import ASKED, shown
from termbook.study.question import Option

# Whatever means something in GIFT, Moodle XML, HTML or Markdown, and words between.
SCRAPS = [
    "%", "%50%", "//", "$", "$CATEGORY:", "$$x$$", "[html]", "[x]", "[", "]", "~", "=", "#", "####",
    "{", "}", "{TRUE}", ":", "::", "\\", "\\n", "\\\\", "\\=", "->", "TRUE", "T", "&amp;", "&#37;",
    "&", "<", ">", "<b>", "</b>", "<br>", "<!--", "]]>", "<![CDATA[", '"', "'", "é", "Đội", "漢字",
    "😀", "“so”", "1", "2.5", "-7", "a", "word", ",", ".", ";", "?",
]
SOURCE = Source(**{"@id": "s", "title": "A {source}: 100 % = //", "type": "book"})
BOOK = Book(sources={"s": SOURCE}, exam=Exam(
    title="Exam", outline="1", checked_on="2026-01-01", sources=("s",),
    domains=tuple(Domain(id=one, label=f"Domain {one}/{one}", weight=50,
                         tasks=(Task(id=f"{one}1", label="Task"),)) for one in "AB"),
))
URL = "https://example.org/a/"
PARSE = """
const {parse} = require("gift-pegjs");
const text = require("fs").readFileSync(process.argv[1], "utf8");
process.stdout.write(JSON.stringify(parse(text)));
"""


def generated(number: int) -> Bank:
    """Questions of every type whose texts are put together from SCRAPS."""
    chance = random.Random(2026)

    def text() -> str:
        return chance.choice(["Q", ""]) + chance.choice([" ", ""]).join(
            chance.choices(SCRAPS, k=chance.randint(1, 12)))

    def option(kind: str, place: int, right: bool) -> Option:
        return Option(
            text=text(), reason=text() + " So.", correct=right,
            place=place if kind == "order" else None, match=text() if kind == "match" else None,
        )

    items = []
    for count in range(number):
        kind = chance.choice(["one", "several", "depends", "order", "match"])
        places = range(1, chance.randint(3, 6) + 1)
        right = {"one": 1, "several": len(places) - 1, "depends": chance.randint(2, len(places))}
        key = f"{count:08x}"
        items.append(Item(
            key, kind, chance.choice(["", text()]), text(),
            tuple(option(kind, place, place <= right.get(kind, 0)) for place in places), (), "",
            ("A1",), chance.choice(["A", "B", ""]), "easy", ("s",), (), "", f"study/x/#q-{key}",
        ))
    return Bank(tuple(items), {"A": 50, "B": 50})


BANK = generated(3000)
FEW = generated(100)


@pytest.fixture(scope="module")
def xml() -> bytes:
    return moodle_xml(BOOK, BANK, URL)


def line(text: str) -> str:
    return " ".join(text.split())


def stem(item: Item) -> str:
    frame = f"{line(item.frame)}:" if item.frame else ""
    return "<br>".join(filter(None, [frame, line(item.stem), ASKED.get(item.type, "")]))


def answers(item: Item) -> list[tuple[str, float, str]]:
    """Text, worth in percent, and reason of each option, as a mark is given for it."""
    right = [one for one in item.options if one.correct]
    several = item.type == "several" or len(right) == len(item.options)
    good = 100 / len(right) if several else 100
    bad = -100 / max(len(item.options) - len(right), 1) if several else 0
    return [(line(one.text), pytest.approx(good if one.correct else bad, abs=1e-5),
             plain(one.reason)) for one in shown(item)]


def pairs(item: Item) -> list[tuple[str, str]]:
    return [(line(one.text), line(one.match or str(one.place))) for one in shown(item)]


def holds_reasons(feedback: str, item: Item) -> bool:
    """Whether the general feedback gives the reason for every pair, the source and the address."""
    return (all(plain(one.reason) in feedback for one in item.options)
            and SOURCE.title in feedback and feedback.endswith(f"{URL}{item.address}"))


def parsed(text: str, folder: Path) -> list[dict[str, Any]]:
    """What gift-pegjs reads in a text in GIFT."""
    file = folder / "questions.gift"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [node.NODE, "--stack-size=4000", "-e", PARSE, file], capture_output=True, text=True,
        env={"NODE_PATH": str(node.installed(node.FOLDER))}, check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shown_as(field: dict[str, str]) -> str:
    """What a browser shows of a text, with `<br>` between its lines."""
    assert field["format"] == "html"
    return html.unescape(field["text"])


def in_pair(text: str) -> str:
    """The second half of a pair, in which this reader leaves escapes as it marks them inside."""
    return html.unescape(re.sub(r"&&0*(\d+);", lambda code: chr(int(code[1])), text))


def test_gift_comes_back_from_a_foreign_reader(tmp_path):
    """3,000 questions: titles, stems, options, marks, reasons, pairs, ids and tags."""
    found = [one for one in parsed(gift(BOOK, BANK, URL), tmp_path) if one["type"] != "Category"]
    items = {item.key: item for item in BANK.items}
    assert len(found) == len(items) == 3000
    for question in found:
        item = items.pop(question["id"])
        assert html.unescape(question["title"]).startswith(f"{item.key} ")
        assert shown_as(question["stem"]) == stem(item) and question["tags"] == ["A1", "easy"]
        if item.type in ("order", "match"):
            assert [(shown_as(one["subquestion"]), in_pair(one["subanswer"]))
                    for one in question["matchPairs"]] == pairs(item)
            assert holds_reasons(shown_as(question["globalFeedback"]), item)
        else:
            assert question["type"] == "MC"
            assert [(shown_as(one["text"]), one["weight"] if one["weight"] is not None
                     else 100 * one["isCorrect"], shown_as(one["feedback"]))
                    for one in question["choices"]] == answers(item)
    assert not items


def test_gift_leaves_no_mark_within_a_text():
    """Weights, formats, the category and comments stand where the format wants them, only there."""
    lines = gift(BOOK, FEW, URL).splitlines()
    for one in lines:
        own = r"\[html\]|^~%-?[\d.]+%|^// \[id:\w+\]( \[tag:\w+\])*$|^\$CATEGORY: \$course\$/top/.*"
        assert not re.search(r"[%\[$]|//", re.sub(own, "", one)), one


def test_moodle_xml_comes_back_from_a_foreign_reader(xml):
    """Every question with options, its marks and reasons, and whether one or more is chosen."""
    questions = moodle_xml_parser.parser.parse_bytes(xml)["multichoice"]
    items = {item.key: item for item in BANK.items if item.type not in ("order", "match")}
    assert len(questions) == len(items) > 1500
    for question in questions:
        item = items.pop(question.name.split()[0])
        assert question.text_pre_parse == stem(item) and question.shuffle_answers
        assert [(one.answer, one.score_fraction, one.feedback)
                for one in question.options] == answers(item)
        assert question.single == (sum(worth == 100 for _, worth, _ in answers(item)) > 0)
    assert not items


def test_moodle_xml_of_pairs(xml):
    """Matching as Moodle documents it, which the foreign reader does not know."""
    root = ET.fromstring(xml)
    items = {item.key: item for item in BANK.items if item.type in ("order", "match")}
    for question in root.findall("question[@type='matching']"):
        item = items.pop(question.findtext("idnumber"))
        assert html.unescape(question.findtext("questiontext/text")) == stem(item)
        assert holds_reasons(html.unescape(question.findtext("generalfeedback/text")), item)
        assert [(html.unescape(one.findtext("text")), one.findtext("answer/text"))
                for one in question.findall("subquestion")] == pairs(item)
    assert not items


def test_both_put_questions_into_a_category_for_each_domain(tmp_path):
    """A slash in the name of a domain begins no category of its own."""
    paths = ["$course$/top/Exam/Domain A//A", "$course$/top/Exam/Domain B//B", "$course$/top/Exam"]
    found = parsed(gift(BOOK, FEW, ""), tmp_path)
    assert [one["title"] for one in found if one["type"] == "Category"] == paths
    quiz = ET.fromstring(moodle_xml(BOOK, FEW, ""))
    assert [one.text for one in quiz.iterfind("question/category/text")] == paths
    place, counts = "", Counter()
    for question in quiz:
        place = question.findtext("category/text") or place
        counts[place] += question.get("type") != "category"
    domains = Counter(item.domain for item in FEW.items)
    assert list(counts.values()) == [domains["A"], domains["B"], domains[""]]


def test_marks_are_such_as_moodle_knows(xml):
    """For any number of right and wrong options; Moodle refuses a share that is not in its list."""
    known = {100, 50, 33.33333, 25, 20, 16.66667, 0}
    for fraction in ET.fromstring(xml).iterfind("question/answer"):
        assert abs(float(fraction.get("fraction"))) in known


def test_this_bank_comes_back_whole(tmp_path):
    """Every question of this knowledge base, in both formats."""
    book = read(ROOT).book
    some = bank(book)
    keys = sorted(item.key for item in some.items)
    found = parsed(gift(book, some, ""), tmp_path)
    assert sorted(one["id"] for one in found if one["type"] != "Category") == keys
    quiz = ET.fromstring(moodle_xml(book, some, ""))
    assert sorted(one.text for one in quiz.iterfind("question/idnumber")) == keys


def test_the_commands(tmp_path):
    """Each writes its file, the same bytes under another name; without questions neither does."""
    root = sites.copy(tmp_path / "bread")
    for name, default in (("gift", "questions.gift"), ("moodle", "questions.xml")):
        for options in ((), ("--out", str(tmp_path / name))):
            done = sites.run("export", name, *options, root=root, env={"LC_ALL": "C"})
            assert done.returncode == 0, done.stderr
        assert (tmp_path / name).read_bytes() == (root / default).read_bytes() != b""
        (root / default).unlink()
    shutil.rmtree(root / "study")
    for path in root.glob("glossary/*.yml"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"^exam:.*\n", "", text, flags=re.MULTILINE), "utf-8")
    done = sites.run("export", "gift", root=root)
    assert done.returncode == 2 and "There is no question" in done.stderr
    assert not (root / "questions.gift").exists()
