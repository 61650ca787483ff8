"""`termbook serve` while somebody writes: every edit shows, and a mistake breaks nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from shutil import copy, copytree
from socket import socket
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from goldens import write
from selectolax.lexbor import LexborHTMLParser

ROOT = Path(__file__).parent.parent
DEADLINE = 30
CONFIG = """\
INHERIT: knowledge.yml
nav: [index.md, glossary/index.md, scenarios/index.md, debates/index.md, sources/index.md]
not_in_nav: "*/*"
"""


class Live:
    """A running `termbook serve` over a small book in `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root.parent / "serve.log"
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.home = f"http://{address}/"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "termbook", "serve", "--address", address],
                cwd=root, stdout=log, stderr=subprocess.STDOUT,
                # A shell that runs the tests in the background has them deaf to Ctrl+C.
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
            )

    def page(self, path: str = "") -> LexborHTMLParser:
        """The page at `path` as it is now; an empty one when there is none."""
        try:
            with urlopen(self.home + path, timeout=DEADLINE) as answer:
                return LexborHTMLParser(answer.read().decode())
        except HTTPError:
            return LexborHTMLParser("")

    def until(self, wanted: Callable[[], bool], what: str) -> None:
        """Wait until `wanted`; fail with the terminal's text when it does not come to be."""
        end = time.monotonic() + DEADLINE
        while not _holds(wanted):
            if self.process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"never: {what}\n{self.log.read_text()}", pytrace=False)
            time.sleep(0.1)

    def shows(self, path: str, selector: str, text: str) -> None:
        """Wait until an element of the page holds `text`."""
        self.until(lambda: text in found(self.page(path), selector), f"{text!r} in {path}")

    def lacks(self, path: str, selector: str) -> None:
        """Wait until no element of the page matches."""
        self.until(lambda: not self.page(path).css(selector), f"no {selector} in {path}")

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.root / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))


def _holds(wanted: Callable[[], bool]) -> bool:
    try:
        return wanted()
    except OSError:
        return False  # it does not listen yet


def found(page: LexborHTMLParser, selector: str) -> str:
    """The text and the previews of the elements that match, one per line."""
    nodes = page.css(selector)
    return "\n".join(f"{node.text()} {node.attributes.get('title') or ''}" for node in nodes)


@pytest.fixture
def live(tmp_path) -> Iterator[Live]:
    root = tmp_path / "book"
    copytree(ROOT / "theme", root / "theme")
    copy(ROOT / "macros.py", root)
    copy(ROOT / "mkdocs.yml", root / "knowledge.yml")
    write(root, {"mkdocs.yml": CONFIG})
    live = Live(root)
    try:
        live.shows("", "article", "All about bread")
        yield live
        live.process.send_signal(signal.SIGINT)
        assert live.process.wait(DEADLINE) in (0, 130)
        assert "Traceback" not in live.log.read_text()
    finally:
        live.process.kill()
        live.process.wait()


def test_definition(live):
    """A new definition shows on its page, in previews elsewhere and in the index."""
    live.edit("glossary/bread.yml", "What comes out", "All that comes out")
    live.shows("glossary/bread/", ".definition", "All that comes out")
    live.shows("", "article a", "All that comes out")
    live.shows("glossary/", "dd", "All that comes out")


def test_mistake(live):
    """A mistake is named in the terminal and on every page, which else stays as it was."""
    live.edit("glossary/bread.yml", "definition: What", "definition: [What")
    live.shows("glossary/dough/", "[role=alert]", "glossary/bread.yml:3:")
    message = found(live.page(), "[role=alert]")
    line = next(line for line in message.splitlines() if "glossary/bread.yml:3:13" in line)
    assert line.strip() in live.log.read_text()
    assert "What comes out" in found(live.page("glossary/bread/"), ".definition")
    live.edit("glossary/bread.yml", "definition: [What", "definition: That which")
    live.lacks("glossary/bread/", "[role=alert]")
    live.shows("glossary/bread/", ".definition", "That which comes out")


def test_add_rename_delete(live):
    """Terms come, move with their addresses, and go."""
    new = live.root / "glossary" / "crust.yml"
    new.write_text("label: Crust\ndefinition: The outside of bread.\nexamples: [The heel.]\n")
    live.shows("glossary/crust/", ".definition", "The outside of bread.")
    live.shows("glossary/", "dt", "Crust")

    new.rename(new.with_stem("rind"))
    live.edit("glossary/rind.yml", "Crust", "Rind")
    new.write_text("moved_to: rind\n")
    live.shows("glossary/rind/", "h1", "Rind")
    live.shows("glossary/crust/", "main a[href='../../glossary/rind/']", "Rind")

    new.unlink()
    new.with_stem("rind").unlink()
    live.lacks("glossary/rind/", "h1")
    live.lacks("glossary/crust/", "h1")
    assert "Rind" not in found(live.page("glossary/"), "dt")


def test_page_and_theme(live):
    """Pages written by hand and the theme are watched like the terms."""
    live.edit("docs/index.md", "All about", "Everything about")
    live.shows("", "article", "Everything about bread")
    live.edit("theme/main.html", "{% block content %}", "{% block content %}<p class=new>News</p>")
    live.shows("glossary/bread/", ".new", "News")
    live.edit("theme/assets/termbook.css", "/*", "/* fresh */ /*")
    style = f"{live.home}assets/termbook.css"
    live.until(lambda: b"/* fresh */" in urlopen(style).read(), "the new style sheet")
