"""A synthetic knowledge base: the same seed and size give the same words everywhere."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

GROUPS = {"roles": "Roles", "practices": "Practices"}
NOTE_WORDS = 120
WRITTEN, BARE = 4, 2
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprtvz" for vowel in "aeiou"]


@dataclass(frozen=True)
class Source:
    """A work that terms cite."""

    id: str
    title: str
    author: str
    year: int


@dataclass(frozen=True)
class Mention:
    """A place in a note that names another term; a bare one is a name without any markup."""

    term: str
    label: str
    bare: bool


@dataclass(frozen=True)
class Term:
    """One term; `note` holds `{}` where its mentions go, in their order."""

    id: str
    label: str
    aliases: tuple[str, ...]
    group: str
    definition: str
    note: str
    mentions: tuple[Mention, ...]
    example: str
    sources: tuple[Source, ...]

    @property
    def opening(self) -> str:
        """The first words of the definition, which stand on one line however it is wrapped."""
        return " ".join(self.definition.split()[:3])

    def note_with(self, link: Callable[[Mention], str]) -> str:
        """The note with each mention as `link` writes it."""
        return self.note.format(*map(link, self.mentions))


@dataclass(frozen=True)
class Corpus:
    """Terms and the sources they cite."""

    terms: tuple[Term, ...]
    sources: tuple[Source, ...]

    @property
    def pages(self) -> int:
        """How many pages a site of it has at least: records, two indexes and a home page."""
        return len(self.terms) + len(self.sources) + 3

    @cached_property
    def by_label(self) -> list[Term]:
        """The terms from A to Z."""
        return sorted(self.terms, key=lambda term: term.label)

    @cached_property
    def citing(self) -> dict[str, list[Term]]:
        """By the id of each source, the terms that cite it, from A to Z."""
        found: dict[str, list[Term]] = {source.id: [] for source in self.sources}
        for term in self.by_label:
            for source in term.sources:
                found[source.id].append(term)
        return found


def generate(size: int, seed: int) -> Corpus:
    """A corpus of `size` terms (at least 20): each is named in six notes and names six terms."""
    words = _Words(random.Random(f"{seed}/{size}"))
    labels = list(words.names(3 * size))
    sources = tuple(
        Source(f"source-{number}", words.title(), words.name(), 1990 + number % 36)
        for number in range(max(3, size // 20))
    )
    shifts = words.random.sample(range(1, size), WRITTEN + BARE)
    return Corpus(
        tuple(_term(words, labels, at, size, shifts, sources) for at in range(size)), sources
    )


def _term(
    words: _Words, labels: list[str], at: int, size: int, shifts: list[int],
    sources: tuple[Source, ...],
) -> Term:
    others = [labels[(at + shift) % size] for shift in shifts]
    return Term(
        _id(labels[at]), labels[at], tuple(labels[size + 2 * at : size + 2 * at + 2]),
        sorted(GROUPS)[at % 2], words.sentence(18) + " " + words.sentence(10),
        words.note(len(others)),
        tuple(Mention(_id(o), o, bare=i >= WRITTEN) for i, o in enumerate(others)),
        words.sentence(15), tuple(sources[(at + step) % len(sources)] for step in range(3)),
    )


def _id(label: str) -> str:
    return label.lower().replace(" ", "-")


class _Words:
    """Words of made-up syllables, of which few are common and most are rare (Zipf's law)."""

    def __init__(self, rng: random.Random) -> None:
        self.random = rng
        made = ("".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(6000))
        self._all = list(dict.fromkeys(made))
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._all) + 1)))

    def some(self, count: int) -> list[str]:
        return self.random.choices(self._all, cum_weights=self._weights, k=count)

    def names(self, count: int) -> Iterator[str]:
        """Different names of two rare words, which prose uses only where it means the term."""
        seen: set[str] = set()
        while len(seen) < count:
            if (name := self.name()) not in seen:
                seen.add(name)
                yield name

    def name(self) -> str:
        # Prose knows no word in -an or -er.
        first, second = self.random.choices(self._all[100:], k=2)
        return f"{first.capitalize()}an {second}er"

    def title(self) -> str:
        return " ".join(self.some(5)).capitalize()

    def sentence(self, count: int) -> str:
        return " ".join(self.some(count)).capitalize() + "."

    def note(self, mentions: int) -> str:
        """Paragraphs of four sentences; one `{}` stands for a mention, which has two words."""
        lengths = [NOTE_WORDS // 8] * 8
        marked = set(self.random.sample(range(8), mentions))
        said = []
        for at, count in enumerate(lengths):
            words = self.some(count - 2 if at in marked else count)
            if at in marked:
                words.insert(self.random.randrange(1, len(words)), "{}")
            said.append(" ".join(words).capitalize() + ".")
        return " ".join(said[:4]) + "\n\n" + " ".join(said[4:])
