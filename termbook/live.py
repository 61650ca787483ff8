"""The live server: an edited record shows at once, and the whole site follows.

MkDocs rebuilds everything for every change. Here the pages of records whose files alone have
changed are made first and put into the site that is being served; the whole site is then made
beside it and takes its place, so no reader waits. A further edit does not wait for that either.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.commands import build as mkdocs
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer, _serve_url, _timestamp
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from .plugin import Superseded, TermbookPlugin, ours

log = logging.getLogger("mkdocs.plugins.termbook")

# With more records changed at once, the whole site is as quick.
FEW = 20
QUIET = 0.05  # seconds without a change, after which a file is taken to be written
PAUSE = 0.5  # seconds in which browsers load what is shown, before the rest is made
_CHANGES = {"created", "modified", "moved", "deleted", "closed"}


def serve(config_file: Path, address: str) -> None:
    """Serve the site of `config_file` at `address` (host:port) until Ctrl+C.

    Whatever changes below its folder shows in the browser; problems do so too, and then the pages
    stay as they were. Raises what MkDocs raises where the first build fails.
    """
    with tempfile.TemporaryDirectory(prefix="termbook-") as folder:
        _Live(config_file, address, Path(folder)).run()


class _Live:
    """A site kept current in fresh folders below `folder`."""

    def __init__(self, config_file: Path, address: str, folder: Path) -> None:
        self._file, self._address, self._folder = config_file, address, folder
        config = self._config()
        host, port = config.dev_addr
        self._path = urlsplit(config.site_url or "/").path
        self._url = _serve_url(host, port, self._path)
        self._server = _Server(self._follow, host, port, config.site_dir, self._path)
        self._server.error_handler = self._error_page
        config.plugins.on_startup(command="serve", dirty=False)
        self._plugins = config.plugins
        self._plugin: TermbookPlugin = ours(config)
        self._plugin.is_superseded = self._server.is_wanted
        try:
            self._whole(config)
            for place in (config.docs_dir, config.config_file_path, *config.watch):
                self._server.watch(place)
        except BaseException:
            config.plugins.on_shutdown()
            raise

    def run(self) -> None:
        """Serve until Ctrl+C."""
        try:
            self._server.serve()  # type: ignore[no-untyped-call]
        except KeyboardInterrupt:
            log.info("Shutting down...")
        finally:
            self._server.shutdown()
            self._plugins.on_shutdown()

    def _config(self) -> MkDocsConfig:
        fresh = tempfile.mkdtemp(dir=self._folder)
        # Strict, MkDocs would keep back the pages that tell a problem.
        return load_config(
            str(self._file), site_dir=fresh, dev_addr=self._address, strict=False
        )

    def _follow(self) -> None:
        """Something has changed."""
        if self._plugin.renew(FEW):
            self._server.show()
            if not self._server.is_quiet(PAUSE):
                return
        try:
            self._whole(self._config())
        except Superseded:
            log.info("There is a newer change already")

    def _whole(self, config: MkDocsConfig) -> None:
        config.site_url = self._url
        try:
            mkdocs.build(config, serve_url=self._url)
        except BaseException:
            shutil.rmtree(config.site_dir, ignore_errors=True)
            raise
        before, self._server.root = self._server.root, config.site_dir
        if before != config.site_dir:
            shutil.rmtree(before, ignore_errors=True)
            self._server.show()

    def _error_page(self, code: int) -> bytes | None:
        page = Path(self._server.root) / f"{code}.html"
        return page.read_bytes() if page.is_file() else None


class _Server(LiveReloadServer):
    """MkDocs' server, told of changes by the system and not by looking at every file in turn.

    Of MkDocs 1.6 it uses `_visible_epoch`, which browsers reload for when it grows, and
    `_wanted_epoch`, until which requests wait.
    """

    def __init__(
        self, builder: Callable[[], None], host: str, port: int, root: str, mount_path: str
    ) -> None:
        super().__init__(builder, host, port, root, mount_path)
        self.observer: Any = Observer()
        self.build_delay = QUIET

    def watch(self, path: str, func: None = None, *, recursive: bool = True) -> None:
        """Have the site follow whatever changes at `path`, a folder or a file."""
        path = os.path.abspath(path)
        if path in self._watched_paths:
            return
        self._watched_paths[path] = 1
        # An editor may put a new file in the place of the old one, which then says nothing more.
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        self._watch_refs[path] = self.observer.schedule(
            _Handler(path, self._changed), folder, recursive=folder == path
        )

    def _changed(self) -> None:
        with self._rebuild_cond:
            self._want_rebuild = True
            self._rebuild_cond.notify_all()

    def is_wanted(self) -> bool:
        """Whether something has changed since the last time it was followed."""
        return self._want_rebuild

    def is_quiet(self, seconds: float) -> bool:
        """Whether nothing changes for so long, and the server goes on."""
        with self._rebuild_cond:
            return not self._rebuild_cond.wait_for(
                lambda: self._want_rebuild or self._shutdown, timeout=seconds
            )

    def show(self) -> None:
        """Have browsers load again what they show, and answer those that wait."""
        with self._epoch_cond:
            self._wanted_epoch = self._visible_epoch = max(_timestamp(), self._visible_epoch + 1)
            self._epoch_cond.notify_all()


class _Handler(FileSystemEventHandler):
    """Tells `changed` of every file that is not as it was, at `path` or below it."""

    def __init__(self, path: str, changed: Callable[[], None]) -> None:
        self._path, self._told = path, changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Reading a file is an event as well, and no change."""
        places = {os.fsdecode(event.src_path), os.fsdecode(event.dest_path)}
        is_here = os.path.isdir(self._path) or self._path in places
        is_moved = event.event_type in ("moved", "deleted")
        if event.event_type in _CHANGES and is_here and (is_moved or not event.is_directory):
            self._told()
