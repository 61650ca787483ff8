"""Suggestions: what could be linked, told apart, mentioned or known as a form; in their order."""

import goldens
import pytest
from typer.testing import CliRunner

from termbook.authoring.suggest import COMMON, suggestions
from termbook.book import Book
from termbook.cli import app
from termbook.load import read
from termbook.model import Source, Term


def test_suggestions(tmp_path):
    """Mentions that do not link, forms, pairs, orphans: each with a place and what to write."""
    files = {
        "mkdocs.yml": "site_name: Test\n",
        "glossary/oven.yml": "label: Oven\ndefinition: A hot box.\n",
        "glossary/crumb.yml": "label: Crumb of bread\ninflections: []\ndefinition: The soft inside "
        "of a baked loaf of wheat.\nexamples: [Crumbs of bread. See the Loaf Book.]\n",
        "glossary/crust.yml": "label: Crust\nauto_link: false\ndefinition: The hard outside of a "
        "baked loaf of wheat.\nexamples:\n  - A `crust` and a [crust][].\n",
        "docs/index.md": "# Crust\n\nNo crust in the Farmhouse, none [here](x.md). Oven.\n",
    }
    root = goldens.write(tmp_path, files)
    found = [f"{one.place.path}:{one.place.line}:{one.place.column} {one.what}: {one.found}. "
             f"{one.proposal}" for one in sorted(suggestions(read(root).book))]
    assert found == [
        'docs/index.md:3:4 unlinked: "crust" may be a term. To link it, write [crust][]',
        'docs/index.md:3:17 unlinked: "Farmhouse" may be a scenario. To link it, write '
        "[Farmhouse][farmhouse]",
        'glossary/crumb.yml:1:8 contrast: nothing tells "crumb" from "crust"; they share words '
        '(baked, loaf, wheat). If people confuse them, write "- term: crust" with a '
        '"difference:" under "contrast:"',
        'glossary/crumb.yml:1:8 inflection: "Crumbs of bread" (glossary/crumb.yml:4) is not known '
        'as a form of "Crumb of bread". If it is one, write "inflections: [Crumbs of bread]"',
        'glossary/crumb.yml:1:8 orphan: nothing mentions "crumb". Perhaps glossary/crust.yml '
        'should: write "related: [crumb]" there',
    ]
    done = CliRunner().invoke(app, ["suggest", "--root", str(root)])
    assert done.exit_code == 0 and done.stdout.splitlines() == [
        line.replace(" ", ": ", 1) for line in found]


def term(term_id: str, **keys: object) -> Term:
    return Term.model_validate({
        "@id": term_id, "label": term_id.replace("-", " ").capitalize(), "definition": "…", **keys})


def told(what: str, *terms: Term, **more: object) -> list[str]:
    paths = {one.id: f"glossary/{one.id}.yml" for one in terms}
    book = Book(terms={one.id: one for one in terms}, paths=paths, **more)
    return [one.proposal for one in suggestions(book) if one.what == what]


@pytest.mark.parametrize(("label", "text", "form"), [
    ("analysis", "Many analyses.", "analyses"), ("criterion", "Two Criteria.", "Criteria"),
    ("sales person", "Our sales people.", "sales people"), ("knife", "Three knives.", "knives"),
    ("definition of done", "Definitions of done.", "Definitions of done"),
    ("user story", "A user-story.", "user-story"), ("end-user", "An end user.", "end user"),
    ("life cycle", "Its lifecycles.", "lifecycles"), ("work organisation", "A work organization.",
     "work organization"), ("developers", "One developer.", "developer"),
    ("story", "Two stories.", None), ("story", "See `storys`.", None), ("less", "Les.", None),
])
def test_forms_of_a_name(label, text, form):
    """Plurals that are not regular, plurals of the first noun, other spellings."""
    terms = term("it", label=label), term("other", note=text)
    assert told("inflection", *terms) == (
        [f'If it is one, write "inflections: [{form}]"'] if form else [])


def test_a_term_that_is_too_common_is_left_alone():
    """What would be linked nearly everywhere does not link by itself on purpose."""
    word = term("word", auto_link="false")
    pages = [term(f"page-{number}", note="A word.") for number in range(COMMON + 1)]
    assert told("unlinked", word, *pages[:-1]) == ["To link it, write [word][]"] * COMMON
    assert told("unlinked", word, *pages) == []
    linked = [term("a", note="A [word][] and a word."), term("b", note="Word.", related=["word"])]
    assert told("unlinked", word, *linked) == []


def test_names_of_sources_are_found_without_their_year():
    """A source that is named and not cited, unless a term has that name."""
    source = Source.model_validate({
        "@id": "guide-2020", "title": "The Guide", "short": "Big Guide 2020", "type": "guide"})
    note = term("a", note="The Big Guide says so.")
    assert told("unlinked", note, sources={"guide-2020": source}) == [
        "To link it, write [Big Guide][guide-2020]"]
    assert told("unlinked", note, term("big-guide"), sources={"guide-2020": source}) == []


def test_pairs_that_are_joined_or_contain_each_other_are_left_alone():
    """A contrast is missing only where no relation says anything yet."""
    same = "The first slice that is cut of a loaf."
    one, other = term("heel-end", definition=same), term("nose-end", definition=same)
    assert len(told("contrast", one, other, term("oven", definition="A hot box."))) == 1
    assert told("contrast", one, term("nose-end", definition=same, related=["heel-end"]),
                term("oven", definition="A hot box.")) == []
    assert told("contrast", one, term("heel", definition=same),
                term("oven", definition="A hot box.")) == []
