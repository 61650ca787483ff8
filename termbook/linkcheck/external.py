"""The addresses of all sources: which are due, asked side by side, and what to tell authors."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import date, timedelta
from itertools import zip_longest
from urllib.parse import urldefrag

from ..book import Book
from ..model import Source
from ..problems import Problem
from .fetch import PRIVATE, Client
from .status import DAYS_APART, LinkStatus, Seen, address_of, is_fresh, judge

AT_ONCE = 8

Statuses = Mapping[str, LinkStatus]


class NobodyAnswered(RuntimeError):
    """Several hosts were asked and none answered: the fault is likely here, and not with them."""


def addresses(book: Book) -> list[str]:
    """What servers are asked for by the sources of a Book, each address once, sorted."""
    return sorted({address_of(source.url) for source in book.sources.values() if source.url})


def due(asked_for: Iterable[str], before: Statuses, on: date, max_age: int) -> list[str]:
    """The addresses that were not asked in the last `max_age` days, one of each host in turn."""
    by_host = defaultdict(list)
    for address in asked_for:
        if not is_fresh(before.get(address), on, max_age):
            by_host[_host(address)].append(address)
    return [one for row in zip_longest(*by_host.values()) for one in row if one]


def ask_all(
    asked_for: Iterable[str], client: Client, told: Callable[[], object]
) -> dict[str, Seen]:
    """What each address shows, several asked at once; `told` is called as each is done.

    Raises NobodyAnswered when several hosts were asked and not one of them says anything.
    """
    seen = dict(_answers(asked_for, client, told))
    hosts = {_host(address) for address, one in seen.items() if one.reason != PRIVATE}
    if len(hosts) > 1 and all(one.status is None for one in seen.values()):
        raise NobodyAnswered(
            f"None of {len(hosts)} hosts gave an answer: is this machine online?")
    return seen


def judged(
    asked_for: Iterable[str], before: Statuses, seen: Mapping[str, Seen], on: date
) -> dict[str, LinkStatus]:
    """What is known of each address after some were asked on a day."""
    known = {one: judge(before.get(one), what, on) for one, what in seen.items()}
    return {one: known.get(one) or before[one] for one in asked_for}


def findings(book: Book, statuses: Statuses) -> list[Problem]:
    """What authors should know of the addresses of their sources: dead ones are errors."""
    return [
        _finding(book, source, source.url, status)
        for source in book.sources.values()
        if source.url and (status := statuses.get(address_of(source.url)))
        and status.state != "ok"
    ]


def _finding(book: Book, source: Source, url: str, status: LinkStatus) -> Problem:
    message, hint = _told(source, url, status)
    return Problem(
        book.locate(source.id, ("url",)), f"{status.state}-address", f'"{url}" {message}', hint,
        "error" if status.state == "dead" else "warning",
    )


def _told(source: Source, url: str, status: LinkStatus) -> tuple[str, str]:
    if status.moved_to:
        part = urldefrag(url).fragment
        return "has moved for good", f'Write "{status.moved_to}{f"#{part}" if part else ""}"'
    if not status.first_failed_on:
        return (f"shows nothing clear ({status.reason})",
                "Open it in a browser to see whether it is still there")
    if status.state == "failing":
        day = status.first_failed_on + timedelta(days=DAYS_APART)
        return (f"fails since {status.first_failed_on} ({status.reason})",
                f"It is dead if it still fails on {day} or later")
    return (f"is dead since {status.first_failed_on} ({status.reason})",
            "Write the address where it is now, if there is one; readers are led to the archived "
            "copy" if source.archived else
            'Write the address where it is now, or add "archived: …" with a web archive\'s copy')


def _answers(
    asked_for: Iterable[str], client: Client, told: Callable[[], object]
) -> Iterator[tuple[str, Seen]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {pool.submit(client.ask, address): address for address in asked_for}
        try:
            for done in as_completed(running):
                told()
                yield running[done], done.result()
        except BaseException:
            client.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _host(address: str) -> str:
    return re.split(r"[/?#]", address)[2].casefold()
