"""What an author may want to link, to tell apart or to mention: guesses, never a fault.

A guess has a place, what was found there, and what to write if it is right.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import combinations
from typing import NamedTuple

from ..book import Book
from ..checks import orphans
from ..edits import position
from ..labels import names, plural
from ..model import KeyPath, Markdown, Refers, Source, Term, leaves
from ..problems import Place
from ..prose import record_key, references

COMMON = 20  # a term that is unlinked on more pages is left unlinked on purpose
ALIKE = 0.3  # from this score on, two terms are worth telling apart
PAIRS = 12
# What holds no mention that could become a link: links, code, macros, front matter, headings, HTML.
_UNLINKED = re.compile(
    r"\[[^\[\]]*\](?:\s?\[[^\[\]]*\]|\([^()]*\))|`[^`]*`|^ {4}.*|\{\{.*?\}\}"
    r"|\A---\n(?s:.*?)\n---\n|^#.*|^\s*<.*", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{4,}")
# How English nouns change other than by the plural that links by itself.
_ENGLISH = (
    ("is$", "es"), ("on$", "a"), ("um$", "a"), ("[ie]x$", "ices"), ("us$", "i"), ("man$", "men"),
    ("person$", "people"), ("child$", "children"), ("fe?$", "ves"), ("(?<=[^s])s$", ""),
    ("ies$", "y"), ("ria$", "rion"),
)


class Suggestion(NamedTuple):
    """Something that may be missing, where, and what to write if it is."""

    place: Place
    what: str
    found: str
    proposal: str


class _Text(NamedTuple):
    """A text of a record or page that mentions things: whose it is, and what that refers to."""

    owner: str
    keys: KeyPath
    text: str
    refers: frozenset[str]

    def place(self, book: Book, start: int) -> Place:
        """Where the offset `start` of the text stands."""
        if self.owner in book.docs:
            return Place(self.owner, *position(self.text, start))
        word = re.match(r"\S+", self.text[start:])
        return book.locate(self.owner, self.keys, within=word[0] if word else "")


def suggestions(book: Book) -> Iterator[Suggestion]:
    """Every suggestion for a Book."""
    texts = list(_texts(book))
    yield from _unlinked_terms(book, texts)
    yield from _unlinked_names(book, texts)
    if book.settings.language == "en":
        yield from _inflections(book, texts)
    words = _Words(book)
    yield from _contrasts(book, words)
    yield from _orphans(book, words)


def _texts(book: Book) -> Iterator[_Text]:
    for entry in (one for one in book.records.values() if not isinstance(one, Source)):
        found = list(leaves(entry))
        refers = {leaf.value for leaf in found if isinstance(leaf.marker, Refers)}
        prose = [leaf for leaf in found if isinstance(leaf.marker, Markdown)]
        refers |= {record_key(one.target) for leaf in prose for one in references(leaf.value)}
        for leaf in prose:
            yield _Text(entry.id, leaf.keys, leaf.value, frozenset({*refers, entry.id}))
    for path, text in book.docs.items():
        refers = {record_key(one.target) for one in references(text)}
        yield _Text(path, (), text, frozenset(refers))


def _bare(text: str) -> str:
    """`text` with everything blanked that holds no mention."""
    return _UNLINKED.sub(lambda link: re.sub(r"\S", "\x00", link[0]), text)


def _unlinked_terms(book: Book, texts: list[_Text]) -> Iterator[Suggestion]:
    """Mentions of terms that do not link by themselves, the first in each record."""
    labels = book.labels
    first: dict[tuple[str, str], Suggestion] = {}
    for one in texts:
        for match in labels.find(_bare(one.text)):
            term = book.terms[match.term]
            known = {term.id, *(name.lower() for name in names(term))}
            if not term.auto_link and not known & one.refers and (term.id, one.owner) not in first:
                words = " ".join(one.text[match.start : match.end].split())
                first[term.id, one.owner] = _unlinked(book, one, match.start, words, [term.id])
    counts = Counter(term for term, _ in first)
    yield from (found for (term, _), found in first.items() if counts[term] <= COMMON)


def _unlinked_names(book: Book, texts: list[_Text]) -> Iterator[Suggestion]:
    """Mentions of sources and scenarios by name, the first in each record."""
    named = _names_of_others(book)
    if not named:
        return
    pattern = re.compile(rf"(?<!\w)(?:{_any(named)})(?!\w)")
    seen: set[tuple[str, str]] = set()
    for one in texts:
        for match in pattern.finditer(_bare(one.text)):
            ids = named[match[0]]
            if not {*ids} & one.refers and (one.owner, ids[0]) not in seen:
                seen.add((one.owner, ids[0]))
                yield _unlinked(book, one, match.start(), match[0], ids)


def _names_of_others(book: Book) -> dict[str, list[str]]:
    """Names of sources, without their year, and of scenarios → their ids; no names of terms."""
    terms = {name.lower() for term in book.terms.values() for name in names(term)}
    found: dict[str, list[str]] = {}
    for source in book.sources.values():
        for name in {source.short or source.title, source.title}:
            found.setdefault(re.sub(r"\s+\d{4}$", "", name), []).append(source.id)
    for scenario in book.scenarios.values():
        for name in (scenario.label, scenario.label.lower()):
            found.setdefault(name, []).append(scenario.id)
    return {name: ids for name, ids in found.items() if len(name) > 5 and name.lower() not in terms}


def _unlinked(book: Book, one: _Text, start: int, words: str, ids: list[str]) -> Suggestion:
    entry = book.entries[ids[0]]
    by_name = isinstance(entry, Term) and words.lower() in map(str.lower, names(entry))
    links = " or ".join(f"[{words}][{'' if by_name else record_id}]" for record_id in ids[:3])
    return Suggestion(one.place(book, start), "unlinked", f'"{words}" may be a {entry.kind}',
                      f"To link it, write {links}")


def _inflections(book: Book, texts: list[_Text]) -> Iterator[Suggestion]:
    """Forms of names that prose uses and that do not link by themselves."""
    forms = _forms(book)
    pattern = re.compile(rf"(?<![\w-])(?:{_any(forms)})(?![\w-])", re.IGNORECASE)
    seen: set[str] = set()
    for one in texts if forms else ():
        for match in pattern.finditer(_bare(one.text)):
            form = match[0].lower()
            if form not in seen:
                seen.add(form)
                path, line, _ = one.place(book, match.start())
                term = book.terms[forms[form]]
                yield Suggestion(
                    book.locate(term.id, ("label",)), "inflection",
                    f'"{match[0]}" ({path}:{line}) is not known as a form of "{term.label}"',
                    f'If it is one, write "inflections: [{match[0]}]"')


def _any(names: Collection[str]) -> str:
    """A pattern for any of `names`, the longest first."""
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


def _forms(book: Book) -> dict[str, str]:
    """Forms that English may give to names, none of them a name or its plural → the term."""
    known = {form.lower() for term in book.terms.values() for name in names(term)
             for form in (name, plural(name))}
    return {
        form: term.id for term in book.terms.values() for name in names(term)
        for form in _variants(name.lower()) if form not in known and len(form) > 3
    }


def _variants(name: str) -> Iterator[str]:
    """Other spellings of a name, and other numbers of its noun."""
    words = name.split()
    head = next((at for at, word in enumerate(words[1:]) if word in ("of", "in", "to", "for")),
                len(words) - 1)
    for ending, other in _ENGLISH:
        if (changed := re.sub(ending, other, words[head])) != words[head]:
            yield " ".join([*words[:head], changed, *words[head + 1 :]])
    if head < len(words) - 1:
        yield " ".join([*words[:head], plural(words[head]), *words[head + 1 :]])
    spelt = {name.replace(" ", "-"), name.replace("-", " "), re.sub("[ -]", "", name)}
    spelt |= {re.sub(rf"{one}(?=ation|e\b|ed\b|ing)", other, name)
              for one, other in (("is", "iz"), ("iz", "is"))}
    for other in spelt - {name}:
        yield from (other, plural(other))


class _Words:
    """The words of definitions, and how much two definitions have in common."""

    def __init__(self, book: Book) -> None:
        self.of = {term.id: {*_WORD.findall(term.definition.lower())}
                   for term in book.terms.values()}
        self._counts = Counter(word for words in self.of.values() for word in words)

    def weight(self, words: Collection[str]) -> float:
        """What words tell: the rarer, the more."""
        return math.fsum(math.log(len(self.of) / self._counts[word]) ** 2 for word in words)

    def alike(self, one: str, other: str) -> float:
        """From 0 for nothing in common to 1 for the same words."""
        whole = math.sqrt(self.weight(self.of[one]) * self.weight(self.of[other]))
        return self.weight(self.of[one] & self.of[other]) / whole if whole else 0.0


def _contrasts(book: Book, words: _Words) -> Iterator[Suggestion]:
    """The pairs of unrelated terms that are most alike in name, definition and sources."""
    joined = _joined(book)
    scored = sorted(
        ((-score, one.id, other.id, why) for one, other in combinations(book.terms.values(), 2)
         if frozenset({one.id, other.id}) not in joined
         for score, why in [_likeness(one, other, words)] if score >= ALIKE))
    for _, one_id, other_id, why in scored[:PAIRS]:
        yield Suggestion(
            book.locate(one_id, ("label",)), "contrast",
            f'nothing tells "{one_id}" from "{other_id}"; they share {why}',
            f'If people confuse them, write "- term: {other_id}" with a "difference:" under '
            '"contrast:"')


def _joined(book: Book) -> set[frozenset[str]]:
    """The pairs of terms that are joined by any relation."""
    return {
        frozenset({term.id, leaf.value}) for term in book.terms.values() for leaf in leaves(term)
        if isinstance(leaf.marker, Refers) and "term" in leaf.marker.kinds
    }


def _likeness(one: Term, other: Term, words: _Words) -> tuple[float, str]:
    """How much two terms are alike, and in what."""
    first, second = (term.label.lower().split() for term in (one, other))
    if {*first} <= {*second} or {*second} <= {*first}:
        return 0.0, ""
    sources = {claim.source for claim in one.claims} & {claim.source for claim in other.claims}
    common = sorted(words.of[one.id] & words.of[other.id],
                    key=lambda word: (-words.weight([word]), word))
    shares = [
        f'"{first[-1]}" in their names' * (first[-1] == second[-1]),
        f"words ({', '.join(common[:3])})" * bool(common),
        f"claims of {len(sources)} sources" * (len(sources) > 1),
    ]
    score = words.alike(one.id, other.id) + 0.15 * (first[-1] == second[-1])
    return score + 0.05 * min(len(sources), 3), " and ".join(filter(None, shares))


def _orphans(book: Book, words: _Words) -> Iterator[Suggestion]:
    """Terms that nothing mentions, and where they could be."""
    for term_id in orphans(book):
        others = [one for one in book.terms if one != term_id]
        near = max(others, key=lambda one: (words.alike(term_id, one), one), default=None)
        if near:
            yield Suggestion(
                book.locate(term_id, ("label",)), "orphan", f'nothing mentions "{term_id}"',
                f'Perhaps {book.paths[near]} should: write "related: [{term_id}]" there')
