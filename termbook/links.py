"""How text refers to records: references an author wrote, and first mentions found by themselves.

One pass over a page's element tree, after Python-Markdown has parsed it, turns the first mention
of a term in each section into a link and records every link as a mention, from which backlinks
are made.
"""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as etree
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from markdown import Markdown as Parser
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from . import model
from .book import Book
from .cache import digest
from .labels import Match, names
from .model import AnyEntry, Scenario, Source, Term
from .prose import BREAK, folded, plain, record_key, sentences

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
UNLINKED = HEADINGS | {
    "a", "blockquote", "button", "code", "label", "pre", "script", "style", "summary", "th",
}
BLOCKS = frozenset({"p", "li", "td", "dd", "dt", "div"})
# Paths come up again on every page that links to them.
REMEMBERED = 2**13


def preview(entry: AnyEntry, scenario: Scenario | None = None) -> str:
    """What a link to `entry` tells before it is followed; inside a scenario, who it is there."""
    if isinstance(entry, Term):
        here = [cast.player for cast in scenario.cast if cast.role == entry.id] if scenario else []
        return f"Here: {here[0]}. {entry.definition}" if here else entry.definition
    if isinstance(entry, Source):
        by = ", ".join(str(part) for part in (entry.author, entry.year) if part)
        return f"{entry.title} ({by})" if by else entry.title
    return plain(entry.summary if isinstance(entry, Scenario) else entry.short_answer)


def page_path(entry: AnyEntry | model.Moved) -> str:
    """The Markdown path of an entry's page."""
    return f"{entry.folder}/{entry.id}.md"


def page_address(entry: AnyEntry) -> str:
    """The address of an entry's page, relative to the site."""
    return page_path(entry).removesuffix(".md") + "/"


class Mention(NamedTuple):
    """A link from a page to the entry of that id, with the sentence it stands in."""

    target: str
    sentence: str


@dataclass
class PageContext:
    """The page being rendered: its path, whose page it is, and what is found on it.

    `mentions` are its links to entries; `targets` maps each reference to the id of its entry, and
    `previews_of` the id of each linked entry to its preview here.
    """

    path: str = "index.md"
    entry: AnyEntry | None = None
    auto_link: bool = True
    previews: bool = True
    mentions: list[Mention] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=dict)
    previews_of: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def folder(self) -> str:
        """The folder that the page is in."""
        return posixpath.dirname(self.path)

    @property
    def says(self) -> dict[str, str]:
        """Id of each entry that the page leads to → the first sentence that does it, if one does:
        a list of links is none.
        """
        found: dict[str, str] = {}
        for target, sentence in self.mentions:
            said = sentence if sentence.endswith((".", "!", "?", "…")) else ""
            found[target] = found.get(target) or said
        return found

    @property
    def scenario(self) -> Scenario | None:
        """The scenario whose page this is."""
        return self.entry if isinstance(self.entry, Scenario) else None


class Linker:
    """Resolves references and finds first mentions on behalf of Python-Markdown."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.labels = book.labels
        self.page = PageContext()
        self._by_name = {
            folded(name): term.id for term in book.terms.values()
            for name in (*names(term), *term.hidden_labels)
        }
        self._by_path = {page_path(entry): entry.id for entry in book.entries.values()}
        self._targets: dict[str, AnyEntry | None] = {}
        # By all that decides what a page shows of an entry: their marks by id.
        self._marks: dict[tuple[bool, str], dict[str, str]] = defaultdict(dict)

    def target(self, reference: str) -> AnyEntry | None:
        """The entry a reference names, by id, by a former id, or by a term's label."""
        if reference not in self._targets:
            key = record_key(reference)
            named = self.book.entries.get(self._by_name.get(key, ""))
            self._targets[reference] = self.book.resolve(key) or named
        return self._targets[reference]

    def href(self, entry: AnyEntry) -> str:
        """The path of an entry's page, relative to the page being rendered."""
        return self.path(page_path(entry))

    def path(self, path: str) -> str:
        """A path of the site, which may have a fragment, relative to the page being rendered."""
        page, hash_, fragment = path.partition("#")
        return _relative(page, self.page.folder or ".") + hash_ + fragment

    def address(self, reference: str) -> str | None:
        """The address, relative to the site, of what a reference names; None when it is nothing."""
        if (entry := self.target(reference)) is None:
            return None
        section = folded(reference).partition("#")[2]
        return page_address(entry) + (f"#{section}" if section else "")

    def title(self, entry: AnyEntry) -> str | None:
        """The preview of a link to `entry` on the page being rendered, if it shows previews."""
        shown = preview(entry, self.page.scenario) if self.page.previews else None
        self.page.previews_of[entry.id] = shown
        return shown

    def shows(self, previews: dict[str, str]) -> bool:
        """Whether the page being rendered shows those previews, by the ids of entries, each as
        `preview_mark` has it.
        """
        page, entries = self.page, self.book.entries
        marks = self._marks[page.previews, page.scenario.id if page.scenario else ""]
        for one in previews.keys() - marks.keys():
            if one in entries:
                marks[one] = preview_mark(self.title(entries[one]))
        return previews.items() <= marks.items()

    def linked(self, href: str) -> str | None:
        """The id of the entry that a link on the page being rendered leads to."""
        return self._by_path.get(_absolute(href, self.page.folder))


@lru_cache(maxsize=REMEMBERED)
def preview_mark(shown: str | None) -> str:
    """Sixteen hexadecimal digits that tell one preview from another, which is much longer."""
    return digest(shown)[:16] if shown else ""


@lru_cache(maxsize=REMEMBERED)
def _relative(path: str, folder: str) -> str:
    top, _, below = path.partition("/")
    if below and "." not in folder and folder.partition("/")[0] != top:
        return "../" * (folder.count("/") + 1) + path
    return posixpath.relpath(path, folder)


@lru_cache(maxsize=REMEMBERED)
def _absolute(href: str, folder: str) -> str:
    return posixpath.normpath(posixpath.join(folder, href.split("#")[0]))


class _References(dict[str, tuple[str, str]]):
    """Python-Markdown's table of references, with every record of the Book in it.

    A target that begins with a slash is the path of a page, as generated Markdown names it that may
    stand on any page.
    """

    def __init__(self, linker: Linker) -> None:
        super().__init__()
        self._linker = linker

    def __contains__(self, key: object) -> bool:
        return (super().__contains__(key) or str(key).startswith("/")
                or self._linker.target(str(key)) is not None)

    def __missing__(self, key: str) -> tuple[str, str]:
        if key.startswith("/"):
            return self._linker.path(key[1:]), ""
        entry = self._linker.target(key)
        if entry is None:
            raise KeyError(key)
        self._linker.page.targets[key] = entry.id
        section = key.partition("#")[2]
        href = self._linker.href(entry) + (f"#{section}" if section else "")
        return href, self._linker.title(entry) or ""


class LinkExtension(Extension):
    """Python-Markdown extension: references to records, first-mention links, mentions."""

    def __init__(self, linker: Callable[[], Linker]) -> None:
        super().__init__()
        self._linker = linker

    def extendMarkdown(self, md: Parser) -> None:
        """Register with `md`, after its own processors and before MkDocs resolves paths."""
        md.references = _References(self._linker())
        md.treeprocessors.register(_FirstMentions(md, self._linker()), "termbook", 4)


class _FirstMentions(Treeprocessor):
    def __init__(self, md: Parser, linker: Linker) -> None:
        super().__init__(md)
        self._linker = linker
        self._seen: set[str] = set()
        self._said: dict[etree.Element, list[str]] = {}

    def run(self, root: etree.Element) -> None:
        self._seen, self._said = set(), {}
        self._visit(root, root)

    def _visit(self, element: etree.Element, block: etree.Element) -> None:
        if element.tag in HEADINGS:
            self._seen = set()
        elif element.tag == "a":
            self._note_link(element, block)
        if element.tag in UNLINKED or "unlinked" in element.get("class", "").split():
            return
        block = element if element.tag in BLOCKS else block
        children = list(element)
        if element.text and not element.text.isspace():
            self._link_text(element, None, block)
        for child in children:
            self._visit(child, block)
            if child.tail and not child.tail.isspace():
                self._link_text(element, child, block)

    def _note_link(self, link: etree.Element, block: etree.Element) -> None:
        if target := self._linker.linked(link.get("href", "")):
            self._seen.add(target)
            self._record(target, block, "".join(link.itertext()))

    def _record(self, target: str, block: etree.Element, words: str) -> None:
        page = self._linker.page
        if page.entry is None or page.entry.id != target:
            if block not in self._said:
                # Links change no word of a block, so its sentences are split but once.
                self._said[block] = sentences("".join(_words(block)))
            sentence = _sentence(self._said[block], words)
            page.mentions.append(Mention(target, sentence))

    def _link_text(
        self, parent: etree.Element, after: etree.Element | None, block: etree.Element
    ) -> None:
        """Link first mentions in the text at the head of `parent`, or in the tail of `after`."""
        page = self._linker.page
        text = (parent.text if after is None else after.tail) or ""
        if not page.auto_link:
            return
        fresh = [match for match in self._linker.labels.find(text) if self._take(match.term)]
        index = 0 if after is None else list(parent).index(after) + 1
        for match in fresh:
            self._record(match.term, block, text[match.start : match.end])
        for match in reversed(fresh):
            link = self._link(match, text)
            text = text[: match.start]
            parent.insert(index, link)
        if fresh and after is None:
            parent.text = text
        elif fresh and after is not None:
            after.tail = text

    def _take(self, term_id: str) -> bool:
        """Whether this is the first mention in the section of a term that links by itself."""
        page, term = self._linker.page, self._linker.book.terms[term_id]
        own = page.entry is not None and page.entry.id == term_id
        if own or not term.auto_link or term_id in self._seen:
            return False
        self._seen.add(term_id)
        return True

    def _link(self, match: Match, text: str) -> etree.Element:
        entry = self._linker.book.terms[match.term]
        link = etree.Element("a", {"href": self._linker.href(entry)})
        if title := self._linker.title(entry):
            link.set("title", title)
        link.text, link.tail = text[match.start : match.end], text[match.end :]
        return link


def _words(block: etree.Element) -> Iterator[str]:
    """The text of a block, with a mark where a line breaks."""
    if block.tag == "br":
        yield BREAK
    if block.text:
        yield block.text
    for child in block:
        yield from _words(child)
        if child.tail:
            yield child.tail


def _sentence(sentences: list[str], words: str) -> str:
    """The first of `sentences` that holds `words`, at most 240 characters."""
    words = " ".join(words.split())
    sentence = next((one for one in sentences if words in one), sentences[0])
    return sentence if len(sentence) <= 240 else sentence[:239].rsplit(" ", 1)[0] + "…"
