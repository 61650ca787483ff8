"""The built site as one zip that works unzipped, opened from a disk without a server.

A browser that reads a folder looks for no index page in it, so every link to a folder is led to
that page. Scripts need nothing else: they load their data as scripts, and search knows of files.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

FOLDER = "site-offline"
INDEX = "index.html"
# 404.html is for servers, and a source map for those who work on the theme.
LEFT_OUT = {"404.html", ".map", ".gz"}
_LINKS = {"a[href]": "href", "link[href]": "href", "script[data-target]": "data-target"}
_REFRESH = re.compile(r"(\s*[\d.]+\s*;\s*url=)(.*)", re.IGNORECASE)


def offline_zip(site: Path) -> bytes:
    """The zip of the site built in `site`; the same bytes for the same site.

    Its dates are SOURCE_DATE_EPOCH's, or else the earliest that a zip can hold.
    """
    epoch = max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), 315532800)
    date = datetime.fromtimestamp(epoch, UTC).timetuple()[:6]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(path for path in site.rglob("*") if path.is_file()):
            if not LEFT_OUT.isdisjoint((file.name, file.suffix)):
                continue
            name = f"{FOLDER}/{file.relative_to(site).as_posix()}"
            entry = zipfile.ZipInfo(name, date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            is_page = file.suffix == ".html"
            archive.writestr(entry, _led_to_files(file) if is_page else file.read_bytes())
    return buffer.getvalue()


def _led_to_files(page: Path) -> str:
    """The HTML of `page` with its links to folders led to their index pages."""
    tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
    for selector, name in _LINKS.items():
        for node in tree.css(selector):
            node.attrs[name] = _to_file(node.attributes[name] or "", page.parent)
    for node in tree.css("meta[http-equiv=refresh]"):
        if found := _REFRESH.fullmatch(node.attributes["content"] or ""):
            node.attrs["content"] = found[1] + _to_file(found[2], page.parent)
    return tree.html or ""


def _to_file(link: str, folder: Path) -> str:
    url = urlsplit(link)
    if url.scheme or url.netloc or not url.path or not (folder / unquote(url.path)).is_dir():
        return link
    return url._replace(path=f"{url.path.rstrip('/')}/{INDEX}").geturl()
