"""The addresses that a page of a built site leads to or loads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser

ATTRIBUTES = {"[href]": "href", "[src]": "src", "[poster]": "poster", "object[data]": "data"}
PREVIEWS = {"og:image", "og:image:url", "og:url", "twitter:image", "twitter:image:src"}
SRCSET = re.compile(r"[\s,]*(\S*[^\s,])(?:\s[^,]*)?(?:,|$)")
REFRESH = re.compile(r"\s*[\d.]+\s*[;,]\s*(?:url\s*=)?\s*['\"]?([^'\"]+)", re.IGNORECASE)


def addresses(tree: LexborHTMLParser) -> Iterator[tuple[str, bool]]:
    """Every address in `tree` as written, and whether it has to be one of this site."""
    for selector, name in ATTRIBUTES.items():
        for node in tree.css(selector):
            rel = node.attributes.get("rel") or ""
            yield node.attributes[name] or "", "canonical" in rel.lower().split()
    for node in tree.css("[srcset]"):
        yield from ((url, False) for url in SRCSET.findall(node.attributes["srcset"] or ""))
    for node in tree.css("meta[content]"):
        yield from ((url, False) for url in _meta_addresses(node.attributes))
    for node in tree.css("loc"):
        yield node.text(), True


def _meta_addresses(attributes: Mapping[str, str | None]) -> list[str]:
    content = attributes["content"] or ""
    if (attributes.get("http-equiv") or "").lower() == "refresh":
        return REFRESH.findall(content)
    return [content] if {attributes.get("property"), attributes.get("name")} & PREVIEWS else []
