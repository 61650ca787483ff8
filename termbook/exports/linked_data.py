"""Terms as schema.org linked data: DefinedTerm and DefinedTermSet."""

from __future__ import annotations

import json

from ..book import Book
from ..links import page_path
from ..model import Term


def defined_term(term: Term, site_url: str, language: str) -> str:
    """JSON-LD of one term, safe inside a script element.

    `site_url` ends with a slash. Without one nothing is named by its address, since a program
    would take a relative one for an address below the page.
    """
    return _script({
        "@context": "https://schema.org", "@type": "DefinedTerm",
        **_named(site_url, page_path(term)), "name": term.label,
        **({"alternateName": list(term.alt_labels)} if term.alt_labels else {}),
        "description": term.definition, "termCode": term.id, "inLanguage": language,
        **({"inDefinedTermSet": f"{site_url}glossary/"} if site_url else {}),
    })


def defined_term_set(book: Book, title: str, site_url: str) -> str:
    """JSON-LD of the whole glossary, naming every term.

    One of more terms than stand on a page names none: each names its set.
    """
    terms = [
        {"@type": "DefinedTerm", **_named(site_url, page_path(term)), "name": term.label}
        for term in book.terms.values()
    ]
    return _script({
        "@context": "https://schema.org", "@type": "DefinedTermSet",
        **_named(site_url, "glossary.md"), "name": title, "inLanguage": book.settings.language,
        **({"hasDefinedTerm": terms} if len(terms) <= book.settings.letter_pages_beyond else {}),
    })


def _named(site_url: str, path: str) -> dict[str, str]:
    return {"@id": f"{site_url}{path.removesuffix('.md')}/"} if site_url else {}


def _script(data: object) -> str:
    # `</script>` or `<!--` in a text would end or comment the element it stands in.
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
