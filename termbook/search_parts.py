"""The search data of a large site in parts, of which a browser loads those it needs.

The scripts hold an inverted index (Manning, Raghavan & Schütze 2008, chapters 4 and 5): words in
order, cut into parts, with the sections that each stands in; the texts of the sections, cut too;
and the names of all records, which come first and know where the cuts are. What a browser makes of
them stands in theme/assets/search-parts.js.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from operator import sub
from typing import Any, TypeVar

from .search import compact

Item = TypeVar("Item")

# Sizes in characters before compression, which leaves about a third of them.
WORDS_SIZE = 16_000
TEXTS_SIZE = 12_000
# How often a word is in a title and in a text, in one number: TITLE * the one + the other.
TITLE, MOST = 100, 99
# Material's index holds no tags but those that it wrote, and each other < is an entity. The pieces
# of an address are no words.
_MARKUP = re.compile(r"<[^>]*>|https?://[^\s<]+|&#?\w+;")
# What Material's worker leaves out of the index of an English site, as lunr.js (MIT) has it.
_ENGLISH = (
    "a able about across after all almost also am among an and any are as at be because been but "
    "by can cannot could dear did do does either else ever every for from get got had has have he "
    "her hers him his how however i if in into is it its just least let like likely may me might "
    "most must my neither no nor not of off often on only or other our own rather said say says "
    "she should since so some than that the their them then there these they this tis to too twas "
    "us wants was we were what when where which while who whom why will with would yet you your"
)


class _Signs(dict[int, str | int | None]):
    """A table for `str.translate` that turns signs of some Unicode categories into `to`."""

    def __init__(self, categories: str, to: str | None) -> None:
        self._categories, self._to = categories, to

    def __missing__(self, code: int) -> str | int | None:
        turned = unicodedata.category(chr(code))[0] in self._categories
        self[code] = self._to if turned else code
        return self[code]


_WITHOUT_MARKS = _Signs("M", None)
_ONLY_WORDS = _Signs("CMPSZ", " ")  # all but letters and numbers
_ASCII_WORD = re.compile("[a-z0-9]+")


def words(text: str) -> list[str]:
    """The words of `text` in the form in which search compares them, as `fold` in search-rank.js.

    They are without capitals and diacritics, and signs stand between words.
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "d"))
    text = bare.translate(_WITHOUT_MARKS).upper()
    return text.lower().translate(_ONLY_WORDS).split()


def search_parts(data: dict[str, Any]) -> dict[str, str]:
    """The scripts, by their names without `.js`, for what `search.search_data` gives.

    Their folder is named after what they hold: a browser that remembers an old list of names finds
    none of the new parts, rather than wrong ones.
    """
    known = set(map(_page, data["docs"]))
    entries = sorted((entry for entry in data["entries"] if entry[0] in known),
                     key=lambda entry: (entry[1], words(entry[2]), entry[0]))
    pages: dict[str, list[dict[str, Any]]] = {entry[0]: [] for entry in entries}
    for doc in data["docs"]:
        pages.setdefault(_page(doc), []).append(doc)
    docs = [doc for some in pages.values() for doc in some]
    sections = ((doc["title"], doc["location"].partition("#")[2], doc["text"]) for doc in docs)
    texts = list(_parts(sections, TEXTS_SIZE, lambda one: sum(map(len, one))))
    index = list(_parts(_index(docs, data["config"]), WORDS_SIZE, len))
    parts = {
        **{f"texts-{at}": compact(some) for at, some in enumerate(texts)},
        **{f"words-{at}": f"{{{','.join(some)}}}" for at, some in enumerate(index)},
    }
    seen = hashlib.sha256()
    for name, part in parts.items():
        seen.update(f"{name}={part}\n".encode())
    version = seen.hexdigest()[:8]
    names = {
        "folder": version, "groups": data["groups"], "others": data["others"],
        "more": data["more"], "boosts": _boosts(data["config"]),
        "without": _without(data["config"]),
        **_names(entries, len(data["groups"])),
        "pages": [[page, some[0]["title"]] for page, some in list(pages.items())[len(entries):]],
        "sections": [len(some) for some in pages.values()],
        "texts": [len(some) for some in texts],
        "words": [some[0].split('"')[1] for some in index],
    }
    return {
        "names": f"window.termbookNames={compact(names)};window.termbookPart={{}}\n",
        # One text at a time goes over into its script, for together they are large.
        **{f"{version}/{name}": f'termbookPart["{name}"]={parts.pop(name)}\n'
           for name in list(parts)},
    }


def _page(doc: dict[str, Any]) -> str:
    """The address of the page that a section is on."""
    return str(doc["location"].partition("#")[0])


def _names(entries: list[list[Any]], groups: int) -> dict[str, Any]:
    """Columns of the entries: what their addresses begin with, and their names.

    An address follows from the first name; those that do not are in `odd`, by number.
    """
    folders = [""] * groups
    odd: dict[int, str] = {}
    for at, (url, group, label, *_) in enumerate(entries):
        slug = "-".join(words(label))
        folders[group] = folders[group] or url.removesuffix("/").rpartition("/")[0]
        if url != f"{folders[group]}/{slug}/":
            odd[at] = url
    counts = Counter(group for _, group, *_ in entries)
    return {
        "folders": folders, "counts": [counts[group] for group in range(groups)], "odd": odd,
        "names": [names for _, _, *names in entries],
    }


def counted(title: str, text: str) -> str:
    """How often each word is in the title and in the text of a section, as `_index` reads it.

    On each line stand a number, as TITLE has it, and the words that are so often there.
    """
    found = _words_of(text)
    times: dict[str, int] = Counter(found)
    if len(found) > MOST:
        times = {word: min(often, MOST) for word, often in times.items()}
    for word in _words_of(title):
        if (often := times.get(word, 0)) < TITLE * MOST:
            times[word] = often + TITLE
    lines: dict[int, list[str]] = defaultdict(list)
    for word, often in times.items():
        lines[often].append(word)
    return "\n".join(f"{often} {' '.join(some)}" for often, some in lines.items())


def _index(docs: list[dict[str, Any]], config: dict[str, Any]) -> Iterator[str]:
    """Each word in order, as a member of a JavaScript object, with where it stands.

    That is a list of how often, negative, and the sections where it is so often, each as what it
    is beyond the one before. The words of those in `docs` may be counted already.
    """
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, doc in enumerate(docs):
        lines = doc["words"] if "words" in doc else counted(doc["title"], doc["text"])
        for line in lines.splitlines():
            often, *some = line.split(" ")
            so_often = found[int(often)]
            for word in some:
                so_often[word].append(number)
    lists: dict[str, list[str]] = defaultdict(list)
    for times in sorted(found):
        for word, numbers in found[times].items():
            lists[word].append(f"{-times},{_steps(numbers)}")
    left = lists.keys() - set(_without(config))
    for word in sorted(left, key=lambda one: one.encode("utf-16-be")):
        yield f'"{word}":[{",".join(lists[word])}]'


def _words_of(html: str) -> list[str]:
    return words(_MARKUP.sub(_read, html))


def _read(markup: re.Match[str]) -> str:
    return unescape(markup[0]) if markup[0][0] == "&" else " "


def _steps(numbers: list[int]) -> str:
    """What each number is beyond the one before."""
    return ",".join(map(str, map(sub, numbers, [0, *numbers])))


def _parts(
    items: Iterable[Item], size: int, weight: Callable[[Item], int]
) -> Iterator[list[Item]]:
    """`items` in parts of at most `size`, unless a single one is larger."""
    part, full = list[Item](), 0
    for item in items:
        if part and full + weight(item) > size:
            yield part
            part, full = [], 0
        part.append(item)
        full += weight(item)
    if part:
        yield part


def _boosts(config: dict[str, Any]) -> list[float]:
    """By how much a word in a title and one in a text count."""
    return [config["fields"][name]["boost"] for name in ("title", "text")]


def _without(config: dict[str, Any]) -> list[str]:
    """The words that are in no index."""
    left_out = "stopWordFilter" in config["pipeline"] and config["lang"] == ["en"]
    return _ENGLISH.split() if left_out else []
