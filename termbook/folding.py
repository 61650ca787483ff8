"""Folded text: lines broken anew at single spaces, which stand for the same text in YAML."""

from __future__ import annotations

import re

BREAK = re.compile(r"(?<=\S) (?=\S)")


def filled(text: str, room: int) -> list[str]:
    """`text` in lines of at most `room` characters, as far as it has single spaces to break at."""
    first, *words = BREAK.split(text)
    lines = [first]
    for word in words:
        if len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def rebroken(lines: list[str], room: int) -> tuple[int, list[str]]:
    """How many of `lines`, the first of which is too long, are broken anew, and what they become.

    What is left of a line goes to the next one, until all fits. A blank or indented line ends that.
    """
    taken, new = 0, [""]
    for line in lines:
        if taken and (not new[-1] or not line.strip() or line[0] in " \t"):
            break
        pieces = filled(f"{new[-1]} {line}" if taken else line, room)
        taken += 1
        new[-1:] = pieces
        if len(pieces) == 1:
            break
    return taken, new
