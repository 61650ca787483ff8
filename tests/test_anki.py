"""The Anki deck, imported into the real Anki: what learners have learnt survives every change."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import anki_backend
import pytest
import sites
from sites import ROOT

from termbook.book import Book
from termbook.exports.anki import deck
from termbook.exports.history import Change
from termbook.load import read
from termbook.model import Cast, Contrast, Domain, Exam, Scenario, Settings, Task, Term
from termbook.study.cards import cards, deck_file

BEFORE, AFTER = 1_600_000_000, 1_700_000_000
SETTINGS = Settings(deck="Things: a deck", required_roles=("thing-1", "thing-2", "thing-3"))
EXAM = Exam(
    title="Exam", outline="1", checked_on="2026-01-01", sources=("s",),
    domains=(Domain(id="A", label="All & sundry", weight=100, tasks=(Task(id="A1", label="B"),)),),
)


def term(number: int, definition: str = "", id: str = "", **rest: Any) -> Term:
    definition = definition or f'What <{number}> & "[sound:x.mp3]" mean.'
    return Term(**{"@id": id or f"thing-{number}", "label": f"Thing {number}", "exam": ("A1",),
                   "definition": definition, **rest})


def contrast(number: int, text: str) -> Contrast:
    return Contrast(term=f"thing-{number}", difference=text, example="An example.")


def scenario(id: str, why: str, **rest: Any) -> Scenario:
    cast = [Cast(role=role, player="somebody", why=why, sources=("s",))
            for role in SETTINGS.required_roles]
    return Scenario(**{"@id": id, "label": "A case", "summary": "So.", "cast": tuple(cast), **rest})


def book(terms: list[Term], scenarios: list[Scenario]) -> Book:
    records = [*terms, *scenarios]
    return Book(
        settings=SETTINGS, exam=EXAM, terms={one.id: one for one in terms},
        scenarios={one.id: one for one in scenarios},
        paths={one.id: f"{one.folder}/{one.id}.yml" for one in records},
    )


def made(some: Book, changed: set[str] = frozenset(), url: str = "") -> bytes:
    """The deck of a book of which the records in `changed` are younger than the others."""
    changes = {path: Change(BEFORE, AFTER if name in changed else BEFORE)
               for name, path in some.paths.items()}
    return deck(some, changes, 0, "All things.", url)


def first_edition() -> Book:
    """520 terms, of which 40 are contrasted with the next one, and a scenario: 1083 cards."""
    terms = [term(number, contrast=(contrast(number + 1, f"Difference {number}."),))
             if 100 <= number < 140 else term(number) for number in range(520)]
    return book(terms, [scenario("old-case", "Because.")])


def second_edition() -> tuple[Book, set[str]]:
    """The first one reworded, renamed, retired and enlarged; and the ids of records that changed.

    Of each five terms two are as they were.
    """
    terms, changed = [term(1000 + number) for number in range(30)], set()
    for one in reversed(first_edition().terms.values()):
        number = int(one.id.rpartition("-")[2])
        if 100 <= number <= 140:
            terms.append(one)
            continue
        values = {**one.model_dump(), "@id": one.id, "exam": one.exam}
        del values["id"]
        if number > 3 and number % 5 < 3:
            values |= [
                {"definition": f"Reworded {number}."},
                {"@id": f"other-{number}", "first_id": one.id, "label": f"Renamed {number}"},
                {"status": "deprecated", "replaced_by": "thing-3"},
            ][number % 5]
            changed.add(values["@id"])
        terms.append(Term(**values))
    place = {one.id: index for index, one in enumerate(terms)}
    # A contrast is written on its other side now, and another one in other words.
    terms[place["thing-120"]] = term(120)
    terms[place["thing-121"]] = term(121, contrast=(
        contrast(122, "Difference 121."), contrast(120, "Difference 120.")))
    terms[place["thing-130"]] = term(130, contrast=(contrast(131, "Seen in another light."),))
    changed |= {"thing-120", "thing-121", "thing-130", "new-case"}
    added = {one.id for one in terms[:30]}
    return book(terms, [scenario("new-case", "Hence.", first_id="old-case")]), changed | added


@pytest.fixture(scope="module")
def states(tmp_path_factory) -> list[dict[str, Any]]:
    """Anki after the first edition was learnt, after the second one, and after it once more."""
    folder = tmp_path_factory.mktemp("anki")
    second, changed = second_edition()
    first, then = folder / "first.apkg", folder / "then.apkg"
    first.write_bytes(made(first_edition()))
    then.write_bytes(made(second, changed))
    return anki_backend.run("learn.py", folder / "collection.anki2", first, then, then)


def test_every_card_arrives_once(states):
    """More than a thousand, in one deck and of one kind of note; all of them are answered."""
    first = states[0]
    assert first["log"] == {**dict.fromkeys(first["log"], 0), "new": len(first["notes"])}
    assert len(first["notes"]) == len(cards(first_edition())) == 1083
    assert first["decks"] == ["Things: a deck"] and len(first["models"]) == 1
    learnt = first["cards"].values()
    assert all(card["reps"] and card["memory"] for card in learnt)
    assert len({card["interval"] for card in learnt}) > 9
    assert len({tuple(card["memory"]) for card in learnt}) > 9
    assert any(card["lapses"] for card in learnt)


def test_an_update_keeps_every_schedule(states):
    """Due date, interval, repetitions, lapses and memory are as they were; nothing doubles."""
    before, after, again = states
    assert {guid: after["cards"][guid] for guid in before["cards"]} == before["cards"]
    assert after["log"]["new"] == len(after["cards"]) - len(before["cards"]) == 60
    assert after["log"]["conflicting"] == after["log"]["missing_notetype"] == 0
    assert (after["decks"], after["models"]) == (before["decks"], before["models"])
    assert again["log"]["duplicate"] == len(again["notes"])
    assert {**again, "log": 0} == {**after, "log": 0}


def test_an_update_brings_every_change_and_marks_nothing_else(states):
    """Changed words arrive; a note whose files are as they were keeps its date and its mark."""
    before, after, _ = (state["notes"] for state in states)
    second, changed = second_edition()
    told = {(unescaped(note["fields"][0]), unescaped(note["fields"][1]))
            for note in after.values()}
    assert told == {(card.front, card.back.replace("\n", "<br>")) for card in cards(second)}
    for guid, note in after.items():
        same = before.get(guid) == note
        assert same == (note["mod"] == BEFORE)
        assert note["usn"] == (0 if same else -1)
    assert states[1]["log"]["updated"] == sum(
        not changed.isdisjoint({*card.terms, card.scenario}) for card in cards(second)) - 60


def test_retired_terms_stay_with_a_tag(states):
    """Notes of deprecated terms are there as before and can be suspended by their tag."""
    retired = [card for card in cards(second_edition()[0]) if card.retired]
    tags = [note["tags"] for note in states[1]["notes"].values()]
    assert sum("retired" in some for some in tags) == len(retired) > 100
    assert all("domain::all-sundry" in some for some in tags)
    assert sum("scenario::new-case" in some and "kind::scenario-role" in some
               for some in tags) == 3


def unescaped(field: str) -> str:
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&#91;", "["), ("&amp;", "&")):
        field = field.replace(entity, letter)
    return field


def rows(content: bytes, query: str) -> list[tuple[Any, ...]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        database = archive.read("collection.anki2")
    connection = sqlite3.connect(":memory:")
    connection.deserialize(database)
    return connection.execute(query).fetchall()


def test_notes_carry_the_date_of_their_files_and_a_link_to_the_site():
    """A pair is as young as the younger of its terms; a file without a date has the site's."""
    some = book([term(1, contrast=(contrast(2, "So."),)), term(2)], [])
    changes = {"glossary/thing-1.yml": Change(1, 5), "glossary/thing-2.yml": Change(1, 7)}
    content = deck(some, changes, 9, "", "https://example.org/a/")
    assert {flds.split("\x1f")[3] for (flds,) in rows(content, "select flds from notes")} == {
        "https://example.org/a/glossary/thing-1/", "https://example.org/a/glossary/thing-2/"}
    assert sorted(mod for (mod,) in rows(content, "select mod from notes")) == [5, 5, 7, 7, 7]
    del changes["glossary/thing-2.yml"]
    content = deck(some, changes, 9, "", "")
    assert sorted(mod for (mod,) in rows(content, "select mod from notes")) == [5, 5, 9, 9, 9]
    assert all(flds.split("\x1f")[3:] == [""] * 4
               for (flds,) in rows(content, "select flds from notes"))


def test_a_note_is_the_same_whatever_stands_beside_it():
    """Ids and guids hang on nothing but the deck's name and the permanent keys of the cards."""
    query = "select notes.id, guid, mid, cards.id, did from notes join cards on nid = notes.id"
    few = set(rows(made(book([term(number) for number in range(3)], [])), query))
    assert len(few) == 6 and few < set(rows(made(first_edition()), query))


def test_the_deck_of_this_knowledge_base_keeps_its_name():
    """Learners would have a second deck beside the one that they have learnt from."""
    assert read(ROOT).book.settings.deck == "Who Is the Customer?"
    assert deck_file(read(ROOT).book) == "who-is-the-customer.apkg"


def export(root: Path, *options: str, **env: str) -> Any:
    done = sites.run("export", "anki", *options, root=root, env=env)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def bread(tmp_path_factory) -> Path:
    root = sites.copy(tmp_path_factory.mktemp("bread"))
    with (root / "termbook.yml").open("a") as settings:
        settings.write("deck: Bread\n")
    return root


def test_the_command_writes_the_same_bytes_twice(bread):
    """Whatever the time zone and the order of sets; by default it names the file after the deck."""
    first = export(bread, TZ="Asia/Ho_Chi_Minh", PYTHONHASHSEED="1", SOURCE_DATE_EPOCH=str(AFTER))
    assert first.returncode == 0, first.stderr
    other = bread / "new" / "deck.apkg"
    export(bread, "--out", str(other), TZ="America/Lima", PYTHONHASHSEED="2",
           SOURCE_DATE_EPOCH=str(AFTER))
    assert (bread / "bread.apkg").read_bytes() == other.read_bytes()
    assert rows(other.read_bytes(), "select distinct mod from notes") == [(AFTER,)]


def test_the_command_refuses_what_it_cannot_do(bread, tmp_path):
    """Without a name for the deck, or where it may not write: a message, and no file."""
    done = export(sites.copy(tmp_path / "nameless"))
    assert done.returncode == 2 and "`deck: My glossary`" in done.stderr
    assert not list(tmp_path.rglob("*.apkg"))
    (tmp_path / "file").write_text("")
    done = export(bread, "--out", str(tmp_path / "file" / "deck.apkg"))
    assert done.returncode == 2 and "cannot be written: " in done.stderr
    assert export(bread, "--out", str(tmp_path)).returncode == 2
