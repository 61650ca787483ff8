"""`termbook export` and `termbook offline`: what is written for others to read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ..authoring.files import replace
from ..book import Book
from ..exports.history import history, last_commit
from ..exports.moodle import GIFT_FILE, XML_FILE, moodle_xml
from ..exports.moodle import gift as as_gift
from ..exports.offline import FOLDER as OFFLINE
from ..exports.offline import offline_zip
from ..exports.sheets import FILE as SHEETS_FILE
from ..exports.sheets import BadDraw, Draw, PangoMissing
from ..exports.sheets import sheets as as_sheets
from ..load import SETTINGS_FILE
from ..study.bank import Bank, bank
from ..study.cards import deck_file
from ..terminal import Format, Root, say
from .check import checked
from .site import built, config_of, date_by

app = typer.Typer()


@app.command()
def offline(root: Root = Path(".")) -> None:
    """Write the built site into site-offline.zip, which works unzipped and without a server."""
    site = built(root)
    date_by(last_commit(root))
    target = root / f"{OFFLINE}.zip"
    target.write_bytes(offline_zip(site.resolve()))
    say(f"Wrote {target}. Unzip it and open {OFFLINE}/index.html", "green")


export = typer.Typer(no_args_is_help=True, help="Write what is studied for another program.")
app.add_typer(export, name="export")
Out = Annotated[
    Path | None, typer.Option("--out", dir_okay=False, help="The file to write.")
]


@export.command()
def anki(root: Root = Path("."), out: Out = None) -> None:
    """Write the cards as an Anki deck, which learners import again when it has changed."""
    from ..exports.anki import deck

    book = checked(root, strict=False, form=Format.text)
    if not (name := deck_file(book)):
        _refuse(f"{SETTINGS_FILE} names no deck. Add a line such as `deck: My glossary`, and never "
                "change it once somebody learns from it")
    config = config_of(root)
    date_by(last_commit(root))
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
    config = config_of(root)
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
    book = checked(root, strict=False, form=Format.text)
    if not (some := bank(book)).items:
        _refuse("There is no question: write study/exam.yml, and then questions with "
                "`termbook new question`")
    return book, some


def _site_url(root: Path) -> str:
    return config_of(root).site_url or ""


def _write(target: Path, content: bytes) -> None:
    try:
        replace(target, content)
    except OSError as error:
        _refuse(f"{target} cannot be written: {error.strerror}")
    say(f"Wrote {target}", "green")


def _refuse(why: str) -> NoReturn:
    """Say why a command cannot do what it was asked, and exit 2."""
    say(why, "red")
    raise typer.Exit(2) from None
