"""What pydantic finds wrong with a record, in words that say how to mend it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from .model import KeyPath, Record
from .problems import did_you_mean

# Letters that do not fall apart into an ASCII letter and a mark.
LETTERS = str.maketrans({"đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i",
                         "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "'": "", "’": ""})


def findings(error: ValidationError) -> Iterator[Any]:
    """Pydantic's findings, without those that mending another one mends.

    A list may be too short only because an entry is unfit, a key missing only because misspelt.
    """
    details = error.errors(include_url=False)
    unfit = {detail["loc"][:end] for detail in details for end in range(len(detail["loc"]))}
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    for one in details:
        beside = [str(loc[-1]) for loc in unknown if loc[:-1] == one["loc"][:-1]]
        key = str(one["loc"][-1])
        misspelt = one["type"] == "missing" and get_close_matches(key, beside, cutoff=0.72)
        if not misspelt and not (one["type"] == "too_short" and one["loc"] in unfit):
            yield one


def explain(model: type[Record], loc: KeyPath, detail: Any) -> tuple[str, str, str]:
    """Code, message and hint for one of pydantic's findings."""
    # Pydantic marks an unfit key of a mapping, such as a group's id, by another part "[key]".
    named = loc[:-2] if loc[-1] == "[key]" else loc
    name = next((part for part in reversed(named) if isinstance(part, str)), "")
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys(_model_at(model, loc[:-1]))
        return ("unknown-key", f'"{name}" is not a key here',
                did_you_mean(name, known, f"Keys here are: {', '.join(known)}"))
    if kind == "missing":
        return "missing-key", f'the key "{name}" is missing', f'Add a line "{name}: …"'
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        return ("unknown-value", f'"{detail["input"]}" is not a value of "{name}"',
                did_you_mean(str(detail["input"]), allowed, f"Use one of: {', '.join(allowed)}"))
    if kind == "string_too_long":
        limit, length = context["max_length"], len(detail["input"].strip())
        return (f"{name}-too-long", f'"{name}" has {length} characters; {limit} are allowed',
                "Say less here and move the rest to the note")
    if kind == "too_short" and context["min_length"] > 1:
        return ("too-few", f'"{name}" has {context["actual_length"]} of at least '
                f'{context["min_length"]} entries', "Add what is missing")
    if kind in ("string_too_short", "too_short") or detail["input"] == "":
        return ("empty", f"{_subject(name, loc)} is empty",
                "Write it, or remove it if it is optional")
    if kind == "string_pattern_mismatch":
        return _pattern(name, detail)
    return ("wrong-type", f"{_subject(name, loc)} must be {_wanted(kind)}",
            _type_hint(kind, name, detail["input"], _keys(_model_at(model, loc))))


def as_id(text: str) -> str:
    """The id nearest to `text`."""
    text = text.translate(LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", "-", bare.casefold()).strip("-") or "name"
    return words if words[0].isalpha() else f"the-{words}"


def _subject(name: str, loc: KeyPath) -> str:
    return f'entry {loc[-1] + 1} of "{name}"' if isinstance(loc[-1], int) else f'"{name}"'


def _pattern(name: str, detail: Any) -> tuple[str, str, str]:
    bad = detail["input"]
    if "https" in detail["ctx"]["pattern"]:
        return "bad-url", f'"{bad}" is not a web address', "Begin it with https://"
    if "d{4}" in detail["ctx"]["pattern"]:
        return ("bad-date", f'"{bad}" is not a date',
                "Write year, month and day, such as 2026-01-31")
    return ("bad-id", f'"{bad}" in "{name}" is not an id',
            f'Write the id, such as "{as_id(bad)}": lower-case letters, digits and hyphens')


def _wanted(kind: str) -> str:
    return {
        "string_type": "a text", "bool_type": "true or false", "int_type": "a whole number",
        "tuple_type": "a list", "dict_type": "a mapping", "model_type": "a group of keys",
        "model_attributes_type": "a group of keys",
    }.get(kind, "of another type")


def _type_hint(kind: str, name: str, given: object, keys: list[str]) -> str:
    if kind == "tuple_type" and keys:
        return f'Begin each entry with a hyphen and write its keys below: {", ".join(keys)}'
    if kind == "tuple_type" and re.fullmatch(r"[\w .-]+", str(given)):
        return f"Write {name}: [{given}]"
    if kind == "tuple_type":
        return "Write each entry on a line of its own that begins with a hyphen and a space"
    if kind == "string_type" and isinstance(given, dict):
        return 'Put a text that contains ": " in quotes, or write it after ">-"'
    if kind == "string_type" and isinstance(given, list):
        return "Write one text, without [ ] and without a leading hyphen"
    if kind == "bool_type":
        return f'Write "{name}: true" or "{name}: false"'
    if kind == "int_type":
        return "Write digits only"
    return f"Write its keys below it, indented by two spaces: {', '.join(keys) or 'an id each'}"


def _keys(model: type[BaseModel] | None) -> list[str]:
    names = (info.alias or name for name, info in model.model_fields.items()) if model else ()
    return [name for name in names if name != "@id"]


def _model_at(model: Any, loc: KeyPath) -> Any:
    """The model class that stands at a key path below `model`; None for a plain value."""
    for part in loc:
        if isinstance(part, str) and model:
            fields = {info.alias or name: info for name, info in model.model_fields.items()}
            model = next(models_in(fields[part].annotation), None) if part in fields else None
    return model


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type, without those of their own fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)
