"""Plain Material for MkDocs: one Markdown file a page, and the theme without overrides."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from itertools import groupby
from pathlib import Path

from ..corpus import GROUPS, Corpus, Source, Term
from .peer import REPOSITORY, SITE, Peer, installed, wrapped, write


def write_material(corpus: Corpus, folder: Path) -> None:
    """Write `corpus` into `folder` as Markdown, with links and lists of backlinks written out."""
    write_settings(folder, "plugins: [search]\nextra_css: []\nextra_javascript: []")
    # The settings name icons of ours.
    shutil.copytree(REPOSITORY / "theme" / ".icons", folder / "theme" / ".icons")
    docs = folder / "docs"
    counts = f"- [Glossary](glossary/index.md): {len(corpus.terms)} terms\n" \
             f"- [Sources](sources/index.md): {len(corpus.sources)}\n"
    write(docs / "index.md", f"# Home\n\n{counts}")
    write(docs / "glossary" / "index.md", _glossary_page(corpus))
    write(docs / "sources" / "index.md", _sources_page(corpus))
    for term in corpus.terms:
        write(docs / "glossary" / f"{term.id}.md", _term_page(term))
    for source in corpus.sources:
        write(docs / "sources" / f"{source.id}.md", _source_page(source, corpus))


def _term_page(term: Term) -> str:
    note = term.note_with(lambda mention: f"[{mention.label}]({mention.term}.md)")
    sources = "".join(f"- [{one.title}](../sources/{one.id}.md)\n" for one in term.sources)
    return (
        f"# {term.label}\n\n"
        f"{wrapped(term.definition)}\n{{: .definition }}\n\n"
        f"Also called: {', '.join(term.aliases)}\n{{: .also }}\n\n"
        f"{wrapped(note)}\n\n"
        f"## Examples\n\n-{wrapped(term.example, '  ')[1:]}\n\n"
        f"## Sources\n\n{sources}"
    )


def _source_page(source: Source, corpus: Corpus) -> str:
    cited = "".join(
        f"- [{term.label}](../glossary/{term.id}.md)\n"
        for term in corpus.citing[source.id]
    )
    return (
        f"# {source.title}\n\n"
        f"- **Author:** {source.author}\n- **Year:** {source.year}\n- **Kind:** book\n\n"
        f"## Cited by\n\n{cited}"
    )


def _glossary_page(corpus: Corpus) -> str:
    letters = [
        (letter, list(some))
        for letter, some in groupby(corpus.by_label, lambda term: term.label[0])
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
    return "# Sources\n\n" + "".join(
        f"- [{one.title}]({one.id}.md). {one.author}, {one.year}. *{one.title}.* "
        f"Book, cited by {len(corpus.citing[one.id])}.\n"
        for one in sorted(corpus.sources, key=lambda one: one.title)
    )


def write_settings(folder: Path, plugins: str) -> None:
    """Write the settings of this repository's own site, with another nav and other `plugins`."""
    write(folder / "mkdocs.yml", (
        f"INHERIT: {REPOSITORY / 'mkdocs.yml'}\n"
        "repo_url: https://example.org/bench\nnav:\n"
        "  - Home: index.md\n  - Glossary: glossary/index.md\n  - Sources: sources/index.md\n"
        "not_in_nav: |\n  /glossary/*\n  /sources/*\n"
        f"{plugins}\n"
    ))


_MKDOCS = (sys.executable, "-m", "mkdocs")
MATERIAL = Peer(
    "mkdocs-material", partial(installed, "mkdocs-material"), write_material,
    source="docs/glossary/{}.md",
    build=(*_MKDOCS, "build", "--quiet", "--site-dir", SITE),
    made=(SITE, ".cache"),
    serve=(*_MKDOCS, "serve", "--quiet", "--dev-addr", "127.0.0.1:{port}"),
    search=("search/search_index.json", "assets/javascripts/workers/search.*.js"),
)
