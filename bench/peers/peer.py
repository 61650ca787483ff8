"""What the bench knows of a generator, and how the writers of corpora write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from textwrap import fill

from ..corpus import Corpus

REPOSITORY = Path(__file__).parent.parent.parent
# Where every peer builds, in the folder of its corpus.
SITE = "site"
# Generators that would not go well with what Termbook needs have an environment of their own.
APART = REPOSITORY / ".venv-bench"


class Absent(Exception):
    """A generator is not on this machine; says why."""


@dataclass(frozen=True, eq=False)
class Peer:
    """A generator: how it gets a corpus, and what it runs in the folder of one.

    `version` raises Absent where the generator is not installed. `source` is the file of a term,
    with `{}` for its id; its page is `glossary/ID/`. `made` are the paths that `build` leaves,
    caches too. `serve` holds `{port}`; `search` are patterns of the files in the site that opening
    its search fetches. What is None, or empty, the generator does not have.
    """

    name: str
    version: Callable[[], str]
    write: Callable[[Corpus, Path], None]
    source: str
    build: tuple[str, ...]
    made: tuple[str, ...]
    serve: tuple[str, ...] | None = None
    search: tuple[str, ...] = ()
    check: tuple[str, ...] | None = None


def installed(distribution: str) -> str:
    """The version of a Python distribution of this environment; raises Absent without it."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        raise Absent(f"{distribution} is not installed") from None


def installed_apart(distribution: str) -> str:
    """The version of a Python distribution in `.venv-bench`; raises Absent without it."""
    folders = [str(path) for path in APART.glob("lib/python*/site-packages")]
    for found in metadata.distributions(name=distribution, path=folders):
        return found.version
    raise Absent(f"{distribution} is not installed in {APART.name}")


def apart(program: str) -> str:
    """The path of a program of `.venv-bench`."""
    return str(APART / "bin" / program)


def write(path: Path, text: str) -> None:
    """Write a file, and the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def wrapped(text: str, indent: str = "") -> str:
    """Paragraphs in lines of at most 90 characters, which leaves room for an edit."""
    return "\n\n".join(
        fill(one, 90, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        for one in text.split("\n\n")
    )
