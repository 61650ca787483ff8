"""YAML as plain data, with limits that hold before anything is built.

libyaml's own composer overflows the C stack on deep nesting, and an alias can stand for billions
of nodes. So we read event by event: size, depth and event count are limited, and anchors,
aliases, tags, merge keys and duplicate keys are refused, and so are hidden characters, even when
they are written as escapes. Every scalar stays text, in Unicode normal form C.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from .model import KeyPath

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_EVENTS = 20_000

# Control, bidirectional and zero-width characters hide text from a reviewer; so do line breaks
# other than LF, which editors count otherwise than YAML.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e"
    "\u2060-\u2064\u2066-\u2069\ufeff]"
)


class Malformed(Exception):
    """A text that is not YAML as we admit it; line and column count from 1."""

    def __init__(self, line: int, column: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.line, self.column = line, column
        self.code, self.message, self.hint = code, message, hint


class Mark(NamedTuple):
    """Where a key or value stands: line and column from 1, its span in the text, and its style.

    The style is one of `"`, `'`, `|`, `>`, `{`, `[`, `plain` and `block`; the end of a list or
    mapping in block style is not certain.
    """

    line: int
    column: int
    start: int
    end: int
    style: str


Marks = dict[tuple[KeyPath, bool], Mark]


def parse(text: str, marks: Marks | None = None) -> Any:
    """Plain data (dict, list, str) from one YAML document; None when it is empty.

    `marks`, when given, is filled with (key path, is a key) → where that stands.
    Raises Malformed on syntax errors, limits, anchors, aliases, tags, merge or duplicate keys.
    """
    events: list[Any] = []
    try:
        return _compose(text, marks, events)
    except yaml.YAMLError as error:
        raise _malformed(error, text, events[-1:]) from None


def hidden_in(text: str) -> re.Match[str] | None:
    """The first hidden character in a text."""
    # Nearly every text can be printed, but for its line breaks, and then it holds none.
    return None if text.replace("\n", " ").isprintable() else HIDDEN.search(text)


def hidden_name(found: re.Match[str]) -> str:
    """The name of the hidden character that was found."""
    return unicodedata.name(found[0], f"U+{ord(found[0]):04X}")


def _compose(text: str, marks: Marks | None, events: list[Any]) -> Any:
    """The data; leaves the last event in `events` when the next one cannot be read."""
    root: list[Any] = []
    stack: list[_Open] = [_Open(root, ())]
    # Of most files neither their scalars nor anything else needs a second look.
    plain = "\\" not in text and not hidden_in(text)
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        events[:] = [event]
        if count > MAX_EVENTS:
            raise _refuse(event, "too-large", f"the file has over {MAX_EVENTS:,} keys and values",
                          "Split it into smaller files")
        if isinstance(event, yaml.NodeEvent):
            if not plain or event.anchor or getattr(event, "tag", None) or len(stack) > MAX_DEPTH:
                _guard(event, len(stack))
            _add(stack, event, marks)
        elif isinstance(event, yaml.CollectionEndEvent):
            _close(stack.pop(), event, marks)
        elif isinstance(event, yaml.DocumentStartEvent) and root:
            raise _refuse(event, "yaml-syntax", "the file holds more than one YAML document",
                          "Keep one document to a file: remove this line ---")
    return root[0] if root else None


@dataclass
class _Open:
    """A collection that is being filled; `key` waits for its value in a mapping."""

    items: Any
    keys: KeyPath
    key: str | None = None


def _guard(event: Any, depth: int) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise _refuse(event, "yaml-feature", "anchors and aliases are not allowed",
                      "Write the value out where it is needed, or quote a text that begins "
                      "with & or *")
    if event.tag and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        raise _refuse(event, "yaml-feature", f"the tag {tag} is not allowed",
                      "Remove it, or quote a text that begins with !")
    if isinstance(event, yaml.ScalarEvent) and (found := hidden_in(event.value)):
        raise _refuse(event, "hidden-character",
                      f"the text holds a hidden character ({hidden_name(found)})",
                      "Delete its escape")
    if depth > MAX_DEPTH:
        raise _refuse(event, "too-deep", f"values are nested over {MAX_DEPTH} deep",
                      "Flatten them, or quote a text that begins with [ or {")


def _add(stack: list[_Open], event: Any, marks: Marks | None) -> None:
    top = stack[-1]
    scalar = isinstance(event, yaml.ScalarEvent)
    if isinstance(top.items, dict) and top.key is None:
        _take_key(top, event, marks)
        return
    value: Any = unicodedata.normalize("NFC", event.value) if scalar else (
        [] if _is_list(event) else {})
    keys = _put(top, value, root=len(stack) == 1)
    if marks is not None:
        marks[keys, False] = _mark(event)
    if not scalar:
        stack.append(_Open(value, keys))


def _close(top: _Open, event: Any, marks: Marks | None) -> None:
    if marks is not None:
        marks[top.keys, False] = marks[top.keys, False]._replace(end=event.end_mark.index)


def _is_list(event: Any) -> bool:
    return isinstance(event, yaml.SequenceStartEvent)


def _put(top: _Open, value: Any, root: bool) -> KeyPath:
    if isinstance(top.items, dict):
        keys: KeyPath = (*top.keys, top.key or "")
        top.items[top.key] = value
        top.key = None
        return keys
    top.items.append(value)
    return top.keys if root else (*top.keys, len(top.items) - 1)


def _take_key(top: _Open, event: Any, marks: Marks | None) -> None:
    if not isinstance(event, yaml.ScalarEvent):
        raise _refuse(event, "yaml-syntax", "a key must be a plain word",
                      "Quote a text that begins with { or [")
    key = unicodedata.normalize("NFC", event.value)
    if key == "<<":
        raise _refuse(event, "yaml-feature", "merge keys are not allowed",
                      "Write the keys out where they are needed")
    if key in top.items:
        raise _refuse(event, "duplicate-key", f'the key "{key}" is written twice',
                      "Join the two, or remove one")
    top.key = key
    if marks is not None:
        marks[(*top.keys, key), True] = _mark(event)


def _refuse(event: Any, code: str, message: str, hint: str) -> Malformed:
    line, column = _position(event)
    return Malformed(line, column, code, message, hint)


def _position(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _mark(event: Any) -> Mark:
    if isinstance(event, yaml.ScalarEvent):
        style = event.style or "plain"
    else:
        style = ("[" if _is_list(event) else "{") if event.flow_style else "block"
    return Mark(*_position(event), event.start_mark.index, event.end_mark.index, style)


def is_plain(text: str, flow: bool = False) -> bool:
    """Whether every reader of YAML takes `text` without quotation marks for this very text.

    With `flow`, between brackets.
    """
    if re.fullmatch(r"-|[-+]?(\.?\d[\d_.]*(e[-+]?\d+)?|0[ox]\w+)", text, re.IGNORECASE):
        return False
    try:
        return bool(yaml.safe_load(f"[{text}]" if flow else f"- {text}") == [text])
    except (yaml.YAMLError, ValueError):
        return False


def _malformed(error: yaml.YAMLError, text: str, last: list[Any]) -> Malformed:
    detail = str(getattr(error, "problem", None) or "unreadable text")
    context = str(getattr(error, "context", None) or "")
    mark = getattr(error, "problem_mark", None)
    if re.search("quoted|flow|simple key", context) and "escape" not in detail:
        # Where something was opened says more than where its end was missed.
        mark = getattr(error, "context_mark", None) or mark
    elif last and getattr(last[0], "style", None) in ("'", '"') and (
            last[0].start_mark.line < last[0].end_mark.line):
        # A quotation mark that was not closed is closed by the next one, lines further down.
        mark, context = last[0].start_mark, "quoted scalar"
    lines = text.split("\n")
    line, column = (mark.line, mark.column) if mark else (0, 0)
    if line >= len(lines):
        # libyaml ends the last line even when the text does not.
        line, column = len(lines) - 1, len(lines[-1])
    hint = _syntax_hint(detail, context, lines[line][:column].rstrip(), lines[line][column:])
    return Malformed(line + 1, column + 1, "yaml-syntax", f"this is not valid YAML ({detail})",
                     hint)


def _syntax_hint(detail: str, context: str, before: str, after: str) -> str:
    """How to mend an error that stands on a line between `before` and `after`."""
    if "mapping values are not allowed" in detail and ":" in before:
        return 'Put a text that contains ": " in quotes, or write it on the next line after ">-"'
    if "tab character" in detail:
        return "Indent with spaces, not tabs"
    if "cannot start any token" in detail:
        return "Indent with spaces, not tabs" if after.startswith("\t") else (
            f"Put a text that begins with {after[:1]} in quotes")
    if "escape" in detail:
        return "Use single quotation marks around a text that holds a backslash"
    if "quoted scalar" in context:
        return "Close the quotation mark, and use the other kind of mark inside the text"
    if "flow" in context:
        return "Close every [ and {, and quote a text that begins with one of them"
    if "simple key" in context:
        return "Write a colon and a space after a key, and indent a text that goes on"
    if before.endswith(("'", '"')):
        return "Put the whole text in quotation marks of the kind that it does not contain"
    return "Check the indentation here and above: two spaces a level, the same for every sibling"
