"""An Atom feed (RFC 4287) of new and changed terms."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import UTC, datetime

from ..book import Book
from ..links import page_path
from .history import Change

ATOM = "http://www.w3.org/2005/Atom"
LENGTH = 50


def feed(book: Book, changes: Mapping[str, Change], title: str, site_url: str) -> str:
    """The feed of the LENGTH terms changed last, newest first; `site_url` ends with a slash."""
    dated = [(changes[book.paths[term_id]], term) for term_id, term in book.terms.items()
             if book.paths[term_id] in changes]
    dated.sort(key=lambda pair: (-pair[0].updated, pair[1].id))
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    _add(root, "title", title)
    _add(root, "id", site_url)
    _add(root, "updated", _date(dated[0][0].updated if dated else 0))
    _add(ET.SubElement(root, f"{{{ATOM}}}author"), "name", title)
    _link(root, site_url, "alternate")
    _link(root, f"{site_url}feed.xml", "self")
    for change, term in dated[:LENGTH]:
        entry = ET.SubElement(root, f"{{{ATOM}}}entry")
        url = site_url + page_path(term).removesuffix(".md") + "/"
        _add(entry, "title", term.label)
        _add(entry, "id", url)
        _add(entry, "published", _date(change.created))
        _add(entry, "updated", _date(change.updated))
        _add(entry, "summary", term.definition)
        _link(entry, url, "alternate")
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _link(parent: ET.Element, href: str, rel: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"href": href, "rel": rel})


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
