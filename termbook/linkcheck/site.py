"""Every link of a built site, judged by linkchecker.

linkchecker never sees a page that no page links to, does not read og:image, canonical or sitemap
addresses, and names one page only for each broken address. So we collect all links ourselves and
serve the site on loopback, with a listing of every page and address as linkchecker's way in. Its
verdict on an address goes to every link that leads there; what only it found is reported too.
"""

from __future__ import annotations

import csv
import html
import importlib.util
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from .addresses import addresses
from .loopback import NOT_FOUND, served

CONFIG = Path(__file__).parents[2] / "linkcheckerrc"
TIMEOUT = 900.0
PROCESSES = min(4, os.cpu_count() or 1)  # linkchecker itself keeps one processor busy
LISTING = "/.listing-for-linkchecker-"


class LinkCheckerMissing(RuntimeError):
    """linkchecker or its settings are not there, so no link was checked."""


class LinkCheckerFailed(RuntimeError):
    """linkchecker did not do its work, so its silence says nothing about the links."""


@dataclass(frozen=True)
class BrokenLink:
    """A link as written on a page, why it is broken, and the file the page is generated from."""

    page: str
    link: str
    reason: str
    source: str | None


class Link(NamedTuple):
    """A link as written on a page; `own` when it has to be an address of this very site."""

    page: str
    link: str
    own: bool


class Page(NamedTuple):
    """What counts on a page: its links, and the ids that it uses more than once."""

    path: str
    links: list[Link]
    repeated_ids: list[str]


class Verdict(NamedTuple):
    """linkchecker on a link: where it met it, as written, as resolved, and the fault or ""."""

    parent: str
    link: str
    url: str
    fault: str


Targets = dict[Link, str | None]
Reasons = dict[tuple[str, str], str]


def check_site(
    site: Path,
    *,
    base_path: str = "/",
    source_of: Callable[[str], str | None],
    config: Path = CONFIG,
    timeout: float = TIMEOUT,
) -> list[BrokenLink]:
    """The broken links of the site built in the folder `site`: sorted, each page and link once.

    `base_path` is the path of site_url; `source_of` names the file that a page such as
    `glossary/customer/index.html` is generated from. An id used twice is reported as `#id`.
    Raises LinkCheckerMissing when linkchecker cannot run, LinkCheckerFailed when it does not end
    well within `timeout` seconds, and OSError when the site cannot be read.
    """
    site = site.resolve(strict=True)
    base = f"/{base_path.strip('/')}/".replace("//", "/")
    pages = [_read(site, path) for path in _paths(site)]
    with served(site, base) as server:
        home = server.home
        targets = _targets(pages, home)
        server.extra = _listings(pages, targets, home)
        verdicts = _ask_all([urljoin(home, path) for path in server.extra], config, timeout)
    faults = _faults(verdicts)
    if skipped := [page.path for page in pages if unquote(_url(home, page.path)) not in faults]:
        raise LinkCheckerFailed(f"linkchecker left out {len(skipped)} pages: {skipped[0]}, …")
    reasons = _found_by_it(verdicts, home) | _repeated(pages) | _found_by_us(targets, faults, home)
    return [
        BrokenLink(page, link, reason, source_of(page))
        for (page, link), reason in sorted(reasons.items())
    ]


def _paths(site: Path) -> list[str]:
    files = [*site.rglob("*.html"), *site.glob("sitemap.xml")]
    if not files:
        raise FileNotFoundError(f"{site}: there is no page in it")
    return sorted(file.relative_to(site).as_posix() for file in files)


def _read(site: Path, path: str) -> Page:
    tree = LexborHTMLParser((site / path).read_text(encoding="utf-8", errors="replace"))
    ids = Counter(node.attributes["id"] for node in tree.css("[id]"))
    links = {Link(path, written.strip(), own) for written, own in addresses(tree)}
    return Page(path, sorted(links), [id_ for id_, count in ids.items() if id_ and count > 1])


def _targets(pages: Iterable[Page], home: str) -> Targets:
    """Where each link leads to on our server; None if it leads to another site."""
    links = [link for page in pages for link in page.links]
    public = _public_home(links, urlsplit(home).path) or home
    return {link: _target(link, home, public) for link in links}


def _public_home(links: Iterable[Link], base: str) -> str | None:
    """The address of the published site, as most canonical and sitemap links have it."""
    hosts = [re.match(r"https?://[^/]+", link.link) for link in links if link.own]
    homes = Counter(host[0] + base for host in hosts if host)
    return max(sorted(homes), key=lambda home: homes[home], default=None)


def _target(link: Link, home: str, public: str) -> str | None:
    url = _join(_url(home, link.page), link.link)
    if url.startswith(public):
        url = home + url.removeprefix(public)
    return url if url.startswith(urljoin(home, "/")) else None


def _join(url: str, link: str) -> str:
    try:
        return urljoin(url, link)
    except ValueError:  # not an address at all
        return link


def _url(home: str, path: str) -> str:
    return home + quote(re.sub(r"(^|/)index\.html$", r"\1", path))


def _path(home: str, url: str) -> str:
    path = unquote(urlsplit(url.removeprefix(home)).path)
    return re.sub(r"(^|/)$", r"\1index.html", path)


def _listings(pages: list[Page], targets: Targets, home: str) -> dict[str, bytes]:
    """linkchecker's ways in by path: a share of the pages, and where their links lead to.

    Pages of another share are only looked at, not read, so the shares can be checked at once.
    """
    entries = {_url(home, page.path) for page in pages}
    listings = {}
    for number in range(min(PROCESSES, len(pages))):
        share = pages[number::PROCESSES]
        leads = {targets[link] for page in share for link in page.links} - entries
        urls = {_url(home, page.path) for page in share}.union(filter(None, leads))
        listings[f"{LISTING}{number}"] = _listing(urls)
    return listings


def _listing(urls: Iterable[str]) -> bytes:
    anchors = (f'<a href="{html.escape(url)}"></a>' for url in sorted(urls))
    return "\n".join(("<!doctype html>", '<meta charset="utf-8">', *anchors)).encode()


def _ask_all(urls: Iterable[str], config: Path, timeout: float) -> list[Verdict]:
    with ThreadPoolExecutor() as pool:
        return list(chain(*pool.map(lambda url: _ask(url, config, timeout), urls)))


def _ask(url: str, config: Path, timeout: float) -> list[Verdict]:
    """linkchecker's verdicts on everything that can be reached from `url`."""
    if not importlib.util.find_spec("linkcheck"):
        raise LinkCheckerMissing("linkchecker is not installed: pip install LinkChecker")
    if not config.is_file():
        raise LinkCheckerMissing(f"{config}: the settings for linkchecker are not there")
    try:
        run = _run(["--config", str(config.resolve()), url], timeout)
    except subprocess.TimeoutExpired as error:
        raise LinkCheckerFailed(f"linkchecker took more than {timeout:g} seconds") from error
    rows = _rows(run.stdout)
    if run.returncode not in (0, 1) or not rows:
        raise LinkCheckerFailed(f"linkchecker ended with {run.returncode}: {run.stderr[-2000:]}")
    return [Verdict(row["parentname"], row["urlname"], row["url"], _fault(row)) for row in rows]


def _run(arguments: list[str], timeout: float) -> subprocess.CompletedProcess[str]:
    # A home of its own: linkchecker writes there, and the user's settings must not matter.
    with TemporaryDirectory() as folder:
        own = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), folder)
        plain = {"LC_ALL": "C", "LANGUAGE": "en", "no_proxy": "127.0.0.1"}
        return subprocess.run(
            [sys.executable, "-P", "-m", "linkcheck", *arguments],
            env=os.environ | own | plain,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
        )


def _rows(output: str) -> list[dict[str, str]]:
    csv.field_size_limit(2**27)  # a missing anchor's warning names every id of the page
    return list(csv.DictReader(StringIO(output, newline=""), delimiter=";"))


def _fault(row: Mapping[str, str]) -> str:
    if row["valid"] != "True":
        return "nothing is there" if row["result"].startswith("404") else row["result"]
    if not row["warningstring"].startswith("Anchor "):
        return row["warningstring"]
    anchor = unquote(urlsplit(row["url"]).fragment)
    known_to_browsers = anchor.lower() == "top" or ":~:text=" in anchor
    return "" if known_to_browsers else f'nothing there has the id "{anchor}"'


def _faults(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """Faults by address: as linkchecker ended up with it, and as we resolve it ourselves."""
    faults = {}
    for verdict in verdicts:
        faults[unquote(verdict.url)] = verdict.fault
        faults[unquote(_join(verdict.parent, verdict.link))] = verdict.fault
    return faults


def _found_by_it(verdicts: Iterable[Verdict], home: str) -> Reasons:
    return {
        (_path(home, verdict.parent), verdict.link): verdict.fault
        for verdict in verdicts
        if verdict.fault and LISTING not in verdict.parent
    }


def _repeated(pages: Iterable[Page]) -> Reasons:
    return {
        (page.path, f"#{id_}"): f'more than one element has the id "{id_}"'
        for page in pages
        for id_ in page.repeated_ids
    }


def _found_by_us(targets: Targets, faults: Mapping[str, str], home: str) -> Reasons:
    reasons = {link: _reason(link, target, faults, home) for link, target in targets.items()}
    return {(link.page, link.link): reason for link, reason in reasons.items() if reason}


def _reason(link: Link, target: str | None, faults: Mapping[str, str], home: str) -> str:
    """Why `link` is broken; empty if it is not."""
    if target is None:
        return "it has to be an address of this site" if link.own else ""
    if link.page == NOT_FOUND and re.match(r"[^/]", urlsplit(link.link).path):
        return f"{NOT_FOUND} is shown in every folder, so its links have to begin with a slash"
    fault = faults.get(unquote(target), "linkchecker did not check it")
    if fault and not target.startswith(home):
        return f"it leads out of the site, which begins at {urlsplit(home).path}"
    return fault
