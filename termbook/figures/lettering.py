"""How wide text will be in a figure, without asking a font, and where to break its lines.

The widths are those of a wide sans-serif (DejaVu Sans) in classes of letters, so that Arial,
Roboto and the like end a little earlier and nothing is cut whatever font the reader has.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

SLIM = frozenset("fijlrtI.,:;!|'’‘()[]{}-/\\ ")
BROAD = frozenset("mwMW@%&—…→")
BOLD = 1.1  # how much wider bold letters are


def measure(text: str, size: float) -> float:
    """The width of `text` in letters of `size`, rather over- than underestimated."""
    return size * sum(map(_em, text))


def wrap(text: str, room: float, size: float) -> list[str]:
    """Lines of `text` that fit into `room`; a word too long for a line is broken."""
    lines: list[str] = []
    for word in text.split():
        if lines and measure(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.extend(_parts(word, room, size))
    return lines


def _parts(word: str, room: float, size: float) -> Iterator[str]:
    """`word` in parts that fit; a letter keeps the marks that combine with it."""
    part = ""
    for letter in word:
        if part and _em(letter) and measure(part + letter, size) > room:
            yield part
            part = ""
        part += letter
    yield part


def _em(letter: str) -> float:
    kind = unicodedata.category(letter)
    if kind in ("Mn", "Me", "Cf"):
        return 0
    if kind == "Cc":  # XML has none of them, and a square is drawn in its place
        return 1.1
    if letter in SLIM:
        return 0.37
    if letter in BROAD:
        return 0.98
    if letter > "\u052f":  # beyond Latin, Greek and Cyrillic: a square each, or an emoji
        return 1.1 if letter < "\U0001f000" else 1.4
    return 0.77 if letter.isupper() else 0.62
