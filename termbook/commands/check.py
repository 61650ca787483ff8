"""`termbook check`, with which the commands that build or write begin too."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ..book import Book
from ..cache import CACHE, Cache, digest, engine
from ..checks import check as check_book
from ..load import Parsed, Reading, read
from ..problems import Problem, errors
from ..terminal import Format, Root, count, say, tell
from ..workers import cores

app = typer.Typer()


def cache_of(root: Path) -> Cache:
    """What was made before for `root`; what is wrong with it is said."""
    return Cache(root / CACHE, lambda text: say(text, "yellow"))


def _read(
    root: Path, kept: Cache, workers: int, meanwhile: Callable[[], object]
) -> Reading:
    """What stands under `root`; what was parsed is kept when something else is.

    It is kept in parts, by the first digits of its digests: of those an edit changes two.
    """
    keys = {digit: digest("parsed", engine(), digit) for digit in "0123456789abcdef"}
    stored = map(json.loads, kept.read(keys.values()).values())
    parsed: Parsed = {text: data for part in stored for text, data in part.items()}
    known = set(parsed)
    reading = read(root, parsed=parsed, workers=workers, meanwhile=meanwhile)
    parts: dict[str, Parsed] = {text[0]: {} for text in parsed.keys() ^ known}
    for text, data in parsed.items():
        if text[0] in parts:
            parts[text[0]][text] = data
    new = {keys[digit]: json.dumps(part).encode() for digit, part in parts.items()}
    kept.keep(new, keys.values())
    return reading


def _summary(book: Book, problems: list[Problem], start: float) -> str:
    wrong = len(errors(problems))
    warned = len(problems) - wrong
    counts = [
        count(len(book.terms), "term"), count(len(book.scenarios), "scenario"),
        count(len(book.debates), "debate"), count(len(book.sources), "source"),
        count(wrong, "problem"), *([count(warned, "warning")] if warned else []),
    ]
    return f"{', '.join(counts)}, {time.monotonic() - start:.1f} s"


def checked(
    root: Path, strict: bool, form: Format, kept: Cache | None = None, workers: int = cores(),
    meanwhile: Callable[[], object] = lambda: None,
) -> Book:
    """The Book under `root`; prints its problems and a summary, and exits 1 when they count.

    What is `kept` of files need not be parsed again; the rest is by at most `workers` processes,
    of which this one may do something else `meanwhile`.
    """
    start = time.monotonic()
    reading = _read(root, kept or cache_of(root), workers, meanwhile)
    problems = [*reading.problems, *check_book(reading.book)]
    bad = problems if strict else errors(problems)
    tell(problems, form)
    say(_summary(reading.book, problems, start), "red" if bad else "green")
    if bad:
        raise typer.Exit(1)
    return reading.book


@app.command()
def check(
    root: Root = Path("."),
    strict: Annotated[bool, typer.Option(help="Warnings count as problems too.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.text,
) -> None:
    """Check every YAML file and every reference; change nothing."""
    checked(root, strict, form)
