"""The bank for Moodle and what else reads its formats: GIFT, a text format, and Moodle XML.

Both are as Moodle's documentation gives them (docs.moodle.org, "GIFT format" and "Moodle XML
format"). One right option, or several of which any is accepted, make a question with one choice;
several that all have to be found are weighted, and wrong ones cost as much, so that choosing
everything is worth nothing. Order and match become matching, which has no feedback for a single
pair: there all reasons stand in the general feedback.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby

from ..book import Book
from ..prose import plain
from ..study.bank import Bank, Item
from ..study.pages import ASKED, shown, verdict
from ..study.question import Option

GIFT_FILE, XML_FILE = "questions.gift", "questions.xml"
TITLE_LENGTH = 60


@dataclass(frozen=True)
class Answer:
    """An option: its text, what choosing it is worth in percent of the mark, and its reason."""

    text: str
    worth: float
    reason: str


@dataclass(frozen=True)
class Quiz:
    """A question as Moodle sees it, in plain text; `stem` and `feedback` are paragraphs.

    It has `answers`, of which one can be chosen or several, or else `pairs` to be matched.
    """

    id: str
    title: str
    stem: tuple[str, ...]
    answers: tuple[Answer, ...]
    pairs: tuple[tuple[str, str], ...]
    several: bool
    feedback: tuple[str, ...]
    tags: tuple[str, ...]


def gift(book: Book, bank: Bank, site_url: str) -> str:
    """The bank in GIFT. Feedback leads to the site when `site_url`, with a slash, is not empty."""
    parts = []
    for category, quizzes in _categories(book, bank, site_url):
        parts.append(f"$CATEGORY: {category}")
        parts.extend(map(_gift, quizzes))
    return "\n\n".join(parts) + "\n"


def moodle_xml(book: Book, bank: Bank, site_url: str) -> bytes:
    """The bank in Moodle XML, otherwise as `gift`."""
    root = ET.Element("quiz")
    for category, quizzes in _categories(book, bank, site_url):
        question = ET.SubElement(root, "question", {"type": "category"})
        _text(question, "category", category)
        for quiz in quizzes:
            _xml(root, quiz)
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _categories(book: Book, bank: Bank, site_url: str) -> Iterator[tuple[str, Iterator[Quiz]]]:
    """Path of a category in Moodle's question bank → its questions: one for each domain."""
    domains = {one.id: one.label for one in book.exam.domains} if book.exam else {}
    order = [*domains, ""]
    items = sorted(bank.items, key=lambda item: order.index(item.domain))
    for domain, some in groupby(items, key=lambda item: item.domain):
        names = [book.exam.title if book.exam else "", domains.get(domain, "")]
        # In a path a slash within a name is written twice.
        path = "/".join(name.replace("/", "//") for name in names if name)
        yield f"$course$/top/{path}", (_quiz(book, item, site_url) for item in some)


def _quiz(book: Book, item: Item, site_url: str) -> Quiz:
    options = shown(item)
    matching = item.type in ("order", "match")
    frame = f"{_line(item.frame)}:" if item.frame else ""
    reasons = [f"{_line(one.text)}: {verdict(one, item)} {plain(one.reason)}" for one in options]
    sources = [book.sources[one].short or book.sources[one].title for one in item.sources
               if one in book.sources]
    said = [
        *(reasons if matching else []),
        f"Sources: {'; '.join(map(_line, sources))}" if sources else "",
        site_url + item.address if site_url else "",
    ]
    stem = (frame, _line(item.stem), ASKED.get(item.type, ""))
    return Quiz(
        item.key, _title(item), tuple(filter(None, stem)),
        () if matching else tuple(_answers(item, options)),
        tuple((_line(one.text), _line(one.match or str(one.place))) for one in options)
        if matching else (),
        _all_to_be_found(item), tuple(filter(None, said)),
        tuple(filter(None, (*item.tasks, item.scenario, item.difficulty, item.derived))),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _title(item: Item) -> str:
    stem = _line(item.stem)
    short = stem if len(stem) <= TITLE_LENGTH else stem[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"
    return f"{item.key} {short}"


def _all_to_be_found(item: Item) -> bool:
    """Whether more than one option has to be chosen; so it is, too, when none is wrong."""
    return item.type == "several" or (
        item.type == "depends" and all(option.correct for option in item.options))


def _answers(item: Item, options: list[Option]) -> Iterator[Answer]:
    right = sum(option.correct for option in options)
    wrong = len(options) - right
    if _all_to_be_found(item):
        worth = {True: 100 / right, False: -100 / max(wrong, 1)}
    else:
        worth = {True: 100.0, False: 0.0}
    for option in options:
        yield Answer(_line(option.text), worth[option.correct], plain(option.reason))


def _percent(worth: float) -> str:
    """A share of the mark as Moodle knows it, with five digits at most."""
    return f"{worth:.5f}".rstrip("0").rstrip(".")


def _gift(quiz: Quiz) -> str:
    tags = "".join(f" [tag:{tag}]" for tag in quiz.tags)
    lines = [
        f"// [id:{quiz.id}]{tags}",
        f"::{_escaped(quiz.title)}::{_gift_html(quiz.stem)} {{",
        *(_gift_answer(quiz, answer) for answer in quiz.answers),
        *(f"={_gift_html((left,))} -> {_escaped(right)}" for left, right in quiz.pairs),
        *([f"####{_gift_html(quiz.feedback)}"] if quiz.feedback else []),
        "}",
    ]
    return "\n".join(lines)


def _gift_answer(quiz: Quiz, answer: Answer) -> str:
    mark = f"~%{_percent(answer.worth)}%" if quiz.several else "=" if answer.worth else "~"
    return f"{mark}{_gift_html((answer.text,))} #{_gift_html((answer.reason,))}"


def _gift_html(paragraphs: tuple[str, ...]) -> str:
    return f"[html]{'<br>'.join(map(_escaped, paragraphs))}"


def _escaped(text: str) -> str:
    """Plain text as HTML in which GIFT finds nothing of its own.

    A weight, a format, a category or a comment begins with `%`, `[`, `$` or `//`. Some readers find
    them within a text as well, and they have no escape but an entity.
    """
    html = re.sub(r"[%\[$]|//", lambda found: "".join(f"&#{ord(one)};" for one in found[0]),
                  escape(text, quote=False))
    return re.sub(r"[~=#{}:\\]", r"\\\g<0>", html)


def _xml(root: ET.Element, quiz: Quiz) -> None:
    question = ET.SubElement(
        root, "question", {"type": "matching" if quiz.pairs else "multichoice"})
    _text(question, "name", quiz.title)
    _html(question, "questiontext", quiz.stem)
    _html(question, "generalfeedback", quiz.feedback)
    ET.SubElement(question, "idnumber").text = quiz.id
    ET.SubElement(question, "shuffleanswers").text = "true"
    if quiz.answers:
        ET.SubElement(question, "single").text = "false" if quiz.several else "true"
    for answer in quiz.answers:
        element = _html(question, "answer", (answer.text,))
        element.set("fraction", _percent(answer.worth))
        _html(element, "feedback", (answer.reason,))
    for left, right in quiz.pairs:
        _text(_html(question, "subquestion", (left,)), "answer", right)
    tags = ET.SubElement(question, "tags")
    for tag in quiz.tags:
        _text(tags, "tag", tag)


def _html(parent: ET.Element, name: str, paragraphs: tuple[str, ...]) -> ET.Element:
    element = _text(parent, name, "<br>".join(escape(one, quote=False) for one in paragraphs))
    element.set("format", "html")
    return element


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    ET.SubElement(element, "text").text = text
    return element
