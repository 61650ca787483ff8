"""How many bytes a built site is, and how many of them a reader's browser fetches."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser


def size(site: Path) -> int:
    """Bytes of all files of a site."""
    return sum(path.stat().st_size for path in site.rglob("*") if path.is_file())


def page_weight(site: Path, page: Path) -> int:
    """Compressed bytes of a page with the styles and scripts that its HTML names."""
    return _compressed({page, *_named(site, page)})


def search_weight(site: Path, patterns: Iterable[str]) -> int:
    """Compressed bytes of the files that match; FileNotFoundError for a pattern without any."""
    found: set[Path] = set()
    for pattern in patterns:
        matches = [path for path in site.glob(pattern) if path.is_file()]
        if not matches:
            raise FileNotFoundError(f"the site has no {pattern}")
        found.update(matches)
    return _compressed(found)


def _named(site: Path, page: Path) -> Iterator[Path]:
    tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
    addresses = [node.attributes["href"] for node in tree.css("link[rel=stylesheet][href]")]
    addresses += [node.attributes["src"] for node in tree.css("script[src]")]
    for address in addresses:
        path = urlsplit(address or "").path
        yield (site / path[1:] if path.startswith("/") else page.parent / path).resolve()


def _compressed(files: Iterable[Path]) -> int:
    return sum(len(gzip.compress(file.read_bytes())) for file in files)
