"""Eleventy with bare templates: a layout for each kind of page, and nothing beside."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests import node

from ...corpus import Corpus
from ..front_matter import write_pages
from ..peer import SITE, Absent, Peer

_FOLDER = Path(__file__).parent
_PACKAGE = "@11ty/eleventy"


def version() -> str:
    """Eleventy's version, installed by its lock file; raises Absent when npm cannot."""
    try:
        modules = node.installed(_FOLDER)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Absent("npm could not install it") from error
    return str(json.loads((modules / _PACKAGE / "package.json").read_text("utf-8"))["version"])


def write_eleventy(corpus: Corpus, folder: Path) -> None:
    """Write `corpus` into `folder` as Markdown with front matter, beside the templates."""
    shutil.copytree(_FOLDER / "site", folder, dirs_exist_ok=True)
    write_pages(corpus, folder / "src")


_ELEVENTY = (str(node.NODE), str(_FOLDER / "node_modules" / _PACKAGE / "cmd.cjs"), "--quiet")
ELEVENTY = Peer(
    "eleventy", version, write_eleventy,
    source="src/glossary/{}.md",
    build=_ELEVENTY,
    made=(SITE, ".cache"),
    serve=(*_ELEVENTY, "--serve", "--port={port}"),
)
