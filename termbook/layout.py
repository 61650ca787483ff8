"""How files are laid out. Each rule finds what is off and says the edits that mend it.

An edit never changes what a file says: where it would, the rule finds nothing. So `termbook check`
and `termbook fix` are two uses of the same functions.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice, pairwise
from typing import Any, NamedTuple, get_args, get_origin

from .edits import Edit, edited
from .folding import rebroken
from .guarded_yaml import Malformed, Mark, Marks, parse
from .misfits import models_in
from .model import KeyPath
from .schemas import FILES, MODELINE, kind_of, modeline

WIDTH = 100
# What says nothing at the end of a line.
_IDLE = (" ", "\t", " \r", "\t\r")
MOST = 25  # flaws of one kind that are told of one file at once


class File(NamedTuple):
    """The text of a content file; `schema` says whether there is one for it in schemas/."""

    path: str
    text: str
    schema: bool = False


class Flaw(NamedTuple):
    """What is off at an offset of a text, how a person mends it, and the edit that does."""

    offset: int
    code: str
    message: str
    hint: str
    edit: Edit


Rule = Callable[[File], Iterator[Flaw]]


def missing_modeline(file: File) -> Iterator[Flaw]:
    """The first line of a file names its schema to editors, when there is one in schemas/."""
    first = file.text.split("\n", 1)[0].removesuffix("\r")
    wanted = modeline(file.path) if file.schema else first
    if first != wanted:
        edit = Edit(0, len(first), wanted)
        if not first.startswith(MODELINE):
            edit = Edit(0, 0, wanted + _line_end(file.text))
        yield from _harmless(file, [Flaw(
            0, "missing-modeline", "the first line does not name the schema",
            f'Run `termbook fix`, or make this the first line: {wanted}', edit)])


def key_order(file: File) -> Iterator[Flaw]:
    """Keys stand in the order of the reference."""
    yield from _harmless(file, _out_of_order(file))


def in_order(path: str, data: Any) -> bool:
    """Whether all keys of `data`, as it was read from the file at `path`, are in order."""
    return not any(_unordered(path, data))


def _unordered(path: str, data: Any) -> Iterator[tuple[KeyPath, list[str], list[str]]]:
    """The mappings that are not in order: key path, keys as written, and as they should be."""
    for keys, written, order in _mappings(FILES.get(kind_of(path) or ""), data, ()):
        wanted = [key for key in order if key in written]
        if wanted != written:
            yield keys, written, wanted


def _out_of_order(file: File) -> Iterator[Flaw]:
    marks: Marks = {}
    data = _parsed(file.text, marks)
    if not isinstance(data, dict | list):
        return
    for keys, written, wanted in _unordered(file.path, data):
        for before, late in pairwise(written):
            if wanted.index(late) < wanted.index(before):
                yield Flaw(
                    marks[(*keys, late), True].start, "key-order",
                    f'"{late}" stands after "{before}"',
                    f"Run `termbook fix`, or bring the keys into this order: {', '.join(wanted)}",
                    _reordered(file.text, marks, keys, written, wanted))
                break


def line_width(file: File) -> Iterator[Flaw]:
    """No line of a text after `>` has over 100 characters if it can be broken."""
    if max(map(len, file.text.split("\n"))) > WIDTH:
        yield from _harmless(file, _wide_lines(file))


def _wide_lines(file: File) -> Iterator[Flaw]:
    marks: Marks = {}
    _parsed(file.text, marks)
    for mark in marks.values():
        for edit, length in _too_wide(file.text, mark) if mark.style == ">" else ():
            yield Flaw(
                edit.start + WIDTH, "line-width",
                f"the line has {length} characters; {WIDTH} are allowed",
                "Run `termbook fix`, or go on in the next line", edit)


def trailing_space(file: File) -> Iterator[Flaw]:
    """No line ends in spaces that say nothing."""
    for edit in _idle_spaces(file.text):
        yield Flaw(edit.start, "trailing-space", "the line ends in spaces",
                   "Run `termbook fix`, or delete them", edit)


def final_newline(file: File) -> Iterator[Flaw]:
    """A file ends with one line break."""
    start = len(file.text.rstrip("\r\n"))
    ending, wanted = file.text[start:], _line_end(file.text)
    if ending != wanted:
        wrong, mend = ("the last line does not end", "press Enter after it")
        if len(ending) > len(wanted):
            wrong, mend = "the file ends in empty lines", "delete them"
        yield from _harmless(file, [Flaw(
            start, "final-newline", wrong, f"Run `termbook fix`, or {mend}",
            Edit(start, len(file.text), wanted))])


def not_nfc(file: File) -> Iterator[Flaw]:
    """A text is in Unicode normal form C."""
    start = 0
    for line in file.text.split("\n"):
        if (normal := unicodedata.normalize("NFC", line)) != line:
            alike = len(os.path.commonprefix([line, normal]))
            word = normal[:alike].split(" ")[-1] + normal[alike:].split(" ")[0]
            yield Flaw(
                start + alike, "not-nfc", "the text is not in Unicode normal form C",
                f'Run `termbook fix`, or retype "{word.strip()}" with composed letters',
                Edit(start, start + len(line), normal))
        start += len(line) + 1


def schema_of(path: str) -> str:
    """The name of the schema for the file at `path`."""
    return f"{kind_of(path)}.schema.json"


RULES: tuple[Rule, ...] = (
    not_nfc, missing_modeline, trailing_space, final_newline, key_order, line_width,
)


def mended(file: File) -> str:
    """The text of `file` without any flaw; as it was when it cannot be parsed."""
    before = None
    while before != file.text:
        before = file.text
        for rule in RULES:
            file = _mended(file, rule)
    return file.text


def _mended(file: File, rule: Rule) -> File:
    while edits := _apart([flaw.edit for flaw in rule(file)]):
        after = edited(file.text, edits)
        if not same(file.text, after):
            break
        file = file._replace(text=after)
    return file


def same(before: str, after: str) -> bool:
    """Whether two texts hold the same data; not when there is none."""
    data = _parsed(before)
    return data is not None and data == _parsed(after)


def _harmless(file: File, flaws: Iterable[Flaw]) -> Iterator[Flaw]:
    """Those whose edits keep the data; of very many only the first, for each is parsed."""
    for flaw in islice(flaws, MOST):
        if same(file.text, edited(file.text, [flaw.edit])):
            yield flaw


def _apart(edits: list[Edit]) -> list[Edit]:
    """`edits` but for those that overlap an earlier one."""
    chosen: list[Edit] = []
    for edit in sorted(edits):
        if not chosen or edit.start >= chosen[-1].end:
            chosen.append(edit)
    return chosen


def _parsed(text: str, marks: Marks | None = None) -> Any:
    try:
        return parse(text, marks)
    except Malformed:
        return None


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _idle_spaces(text: str) -> list[Edit]:
    """The deletions of spaces at line ends; texts after `|` or `>` keep theirs if they say any."""
    if not text.endswith(_IDLE) and not any(
        idle[-1] in text and f"{idle}\n" in text for idle in _IDLE
    ):
        return []  # as a rule; the search takes longer
    found = [Edit(*match.span(), "") for match in re.finditer(r"[ \t]+(?=\r?(?:\n|\Z))", text)]
    if found and not same(text, edited(text, found)):
        marks: Marks = {}
        _parsed(text, marks)
        blocks = [mark for mark in marks.values() if mark.style in ("|", ">")]
        found = [one for one in found
                 if not any(block.start < one.start < block.end for block in blocks)]
    return found if found and same(text, edited(text, found)) else []


def _mappings(
    kind: Any, data: dict[str, Any] | list[Any], keys: KeyPath
) -> Iterator[tuple[KeyPath, list[str], list[str]]]:
    """Every mapping that the model knows: its key path, its keys as written, and the model's."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            if isinstance(item, dict | list):
                yield from _mappings(kind, item, (*keys, index))
        return
    if get_origin(kind) is dict:
        fields = dict.fromkeys(data, get_args(kind)[1])
    else:
        fields = next((one for one in _fields_in(kind) if data.keys() <= one.keys()), {})
        if fields:
            yield keys, list(data), list(fields)
    for key, value in data.items():
        if isinstance(value, dict | list):
            yield from _mappings(fields.get(key), value, (*keys, key))


@cache
def _fields_in(kind: Any) -> list[dict[str, Any]]:
    """For each model in a type: its keys, and what type the value of each is of."""
    return [
        {info.alias or name: info.annotation for name, info in model.model_fields.items()}
        for model in models_in(kind)
    ]


def _reordered(
    text: str, marks: Marks, keys: KeyPath, written: list[str], wanted: list[str]
) -> Edit:
    """The edit that brings the entries of a mapping into the order `wanted`, comments with them."""
    starts = [marks[(*keys, key), True].start for key in written]
    ends = [end_of(text, marks, (*keys, key)) for key in written]
    if marks[keys, False].style == "block":
        starts[1:] = [_with_comments(text, start) for start in starts[1:]]
        stops = [*starts[1:], text.find("\n", ends[-1]) + 1 or len(text)]
        ends = [start + len(re.sub(r"(?:\r?\n[ \t]*)+\Z", "", text[start:stop]))
                for start, stop in zip(starts, stops, strict=True)]
    entries = {key: text[start:end] for key, start, end in zip(written, starts, ends, strict=True)}
    gaps = [text[end:start] for end, start in zip(ends, [*starts[1:], ends[-1]], strict=True)]
    new = "".join(entries[key] + gap for key, gap in zip(wanted, gaps, strict=True))
    return Edit(starts[0], ends[-1], new)


def end_of(text: str, marks: Marks, keys: KeyPath) -> int:
    """Where what stands at a key path and below it ends."""
    end = max(mark.end for (at, _), mark in marks.items()
              if at[: len(keys)] == keys and mark.style != "block")
    return len(text[:end].rstrip())


def _with_comments(text: str, start: int) -> int:
    """Where the comment lines right above the key at `start` begin; `start` without any."""
    while line := text.rfind("\n", 0, start) + 1:
        above = text.rfind("\n", 0, line - 1) + 1
        indent = text[line:start]
        if indent.strip(" ") or not text.startswith(f"{indent}#", above):
            break
        start = above + len(indent)
    return start


def _too_wide(text: str, mark: Mark) -> Iterator[tuple[Edit, int]]:
    """For each line of a folded text that is too long: the edit that breaks it, and its length."""
    start = text.find("\n", mark.start) + 1
    lines = text[start : mark.end].split("\n")
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    end = _line_end(text)
    while lines:
        taken, new = 1, lines[:1]
        if len(lines[0].removesuffix("\r")) > WIDTH and lines[0][indent : indent + 1] not in " \t":
            bodies = [line[indent:].removesuffix("\r") for line in lines]
            taken, new = rebroken(bodies, WIDTH - indent)
        old = "\n".join(lines[:taken]).removesuffix("\r")
        if len(new) > 1:
            edit = Edit(start, start + len(old), end.join(" " * indent + line for line in new))
            yield edit, len(lines[0].removesuffix("\r"))
        start += len("\n".join(lines[:taken])) + 1
        del lines[:taken]
