"""The theme around generated pages, rendered once for all that differ only in their words.

A page is rendered with a mark in the place of each value that is its own, and the marks are
filled in for every other page of the same shape. That gives the very bytes the theme would give
as long as its filters change no value: where a name holds `&` or a quotation mark, the theme is
asked for that page itself.
"""

from __future__ import annotations

import copy
import marshal
import os
import re
from collections.abc import Callable
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader
from jinja2.bccache import Bucket
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.theme import Theme
from mkdocs.utils.templates import TemplateContext

from .cache import Cache, digest

# What neither escaping nor the stripping of tags and spaces changes.
_INERT = re.compile(r"[^\s<>&\"']+( [^\s<>&\"']+)*")
_MARK = re.compile(r"termbook:(\w+):")


class Templates(FileSystemLoader):
    """The templates of a theme, whose list leaves out what is hidden, as MkDocs does: to go through
    ten thousand icons takes long.
    """

    def list_templates(self) -> list[str]:
        """Their names, relative to the folder of the theme that they are in."""
        found: set[str] = set()
        for top in self.searchpath:
            for place, folders, files in os.walk(top, followlinks=self.followlinks):
                folders[:] = [one for one in folders if not one.startswith(".")]
                folder = "" if place == top else f"{os.path.relpath(place, top)}/"
                found.update(f"{folder}{one}".replace(os.sep, "/") for one in files)
        return sorted(found)


class CompiledTemplates(BytecodeCache):
    """The code of templates that were compiled before, in the same `surroundings`, and kept."""

    def __init__(self, kept: Cache, surroundings: str) -> None:
        self._kept, self._key = kept, digest("templates", version("jinja2"), surroundings)
        value = kept.find(self._key)
        self._known: dict[str, bytes] = marshal.loads(value) if value else {}
        self._is_kept = True

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket of a template its code, if it is known."""
        if code := self._known.get(f"{bucket.key} {bucket.checksum}"):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Take over the code of a template from its bucket."""
        self._known[f"{bucket.key} {bucket.checksum}"] = bucket.bytecode_to_string()
        self._is_kept = False

    def keep(self) -> None:
        """Have all code kept when the cache is written next."""
        if not self._is_kept:
            self._kept.keep({self._key: marshal.dumps(self._known)})


def share_environment(theme: Theme, compiled: CompiledTemplates | None) -> None:
    """Have all that render templates of `theme` do it in one environment, where each is compiled
    once; usually each plugin makes its own.
    """
    made = theme.get_env()
    made.bytecode_cache = compiled
    made.loader = Templates(theme.dirs)
    made.trim_blocks = made.lstrip_blocks = True
    theme.get_env = lambda: made  # type: ignore[method-assign]


class Frames:
    """Renders whole generated pages by `main.html` of `theme`.

    `finish` gets the HTML of a page, its name and its base address, and gives it as it is
    published; it is applied once to each frame.
    """

    def __init__(self, theme: Environment, finish: Callable[[str, str, str], str]) -> None:
        self._main = theme.get_template("main.html")
        self._item = theme.get_template("partials/toc-item.html")
        self._finish = finish
        self._frames: dict[tuple[object, ...], list[str]] = {}
        self._items: dict[tuple[str, str], str] = {}

    def page(self, context: TemplateContext) -> str:
        """The HTML of the page that `context` is for, with its policy."""
        page: Any = context["page"]
        names = [one.title for one in (page, page.previous_page, page.next_page) if one]
        if "<h1" not in page.content or not all(map(_INERT.fullmatch, names)):
            return self._finish(self._main.render(context), page.file.src_uri, context["base_url"])
        values = self._values(page, context)
        settings = tuple(tuple(page.meta.get(key, ())) for key in ("hide", "scripts"))
        shape = (context["base_url"], _folder(page), *settings, *map(bool, values.values()))
        if shape not in self._frames:
            self._frames[shape] = self._frame(page, context)
        # Text and the names of marks stand in turn.
        return "".join(
            values[part] if at % 2 else part for at, part in enumerate(self._frames[shape])
        )

    def _values(self, page: Page, context: Any) -> dict[str, str]:
        """What is a page's own, by the name of its mark; empty for what it has not."""
        top = page.toc.items[0] if page.toc.items else None
        before, after = page.previous_page, page.next_page
        return {
            "title": str(page.title), "description": page.meta.get("description", ""),
            "canonical": page.canonical_url or "", "edit": page.edit_url or "",
            "before": before.file.name if before else "",
            "before_title": str(before.title) if before else "",
            "after": after.file.name if after else "",
            "after_title": str(after.title) if after else "",
            "data": context["json_ld"], "about": context["about"],
            "top": top.id if top else "",
            "toc": "".join(map(self._toc_item, top.children)) if top else "",
            "body": page.content or "",
        }

    def _toc_item(self, item: AnchorLink) -> str:
        """The item of the table of contents; most sections have the same name on every page."""
        if item.children:
            return self._item.render(toc_item=item)
        known = (item.id, item.title)
        if known not in self._items:
            self._items[known] = self._item.render(toc_item=item)
        return self._items[known]

    def _frame(self, page: Page, context: TemplateContext) -> list[str]:
        """The page with marks in it, cut at the marks: text, name, text, name … text."""
        item = AnchorLink(_mark("item"), _mark("item"), 2)
        stub: Any = copy.copy(page)
        stub.title, stub.content = _mark("title"), f"<h1>{_mark('body')}"
        stub.meta = dict(page.meta)
        if page.meta.get("description"):  # else the theme says what the site is
            stub.meta["description"] = _mark("description")
        stub.canonical_url = _mark("canonical") if page.canonical_url else None
        stub.edit_url = _mark("edit") if page.edit_url else None
        stub.previous_page = _neighbour(page.previous_page, "before")
        stub.next_page = _neighbour(page.next_page, "after")
        top = AnchorLink("", _mark("top"), 1)
        top.children = [item] if page.toc.items and page.toc.items[0].children else []
        stub.toc = TableOfContents([top] if page.toc.items else [])
        own: Any = {
            "page": stub, "about": _mark("about"),
            "json_ld": _mark("data") if context["json_ld"] else "",  # type: ignore[typeddict-item]
        }
        html = self._main.render({**context, **own})
        html = self._finish(html, page.file.src_uri, context["base_url"])
        html = html.replace(self._item.render(toc_item=item), _mark("toc"))
        return _MARK.split(html.replace(stub.content, _mark("body")))


def _mark(name: str) -> str:
    return f"termbook:{name}:"


def _folder(page: Page) -> str:
    """The folder of a page's address; from all pages of one, relative links are alike."""
    return page.file.src_uri.rpartition("/")[0]


def _neighbour(page: Page | None, name: str) -> SimpleNamespace | None:
    """A page of the same folder with marks in its address and its title."""
    if page is None:
        return None
    head, _, tail = page.url.rpartition(page.file.name)
    return SimpleNamespace(url=head + _mark(name) + tail, title=_mark(f"{name}_title"))
