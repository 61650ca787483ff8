"""Markdown prose as authors write it: its references, its words, and plain text made into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from sys import intern
from typing import NamedTuple

# Several checks ask for the same of every text.
TEXTS = 2**16
PLACEHOLDER = re.compile("\x02[^\x03]*\x03")

_CODE = re.compile(
    r"^(?P<fence>```+|~~~+)[^\n]*\n.*?^(?P=fence)"
    r"|(?<!`)(?P<quote>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=quote)(?!`)"
    r"|\\.",
    re.DOTALL | re.MULTILINE,
)
_OF_CODE = ("`", "\\", "~~~")
# Any bracket may open a reference, also one in the text of another reference.
_REFERENCE = re.compile(
    r"\[(?=(?P<text>(?:[^\[\]]++|\[[^\[\]]*+\])*+)\](?P<gap>\s?)\[(?P<id>[^\]]*)\](?P<next>[\[(]?))"
)
_LINK = re.compile(
    r"!?\[(?P<text>[^\[\]]*)\](?:\s?\[(?P<id>[^\[\]]*)\]|\((?P<address>[^()]*)\))"
)
_WEB = re.compile(r"https?://[^\s<>\"]+")
_TAG = re.compile(r"<(?!https?://|mailto:|\S+@)[a-zA-Z/!?][^\s<>]*>?")
_DEFINITION = re.compile(r"^ {0,3}\[([^\]^][^\]]*)\]:", re.MULTILINE)
BREAK = "\N{PARAGRAPH SEPARATOR}"
_SENTENCE_END = re.compile(rf"{BREAK}\s*|(?<=[.!?…])[\"”’)]*\s+(?=[\"“‘(]?[A-Z])")


class Reference(NamedTuple):
    """A reference in Markdown text: where its target is written, and the target as written."""

    offset: int
    target: str


def references(text: str) -> Sequence[Reference]:
    """References `[text][id]` and `[id][]` outside code that `text` itself does not define."""
    return _references(text) if "[" in text else ()


@lru_cache(maxsize=TEXTS)
def _references(text: str) -> list[Reference]:
    """As above; several checks ask for those of the same text."""
    found = []
    bare = _without_code(text)
    defined = {folded(name) for name in _DEFINITION.findall(bare)} if "]:" in bare else set()
    ids: set[int] = set()
    for match in _REFERENCE.finditer(bare):
        # `[1] [text][id]` and `[a][b](address)` hold another link than their first two brackets.
        gap, written, after = match.group("gap", "id", "next")
        if after == "(" or (after and gap) or match.start() in ids:
            continue
        ids.add(match.start("id") - 1)
        start, end = match.span("id" if written.strip() else "text")
        target = text[start:end]
        if target.strip() and not (defined and folded(target) in defined):
            found.append(Reference(start, intern(target)))
    return found


def html_tag(text: str) -> str | None:
    """The beginning of the first HTML tag or comment outside code in Markdown text."""
    found = _TAG.search(_without_code(text)) if "<" in text else None
    return found[0] if found else None


def _without_code(text: str) -> str:
    """Markdown text with full stops in place of its code and escapes."""
    if not any(sign in text for sign in _OF_CODE):
        return text
    return _CODE.sub(lambda code: re.sub(r"[^\n]", ".", code[0]), text)


@lru_cache(maxsize=TEXTS)
def record_key(target: str) -> str:
    """The id or label in a reference's target, folded; a `#section` after it is left out."""
    return folded(target).partition("#")[0]


def targets(text: str) -> list[str]:
    """The ids and labels that references in `text` name, folded."""
    return [record_key(reference.target) for reference in references(text)]


def folded(target: str) -> str:
    """A reference's target as Python-Markdown compares it."""
    return " ".join(target.split()).lower()


def plain(text: str) -> str:
    """Markdown prose as plain text: references, links and emphasis lose their marks."""
    return _bare(_LINK.sub(r"\g<text>", text)).strip()


def _bare(text: str) -> str:
    """Text outside links without the marks of emphasis and code."""
    return re.sub(r"\s+", " ", re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", text))


def pieces(text: str, address: Callable[[str], str | None]) -> list[str | tuple[str, str]]:
    """Markdown prose as plain text and links: a link is a pair of its text and its address.

    `address` gives that of what a reference names; where it gives None, or where an author wrote
    an address that is none of the web, the text alone is left.
    """
    found: list[str | tuple[str, str]] = []
    last = 0
    for match in _LINK.finditer(text):
        if match["address"] is None:
            target = address(match["id"].strip() or match["text"])
        else:
            target = match["address"] if _WEB.fullmatch(match["address"]) else None
        found.append(_bare(text[last : match.start()]))
        found.append((_bare(match["text"]), target) if target else _bare(match["text"]))
        last = match.end()
    return [one for one in (*found, _bare(text[last:])) if one]


# Words, one space apart, without any sign that means something in Markdown or HTML.
_NOTHING_TO_ESCAPE = re.compile(
    r"(?![-+\d])[^\\`*_{}\[\]#|!&<>\s]+(?: [^\\`*_{}\[\]#|!&<>\s]+)*"
)


def escape(text: str) -> str:
    """Plain text as Markdown that shows just that text, on one line."""
    if _NOTHING_TO_ESCAPE.fullmatch(text):
        return text
    text = re.sub(r"\s+", " ", text).strip()
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_{}\[\]#|!])", r"\\\1", text)
    return re.sub(r"^([-+]|\d+(?=\.))", lambda match: _escape_marker(match[0]), text)


def _escape_marker(marker: str) -> str:
    """A list marker at the head of a text, so that no list begins."""
    return f"\\{marker}" if marker in "-+" else f"{marker}\\"


def sentences(text: str) -> list[str]:
    """The sentences of plain text, which ends one where a line breaks."""
    text = re.sub(rf"[^\S{BREAK}]+", " ", PLACEHOLDER.sub("", text)).strip()
    return _SENTENCE_END.split(text)
