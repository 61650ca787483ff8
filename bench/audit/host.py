"""A web host that sends what GitHub Pages sends, for this machine only."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

NOT_FOUND = "404.html"
COMPRESSED = ("text/", "application/json", "application/xml", "image/svg+xml")


class Host(ThreadingHTTPServer):
    """Serves `folder` at `home`, which is below a path as the pages of a repository are."""

    base = "/knowledge/"

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.home = f"http://127.0.0.1:{self.server_port}{self.base}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Answer as long as the block runs."""
        Thread(target=self.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            self.shutdown()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Host

    def do_GET(self) -> None:
        """Send the file, or the page that says it is not here; compressed, and to be kept."""
        file, status = self._file(), 200
        if file is None:
            file, status = Path(self.directory, NOT_FOUND), 404
        body, kind = file.read_bytes(), self.guess_type(file)
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if "text/" in kind else kind)
        self.send_header("Cache-Control", "max-age=600")
        if kind.startswith(COMPRESSED) and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _file(self) -> Path | None:
        path = urlsplit(self.path).path
        if not path.startswith(self.server.base):
            return None
        found = Path(self.translate_path(path.removeprefix(self.server.base.rstrip("/"))))
        file = found / "index.html" if found.is_dir() else found
        return file if file.is_file() else None

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
