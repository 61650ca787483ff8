"""A site whose records hold a hostile text in every field that takes text, built without checks."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

from termbook import plugin
from termbook.load import read
from termbook.model import DEFINITION_LIMIT
from termbook.schemas import schemas

PAYLOADS: list[str] = yaml.safe_load((Path(__file__).parent / "xss.yml").read_text())
COPIED = {
    "glossary": "customer", "scenarios": "ad-funded-platform", "debates": "what-is-a-customer",
    "sources": "scrum-guide-2020",
}
# Text fields that those records may lack.
ALSO: dict[str, dict[str, Any]] = {
    "glossary": {
        "alt_labels": ["x"], "hidden_labels": ["x"], "inflections": ["x"], "note": "x",
        "faq": [{"question": "x", "answer": "x"}],
    },
    "scenarios": {},
    "debates": {"note": "x", "faq": [{"question": "x", "answer": "x"}]},
    "sources": dict.fromkeys(("short", "author", "at", "licence", "length", "note"), "x"),
}
ADDRESSES = [f"{folder}/hostile-{folder}-{n}/" for folder in COPIED for n in range(len(PAYLOADS))]


def add_records(root: Path) -> None:
    """Copy one record of each kind for each payload, and put the payload into all its texts."""
    kept = _words(root)
    shared = yaml.safe_load((root / "sources.yml").read_text(encoding="utf-8"))
    for folder, name in COPIED.items():
        file = root / folder / f"{name}.yml"
        record = yaml.safe_load(file.read_text()) if file.is_file() else shared[name]
        for number, payload in enumerate(PAYLOADS):
            id_ = f"hostile-{folder}-{number}"
            copy = _hostile({**ALSO[folder], **record}, payload, kept)
            if folder == "sources":
                shared[id_] = copy
            else:
                (root / folder / f"{id_}.yml").write_text(_yaml(copy), encoding="utf-8")
    (root / "sources.yml").write_text(_yaml(shared), encoding="utf-8")


def build_unchecked(root: Path, site: Path, patch: pytest.MonkeyPatch) -> None:
    """Build the site of `root` into `site`, though a check would refuse much of it."""
    patch.setattr(plugin, "check", lambda book: iter(()))
    config = load_config(str(root / "mkdocs.yml"), site_dir=str(site), strict=False)
    config.plugins.on_startup(command="build", dirty=False)
    build(config)


def _words(root: Path) -> set[str]:
    """The ids and the values of closed lists, in whose place no other text is read."""
    book = read(root).book
    ids = {*book.entries, *book.tasks, *book.settings.groups}
    return ids.union(*(_enumerated(json.loads(text)) for text in schemas().values()))


def _enumerated(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = schema.get("enum", [])
        return set(map(str, own)).union(*map(_enumerated, schema.values()))
    return set().union(*map(_enumerated, schema)) if isinstance(schema, list) else set()


def _hostile(value: Any, payload: str, kept: set[str], key: str = "", number: Any = None) -> Any:
    number = number or count()
    if isinstance(value, dict):
        return {name: _hostile(one, payload, kept, name, number) for name, one in value.items()}
    if isinstance(value, list):
        return [_hostile(one, payload, kept, key, number) for one in value]
    if not isinstance(value, str) or value in kept:
        return value
    if key == "url":
        return "https://example.org/?" + re.sub(r'[\s<>"]', "", payload)
    if key in ("label", "alt_labels", "hidden_labels", "inflections", "question"):
        return f"{payload} {next(number)}"
    return payload[:DEFINITION_LIMIT]


def _yaml(data: Any) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000)
