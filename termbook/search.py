"""What the site's search knows: the words of the pages, and every name of every record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from .book import Book
from .model import AnyEntry, Debate, Scenario, Source, Term
from .prose import plain
from .study.bank import Bank

GROUPS: dict[type[AnyEntry], str] = {
    Term: "Terms", Scenario: "Scenarios", Debate: "Debates", Source: "Sources",
}
HEADINGS = {"h2", "h3", "h4", "h5", "h6"}
OTHERS = "Pages"
MORE = "More results"
# Sections that only list the names of other records, under which those are found already.
LISTS = {"cited-by", "debated", "exam-tasks", "practise", "related-terms", "sources"}


def search_data(
    index: str, entries: Iterable[dict[str, Any]], book: Book, url_of: Callable[[AnyEntry], str],
    lists: Iterable[str], bank: Bank,
) -> dict[str, Any]:
    """What search knows, made from Material's `index` and further `entries` for it.

    `url_of` gives an entry's page as the index calls it; of the pages in `lists`, which repeat
    what other pages say or are too many words, only the title is kept, and of a question the first
    words.
    """
    data: dict[str, Any] = json.loads(index)
    data["docs"] = [*_slim([*data["docs"], *entries], set(lists)), *_questions(book, bank)]
    data["groups"] = list(GROUPS.values())
    data["entries"] = [
        [url_of(entry), number, *names(entry)]
        for number, kind in enumerate(GROUPS)
        for entry in book.entries.values() if isinstance(entry, kind)
    ]
    data.update(others=OTHERS, more=MORE)
    return data


def search_script(data: dict[str, Any]) -> str:
    """The script that holds all search data; a script also loads where a page may not fetch."""
    docs = list(map(_without_words, data["docs"]))
    return f"window.termbookIndex={compact({**data, 'docs': docs})}\n"


def compact(data: object) -> str:
    """`data` as JSON, which is JavaScript too, without a space."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def sections(url: str, title: str, html: str) -> list[dict[str, str]]:
    """Material's index entries of a generated page: one for its head, one for each section.

    Cut from HTML whose headings are known to stand at the top level; parsing every page again
    in Python, as Material does for any page, costs a tenth of a build.
    """
    tree = LexborHTMLParser(f"<main>{html}</main>")
    for node in tree.css("a.headerlink, [hidden], svg, h1"):
        node.decompose()
    for node in tree.css("label, br"):  # between other things that do not belong together it is
        node.insert_after(" ")
    found = [{"location": url, "title": escape(title, quote=False), "text": ""}]
    for node in tree.css("main > *"):
        if node.tag in HEADINGS:
            location = f"{url}#{node.attributes.get('id')}"
            heading = escape(node.text(), quote=False)
            found.append({"location": location, "title": heading, "text": ""})
        elif text := " ".join(node.text().split()):
            found[-1]["text"] += f"<p>{escape(text, quote=False)}</p>"
    return found


def _questions(book: Book, bank: Bank) -> Iterator[dict[str, str]]:
    """The sections of the authored questions, which go by their first words."""
    address = {item.key: item.address for item in bank.items}
    for question in book.questions.values():
        title = escape(plain(question.label), quote=False)
        yield {"location": address[question.key], "title": title, "text": ""}


def names(entry: AnyEntry) -> list[str]:
    """Every name under which an entry is found, the one it is shown by first."""
    found = [entry.label]
    if isinstance(entry, Term):
        found += [*entry.alt_labels, *entry.inflections, *entry.hidden_labels]
    elif isinstance(entry, Source) and entry.short:
        found.append(entry.short)
    return list(dict.fromkeys(found))


def _slim(docs: Iterable[dict[str, Any]], lists: set[str]) -> Iterator[dict[str, Any]]:
    for doc in docs:
        page, _, section = doc["location"].partition("#")
        if page not in lists and section not in LISTS:
            yield doc
        elif not section:
            yield {**_without_words(doc), "text": ""}


def _without_words(doc: dict[str, Any]) -> dict[str, Any]:
    """A section without the count of its words, which is for an index in parts alone."""
    return {key: value for key, value in doc.items() if key != "words"}
