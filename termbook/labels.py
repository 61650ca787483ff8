"""The names by which prose mentions terms, and where they stand in a text.

They are found by an Aho-Corasick automaton (pyahocorasick); of matches that begin at one place the
longest wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import ahocorasick

from .model import Term


class Match(NamedTuple):
    """A label found in a text: its span, and the term it names."""

    start: int
    end: int
    term: str


class Labels:
    """Every label, alternative label and inflection of some terms, ready to be found.

    In English, their plurals too; `language` is a code of ISO 639-1.
    """

    def __init__(self, terms: Iterable[Term], language: str) -> None:
        self._automaton = ahocorasick.Automaton()
        every = list(terms)
        self._names = _forms(every, with_plurals=language == "en")
        self._unlinked = sorted(term.id for term in every if not term.auto_link)
        for form, (term, exact) in self._names.items():
            self._automaton.add_word(form, (len(form), term, exact))
        if self._automaton:
            self._automaton.make_automaton()

    @cached_property
    def identity(self) -> str:
        """All that decides what is found in a text, and linked."""
        return repr((sorted(self._names.items()), self._unlinked))

    def find(self, text: str) -> list[Match]:
        """Non-overlapping matches in reading order, leftmost and then longest first.

        A name may be broken over two lines.
        """
        if not self._automaton:
            return []
        text = text.replace("\n", " ")
        folded = text.lower()
        if len(folded) != len(text):
            folded = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        found = []
        for last, (length, term, exact) in self._automaton.iter(folded):
            start, end = last + 1 - length, last + 1
            if _is_word(text, start, end) and exact in (None, text[start:end]):
                found.append(Match(start, end, term))
        return _leftmost_longest(found)


def _forms(terms: Iterable[Term], with_plurals: bool) -> dict[str, tuple[str, str | None]]:
    forms: dict[str, tuple[str, str | None]] = {}
    written = [(name, term.id) for term in terms for name in names(term)]
    plurals = [(plural(name), term) for name, term in written] if with_plurals else []
    for name, term in written + plurals:
        forms.setdefault(name.lower(), (term, name if _case_matters(name) else None))
    return forms


def names(term: Term) -> tuple[str, ...]:
    """The names by which prose may mention `term`."""
    return (term.label, *term.alt_labels, *term.inflections)


def plural(name: str) -> str:
    """The regular English plural of a name: that of its last word."""
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2:-1] not in {*"aeiou", ""}:
        name = name[:-1] + "ie"
    return name + "s"


def _case_matters(name: str) -> bool:
    """Whether a name is told from a plain word by its capitals, as LeSS is from less."""
    return name[1:] != name[1:].lower() and any(
        letter.isupper() for word in name.split() for letter in word[1:]
    )


def _is_word(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() or before in "_-/" or after.isalnum() or after in "_-/")


def _leftmost_longest(found: list[Match]) -> list[Match]:
    chosen: list[Match] = []
    for match in sorted(found, key=lambda match: (match.start, -match.end)):
        if not chosen or match.start >= chosen[-1].end:
            chosen.append(match)
    return chosen
