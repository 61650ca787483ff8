"""The reference for contributors as Markdown, made from the model, the checks and the macros."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo

from .checks import CHECKS
from .model import Record
from .schemas import FILES, example


def key_reference() -> str:
    """Every key of every kind of file, and what it holds."""
    models = dict.fromkeys(model for kind in FILES.values() for model in _records(kind))
    return "\n\n".join(_section(model) for model in models)


def check_reference() -> str:
    """Every rule that the checks hold a knowledge base to."""
    return "\n".join(f"- {_first_line(rule)}" for rule in CHECKS)


def macro_reference(macros: Iterable[Callable[..., str]]) -> str:
    """Every macro with its arguments, and what it gives."""
    return "\n".join(f"- `{_call(macro)}`: {_first_line(macro)}" for macro in macros)


def _call(macro: Callable[..., str]) -> str:
    arguments = ", ".join(f'"{name}"' for name in inspect.signature(macro).parameters)
    return f"{macro.__name__}({arguments})"


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").split("\n")[0]


def _records(kind: Any) -> Iterator[type[Record]]:
    """The record types in a type, each before those of its own fields."""
    if isinstance(kind, type) and issubclass(kind, Record):
        yield kind
        for info in kind.model_fields.values():
            yield from _records(info.annotation)
    for part in get_args(kind):
        yield from _records(part)


def _section(model: type[Record]) -> str:
    fields = ((info.alias or name, info) for name, info in model.model_fields.items())
    keys = [
        f"- `{key}`{' (required)' if info.is_required() else ''}: {info.description} "
        f"{_sample(key, info)}"
        for key, info in fields if key != "@id"
    ]
    return "\n".join([f"### {model.__name__}", "", _first_line(model), "", *keys])


def _sample(key: str, info: FieldInfo) -> str:
    """An example of a key, or where the keys of the records that it holds are told."""
    if info.examples:
        return f"Example: `{key}: {example(info.examples[0])}`"
    held = next(_records(info.annotation))
    return f"Its keys: [{held.__name__}](#{held.__name__.lower()})"
