"""What the form for a new term in the browser knows: the keys, their limits, and the other terms.

The form's scripts write a file as `termbook new` does, and find in it what `termbook check` would.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from ..book import Book
from ..checks import HOMES
from ..guarded_yaml import HIDDEN, MAX_BYTES
from ..layout import WIDTH, schema_of
from ..model import AnyEntry, Task, Term
from ..schemas import modeline, record_schema

FORM_PATH = "contribute/form.js"
NAMES_PATH = "contribute/names.js"  # loaded once the form is used


def form_script(book: Book, new_term: str) -> str:
    """What the form is drawn from; `new_term` is the address at which GitHub makes a new term.

    A script also loads where a page may not fetch.
    """
    path = f"{Term.folder}/x.yml"
    data = {
        "schema": _schema(book),
        "folder": Term.folder,
        "modeline": modeline(path) if schema_of(path) in book.schemas else "",
        "width": WIDTH,
        "maxBytes": MAX_BYTES,
        "newTerm": new_term,
    }
    return _script("termbookForm", data)


def names_script(book: Book) -> str:
    """What a new term is checked against: all that has a name, and which characters are hidden."""
    return _script("termbookNames", {
        "hidden": {"pattern": HIDDEN.pattern, "names": _hidden_names()},
        "language": book.settings.language,
        "terms": {term.id: _term(term) for term in book.terms.values()},
        "ids": _ids(book),
        "homes": HOMES,
        "paths": {one: path for one, path in book.paths.items() if one not in book.entries},
        "moved": {moved.id: moved.moved_to for moved in book.moved.values()},
    })


def _script(name: str, data: dict[str, Any]) -> str:
    return f"window.{name}={json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n"


def _schema(book: Book) -> dict[str, Any]:
    """The schema of a new term, with the groups that this knowledge base has."""
    schema = record_schema(Term)
    del schema["properties"]["first_id"]  # a term has one once it was renamed
    groups = book.settings.groups
    schema["properties"]["group"]["oneOf"] = [
        {"const": group, "title": label} for group, label in groups.items()
    ]
    if not groups:
        del schema["properties"]["group"]
    return schema


def _term(term: Term) -> dict[str, Any]:
    """How prose may call a term, the label first; how search finds it besides; what it is."""
    return {
        "names": [term.label, *term.alt_labels, *term.inflections],
        "hidden": term.hidden_labels, "definition": term.definition,
    }


def _ids(book: Book) -> dict[str, dict[str, str]]:
    """For each other kind that a key may name, the ids that there are, with their labels."""
    kinds: dict[str, Mapping[str, AnyEntry | Task]] = {
        "scenario": book.scenarios, "debate": book.debates, "source": book.sources,
        "task": book.tasks,
    }
    return {kind: {one: record.label for one, record in records.items()}
            for kind, records in kinds.items()}


def _hidden_names() -> dict[str, str]:
    """The names of the hidden characters that have one."""
    signs = HIDDEN.findall("".join(map(chr, range(0x10000))))
    return {sign: name for sign in signs for name in [unicodedata.name(sign, "")] if name}
