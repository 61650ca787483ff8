"""Sphinx: its directive `glossary` with every term, and a page a term beside it."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from ...corpus import Corpus, Mention, Source, Term
from ..peer import SITE, Peer, apart, installed_apart, wrapped, write


def write_sphinx(corpus: Corpus, folder: Path) -> None:
    """Write `corpus` into `folder` as reStructuredText, with links written out.

    Of a note's six links, four lead to pages (`:doc:`) and two to the glossary (`:term:`). Pages of
    terms are in no toctree: the theme repeats that on every page, which grows with their square.
    """
    shutil.copy(Path(__file__).parent / "conf.py", folder)
    write(folder / "index.rst", f"{_title('Home')}{len(corpus.terms)} terms.\n\n"
          ".. toctree::\n\n   glossary/index\n   sources/index\n")
    write(folder / "glossary" / "index.rst", f"{_title('Glossary')}.. glossary::\n\n" + "".join(
        _entry(term) for term in corpus.by_label
    ))
    write(folder / "sources" / "index.rst", _title("Sources") + "".join(
        f"- :doc:`{one.title} <{one.id}>`. {one.author}, {one.year}.\n" for one in corpus.sources
    ))
    for term in corpus.terms:
        write(folder / "glossary" / f"{term.id}.rst", _term(term))
    for source in corpus.sources:
        write(folder / "sources" / f"{source.id}.rst", _source(source, corpus))


def _title(text: str, line: str = "=") -> str:
    return f"{text}\n{line * len(text)}\n\n"


def _entry(term: Term) -> str:
    names = "".join(f"   {name}\n" for name in (term.label, *term.aliases))
    return f"{names}{wrapped(term.definition, '      ')}\n      :doc:`More <{term.id}>`\n\n"


def _term(term: Term) -> str:
    def link(mention: Mention) -> str:
        if mention.bare:
            return f":term:`{mention.label}`"
        return f":doc:`{mention.label} <{mention.term}>`"

    sources = "".join(f"- :doc:`{one.title} <../sources/{one.id}>`\n" for one in term.sources)
    return (
        f":orphan:\n\n{_title(term.label)}"
        f"{wrapped(term.definition)}\n\n"
        f"Also called: {', '.join(term.aliases)}\n\n"
        f"{wrapped(term.note_with(link))}\n\n"
        f"{_title('Examples', '-')}-{wrapped(term.example, '  ')[1:]}\n\n"
        f"{_title('Sources', '-')}{sources}"
    )


def _source(source: Source, corpus: Corpus) -> str:
    cited = "".join(
        f"- :doc:`{term.label} <../glossary/{term.id}>`\n"
        for term in corpus.citing[source.id]
    )
    return (
        f":orphan:\n\n{_title(source.title)}"
        f":Author: {source.author}\n:Year: {source.year}\n:Kind: book\n\n"
        f"{_title('Cited by', '-')}{cited}"
    )


# `dirhtml` gives pages the addresses that they have elsewhere; `auto` is one process a core.
_OPTIONS = ("-q", "-b", "dirhtml", "-j", "auto", "-d", ".doctrees")
SPHINX = Peer(
    "sphinx", partial(installed_apart, "sphinx"), write_sphinx,
    source="glossary/{}.rst",
    build=(apart("sphinx-build"), *_OPTIONS, ".", SITE),
    made=(SITE, ".doctrees"),
    serve=(apart("sphinx-autobuild"), *_OPTIONS, "--port", "{port}", ".", SITE),
    search=("search/index.html", "searchindex.js", "_static/searchtools.js",
            "_static/language_data.js"),
)
