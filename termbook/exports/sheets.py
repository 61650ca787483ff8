"""Quizzes on paper: a PDF of the questions and another of the key, printed by WeasyPrint.

Both are tagged for screen readers (PDF/UA, ISO 14289-1), and the same draw gives the same bytes
wherever the same fonts are. A sheet names its draw, from which the site makes the same quiz.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from string import ascii_uppercase
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader

from ..book import Book
from ..problems import did_you_mean
from ..prose import plain
from ..study.bank import Bank, Item
from ..study.draw import FEWEST, exam, largest_exam, match_order, matching, option_order, practice
from ..study.pages import ASKED, verdict
from ..study.question import Option

FILE = "sheets.pdf"
LONGEST_SEED = 60


class PangoMissing(Exception):
    """The library Pango, without which WeasyPrint can print nothing, is not on this machine."""


class BadDraw(Exception):
    """The bank cannot give what is wanted; the message says why, and what it can."""


@dataclass(frozen=True)
class Draw:
    """What to draw: at most `number` questions of a scenario and domain, or an exam by quotas.

    "" stands for any scenario or domain; `authored` leaves out what is made from data.
    """

    seed: str
    number: int
    scenario: str = ""
    domain: str = ""
    authored: bool = False
    exam: bool = False

    def items(self, book: Book, bank: Bank) -> list[Item]:
        """The questions in the order of the site's quiz. Raises BadDraw."""
        if not 0 < len(self.clean_seed) <= LONGEST_SEED:
            raise BadDraw(f"A seed has 1 to {LONGEST_SEED} characters")
        _known("scenario", self.scenario, [one.id for one in book.scenarios.values()])
        _known("domain", self.domain, list(bank.weights))
        if self.exam:
            return self._exam(bank)
        derived = False if self.authored else None
        some = matching(bank.items, self.scenario, self.domain, derived=derived)
        if not some:
            raise BadDraw("No question is like that. Choose less")
        return practice(some, self.clean_seed, self.number)

    def _exam(self, bank: Bank) -> list[Item]:
        if self.scenario or self.domain or self.authored:
            raise BadDraw("An exam draws from the whole bank: leave out --scenario, --domain and "
                          "--authored, or --exam")
        largest = largest_exam(bank.items, bank.weights)
        if not FEWEST <= self.number <= largest:
            raise BadDraw(f"An exam of this bank has {FEWEST} to {largest} questions, not "
                          f"{self.number}" if largest else "This bank is too small for an exam")
        return exam(bank.items, bank.weights, self.clean_seed, self.number)

    @property
    def clean_seed(self) -> str:
        """The seed as the site's quiz reads it."""
        return unicodedata.normalize("NFC", self.seed.strip())

    def address(self, bank: Bank, number: int) -> str:
        """Where the site has the same quiz, relative to the site."""
        parts = {
            "seed": self.clean_seed, "n": number, "bank": bank.version,
            "scenario": self.scenario, "domain": self.domain,
            "derived": "no" if self.authored else "",
        }
        given = urlencode({name: value for name, value in parts.items() if value})
        return f"study/{'exam' if self.exam else 'practice'}/#{given}"


def _known(what: str, given: str, known: Sequence[str]) -> None:
    if given and given not in known:
        raise BadDraw(f'"{given}" is not a {what}. '
                      + did_you_mean(given, known, f"There are {', '.join(known)}"))


@dataclass(frozen=True)
class Choice:
    """An option under its letter; `answer` says in a word or two what the key says of it."""

    letter: str
    text: str
    answer: str
    reason: str


@dataclass(frozen=True)
class Asked:
    """A question as it is printed; `matches` are what its options belong to, under numbers."""

    item: Item
    hint: str
    choices: tuple[Choice, ...]
    matches: tuple[str, ...]
    answer: str
    sources: str


def sheets(book: Book, bank: Bank, draw: Draw, title: str, site_url: str) -> list[bytes]:
    """The PDF of the questions, and that of the key; otherwise as `written`.

    Raises BadDraw and PangoMissing.
    """
    pages = written(book, bank, draw, title, site_url)
    return list(map(_printer(), pages))


def written(book: Book, bank: Bank, draw: Draw, title: str, site_url: str) -> list[str]:
    """The HTML of the questions, and that of the key. Raises BadDraw.

    `title` is that of the site; with a `site_url`, which ends with a slash, both name the address
    of the same quiz on the site.
    """
    items = draw.items(book, bank)
    environment = Environment(
        loader=PackageLoader("termbook"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.get_template("sheets.html.jinja")
    facts = {
        "asked": [_asked(book, item, draw.clean_seed) for item in items], "draw": draw,
        "exam": book.exam, "number": len(items), "version": bank.version, "title": title,
        "language": book.settings.language, "domain": _label(book, draw.domain),
        "scenario": book.scenarios[draw.scenario].label if draw.scenario else "",
        "address": site_url + draw.address(bank, len(items)) if site_url else "",
    }
    return [template.render(facts, key=key) for key in (False, True)]


def _label(book: Book, domain: str) -> str:
    domains = book.exam.domains if book.exam else ()
    return next((one.label for one in domains if one.id == domain), "")


def _asked(book: Book, item: Item, seed: str) -> Asked:
    options = _shown(item, seed)
    matches = match_order(item, seed)
    choices = tuple(
        Choice(letter, one.text, _verdict(one, item, matches), plain(one.reason))
        for letter, one in zip(ascii_uppercase, options, strict=False)
    )
    sources = [book.sources[one].short or book.sources[one].title for one in item.sources
               if one in book.sources]
    return Asked(item, ASKED.get(item.type, ""), choices, tuple(matches),
                 ", ".join(_answer(item, options, matches)), "; ".join(sources))


def _shown(item: Item, seed: str) -> list[Option]:
    """The options as the site's quiz shows them: things to be put in order never stand in it."""
    options = [item.options[place] for place in option_order(item, seed)]
    places = [option.place or 0 for option in options]
    return [*options[1:], options[0]] if item.type == "order" and places == sorted(places) \
        else options


def _verdict(option: Option, item: Item, matches: Sequence[str]) -> str:
    if item.type == "match":
        return f"{matches.index(option.match or '') + 1}: {option.match}."
    return verdict(option, item)


def _answer(item: Item, options: Sequence[Option], matches: Sequence[str]) -> Iterator[str]:
    """The answer in letters: those in order, those with their numbers, or those that are right."""
    lettered = list(zip(ascii_uppercase, options, strict=False))
    if item.type == "order":
        lettered.sort(key=lambda one: one[1].place or 0)
    for letter, option in lettered:
        if item.type == "match":
            yield f"{letter} {matches.index(option.match or '') + 1}"
        elif item.type == "order" or option.correct:
            yield letter


def _printer() -> Callable[[str], bytes]:
    """What makes a PDF of HTML. WeasyPrint is loaded only here, as that takes its time."""
    try:
        # It tells the way to its own documentation when Pango is missing; we know a shorter one.
        with redirect_stdout(io.StringIO()):
            import weasyprint
    except OSError as error:
        raise PangoMissing(str(error).partition(":")[0]) from None

    def printed(html: str) -> bytes:
        pdf: bytes = weasyprint.HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")
        return pdf

    return printed
