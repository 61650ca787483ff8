"""The Book: what an author writes on one side of a relation is there on the other side too."""

from hypothesis import given, settings
from hypothesis import strategies as st
from sites import copy

from termbook.book import Book
from termbook.checks import check_references
from termbook.load import read
from termbook.model import Debate, Exam, Moved, Refers, Scenario, Source, Term, leaves
from termbook.render import Renderer

TERMS = [f"term-{letter}" for letter in "abcdef"]
FEW = settings(max_examples=30)  # each example holds dozens of relations
SCENARIOS = ["scene-a", "scene-b"]
SOURCES = ["source-a", "source-b"]
TASKS = ["T1", "T2"]
EXAM = Exam.model_validate({
    "title": "Exam", "outline": "2026", "checked_on": "2026-01-31", "sources": SOURCES,
    "domains": [{"id": "D", "label": "Domain", "weight": "100",
                 "tasks": [{"id": one, "label": one} for one in TASKS]}],
})


def books(*unknown: str) -> st.SearchStrategy[Book]:
    """Books of a few terms, scenarios and debates that refer to each other and to `unknown`."""
    def some(ids, least=0):
        return st.lists(st.sampled_from([*ids, *unknown]), min_size=least, max_size=4)

    def one(ids):
        return st.sampled_from([*ids, *unknown])

    contrast = st.fixed_dictionaries(
        {"term": one(TERMS), "difference": st.just("One differs.")},
        optional={"told_apart_in": one(SCENARIOS)})
    term = st.fixed_dictionaries({
        "label": st.sampled_from(["Zoo", "zoo", "ant", "Bee"]), "definition": st.just("A thing."),
        "broader": some(TERMS), "related": some(TERMS), "exam": some(TASKS),
        "contrast": st.lists(contrast, max_size=2), "sources": some(SOURCES),
    })
    cast = st.fixed_dictionaries({
        "role": one(TERMS), "player": st.just("they"), "why": st.just("[x][source-b]"),
        "sources": some(SOURCES, 1)})
    scenario = st.fixed_dictionaries({
        "label": st.just("Scene"), "summary": st.just("So."),
        "cast": st.lists(cast, min_size=1, max_size=4)})
    position = st.fixed_dictionaries({
        "holds": st.just("Yes"), "says": st.just("So."), "sources": some(SOURCES, 1),
        "scenarios": some(SCENARIOS)})
    debate = st.fixed_dictionaries({
        "question": st.just("Why?"), "short_answer": st.just("So."), "terms": some(TERMS, 1),
        "positions": st.lists(position, min_size=2, max_size=2)})
    source = st.just({"title": "Book", "type": "book"})
    return st.builds(
        lambda terms, scenarios, debates, sources: Book(
            terms=terms, scenarios=scenarios, debates=debates, sources=sources, exam=EXAM),
        records(Term, TERMS, term), records(Scenario, SCENARIOS, scenario),
        records(Debate, ["debate-a", "debate-b"], debate), records(Source, SOURCES, source))


def records(model, ids, content):
    return st.fixed_dictionaries({
        one: content.map(lambda keys, one=one: model.model_validate({"@id": one, **keys}))
        for one in ids
    })


def by_label(book: Book, ids) -> list[str]:
    return sorted(ids, key=lambda one: book.terms[one].label.casefold())


@FEW
@given(books())
def test_narrower_is_the_inverse_of_broader(book):
    """A term is narrower than another if and only if it names that one as broader; once."""
    for wide in TERMS:
        narrow = book.narrower.get(wide, [])
        assert set(narrow) == {one for one in TERMS if wide in book.terms[one].broader}
        assert len(narrow) == len(set(narrow)) and narrow == by_label(book, narrow)


@FEW
@given(books())
def test_related_is_symmetric(book):
    """Two terms are related from both sides if and only if one of them says so; once."""
    for one in TERMS:
        related = book.related.get(one, [])
        said = {other for other in TERMS
                if other in book.terms[one].related or one in book.terms[other].related}
        assert set(related) == said and len(related) == len(said)
        assert related == by_label(book, related)


@FEW
@given(books())
def test_contrasts_stand_on_both_sides(book):
    """Each contrast is there for the term that holds it and for the other, as often as written."""
    for one in TERMS:
        written = [(contrast.term, contrast) for contrast in book.terms[one].contrast]
        derived = [(other, contrast) for other in TERMS for contrast in book.terms[other].contrast
                   if contrast.term == one]
        found = book.contrasts.get(one, [])
        assert len(found) == len(written + derived)
        assert all(pair in found for pair in written + derived)


@FEW
@given(books())
def test_parts_and_debates_of_a_term(book):
    """A term knows every part it plays and every debate about it."""
    parts = {(scenario.id, index) for scenario in book.scenarios.values()
             for index in range(len(scenario.cast))}
    found = {(part.scenario.id, part.scenario.cast.index(part.cast))
             for some in book.plays_in.values() for part in some}
    assert found <= parts and sum(map(len, book.plays_in.values())) == len(parts)
    for one in TERMS:
        assert all(part.cast.role == one for part in book.plays_in.get(one, []))
        about = [debate.id for debate in book.debated_in.get(one, [])]
        assert set(about) == {debate.id for debate in book.debates.values() if one in debate.terms}


@FEW
@given(books())
def test_citations_hold_everything_that_names_a_source(book):
    """Whatever names a source in a field or cites it in prose stands among its citations, once."""
    cited = book.cited_by
    for source in SOURCES:
        ids = [entry.id for entry in cited.get(source, [])]
        says = {entry.id for entry in book.entries.values()
                if any(leaf.value in (source, f"[x][{source}]") for leaf in leaves(entry))}
        assert set(ids) == says and len(ids) == len(says)


def test_pages_without_a_record_count_as_citing(tmp_path):
    """A hand-written page is counted once, however often it cites."""
    root = copy(tmp_path)
    before = Renderer(read(root).book).times_cited("mcgee-2004")
    (root / "docs" / "more.md").write_text("# More\n\n[He][mcgee-2004] says [so][mcgee-2004].\n")
    assert Renderer(read(root).book).times_cited("mcgee-2004") == before + 1


@FEW
@given(books("nobody", "source-b", "scene-b", "term-f", "was-a"))
def test_every_reference_resolves_or_is_reported(book):
    """An id names a record of the kind its key asks for, or a problem says that it does not."""
    kinds = {"term": book.terms, "scenario": book.scenarios, "debate": book.debates,
             "source": book.sources, "task": book.tasks}
    wrong = [
        (entry.id, leaf.value, f"unknown-{leaf.marker.kinds[0]}")
        for entry in book.entries.values() for leaf in leaves(entry)
        if isinstance(leaf.marker, Refers)
        and not any(leaf.value in kinds[kind] for kind in leaf.marker.kinds)
    ]
    told = [(one.place.path, one.message.split('"')[1], one.code) for one in check_references(book)]
    assert sorted(told) == sorted(wrong)


@FEW
@given(books())
def test_a_former_id_resolves_to_its_record(book):
    """An id that has moved leads to what it has become; an unknown one to nothing."""
    moved = Moved.model_validate({"@id": "was-a", "moved_to": "term-a"})
    book = Book(terms=book.terms, sources=book.sources, moved={"was-a": moved})
    assert book.resolve("was-a") is book.resolve("term-a") is book.terms["term-a"]
    assert book.resolve("source-a") is book.sources["source-a"]
    assert book.resolve("nobody") is None
