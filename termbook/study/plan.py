"""A plan of study: the tasks of the exam in even parts, each with what goes with it.

Time is shared out by the weights of the domains, and within a domain evenly among its tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from ..book import Book
from ..model import Debate, Scenario, Term
from .coverage import Row


@dataclass(frozen=True)
class Part:
    """One day or session: tasks, the terms new to it, and what to read beside them."""

    rows: tuple[Row, ...]
    terms: tuple[Term, ...]
    scenario: Scenario | None
    debates: tuple[Debate, ...]


def plan(book: Book, rows: Sequence[Row], number: int) -> list[Part]:
    """At most `number` parts, none of them without a task, of the `rows` of a coverage.

    Each term and debate comes up once. A scenario comes up again when all others have.
    """
    found: list[Part] = []
    seen: set[str] = set()
    chunks = _chunks(rows, number)
    each = -(-len(book.debates) // max(len(chunks), 1))
    for chunk in chunks:
        terms = {term.id: term for row in chunk for term in row.terms}
        debates = sorted(
            (debate for debate in book.debates.values() if debate.id not in seen),
            key=lambda debate: (-len(terms.keys() & set(debate.terms)), debate.id),
        )[:each]
        new = tuple(term for term in terms.values() if term.id not in seen)
        found.append(Part(chunk, new, _scenario(book, chunk, found), tuple(debates)))
        seen |= terms.keys() | {debate.id for debate in debates}
    return found


def _chunks(rows: Sequence[Row], number: int) -> list[tuple[Row, ...]]:
    """The rows in order, cut so that each of `number` parts weighs about the same."""
    placed: list[tuple[int, Row]] = []
    start = Fraction()
    for row in rows:
        weight = Fraction(row.domain.weight, len(row.domain.tasks))
        placed.append((int((start + weight / 2) * number / 100), row))
        start += weight
    return [tuple(row for _, row in some) for _, some in groupby(placed, key=lambda one: one[0])]


def _scenario(book: Book, rows: Sequence[Row], before: Sequence[Part]) -> Scenario | None:
    """Of the scenarios that came up least, the one in which most of these questions are set."""
    used = [part.scenario.id for part in before if part.scenario]
    asked = [item.scenario for row in rows for item in row.items]
    return min(
        book.scenarios.values(), default=None,
        key=lambda scenario: (used.count(scenario.id), -asked.count(scenario.id)),
    )
