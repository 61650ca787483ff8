"""Lists that grow with the records: on one page while they are short, else on pages by letter.

No page may grow without bound. A list that is longer than `letter_pages_beyond` in termbook.yml
leaves its letters, with what stands under each, on its own page; a letter's entries stand on a page
below `letter/` there, or on several. No id of a record holds a slash, so that none is in the way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from math import ceil
from unicodedata import name as name_of

from .alphabet import alphabetical, initial, listed_name
from .model import AnyEntry, Debate, Source, Term

# How much of a page an entry takes, as a multiple of what a term does, whose definition is short.
ROOM: Mapping[type[AnyEntry], float] = {Term: 1, Source: 0.5, Debate: 2.5}
# How much of it a page of a letter may hold, which has two bars to walk by and no short end.
SHARE = 0.75
# What is no alphabet any more: its letters then have one page together.
MOST_LETTERS = 100
OTHER = "#"


@dataclass(frozen=True)
class Part:
    """The entries of a letter that stand on one page, with its Markdown path; `number` from 1."""

    path: str
    number: int
    entries: tuple[AnyEntry, ...]

    @property
    def span(self) -> str:
        """From which to which name it reaches, in three letters each."""
        return f"{listed_name(self.entries[0])[:3]}–{listed_name(self.entries[-1])[:3]}"


@dataclass(frozen=True)
class Letter:
    """The entries under one letter of a list, in their order, and the pages that they stand on."""

    letter: str
    entries: tuple[AnyEntry, ...]
    parts: tuple[Part, ...] = field(repr=False)

    @property
    def anchor(self) -> str:
        """The id by which an address leads to the letter."""
        return f"letter-{'other' if self.letter == OTHER else self.letter.lower()}"

    @property
    def groups(self) -> Counter[str]:
        """How many of its terms belong to each group of terms."""
        return Counter(one.group for one in self.entries if isinstance(one, Term) and one.group)


@dataclass(frozen=True)
class Listing:
    """A list from A to Z in `folder`, over one page, or over more when they are too many."""

    folder: str
    title: str
    entries: tuple[AnyEntry, ...]
    beyond: int

    @cached_property
    def split(self) -> bool:
        """Whether each letter has pages of its own."""
        return _room(self.entries) > self.beyond

    @cached_property
    def letters(self) -> list[Letter]:
        """The letters in their order; whatever begins with none comes first."""
        found: dict[str, list[AnyEntry]] = defaultdict(list)
        for entry in self.entries:
            found[initial(entry)].append(entry)
        if self.split and len(found) > MOST_LETTERS:
            for letter in [one for one in found if name_of(one[0], "").startswith("CJK")]:
                found[OTHER] += found.pop(letter)
        return [Letter(one, tuple(found[one]), tuple(self._parts(one, found[one])))
                for one in sorted(found, key=lambda one: (one != OTHER, one))]

    def _parts(self, letter: str, entries: list[AnyEntry]) -> Iterable[Part]:
        """Parts of about the same number of entries; the first keeps its address for ever."""
        number = ceil(_room(entries) / max(1, self.beyond * SHARE))
        queue = iter(entries)
        for at in range(number):
            some = tuple(islice(queue, ceil((len(entries) - at) / number)))
            path = f"{self.folder}/letter/{_slug(letter)}{f'-{at + 1}' if at else ''}.md"
            if some:
                yield Part(path, at + 1, some)

    @cached_property
    def pages(self) -> dict[str, tuple[Letter, Part]]:
        """The pages of letters by their paths, in their order; none while one page is enough."""
        if not self.split:
            return {}
        return {part.path: (letter, part) for letter in self.letters for part in letter.parts}


def listing(folder: str, title: str, entries: Iterable[AnyEntry], beyond: int) -> Listing:
    """The list of `entries` from A to Z."""
    return Listing(folder, title, tuple(sorted(entries, key=alphabetical)), beyond)


def _room(entries: Iterable[AnyEntry]) -> float:
    return sum(ROOM.get(type(entry), 1) for entry in entries)


def _slug(letter: str) -> str:
    """A letter as a part of an address: itself, or its number where it is not a Latin one."""
    if letter == OTHER:
        return "other"
    return letter.lower() if letter.isascii() else "-".join(f"u{ord(one):x}" for one in letter)
