"""The bank of a Book: every question that can be asked, authored or derived, in one shape.

Derived questions are made from data: who plays a role in a scenario (`cast`), which of two terms
is which (`pair`), which scenario a case belongs to (`case`). None has two options that could both
be right: an option is left out as soon as anything in the data brings it near the right one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property

from ..book import Book
from ..labels import Match, names
from ..model import Cast, Contrast, Domain, Scenario, Term
from ..prose import plain, record_key, references, sentences
from .nearness import Nearness, words
from .question import Option, Question

FEWEST_OPTIONS, MOST_OPTIONS = 3, 4
STRANGERS = "What tells these two apart is something else."


@dataclass(frozen=True)
class Item:
    """A question of the bank.

    `key` has eight hexadecimal digits and is permanent. `type` is one, several, depends, order or
    match. `stem`, `frame` and the options' texts are plain text; the options' reasons are
    Markdown with references to records. `terms`, `scenario`, `tasks`, `sources` and `debates` are
    ids; `domain` is that of the first task, "" without one. `derived` is "" for an authored
    question, else cast, pair or case. `address` is where it stands, relative to the site.
    """

    key: str
    type: str
    frame: str
    stem: str
    options: tuple[Option, ...]
    terms: tuple[str, ...]
    scenario: str
    tasks: tuple[str, ...]
    domain: str
    difficulty: str
    sources: tuple[str, ...]
    debates: tuple[str, ...]
    derived: str
    address: str

    @property
    def page(self) -> str:
        """The address of the page on which it stands."""
        return self.address.partition("/#")[0]


@dataclass(frozen=True)
class Bank:
    """The questions of a Book, sorted by key, and the weight of each domain in percent, by id."""

    items: tuple[Item, ...]
    weights: dict[str, int]

    @cached_property
    def version(self) -> str:
        """Eight hexadecimal digits that change with any question and with the weights."""
        options = [[one.model_dump() for one in item.options] for item in self.items]
        facts = [[{**asdict(item), "options": some} for item, some in
                  zip(self.items, options, strict=True)], self.weights]
        return digest(json.dumps(facts, ensure_ascii=False, sort_keys=True))


def bank(book: Book) -> Bank:
    """The bank of `book`, which is empty without an exam outline."""
    if book.exam is None:
        return Bank((), {})
    items = [*(_authored(book, one) for one in book.questions.values()), *derived(book)]
    return Bank(
        tuple(sorted(items, key=lambda item: item.key)),
        {domain.id: domain.weight for domain in book.exam.domains},
    )


def digest(text: str) -> str:
    """The first eight hexadecimal digits of the SHA-256 of `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def permanent_key(kind: str, *parts: str) -> str:
    """The key of something made from the records whose first ids are `parts`.

    It hangs on ids alone, so it outlives any change of wording.
    """
    return digest("/".join(("termbook", kind, *parts)))


def first_id(entry: Term | Scenario) -> str:
    """The id under which a record was first published, whatever it is called now."""
    return entry.first_id or entry.id


def domain_page(domain: Domain) -> str:
    """The address of the page that leads to the authored questions of a domain."""
    return f"study/questions/{file_name(domain.label)}"


def task_page(domain: Domain, task_id: str) -> str:
    """The address of the page with the authored questions whose first task this is."""
    return f"{domain_page(domain)}/{file_name(task_id)}"


def file_name(label: str) -> str:
    """A label as the name of a page, file or tag: ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-") or digest(label)


def _authored(book: Book, question: Question) -> Item:
    domain = book.domain_of.get(question.tasks[0])
    return Item(
        question.key, question.type, question.frame or "", plain(question.stem),
        question.options, question.terms, question.scenario or "", question.tasks,
        domain.id if domain else "", question.difficulty, question.sources, question.debates,
        "", _address(task_page(domain, question.tasks[0]) if domain else "", question.key),
    )


def _address(page: str, key: str) -> str:
    return f"{page}/#q-{key}"


def derived(book: Book) -> Iterator[Item]:
    """The questions that the data of `book` give, in the order of its records."""
    nearness = Nearness(book)
    cited = book.cited_by
    for scenario in book.scenarios.values():
        yield from _casts(book, nearness, scenario)
        yield from _cases(book, scenario, cited)
    for term in book.terms.values():
        for contrast in term.contrast:
            yield from _pairs(book, nearness, term, contrast)


def _casts(book: Book, nearness: Nearness, scenario: Scenario) -> Iterator[Item]:
    """Who plays each required role, if enough others of the cast clearly differ."""
    cast = {one.role: one for one in scenario.cast if one.role in book.terms}
    for right in (cast[role] for role in book.settings.required_roles if role in cast):
        term = book.terms[right.role]
        key = permanent_key("cast", first_id(scenario), first_id(term))
        others = [one for one in cast.values() if _differs(book, nearness, scenario, right, one)]
        others.sort(key=lambda one: (
            not nearness.told_apart(right.role, one.role, scenario.id),
            one.role not in book.settings.required_roles,
            digest(key + one.role),
        ))
        wrong = [
            Option(text=sentence_case(one.player), reason=_played(book, one))
            for one in _distinct(others)[:MOST_OPTIONS - 1]
        ]
        if len(wrong) >= FEWEST_OPTIONS - 1:
            options = [_right(sentence_case(right.player), right.why), *wrong]
            situation = sentences(plain(scenario.summary))[0]
            yield _item(
                book, "cast", key,
                f"{scenario.label}. {situation} Who is the {in_text(term.label)} here?", options,
                (term,), right.sources, scenario, "As this scenario is cast on this site",
            )


def _differs(
    book: Book, nearness: Nearness, scenario: Scenario, right: Cast, other: Cast
) -> bool:
    """Whether nothing in the data lets `other` pass for `right` in the scenario."""
    if nearness.near(right.role, other.role) or _said(right) == _said(other):
        return False
    if (nearness.contrasted(right.role, other.role)
            and not nearness.told_apart(right.role, other.role, scenario.id)):
        return False
    return not (
        words(right.player) & words(other.player, *names(book.terms[other.role]))
        | words(other.player) & words(right.player, *names(book.terms[right.role]))
    )


def _distinct(casts: list[Cast]) -> list[Cast]:
    """The casts whose players are told apart by their words, the first of each."""
    return list({_said(one): one for one in reversed(casts)}.values())[::-1]


def _said(cast: Cast) -> frozenset[str]:
    """What a player is told by: its words, or all of a text that has only short ones."""
    return frozenset(words(cast.player) or {cast.player.casefold()})


def _played(book: Book, cast: Cast) -> str:
    return f"That is the [{in_text(book.terms[cast.role].label)}][{cast.role}] here. {cast.why}"


def _pairs(book: Book, nearness: Nearness, term: Term, contrast: Contrast) -> Iterator[Item]:
    """Which of two contrasted terms is which in what tells them apart."""
    other = book.terms.get(contrast.term)
    if not contrast.example or not other or "deprecated" in (term.status, other.status):
        return
    difference = plain(contrast.difference)
    found = [one for one in book.labels.find(difference) if one.term in (term.id, other.id)]
    order = list(dict.fromkeys(one.term for one in found))
    if len(order) < 2:
        return
    key = permanent_key("pair", *sorted((first_id(term), first_id(other))))
    strangers = _strangers(book, nearness, term, other, key)
    if not strangers:
        return
    gaps = masked(difference, found, order, book.settings.language)
    reason = f"{contrast.difference} For example: {contrast.example}"
    options = [_right(_filled(book, order), reason), Option(
        text=_filled(book, order[::-1]), reason="It is the other way round.",
    )]
    for pair in (strangers, strangers[::-1]):
        options.append(Option(text=_filled(book, pair), reason=STRANGERS))
    yield _item(
        book, "pair", key, f"Which terms belong in the gaps? “{gaps}”", options,
        (book.terms[order[0]], book.terms[order[1]]),
        tuple(dict.fromkeys((*term.sources, *other.sources))),
    )


def masked(text: str, found: Iterable[Match], order: list[str], language: str) -> str:
    """`text` with (1) and (2) in place of what was `found`, by the place of its term in `order`.

    An English “a” or “an” before a gap goes too, as it would tell which word follows.
    """
    parts, last = [], 0
    for match in found:
        before = text[last:match.start]
        if language == "en":
            before = re.sub(r"\b[Aa]n? $", "", before)
        parts.append(f"{before}({order.index(match.term) + 1})")
        last = match.end
    return "".join(parts) + text[last:]


def _strangers(
    book: Book, nearness: Nearness, term: Term, other: Term, key: str
) -> tuple[str, ...]:
    """Another contrasted pair, none of which is near one of these two, of their groups if possible.

    Where to begin to look hangs on the key, so that not all questions have the same options.
    """
    pairs = nearness.pairs
    start = int(key, 16) % len(pairs)
    far = [
        pair for pair in (*pairs[start:], *pairs[:start])
        if not any(nearness.near(a, b) or nearness.contrasted(a, b)
                   for a in pair for b in (term.id, other.id))
    ]
    groups = {term.group, other.group}
    alike = (pair for pair in far if groups & {book.terms[one].group for one in pair})
    return next(alike, next(iter(far), ()))


def _filled(book: Book, pair: Iterable[str]) -> str:
    return ", ".join(f"({place}) {in_text(book.terms[one].label)}"
                     for place, one in enumerate(pair, 1))


def _cases(
    book: Book, scenario: Scenario, cited: Mapping[str, Container[object]]
) -> Iterator[Item]:
    """Which scenario a documented example belongs to, if nothing in it speaks of another one."""
    others = [one for one in book.scenarios.values() if one is not scenario]
    seen: set[str] = set()
    for example in scenario.examples:
        named = [record_key(one.target) for one in references(example)]
        sources = tuple(dict.fromkeys(one for one in named if one in book.sources))
        key = permanent_key("case", first_id(scenario), *sorted(sources))
        shared = any(one in cited[source] for source in sources for one in others)
        if key in seen or not sources or shared or _names_one(example, named, book):
            continue
        seen.add(key)
        others.sort(key=lambda one: digest(key + one.id))
        options = [_right(scenario.label, _gist(scenario))]
        options += [Option(text=one.label, reason=_gist(one)) for one in others[:MOST_OPTIONS - 1]]
        if len(options) >= FEWEST_OPTIONS:
            stem = f"{plain(example)} Which scenario does this case belong to?"
            yield _item(book, "case", key, stem, options, (), sources, scenario)


def _names_one(example: str, named: list[str], book: Book) -> bool:
    """Whether an example names a scenario, by a reference or by its label."""
    text = plain(example).casefold()
    return any(one.id in named or one.label.casefold() in text for one in book.scenarios.values())


def _gist(scenario: Scenario) -> str:
    return f"[{scenario.label}][{scenario.id}]: {sentences(plain(scenario.summary))[0]}"


def _right(text: str, reason: str) -> Option:
    return Option(text=text, reason=reason, correct=True)


def sentence_case(text: str) -> str:
    """`text` with a capital at its head."""
    return text[:1].upper() + text[1:]


def in_text(label: str) -> str:
    """A label as it stands within a sentence: small, unless it has capitals elsewhere."""
    return label if label[1:] != label[1:].lower() else label[:1].lower() + label[1:]


def _item(
    book: Book, kind: str, key: str, stem: str, options: list[Option], terms: tuple[Term, ...],
    sources: tuple[str, ...], scenario: Scenario | None = None, frame: str = "",
) -> Item:
    tasks = tuple(dict.fromkeys(task for term in terms for task in term.exam))
    domain = book.domain_of.get(tasks[0]) if tasks else None
    options.sort(key=lambda option: digest(key + option.text))
    page = f"scenarios/{scenario.id}" if scenario else f"pairs/{terms[0].group or 'other'}"
    return Item(
        key, "one", frame, stem, tuple(options), tuple(term.id for term in terms),
        scenario.id if scenario else "", tasks, domain.id if domain else "", "easy", sources, (),
        kind, _address(f"study/derived/{page}", key),
    )
