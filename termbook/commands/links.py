"""`termbook links`: those of the built site, or the addresses of all sources."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from ..authoring.files import write
from ..book import Book
from ..linkcheck.status import MAX_AGE, TIMEOUT, Seen, as_file
from ..load import LINK_STATUS_FILE, read
from ..problems import errors
from ..terminal import Root, count, say, tell
from .site import built, config_of

if TYPE_CHECKING:
    from ..linkcheck.external import Statuses

app = typer.Typer()


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
    from ..linkcheck.external import NobodyAnswered, addresses, due, findings, judged

    start = time.monotonic()
    reading = read(root)
    tell(reading.problems)
    if errors(reading.problems):
        say("Nobody was asked: mend these problems first", "red")
        raise typer.Exit(1)
    book, asked_for = reading.book, addresses(reading.book)
    if not asked_for:
        say("No source has an address", "green")
        return
    to_ask = due(asked_for, book.link_status, on, max_age)
    try:
        statuses = judged(asked_for, book.link_status, _asked(to_ask, timeout), on)
        write(root, {LINK_STATUS_FILE: as_file(statuses)})
    except (NobodyAnswered, OSError) as error:
        say(f"{error}\nNothing was kept; {LINK_STATUS_FILE} is as it was.", "red")
        raise typer.Exit(2) from None
    found = findings(book, statuses)
    tell(found)
    say(_address_summary(statuses, len(to_ask), start), "red" if errors(found) else "green")
    if errors(found):
        raise typer.Exit(1)


def _asked(to_ask: list[str], timeout: float) -> dict[str, Seen]:
    """What the addresses show; a bar tells how far it is."""
    from ..linkcheck.external import ask_all
    from ..linkcheck.fetch import Client

    label = f"Asking {count(len(to_ask), 'address')}"
    with typer.progressbar(length=len(to_ask), label=label, file=sys.stderr) as bar:
        return ask_all(to_ask, Client(timeout), lambda: bar.update(1))


def _address_summary(statuses: Statuses, asked: int, start: float) -> str:
    states = Counter(status.state for status in statuses.values())
    counts = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    return (f"{count(len(statuses), 'address')} ({counts or 'none'}), {asked} asked, "
            f"{time.monotonic() - start:.1f} s")


def _check_built(root: Path) -> None:
    from ..linkcheck.site import LinkCheckerFailed, LinkCheckerMissing, check_site

    start = time.monotonic()
    site = built(root)
    book = read(root).book
    base = urlsplit(str(config_of(root).site_url or "/")).path or "/"
    try:
        broken = check_site(site, base_path=base, source_of=lambda page: _source_of(book, page))
    except (LinkCheckerMissing, LinkCheckerFailed) as error:
        say(str(error), "red")
        raise typer.Exit(2) from None
    for one in broken:
        made_from = f" (generated from {one.source})" if one.source else ""
        say(f"{one.page}: {one.link}: {one.reason}{made_from}", "red")
    say(f"{count(len(broken), 'broken link')}, {time.monotonic() - start:.1f} s",
         "red" if broken else "green")
    if broken:
        raise typer.Exit(1)


def _source_of(book: Book, page: str) -> str | None:
    """The YAML file behind a page such as glossary/customer/index.html, if there is one."""
    parts = page.split("/")
    return book.paths.get(parts[-2]) if len(parts) == 3 else None
