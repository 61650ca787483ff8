"""The generators that are compared. A peer writes a corpus as its users would, then builds it.

To add one, write a function that writes a `Corpus` into a folder and put a `Peer` into `PEERS`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from itertools import groupby
from pathlib import Path
from textwrap import fill

from .corpus import GROUPS, Corpus, Mention, Source, Term

REPOSITORY = Path(__file__).parent.parent
SITE = "site"


@dataclass(frozen=True, eq=False)
class Peer:
    """A generator: what runs in the folder of a corpus, whose site then is in its `site`.

    `version` gives None where the generator is not installed. `commands` maps what is measured
    ("build", "check") to a command; the first is set against the reference peer's.
    """

    name: str
    version: Callable[[], str | None]
    write: Callable[[Corpus, Path], None]
    commands: Mapping[str, tuple[str, ...]]


def installed(distribution: str) -> str | None:
    """The version of a Python distribution; None when it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def write_termbook(corpus: Corpus, folder: Path) -> None:
    """One YAML file a term, and this repository's theme and macros."""
    _write_settings(folder, "plugins: [termbook, {macros: {module_name: macros, "
                    'on_undefined: strict, on_error_fail: true, j2_comment_start_string: "{##", '
                    'j2_comment_end_string: "##}"}}, search]')
    shutil.copytree(REPOSITORY / "theme", folder / "theme")
    shutil.copy(REPOSITORY / "macros.py", folder)
    (folder / "docs").mkdir()
    groups = "".join(f"  {one}: {label}\n" for one, label in GROUPS.items())
    _write(folder / "termbook.yml", f"groups:\n{groups}")
    _write(folder / "sources.yml", "".join(
        f"{one.id}:\n  title: {one.title}\n  author: {one.author}\n  year: {one.year}\n"
        "  type: book\n" for one in corpus.sources
    ))
    for term in corpus.terms:
        _write(folder / "glossary" / f"{term.id}.yml", _term_yaml(term))


def _term_yaml(term: Term) -> str:
    def link(mention: Mention) -> str:
        return mention.label if mention.bare else f"[{mention.label}][{mention.term}]"

    return (
        f"label: {term.label}\n"
        f"group: {term.group}\n"
        f"alt_labels: [{', '.join(term.aliases)}]\n"
        f"definition: >-\n{_wrapped(term.definition, '  ')}\n"
        f"note: |\n{_wrapped(term.note_with(link), '  ')}\n"
        f"examples:\n  - >-\n{_wrapped(term.example, '    ')}\n"
        f"sources: [{', '.join(source.id for source in term.sources)}]\n"
        "status: reviewed\n"
    )


def write_material(corpus: Corpus, folder: Path) -> None:
    """One Markdown file a page, with links written out, and the theme without overrides."""
    _write_settings(folder, "plugins: [search]\nextra_css: []\nextra_javascript: []")
    # The settings name icons of ours.
    shutil.copytree(REPOSITORY / "theme" / ".icons", folder / "theme" / ".icons")
    docs = folder / "docs"
    counts = f"- [Glossary](glossary/index.md): {len(corpus.terms)} terms\n" \
             f"- [Sources](sources/index.md): {len(corpus.sources)}\n"
    _write(docs / "index.md", f"# Home\n\n{counts}")
    _write(docs / "glossary" / "index.md", _glossary_page(corpus))
    _write(docs / "sources" / "index.md", _sources_page(corpus))
    for term in corpus.terms:
        _write(docs / "glossary" / f"{term.id}.md", _term_page(term))
    for source in corpus.sources:
        _write(docs / "sources" / f"{source.id}.md", _source_page(source, corpus))


def _term_page(term: Term) -> str:
    note = term.note_with(lambda mention: f"[{mention.label}]({mention.term}.md)")
    sources = "".join(f"- [{one.title}](../sources/{one.id}.md)\n" for one in term.sources)
    return (
        f"# {term.label}\n\n"
        f"{_wrapped(term.definition)}\n{{: .definition }}\n\n"
        f"Also called: {', '.join(term.aliases)}\n{{: .also }}\n\n"
        f"{_wrapped(note)}\n\n"
        f"## Examples\n\n-{_wrapped(term.example, '  ')[1:]}\n\n"
        f"## Sources\n\n{sources}"
    )


def _source_page(source: Source, corpus: Corpus) -> str:
    cited = "".join(
        f"- [{term.label}](../glossary/{term.id}.md)\n"
        for term in sorted(corpus.terms, key=_label) if source in term.sources
    )
    return (
        f"# {source.title}\n\n"
        f"- **Author:** {source.author}\n- **Year:** {source.year}\n- **Kind:** book\n\n"
        f"## Cited by\n\n{cited}"
    )


def _glossary_page(corpus: Corpus) -> str:
    letters = [
        (letter, list(some))
        for letter, some in groupby(sorted(corpus.terms, key=_label), lambda term: term.label[0])
    ]
    bar = "\n".join(f"[{letter}](#letter-{letter.lower()}){{ .letter }}" for letter, _ in letters)
    return f"# Glossary\n\n{bar}\n{{: .letters }}\n\n" + "".join(
        f"## {letter} {{: #letter-{letter.lower()} }}\n\n" + "".join(map(_glossary_entry, some))
        for letter, some in letters
    )


def _glossary_entry(term: Term) -> str:
    return (
        f'[{term.label}]({term.id}.md) <span class="also">{", ".join(term.aliases)}</span>\n\n'
        f":   {term.definition}\n"
        f'    <span class="group" data-group="{term.group}">{GROUPS[term.group]}</span>\n\n'
    )


def _sources_page(corpus: Corpus) -> str:
    cited = {one.id: sum(one in term.sources for term in corpus.terms) for one in corpus.sources}
    return "# Sources\n\n" + "".join(
        f"- [{one.title}]({one.id}.md). {one.author}, {one.year}. *{one.title}.* "
        f"Book, cited by {cited[one.id]}.\n"
        for one in sorted(corpus.sources, key=lambda one: one.title)
    )


def _wrapped(text: str, indent: str = "") -> str:
    """Paragraphs in lines of at most 100 characters, as people write them."""
    return "\n\n".join(
        fill(one, 100, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        for one in text.split("\n\n")
    )


def _label(term: Term) -> str:
    return term.label


def _write_settings(folder: Path, plugins: str) -> None:
    """The settings of this repository's own site, with another nav and other plugins."""
    _write(folder / "mkdocs.yml", (
        f"INHERIT: {REPOSITORY / 'mkdocs.yml'}\n"
        "repo_url: https://example.org/bench\nnav:\n"
        "  - Home: index.md\n  - Glossary: glossary/index.md\n  - Sources: sources/index.md\n"
        "not_in_nav: |\n  /glossary/*\n  /sources/*\n"
        f"{plugins}\n"
    ))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


_PYTHON = (sys.executable, "-m")
REFERENCE = Peer(
    "mkdocs-material", partial(installed, "mkdocs-material"), write_material,
    {"build": (*_PYTHON, "mkdocs", "build", "--quiet", "--site-dir", SITE)},
)
PEERS = (
    Peer(
        "termbook", partial(installed, "termbook"), write_termbook,
        {
            "build": (*_PYTHON, "termbook", "build"),
            "check": (*_PYTHON, "termbook", "check", "--strict"),
        },
    ),
    REFERENCE,
)
