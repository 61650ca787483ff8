"""A change as a reviewer weighs it: what changed, what else it reaches, and what it loses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..book import Book
from ..links import Linker
from ..model import AnyEntry, Markdown, Refers, leaves
from ..problems import Place, Problem
from ..prose import references
from ..study.question import Question
from .compare import ALIKE, Change, changes, likeness, moved_ids

# What other pages show of a record: its name, and the preview of a link to it.
SHOWN = {
    "term": {"label", "definition"}, "scenario": {"label", "summary"},
    "debate": {"question", "short_answer"}, "source": {"title", "short", "author", "year"},
}
# What can change without a question about the record saying less than the truth.
QUIET = {"status", "reviewed_on", "group", "hidden_labels", "auto_link", "examples", "faq", "exam"}


@dataclass(frozen=True)
class Review:
    """Every change, the other pages and questions that it reaches, and the problems it makes."""

    changes: tuple[Change, ...]
    pages: tuple[str, ...]
    questions: tuple[str, ...]
    problems: tuple[Problem, ...]


def review(base: Book, head: Book) -> Review:
    """What a reviewer should know of the way from `base` to `head`."""
    found = changes(base, head)
    return Review(
        found, tuple(sorted(_pages(base, head, found))), tuple(sorted(_questions(head, found))),
        tuple(sorted(vanished(base, head))),
    )


def _pages(base: Book, head: Book, found: tuple[Change, ...]) -> Iterator[str]:
    """Pages of records and by hand that show something of what changed elsewhere."""
    changed = {change.id for change in found}
    touched = {one for change in found for one in change.touches} | _outline_parts(found)
    shown = {change.id for change in found if _is_shown(change)} | _outline_parts(found)
    former = _mentions(base)
    for name, mentioned in _mentions(head).items():
        reached = name in touched or shown & (mentioned | former.get(name, set()))
        if reached and name not in changed:
            entry = head.entries.get(name)
            yield f"{entry.folder}/{entry.id}/" if entry else name


def _is_shown(change: Change) -> bool:
    if not change.path:
        return change.action != "moved"
    return change.path[0] in SHOWN.get(change.kind, ())


def _outline_parts(found: tuple[Change, ...]) -> set[str]:
    """Ids of the exam's domains and tasks that changed."""
    return {step for change in found if change.kind == "exam" for step in change.path}


def _mentions(book: Book) -> dict[str, set[str]]:
    """Id of an entry, or path of a page by hand → ids that it refers to or mentions."""
    linker = Linker(book)
    entries = {one: _mentioned(linker, entry) for one, entry in book.entries.items()}
    return entries | {path: _in_prose(linker, text) for path, text in book.docs.items()}


def _mentioned(linker: Linker, entry: AnyEntry) -> set[str]:
    found: set[str] = set()
    for keys, text, marker in leaves(entry):
        if isinstance(marker, Refers):
            found.add(text)
        elif isinstance(marker, Markdown) or keys == ("definition",):
            found |= _in_prose(linker, text)
    return found - {entry.id}


def _in_prose(linker: Linker, text: str) -> set[str]:
    named = [linker.target(reference.target) for reference in references(text)]
    terms = [linker.book.terms[match.term] for match in linker.labels.find(text)]
    return {one.id for one in named if one} | {term.id for term in terms if term.auto_link}


def _questions(head: Book, found: tuple[Change, ...]) -> Iterator[str]:
    """Questions about what changed, which may no longer be right."""
    changed = {change.id for change in found}
    meant = {change.id for change in found if not change.path or change.path[0] not in QUIET}
    meant |= _outline_parts(found)
    for one, question in head.questions.items():
        if one not in changed and meant & _asked_about(question):
            yield one


def _asked_about(question: Question) -> set[str]:
    return {text for _, text, marker in leaves(question) if isinstance(marker, Refers)}


def vanished(base: Book, head: Book) -> Iterator[Problem]:
    """A published id stays a record, or leads to the one that it has become."""
    there = head.entries.keys() | head.moved.keys() | head.unread
    if "sources.yml" in head.unread:
        there |= base.sources.keys()
    for one in base.entries.keys() | base.moved.keys():
        if one not in there:
            path = base.paths.get(one, one)
            yield Problem(
                Place(path), "vanished-id", f'"{one}" was published and is gone',
                _way_back(path, one, _heir(one, base, head)),
            )


def _heir(one: str, base: Book, head: Book) -> str | None:
    """The id that most likely took the place of `one`."""
    if one in base.moved:
        before = base.moved[one].moved_to
        return moved_ids(base, head).get(before, before)
    lost = base.entries[one]
    new = [entry for entry in head.entries.values()
           if entry.kind == lost.kind and entry.id not in base.entries]
    best = max(new, key=lambda entry: likeness(lost, entry), default=None)
    return best.id if best and likeness(lost, best) >= ALIKE else None


def _way_back(path: str, one: str, heir: str | None) -> str:
    if path == "sources.yml":
        line, place = f"{one}: {{moved_to: {heir or '…'}}}", "Add to sources.yml the line"
    else:
        line, place = f"moved_to: {heir or '…'}", f"Write {path} with the one line"
    return f'{place} "{line}"' + ("" if heir else ", naming the record to read instead")
