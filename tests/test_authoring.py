"""Authoring: what `termbook new` writes is sound, whether it was asked for or typed."""

import re
from pathlib import Path

import goldens
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sites import ROOT
from typer.testing import CliRunner

from termbook.authoring.emit import HELP, fields, record_yaml, sample, value
from termbook.authoring.files import write
from termbook.authoring.forms import FORMS
from termbook.authoring.new import near, proposed_id
from termbook.book import Book
from termbook.checks import check
from termbook.cli import app
from termbook.guarded_yaml import HIDDEN, parse
from termbook.layout import File, mended
from termbook.load import read
from termbook.model import ID_PATTERN
from termbook.problems import errors
from termbook.schemas import IDS_PATH

GIVEN = {
    "term": {"label": ["Rye bun"], "definition": ["A small round one."], "group": ["things"],
             "alt-label": ["rye roll", "010"], "example": ["This: a bun.", "That."],
             "source": ["loaf-book"]},
    "scenario": {"label": ["Night bakery"], "summary": ["One bakes while all others sleep."],
                 "source": ["loaf-book", "crumb-guide"], "player": ["baker=the night shift"]},
    "debate": {"question": ["Is a bun bread?"], "short-answer": ["It depends on the size."],
               "term": ["bread"], "source": ["loaf-book", "crumb-guide"], "holds": ["Yes"]},
    "source": {"title": ["The Bun: a study"], "short": ["Bun 1999"], "author": ["A. Baker"],
               "year": ["1999"], "type": ["book"], "url": ["https://example.org/bun"]},
    "question": {"stem": ["What does a baker bake?"], "right": ["Bread"],
                 "wrong": ["Bricks", "Books"], "term": ["baker"], "task": ["A1"],
                 "source": ["loaf-book"], "difficulty": ["easy"], "scenario": ["farmhouse"]},
}
# The same, typed, with an error or two that is told and asked again.
TYPED = {
    "term": "Rye bun\n\n\nA small round one.\nthing\nthings\nrye roll, 010\nThis: a bun.\nThat.\n\n"
            "loaf-bok\nloaf-book\n",
    "scenario": "Night bakery\n\nOne bakes while all others sleep.\nloaf-book, crumb-guide\n"
                "the night shift\n",
    "debate": "Is a bun bread?\n\nIt depends on the size.\nbread\nloaf-book\n"
              "loaf-book, crumb-guide\nYes\n\n",
    "source": "The Bun: a study\nBun 1999\nA. Baker\n19 99\n1999\nboook\nbook\nexample.org\n"
              "https://example.org/bun\n\n",
    "question": "What does a baker bake?\n\nBread\nBricks\n\nBricks\nBooks\n\nbaker\nA7\nA1\n"
                "loaf-book\neasy\nfarmhouse\n",
}
IDS = {"term": "rye-bun", "scenario": "night-bakery", "debate": "is-a-bun-bread",
       "source": "bun-1999", "question": "what-does-a-baker-bake"}
SECTIONS = "examples, flows, product_owner, three_questions, sprint_review, measures, forgotten"
KINDS = pytest.mark.parametrize("kind", FORMS)


@pytest.fixture
def root(tmp_path) -> Path:
    return goldens.write(tmp_path, {
        "mkdocs.yml": "site_name: Test\n", "schemas/term.schema.json": "{}",
        "glossary/oven.yml": "label: Oven\ndefinition: A hot box.\nstatus: deprecated\n"
                             "replaced_by: bread\n"})


def run(root: Path, *arguments: str, typed: str = ""):
    return CliRunner().invoke(app, [*arguments, "--root", str(root)], input=typed)


def options(kind: str) -> list[str]:
    return [part for name, some in GIVEN[kind].items() for one in some
            for part in (f"--{name}", one)]


def faults(root: Path) -> list[str]:
    reading = read(root)
    return errors([*reading.problems, *check(reading.book)])


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*") if path.is_file()}


@KINDS
def test_new_from_options(root, kind):
    """Options that suffice ask nothing; the record is what they say, and the check accepts it."""
    before = tree(root)
    done = run(root, "new", kind, *options(kind))
    assert done.exit_code == 0, done.stderr
    assert faults(root) == []
    record = read(root).book.records[IDS[kind]]
    told = [answer.partition("=")[2] or answer for some in GIVEN[kind].values() for answer in some]
    data = record.model_dump_json()
    assert all(f'"{answer}"' in data or f":{answer}," in data for answer in told)
    after = tree(root)
    (written,) = {path for path in after if after[path] != before.get(path)} - {IDS_PATH}
    assert (f'"{IDS[kind]}"' in after[IDS_PATH].decode()) == (kind != "question")
    assert f"Wrote {written}" in done.stderr and "termbook check" in done.stderr
    assert after[written].startswith(before.get(written, b""))
    text = after[written].decode()
    assert mended(File(written, text, kind == "term")) == text


@KINDS
def test_new_from_answers(root, tmp_path_factory, kind):
    """Typed answers give the same file; a wrong one is told and asked for again."""
    other = goldens.write(tmp_path_factory.mktemp("other"), {
        path: text.decode() for path, text in tree(root).items()})
    done = run(root, "new", kind, typed=TYPED[kind])
    assert done.exit_code == 0, done.stdout + done.stderr
    assert run(other, "new", kind, *options(kind)).exit_code == 0
    path = read(root).book.paths[IDS[kind]]
    texts = [re.sub(r"^key: .*$", "", (one / path).read_text("utf-8"), flags=re.MULTILINE)
             for one in (root, other)]
    assert texts[0] == texts[1]


@KINDS
def test_comments_explain_every_key_that_is_left_out(kind):
    """Each optional key stands in a comment, in its order; taken out of it, it is one of ours."""
    form = FORMS[kind]
    required = {field.key: value(field, sample) for field in fields(form.model)
                if field.info.is_required()}
    text = record_yaml("", form.model, {**required, "key": "0123abcd"} if kind == "question"
                       else required, comments=True)
    assert text.startswith(f"{HELP}\n")
    used = re.sub(r"^# ", "", text, flags=re.MULTILINE)
    data = parse(used)
    assert list(data) == [field.key for field in fields(form.model)]
    for field in fields(form.model):
        assert f"## {(field.info.description or '')[:60]}" in text or field.info.is_required()
    options = {"options": data["options"] * 3} if kind == "question" else {}
    positions = {"positions": data["positions"] * 2} if kind == "debate" else {}
    TypeAdapter(form.model).validate_python({"@id": "new", **data, **options, **positions})


def test_a_new_scenario_has_all_that_is_required(root):
    """Every required role and section is there, to be written, and that is told."""
    (root / "scenarios/farmhouse.yml").unlink()
    (root / "termbook.yml").write_text(
        "groups: {things: Things, people: People}\nrequired_roles: [baker, bread, dough]\n"
        f"required_sections: [{SECTIONS}, failure_modes]\n")
    assert run(root, "new", "scenario", *options("scenario")).exit_code == 0
    assert faults(root) == []
    scenario = read(root).book.scenarios["night-bakery"]
    assert [cast.role for cast in scenario.cast] == ["baker", "bread", "dough"]
    assert all(flow.from_ != flow.to for flow in scenario.flows)
    assert "to-be-written" in {one.code for one in check(read(root).book)}


REFUSED = [
    (["term", "--label", "Bun"], "this is needed", "definition"),
    (["term", "--label", "Bread", "--definition", "A loaf."], '"Bread" already names the term', ""),
    (["term", "--label", "Bun", "--definition", "A bun."], "uses the name it should explain", ""),
    (["term", "--label", "Bun", "--definition", "x" * 301], "300 are allowed", "definition"),
    (["term", "--label", "Bun", "--definition", "It.", "--id", "Big Bun"], 'Write "big-bun"', "id"),
    (["term", "--label", "Bun", "--definition", "It.", "--id", "baker"], "already the id", "id"),
    (["term", "--label", "Bun", "--definition", "It.", "--group", "thing"], '"things"?', "group"),
    (["term", "--label", "a\u200bb", "--definition", "It."], "hidden character", "label"),
    (["debate", "--question", "Why?", "--short-answer", "So.", "--term", "bread", "--source",
      "loaf-book"], "at least 2 are needed", "source"),
    (["source", "--title", "X", "--year", "about 1900"], "Write digits only", "year"),
]


@pytest.mark.parametrize(("arguments", "message", "option"), REFUSED)
def test_nothing_wrong_is_written(root, arguments, message, option):
    """What would not pass the check is refused, with the way to mend it, and nothing is written."""
    before = tree(root)
    done = run(root, "new", *arguments, "--no-input")
    said = re.sub(r"[\s│]+", " ", done.stderr)
    assert message in said and (f"--{option}" in said) == bool(option)
    assert done.exit_code == (2 if option else 1)
    assert tree(root) == before


def test_a_second_round_keeps_the_answers(root):
    """When the whole does not check, every answer is offered again."""
    typed = "Bun\n\nA rye bun.\n\n\n\n\n" + "\n\nA small round one.\n\n\n\n\n"
    done = run(root, "new", "term", typed=typed)
    assert done.exit_code == 0 and "Once more" in done.stderr
    assert read(root).book.terms["bun"].definition == "A small round one."


@pytest.mark.parametrize(("label", "close"), [
    ("Breads", ["bread"]), ("Cake", []), ("Dogh", ["dough"]), ("the baker", []),
    ("BAKER", ["baker"]), ("Backer", ["baker"]), ("Overn", ["oven"]), ("Yeast", []),
])
def test_names_much_alike_are_told(root, label, close):
    """A name that is nearly there already is told, and asked about at a prompt."""
    told = near(read(root).book, FORMS["term"], label)
    assert [one.split("/")[-1].removesuffix(".yml)") for one in told] == close
    if close:
        assert run(root, "new", "term", typed=f"{label}\nn\n").exit_code == 1


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cn"]), min_size=1, max_size=60).map(
    lambda text: " ".join(text.split())).filter(lambda text: text and not HIDDEN.search(text))

BOOK = Book()


@settings(max_examples=150)
@given(TEXTS, st.lists(TEXTS, max_size=3), st.lists(TEXTS, max_size=2))
def test_any_text_is_written_as_it_is(label, others, examples):
    """Whatever the words, the file holds just these, laid out well, under an id that is one."""
    answers = {"label": [label], "alt-label": others, "example": examples, "definition": ["…" * 9]}
    form = FORMS["term"]
    text = record_yaml("glossary/x.yml", form.model, form.data(BOOK, answers), comments=True)
    data = parse(text)
    normal = [parse(f"- '{one.replace(chr(39), chr(39) * 2)}'")[0] for one in (label, *others)]
    assert [data["label"], *data.get("alt_labels", [])] == normal
    assert len(data.get("examples", [])) == len(examples)
    assert mended(File("glossary/x.yml", text)) == text
    assert re.fullmatch(ID_PATTERN, proposed_id(BOOK, form, answers))


def test_sources_are_only_appended_to_what_can_be_read_again(root):
    """A bibliography in braces has no end to write at: that is said."""
    (root / "sources.yml").write_text(
        "{loaf-book: {title: A, type: book}, crumb-guide: {title: B, type: guide}}\n")
    done = run(root, "new", "source", *options("source"))
    assert done.exit_code == 1 and "on a line of its own" in done.stderr


def test_the_writer_leaves_no_half_file(tmp_path, monkeypatch):
    """A write that fails leaves the file as it was, and nothing beside it."""
    (tmp_path / "a.yml").write_text("old")
    monkeypatch.setattr("os.replace", lambda *paths: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write(tmp_path, {"a.yml": "new"})
    assert tree(tmp_path) == {"a.yml": b"old"}


def test_every_option_is_documented():
    """The reference for contributors names each option of each kind."""
    text = (ROOT / "docs/contribute/reference.md").read_text("utf-8")
    lines = dict(re.findall(r"^    - (\w+): ((?:.|\n      )*)", text, re.MULTILINE))
    for kind, form in FORMS.items():
        options = set(re.findall(r"`--([\w-]+)", lines[kind]))
        assert options == {ask.option for ask in form.asks}, kind
