"""The files that stand beside the pages of a site: feed, picture, and lists for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import NamedTuple

from ..book import Book
from ..cache import Cache, digest, engine
from ..links import page_address
from ..study.bank import Bank
from ..study.cards import deck_file
from .feed import feed
from .history import Change
from .llms import llms
from .moodle import GIFT_FILE, XML_FILE, gift, moodle_xml
from .picture import picture
from .study import bank_script, cards_script
from .term_form import FORM_PATH, NAMES_PATH, form_script, names_script


class SiteFacts(NamedTuple):
    """What a site says of itself; `url` ends with a slash, and is empty when it is not known.

    `date`, in seconds since 1970, is that of whatever has none of its own, and `new_term` the
    address at which a new term can be put into the site's repository, if there is one.
    """

    title: str
    description: str
    url: str
    date: int
    new_term: str = ""


def site_files(
    book: Book, changes: Mapping[str, Change], facts: SiteFacts, bank: Bank,
    address: Callable[[str], str | None], kept: Cache,
) -> dict[str, bytes]:
    """Path → content of every file. A feed needs absolute addresses, hence a known `facts.url`.

    `address` gives that of what a reference names, relative to the site; what takes long and
    seldom changes is `kept`.
    """
    about = facts.title, facts.description
    files = {
        "glossary/terms.json": terms_json(book).encode(),
        "llms.txt": llms(book, facts.title, facts.description, facts.url).encode(),
        "assets/social.png": kept.once(
            digest("picture", engine(), version("pillow"), *about), lambda: picture(*about)
        ),
        FORM_PATH: form_script(book, facts.new_term).encode(),
        NAMES_PATH: names_script(book).encode(),
    }
    if bank.items:
        files["study/bank.js"] = bank_script(book, bank, address).encode()
        files["study/cards.js"] = cards_script(book, facts.title).encode()
    if facts.url:
        files["feed.xml"] = feed(book, changes, facts.title, facts.url).encode()
    return files


def downloads(
    book: Book, changes: Mapping[str, Change], facts: SiteFacts, bank: Bank
) -> dict[str, bytes]:
    """Path → content of the files to which pages link: the deck, and the questions for Moodle."""
    files = {}
    if name := deck_file(book):
        from .anki import deck  # genanki brings asyncio with it, which takes long to load

        files[f"study/{name}"] = deck(book, changes, facts.date, facts.description, facts.url)
    if bank.items:
        files[f"study/{GIFT_FILE}"] = gift(book, bank, facts.url).encode()
        files[f"study/{XML_FILE}"] = moodle_xml(book, bank, facts.url)
    return files


def terms_json(book: Book) -> str:
    """Every term with its names, definition and address relative to the site, by id."""
    return json.dumps(
        {
            term.id: {
                "label": term.label, "alt_labels": term.alt_labels,
                "definition": term.definition,
                "url": page_address(term),
            }
            for term in book.terms.values()
        },
        ensure_ascii=False, indent=1,
    ) + "\n"
