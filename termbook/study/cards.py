"""Cards of a Book: what the browser drills and what the Anki deck holds, as one list of data.

A card's key hangs on its kind and on the ids under which its records were first published
(`first_id`), never on wording, so learners' progress outlives rewording and renaming.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..book import Book
from ..links import page_address
from ..model import Cast, Contrast, Scenario, Term
from ..prose import plain
from .bank import file_name, first_id, in_text, permanent_key, sentence_case

KINDS = {
    "term-definition": "Term to definition",
    "definition-term": "Definition to term",
    "pair": "Two terms told apart",
    "scenario-role": "Who is who in a scenario",
}


@dataclass(frozen=True)
class Card:
    """A card: two sides of plain text, where a line break separates paragraphs.

    `key` has eight hexadecimal digits and is permanent; `kind` is one of KINDS; `terms` are ids,
    the one that is asked for first; `scenario` is an id or ""; `domains` are ids of the exam's
    domains, by the terms' tasks; `address` is the page that says more, relative to the site;
    `retired` tells a card of a deprecated term, which nobody should begin to learn.
    """

    key: str
    kind: str
    front: str
    back: str
    terms: tuple[str, ...]
    scenario: str
    domains: tuple[str, ...]
    address: str
    retired: bool


def deck_file(book: Book) -> str:
    """The name of the deck's file; "" when termbook.yml names no deck."""
    name = book.settings.deck or ""
    # No file system takes a name of any length.
    return f"{file_name(name)[:80]}.apkg" if name else ""


def cards(book: Book) -> list[Card]:
    """Every card of `book`: terms both ways, contrasts, and the required roles of scenarios."""
    found: list[Card] = []
    for term in book.terms.values():
        found.extend(_definitions(book, term))
        found.extend(_pairs(book, term))
    for scenario in book.scenarios.values():
        found.extend(_roles(book, scenario))
    return found


def _definitions(book: Book, term: Term) -> Iterator[Card]:
    yield _card(book, "term-definition", term.label, term.definition, (term,))
    yield _card(book, "definition-term", term.definition, term.label, (term,))


def _pairs(book: Book, term: Term) -> Iterator[Card]:
    for contrast in term.contrast:
        if other := book.terms.get(contrast.term):
            yield _card(book, "pair", _asked(term, other), _told(contrast), (term, other))


def _asked(term: Term, other: Term) -> str:
    return f"{term.label} or {in_text(other.label)}: what tells them apart?"


def _told(contrast: Contrast) -> str:
    example = f"\nExample: {plain(contrast.example)}" if contrast.example else ""
    return plain(contrast.difference) + example


def _roles(book: Book, scenario: Scenario) -> Iterator[Card]:
    """One card for each required role, the customer of a scenario among them."""
    for cast in scenario.cast:
        if cast.role in book.settings.required_roles and cast.role in book.terms:
            term = book.terms[cast.role]
            front = f"{scenario.label}: who is the {in_text(term.label)}?"
            yield _card(book, "scenario-role", front, _player(cast), (term,), scenario)


def _player(cast: Cast) -> str:
    return f"{sentence_case(cast.player)}.\n{plain(cast.why)}"


def _card(
    book: Book, kind: str, front: str, back: str, terms: tuple[Term, ...],
    scenario: Scenario | None = None,
) -> Card:
    entries: tuple[Term | Scenario, ...] = (scenario, *terms) if scenario else terms
    ids = [first_id(entry) for entry in entries]
    domains = dict.fromkeys(
        book.domain_of[task].id for term in terms for task in term.exam if task in book.domain_of
    )
    return Card(
        permanent_key(kind, *(sorted(ids) if kind == "pair" else ids)), kind, front, back,
        tuple(term.id for term in terms), scenario.id if scenario else "", tuple(domains),
        page_address(entries[0]),
        any(term.status == "deprecated" for term in terms),
    )
