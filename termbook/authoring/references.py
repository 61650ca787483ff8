"""Where texts refer to a record by its id, and the edits by which they name it otherwise.

The edits are made on the files' own text, so that every byte around a reference stays.
"""

from __future__ import annotations

import inspect
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..edits import Edit, edited
from ..guarded_yaml import Mark, Marks, parse
from ..model import KeyPath, Markdown, Record, Refers, leaves
from ..problems import BookError
from ..prose import record_key, references
from ..render import MACROS, Renderer

_COLLAPSED = re.compile(r"\]\s*\[(?=\s*\])")
_ADDRESS = re.compile(r"(?:\]\(\s*<?|\]:\s*<?|href\s*=\s*[\"'])([^\s()<>\"'#]+\.md)\b")
_MACROS = "|".join(
    name for name in MACROS
    if any(one.endswith("_id") for one in inspect.signature(getattr(Renderer, name)).parameters)
)


class Unclear(Exception):
    """A reference is written in a way that cannot be replaced with certainty."""


@dataclass(frozen=True)
class Rename:
    """A record gets another id. Its pages are in `folder`; by `names` it is known besides."""

    old: str
    new: str
    folder: str
    names: frozenset[str] = frozenset()


class Held(NamedTuple):
    """A record in a YAML file: the key path that leads to it, and the path of its page."""

    record: Record
    prefix: KeyPath
    page: str


def in_yaml(rename: Rename, text: str, held: list[Held]) -> str:
    """A YAML file's text with the references in its records changed. May raise Unclear."""
    marks: Marks = {}
    wanted = parse(text, marks)
    edits: list[Edit] = []
    for record, prefix, page in held:
        for keys, value, marker in leaves(record):
            spots: list[int] = []
            if isinstance(marker, Refers):
                spots = [0] if value == rename.old else []
            elif isinstance(marker, Markdown):
                spots = list(_in_prose(rename, value, page))
            if spots:
                mark = marks[(*prefix, *keys), False]
                found = _written(rename, value, spots, text, mark)
                edits += _edits(rename, text, found)
                _put(wanted, (*prefix, *keys), edited(value, _edits(rename, value, spots)))
    after = edited(text, edits)
    if not _alike(parse(after), wanted):
        raise Unclear
    return after


def in_page(rename: Rename, text: str, page: str) -> str:
    """A hand-written page's Markdown with references, links and macros changed."""
    macros = re.compile(rf"\b(?:(?:{_MACROS})\(\s*[\"']|figure\(\s*[\"']flow:)"
                        rf"(?={re.escape(rename.old)}[\"'])")
    spots = {*_in_prose(rename, text, page), *(match.end() for match in macros.finditer(text))}
    return edited(text, _edits(rename, text, sorted(spots)))


def in_settings(rename: Rename, text: str) -> str:
    """The text of mkdocs.yml with the path of the record's page changed wherever it stands."""
    before = rf"(?<![\w.-])(?<![\w.-]/){re.escape(rename.folder)}/"
    return re.sub(rf"({before}){re.escape(rename.old)}(?=\.md\b)", rf"\g<1>{rename.new}", text)


def in_figure(rename: Rename, text: str, drawn: Callable[[str, bool], str]) -> str:
    """A figure's template with the id changed where it stands for the record and nothing else.

    `drawn` draws a template with the new id known and, when told so, the old one as well. A
    literal is the id if the figure stays the same without it. May raise Unclear.
    """
    literals = [match.end() for match in re.finditer(
        rf"[\"'](?={re.escape(rename.old)}[\"'])", text)]
    if not literals:
        return text
    try:
        before = drawn(text, True)
    except (BookError, KeyError):
        raise Unclear from None
    after = edited(text, _edits(rename, text, literals))
    if not _draws(drawn, after, before, True):
        ids = [one for one in literals if _draws(
            drawn, edited(text, _edits(rename, text, [one])), before, True)]
        after = edited(text, _edits(rename, text, ids))
    if not _draws(drawn, after, before, False):
        raise Unclear
    return after


def _draws(drawn: Callable[[str, bool], str], text: str, wanted: str, old: bool) -> bool:
    try:
        return drawn(text, old) == wanted
    except (BookError, KeyError):
        return False


def _in_prose(rename: Rename, text: str, page: str) -> Iterator[int]:
    """The offsets at which Markdown names the record by its id or links to its page."""
    for reference in references(text):
        target = reference.target
        start = reference.offset + len(target) - len(target.lstrip())
        if record_key(target) == rename.old:
            by_id = text.startswith(rename.old, start) and not _COLLAPSED.match(
                text, start + len(rename.old))
            if by_id or rename.old not in rename.names:
                yield start
    for match in _ADDRESS.finditer(text):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), match[1]))
        if path == f"{rename.folder}/{rename.old}.md":
            yield match.end(1) - len(f"{rename.old}.md")


def _edits(rename: Rename, text: str, spots: list[int]) -> list[Edit]:
    """The edits that replace the old id at each of `spots`; `[old][]` becomes `[old][new]`."""
    edits = []
    for start in spots:
        end = start + len(rename.old)
        collapsed = _COLLAPSED.match(text, end)
        edits.append(Edit(collapsed.end(), collapsed.end(), rename.new) if collapsed
                     else Edit(start, end, rename.new))
    return edits


def _written(rename: Rename, value: str, spots: list[int], text: str, mark: Mark) -> list[int]:
    """Where in `text`, within `mark`, stands what is read at `spots` of the value."""
    word = re.compile(re.escape(rename.old), re.IGNORECASE)
    read = [match.start() for match in word.finditer(value)]
    written = [match.start() for match in word.finditer(text, mark.start, mark.end)]
    if len(read) != len(written):
        raise Unclear
    return [written[read.index(spot)] for spot in spots]


def _put(data: Any, keys: KeyPath, value: str) -> None:
    for key in keys[:-1]:
        data = data[key]
    data[keys[-1]] = value


def _alike(one: Any, other: Any) -> bool:
    """Whether two parsed texts say the same, spaces around texts aside."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return isinstance(one, str) and isinstance(other, str) and one.strip() == other.strip()
