"""What the terms and questions of a Book cover of its exam, and what they leave out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..book import Book
from ..model import Domain, Task, Term
from .bank import Item


@dataclass(frozen=True)
class Row:
    """A task of the exam, the terms and authored questions that serve it, and derived ones."""

    task: Task
    domain: Domain
    terms: tuple[Term, ...]
    items: tuple[Item, ...]
    derived: int


def coverage(book: Book, items: Iterable[Item]) -> list[Row]:
    """Every task of the outline in its order; a question counts for each of its tasks."""
    terms: Mapping[str, list[Term]] = defaultdict(list)
    for term in book.terms.values():
        for task in dict.fromkeys(term.exam):
            terms[task].append(term)
    asked: Mapping[str, list[Item]] = defaultdict(list)
    for item in items:
        for task in dict.fromkeys(item.tasks):
            asked[task].append(item)
    return [
        Row(task, domain, tuple(sorted(terms[task.id], key=lambda term: term.label.casefold())),
            tuple(item for item in asked[task.id] if not item.derived),
            sum(bool(item.derived) for item in asked[task.id]))
        for domain in (book.exam.domains if book.exam else ()) for task in domain.tasks
    ]


def by_term(items: Iterable[Item]) -> dict[str, list[Item]]:
    """Term id → the questions that test it, authored ones first."""
    found: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: bool(item.derived)):
        for term in item.terms:
            found[term].append(item)
    return dict(found)
