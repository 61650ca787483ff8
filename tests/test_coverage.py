"""Every point of the five texts that this knowledge base began with is covered by its content.

`coverage.yml` maps the points to fields of records, sections of pages and figures, with words that
stand there. A point fails when a target is gone or empty, or no longer holds the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import prose
import pytest
from markdown.extensions.toc import slugify

from termbook.book import Book
from termbook.figures.figure import SUFFIX
from termbook.guarded_yaml import parse
from termbook.load import load
from termbook.model import Record
from termbook.problems import BookError
from termbook.prose import plain

ROWS = {"S0": 38, "S1": 27, "S2": 26, "S3": 31, "S4": 17, "X": 10}
IDS = [
    *(f"S0.{row}" for row in (*range(1, 8), "8a", "8b", "8c", *range(9, 37))),
    *(f"S1.{row}" for row in range(1, 28)),
    *(f"S2.{row}" for row in range(1, 27)),
    *(f"S3.{row}" for row in range(1, 32)),
    *(f"S4.{row}" for row in range(1, 18)),
    *(f"X{row}" for row in range(1, 11)),
]
STEP = re.compile(r"\.?(?P<key>\w+)(?P<only>\[(?P<name>\w+)=(?P<value>[^\[\]]+)\])?")
HEADING = re.compile(r"^#+ +(?P<title>.*?)(?: *\{#(?P<id>[\w-]+)\})? *$", re.MULTILINE)
# Where one text of a page ends and another begins: a blank line, a list item, a row of a table.
NEXT = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s|\|)")

PICKED_BY = ("source", "sources", "role", "holds")

Coverage = Mapping[str, Mapping[str, Any]]


class Missing(Exception):
    """There is no such record, field, page, section or figure."""


def faults(coverage: Coverage, book: Book) -> list[str]:
    """Every point that is missing, made up, or not covered."""
    return [
        *(f"{point}: missing" for point in IDS if point not in coverage),
        *(f"{point}: no such point" for point in coverage if point not in IDS),
        *(f"{point}: {fault}" for point in coverage for fault in lacks(coverage[point], book)),
    ]


def lacks(entry: Mapping[str, Any], book: Book) -> Iterator[str]:
    """All that keeps this point from being covered."""
    if not entry.get("point"):
        yield "says nothing about the point"
    if not entry.get("covered_by"):
        yield "not covered"
    for target, words in (entry.get("covered_by") or {}).items():
        try:
            texts, others = find(target, book)
        except Missing as missing:
            yield f"{target}: {missing}"
            continue
        if not isinstance(words, list) or not words or not all(words):
            yield f"{target}: no words are given"
        elif not any(texts):
            yield f"{target}: empty"
        elif not any(holds(text, words) for text in texts):
            yield f"{target}: no longer says: {', '.join(words)}"
        elif any(holds(text, words) for text in others):
            yield f"{target}: these words stand elsewhere in it too: {', '.join(words)}"


def holds(text: str, words: list[str]) -> bool:
    """Whether `text` holds each of the words or phrases, whole and in any case of letters."""
    return all(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text, re.IGNORECASE) for one in words)


def find(target: str, book: Book) -> tuple[list[str], list[str]]:
    """The texts of a target, and all other texts of its record or page."""
    if target.endswith(SUFFIX):
        return in_figure(target, book)
    if target.startswith("docs/"):
        return in_page(target, book)
    name, _, path = target.partition(":")
    if name not in book.entries:
        raise Missing("no such record")
    record = book.entries[name].model_dump(by_alias=True)
    found = [plain(text) for text in texts_in(select(record, path))]
    return found, [text for text in map(plain, texts_in(record)) if text not in found]


def select(data: Any, path: str) -> Any:
    """What stands under a key path; a list gives what each of its items gives."""
    step = STEP.match(path)
    if not step:
        raise Missing(f'"{path}" is no key path')
    items = data if isinstance(data, list | tuple) else [data]
    found = [item[step["key"]] for item in items if isinstance(item, dict) and step["key"] in item]
    if not found:
        raise Missing(f'nothing under "{step["key"]}"')
    if step["only"]:
        found = [[one for one in flat(found) if is_one(one, step["name"], step["value"])]]
        if not found[0]:
            raise Missing(f"nothing that is {step['only']}")
    rest = path[step.end() :]
    return select(flat(found), rest) if rest else found


def is_one(item: Any, key: str, value: str) -> bool:
    """Whether a key of the item has the value, or has it in its list."""
    held = item.get(key) if isinstance(item, dict) else None
    return value in held if isinstance(held, list | tuple) else value == held


def flat(data: Any) -> list[Any]:
    """Lists in lists as one list."""
    if not isinstance(data, list | tuple):
        return [data]
    return [one for item in data for one in flat(item)]


def texts_in(data: Any) -> Iterator[str]:
    """Every text in plain data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from texts_in(list(data.values()))
    elif isinstance(data, list | tuple):
        for item in data:
            yield from texts_in(item)


def in_page(target: str, book: Book) -> tuple[list[str], list[str]]:
    """The texts of a section of a hand-written page, up to the next heading; and the others."""
    path, _, section = target.partition("#")
    if path not in book.docs:
        raise Missing("no such page")
    text = prose.FRONT_MATTER.sub("", book.docs[path])
    headings = list(HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    sections = {
        heading["id"] or slugify(plain(heading["title"]), "-"): text[heading.end() : end]
        for heading, end in zip(headings, ends, strict=True)
    }
    if section not in sections:
        raise Missing("no such section")
    blocks = {name: [plain(one) for one in NEXT.split(it)] for name, it in sections.items()}
    return blocks.pop(section), flat(list(blocks.values()))


def in_figure(target: str, book: Book) -> tuple[list[str], list[str]]:
    """What a figure says, as one text."""
    folder, _, figure = target.rpartition("/")
    if folder != "docs/figures":
        raise Missing("no such figure")
    try:
        return [prose.drawn(figure, book)], []
    except BookError as error:
        raise Missing("no such figure") from error


@pytest.fixture(scope="module")
def ours() -> Book:
    return load(prose.ROOT)


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return parse((prose.ROOT / "tests" / "coverage.yml").read_text("utf-8"))


def test_the_list_of_points_is_complete() -> None:
    assert len(set(IDS)) == len(IDS) == 149
    assert Counter(re.match(r"S\d|X", point)[0] for point in IDS) == ROWS


def test_every_point_is_covered(coverage: Coverage, ours: Book) -> None:
    assert faults(coverage, ours) == []


def test_a_point_that_is_missing_or_made_up_is_found(coverage: Coverage, ours: Book) -> None:
    others = {"S5.1" if point == "S0.8b" else point: coverage[point] for point in coverage}
    new = {*faults(others, ours)} - {*faults(coverage, ours)}
    assert new == {"S0.8b: missing", "S5.1: no such point"}


CLAIM = "customer:claims[source=discussion-3].says"
SAID = ["As a rule customers", "add value"]


@pytest.mark.parametrize(
    ("target", "words", "fault"),
    [
        ("nobody:definition", SAID, "no such record"),
        ("customer:history", SAID, 'nothing under "history"'),
        ("customer:claims[source=discussion-3].page", SAID, 'nothing under "page"'),
        ("customer:claims[source=nobody].says", SAID, "nothing that is [source=nobody]"),
        ("customer:claims[0].says", SAID, '"[0].says" is no key path'),
        ("customer", SAID, '"" is no key path'),
        ("docs/nowhere.md#whom-it-is-for", SAID, "no such page"),
        ("docs/about.md#nothing", SAID, "no such section"),
        ("docs/about.md", SAID, "no such section"),
        ("docs/figures/nothing.svg.jinja", SAID, "no such figure"),
        ("theme/money-and-use.svg.jinja", SAID, "no such figure"),
        (CLAIM, [], "no words are given"),
        (CLAIM, "add value", "no words are given"),
        (CLAIM, [""], "no words are given"),
        (CLAIM, ["As a rule custom"], "no longer says: As a rule custom"),
        (CLAIM, [*SAID, "lunch"], "no longer says: As a rule customers, add value, lunch"),
        ("docs/about.md#whom-it-is-for", ["not affiliated"], "no longer says: not affiliated"),
        (CLAIM, ["customer"], "these words stand elsewhere in it too: customer"),
    ],
)
def test_a_target_that_does_not_cover_is_found(
    target: str, words: Any, fault: str, ours: Book
) -> None:
    entry = {"point": "A point.", "covered_by": {CLAIM: SAID, target: words}}
    assert list(lacks(entry, ours)) == [f"{target}: {fault}"]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"point": "", "covered_by": {CLAIM: SAID}}, "says nothing about the point"),
        ({"point": "A point."}, "not covered"),
        ({"point": "A point.", "covered_by": {}}, "not covered"),
    ],
)
def test_a_point_without_words_or_target_is_found(
    entry: Mapping[str, Any], fault: str, ours: Book
) -> None:
    assert list(lacks(entry, ours)) == [fault]


@pytest.mark.parametrize(("left", "fault"), [("", "empty"), ("Something else.", "no longer says")])
def test_no_target_outlives_its_text(
    left: str, fault: str, coverage: Coverage, ours: Book
) -> None:
    """With other words, or none, in every field and page, every target there is at fault."""
    bereft = replace(
        ours,
        terms=reworded(ours.terms, left), scenarios=reworded(ours.scenarios, left),
        debates=reworded(ours.debates, left), sources=reworded(ours.sources, left),
        docs={path: without_text(text, left)
              for path, text in ours.docs.items()},
    )
    found = {": ".join(one.split(": ")[:3]) for one in faults(coverage, bereft)}
    assert found >= {
        f"{point}: {target}: {fault}"
        for point, entry in coverage.items()
        for target in entry["covered_by"] if not target.endswith(SUFFIX)
    }


def reworded(value: Any, left: str, key: str = "") -> Any:
    """Records with `left` for every text but those by which targets pick items."""
    if isinstance(value, str):
        return value if key in PICKED_BY else left
    if isinstance(value, tuple):
        return tuple(reworded(one, left, key) for one in value)
    if isinstance(value, Mapping):
        return {name: reworded(one, left) for name, one in value.items()}
    if isinstance(value, Record):
        names = type(value).model_fields
        texts = {name: reworded(getattr(value, name), left, name) for name in names}
        return value.model_copy(update=texts)
    return value


def without_text(page: str, left: str) -> str:
    """A page with its headings, and below each nothing but `left`."""
    return "\n".join(f"{heading[0]}\n\n{left}\n" for heading in HEADING.finditer(page))
