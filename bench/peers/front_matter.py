"""Pages as Eleventy and Hugo take them: Markdown below a head of YAML, which templates print."""

from __future__ import annotations

from pathlib import Path

from ..corpus import GROUPS, Corpus, Source, Term
from .peer import wrapped, write


def write_pages(corpus: Corpus, folder: Path) -> None:
    """Write a Markdown file for each term and source into `folder`, with links written out."""
    for term in corpus.terms:
        write(folder / "glossary" / f"{term.id}.md", _term(term))
    for source in corpus.sources:
        write(folder / "sources" / f"{source.id}.md", _source(source, corpus))


def _term(term: Term) -> str:
    note = term.note_with(lambda mention: f"[{mention.label}](../{mention.term}/)")
    sources = "".join(f"- [{one.title}](../../sources/{one.id}/)\n" for one in term.sources)
    return (
        f"---\ntitle: {term.label}\ndefinition: {term.definition}\n"
        f"also: {', '.join(term.aliases)}\ngroup: {GROUPS[term.group]}\n---\n"
        f"{wrapped(note)}\n\n"
        f"## Examples\n\n-{wrapped(term.example, '  ')[1:]}\n\n"
        f"## Sources\n\n{sources}"
    )


def _source(source: Source, corpus: Corpus) -> str:
    cited = "".join(
        f"- [{term.label}](../../glossary/{term.id}/)\n"
        for term in corpus.citing[source.id]
    )
    return (
        f"---\ntitle: {source.title}\nauthor: {source.author}\nyear: {source.year}\n---\n"
        f"## Cited by\n\n{cited}"
    )
