"""Termbook itself: one YAML file a term, and this repository's theme and macros."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

from ..corpus import GROUPS, Corpus, Mention, Term
from .material import write_settings
from .peer import REPOSITORY, SITE, Peer, installed, wrapped, write


def write_termbook(corpus: Corpus, folder: Path) -> None:
    """Write `corpus` into `folder` as YAML; two of a note's six links are bare names."""
    write_settings(folder, "plugins: [termbook, {macros: {module_name: macros, "
                   'on_undefined: strict, on_error_fail: true, j2_comment_start_string: "{##", '
                   'j2_comment_end_string: "##}"}}, search]')
    shutil.copytree(REPOSITORY / "theme", folder / "theme")
    shutil.copy(REPOSITORY / "macros.py", folder)
    (folder / "docs").mkdir()
    groups = "".join(f"  {one}: {label}\n" for one, label in GROUPS.items())
    write(folder / "termbook.yml", f"groups:\n{groups}")
    write(folder / "sources.yml", "".join(
        f"{one.id}:\n  title: {one.title}\n  author: {one.author}\n  year: {one.year}\n"
        "  type: book\n" for one in corpus.sources
    ))
    for term in corpus.terms:
        write(folder / "glossary" / f"{term.id}.yml", _term(term))


def _term(term: Term) -> str:
    def link(mention: Mention) -> str:
        return mention.label if mention.bare else f"[{mention.label}][{mention.term}]"

    return (
        f"label: {term.label}\n"
        f"group: {term.group}\n"
        f"alt_labels: [{', '.join(term.aliases)}]\n"
        f"definition: >-\n{wrapped(term.definition, '  ')}\n"
        f"note: |\n{wrapped(term.note_with(link), '  ')}\n"
        f"examples:\n  - >-\n{wrapped(term.example, '    ')}\n"
        f"sources: [{', '.join(source.id for source in term.sources)}]\n"
        "status: reviewed\n"
    )


_TERMBOOK = (sys.executable, "-m", "termbook")
TERMBOOK = Peer(
    "termbook", partial(installed, "termbook"), write_termbook,
    source="glossary/{}.yml",
    build=(*_TERMBOOK, "build"),
    made=(SITE, ".site", ".cache"),
    serve=(*_TERMBOOK, "serve", "--address", "127.0.0.1:{port}"),
    search=("assets/search-*.js", "search/*",
            "assets/javascripts/workers/search.*.js"),
    check=(*_TERMBOOK, "check", "--strict"),
)
