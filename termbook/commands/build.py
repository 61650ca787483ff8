"""`termbook build` and `termbook serve`."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Annotated

import typer

from ..authoring.files import offer_ids
from ..book import Book
from ..cache import Cache
from ..exports.history import last_commit
from ..fingerprint import of_inputs, of_times, when_touched
from ..finished import FinishedPages
from ..publish import publish
from ..terminal import Format, Root, say
from ..workers import cores
from .check import cache_of, checked
from .site import date_by

app = typer.Typer()


@app.command()
def build(
    root: Root = Path("."),
    workers: Annotated[
        int, typer.Option(min=1, help="How many processes share the work.", show_default="cores")
    ] = cores(),
) -> None:
    """Check, build beside the site, verify, and swap; the last good site survives a failure."""
    start = time.monotonic()
    commit, touched = last_commit(root), when_touched(root)
    kept = cache_of(root)
    book = checked(
        root, strict=False, form=Format.text, kept=kept, workers=workers, meanwhile=_load_mkdocs
    )
    kept.write()  # what was parsed takes much memory
    offer_ids(root, book)
    site = root / "site"
    _log_warnings()
    date_by(commit)
    inputs = of_inputs(root, commit, book.texts, set(book.paths.values()))
    before = kept.find(inputs.every)
    if before and site.is_dir() and before == of_times(site).encode():
        say(f"Nothing has changed since it was built. Open {site / 'index.html'}", "green")
        return
    finished = FinishedPages(site, inputs.surroundings, kept)
    built = _published(root, book, workers, kept, finished)
    # After an edit in between, nobody knows what was read before and what after it.
    if (last_commit(root), when_touched(root)) == (commit, touched):
        times = of_times(built)
        kept.keep({inputs.every: times.encode(), **finished.to_keep(times)})
        kept.write()
    say(f"Built in {time.monotonic() - start:.1f} s. Open {site / 'index.html'}", "green")


def _published(
    root: Path, book: Book, workers: int, kept: Cache, finished: FinishedPages
) -> Path:
    """The folder of a new site, which takes the place of the one before; exits 1 if it fails."""
    from mkdocs.exceptions import Abort, BuildError, ConfigurationError

    from .. import plugin

    site = root / "site"
    try:
        return publish(
            site,
            lambda folder: plugin.build(
                root / "mkdocs.yml", folder, book, workers, kept, finished
            ),
            lambda folder: _verify(folder, book),
        )
    except (Abort, BuildError, ConfigurationError, _Incomplete, OSError) as error:
        say(f"{error}\nNothing was published; {site} is as it was.", "red")
        raise typer.Exit(1) from None


def _load_mkdocs() -> None:
    """Import what a build needs and a check does not, which takes a tenth of a second."""
    from .. import plugin  # noqa: F401


class _Incomplete(Exception):
    """The built site lacks pages."""


def _verify(folder: Path, book: Book) -> None:
    """Raise _Incomplete unless every page that the Book asks for was written."""
    from ..render import Renderer

    paths = [source.path.removesuffix(".md") for source in Renderer(book).page_sources()]
    files = [folder / ("404.html"), *(_html(folder, path) for path in paths)]
    if missing := [str(file.relative_to(folder)) for file in files if not file.is_file()]:
        raise _Incomplete(f"the built site lacks {', '.join(missing[:5])}")


def _html(folder: Path, path: str) -> Path:
    name = path.removesuffix("index").rstrip("/")
    return folder / name / "index.html"


def _log_warnings() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger("mkdocs").handlers[:] = [handler]


@app.command()
def serve(
    root: Root = Path("."),
    address: Annotated[str, typer.Option(help="Host and port to listen on.")] = "127.0.0.1:8000",
) -> None:
    """Serve the site and rebuild on every change; problems show in the browser too."""
    from .. import live

    offer_ids(root, checked(root, strict=False, form=Format.text))
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
    say(f"Serving on http://{address}/ (Ctrl+C ends it)")
    live.serve(root / "mkdocs.yml", address)
