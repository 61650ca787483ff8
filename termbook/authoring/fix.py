"""What can be mended without a person: the layout of files."""

from __future__ import annotations

from collections.abc import Mapping

from ..book import Book
from ..edits import edited
from ..layout import File, mended, not_nfc, schema_of
from .files import Changes

PAGES = "docs/**/*.md"


def fixed(book: Book, pages: Mapping[str, str]) -> Changes:
    """Path → new text of every YAML file and hand-written page that is not laid out well.

    Of `pages`, which are Markdown, only the letters are composed: their spaces may say something.
    """
    after = {path: mended(File(path, text, schema_of(path) in book.schemas))
             for path, text in book.texts.items()}
    after |= {path: edited(text, [flaw.edit for flaw in not_nfc(File(path, text))])
              for path, text in pages.items()}
    before = {**book.texts, **pages}
    return {path: text for path, text in after.items() if text != before[path]}
