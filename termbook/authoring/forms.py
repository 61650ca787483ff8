"""What is asked for each kind of new record, and how the answers become its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, zip_longest
from typing import Any

from ..book import Book
from ..checks import DOTS, TO_BE_WRITTEN
from ..model import Debate, Entry, Refers, Scenario, Source, Term
from ..study.question import Question
from .emit import Field, Leaf, fields, sample, value

Answers = Mapping[str, list[str]]


@dataclass(frozen=True)
class Ask:
    """One thing that a new record needs: an option on the command line, a question at a prompt.

    `key` is the key that holds it, where there is one; `refers` the kind of record that it names.
    Of `many` answers, those of an option `each` are asked for one by one.
    """

    option: str
    question: str
    key: str = ""
    least: int = 0
    many: bool = False
    each: bool = False
    refers: str = ""
    default: str = ""


@dataclass(frozen=True)
class Form:
    """A kind of record: its model, what is asked for it, and how the answers become data."""

    model: type[Entry]
    asks: tuple[Ask, ...]
    data: Callable[[Book, Answers], dict[str, Any]]


def _given(form: Form, answers: Answers) -> dict[str, Any]:
    """The answers that are keys of the record as they are."""
    many = {field.key: field.many for field in fields(form.model)}
    return {ask.key: answers[ask.option] if many[ask.key] else answers[ask.option][0]
            for ask in form.asks if ask.key and answers.get(ask.option)}


def _to_be_written(field: Field) -> str:
    said = field.info.description or ""
    return f"{TO_BE_WRITTEN}: {said[:1].lower()}{said[1:]}" if field.prose else TO_BE_WRITTEN


def _placeholders(roles: list[str], sources: list[str]) -> Leaf:
    """Texts to fill in, with roles and sources that there are, so that nothing fails a check."""
    turn = cycle(roles)

    def leaf(field: Field) -> str:
        if isinstance(field.marker, Refers) and field.marker.kinds == ("term",):
            return next(turn)
        if isinstance(field.marker, Refers) and field.marker.kinds == ("source",):
            return sources[0]
        given = sample(field)
        return _to_be_written(field) if given == DOTS else given

    return leaf


def _term(book: Book, answers: Answers) -> dict[str, Any]:
    return {**_given(FORMS["term"], answers), "status": "draft"}


def _scenario(book: Book, answers: Answers) -> dict[str, Any]:
    players = dict(one.partition("=")[::2] for one in answers.get("player", []))
    roles = [*dict.fromkeys([*book.settings.required_roles, *players])]
    keys = {field.key: field for field in fields(Scenario)}
    leaf = _placeholders(roles or [DOTS], answers["source"])
    why = next(field for field in fields(keys["cast"].models[0]) if field.key == "why")
    cast = [{"role": role, "player": players.get(role) or TO_BE_WRITTEN,
             "why": _to_be_written(why), "sources": answers["source"]} for role in roles]
    required = book.settings.required_sections
    sections: dict[str, Any] = {key: value(keys[key], leaf) for key in required}
    return {**sections, **_given(FORMS["scenario"], answers), "cast": cast}


def _debate(book: Book, answers: Answers) -> dict[str, Any]:
    pairs = zip_longest(answers["source"], answers.get("holds", []))
    says = f"{TO_BE_WRITTEN}: what this source says."
    positions = [{"holds": holds or TO_BE_WRITTEN, "says": says, "sources": [source]}
                 for source, holds in pairs if source]
    return {**_given(FORMS["debate"], answers), "positions": positions}


def _source(book: Book, answers: Answers) -> dict[str, Any]:
    return _given(FORMS["source"], answers)


def _question(book: Book, answers: Answers) -> dict[str, Any]:
    right = [{"text": answers["right"][0], "correct": "true"}]
    wrong = [{"text": text} for text in answers["wrong"]]
    options = [{**one, "reason": f"{TO_BE_WRITTEN}: why this is {what}."}
               for some, what in ((right, "right"), (wrong, "wrong")) for one in some]
    return {**_given(FORMS["question"], answers), "key": answers["key"][0], "type": "one",
            "options": options}


ID = Ask("id", "Its id, which is the file's name")

FORMS = {
    "term": Form(Term, (
        Ask("label", "What is the term", "label", least=1),
        ID,
        Ask("definition", "Define it in a sentence or two of plain text", "definition", least=1),
        Ask("group", "Its group", "group", refers="group"),
        Ask("alt-label", "Other names of it, with commas between", "alt_labels", many=True),
        Ask("example", "A short concrete case", "examples", many=True, each=True),
        Ask("source", "Ids of sources it rests on, with commas between", "sources", many=True,
            refers="source"),
    ), _term),
    "scenario": Form(Scenario, (
        Ask("label", "What is the scenario called", "label", least=1),
        ID,
        Ask("summary", "The situation in two or three sentences", "summary", least=1),
        Ask("source", "Ids of sources, with commas between", "sources", least=1, many=True,
            refers="source"),
        Ask("player", "Who plays a role, as role=player", many=True, each=True, refers="term"),
    ), _scenario),
    "debate": Form(Debate, (
        Ask("question", "Which question is debated", "question", least=1),
        ID,
        Ask("short-answer", "A short answer that begins with what it depends on", "short_answer",
            least=1),
        Ask("term", "Ids of the terms it is about, with commas between", "terms", least=1,
            many=True, refers="term"),
        Ask("source", "Ids of sources, one for each position, with commas between", least=2,
            many=True, refers="source"),
        Ask("holds", "A position in a few words, in the order of the sources", many=True,
            each=True),
    ), _debate),
    "source": Form(Source, (
        Ask("title", "The title of the work", "title", least=1),
        Ask("short", "A short name for citations", "short"),
        Ask("author", "Who wrote it", "author"),
        Ask("year", "The year of publication", "year"),
        Ask("type", "What kind of work it is", "type", least=1, default="web"),
        Ask("url", "The address of the original", "url"),
        ID,
    ), _source),
    "question": Form(Question, (
        Ask("stem", "The situation, and what is asked", "stem", least=1),
        ID,
        Ask("right", "The right option", least=1),
        Ask("wrong", "A wrong option", least=2, many=True, each=True),
        Ask("term", "Ids of the terms it tests, with commas between", "terms", least=1, many=True,
            refers="term"),
        Ask("task", "Ids of the exam tasks it serves, with commas between", "tasks", least=1,
            many=True, refers="task"),
        Ask("source", "Ids of sources the answer rests on, with commas between", "sources",
            least=1, many=True, refers="source"),
        Ask("difficulty", "How hard it is", "difficulty", least=1, default="medium"),
        Ask("scenario", "Id of the scenario it is set in", "scenario", refers="scenario"),
    ), _question),
}
