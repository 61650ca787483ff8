"""Layout: the rules that find what is off are those that mend it, and mending changes no data."""

import unicodedata
from pathlib import Path

import goldens
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sites import ROOT
from typer.testing import CliRunner

from termbook.authoring.fix import PAGES, fixed
from termbook.checks import check
from termbook.cli import app
from termbook.edits import Edit, edited
from termbook.folding import filled, rebroken
from termbook.guarded_yaml import Malformed, parse
from termbook.layout import RULES, WIDTH, File, mended, schema_of
from termbook.load import raw_texts, read
from termbook.model import Claim, Contrast, Term
from termbook.schemas import FILES, PLACES, modeline

KEYS = {model: [info.alias or name for name, info in model.model_fields.items()][not_id:]
        for model, not_id in ((Term, 1), (Contrast, 0), (Claim, 0))}
WORDS = st.sampled_from(["a", "bread", "rye: flour", "- x", "# no", "café", "cafe\u0301", "'", '"',
                         "x" * 60, "of the oven  twice", "tab\there", "end ", "[link][bread]", "…"])
TEXTS = (st.lists(WORDS, max_size=9).map(" ".join) | st.lists(WORDS, max_size=4).map("\n".join)
         | st.lists(WORDS, min_size=20, max_size=40).map(" ".join))


def mappings(model, values):
    return st.permutations(KEYS[model]).flatmap(lambda keys: st.lists(
        st.sampled_from(keys), unique=True, max_size=6).flatmap(lambda some: st.fixed_dictionaries(
            {key: values for key in some})))


TERMS = mappings(Term, TEXTS | st.lists(TEXTS, max_size=2)
                 | st.lists(mappings(Contrast, TEXTS) | mappings(Claim, TEXTS), max_size=2))
STYLES = st.fixed_dictionaries({
    "default_style": st.sampled_from([None, ">", "|", '"', "'"]),
    "default_flow_style": st.booleans(), "width": st.sampled_from([30, 130, 400]),
    "allow_unicode": st.booleans(),
})
YAMLISH = st.text(alphabet=list("abc:- \n\t\r\"'[]{}#|>?,é\u0301"))


@st.composite
def files(draw):
    """Terms as people write them: any order of keys and any style, with comments, sloppy ends."""
    text = yaml.dump(draw(TERMS), sort_keys=False, **draw(STYLES))
    lines = text.split("\n")
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        what = draw(st.sampled_from(["space", "comment", "blank", "inline"]))
        if what == "space":
            lines[at] += draw(st.sampled_from([" ", "\t", "   "]))
        elif what == "inline":
            lines[at] += "  # why"
        else:
            lines.insert(at, f"{indent}# note" if what == "comment" else "")
    text = draw(st.sampled_from(["\n", "\r\n"])).join(lines)
    return text.rstrip() if draw(st.booleans()) else text


@settings(max_examples=200)
@given(files() | YAMLISH, st.booleans())
@example("label: x \ndefinition: >\n  a\n   b \n\n\n", True)
@example("group: >-\n  y\n# about the label\nlabel: x # why\n", False)
@example("{group: a, label: {b: c}}", False)
@example("? group\n: a\n? label\n: b\n", False)
@example("note: |+\n  a\n\n\nlabel: x", False)
def test_mending_keeps_the_data_and_leaves_no_flaw(text, schema):
    """What was parsed before is parsed after, nothing is left to mend, and no comment is lost."""
    file = File("glossary/x.yml", text, schema)
    after = mended(file)
    try:
        data = parse(text)
    except Malformed:
        assert after == text
        return
    assert parse(after) == data
    assert mended(file._replace(text=after)) == after
    if data is not None:
        left = [flaw for rule in RULES for flaw in rule(file._replace(text=after))]
        assert left == [] and after == unicodedata.normalize("NFC", after)
    assert sorted(comments(after)) == sorted(comments(text))


def comments(text):
    lines = (line.strip() for line in text.split("\n"))
    return [line for line in lines if line.startswith("# note")]


@given(st.lists(st.text(alphabet="ab ", max_size=40), min_size=1, max_size=8), st.integers(5, 25))
def test_breaking_lines_keeps_what_is_folded(lines, room):
    """Lines that are broken anew read the same when each break is a space; none can be shorter."""
    lines[0] = lines[0].strip() or "a"
    taken, new = rebroken(lines, room)
    assert " ".join(new) == " ".join(lines[:taken])
    assert all(filled(line, room) == [line] for line in new[:-1])


CASES = {
    "comments go with their key": (
        "definition: x\n# the name\n# of it\nlabel: y  # why\n",
        "# the name\n# of it\nlabel: y  # why\ndefinition: x\n"),
    "blank lines stay in place": ("definition: x\n\nlabel: y\n", "label: y\n\ndefinition: x\n"),
    "in braces": ("contrast: [{difference: a, term: b}]\n",
                  "contrast: [{term: b, difference: a}]\n"),
    "in a list": ("claims:\n  - says: >-\n      a\n    source: b\n",
                  "claims:\n  - source: b\n    says: >-\n      a\n"),
    "an unknown key has no order": ("status: x\nlable: y\nlabel: z\n",) * 2,
    "a rest goes to the next line": (
        "definition: >-\n  " + "x" * 60 + " " + "y" * 60 + "\n  z.\n\n  " + "v" * 120 + " w\n",
        "definition: >-\n  " + "x" * 60 + "\n  " + "y" * 60 + " z.\n\n  " + "v" * 120 + "\n  w\n"),
    "a literal text is left alone": ("note: |\n  " + "x " * 60 + "\n",) * 2,
    "lines end as they did": ("label: x \r\ngroup: y", "label: x\r\ngroup: y\r\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_cases(name):
    """Only what a rule asks for changes."""
    before, after = CASES[name]
    assert mended(File("glossary/x.yml", before)) == after


def test_edits():
    """Edits are made at their offsets in the old text, in any order; the same one once."""
    edits = [Edit(4, 5, ""), Edit(0, 1, "xx"), Edit(4, 5, ""), Edit(2, 2, "-")]
    assert edited("abcdef", edits) == "xxb-cdf"


def test_the_content_has_no_flaw():
    """`termbook fix` finds nothing to do in this repository."""
    assert fixed(read(ROOT).book, raw_texts(ROOT, PAGES)) == {}


def test_every_schema_has_its_place():
    """Each kind of file is known by its path, so that it can be told its schema."""
    assert set(PLACES.values()) == FILES.keys()
    book = read(ROOT).book
    assert {schema_of(path) for path in book.texts} <= book.schemas


def broken(root: Path) -> Path:
    """A book whose files have every flaw, one that cannot be parsed, and a page in NFD."""
    return goldens.write(root, {
        "mkdocs.yml": "site_name: Test\n",
        "schemas/term.schema.json": "{}",
        "glossary/bread.yml": "definition: >-\n  " + "word " * 30 + "cafe\u0301\nlabel: B \n\n\n",
        "glossary/dough.yml": "label: [ \n",
        "docs/page.md": "# Cafe\u0301\n\nTwo spaces  \nbreak a line.\n",
    })


def test_fix_mends_what_check_finds(tmp_path):
    """After `termbook fix` no layout warning is left; what it cannot read stays as it was."""
    root = broken(tmp_path)
    codes = {"not-nfc", "key-order", "line-width", "trailing-space", "final-newline",
             "missing-modeline"}
    assert run("fix", root, "--dry-run").exit_code == 0
    assert (root / "docs/page.md").read_text("utf-8").startswith("# Cafe\u0301")
    assert run("fix", root).exit_code == 0
    reading = read(root)
    assert not codes & {one.code for one in [*reading.problems, *check(reading.book)]}
    assert (root / "glossary/dough.yml").read_text("utf-8") == "label: [ \n"
    assert (root / "docs/page.md").read_text("utf-8") == "# Café\n\nTwo spaces  \nbreak a line.\n"
    text = (root / "glossary/bread.yml").read_text("utf-8")
    assert text.startswith(f"{modeline('glossary/bread.yml')}\nlabel: B\ndefinition: >-\n")
    assert max(map(len, text.split("\n"))) <= WIDTH and text.endswith("café\n")
    assert "0 files" in run("fix", root).stderr


def run(command, root, *more):
    return CliRunner().invoke(app, [command, "--root", str(root), *more])
