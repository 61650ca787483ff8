"""Zensical, by the makers of Material: the same pages and settings as plain Material's."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import yaml
from mkdocs.utils.yaml import yaml_load

from ..corpus import Corpus
from .material import write_material
from .peer import SITE, Peer, apart, installed_apart, write


def write_zensical(corpus: Corpus, folder: Path) -> None:
    """Write what Material gets, its settings in one file: Zensical would join inherited lists."""
    write_material(corpus, folder)
    file = folder / "mkdocs.yml"
    with file.open(encoding="utf-8") as source:
        settings = yaml_load(source)
    write(file, yaml.safe_dump(settings, sort_keys=False))


ZENSICAL = Peer(
    "zensical", partial(installed_apart, "zensical"), write_zensical,
    source="docs/glossary/{}.md",
    build=(apart("zensical"), "build"),
    made=(SITE, ".cache"),
    serve=(apart("zensical"), "serve", "--dev-addr", "127.0.0.1:{port}"),
    search=("search.json", "assets/javascripts/workers/search.*.js"),
)
