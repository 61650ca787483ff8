"""Which terms are so near to each other that one may pass for the other."""

from __future__ import annotations

import re
from functools import cached_property

from ..book import Book
from ..labels import names
from ..model import Term

# Words of fewer letters tell nothing of who is meant; of longer ones the beginning does.
SHORT, STEM = 4, 5


class Nearness:
    """What the relations, the definitions and the names of a Book's terms have in common."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def near(self, one: str, other: str) -> bool:
        """Whether two terms are alike in anything but a contrast.

        One is broader than the other, or related to it, or a word of its names or its definition
        names the other.
        """
        return one == other or other in self._linked(one) or one in self._linked(other)

    def contrasted(self, one: str, other: str) -> bool:
        """Whether some contrast sets the two terms against each other."""
        return any(term == other for term, _ in self._book.contrasts.get(one, ()))

    def told_apart(self, one: str, other: str, scenario: str) -> bool:
        """Whether a contrast says that this scenario tells the two terms apart."""
        return any(term == other and contrast.told_apart_in == scenario
                   for term, contrast in self._book.contrasts.get(one, ()))

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Every contrasted pair of terms that are in use."""
        terms = self._book.terms
        return [
            (term.id, contrast.term) for term in terms.values() for contrast in term.contrast
            if contrast.term in terms
            and "deprecated" not in (term.status, terms[contrast.term].status)
        ]

    def _linked(self, term_id: str) -> set[str]:
        if term_id not in self._known:
            self._known[term_id] = self._links(self._book.terms[term_id])
        return self._known[term_id]

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        return {}

    def _links(self, term: Term) -> set[str]:
        found = {*self._wider(term.id), *self._book.related.get(term.id, ())}
        found |= {match.term for match in self._book.labels.find(term.definition)}
        return found | {other for word in words(*names(term)) for other in self._by_word[word]}

    def _wider(self, term_id: str) -> set[str]:
        """The terms above this one, however far."""
        found: set[str] = set()
        queue = [term_id]
        for one in queue:
            term = self._book.terms.get(one)
            new = set(term.broader) - found if term else set()
            found |= new
            queue.extend(new)
        return found

    @cached_property
    def _by_word(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for term in self._book.terms.values():
            for word in words(*names(term)):
                found.setdefault(word, set()).add(term.id)
        return found


def words(*texts: str) -> set[str]:
    """The beginnings of the words of texts, short words left out."""
    found = re.findall(r"\w+", " ".join(texts).casefold())
    return {word[:STEM] for word in found if len(word) >= SHORT}
