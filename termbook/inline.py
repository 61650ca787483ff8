"""Python-Markdown's inline stage, less the patterns that a text cannot match.

Python-Markdown tries each of its patterns on each piece of text, which is a fifth of a build;
most patterns need a character that most texts do not have.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from collections.abc import Callable

from markdown import Markdown
from markdown.inlinepatterns import Pattern
from markdown.treeprocessors import InlineProcessor
from markdown.util import AtomicString

# Of these, a text must hold one for the pattern of that name to match in it (Python-Markdown
# 3.8 to 3.10). A pattern that is not named here is tried on every text.
_NEEDS = {
    "backtick": "`", "escape": "\\", "reference": "[", "link": "[", "image_link": "[",
    "image_reference": "[", "short_reference": "[", "short_image_ref": "[", "autolink": "<",
    "automail": "<", "linebreak": "\n", "html": "<", "entity": "&", "em_strong": "*_",
}


class QuickInline(InlineProcessor):
    """Does what InlineProcessor does, and gives the same tree."""

    _tried: list[tuple[Pattern, str]]
    # A private method of InlineProcessor, which is to be called with its own arguments.
    _InlineProcessor__applyPattern: Callable[[Pattern, str, int, int], tuple[str, bool, int]]

    def run(self, tree: etree.Element, ancestors: list[str] | None = None) -> etree.Element:
        """Process every text of `tree`."""
        patterns = self.md.inlinePatterns
        needs = {id(patterns[name]): signs for name, signs in _NEEDS.items() if name in patterns}
        self._tried = [(pattern, needs.get(id(pattern), "")) for pattern in patterns]
        return super().run(tree, ancestors)

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:
        """Take the place of a private method, which is all that differs."""
        if isinstance(data, AtomicString):
            return data
        start = 0
        while patternIndex < len(self._tried):
            pattern, needs = self._tried[patternIndex]
            matched = False
            if not needs or any(sign in data for sign in needs):
                data, matched, start = self._InlineProcessor__applyPattern(
                    pattern, data, patternIndex, start
                )
            if not matched:
                patternIndex += 1
                start = 0
        return data


def quicken(parser: Markdown) -> None:
    """Have `parser` try only what may match."""
    parser.treeprocessors.register(QuickInline(parser), "inline", 20)
