"""Whole knowledge bases for tests: copied with the repository's theme and macros, built, read."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

ROOT = Path(__file__).parent.parent
BREAD = Path(__file__).parent / "sites" / "bread"


def copy(folder: Path, files: dict[str, str] | None = None) -> Path:
    """The bread site in `folder`, with `files` written over it."""
    shutil.copytree(BREAD, folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / "theme", folder / "theme", dirs_exist_ok=True)
    shutil.copy(ROOT / "macros.py", folder)
    for path, text in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def command(*arguments: str, root: Path, **more: Any) -> list[str]:
    return [sys.executable, "-m", "termbook", *arguments, "--root", str(root)]


def run(
    *arguments: str, root: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command of the real command line, run to its end."""
    return subprocess.run(
        command(*arguments, root=root), capture_output=True, text=True, check=False,
        env={**os.environ, **(env or {})},
    )


def build(folder: Path, files: dict[str, str] | None = None) -> Path:
    """A copy of the bread site, built; gives its folder."""
    done = run("build", root=copy(folder, files))
    assert done.returncode == 0, done.stderr
    return folder


def page(root: Path, address: str) -> LexborHTMLParser:
    """The built page at an address such as `glossary/bread/`."""
    return LexborHTMLParser((root / "site" / address / "index.html").read_text(encoding="utf-8"))


def pages(root: Path) -> dict[str, LexborHTMLParser]:
    """Every HTML file of the built site by its path."""
    site = (root / "site").resolve()
    return {path.relative_to(site).as_posix(): LexborHTMLParser(path.read_text(encoding="utf-8"))
            for path in sorted(site.rglob("*.html"))}


def article(tree: LexborHTMLParser) -> Any:
    return tree.css_first("article")


def tree(folder: Path) -> dict[str, str]:
    """Path → hash of every file below a folder, which may be a link; empty when it is not there."""
    base = folder.resolve()
    return {path.relative_to(base).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(base.rglob("*")) if path.is_file()}
