"""Records written as YAML, with comments on the keys that are left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from ..checks import DOTS
from ..folding import filled
from ..guarded_yaml import is_plain
from ..layout import WIDTH, File, mended
from ..misfits import models_in
from ..model import Markdown, Record, Refers, marked_fields

HELP = '## To use a key that stands after "# ", take the "# " away. Delete what you do not need.'
MARGIN = 8  # what is kept free for the indentation of a list on one line


class Field(NamedTuple):
    """A key of a record, what the model says about it, and all parts of its type."""

    key: str
    info: FieldInfo
    marker: Refers | Markdown | None
    parts: tuple[Any, ...]

    @property
    def models(self) -> list[type[BaseModel]]:
        """The record types that it holds; none for texts."""
        return list(models_in(self.info.annotation))

    @property
    def many(self) -> bool:
        """Whether it holds a list."""
        return any(get_origin(part) is tuple for part in self.parts)

    @property
    def limits(self) -> list[StringConstraints]:
        """What its text must keep to."""
        return [part for part in self.parts if isinstance(part, StringConstraints)]

    @property
    def prose(self) -> bool:
        """Whether it holds sentences rather than a name or an id."""
        return isinstance(self.marker, Markdown) or any(one.max_length for one in self.limits)


Leaf = Callable[[Field], str]


def fields(model: type[BaseModel]) -> list[Field]:
    """The keys of a record, in the order of the reference."""
    assert issubclass(model, Record)
    return [
        Field(key, info, marker, tuple(_parts((info.annotation, *info.metadata))))
        for name, key, marker in marked_fields(model) for info in [model.model_fields[name]]
    ]


def _parts(kinds: Iterable[Any]) -> Iterator[Any]:
    for kind in kinds:
        yield kind
        yield from _parts(get_args(kind))


def value(field: Field, leaf: Leaf) -> Any:
    """Something that a key can hold: each text is what `leaf` gives for its key."""
    one: Any = leaf(field)
    if field.models:
        inner = fields(field.models[0])
        one = {part.key: value(part, leaf) for part in inner if part.info.is_required()}
    return [one] if field.many else one


def sample(field: Field) -> str:
    """A text of the kind that a key holds."""
    for part in field.parts:
        if get_origin(part) is Literal:
            return str(get_args(part)[0])
    if isinstance(field.marker, Refers):
        return f"id-of-a-{field.marker.kinds[0]}"
    pattern = "".join(one.pattern for one in field.limits if isinstance(one.pattern, str))
    if pattern:
        return "https://example.org/" if "http" in pattern else (
            "2026-01-31" if r"\d{4}" in pattern else "an-id")
    return "false" if bool in field.parts else "2026" if int in field.parts else DOTS


def record_yaml(path: str, model: type[BaseModel], data: Mapping[str, Any], comments: bool) -> str:
    """`data` as YAML for the file at `path`, with the keys of `model` in their order.

    With comments, each optional key that is left out stands in one that says what it holds.
    """
    lines = _mapping(model, data, comments)
    return mended(File(path, "".join(f"{line}\n" for line in lines)))


def _mapping(model: type[BaseModel], data: Mapping[str, Any], comments: bool = False) -> list[str]:
    lines = [HELP] if comments else []
    for field in fields(model):
        if field.key in data:
            lines += _entry(field, data[field.key])
        elif comments:
            lines += [f"## {line}" for line in filled(field.info.description or "", WIDTH - 3)]
            lines += [f"# {line}" for line in _entry(field, value(field, sample))]
    return lines


def _entry(field: Field, data: Any) -> list[str]:
    """The lines of one key and what it holds."""
    if isinstance(data, dict):
        return [f"{field.key}:", *_indented(_mapping(field.models[0], data))]
    if not isinstance(data, list):
        return _text(f"{field.key}: ", field, data)
    if not field.models and not field.prose:
        line = f"{field.key}: [{', '.join(_scalar(one, flow=True) for one in data)}]"
        if len(line) <= WIDTH - MARGIN:
            return [line]
    items = (_item(field, one) for one in data)
    return [f"{field.key}:", *_indented(line for item in items for line in item)]


def _item(field: Field, data: Any) -> list[str]:
    if not field.models:
        return _text("- ", field, data)
    head, *tail = _mapping(field.models[0], data)
    return [f"- {head}", *_indented(tail)]


def _indented(lines: Iterator[str] | list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


def _text(head: str, field: Field, text: str) -> list[str]:
    if field.prose:
        style = "|" if field.key == "note" else "|-" if "\n" in text else ">-"
        return [f"{head}{style}", *_indented(text.split("\n"))]
    number = bool in field.parts or int in field.parts
    return [f"{head}{text if number else _scalar(text)}"]


def _scalar(text: str, flow: bool = False) -> str:
    """A text on one line, in quotation marks when it could be taken for something else."""
    if is_plain(text, flow):
        return text
    return "'" + text.replace("'", "''") + "'" if re.search(r'["\\]', text) else f'"{text}"'
