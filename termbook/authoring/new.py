"""A new record from a few answers: what is asked, what is wrong with an answer, the file's text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from ..book import Book
from ..checks import check
from ..guarded_yaml import Malformed, hidden_in, hidden_name, parse
from ..labels import names
from ..layout import schema_of
from ..misfits import as_id, explain, findings
from ..model import Debate, Entry, Scenario, Source, Term
from ..problems import did_you_mean, errors
from ..schemas import PLACES, modeline
from ..study.question import Question
from .emit import fields, record_yaml
from .files import Changes
from .forms import Answers, Ask, Form
from .rename import Refused, refuse_taken

SOURCES = next(path for path, kind in PLACES.items() if kind == "sources")
ID_LENGTH = 48

def faults(book: Book, form: Form, ask: Ask, answer: str) -> Iterator[str]:
    """What is wrong with one answer, and how to mend it."""
    named = answer.partition("=")[0]
    if hidden := hidden_in(answer):
        yield f"it holds a hidden character ({hidden_name(hidden)}). Delete that"
    elif ask.refers and named not in (known := _known(book, ask.refers)):
        some = ", ".join(sorted(known)[:12])
        yield f'"{named}" is not a {ask.refers}. ' + did_you_mean(named, known, f"Some are: {some}")
    elif ask.option == "id":
        try:
            refuse_taken(book, answer)
        except Refused as refused:
            yield str(refused)
    elif ask.key:
        many = next(field for field in fields(form.model) if field.key == ask.key).many
        yield from _misfits(form, {ask.key: [answer] if many else answer}, {ask.key})


def choices(book: Book, form: Form, ask: Ask) -> list[str]:
    """What can be answered, where that is a short list."""
    if ask.refers in ("group", "task"):
        return list(_known(book, ask.refers))
    held = (field for field in fields(form.model) if field.key == ask.key)
    return [one for field in held for part in field.parts if get_origin(part) is Literal
            for one in get_args(part)]


def near(book: Book, form: Form, text: str) -> list[str]:
    """The records of the same kind with a name much like `text`, and where they are."""
    from rapidfuzz import fuzz, utils  # not at the top, where all commands would load it
    from rapidfuzz.distance import JaroWinkler

    # From which score on two names are much alike: in letters, in words, in how they begin.
    least_scores = ((fuzz.ratio, 86), (fuzz.token_sort_ratio, 86),
                    (JaroWinkler.normalized_similarity, 0.95))
    wanted = utils.default_process(text)
    found: dict[str, str] = {}
    for entry in book.records.values():
        for name in _called(entry) if isinstance(entry, form.model) else ():
            other = utils.default_process(name)
            alike = any(score(wanted, other) >= least for score, least in least_scores)
            if alike and entry.id not in found:
                found[entry.id] = f'"{name}" ({book.paths[entry.id]})'
    return list(found.values())


def proposed_id(book: Book, form: Form, answers: Answers) -> str:
    """A free id made from the answer to the first question."""
    name = (answers.get("short") or answers[form.asks[0].option])[0]
    words = as_id(" ".join([name, *(one for one in answers.get("year", []) if one not in name)]))
    if len(words) > ID_LENGTH:
        words = words[: ID_LENGTH + 1].rpartition("-")[0] or words[:ID_LENGTH]
    return next(one for one in (words, *(f"{words}-{n}" for n in range(2, 10_000)))
                if one not in book.paths)


def new_file(book: Book, form: Form, record_id: str, answers: Answers) -> Changes:
    """Path → text of the file that holds the new record. Raises Refused when it would not check."""
    data = form.data(book, answers)
    path = SOURCES if form.model is Source else f"{form.model.folder}/{record_id}.yml"
    if problems := [*_misfits(form, data), *_errors(book, form, record_id, data, path)]:
        raise Refused("\n".join(problems))
    head = f"{modeline(path)}\n" if schema_of(path) in book.schemas else ""
    if form.model is not Source:
        return {path: head + record_yaml(path, form.model, data, comments=True)}
    return {path: _appended(book.texts.get(path, head), record_id, data)}


def _appended(text: str, source_id: str, data: Mapping[str, Any]) -> str:
    """The text of sources.yml with one more source at its end."""
    entry = record_yaml("", Source, data, comments=False)
    start = text if not text or text.endswith("\n") else f"{text}\n"
    after = f"{start}{source_id}:\n" + re.sub(r"^(?=.)", "  ", entry, flags=re.MULTILINE)
    try:
        fits = parse(after) == {**(parse(text) or {}), source_id: parse(entry)}
    except Malformed:
        fits = False
    if not fits:
        raise Refused(f"Nothing can be added at the end of {SOURCES}. Write each source there as a "
                      "key on a line of its own, with its keys below")
    return after


def _misfits(
    form: Form, data: Mapping[str, Any], keys: Collection[str] | None = None
) -> Iterator[str]:
    """Why `data` is no such record; only what concerns `keys`, if they are given."""
    try:
        form.model.model_validate({"@id": "new", **data})
    except ValidationError as error:
        for detail in findings(error):
            if keys is None or detail["loc"][0] in keys:
                _, message, hint = explain(form.model, detail["loc"], detail)
                yield f"{message}. {hint}"


def _errors(
    book: Book, form: Form, record_id: str, data: Mapping[str, Any], path: str
) -> Iterator[str]:
    """What `termbook check` would find fault with in a Book that has the new record."""
    if list(_misfits(form, data)):
        return
    record = form.model.model_validate({"@id": record_id, **data})
    kind = f"{form.model.kind}s"
    more: dict[str, Any] = {kind: {**getattr(book, kind), record_id: record}}
    before = set(check(book))
    for problem in errors(check(replace(book, **more, paths={**book.paths, record_id: path}))):
        if problem not in before:
            yield f"{problem.message}. {problem.hint}"


def _known(book: Book, kind: str) -> Collection[str]:
    return {
        "term": book.terms, "scenario": book.scenarios, "debate": book.debates,
        "source": book.sources, "task": book.tasks, "group": book.settings.groups,
    }[kind]


def _called(entry: Entry) -> Iterator[str]:
    """Everything that an entry is called."""
    if isinstance(entry, Term):
        yield from (*names(entry), *entry.hidden_labels)
    elif isinstance(entry, Source):
        yield from (one for one in (entry.title, entry.short) if one)
    elif isinstance(entry, Question):
        yield entry.stem
    elif isinstance(entry, Scenario | Debate):
        yield entry.label
    yield entry.id.replace("-", " ")
