"""The MkDocs plugin: a thin adapter between MkDocs' events and the engine.

On each build it loads and checks the Book, adds a virtual page for every record, resolves links
through Python-Markdown, cleans the HTML of generated pages and adds what needs the whole site.
"""

from __future__ import annotations

import json
import logging
import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import nh3
from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup, escape
from mkdocs.commands import build as mkdocs
from mkdocs.config import load_config
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink
from mkdocs.utils import get_relative_url, is_error_template, write_file
from mkdocs.utils.templates import TemplateContext

from .apart import FilesApart, others_want_pages
from .book import Book
from .cache import CACHE, Cache, digest
from .checks import check
from .exports.history import history
from .exports.linked_data import defined_term, defined_term_set
from .exports.site import SiteFacts, downloads, site_files
from .finished import FinishedPages
from .frame import CompiledTemplates, Frames, share_environment
from .generated_page import MANY, Body, BodyMaker, GeneratedPage
from .github import is_github, issue_form, new_file
from .late import load_late
from .links import Linker, LinkExtension, PageContext, page_path, preview
from .load import (
    DOCS_FOLDER,
    EXAM_FILE,
    LINK_STATUS_FILE,
    SETTINGS_FILE,
    SOURCES_FILE,
    Memory,
    load,
    read,
)
from .model import AnyEntry, Moved, Source, Term
from .policy import trusted, with_policy
from .problems import BookError, Problem, as_text, errors
from .prose import plain
from .render import FIGURE, TEMPLATES, PageSource, Renderer
from .search import search_data, search_script, sections
from .search_parts import search_parts
from .slim import Used, shortened, slimmed
from .workers import SharedWork, WorkerDied

log = logging.getLogger("mkdocs.plugins.termbook")

CONTENT = (
    "glossary", "scenarios", "debates", "study/questions", SOURCES_FILE, EXAM_FILE, SETTINGS_FILE,
    LINK_STATUS_FILE,
)
# What macros make, on whatever page they are called, and the script that it needs.
SCRIPTS = {
    'class="guide"': "assets/guide.js", 'class="group-filter"': "assets/group-filter.js",
}
# What partials/about.html and its parts read.
ABOUT = ("entry", "used_in", "changed", "suggestion", "page", "config", "build_date_utc")
# Generated pages without a record whose text says what no other page says.
READ_WHOLE = {"index.md", "questions.md"}
# What TeX takes for more than a sign of a text.
_TEX = str.maketrans({sign: f"\\{sign}" for sign in "&%$#_{}"})
_FIGURE = re.compile(rf'{FIGURE}([^"]*)">\s*</div>')
_CLASSED = {"class", "id", "title", "lang", "hidden"}
_CLEANER = nh3.Cleaner(
    tags=nh3.ALLOWED_TAGS | {"details", "summary", "input", "label", "section", "figure"},
    attributes={
        **{tag: _CLASSED for tag in nh3.ALLOWED_TAGS | {"details", "summary", "label", "section"}},
        "a": _CLASSED | {"href"},
        "details": _CLASSED | {"open"},
        "div": _CLASSED | {"data-tabs", "data-figure"},
        "span": _CLASSED | {"data-group"},
        "input": {"checked", "id", "name"},
        "label": _CLASSED | {"for"},
    },
    tag_attribute_values={"input": {"type": {"radio"}}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


class Superseded(Exception):
    """The site that is being made is out of date already."""


class Options(Config):
    """The plugin takes no options: a knowledge base describes itself in termbook.yml."""


class _Finished(NamedTuple):
    """The site built last: what a page of it can be made with again."""

    config: MkDocsConfig
    files: Files
    nav: Navigation
    env: Environment
    book: Book
    sources: dict[str, PageSource]
    pages: dict[str, Page]
    used_in: dict[str, dict[str, str]]
    frames: Frames
    about: Template


class _Written(NamedTuple):
    """What is to be known of a page that was written: a digest of all that decides it, and what it
    uses of the styles.
    """

    key: str
    used: Used


class TermbookPlugin(BasePlugin[Options]):
    """Adapts a Book to MkDocs; `renderer` is there for macros.py once `on_config` has run.

    `checked`, when given before, is built instead of what the files hold, by `workers` processes;
    `kept` holds what was made before, by default in `CACHE` beside mkdocs.yml, and `finished` whole
    pages. While serving, `is_superseded` tells whether the build has become pointless; it then
    raises Superseded.
    """

    renderer: Renderer
    linker: Linker
    checked: Book | None
    workers: int
    kept: Cache | None
    finished: FinishedPages | None
    is_superseded: Callable[[], bool]

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Begin anew, as MkDocs uses one plugin for all builds of a process; the live server, which
        outlives a broken Book, is told from a build.
        """
        self.checked, self.workers, self.kept, self.finished = None, 1, None, None
        self.is_superseded = lambda: False
        self._serving = command == "serve"
        self._problems: tuple[Problem, ...] = ()
        self._last_good: Book | None = None
        self._memory: Memory = {}
        self._finished: _Finished | None = None
        self._writing: SharedWork[GeneratedPage, _Written] | None = None

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Load and check the Book before macros need it and before the site is emptied.

        Raises PluginError with every problem; while serving, keeps the last good Book instead.
        """
        root = Path(config.config_file_path).parent
        try:
            book = self.checked or load(root, check, self._memory)
            self._last_good, self._problems = book, ()
        except BookError as error:
            if not self._serving or self._last_good is None:
                raise PluginError(f"the knowledge base has problems\n{error}") from None
            log.error("The last good version stays until this is mended:\n%s", error)
            book, self._problems = self._last_good, error.problems
        self._cache = self.kept or Cache(root / CACHE, log.info)
        self._compiled = None if self.finished is None else CompiledTemplates(
            self._cache, self.finished.surroundings
        )
        self.renderer, self.linker = Renderer(book, self._compiled), Linker(book)
        self._changes = history(root)
        extensions: list[Any] = config.markdown_extensions
        extensions[:] = [one for one in extensions if not isinstance(one, LinkExtension)]
        extensions.append(LinkExtension(lambda: self.linker))
        if not config.repo_url:
            config.edit_uri = None
        watch(config, root)
        share_environment(config.theme, self._compiled)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add a virtual page for every record and index that no hand-written page replaces."""
        self._sources: dict[str, PageSource] = {}
        self._used_in: dict[str, dict[str, str]] = defaultdict(dict)
        self._found: list[dict[str, str]] = []
        self._bodies: list[Body] = []
        self._pages: dict[str, Page] = {}
        self._apart: list[GeneratedPage] = []
        for file in files.documentation_pages():
            if config.edit_uri:
                file.edit_uri = f"{DOCS_FOLDER}/{file.src_uri}"
        for source in self.renderer.page_sources():
            if files.get_file_from_path(source.path) is None:
                self._sources[source.path] = source
                files.append(self._virtual_page(source, config))
        for moved in self.renderer.book.moved.values():
            files.append(self._redirect(moved, config))
        book, bank = self.renderer.book, self.renderer.bank
        for path, content in downloads(book, self._changes, _facts(config), bank).items():
            files.append(File.generated(config, path, content=content))
        return FilesApart(files)

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Make the bodies of the generated pages outside the navigation, all at once."""
        in_nav = {page.file.src_uri for page in nav.pages}
        pages = [
            GeneratedPage(files.src_uris[path], config, source)
            for path, source in self._sources.items() if source.arguments and path not in in_nav
        ]
        try:
            self._maker(config, files).all(pages, self._cache, self.workers)
        except WorkerDied as error:
            path = error.item.file.src_uri
            raise PluginError(f"the process that was making {path} died") from None
        self._give_up_if_superseded()
        self._nav = nav
        if isinstance(files, FilesApart) and not others_want_pages(config):
            self._apart = pages
            files.leave_out(page.file.src_uri for page in pages)
        return nav

    def _maker(self, config: MkDocsConfig, files: Files) -> BodyMaker:
        macros: Any = config.plugins["macros"]
        return BodyMaker(
            config, files, self.linker,
            lambda source: str(macros.macros[source.macro](*source.arguments)), _CLEANER.clean,
            self._in_parts,
        )

    @property
    def _in_parts(self) -> bool:
        """Whether search loads its data in parts."""
        book = self.renderer.book
        return len(book.terms) > book.settings.search_parts_beyond

    def _give_up_if_superseded(self) -> None:
        if self.is_superseded():
            self._cache.write()
            raise Superseded

    def _with_figures(self, html: str, page: Page, config: MkDocsConfig) -> str:
        """A page's HTML with our own figures, which need no cleaning, in their places."""
        return _FIGURE.sub(lambda match: self._draw(match[1], page, config), html)

    def _virtual_page(self, source: PageSource, config: MkDocsConfig) -> File:
        inclusion = InclusionLevel.NOT_IN_NAV if source.arguments else InclusionLevel.UNDEFINED
        file = File.generated(config, source.path, content=source.markdown, inclusion=inclusion)
        if source.entry:
            path = self.renderer.book.paths[source.entry.id]
            file.edit_uri = path if config.edit_uri else None
            file.abs_src_path = str(Path(config.config_file_path).parent / path)
        return file

    def _redirect(self, moved: Moved, config: MkDocsConfig) -> File:
        """The page left under a published id; a script keeps the fragment of the address."""
        entry = self.renderer.book.entries[moved.moved_to]
        path = self.renderer.book.paths[moved.id]
        in_sources = path == SOURCES_FILE
        old = f"{Source.folder}/{moved.id}" if in_sources else posixpath.splitext(path)[0]
        up = "../" * (old.count("/") + 1)
        target = f"{up}{page_path(entry).removesuffix('.md')}/"
        environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
        html = environment.get_template("redirect.html.jinja").render(
            entry=entry, target=target, up=up, language=self.renderer.book.settings.language,
            canonical=config.site_url and posixpath.join(config.site_url, target.lstrip("./")),
        )
        return File.generated(config, f"{old}/index.html", content=with_policy(html))

    @event_priority(100)
    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Note whose page is about to be rendered, and describe it."""
        entry = self._describe(page)
        if isinstance(page, GeneratedPage):
            return markdown
        source = self._sources.get(page.file.src_uri)
        index = source is not None and source.entry is None
        auto = page.meta.get("auto_link", not index)
        self.linker.page = PageContext(page.file.src_uri, entry, bool(auto), not index)
        if source and source.arguments:
            # The page's whole source is one call: making it here spares compiling a template.
            page.meta["render_macros"] = False
            macros: Any = config.plugins["macros"]
            return str(macros.macros[source.macro](*source.arguments))
        return markdown

    def _describe(self, page: Page) -> AnyEntry | None:
        """Have a page tell what it is about; the entry whose page it is."""
        entry = self._entry(page.file.src_uri)
        if description := page.meta.get("description") or (entry and _description(entry)):
            # The theme puts it into an attribute as it is.
            page.meta["description"] = escape(description)
        return entry

    def _entry(self, path: str) -> AnyEntry | None:
        """The entry whose page this is, generated or written by hand."""
        entry = self.renderer.book.entries.get(posixpath.splitext(posixpath.basename(path))[0])
        return entry if entry and page_path(entry) == path else None

    def on_page_content(
        self, html: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Keep what others say of the page, and what search knows of it; clean its HTML."""
        self._pages[page.file.src_uri] = page
        if isinstance(page, GeneratedPage):
            self._learn(page)
            return self._with_figures(html, page, config)
        if self.linker.page.previews and not isinstance(self.linker.page.entry, Source):
            self._note(page, self.linker.page.says)
        if not page.meta.get("raw_html"):
            html = _CLEANER.clean(html)
        source = self._sources.get(page.file.src_uri)
        if source and source.entry:
            page.meta["search"] = {"exclude": True}
            self._found += sections(page.url, source.entry.label, html)
        return self._with_figures(html, page, config)

    def _learn(self, page: GeneratedPage) -> None:
        """Keep what others say of a generated page, and what search knows of it."""
        self._pages[page.file.src_uri] = page
        self._bodies.append(page.body)
        if not isinstance(page.entry, Source):
            self._note(page, page.says)
        page.says = {}

    def _note(self, page: Page, says: dict[str, str]) -> None:
        """Keep that a page mentions entries, and what it says then."""
        for target, sentence in says.items():
            self._used_in[target][page.file.src_uri] = sentence

    def _draw(self, name: str, page: Page, config: MkDocsConfig) -> str:
        """The figure of that name, with links relative to `page`."""
        from .figures.figure import flow_figure, named_figure  # which a page without any spares

        book = self.renderer.book

        def href(record_id: str) -> str:
            url = page_path(book.entries[record_id]).removesuffix(".md") + "/"
            return get_relative_url(url, page.url)

        def label(record_id: str) -> str:
            return book.entries[record_id].label

        kind, _, scenario = name.partition(":")
        try:
            if kind == "flow":
                return flow_figure(book.scenarios[scenario], label, href)
            return named_figure(Path(config.docs_dir) / "figures", name, label, href)
        except (BookError, KeyError) as error:
            raise PluginError(f"{page.file.src_uri}: the figure {name!r}: {error}") from None

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """With every page rendered, tell each where it is used."""
        for made_apart in self._apart:
            self._fill(made_apart, config, files)
        self._give_up_if_superseded()
        self._named = _titles_and_addresses(self._pages)
        env.globals["termbook_problems"] = [as_text(problem) for problem in self._problems]
        env.globals["lens_scenarios"] = json.dumps(
            {one.id: one.label for one in self.renderer.book.scenarios.values()}
        )
        env.globals["search_in_parts"] = self._in_parts
        env.filters["tex"] = lambda text: str(text).translate(_TEX)
        self._env, self._files = env, files
        self._listed = (
            files.all_pages if isinstance(files, FilesApart) else files.documentation_pages()
        )
        features = config.theme["features"]
        self._trusted = cache(
            lambda url: trusted(env, config=config, features=features, base_url=url)
        )
        self._used = Used()
        self._stop_writing()
        if self.finished is not None:
            shared = ("termbook_problems", "lens_scenarios", "search_in_parts")
            self._around = digest(
                self.finished.surroundings, str(self._nav),
                *(repr(env.globals[name]) for name in shared),
            )
        self._contexts: dict[str, TemplateContext] = {}  # by the address of the site's root
        self._frames = Frames(env, self._secured)
        self._about = env.get_template("partials/about.html")
        return env

    def on_page_context(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Hand the theme the page's entry and the places where it is used."""
        entry = self._entry(page.file.src_uri)
        uses = self._used_in.get(entry.id, {}) if entry else {}
        used_in = sorted(
            (title, get_relative_url(url, page.url), sentence)
            for (title, url), sentence in ((self._named[path], uses[path]) for path in uses)
        )
        path = self.renderer.book.paths.get(entry.id, "") if entry else ""
        ours: dict[str, Any] = {
            "entry": entry, "used_in": used_in, "changed": self._changed_on(path),
            "json_ld": self._linked_data(entry, page, config),
            "suggestion": _suggestion(entry, page, config),
        }
        page.previous_page, page.next_page = self._neighbours(entry, page.file.src_uri)
        scripts = [path for mark, path in SCRIPTS.items() if mark in (page.content or "")]
        page.meta["scripts"] = [*page.meta.get("scripts", ()), *scripts]
        if used_in and page.toc.items:
            page.toc.items[0].children.append(AnchorLink("Used in", "used-in", 2))
        context.update(ours)  # type: ignore[typeddict-item]
        # Templates copy all that they are given, and again for each part that they include.
        given: dict[str, Any] = {key: context[key] for key in ABOUT}  # type: ignore[literal-required]
        about: Any = {"about": self._about.render(given)}
        context.update(about)
        if isinstance(page, GeneratedPage):
            whole: Any = {"whole": self._frames.page(context)}
            self._used.page(f"{page.content}{about['about']}")
            context.update(whole)
        if page.file.src_uri == "questions.md" and page.file.generated_by:
            # The page begins with a list of its questions, and need not carry a second one.
            page.toc.items[0].children.clear()
        return context

    def _fill(self, page: GeneratedPage, config: MkDocsConfig, files: Files) -> None:
        """Do what MkDocs does for a page before any is written, but for what it shows."""
        page.read_source(config)
        page.learn(files)
        self._learn(page)

    def _write(self, page: GeneratedPage, config: MkDocsConfig) -> _Written:
        """Write a page that is made apart."""
        used_before, self._used = self._used, Used()
        page.show()
        self._describe(page)
        page.content = self._with_figures(page.content or "", page, config)
        page.active = True
        try:
            base = get_relative_url(".", page.url)
            if base not in self._contexts:
                self._contexts[base] = mkdocs.get_context(self._nav, self._listed, config, page)
            context: Any = {**self._contexts[base], "page": page}
            self.on_page_context(context, page=page, config=config, nav=self._nav)
        finally:
            page.active = False
            used, self._used = self._used, used_before
        page.hide()
        write_file(context["whole"].encode(), page.file.abs_dest_path)
        return _Written(self._key_of(page, config), used)

    def on_template_context(
        self, context: TemplateContext, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """Have the site map list all pages; begin to write those made apart beside what MkDocs
        writes, now that files which might have the same names are there.
        """
        context["pages"] = self._listed
        self._written(config)
        return context

    def _changed_on(self, path: str) -> str:
        change = self._changes.get(path)
        return datetime.fromtimestamp(change.updated, UTC).date().isoformat() if change else ""

    def _linked_data(
        self, entry: AnyEntry | None, page: Page, config: MkDocsConfig
    ) -> str:
        book = self.renderer.book
        url = config.site_url or ""
        if isinstance(entry, Term):
            return defined_term(entry, url, book.settings.language)
        if page.file.src_uri == "glossary/index.md":
            return defined_term_set(book, config.site_name, url)
        return ""

    def _neighbours(
        self, entry: AnyEntry | None, path: str
    ) -> tuple[Page | None, Page | None]:
        """The pages before and after a term's, from A to Z, or after that of a letter."""
        before, after = self.renderer.beside.get(path, (None, None))
        if isinstance(entry, Term):
            terms = self.renderer.neighbours[entry.id]
            before, after = (page_path(one) if one else None for one in terms)
        return self._pages[before] if before else None, self._pages[after] if after else None

    @event_priority(-100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Give the page its security policy, when no other plugin changes it any more."""
        if isinstance(page, GeneratedPage):  # its frame has it
            return output
        return self._secured(output, page.file.src_uri, get_relative_url(".", page.url))

    @event_priority(-100)
    def on_post_template(
        self, output_content: str, *, template_name: str, config: MkDocsConfig
    ) -> str:
        """Give the 404 page its security policy."""
        if not template_name.endswith(".html"):
            return output_content
        home = urlsplit(config.site_url or "/").path
        base = home if is_error_template(template_name) else get_relative_url(".", template_name)
        return self._secured(output_content, template_name, base)

    def _secured(self, html: str, name: str, base_url: str) -> str:
        """A whole page with its policy; its classes are noted for the theme's styles."""
        self._used.page(html)
        if self._serving:  # the live server adds a script of its own, which would not run
            return html
        try:
            return with_policy(html, self._trusted(base_url))
        except ValueError as error:
            raise PluginError(f"{name}: {error}") from None

    @event_priority(-100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the search data, the files beside the pages, and what is left of the pages made
        apart; slim the theme's styles, which needs every page.
        """
        pages = self._written(config)
        self._cache.write()
        self._write_search(config)
        self._write_files(config)
        assets = Path(config.site_dir) / "assets"
        scripts = {} if self._serving else _texts(assets, "*.js")
        _write_texts(assets, shortened(scripts, self._cache))
        try:
            for page, written in pages:
                self._add(page, written)
        except WorkerDied as error:
            path = error.item.file.src_uri
            raise PluginError(f"the process that was writing {path} died") from None
        for page in self._apart:
            page.validate_anchor_links(
                files=self._files, log_level=config.validation.links.anchors
            )
        if not self._serving:
            styles = _texts(assets, "*.css")
            _write_texts(
                assets, slimmed(styles, scripts.values(), self._used, self._cache)
            )
        if self._compiled:
            self._compiled.keep()
        self._finished = _Finished(
            config, self._files, self._nav, self._env, self.renderer.book, self._sources,
            self._pages, self._used_in, self._frames, self._about,
        )

    def _written(self, config: MkDocsConfig) -> SharedWork[GeneratedPage, _Written]:
        """The pages made apart that are left to be written, with what is to be known of them; when
        this is called first, others are taken over and other processes begin to write.
        """
        if self._writing is None:
            # With many pages each would have a copy of nearly all that is known.
            workers = self.workers if len(self._apart) <= MANY else 1
            work = partial(self._write, config=config)
            to_write = [page for page in self._apart if not self._take_over(page, config)]
            # One of a folder is written here, or each process would compile the templates.
            folders = [posixpath.dirname(page.file.src_uri) for page in to_write]
            first = dict(zip(folders, to_write, strict=True))
            for page in first.values():
                self._add(page, work(page))
            left = [page for page, folder in zip(to_write, folders, strict=True)
                    if page is not first[folder]]
            self._writing = SharedWork(work, left, workers)
        return self._writing

    def _take_over(self, page: GeneratedPage, config: MkDocsConfig) -> bool:
        """Take a page from the site built before, if it is the same there; whether it is."""
        if self.finished is None or not self.finished.any_before:
            return False
        key = self._key_of(page, config)
        used = self.finished.take(page.file.dest_uri, key, page.file.abs_dest_path)
        if used is not None:
            self._add(page, _Written(key, used))
        return used is not None

    def _add(self, page: GeneratedPage, written: _Written) -> None:
        """Note what is to be known of a page that was written."""
        self._used.join(written.used)
        if self.finished is not None and written.key:
            self.finished.add(page.file.dest_uri, written.key, written.used)

    def _key_of(self, page: GeneratedPage, config: MkDocsConfig) -> str:
        """A digest of all that decides what a page is; empty where its figures lead anywhere."""
        if self.finished is None or page.has_figures:
            return ""
        entry, path = page.entry, page.file.src_uri
        book, beside = self.renderer.book, self._neighbours(entry, path)
        file = book.paths[entry.id] if entry else ""
        uses = self._used_in.get(entry.id, {}) if entry else {}
        return digest(
            self._around, path, page.body.identity, repr(page.source.meta), self._changed_on(file),
            repr(entry) if file == SOURCES_FILE else book.texts.get(file, ""),
            "" if entry else self._linked_data(entry, page, config),
            *("\0".join(self._named[one.file.src_uri]) if one else "" for one in beside),
            "\0".join(["\0".join((*self._named[one], said)) for one, said in sorted(uses.items())]),
        )

    def on_shutdown(self) -> None:
        """End the processes that write pages, as a build may fail in the meantime."""
        self._stop_writing()

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing.end()
            self._writing = None

    def _write_files(self, config: MkDocsConfig) -> None:
        files = site_files(
            self.renderer.book, self._changes, _facts(config), self.renderer.bank,
            self.linker.address, self._cache,
        )
        for path, content in files.items():
            write_file(content, os.path.join(config.site_dir, path))

    def _write_search(self, config: MkDocsConfig) -> None:
        """Make our search data, which take the place of those of the search plugin."""
        index = Path(config.site_dir) / "search" / "search_index.json"
        if not index.is_file():
            return
        lists = [page for page, source in self._sources.items() if source.entry is None]
        found = [*self._found, *(one for body in self._bodies for one in body.sections)]
        data = search_data(
            index.read_text(encoding="utf-8"), found, self.renderer.book,
            lambda entry: self._pages[page_path(entry)].url,
            [self._pages[page].url for page in lists if page not in READ_WHOLE],
            self.renderer.bank,
        )
        scripts = search_parts(data) if self._in_parts else {"index": search_script(data)}
        for name in list(scripts):
            write_file(scripts.pop(name).encode(), str(index.parent / f"{name}.js"))
        index.unlink()

    def renew(self, most: int) -> bool:
        """Make anew, in the site built last, the pages of records that have changed since.

        Only where nothing is wrong with any file, no record has come or gone, and at most `most`
        have changed. Whether a page was made; what else depends on those records stays as it was.
        """
        if (last := self._finished) is None:
            return False
        reading = read(Path(last.config.config_file_path).parent, self._memory)
        changed = [] if errors(reading.problems) else _edited(last.book, reading.book)
        sources = [last.sources[page_path(entry)]._replace(entry=entry) for entry in changed
                   if isinstance(last.pages[page_path(entry)], GeneratedPage)]
        if not sources or len(changed) > most:
            return False
        self._take_up(last, reading.book)
        files = last.files
        pages = [GeneratedPage(files.src_uris[one.path], last.config, one) for one in sources]
        self._maker(last.config, files).make(pages)
        for page in pages:
            self._fill(page, last.config, files)
            self._write(page, last.config)
        return True

    def _take_up(self, last: _Finished, book: Book) -> None:
        """Go on from the site built `last`, now with `book`."""
        self._sources, self._pages, self._used_in = last.sources, last.pages, last.used_in
        self._frames, self._about, self._contexts = last.frames, last.about, {}
        self._named = _titles_and_addresses(last.pages)
        self.renderer, self.linker = Renderer(book), Linker(book)
        macros: dict[str, Any] = last.config.plugins["macros"].macros  # type: ignore[attr-defined]
        for name, macro in macros.items():
            if isinstance(getattr(macro, "__self__", None), Renderer):
                macros[name] = getattr(self.renderer, macro.__name__)
        self._finished = last._replace(book=book)


def _titles_and_addresses(pages: dict[str, Page]) -> dict[str, tuple[str, str]]:
    """By path, what MkDocs would find out anew each time that a page is named on another."""
    return {path: (str(page.title), page.url) for path, page in pages.items()}


def _edited(before: Book, after: Book) -> list[AnyEntry]:
    """The entries that are not as they were; none where one has come or gone."""
    if before.entries.keys() != after.entries.keys():
        return []
    return [entry for one, entry in after.entries.items() if entry != before.entries[one]]


def watch(config: MkDocsConfig, root: Path) -> None:
    """Have the live server watch the content, the theme and the templates."""
    places = [root / name for name in (*CONTENT, "theme", "macros.py")] + [TEMPLATES]
    for place in map(str, places):
        if os.path.exists(place) and place not in config.watch:
            config.watch.append(place)


def _texts(folder: Path, pattern: str) -> dict[str, str]:
    """The texts of files below `folder` by their paths, but for those of the theme's search."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob(pattern))
        if path.parent.name != "workers" and "lunr" not in path.parts
    }


def _write_texts(folder: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        write_file(text.encode(), str(folder / path))


def _facts(config: MkDocsConfig) -> SiteFacts:
    """What the site says of itself; its date is that of the last commit when Termbook builds it."""
    date = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    return SiteFacts(
        config.site_name, config.site_description or "", config.site_url or "", date,
        _new_term(config),
    )


def _description(entry: AnyEntry) -> str:
    text = entry.definition if isinstance(entry, Term) else preview(entry)
    return plain(text)


def _suggestion(entry: AnyEntry | None, page: Page, config: MkDocsConfig) -> str:
    """The address of the issue form for a page, filled in; empty where there are no such forms."""
    repository = config.repo_url or ""
    if not is_github(repository):
        return ""
    name = entry.label if entry else Markup(page.title).striptags()
    address = page.canonical_url or page.url
    if isinstance(entry, Term):
        return issue_form(repository, "wrong-definition", title=f"Definition: {name}",
                          page=address, definition=entry.definition)
    return issue_form(repository, "suggest-a-change", title=f"Change: {name}", page=address)


def _new_term(config: MkDocsConfig) -> str:
    """The address at which GitHub makes a new term; empty on any other host."""
    if not config.edit_uri or not is_github(config.repo_url or ""):
        return ""
    return new_file(config.repo_url or "", config.edit_uri, Term.folder)


def renderer_of(config: MkDocsConfig) -> Renderer:
    """The renderer of the site being built, for macros.py."""
    return ours(config).renderer


def ours(config: MkDocsConfig) -> TermbookPlugin:
    """Termbook's own plugin of a site."""
    plugin = config.plugins["termbook"]
    if not isinstance(plugin, TermbookPlugin):
        raise PluginError("the plugin named termbook is not Termbook's")
    return plugin


def build(
    config_file: Path, site: Path, book: Book, workers: int = 1, kept: Cache | None = None,
    finished: FinishedPages | None = None,
) -> None:
    """Build the site of `config_file` from a checked `book` strictly into `site`.

    The bytes depend neither on how many `workers` share the work nor on what was `kept` of builds
    before, and which pages were `finished`. Raises what MkDocs raises.
    """
    load_late("requests")  # mkdocs-macros has it for macros that fetch pages; ours never do
    config = load_config(str(config_file), site_dir=str(site), strict=True)
    config.plugins.on_startup(command="build", dirty=False)
    plugin = ours(config)
    plugin.checked, plugin.workers, plugin.kept, plugin.finished = book, workers, kept, finished
    try:
        mkdocs.build(config)
    except Abort:
        raise
    except SystemExit:  # mkdocs-macros has told what failed, and ends the process
        raise PluginError("A macro failed.") from None
    finally:
        config.plugins.on_shutdown()
