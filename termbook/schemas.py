"""JSON Schemas of the content, generated from the model for editors.

Editors read them through the modeline `# yaml-language-server: $schema=…` of each file.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from .book import Book
from .guide import Guide
from .model import (
    ID_PATTERN,
    AnyEntry,
    Debate,
    Exam,
    Moved,
    Scenario,
    Settings,
    Source,
    Task,
    Term,
)
from .study.question import Question

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDS_FILE = "ids.schema.json"
IDS_PATH = f"schemas/{IDS_FILE}"
MODELINE = "# yaml-language-server: "

# Schema → what a file of that kind holds; below, the folder or the file that it is for.
FILES: dict[str, Any] = {
    "term": Term | Moved,
    "scenario": Scenario | Moved,
    "debate": Debate | Moved,
    "exam": Exam,
    "termbook": Settings,
    "guide": Guide,
    "question": Question,
    "sources": dict[str, Source | Moved],
}

PLACES = {
    "glossary/": "term",
    "scenarios/": "scenario",
    "debates/": "debate",
    "study/questions/": "question",
    "study/exam.yml": "exam",
    "termbook.yml": "termbook",
    "guide.yml": "guide",
    "sources.yml": "sources",
}


@lru_cache(maxsize=2**14)
def kind_of(path: str) -> str | None:
    """The schema for the file at `path`; None for a file that is no content."""
    return PLACES.get(path) or PLACES.get(posixpath.dirname(path) + "/")


def modeline(path: str) -> str:
    """The line by which the content file at `path` names its schema to an editor."""
    schema = posixpath.relpath(f"schemas/{kind_of(path)}.schema.json", posixpath.dirname(path))
    return f"{MODELINE}$schema={schema}"


def schemas() -> dict[str, str]:
    """File name → text of every schema in `schemas/` that the model alone decides."""
    return {f"{name}.schema.json": _text(name, kind) for name, kind in FILES.items()}


def ids_schema(book: Book) -> str:
    """The text of `schemas/ids.schema.json`: the ids that there are, for editors to offer.

    One line an id, so that two branches that add ids merge; a snippet forbids no other id.
    """
    known: dict[str, Mapping[str, AnyEntry | Task]] = {
        "term": book.terms, "scenario": book.scenarios, "debate": book.debates,
        "source": book.sources, "task": book.tasks,
    }
    kinds = ",\n".join(
        f'    "{kind}": {_snippets(records)}' for kind, records in known.items()
    )
    return f'{{\n  "$schema": "{DIALECT}",\n  "$defs": {{\n{kinds}\n  }}\n}}\n'


def _snippets(records: Mapping[str, AnyEntry | Task]) -> str:
    snippets = (
        json.dumps({"label": one, "description": record.label, "body": one}, ensure_ascii=False)
        for one, record in sorted(records.items())
    )
    lines = ",\n".join(f"      {snippet}" for snippet in snippets)
    return f'{{"defaultSnippets": [\n{lines}\n    ]}}'


def record_schema(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a kind of record as the model says it, for whoever fills in a record.

    The id is no key of it; a key that may be missing is never null or empty. Beside what JSON
    Schema knows, `refers` names the kinds of records of which a text is the id.
    """
    schema: dict[str, Any] = _plain(TypeAdapter(kind).json_schema(by_alias=True))
    return schema


def example(given: Any) -> str:
    """What a key holds in an example, on one line of YAML."""
    if isinstance(given, list):
        return f"[{', '.join(given)}]"
    if isinstance(given, dict):
        return f"{{{', '.join(f'{key}: {text}' for key, text in given.items())}}}"
    return str(given).lower() if isinstance(given, bool) else str(given)


def _text(name: str, kind: type[BaseModel]) -> str:
    schema = _for_editors(record_schema(kind))
    if name == "sources":
        schema["propertyNames"] = {"pattern": ID_PATTERN}
    return _json(schema)


def _json(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"


def _plain(part: Any) -> Any:
    """A part of a schema as pydantic makes it, without what helps nobody who fills in a record.

    The id is the file name; a title repeats its key; a key that may be missing is never null or
    empty, or editors would fill that in.
    """
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    part = {key: _plain(value) for key, value in part.items()}
    choices = part.get("anyOf", [])
    if {"type": "null"} in choices:
        (said,) = (one for one in choices if one != {"type": "null"})
        part = {**said, **{key: value for key, value in part.items() if key != "anyOf"}}
    if part.get("default", "") in (None, [], {}):
        del part["default"]
    if isinstance(keys := part.get("properties"), dict):
        keys.pop("@id", None)
        if "required" in part:
            part["required"] = [key for key in part["required"] if key != "@id"]
        for value in keys.values():
            value.pop("title", None)
    return part


def _for_editors(part: Any) -> Any:
    """A part of a schema as editors take it best.

    `at: 12` is text to us, and a number to them. An id may be a new one, so those known are only
    offered. They would fill in an example, so it is told with what the key is for.
    """
    if isinstance(part, list):
        return [_for_editors(one) for one in part]
    if not isinstance(part, dict):
        return part
    part = {key: _for_editors(value) for key, value in part.items()}
    if part.get("type") == "string" and not part.keys() & {"pattern", "enum", "const"}:
        part["type"] = ["string", "number"]
    if kinds := part.pop("refers", None):
        part["anyOf"] = [{"$ref": f"{IDS_FILE}#/$defs/{kind}"} for kind in kinds]
    if isinstance(keys := part.get("properties"), dict):
        for value in keys.values():
            if given := value.pop("examples", None):
                value["description"] += f" Example: {example(given[0])}"
    return part
