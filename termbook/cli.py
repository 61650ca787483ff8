"""The command line: `termbook check | build | serve | links | offline | export | diff`.

Exit codes: 0 all is well, 1 problems were found (each is printed), 2 the command was misused.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from urllib.parse import urlsplit

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")

import typer
from mkdocs.exceptions import Abort, BuildError, ConfigurationError

from .authoring import cli as authoring
from .authoring.files import offer_ids, replace, write
from .book import Book
from .cache import CACHE, Cache, digest, engine
from .checks import check as check_book
from .diff.review import Review, review
from .diff.revisions import GitFailed, checked_out, parting
from .diff.text import FORMATS as DIFF_FORMATS
from .exports.history import history
from .exports.moodle import GIFT_FILE, XML_FILE, moodle_xml
from .exports.moodle import gift as as_gift
from .exports.offline import FOLDER as OFFLINE
from .exports.offline import offline_zip
from .exports.sheets import FILE as SHEETS_FILE
from .exports.sheets import BadDraw, Draw, PangoMissing
from .exports.sheets import sheets as as_sheets
from .fingerprint import of_inputs, of_times, when_touched
from .finished import FinishedPages
from .linkcheck.status import MAX_AGE, TIMEOUT, Seen, as_file
from .load import LINK_STATUS_FILE, SCHEMAS_FOLDER, SETTINGS_FILE, Reading, read
from .problems import Problem, errors
from .publish import publish
from .render import Renderer
from .schemas import schemas as all_schemas
from .study.bank import Bank, bank
from .study.cards import deck_file
from .terminal import Format, Root
from .terminal import count as _count
from .terminal import say as _say
from .terminal import tell as _print
from .workers import cores

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from .linkcheck.external import Statuses

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Turn YAML terms, scenarios and debates into a checked, cross-linked site.",
)


def _cache(root: Path) -> Cache:
    return Cache(root / CACHE, lambda text: _say(text, "yellow"))


def _read(root: Path, kept: Cache) -> Reading:
    """What stands under `root`; what was parsed is kept when something else is."""
    key = digest("parsed", engine())
    value = kept.find(key)
    parsed = json.loads(value) if value else {}
    known = set(parsed)
    reading = read(root, parsed=parsed)
    if parsed.keys() != known:
        kept.keep({key: json.dumps(parsed).encode()})
    return reading


def _summary(book: Book, problems: list[Problem], start: float) -> str:
    wrong = len(errors(problems))
    warned = len(problems) - wrong
    counts = [
        _count(len(book.terms), "term"), _count(len(book.scenarios), "scenario"),
        _count(len(book.debates), "debate"), _count(len(book.sources), "source"),
        _count(wrong, "problem"), *([_count(warned, "warning")] if warned else []),
    ]
    return f"{', '.join(counts)}, {time.monotonic() - start:.1f} s"


def _checked(root: Path, strict: bool, form: Format, kept: Cache | None = None) -> Book:
    """The Book under `root`; prints its problems and a summary, and exits 1 when they count.

    What is `kept` of files need not be parsed again.
    """
    start = time.monotonic()
    reading = _read(root, kept or _cache(root))
    problems = [*reading.problems, *check_book(reading.book)]
    bad = problems if strict else errors(problems)
    _print(problems, form)
    _say(_summary(reading.book, problems, start), "red" if bad else "green")
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
    _checked(root, strict, form)


@app.command()
def build(
    root: Root = Path("."),
    workers: Annotated[
        int, typer.Option(min=1, help="How many processes share the work.", show_default="cores")
    ] = cores(),
) -> None:
    """Check, build beside the site, verify, and swap; the last good site survives a failure."""
    from . import plugin  # MkDocs takes a quarter of a second, which `check` need not spend

    start = time.monotonic()
    commit, touched = _of_last_commit(root, "%H %ct"), when_touched(root)
    kept = _cache(root)
    book = _checked(root, strict=False, form=Format.text, kept=kept)
    kept.write()  # what was parsed takes much memory
    offer_ids(root, book)
    site = root / "site"
    _log_warnings()
    os.environ.setdefault("SOURCE_DATE_EPOCH", commit.partition(" ")[2] or "0")
    inputs = of_inputs(root, commit, book.texts, set(book.paths.values()))
    before = kept.find(inputs.every)
    if before and site.is_dir() and before == of_times(site).encode():
        _say(f"Nothing has changed since it was built. Open {site / 'index.html'}", "green")
        return
    finished = FinishedPages(site, inputs.surroundings, kept)
    try:
        built = publish(
            site,
            lambda folder: plugin.build(
                root / "mkdocs.yml", folder, book, workers, kept, finished
            ),
            lambda folder: _verify(folder, book),
        )
    except (Abort, BuildError, ConfigurationError, _Incomplete, OSError) as error:
        _say(f"{error}\nNothing was published; {site} is as it was.", "red")
        raise typer.Exit(1) from None
    # After an edit in between, nobody knows what was read before and what after it.
    if (_of_last_commit(root, "%H %ct"), when_touched(root)) == (commit, touched):
        times = of_times(built)
        kept.keep({inputs.every: times.encode(), **finished.to_keep(times)})
        kept.write()
    _say(f"Built in {time.monotonic() - start:.1f} s. Open {site / 'index.html'}", "green")


class _Incomplete(Exception):
    """The built site lacks pages."""


def _verify(folder: Path, book: Book) -> None:
    """Raise _Incomplete unless every page that the Book asks for was written."""
    paths = [source.path.removesuffix(".md") for source in Renderer(book).page_sources()]
    files = [folder / ("404.html"), *(_html(folder, path) for path in paths)]
    if missing := [str(file.relative_to(folder)) for file in files if not file.is_file()]:
        raise _Incomplete(f"the built site lacks {', '.join(missing[:5])}")


def _html(folder: Path, path: str) -> Path:
    name = path.removesuffix("index").rstrip("/")
    return folder / name / "index.html"


def _last_change(root: Path) -> str:
    """Seconds since 1970 of the last commit, so that the same input gives the same bytes."""
    return _of_last_commit(root, "%ct") or "0"


def _of_last_commit(root: Path, form: str) -> str:
    """What git tells of the last commit in that form; nothing where there is none."""
    done = subprocess.run(
        ["git", "-C", str(root), "log", "-1", f"--format={form}"], capture_output=True, text=True,
        check=False,
    )
    return done.stdout.strip()


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
    from . import live

    offer_ids(root, _checked(root, strict=False, form=Format.text))
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
    _say(f"Serving on http://{address}/ (Ctrl+C ends it)")
    live.serve(root / "mkdocs.yml", address)


def _built(root: Path) -> Path:
    """The built site of `root`; without one, exit 2."""
    site = root / "site"
    if not (site / "index.html").is_file():
        _say(f"{site} is not built yet: run `termbook build` first", "red")
        raise typer.Exit(2)
    return site


@app.command()
def links(
    root: Root = Path("."),
    external: Annotated[bool, typer.Option(
        "--external", help="Ask the addresses of all sources instead, and keep what they show."
    )] = False,
    max_age: Annotated[int | None, typer.Option(
        min=0, metavar="DAYS",
        help=f"With --external: ask none asked in the last DAYS days; {MAX_AGE} by default.",
    )] = None,
    timeout: Annotated[int | None, typer.Option(
        min=1, max=600, metavar="SECONDS",
        help=f"With --external: wait so long for an answer; {TIMEOUT:g} by default.",
    )] = None,
) -> None:
    """Check every link of the built site with linkchecker, over HTTP on this machine."""
    if external:
        age = MAX_AGE if max_age is None else max_age
        _check_addresses(root, age, TIMEOUT if timeout is None else timeout, _today())
    elif max_age is None and timeout is None:
        _check_built(root)
    else:
        raise typer.BadParameter("--max-age and --timeout go with --external")


def _today() -> date:
    return datetime.now(UTC).date()


def _check_addresses(root: Path, max_age: int, timeout: float, on: date) -> None:
    """Ask the addresses of all sources that are due, keep what they show; exit 1 for a dead one."""
    from .linkcheck.external import NobodyAnswered, addresses, due, findings, judged

    start = time.monotonic()
    reading = read(root)
    _print(reading.problems)
    if errors(reading.problems):
        _say("Nobody was asked: mend these problems first", "red")
        raise typer.Exit(1)
    book, asked_for = reading.book, addresses(reading.book)
    if not asked_for:
        _say("No source has an address", "green")
        return
    to_ask = due(asked_for, book.link_status, on, max_age)
    try:
        statuses = judged(asked_for, book.link_status, _asked(to_ask, timeout), on)
        write(root, {LINK_STATUS_FILE: as_file(statuses)})
    except (NobodyAnswered, OSError) as error:
        _say(f"{error}\nNothing was kept; {LINK_STATUS_FILE} is as it was.", "red")
        raise typer.Exit(2) from None
    found = findings(book, statuses)
    _print(found)
    _say(_address_summary(statuses, len(to_ask), start), "red" if errors(found) else "green")
    if errors(found):
        raise typer.Exit(1)


def _asked(to_ask: list[str], timeout: float) -> dict[str, Seen]:
    """What the addresses show; a bar tells how far it is."""
    from .linkcheck.external import ask_all
    from .linkcheck.fetch import Client

    label = f"Asking {_count(len(to_ask), 'address')}"
    with typer.progressbar(length=len(to_ask), label=label, file=sys.stderr) as bar:
        return ask_all(to_ask, Client(timeout), lambda: bar.update(1))


def _address_summary(statuses: Statuses, asked: int, start: float) -> str:
    states = Counter(status.state for status in statuses.values())
    counts = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    return (f"{_count(len(statuses), 'address')} ({counts or 'none'}), {asked} asked, "
            f"{time.monotonic() - start:.1f} s")


def _check_built(root: Path) -> None:
    from .linkcheck.site import LinkCheckerFailed, LinkCheckerMissing, check_site

    start = time.monotonic()
    site = _built(root)
    book = read(root).book
    base = urlsplit(str(_config(root).site_url or "/")).path or "/"
    try:
        broken = check_site(site, base_path=base, source_of=lambda page: _source_of(book, page))
    except (LinkCheckerMissing, LinkCheckerFailed) as error:
        _say(str(error), "red")
        raise typer.Exit(2) from None
    for one in broken:
        made_from = f" (generated from {one.source})" if one.source else ""
        _say(f"{one.page}: {one.link}: {one.reason}{made_from}", "red")
    _say(f"{_count(len(broken), 'broken link')}, {time.monotonic() - start:.1f} s",
         "red" if broken else "green")
    if broken:
        raise typer.Exit(1)


@app.command()
def offline(root: Root = Path(".")) -> None:
    """Write the built site into site-offline.zip, which works unzipped and without a server."""
    site = _built(root)
    os.environ.setdefault("SOURCE_DATE_EPOCH", _last_change(root))
    target = root / f"{OFFLINE}.zip"
    target.write_bytes(offline_zip(site.resolve()))
    _say(f"Wrote {target}. Unzip it and open {OFFLINE}/index.html", "green")


export = typer.Typer(no_args_is_help=True, help="Write what is studied for another program.")
app.add_typer(export, name="export")
Out = Annotated[
    Path | None, typer.Option("--out", dir_okay=False, help="The file to write.")
]


@export.command()
def anki(root: Root = Path("."), out: Out = None) -> None:
    """Write the cards as an Anki deck, which learners import again when it has changed."""
    from .exports.anki import deck

    book = _checked(root, strict=False, form=Format.text)
    if not (name := deck_file(book)):
        _refuse(f"{SETTINGS_FILE} names no deck. Add a line such as `deck: My glossary`, and never "
                "change it once somebody learns from it")
    config = _config(root)
    os.environ.setdefault("SOURCE_DATE_EPOCH", _last_change(root))
    _write(out or root / name, deck(
        book, history(root), int(os.environ["SOURCE_DATE_EPOCH"]), config.site_description or "",
        config.site_url or "",
    ))


@export.command()
def gift(root: Root = Path("."), out: Out = None) -> None:
    """Write the questions in GIFT, a text format of Moodle's that other programs read as well."""
    book, some = _questions(root)
    _write(out or root / GIFT_FILE, as_gift(book, some, _site_url(root)).encode())


@export.command()
def moodle(root: Root = Path("."), out: Out = None) -> None:
    """Write the questions in Moodle XML."""
    book, some = _questions(root)
    _write(out or root / XML_FILE, moodle_xml(book, some, _site_url(root)))


@export.command()
def sheets(
    root: Root = Path("."),
    out: Out = None,
    seed: Annotated[str, typer.Option(help="What the draw hangs on: any word.")] = "1",
    number: Annotated[int, typer.Option(min=1, help="How many questions, at most.")] = 20,
    scenario: Annotated[str, typer.Option(help="Id of the scenario they are set in.")] = "",
    domain: Annotated[str, typer.Option(help="Id of the domain of the exam.")] = "",
    authored: Annotated[
        bool, typer.Option("--authored", help="None that is made from the data.")
    ] = False,
    exam: Annotated[bool, typer.Option("--exam", help="Domains as the exam weighs them.")] = False,
) -> None:
    """Write a quiz as a PDF to print, and its key as another one beside it."""
    book, some = _questions(root)
    config = _config(root)
    draw = Draw(seed, number, scenario, domain, authored, exam)
    try:
        quiz, key = as_sheets(book, some, draw, config.site_name, config.site_url or "")
    except BadDraw as error:
        _refuse(str(error))
    except PangoMissing as error:
        _refuse(f"PDF needs the library Pango ({error}). On Debian or Ubuntu: apt install "
                "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; on macOS: brew install "
                "pango; on Windows: install it with MSYS2")
    target = out or root / SHEETS_FILE
    _write(target, quiz)
    _write(target.with_stem(f"{target.stem}-key"), key)


def _questions(root: Path) -> tuple[Book, Bank]:
    """The checked Book under `root` and its bank; exits 2 when that has no question."""
    book = _checked(root, strict=False, form=Format.text)
    if not (some := bank(book)).items:
        _refuse("There is no question: write study/exam.yml, and then questions with "
                "`termbook new question`")
    return book, some


def _config(root: Path) -> MkDocsConfig:
    from mkdocs.config import load_config

    return load_config(str(root / "mkdocs.yml"))


def _site_url(root: Path) -> str:
    return _config(root).site_url or ""


def _write(target: Path, content: bytes) -> None:
    try:
        replace(target, content)
    except OSError as error:
        _refuse(f"{target} cannot be written: {error.strerror}")
    _say(f"Wrote {target}", "green")


def _refuse(why: str) -> NoReturn:
    """Say why a command cannot do what it was asked, and exit 2."""
    _say(why, "red")
    raise typer.Exit(2) from None


def _source_of(book: Book, page: str) -> str | None:
    """The YAML file behind a page such as glossary/customer/index.html, if there is one."""
    parts = page.split("/")
    return book.paths.get(parts[-2]) if len(parts) == 3 else None


class DiffFormat(StrEnum):
    """How a review is printed."""

    text = "text"
    markdown = "markdown"
    json = "json"


@app.command()
def diff(
    base: Annotated[str, typer.Argument(help="The Git revision to compare with.")],
    head: Annotated[
        str | None, typer.Argument(help="The changed revision; else the files as they are now.")
    ] = None,
    root: Root = Path("."),
    form: Annotated[
        DiffFormat, typer.Option("--format", help="How to print.")
    ] = DiffFormat.text,
) -> None:
    """Tell what changed since BASE as knowledge: terms, claims, relations, pages affected."""
    try:
        with checked_out(root, parting(root, base, head or "HEAD")) as before:
            if head is None:
                told = _review(before, root)
            else:
                with checked_out(root, head) as after:
                    told = _review(before, after)
    except GitFailed as error:
        _say(str(error), "red")
        raise typer.Exit(2) from None
    typer.echo(DIFF_FORMATS[form](told), nl=False)
    if told.problems:
        raise typer.Exit(1)


def _review(before: Path, after: Path) -> Review:
    base, head = read(before), read(after)
    if wrong := len(base.problems) + len(head.problems):
        _say(f"{_count(wrong, 'problem')} found while reading: what could not be read is left "
             "out. Run `termbook check`", "yellow")
    return review(base.book, head.book)


@app.command()
def schemas(root: Root = Path(".")) -> None:
    """Write the JSON Schemas that editors use into schemas/."""
    folder = root / SCHEMAS_FOLDER
    folder.mkdir(exist_ok=True)
    for name, text in all_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
    offer_ids(root, read(root).book)
    _say(f"Wrote {_count(len(all_schemas()) + 1, 'schema')} to {folder}")


authoring.add_to(app)


def main() -> None:
    """Run the command line; Ctrl+C ends it without a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # or Python would look for circles once more before it ends
