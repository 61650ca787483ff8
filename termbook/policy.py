"""The content security policy of a page: what a browser may load, and which scripts it may run.

It is the second wall. Text is cleaned before it reaches a page; a script that slips through all
the same does not run, since only those inline scripts are allowed that the theme itself holds.
The policy stands in a meta tag, so that it holds on any web host and in a folder on a disk.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Set
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from selectolax.lexbor import LexborHTMLParser

CHARSET = '<meta charset="utf-8">'
INLINE = "partials/javascripts/*.html", "partials/icons.html"
_DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "form-action": "'none'",
    "base-uri": "'none'",
}
# Scripts of any other type are data, which no browser runs.
_RUN = {"", "module", "text/javascript", "application/javascript"}


def trusted(theme: Environment, **context: object) -> frozenset[str]:
    """The inline scripts and styles that the theme's own partials hold for a page's context."""
    names = _inline_partials(theme)
    found = (_inline(theme.get_template(name).render(context)) for name in names)
    return frozenset(text for texts in found for _, text in texts)


def _inline_partials(theme: Environment) -> Iterator[str]:
    """Templates of the theme with inline scripts; to list all templates, icons too, takes long."""
    assert isinstance(theme.loader, FileSystemLoader)
    for folder in map(Path, theme.loader.searchpath):
        for pattern in INLINE:
            for path in folder.glob(pattern):
                yield path.relative_to(folder).as_posix()


def with_policy(html: str, allowed: Set[str] = frozenset()) -> str:
    """`html` with a policy that lets those of its inline scripts and styles run that are `allowed`.

    Raises ValueError if it holds others, or does not declare its charset as the theme does: the
    policy goes behind that tag, before the first script.
    """
    head, charset, rest = html.partition(CHARSET)
    if not charset:
        raise ValueError(f"there is no {CHARSET}, behind which the security policy would stand")
    policy = _policy(html, allowed)
    return f'{head}{charset}<meta http-equiv="Content-Security-Policy" content="{policy}">{rest}'


def _policy(html: str, allowed: Set[str]) -> str:
    found = dict.fromkeys(_inline(html))
    if alien := next((text for _, text in found if text not in allowed), None):
        raise ValueError(
            "the security policy lets no inline script or style run but the theme's; move this "
            f"one to a file of its own: {alien.strip()[:60]!r}"
        )
    return "; ".join(
        " ".join([name, value, *(_hash(text) for kind, text in found if kind == name)])
        for name, value in _DIRECTIVES.items()
    )


def _inline(html: str) -> Iterator[tuple[str, str]]:
    """The directive that governs it and the text of each inline script and style in `html`."""
    tree = LexborHTMLParser(html)
    for script in tree.css("script:not([src])"):
        if (script.attributes.get("type") or "").lower() in _RUN:
            yield "script-src", script.text()
    for style in tree.css("style"):
        yield "style-src", style.text()


@lru_cache(maxsize=256)
def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
