"""The order from A to Z, and the letters under which records stand in an index."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from .links import REMEMBERED
from .model import AnyEntry, Source


@lru_cache(maxsize=REMEMBERED)
def fold(text: str) -> str:
    """`text` in lower case without diacritics, as people type it in a hurry."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in bare if not unicodedata.combining(c)).casefold()


def listed_name(entry: AnyEntry) -> str:
    """The name by which an entry stands in a list; a source goes by its short one."""
    return entry.short or entry.title if isinstance(entry, Source) else entry.label


def initial(entry: AnyEntry) -> str:
    """The letter under which an entry stands in an index; # for anything but a letter."""
    first = fold(listed_name(entry))[:1].upper()
    return first if first.isalpha() else "#"


def alphabetical(entry: AnyEntry) -> tuple[str, str]:
    """What entries are sorted by."""
    return fold(listed_name(entry)), entry.id
