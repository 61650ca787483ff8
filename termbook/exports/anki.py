"""The cards of a Book as an Anki deck: an `.apkg` file, made with genanki.

Whoever learns from the deck imports each new version over the old one, and keeps what Anki knows
of a card as long as nothing changes by which Anki tells decks, note types and notes apart: the
deck's name (`deck` in termbook.yml), the ids and guids made from that name and the cards' permanent
keys, and the fields of the note type, of which some are spare so that none need be added. Anki
takes a note's new text when its date is later than the one it has.
"""

from __future__ import annotations

import io
import itertools
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import genanki

from ..book import Book
from ..study.bank import digest, file_name
from ..study.cards import KINDS, Card, cards
from .history import Change

FIELDS = ("Front", "Back", "Kind", "Link", "Spare1", "Spare2", "Spare3")
TEMPLATES = Path(__file__).parent.parent / "templates"
# Ids are milliseconds since 1970; a key adds at most 50 days, so all are of one summer.
FIRST_ID = 1_500_000_000_000
class _Note(genanki.Note):  # type: ignore[misc]
    """A note with a date and ids of its own, where genanki's are those of the moment."""

    def __init__(self, changed: int, first_id: int, **rest: Any) -> None:
        super().__init__(**rest)
        self._changed, self._first_id = changed, first_id

    def write_to_db(
        self, cursor: sqlite3.Cursor, timestamp: float, deck_id: int, id_gen: Iterator[int]
    ) -> None:
        super().write_to_db(cursor, self._changed, deck_id, itertools.count(self._first_id))


def deck(
    book: Book, changes: Mapping[str, Change], otherwise: int, description: str, site_url: str
) -> bytes:
    """The deck of a book whose settings name one; the same bytes for the same arguments.

    Every card is a note, those of deprecated terms with the tag `retired`. A note's date is the
    last change of the files from which its words are taken; `otherwise`, in seconds since 1970,
    serves for a file without one. Cards lead to the site when `site_url`, which ends with a slash,
    is not empty.
    """
    name = book.settings.deck or ""
    some = cards(book)
    changed = [_changed(book, card, changes) or otherwise for card in some]
    made = genanki.Deck(_number(f"{name}/deck"), name, escape(description))
    model = _model(name)
    for place, (card, when) in enumerate(zip(some, changed, strict=True), 1):
        made.add_note(_Note(
            when, FIRST_ID + int(card.key, 16), model=model, guid=digest(name) + card.key,
            fields=_fields(card, site_url), sort_field=card.front, tags=_tags(book, card),
            due=place,
        ))
    return _zip(_database(made, max(changed, default=otherwise)))


def _number(name: str) -> int:
    """The id of a deck or note type, in the range that genanki recommends."""
    return (1 << 30) + int(digest(name), 16) % (1 << 30)


def _model(name: str) -> genanki.Model:
    front, back, css = (
        (TEMPLATES / file).read_text("utf-8")
        for file in ("anki-front.html", "anki-back.html", "anki.css")
    )
    return genanki.Model(
        _number(f"{name}/note type"), f"{name} (Termbook)", [{"name": one} for one in FIELDS],
        [{"name": "Card", "qfmt": front, "afmt": back}], css=css,
    )


def _changed(book: Book, card: Card, changes: Mapping[str, Change]) -> int:
    """When the youngest of a card's files changed; 0 when one of them has no date."""
    paths = [book.paths.get(one, "") for one in (*card.terms, card.scenario) if one]
    return max(changes[path].updated for path in paths) if changes.keys() >= set(paths) else 0


def _fields(card: Card, site_url: str) -> list[str]:
    link = escape(site_url + card.address) if site_url else ""
    filled = [_html(card.front), _html(card.back), escape(KINDS[card.kind]), link]
    return filled + [""] * (len(FIELDS) - len(filled))


def _html(text: str) -> str:
    # Anki takes square brackets for sounds and formulas.
    return escape(text, quote=False).replace("[", "&#91;").replace("\n", "<br>")


def _tags(book: Book, card: Card) -> list[str]:
    assert book.exam or not card.domains
    domains = [one for one in book.exam.domains if one.id in card.domains] if book.exam else []
    return [
        f"kind::{card.kind}",
        *(f"domain::{file_name(one.label)}" for one in domains),
        *([f"scenario::{card.scenario}"] if card.scenario else []),
        *(["retired"] if card.retired else []),
    ]


def _database(made: genanki.Deck, when: int) -> bytes:
    with sqlite3.connect(":memory:", isolation_level=None) as connection:
        genanki.Package(made).write_to_db(connection.cursor(), when, itertools.count())
        # Pages of the file that were used and are free again would hold what was in them.
        connection.execute("VACUUM")
        return connection.serialize()


def _zip(database: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, content in (("collection.anki2", database), ("media", b"{}")):
            # Without a date of its own an entry has the earliest that a zip can hold.
            entry = zipfile.ZipInfo(file)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()
