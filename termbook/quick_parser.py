"""Python-Markdown, less the steps that a text cannot need.

Python-Markdown tries each of its patterns on each piece of text, and each kind of block on each
block; most of them need a character that most texts do not have. What is left out here would have
changed nothing, so what comes out is the same (Python-Markdown 3.8 to 3.10).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from collections.abc import Callable
from functools import cache
from typing import Any

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import Pattern
from markdown.treeprocessors import InlineProcessor
from markdown.util import STX, AtomicString

from .links import HEADINGS

# A text must hold one of these for the pattern of that name to match in it. A pattern that is not
# named here is tried on every text.
_NEEDS = {
    "backtick": "`", "escape": "\\", "reference": "[", "link": "[", "image_link": "[",
    "image_reference": "[", "short_reference": "[", "short_image_ref": "[", "autolink": "<",
    "automail": "<", "linebreak": "\n", "html": "<", "entity": "&", "em_strong": "*_",
}
_BRACKETED = (
    "reference", "link", "image_link", "image_reference", "short_reference", "short_image_ref",
)
# Kinds of block, each of which needs what `_MORE` finds or what its block begins with. A kind that
# is not named here is tried on every block.
_NAMED = {
    "admonition", "markdown_block", "details", "tabbed", "empty", "indent", "defindent", "code",
    "table", "hashheader", "setextheader", "hr", "olist", "ulist", "deflist", "quote", "reference",
}
# A line after the first that may begin something, a table, a definition of a link, or HTML.
_MORE = re.compile(r"\n {0,3}[#>:!?=_*-]|\||\]:|\x02")
_MORE_IN_ITEMS = re.compile(r"\||\]:|\x02")
# Which kinds a block may still be when it has none of those, by its first character.
_HEADING, _ITEM, _TEXT = {"hashheader"}, {"ulist"}, set[str]()
# Lines that each begin an item and hold more than hyphens, which may also underline a heading.
_ITEMS = re.compile(r"- [ -]*[^ \n-][^\n]*(?:\n- [ -]*[^ \n-][^\n]*)*")
_MARKUP = re.compile("[&<>]")
# What the preprocessor of that name looks for. Tags of words leave a text as it is.
_PREPARED = {
    "fenced_code_block": re.compile("```|~~~"),
    "html_block": re.compile(r"""<(?!(?:span|b)(?: [a-z-]+(?:="[^"<>&`\n]*")?)*>|/(?:span|b)>)"""
                             r"|&(?!\w+;)"),
}


def quicken(parser: Markdown) -> None:
    """Have `parser` try only what may match."""
    parser.treeprocessors.register(_QuickInline(parser), "inline", 20)
    blocks = _QuickBlocks(parser.parser)
    parser.parser.parseBlocks = blocks.parse  # type: ignore[method-assign]
    for name, sign in _PREPARED.items():
        if name in parser.preprocessors:
            whole: Any = parser.preprocessors[name]
            whole.run = _if_found(sign, whole.run)
    for name in _BRACKETED:
        if name in parser.inlinePatterns:
            pattern: Any = parser.inlinePatterns[name]
            pattern.getText = _text_in_brackets(pattern.getText)
    if "unescape" in parser.treeprocessors:
        escapes: Any = parser.treeprocessors["unescape"]
        unescaped = escapes.unescape
        escapes.unescape = lambda text: unescaped(text) if STX in text else text
    parser.is_block_level = cache(parser.is_block_level)  # type: ignore[method-assign]
    if "toc" in parser.treeprocessors:
        _list_where_asked(parser)
        parser.serializer = _quick_headings(parser.serializer)


def _text_in_brackets(
    whole: Callable[[str, int], tuple[str, int, bool]]
) -> Callable[[str, int], tuple[str, int, bool]]:
    """Find the end of a bracket without looking at each letter, as long as none is inside it."""
    def text(data: str, index: int) -> tuple[str, int, bool]:
        end = data.find("]", index)
        if end < 0 or "[" in data[index:end]:
            return whole(data, index)
        return data[index:end], end + 1, True

    return text


def _list_where_asked(parser: Markdown) -> None:
    """Have `parser` make its HTML of a table of contents only for a text that asks for one."""
    contents: Any = parser.treeprocessors["toc"]
    whole, marker, listed = contents.run, contents.marker, contents.build_toc_div

    def run(tree: etree.Element) -> None:
        asked = marker and any(marker in text for text in tree.itertext())
        contents.marker = marker if asked else ""
        contents.build_toc_div = listed if asked else lambda tokens: etree.Element("div")
        whole(tree)

    contents.run = run


def _quick_headings(
    whole: Callable[[etree.Element], str]
) -> Callable[[etree.Element], str]:
    """Write out a heading that is plain text, of which a table of contents asks for each."""
    def serializer(element: etree.Element) -> str:
        text, tail = element.text or "", element.tail or ""
        if (element.tag in HEADINGS and not len(element) and not element.attrib
                and not tail.strip() and not _MARKUP.search(text)):
            return f"<{element.tag}>{text}</{element.tag}>{tail}"
        return whole(element)

    return serializer


def _if_found(
    sign: re.Pattern[str], run: Callable[[list[str]], list[str]]
) -> Callable[[list[str]], list[str]]:
    return lambda lines: run(lines) if sign.search("\n".join(lines)) else lines


class _QuickBlocks:
    """Does what BlockParser.parseBlocks does, and gives the same tree."""

    def __init__(self, parser: BlockParser) -> None:
        kinds = parser.blockprocessors

        def tried(some: set[str]) -> list[BlockProcessor]:
            left_out = [kinds[name] for name in _NAMED - some if name in kinds]
            return [kind for kind in kinds if kind not in left_out]

        self._all = list(kinds)
        self._heading, self._items, self._text = map(tried, (_HEADING, _ITEM, _TEXT))

    def parse(self, parent: etree.Element, blocks: list[str]) -> None:
        """Process blocks of text, which `blocks` holds no more then, into `parent`."""
        while blocks:
            block = blocks[0]
            for kind in self._kinds(block):
                if kind.test(parent, block) and kind.run(parent, blocks) is not False:
                    break

    def _kinds(self, block: str) -> list[BlockProcessor]:
        """The kinds that `block` may be of, in their order."""
        first = block[:1]
        if first == "-" and _ITEMS.fullmatch(block):
            return self._all if _MORE_IN_ITEMS.search(block) else self._items
        if not first or first in " \n*+-:!?=_>0123456789" or first.isdigit() or _MORE.search(block):
            return self._all
        return self._heading if first == "#" else self._text


class _QuickInline(InlineProcessor):
    """Does what InlineProcessor does, and gives the same tree."""

    _tried: list[tuple[Pattern, str]]
    # A private method of InlineProcessor, which is to be called with its own arguments.
    _InlineProcessor__applyPattern: Callable[[Pattern, str, int, int], tuple[str, bool, int]]

    def __init__(self, parser: Markdown) -> None:
        super().__init__(parser)
        patterns = parser.inlinePatterns
        needs = {id(patterns[name]): signs for name, signs in _NEEDS.items() if name in patterns}
        self._tried = [(pattern, needs.get(id(pattern), "")) for pattern in patterns]
        signs = "".join(needs for _, needs in self._tried)
        everything = "" if all(needs for _, needs in self._tried) else "|"
        self._any = re.compile(f"[{re.escape(signs)}]{everything}")

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:
        """Take the place of a private method, which is all that differs."""
        if isinstance(data, AtomicString) or not self._any.search(data):
            return data
        start, last = 0, len(self._tried)
        while patternIndex < last:
            pattern, needs = self._tried[patternIndex]
            if needs and needs not in data and (
                    len(needs) == 1 or not any(sign in data for sign in needs)):
                patternIndex, start = patternIndex + 1, 0
                continue
            data, matched, start = self._InlineProcessor__applyPattern(
                pattern, data, patternIndex, start
            )
            if not matched:
                patternIndex, start = patternIndex + 1, 0
        return data
