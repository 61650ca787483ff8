"""No run of seven words is taken over from the five texts that this knowledge base began with.

The texts belong to others and are not kept here. What is kept is `seed_shingles.txt`: of every run
of seven words in them, the first 16 hex digits of its SHA-256. To write it anew from a folder that
holds the texts as *.txt files:

    python tests/test_originality.py FOLDER > tests/seed_shingles.txt

Names and titles may be repeated where `allowed_overlaps.yml` lists them with a reason.
"""

from __future__ import annotations

import hashlib
import html
import re
import sys
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from pathlib import Path

import prose
import pytest

from termbook.book import Book
from termbook.figures.figure import SUFFIX
from termbook.guarded_yaml import parse
from termbook.load import load
from termbook.model import Record, leaves
from termbook.prose import plain

TESTS = prose.ROOT / "tests"
RUN = 7
# What may stand between two words of a page: macros, attribute lists, HTML tags.
BETWEEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[:.#][^{}]*\}|</?[a-z][^<>]*>", re.DOTALL)
SONG = "Ten green bottles are hanging on the old stone wall"


def words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation; a hyphen parts two words."""
    text = unicodedata.normalize("NFKC", html.unescape(text)).casefold()
    return re.findall(r"[^\W_]+", re.sub("['’]", "", text))


def runs(text: str) -> Iterator[str]:
    """Every run of seven words in a text, in reading order."""
    found = words(text)
    for start in range(len(found) - RUN + 1):
        yield " ".join(found[start : start + RUN])


def shingle(run: str) -> str:
    """The hash by which a run is kept."""
    return hashlib.sha256(run.encode()).hexdigest()[:16]


def shingles(folder: Path) -> list[str]:
    """The hashes of every run of seven words in each *.txt file of a folder, sorted."""
    texts = [path.read_text("utf-8") for path in folder.glob("*.txt")]
    return sorted({shingle(run) for text in texts for run in runs(text)})


def overlaps(
    content: Mapping[str, str], seeds: Collection[str], allowed: Mapping[str, str]
) -> list[str]:
    """Every run that the content (place → text) shares with the seeds and that no allowance
    (text → reason) excuses, and every allowance that is not, or no longer, a good one."""
    shared = [
        (place, run)
        for place, text in content.items() for run in runs(text) if shingle(run) in seeds
    ]
    taken = {run for _, run in shared}
    excused = {run for text in allowed for run in runs(text)}
    return [
        *(f"{place}: copied: {run}" for place, run in shared if run not in excused),
        *(f"allowed for no reason: {text}" for text in allowed if not allowed[text]),
        *(f"allowed in vain: {text}" for text in allowed
          if not any(runs(text)) or not taken.issuperset(runs(text))),
    ]


def our_content() -> dict[str, str]:
    """All our prose: every text of every record, every page and figure, and the points covered."""
    book = load(prose.ROOT)
    points = parse((TESTS / "coverage.yml").read_text("utf-8"))
    return {
        **{f"{name}:{'.'.join(map(str, leaf.keys))}": plain(leaf.value)
           for name, record in all_records(book) for leaf in leaves(record)},
        **{path: plain(text) for path, text in book.docs.items()},
        **{f"{path}:as shown": plain(BETWEEN.sub(" ", text)) for path, text in book.docs.items()},
        **{path.name: prose.drawn(path.name, book)
           for path in prose.FIGURES.glob("*" + SUFFIX)},
        **{f"coverage.yml:{point}": entry["point"] for point, entry in points.items()},
    }


def all_records(book: Book) -> Iterator[tuple[str, Record]]:
    """Every record of whatever kind a Book holds, by its id or by the name of its field."""
    for field in fields(book):
        value = getattr(book, field.name)
        named = value if isinstance(value, Mapping) else {field.name: value}
        yield from ((name, one) for name, one in named.items() if isinstance(one, Record))


@pytest.fixture(scope="module")
def ours() -> dict[str, str]:
    return our_content()


@pytest.fixture(scope="module")
def seeds() -> list[str]:
    return (TESTS / "seed_shingles.txt").read_text("ascii").split("\n")[:-1]


@pytest.fixture(scope="module")
def allowed() -> dict[str, str]:
    entries = parse((TESTS / "allowed_overlaps.yml").read_text("utf-8"))["allowed"]
    return {entry["words"]: entry["reason"] for entry in entries}


def test_our_content_is_in_our_words(
    ours: dict[str, str], seeds: list[str], allowed: dict[str, str]
) -> None:
    assert overlaps(ours, frozenset(seeds), allowed) == []


def test_all_content_is_read(ours: dict[str, str]) -> None:
    places = {"customer:definition", "internal-it:cast.0.why", "what-is-a-customer:short_answer",
              "forum-2019:note", "exam:note", "docs/index.md", "docs/session/task.md:as shown",
              "money-and-use.svg.jinja", "coverage.yml:S0.1"}
    assert {place for place in places if not ours.get(place)} == set()


def test_the_kept_hashes_are_those_of_the_five_texts(
    seeds: list[str], allowed: dict[str, str]
) -> None:
    """Titles are in the texts; so a file that is cut, empty or made in another way is noticed."""
    assert len(seeds) > 3000
    assert seeds == sorted(set(seeds))
    assert [seed for seed in seeds if not re.fullmatch("[0-9a-f]{16}", seed)] == []
    assert [run for text in allowed for run in runs(text) if shingle(run) not in seeds] == []


@pytest.mark.parametrize("place", ["customer:definition", "docs/about.md", "coverage.yml:S0.1"])
def test_a_run_copied_into_our_content_is_found(
    place: str, ours: dict[str, str], seeds: list[str], allowed: dict[str, str]
) -> None:
    title = next(iter(allowed))
    spoilt = {**ours, place: f"{ours[place]} {title}"}
    others = {text: reason for text, reason in allowed.items() if text != title}
    found = overlaps(spoilt, frozenset(seeds), others)
    copied = [fault for fault in found if fault.startswith(f"{place}: ")]
    assert copied == [f"{place}: copied: {run}" for run in runs(title)]


@pytest.mark.parametrize(
    "text",
    [
        "bottles are hanging on the old stone",
        "We sing: “Green bottles ARE hanging, on the old…” and stop.",
        "green-bottles are\n\n- hanging on the *old*",
        "green bottles [are hanging][hang] on the [old](wall.md) one",
        "green bottl’es are hang'ing on the o&#108;d",
    ],
)
def test_a_copied_run_is_found_in_any_dress(text: str, tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text(f"A song.\n{SONG}.", "utf-8")
    (fault,) = overlaps({"here": plain(text)}, shingles(tmp_path), {})
    assert fault.startswith("here: copied: ")


def test_six_words_are_nobodys(tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text(SONG, "utf-8")
    assert overlaps({"here": "are hanging on the old stone fence"}, shingles(tmp_path), {}) == []


@pytest.mark.parametrize(
    ("allowed", "faults"),
    [
        ({SONG: "a title"}, []),
        ({SONG: ""}, [f"allowed for no reason: {SONG}"]),
        ({SONG: "a title", "old wall": "too short"}, ["allowed in vain: old wall"]),
        ({SONG: "a title", SONG + " today": "not said"}, [f"allowed in vain: {SONG} today"]),
    ],
)
def test_an_allowance_is_needed_and_reasoned(
    allowed: dict[str, str], faults: list[str], tmp_path: Path
) -> None:
    (tmp_path / "song.txt").write_text(SONG, "utf-8")
    assert overlaps({"here": SONG}, shingles(tmp_path), allowed) == faults


if __name__ == "__main__":
    print("\n".join(shingles(Path(sys.argv[1]))))
