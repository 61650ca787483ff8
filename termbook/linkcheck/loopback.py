"""A built site as a web host would serve it, for this machine only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import BinaryIO
from urllib.parse import urlsplit

NOT_FOUND = "404.html"


class Server(ThreadingHTTPServer):
    """Serves the folder `site` at `home`, and `extra` pages by their path on this server."""

    request_queue_size = 64

    def __init__(self, site: Path, base: str) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(site)))
        self.base = base
        self.home = f"http://127.0.0.1:{self.server_port}{base}"
        self.extra: Mapping[str, bytes] = {}

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a visitor may hang up on a file that it need not read."""


@contextmanager
def served(site: Path, base: str) -> Iterator[Server]:
    """The folder `site` on a free port, below the path `base`, which ends with a slash."""
    with Server(site, base) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


class _Handler(SimpleHTTPRequestHandler):
    server: Server

    def send_head(self) -> BinaryIO | None:
        if self.path in self.server.extra:
            return self._page(200, self.server.extra[self.path])
        if self._exists():
            return super().send_head()
        page = Path(self.directory, NOT_FOUND)
        return self._page(404, page.read_bytes() if page.is_file() else b"")

    def _exists(self) -> bool:
        file = Path(self.translate_path(self.path))
        inside = f"{urlsplit(self.path).path}/".startswith(self.server.base)
        return inside and (file.is_file() or (file / "index.html").is_file())

    def translate_path(self, path: str) -> str:
        """The file for `path`, which begins with the base path of the site."""
        return super().translate_path(path.removeprefix(self.server.base.rstrip("/")))

    def _page(self, status: int, content: bytes) -> BinaryIO:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return BytesIO(content)

    def end_headers(self) -> None:
        """Without this header linkchecker waits before each request."""
        self.send_header("LinkChecker", "welcome")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
