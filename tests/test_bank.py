"""The bank: derived questions have one right answer, and keys outlive every rewording."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import sites
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from test_book import EXAM, records
from typer.testing import CliRunner

from termbook.book import Book
from termbook.checks import check
from termbook.cli import app
from termbook.exports.study import bank_script, cards_script
from termbook.links import Linker
from termbook.load import read
from termbook.model import Scenario, Settings, Source, Term
from termbook.problems import errors
from termbook.prose import pieces
from termbook.study.bank import Bank, bank, derived, digest, in_text
from termbook.study.cards import KINDS, cards
from termbook.study.coverage import by_term, coverage
from termbook.study.draw import largest_exam
from termbook.study.plan import plan

BOOK = read(sites.ROOT).book
BANK = bank(BOOK)
BREAD = read(sites.BREAD).book

IDS = ["payer", "town", "clerk", "town-clerk", "shopper", "maker", "eater", "reader"]
SCENES = ["scene-a", "scene-b", "scene-c"]
SOURCES = ["source-a", "source-b", "source-c"]
WORDS = st.sampled_from(["payer", "towns", "clerk", "the town clerk", "shopping", "makers", "it",
                         "people who pay", "those who make", "all", "an office"])
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(" and ".join)


def some(ids, most=2):
    return st.lists(st.sampled_from(ids), max_size=most, unique=True)


def rarely(ids):
    """One of `ids` now and then: with many relations, no two terms are strangers."""
    return st.sampled_from([[]] * 3 * len(ids) + [[one] for one in ids])


def named(term_id: str) -> str:
    return term_id.replace("-", " ")


@st.composite
def books(draw) -> Book:
    """Books of eight terms, two of which share a word, and of three scenarios that cast them."""
    def contrast(one: str) -> st.SearchStrategy:
        other = st.sampled_from([other for other in IDS if other != one])
        said = st.sampled_from(["A {} is first, an {} second.", "Some {} say so.", "{}, not {}s."])
        return st.builds(lambda other, text, apart: {
            "term": other, "difference": text.format(*map(named, (one, other))),
            "example": "One of each.", **({"told_apart_in": apart} if apart else {}),
        }, other, said, st.sampled_from([None, *SCENES]))

    def term(one: str) -> st.SearchStrategy:
        return st.fixed_dictionaries({
            "@id": st.just(one), "label": st.just(named(one).capitalize()),
            "definition": st.sampled_from(["Somebody."] * 9 + ["Who is no payer."]),
            "broader": rarely(IDS),
            "related": rarely(IDS), "contrast": st.tuples(contrast(one)),
            "exam": some(["T1", "T2"]), "status": st.sampled_from(["draft"] * 9 + ["deprecated"]),
        }).map(Term.model_validate)

    cast = st.fixed_dictionaries({
        "player": PHRASES, "why": st.just("So."), "sources": st.just(["source-a"])})
    examples = st.lists(st.builds(
        lambda text, one: f"Of {text} in a [book][{one}].", st.sampled_from([*SCENES, "rye"]),
        st.sampled_from(SOURCES)), max_size=3)
    scenario = st.fixed_dictionaries({
        "summary": st.just("So it is. And more."), "examples": examples,
        "cast": st.lists(cast, min_size=8, max_size=8).map(
            lambda casts: [{**one, "role": role} for one, role in zip(casts, IDS, strict=True)]),
    })
    scenes = draw(st.fixed_dictionaries({
        one: scenario.map(lambda keys, one=one: Scenario.model_validate(
            {"@id": one, "label": one, **keys})) for one in SCENES
    }))
    sources = draw(records(Source, SOURCES, st.just({"title": "Book", "type": "book"})))
    settings_ = Settings.model_validate({"required_roles": IDS[:4]})
    terms = draw(st.fixed_dictionaries({one: term(one) for one in IDS}))
    return Book(settings_, terms, scenes, {}, sources, exam=EXAM)


def stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"\w{4,}", text.casefold())}


def unrelated(book: Book, one: str, other: str) -> bool:
    """Whether no relation but a contrast joins two terms, and no word of their names."""
    def above(term: str, found: frozenset[str] = frozenset()) -> frozenset[str]:
        new = set(book.terms[term].broader) - found
        return found.union(new, *(above(wide, found | new) for wide in new))

    return (one not in above(other) and other not in above(one)
            and other not in book.related.get(one, [])
            and not stems(book.terms[one].label) & stems(book.terms[other].label))


def test_the_generated_books_give_questions_of_every_kind():
    """Else the properties below would hold of nothing."""
    find(books(), lambda book: {item.derived for item in derived(book)} == {"cast", "pair", "case"},
         settings=settings(max_examples=500, phases=[Phase.generate], database=None))


@settings(max_examples=60)
@given(books())
def test_a_derived_question_has_one_right_option(book):
    """Three or four options whose texts differ, one of them right, each with a reason."""
    for item in derived(book):
        texts = [option.text.casefold() for option in item.options]
        assert 3 <= len(set(texts)) == len(texts) <= 4
        assert sum(option.correct for option in item.options) == 1
        assert all(option.reason for option in item.options)


@settings(max_examples=60)
@given(books())
def test_no_other_player_could_be_right(book):
    """Who else is offered shares no word and no relation with who plays the role."""
    for item in derived(book):
        if item.derived != "cast":
            continue
        scenario, role = book.scenarios[item.scenario], item.terms[0]
        players = {cast.role: cast.player for cast in scenario.cast}
        for option in item.options:
            if option.correct:
                assert option.text.casefold() == players[role].casefold()
                continue
            other = re.search(r"\]\[([a-z-]+)\]", option.reason)[1]
            assert option.text.casefold() == players[other].casefold()
            assert not stems(players[role]) & stems(players[other])
            assert not stems(players[role]) & stems(book.terms[other].label)
            assert unrelated(book, role, other)
            told = [contrast.told_apart_in for term, contrast in book.contrasts.get(role, [])
                    if term == other]
            assert not told or item.scenario in told


@settings(max_examples=60)
@given(books())
def test_no_other_pair_could_be_right(book):
    """The gaps hold the two terms in the order of the text; other pairs have to do with neither."""
    for item in derived(book):
        if item.derived != "pair":
            continue
        first, second = item.terms
        labels = [in_text(book.terms[one].label) for one in (first, second)]
        assert not re.search(rf"\b({'|'.join(labels)})s?\b", item.stem, re.IGNORECASE)
        assert item.stem.index("(1)") < item.stem.index("(2)")
        for option in item.options:
            pair = re.findall(r"\(\d\) ([a-z ]+)", option.text)
            if option.correct:
                assert pair == labels
            elif pair != labels[::-1]:
                others = [one for one in IDS if in_text(book.terms[one].label) in pair]
                assert len(others) == 2
                assert all(unrelated(book, one, other) for one in others for other in item.terms)


@settings(max_examples=60)
@given(books())
def test_a_case_speaks_of_no_other_scenario(book):
    """Its sources are cited in its own scenario alone, and it names none."""
    for item in derived(book):
        if item.derived != "case":
            continue
        assert not any(one in item.stem.partition("Which")[0] for one in SCENES)
        (right,) = (option.text for option in item.options if option.correct)
        assert right == item.scenario
        for scenario in book.scenarios.values():
            if scenario.id != item.scenario:
                assert not any(f"[{one}]" in text for one in item.sources
                               for text in scenario.examples)


@settings(max_examples=30)
@given(books())
def test_keys_come_from_ids_alone(book):
    """The same Book gives the same bank; other words give other questions under the same keys."""
    assert bank(book) == bank(book) and bank(book).version == bank(book).version
    reworded = replace(book, scenarios={
        one: scenario.model_copy(update={"label": f"New {one}"})
        for one, scenario in book.scenarios.items()})
    keys = {item.key for item in derived(reworded)}
    assert {item.key for item in derived(book) if item.derived == "pair"} <= keys
    assert {card.key for card in cards(book)} == {card.key for card in cards(reworded)}


def test_what_is_derived_from_this_knowledge_base():
    """Enough of each kind, all keys different, and every reference in a reason known."""
    kinds = [item.derived for item in BANK.items]
    assert kinds.count("cast") >= 24 and kinds.count("pair") >= 50 and kinds.count("case") >= 4
    assert len({item.key for item in BANK.items}) == len(BANK.items)
    linker = Linker(BOOK)
    for item in BANK.items:
        for option in item.options:
            links = [one for one in pieces(option.reason, linker.address) if not
                     isinstance(one, str)]
            assert len(links) == option.reason.count("][") + option.reason.count("](")


def test_bread_gives_questions_of_its_own():
    """Another subject, without a word of this one: who eats, and which of two things is which."""
    found = {item.derived: item for item in bank(BREAD).items}
    assert set(found) == {"", "cast", "pair"}
    assert found["pair"].stem == (
        "Which terms belong in the gaps? “(1) is poured; (2) is picked up and shaped.”")
    assert [one.text for one in found["pair"].options if one.correct] == ["(1) batter, (2) dough"]
    eater = next(item for item in bank(BREAD).items
                 if item.terms == ("eater",) and item.scenario == "hospital-kitchen")
    assert {option.text for option in eater.options} == {
        "The patients", "The insurers", "A wholesaler", "The night shift"}


def test_without_an_exam_there_is_no_bank():
    assert bank(replace(BREAD, exam=None, questions={})) == Bank((), {})
    assert coverage(replace(BREAD, exam=None), ()) == []


def test_the_version_tells_any_change():
    """Another word, another weight, another question: another version; order of files: the same."""
    question = BREAD.questions["poured-or-shaped"]
    again = {"other": question.model_copy(update={"id": "other", "key": "b4ead002"}),
             "poured-or-shaped": question}
    exam = BREAD.exam.model_copy(update={"domains": tuple(
        one.model_copy(update={"weight": 99}) for one in BREAD.exam.domains)})
    changed = [
        BREAD,
        replace(BREAD, questions={question.id: question.model_copy(update={"stem": "Else?"})}),
        replace(BREAD, questions=again), replace(BREAD, exam=exam),
    ]
    assert len({bank(book).version for book in changed}) == len(changed)
    turned = dict(reversed(again.items()))
    assert bank(replace(BREAD, questions=turned)).version == bank(changed[2]).version


def test_cards_of_every_kind():
    """Two for each term, one for each contrast and each required role; keys that all differ."""
    found = cards(BOOK)
    kinds = [card.kind for card in found]
    assert set(kinds) == set(KINDS) and len({card.key for card in found}) == len(found)
    assert kinds.count("term-definition") == kinds.count("definition-term") == len(BOOK.terms)
    assert kinds.count("pair") == sum(len(term.contrast) for term in BOOK.terms.values())
    assert kinds.count("scenario-role") == len(BOOK.scenarios) * len(BOOK.settings.required_roles)
    for card in found:
        assert not re.search(r"\]\[|\]\(|\*\*", card.front + card.back)
    (card,) = (card for card in found if card.front == "Internal IT: who is the customer?")
    assert card.back.startswith("The department, or the people it serves, by viewpoint.\n")
    assert (card.address, card.terms, card.scenario) == (
        "scenarios/internal-it/", ("customer",), "internal-it")


def test_a_card_of_a_deprecated_term_is_retired():
    """It stays, so that a deck can tell, and browsers know not to begin it."""
    dough = BREAD.terms["dough"].model_copy(update={"status": "deprecated"})
    book = replace(BREAD, terms={**BREAD.terms, "dough": dough})
    assert {card.terms for card in cards(book) if card.retired} == {("dough",), ("batter", "dough")}
    data = json.loads(cards_script(book, "Bread").partition("=")[2])
    assert [card.get("retired", False) for card in data["cards"]].count(True) == 3


@pytest.mark.parametrize("names", [("new",), ("new", "newer")])
def test_what_was_learnt_of_a_term_outlives_its_renames(tmp_path, names):
    """Keys of cards and questions stay through one rename, and through a second one."""
    root = sites.copy(tmp_path)
    ids = ["batter", "village-bakery"]
    for old in ids:
        for new in [f"{old}-{name}" for name in names]:
            done = CliRunner().invoke(app, ["rename", old, new, "--root", str(root)])
            assert done.exit_code == 0, done.output
            old = new
    reading = read(root)
    assert errors([*reading.problems, *check(reading.book)]) == []
    assert ids[0] not in reading.book.terms
    assert {card.key for card in cards(reading.book)} == {card.key for card in cards(BREAD)}
    before, after = ({item.key for item in bank(book).items} for book in (BREAD, reading.book))
    assert before == after


def test_the_browsers_data_is_that_of_the_bank():
    """Every question and option, reasons as text and links, nothing empty, and no markup."""
    linker = Linker(BOOK)
    script = bank_script(BOOK, BANK, linker.address)
    assert script.startswith("window.termbookBank={") and script.endswith("}\n")
    data = json.loads(script.partition("=")[2])
    assert data["version"] == BANK.version
    assert data["largestExam"] == largest_exam(BANK.items, BANK.weights)
    assert [(one["id"], one["weight"]) for one in data["domains"]] == list(BANK.weights.items())
    assert [item["key"] for item in data["items"]] == [item.key for item in BANK.items]
    for told, item in zip(data["items"], BANK.items, strict=True):
        assert [one["text"] for one in told["options"]] == [one.text for one in item.options]
        assert all(told.values()) or told["tasks"] == []
        for one, option in zip(told["options"], item.options, strict=True):
            text = "".join(part if isinstance(part, str) else part[0] for part in one["reason"])
            assert text == re.sub(r"\[([^\]]*)\](\s?\[[^\]]*\]|\([^)]*\))", r"\1",
                                  re.sub(r"\s+", " ", option.reason)).replace("*", "")
            assert one.get("correct", False) == option.correct
        assert all(one in data["terms"] for one in item.terms)
        assert all(one in data["sources"] for one in item.sources)
    page = data["domains"][0]["address"]
    assert page == "study/questions/mindset/"


def test_pieces_of_prose():
    """References become addresses; a link of the web stays; any other address is left out."""
    def address(target: str) -> str | None:
        return {"bread": "glossary/bread/"}.get(target)

    text = ("A [loaf][bread], [bread][] or\n[x](https://example.org/), [y](javascript:alert), "
            "*z* [w][q]")
    assert pieces(text, address) == [
        "A ", ("loaf", "glossary/bread/"), ", ", ("bread", "glossary/bread/"), " or ",
        ("x", "https://example.org/"), ", ", "y", ", z ", "w"]


def test_coverage_and_plans():
    """Each task once with its terms and questions; plans hold each task, term and debate once."""
    rows = coverage(BOOK, BANK.items)
    assert [row.task.id for row in rows] == list(BOOK.tasks)
    for row in rows:
        assert all(row.task.id in term.exam for term in row.terms)
        assert {item.key for item in row.items} == {
            one.key for one in BOOK.questions.values() if row.task.id in one.tasks}
    for number in (6, 5):
        parts = plan(BOOK, rows, number)
        assert len(parts) == number
        assert [row for part in parts for row in part.rows] == rows
        weights = [sum(row.domain.weight / len(row.domain.tasks) for row in part.rows)
                   for part in parts]
        assert all(abs(weight - 100 / number) < 5 for weight in weights)
        terms = [term.id for part in parts for term in part.terms]
        assert sorted(terms) == sorted(term.id for term in BOOK.terms.values() if term.exam)
        debates = [debate.id for part in parts for debate in part.debates]
        assert sorted(debates) == sorted(BOOK.debates)
        assert {part.scenario.id for part in parts} == set(BOOK.scenarios)
    small = plan(BREAD, coverage(BREAD, bank(BREAD).items), 6)
    assert [[row.task.id for row in part.rows] for part in small] == [["M1"], ["M2"]]


def test_questions_by_term():
    """Every term of every question, authored questions first."""
    asked = by_term(BANK.items)
    assert {item.key for item in asked["payer"]} == {
        item.key for item in BANK.items if "payer" in item.terms}
    assert [bool(item.derived) for item in asked["payer"]] == sorted(
        bool(item.derived) for item in asked["payer"])


def test_a_digest_is_the_beginning_of_sha_256():
    assert digest("") == "e3b0c442"
