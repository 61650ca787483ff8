"""Hugo with bare templates: a layout for each kind of page, and nothing beside."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ...corpus import Corpus
from ..front_matter import write_pages
from ..peer import SITE, Absent, Peer, write


def version() -> str:
    """The version of this machine's Hugo; raises Absent when there is none."""
    if shutil.which("hugo") is None:
        raise Absent("there is no program `hugo`; see bench/peers/hugo/install")
    told = subprocess.run(["hugo", "version"], capture_output=True, text=True, check=True).stdout
    return told.split()[1].removeprefix("v")


def write_hugo(corpus: Corpus, folder: Path) -> None:
    """Write `corpus` into `folder` as Markdown with front matter, beside the templates."""
    shutil.copytree(Path(__file__).parent / "site", folder, dirs_exist_ok=True)
    write_pages(corpus, folder / "content")
    for path, title in {"": "Home", "glossary": "Glossary", "sources": "Sources"}.items():
        write(folder / "content" / path / "_index.md", f"---\ntitle: {title}\n---\n")


HUGO = Peer(
    "hugo", version, write_hugo,
    source="content/glossary/{}.md",
    build=("hugo", "--quiet"),
    made=(SITE, "resources", ".hugo_build.lock"),
    serve=("hugo", "server", "--bind", "127.0.0.1", "--port", "{port}"),
)
