"""Zensical, by the makers of Material: the same pages and settings as plain Material's."""

from __future__ import annotations

from functools import partial

from .material import write_material
from .peer import SITE, Peer, apart, installed_apart

ZENSICAL = Peer(
    "zensical", partial(installed_apart, "zensical"), write_material,
    source="docs/glossary/{}.md",
    build=(apart("zensical"), "build"),
    made=(SITE, ".cache"),
    serve=(apart("zensical"), "serve", "--dev-addr", "127.0.0.1:{port}"),
    search=("search.json", "assets/javascripts/workers/search.*.js"),
)
