"""The generated pages outside the navigation: their bodies, made all at once.

MkDocs renders one page after another, each with a parser of its own. Here the bodies of all pages
of records, of letters and of questions share one parser, those made before come from a cache, and
on a machine with several cores the rest is divided.
"""

from __future__ import annotations

import logging
import marshal
import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from importlib.metadata import version
from sys import intern
from typing import Any
from urllib.parse import urlsplit

import markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure import pages
from mkdocs.structure.files import File, Files
from mkdocs.structure.toc import TableOfContents, get_toc

from .cache import Cache, digest, engine
from .links import Linker, PageContext, preview_mark
from .quick_parser import quicken
from .render import FIGURE, PageSource
from .search import sections
from .search_parts import counted
from .workers import SharedWork

# Whatever decides what becomes of Markdown, beside our own code and the settings.
MADE_BY = ("markdown", "mkdocs", "nh3", "pymdown-extensions", "selectolax")
# With more bodies than this, memory counts for more than the time that compressing takes.
MANY = 3000
# Our own search data say what these pages hold.
_NOT_SEARCHED = {"exclude": True}
# How each part of a body begins unless it is compressed.
_PLAIN = (b"{", b"[")
# How many bytes each part of a body takes.
_SIZES = struct.Struct(">4I")


class Body:
    """What a generated page holds inside the theme's frame, and what others learn from it.

    It is kept as bytes, `data`, of which a part is read when it is asked for, as there may be ten
    thousand bodies. It holds as long as its Markdown is the same, of which `key` is a digest, and
    all that it `needs` is so.
    """

    __slots__ = ("data", "key")

    def __init__(self, data: bytes, key: str) -> None:
        self.data, self.key = data, key

    @property
    def identity(self) -> str:
        """A digest of all that decides it."""
        return blake2b(self.key.encode() + self._bytes(3), digest_size=20).hexdigest()

    @staticmethod
    def data_of(
        told: dict[str, Any], shown: dict[str, Any], sections: list[dict[str, str]],
        needs: dict[str, Any], level: int,
    ) -> bytes:
        """The data of those parts, each compressed by zlib at `level`, and not if that is 0."""
        # In the second version what is equal gives the same bytes, wherever it comes from.
        parts = [marshal.dumps(one, 2) for one in (told, shown, sections, needs)]
        if level:
            parts = [zlib.compress(one, level) for one in parts]
        return _SIZES.pack(*map(len, parts)) + b"".join(parts)

    @property
    def told(self) -> dict[str, Any]:
        """What others learn: `title`; `has_figures`, whether it has any; `anchors`, the ids that a
        link may lead to; `links_to_anchors`, by Markdown path the anchors there that this page
        leads to, each with the link as it was written; what the page `says`, as in PageContext; and
        `warnings`, levels and messages for the log.
        """
        return dict(self._part(0))

    @property
    def shown(self) -> dict[str, Any]:
        """Its `html`, and Python-Markdown's `toc_tokens` as `toc`."""
        return dict(self._part(1))

    @property
    def sections(self) -> list[dict[str, str]]:
        """What search knows of the page."""
        return list(self._part(2))

    @property
    def needs(self) -> dict[str, Any]:
        """The `targets` (reference → id), `previews` (id → its mark) and `files` (paths) that it
        was made with.
        """
        return dict(self._part(3))

    def _part(self, number: int) -> Any:
        data = self._bytes(number)
        return marshal.loads(data if data.startswith(_PLAIN) else zlib.decompress(data))

    def _bytes(self, number: int) -> bytes:
        sizes = _SIZES.unpack_from(self.data)
        start = _SIZES.size + sum(sizes[:number])
        return self.data[start : start + sizes[number]]


class GeneratedPage(pages.Page):
    """A page that `source` asks for outside the navigation; it is given its `body` ready-made."""

    body: Body
    says: dict[str, str]
    has_figures: bool

    def __init__(self, file: File, config: MkDocsConfig, source: PageSource) -> None:
        super().__init__(None, file, config)
        self.source, self.entry = source, source.entry

    @property
    def context(self) -> PageContext:
        """What the linker is to know of this page; lists of names show no previews."""
        is_record = self.entry is not None
        return PageContext(self.file.src_uri, self.entry, is_record, is_record)

    def read_source(self, config: MkDocsConfig) -> None:
        """There is none, for the body comes from a macro; the theme's frame comes with it."""
        self.markdown = ""
        self.meta = {
            **self.source.meta,
            "template": "whole.html", "render_macros": False, "search": _NOT_SEARCHED,
        }

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Take over from the body what MkDocs 1.6 finds out in Page.render."""
        self.learn(files)
        self.show()

    def show(self) -> None:
        """Take over what is shown, for as long as it is."""
        shown = self.body.shown
        self.content, self.toc = shown["html"], get_toc(shown["toc"])

    def hide(self) -> None:
        """Give up again what is shown, which takes much memory."""
        self.content, self.toc = None, TableOfContents([])

    def learn(self, files: Files) -> None:
        """Take over what others are to know, the links to other entries among it."""
        told = self.body.told
        self._title_from_render, self.has_figures = told["title"], told["has_figures"]
        # The same names come from many pages, and one sentence may hold two links.
        self.present_anchor_ids = set(map(intern, told["anchors"]))
        self.links_to_anchors = {
            file: links for path, links in told["links_to_anchors"].items()
            if (file := files.src_uris.get(path)) is not None
        }
        self.says = {target: intern(sentence) for target, sentence in told["says"].items()}
        for level, message in told["warnings"]:
            pages.log.log(level, message)


class BodyMaker:
    """Makes the bodies of generated pages: Markdown by `markdown_of`, parsed, then cleaned.

    `clean` gets HTML and gives what of it may be published. With `counts` the words of a page are
    counted for search.
    """

    def __init__(
        self, config: MkDocsConfig, files: Files, linker: Linker,
        markdown_of: Callable[[PageSource], str], clean: Callable[[str], str], counts: bool,
    ) -> None:
        self._config, self._files, self._linker = config, files, linker
        self._markdown_of, self._clean, self._counts = markdown_of, clean, counts
        self._parser = markdown.Markdown(
            extensions=config.markdown_extensions, extension_configs=config.mdx_configs
        )
        quicken(self._parser)
        self._level = 0
        self._known: dict[tuple[str, bool], dict[str, tuple[str, str]]] = defaultdict(dict)
        self._surroundings = digest(
            engine(), *map(version, MADE_BY), str(config.use_directory_urls),
            repr(list(map(_extension, config.markdown_extensions))), repr(config.mdx_configs),
            linker.labels.identity, str(counts),
        )

    def all(self, those: Sequence[GeneratedPage], kept: Cache, workers: int) -> None:
        """Give each page its body, from those made before or by at most `workers` processes.

        What is to be kept of them is not written yet. Raises WorkerDied when one of them is killed.
        """
        self._level = 1 if len(those) > MANY else 0
        keys = [self._key(page, self._markdown_of(page.source)) for page in those if kept.filled]
        known = kept.read(keys)
        left = list(those) if not keys else []
        for page, key in zip(those, keys, strict=bool(keys)):
            if key not in known or not self._take(page, Body(known[key], key)):
                left.append(page)
        kept.keep(self.make(left, workers), known)

    def make(self, those: Sequence[GeneratedPage], workers: int = 1) -> dict[str, bytes]:
        """Give each page a new body; the data of those that may be kept, by their keys.

        Raises WorkerDied as `all` does.
        """
        if workers > 1:  # templates are compiled here, and not again by each process
            for one in {page.source.macro: page.source for page in those}.values():
                self._markdown_of(one)
        new = {}
        # A list of many records takes several times as long as one record.
        lists_first = sorted(those, key=lambda page: page.entry is not None)
        for page, (key, data, is_sound) in SharedWork(self._made, lists_first, workers):
            page.body = Body(data, key)
            if is_sound:
                new[key] = data
        return new

    def _key(self, page: GeneratedPage, text: str) -> str:
        return digest(self._surroundings, page.file.src_uri, _label(page), text)

    def _take(self, page: GeneratedPage, body: Body) -> bool:
        """Give `page` the body that was kept, if all that it was made from is still so."""
        linker, needs = self._linker, body.needs
        linker.page = page.context
        holds = (
            self._files.src_uris.keys() >= set(needs["files"])
            and all((entry := linker.target(one)) and entry.id == id_
                    for one, id_ in needs["targets"].items())
            and linker.shows(needs["previews"])
        )
        if holds:
            page.body = body
        return holds

    def _made(self, page: GeneratedPage) -> tuple[str, bytes, bool]:
        """The key of a page's body, its data, and whether it gave no warning.

        What MkDocs 1.6 does in Page.render, with a parser that is there already.
        """
        self._linker.page = context = page.context
        parser = self._parser.reset()
        # Registering under the same name takes the place of those of the page before.
        raw = _RawAnchors()
        anchors = pages._ExtractAnchorsTreeprocessor(page.file, self._files, self._config)
        links = _Links(page.file, self._files, self._config)
        links.known = self._known[context.folder, page.file.name == "index"]
        for processor in (raw, anchors, links):
            processor._register(parser)
        text = self._markdown_of(page.source)
        held = _Held()
        pages.log.addFilter(held)
        try:
            html = self._clean(parser.convert(text))
        finally:
            pages.log.removeFilter(held)
        toc = list(map(_heading, getattr(parser, "toc_tokens", [])))
        title = toc[0]["name"] if toc else None
        told = {
            "title": title, "has_figures": FIGURE in html, "warnings": held.messages,
            "anchors": sorted(anchors.present_anchor_ids | raw.present_anchor_ids),
            "links_to_anchors": {
                file.src_uri: found for file, found in links.links_to_anchors.items()
            },
            "says": context.says if page.entry else {},
        }
        needs = {
            "targets": context.targets,
            "previews": {one: preview_mark(shown) for one, shown in context.previews_of.items()},
            "files": sorted(links.found),
        }
        data = Body.data_of(
            told, {"html": html, "toc": toc}, self._searched(page, title, html), needs,
            self._level,
        )
        return self._key(page, text), data, not held.messages


    def _searched(
        self, page: GeneratedPage, title: str | None, html: str
    ) -> list[dict[str, str]]:
        """What search knows of a page: all of a record; of a list of records that there is one."""
        if "search" in page.source.meta:
            return []
        found = sections(page.url, page.entry.label if page.entry else title or "",
                         html if page.entry else "")
        if not self._counts:
            return found
        return [{**one, "words": counted(one["title"], one["text"])} for one in found]


class _RawAnchors(pages._RawHTMLPreprocessor):
    """MkDocs' own, which finds anchors in HTML, for the few texts that may hold any."""

    _anchor = re.compile(r"\b(?:id|name)\s*=", re.IGNORECASE)

    def run(self, lines: list[str]) -> list[str]:
        return super().run(lines) if self._anchor.search("\n".join(lines)) else lines


class _Links(pages._RelativePathTreeprocessor):
    """MkDocs' own, which notes the files it `found`, and what is `known` of links to pages.

    A link means the same in all pages of a folder, but for the page that it leads to, and for the
    folder's index, whose address is shorter.
    """

    known: dict[str, tuple[str, str]]

    def __init__(self, file: File, files: Files, config: MkDocsConfig) -> None:
        super().__init__(file, files, config)
        self.found: set[str] = set()

    def path_to_url(self, url: str) -> str:
        """The address for a link as it was written, relative to the page."""
        if url.startswith("#") or "://" in url:
            return super().path_to_url(url)
        if url not in self.known:
            target = self._target_uri(self.file.src_uri, urlsplit(url).path)
            if target not in self.files.src_uris or target == self.file.src_uri:
                return super().path_to_url(url)
            self.found.add(target)
            if not url.endswith(".md"):
                return super().path_to_url(url)
            self.known[url] = target, super().path_to_url(url)
        target, address = self.known[url]
        if target == self.file.src_uri:
            return super().path_to_url(url)
        self.found.add(target)
        return address


class _Held(logging.Filter):
    """Keeps back what is logged while a body is made, to be said when its page is rendered."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[tuple[int, str]] = []

    def filter(self, record: logging.LogRecord) -> bool:
        self.messages.append((record.levelno, record.getMessage()))
        return False


def _label(page: GeneratedPage) -> str:
    return page.entry.label if page.entry else ""


def _heading(token: dict[str, Any]) -> dict[str, Any]:
    return {"level": token["level"], "id": token["id"], "name": token["name"],
            "children": list(map(_heading, token["children"]))}


def _extension(one: str | markdown.Extension) -> str:
    """What stays the same of an extension from one process to the next."""
    return one if isinstance(one, str) else f"{type(one).__qualname__} {one.getConfigs()}"
