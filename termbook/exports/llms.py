"""`llms.txt`: the site in one plain Markdown list, for language models (llmstxt.org)."""

from __future__ import annotations

from collections.abc import Mapping

from ..book import Book
from ..links import page_path, preview
from ..model import AnyEntry


def llms(book: Book, title: str, description: str, site_url: str) -> str:
    """The title, a summary, and every entry with its address and what it says in short."""
    sections: dict[str, Mapping[str, AnyEntry]] = {
        "Terms": book.terms, "Scenarios": book.scenarios, "Debates": book.debates,
        "Sources": book.sources,
    }
    parts = [f"# {title}", f"> {description}"]
    for heading, entries in sections.items():
        if entries:
            lines = "\n".join(_line(entry, site_url) for entry in entries.values())
            parts.append(f"## {heading}\n\n{lines}")
    return "\n\n".join(parts) + "\n"


def _line(entry: AnyEntry, site_url: str) -> str:
    return f"- [{entry.label}]({site_url}{page_path(entry).removesuffix('.md')}/): {preview(entry)}"
