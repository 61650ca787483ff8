"""Giving a record another id: its file moves, what names it follows, its old address lives on.

All new texts are worked out before any is written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from ..book import Book
from ..edits import Edit, edited
from ..figures.figure import SUFFIX, named_figure
from ..guarded_yaml import Malformed, Marks, parse
from ..labels import names
from ..layout import end_of, schema_of
from ..misfits import as_id
from ..model import ID_PATTERN, AnyEntry, Entry, Record, Scenario, Source, Term
from ..problems import did_you_mean
from ..schemas import PLACES, modeline
from ..study.question import Question
from .files import Changes
from .references import Held, Rename, Unclear, in_figure, in_page, in_settings, in_yaml

PATHS = {kind: path for path, kind in PLACES.items()}
# What names records and holds none: the site's settings, and figures.
BESIDES = ("mkdocs*.yml", "docs/figures/*.svg.jinja")
# Where the records stand that a Book holds one of.
SINGLE = {"settings": PATHS["termbook"], "exam": PATHS["exam"], "guide": PATHS["guide"]}
DOCS = "docs/"


class Refused(Exception):
    """What was asked for cannot be done; the message says why, and what to do instead."""


def renamed(
    book: Book, root: Path, besides: Mapping[str, str], old: str, new: str, keep: bool = True
) -> Changes:
    """Path → new text of every file that changes when the record `old` gets the id `new`.

    `besides` holds the texts of the files BESIDES of the knowledge base at `root`. Unless `keep` is
    false, a file under the old id leads to the new one. Raises Refused.
    """
    entry = _entry(book, old)
    refuse_taken(book, new, entry)
    rename = Rename(old, new, entry.folder, _names(entry))
    held = held_in(book)
    before = {**book.texts, **book.docs, **besides}
    after: dict[str, str] = {}
    for path, text in before.items():
        try:
            if path in book.texts:
                after[path] = in_yaml(rename, text, held.get(path, []))
            elif path in book.docs:
                after[path] = in_page(rename, text, path.removeprefix(DOCS))
            elif path.endswith(SUFFIX):
                after[path] = _in_figure(book, root, rename, path, text)
            else:
                after[path] = in_settings(rename, text)
        except Unclear:
            raise Refused(f'{path} names "{old}" in a way that cannot be replaced with certainty. '
                          "Write it plainly there, or replace it by hand") from None
    changes = {path: text for path, text in after.items() if text != before[path]}
    return {**changes, **_moves(book, entry, rename, after, keep)}


def leftovers(texts: Mapping[str, str], old: str) -> list[str]:
    """Where `old` still stands between quotation marks or in an address, as `path:line`."""
    word = re.compile(rf"[\"'=]{re.escape(old)}(?=[\"'&#)])")
    return [f"{path}:{number}" for path, text in texts.items()
            for number, line in enumerate(text.split("\n"), 1) if word.search(line)]


def held_in(book: Book) -> dict[str, list[Held]]:
    """Path of each YAML file → the records in it."""
    found: dict[str, list[Held]] = defaultdict(list)
    for name in (one.name for one in fields(book)):
        value = getattr(book, name)
        if isinstance(value, Record) and SINGLE[name] in book.texts:
            found[SINGLE[name]].append(Held(value, (), "index.md"))
        for entry in value.values() if isinstance(value, Mapping) else ():
            if isinstance(entry, Entry):
                path = book.paths[entry.id]
                prefix = (entry.id,) if path == PATHS["sources"] else ()
                found[path].append(Held(entry, prefix, f"{entry.folder}/{entry.id}.md"))
    return found


def _entry(book: Book, old: str) -> AnyEntry | Question:
    if old in book.moved:
        raise Refused(f'"{old}" has moved to "{book.moved[old].moved_to}". Rename that')
    if old not in book.records:
        raise Refused(f'"{old}" is not a record. '
                      + did_you_mean(old, book.records, "Give the id of one: its file's name"))
    return book.records[old]


def refuse_taken(book: Book, new: str, entry: AnyEntry | Question | None = None) -> None:
    """Raise Refused unless `new` can be the id of a new record, or the new id of `entry`."""
    if not re.fullmatch(ID_PATTERN, new):
        raise Refused(f'"{new}" is not an id. Write "{as_id(new)}"')
    if new in book.paths and not (entry and _comes_back(book, entry, new)):
        raise Refused(f'"{new}" is already the id of {book.paths[new]}. Choose another')
    for term in book.terms.values():
        if term is not entry and new in _names(term):
            raise Refused(f'"{new}" is a name of the term "{term.id}" ({book.paths[term.id]}). '
                          "Choose another id, or references by that name would lead astray")


def _comes_back(book: Book, entry: AnyEntry | Question, new: str) -> bool:
    """Whether `new` is a former id of `entry`, left by a rename that is taken back."""
    home = [Path(book.paths[one]).parent for one in (entry.id, new)]
    return new in book.moved and book.moved[new].moved_to == entry.id and home[0] == home[1]


def _names(entry: AnyEntry | Question) -> frozenset[str]:
    """The names by which prose may refer to an entry, folded."""
    if not isinstance(entry, Term):
        return frozenset()
    return frozenset(name.lower() for name in (*names(entry), *entry.hidden_labels))


def _in_figure(book: Book, root: Path, rename: Rename, path: str, text: str) -> str:
    file = root / path

    def drawn(source: str, old_too: bool) -> str:
        known = dict(book.entries) if old_too else _without(book, rename.old)
        if rename.old in book.entries:
            known[rename.new] = book.entries[rename.old]
        return named_figure(file.parent, file.name.removesuffix(SUFFIX),
                            lambda one: known[one].label, lambda one: f"#{known[one].id}", source)

    return in_figure(rename, text, drawn)


def _without(book: Book, old: str) -> dict[str, AnyEntry]:
    return {one: entry for one, entry in book.entries.items() if one != old}


def _moves(
    book: Book, entry: AnyEntry | Question, rename: Rename, after: Mapping[str, str], keep: bool
) -> Changes:
    """The file of the record, and a page written for it by hand, under the new id."""
    path = book.paths[entry.id]
    if isinstance(entry, Source):
        return {path: _moved_source(after[path], rename, keep)}
    head = f"{modeline(path)}\n" if schema_of(path) in book.schemas else ""
    former = f"{head}moved_to: {rename.new}\n" if keep and not isinstance(entry, Question) else None
    text = _first_id(after[path], entry, rename, keep)
    changes: Changes = {f"{entry.folder}/{rename.new}.yml": text, path: former}
    by_hand = f"{DOCS}{entry.folder}/{entry.id}.md"
    if by_hand in book.docs:
        changes[f"{DOCS}{entry.folder}/{rename.new}.md"] = after[by_hand]
        changes[by_hand] = None
    return changes


def _first_id(text: str, entry: AnyEntry | Question, rename: Rename, keep: bool) -> str:
    """The text of a term or scenario with the id by which its cards are known to learners."""
    if not isinstance(entry, Term | Scenario):
        return text
    if entry.first_id == rename.new:  # the rename is taken back
        marks: Marks = {}
        parse(text, marks)
        line = marks[("first_id",), True].start
        return text[:line] + text[text.index("\n", line) + 1 :]
    if keep and entry.first_id is None:
        return f"{text.rstrip()}\nfirst_id: {rename.old}\n"
    return text


def _moved_source(text: str, rename: Rename, keep: bool) -> str:
    """The text of sources.yml with the new key, and the old one leading to it if it is kept."""
    marks: Marks = {}
    data = parse(text, marks)

    def key(name: str, other: str) -> Edit:
        start = text.index(name, marks[(name,), True].start)
        return Edit(start, start + len(name), other)

    def end(name: str) -> int:
        return text.find("\n", end_of(text, marks, (name,))) + 1 or len(text)

    edits = [key(rename.old, rename.new)]
    if rename.new in data:  # a rename is taken back
        edits.append(key(rename.new, rename.old) if keep
                     else Edit(marks[(rename.new,), True].start, end(rename.new), ""))
    elif keep:
        at = end(rename.old)
        break_ = "" if text[:at].endswith("\n") else "\n"
        edits.append(Edit(at, at, f"{break_}{rename.old}:\n  moved_to: {rename.new}\n"))
    after = edited(text, edits)
    if _keys(after) != ({*data} - {rename.old}) | {rename.new, *([rename.old] if keep else [])}:
        raise Refused(f"{PATHS['sources']} does not hold each source under a key on a line of its "
                      "own. Write it so first")
    return after


def _keys(text: str) -> set[str]:
    try:
        return set(parse(text))
    except Malformed:
        return set()
